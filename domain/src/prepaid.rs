//! Prepaid supply: a metering point that is supplied as long as the account has credit.
//!
//! Readings that arrive are rated at once; the metering point tells the account the rated total of a day or month, and
//! the account books the difference ([`rated`]). The money is that of [`Funds`]; here stands what follows from it: when
//! the customer is told that credit runs low, when supply is switched off ([`FriendlyHours`]) and on, what emergency
//! credit gives, and how a top-up is split between an old debt and credit. Every command about the funds of such an
//! account goes this way, because whatever moves them may bring supply to its end or back.
//!
//! What is due at the time of a command is done before it is decided, so that no answer depends on how fast a timer is.

mod advance;
mod arrival;
mod batch;
mod book;
mod command;
mod debt;
mod emergency;
mod event;
mod follow;
mod friendly;
pub mod rated;
mod refusal;
mod supply;
mod terms;
mod top_up;
mod view;
mod work;

use std::collections::BTreeMap;

use crate::day::Day;
use crate::entity::Decided;
use crate::funds::{Funds, FundsCommand, FundsFacts, OperationKey, Side};
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::operation::OperationId;
use crate::quantity::Quantity;
use work::Work;

pub use work::is_reserved;

pub use advance::PaidDays;
pub use arrival::{Arrived, rate_arrived};
pub use batch::{ToTell, Told, batched};
pub use command::{PrepaidCommand, PrepaidReply};
pub use debt::{DEBT_ROLE, Debt};
pub use emergency::Emergency;
pub use event::PrepaidEvent;
pub use friendly::{FriendlyHours, FriendlyWindow, MOST_HOLIDAYS, MOST_WINDOWS};
pub use rated::{BookedTotal, RatedKey, RatedParts, RatedPeriod, RatedTotal};
pub use refusal::PrepaidRefused;
pub use supply::{PointSupply, Supply, SupplyOrder};
pub use terms::{
    EmergencyCredit, MOST_AVERAGE_DAYS, MOST_PREPAID_POINTS, PrepaidTerms, Reconnection, Recovery, SwitchedOn,
};
pub use top_up::{RECENT_SHOWN, RecentShown, ShownTopUp};
pub use view::{CreditView, TodayPrice};

/// Of so many days the latest use is kept.
pub const MOST_USE_DAYS: usize = 62;

/// A level of credit at which somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CreditLevel {
    /// The credit runs low.
    Low,
    /// The credit is used up.
    Zero,
}

/// What an account remembers of prepaid supply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepaid {
    /// The terms; none where supply is not prepaid.
    pub terms: Option<PrepaidTerms>,
    /// What was ordered last.
    pub supply: Supply,
    /// The version of the last order; 0 before the first.
    pub version: u64,
    /// When supply goes off, where only friendly hours keep it on.
    pub disconnect_at: Option<Instant>,
    /// The side of the low-credit level on which the credit is.
    pub low: Side,
    /// The side of the zero-credit level on which the credit is.
    pub zero: Side,
    /// Where emergency credit stands.
    pub emergency: Emergency,
    /// How often emergency credit was offered.
    pub offers: u32,
    /// The number of the offer that was taken last; 0 where none was.
    pub offer_taken: u32,
    /// The old debt.
    pub debt: Debt,
    /// How many debits and corrections were made.
    pub operations: u64,
    /// How many top-ups were shown.
    pub top_ups: u64,
    /// What was consumed on the latest days, by metering point.
    pub used: BTreeMap<Day, BTreeMap<MeteringPointId, Quantity>>,
    /// What was booked, by what it is about.
    pub booked: BTreeMap<RatedKey, BookedTotal>,
    /// The latest top-ups that were shown.
    pub shown: RecentShown,
}

/// What a decision is made with, beside command, state and funds.
pub struct PrepaidFacts<'a> {
    /// What the funds are decided with; its days are the tenant's civil ones.
    pub funds: FundsFacts<'a>,
    /// What energy costs today, where that is known.
    pub today: Option<TodayPrice>,
    /// The shown top-up that was read because [`Prepaid::needs_shown`] asked for it.
    pub shown: &'a BTreeMap<OperationId, ShownTopUp>,
}

/// A decision about prepaid supply.
pub type PrepaidDecided = Result<Decided<PrepaidEvent, PrepaidReply>, PrepaidRefused>;

impl Prepaid {
    /// The row of a shown top-up that must be read before the command can be decided, beside what
    /// [`Funds::needs`] says.
    #[must_use]
    pub fn needs_shown(&self, funds: &Funds, command: &PrepaidCommand) -> Option<OperationId> {
        let PrepaidCommand::Funds(command @ FundsCommand::TopUp(top_up)) = command else { return None };
        let is_known = self.shown.get(&top_up.operation).is_some();
        let key = OperationKey::Operation(top_up.operation.clone());
        let is_new = funds.recent.get(&key).is_none() && funds.needs(command).is_empty();
        (!is_known && !is_new).then(|| top_up.operation.clone())
    }

    /// Decides a command.
    ///
    /// # Errors
    /// [`PrepaidRefused`]; then nothing changes.
    pub fn decide(
        &self,
        funds: &Funds,
        command: &PrepaidCommand,
        facts: &PrepaidFacts<'_>,
    ) -> PrepaidDecided {
        let mut work = Work::new(self, funds, facts);
        if let PrepaidCommand::Funds(command) = command {
            if is_reserved(command) {
                return Err(PrepaidRefused::ReservedId);
            }
            if let Some(reply) = self.without_effect(funds, command, facts)? {
                return Ok(Decided::reply(reply));
            }
        }
        debt::settle(&mut work)?;
        work.follow()?;
        let reply = match command {
            PrepaidCommand::SetTerms(terms, first) => terms::set(&mut work, terms, *first)?,
            PrepaidCommand::EndTerms => terms::end(&mut work)?,
            PrepaidCommand::SetDebt(total) => {
                debt::set(&mut work, *total)?;
                PrepaidReply::Done
            }
            PrepaidCommand::TakeEmergency { offer } => emergency::take(&mut work, *offer)?,
            PrepaidCommand::Rated(totals) => {
                book::book_all(&mut work, &self.booked, totals)?;
                PrepaidReply::Done
            }
            PrepaidCommand::Funds(FundsCommand::TopUp(one)) => top_up::top_up(&mut work, one)?,
            PrepaidCommand::Funds(command) => PrepaidReply::Funds(work.client_funds(command)?),
            PrepaidCommand::Elapse => {
                work.client_funds(&FundsCommand::Elapse)?;
                PrepaidReply::Done
            }
            PrepaidCommand::Get => return view::get(&work).map(Decided::reply),
        };
        work.follow()?;
        Ok(Decided::with(work.events, reply))
    }

    /// Books rated totals on suspense, where the usual way fails: what was told can't be refused. Supply follows with the next
    /// command.
    ///
    /// # Errors
    /// [`PrepaidRefused::OutOfRange`] where a number has no next one.
    pub fn suspend(&self, funds: &Funds, totals: &[RatedTotal], facts: &PrepaidFacts<'_>) -> PrepaidDecided {
        let mut work = Work::new(self, funds, facts);
        book::suspend_all(&mut work, &self.booked, totals)?;
        Ok(Decided::with(work.events, PrepaidReply::Done))
    }

    /// When the timer is wanted next for prepaid supply, beside [`Funds::next_due`]: at the end of the friendly hours that
    /// keep supply on, or for a weekly part of a debt. A balance that begins later counts from the first command after its
    /// beginning.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let weekly = self.terms.as_ref().and(self.debt.due());
        self.disconnect_at.into_iter().chain(weekly).min()
    }

    /// The answer to what changes nothing: a question to the funds, or an operation that has its answer already.
    fn without_effect(
        &self,
        funds: &Funds,
        command: &FundsCommand,
        facts: &PrepaidFacts<'_>,
    ) -> Result<Option<PrepaidReply>, PrepaidRefused> {
        let is_question = matches!(command, FundsCommand::Authorize(_) | FundsCommand::Get);
        let is_answered = command
            .key()
            .is_some_and(|key| funds.recent.get(&key).or_else(|| facts.funds.records.get(&key)).is_some());
        if !is_question && !is_answered {
            return Ok(None);
        }
        let decided = funds.decide(command, &facts.funds)?;
        Ok(decided.events.is_empty().then(|| match command {
            FundsCommand::TopUp(one) => {
                top_up::repeated(&self.shown, facts.shown, &one.operation, decided.reply)
            }
            _ => PrepaidReply::Funds(decided.reply),
        }))
    }

    /// Where it stands, with terms and use, without what was booked and shown.
    fn standing(&self) -> Self {
        Self { terms: self.terms.clone(), used: self.used.clone(), ..self.root() }
    }

    /// Where it stands alone: no terms, nothing used, booked or shown.
    #[must_use]
    pub fn root(&self) -> Self {
        let (used, booked) = (BTreeMap::new(), BTreeMap::new());
        Self { terms: None, used, booked, shown: RecentShown::default(), ..*self }
    }
}
