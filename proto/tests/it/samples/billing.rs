//! Invoices, lines, postings and balances.

use domain::amount::Amount;
use domain::entity::account::{IssuedInvoice, Line, LineKey, Posted};
use domain::invoice::{
    BilledPoint, ChannelUsage, Contact, Instalment, Invoice, InvoiceKind, Issued, LinePart, LinePrice, Party,
    Seller, UsageDay, VatEntry,
};
use domain::ledger::{BalanceNumber, LedgerRole, PostingHead, PostingReason, PostingSet, PostingSource};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::metering::{position_key, rated};
use super::values::*;

pub(crate) fn invoice() -> impl Strategy<Value = Invoice> {
    let kind = select(vec![InvoiceKind::Invoice, InvoiceKind::CreditNote]);
    let head = (word(), kind, day(), day(), word(), month(), currency());
    let instalment = (day(), word(), money()).prop_map(|(paid_on, reference, amount)| Instalment {
        paid_on,
        reference,
        amount,
    });
    let sums = (money(), money(), money(), money(), money());
    (head, seller(), party(), vec(billed_point(), 0..2), vec(vat_entry(), 0..2), sums, vec(instalment, 0..2))
        .prop_map(|(head, seller, payer, points, vat, sums, instalments)| {
            let (number, kind, issued_on, due_on, payment_reference, booking_month, currency) = head;
            let (net, vat_total, total, balance_brought_forward, due) = sums;
            Invoice {
                number,
                kind,
                issued_on,
                due_on,
                payment_reference,
                booking_month,
                currency,
                seller,
                payer,
                points,
                vat,
                net,
                vat_total,
                total,
                balance_brought_forward,
                instalments,
                due,
            }
        })
}

pub(crate) fn seller() -> impl Strategy<Value = Seller> {
    let contact = (word(), word(), word()).prop_map(|(email, phone, web)| Contact { email, phone, web });
    (word(), address(), word(), word(), contact).prop_map(|(name, address, vat_id, iban, contact)| Seller {
        name,
        address,
        vat_id,
        iban,
        contact,
    })
}

pub(crate) fn vat_entry() -> impl Strategy<Value = VatEntry> {
    (tax_class(), vat_rate(), money(), money()).prop_map(|(tax_class, rate, net, vat)| VatEntry {
        tax_class,
        rate,
        net,
        vat,
    })
}

pub(crate) fn party() -> impl Strategy<Value = Party> {
    (word(), word(), address(), word()).prop_map(|(account, name, address, vat_id)| Party {
        account,
        name,
        address,
        vat_id,
    })
}

fn billed_point() -> impl Strategy<Value = BilledPoint> {
    let place = (point(), address(), option::of(word()), word(), word());
    (place, span(), vec(invoice_line(), 0..2), vec(part(), 0..2), vec(usage(), 0..2)).prop_map(
        |((metering_point, address, user, contract, product), service, lines, unshown, usage)| BilledPoint {
            metering_point,
            address,
            user,
            contract,
            product,
            service,
            lines,
            unshown,
            usage,
        },
    )
}

pub(crate) fn usage() -> impl Strategy<Value = ChannelUsage> {
    let day = (day(), quantity(), flag()).prop_map(|(day, quantity, is_estimated)| UsageDay {
        day,
        quantity,
        is_estimated,
    });
    (direction(), unit(), vec(day, 0..3)).prop_map(|(direction, unit, days)| ChannelUsage {
        direction,
        unit,
        days,
    })
}

fn invoice_line() -> impl Strategy<Value = domain::invoice::Line> {
    let flags = any::<[bool; 2]>();
    (word(), word(), span(), money(), tax_class(), vat_rate(), flags, vec(part(), 0..2)).prop_map(
        |(name, group, service, net, tax_class, vat_rate, [is_correction, is_estimated], parts)| {
            domain::invoice::Line {
                name,
                group,
                service,
                net,
                tax_class,
                vat_rate,
                is_correction,
                is_estimated,
                parts,
            }
        },
    )
}

fn part() -> impl Strategy<Value = LinePart> {
    let price = prop_oneof![
        price().prop_map(LinePrice::PerUnit),
        (price(), quantity()).prop_map(|(price, pieces)| LinePrice::Monthly { price, pieces }),
        price().prop_map(LinePrice::Factor),
        (option::of(price()), any::<u32>())
            .prop_map(|(price, intervals)| LinePrice::Average { price, intervals }),
    ];
    let tax = (tax_class(), vat_rate());
    let nets = (money(), money(), money(), amount());
    (rated(), vec(0..=10_000_u32, 0..3), 0..3_usize, tax, quantity(), price, nets, flag()).prop_map(
        |(rated, shares, own, (tax_class, vat_rate), quantity, price, nets, is_correction)| {
            let (net_to_date, net_before, net, cleared) = nets;
            LinePart {
                rated,
                shares,
                own,
                tax_class,
                vat_rate,
                quantity,
                price,
                net_to_date,
                net_before,
                net,
                cleared,
                is_correction,
            }
        },
    )
}

pub(crate) fn line() -> impl Strategy<Value = (LineKey, Line)> {
    let issued = (tax_class(), vat_rate(), money(), amount())
        .prop_map(|(tax_class, vat_rate, net, cleared)| Issued { tax_class, vat_rate, net, cleared });
    (point(), rated(), vec(0..=10_000_u32, 0..3), any::<u32>(), vec(issued, 0..2)).prop_map(
        |(metering_point, latest, shares, own, issued)| {
            let key = LineKey { metering_point, position: latest.position.key.clone() };
            (key, Line { latest, shares, own, issued })
        },
    )
}

pub(crate) fn role() -> impl Strategy<Value = LedgerRole> {
    prop_oneof![
        Just(LedgerRole::Unbilled),
        Just(LedgerRole::Receivable),
        Just(LedgerRole::Rounding),
        any::<u32>().prop_map(|number| LedgerRole::Funds(BalanceNumber(number))),
        Just(LedgerRole::TopUp),
        Just(LedgerRole::Granted),
        Just(LedgerRole::Expired),
        Just(LedgerRole::Consumed),
        Just(LedgerRole::Suspense),
        (word(), word()).prop_map(|(from, to)| LedgerRole::Transit { from, to }),
        word().prop_map(LedgerRole::Revenue),
        word().prop_map(LedgerRole::Cost),
        Just(LedgerRole::Accrued),
        Just(LedgerRole::Payable),
        (tax_class(), vat_rate()).prop_map(|(class, rate)| LedgerRole::ValueAddedTax { class, rate }),
    ]
}

pub(crate) fn source() -> impl Strategy<Value = PostingSource> {
    prop_oneof![
        (point(), position_key(), any::<u32>()).prop_map(|(metering_point, key, version)| {
            PostingSource::Position { metering_point, key, version }
        }),
        word().prop_map(PostingSource::Invoice),
        operation().prop_map(PostingSource::Operation),
        operation().prop_map(PostingSource::Reservation),
        any::<u32>().prop_map(|number| PostingSource::Expiry(BalanceNumber(number))),
        (super::roaming::cdr_key(), option::of("[a-z]{1,9}"), any::<u32>())
            .prop_map(|(cdr, seller, number)| PostingSource::Leg { cdr, seller, number }),
        word().prop_map(PostingSource::Statement),
    ]
}

pub(crate) fn posted() -> impl Strategy<Value = Posted> {
    let reasons = select(vec![
        PostingReason::Rated,
        PostingReason::Rerated,
        PostingReason::Issued,
        PostingReason::ToppedUp,
        PostingReason::Granted,
        PostingReason::Committed,
        PostingReason::CommittedLate,
        PostingReason::Debited,
        PostingReason::DebitedForced,
        PostingReason::DebitedBalancing,
        PostingReason::Expired,
        PostingReason::TransferredOut,
        PostingReason::Owed,
        PostingReason::PaidOut,
        PostingReason::TransferredIn,
        PostingReason::Refunded,
        PostingReason::Corrected,
        PostingReason::Suspended,
        PostingReason::Placed,
    ]);
    let head = (source(), reasons, option::of(source()), asset())
        .prop_map(|(source, reason, corrects, asset)| PostingHead { source, reason, corrects, asset });
    (any::<u64>(), instant(), word(), head, vec((role(), role(), amount()), 0..3)).prop_map(
        |(sequence, at, subject, head, pairs)| {
            let postings = pairs.into_iter().flat_map(|(debit, credit, amount)| {
                [(debit, amount), (credit, Amount::ZERO.checked_sub(amount).unwrap())]
            });
            Posted { sequence, at, subject, set: PostingSet::new(head, postings).unwrap() }
        },
    )
}

pub(crate) fn issued_invoice() -> impl Strategy<Value = IssuedInvoice> {
    (word(), word(), month(), money()).prop_map(|(number, run, month, total)| IssuedInvoice {
        number,
        run,
        month,
        total,
    })
}
