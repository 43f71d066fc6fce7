//! Books of charge detail records and charging points.

use domain::cdr::{Cdr, Road};
use domain::entity::cdr_book::{
    self, AccountLeg, Booked, CdrRecord, Change, CreditRefused, Entry, Judgement, PartyTerms, Purchase,
    Receipt, RuleAction, Standing, Unreadable, WhosePrice,
};
use domain::entity::evse::{self, EvseDetails, KnownSession};
use domain::session::CostPart;
use domain::verification::{Decided, Decision, Dispute, DisputeReason, DisputeState, WithTax};
use domain::zone::Zone;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::roaming::{cdr_key, evse as evse_id, leg, registers, sale, seen, session, site, suspicion};
use super::tokens::token;
use super::values::*;

fn some_word() -> impl Strategy<Value = String> {
    "[a-z]{1,8}"
}

fn digest() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>()
}

fn road() -> impl Strategy<Value = Road> {
    prop_oneof![
        some_word().prop_map(Road::Ocpi),
        some_word().prop_map(Road::Oicp),
        Just(Road::File),
        Just(Road::Api),
    ]
}

fn cdr() -> BoxedStrategy<Cdr> {
    let place = (evse_id(), word(), word());
    let driver = (token(), word(), word());
    let rest = (option::of(registers()), option::of(some_word()), flag(), option::of(some_word()), digest());
    (cdr_key(), session(), place, driver, rest)
        .prop_map(|(key, session, (evse, connector, location), driver, rest)| {
            let (token, contract_id, session_id) = driver;
            let (registers, credit_of, is_home, sheet, content) = rest;
            Cdr {
                key,
                session,
                evse,
                connector,
                location,
                token,
                contract_id,
                session_id,
                registers,
                credit_of,
                is_home,
                sheet,
                content,
            }
        })
        .boxed()
}

fn standing() -> impl Strategy<Value = Standing> {
    let refused = [
        CreditRefused::CreditOfCredit,
        CreditRefused::SecondCredit,
        CreditRefused::OtherCurrency,
        CreditRefused::OtherAmount,
    ];
    let plain = [
        Standing::Checking,
        Standing::Rating,
        Standing::Booked,
        Standing::Quarantined,
        Standing::Credited,
        Standing::Rejected,
        Standing::AwaitingOriginal,
        Standing::Applied,
    ];
    select([plain.as_slice(), refused.map(Standing::Refused).as_slice()].concat())
}

fn purchase() -> impl Strategy<Value = Purchase> {
    (option::of(some_word()), money(), word(), option::of(money()), option::of(money()), flag()).prop_map(
        |(account, amount, sheet, stated, priced, is_disputed)| Purchase {
            account,
            amount,
            sheet,
            stated,
            priced,
            is_disputed,
        },
    )
}

fn booked() -> BoxedStrategy<Booked> {
    let leg = (some_word(), leg()).prop_map(|(account, leg)| AccountLeg { account, leg });
    (sale(), option::of(purchase()), vec(leg, 0..3), option::of(money()))
        .prop_map(|(sale, purchase, legs, margin)| Booked { sale, purchase, legs, margin })
        .boxed()
}

fn change() -> impl Strategy<Value = Change> {
    (any::<u32>(), digest(), instant(), road(), flag()).prop_map(
        |(number, content, received, road, is_open)| Change { number, content, received, road, is_open },
    )
}

fn judgement() -> impl Strategy<Value = Judgement> {
    (word(), instant(), word()).prop_map(|(subject, at, note)| Judgement { subject, at, note })
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        Just(Decision::AcceptTheirs),
        Just(Decision::InsistOnOurs),
        money().prop_map(Decision::SettleAt)
    ]
}

fn dispute() -> BoxedStrategy<Dispute> {
    let plain = [
        DisputeReason::TotalDiffers,
        DisputeReason::TaxDiffers,
        DisputeReason::EnergyDiffers,
        DisputeReason::TimeDiffers,
        DisputeReason::NotPriced,
    ];
    let parts = CostPart::ALL.map(DisputeReason::PartDiffers);
    let reasons = vec(select([plain.as_slice(), parts.as_slice()].concat()), 0..3);
    let decided = (decision(), instant(), word(), word()).prop_map(|(decision, at, by, note)| Decided {
        decision,
        at,
        by,
        note,
    });
    let with_tax =
        (option::of(money()), option::of(money())).prop_map(|(theirs, ours)| WithTax { theirs, ours });
    let prices = (option::of(money()), option::of(money()), with_tax, money());
    (instant(), reasons, prices, select(DisputeState::ALL.to_vec()), vec(decided, 0..3))
        .prop_map(|(opened, reasons, (theirs, ours, with_tax, price), state, decisions)| Dispute {
            opened,
            reasons,
            theirs,
            ours,
            with_tax,
            price,
            state,
            decisions,
        })
        .boxed()
}

fn record() -> BoxedStrategy<CdrRecord> {
    let came = (cdr(), road(), instant(), option::of(some_word()));
    let found = (standing(), vec(suspicion(), 0..3), btree_set(some_word(), 0..3), option::of(site()));
    let became =
        (option::of(booked()), option::of(some_word()), vec(change(), 0..3), option::of(judgement()));
    let became = (became, option::of(dispute()));
    (came, found, became)
        .prop_map(|(came, found, became)| {
            let (cdr, road, received, payer) = came;
            let (standing, suspicions, released, site) = found;
            let ((booked, credited_by, changes, judgement), dispute) = became;
            CdrRecord {
                cdr,
                road,
                received,
                payer,
                standing,
                suspicions,
                released,
                site,
                booked,
                credited_by,
                changes,
                dispute,
                judgement,
            }
        })
        .boxed()
}

pub(crate) fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        vec(some_word(), 0..3).prop_map(Entry::Awaited),
        record().prop_map(|record| Entry::Held(Box::new(record))),
    ]
}

fn zone() -> impl Strategy<Value = Zone> {
    prop_oneof![Just("UTC"), Just("Europe/Amsterdam")].prop_filter_map("a zone", Zone::named)
}

fn terms() -> impl Strategy<Value = PartyTerms> {
    let rules = btree_map(some_word(), select(vec![RuleAction::Release, RuleAction::Reject]), 0..3);
    let who = (flag(), option::of(some_word()), currency(), option::of(zone()), flag());
    let price = (select(vec![WhosePrice::Theirs, WhosePrice::Ours]), option::of(some_word()), 0..i64::MAX);
    (who, price, option::of(any::<u32>()), option::of(some_word()), rules).prop_map(
        |(
            (is_own, account, currency, zone, is_settled_elsewhere),
            price,
            most_days_late,
            agreement,
            rules,
        )| {
            let (price, sheet, tolerance_minor) = price;
            PartyTerms {
                is_own,
                account,
                is_settled_elsewhere,
                currency,
                zone,
                price,
                sheet,
                tolerance_minor,
                most_days_late,
                agreement,
                rules,
            }
        },
    )
}

fn unreadable() -> impl Strategy<Value = Unreadable> {
    (road(), vec(any::<u8>(), 0..9), any::<u64>(), digest(), word()).prop_map(
        |(road, beginning, length, digest, reason)| Unreadable { road, beginning, length, digest, reason },
    )
}

pub(crate) fn book_command() -> impl Strategy<Value = cdr_book::Command> {
    use cdr_book::Command;
    let receipt = (cdr(), road(), option::of(some_word()), vec(any::<u8>(), 0..9))
        .prop_map(|(cdr, road, payer, document)| Receipt { cdr, road, payer, document });
    prop_oneof![
        receipt.prop_map(|receipt| Command::Receive(Box::new(receipt))),
        unreadable().prop_map(|document| Command::KeepUnreadable(Box::new(document))),
        word().prop_map(Command::Get),
        terms().prop_map(|terms| Command::SetTerms(Box::new(terms))),
        Just(Command::GetTerms),
        (word(), option::of(some_word()), word()).prop_map(|(id, payer, note)| Command::Release {
            id,
            payer,
            note
        }),
        (word(), option::of(any::<u32>()), word()).prop_map(|(id, change, note)| Command::Reject {
            id,
            change,
            note
        }),
        (word(), decision(), word()).prop_map(|(id, decision, note)| Command::DecideDispute {
            id,
            decision,
            note
        }),
    ]
}

pub(crate) fn book_reply() -> impl Strategy<Value = cdr_book::Reply> {
    use cdr_book::Reply;
    prop_oneof![
        Just(Reply::Done),
        (record(), flag(), flag()).prop_map(|(record, is_changed, is_repeat)| Reply::Record {
            record: Box::new(record),
            is_changed,
            is_repeat
        }),
        any::<u64>().prop_map(|number| Reply::Kept { number }),
        terms().prop_map(|terms| Reply::Terms(Box::new(terms))),
    ]
}

pub(crate) fn book_state() -> impl Strategy<Value = cdr_book::State> {
    let withdrawing = btree_map(cdr_key(), evse_id(), 0..3);
    (option::of(terms()), any::<u64>(), any::<u64>(), withdrawing).prop_map(
        |(terms, records, unreadable, withdrawing)| cdr_book::State {
            terms,
            records,
            unreadable,
            withdrawing,
        },
    )
}

fn details() -> impl Strategy<Value = EvseDetails> {
    (site(), option::of(quantity()), vec(word(), 0..3), flag()).prop_map(
        |(site, most_power_kw, connectors, is_own)| EvseDetails { site, most_power_kw, connectors, is_own },
    )
}

pub(crate) fn evse_command() -> impl Strategy<Value = evse::Command> {
    prop_oneof![details().prop_map(evse::Command::Describe), Just(evse::Command::Get)]
}

pub(crate) fn evse_reply() -> impl Strategy<Value = evse::Reply> {
    prop_oneof![
        Just(evse::Reply::Done),
        (option::of(details()), any::<u64>(), any::<u64>())
            .prop_map(|(details, sessions, suspect)| evse::Reply::Evse { details, sessions, suspect }),
    ]
}

pub(crate) fn evse_state() -> impl Strategy<Value = evse::State> {
    let known = (seen(), vec(suspicion(), 0..3))
        .prop_map(|(session, suspicions)| KnownSession { session, suspicions });
    (option::of(details()), any::<u64>(), btree_map(any::<u64>(), known, 0..3)).prop_map(
        |(details, arrived, sessions)| {
            let numbers =
                sessions.iter().map(|(number, known)| (known.session.cdr.clone(), *number)).collect();
            evse::State { details, arrived, sessions, numbers }
        },
    )
}
