//! The contracts of a metering point: made, ended, and told to whoever pays.

use super::{Event, Rejection, Reply, State, prepaid};
use crate::contract::Contract;
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment};

pub(super) fn add(
    state: &State,
    contract: &Contract,
    facts: &Facts,
) -> Result<Decided<Event, Reply>, Rejection> {
    state.details.as_ref().ok_or(Rejection::UnknownMeteringPoint)?;
    let contract = Contract { version: 1, ..contract.clone() };
    if let Some(held) = state.contracts.get(&contract.id) {
        let is_same = Contract { version: 1, ..held.clone() } == contract;
        return if is_same {
            Ok(Decided::reply(Reply::Contract(held.clone())))
        } else {
            Err(Rejection::ContractExists(contract.id))
        };
    }
    if !contract.has_whole_shares() {
        return Err(Rejection::SharesNotWhole);
    }
    if let Some(other) = state.contracts.values().find(|other| other.span.overlaps(contract.span)) {
        return Err(Rejection::ContractOverlaps(other.id.clone()));
    }
    if facts.products.get(&contract.product).is_none_or(Vec::is_empty) {
        return Err(Rejection::UnknownProduct(contract.product));
    }
    Ok(set(state, contract))
}

/// What was told of days that the contract no longer has is taken back.
pub(super) fn end(
    state: &State,
    (id, end): (&str, Day),
    facts: &Facts,
    moment: &Moment,
) -> Result<Decided<Event, Reply>, Rejection> {
    state.details.as_ref().ok_or(Rejection::UnknownMeteringPoint)?;
    let held = state.contracts.get(id).ok_or_else(|| Rejection::UnknownContract(id.to_owned()))?;
    if held.span.end() == end {
        return Ok(Decided::reply(Reply::Contract(held.clone())));
    }
    let inside = end <= held.span.end();
    let span =
        DaySpan::new(held.span.first(), end).filter(|_| inside).ok_or(Rejection::EndOutsideContract)?;
    let version = held.version.saturating_add(1);
    let contract = Contract { span, version, ..held.clone() };
    Ok(prepaid::after_end(state, set(state, contract.clone()), &contract, facts, moment))
}

/// Stores the contract and tells each payer.
fn set(state: &State, contract: Contract) -> Decided<Event, Reply> {
    let id = state.details.as_ref().map(|details| details.id);
    let told = contract.payers.iter().filter_map(|payer| {
        let message = Message::ContractChanged { metering_point: id?, contract: contract.clone() };
        Some((Recipient::Account(payer.account.clone()), message))
    });
    let told: Vec<_> = told.collect();
    Decided::with(vec![Event::ContractSet(contract.clone())], Reply::Contract(contract)).telling(told)
}
