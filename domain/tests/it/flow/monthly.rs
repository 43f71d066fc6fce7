//! Monthly prices of charges: one that begins inside a month stands beside the one before it.

use domain::charge::{ChargeKey, ChargeKind};
use domain::entity::Message;
use domain::entity::message::FromDocument;
use domain::price_series::{PriceSeries, SeriesId};

use super::*;

fn apply(world: &mut World, document: &str, from: Day, price: &str) {
    let series = SeriesId::Charge(ChargeKey {
        code: "SUB".to_owned(),
        owner: "5790000000001".to_owned(),
        kind: ChargeKind::Subscription,
    });
    let column = PriceColumn {
        start: rule().start(from),
        resolution: Resolution::Month,
        prices: vec![Price::parse(price).ok()],
    };
    let created = Instant::from_millis(1_000).unwrap();
    let from = FromDocument { document: document.to_owned(), index: 0, created };
    let message = Message::ApplyPrices { from, prices: vec![(series, column)] };
    world.catalog(&catalog::Command::Message(message)).unwrap();
}

#[test]
fn a_price_that_begins_inside_a_month_leaves_the_one_before_it() {
    let day = |of_month| Day::new(2024, 10, of_month).unwrap();
    for documents in [[("a", 1, "31"), ("b", 16, "62")], [("b", 16, "62"), ("c", 1, "31")]] {
        let mut world = world();
        for (document, of_month, price) in documents {
            apply(&mut world, document, day(of_month), price);
        }
        let (id, months) =
            world.rows.catalog.prices.iter().find(|(id, _)| matches!(id, SeriesId::Charge(_))).unwrap();
        let series = PriceSeries::known_at(months, Instant::MAX, &rule()).unwrap();
        assert_eq!(series.id(), id);
        let price = |of_month| {
            series.in_force(rule().start(day(of_month)), Instant::MIN).map(|(_, price)| price.to_string())
        };
        // Whichever document was made last says it for the days from its start on.
        let last_starts_first = documents[1].1 == 1;
        let expected = if last_starts_first { ["31", "31", "31"] } else { ["31", "31", "62"] };
        assert_eq!([1, 15, 16].map(|of_month| price(of_month).unwrap()), expected);
    }
}

#[test]
fn the_first_interval_of_a_column_begins_where_the_column_does() {
    let sixteenth = rule().start(Day::new(2024, 10, 16).unwrap());
    let starts: Vec<Instant> =
        (0..2).map(|index| Resolution::Month.start_of(index, sixteenth, &rule()).unwrap()).collect();
    assert_eq!(starts, [sixteenth, rule().start(Day::new(2024, 11, 1).unwrap())]);
}
