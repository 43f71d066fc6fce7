//! The webhooks of a tenant: commands, answers and state.

mod command;
mod value;

use domain::entity::webhooks::{Rejection, Reply, State};

use crate::convert::entity::rejection::refused;
use crate::convert::{FieldError, field};
use crate::store::webhooks_reply::Reply as ReplyWire;
use crate::store::{self, RejectionKind};

impl From<&State> for store::WebhooksState {
    fn from(state: &State) -> Self {
        Self { made: state.made, webhooks: field::messages(state.by_id.values()) }
    }
}

impl TryFrom<store::WebhooksState> for State {
    type Error = FieldError;

    fn try_from(state: store::WebhooksState) -> Result<Self, FieldError> {
        let held: Vec<domain::entity::webhooks::Held> = field::each("webhooks", state.webhooks)?;
        let by_id = held.into_iter().map(|held| (held.webhook.id.clone(), held));
        Ok(Self { made: state.made, by_id: by_id.collect() })
    }
}

impl From<&Reply> for store::WebhooksReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::List(webhooks) => {
                ReplyWire::List(store::WebhookList { webhooks: field::messages(webhooks) })
            }
            Reply::Webhook(webhook) => ReplyWire::Webhook(webhook.into()),
            Reply::Deleted => ReplyWire::Deleted(()),
            Reply::Work { held, wait_ms } => {
                ReplyWire::Work(store::WebhookWork { held: Some(held.into()), wait_ms: *wait_ms })
            }
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::WebhooksReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::WebhooksReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::List(list) => Self::List(field::each("list.webhooks", list.webhooks)?),
            ReplyWire::Webhook(webhook) => Self::Webhook(field::required("webhook", Some(webhook))?),
            ReplyWire::Deleted(()) => Self::Deleted,
            ReplyWire::Work(work) => {
                Self::Work { held: field::required("work.held", work.held)?, wait_ms: work.wait_ms }
            }
        })
    }
}

impl From<&Rejection> for store::Rejection {
    fn from(rejection: &Rejection) -> Self {
        use RejectionKind::{Aborted, FailedPrecondition, Invalid, NotFound};
        match rejection {
            Rejection::UnknownWebhook => {
                refused(NotFound, "UNKNOWN_WEBHOOK", "the tenant has no webhook of this id")
            }
            Rejection::TooMany => {
                let text = "the tenant has as many webhooks as it may have";
                let most = domain::entity::webhooks::MOST_WEBHOOKS.to_string();
                refused(FailedPrecondition, "TOO_MANY_WEBHOOKS", text).knowing("most", &most)
            }
            Rejection::NoSecret => {
                refused(Invalid, "WEBHOOK_SECRET_MISSING", "a new webhook needs a secret to sign by")
                    .knowing("field", "secret")
            }
            Rejection::OtherSecret => {
                let text = "the webhook signs with another secret; one is changed by rotation";
                refused(FailedPrecondition, "OTHER_WEBHOOK_SECRET", text)
            }
            Rejection::RotationUnderWay => {
                let text = "the secret before the present one is still in use; drop it first";
                refused(FailedPrecondition, "ROTATION_UNDER_WAY", text)
            }
            Rejection::MovedOn => {
                refused(Aborted, "WEBHOOK_MOVED_ON", "the webhook does not stand there any more")
            }
        }
    }
}
