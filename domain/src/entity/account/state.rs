//! What an account remembers.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::agreement::Agreements;
use crate::amount::Amount;
use crate::charging_contract::ChargingContracts;
use crate::contract::Contract;
use crate::day::Month;
use crate::entity::message::Closing;
use crate::entity::tokens::Tokens;
use crate::funds::Funds;
use crate::identity::MeteringPointId;
use crate::invoice::{ChannelUsage, Issued};
use crate::ledger::{Asset, LedgerRole, Posted};
use crate::money::Money;
use crate::position::{PositionKey, RatedVersion};
use crate::prepaid::Prepaid;
use crate::rating::NotReady;
use crate::statement::Partner;

/// Who an account belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountDetails {
    /// Its id.
    pub id: String,
    /// The name of the person or company.
    pub name: String,
    /// Where bills go.
    pub address: Address,
    /// The e-mail address, possibly empty.
    pub email: String,
    /// The VAT id of a company, possibly empty.
    pub vat_id: String,
    /// The category of customer, possibly empty.
    pub category: String,
}

/// What a metering point tells a payer of one contract when a month is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedContract {
    /// The contract with all its payers.
    pub contract: Contract,
    /// The product's name for people.
    pub product: String,
    /// Where the point is.
    pub address: Address,
    /// The current version of every rated position of one month.
    pub positions: Vec<RatedVersion>,
    /// Why a month can't be billed.
    pub not_ready: Vec<NotReady>,
    /// The months that can't be billed.
    pub not_ready_months: BTreeSet<Month>,
    /// What its channels counted in the booking month.
    pub usage: Vec<ChannelUsage>,
}

/// What a line of the bill is about: a position at a metering point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey {
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The position.
    pub position: PositionKey,
}

/// What the account holds of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The latest version told, of the whole contract.
    pub latest: RatedVersion,
    /// All payers' shares in ten-thousandths, in their order.
    pub shares: Vec<u32>,
    /// Which of them is this account's.
    pub own: u32,
    /// What was issued under this key so far, once per class and rate of tax.
    pub issued: Vec<Issued>,
}

/// A run's work in progress at the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// The terms.
    pub closing: Closing,
    /// The shard of the part to answer to.
    pub shard: u32,
    /// The points still to be asked.
    pub to_ask: BTreeSet<MeteringPointId>,
    /// The points that were asked and have not answered.
    pub waiting: BTreeSet<MeteringPointId>,
    /// What the points told last, without positions.
    pub closed: BTreeMap<MeteringPointId, Vec<ClosedContract>>,
    /// The positions of charging sessions that are frozen, once nothing is waited for: what comes later is for another run.
    pub sales: Vec<RatedVersion>,
    /// The hash of what is frozen, once nothing is waited for.
    pub frozen: Option<[u8; 32]>,
}

/// An issued document, as the account remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    /// Its number.
    pub number: String,
    /// The run that issued it.
    pub run: String,
    /// The booking month.
    pub month: Month,
    /// Its total.
    pub total: Money,
}

/// What an account remembers beside its rows of postings and invoices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Who it belongs to, once opened.
    pub details: Option<AccountDetails>,
    /// The contracts it pays for, by metering point and id.
    pub contracts: BTreeMap<(MeteringPointId, String), Contract>,
    /// Its lines.
    pub lines: BTreeMap<LineKey, Line>,
    /// Balances of its ledger accounts but those of its funds, which are in there.
    pub balances: BTreeMap<(LedgerRole, Asset), Amount>,
    /// How many posting sets it has booked.
    pub posting_sets: u64,
    /// The run that has the account open.
    pub open_run: Option<OpenRun>,
    /// What was issued, by run.
    pub issued: BTreeMap<String, IssuedInvoice>,
    /// Its tokens.
    pub tokens: Tokens,
    /// What it has to spend.
    pub funds: Funds,
    /// By which products it may be charged in real time.
    pub agreements: Agreements,
    /// By which contracts it pays for charging sessions.
    pub charging: ChargingContracts,
    /// Its prepaid supply.
    pub prepaid: Prepaid,
    /// What it is owed as a partner.
    pub partner: Partner,
    /// The sets that stand on suspense until a person places them, by their number.
    pub suspense: BTreeMap<u64, Posted>,
}

impl State {
    /// The contracts at a metering point that the account pays alone, as far as it was told.
    pub fn paid_alone(&self, point: MeteringPointId) -> impl Iterator<Item = &Contract> {
        let at_point = self.contracts.range((point, String::new())..);
        let at_point = at_point.take_while(move |((other, _), _)| *other == point);
        // Nobody is told of a contract but its payers.
        at_point.map(|(_, contract)| contract).filter(|contract| contract.payers.len() == 1)
    }

    /// Every ledger account with what it holds, those of the funds included: the sums of all its postings, which sum to
    /// zero per asset.
    #[must_use]
    pub fn ledger(&self) -> BTreeMap<(LedgerRole, Asset), Amount> {
        let mut ledger = self.balances.clone();
        for (number, balance) in &self.funds.balances {
            // Amounts of funds lie far within the range.
            let owed = balance.amount.checked_neg().unwrap_or_default();
            ledger.insert((LedgerRole::Funds(*number), balance.asset), owed);
        }
        ledger
    }
}
