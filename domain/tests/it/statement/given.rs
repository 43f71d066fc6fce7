//! The owner of a site, driven by hand: an account with what it would read.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use domain::address::Address;
use domain::amount::Amount;
use domain::cdr::{CdrKey, Party};
use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::entity::account::{Account, AccountDetails, Command, Event, Rejection, Reply, State};
use domain::entity::catalog::TenantSettings;
use domain::entity::{Entity, Facts, Message, Moment, Registered};
use domain::fixed::Rounding;
use domain::instant::Instant;
use domain::ledger::{Asset, LedgerRole, PostingSet};
use domain::leg::{Leg, LegKey, LegKind};
use domain::money::{Currency, Money};
use domain::operation::OperationId;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareRule};
use domain::statement::{IssuedStatement, PartnerCommand, PartnerEvent, PartnerReply, PartnerStatement};
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

pub(super) fn day(month: i8, day: i8) -> Day {
    Day::new(2026, month, day).unwrap()
}

pub(super) fn month(month: i8) -> Month {
    Month::new(2026, month).unwrap()
}

pub(super) fn operation(text: &str) -> OperationId {
    OperationId::new(text).unwrap()
}

/// 10 % of the sale, 25.00 a month, 60.00 at least.
pub(super) fn agreement() -> ShareAgreement {
    let price = |text| Price::parse(text).unwrap();
    let rule = ShareRule {
        recipient: "owner".to_owned(),
        kind: LegKind::Share("site_owner".to_owned()),
        session: SessionTerms { base: ShareBase::Sale, rate: price("0.1"), ..SessionTerms::default() },
        month: MonthTerms { fixed: price("25"), least: Some(price("60")), ..MonthTerms::default() },
        rounding: None,
    };
    ShareAgreement {
        id: "A".to_owned(),
        version: 1,
        name: "Car park".to_owned(),
        currency: Currency::Eur,
        span: DaySpan::since(day(1, 1)).unwrap(),
        rules: vec![rule],
    }
}

/// A share of a session's sale of ten times as much.
pub(super) fn leg(number: u32, service: Day, minor: i64) -> Leg {
    Leg {
        cdr: CdrKey::new(Party::new("NL", "TNM").unwrap(), &format!("CDR-{number}")).unwrap(),
        seller: None,
        number: 0,
        reverses: None,
        kind: LegKind::Share("site_owner".to_owned()),
        agreement: "A".to_owned(),
        amount: eur(minor),
        base: eur(minor * 10),
        energy_kwh: Quantity::parse("20").unwrap(),
        service,
        received: Instant::from_seconds(1_795_000_000).unwrap(),
    }
}

/// The leg that takes it back.
pub(super) fn reversal(number: u32, service: Day, minor: i64) -> Leg {
    let leg = leg(number, service, -minor);
    Leg { number: 1, reverses: Some(0), energy_kwh: Quantity::parse("-20").unwrap(), ..leg }
}

pub(super) struct Owner {
    pub(super) state: State,
    facts: Facts,
    /// The legs that others were told of.
    pub(super) told: Vec<(String, Leg)>,
    /// What it has booked.
    pub(super) booked: Vec<PostingSet>,
}

impl Owner {
    pub(super) fn unopened(agreement: ShareAgreement) -> Self {
        let at = Instant::from_seconds(0).unwrap();
        let settings = TenantSettings {
            seller_name: "North Supply".to_owned(),
            address: Address::default(),
            vat_id: "NL999".to_owned(),
            iban: String::new(),
            contact: String::new(),
            currency: Currency::Eur,
            zone: Zone::named("Europe/Amsterdam").unwrap(),
            payment_days: 14,
            invoice_prefix: "NS-".to_owned(),
            refuses_check_digits: false,
        };
        let rate = VatRate::new(2_100).unwrap();
        let rate = TaxRate { class: TaxClass::new("standard"), valid_from: day(1, 1), rate };
        let facts = Facts {
            settings: Some(settings),
            taxes: vec![Registered { at, fact: rate }],
            share_agreements: [(agreement.id.clone(), vec![Registered { at, fact: agreement }])].into(),
            ..Facts::default()
        };
        Self { state: State::default(), facts, told: Vec::new(), booked: Vec::new() }
    }

    pub(super) fn opened(vat_id: &str, agreement: ShareAgreement) -> Self {
        let mut owner = Self::unopened(agreement);
        owner.open(vat_id);
        owner
    }

    pub(super) fn open(&mut self, vat_id: &str) {
        let (id, vat_id) = ("owner".to_owned(), vat_id.to_owned());
        self.ask(Command::Open(AccountDetails { id, vat_id, ..AccountDetails::default() })).unwrap();
    }

    /// An agreement that names the owner is made, beside those there are.
    pub(super) fn agree(&mut self, agreement: ShareAgreement) {
        let (at, id) = (Instant::from_seconds(0).unwrap(), agreement.id.clone());
        let versions = vec![Registered { at, fact: agreement }];
        self.facts.share_agreements.insert(id.clone(), versions);
        let agreed = Message::ShareAgreed { account: "owner".to_owned(), agreement: id };
        self.ask(Command::Message(agreed)).unwrap();
    }

    pub(super) fn book(&mut self, leg: Leg) {
        self.ask(Command::Message(Message::BookLeg { account: "owner".to_owned(), leg })).unwrap();
    }

    pub(super) fn preview(&mut self, of: i8) -> Option<(PartnerStatement, [u8; 32])> {
        let command = PartnerCommand::Preview { month: month(of), issued_on: day(12, 2) };
        let Ok(Reply::Partner(PartnerReply::Preview(preview))) = self.ask(Command::Partner(command)) else {
            panic!("no preview")
        };
        preview.map(|(statement, hash)| (*statement, hash))
    }

    /// Issues what the preview shows.
    pub(super) fn issue(&mut self, of: i8) -> IssuedStatement {
        let (_, hash) = self.preview(of).unwrap();
        let command = PartnerCommand::Issue { month: month(of), issued_on: day(12, 2), hash };
        let Ok(Reply::Partner(PartnerReply::Issued(issued))) = self.ask(Command::Partner(command)) else {
            panic!("not issued")
        };
        issued
    }

    /// What is owed after a payment.
    pub(super) fn pay(&mut self, id: &str, minor: i64) -> Money {
        let (operation, amount, paid_on) = (operation(id), eur(minor), day(12, 5));
        let command = Command::Partner(PartnerCommand::Pay { operation, amount, paid_on });
        let Ok(Reply::Partner(PartnerReply::Paid { balance })) = self.ask(command) else {
            panic!("not paid")
        };
        balance
    }

    /// One command, and whatever the account goes on with.
    pub(super) fn ask(&mut self, command: Command) -> Result<Reply, Rejection> {
        let moment = Moment {
            now: Instant::from_seconds(1_795_000_000).unwrap(),
            shard: 0,
            subject: "test".to_owned(),
        };
        let decided = Account::decide(&self.state, &command, &self.facts, &moment)?;
        for event in &decided.events {
            if let Event::Partner(PartnerEvent::LegBooked(booked)) = event {
                self.facts.legs.insert(booked.leg.key());
            }
            if let Event::Partner(PartnerEvent::BundleCleared(key)) = event {
                self.facts.legs.insert(LegKey { cdr: key.clone(), seller: None, number: u32::MAX });
            }
            if let Event::Booked(posted) = event {
                self.booked.push(posted.set.clone());
            }
            Account::apply(&mut self.state, event);
        }
        for (_, message) in decided.messages {
            if let Message::BookLeg { account, leg } = message {
                self.told.push((account, leg));
            }
        }
        if decided.continues {
            self.ask(Command::Continue)?;
        }
        Ok(decided.reply)
    }

    /// The balance of a ledger account.
    pub(super) fn role(&self, role: &LedgerRole) -> Money {
        let amount = self.state.balances.get(&(role.clone(), Asset::Money(Currency::Eur)));
        amount.copied().unwrap_or_default().to_money(Currency::Eur, Rounding::HalfAwayFromZero).unwrap()
    }

    pub(super) fn check_sums(&self) {
        let sum = self.state.balances.values().try_fold(Amount::ZERO, |sum, one| sum.checked_add(*one));
        assert_eq!(sum, Some(Amount::ZERO));
    }
}
