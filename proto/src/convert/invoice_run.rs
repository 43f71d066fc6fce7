//! Invoice runs as clients see them, and what they can't bill.

use domain::entity::invoice_run::{Stage, State, Sums};
use domain::entity::run_part::{AccountNotReady, AccountOutcome};
use domain::money::{Currency, Money};

use super::{field, time};
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

impl invoicing::InvoiceRun {
    /// What a client sees of a run; `None` where it was never created.
    #[must_use]
    pub fn of_state(state: &State) -> Option<Self> {
        let closing = state.closing.as_ref()?;
        let preview = state.preview();
        let count = |parts: usize| u32::try_from(parts).unwrap_or(u32::MAX);
        let is_frozen = !matches!(state.stage, Stage::Unknown | Stage::Closing);
        Some(Self {
            name: String::new(),
            invoice_run_id: closing.run.clone(),
            month: Some((&closing.month).into()),
            as_of_time: Some(time::timestamp(closing.known_at)),
            issue_date: Some((&closing.issue_date).into()),
            stage: InvoiceRunStage::from(state.stage).into(),
            part_count: state.shard_count,
            closed_part_count: count(state.parts.len()),
            issued_part_count: count(state.issued_parts.len()),
            account_count: preview.accounts,
            invoice_count: preview.invoices,
            not_ready_count: preview.not_ready,
            totals: preview.sums.iter().map(|(currency, sums)| total(*currency, *sums)).collect(),
            preview_hash: if is_frozen { preview.hash.to_vec() } else { Vec::new() },
            etag: String::new(),
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
