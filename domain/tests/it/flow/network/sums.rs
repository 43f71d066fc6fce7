//! What a network comes to.

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::entity::cdr_book::{Booked, Standing};
use domain::ledger::LedgerRole;
use domain::leg::LegKind;
use domain::money::{Currency, Money};

use super::operator;
use crate::flow::World;

/// Sums in cents over all records, and what stands in the ledger of each account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    sold: i64,
    bought: i64,
    shared: BTreeMap<String, i64>,
    margin: i64,
    ledger: BTreeMap<String, BTreeMap<LedgerRole, Amount>>,
}

impl Sums {
    pub(super) fn of(world: &World) -> Self {
        let mut sums = Self::default();
        let records = world.roaming.entries.iter().filter(|((party, _), _)| *party == operator());
        for record in records.filter_map(|(_, entry)| entry.record()) {
            if let Some(booked) = &record.booked {
                sums.add(booked, record.standing == Standing::Booked);
            }
        }
        for (id, state) in &world.accounts {
            let roles = state.ledger().into_iter().map(|((role, _), amount)| (role, amount));
            let moved = roles.filter(|(_, amount)| *amount != Amount::ZERO).collect();
            sums.ledger.insert(id.clone(), moved);
        }
        sums
    }

    /// A record that does not stand any more has had everything taken back.
    fn add(&mut self, booked: &Booked, stands: bool) {
        let mut owed = 0;
        for leg in &booked.legs {
            let minor = leg.leg.amount.minor();
            owed += minor;
            match leg.leg.kind {
                LegKind::Purchase => self.bought += minor,
                _ => *self.shared.entry(leg.account.clone()).or_default() += minor,
            }
        }
        let (sale, margin) = (booked.sale.net.minor(), booked.margin.unwrap().minor());
        let (sale, margin) = if stands { (sale, margin) } else { (0, 0) };
        assert_eq!(sale, owed + margin, "each session by itself: {booked:?}");
        self.sold += sale;
        self.margin += margin;
    }

    /// Sold = bought + shared + margin, and the ledgers say the same; every ledger sums to zero.
    pub(super) fn check(&self) {
        assert_eq!(self.sold, self.bought + self.shared.values().sum::<i64>() + self.margin);
        assert!(self.sold > 0 && self.bought > 0 && self.margin != 0 && self.shared.len() == 3, "{self:?}");
        let mut revenue = Amount::ZERO;
        for (account, roles) in &self.ledger {
            let total =
                roles.values().try_fold(Amount::ZERO, |sum, amount| sum.checked_add(*amount)).unwrap();
            assert_eq!(total, Amount::ZERO, "{account}: {roles:?}");
            for (role, amount) in roles {
                if matches!(role, LedgerRole::Revenue(_)) {
                    revenue = revenue.checked_sub(*amount).unwrap();
                }
            }
        }
        assert_eq!(revenue, cents(self.sold), "what drivers were sold");
        assert_eq!(self.cost(|account| account == "operator"), cents(self.bought));
        for (account, minor) in &self.shared {
            assert_eq!(self.cost(|other| other == account), cents(*minor), "{account}");
        }
    }

    /// What partners cost, by the ledgers of those accounts.
    fn cost(&self, is_of: impl Fn(&str) -> bool) -> Amount {
        let of = self.ledger.iter().filter(|(account, _)| is_of(account)).flat_map(|(_, roles)| roles);
        let costs = of.filter(|(role, _)| matches!(role, LedgerRole::Cost(_)));
        costs.fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount).unwrap())
    }

    /// The same without what invoices move.
    pub(super) fn without_invoices(&self) -> Self {
        let mut sums = self.clone();
        for roles in sums.ledger.values_mut() {
            roles.retain(|role, _| matches!(role, LedgerRole::Revenue(_) | LedgerRole::Cost(_)));
        }
        sums
    }

    pub(super) fn sold_minor(&self) -> i64 {
        self.sold
    }
}

fn cents(minor: i64) -> Amount {
    Amount::from_money(Money::new(minor, Currency::Usd)).unwrap()
}
