//! Under which name an entity stands.

use bytes::Bytes;
use cluster::{ShardCount, ShardId};
use domain::entity::Recipient;
use sha2::{Digest, Sha256};

use crate::shell::{EntityId, EntityIdError, KindTag, Tenant};

/// The kinds of entities. Their numbers are stored and never given to another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Who pays.
    Account,
    /// Where something is measured.
    MeteringPoint,
    /// A tenant's products, charges and prices.
    Catalog,
    /// A received market document.
    Document,
    /// An invoice run.
    InvoiceRun,
    /// The part of a run in one shard.
    RunPart,
    /// A series of invoice numbers.
    NumberSeries,
    /// The directory's entry of a token.
    Directory,
    /// A partition of the log of what accounts tell.
    EventLog,
    /// Where a tenant wants to be told what its accounts tell.
    Webhooks,
    /// The book of a party's charge detail records.
    CdrBook,
    /// A charging point.
    Evse,
    /// Who exchanges documents of roaming with a tenant.
    Partners,
    /// An object of roaming, as its owner last told it.
    RoamingObject,
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Account,
        Self::MeteringPoint,
        Self::Catalog,
        Self::Document,
        Self::InvoiceRun,
        Self::RunPart,
        Self::NumberSeries,
        Self::Directory,
        Self::EventLog,
        Self::Webhooks,
        Self::CdrBook,
        Self::Evse,
        Self::Partners,
        Self::RoamingObject,
    ];

    /// The kind of an entity; `None` where its number is not known here.
    #[must_use]
    pub fn of(id: &EntityId) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == id.kind())
    }

    /// The number under which the kind is stored.
    #[must_use]
    pub const fn tag(self) -> KindTag {
        const fn tag(number: u8) -> KindTag {
            match KindTag::new(number) {
                Some(tag) => tag,
                None => unreachable!(),
            }
        }
        match self {
            Self::Account => const { tag(1) },
            Self::MeteringPoint => const { tag(2) },
            Self::Catalog => const { tag(3) },
            Self::Document => const { tag(4) },
            Self::InvoiceRun => const { tag(5) },
            Self::RunPart => const { tag(6) },
            Self::NumberSeries => const { tag(7) },
            Self::Directory => const { tag(8) },
            Self::EventLog => const { tag(9) },
            Self::Webhooks => const { tag(10) },
            Self::CdrBook => const { tag(11) },
            Self::Evse => const { tag(12) },
            Self::Partners => const { tag(13) },
            Self::RoamingObject => const { tag(14) },
        }
    }
}

/// The name of the entity that a recipient stands for, in a tenant.
///
/// # Errors
/// [`EntityIdError`] where the id is empty or longer than a name may be.
pub fn entity_id(tenant: &Tenant, recipient: &Recipient) -> Result<EntityId, EntityIdError> {
    let (kind, key) = match recipient {
        Recipient::Account(id) => (Kind::Account, text(id)),
        Recipient::MeteringPoint(id) => {
            (Kind::MeteringPoint, Bytes::copy_from_slice(&id.number().to_be_bytes()))
        }
        Recipient::Catalog => (Kind::Catalog, Bytes::from_static(b"catalog")),
        Recipient::Document(key) => (Kind::Document, text_or_digest(key)),
        Recipient::InvoiceRun(id) => (Kind::InvoiceRun, text(id)),
        Recipient::RunPart { run, shard } => {
            let mut key = shard.to_be_bytes().to_vec();
            key.extend_from_slice(run.as_bytes());
            (Kind::RunPart, Bytes::from(key))
        }
        Recipient::NumberSeries(name) => (Kind::NumberSeries, text(name)),
        Recipient::Directory(token) => (Kind::Directory, text_or_digest(&token.to_string())),
        Recipient::EventLog(partition) => (Kind::EventLog, Bytes::copy_from_slice(&[partition.number()])),
        Recipient::Webhooks => (Kind::Webhooks, Bytes::from_static(b"webhooks")),
        Recipient::CdrBook(party) => (Kind::CdrBook, text(&party.to_string())),
        Recipient::Evse(id) => (Kind::Evse, text(id.text())),
        Recipient::Partners => (Kind::Partners, Bytes::from_static(b"partners")),
        Recipient::RoamingObject(key) => (Kind::RoamingObject, text_or_digest(&key.text())),
    };
    EntityId::new(tenant.clone(), kind.tag(), key)
}

/// The shard of an entity that carries it in its name.
pub(super) fn fixed_shard(id: &EntityId, count: ShardCount) -> Option<ShardId> {
    (Kind::of(id) == Some(Kind::RunPart)).then_some(())?;
    let number = u32::from_be_bytes(id.key().get(..4)?.try_into().ok()?);
    let shard = ShardId::new(u16::try_from(number).ok()?);
    count.contains(shard).then_some(shard)
}

/// The text itself where it is short enough for a key, else a digest of it.
fn text_or_digest(key: &str) -> Bytes {
    if key.len() <= EntityId::MAX_KEY_BYTES {
        return text(key);
    }
    Bytes::copy_from_slice(&Sha256::digest(key.as_bytes()))
}

fn text(id: &str) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}
