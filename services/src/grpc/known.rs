//! What is named has to be there: a name that is mistyped would hold back every session, or have legs wait on suspense for ever.

use actors::shell::Tenant;
use domain::entity::cdr_book::PartyTerms;
use domain::entity::evse::EvseDetails;
use domain::entity::{Recipient, account, catalog};
use tonic::{Code, Status};

use super::context::Context;
use super::status;
use crate::gateway::{Failure, Gateway};

/// Whom to ask, and of which tenant.
pub(super) struct Known<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) context: &'a Context,
    pub(super) tenant: &'a Tenant,
}

impl Known<'_> {
    /// What the terms of a party name: the account, the price sheet, the agreement.
    pub(super) async fn of_terms(&self, terms: &PartyTerms) -> Result<(), Status> {
        if let Some(id) = &terms.account {
            self.account("terms.account_id", id).await?;
        }
        if let Some(id) = &terms.sheet {
            self.price_sheet("terms.price_sheet_id", id).await?;
        }
        self.agreement("terms.agreement_id", terms.agreement.as_deref()).await
    }

    /// What a charging point names: the agreement.
    pub(super) async fn of_evse(&self, details: &EvseDetails) -> Result<(), Status> {
        self.agreement("evse.agreement_id", details.site.agreement.as_deref()).await
    }

    /// An account that was opened.
    pub(super) async fn account(&self, field: &str, id: &str) -> Result<(), Status> {
        let ask = self.context.read(self.tenant, Recipient::Account(id.to_owned()))?;
        match self.gateway.ask(ask, &account::Command::Get).await {
            Ok(_) => Ok(()),
            Err(Failure::Rejected(_)) => {
                Err(unknown("UNKNOWN_ACCOUNT", field, &format!("the account {id} was never opened")))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn price_sheet(&self, field: &str, id: &str) -> Result<(), Status> {
        let ask = self.context.read(self.tenant, Recipient::Catalog)?;
        match self.gateway.ask(ask, &catalog::Command::GetPriceSheet(id.to_owned())).await {
            Ok(catalog::Reply::PriceSheets(versions)) if !versions.is_empty() => Ok(()),
            Ok(_) | Err(Failure::Rejected(_)) => {
                Err(unknown("UNKNOWN_PRICE_SHEET", field, &format!("there is no price sheet {id}")))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn agreement(&self, field: &str, id: Option<&str>) -> Result<(), Status> {
        let Some(id) = id else { return Ok(()) };
        let ask = self.context.read(self.tenant, Recipient::Catalog)?;
        match self.gateway.ask(ask, &catalog::Command::GetShareAgreement(id.to_owned())).await {
            Ok(catalog::Reply::ShareAgreements(versions)) if !versions.is_empty() => Ok(()),
            Ok(_) | Err(Failure::Rejected(_)) => {
                Err(unknown("UNKNOWN_AGREEMENT", field, &format!("there is no agreement on shares {id}")))
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

fn unknown(reason: &str, field: &str, text: &str) -> Status {
    let facts = [("field", field.to_owned())];
    status::with_facts(Code::FailedPrecondition, reason, format!("{field}: {text}"), facts)
}
