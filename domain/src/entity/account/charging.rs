//! Charging contracts of the account: what of their terms the tenant has to know before they are made.

use std::collections::BTreeSet;

use super::{Event, Rejection, Reply, State};
use crate::charging_contract::{ChargingContract, ChargingContractCommand, ChargingContractRefused};
use crate::entity::{Decided, Facts, Need};

/// The tenant's currency and the price sheets that a contract names.
pub(super) fn needs(command: &ChargingContractCommand) -> Vec<Need> {
    let ChargingContractCommand::Set(contract) = command else { return Vec::new() };
    let sheets = sheets(contract).into_iter().map(|sheet| Need::PriceSheet(sheet.to_owned()));
    [Need::Tenant].into_iter().chain(sheets).collect()
}

/// A contract that stands already is not looked at again.
pub(super) fn decide(
    state: &State,
    command: &ChargingContractCommand,
    facts: &Facts,
) -> Result<Decided<Event, Reply>, Rejection> {
    state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
    let decided = state.charging.decide(command).map_err(Rejection::Charging)?;
    if let ChargingContractCommand::Set(contract) = command
        && !decided.events.is_empty()
    {
        check_limits(contract, facts)?;
        let is_known = |sheet: &&str| facts.price_sheets.get(*sheet).is_some_and(|known| !known.is_empty());
        if let Some(unknown) = sheets(contract).into_iter().find(|sheet| !is_known(sheet)) {
            let unknown = unknown.to_owned();
            return Err(Rejection::Charging(ChargingContractRefused::UnknownPriceSheet(unknown)));
        }
    }
    Ok(decided.within(Event::Charging, Reply::Charging))
}

/// Limits of cards are in the tenant's currency: sessions are sold in no other, and would never reach them.
fn check_limits(contract: &ChargingContract, facts: &Facts) -> Result<(), Rejection> {
    let limits = contract.card_limits;
    for (field, limit) in [("limit_per_day", limits.per_day), ("limit_per_month", limits.per_month)] {
        let Some(limit) = limit else { continue };
        let settings = facts.settings.as_ref().ok_or(Rejection::NoSettings)?;
        if limit.currency() != settings.currency {
            return Err(Rejection::Charging(ChargingContractRefused::OtherCurrency(field)));
        }
    }
    Ok(())
}

/// The price sheets that it names.
fn sheets(contract: &ChargingContract) -> BTreeSet<&str> {
    let of_groups = contract.groups.iter().filter_map(|group| group.sheet.as_deref());
    of_groups.chain([contract.sheet.as_str()]).collect()
}
