//! Statements of partners of every shape, by chance.

use domain::share::{Claim, ClaimBasis, Cleared, MonthComponent, MonthTotals};
use domain::statement::{
    BookedLeg, Bundle, IssuedStatement, MonthBook, Partner, PartnerCommand, PartnerPayment, PartnerReply,
    PartnerStatement, ShareKey, StatementLine, StatementSection,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::billing::{party, seller, vat_entry};
use super::roaming::{cdr_key, leg, leg_kind};
use super::values::*;

fn component() -> impl Strategy<Value = MonthComponent> {
    select(MonthComponent::ALL.to_vec())
}

fn line() -> impl Strategy<Value = StatementLine> {
    let section = select(vec![
        StatementSection::Sessions,
        StatementSection::Monthly,
        StatementSection::Reimbursement,
        StatementSection::Correction,
    ]);
    let what = (month(), word(), leg_kind(), option::of(component()));
    let counts = (any::<i64>(), quantity(), money(), tax_class(), vat_rate());
    (section, what, counts).prop_map(
        |(section, (month, agreement, kind, component), (sessions, energy_kwh, net, tax_class, vat_rate))| {
            StatementLine {
                section,
                month,
                agreement,
                kind,
                component,
                sessions,
                energy_kwh,
                net,
                tax_class,
                vat_rate,
            }
        },
    )
}

fn payment() -> impl Strategy<Value = PartnerPayment> {
    let stated_in = option::of("[A-Z0-9-]{1,12}");
    (operation(), day(), money(), stated_in).prop_map(|(operation, paid_on, amount, stated_in)| {
        PartnerPayment { operation, paid_on, amount, stated_in }
    })
}

pub(crate) fn statement() -> BoxedStrategy<PartnerStatement> {
    let head = (word(), day(), day(), month(), option::of(month()), currency());
    let sums = [money(), money(), money(), money(), money()];
    let lists = (vec(payment(), 0..2), vec(line(), 0..3), vec(vat_entry(), 0..2));
    (head, seller(), party(), lists, sums)
        .prop_map(|(head, issuer, partner, lists, sums)| PartnerStatement {
            number: head.0,
            issued_on: head.1,
            due_on: head.2,
            month: head.3,
            previous: head.4,
            currency: head.5,
            issuer,
            partner,
            opening_balance: sums[0],
            payments: lists.0,
            lines: lists.1,
            vat: lists.2,
            net: sums[1],
            vat_total: sums[2],
            total: sums[3],
            closing_balance: sums[4],
        })
        .boxed()
}

pub(crate) fn issued() -> impl Strategy<Value = IssuedStatement> {
    (word(), month(), digest(), money(), money()).prop_map(|(number, month, hash, total, closing_balance)| {
        IssuedStatement { number, month, hash, total, closing_balance }
    })
}

pub(crate) fn booked_leg() -> impl Strategy<Value = BookedLeg> {
    (any::<u64>(), instant(), option::of(month()), leg()).prop_map(|(sequence, at, booking, leg)| BookedLeg {
        sequence,
        at,
        booking,
        leg,
    })
}

fn totals() -> impl Strategy<Value = MonthTotals> {
    (any::<i64>(), quantity(), money(), money())
        .prop_map(|(sessions, energy_kwh, base, shares)| MonthTotals { sessions, energy_kwh, base, shares })
}

fn book() -> impl Strategy<Value = MonthBook> {
    (totals(), totals(), vec((component(), money()), 0..3))
        .prop_map(|(current, stated, components)| MonthBook { current, stated, components })
}

pub(crate) fn partner() -> BoxedStrategy<Partner> {
    let key = (word(), leg_kind()).prop_map(|(agreement, kind)| ShareKey { agreement, kind });
    let months = btree_map((key, month()), book(), 0..3);
    let statements = vec(issued(), 0..2)
        .prop_map(|issued| issued.into_iter().map(|issued| (issued.month, issued)).collect());
    let payments = vec(payment(), 0..2).prop_map(|payments| {
        payments.into_iter().map(|payment| (payment.operation.clone(), payment)).collect()
    });
    (any::<u64>(), months, btree_set(word(), 0..2), statements, payments)
        .prop_map(|(legs, months, agreements, statements, payments)| Partner {
            legs,
            months,
            agreements,
            statements,
            payments,
        })
        .boxed()
}

fn claim() -> impl Strategy<Value = Claim> {
    let basis = prop_oneof![
        price().prop_map(ClaimBasis::Price),
        (any::<u32>(), price()).prop_map(|(uses, price)| ClaimBasis::PerUse { uses, price }),
        any::<u32>().prop_map(ClaimBasis::Weight),
    ];
    (word(), basis).prop_map(|(recipient, basis)| Claim { recipient, basis })
}

fn bundle() -> impl Strategy<Value = PartnerCommand> {
    (cdr_key(), money(), vec(claim(), 0..3), day()).prop_map(|(key, amount, claims, service)| {
        PartnerCommand::Clear(Box::new(Bundle { key, amount, claims, service }))
    })
}

pub(crate) fn command() -> BoxedStrategy<PartnerCommand> {
    prop_oneof![
        bundle(),
        (month(), day()).prop_map(|(month, issued_on)| PartnerCommand::Preview { month, issued_on }),
        (month(), day(), digest()).prop_map(|(month, issued_on, hash)| PartnerCommand::Issue {
            month,
            issued_on,
            hash
        }),
        (operation(), money(), day()).prop_map(|(operation, amount, paid_on)| PartnerCommand::Pay {
            operation,
            amount,
            paid_on
        }),
    ]
    .boxed()
}

pub(crate) fn reply() -> BoxedStrategy<PartnerReply> {
    let preview = option::of((statement().prop_map(Box::new), digest()));
    prop_oneof![
        preview.prop_map(PartnerReply::Preview),
        issued().prop_map(PartnerReply::Issued),
        money().prop_map(|balance| PartnerReply::Paid { balance }),
        (vec(money(), 0..3), money()).prop_map(|(parts, own)| PartnerReply::Cleared(Cleared { parts, own })),
    ]
    .boxed()
}
