//! What is done: each act adds to the list.

use super::{
    Answer, Cap, End, Entry, Kind, MAIN, Micros, Mode, Model, Much, Parts, Terms, Told, Who, merged,
};

const STEP: Micros = 1_000;

fn draw(sources: &[(u32, Micros)], wanted: Micros) -> (Parts, Micros) {
    let mut left = wanted;
    let mut parts = Vec::new();
    for (number, free) in sources {
        let part = left.min(*free);
        if part > 0 {
            parts.push((*number, part));
            left -= part;
        }
    }
    (parts, left)
}

impl Model {
    /// Does a command: what it answers and tells. A bad one leaves no trace.
    pub(crate) fn give(&mut self, run: impl Fn(&mut Self) -> Answer) -> (Answer, Vec<Told>) {
        let before = self.log.len();
        self.told.clear();
        self.settle();
        let settled = (self.log.len(), self.told.len());
        let answer = run(self);
        match answer {
            Answer::Bad(_) => {
                self.log.truncate(before);
                self.told.clear();
            }
            Answer::Refused(_) => {
                self.log.truncate(settled.0);
                self.told.truncate(settled.1);
            }
            _ => {}
        }
        (answer, std::mem::take(&mut self.told))
    }

    fn settle(&mut self) {
        loop {
            let first = self.open().into_iter().map(|id| (self.granted(id).2, format!("r{id}"), id)).min();
            let lost = self.perishable().into_iter().min();
            let first = first.filter(|(at, ..)| *at <= self.now);
            let lost = lost.filter(|(at, _)| *at <= self.now);
            match (first, lost) {
                (Some((at, _, id)), lost) if lost.is_none_or(|(end, _)| at <= end) => {
                    self.log.push(Entry::Ended(id, End::Expired));
                    self.told.push(Told::Gone(id));
                }
                (_, Some((_, number))) => {
                    let free = self.amount(number) - self.reserved(number);
                    self.told.push(Told::Lost(number, free));
                    self.log.push(Entry::Moved(number, -free));
                    self.cross();
                }
                _ => return,
            }
        }
    }

    fn cross(&mut self) {
        let mut levels: Vec<(Kind, Micros, bool)> = Vec::new();
        for entry in &self.log {
            if let Entry::Level(kind, level, below) = entry {
                levels.retain(|(of, at, _)| (of, at) != (kind, level));
                levels.push((*kind, *level, *below));
            }
        }
        levels.sort_unstable();
        for (kind, level, before) in levels {
            let below = self.total(kind) <= level;
            if below != before {
                self.log.push(Entry::Level(kind, level, below));
                self.told.push(Told::Crossed(kind, level, below));
            }
        }
    }

    fn find_or_make(&mut self, kind: Kind, terms: Terms) -> u32 {
        let found = self.balances().into_iter().find(|(_, of, held)| *of == kind && *held == terms);
        found.map(|(number, ..)| number).unwrap_or_else(|| {
            let made = self.log.iter().filter(|entry| matches!(entry, Entry::Made(..))).count();
            let number = u32::try_from(made).unwrap() + 1;
            self.log.push(Entry::Made(number, kind, terms));
            number
        })
    }

    fn main(&mut self) -> u32 {
        self.find_or_make(Kind::Money, MAIN)
    }

    pub(crate) fn top_up(&mut self, kind: Kind, amount: Micros, terms: Terms) -> Answer {
        let number = self.find_or_make(kind, terms);
        self.log.push(Entry::Moved(number, amount));
        self.cross();
        Answer::On(number)
    }

    pub(crate) fn pay_out(&mut self, amount: Micros) -> Answer {
        let main = self.balances().into_iter().find(|(_, _, terms)| terms.is_main);
        match main {
            Some((number, ..)) if amount <= self.amount(number) - self.reserved(number) => {
                self.log.push(Entry::Moved(number, -amount));
                self.cross();
                Answer::Done
            }
            _ => Answer::Refused("BeyondFunds"),
        }
    }

    pub(crate) fn correct(&mut self, amount: Micros) -> Answer {
        let main = self.main();
        self.log.push(Entry::Moved(main, -amount));
        self.cross();
        if amount > 0 {
            self.over(None);
        }
        Answer::Taken { parts: vec![(main, amount)], late: false, beyond: 0, short: false }
    }

    pub(crate) fn set_credit(&mut self, most: Micros) -> Answer {
        let before = self.credit();
        if most == before {
            return Answer::Done;
        }
        let main = self.main();
        let reserved = self.reserved(main);
        if most < before && reserved > 0 && self.amount(main) + most < reserved {
            return Answer::Bad("LimitBelowReserved");
        }
        self.log.push(Entry::Credit(most));
        Answer::Done
    }

    pub(crate) fn set_cap(&mut self, cap: Cap, most: Option<Micros>) -> Answer {
        let before = self.cap(cap);
        if before == most {
            return Answer::Done;
        }
        if let Some(most) = most {
            let reserved = self.reserved_under(cap);
            let is_lower = before.is_none_or(|before| most < before);
            if is_lower && reserved > 0 && most < self.spent(cap) + reserved {
                return Answer::Bad("LimitBelowReserved");
            }
        }
        self.log.push(Entry::Capped(cap, most));
        Answer::Done
    }

    pub(crate) fn watch(&mut self, levels: &[(Kind, Micros)]) {
        for (kind, level) in levels {
            let below = self.total(*kind) <= *level;
            self.log.push(Entry::Level(*kind, *level, below));
        }
    }

    /// What can be granted: how much, how much of it for money, from where, and whether that is less than asked for.
    fn grant(
        &self,
        who: Who,
        much: Much,
        held: (Micros, Micros),
        credit: bool,
    ) -> (Micros, Micros, Parts, bool, bool) {
        let money = self.sources(who, Kind::Money, credit);
        let free: Micros = money.iter().map(|(_, free)| free).sum();
        let allowed = self.allowance(who, Kind::Money);
        let left = allowed.unwrap_or(free).min(free);
        let is_capped = left < free;
        let wanted = match much {
            Much::Money(wanted) => {
                let granted = wanted.min(left);
                return (granted, 0, draw(&money, granted).0, granted < wanted, is_capped);
            }
            Much::Energy(wanted) => wanted,
        };
        let units = self.sources(who, Kind::Energy, credit);
        let in_units: Micros = units.iter().map(|(_, free)| free).sum();
        let in_units = self.allowance(who, Kind::Energy).unwrap_or(in_units).min(in_units);
        let funds = left + held.1;
        let (mut covered, mut paid) = (0, held.0);
        if self.start <= funds {
            covered = wanted.min(in_units);
            let most = held.0 + wanted - covered;
            let affordable = (funds - self.start) / (self.cost(STEP) - self.start) * STEP;
            paid = affordable.min(most).max(held.0);
        }
        let granted = covered + paid - held.0;
        let mut parts = draw(&units, covered).0;
        if granted > 0 {
            parts.extend(draw(&money, (self.cost(paid) - held.1).max(0).min(left)).0);
        }
        (granted, paid - held.0, parts, granted < wanted, is_capped)
    }

    fn refusal(is_capped: bool) -> &'static str {
        if is_capped { "LimitReached" } else { "OutOfCredit" }
    }

    pub(crate) fn reserve(&mut self, id: u32, who: Who, much: Much, ttl: i64) -> Answer {
        let (granted, money_quantity, parts, short, is_capped) = self.grant(who, much, (0, 0), true);
        if granted == 0 {
            return Answer::Refused(Self::refusal(is_capped));
        }
        let (member, is_energy) = (who.member, who.is_energy);
        let asked_energy = matches!(much, Much::Energy(_));
        self.log.push(Entry::Opened { id, member, is_energy, asked_energy });
        self.log.push(Entry::Granted { id, granted, money_quantity, expires: self.now + ttl });
        self.log.extend(parts.iter().map(|(number, by)| Entry::Held(id, *number, *by)));
        Answer::Granted { granted, parts, short }
    }

    pub(crate) fn extend(&mut self, id: u32, more: Micros, ttl: i64) -> Answer {
        if !self.is_known(id) {
            return Answer::Refused("UnknownReservation");
        }
        match self.end(id) {
            Some(End::Committed) => return Answer::Refused("ReservationCommitted"),
            Some(End::Released) => return Answer::Refused("ReservationReleased"),
            Some(End::Expired) => return Answer::Refused("ReservationExpired"),
            None => {}
        }
        let (who, asked_energy) = self.opened(id);
        let much = if asked_energy { Much::Energy(more) } else { Much::Money(more) };
        let money: Micros = self.holds_of(id, Kind::Money).iter().map(|(_, by)| by).sum();
        let held = (self.granted(id).1, money);
        let (granted, money_quantity, parts, short, is_capped) = self.grant(who, much, held, true);
        if granted == 0 {
            return Answer::Refused(Self::refusal(is_capped));
        }
        let expires = if ttl > 0 { self.now + ttl } else { 0 };
        self.log.push(Entry::Granted { id, granted, money_quantity, expires });
        self.log.extend(parts.iter().map(|(number, by)| Entry::Held(id, *number, *by)));
        Answer::Granted { granted, parts, short }
    }

    fn holds_of(&self, id: u32, kind: Kind) -> Parts {
        // Of what expired the balance may be gone.
        let made = |entry: &Entry, number: u32| matches!(entry, Entry::Made(of, held, _) if *of == number && *held == kind);
        let is_of = |number: u32| self.log.iter().any(|entry| made(entry, number));
        self.holds(id).into_iter().filter(|(number, _)| is_of(*number)).collect()
    }

    pub(crate) fn release(&mut self, id: u32) -> Answer {
        match (self.is_known(id), self.end(id)) {
            (false, _) => Answer::Bad("UnknownReservation"),
            (_, Some(End::Committed)) => Answer::Bad("ReservationCommitted"),
            (_, Some(End::Expired)) => Answer::Bad("ReservationExpired"),
            _ => {
                let parts = self.holds(id);
                self.log.push(Entry::Ended(id, End::Released));
                Answer::Returned(parts)
            }
        }
    }

    pub(crate) fn commit(&mut self, id: u32, used: Much) -> Answer {
        match (self.is_known(id), self.end(id)) {
            (false, _) => return Answer::Bad("UnknownReservation"),
            (_, Some(End::Released)) => return Answer::Bad("ReservationReleased"),
            _ => {}
        }
        let (who, asked_energy) = self.opened(id);
        let (mut parts, mut due, mut extra) = (Vec::new(), 0, 0);
        match used {
            Much::Money(amount) => due = amount,
            Much::Energy(quantity) => {
                let within = if asked_energy { quantity.min(self.granted(id).0) } else { quantity };
                extra = quantity - within;
                let (units, paid) = draw(&self.holds_of(id, Kind::Energy), within);
                let (more, beyond) = draw(&self.sources(who, Kind::Energy, false), extra);
                parts.extend(units.into_iter().chain(more));
                due += self.cost(paid + beyond);
            }
        }
        let (money, missing) = draw(&self.holds_of(id, Kind::Money), due);
        // Of a quantity that was granted only the quantity counts.
        let is_promised = asked_energy && matches!(used, Much::Energy(_));
        if (extra > 0 || (missing > 0 && !is_promised)) && !self.allows_overuse {
            return Answer::Bad("CommitAboveHold");
        }
        if self.end(id) == Some(End::Expired) {
            let (parts, due) = self.force(who, used);
            self.over(Some(due));
            self.log.push(Entry::Ended(id, End::Committed));
            return Answer::Taken { parts, late: true, beyond: due, short: false };
        }
        parts.extend(money);
        parts.extend(self.forced_money(who, missing));
        self.log.push(Entry::Ended(id, End::Committed));
        let parts = merged(parts);
        self.take(who, &parts);
        if extra > 0 || missing > 0 {
            self.over(Some(missing));
        }
        Answer::Taken { parts, late: false, beyond: missing, short: false }
    }

    pub(crate) fn debit(&mut self, who: Who, mode: Mode, used: Much) -> Answer {
        if mode == Mode::Forced {
            let (parts, _) = self.force(who, used);
            if !parts.is_empty() {
                self.over(None);
            }
            return Answer::Taken { parts, late: false, beyond: 0, short: false };
        }
        let (granted, _, parts, short, is_capped) = self.grant(who, used, (0, 0), mode == Mode::Voluntary);
        if mode == Mode::Voluntary && short {
            return Answer::Refused(Self::refusal(is_capped));
        }
        if granted > 0 {
            self.take(who, &parts);
        }
        Answer::Taken { parts, late: false, beyond: 0, short }
    }

    fn force(&mut self, who: Who, used: Much) -> (Parts, Micros) {
        let (mut parts, due) = match used {
            Much::Money(amount) => (Vec::new(), amount),
            Much::Energy(quantity) => {
                let (units, paid) = draw(&self.sources(who, Kind::Energy, false), quantity);
                (units, self.cost(paid))
            }
        };
        parts.extend(self.forced_money(who, due));
        let parts = merged(parts);
        self.take(who, &parts);
        (parts, due)
    }

    fn forced_money(&mut self, who: Who, due: Micros) -> Parts {
        let (mut parts, rest) = draw(&self.sources(who, Kind::Money, false), due);
        if rest > 0 {
            parts.push((self.main(), rest));
        }
        parts
    }

    fn take(&mut self, who: Who, parts: &[(u32, Micros)]) {
        let kinds = self.balances();
        let day = self.day();
        for (number, amount) in parts {
            let is_main = |entry: &&Entry| matches!(entry, Entry::Made(of, ..) if of == number);
            let made = self.log.iter().find(is_main).cloned();
            let of = kinds.iter().find(|(of, ..)| of == number).map(|(_, kind, _)| *kind);
            let kind = of.or(match made {
                Some(Entry::Made(_, kind, _)) => Some(kind),
                _ => None,
            });
            self.log.push(Entry::Moved(*number, -amount));
            let (member, kind, amount) = (who.member, kind.unwrap(), *amount);
            self.log.push(Entry::Spent { member, kind, amount, day });
        }
        self.cross();
    }

    fn over(&mut self, beyond: Option<Micros>) {
        let main = self.balances().into_iter().find(|(_, _, terms)| terms.is_main);
        let free = main.map_or(0, |(number, ..)| self.amount(number) - self.reserved(number) + self.credit());
        if beyond.is_some() || free < 0 {
            self.told.push(Told::Over(beyond.unwrap_or(0), (-free).max(0)));
        }
    }
}
