//! The partners of a tenant in roaming: commands, answers and state.

mod command;
mod value;

use domain::entity::partners::{Rejection, Reply, State};

use crate::convert::entity::rejection::refused;
use crate::convert::{FieldError, field};
use crate::store::partners_reply::Reply as ReplyWire;
use crate::store::{self, RejectionKind};

impl From<&State> for store::PartnersState {
    fn from(state: &State) -> Self {
        Self { own: Some((&state.own).into()), partners: field::messages(state.by_id.values()) }
    }
}

impl TryFrom<store::PartnersState> for State {
    type Error = FieldError;

    fn try_from(state: store::PartnersState) -> Result<Self, FieldError> {
        let partners: Vec<domain::entity::partners::Partner> = field::each("partners", state.partners)?;
        let by_id = partners.into_iter().map(|partner| (partner.id.clone(), partner));
        Ok(Self { own: field::optional("own", state.own)?.unwrap_or_default(), by_id: by_id.collect() })
    }
}

impl From<&Reply> for store::PartnersReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::All(state) => ReplyWire::All(state.as_ref().into()),
            Reply::Partner(partner) => ReplyWire::Partner(partner.as_ref().into()),
            Reply::Deleted => ReplyWire::Deleted(()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::PartnersReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::PartnersReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::All(state) => Self::All(Box::new(field::required("all", Some(state))?)),
            ReplyWire::Partner(partner) => {
                Self::Partner(Box::new(field::required("partner", Some(partner))?))
            }
            ReplyWire::Deleted(()) => Self::Deleted,
        })
    }
}

impl From<&Rejection> for store::Rejection {
    fn from(rejection: &Rejection) -> Self {
        use RejectionKind::{Aborted, AlreadyExists, FailedPrecondition, Invalid, NotFound};
        match rejection {
            Rejection::UnknownPartner => {
                refused(NotFound, "UNKNOWN_PARTNER", "the tenant has no partner of this id")
            }
            Rejection::TooMany => {
                let text = "the tenant has as many partners as it may have";
                let most = domain::entity::partners::MOST_PARTNERS.to_string();
                refused(FailedPrecondition, "TOO_MANY_PARTNERS", text).knowing("most", &most)
            }
            Rejection::NoToken => {
                refused(NotFound, "PARTNER_WITHOUT_TOKEN", "there is no such partner; create it first")
            }
            Rejection::TokenInUse => {
                refused(AlreadyExists, "PARTNER_TOKEN_IN_USE", "another partner has this token")
            }
            Rejection::TooManyParties => {
                let most = domain::entity::partners::MOST_PARTIES.to_string();
                refused(Invalid, "TOO_MANY_PARTIES", "there are more parties than one may have")
                    .knowing("field", "parties")
                    .knowing("most", &most)
            }
            Rejection::PartyInUse => {
                let text = "another partner, or the tenant itself, is this party in this role";
                refused(AlreadyExists, "PARTY_IN_USE", text)
            }
            Rejection::NotAgreed(one) => {
                let text = format!("{one} was not agreed with the partner; it has to be agreed on first");
                refused(FailedPrecondition, "PARTY_NOT_AGREED", &text).knowing("party", &one.to_string())
            }
            Rejection::OtherToken => {
                let text = "the token is not the one that the partner has now";
                refused(Aborted, "OTHER_PARTNER_TOKEN", text)
            }
            Rejection::AlreadyRegistered => {
                let text = "credentials were exchanged already; they are changed by PUT";
                refused(FailedPrecondition, "PARTNER_REGISTERED", text)
            }
            Rejection::NotRegistered => {
                let text = "credentials were not exchanged yet; that is done by POST";
                refused(FailedPrecondition, "PARTNER_NOT_REGISTERED", text)
            }
            Rejection::Suspended => {
                let text = "the partner is suspended; resume it before credentials are exchanged";
                refused(FailedPrecondition, "PARTNER_SUSPENDED", text)
            }
        }
    }
}
