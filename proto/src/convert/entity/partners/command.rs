//! What can be asked of a tenant's partners.

use domain::entity::partners::{Command, Introduced, WantedPartner};

use super::value::{cursor, hash, hash_bytes, optional_hash, read_cursor};
use crate::convert::{FieldError, field};
use crate::store;
use crate::store::partners_command::Command as Wire;

impl From<&Command> for store::PartnersCommand {
    fn from(command: &Command) -> Self {
        let of = |id: &String, token| store::PartnerTokenHash {
            partner_id: id.clone(),
            token_hash: hash_bytes(Some(token)),
        };
        let command = match command {
            Command::List => Wire::List(()),
            Command::Get(id) => Wire::Get(id.clone()),
            Command::SetOwn(own) => Wire::SetOwn(own.into()),
            Command::Set(wanted) => Wire::Set(wanted.into()),
            Command::Rotate(id, token) => Wire::Rotate(of(id, token)),
            Command::Offer(id, token) => Wire::Offer(of(id, token)),
            Command::Withdraw(id, token) => Wire::Withdraw(of(id, token)),
            Command::Suspend(id) => Wire::Suspend(id.clone()),
            Command::Resume(id) => Wire::Resume(id.clone()),
            Command::Delete(id) => Wire::Delete(id.clone()),
            Command::Introduce(introduced) => Wire::Introduce(introduced.into()),
            Command::Unregister(id, token) => Wire::Unregister(of(id, token)),
            Command::Fetched { id, module, until } => Wire::Fetched(store::PartnerFetched {
                partner_id: id.clone(),
                cursor: Some(cursor(*module, *until)),
            }),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::PartnersCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::PartnersCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            Wire::List(()) => Self::List,
            Wire::Get(id) => Self::Get(id),
            Wire::SetOwn(own) => Self::SetOwn(field::required("set_own", Some(own))?),
            Wire::Set(wanted) => Self::Set(field::required("set", Some(wanted))?),
            Wire::Rotate(of) => Self::Rotate(of.partner_id, hash("rotate.token_hash", of.token_hash)?),
            Wire::Offer(of) => Self::Offer(of.partner_id, hash("offer.token_hash", of.token_hash)?),
            Wire::Withdraw(of) => Self::Withdraw(of.partner_id, hash("withdraw.token_hash", of.token_hash)?),
            Wire::Suspend(id) => Self::Suspend(id),
            Wire::Resume(id) => Self::Resume(id),
            Wire::Delete(id) => Self::Delete(id),
            Wire::Introduce(introduced) => Self::Introduce(field::required("introduce", Some(introduced))?),
            Wire::Unregister(of) => {
                Self::Unregister(of.partner_id, hash("unregister.token_hash", of.token_hash)?)
            }
            Wire::Fetched(fetched) => {
                let cursor = field::chosen("fetched.cursor", fetched.cursor)?;
                let (module, until) = read_cursor(cursor).map_err(|error| error.within("fetched.cursor"))?;
                Self::Fetched { id: fetched.partner_id, module, until }
            }
        })
    }
}

impl From<&WantedPartner> for store::SetPartner {
    fn from(wanted: &WantedPartner) -> Self {
        Self {
            partner_id: wanted.id.clone(),
            sets_parties: wanted.parties.is_some(),
            parties: field::messages(wanted.parties.iter().flatten()),
            account_id: wanted.account.clone(),
            limit: wanted.limit.map(Into::into),
            token_hash: hash_bytes(wanted.token.as_ref()),
            contact: wanted.contact.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<store::SetPartner> for WantedPartner {
    type Error = FieldError;

    fn try_from(wanted: store::SetPartner) -> Result<Self, FieldError> {
        let parties = field::each("parties", wanted.parties)?;
        Ok(Self {
            parties: wanted.sets_parties.then_some(parties),
            account: wanted.account_id,
            limit: field::optional("limit", wanted.limit)?,
            token: optional_hash("token_hash", wanted.token_hash)?,
            contact: field::optional("contact", wanted.contact)?,
            id: wanted.partner_id,
        })
    }
}

impl From<&Introduced> for store::IntroducePartner {
    fn from(introduced: &Introduced) -> Self {
        Self {
            partner_id: introduced.id.clone(),
            shown_hash: hash_bytes(Some(&introduced.shown)),
            token_hash: hash_bytes(Some(&introduced.token)),
            contact: Some((&introduced.contact).into()),
            parties: field::messages(&introduced.parties),
            is_first: introduced.is_first,
        }
    }
}

impl TryFrom<store::IntroducePartner> for Introduced {
    type Error = FieldError;

    fn try_from(introduced: store::IntroducePartner) -> Result<Self, FieldError> {
        Ok(Self {
            shown: hash("shown_hash", introduced.shown_hash)?,
            token: hash("token_hash", introduced.token_hash)?,
            contact: field::required("contact", introduced.contact)?,
            parties: field::each("parties", introduced.parties)?,
            id: introduced.partner_id,
            is_first: introduced.is_first,
        })
    }
}
