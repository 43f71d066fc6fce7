//! What funds do, told a second time and differently: a list of everything that happened, from which every figure is
//! added up anew whenever it is asked for. Figures are whole millionths, times milliseconds; nothing here uses the code
//! under test.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod acts;

/// Millionths of a EUR or of a kWh.
pub(crate) type Micros = i128;

/// Money of the one currency here, or units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Money,
    Energy,
}

/// The terms of a balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) is_main: bool,
    pub(crate) priority: u16,
    pub(crate) until: i64,
    pub(crate) only_energy: bool,
}

/// A limit: of a member or of all, of a kind, per day or for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cap {
    pub(crate) member: Option<u8>,
    pub(crate) kind: Kind,
    pub(crate) daily: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Committed,
    Released,
    Expired,
}

#[derive(Clone, Debug)]
enum Entry {
    Made(u32, Kind, Terms),
    Moved(u32, Micros),
    Opened {
        id: u32,
        member: Option<u8>,
        is_energy: bool,
        asked_energy: bool,
    },
    /// So much more was granted, so much of it for money, and so long it lives.
    Granted {
        id: u32,
        granted: Micros,
        money_quantity: Micros,
        expires: i64,
    },
    Held(u32, u32, Micros),
    Ended(u32, End),
    Spent {
        member: Option<u8>,
        kind: Kind,
        amount: Micros,
        day: i64,
    },
    Credit(Micros),
    Capped(Cap, Option<Micros>),
    Level(Kind, Micros, bool),
}

/// What is told beside the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Crossed(Kind, Micros, bool),
    Gone(u32),
    Lost(u32, Micros),
    Over(Micros, Micros),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    On(u32),
    Granted { granted: Micros, parts: Vec<(u32, Micros)>, short: bool },
    Taken { parts: Vec<(u32, Micros)>, late: bool, beyond: Micros, short: bool },
    Returned(Vec<(u32, Micros)>),
    Refused(&'static str),
    Bad(&'static str),
}

/// The terms of a main balance.
pub(crate) const MAIN: Terms = Terms { is_main: true, priority: 0, until: i64::MAX, only_energy: false };

/// How much is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Much {
    Energy(Micros),
    Money(Micros),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    pub(crate) member: Option<u8>,
    pub(crate) is_energy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Voluntary,
    Forced,
    Balancing,
}

/// An account, as the list of what happened to it.
#[derive(Default)]
pub(crate) struct Model {
    log: Vec<Entry>,
    told: Vec<Told>,
    pub(crate) now: i64,
    /// What is due before anything runs; a kWh costs 0.30 EUR.
    pub(crate) start: Micros,
    pub(crate) allows_overuse: bool,
}

const HOUR_MS: i64 = 3_600_000;

pub(super) type Parts = Vec<(u32, Micros)>;

fn merged(parts: Parts) -> Parts {
    let mut sums: Parts = Vec::new();
    for (number, part) in parts {
        match sums.iter_mut().find(|(held, _)| *held == number) {
            Some(sum) => sum.1 += part,
            None => sums.push((number, part)),
        }
    }
    sums
}

impl Model {
    fn day(&self) -> i64 {
        // Amsterdam in winter.
        (self.now + HOUR_MS).div_euclid(24 * HOUR_MS)
    }

    fn cost(&self, quantity: Micros) -> Micros {
        self.start + quantity * 3 / 10
    }

    pub(crate) fn balances(&self) -> Vec<(u32, Kind, Terms)> {
        let made = self.log.iter().filter_map(|entry| match entry {
            Entry::Made(number, kind, terms) => Some((*number, *kind, *terms)),
            _ => None,
        });
        made.filter(|(number, _, terms)| {
            terms.is_main || self.amount(*number) != 0 || self.reserved(*number) != 0
        })
        .collect()
    }

    pub(crate) fn amount(&self, number: u32) -> Micros {
        let moved = self.log.iter().filter_map(|entry| match entry {
            Entry::Moved(of, by) if *of == number => Some(*by),
            _ => None,
        });
        moved.sum()
    }

    pub(crate) fn end(&self, id: u32) -> Option<End> {
        self.log.iter().rev().find_map(|entry| match entry {
            Entry::Ended(of, end) if *of == id => Some(*end),
            _ => None,
        })
    }

    pub(crate) fn is_known(&self, id: u32) -> bool {
        self.log.iter().any(|entry| matches!(entry, Entry::Opened { id: of, .. } if *of == id))
    }

    fn holds(&self, id: u32) -> Parts {
        let held = self.log.iter().filter_map(|entry| match entry {
            Entry::Held(of, number, by) if *of == id => Some((*number, *by)),
            _ => None,
        });
        merged(held.collect())
    }

    pub(crate) fn open(&self) -> Vec<u32> {
        let mut open = Vec::new();
        for entry in &self.log {
            match entry {
                Entry::Opened { id, .. } => open.push(*id),
                Entry::Ended(id, _) => open.retain(|held| held != id),
                _ => {}
            }
        }
        open
    }

    pub(crate) fn reserved(&self, number: u32) -> Micros {
        let open = self.open();
        let held = self.log.iter().filter_map(|entry| match entry {
            Entry::Held(id, of, by) if *of == number && open.contains(id) => Some(*by),
            _ => None,
        });
        held.sum()
    }

    fn granted(&self, id: u32) -> (Micros, Micros, i64) {
        self.log.iter().fold((0, 0, 0), |(all, paid, until), entry| match entry {
            Entry::Granted { id: of, granted, money_quantity, expires } if *of == id => {
                (all + granted, paid + money_quantity, until.max(*expires))
            }
            _ => (all, paid, until),
        })
    }

    fn opened(&self, id: u32) -> (Who, bool) {
        let found = self.log.iter().find_map(|entry| match entry {
            Entry::Opened { id: of, member, is_energy, asked_energy } if *of == id => {
                Some((Who { member: *member, is_energy: *is_energy }, *asked_energy))
            }
            _ => None,
        });
        found.unwrap()
    }

    pub(crate) fn credit(&self) -> Micros {
        let set = self.log.iter().rev().find_map(|entry| match entry {
            Entry::Credit(most) => Some(*most),
            _ => None,
        });
        set.unwrap_or(0)
    }

    pub(crate) fn caps(&self) -> Vec<(Cap, Micros)> {
        let mut caps: Vec<Cap> = self
            .log
            .iter()
            .filter_map(|entry| match entry {
                Entry::Capped(cap, _) => Some(*cap),
                _ => None,
            })
            .collect();
        caps.sort_unstable();
        caps.dedup();
        caps.into_iter().filter_map(|cap| Some((cap, self.cap(cap)?))).collect()
    }

    fn cap(&self, cap: Cap) -> Option<Micros> {
        self.log.iter().rev().find_map(|entry| match entry {
            Entry::Capped(of, most) if *of == cap => Some(*most),
            _ => None,
        })?
    }

    /// What was spent under a cap today, since it was set first.
    fn spent(&self, cap: Cap) -> Micros {
        let removed = |entry: &Entry| matches!(entry, Entry::Capped(of, None) if *of == cap);
        let from = self.log.iter().rposition(removed).map_or(0, |at| at + 1);
        let set = |entry: &Entry| matches!(entry, Entry::Capped(of, _) if *of == cap);
        let Some(set) = self.log[from..].iter().position(set) else { return 0 };
        let spent = self.log[from + set..].iter().filter_map(|entry| match entry {
            Entry::Spent { member, kind, amount, day } => {
                let is_bound = cap.kind == *kind && (cap.member.is_none() || cap.member == *member);
                (is_bound && (!cap.daily || *day == self.day())).then_some(*amount)
            }
            _ => None,
        });
        spent.sum()
    }

    fn reserved_under(&self, cap: Cap) -> Micros {
        let kinds = self.balances();
        let is_of = |number: u32| kinds.iter().any(|(of, kind, _)| *of == number && *kind == cap.kind);
        let open = self.open();
        let bound = open.iter().filter(|id| cap.member.is_none() || cap.member == self.opened(**id).0.member);
        bound.flat_map(|id| self.holds(*id)).filter(|(number, _)| is_of(*number)).map(|(_, by)| by).sum()
    }

    /// How much may still be spent by a member; none where nothing says so.
    fn allowance(&self, who: Who, kind: Kind) -> Option<Micros> {
        let bound = self
            .caps()
            .into_iter()
            .filter(|(cap, _)| cap.kind == kind && (cap.member.is_none() || cap.member == who.member));
        bound.map(|(cap, most)| (most - self.spent(cap) - self.reserved_under(cap)).max(0)).min()
    }

    fn sources(&self, who: Who, kind: Kind, with_credit: bool) -> Parts {
        let mut usable = self.balances();
        usable.retain(|(_, of, terms)| {
            *of == kind && self.now < terms.until && (!terms.only_energy || who.is_energy)
        });
        usable.sort_by_key(|(number, _, terms)| (terms.is_main, terms.priority, terms.until, *number));
        let free = usable.iter().map(|(number, _, terms)| {
            let credit = if terms.is_main && with_credit { self.credit() } else { 0 };
            (*number, self.amount(*number) - self.reserved(*number) + credit)
        });
        free.filter(|(_, free)| *free > 0).collect()
    }

    pub(crate) fn total(&self, kind: Kind) -> Micros {
        self.balances().iter().filter(|(_, of, _)| *of == kind).map(|(number, ..)| self.amount(*number)).sum()
    }

    /// What is due next.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let reservations = self.open().into_iter().map(|id| self.granted(id).2);
        reservations.chain(self.perishable().into_iter().map(|(until, _)| until)).min()
    }

    fn perishable(&self) -> Vec<(i64, u32)> {
        let ends = self.balances().into_iter().filter(|(_, _, terms)| terms.until < i64::MAX);
        ends.filter(|(number, ..)| self.amount(*number) > self.reserved(*number))
            .map(|(number, _, terms)| (terms.until, number))
            .collect()
    }
}
