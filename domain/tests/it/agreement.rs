//! Agreements: which one charges what runs, and what its product says that it costs at an instant.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't make its input has failed")]

use domain::agreement::{
    Agreement, AgreementCommand, AgreementRefused, Agreements, MOST_AGREEMENTS, PriceFacts, Unpriced,
    price_in_force, step_of,
};
use domain::day::DayRule;
use domain::funds::{FundsRefused, Usage};
use domain::identity::MeteringPointId;
use domain::model::pricing::Pricing as _;
use domain::money::Currency;
use domain::product::{ChargeModel, Component, PriceSource, Product, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::rating::RatingFacts;
use domain::resolution::Resolution;
use domain::tax::{TaxClass, TaxTable};
use domain::zone::Zone;

use super::rating::calendar::week;
use super::rating::given::{
    Given, always, charges, component, dated, day, energy, instant, monthly, on_spot, price, span, surcharge,
};

fn on(dimension: &str, unit: Unit, price: PriceSource) -> Component {
    let source = QuantitySource::Dimension(dimension.to_owned());
    component(dimension, source, unit, price, ChargeModel::PerUnit)
}

fn charging(price: PriceSource) -> Component {
    on("energy", Unit::KilowattHour, price)
}

fn calendar(weeks: &[(&str, &str)]) -> PriceSource {
    PriceSource::Calendar(weeks.iter().map(|(from, text)| week(from, text)).collect())
}

/// What 1,000 units of what runs cost at the instant: net and tax of each component.
fn told(facts: &RatingFacts, usage: &Usage, unit: Unit, at: &str) -> Result<String, Unpriced> {
    let days = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap());
    let facts_of_price = PriceFacts { days: &days, taxes: &facts.taxes, series: &facts.prices };
    let versions = facts.products.get(&usage.product).map(Vec::as_slice).unwrap_or_default();
    let price = price_in_force(versions, &facts_of_price, usage, unit, instant(at))?;
    let sale = price.sale_price();
    assert_eq!((sale.currency, sale.unit, sale.step), (Currency::Eur, unit, step_of(unit)));
    let thousand = Quantity::from_units(1_000).unwrap();
    let charged = sale.charged(thousand).unwrap();
    let sum = charged.iter().map(|part| part.gross().unwrap().raw()).sum::<i128>();
    assert_eq!(sale.amount(thousand).unwrap().raw(), sum);
    Ok(charged.iter().map(|part| format!("{}+{}", part.net, part.tax)).collect::<Vec<_>>().join(" "))
}

fn usage(dimension: &str) -> Usage {
    Usage { dimension: dimension.to_owned(), product: "p1".to_owned(), ..Usage::default() }
}

fn check(components: Vec<Component>, cases: &[(&str, &str)]) {
    let facts = Given::new(components).facts;
    for (at, expected) in cases {
        assert_eq!(told(&facts, &usage("energy"), Unit::KilowattHour, at).unwrap(), *expected, "{at}");
    }
}

#[test]
fn the_price_is_that_of_the_second() {
    let text = "1-5 06:00-22:00 0.30; 1-5 00:00-06:00 0.20; 1-5 22:00-24:00 0.20; 6-7 00:00-24:00 0.15";
    // 21 % of 300, 200, 150. 2024-10-25 is a Friday, in Amsterdam two hours ahead of UTC.
    check(
        vec![charging(calendar(&[("2020-01-01", text)]))],
        &[
            ("2024-10-25T03:59:59.999Z", "200+42"),
            ("2024-10-25T04:00:00Z", "300+63"),
            ("2024-10-25T19:59:59Z", "300+63"),
            ("2024-10-25T20:00:00Z", "200+42"),
            ("2024-10-25T21:59:59Z", "200+42"),
            ("2024-10-25T22:00:00Z", "150+31.5"),
            ("2024-10-27T22:59:59Z", "150+31.5"),
            ("2024-10-27T23:00:00Z", "200+42"),
        ],
    );
}

#[test]
fn the_clocks_may_change() {
    let text = "1-7 00:00-02:30 0.10; 1-7 02:30-24:00 0.30";
    check(
        vec![charging(calendar(&[("2020-01-01", text)]))],
        &[
            // 02:29:59 and 02:30 in summer time, then 02:00 and 02:30 once more.
            ("2024-10-27T00:29:59Z", "100+21"),
            ("2024-10-27T00:30:00Z", "300+63"),
            ("2024-10-27T00:59:59Z", "300+63"),
            ("2024-10-27T01:00:00Z", "100+21"),
            ("2024-10-27T01:30:00Z", "300+63"),
            // 01:59:59, then 03:00: half past two never comes.
            ("2024-03-31T00:59:59Z", "100+21"),
            ("2024-03-31T01:00:00Z", "300+63"),
        ],
    );
}

#[test]
fn dates_are_those_of_the_zone() {
    check(
        vec![charging(dated(&[("2020-01-01", "0.40"), ("2024-11-01", "0.50")]))],
        &[("2024-10-31T22:59:59.999Z", "400+84"), ("2024-10-31T23:00:00Z", "500+105")],
    );
    let weeks = [("2020-01-01", "1-7 00:00-24:00 0.40"), ("2024-11-01", "1-7 00:00-24:00 0.50")];
    check(
        vec![charging(calendar(&weeks))],
        &[("2024-10-31T22:59:59.999Z", "400+84"), ("2024-10-31T23:00:00Z", "500+105")],
    );
    // A version of the product, and a rate of tax.
    let facts = Given::new(vec![charging(always("0.40"))])
        .version(2, "2024-11-01", vec![charging(always("0.60"))])
        .taxed("standard", "2024-12-01", 900)
        .facts;
    let at = |at| told(&facts, &usage("energy"), Unit::KilowattHour, at).unwrap();
    assert_eq!(at("2024-10-31T22:59:59Z"), "400+84");
    assert_eq!(at("2024-10-31T23:00:00Z"), "600+126");
    assert_eq!(at("2024-11-30T23:00:00Z"), "600+54");
}

#[test]
fn an_index_has_its_price_of_the_interval() {
    // 80, 90, 100 … per MWh, x 1.1 + 0.02 per kWh, and 2 % of it for green origin.
    let facts = Given::new(vec![charging(on_spot("1.1", "0.02")), surcharge(&["energy"], always("0.02"))])
        .spot("2024-10-01/2024-10-02", Resolution::Hour, |hour| Some(price(&format!("{}", 80 + 10 * hour))))
        .facts;
    let at = |at| told(&facts, &usage("energy"), Unit::KilowattHour, at);
    // 1,000 x (0.08 x 1.1 + 0.02) = 108 and 2.16; of the second hour 119 and 2.38.
    assert_eq!(at("2024-09-30T22:00:00Z").unwrap(), "108+22.68 2.16+0.4536");
    assert_eq!(at("2024-09-30T22:59:59.999Z").unwrap(), "108+22.68 2.16+0.4536");
    assert_eq!(at("2024-09-30T23:00:00Z").unwrap(), "119+24.99 2.38+0.4998");
    assert_eq!(at("2024-10-01T22:00:00Z").unwrap_err(), Unpriced::MissingPrice("energy".to_owned()));
}

#[test]
fn what_runs_is_priced_whole_or_not_at_all() {
    let name = |id: &str| id.to_owned();
    let components = || {
        vec![
            charging(always("0.40")),
            on("time", Unit::Hour, always("3")),
            monthly(always("12")),
            surcharge(&["energy", "standing"], always("0.05")),
        ]
    };
    let facts = Given::new(components()).facts;
    let at = "2024-10-10T10:00:00Z";
    let run = |facts: &RatingFacts, usage: &Usage, unit| told(facts, usage, unit, at);
    assert_eq!(run(&facts, &usage("energy"), Unit::KilowattHour).unwrap(), "400+84 20+4.2");
    assert_eq!(run(&facts, &usage("time"), Unit::Hour).unwrap(), "3000+630");
    assert_eq!(run(&facts, &usage("energy"), Unit::CubicMetre), Err(Unpriced::WrongUnit(name("energy"))));
    assert_eq!(run(&facts, &usage("parking"), Unit::Hour), Err(Unpriced::NotCounted));
    let other = Usage { product: name("p2"), ..usage("energy") };
    assert_eq!(run(&facts, &other, Unit::KilowattHour), Err(Unpriced::UnknownProduct(name("p2"))));
    // At a metering point energy is what its channel consumes, and its charges are known only to it.
    let point = MeteringPointId::new(871_699_000_000_000_011).unwrap();
    let at_point = Usage { metering_point: Some(point), ..usage("energy") };
    let supply = Given::new(vec![energy(always("0.25"))]).facts;
    assert_eq!(run(&supply, &at_point, Unit::KilowattHour).unwrap(), "250+52.5");
    assert_eq!(run(&supply, &usage("energy"), Unit::KilowattHour), Err(Unpriced::NotCounted));
    let linked = Given::new(vec![energy(always("0.25")), charges()]).facts;
    assert_eq!(run(&linked, &at_point, Unit::KilowattHour), Err(Unpriced::NotLive(name("charges"))));
    let parameter = Given::new(vec![charging(PriceSource::Parameter(name("agreed")))]).facts;
    let missing = Err(Unpriced::MissingPrice(name("energy")));
    assert_eq!(run(&parameter, &usage("energy"), Unit::KilowattHour), missing);
    let mut untaxed = Given::new(components()).facts;
    untaxed.taxes = TaxTable::default();
    let class = Err(Unpriced::UnknownTaxClass(TaxClass::new("standard")));
    assert_eq!(run(&untaxed, &usage("energy"), Unit::KilowattHour), class);
    let tiers = super::model::given::component("graduated zero=fee 10:0.30+1 ..:0.20", "");
    let product = Product { id: name("p1"), ..super::model::given::product(tiers) };
    let facts = RatingFacts { products: [(name("p1"), vec![product])].into(), ..facts };
    assert_eq!(run(&facts, &usage("d"), Unit::KilowattHour), Err(Unpriced::NotLive(name("graduated"))));
}

/// `set a p1 2024-01-01/2025-01-01` or `end a 2024-06-01`.
fn command(text: &str) -> AgreementCommand {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["set", id, product, days] => AgreementCommand::Set(Agreement {
            id: (*id).to_owned(),
            product: (*product).to_owned(),
            span: span(days),
            allows_overuse: false,
        }),
        ["end", id, end] => AgreementCommand::End { id: (*id).to_owned(), end: day(end) },
        words => panic!("{words:?} is no command"),
    }
}

fn give(agreements: &mut Agreements, text: &str) -> Result<usize, AgreementRefused> {
    let decided = agreements.decide(&command(text))?;
    decided.events.iter().for_each(|event| agreements.apply(event));
    assert_eq!(agreements.get(&decided.reply.id), Some(&decided.reply));
    Ok(decided.events.len())
}

#[test]
fn agreements_are_set_and_ended() {
    let mut agreements = Agreements::default();
    let long = format!("set {} p1 2024-01-01/2025-01-01", "x".repeat(65));
    let cases: &[(&str, Result<usize, AgreementRefused>)] = &[
        ("end a 2024-06-01", Err(AgreementRefused::Unknown)),
        (&long, Err(AgreementRefused::BadId)),
        ("set a p1 2024-01-01/2025-01-01", Ok(1)),
        ("set a p1 2024-01-01/2025-01-01", Ok(0)),
        ("set a p2 2024-01-01/2025-01-01", Err(AgreementRefused::OtherProduct)),
        ("end a 2024-01-01", Err(AgreementRefused::EndsBeforeStart)),
        ("end a 2024-06-01", Ok(1)),
        ("end a 2024-06-01", Ok(0)),
        ("set b p2 2024-05-01/2025-01-01", Ok(1)),
    ];
    for (text, expected) in cases {
        assert_eq!(give(&mut agreements, text), *expected, "{text}");
    }
    let select = |id: &str, on: &str| agreements.select(id, day(on)).map(|agreement| agreement.id.as_str());
    assert_eq!(select("", "2023-12-31"), Err(FundsRefused::NoAgreement));
    assert_eq!(select("", "2024-01-01"), Ok("a"));
    assert_eq!(select("", "2024-04-30"), Ok("a"));
    assert_eq!(select("", "2024-05-31"), Err(FundsRefused::SeveralAgreements));
    assert_eq!(select("b", "2024-05-31"), Ok("b"));
    assert_eq!(select("", "2024-06-01"), Ok("b"));
    assert_eq!(select("a", "2024-06-01"), Err(FundsRefused::AgreementOver));
    assert_eq!(select("c", "2024-06-01"), Err(FundsRefused::UnknownAgreement));
    assert_eq!(agreements.all().count(), 2);
}

#[test]
fn an_account_has_a_hundred_agreements() {
    let mut agreements = Agreements::default();
    for number in 0..MOST_AGREEMENTS {
        assert_eq!(give(&mut agreements, &format!("set a{number} p1 2024-01-01/2025-01-01")), Ok(1));
    }
    let one_more = give(&mut agreements, "set more p1 2024-01-01/2025-01-01");
    assert_eq!(one_more, Err(AgreementRefused::TooMany));
    assert_eq!(give(&mut agreements, "set a7 p1 2024-01-01/2024-02-01"), Ok(1));
}

#[test]
fn steps_are_thousandths() {
    let steps = [
        (Unit::KilowattHour, "0.001"),
        (Unit::Hour, "0.001"),
        (Unit::Piece, "1"),
        (Unit::Gigajoule, "0.001"),
    ];
    for (unit, step) in steps {
        assert_eq!(step_of(unit), Quantity::parse(step).unwrap());
    }
}
