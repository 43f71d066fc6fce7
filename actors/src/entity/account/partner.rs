//! The stored form of an account as a partner: the root counts its legs; months of service, agreements, statements and
//! payments are parts of their own; legs and statements are rows.

use domain::day::Month;
use domain::entity::account::State;
use domain::leg::LegKey;
use domain::statement::{BookedLeg, IssuedStatement, Partner, PartnerEvent, PartnerStatement, ShareKey};
use prost::Message as _;
use proto::{roaming, store as stored};
use sha2::{Digest, Sha256};

use super::super::binding::Writes;
use super::super::listing::{self, Listing};
use super::super::row;
use super::PIECE_BYTES;

/// What stands in the root.
pub(super) fn root(partner: &Partner) -> Option<stored::PartnerState> {
    (partner.legs > 0).then(|| stored::PartnerState { legs: partner.legs, ..Default::default() })
}

/// Writes the parts and rows that an event changes.
pub(super) fn write(event: &PartnerEvent, state: &State, writes: &mut Writes) {
    match event {
        PartnerEvent::LegBooked(booked) => {
            super::put_root(state, writes);
            put_leg(booked, writes);
        }
        PartnerEvent::MonthSet { key, month, .. } => put_month(state, key, *month, writes),
        PartnerEvent::Agreed(agreement) => {
            let share_agreement_ids = vec![agreement.clone()];
            let part = stored::PartnerState { share_agreement_ids, ..Default::default() };
            put(&[b"ea", agreement.as_bytes()].concat(), part, writes);
        }
        PartnerEvent::Issued(statement, issued) => {
            let part = stored::PartnerState { statements: vec![issued.into()], ..Default::default() };
            put(&[b"es", issued.number.as_bytes()].concat(), part, writes);
            put_statement(statement, issued, writes);
        }
        // The place that no leg has.
        PartnerEvent::BundleCleared(key) => {
            let place = LegKey { cdr: key.clone(), seller: None, number: u32::MAX };
            writes.bytes(row::leg(&place), Vec::new());
        }
        PartnerEvent::PaymentSet(payment) => {
            let part = stored::PartnerState { payments: vec![payment.into()], ..Default::default() };
            put(&[b"ep", payment.operation.text().as_bytes()].concat(), part, writes);
        }
    }
}

/// The row of a leg in the order of its booking month, and that it was booked. One that is on no statement lies in the month
/// of its service, behind no other.
fn put_leg(booked: &BookedLeg, writes: &mut Writes) {
    let month = booked.booking.unwrap_or_else(|| booked.leg.service.month());
    writes.row(row::booked_leg(month, booked.sequence), &roaming::BookedLeg::from(booked));
    let place = booked.sequence.to_be_bytes().to_vec();
    writes.bytes(row::leg(&booked.leg.key()), place);
}

/// The month as it stands after all events of the decision.
fn put_month(state: &State, key: &ShareKey, month: Month, writes: &mut Writes) {
    let key = (key.clone(), month);
    let Some(book) = state.partner.months.get(&key) else { return };
    let stored = stored::ServiceMonth::from((&key, book));
    // Named by what it is summed by, in its stored form: fields that are the same give the same bytes.
    let named =
        stored::ServiceMonth { current: None, stated: None, components: Vec::new(), ..stored.clone() };
    let digest: [u8; 32] = Sha256::digest(named.encode_to_vec()).into();
    let part = stored::PartnerState { months: vec![stored], ..Default::default() };
    put(&[b"em".as_slice(), &digest].concat(), part, writes);
}

fn put_statement(statement: &PartnerStatement, issued: &IssuedStatement, writes: &mut Writes) {
    let bytes = roaming::PartnerStatement::from(statement).encode_to_vec();
    for (piece, bytes) in (0_u16..).zip(bytes.chunks(PIECE_BYTES)) {
        writes.bytes(row::statement(&issued.number, piece), bytes.to_vec());
    }
    let entry = roaming::IssuedStatement::from(issued).encode_to_vec();
    let order = listing::by_texts(&statement.partner.account, &issued.number);
    writes.list(Listing::Statements, order, entry);
}

fn put(name: &[u8], partner: stored::PartnerState, writes: &mut Writes) {
    let part = stored::AccountState { partner: Some(partner), ..Default::default() };
    writes.part(name, Some(&part));
}
