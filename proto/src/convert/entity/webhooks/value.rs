//! A webhook, its secrets and where it stands.

use std::collections::BTreeSet;

use domain::entity::event_log::{Cursor, Partition};
use domain::entity::webhooks::{AttemptFailure, Failing, Held, PauseReason, Standing, Webhook};
use domain::instant::Instant;
use domain::webhook::{EventChoice, Fingerprint, WebhookSecret, WebhookUrl};
use prost_types::Timestamp;

use crate::convert::{FieldError, FieldFault, field, time};
use crate::events::{self, WebhookState};
use crate::store;

impl From<&Held> for store::HeldWebhook {
    fn from(held: &Held) -> Self {
        let former_secret = held.former.as_ref().map(|secret| secret.key().to_vec()).unwrap_or_default();
        Self { webhook: Some((&held.webhook).into()), secret: held.secret.key().to_vec(), former_secret }
    }
}

impl TryFrom<store::HeldWebhook> for Held {
    type Error = FieldError;

    fn try_from(held: store::HeldWebhook) -> Result<Self, FieldError> {
        Ok(Self {
            webhook: field::required("webhook", held.webhook)?,
            secret: secret("secret", held.secret)?,
            former: optional_secret("former_secret", held.former_secret)?,
        })
    }
}

impl From<&Webhook> for store::Webhook {
    fn from(webhook: &Webhook) -> Self {
        let (state, paused_time) = standing(webhook.standing);
        Self {
            webhook_id: webhook.id.clone(),
            number: webhook.number,
            url: webhook.url.text().to_owned(),
            choice: Some((&webhook.choice).into()),
            fingerprints: webhook.fingerprints.iter().map(|fingerprint| fingerprint.0.to_vec()).collect(),
            state: state.into(),
            paused_time,
            cursor: places(&webhook.cursor),
            failing: webhook.failing.as_ref().map(Into::into),
            created_time: Some(time::timestamp(webhook.made_at)),
        }
    }
}

impl TryFrom<store::Webhook> for Webhook {
    type Error = FieldError;

    fn try_from(webhook: store::Webhook) -> Result<Self, FieldError> {
        let fingerprint = |bytes: Vec<u8>| {
            let bytes = <[u8; 8]>::try_from(bytes);
            bytes.map(Fingerprint).map_err(|_| FieldError::here(FieldFault::WrongLength))
        };
        Ok(Self {
            url: url("url", &webhook.url)?,
            choice: field::required("choice", webhook.choice)?,
            fingerprints: field::each_by("fingerprints", webhook.fingerprints, fingerprint)?,
            standing: read_standing(webhook.state, webhook.paused_time)?,
            cursor: cursor("cursor", &webhook.cursor)?,
            failing: field::optional("failing", webhook.failing)?,
            made_at: time::required_instant("created_time", webhook.created_time)?,
            id: webhook.webhook_id,
            number: webhook.number,
        })
    }
}

impl From<&EventChoice> for store::EventChoice {
    fn from(choice: &EventChoice) -> Self {
        let kinds = choice.kinds.iter().map(|kind| field::number::<events::AccountEventKind, _>(*kind));
        Self { account_id: choice.account.clone().unwrap_or_default(), kinds: kinds.collect() }
    }
}

impl TryFrom<store::EventChoice> for EventChoice {
    type Error = FieldError;

    fn try_from(choice: store::EventChoice) -> Result<Self, FieldError> {
        let account = Some(choice.account_id).filter(|account| !account.is_empty());
        let kinds: Result<BTreeSet<_>, _> = choice
            .kinds
            .iter()
            .map(|kind| field::known::<events::AccountEventKind, _>("kinds", *kind))
            .collect();
        Ok(Self { account, kinds: kinds? })
    }
}

impl From<&Failing> for events::WebhookFailing {
    fn from(failing: &Failing) -> Self {
        let (failure, http_status) = failure(failing.last);
        Self {
            attempts: failing.attempts,
            since_time: Some(time::timestamp(failing.since)),
            failure: failure.into(),
            http_status,
            next_attempt_time: Some(time::timestamp(failing.next_attempt)),
        }
    }
}

impl TryFrom<events::WebhookFailing> for Failing {
    type Error = FieldError;

    fn try_from(failing: events::WebhookFailing) -> Result<Self, FieldError> {
        Ok(Self {
            attempts: failing.attempts,
            since: time::required_instant("since_time", failing.since_time)?,
            last: read_failure(failing.failure, failing.http_status)?,
            next_attempt: time::required_instant("next_attempt_time", failing.next_attempt_time)?,
        })
    }
}

/// The state with the time since when it is paused.
fn standing(standing: Standing) -> (WebhookState, Option<Timestamp>) {
    match standing {
        Standing::Active => (WebhookState::Active, None),
        Standing::Paused { reason, since } => {
            let state = match reason {
                PauseReason::ByPerson => WebhookState::Paused,
                PauseReason::Failing => WebhookState::Failing,
                PauseReason::Gone => WebhookState::Gone,
            };
            (state, Some(time::timestamp(since)))
        }
    }
}

fn read_standing(state: i32, paused_time: Option<Timestamp>) -> Result<Standing, FieldError> {
    let unknown = |_| FieldError::at("state", FieldFault::Unknown);
    let reason = match WebhookState::try_from(state).map_err(unknown)? {
        WebhookState::Unspecified => return Err(FieldError::at("state", FieldFault::Missing)),
        WebhookState::Active => return Ok(Standing::Active),
        WebhookState::Paused => PauseReason::ByPerson,
        WebhookState::Failing => PauseReason::Failing,
        WebhookState::Gone => PauseReason::Gone,
    };
    let since: Instant = time::required_instant("paused_time", paused_time)?;
    Ok(Standing::Paused { reason, since })
}

pub(super) fn failure(failure: AttemptFailure) -> (events::AttemptFailure, u32) {
    match failure {
        AttemptFailure::Unreachable => (events::AttemptFailure::Unreachable, 0),
        AttemptFailure::TimedOut => (events::AttemptFailure::TimedOut, 0),
        AttemptFailure::Answered(status) => (events::AttemptFailure::Answered, status.into()),
    }
}

pub(super) fn read_failure(failure: i32, http_status: u32) -> Result<AttemptFailure, FieldError> {
    let unknown = |_| FieldError::at("failure", FieldFault::Unknown);
    match events::AttemptFailure::try_from(failure).map_err(unknown)? {
        events::AttemptFailure::Unspecified => Err(FieldError::at("failure", FieldFault::Missing)),
        events::AttemptFailure::Unreachable => Ok(AttemptFailure::Unreachable),
        events::AttemptFailure::TimedOut => Ok(AttemptFailure::TimedOut),
        events::AttemptFailure::Answered => {
            let beyond = |_| FieldError::at("http_status", FieldFault::OutOfRange);
            Ok(AttemptFailure::Answered(u16::try_from(http_status).map_err(beyond)?))
        }
    }
}

/// A place per partition, in their order.
pub(super) fn places(cursor: &Cursor) -> Vec<u64> {
    Partition::all().map(|partition| cursor.place(partition)).collect()
}

/// No place at all is the beginning.
pub(super) fn cursor(field: &str, places: &[u64]) -> Result<Cursor, FieldError> {
    if !places.is_empty() && places.len() != Partition::all().count() {
        return Err(FieldError::at(field, FieldFault::WrongCount));
    }
    let mut cursor = Cursor::default();
    Partition::all().zip(places).for_each(|(partition, place)| cursor.set(partition, *place));
    Ok(cursor)
}

pub(super) fn url(field: &str, text: &str) -> Result<WebhookUrl, FieldError> {
    WebhookUrl::parse(text).map_err(|_| FieldError::at(field, FieldFault::Unknown))
}

pub(super) fn secret(field: &str, key: Vec<u8>) -> Result<WebhookSecret, FieldError> {
    WebhookSecret::new(key).ok_or_else(|| FieldError::at(field, FieldFault::WrongLength))
}

pub(super) fn optional_secret(field: &str, key: Vec<u8>) -> Result<Option<WebhookSecret>, FieldError> {
    if key.is_empty() { Ok(None) } else { secret(field, key).map(Some) }
}
