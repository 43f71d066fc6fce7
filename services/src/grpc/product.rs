//! The names within a product that become parts of keys of stored rows: of positions, of ledger accounts, of prices.

use domain::product::{Component, PriceSource, Product, QuantitySource};
use tonic::Status;

use super::name;

/// Refuses a product with a name that no row could have.
pub(super) fn check_names(product: &Product) -> Result<(), Status> {
    name::id("product.product_id", &product.id)?;
    for (index, component) in product.components.iter().enumerate() {
        let at = |field: &str| format!("product.components[{index}].{field}");
        for (field, value) in names(component) {
            name::id(&at(field), value)?;
        }
    }
    Ok(())
}

fn names(component: &Component) -> Vec<(&'static str, &str)> {
    let mut names = vec![("component_id", component.id.as_str())];
    let classes = [("tax_class", component.tax_class.name()), ("revenue_role", &component.revenue_role)];
    // That they are there is for the product to say: it lists every defect at once.
    names.extend(classes.into_iter().filter(|(_, name)| !name.is_empty()));
    match &component.price {
        PriceSource::Series { index, .. } => names.push(("index.index", index)),
        PriceSource::Parameter(parameter) => names.push(("parameter", parameter)),
        PriceSource::Constant(_)
        | PriceSource::Calendar(_)
        | PriceSource::LinkedCharge
        | PriceSource::Tiers(_)
        | PriceSource::Event => {}
    }
    match &component.quantity {
        QuantitySource::Dimension(dimension) if !dimension.is_empty() => names.push(("dimension", dimension)),
        _ => {}
    }
    names
}
