//! What came of closing an account, a part and a run.

use domain::entity::invoice_run::{PartSummary, Sums};
use domain::entity::run_part::{AccountNotReady, AccountOutcome, FrozenInvoice, PointNotReady};

use crate::convert::{FieldError, field, number, text};
use crate::store::{self, account_not_ready};

impl From<&AccountOutcome> for store::AccountOutcome {
    fn from(outcome: &AccountOutcome) -> Self {
        Self {
            frozen: outcome.frozen.as_ref().map(Into::into),
            not_ready: field::messages(&outcome.not_ready),
            refused: outcome.refused.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<store::AccountOutcome> for AccountOutcome {
    type Error = FieldError;

    fn try_from(outcome: store::AccountOutcome) -> Result<Self, FieldError> {
        Ok(Self {
            frozen: field::optional("frozen", outcome.frozen)?,
            not_ready: field::each("not_ready", outcome.not_ready)?,
            refused: field::optional("refused", outcome.refused)?,
        })
    }
}

impl From<&FrozenInvoice> for store::FrozenInvoice {
    fn from(frozen: &FrozenInvoice) -> Self {
        Self {
            hash: frozen.hash.to_vec(),
            net: Some((&frozen.net).into()),
            vat: Some((&frozen.vat).into()),
            total: Some((&frozen.total).into()),
        }
    }
}

impl TryFrom<store::FrozenInvoice> for FrozenInvoice {
    type Error = FieldError;

    fn try_from(frozen: store::FrozenInvoice) -> Result<Self, FieldError> {
        Ok(Self {
            hash: field::digest("hash", frozen.hash)?,
            net: field::required("net", frozen.net)?,
            vat: field::required("vat", frozen.vat)?,
            total: field::required("total", frozen.total)?,
        })
    }
}

impl From<&PointNotReady> for store::PointNotReady {
    fn from(point: &PointNotReady) -> Self {
        Self {
            metering_point: point.metering_point.number(),
            contract_id: point.contract.clone(),
            reasons: field::messages(&point.reasons),
        }
    }
}

impl TryFrom<store::PointNotReady> for PointNotReady {
    type Error = FieldError;

    fn try_from(point: store::PointNotReady) -> Result<Self, FieldError> {
        Ok(Self {
            metering_point: text::numbered_point("metering_point", point.metering_point)?,
            contract: point.contract_id,
            reasons: field::each("reasons", point.reasons)?,
        })
    }
}

impl From<&AccountNotReady> for store::AccountNotReady {
    fn from(refused: &AccountNotReady) -> Self {
        use account_not_ready::Reason;
        let reason = match refused {
            AccountNotReady::NeverOpened => Reason::NeverOpened(()),
            AccountNotReady::HeldBy(run) => Reason::HeldBy(run.clone()),
            AccountNotReady::NoSettings => Reason::NoSettings(()),
            AccountNotReady::CannotInvoice(why) => Reason::CannotInvoice(why.clone()),
        };
        Self { reason: Some(reason) }
    }
}

impl TryFrom<store::AccountNotReady> for AccountNotReady {
    type Error = FieldError;

    fn try_from(refused: store::AccountNotReady) -> Result<Self, FieldError> {
        use account_not_ready::Reason;
        Ok(match field::chosen("reason", refused.reason)? {
            Reason::NeverOpened(()) => Self::NeverOpened,
            Reason::HeldBy(run) => Self::HeldBy(run),
            Reason::NoSettings(()) => Self::NoSettings,
            Reason::CannotInvoice(why) => Self::CannotInvoice(why),
        })
    }
}

impl From<&PartSummary> for store::PartSummary {
    fn from(summary: &PartSummary) -> Self {
        let sums = summary.sums.iter().map(|(currency, sums)| store::CurrencySums {
            currency_code: currency.code().to_owned(),
            net_minor: sums.net_minor,
            vat_minor: sums.vat_minor,
            total_minor: sums.total_minor,
        });
        Self {
            accounts: summary.accounts,
            invoices: summary.invoices,
            not_ready: summary.not_ready,
            sums: sums.collect(),
            hash: summary.hash.to_vec(),
        }
    }
}

impl TryFrom<store::PartSummary> for PartSummary {
    type Error = FieldError;

    fn try_from(summary: store::PartSummary) -> Result<Self, FieldError> {
        let sums = field::each_by("sums", summary.sums, |sums| {
            let currency = number::currency("currency_code", &sums.currency_code)?;
            let store::CurrencySums { net_minor, vat_minor, total_minor, .. } = sums;
            Ok((currency, Sums { net_minor, vat_minor, total_minor }))
        });
        Ok(Self {
            accounts: summary.accounts,
            invoices: summary.invoices,
            not_ready: summary.not_ready,
            sums: sums?,
            hash: field::digest("hash", summary.hash)?,
        })
    }
}
