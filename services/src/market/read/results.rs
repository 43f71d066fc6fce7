//! Results to reconcile with (RSM-014, RSM-019).

use domain::amount::Amount;
use domain::charge::ChargeKey;
use domain::document::{
    AggregatedResult, MeteringPointKind, SettlementMethod, WholesaleResult, WholesaleRow,
};
use domain::fixed::{self, DecimalError};
use domain::money::Currency;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::resolution::Resolution;

use super::fields::{Fields, Read};
use super::intervals::{self, PositionNames};
use super::measured_data::{Sign, product_and_unit, time_series};
use super::reading::Reading;
use crate::market::codes;

const GRID_AREA: &str = "meteringGridArea_Domain.mRID";
const SUPPLIER: &str = "energySupplier_MarketParticipant.mRID";
const VERSION: &str = "settlement_Series.version";
const ORIGINAL: &str = "originalTransactionIDReference_Series.mRID";
const METHOD: &str = "marketEvaluationPoint.settlementMethod";
const KIND: &str = "marketEvaluationPoint.type";
const UNIT: &str = "quantity_Measure_Unit.name";
/// An amount of a result has six decimals; an exact amount is a count of products of a quantity (six) and a price
/// (eight).
const AMOUNT_DECIMALS: u32 = 6;
const PRODUCTS_PER_MILLIONTH: i128 = 100_000_000;

pub(super) fn aggregated(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<AggregatedResult> {
    let (product, unit) = product_and_unit(reading, fields, "product", UNIT)?;
    Ok(AggregatedResult {
        id,
        version: fields.optional_id(reading, "version")?,
        settlement_version: fields.optional_code(reading, VERSION, codes::settlement_version)?,
        kind: fields.code(reading, KIND, MeteringPointKind::from_code)?,
        settlement_method: fields.optional_code(reading, METHOD, SettlementMethod::from_code)?,
        grid_area: fields.optional_id(reading, GRID_AREA)?,
        to_area: fields.optional_id(reading, "in_Domain.mRID")?,
        from_area: fields.optional_id(reading, "out_Domain.mRID")?,
        supplier: fields.optional_participant(reading, SUPPLIER)?,
        balance_responsible: fields
            .optional_participant(reading, "balanceResponsibleParty_MarketParticipant.mRID")?,
        product,
        unit,
        original_transaction: fields.optional_id(reading, ORIGINAL)?,
        series: fields.group(reading, "Period", |reading, fields| time_series(reading, fields, Sign::Any))?,
    })
}

pub(super) fn wholesale(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<WholesaleResult> {
    let (charge, charge_owner) = charge(reading, fields)?;
    let (product, unit) = product_and_unit(reading, fields, "product", UNIT)?;
    let version = fields.optional_id(reading, "version")?;
    let settlement_version = fields.optional_code(reading, VERSION, codes::settlement_version)?;
    let kind = fields.optional_code(reading, KIND, MeteringPointKind::from_code)?;
    let settlement_method = fields.optional_code(reading, METHOD, SettlementMethod::from_code)?;
    let grid_area = fields.optional_id(reading, GRID_AREA)?;
    let supplier = fields.participant(reading, SUPPLIER)?;
    let price_unit = fields.optional_code(reading, "price_Measure_Unit.name", codes::unit)?;
    let currency = fields.optional_code(reading, "currency_Unit.name", Currency::from_code)?;
    let original_transaction = fields.optional_id(reading, ORIGINAL)?;
    let has_charge = charge.is_some();
    let (resolution, period, rows) = fields.group(reading, "Period", |reading, fields| {
        let (resolution, period) = intervals::interval(reading, fields)?;
        let expected = intervals::metered_count(reading, "timeInterval", resolution, period)?;
        let is_priced = has_charge && resolution != Resolution::Month;
        let rows = intervals::values(reading, fields, PositionNames::CIM, expected, |reading, fields| {
            row(reading, fields, is_priced)
        })?;
        Ok((resolution, period, rows))
    })?;
    Ok(WholesaleResult {
        id,
        version,
        settlement_version,
        charge,
        charge_owner,
        kind,
        settlement_method,
        grid_area,
        supplier,
        product,
        unit,
        price_unit,
        currency,
        original_transaction,
        period,
        resolution,
        rows,
    })
}

/// The charge, where all three of its parts are named, and else the owner alone, where it is named.
fn charge(reading: &Reading<'_>, fields: &mut Fields<'_>) -> Read<(Option<ChargeKey>, Option<String>)> {
    let code = fields.optional_id(reading, "chargeType.mRID")?;
    let kind = fields.optional_code(reading, "chargeType.type", codes::charge_kind)?;
    let owner = fields.optional_participant(reading, "chargeType.chargeTypeOwner_MarketParticipant.mRID")?;
    Ok(match (code, kind, owner) {
        (Some(code), Some(kind), Some(owner)) => (Some(ChargeKey { code, owner, kind }), None),
        (_, _, owner) => (None, owner),
    })
}

/// A document writes 0 for an amount that could not be computed for want of a price.
fn row(reading: &mut Reading<'_>, fields: &mut Fields<'_>, is_priced: bool) -> Read<WholesaleRow> {
    let price = fields.optional_decimal(reading, "price.amount", Price::parse)?;
    let amount = fields.optional_decimal(reading, "energySum_Quantity.quantity", amount)?;
    let is_absent = is_priced && price.is_none() && amount == Some(Amount::ZERO);
    Ok(WholesaleRow {
        quantity: fields.optional_decimal(reading, "energy_Quantity.quantity", Quantity::parse)?,
        price,
        amount: amount.filter(|_| !is_absent),
        quality: fields.optional_code(reading, "quality", codes::quality)?,
    })
}

fn amount(text: &str) -> Result<Amount, DecimalError> {
    let millionths = fixed::parse(text, AMOUNT_DECIMALS)?;
    let product = millionths.checked_mul(PRODUCTS_PER_MILLIONTH).ok_or(DecimalError::TooLarge)?;
    Amount::from_product(product).ok_or(DecimalError::TooLarge)
}
