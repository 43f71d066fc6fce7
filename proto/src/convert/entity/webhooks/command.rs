//! What can be asked of a tenant's webhooks.

use domain::entity::webhooks::{Command, Place, Wanted};

use super::value::{cursor, failure, optional_secret, places, read_failure, secret, url};
use crate::convert::{FieldError, field};
use crate::store;
use crate::store::webhooks_command::Command as Wire;

impl From<&Command> for store::WebhooksCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::List => Wire::List(()),
            Command::Get(id) => Wire::Get(id.clone()),
            Command::Set(wanted) => Wire::Set(wanted.into()),
            Command::Pause(id) => Wire::Pause(id.clone()),
            Command::Resume(id) => Wire::Resume(id.clone()),
            Command::Rotate(id, secret) => {
                Wire::Rotate(store::RotateSecret { webhook_id: id.clone(), secret: secret.key().to_vec() })
            }
            Command::DropFormerSecret(id) => Wire::DropFormerSecret(id.clone()),
            Command::Delete(id) => Wire::Delete(id.clone()),
            Command::Work(id) => Wire::Work(id.clone()),
            Command::Advance { from, to, is_acknowledged } => Wire::Advance(store::AdvanceWebhook {
                from: Some(from.into()),
                to: places(to),
                acknowledged: *is_acknowledged,
            }),
            Command::Fail { from, failure: what, pause_ms } => {
                let (failure, http_status) = failure(*what);
                let (from, failure) = (Some(from.into()), failure.into());
                Wire::Fail(store::FailWebhook { from, failure, http_status, pause_ms: *pause_ms })
            }
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::WebhooksCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::WebhooksCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            Wire::List(()) => Self::List,
            Wire::Get(id) => Self::Get(id),
            Wire::Set(wanted) => Self::Set(field::required("set", Some(wanted))?),
            Wire::Pause(id) => Self::Pause(id),
            Wire::Resume(id) => Self::Resume(id),
            Wire::Rotate(rotate) => Self::Rotate(rotate.webhook_id, secret("rotate.secret", rotate.secret)?),
            Wire::DropFormerSecret(id) => Self::DropFormerSecret(id),
            Wire::Delete(id) => Self::Delete(id),
            Wire::Work(id) => Self::Work(id),
            Wire::Advance(advance) => Self::Advance {
                from: field::required("advance.from", advance.from)?,
                to: cursor("advance.to", &advance.to)?,
                is_acknowledged: advance.acknowledged,
            },
            Wire::Fail(fail) => Self::Fail {
                from: field::required("fail.from", fail.from)?,
                failure: read_failure(fail.failure, fail.http_status)?,
                pause_ms: fail.pause_ms,
            },
        })
    }
}

impl From<&Wanted> for store::SetWebhook {
    fn from(wanted: &Wanted) -> Self {
        Self {
            webhook_id: wanted.id.clone(),
            url: wanted.url.text().to_owned(),
            choice: Some((&wanted.choice).into()),
            secret: wanted.secret.as_ref().map(|secret| secret.key().to_vec()).unwrap_or_default(),
            start: places(&wanted.start),
        }
    }
}

impl TryFrom<store::SetWebhook> for Wanted {
    type Error = FieldError;

    fn try_from(wanted: store::SetWebhook) -> Result<Self, FieldError> {
        Ok(Self {
            url: url("url", &wanted.url)?,
            choice: field::required("choice", wanted.choice)?,
            secret: optional_secret("secret", wanted.secret)?,
            start: cursor("start", &wanted.start)?,
            id: wanted.webhook_id,
        })
    }
}

impl From<&Place> for store::WebhookPlace {
    fn from(place: &Place) -> Self {
        Self { webhook_id: place.id.clone(), number: place.number, cursor: places(&place.cursor) }
    }
}

impl TryFrom<store::WebhookPlace> for Place {
    type Error = FieldError;

    fn try_from(place: store::WebhookPlace) -> Result<Self, FieldError> {
        Ok(Self { cursor: cursor("cursor", &place.cursor)?, id: place.webhook_id, number: place.number })
    }
}
