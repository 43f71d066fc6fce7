//! An account that is supplied in advance, with the rows that a store would keep for it and the meters it gives orders to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::day::DayRule;
use domain::entity::Moment;
use domain::funds::{Funds, FundsEvent, FundsFacts, FundsRefused, OperationKey, Recent, Record};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::ledger::PostingSet;
use domain::operation::OperationId;
use domain::prepaid::{
    PointSupply, Prepaid, PrepaidCommand, PrepaidEvent, PrepaidFacts, PrepaidRefused, PrepaidReply,
    RecentShown, ShownTopUp, TodayPrice,
};
use domain::quantity::Quantity;
use domain::zone::Zone;

pub(crate) struct World {
    pub(crate) prepaid: Prepaid,
    pub(crate) funds: Funds,
    pub(crate) records: BTreeMap<OperationKey, Record>,
    pub(crate) shown: BTreeMap<OperationId, ShownTopUp>,
    pub(crate) ledger: Vec<PostingSet>,
    pub(crate) meters: BTreeMap<MeteringPointId, PointSupply>,
    pub(crate) now: Instant,
    pub(crate) days: DayRule,
    pub(crate) today: Option<TodayPrice>,
}

pub(crate) type Given = Result<(PrepaidReply, Vec<PrepaidEvent>), PrepaidRefused>;

impl World {
    pub(crate) fn new() -> Self {
        Self {
            prepaid: Prepaid::default(),
            funds: Funds::default(),
            records: BTreeMap::new(),
            shown: BTreeMap::new(),
            ledger: Vec::new(),
            meters: BTreeMap::new(),
            now: Instant::parse("2026-03-02T10:00Z").unwrap(),
            days: DayRule::civil(Zone::named("Europe/Amsterdam").unwrap()),
            today: None,
        }
    }

    /// Decides a command with the rows it needs, and applies what happened.
    pub(crate) fn give(&mut self, command: &PrepaidCommand) -> Given {
        let needed = match command {
            PrepaidCommand::Funds(command) => self.funds.needs(command),
            _ => Vec::new(),
        };
        let records = needed
            .into_iter()
            .filter_map(|key| Some((key.clone(), self.records.get(&key)?.clone())))
            .collect();
        let shown = self.prepaid.needs_shown(&self.funds, command);
        let shown =
            shown.and_then(|id| Some((id.clone(), self.shown.get(&id)?.clone()))).into_iter().collect();
        let moment = Moment { now: self.now, shard: 0, subject: "test".to_owned() };
        let facts = PrepaidFacts {
            funds: FundsFacts {
                account: "anna",
                price: Err(FundsRefused::NoPrice),
                usage: None,
                barred: None,
                allows_overuse: false,
                days: &self.days,
                records: &records,
                suspended: None,
                moment: &moment,
            },
            today: self.today,
            shown: &shown,
        };
        let decided = self.prepaid.decide(&self.funds, command, &facts)?;
        for event in &decided.events {
            self.prepaid.apply(event);
            self.keep(event);
        }
        Ok((decided.reply, decided.events))
    }

    /// The state as it is after a pause: what is stored, without the latest answers.
    pub(crate) fn restart(&mut self) {
        self.funds.recent = self.funds.recent.used_until().map(Recent::after).unwrap_or_default();
        self.prepaid.shown = RecentShown::default();
    }

    fn keep(&mut self, event: &PrepaidEvent) {
        match event {
            PrepaidEvent::Funds(event) => {
                self.funds.apply(event);
                match event.as_ref() {
                    FundsEvent::Booked(set) => self.ledger.push(set.clone()),
                    FundsEvent::Remembered(key, record) => {
                        self.records.insert(key.clone(), record.as_ref().clone());
                    }
                    _ => {}
                }
            }
            PrepaidEvent::Shown(shown) => drop(self.shown.insert(shown.operation.clone(), *shown.clone())),
            PrepaidEvent::SupplyOrdered { order, points } => {
                for point in points {
                    let meter = self.meters.entry(*point).or_default();
                    assert!(meter.is_news(order), "{order} is above every order before");
                    meter.take(order);
                }
            }
            _ => {}
        }
    }
}

pub(crate) fn id(text: &str) -> OperationId {
    OperationId::new(text).unwrap_or_else(|| panic!("{text} is no id"))
}

pub(crate) fn amount(text: &str) -> Amount {
    Amount::from_quantity(Quantity::parse(text).unwrap()).unwrap()
}
