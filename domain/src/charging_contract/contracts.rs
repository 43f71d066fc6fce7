//! An account's charging contracts and cards, and what its sessions came to by month: what it remembers of sales beside
//! the sessions themselves, which are rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Card, CardUse, ChargingContract, Covers, EnergyKey, EnergyTally, LatePolicy, MOST_CHARGING_CONTRACTS,
    MOST_CONTRACT_ID_BYTES, MOST_CONTRACT_NAME_BYTES, MOST_COST_CENTRES, MOST_LATE_DAYS, MOST_LISTED_TOKENS,
    MOST_OPERATOR_GROUPS, MOST_OPERATORS, Membership, OperatorGroup, Settles, SoldSession,
};
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::entity::Decided;
use crate::money::Money;
use crate::price::Price;
use crate::quantity::Quantity;
use crate::token::Token;

/// What an account remembers of contracts and sales.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargingContracts {
    /// The contracts, by id.
    pub contracts: BTreeMap<String, ChargingContract>,
    /// What is agreed per card.
    pub cards: BTreeMap<Token, Card>,
    /// The energy sold under contracts with included kWh.
    pub energy: BTreeMap<EnergyKey, EnergyTally>,
    /// What cards spent under contracts with limits.
    pub card_use: BTreeMap<Token, CardUse>,
}

/// What can be asked of an account's charging contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargingContractCommand {
    /// Makes one, or changes one that there is. How it settles, its class of tax and its membership stay: other terms of
    /// those are another contract.
    Set(Box<ChargingContract>),
    /// Ends one.
    End {
        /// Its id.
        id: String,
        /// The first day on which no session may start under it any more.
        end: Day,
    },
    /// Sets what is agreed for a card, or, with nothing agreed, forgets it. The account need not hold the token yet.
    SetCard(Token, Card),
    /// Reads them all.
    List,
}

/// What happened to charging contracts, cards and sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargingContractEvent {
    /// A contract is now this.
    Set(Box<ChargingContract>),
    /// This is agreed for a card now; none where nothing is any more.
    CardSet(Token, Option<Card>),
    /// A session was sold, or its sale was taken back: the row is the event.
    Sold(Box<SoldSession>),
    /// The energy of a month comes to this now.
    EnergySet(EnergyKey, EnergyTally),
    /// A card spent so much.
    CardUsed(Token, CardUse),
}

/// The answer to a command about charging contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargingContractReply {
    /// The contract, as it is now.
    Contract(Box<ChargingContract>),
    /// What is agreed for the card now.
    Card(Token, Card),
    /// The contracts and cards, in order of ids and tokens.
    All(Vec<ChargingContract>, Vec<(Token, Card)>),
}

/// Why a command about charging contracts is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargingContractRefused {
    /// The id is empty, longer than 56 bytes, or has a control character.
    BadId,
    /// This text is longer than 64 bytes, has a control character, or is empty where it must not be.
    BadText(&'static str),
    /// A price, a quantity or a limit is below zero: this one.
    BelowZero(&'static str),
    /// The contract lists no token, or more than 500.
    BadTokens,
    /// The contract has more than 20 groups of operators, or one of them more than 200 operators.
    BadGroups,
    /// Sessions are to be refused after more than 3,650 days.
    BadLateDays,
    /// A fee per month and included kWh stand on invoices; a contract that is paid from funds has neither. Energy in advance
    /// is a balance in kWh.
    MembershipFromFunds,
    /// There is no contract of this id.
    Unknown,
    /// What can't change: a contract with other terms needs an id of its own.
    Fixed(&'static str),
    /// It would end before it begins.
    EndsBeforeStart,
    /// Another contract, this one, covers the same tokens on the same days.
    Overlaps(String),
    /// The account has as many contracts as it may have.
    TooMany,
    /// The account's cards have as many cost centres as they may have.
    TooManyCostCentres,
    /// This limit is in another currency than the tenant's.
    OtherCurrency(&'static str),
    /// The catalogue has no price sheet of this id.
    UnknownPriceSheet(String),
}

/// A decision about charging contracts.
pub type ChargingContractDecided =
    Result<Decided<ChargingContractEvent, ChargingContractReply>, ChargingContractRefused>;

impl ChargingContracts {
    /// Decides a command. What is so already has no effect.
    ///
    /// # Errors
    /// [`ChargingContractRefused`]; then nothing changes.
    pub fn decide(&self, command: &ChargingContractCommand) -> ChargingContractDecided {
        match command {
            ChargingContractCommand::Set(contract) => self.set(contract.as_ref().clone()),
            ChargingContractCommand::End { id, end } => {
                let held = self.contracts.get(id).ok_or(ChargingContractRefused::Unknown)?;
                let span =
                    DaySpan::new(held.span.first(), *end).ok_or(ChargingContractRefused::EndsBeforeStart)?;
                self.set(ChargingContract { span, ..held.clone() })
            }
            ChargingContractCommand::SetCard(token, card) => self.set_card(token, card),
            ChargingContractCommand::List => {
                let cards = self.cards.iter().map(|(token, card)| (token.clone(), card.clone())).collect();
                Ok(Decided::reply(ChargingContractReply::All(self.all().cloned().collect(), cards)))
            }
        }
    }

    /// Changes them by what happened.
    pub fn apply(&mut self, event: &ChargingContractEvent) {
        match event {
            ChargingContractEvent::Set(contract) => {
                self.contracts.insert(contract.id.clone(), contract.as_ref().clone());
            }
            ChargingContractEvent::CardSet(token, Some(card)) => {
                self.cards.insert(token.clone(), card.clone());
            }
            ChargingContractEvent::CardSet(token, None) => drop(self.cards.remove(token)),
            ChargingContractEvent::Sold(_) => {}
            ChargingContractEvent::EnergySet(key, tally) => drop(self.energy.insert(key.clone(), *tally)),
            ChargingContractEvent::CardUsed(token, used) => drop(self.card_use.insert(token.clone(), *used)),
        }
    }

    /// Every contract, in order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &ChargingContract> {
        self.contracts.values()
    }

    /// What is agreed for a card; nothing where nobody said anything.
    #[must_use]
    pub fn card(&self, token: &Token) -> Card {
        self.cards.get(token).cloned().unwrap_or_default()
    }

    fn set(&self, contract: ChargingContract) -> ChargingContractDecided {
        check(&contract)?;
        let held = self.contracts.get(&contract.id);
        if let Some(field) = held.and_then(|held| changed(held, &contract)) {
            return Err(ChargingContractRefused::Fixed(field));
        }
        if let Some(other) = self.all().find(|other| overlap(other, &contract)) {
            return Err(ChargingContractRefused::Overlaps(other.id.clone()));
        }
        if held.is_none() && self.contracts.len() >= MOST_CHARGING_CONTRACTS {
            return Err(ChargingContractRefused::TooMany);
        }
        let is_new = held != Some(&contract);
        let contract = Box::new(contract);
        let events = if is_new { vec![ChargingContractEvent::Set(contract.clone())] } else { Vec::new() };
        Ok(Decided::with(events, ChargingContractReply::Contract(contract)))
    }

    fn set_card(&self, token: &Token, card: &Card) -> ChargingContractDecided {
        for (field, text) in [("cost_centre", &card.cost_centre), ("home_account", &card.home_account)] {
            if !is_text(text) {
                return Err(ChargingContractRefused::BadText(field));
            }
        }
        let mut centres: BTreeSet<&str> = self.cards.values().map(|card| card.cost_centre.as_str()).collect();
        if centres.insert(&card.cost_centre) && centres.len() > MOST_COST_CENTRES {
            return Err(ChargingContractRefused::TooManyCostCentres);
        }
        let agreed = (*card != Card::default()).then(|| card.clone());
        let is_new = self.cards.get(token) != agreed.as_ref();
        let event = ChargingContractEvent::CardSet(token.clone(), agreed);
        let events = if is_new { vec![event] } else { Vec::new() };
        Ok(Decided::with(events, ChargingContractReply::Card(token.clone(), card.clone())))
    }
}

/// What is wrong with a contract by itself.
fn check(contract: &ChargingContract) -> Result<(), ChargingContractRefused> {
    let has_control = contract.id.chars().any(char::is_control);
    if !(1..=MOST_CONTRACT_ID_BYTES).contains(&contract.id.len()) || has_control {
        return Err(ChargingContractRefused::BadId);
    }
    let home_account = contract.home.as_ref().map(|home| home.account.as_str()).unwrap_or_default();
    let texts = [
        ("name", contract.name.as_str(), true),
        ("price_sheet", contract.sheet.as_str(), true),
        ("tax_class", contract.tax_class.name(), true),
        ("revenue_role", contract.revenue_role.as_str(), true),
        ("category", contract.category.as_str(), false),
        ("home_account", home_account, false),
    ];
    let sheets = contract.groups.iter().filter_map(|group| group.sheet.as_deref());
    let sheets = sheets.map(|sheet| ("price_sheet", sheet, true));
    let mut bad = texts
        .into_iter()
        .chain(sheets)
        .filter(|(_, text, is_due)| !is_text(text) || (*is_due && text.is_empty()));
    if let Some((field, ..)) = bad.next() {
        return Err(ChargingContractRefused::BadText(field));
    }
    if let Some(field) = below_zero(contract) {
        return Err(ChargingContractRefused::BelowZero(field));
    }
    if let Covers::Listed(tokens) = &contract.covers
        && !(1..=MOST_LISTED_TOKENS).contains(&tokens.len())
    {
        return Err(ChargingContractRefused::BadTokens);
    }
    let is_large = |group: &OperatorGroup| group.operators.len() > MOST_OPERATORS;
    if contract.groups.len() > MOST_OPERATOR_GROUPS || contract.groups.iter().any(is_large) {
        return Err(ChargingContractRefused::BadGroups);
    }
    if matches!(contract.late, LatePolicy::RefuseAfter(days) if days > MOST_LATE_DAYS) {
        return Err(ChargingContractRefused::BadLateDays);
    }
    if contract.settles == Settles::FromFunds && contract.membership != Membership::default() {
        return Err(ChargingContractRefused::MembershipFromFunds);
    }
    Ok(())
}

fn below_zero(contract: &ChargingContract) -> Option<&'static str> {
    let is_negative = |price: Option<Price>| price.is_some_and(|price| price < Price::from_raw(0));
    let Membership { fee_per_month, included_kwh } = contract.membership;
    let limits = contract.card_limits;
    let is_below = |limit: Option<Money>| limit.is_some_and(|limit| limit.minor() < 0);
    let found = [
        ("fee_per_month", is_negative(fee_per_month)),
        ("included_kwh", included_kwh.is_some_and(|energy| energy < Quantity::ZERO)),
        ("idle_fee", is_negative(contract.idle_fee.map(|fee| fee.price))),
        ("home_price", is_negative(contract.home.as_ref().map(|home| home.price))),
        ("limit_per_day", is_below(limits.per_day)),
        ("limit_per_month", is_below(limits.per_month)),
    ];
    found.into_iter().find_map(|(field, is_bad)| is_bad.then_some(field))
}

/// What of the terms changed that can't.
fn changed(held: &ChargingContract, contract: &ChargingContract) -> Option<&'static str> {
    let fixed = [
        ("settles", held.settles == contract.settles),
        ("tax_class", held.tax_class == contract.tax_class),
        ("membership", held.membership == contract.membership),
    ];
    fixed.into_iter().find_map(|(field, is_same)| (!is_same).then_some(field))
}

/// Whether a session could be sold by either of two contracts.
fn overlap(one: &ChargingContract, other: &ChargingContract) -> bool {
    let is_alike = match (&one.covers, &other.covers) {
        (Covers::Held, Covers::Held) => true,
        (Covers::Listed(tokens), Covers::Listed(others)) => !tokens.is_disjoint(others),
        (Covers::Party(party), Covers::Party(other)) => party == other,
        _ => false,
    };
    one.id != other.id && is_alike && one.span.overlaps(other.span)
}

fn is_text(text: &str) -> bool {
    text.len() <= MOST_CONTRACT_NAME_BYTES && !text.chars().any(char::is_control)
}
