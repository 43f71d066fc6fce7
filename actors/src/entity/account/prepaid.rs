//! The stored form of prepaid supply: the root holds where it stands; terms, use by days and what was booked are parts of
//! their own; top-ups that were shown are rows.

use domain::entity::account::State;
use domain::prepaid::{BookedTotal, Prepaid, PrepaidEvent, RatedKey};
use prost::Message as _;
use proto::{charging, store as stored};

use super::super::binding::Writes;
use super::super::row;

/// What stands in the root.
pub(super) fn root(prepaid: &Prepaid) -> Option<stored::PrepaidState> {
    let root = prepaid.root();
    (root != Prepaid::default()).then(|| (&root).into())
}

/// Writes the parts and rows that an event changes. The root follows after all events.
pub(super) fn write(event: &PrepaidEvent, state: &State, writes: &mut Writes) {
    match event {
        PrepaidEvent::TermsSet(_) => {
            let terms = state.prepaid.terms.as_ref().map(Into::into);
            let part = terms.map(|terms| stored::PrepaidState { terms: Some(terms), ..Default::default() });
            put(b"pt", part, writes);
        }
        PrepaidEvent::UsedSet(..) => {
            let used = Prepaid { used: state.prepaid.used.clone(), ..Prepaid::default() };
            put(b"pu", Some((&used).into()), writes);
        }
        PrepaidEvent::Booked(key, booked) => put(&booked_name(key), Some(booked_part(key, booked)), writes),
        PrepaidEvent::Forgotten(keys) => {
            keys.iter().for_each(|key| put(&booked_name(key), None, writes));
        }
        PrepaidEvent::Shown(shown) => {
            let row = charging::ShownTopUp::from(shown.as_ref());
            writes.row(row::shown_top_up(&shown.operation), &row);
        }
        _ => {}
    }
}

fn booked_part(key: &RatedKey, booked: &BookedTotal) -> stored::PrepaidState {
    stored::PrepaidState { booked: vec![(key, booked).into()], ..Default::default() }
}

/// Named by what it is about, in its stored form: fields that are the same give the same bytes.
fn booked_name(key: &RatedKey) -> Vec<u8> {
    [b"pb".to_vec(), stored::RatedKey::from(key).encode_to_vec()].concat()
}

fn put(name: &[u8], prepaid: Option<stored::PrepaidState>, writes: &mut Writes) {
    let part = prepaid.map(|prepaid| stored::AccountState { prepaid: Some(prepaid), ..Default::default() });
    writes.part(name, part.as_ref());
}
