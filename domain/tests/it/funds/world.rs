//! An account's funds with the rows that a store would keep for them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::day::DayRule;
use domain::entity::Moment;
use domain::funds::{
    Funds, FundsCommand, FundsEvent, FundsFacts, FundsRefused, FundsReply, OperationKey, PricePart, Recent,
    Record, SalePrice,
};
use domain::instant::Instant;
use domain::ledger::{Posted, PostingSet};
use domain::model::pricing::Pricing;
use domain::money::Currency;
use domain::operation::OperationId;
use domain::price::Price;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};
use domain::zone::Zone;

/// So much at once and so much for each unit, net.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    pub(crate) start: Price,
    pub(crate) each: Price,
}

impl Pricing for Started {
    fn amount(&self, quantity: Quantity) -> Option<Amount> {
        Amount::of(Quantity::ONE, self.start)?.checked_add(Amount::of(quantity, self.each)?)
    }
}

pub(crate) struct World {
    pub(crate) funds: Funds,
    pub(crate) rows: BTreeMap<OperationKey, Record>,
    pub(crate) ledger: Vec<Posted>,
    pub(crate) now: Instant,
    pub(crate) days: DayRule,
    pub(crate) started: Started,
    pub(crate) rate: VatRate,
    pub(crate) step: Quantity,
    pub(crate) allows_overuse: bool,
}

pub(crate) type Given = Result<(FundsReply, Vec<FundsEvent>), FundsRefused>;

impl World {
    pub(crate) fn new() -> Self {
        Self {
            funds: Funds::default(),
            rows: BTreeMap::new(),
            ledger: Vec::new(),
            now: Instant::parse("2026-03-02T10:00Z").unwrap(),
            days: DayRule::civil(Zone::named("Europe/Amsterdam").unwrap()),
            started: Started { start: Price::ZERO, each: Price::parse("0.25").unwrap() },
            rate: VatRate::default(),
            step: Quantity::from_micros(1_000),
            allows_overuse: false,
        }
    }

    /// Decides a command with the rows it needs, and applies what happened.
    pub(crate) fn give(&mut self, command: &FundsCommand) -> Given {
        let pricing = self.started;
        let price = SalePrice {
            currency: Currency::Eur,
            unit: Unit::KilowattHour,
            step: self.step,
            parts: vec![PricePart {
                pricing: &pricing,
                revenue_role: "energy".to_owned(),
                tax_class: TaxClass::new("standard"),
                rate: self.rate,
            }],
        };
        let needed = self.funds.needs(command);
        let records =
            needed.into_iter().filter_map(|key| Some((key.clone(), self.rows.get(&key)?.clone()))).collect();
        let moment = Moment { now: self.now, shard: 0, subject: "test".to_owned() };
        let facts = FundsFacts {
            account: "anna",
            price: Ok(&price),
            usage: None,
            barred: None,
            allows_overuse: self.allows_overuse,
            days: &self.days,
            records: &records,
            suspended: None,
            moment: &moment,
        };
        let decided = self.funds.decide(command, &facts)?;
        for event in &decided.events {
            self.funds.apply(event);
            self.keep(event);
        }
        Ok((decided.reply, decided.events))
    }

    /// The state as it is after a pause: what is stored, without the latest answers.
    pub(crate) fn restart(&mut self) {
        self.funds.recent = self.funds.recent.used_until().map(Recent::after).unwrap_or_default();
    }

    pub(crate) fn sets(&self) -> impl Iterator<Item = &PostingSet> {
        self.ledger.iter().map(|posted| &posted.set)
    }

    fn keep(&mut self, event: &FundsEvent) {
        match event {
            FundsEvent::Booked(set) => {
                let sequence = u64::try_from(self.ledger.len()).unwrap() + 1;
                let (at, subject) = (self.now, "test".to_owned());
                self.ledger.push(Posted { sequence, at, subject, set: set.clone() });
            }
            FundsEvent::Remembered(key, record) => {
                self.rows.insert(key.clone(), record.as_ref().clone());
            }
            _ => {}
        }
    }
}

pub(crate) fn id(text: &str) -> OperationId {
    OperationId::new(text).unwrap_or_else(|| panic!("{text} is no id"))
}

pub(crate) fn amount(text: &str) -> Amount {
    Amount::of(Quantity::parse(text).unwrap(), Price::from_raw(100_000_000)).unwrap()
}
