//! An original, its credit and its replacement in all six orders, with invoices at every place between them.

use std::collections::BTreeMap;

use domain::entity::cdr_book::{self, Standing};
use domain::ledger::LedgerRole;
use domain::price::Price;
use domain::quantity::Quantity;

use super::record::{Arrival, arrivals};
use super::sums::Sums;
use super::*;

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// A session of 0.747 kWh at Caltech, its credit, and the record that says it was 1.747 kWh.
fn three() -> [Arrival; 3] {
    let original = arrivals().swap_remove(0);
    let like = |id: &str, content: u8| {
        let mut receipt = original.receipt.clone();
        receipt.cdr.key = key(id);
        receipt.cdr.session.id = id.to_owned();
        receipt.cdr.content = [content; 32];
        Arrival { receipt, site: original.site }
    };
    let (mut credit, mut replacement) = (like("credit", 1), like("replacement", 2));
    let cost = original.receipt.cdr.session.stated.excluding_vat.unwrap();
    let cdr = &mut credit.receipt.cdr;
    cdr.credit_of = Some(original.receipt.cdr.key.id().to_owned());
    (cdr.session.is_credit, credit.receipt.payer) = (true, None);
    cdr.session.stated.excluding_vat = Some(Price::from_raw(-cost.raw()));
    let session = &mut replacement.receipt.cdr.session;
    let energy = Quantity::parse("1.747").unwrap();
    session.periods[0].energy_kwh = Some(energy);
    session.stated.energy_kwh = Some(energy);
    session.stated.excluding_vat = Some(Price::parse("0.7169").unwrap());
    replacement.receipt.cdr.registers = None;
    [original, credit, replacement]
}

#[test]
fn original_credit_and_replacement_come_to_the_same_in_every_order_around_invoices() {
    let records = three();
    let mut expected: Option<(Sums, BTreeMap<LedgerRole, Amount>, i64)> = None;
    for order in ORDERS {
        // A bit for each place at which an invoice run comes: before, between and behind the records.
        for invoiced in 0..8_u32 {
            let mut world = network(&records[..1]);
            for (place, number) in order.into_iter().enumerate() {
                let receive = cdr_book::Command::Receive(Box::new(records[number].receipt.clone()));
                world.book(operator(), &receive).unwrap();
                world.settle();
                if invoiced & (1 << place) != 0 {
                    bill_month(&mut world, place);
                }
            }
            bill_month(&mut world, 3);
            let standing = |id: &str| world.record(operator(), id).standing;
            let original = records[0].receipt.cdr.key.id();
            let told = format!("{order:?}, invoices {invoiced:03b}");
            let all = [standing(original), standing("credit"), standing("replacement")];
            assert_eq!(all, [Standing::Credited, Standing::Applied, Standing::Booked], "{told}");
            let billed: i64 = world.rows.invoices.iter().map(|invoice| invoice.net.minor()).sum();
            let ledger = world.accounts[&driver(0)].ledger();
            let ledger = ledger.into_iter().map(|((role, _), amount)| (role, amount)).collect();
            let found = (Sums::of(&world), ledger, billed);
            match &expected {
                None => expected = Some(found),
                Some(expected) => {
                    assert_eq!(found.0.without_invoices(), expected.0.without_invoices(), "{told}");
                    assert_eq!(found.2, expected.2, "{told}");
                    assert_eq!(net(&found.1), net(&expected.1), "{told}");
                }
            }
        }
    }
    // 0.49 + 1.747 x 0.3417 = 1.0869...
    assert_eq!(expected.unwrap().2, 1_09);
}

/// What is owed without tax and what stands open. Tax is taken once per invoice, so that it differs by what each rounds.
fn net(ledger: &BTreeMap<LedgerRole, Amount>) -> [Amount; 2] {
    let is_tax = |role: &LedgerRole| matches!(role, LedgerRole::ValueAddedTax { .. });
    let sum = |is_of: &dyn Fn(&LedgerRole) -> bool| {
        let of = ledger.iter().filter(|(role, _)| is_of(role)).map(|(_, amount)| *amount);
        of.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap())
    };
    let owed = sum(&|role| *role == LedgerRole::Receivable || is_tax(role));
    [owed, sum(&|role| *role == LedgerRole::Unbilled)]
}

fn bill_month(world: &mut World, place: usize) {
    let (id, month) = (format!("run-{place}"), Month::new(2019, 9 + i8::try_from(place).unwrap()).unwrap());
    bill(world, &id, month);
}
