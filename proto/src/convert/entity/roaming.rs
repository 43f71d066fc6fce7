//! What books of records, charging points and accounts tell one another of a session.

use domain::cdr::{
    EvseSite, Registers, Reimbursement, Sale, SaleRefused, SaleReversal, SeenSession, SessionSale, Suspicion,
};
use domain::entity::Message;
use domain::zone::Zone;

use crate::convert::{FieldError, field, leg, text, time};
use crate::store;
use crate::store::{PlainSuspicion as Plain, SaleRefused as Refusal};

impl From<&SeenSession> for store::SeenSession {
    fn from(seen: &SeenSession) -> Self {
        Self {
            cdr: Some((&seen.cdr).into()),
            start_time: Some(time::timestamp(seen.start)),
            end_time: Some(time::timestamp(seen.end)),
            connector: seen.connector.clone(),
            token: Some((&seen.token).into()),
            energy_kwh: Some((&seen.energy_kwh).into()),
            registers: seen.registers.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<store::SeenSession> for SeenSession {
    type Error = FieldError;

    fn try_from(seen: store::SeenSession) -> Result<Self, FieldError> {
        Ok(Self {
            cdr: field::required("cdr", seen.cdr)?,
            start: time::required_instant("start_time", seen.start_time)?,
            end: time::required_instant("end_time", seen.end_time)?,
            connector: seen.connector,
            token: field::required("token", seen.token)?,
            energy_kwh: field::required("energy_kwh", seen.energy_kwh)?,
            registers: field::optional("registers", seen.registers)?,
        })
    }
}

impl From<&Registers> for store::Registers {
    fn from(registers: &Registers) -> Self {
        Self { start_kwh: Some((&registers.start_kwh).into()), end_kwh: Some((&registers.end_kwh).into()) }
    }
}

impl TryFrom<store::Registers> for Registers {
    type Error = FieldError;

    fn try_from(registers: store::Registers) -> Result<Self, FieldError> {
        Ok(Self {
            start_kwh: field::required("start_kwh", registers.start_kwh)?,
            end_kwh: field::required("end_kwh", registers.end_kwh)?,
        })
    }
}

impl From<&EvseSite> for store::EvseSite {
    fn from(site: &EvseSite) -> Self {
        Self {
            location_id: site.location.clone(),
            zone: zone_name(site.zone.as_ref()),
            agreement_id: site.agreement.clone().unwrap_or_default(),
        }
    }
}

impl TryFrom<store::EvseSite> for EvseSite {
    type Error = FieldError;

    fn try_from(site: store::EvseSite) -> Result<Self, FieldError> {
        Ok(Self {
            location: site.location_id,
            zone: zone(&site.zone)?,
            agreement: Some(site.agreement_id).filter(|id| !id.is_empty()),
        })
    }
}

fn zone_name(zone: Option<&Zone>) -> String {
    zone.map(|zone| zone.name().to_owned()).unwrap_or_default()
}

fn zone(name: &str) -> Result<Option<Zone>, FieldError> {
    (!name.is_empty()).then(|| text::zone("zone", name)).transpose()
}

impl From<&Suspicion> for store::Suspicion {
    fn from(suspicion: &Suspicion) -> Self {
        use store::suspicion::Suspicion as Wire;
        let plain = |plain: Plain| Wire::Plain(plain.into());
        let suspicion = match suspicion {
            Suspicion::ChangedContent => plain(Plain::ChangedContent),
            Suspicion::ClockNotSet => plain(Plain::ClockNotSet),
            Suspicion::FromTheFuture => plain(Plain::FromTheFuture),
            Suspicion::EndsBeforeStart => plain(Plain::EndsBeforeStart),
            Suspicion::Malformed => plain(Plain::Malformed),
            Suspicion::RegisterWentBack => plain(Plain::RegisterWentBack),
            Suspicion::RegisterDiffers => plain(Plain::RegisterDiffers),
            Suspicion::EnergyDiffers => plain(Plain::EnergyDiffers),
            Suspicion::OverPower => plain(Plain::OverPower),
            Suspicion::Overlaps(other) => Wire::Overlaps(other.into()),
            Suspicion::SuspectedDuplicate(other) => Wire::SuspectedDuplicate(other.into()),
            Suspicion::UnknownParty => plain(Plain::UnknownParty),
            Suspicion::UnknownAgreement => plain(Plain::UnknownAgreement),
            Suspicion::UnknownToken => plain(Plain::UnknownToken),
            Suspicion::OtherCurrency => plain(Plain::OtherCurrency),
            Suspicion::NoPrice => plain(Plain::NoPrice),
            Suspicion::TooLate => plain(Plain::TooLate),
            Suspicion::CreditRefused => plain(Plain::CreditRefused),
            Suspicion::SaleRefused(refused) => Wire::SaleRefused(refused.into()),
        };
        Self { suspicion: Some(suspicion) }
    }
}

impl TryFrom<store::Suspicion> for Suspicion {
    type Error = FieldError;

    fn try_from(suspicion: store::Suspicion) -> Result<Self, FieldError> {
        use store::suspicion::Suspicion as Wire;
        match field::chosen("suspicion", suspicion.suspicion)? {
            Wire::Plain(number) => field::known::<Plain, _>("plain", number),
            Wire::Overlaps(other) => Ok(Self::Overlaps(field::required("overlaps", Some(other))?)),
            Wire::SuspectedDuplicate(other) => {
                Ok(Self::SuspectedDuplicate(field::required("suspected_duplicate", Some(other))?))
            }
            Wire::SaleRefused(refused) => {
                Ok(Self::SaleRefused(field::required("sale_refused", Some(refused))?))
            }
        }
    }
}

impl TryFrom<Plain> for Suspicion {
    type Error = FieldError;

    fn try_from(plain: Plain) -> Result<Self, FieldError> {
        use crate::convert::FieldFault;
        Ok(match plain {
            Plain::Unspecified => return Err(FieldError::here(FieldFault::Missing)),
            Plain::ChangedContent => Self::ChangedContent,
            Plain::ClockNotSet => Self::ClockNotSet,
            Plain::FromTheFuture => Self::FromTheFuture,
            Plain::EndsBeforeStart => Self::EndsBeforeStart,
            Plain::Malformed => Self::Malformed,
            Plain::RegisterWentBack => Self::RegisterWentBack,
            Plain::RegisterDiffers => Self::RegisterDiffers,
            Plain::EnergyDiffers => Self::EnergyDiffers,
            Plain::OverPower => Self::OverPower,
            Plain::UnknownParty => Self::UnknownParty,
            Plain::UnknownAgreement => Self::UnknownAgreement,
            Plain::UnknownToken => Self::UnknownToken,
            Plain::OtherCurrency => Self::OtherCurrency,
            Plain::NoPrice => Self::NoPrice,
            Plain::TooLate => Self::TooLate,
            Plain::CreditRefused => Self::CreditRefused,
        })
    }
}

impl From<&SessionSale> for store::SessionSale {
    fn from(sale: &SessionSale) -> Self {
        Self {
            cdr: Some((&sale.cdr).into()),
            session: Some((&sale.session).into()),
            evse_id: sale.evse.text().to_owned(),
            location_id: sale.location.clone(),
            zone: zone_name(sale.zone.as_ref()),
            token: Some((&sale.token).into()),
            contract_id: sale.contract_id.clone(),
            session_id: sale.session_id.clone(),
            received_time: Some(time::timestamp(sale.received)),
            is_home: sale.is_home,
        }
    }
}

impl TryFrom<store::SessionSale> for SessionSale {
    type Error = FieldError;

    fn try_from(sale: store::SessionSale) -> Result<Self, FieldError> {
        Ok(Self {
            cdr: field::required("cdr", sale.cdr)?,
            session: field::required("session", sale.session)?,
            evse: leg::evse("evse_id", &sale.evse_id)?,
            location: sale.location_id,
            zone: zone(&sale.zone)?,
            token: field::required("token", sale.token)?,
            contract_id: sale.contract_id,
            session_id: sale.session_id,
            received: time::required_instant("received_time", sale.received_time)?,
            is_home: sale.is_home,
        })
    }
}

impl From<&Sale> for store::Sale {
    fn from(sale: &Sale) -> Self {
        let owed = sale.reimbursement.as_ref();
        Self {
            contract_id: sale.contract.clone(),
            price_sheet_id: sale.sheet.0.clone(),
            price_sheet_version: sale.sheet.1,
            net: Some((&sale.net).into()),
            energy_kwh: Some((&sale.energy_kwh).into()),
            service_date: Some((&sale.service).into()),
            reimbursed_account_id: owed.map(|owed| owed.account.clone()).unwrap_or_default(),
            reimbursement: owed.map(|owed| (&owed.amount).into()),
        }
    }
}

impl TryFrom<store::Sale> for Sale {
    type Error = FieldError;

    fn try_from(sale: store::Sale) -> Result<Self, FieldError> {
        let account = sale.reimbursed_account_id;
        let amount = field::optional("reimbursement", sale.reimbursement)?;
        Ok(Self {
            contract: sale.contract_id,
            sheet: (sale.price_sheet_id, sale.price_sheet_version),
            net: field::required("net", sale.net)?,
            energy_kwh: field::required("energy_kwh", sale.energy_kwh)?,
            service: field::required("service_date", sale.service_date)?,
            reimbursement: amount.map(|amount| Reimbursement { account, amount }),
        })
    }
}

impl From<&SaleRefused> for store::SaleRefusal {
    fn from(refused: &SaleRefused) -> Self {
        let (reason, detail) = match refused {
            SaleRefused::UnknownAccount => (Refusal::UnknownAccount, ""),
            SaleRefused::NoSettings => (Refusal::NoSettings, ""),
            SaleRefused::TokenNotHeld => (Refusal::TokenNotHeld, ""),
            SaleRefused::NoChargingContract => (Refusal::NoChargingContract, ""),
            SaleRefused::SeveralChargingContracts => (Refusal::SeveralChargingContracts, ""),
            SaleRefused::TooLate => (Refusal::TooLate, ""),
            SaleRefused::UnknownPriceSheet => (Refusal::UnknownPriceSheet, ""),
            SaleRefused::OtherCurrency => (Refusal::OtherCurrency, ""),
            SaleRefused::CannotPrice(why) => (Refusal::CannotPrice, why.as_str()),
            SaleRefused::OutOfRange => (Refusal::OutOfRange, ""),
        };
        Self { reason: reason.into(), detail: detail.to_owned() }
    }
}

impl TryFrom<store::SaleRefusal> for SaleRefused {
    type Error = FieldError;

    fn try_from(refusal: store::SaleRefusal) -> Result<Self, FieldError> {
        use crate::convert::FieldFault;
        Ok(match refusal.reason() {
            Refusal::Unspecified => return Err(FieldError::at("reason", FieldFault::Missing)),
            Refusal::UnknownAccount => Self::UnknownAccount,
            Refusal::NoSettings => Self::NoSettings,
            Refusal::TokenNotHeld => Self::TokenNotHeld,
            Refusal::NoChargingContract => Self::NoChargingContract,
            Refusal::SeveralChargingContracts => Self::SeveralChargingContracts,
            Refusal::TooLate => Self::TooLate,
            Refusal::UnknownPriceSheet => Self::UnknownPriceSheet,
            Refusal::OtherCurrency => Self::OtherCurrency,
            Refusal::CannotPrice => Self::CannotPrice(refusal.detail),
            Refusal::OutOfRange => Self::OutOfRange,
        })
    }
}

impl TryFrom<store::SessionChecked> for Message {
    type Error = FieldError;

    fn try_from(checked: store::SessionChecked) -> Result<Self, FieldError> {
        Ok(Self::SessionChecked {
            cdr: field::required("cdr", checked.cdr)?,
            site: field::required("site", checked.site)?,
            suspicions: field::each("suspicions", checked.suspicions)?,
        })
    }
}

impl TryFrom<store::RateSale> for Message {
    type Error = FieldError;

    fn try_from(rate: store::RateSale) -> Result<Self, FieldError> {
        let sale = field::required("sale", rate.sale)?;
        Ok(Self::RateSale { account: rate.account_id, sale: Box::new(sale) })
    }
}

impl TryFrom<store::SaleRated> for Message {
    type Error = FieldError;

    fn try_from(rated: store::SaleRated) -> Result<Self, FieldError> {
        use store::sale_rated::Outcome;
        let outcome = match field::chosen("outcome", rated.outcome)? {
            Outcome::Sale(sale) => Ok(Box::new(field::required("sale", Some(sale))?)),
            Outcome::Refused(refused) => Err(field::required("refused", Some(refused))?),
        };
        Ok(Self::SaleRated { account: rated.account_id, cdr: field::required("cdr", rated.cdr)?, outcome })
    }
}

impl TryFrom<store::ReverseSale> for Message {
    type Error = FieldError;

    fn try_from(reverse: store::ReverseSale) -> Result<Self, FieldError> {
        let reversal = SaleReversal {
            cdr: field::required("cdr", reverse.cdr)?,
            credit: field::optional("credit", reverse.credit)?,
            received: time::required_instant("received_time", reverse.received_time)?,
        };
        Ok(Self::ReverseSale { account: reverse.account_id, reversal })
    }
}

impl TryFrom<store::BookLeg> for Message {
    type Error = FieldError;

    fn try_from(book: store::BookLeg) -> Result<Self, FieldError> {
        Ok(Self::BookLeg { account: book.account_id, leg: field::required("leg", book.leg)? })
    }
}

/// The message of what became of a sale.
pub(super) fn sale_rated(
    account: &str,
    cdr: &domain::cdr::CdrKey,
    outcome: &Result<Box<Sale>, SaleRefused>,
) -> store::SaleRated {
    use store::sale_rated::Outcome;
    let outcome = match outcome {
        Ok(sale) => Outcome::Sale(sale.as_ref().into()),
        Err(refused) => Outcome::Refused(refused.into()),
    };
    store::SaleRated { account_id: account.to_owned(), cdr: Some(cdr.into()), outcome: Some(outcome) }
}

/// The message of a sale that is taken back.
pub(super) fn reverse_sale(account: &str, reversal: &SaleReversal) -> store::ReverseSale {
    store::ReverseSale {
        account_id: account.to_owned(),
        cdr: Some((&reversal.cdr).into()),
        credit: reversal.credit.as_ref().map(Into::into),
        received_time: Some(time::timestamp(reversal.received)),
    }
}
