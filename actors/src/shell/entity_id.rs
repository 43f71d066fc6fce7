//! Who an entity is: its tenant, its kind, its key within both.

use std::fmt;
use std::num::NonZeroU8;
use std::sync::Arc;

use bytes::Bytes;
use storage::{KeyReadError, KeyReader, KeyWriter};

/// A supplier or reseller whose data no other tenant sees: 1 to 32 characters of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Arc<str>);

/// Which rules apply to an entity. The numbers belong to whoever implements [`Machines`](super::Machines);
/// they are stored and never given to another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindTag(NonZeroU8);

/// The name of one entity. The tenant is part of it, so nothing can be addressed without naming whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    tenant: Tenant,
    kind: KindTag,
    key: Bytes,
}

/// Why something is not an entity's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntityIdError {
    /// Not 1 to 32 characters of `a-z`, `0-9`, `-`.
    #[error("a tenant is named by 1 to 32 characters of a-z, 0-9 and -")]
    Tenant,
    /// Zero is no kind.
    #[error("a kind is a number from 1 to 255")]
    Kind,
    /// The key is empty or longer than 64 bytes.
    #[error("the key of an entity has 1 to {} bytes", EntityId::MAX_KEY_BYTES)]
    Key,
}

impl Tenant {
    /// The longest name in bytes.
    pub const MAX_BYTES: usize = 32;

    /// Reads a name.
    pub fn parse(text: &str) -> Result<Tenant, EntityIdError> {
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > Tenant::MAX_BYTES || !text.bytes().all(valid) {
            return Err(EntityIdError::Tenant);
        }
        Ok(Tenant(Arc::from(text)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KindTag {
    /// The kind with this number; `None` for zero.
    pub const fn new(number: u8) -> Option<KindTag> {
        match NonZeroU8::new(number) {
            Some(number) => Some(KindTag(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0.get()
    }
}

impl EntityId {
    /// The longest key in bytes.
    pub const MAX_KEY_BYTES: usize = 64;

    /// Names an entity.
    pub fn new(tenant: Tenant, kind: KindTag, key: impl Into<Bytes>) -> Result<EntityId, EntityIdError> {
        let key = key.into();
        if key.is_empty() || key.len() > EntityId::MAX_KEY_BYTES {
            return Err(EntityIdError::Key);
        }
        Ok(EntityId { tenant, kind, key })
    }

    /// Whose it is.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Its kind.
    pub fn kind(&self) -> KindTag {
        self.kind
    }

    /// Its name among the entities of the same tenant and kind.
    pub fn key(&self) -> &Bytes {
        &self.key
    }

    /// Appends the whole name to a key: tenant, kind, key, in this order.
    pub(crate) fn write(&self, writer: KeyWriter) -> KeyWriter {
        self.write_within_tenant(writer.text(self.tenant.as_str()))
    }

    /// Appends kind and key, where the tenant already stands.
    pub(crate) fn write_within_tenant(&self, writer: KeyWriter) -> KeyWriter {
        writer.tag(self.kind.number()).bytes(&self.key)
    }

    /// Takes a whole name from a key.
    pub(crate) fn read(reader: &mut KeyReader<'_>) -> Result<EntityId, MalformedKey> {
        let tenant = String::from_utf8(reader.bytes()?).map_err(|_| EntityIdError::Tenant)?;
        EntityId::read_within_tenant(Tenant::parse(&tenant)?, reader)
    }

    /// Takes kind and key from a key whose tenant was read before.
    pub(crate) fn read_within_tenant(
        tenant: Tenant,
        reader: &mut KeyReader<'_>,
    ) -> Result<EntityId, MalformedKey> {
        let kind = KindTag::new(reader.tag()?).ok_or(EntityIdError::Kind)?;
        Ok(EntityId::new(tenant, kind, reader.bytes()?)?)
    }

    /// The whole name as bytes, for hashing and for messages between shards.
    pub fn to_bytes(&self) -> Bytes {
        self.write(KeyWriter::new()).finish().into_bytes()
    }
}

/// Why a stored key does not hold the name of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// The bytes are not laid out as they should be.
    #[error(transparent)]
    Layout(#[from] KeyReadError),
    /// The name read is not allowed.
    #[error(transparent)]
    Name(#[from] EntityIdError),
}

impl fmt::Display for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `tenant/kind/key`, the key as printable characters or `\xNN`.
impl fmt::Display for EntityId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.tenant, self.kind.number(), self.key.escape_ascii())
    }
}
