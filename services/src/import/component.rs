//! The small language of the columns `quantity` and `price` of a product's component.

use domain::day::Day;
use domain::price::Price;
use domain::product::{DatedPrice, PriceSource, QuantitySource};
use domain::series::Direction;

use super::cells::is_id;

/// The most prices by date, and the most components referred to.
const MOST_PARTS: usize = 1_000;

pub(super) const QUANTITY: &str =
    "channel:consumption, channel:production, days, count, amount_of:id+id or linked_charges";
pub(super) const PRICE: &str = "constant:6.20, constant:2024-01-01=5.99|2024-10-15=6.49, index:name*1+0.018, \
                                linked_charge or parameter:name";

/// Where a component's quantity comes from.
pub(super) fn quantity(text: &str) -> Option<QuantitySource> {
    match text.split_once(':') {
        None => match text {
            "days" => Some(QuantitySource::Days),
            "count" => Some(QuantitySource::Count),
            "linked_charges" => Some(QuantitySource::LinkedCharges),
            _ => None,
        },
        Some(("channel", word)) => Direction::from_word(word).map(QuantitySource::Channel),
        Some(("amount_of", ids)) => {
            let ids: Vec<String> = ids.split('+').take(MOST_PARTS).map(|id| id.trim().to_owned()).collect();
            ids.iter().all(|id| is_id(id)).then_some(QuantitySource::AmountOf(ids))
        }
        Some(_) => None,
    }
}

/// Where a component's price comes from. A constant without dates holds from the first day of the product.
pub(super) fn price(text: &str, valid_from: Day) -> Option<PriceSource> {
    match text.split_once(':') {
        None => (text == "linked_charge").then_some(PriceSource::LinkedCharge),
        Some(("constant", prices)) => constant(prices, valid_from).map(PriceSource::Constant),
        Some(("index", formula)) => index(formula),
        Some(("parameter", name)) => is_id(name).then(|| PriceSource::Parameter(name.to_owned())),
        Some(_) => None,
    }
}

fn constant(text: &str, valid_from: Day) -> Option<Vec<DatedPrice>> {
    if !text.contains('=') {
        return Some(vec![DatedPrice { valid_from, price: Price::parse(text.trim()).ok()? }]);
    }
    let dated = text.split('|').take(MOST_PARTS).map(|part| {
        let (day, price) = part.split_once('=')?;
        Some(DatedPrice { valid_from: Day::parse(day.trim())?, price: Price::parse(price.trim()).ok()? })
    });
    dated.collect()
}

/// `name`, `name*factor`, `name*factor+addend`; the addend has its own sign: `spot-nl*1+-0.002`.
fn index(text: &str) -> Option<PriceSource> {
    let (name, terms) = text.split_once('*').unwrap_or((text, "1"));
    let (factor, addend) = terms.split_once('+').unwrap_or((terms, "0"));
    let number = |text: &str| Price::parse(text.trim()).ok();
    let index = is_id(name).then(|| name.to_owned())?;
    Some(PriceSource::Series { index, factor: number(factor)?, addend: number(addend)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Day {
        Day::new(2024, 1, 1).unwrap()
    }

    fn number(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    #[test]
    fn quantities_are_read() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let cases = [
            ("channel:consumption", Some(QuantitySource::Channel(Direction::Consumption))),
            ("channel:production", Some(QuantitySource::Channel(Direction::Production))),
            ("days", Some(QuantitySource::Days)),
            ("count", Some(QuantitySource::Count)),
            ("linked_charges", Some(QuantitySource::LinkedCharges)),
            ("amount_of:a+b", Some(QuantitySource::AmountOf(ids(&["a", "b"])))),
            ("amount_of:", None),
            ("amount_of:a+", None),
            ("channel", None),
            ("channel:sideways", None),
            ("", None),
            ("days:1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(quantity(text), expected, "{text}");
        }
    }

    #[test]
    fn prices_are_read() {
        let dated =
            |year, price| DatedPrice { valid_from: Day::new(year, 1, 1).unwrap(), price: number(price) };
        let series = |factor, addend| {
            let (factor, addend) = (number(factor), number(addend));
            Some(PriceSource::Series { index: "spot-nl".to_owned(), factor, addend })
        };
        let cases = [
            ("constant:6.20", Some(PriceSource::Constant(vec![dated(2024, "6.2")]))),
            (
                "constant:2023-01-01=5.99|2025-01-01=6.49",
                Some(PriceSource::Constant(vec![dated(2023, "5.99"), dated(2025, "6.49")])),
            ),
            ("index:spot-nl", series("1", "0")),
            ("index:spot-nl*1+0.018", series("1", "0.018")),
            ("index:spot-nl*-1+-0.005", series("-1", "-0.005")),
            ("linked_charge", Some(PriceSource::LinkedCharge)),
            ("parameter:agreed", Some(PriceSource::Parameter("agreed".to_owned()))),
            ("constant:", None),
            ("constant:1,5", None),
            ("constant:2024-02-30=1", None),
            ("constant:2024-01-01=1|", None),
            ("index:", None),
            ("index:spot*", None),
            ("index:spot*1+", None),
            ("index:spot nl", None),
            ("6.20", None),
        ];
        for (text, expected) in cases {
            assert_eq!(price(text, day()), expected, "{text}");
        }
    }
}
