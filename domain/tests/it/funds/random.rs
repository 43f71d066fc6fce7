//! Random operations on accounts, each told to a model as well. After every one: the answer and what is told beside it are
//! the model's; every set sums to zero (I1); every balance is the fold of its postings (I2); what is reserved is what open
//! reservations hold, within the limit (I3); a reservation ends once (I4); a repeat changes nothing (I9).
//!
//! 100,000 operations; `KVARTER_OPERATIONS` asks for another number, `KVARTER_SEED` for another seed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod choose;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use domain::funds::{FundsCommand, FundsEvent, FundsRefused, FundsReply, MemberStanding, Resolution};
use domain::instant::Instant;
use domain::ledger::{Asset, BalanceNumber, LedgerRole, PostingReason, PostingSource};
use domain::money::Currency;
use domain::price::Price;
use domain::tax::VatRate;

use super::model::{Answer, Kind, Micros, Model, Told};
use super::world::World;
use choose::{altered, is_voluntary};
use told::{answer_of, asset, name, raw, told_of};

const MEMBERS: [&str; 2] = ["ann", "bob"];
/// Operations on one account.
const EPISODE: u64 = 40;

/// A sequence of numbers that is the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Up to so many whole steps, at least one.
    fn steps(&mut self, most: u64, step: Micros) -> Micros {
        i128::from(self.below(most) + 1) * step
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[usize::try_from(self.below(from.len() as u64)).unwrap()])
    }
}

fn number_from(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn random_operations_do_what_the_model_does() {
    let operations = number_from("KVARTER_OPERATIONS", 100_000);
    let seed = number_from("KVARTER_SEED", 7);
    let mut dice = Dice(seed);
    let mut seen = BTreeMap::new();
    for episode in 0..operations.div_ceil(EPISODE) {
        let mut account = Account::new(&mut dice);
        for step in 0..EPISODE {
            account.step(&mut dice, &format!("seed {seed}, account {episode}, step {step}"));
        }
        for (what, times) in account.seen {
            *seen.entry(what).or_insert(0_u64) += times;
        }
    }
    // What never happens is not tested.
    for what in [
        "Granted",
        "Taken",
        "Returned",
        "Late",
        "Short",
        "Crossed",
        "Gone",
        "Lost",
        "Over",
        "Repeat",
        "Reused",
        "OutOfCredit",
        "LimitReached",
        "CommitAboveHold",
        "ReservationExpired",
        "ReservationCommitted",
        "ReservationReleased",
        "UnknownReservation",
        "BeyondFunds",
        "LimitBelowReserved",
        "Restart",
    ] {
        assert!(seen.get(what).is_some_and(|times| *times > 0), "{what} never happened: {seen:?}");
    }
}

/// An account and its model.
struct Account {
    world: World,
    model: Model,
    made: u32,
    answered: Vec<(FundsCommand, FundsReply)>,
    ended: BTreeSet<String>,
    folds: BTreeMap<(LedgerRole, Asset), i128>,
    booked: usize,
    expires: BTreeMap<String, Instant>,
    seen: BTreeMap<&'static str, u64>,
}

impl Account {
    fn new(dice: &mut Dice) -> Self {
        let mut world = World::new();
        world.now = Instant::parse("2026-01-20T21:00Z").unwrap();
        world.rate = VatRate::new(2_000).unwrap();
        let start = dice.chance(30);
        world.started.start = Price::parse(if start { "0.5" } else { "0" }).unwrap();
        world.allows_overuse = dice.chance(50);
        for member in MEMBERS {
            let active = Some(MemberStanding::Active);
            world.give(&FundsCommand::SetMember(member.to_owned(), active)).unwrap();
        }
        let mut model = Model::default();
        model.now = world.now.millis();
        model.start = if start { 600_000 } else { 0 };
        model.allows_overuse = world.allows_overuse;
        let mut levels = Vec::new();
        for (kind, level) in [(Kind::Money, 0), (Kind::Money, 5_000_000), (Kind::Energy, 10_000_000)] {
            if dice.chance(60) {
                levels.push((kind, level));
            }
        }
        for kind in [Kind::Money, Kind::Energy] {
            let of = levels.iter().filter(|(of, _)| *of == kind).map(|(_, level)| raw(*level)).collect();
            world.give(&FundsCommand::SetThresholds(asset(kind), of)).unwrap();
        }
        model.watch(&levels);
        Self {
            world,
            model,
            made: 0,
            answered: Vec::new(),
            ended: BTreeSet::new(),
            folds: BTreeMap::new(),
            booked: 0,
            expires: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_insert(0) += 1;
    }

    fn step(&mut self, dice: &mut Dice, place: &str) {
        if dice.chance(5) {
            self.world.restart();
            self.saw("Restart");
        }
        if dice.chance(30) {
            self.pass(dice);
        }
        if dice.chance(12) && !self.answered.is_empty() {
            return self.repeat(dice, place);
        }
        let (command, act) = self.choose(dice);
        let before = self.free();
        let (expected, told) = self.model.give(act);
        let given = self.world.give(&command);
        let (answer, events) = match given {
            Ok((reply, events)) => {
                if command.key().is_some() {
                    self.answered.push((command.clone(), reply.clone()));
                }
                (answer_of(&reply), events)
            }
            Err(refused) => (Answer::Bad(name(&refused)), Vec::new()),
        };
        assert_eq!(answer, expected, "{place}: {command:?}");
        assert_eq!(told_of(&events), told, "{place}: {command:?}");
        self.note(&answer, &told);
        self.check(&events, place);
        // A voluntary act leaves the main balance within its limit, or as far beyond it as a forced one had left it.
        let free = self.free();
        assert!(
            !is_voluntary(&command) || free >= 0 || free >= before,
            "{place}: {command:?}: {before} {free}"
        );
    }

    /// What the main balance has with its credit, less what is held of it.
    fn free(&self) -> i128 {
        let main = self.world.funds.balances.values().find(|balance| balance.terms.is_none());
        let credit = self.world.funds.credit_limits.get(&Currency::Eur).copied().unwrap_or_default();
        main.map_or(0, |main| main.amount.raw() - main.reserved.raw() + credit.raw())
    }

    /// Time passes: a moment, up to what is due next or just beyond it, or hours.
    fn pass(&mut self, dice: &mut Dice) {
        let due = self.world.funds.next_due().filter(|due| *due > self.world.now);
        assert_eq!(self.world.funds.next_due().map(Instant::millis), self.model.next_due());
        let later = match (dice.below(4), due) {
            (0, Some(due)) => due,
            (1, Some(due)) => due.plus_millis(-1).unwrap(),
            (2, _) => self.world.now.plus_millis(i64::try_from(dice.below(40_000)).unwrap()).unwrap(),
            _ => self.world.now.plus_millis(i64::try_from(dice.below(7_200_000)).unwrap()).unwrap(),
        };
        self.world.now = self.world.now.max(later);
        self.model.now = self.world.now.millis();
    }

    /// What was answered is asked again, as it was or with another field.
    fn repeat(&mut self, dice: &mut Dice, place: &str) {
        let at = usize::try_from(dice.below(self.answered.len() as u64)).unwrap();
        let (mut command, reply) = self.answered[at].clone();
        let before = self.world.funds.clone();
        let changed = dice.chance(40).then(|| altered(&mut command)).flatten();
        let given = self.world.give(&command);
        match changed {
            Some(field) => assert_eq!(given, Err(FundsRefused::IdReused { field }), "{place}: {command:?}"),
            None => assert_eq!(given, Ok((reply, Vec::new())), "{place}: {command:?}"),
        }
        assert_eq!(self.world.funds, before, "{place}");
        self.saw(if changed.is_some() { "Reused" } else { "Repeat" });
    }

    fn note(&mut self, answer: &Answer, told: &[Told]) {
        match answer {
            Answer::Granted { short, .. } => {
                self.saw("Granted");
                if *short {
                    self.saw("Short");
                }
            }
            Answer::Taken { late, .. } => self.saw(if *late { "Late" } else { "Taken" }),
            Answer::Returned(_) => self.saw("Returned"),
            Answer::Refused(name) | Answer::Bad(name) => self.saw(name),
            Answer::Done | Answer::On(_) => {}
        }
        for one in told {
            self.saw(match one {
                Told::Crossed(..) => "Crossed",
                Told::Gone(_) => "Gone",
                Told::Lost(..) => "Lost",
                Told::Over(..) => "Over",
            });
        }
    }

    fn check(&mut self, events: &[FundsEvent], place: &str) {
        let funds = &self.world.funds;
        for posted in &self.world.ledger[self.booked..] {
            let sum: i128 = posted.set.postings().iter().map(|posting| posting.amount.raw()).sum();
            assert_eq!(sum, 0, "{place}: I1");
            for posting in posted.set.postings() {
                *self.folds.entry((posting.role.clone(), posted.set.asset())).or_insert(0) +=
                    posting.amount.raw();
            }
            if let (PostingReason::Expired, PostingSource::Expiry(number)) =
                (posted.set.reason(), posted.set.source())
                && let Some(balance) = funds.balances.get(number)
            {
                let end = balance.terms.as_ref().unwrap().validity.end();
                assert!(end <= self.world.now && balance.amount >= balance.reserved, "{place}: expired");
            }
        }
        self.booked = self.world.ledger.len();
        for ((role, asset), fold) in &self.folds {
            if let LedgerRole::Funds(number) = role {
                let held = funds.balances.get(number).map_or(0, |balance| balance.amount.raw());
                assert_eq!(-fold, held, "{place}: I2 of {number} in {asset}");
            }
        }
        assert_eq!(funds.balances.len(), self.model.balances().len(), "{place}");
        for (number, kind, terms) in self.model.balances() {
            let balance = &funds.balances[&BalanceNumber(number)];
            assert_eq!(balance.asset, asset(kind), "{place}");
            assert_eq!(balance.amount, raw(self.model.amount(number)), "{place}: {number}");
            assert_eq!(balance.reserved, raw(self.model.reserved(number)), "{place}: I3 of {number}");
            let free = self.model.amount(number) - self.model.reserved(number);
            assert!(terms.is_main || free >= 0, "{place}: I3, {number} has less than is held");
        }
        for event in events {
            match event {
                FundsEvent::ReservationSet(one) => {
                    assert!(!self.ended.contains(one.id.text()), "{place}: I4");
                    self.expires.insert(one.id.text().to_owned(), one.expires);
                }
                FundsEvent::ReservationGone(id, how) => {
                    assert!(self.ended.insert(id.text().to_owned()), "{place}: I4 of {id}");
                    let is_due = self.expires[id.text()] <= self.world.now;
                    assert_eq!(*how == Resolution::Expired, is_due, "{place}: expiry of {id}");
                }
                _ => {}
            }
        }
    }
}
