//! A partner, and what the tenant is to it.

use std::collections::{BTreeMap, BTreeSet};

use domain::cdr::Party;
use domain::entity::partners::{
    Contact, OwnProfile, Partner, PartnerRole, PartnerStanding, PartnerToken, PartyRole, RequestLimit,
    TokenHash,
};
use domain::entity::roaming_object::RoamingModule;
use domain::instant::Instant;
use domain::webhook::WebhookUrl;

use crate::convert::field::same_names;
use crate::convert::{FieldError, FieldFault, field, time};
use crate::{roaming, store};

same_names!(PartnerRole, roaming::PartnerRole, [Operator, Provider, Hub]);
same_names!(PartnerStanding, roaming::PartnerState, [Registered, Connected, Suspended]);
same_names!(RoamingModule, roaming::RoamingModule, [Locations, Tariffs, Sessions, Cdrs, Tokens]);

impl From<&Partner> for store::HeldPartner {
    fn from(partner: &Partner) -> Self {
        Self {
            partner_id: partner.id.clone(),
            parties: field::messages(&partner.parties),
            account_id: partner.account.clone().unwrap_or_default(),
            limit: Some(partner.limit.into()),
            state: field::number::<roaming::PartnerState, _>(partner.standing),
            token_hash: hash_bytes(partner.token.as_ref()),
            offered_hash: hash_bytes(partner.offered.as_ref()),
            contact: partner.contact.as_ref().map(Into::into),
            cursors: partner.cursors.iter().map(|(module, until)| cursor(*module, *until)).collect(),
            created_time: Some(time::timestamp(partner.made_at)),
        }
    }
}

impl TryFrom<store::HeldPartner> for Partner {
    type Error = FieldError;

    fn try_from(partner: store::HeldPartner) -> Result<Self, FieldError> {
        let cursors: Vec<(RoamingModule, Instant)> = field::each_by("cursors", partner.cursors, read_cursor)?;
        Ok(Self {
            parties: field::each("parties", partner.parties)?,
            account: Some(partner.account_id).filter(|account| !account.is_empty()),
            limit: field::required("limit", partner.limit)?,
            standing: field::known::<roaming::PartnerState, _>("state", partner.state)?,
            token: optional_hash("token_hash", partner.token_hash)?,
            offered: optional_hash("offered_hash", partner.offered_hash)?,
            contact: field::optional("contact", partner.contact)?,
            cursors: cursors.into_iter().collect::<BTreeMap<_, _>>(),
            made_at: time::required_instant("created_time", partner.created_time)?,
            id: partner.partner_id,
        })
    }
}

impl From<&OwnProfile> for roaming::OwnProfile {
    fn from(own: &OwnProfile) -> Self {
        Self { business_name: own.name.clone(), parties: field::messages(&own.parties), url: own.url.clone() }
    }
}

impl TryFrom<roaming::OwnProfile> for OwnProfile {
    type Error = FieldError;

    fn try_from(own: roaming::OwnProfile) -> Result<Self, FieldError> {
        let parties: BTreeSet<PartyRole> = field::each("parties", own.parties)?;
        Ok(Self { name: own.business_name, parties, url: own.url })
    }
}

impl From<&PartyRole> for roaming::PartyRole {
    fn from(one: &PartyRole) -> Self {
        Self {
            role: field::number::<roaming::PartnerRole, _>(one.role),
            country_code: one.party.country().to_owned(),
            party_id: one.party.id().to_owned(),
        }
    }
}

impl TryFrom<roaming::PartyRole> for PartyRole {
    type Error = FieldError;

    fn try_from(one: roaming::PartyRole) -> Result<Self, FieldError> {
        let role = field::known::<roaming::PartnerRole, _>("role", one.role)?;
        let party = Party::new(&one.country_code, &one.party_id);
        Ok(Self { role, party: party.ok_or_else(|| FieldError::at("party_id", FieldFault::Unknown))? })
    }
}

impl From<RequestLimit> for roaming::RequestLimit {
    fn from(limit: RequestLimit) -> Self {
        Self { per_second: limit.per_second, at_once: limit.at_once }
    }
}

impl TryFrom<roaming::RequestLimit> for RequestLimit {
    type Error = FieldError;

    fn try_from(limit: roaming::RequestLimit) -> Result<Self, FieldError> {
        if limit.per_second == 0 || limit.at_once == 0 {
            return Err(FieldError::at("per_second", FieldFault::OutOfRange));
        }
        Ok(Self { per_second: limit.per_second, at_once: limit.at_once })
    }
}

impl From<&Contact> for store::PartnerContact {
    fn from(contact: &Contact) -> Self {
        Self { versions_url: contact.versions_url.text().to_owned(), token: contact.token.text().to_owned() }
    }
}

impl TryFrom<store::PartnerContact> for Contact {
    type Error = FieldError;

    fn try_from(contact: store::PartnerContact) -> Result<Self, FieldError> {
        let url = WebhookUrl::parse(&contact.versions_url);
        let token = PartnerToken::new(&contact.token);
        Ok(Self {
            versions_url: url.map_err(|_| FieldError::at("versions_url", FieldFault::Unknown))?,
            token: token.ok_or_else(|| FieldError::at("token", FieldFault::Unknown))?,
        })
    }
}

pub(super) fn cursor(module: RoamingModule, until: Instant) -> roaming::FetchCursor {
    roaming::FetchCursor {
        module: field::number::<roaming::RoamingModule, _>(module),
        until_time: Some(time::timestamp(until)),
    }
}

pub(super) fn read_cursor(cursor: roaming::FetchCursor) -> Result<(RoamingModule, Instant), FieldError> {
    let module = field::known::<roaming::RoamingModule, _>("module", cursor.module)?;
    Ok((module, time::required_instant("until_time", cursor.until_time)?))
}

pub(super) fn hash_bytes(hash: Option<&TokenHash>) -> Vec<u8> {
    hash.map(|hash| hash.0.to_vec()).unwrap_or_default()
}

pub(super) fn hash(field: &str, bytes: Vec<u8>) -> Result<TokenHash, FieldError> {
    field::digest(field, bytes).map(TokenHash)
}

pub(super) fn optional_hash(field: &str, bytes: Vec<u8>) -> Result<Option<TokenHash>, FieldError> {
    if bytes.is_empty() { Ok(None) } else { hash(field, bytes).map(Some) }
}
