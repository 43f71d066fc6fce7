//! `products.csv`: what is sold, a row per component.

use domain::fixed::Rounding;
use domain::product::{ChargeModel, Component, Display, Product};
use domain::tax::TaxClass;

use super::cells::yes_or_no;
use super::component::{PRICE, QUANTITY, price, quantity};
use super::error::{CsvError, CsvFault};
use super::table::{Row, Table};

/// What the rows of a version of a product agree in.
const SAME: [&str; 2] = ["product_name", "currency"];

pub(super) fn products(table: &Table) -> Result<Vec<Product>, CsvError> {
    let groups = table.groups(&["product_id", "valid_from"], &SAME)?;
    groups.into_iter().map(|rows| product(table, &rows)).collect()
}

fn product(table: &Table, rows: &[Row<'_>]) -> Result<Product, CsvError> {
    let row = rows.first().ok_or_else(|| table.fault(CsvFault::NoRows))?;
    let product = Product {
        id: row.id("product_id")?.to_owned(),
        version: 0,
        name: row.name("product_name")?,
        currency: row.currency()?,
        valid_from: row.day("valid_from")?,
        components: rows.iter().map(component).collect::<Result<_, _>>()?,
    };
    match product.defects().into_iter().next() {
        None => Ok(product),
        Some(defect) => Err(row.fault(CsvFault::Defective { product: product.id, defect })),
    }
}

fn component(row: &Row<'_>) -> Result<Component, CsvError> {
    let valid_from = row.day("valid_from")?;
    Ok(Component {
        id: row.id("component_id")?.to_owned(),
        name: row.name("component_name")?,
        quantity: row.value("quantity", QUANTITY, quantity)?,
        unit: row.unit()?,
        price: row.value("price", PRICE, |text| price(text, valid_from))?,
        model: row.value("model", "per_unit or fixed", |text| match text {
            "per_unit" => Some(ChargeModel::PerUnit),
            "fixed" => Some(ChargeModel::Fixed),
            _ => None,
        })?,
        tax_class: TaxClass::new(row.id("tax_class")?),
        display: Display {
            group: row.name("group")?,
            is_bundled: row.optional("bundled", "yes, no or nothing", yes_or_no)?.unwrap_or_default(),
        },
        revenue_role: row.id("revenue_role")?.to_owned(),
        rounding: row.value("rounding", ROUNDING, rounding)?,
        conditions: None,
    })
}

const ROUNDING: &str =
    "half_away_from_zero, half_even, towards_zero, away_from_zero, or nothing for the first";

fn rounding(text: &str) -> Option<Rounding> {
    match text {
        "" | "half_away_from_zero" => Some(Rounding::HalfAwayFromZero),
        "half_even" => Some(Rounding::HalfEven),
        "towards_zero" => Some(Rounding::TowardsZero),
        "away_from_zero" => Some(Rounding::AwayFromZero),
        _ => None,
    }
}
