//! The webhooks of a tenant: where its events are sent, how far each has got, and why one stands still.
//!
//! One entity has all of a tenant, so that there are never more than a bound, and so that they are listed as of one moment.
//! What sends events is outside. It says what became of each attempt, and names the place from which it sent: only an
//! attempt from where the webhook stands has an effect, so that of two senders one moves it, and every place in the log is
//! acknowledged once, in order.

mod decide;

use std::collections::BTreeMap;

use super::event_log::Cursor;
use crate::instant::Instant;
use crate::webhook::{EventChoice, Fingerprint, WebhookSecret, WebhookUrl};

pub use decide::Webhooks;

/// How many webhooks a tenant may have.
pub const MOST_WEBHOOKS: usize = 16;
/// After how long without a success a webhook is paused: three days, in milliseconds.
pub const MOST_FAILING_MS: i64 = 3 * 24 * 60 * 60 * 1_000;
/// What a receiver answers that wants nothing any more: 410 Gone (RFC 9110, section 15.5.11).
pub const GONE: u16 = 410;

/// A webhook, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id within the tenant.
    pub id: String,
    /// Which of all that the tenant ever had: one that is made anew under an id is another.
    pub number: u64,
    /// Where events are sent.
    pub url: WebhookUrl,
    /// Which events.
    pub choice: EventChoice,
    /// By what its secrets are told apart, the newest first.
    pub fingerprints: Vec<Fingerprint>,
    /// Whether it sends.
    pub standing: Standing,
    /// Behind what it goes on: everything up to here was acknowledged, or not wanted.
    pub cursor: Cursor,
    /// What went wrong since the last success.
    pub failing: Option<Failing>,
    /// When it was made.
    pub made_at: Instant,
}

/// Whether a webhook sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Active,
    /// It waits for a person.
    Paused {
        /// Why.
        reason: PauseReason,
        /// Since when.
        since: Instant,
    },
}

/// Why a webhook is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// A person paused it.
    ByPerson,
    /// Nothing was acknowledged for [`MOST_FAILING_MS`].
    Failing,
    /// The receiver answered that it is gone.
    Gone,
}

/// Attempts without a success, of the event behind the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    /// How many, one after another.
    pub attempts: u32,
    /// Since when.
    pub since: Instant,
    /// What became of the last.
    pub last: AttemptFailure,
    /// When the next is due.
    pub next_attempt: Instant,
}

/// Why an attempt was no success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptFailure {
    /// The receiver could not be reached, or broke off.
    Unreachable,
    /// It did not answer in time.
    TimedOut,
    /// It answered with this status.
    Answered(u16),
}

/// A webhook with its secrets: for what sends, and for nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret that signs.
    pub secret: WebhookSecret,
    /// The one before it, which signs as well until it is dropped.
    pub former: Option<WebhookSecret>,
}

/// What the webhooks of a tenant remember.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many were ever made.
    pub made: u64,
    /// Those there are, by id.
    pub by_id: BTreeMap<String, Held>,
}

/// A webhook as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its id.
    pub id: String,
    /// Where events are sent.
    pub url: WebhookUrl,
    /// Which events.
    pub choice: EventChoice,
    /// The secret: needed for one that is new; for one that is there it may be left out and must not differ.
    pub secret: Option<WebhookSecret>,
    /// Behind what it begins, where it is new.
    pub start: Cursor,
}

/// The place from which something was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The id of the webhook.
    pub id: String,
    /// Its number.
    pub number: u64,
    /// Where it stood.
    pub cursor: Cursor,
}

/// What can be asked of a tenant's webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads all of them.
    List,
    /// Reads one.
    Get(String),
    /// Makes one, or changes its address and choice.
    Set(Wanted),
    /// Lets it send nothing until it is resumed.
    Pause(String),
    /// Lets it send again, from its cursor on and at once.
    Resume(String),
    /// Signs with another secret from now on, and with the present one as well.
    Rotate(String, WebhookSecret),
    /// Signs with the newest secret alone.
    DropFormerSecret(String),
    /// Forgets it.
    Delete(String),
    /// Reads one with its secrets, to send.
    Work(String),
    /// An attempt was acknowledged, or what lay ahead was not wanted: the webhook goes on from there.
    Advance {
        /// Where it stood.
        from: Place,
        /// Where it stands then.
        to: Cursor,
        /// Whether something was acknowledged.
        is_acknowledged: bool,
    },
    /// An attempt failed.
    Fail {
        /// Where it stood.
        from: Place,
        /// What became of it.
        failure: AttemptFailure,
        /// After how long the next is due.
        pause_ms: u64,
    },
}

/// What happened to the webhooks of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A webhook is this now.
    Set(Box<Held>),
    /// It is gone.
    Deleted(String),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// All webhooks in order of their ids.
    List(Vec<Webhook>),
    /// The webhook as it is now.
    Webhook(Webhook),
    /// It is gone.
    Deleted,
    /// What there is to send by, as of now.
    Work {
        /// The webhook with its secrets.
        held: Held,
        /// How long it is until the next attempt is due.
        wait_ms: u64,
    },
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is none of this id.
    UnknownWebhook,
    /// The tenant has as many as it may have.
    TooMany,
    /// One that is new needs a secret.
    NoSecret,
    /// A secret is changed by rotation.
    OtherSecret,
    /// A rotation is under way: the former secret was not dropped.
    RotationUnderWay,
    /// The webhook does not stand there any more, or would not go forward.
    MovedOn,
}
