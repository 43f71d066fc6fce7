//! Readings, corrections and top-ups in any order and any number of times, each told to a model as well. After every one:
//! credit, debt, supply and emergency credit are the model's; what was booked is the latest rated totals that arrived;
//! money and debt are conserved; the version of supply rises by one with each order. At the end the same messages in
//! another order have led to the same money.
//!
//! 10,000 steps; `KVARTER_OPERATIONS` asks for another number, `KVARTER_SEED` for another seed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod model;

use std::collections::BTreeMap;
use std::env;

use domain::amount::Amount;
use domain::day::Day;
use domain::funds::{ChargedPart, FundsCommand, FundsEvent, TopUp};
use domain::instant::Instant;
use domain::ledger::{Asset, LedgerRole, PostingReason};
use domain::money::Currency;
use domain::prepaid::{
    CreditView, DEBT_ROLE, Emergency, PrepaidCommand, PrepaidEvent, PrepaidRefused, PrepaidReply, RatedKey,
    RatedParts, RatedPeriod, RatedTotal, Supply,
};
use domain::quantity::Quantity;

use self::model::{EMERGENCY, FIRST_WEEK, HOUR_MS, Model, Offer, Paying};
use super::script::{part, point_of, terms};
use super::world::{World, id};

/// Steps on one account.
const EPISODE: u64 = 60;
/// A sequence of numbers that is the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        i64::try_from(mixed % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn number_from(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// An account and its model.
struct Account {
    world: World,
    model: Model,
    top_ups: Vec<(String, i64)>,
    sent: Vec<(i64, u64, i64)>,
    made: BTreeMap<i64, u64>,
    seen: BTreeMap<&'static str, u64>,
}

fn mills(much: i64) -> Amount {
    Amount::from_quantity(Quantity::from_micros(much * 1_000)).unwrap()
}

fn text(much: i64) -> String {
    Quantity::from_micros(much * 1_000).to_string()
}

/// A total of one of several days: most of it energy with 25 % tax, a part duty. Sums in tax are exact.
fn rated(day: i64, version: u64, net: i64) -> RatedTotal {
    let duty = net / 3;
    let parts: Vec<ChargedPart> = [part("energy", &text(net - duty), 2_500), part("duty", &text(duty), 0)]
        .into_iter()
        .filter(|part| part.net != Amount::ZERO)
        .collect();
    let day = Day::from_number(20_473 + i32::try_from(day).unwrap()).unwrap();
    RatedTotal {
        key: RatedKey {
            metering_point: point_of("1"),
            contract: "c1".to_owned(),
            period: RatedPeriod::Day(day),
            currency: Currency::Eur,
        },
        version,
        rated: RatedParts { parts, used: BTreeMap::from([(day, Quantity::from_micros(net.abs()))]) },
    }
}

/// What [`rated`] comes to: energy at 125 %, duty as it is; `net` is chosen so that this is whole.
fn due(net: i64) -> i64 {
    let duty = net / 3;
    (net - duty) * 5 / 4 + duty
}

fn top_up(operation: &str, much: i64) -> PrepaidCommand {
    PrepaidCommand::Funds(FundsCommand::TopUp(TopUp {
        operation: id(operation),
        asset: Asset::Money(Currency::Eur),
        amount: mills(much),
        terms: None,
    }))
}

fn pick(dice: &mut Dice, length: usize) -> usize {
    usize::try_from(dice.below(i64::try_from(length).unwrap())).unwrap()
}

fn name(event: &PrepaidEvent) -> &'static str {
    match event {
        PrepaidEvent::Crossed { .. } => "crossed",
        PrepaidEvent::EmergencySet(Emergency::NotOffered) => "offer gone",
        PrepaidEvent::EmergencySet(Emergency::Offered(_)) => "offered",
        PrepaidEvent::EmergencySet(Emergency::InUse(_)) => "taken",
        PrepaidEvent::EmergencySet(Emergency::Spent(_)) => "spent",
        PrepaidEvent::DisconnectPostponed { .. } => "postponed",
        PrepaidEvent::DisconnectCancelled => "cancelled",
        PrepaidEvent::SupplyOrdered { order, .. } if order.supply == Supply::Off => "off",
        PrepaidEvent::SupplyOrdered { .. } => "on",
        PrepaidEvent::DebtSet(_) => "debt",
        PrepaidEvent::Booked(..) => "booked",
        PrepaidEvent::Shown(_) => "shown",
        PrepaidEvent::Funds(event) => match event.as_ref() {
            FundsEvent::Booked(set) if set.reason() == PostingReason::Corrected => "corrected",
            _ => "funds",
        },
        _ => "other",
    }
}

fn paying_word(paying: Paying) -> &'static str {
    match paying {
        Paying::Nothing => "least=1.5",
        Paying::Share => "share=30",
        Paying::Weekly => "weekly=3@2026-01-26",
    }
}

impl Account {
    fn new(dice: &mut Dice) -> Self {
        let paying = [Paying::Nothing, Paying::Share, Paying::Weekly][pick(dice, 3)];
        let is_friendly = dice.below(2) == 0;
        let mut world = World::new();
        world.now = Instant::parse("2026-01-20T10:00Z").unwrap();
        let friendly = if is_friendly { "friendly=1234567@17:00-09:00+7@00:00-24:00" } else { "low=5" };
        let words = ["emergency=10@2", "least=1.5", friendly, paying_word(paying)];
        world.give(&PrepaidCommand::SetTerms(terms(&words), None)).unwrap();
        let debt = if paying == Paying::Nothing { 0 } else { 20_000 };
        world.give(&PrepaidCommand::SetDebt(mills(debt))).unwrap();
        let model = Model {
            now: world.now.millis(),
            is_friendly,
            paying,
            paid_in: 0,
            debt,
            recovered: 0,
            next_week: Instant::parse(FIRST_WEEK).unwrap().millis(),
            totals: BTreeMap::new(),
            is_off: true,
            offer: Offer::Open,
            versions: 1,
        };
        Self {
            world,
            model,
            top_ups: Vec::new(),
            sent: Vec::new(),
            made: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    fn step(&mut self, dice: &mut Dice, place: &str) {
        if dice.below(6) == 0 {
            // The timer may be late: what is due is done by the next command.
            self.world.now = self.world.now.plus_millis(dice.below(30) * HOUR_MS).unwrap();
            self.model.now = self.world.now.millis();
        }
        let (command, is_repeat) = self.choose(dice);
        if is_repeat && matches!(command, PrepaidCommand::Rated(_)) {
            self.world.give(&PrepaidCommand::Elapse).unwrap();
        }
        let before = (self.world.prepaid.clone(), self.world.funds.clone());
        let events = match self.world.give(&command) {
            Ok((_, events)) => events,
            Err(refused) => {
                let mut model = self.model.clone();
                model.settle();
                let expected = match model.offer == Offer::None && model.credit() <= -EMERGENCY {
                    true => PrepaidRefused::BeyondEmergency,
                    false => PrepaidRefused::EmergencyNotOffered,
                };
                assert_eq!(refused, expected, "{place}: {command:?}");
                self.see("refused");
                Vec::new()
            }
        };
        if is_repeat {
            self.see("repeat");
            assert!(events.is_empty(), "{place}: a repeat changes nothing: {events:?}");
            assert_eq!((&self.world.prepaid, &self.world.funds), (&before.0, &before.1), "{place}");
        }
        let mut next = before.0.version;
        for event in &events {
            self.see(name(event));
            if let PrepaidEvent::SupplyOrdered { order, .. } = event {
                next += 1;
                assert_eq!(order.version, next, "{place}: versions rise by one");
            }
        }
        self.agree(place);
    }

    fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_insert(0) += 1;
    }

    /// The command, told to the model as well, and whether it is one that was given before.
    fn choose(&mut self, dice: &mut Dice) -> (PrepaidCommand, bool) {
        match dice.below(100) {
            0..10 => {
                self.model.settle();
                (PrepaidCommand::Elapse, false)
            }
            10..25 => {
                self.model.settle();
                let much = (dice.below(3_000) + 1) * 10;
                let operation = format!("t{}", self.top_ups.len());
                self.model.top_up(much);
                self.model.follow();
                self.top_ups.push((operation.clone(), much));
                (top_up(&operation, much), false)
            }
            25..30 if !self.top_ups.is_empty() => {
                let (operation, much) = &self.top_ups[pick(dice, self.top_ups.len())];
                (top_up(operation, *much), true)
            }
            30..40 => self.take_emergency(),
            40..60 if !self.sent.is_empty() => {
                let (day, version, net) = self.sent[pick(dice, self.sent.len())];
                self.deliver(day, version, net)
            }
            _ => {
                let day = dice.below(6);
                let version = self.made.get(&day).copied().unwrap_or(0) + 1;
                self.made.insert(day, version);
                let net = if dice.below(10) == 0 { -dice.below(300) } else { dice.below(1_500) } * 12;
                self.sent.push((day, version, net));
                if dice.below(4) > 0 {
                    return self.deliver(day, version, net);
                }
                // It is left out, to come late or never.
                self.model.settle();
                (PrepaidCommand::Elapse, false)
            }
        }
    }

    /// Refused where the model does not offer it.
    fn take_emergency(&mut self) -> (PrepaidCommand, bool) {
        let mut settled = self.model.clone();
        settled.settle();
        if settled.offer != Offer::Open {
            return (PrepaidCommand::TakeEmergency { offer: self.world.prepaid.offers + 2 }, false);
        }
        self.model = settled;
        self.model.offer = Offer::InUse;
        self.model.follow();
        self.world.give(&PrepaidCommand::Elapse).unwrap();
        (PrepaidCommand::TakeEmergency { offer: self.world.prepaid.offers }, false)
    }

    fn deliver(&mut self, day: i64, version: u64, net: i64) -> (PrepaidCommand, bool) {
        self.model.settle();
        let held = self.model.totals.get(&day).map_or(0, |(version, _)| *version);
        if version > held {
            self.model.totals.insert(day, (version, due(net)));
        }
        self.model.follow();
        (PrepaidCommand::Rated(vec![rated(day, version, net)]), version <= held)
    }

    fn view(&mut self) -> CreditView {
        match self.world.give(&PrepaidCommand::Get) {
            Ok((PrepaidReply::Credit(view), _)) => *view,
            other => unreachable!("{other:?}"),
        }
    }

    fn agree(&mut self, place: &str) {
        let view = self.view();
        // A question sees what is due as done.
        let mut model = self.model.clone();
        model.settle();
        assert_eq!(view.credit, mills(model.credit()), "{place}: credit");
        assert_eq!(view.debt, mills(model.debt - model.recovered), "{place}: debt");
        assert_eq!(view.supply == Supply::Off, model.is_off, "{place}: supply at {}", view.credit);
        assert_eq!(view.version, model.versions, "{place}: version");
        let offer = match view.emergency {
            Emergency::NotOffered => Offer::None,
            Emergency::Offered(_) => Offer::Open,
            Emergency::InUse(_) => Offer::InUse,
            Emergency::Spent(_) => Offer::Spent,
        };
        assert_eq!(offer, model.offer, "{place}: emergency credit");
        let model = &self.model;
        assert_eq!(
            self.posted(&|role| *role == LedgerRole::Revenue(DEBT_ROLE.to_owned())),
            -model.recovered,
            "{place}"
        );
        assert_eq!(self.posted(&|role| *role == LedgerRole::TopUp), model.paid_in, "{place}: top-ups");
        let is_supply = |role: &LedgerRole| match role {
            LedgerRole::Revenue(role) => role != DEBT_ROLE,
            LedgerRole::ValueAddedTax { .. } => true,
            _ => false,
        };
        let totals: i64 = model.totals.values().map(|(_, total)| total).sum();
        assert_eq!(self.posted(&is_supply), -totals, "{place}: the sum of debits is the latest totals");
    }

    /// The sum of the postings on some ledger accounts, in thousandths.
    fn posted(&self, is_wanted: &dyn Fn(&LedgerRole) -> bool) -> i64 {
        let postings = self.world.ledger.iter().flat_map(|set| set.postings());
        let amounts = postings.filter(|posting| is_wanted(&posting.role)).map(|posting| posting.amount.raw());
        let micros = Amount::from_raw(amounts.sum()).to_quantity().unwrap().micros();
        assert_eq!(micros % 1_000, 0);
        micros / 1_000
    }

    /// Gives everything that arrived to another account, in another order and some of it twice; the money is the same. With
    /// weekly parts the order in time decides what could be taken.
    fn shuffled(&self, dice: &mut Dice, place: &str) {
        if self.model.paying == Paying::Weekly {
            return;
        }
        let mut other = World::new();
        other
            .give(&PrepaidCommand::SetTerms(terms(&["emergency=10@2", paying_word(self.model.paying)]), None))
            .unwrap();
        other.give(&PrepaidCommand::SetDebt(mills(self.model.debt))).unwrap();
        let latest = self.model.totals.iter().map(|(day, (version, _))| {
            let sent = self.sent.iter().find(|(of, number, _)| of == day && number == version);
            let (_, _, net) = sent.unwrap();
            PrepaidCommand::Rated(vec![rated(*day, *version, *net)])
        });
        let older = self.sent.iter().filter(|(day, version, _)| {
            self.model.totals.get(day).is_some_and(|(latest, _)| version < latest)
        });
        let older = older.map(|(day, version, net)| PrepaidCommand::Rated(vec![rated(*day, *version, *net)]));
        let paid = self.top_ups.iter().map(|(operation, much)| top_up(operation, *much));
        let mut all: Vec<PrepaidCommand> = latest.chain(older).chain(paid).collect();
        for _ in 0..all.len() / 3 {
            let one = pick(dice, all.len());
            all.push(all[one].clone());
        }
        for last in (1..all.len()).rev() {
            all.swap(last, pick(dice, last + 1));
        }
        for command in &all {
            other.give(command).unwrap();
        }
        let main = |world: &World| -> Amount {
            let amounts = world.funds.balances.values().map(|balance| balance.amount);
            amounts.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap())
        };
        assert_eq!(main(&other), main(&self.world), "{place}: funds in another order");
        let parts = |world: &World| -> Vec<(RatedKey, u64, Vec<ChargedPart>)> {
            let booked = world.prepaid.booked.iter();
            booked.map(|(key, booked)| (key.clone(), booked.version, booked.parts.clone())).collect()
        };
        assert_eq!(parts(&other), parts(&self.world), "{place}: what is booked");
        assert_eq!(other.prepaid.used, self.world.prepaid.used, "{place}: what was used");
        assert_eq!(other.prepaid.debt.recovered, self.world.prepaid.debt.recovered, "{place}: debt");
    }
}

#[test]
fn any_order_of_readings_and_top_ups_leads_to_the_same_money() {
    let steps = number_from("KVARTER_OPERATIONS", 10_000);
    let seed = number_from("KVARTER_SEED", 11);
    let mut dice = Dice(seed);
    let mut seen = BTreeMap::new();
    for episode in 0..steps.div_ceil(EPISODE) {
        let mut account = Account::new(&mut dice);
        for step in 0..EPISODE {
            account.step(&mut dice, &format!("seed {seed}, account {episode}, step {step}"));
        }
        account.shuffled(&mut dice, &format!("seed {seed}, account {episode}"));
        for (what, times) in account.seen {
            *seen.entry(what).or_insert(0_u64) += times;
        }
    }
    // What never happens is not tested.
    for what in [
        "crossed",
        "offer gone",
        "offered",
        "taken",
        "spent",
        "postponed",
        "cancelled",
        "off",
        "on",
        "debt",
        "booked",
        "shown",
        "corrected",
        "repeat",
        "refused",
    ] {
        assert!(seen.get(what).is_some_and(|times| *times > 0), "{what} never happened: {seen:?}");
    }
}
