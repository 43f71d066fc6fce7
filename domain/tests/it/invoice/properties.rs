//! What holds for every sequence of restatements, for all payers, roundings and months.

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::contract::{split, split_amount};
use domain::fixed::Rounding;
use domain::invoice::{Invoice, InvoiceError, Issued, OpenLine};
use domain::ledger::{Booked, LedgerRole, PostingSet, unbilled};
use domain::money::Currency;
use proptest::prelude::*;

use super::given::{build, month, open, own_amount, point, position};

const MONTHS: [&str; 3] = ["2024-08", "2024-09", "2024-10"];
const COMPONENTS: [(&str, Rounding, bool); 3] = [
    ("energy", Rounding::HalfAwayFromZero, false),
    ("grid", Rounding::HalfEven, true),
    ("tax", Rounding::TowardsZero, true),
];

/// One restatement: the month, the component, and the exact amount from then on.
type Restated = (usize, usize, i128);

/// A payer's books.
#[derive(Default)]
struct Payer {
    lines: BTreeMap<(usize, usize), OpenLine>,
    balances: BTreeMap<LedgerRole, Amount>,
    billed: i64,
}

impl Payer {
    fn book(&mut self, set: &PostingSet) {
        for posting in set.postings() {
            let balance = self.balances.entry(posting.role.clone()).or_default();
            *balance = balance.checked_add(posting.amount).unwrap();
        }
    }

    fn told(&mut self, (month_index, component, raw): Restated, shares: &[u32], own: usize) {
        let (name, rounding, is_bundled) = *COMPONENTS.get(component).unwrap();
        let mut line = open(position(name, "0"));
        line.latest.position.key.month = month(MONTHS.get(month_index).unwrap());
        line.latest.position.amount = Amount::from_raw(raw);
        line.latest.position.rounding = rounding;
        line.latest.position.display.is_bundled = is_bundled;
        line.latest.position.revenue_role = name.to_owned();
        (line.shares, line.own) = (shares.to_vec(), own);
        let held = self.lines.remove(&(month_index, component));
        let before = held.as_ref().map(|held| Booked { rated: &held.latest, own: own_amount(held) });
        line.latest.version = held.as_ref().map_or(1, |held| held.latest.version + 1);
        let after = Booked { rated: &line.latest, own: own_amount(&line) };
        let set = unbilled(point(Vec::new()).metering_point, before, after).unwrap();
        assert_eq!(set.corrects().is_some(), held.is_some());
        self.book(&set);
        line.issued = held.map(|held| held.issued).unwrap_or_default();
        self.lines.insert((month_index, component), line);
    }

    fn issue(&mut self) {
        let invoice = match build(self.lines.values().cloned().collect()) {
            Err(InvoiceError::NothingToBill) => return,
            invoice => invoice.unwrap(),
        };
        check_totals(&invoice);
        self.book(&invoice.postings().unwrap());
        self.billed += invoice.net.minor();
        for (_, part) in invoice.parts() {
            let key = &part.rated.position.key;
            let place = MONTHS.iter().position(|text| month(text) == key.month).unwrap();
            let component = COMPONENTS.iter().position(|(name, ..)| *name == key.component).unwrap();
            Issued::add(&mut self.lines.get_mut(&(place, component)).unwrap().issued, part).unwrap();
        }
    }

    fn balance(&self, role: &LedgerRole) -> Amount {
        self.balances.get(role).copied().unwrap_or_default()
    }
}

fn check_totals(invoice: &Invoice) {
    let lines = invoice.points.iter().flat_map(|point| &point.lines);
    let net: i64 = lines.clone().map(|line| line.net.minor()).sum();
    let vat: i64 = invoice.vat.iter().map(|entry| entry.vat.minor()).sum();
    assert_eq!((invoice.net.minor(), invoice.vat_total.minor()), (net, vat));
    assert_eq!(invoice.total.minor(), net + vat);
    for line in lines {
        assert_eq!(line.net.minor(), line.parts.iter().map(|part| part.net.minor()).sum::<i64>());
    }
}

fn restatements() -> impl Strategy<Value = Vec<Vec<Restated>>> {
    // Up to 1,000 of the currency, to the last digit an amount can hold.
    let raw = -56_637_i128 * 10_i128.pow(21)..=56_637 * 10_i128.pow(21);
    let one = (0..MONTHS.len(), 0..COMPONENTS.len(), prop_oneof![4 => raw, 1 => Just(0)]);
    prop::collection::vec(prop::collection::vec(one, 0..6), 1..6)
}

fn all_shares() -> impl Strategy<Value = Vec<u32>> {
    (1_u32..9_999, 0_u32..9_999).prop_map(|(first, second)| {
        let second = second.min(10_000 - first);
        vec![first, second, 10_000 - first - second]
    })
}

proptest! {
    #[test]
    fn the_sum_of_all_invoices_is_the_correct_bill(runs in restatements(), shares in all_shares()) {
        let mut payers: Vec<Payer> = shares.iter().map(|_| Payer::default()).collect();
        let mut right: BTreeMap<(usize, usize), i128> = BTreeMap::new();
        for run in runs {
            for restated in run {
                right.insert((restated.0, restated.1), restated.2);
                for (own, payer) in payers.iter_mut().enumerate() {
                    payer.told(restated, &shares, own);
                }
            }
            payers.iter_mut().for_each(Payer::issue);
        }
        let mut expected = vec![0; shares.len()];
        for ((_, component), raw) in right {
            let rounding = COMPONENTS[component].1;
            let whole = Amount::from_raw(raw).to_money(Currency::Eur, rounding).unwrap();
            expected.iter_mut().zip(split(whole.minor(), &shares)).for_each(|(sum, part)| *sum += part);
        }
        let billed: Vec<i64> = payers.iter().map(|payer| payer.billed).collect();
        prop_assert_eq!(billed, expected);
    }

    #[test]
    fn books_balance_and_hold_what_is_open(runs in restatements(), shares in all_shares()) {
        let mut payer = Payer::default();
        for run in runs {
            run.into_iter().for_each(|restated| payer.told(restated, &shares, 0));
            payer.issue();
            let total = payer.balances.values().try_fold(Amount::ZERO, |sum, one| sum.checked_add(*one));
            prop_assert_eq!(total, Some(Amount::ZERO));
            let open = payer.lines.values().try_fold(Amount::ZERO, |sum, line| {
                let cleared = line.issued.iter().try_fold(Amount::ZERO, |sum, one| sum.checked_add(one.cleared))?;
                sum.checked_add(own_amount(line).checked_sub(cleared)?)
            });
            prop_assert_eq!(Some(payer.balance(&LedgerRole::Unbilled)), open);
        }
    }

    #[test]
    fn a_split_conserves(total: i64, raw: i128, shares in all_shares()) {
        let parts = split(total, &shares);
        prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
        let mirrored: Vec<i64> = split(total.saturating_neg(), &shares).iter().map(|part| -part).collect();
        if total != i64::MIN {
            prop_assert_eq!(&parts, &mirrored);
        }
        for (part, share) in parts.iter().zip(&shares) {
            let exact = i128::from(total) * i128::from(*share);
            prop_assert!((i128::from(*part) * 10_000 - exact).abs() < 10_000);
        }
        let parts = split_amount(Amount::from_raw(raw), &shares);
        prop_assert_eq!(parts.iter().map(|part| part.raw()).sum::<i128>(), raw);
    }
}
