//! Books and charging points in a map each, accounts that book what they are told, messages delivered one by one.

use std::collections::{BTreeMap, VecDeque};

use domain::cdr::{Cdr, CdrKey, EvseId, Party, Road, Sale, SaleRefused, SessionSale};
use domain::entity::catalog::TenantSettings;
use domain::entity::cdr_book::{self, CdrBook, CdrRecord, Entry, PartyTerms, Receipt, Reply, Standing};
use domain::entity::evse::{self, Evse};
use domain::entity::{Decided, Entity, Facts, Message, Moment, Need, Recipient, Registered};
use domain::instant::Instant;
use domain::leg::Leg;
use domain::money::Money;
use domain::price_sheet::PriceSheet;
use domain::quantity::Quantity;
use domain::share::ShareAgreement;
use domain::zone::Zone;

use super::given::{at, terms};

/// What an account was told: sales that stand, and legs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) sales: BTreeMap<CdrKey, Money>,
    pub(crate) legs: Vec<Leg>,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) books: BTreeMap<Party, cdr_book::State>,
    pub(crate) entries: BTreeMap<(Party, String), Entry>,
    pub(crate) evses: BTreeMap<EvseId, evse::State>,
    pub(crate) accounts: BTreeMap<String, Told>,
    /// Why accounts refuse, by their id.
    pub(crate) refusing: BTreeMap<String, SaleRefused>,
    pub(crate) agreements: BTreeMap<String, Vec<Registered<ShareAgreement>>>,
    pub(crate) sheets: BTreeMap<String, Vec<Registered<PriceSheet>>>,
    /// The tenant's settings, where it has any.
    pub(crate) settings: Option<TenantSettings>,
    pub(crate) documents: Vec<(String, u32, Vec<u8>)>,
    queue: VecDeque<(Option<Recipient>, Recipient, Message)>,
    /// Who goes on with work of its own.
    continuing: VecDeque<Recipient>,
}

impl World {
    /// A world in which a partner's terms are set.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            now: at("2024-10-02T00:00:00Z"),
            books: BTreeMap::new(),
            entries: BTreeMap::new(),
            evses: BTreeMap::new(),
            accounts: BTreeMap::new(),
            refusing: BTreeMap::new(),
            agreements: BTreeMap::new(),
            sheets: BTreeMap::new(),
            settings: None,
            documents: Vec::new(),
            queue: VecDeque::new(),
            continuing: VecDeque::new(),
        };
        world.set_terms(terms());
        world
    }

    pub(crate) fn set_terms(&mut self, terms: PartyTerms) {
        let set = cdr_book::Command::SetTerms(Box::new(terms));
        self.book(super::given::party(), &set).unwrap();
    }

    fn moment(&mut self) -> Moment {
        self.now = self.now.plus_millis(1).unwrap();
        Moment { now: self.now, shard: 0, subject: "test".to_owned() }
    }

    pub(crate) fn book(
        &mut self,
        party: Party,
        command: &cdr_book::Command,
    ) -> Result<Reply, cdr_book::Rejection> {
        let moment = self.moment();
        let state = self.books.entry(party).or_default();
        let mut facts = Facts::default();
        loop {
            let needs = CdrBook::needs(state, command, &facts);
            if needs.is_empty() {
                break;
            }
            for need in needs {
                match &need {
                    Need::Cdr(id) => {
                        let held = self.entries.get(&(party, CdrKey::compared(id))).cloned();
                        facts.cdrs.extend(held.map(|held| (id.clone(), held)));
                    }
                    Need::ShareAgreement(id) => {
                        let held = self.agreements.get(id).cloned().unwrap_or_default();
                        facts.share_agreements.insert(id.clone(), held);
                    }
                    Need::PriceSheet(id) => {
                        let held = self.sheets.get(id).cloned().unwrap_or_default();
                        facts.price_sheets.insert(id.clone(), held);
                    }
                    Need::Tenant => facts.settings = self.settings.clone(),
                    other => panic!("a book needs no {other:?}"),
                }
                facts.read.insert(need);
            }
        }
        let decided = CdrBook::decide(state, command, &facts, &moment)?;
        for event in &decided.events {
            CdrBook::apply(state, event);
            match event {
                cdr_book::Event::EntrySet { id, entry } => {
                    self.entries.insert((party, CdrKey::compared(id)), entry.clone());
                }
                cdr_book::Event::DocumentKept { id, number, document } => {
                    self.documents.push((id.clone(), *number, document.clone()));
                }
                _ => {}
            }
        }
        Ok(self.send(Recipient::CdrBook(party), decided))
    }

    pub(crate) fn evse(
        &mut self,
        id: &EvseId,
        command: &evse::Command,
    ) -> Result<evse::Reply, evse::Rejection> {
        let moment = self.moment();
        let state = self.evses.entry(id.clone()).or_default();
        let decided = Evse::decide(state, command, &Facts::default(), &moment)?;
        decided.events.iter().for_each(|event| Evse::apply(state, event));
        Ok(self.send(Recipient::Evse(id.clone()), decided))
    }

    /// Gives a record to its book; who pays is known.
    pub(crate) fn receive(&mut self, cdr: &Cdr) -> (Box<CdrRecord>, bool, bool) {
        self.receive_for(cdr, Some("anna"))
    }

    pub(crate) fn receive_for(&mut self, cdr: &Cdr, payer: Option<&str>) -> (Box<CdrRecord>, bool, bool) {
        let receipt = Receipt {
            cdr: cdr.clone(),
            road: Road::Api,
            payer: payer.map(str::to_owned),
            document: cdr.content.to_vec(),
        };
        match self.book(cdr.key.party(), &cdr_book::Command::Receive(Box::new(receipt))).unwrap() {
            Reply::Record { record, is_changed, is_repeat } => (record, is_changed, is_repeat),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn record(&self, id: &str) -> &CdrRecord {
        self.entries[&(super::given::party(), CdrKey::compared(id))].record().unwrap()
    }

    pub(crate) fn standing(&self, id: &str) -> Standing {
        self.record(id).standing
    }

    /// The codes of what holds a record back.
    pub(crate) fn codes(&self, id: &str) -> Vec<&'static str> {
        self.record(id).suspicions.iter().map(|suspicion| suspicion.code()).collect()
    }

    /// Delivers until nobody has anything more to say.
    pub(crate) fn settle(&mut self) {
        while self.step() {}
    }

    /// Delivers one message, if there is one.
    pub(crate) fn step(&mut self) -> bool {
        let Some((_, to, message)) = self.queue.pop_front() else { return self.go_on() };
        self.deliver(to, message);
        true
    }

    fn go_on(&mut self) -> bool {
        match self.continuing.pop_front() {
            Some(Recipient::CdrBook(party)) => drop(self.book(party, &cdr_book::Command::Continue).unwrap()),
            Some(Recipient::Evse(id)) => drop(self.evse(&id, &evse::Command::Continue).unwrap()),
            Some(other) => panic!("{other:?} has nothing to go on with"),
            None => return false,
        }
        true
    }

    /// Delivers the next message of the channel of this number, of those on which any wait.
    pub(crate) fn step_any(&mut self, which: usize) -> bool {
        let mut channels: Vec<(Option<Recipient>, Recipient)> = Vec::new();
        for (from, to, _) in &self.queue {
            let channel = (from.clone(), to.clone());
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        if channels.is_empty() {
            return false;
        }
        let (from, to) = channels[which % channels.len()].clone();
        let place = self.queue.iter().position(|(sender, receiver, _)| (sender, receiver) == (&from, &to));
        let (_, to, message) = self.queue.remove(place.unwrap()).unwrap();
        self.deliver(to, message);
        true
    }

    fn deliver(&mut self, to: Recipient, message: Message) {
        let (rank, before) = (message.rank(), self.queue.len());
        match to {
            Recipient::CdrBook(party) => {
                self.book(party, &cdr_book::Command::Message(message)).unwrap();
            }
            Recipient::Evse(id) => {
                self.evse(&id, &evse::Command::Message(message)).unwrap();
            }
            Recipient::Account(id) => self.account(&id, message),
            other => panic!("{other:?} has nothing to do with sessions"),
        }
        for (_, _, sent) in self.queue.iter().skip(before) {
            assert!(sent.rank() > rank, "{sent:?} is of no higher rank than what caused it");
        }
    }

    /// An account sells a session for a tenth more than is stated.
    fn account(&mut self, id: &str, message: Message) {
        let told = self.accounts.entry(id.to_owned()).or_default();
        match message {
            Message::RateSale { account, sale } => {
                let outcome = match self.refusing.get(id) {
                    Some(refused) => Err(refused.clone()),
                    None => {
                        let sold = sold(&sale);
                        // What was sold already is answered again as it was.
                        let before = told.sales.insert(sale.cdr.clone(), sold.net);
                        assert!(before.is_none_or(|before| before == sold.net), "sold twice");
                        Ok(Box::new(sold))
                    }
                };
                let book = Recipient::CdrBook(sale.cdr.party());
                let answer = Message::SaleRated { account, cdr: sale.cdr, outcome };
                self.queue.push_back((Some(Recipient::Account(id.to_owned())), book, answer));
            }
            Message::ReverseSale { reversal, .. } => drop(told.sales.remove(&reversal.cdr)),
            Message::BookLeg { leg, .. } => told.legs.push(leg),
            other => panic!("{other:?}"),
        }
    }

    fn send<Event, Reply>(&mut self, from: Recipient, decided: Decided<Event, Reply>) -> Reply {
        assert!(decided.messages.len() <= 64, "at most 64 messages a decision");
        let sent = decided.messages.into_iter();
        self.queue.extend(sent.map(|(to, message)| (Some(from.clone()), to, message)));
        self.continuing.extend(decided.continues.then_some(from));
        decided.reply
    }

    /// What is owed to an account by its legs, in minor units.
    pub(crate) fn owed(&self, account: &str) -> i64 {
        let legs = self.accounts.get(account).map(|told| told.legs.as_slice()).unwrap_or_default();
        legs.iter().map(|leg| leg.amount.minor()).sum()
    }

    /// What an account pays, in minor units.
    pub(crate) fn pays(&self, account: &str) -> i64 {
        self.accounts.get(account).map_or(0, |told| told.sales.values().map(|sale| sale.minor()).sum())
    }
}

fn sold(sale: &SessionSale) -> Sale {
    let stated = sale.session.stated.excluding_vat.map_or(0, |price| price.raw() / 1_000_000);
    let zone = sale.zone.clone().unwrap_or_else(Zone::utc);
    Sale {
        contract: "C".to_owned(),
        sheet: ("S".to_owned(), 1),
        net: Money::new(stated + stated / 10, sale.session.currency),
        energy_kwh: sale.session.stated.energy_kwh.unwrap_or(Quantity::ZERO),
        service: zone.local_reading(sale.session.end).0,
        reimbursement: None,
    }
}
