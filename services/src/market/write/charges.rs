//! Charges, their prices and their links (D18, D08, D17).

use domain::charge::{Charge, ChargeKey, ChargeLink};
use domain::document::{ChargeGroup, ChargeLinks, ChargePrices};
use domain::instant::Period;
use domain::price::Price;
use domain::quantity::Quantity;

use super::{Field, Fields, WriteError};
use crate::market::codes;

pub(super) fn information(group: &ChargeGroup<Charge>) -> Fields {
    record(&group.id, Vec::new(), group.charges.iter().map(charge).collect())
}

pub(super) fn prices(group: &ChargeGroup<ChargePrices>) -> Fields {
    record(&group.id, Vec::new(), group.charges.iter().map(priced).collect())
}

pub(super) fn links(links: &ChargeLinks) -> Result<Fields, WriteError> {
    let point = vec![("marketEvaluationPoint.mRID", Field::metering_point(links.metering_point))];
    let linked: Result<Vec<Fields>, WriteError> = links.links.iter().map(link).collect();
    Ok(record(&links.id, point, linked?))
}

fn record(id: &str, mut about: Fields, charges: Vec<Fields>) -> Fields {
    let mut fields = vec![("mRID", Field::plain(id))];
    fields.append(&mut about);
    fields.push(("ChargeGroup", Field::Group(vec![("ChargeType", Field::Groups(charges))])));
    fields
}

fn key(key: &ChargeKey) -> Fields {
    vec![
        ("chargeTypeOwner_MarketParticipant.mRID", Field::party(&key.owner)),
        ("type", Field::code(codes::charge_kind_code(key.kind))),
        ("mRID", Field::plain(&key.code)),
    ]
}

fn period(fields: &mut Fields, period: Period) {
    fields.push(("effectiveDate", Field::plain(period.start())));
    if !period.is_open() {
        fields.push(("terminationDate", Field::plain(period.end())));
    }
}

fn charge(charge: &Charge) -> Fields {
    let mut fields = key(&charge.key);
    for (name, text) in [("name", &charge.name), ("description", &charge.description)] {
        if !text.is_empty() {
            fields.push((name, Field::plain(text)));
        }
    }
    fields.push(("priceTimeFrame_Period.resolution", Field::plain(charge.resolution)));
    period(&mut fields, charge.period);
    fields.push(("VATPayer", Field::code(codes::vat_payer_code(charge.has_vat))));
    fields.push(("transparentInvoicing", Field::Flag(charge.is_transparent)));
    fields.push(("taxIndicator", Field::Flag(charge.is_tax)));
    fields
}

fn priced(prices: &ChargePrices) -> Fields {
    let mut fields = key(&prices.charge);
    if let Some(effective) = prices.effective {
        fields.push(("effectiveDate", Field::plain(effective)));
    }
    let interval =
        vec![("start", Field::minute(prices.period.start())), ("end", Field::minute(prices.period.end()))];
    let points =
        prices.prices.iter().zip(1_usize..).map(|(price, position)| point(*price, position)).collect();
    let series = vec![
        ("resolution", Field::plain(prices.resolution)),
        ("timeInterval", Field::Group(interval)),
        ("Point", Field::Groups(points)),
    ];
    fields.push(("Series_Period", Field::Groups(vec![series])));
    fields
}

fn point(price: Price, position: usize) -> Fields {
    vec![
        ("position", Field::NumberValue(position.to_string())),
        ("price.amount", Field::NumberValue(price.to_string())),
    ]
}

fn link(link: &ChargeLink) -> Result<Fields, WriteError> {
    let mut fields = key(&link.charge);
    let is_whole = link.factor.micros().checked_rem(Quantity::ONE.micros()) == Some(0);
    if !is_whole {
        return Err(WriteError::FractionalFactor);
    }
    fields.push(("factor", Field::NumberValue(link.factor.to_string())));
    period(&mut fields, link.period);
    Ok(fields)
}
