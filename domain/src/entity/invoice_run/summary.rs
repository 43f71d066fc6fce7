//! What a run and its parts come to: counts, sums, and the hash that an approval names.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Stage, State};
use crate::entity::message::Closing;
use crate::entity::run_part::FrozenInvoice;
use crate::money::{Currency, Money};

/// What a run is told of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartSummary {
    /// How many accounts were closed.
    pub accounts: u64,
    /// How many invoices are frozen.
    pub invoices: u64,
    /// How many contracts or accounts are not ready.
    pub not_ready: u64,
    /// Sums of the frozen invoices by currency.
    pub sums: BTreeMap<Currency, Sums>,
    /// The hash over the frozen invoices in the order of accounts.
    pub hash: [u8; 32],
}

/// Sums of invoices in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Lines.
    pub net_minor: i64,
    /// Value added tax.
    pub vat_minor: i64,
    /// Totals.
    pub total_minor: i64,
}

/// A run with all its parts together: what is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The terms.
    pub closing: Closing,
    /// How far it has come.
    pub stage: Stage,
    /// How many parts it has.
    pub parts: u32,
    /// How many of them have closed.
    pub closed_parts: u32,
    /// How many of them have issued.
    pub issued_parts: u32,
    /// Counts and sums so far; the hash that an approval names once it is frozen, zeros before.
    pub preview: PartSummary,
}

impl State {
    /// All parts together: counts, sums, and the hash that an approval names.
    #[must_use]
    pub fn preview(&self) -> PartSummary {
        let mut whole = PartSummary::default();
        let mut hash = Sha256::new();
        for part in self.parts.values() {
            whole.accounts = whole.accounts.saturating_add(part.accounts);
            whole.invoices = whole.invoices.saturating_add(part.invoices);
            whole.not_ready = whole.not_ready.saturating_add(part.not_ready);
            for (currency, sums) in &part.sums {
                whole.sums.entry(*currency).or_default().add(sums);
            }
            hash.update(part.hash);
        }
        whole.hash = hash.finalize().into();
        whole
    }

    /// What is told of the run; none where it was never created.
    #[must_use]
    pub fn overview(&self) -> Option<Overview> {
        let count = |parts: usize| u32::try_from(parts).unwrap_or(u32::MAX);
        let mut preview = self.preview();
        if matches!(self.stage, Stage::Unknown | Stage::Closing) {
            preview.hash = [0; 32];
        }
        Some(Overview {
            closing: self.closing.clone()?,
            stage: self.stage,
            parts: self.shard_count,
            closed_parts: count(self.parts.len()),
            issued_parts: count(self.issued_parts.len()),
            preview,
        })
    }

    /// The first number of a part's block: parts are numbered in the order of shards, so that the same preview gives
    /// the same numbers.
    pub(super) fn first_number_of(&self, shard: u32) -> u64 {
        let before = self.parts.range(..shard).map(|(_, part)| part.invoices);
        before.fold(self.first_number, u64::saturating_add)
    }
}

impl PartSummary {
    /// Counts one frozen invoice.
    pub fn add(&mut self, frozen: &FrozenInvoice) {
        self.invoices = self.invoices.saturating_add(1);
        let minor = Money::minor;
        let sums = Sums {
            net_minor: minor(frozen.net),
            vat_minor: minor(frozen.vat),
            total_minor: minor(frozen.total),
        };
        self.sums.entry(frozen.total.currency()).or_default().add(&sums);
    }
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.net_minor = self.net_minor.saturating_add(other.net_minor);
        self.vat_minor = self.vat_minor.saturating_add(other.vat_minor);
        self.total_minor = self.total_minor.saturating_add(other.total_minor);
    }
}
