//! Charging contracts and cards.

use std::collections::BTreeSet;

use domain::cdr::Party;
use domain::charging_contract::{
    Card, CardLimits, ChargingContract, Covers, HomeCharging, LatePolicy, Membership, OperatorGroup,
    SaleRounding, Settles,
};
use domain::contract::Share;
use domain::session::{DayHours, IdleFee, MemberPrice, MemberPrices, RoundingPoint};
use domain::tax::TaxClass;
use domain::token::Token;

use super::field::{self, same_names};
use super::{FieldError, FieldFault, leg, number};
use crate::roaming::charging_contract::{Covers as CoversWire, Late};
use crate::roaming::member_price::Price as PriceWire;
use crate::{catalog, roaming};

same_names!(RoundingPoint, roaming::SaleRoundingPoint, [Component, Sum]);

/// The class of goods where none is said.
const STANDARD: &str = "standard";
/// The role of revenue where none is said.
const REVENUE: &str = "charging";

impl From<&ChargingContract> for roaming::ChargingContract {
    fn from(contract: &ChargingContract) -> Self {
        Self {
            name: String::new(),
            charging_contract_id: contract.id.clone(),
            display_name: contract.name.clone(),
            span: Some((&contract.span).into()),
            price_sheet_id: contract.sheet.clone(),
            operator_groups: field::messages(&contract.groups),
            covers: Some((&contract.covers).into()),
            category: contract.category.clone(),
            rounding: (contract.rounding != SaleRounding::default()).then(|| rounding(contract.rounding)),
            idle_fee: contract.idle_fee.as_ref().map(Into::into),
            fee_per_month: contract.membership.fee_per_month.as_ref().map(Into::into),
            included_kwh: contract.membership.included_kwh.as_ref().map(Into::into),
            settlement: match contract.settles {
                Settles::ByInvoice => roaming::SessionSettlement::ByInvoice.into(),
                Settles::FromFunds => roaming::SessionSettlement::FromFunds.into(),
            },
            tax_class: contract.tax_class.name().to_owned(),
            revenue_role: contract.revenue_role.clone(),
            late: match contract.late {
                LatePolicy::NextInvoice => None,
                LatePolicy::SeparateInvoice => Some(Late::LateOnSeparateInvoice(())),
                LatePolicy::RefuseAfter(days) => Some(Late::LateRefusedAfterDays(days)),
            },
            card_limit_per_day: contract.card_limits.per_day.as_ref().map(Into::into),
            card_limit_per_month: contract.card_limits.per_month.as_ref().map(Into::into),
            home_charging: contract.home.as_ref().map(|home| roaming::HomeCharging {
                price_per_kwh: Some((&home.price).into()),
                account_id: home.account.clone(),
            }),
        }
    }
}

impl TryFrom<roaming::ChargingContract> for ChargingContract {
    type Error = FieldError;

    fn try_from(contract: roaming::ChargingContract) -> Result<Self, FieldError> {
        let settles = match contract.settlement() {
            roaming::SessionSettlement::FromFunds => Settles::FromFunds,
            roaming::SessionSettlement::ByInvoice | roaming::SessionSettlement::Unspecified => {
                Settles::ByInvoice
            }
        };
        let home = contract.home_charging.map(|home| {
            let price = field::required("home_charging.price_per_kwh", home.price_per_kwh)?;
            Ok(HomeCharging { price, account: home.account_id })
        });
        Ok(Self {
            id: contract.charging_contract_id,
            name: contract.display_name,
            span: field::required("span", contract.span)?,
            sheet: contract.price_sheet_id,
            groups: field::each("operator_groups", contract.operator_groups)?,
            covers: field::required("covers", contract.covers)?,
            category: contract.category,
            rounding: field::optional("rounding", contract.rounding)?.unwrap_or_default(),
            idle_fee: field::optional("idle_fee", contract.idle_fee)?,
            membership: Membership {
                fee_per_month: field::optional("fee_per_month", contract.fee_per_month)?,
                included_kwh: field::optional("included_kwh", contract.included_kwh)?,
            },
            settles,
            tax_class: TaxClass::new(&or_else(contract.tax_class, STANDARD)),
            revenue_role: or_else(contract.revenue_role, REVENUE),
            late: match contract.late {
                None => LatePolicy::NextInvoice,
                Some(Late::LateOnSeparateInvoice(())) => LatePolicy::SeparateInvoice,
                Some(Late::LateRefusedAfterDays(days)) => LatePolicy::RefuseAfter(days),
            },
            card_limits: CardLimits {
                per_day: field::optional("card_limit_per_day", contract.card_limit_per_day)?,
                per_month: field::optional("card_limit_per_month", contract.card_limit_per_month)?,
            },
            home: home.transpose()?,
        })
    }
}

impl From<&Covers> for CoversWire {
    fn from(covers: &Covers) -> Self {
        match covers {
            Covers::Held => Self::HeldTokens(()),
            Covers::Listed(tokens) => {
                let tokens = tokens.iter().map(|token| roaming::ListedToken {
                    token_type: token.kind().name().to_owned(),
                    value: token.value().to_owned(),
                });
                Self::ListedTokens(roaming::ListedTokens { tokens: tokens.collect() })
            }
            Covers::Party(party) => Self::Party(party.into()),
        }
    }
}

impl TryFrom<CoversWire> for Covers {
    type Error = FieldError;

    fn try_from(covers: CoversWire) -> Result<Self, FieldError> {
        Ok(match covers {
            CoversWire::HeldTokens(()) => Self::Held,
            CoversWire::ListedTokens(listed) => {
                let token = |listed: roaming::ListedToken| token(&listed.token_type, &listed.value);
                let tokens: BTreeSet<Token> = field::each_by("tokens", listed.tokens, token)?;
                Self::Listed(tokens)
            }
            CoversWire::Party(party) => Self::Party(party.try_into()?),
        })
    }
}

impl From<&Party> for roaming::RoamingParty {
    fn from(party: &Party) -> Self {
        Self { country_code: party.country().to_owned(), party_id: party.id().to_owned() }
    }
}

impl TryFrom<roaming::RoamingParty> for Party {
    type Error = FieldError;

    fn try_from(party: roaming::RoamingParty) -> Result<Self, FieldError> {
        leg::party(&party.country_code, &party.party_id)
    }
}

impl From<&OperatorGroup> for roaming::OperatorGroup {
    fn from(group: &OperatorGroup) -> Self {
        let price = |price: Option<MemberPrice>| price.map(member_price);
        Self {
            operators: field::messages(&group.operators),
            price_sheet_id: group.sheet.clone().unwrap_or_default(),
            energy: price(group.prices.energy),
            time: price(group.prices.time),
            parking: price(group.prices.parking),
            flat: price(group.prices.flat),
        }
    }
}

impl TryFrom<roaming::OperatorGroup> for OperatorGroup {
    type Error = FieldError;

    fn try_from(group: roaming::OperatorGroup) -> Result<Self, FieldError> {
        Ok(Self {
            operators: field::each("operators", group.operators)?,
            sheet: Some(group.price_sheet_id).filter(|sheet| !sheet.is_empty()),
            prices: MemberPrices {
                energy: field::optional("energy", group.energy)?,
                time: field::optional("time", group.time)?,
                parking: field::optional("parking", group.parking)?,
                flat: field::optional("flat", group.flat)?,
                ..MemberPrices::default()
            },
        })
    }
}

fn member_price(price: MemberPrice) -> roaming::MemberPrice {
    let price = match price {
        MemberPrice::Discount(share) => PriceWire::DiscountBasisPoints(share.ten_thousandths()),
        MemberPrice::Less(less) => PriceWire::Less((&less).into()),
        MemberPrice::Instead(price) => PriceWire::Instead((&price).into()),
    };
    roaming::MemberPrice { price: Some(price) }
}

impl TryFrom<roaming::MemberPrice> for MemberPrice {
    type Error = FieldError;

    fn try_from(price: roaming::MemberPrice) -> Result<Self, FieldError> {
        Ok(match field::chosen("price", price.price)? {
            PriceWire::DiscountBasisPoints(points) => {
                let share: Share = number::share("discount_basis_points", points)?;
                Self::Discount(share)
            }
            PriceWire::Less(less) => Self::Less(field::required("less", Some(less))?),
            PriceWire::Instead(price) => Self::Instead(field::required("instead", Some(price))?),
        })
    }
}

fn rounding(rounding: SaleRounding) -> roaming::SaleRounding {
    roaming::SaleRounding {
        mode: field::number::<catalog::Rounding, _>(rounding.mode),
        point: field::number::<roaming::SaleRoundingPoint, _>(rounding.point),
    }
}

impl TryFrom<roaming::SaleRounding> for SaleRounding {
    type Error = FieldError;

    fn try_from(rounding: roaming::SaleRounding) -> Result<Self, FieldError> {
        Ok(Self {
            mode: field::known::<catalog::Rounding, _>("mode", rounding.mode)?,
            point: field::known::<roaming::SaleRoundingPoint, _>("point", rounding.point)?,
        })
    }
}

impl From<&IdleFee> for roaming::IdleFee {
    fn from(fee: &IdleFee) -> Self {
        Self {
            price_per_hour: Some((&fee.price).into()),
            grace_seconds: fee.grace_s,
            free_from_minute: fee.free.map(|free| free.start_minute.into()),
            free_until_minute: fee.free.map(|free| free.end_minute.into()),
            most_per_day: fee.most_per_day.as_ref().map(Into::into),
        }
    }
}

/// The tax of an idle fee is the contract's.
impl TryFrom<roaming::IdleFee> for IdleFee {
    type Error = FieldError;

    fn try_from(fee: roaming::IdleFee) -> Result<Self, FieldError> {
        let free = match (fee.free_from_minute, fee.free_until_minute) {
            (None, None) => None,
            (from, until) => Some(DayHours {
                start_minute: minute("free_from_minute", from)?,
                end_minute: minute("free_until_minute", until)?,
            }),
        };
        Ok(Self {
            price: field::required("price_per_hour", fee.price_per_hour)?,
            vat: None,
            grace_s: fee.grace_seconds,
            free,
            most_per_day: field::optional("most_per_day", fee.most_per_day)?,
        })
    }
}

fn minute(field: &str, minute: Option<u32>) -> Result<u16, FieldError> {
    let minute = minute.ok_or_else(|| FieldError::at(field, FieldFault::Missing))?;
    let of_day = u16::try_from(minute).ok().filter(|minute| *minute < 1_440);
    of_day.ok_or_else(|| FieldError::at(field, FieldFault::OutOfRange))
}

/// A card with its token.
impl From<&(Token, Card)> for roaming::Card {
    fn from((token, agreed): &(Token, Card)) -> Self {
        card((token, agreed))
    }
}

impl TryFrom<roaming::Card> for (Token, Card) {
    type Error = FieldError;

    fn try_from(card: roaming::Card) -> Result<Self, FieldError> {
        into_card(card)
    }
}

/// A card with its token.
pub(super) fn card((token, card): (&Token, &Card)) -> roaming::Card {
    roaming::Card {
        token_type: token.kind().name().to_owned(),
        value: token.value().to_owned(),
        cost_centre: card.cost_centre.clone(),
        home_account_id: card.home_account.clone(),
    }
}

/// The token and what is agreed for it.
pub(super) fn into_card(card: roaming::Card) -> Result<(Token, Card), FieldError> {
    let token = token(&card.token_type, &card.value)?;
    Ok((token, Card { cost_centre: card.cost_centre, home_account: card.home_account_id }))
}

/// A token by its type and value, in any spelling.
pub(super) fn token(token_type: &str, value: &str) -> Result<Token, FieldError> {
    Token::new(token_type, value).map_err(|_| FieldError::at("value", FieldFault::NotAToken))
}

fn or_else(text: String, usual: &str) -> String {
    if text.is_empty() { usual.to_owned() } else { text }
}
