//! Giving a record to its book.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Caller, Class, Consistency, Tenant};
use domain::cdr::{Cdr, CdrKey, Party, Road};
use domain::entity::Recipient;
use domain::entity::cdr_book::{CdrRecord, Command, MOST_UNREADABLE_BYTES, Receipt, Reply, Unreadable};
use prost::Message as _;
use proto::roaming::CdrContent;
use proto::store::Rejection;
use sha2::{Digest as _, Sha256};

use super::payer::payer;
use crate::gateway::{Ask, Failure, Gateway};

/// The largest record as it is stored, in bytes: with what is booked of it, it has to fit into one row.
const MOST_STORED_BYTES: usize = 60_000;

/// Who brings records, and how long they wait for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    /// Whose books.
    pub(crate) tenant: Tenant,
    /// Who asks.
    pub(crate) caller: Caller,
    /// How long each question may take.
    pub(crate) timeout: Duration,
    /// How urgent it is: bulk for files and streams.
    pub(crate) class: Class,
    /// In which trace it is asked, as W3C `traceparent`.
    pub(crate) trace: Option<Arc<str>>,
}

/// A record that has arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The record.
    pub(crate) cdr: Cdr,
    /// Its document, byte for byte.
    pub(crate) document: Vec<u8>,
    /// By which road it came.
    pub(crate) road: Road,
}

/// What a book answers.
#[derive(Debug)]
pub(crate) struct Received {
    /// The record as it stands: the first of its key.
    pub(crate) record: Box<CdrRecord>,
    /// Whether what arrived has other content than the first, and waits for a person.
    pub(crate) is_changed: bool,
    /// Whether nothing was done: this very content had arrived before.
    pub(crate) is_repeat: bool,
}

impl Asker {
    /// A question to an entity, which may be asked again.
    pub(super) fn ask(&self, entity: Recipient) -> Ask {
        Ask {
            tenant: self.tenant.clone(),
            entity,
            caller: self.caller.clone(),
            request_id: None,
            timeout: self.timeout,
            class: self.class,
            repeatable: true,
            consistency: Consistency::Strong,
            trace: self.trace.clone(),
            terms: None,
        }
    }
}

/// Gives a record to the book of its party. The same record again has no effect and gets the answer that holds then.
///
/// # Errors
/// [`Failure`]: nothing is known to be stored; the record may be given again. `TOO_LARGE` where it has more periods than
/// fit.
pub(crate) async fn receive(gateway: &Gateway, asker: &Asker, arrived: Arrived) -> Result<Received, Failure> {
    let Arrived { cdr, document, road } = arrived;
    if CdrContent::from(&cdr).encoded_len() > MOST_STORED_BYTES {
        return Err(too_large());
    }
    // Nobody pays for a credit: it takes back what somebody was to pay.
    let payer = match cdr.credit_of {
        Some(_) => None,
        None => payer(gateway, asker, &cdr.token, &cdr.contract_id, cdr.session.start).await?,
    };
    let ask = asker.ask(Recipient::CdrBook(cdr.key.party()));
    let command = Command::Receive(Box::new(Receipt { cdr, road, payer, document }));
    answered(gateway.ask(ask, &command).await?)
}

/// A document that is there whole, as one that can't be read for this reason.
pub(crate) fn unreadable(document: &[u8], road: Road, reason: &str) -> Unreadable {
    Unreadable {
        road,
        beginning: document.iter().take(MOST_UNREADABLE_BYTES).copied().collect(),
        length: u64::try_from(document.len()).unwrap_or(u64::MAX),
        digest: Sha256::digest(document).into(),
        reason: reason.to_owned(),
    }
}

/// Keeps a document that can't be read with the book of a party, and says under which number.
///
/// # Errors
/// [`Failure`]: it may not be kept.
pub(crate) async fn keep_unreadable(
    gateway: &Gateway,
    asker: &Asker,
    party: Party,
    document: Unreadable,
) -> Result<u64, Failure> {
    let ask = Ask { repeatable: false, ..asker.ask(Recipient::CdrBook(party)) };
    match gateway.ask(ask, &Command::KeepUnreadable(Box::new(document))).await? {
        Reply::Kept { number } => Ok(number),
        _ => Err(unexpected()),
    }
}

/// Releases a record from quarantine, for whoever is known to pay for it now.
///
/// # Errors
/// [`Failure`], with the reason where the book refuses.
pub(crate) async fn release(
    gateway: &Gateway,
    asker: &Asker,
    key: &CdrKey,
    note: String,
) -> Result<Received, Failure> {
    let book = Recipient::CdrBook(key.party());
    let held = gateway.ask(asker.ask(book.clone()), &Command::Get(key.id().to_owned())).await?;
    let cdr = answered(held)?.record.cdr;
    let payer = payer(gateway, asker, &cdr.token, &cdr.contract_id, cdr.session.start).await?;
    let ask = Ask { repeatable: false, ..asker.ask(book) };
    answered(gateway.ask(ask, &Command::Release { id: key.id().to_owned(), payer, note }).await?)
}

fn answered(reply: Reply) -> Result<Received, Failure> {
    match reply {
        Reply::Record { record, is_changed, is_repeat } => Ok(Received { record, is_changed, is_repeat }),
        _ => Err(unexpected()),
    }
}

fn unexpected() -> Failure {
    Failure::Unreadable("a book was asked about a record and said something else".to_owned())
}

fn too_large() -> Failure {
    Failure::Rejected(Rejection::too_large("the record has more periods than fit into one row"))
}
