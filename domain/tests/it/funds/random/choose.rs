//! What is asked next, of the account and of its model.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use domain::funds::{
    Ask, Asked, BalanceTerms, ChargedPart, Commit, Correct, Debit, DebitMode, Extend, FundsCommand, LimitKey,
    LimitWindow, Origin, Payout, Reserve, Scope, TopUp, Usage, Used,
};
use domain::instant::{Instant, Period};
use domain::ledger::PostingSource;
use domain::money::Currency;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};

use super::super::model::{Answer, Cap, End, Kind, MAIN, Micros, Mode, Model, Much, Terms, Who};
use super::super::world::id;
use super::told::{asset, raw};
use super::{Account, Dice, MEMBERS};

const WATT_HOUR: Micros = 1_000;
const CENT: Micros = 10_000;

type Act = Box<dyn Fn(&mut Model) -> Answer>;

impl Account {
    /// A command, and what the model does for it.
    pub(super) fn choose(&mut self, dice: &mut Dice) -> (FundsCommand, Act) {
        self.made += 1;
        let number = self.made;
        match dice.below(100) {
            0..15 => self.top_up(dice, number),
            15..37 => reserve(dice, number),
            37..45 => self.extend(dice, number),
            45..63 => self.commit(dice),
            63..69 => self.release(dice),
            69..83 => debit(dice, number),
            83..86 => pay(dice, number),
            86..89 => correct(dice, number),
            89..92 => {
                let most = dice.steps(20, 50 * CENT) - 50 * CENT;
                (
                    FundsCommand::SetCreditLimit(Currency::Eur, raw(most)),
                    Box::new(move |model| model.set_credit(most)),
                )
            }
            92..97 => cap(dice),
            _ => (FundsCommand::Elapse, Box::new(|_| Answer::Done)),
        }
    }

    fn top_up(&self, dice: &mut Dice, number: u32) -> (FundsCommand, Act) {
        let kind = if dice.chance(60) { Kind::Money } else { Kind::Energy };
        let amount = match kind {
            Kind::Money => dice.steps(1_000, CENT),
            Kind::Energy => dice.steps(30_000, WATT_HOUR),
        };
        let is_main = kind == Kind::Money && dice.chance(60);
        let lasts = [20_000, 3_600_000, 86_400_000];
        let until = match dice.pick(&lasts) {
            Some(lasts) if dice.chance(70) => self.world.now.millis() + lasts,
            _ => i64::MAX,
        };
        let terms = match is_main {
            true => MAIN,
            false => Terms {
                is_main: false,
                priority: u16::try_from(dice.below(3)).unwrap(),
                until,
                only_energy: dice.chance(30),
            },
        };
        let top_up = TopUp {
            operation: id(&format!("o{number}")),
            asset: asset(kind),
            amount: raw(amount),
            terms: (!is_main).then(|| balance_terms(terms)),
        };
        (FundsCommand::TopUp(top_up), Box::new(move |model| model.top_up(kind, amount, terms)))
    }

    /// A reservation, in most cases one that is open.
    fn any(&self, dice: &mut Dice, also: &[End]) -> u32 {
        let opened = (1..self.made).filter(|id| self.model.is_known(*id));
        let wanted = opened.filter(|id| match self.model.end(*id) {
            None => true,
            Some(end) => also.contains(&end),
        });
        let wanted: Vec<u32> = wanted.collect();
        let unknown = dice.chance(3);
        dice.pick(&wanted).filter(|_| !unknown).unwrap_or(1_000_000)
    }

    fn extend(&self, dice: &mut Dice, number: u32) -> (FundsCommand, Act) {
        let reservation = self.any(dice, &[End::Committed, End::Released, End::Expired]);
        let is_money = matches!(
            self.world.funds.reservations.get(&id(&format!("r{reservation}"))).map(|one| one.granted),
            Some(Asked::Amount(..))
        );
        let more = if is_money { dice.steps(300, CENT) } else { dice.steps(15_000, WATT_HOUR) };
        let ttl = if dice.chance(50) { ttl(dice) } else { 0 };
        let extend = Extend {
            operation: id(&format!("o{number}")),
            reservation: id(&format!("r{reservation}")),
            more: if is_money { Asked::Amount(raw(more), Currency::Eur) } else { energy(more) },
            ttl_ms: ttl,
        };
        (FundsCommand::Extend(extend), Box::new(move |model| model.extend(reservation, more, ttl)))
    }

    fn commit(&self, dice: &mut Dice) -> (FundsCommand, Act) {
        let reservation = self.any(dice, &[End::Released, End::Expired]);
        let held = self.world.funds.reservations.get(&id(&format!("r{reservation}")));
        let granted = held.map(|held| held.granted);
        let much = match granted {
            // All of it, none of it, or anything about it.
            Some(Asked::Quantity(quantity, _)) if dice.chance(40) => {
                Much::Energy(i128::from(quantity.micros()))
            }
            _ if dice.chance(10) => Much::Energy(0),
            _ if dice.chance(20) => Much::Money(dice.steps(400, CENT)),
            _ => Much::Energy(dice.steps(12_000, WATT_HOUR)),
        };
        let commit = Commit { reservation: id(&format!("r{reservation}")), used: used(much), used_at: None };
        (FundsCommand::Commit(commit), Box::new(move |model| model.commit(reservation, much)))
    }

    fn release(&self, dice: &mut Dice) -> (FundsCommand, Act) {
        let reservation = self.any(dice, &[End::Committed, End::Expired]);
        let command = FundsCommand::Release(id(&format!("r{reservation}")));
        (command, Box::new(move |model| model.release(reservation)))
    }
}

fn reserve(dice: &mut Dice, number: u32) -> (FundsCommand, Act) {
    let (who, much, ttl) = (who(dice), much(dice), ttl(dice));
    let asked = match much {
        Much::Energy(quantity) => energy(quantity),
        Much::Money(amount) => Asked::Amount(raw(amount), Currency::Eur),
    };
    let ask = Ask { member: member(who), usage: usage(who), asked };
    let reserve = Reserve { reservation: id(&format!("r{number}")), ask, ttl_ms: ttl };
    (FundsCommand::Reserve(reserve), Box::new(move |model| model.reserve(number, who, much, ttl)))
}

fn debit(dice: &mut Dice, number: u32) -> (FundsCommand, Act) {
    let (who, much) = (who(dice), much(dice));
    let modes = [Mode::Voluntary, Mode::Voluntary, Mode::Forced, Mode::Balancing];
    let mode = dice.pick(&modes).unwrap();
    let debit = Debit {
        operation: id(&format!("o{number}")),
        mode: match mode {
            Mode::Voluntary => DebitMode::Voluntary,
            Mode::Forced => DebitMode::Forced,
            Mode::Balancing => DebitMode::Balancing,
        },
        member: member(who),
        usage: usage(who),
        used: used(much),
        used_at: None,
    };
    (FundsCommand::Debit(debit), Box::new(move |model| model.debit(who, mode, much)))
}

fn pay(dice: &mut Dice, number: u32) -> (FundsCommand, Act) {
    let amount = dice.steps(500, CENT);
    let payout =
        Payout { operation: id(&format!("o{number}")), currency: Currency::Eur, amount: raw(amount) };
    let bert = || "bert".to_owned();
    match dice.below(3) {
        0 => (FundsCommand::Refund(payout), Box::new(move |model| model.pay_out(amount))),
        1 => (FundsCommand::TransferOut { to: bert(), payout }, Box::new(move |model| model.pay_out(amount))),
        _ => (
            FundsCommand::TransferIn { from: bert(), payout },
            Box::new(move |model| model.top_up(Kind::Money, amount, MAIN)),
        ),
    }
}

fn correct(dice: &mut Dice, number: u32) -> (FundsCommand, Act) {
    let amount = dice.steps(600, CENT) - 300 * CENT;
    let correct = Correct {
        operation: id(&format!("o{number}")),
        corrects: PostingSource::Operation(id("o1")),
        currency: Currency::Eur,
        parts: vec![part(amount)],
    };
    (FundsCommand::Correct(correct), Box::new(move |model| model.correct(amount)))
}

fn cap(dice: &mut Dice) -> (FundsCommand, Act) {
    let cap = Cap {
        member: dice.pick(&[None, Some(0), Some(1)]).unwrap(),
        kind: if dice.chance(80) { Kind::Money } else { Kind::Energy },
        daily: dice.chance(70),
    };
    let most = dice.chance(70).then(|| dice.steps(20, 100 * CENT));
    let key = LimitKey {
        member: cap.member.map(|member| MEMBERS.get(usize::from(member)).unwrap().to_string()),
        asset: asset(cap.kind),
        window: if cap.daily { LimitWindow::Day } else { LimitWindow::Ever },
    };
    (FundsCommand::SetLimit(key, most.map(raw)), Box::new(move |model| model.set_cap(cap, most)))
}

/// Whether a command may not go beyond the limit.
pub(super) fn is_voluntary(command: &FundsCommand) -> bool {
    match command {
        FundsCommand::Debit(debit) => debit.mode != DebitMode::Forced,
        FundsCommand::Reserve(_)
        | FundsCommand::Extend(_)
        | FundsCommand::Refund(_)
        | FundsCommand::TransferOut { .. } => true,
        _ => false,
    }
}

/// The command with another field, whose name is given; none where there is nothing to change.
pub(super) fn altered(command: &mut FundsCommand) -> Option<&'static str> {
    let other = raw(77 * CENT);
    match command {
        FundsCommand::TopUp(one) => {
            one.amount = one.amount.checked_add(other)?;
            Some("amount")
        }
        FundsCommand::Reserve(one) => {
            one.ttl_ms += 1;
            Some("ttl")
        }
        FundsCommand::Extend(one) => {
            one.reservation = id("another");
            Some("reservation")
        }
        FundsCommand::Commit(one) => {
            one.used = Used::Charged(Currency::Eur, vec![part(7)]);
            Some("used")
        }
        FundsCommand::Debit(one) => {
            one.usage.product = "another".to_owned();
            Some("usage")
        }
        FundsCommand::Correct(one) => {
            one.parts.push(part(7));
            Some("parts")
        }
        FundsCommand::Refund(payout) | FundsCommand::TransferIn { payout, .. } => {
            payout.amount = payout.amount.checked_add(other)?;
            Some("amount")
        }
        FundsCommand::TransferOut { to, .. } => {
            *to = "carl".to_owned();
            Some("to")
        }
        FundsCommand::Release(_) => None,
        other => panic!("{other:?} has no id"),
    }
}

fn who(dice: &mut Dice) -> Who {
    Who { member: dice.pick(&[None, None, Some(0), Some(1)]).unwrap(), is_energy: dice.chance(60) }
}

fn much(dice: &mut Dice) -> Much {
    if dice.chance(75) {
        Much::Energy(dice.steps(20_000, WATT_HOUR))
    } else {
        Much::Money(dice.steps(500, CENT))
    }
}

fn ttl(dice: &mut Dice) -> i64 {
    1_000 * (1 + i64::try_from(dice.below(3_600)).unwrap())
}

fn member(who: Who) -> Option<String> {
    who.member.map(|member| MEMBERS.get(usize::from(member)).unwrap().to_string())
}

fn usage(who: Who) -> Usage {
    let dimension = if who.is_energy { "energy" } else { "time" };
    Usage { dimension: dimension.to_owned(), ..Usage::default() }
}

fn energy(micros: Micros) -> Asked {
    Asked::Quantity(quantity(micros), Unit::KilowattHour)
}

fn quantity(micros: Micros) -> Quantity {
    Quantity::from_micros(i64::try_from(micros).unwrap())
}

fn used(much: Much) -> Used {
    match much {
        Much::Energy(micros) => Used::Quantity(quantity(micros), Unit::KilowattHour),
        Much::Money(amount) => Used::Charged(Currency::Eur, vec![part(amount)]),
    }
}

fn part(amount: Micros) -> ChargedPart {
    ChargedPart {
        revenue_role: "grid".to_owned(),
        tax_class: TaxClass::outside(),
        rate: VatRate::default(),
        net: raw(amount),
        tax: raw(0),
    }
}

fn balance_terms(terms: Terms) -> BalanceTerms {
    let until = Instant::from_millis(terms.until).unwrap_or(Instant::MAX);
    BalanceTerms {
        priority: terms.priority,
        scope: Scope {
            dimensions: terms.only_energy.then(|| "energy".to_owned()).into_iter().collect(),
            ..Scope::default()
        },
        validity: Period::new(Instant::MIN, until).unwrap(),
        origin: Origin::Purchased,
    }
}
