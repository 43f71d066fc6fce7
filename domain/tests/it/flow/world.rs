//! All entities of a tenant in one map each, messages delivered one by one: the rules without any shell around them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeMap, VecDeque};

use domain::account_event::LoggedEvent;
use domain::cdr::CdrKey;
use domain::charging_contract::{ChargingContractEvent, SoldSession};
use domain::day_version::DayVersion;
use domain::entity::account::{self, Account};
use domain::entity::catalog::{self, Catalog};
use domain::entity::cdr_book;
use domain::entity::directory::{self, Directory};
use domain::entity::event_log::{self, EventLog, Partition};
use domain::entity::evse;
use domain::entity::invoice_run::{self, InvoiceRun};
use domain::entity::market_document::{self, DocumentItem, MarketDocument};
use domain::entity::metering_point::{self, MeteringPoint};
use domain::entity::number_series::{self, NumberSeries};
use domain::entity::run_part::{self, RunPart};
use domain::entity::{Decided, Entity, Facts, Message, Moment, Need, Recipient};
use domain::funds::{FundsEvent, OperationKey, Record};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::invoice::Invoice;
use domain::ledger::PostingSet;
use domain::leg::LegKey;
use domain::position::RatedVersion;
use domain::statement::{BookedLeg, PartnerEvent};
use domain::token::Token;

use super::roaming::Roaming;

/// The rows that entities wrote, by owner.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) days: BTreeMap<MeteringPointId, Vec<DayVersion>>,
    pub(crate) rated: BTreeMap<MeteringPointId, Vec<RatedVersion>>,
    pub(crate) catalog: Facts,
    pub(crate) series: BTreeMap<String, Vec<DocumentItem>>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) postings: Vec<(String, PostingSet)>,
    pub(crate) sold: BTreeMap<(String, CdrKey), SoldSession>,
    pub(crate) records: BTreeMap<(String, OperationKey), Record>,
    pub(crate) legs: BTreeMap<(String, LegKey), BookedLeg>,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) rows: Rows,
    pub(crate) points: BTreeMap<MeteringPointId, metering_point::State>,
    pub(crate) accounts: BTreeMap<String, account::State>,
    pub(crate) catalog: catalog::State,
    pub(crate) documents: BTreeMap<String, market_document::State>,
    pub(crate) runs: BTreeMap<String, invoice_run::State>,
    pub(crate) parts: BTreeMap<(String, u32), run_part::State>,
    pub(crate) numbers: BTreeMap<String, number_series::State>,
    pub(crate) directory: BTreeMap<Token, directory::State>,
    pub(crate) logs: BTreeMap<Partition, event_log::State>,
    pub(crate) told: Vec<(Partition, u64, LoggedEvent)>,
    pub(crate) books_told: Vec<Message>,
    pub(crate) roaming: Roaming,
    queue: VecDeque<Step>,
}

/// When worlds begin: 2024-10-27T03:33:20Z.
const START_MS: i64 = 1_730_000_000_000;

enum Step {
    Message(Recipient, Message),
    Continue(Recipient),
}

impl World {
    pub(crate) fn moment(&mut self) -> Moment {
        self.now += 1;
        Moment {
            now: Instant::from_millis(START_MS + self.now).unwrap(),
            shard: 0,
            subject: "test".to_owned(),
        }
    }

    /// Lets time pass until then, where it has not come yet.
    pub(crate) fn wait_until(&mut self, then: Option<Instant>) {
        self.now = then.map_or(self.now, |then| self.now.max(then.millis() - START_MS));
    }

    pub(crate) fn point(
        &mut self,
        id: MeteringPointId,
        command: &metering_point::Command,
    ) -> Result<metering_point::Reply, metering_point::Rejection> {
        let moment = self.moment();
        let state = self.points.entry(id).or_default();
        let facts = gather(
            |facts| MeteringPoint::needs(state, command, facts),
            |need, facts| self.rows.answer_point(id, &self.catalog, need, facts),
        );
        let decided = MeteringPoint::decide(state, command, &facts, &moment)?;
        for event in &decided.events {
            MeteringPoint::apply(state, event);
            match event {
                metering_point::Event::DayStored(version) => {
                    self.rows.days.entry(id).or_default().push(version.clone())
                }
                metering_point::Event::Rated(version) => {
                    self.rows.rated.entry(id).or_default().push(version.clone())
                }
                _ => {}
            }
        }
        Ok(self.send(Recipient::MeteringPoint(id), decided))
    }

    pub(crate) fn account(
        &mut self,
        id: &str,
        command: &account::Command,
    ) -> Result<account::Reply, account::Rejection> {
        let moment = self.moment();
        let state = self.accounts.entry(id.to_owned()).or_default();
        let facts = gather(
            |facts| Account::needs(state, command, facts),
            |need, facts| self.rows.answer_account(id, &self.catalog, need, facts),
        );
        let decided = Account::decide(state, command, &facts, &moment)?;
        for event in &decided.events {
            Account::apply(state, event);
            match event {
                account::Event::Booked(posted) => {
                    self.rows.postings.push((id.to_owned(), posted.set.clone()))
                }
                account::Event::Issued(invoice, _) => self.rows.invoices.push(invoice.as_ref().clone()),
                account::Event::Charging(ChargingContractEvent::Sold(sold)) => {
                    self.rows.sold.insert((id.to_owned(), sold.cdr.clone()), sold.as_ref().clone());
                }
                account::Event::Partner(PartnerEvent::LegBooked(booked)) => {
                    let key = booked.leg.key();
                    self.rows.legs.insert((id.to_owned(), key), booked.as_ref().clone());
                }
                account::Event::Funds(FundsEvent::Remembered(key, record)) => {
                    self.rows.records.insert((id.to_owned(), key.clone()), *record.clone());
                }
                _ => {}
            }
        }
        Ok(self.send(Recipient::Account(id.to_owned()), decided))
    }

    pub(crate) fn catalog(
        &mut self,
        command: &catalog::Command,
    ) -> Result<catalog::Reply, catalog::Rejection> {
        let moment = self.moment();
        let facts = gather(
            |facts| Catalog::needs(&self.catalog, command, facts),
            |need, facts| self.rows.answer_catalog(&self.catalog, need, facts),
        );
        let decided = Catalog::decide(&self.catalog, command, &facts, &moment)?;
        for event in &decided.events {
            Catalog::apply(&mut self.catalog, event);
            let rows = &mut self.rows.catalog;
            match event {
                catalog::Event::ProductAdded(product) => {
                    rows.products.entry(product.fact.id.clone()).or_default().push(product.clone())
                }
                catalog::Event::PriceSheetAdded { id, sheet, .. } => {
                    rows.price_sheets.entry(id.clone()).or_default().push(sheet.as_ref().clone())
                }
                catalog::Event::ShareAgreementAdded(agreement) => {
                    let id = agreement.fact.id.clone();
                    rows.share_agreements.entry(id).or_default().push(agreement.as_ref().clone());
                }
                catalog::Event::ChargeAdded(charge) => {
                    rows.charges.entry(charge.fact.key.clone()).or_default().push(charge.clone())
                }
                catalog::Event::PricesAdded(month) => {
                    rows.prices.entry(month.series.clone()).or_default().push(month.clone())
                }
                _ => {}
            }
        }
        Ok(self.send(Recipient::Catalog, decided))
    }

    pub(crate) fn document(
        &mut self,
        key: &str,
        command: &market_document::Command,
    ) -> Result<market_document::Reply, market_document::Rejection> {
        let moment = self.moment();
        let state = self.documents.entry(key.to_owned()).or_default();
        let held = self.rows.series.entry(key.to_owned()).or_default();
        let facts = gather(
            |facts| MarketDocument::needs(state, command, facts),
            |need, facts| {
                if let Need::DocumentSeries(index) = need {
                    facts.series.insert(*index, held[*index as usize].clone());
                }
            },
        );
        let decided = MarketDocument::decide(state, command, &facts, &moment)?;
        for event in &decided.events {
            MarketDocument::apply(state, event);
            if let market_document::Event::Received { series, .. } = event {
                held.extend(series.iter().map(|one| one.item.clone()));
            }
        }
        Ok(self.send(Recipient::Document(key.to_owned()), decided))
    }

    pub(crate) fn run(
        &mut self,
        id: &str,
        command: &invoice_run::Command,
    ) -> Result<invoice_run::Reply, invoice_run::Rejection> {
        let moment = self.moment();
        let state = self.runs.entry(id.to_owned()).or_default();
        let facts = gather(
            |facts| InvoiceRun::needs(state, command, facts),
            |need, facts| self.rows.answer_catalog(&self.catalog, need, facts),
        );
        let decided = InvoiceRun::decide(state, command, &facts, &moment)?;
        decided.events.iter().for_each(|event| InvoiceRun::apply(state, event));
        Ok(self.send(Recipient::InvoiceRun(id.to_owned()), decided))
    }

    fn part(&mut self, key: (String, u32), command: &run_part::Command) {
        let moment = self.moment();
        let state = self.parts.entry(key.clone()).or_default();
        let accounts = &self.accounts;
        let facts = gather(
            |facts| RunPart::needs(state, command, facts),
            |need, facts| match need {
                Need::Accounts { after, limit } => {
                    let of_shard = accounts.keys().filter(|id| u32::from(id.as_bytes()[0]) % 2 == key.1);
                    facts.accounts =
                        of_shard.filter(|id| *id > after).take(*limit as usize).cloned().collect();
                }
                need => self.rows.answer_catalog(&self.catalog, need, facts),
            },
        );
        let decided = RunPart::decide(state, command, &facts, &moment).unwrap();
        decided.events.iter().for_each(|event| RunPart::apply(state, event));
        self.send(Recipient::RunPart { run: key.0, shard: key.1 }, decided);
    }

    fn number_series(&mut self, name: &str, command: &number_series::Command) {
        let moment = self.moment();
        let state = self.numbers.entry(name.to_owned()).or_default();
        let decided = NumberSeries::decide(state, command, &Facts::default(), &moment).unwrap();
        decided.events.iter().for_each(|event| NumberSeries::apply(state, event));
        self.send(Recipient::NumberSeries(name.to_owned()), decided);
    }

    fn directory(&mut self, token: Token, command: &directory::Command) {
        let moment = self.moment();
        let state = self.directory.entry(token.clone()).or_default();
        let decided = Directory::decide(state, command, &Facts::default(), &moment).unwrap();
        decided.events.iter().for_each(|event| Directory::apply(state, event));
        self.send(Recipient::Directory(token), decided);
    }

    fn event_log(&mut self, partition: Partition, command: &event_log::Command) {
        let moment = self.moment();
        let state = self.logs.entry(partition).or_default();
        let decided = EventLog::decide(state, command, &Facts::default(), &moment).unwrap();
        decided.events.iter().for_each(|event| EventLog::apply(state, event));
        self.told.extend(decided.events.iter().map(|event| {
            let event_log::Event::Added { sequence, entry } = event;
            (partition, *sequence, entry.clone())
        }));
        self.send(Recipient::EventLog(partition), decided);
    }

    /// Delivers until nobody has anything more to say.
    pub(crate) fn settle(&mut self) {
        self.settle_some(usize::MAX);
    }

    /// Delivers so much.
    pub(crate) fn settle_some(&mut self, steps: usize) {
        for _ in 0..steps {
            let Some(step) = self.queue.pop_front() else { return };
            match step {
                Step::Message(to, message) => self.deliver(to, message),
                Step::Continue(to) => self.go_on(to),
            }
        }
    }

    fn deliver(&mut self, to: Recipient, message: Message) {
        let rank = message.rank();
        let before = self.queue.len();
        match to {
            Recipient::MeteringPoint(id) => {
                drop(self.point(id, &metering_point::Command::Message(message)).unwrap())
            }
            Recipient::Account(id) => drop(self.account(&id, &account::Command::Message(message)).unwrap()),
            Recipient::Catalog => drop(self.catalog(&catalog::Command::Message(message)).unwrap()),
            Recipient::Document(key) => {
                drop(self.document(&key, &market_document::Command::Message(message)).unwrap())
            }
            Recipient::InvoiceRun(id) => {
                drop(self.run(&id, &invoice_run::Command::Message(message)).unwrap())
            }
            Recipient::RunPart { run, shard } => {
                self.part((run, shard), &run_part::Command::Message(message))
            }
            Recipient::NumberSeries(name) => {
                self.number_series(&name, &number_series::Command::Message(message))
            }
            Recipient::Directory(token) => self.directory(token, &directory::Command::Message(message)),
            Recipient::EventLog(partition) => {
                self.event_log(partition, &event_log::Command::Message(message));
            }
            Recipient::Webhooks => panic!("nobody sends webhooks a message"),
            Recipient::Partners | Recipient::RoamingObject(_) => panic!("nobody sends them a message"),
            Recipient::CdrBook(party) => {
                self.books_told.push(message.clone());
                // A world without the book looks at what it would be told.
                if self.roaming.books.contains_key(&party) {
                    drop(self.book(party, &cdr_book::Command::Message(message)).unwrap());
                }
            }
            Recipient::Evse(id) => drop(self.evse(id, &evse::Command::Message(message)).unwrap()),
        }
        for step in self.queue.iter().skip(before) {
            if let Step::Message(_, sent) = step {
                assert!(sent.rank() > rank, "{sent:?} is of no higher rank than what caused it");
            }
        }
    }

    fn go_on(&mut self, to: Recipient) {
        match to {
            Recipient::Account(id) => drop(self.account(&id, &account::Command::Continue).unwrap()),
            Recipient::MeteringPoint(id) => drop(self.point(id, &metering_point::Command::Continue).unwrap()),
            Recipient::Document(key) => {
                drop(self.document(&key, &market_document::Command::Continue).unwrap())
            }
            Recipient::InvoiceRun(id) => drop(self.run(&id, &invoice_run::Command::Continue).unwrap()),
            Recipient::RunPart { run, shard } => self.part((run, shard), &run_part::Command::Continue),
            Recipient::CdrBook(party) => drop(self.book(party, &cdr_book::Command::Continue).unwrap()),
            Recipient::Evse(id) => drop(self.evse(id, &evse::Command::Continue).unwrap()),
            other => panic!("{other:?} has nothing to go on with"),
        }
    }

    pub(super) fn send<Event, Reply>(&mut self, from: Recipient, decided: Decided<Event, Reply>) -> Reply {
        assert!(decided.messages.len() <= 64, "at most 64 messages a decision");
        self.queue.extend(decided.messages.into_iter().map(|(to, message)| Step::Message(to, message)));
        if decided.continues {
            self.queue.push_back(Step::Continue(from));
        }
        decided.reply
    }
}

impl Rows {
    fn answer_point(&self, id: MeteringPointId, catalog: &catalog::State, need: &Need, facts: &mut Facts) {
        match need {
            Need::Days { direction, span } => {
                let days = self.days.get(&id).into_iter().flatten();
                let wanted = days.filter(|day| day.direction == *direction && span.contains(day.day));
                facts.days.entry(*direction).or_default().extend(wanted.cloned());
            }
            Need::Rated(month) => {
                let all = self
                    .rated
                    .get(&id)
                    .into_iter()
                    .flatten()
                    .filter(|rated| rated.position.key.month == *month);
                let latest: BTreeMap<_, _> =
                    all.map(|rated| (rated.position.key.clone(), rated.clone())).collect();
                facts.rated.insert(*month, latest.into_values().collect());
            }
            need => self.answer_catalog(catalog, need, facts),
        }
    }

    fn answer_account(&self, id: &str, catalog: &catalog::State, need: &Need, facts: &mut Facts) {
        match need {
            Need::SoldSession(cdr) => {
                let sold = self.sold.get(&(id.to_owned(), cdr.clone()));
                facts.sold.extend(sold.map(|sold| (cdr.clone(), sold.clone())));
            }
            Need::Leg(key) => {
                let leg = self.legs.get(&(id.to_owned(), key.clone()));
                facts.legs.extend(leg.map(|_| key.clone()));
            }
            Need::FundsRecord(key) => {
                let record = self.records.get(&(id.to_owned(), key.clone()));
                facts.records.extend(record.map(|record| (key.clone(), record.clone())));
            }
            need => self.answer_catalog(catalog, need, facts),
        }
    }

    pub(super) fn answer_catalog(&self, state: &catalog::State, need: &Need, facts: &mut Facts) {
        match need {
            Need::Tenant => {
                facts.settings = state.settings.clone();
                facts.taxes = state.taxes.clone();
            }
            Need::Product(id) => drop(
                facts.products.insert(id.clone(), self.catalog.products.get(id).cloned().unwrap_or_default()),
            ),
            Need::PriceSheet(id) => {
                facts
                    .price_sheets
                    .insert(id.clone(), self.catalog.price_sheets.get(id).cloned().unwrap_or_default());
            }
            Need::ShareAgreement(id) => {
                let known = self.catalog.share_agreements.get(id).cloned().unwrap_or_default();
                facts.share_agreements.insert(id.clone(), known);
            }
            Need::Charge(key) => {
                if let Some(known) = self.catalog.charges.get(key) {
                    facts.charges.insert(key.clone(), known.clone());
                }
            }
            Need::Prices { series, span, carried } => {
                let months = self.catalog.prices.get(series).into_iter().flatten();
                let wanted = months.filter(|one| {
                    let starts = one.month.first_day() < span.end();
                    starts && (*carried || one.month.next().first_day() > span.first())
                });
                let held = facts.prices.entry(series.clone()).or_default();
                for month in wanted {
                    if !held.contains(month) {
                        held.push(month.clone());
                    }
                }
            }
            other => panic!("{other:?} is nothing the catalogue knows"),
        }
    }
}

pub(super) fn gather(needs: impl Fn(&Facts) -> Vec<Need>, answer: impl Fn(&Need, &mut Facts)) -> Facts {
    let mut facts = Facts::default();
    loop {
        let missing = needs(&facts);
        if missing.is_empty() {
            return facts;
        }
        for need in missing {
            answer(&need, &mut facts);
            facts.read.insert(need);
        }
    }
}
