//! The charging contracts of an account: commands, answers, and what it remembers of them.

use std::fmt::Display;

use domain::charging_contract::{
    Card, CardUse, ChargingContract, ChargingContractCommand, ChargingContractRefused, ChargingContractReply,
    ChargingContracts, EnergyKey, EnergyTally, MOST_CHARGING_CONTRACTS, MOST_COST_CENTRES, MOST_LATE_DAYS,
    MOST_LISTED_TOKENS,
};
use domain::token::Token;

use super::refused;
use crate::convert::charging_contract::{card, into_card};
use crate::convert::{FieldError, field, number};
use crate::store;
use crate::store::Rejection;
use crate::store::RejectionKind::{self, FailedPrecondition, Invalid, NotFound};
use crate::store::charging_contract_command::Command as CommandWire;
use crate::store::charging_contract_reply::Reply as ReplyWire;

impl From<&ChargingContracts> for store::ChargingContracts {
    fn from(charging: &ChargingContracts) -> Self {
        let energy = charging.energy.iter().map(|(key, tally)| store::SoldEnergy {
            charging_contract_id: key.contract.clone(),
            service_span: Some((&key.service).into()),
            energy_kwh: Some((&tally.energy_kwh).into()),
            exact_net: number::amount_text(tally.net),
            tax_rate_basis_points: tally.tax_rate.hundredths_of_percent(),
        });
        let card_use = charging.card_use.iter().map(|(token, used)| store::CardUse {
            token: Some(token.into()),
            day: Some((&used.day).into()),
            of_day: Some((&used.of_day).into()),
            of_month: Some((&used.of_month).into()),
        });
        Self {
            contracts: field::messages(charging.all()),
            cards: charging.cards.iter().map(card).collect(),
            energy: energy.collect(),
            card_use: card_use.collect(),
        }
    }
}

impl TryFrom<store::ChargingContracts> for ChargingContracts {
    type Error = FieldError;

    fn try_from(charging: store::ChargingContracts) -> Result<Self, FieldError> {
        let contracts: Vec<ChargingContract> = field::each("contracts", charging.contracts)?;
        Ok(Self {
            contracts: contracts.into_iter().map(|contract| (contract.id.clone(), contract)).collect(),
            cards: field::each_by("cards", charging.cards, into_card)?,
            energy: field::each_by("energy", charging.energy, into_energy)?,
            card_use: field::each_by("card_use", charging.card_use, into_use)?,
        })
    }
}

fn into_energy(energy: store::SoldEnergy) -> Result<(EnergyKey, EnergyTally), FieldError> {
    let service = field::required("service_span", energy.service_span)?;
    let key = EnergyKey { contract: energy.charging_contract_id, service };
    let tally = EnergyTally {
        energy_kwh: field::required("energy_kwh", energy.energy_kwh)?,
        net: number::amount("exact_net", &energy.exact_net)?,
        tax_rate: number::vat_rate("tax_rate_basis_points", energy.tax_rate_basis_points)?,
    };
    Ok((key, tally))
}

fn into_use(used: store::CardUse) -> Result<(Token, CardUse), FieldError> {
    let token = field::required("token", used.token)?;
    let used = CardUse {
        day: field::required("day", used.day)?,
        of_day: field::required("of_day", used.of_day)?,
        of_month: field::required("of_month", used.of_month)?,
    };
    Ok((token, used))
}

impl From<&ChargingContractCommand> for store::ChargingContractCommand {
    fn from(command: &ChargingContractCommand) -> Self {
        let command = match command {
            ChargingContractCommand::Set(contract) => CommandWire::Set(contract.as_ref().into()),
            ChargingContractCommand::End { id, end } => CommandWire::End(store::EndChargingContract {
                charging_contract_id: id.clone(),
                end_day: Some(end.into()),
            }),
            ChargingContractCommand::SetCard(token, agreed) => CommandWire::SetCard(card((token, agreed))),
            ChargingContractCommand::List => CommandWire::List(store::ListChargingContracts {}),
        };
        Self { command: Some(command) }
    }
}

impl TryFrom<store::ChargingContractCommand> for ChargingContractCommand {
    type Error = FieldError;

    fn try_from(command: store::ChargingContractCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Set(contract) => Self::Set(Box::new(field::required("set", Some(contract))?)),
            CommandWire::End(ended) => {
                let end = field::required("end.end_day", ended.end_day)?;
                Self::End { id: ended.charging_contract_id, end }
            }
            CommandWire::SetCard(card) => {
                let (token, card) = into_card(card).map_err(|error| error.within("set_card"))?;
                Self::SetCard(token, card)
            }
            CommandWire::List(store::ListChargingContracts {}) => Self::List,
        })
    }
}

impl From<&ChargingContractReply> for store::ChargingContractReply {
    fn from(reply: &ChargingContractReply) -> Self {
        let reply = match reply {
            ChargingContractReply::Contract(contract) => ReplyWire::Contract(contract.as_ref().into()),
            ChargingContractReply::Card(token, agreed) => ReplyWire::Card(card((token, agreed))),
            ChargingContractReply::All(contracts, cards) => {
                let cards = cards.iter().map(|(token, agreed)| card((token, agreed)));
                ReplyWire::All(store::ChargingContracts {
                    contracts: field::messages(contracts),
                    cards: cards.collect(),
                    ..store::ChargingContracts::default()
                })
            }
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::ChargingContractReply> for ChargingContractReply {
    type Error = FieldError;

    fn try_from(reply: store::ChargingContractReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Contract(contract) => {
                Self::Contract(Box::new(field::required("contract", Some(contract))?))
            }
            ReplyWire::Card(card) => {
                let (token, card): (Token, Card) = into_card(card).map_err(|error| error.within("card"))?;
                Self::Card(token, card)
            }
            ReplyWire::All(all) => Self::All(
                field::each("all.contracts", all.contracts)?,
                field::each_by("all.cards", all.cards, into_card)?,
            ),
        })
    }
}

/// The facts are `field`, `contract`, `most`.
impl From<&ChargingContractRefused> for Rejection {
    fn from(refusal: &ChargingContractRefused) -> Self {
        use ChargingContractRefused as R;
        match refusal {
            R::BadId => refused(
                Invalid,
                "BAD_CHARGING_CONTRACT_ID",
                "an id has 1 to 56 bytes and no control characters",
            ),
            R::BadText(field) => of_field(
                Invalid,
                "BAD_CHARGING_CONTRACT_TEXT",
                "a text is longer than 64 bytes, has control characters, or is empty where it must not be",
                field,
            ),
            R::BelowZero(field) => of_field(
                Invalid,
                "CHARGING_CONTRACT_BELOW_ZERO",
                "a price, a quantity or a limit is below zero",
                field,
            ),
            R::BadTokens => of_most(
                Invalid,
                "BAD_LISTED_TOKENS",
                "a contract that lists tokens lists 1 to 500 of them",
                &MOST_LISTED_TOKENS,
            ),
            R::BadGroups => refused(
                Invalid,
                "TOO_MANY_OPERATORS",
                "a contract has at most 20 groups of at most 200 operators",
            ),
            R::BadLateDays => of_most(
                Invalid,
                "BAD_LATE_DAYS",
                "sessions can't be taken so many days after the day of service",
                &MOST_LATE_DAYS,
            ),
            R::MembershipFromFunds => refused(
                Invalid,
                "MEMBERSHIP_FROM_FUNDS",
                "a fee per month and included kWh stand on invoices; sessions of this contract are paid from funds",
            ),
            R::Unknown => {
                refused(NotFound, "UNKNOWN_CHARGING_CONTRACT", "there is no charging contract of this id")
            }
            R::Fixed(field) => of_field(
                FailedPrecondition,
                "CHARGING_CONTRACT_FIXED",
                "this of a contract stays as it is: other terms need a contract of their own",
                field,
            ),
            R::EndsBeforeStart => refused(
                FailedPrecondition,
                "CHARGING_CONTRACT_ENDS_BEFORE_START",
                "the contract would end before it begins",
            ),
            R::Overlaps(id) => refused(
                FailedPrecondition,
                "CHARGING_CONTRACT_OVERLAPS",
                "another contract covers the same tokens on some of these days",
            )
            .knowing("contract", id),
            R::TooMany => of_most(
                FailedPrecondition,
                "TOO_MANY_CHARGING_CONTRACTS",
                "the account has as many charging contracts as it may have",
                &MOST_CHARGING_CONTRACTS,
            ),
            R::TooManyCostCentres => of_most(
                FailedPrecondition,
                "TOO_MANY_COST_CENTRES",
                "the cards of the account have as many cost centres as they may have",
                &MOST_COST_CENTRES,
            ),
            R::OtherCurrency(field) => {
                of_field(Invalid, "OTHER_CURRENCY", "limits of cards are in the tenant's currency", field)
            }
            R::UnknownPriceSheet(sheet) => {
                refused(FailedPrecondition, "UNKNOWN_PRICE_SHEET", "there is no price sheet of this id")
                    .knowing("price_sheet", sheet)
            }
        }
    }
}

/// A refusal of what a field says.
fn of_field(kind: RejectionKind, reason: &str, text: &str, field: &str) -> Rejection {
    refused(kind, reason, text).knowing("field", field)
}

/// A refusal of what is more than may be.
fn of_most(kind: RejectionKind, reason: &str, text: &str, most: &dyn Display) -> Rejection {
    refused(kind, reason, text).knowing("most", &most.to_string())
}
