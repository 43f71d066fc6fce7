//! What a session comes to under a contract.

use std::collections::BTreeMap;

use super::ChargingContract;
use crate::amount::Amount;
use crate::cdr::SaleRefused;
use crate::money::{Currency, Money};
use crate::price_sheet::PriceSheet;
use crate::quantity::Quantity;
use crate::session::{
    self, ChargingPeriod, MemberDiscount, MemberPrices, PricedSession, RoundingPolicy, Session,
    SessionDimension, SessionTerms, Stated,
};
use crate::zone::Zone;

/// A session priced for its sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedSale {
    /// Without tax, in minor units.
    pub net: Money,
    /// The energy, in kWh.
    pub energy_kwh: Quantity,
    /// What each dimension comes to without tax.
    pub costs: BTreeMap<SessionDimension, Amount>,
    /// What least, most and rounding add: costs and this sum to the net.
    pub adjustment: Amount,
    /// What the energy comes to, in minor units as the session, and at most its net.
    pub energy_net: Amount,
}

/// Prices a session under a contract's price sheet. What its record states of price, currency and tariff is the operator's
/// and counts for the purchase alone; tax that the sheet names does not count either: its rate is the tenant's.
///
/// # Errors
/// [`SaleRefused::OtherCurrency`], [`SaleRefused::CannotPrice`] or [`SaleRefused::OutOfRange`].
pub fn price_sale(
    contract: &ChargingContract,
    session: &Session,
    (sheet, member): (&PriceSheet, MemberPrices),
    zone: &Zone,
    currency: Currency,
) -> Result<PricedSale, SaleRefused> {
    if sheet.currency != currency {
        return Err(SaleRefused::OtherCurrency);
    }
    let rounding = RoundingPolicy {
        mode: contract.rounding.mode,
        decimals: currency.decimals(),
        point: contract.rounding.point,
    };
    let terms = SessionTerms {
        rounding: Some(rounding),
        idle_fee: contract.idle_fee,
        member,
        ..SessionTerms::default()
    };
    let session = for_sale(session, currency);
    let priced = session::price(&session, std::slice::from_ref(sheet), zone, &terms)
        .map_err(|fault| SaleRefused::CannotPrice(fault.to_string()))?;
    let costs: BTreeMap<SessionDimension, Amount> =
        priced.dimensions.iter().map(|(dimension, cost)| (*dimension, cost.excluding_vat)).collect();
    let net = priced.total.excluding_vat.to_money(currency, contract.rounding.mode);
    (|| {
        let net = net?;
        let exact = Amount::from_money(net)?;
        let sum = costs.values().try_fold(Amount::ZERO, |sum, cost| sum.checked_add(*cost))?;
        Some(PricedSale {
            net,
            energy_kwh: Quantity::checked_sum(session.periods.iter().filter_map(|period| period.energy_kwh))?,
            adjustment: exact.checked_sub(sum)?,
            energy_net: of_energy(&priced, contract, currency)?.min(exact).max(Amount::ZERO),
            costs,
        })
    })()
    .ok_or(SaleRefused::OutOfRange)
}

/// What the energy comes to with what a member pays less for it, rounded as the session is: where nothing else has a price, it is
/// what the session was sold for, and a driver whose kWh are all included pays nothing.
fn of_energy(priced: &PricedSession, contract: &ChargingContract, currency: Currency) -> Option<Amount> {
    let is_energy = |discount: &&MemberDiscount| discount.position.dimension == SessionDimension::Energy;
    let less = priced.discounts.iter().filter(is_energy).map(|discount| discount.cost);
    let energy = [SessionDimension::Energy, SessionDimension::SpotEnergy];
    let costs = energy.iter().filter_map(|dimension| priced.dimensions.get(dimension).copied());
    let exact = costs.chain(less).try_fold(Amount::ZERO, |sum, cost| sum.checked_add(cost.excluding_vat))?;
    Amount::from_money(exact.to_money(currency, contract.rounding.mode)?)
}

/// The session without what its record says of price.
fn for_sale(session: &Session, currency: Currency) -> Session {
    let periods = session.periods.iter();
    Session {
        currency,
        is_credit: false,
        stated: Stated::default(),
        periods: periods.map(|period| ChargingPeriod { sheet: None, ..period.clone() }).collect(),
        ..session.clone()
    }
}
