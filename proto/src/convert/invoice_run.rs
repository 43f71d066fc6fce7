//! Invoice runs as clients see them, and what they can't bill.

use domain::entity::invoice_run::{Overview, PartSummary, Stage, Sums};
use domain::entity::message::Closing;
use domain::entity::run_part::{AccountNotReady, AccountOutcome};
use domain::money::{Currency, Money};

use super::{FieldError, FieldFault, field, time};
use crate::google_type;
use crate::invoicing::{self, InvoiceRunStage};
use crate::types::Reason;

/// A run that was never created has no stage.
impl From<Stage> for InvoiceRunStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Unknown => Self::Unspecified,
            Stage::Closing => Self::Closing,
            Stage::Previewed => Self::Previewed,
            Stage::Approved => Self::Approved,
            Stage::Issuing => Self::Issuing,
            Stage::Issued => Self::Issued,
            Stage::Cancelled => Self::Cancelled,
        }
    }
}

impl From<InvoiceRunStage> for Stage {
    fn from(stage: InvoiceRunStage) -> Self {
        match stage {
            InvoiceRunStage::Unspecified => Self::Unknown,
            InvoiceRunStage::Closing => Self::Closing,
            InvoiceRunStage::Previewed => Self::Previewed,
            InvoiceRunStage::Approved => Self::Approved,
            InvoiceRunStage::Issuing => Self::Issuing,
            InvoiceRunStage::Issued => Self::Issued,
            InvoiceRunStage::Cancelled => Self::Cancelled,
        }
    }
}

impl From<&Overview> for invoicing::InvoiceRun {
    fn from(run: &Overview) -> Self {
        let (closing, preview) = (&run.closing, &run.preview);
        let is_frozen = !matches!(run.stage, Stage::Unknown | Stage::Closing);
        Self {
            name: String::new(),
            invoice_run_id: closing.run.clone(),
            month: Some((&closing.month).into()),
            as_of_time: Some(time::timestamp(closing.known_at)),
            issue_date: Some((&closing.issue_date).into()),
            stage: InvoiceRunStage::from(run.stage).into(),
            part_count: run.parts,
            closed_part_count: run.closed_parts,
            issued_part_count: run.issued_parts,
            account_count: preview.accounts,
            invoice_count: preview.invoices,
            not_ready_count: preview.not_ready,
            totals: preview.sums.iter().map(|(currency, sums)| total(*currency, *sums)).collect(),
            preview_hash: if is_frozen { preview.hash.to_vec() } else { Vec::new() },
            etag: String::new(),
        }
    }
}

impl TryFrom<invoicing::InvoiceRun> for Overview {
    type Error = FieldError;

    fn try_from(run: invoicing::InvoiceRun) -> Result<Self, FieldError> {
        let stage = InvoiceRunStage::try_from(run.stage);
        let stage = stage.map_err(|_| FieldError::at("stage", FieldFault::Unknown))?;
        let hash = if run.preview_hash.is_empty() { vec![0; 32] } else { run.preview_hash };
        Ok(Self {
            closing: Closing {
                run: run.invoice_run_id,
                month: field::required("month", run.month)?,
                known_at: time::required_instant("as_of_time", run.as_of_time)?,
                issue_date: field::required("issue_date", run.issue_date)?,
            },
            stage: Stage::from(stage),
            parts: run.part_count,
            closed_parts: run.closed_part_count,
            issued_parts: run.issued_part_count,
            preview: PartSummary {
                accounts: run.account_count,
                invoices: run.invoice_count,
                not_ready: run.not_ready_count,
                sums: field::each_by("totals", run.totals, into_total)?,
                hash: field::digest("preview_hash", hash)?,
            },
        })
    }
}

fn total(currency: Currency, sums: Sums) -> invoicing::InvoiceRunTotal {
    let money = |minor| Some(google_type::Money::from(&Money::new(minor, currency)));
    invoicing::InvoiceRunTotal {
        net: money(sums.net_minor),
        vat: money(sums.vat_minor),
        total: money(sums.total_minor),
    }
}

/// The sums of one currency, which all three name.
fn into_total(total: invoicing::InvoiceRunTotal) -> Result<(Currency, Sums), FieldError> {
    let net: Money = field::required("net", total.net)?;
    let minor = |name: &str, money| {
        let money: Money = field::required(name, money)?;
        let is_same = money.currency() == net.currency();
        is_same.then_some(money.minor()).ok_or_else(|| FieldError::at(name, FieldFault::Contradiction))
    };
    let (vat_minor, total_minor) = (minor("vat", total.vat)?, minor("total", total.total)?);
    Ok((net.currency(), Sums { net_minor: net.minor(), vat_minor, total_minor }))
}

impl invoicing::NotReadyEntry {
    /// What can't be billed of an account, one entry per contract, and one for the account where it can't be billed as a
    /// whole.
    #[must_use]
    pub fn of_account(account_id: &str, outcome: &AccountOutcome) -> Vec<Self> {
        let entry = |metering_point_id, contract_id, reasons| Self {
            account_id: account_id.to_owned(),
            metering_point_id,
            contract_id,
            reasons,
        };
        let whole = outcome.refused.iter();
        let whole = whole.map(|refused| entry(String::new(), String::new(), vec![refused.into()]));
        let points = outcome.not_ready.iter().map(|point| {
            let reasons = field::messages(&point.reasons);
            entry(point.metering_point.to_string(), point.contract.clone(), reasons)
        });
        whole.chain(points).collect()
    }
}

impl From<&AccountNotReady> for Reason {
    fn from(refused: &AccountNotReady) -> Self {
        let (code, text) = match refused {
            AccountNotReady::NeverOpened => {
                ("ACCOUNT_NEVER_OPENED", "contracts name the account, but it was never opened".to_owned())
            }
            AccountNotReady::HeldBy(run) => {
                ("HELD_BY_RUN", format!("invoice run {run} has the account open"))
            }
            AccountNotReady::NoSettings => ("NO_SETTINGS", "the tenant has no settings".to_owned()),
            AccountNotReady::CannotInvoice(why) => ("CANNOT_INVOICE", why.clone()),
        };
        Self { code: code.to_owned(), text }
    }
}
