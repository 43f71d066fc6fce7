//! Short forms of sheets and sessions, and the one check.
#![expect(clippy::panic, reason = "a test that can't read its input has failed")]

use domain::amount::Amount;
use domain::day::Day;
use domain::instant::{Instant, Period};
use domain::money::Currency;
use domain::price::Price;
use domain::price_sheet::{Dimension, Element, Limit, PriceComponent, PriceSheet, Restrictions};
use domain::product::Weekdays;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, PricedSession, Session, SessionTerms, Stated, price};
use domain::tax::VatRate;
use domain::zone::Zone;

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

pub(crate) fn amount(text: &str) -> Amount {
    let price = |text: &str| Amount::of(Quantity::ONE, Price::parse(text).unwrap()).unwrap();
    match text.split_once('/') {
        None => price(text),
        Some((over, under)) => price(over).fraction(1, under.parse().unwrap()).unwrap(),
    }
}

/// `energy 0.25 vat 10 step 1`: a price component.
fn component(text: &str) -> PriceComponent {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [dimension, price, rest @ ..] = words.as_slice() else { panic!("{text} is no component") };
    let dimension = match *dimension {
        "energy" => Dimension::Energy,
        "time" => Dimension::Time,
        "parking" => Dimension::ParkingTime,
        "flat" => Dimension::Flat,
        other => panic!("{other} is no dimension"),
    };
    let after = |name: &str| rest.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
    let vat = after("vat").map(|text| VatRate::new(text.parse::<u32>().unwrap() * 100).unwrap());
    let step_size = after("step").map_or(0, |text| text.parse().unwrap());
    PriceComponent { dimension, price: Price::parse(price).unwrap(), vat, step_size }
}

/// `time 09:00-17:00 days 1-5 kwh 0-10 duration 600- current 32- power -50 dates 2024-10-01/2024-10-08`.
pub(crate) fn restrictions(text: &str) -> Restrictions {
    let mut restrictions = Restrictions::default();
    let words: Vec<&str> = text.split_whitespace().collect();
    for pair in words.chunks(2) {
        let [name, range] = pair else { panic!("{text} is odd") };
        let (from, to) = range.split_once(if *name == "dates" { '/' } else { '-' }).unwrap();
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let quantities = || (some(from).map(|text| quantity(&text)), some(to).map(|text| quantity(&text)));
        let minute = |text: String| {
            let (hours, minutes) = text.split_once(':').unwrap();
            hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
        };
        let day = |text: String| Day::parse(&text).unwrap();
        let seconds = |text: String| text.parse().unwrap();
        let r = &mut restrictions;
        match *name {
            "time" => (r.start_minute, r.end_minute) = (some(from).map(minute), some(to).map(minute)),
            "dates" => (r.start_date, r.end_date) = (some(from).map(day), some(to).map(day)),
            "duration" => {
                (r.min_duration_s, r.max_duration_s) = (some(from).map(seconds), some(to).map(seconds))
            }
            "kwh" => (r.min_energy_kwh, r.max_energy_kwh) = quantities(),
            "current" => (r.min_current_a, r.max_current_a) = quantities(),
            "power" => (r.min_power_kw, r.max_power_kw) = quantities(),
            "days" => r.weekdays = Weekdays::of(from.parse().unwrap()..=to.parse().unwrap()),
            other => panic!("{other} is no restriction"),
        }
    }
    restrictions
}

/// Elements such as `flat 2.50 vat 15, energy 0.3 | time 1 step 900 ? time 09:00-17:00`.
pub(crate) fn sheet(text: &str) -> PriceSheet {
    let element = |text: &str| {
        let (components, held) = text.split_once('?').unwrap_or((text, ""));
        let components = components.split(',').map(component).collect();
        Element { components, restrictions: restrictions(held) }
    };
    PriceSheet {
        id: "s".to_owned(),
        currency: Currency::Eur,
        valid: Period::ALWAYS,
        includes_vat: false,
        least: Limit::default(),
        most: Limit::default(),
        elements: text.split('|').map(element).collect(),
    }
}

/// Periods such as `2019-01-14T09:00Z energy 20 time 1; 2019-01-14T10:00Z parking 0.5; 2019-01-14T10:30Z`; the last
/// instant is the end.
pub(crate) fn session(text: &str) -> Session {
    let mut periods: Vec<ChargingPeriod> = text.split(';').map(period).collect();
    let end = periods.pop().unwrap().start;
    Session {
        id: "cdr".to_owned(),
        currency: Currency::Eur,
        start: periods[0].start,
        end,
        periods,
        is_credit: false,
        stated: Stated::default(),
    }
}

fn period(text: &str) -> ChargingPeriod {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut period = ChargingPeriod::from(instant(words[0]));
    for pair in words[1..].chunks(2) {
        let volume = Some(quantity(pair[1]));
        match pair[0] {
            "energy" => period.energy_kwh = volume,
            "time" => period.time = volume,
            "parking" => period.parking = volume,
            "reservation" => period.reservation = volume,
            "least-current" => period.current_a.least = volume,
            "most-current" => period.current_a.most = volume,
            "least-power" => period.power_kw.least = volume,
            "most-power" => period.power_kw.most = volume,
            other => panic!("{other} is no volume"),
        }
    }
    period
}

pub(crate) fn amsterdam() -> Zone {
    Zone::named("Europe/Amsterdam").unwrap()
}

pub(crate) fn priced(sheet: &PriceSheet, session: &Session) -> PricedSession {
    price(session, std::slice::from_ref(sheet), &amsterdam(), &SessionTerms::default()).unwrap()
}

/// The total without and with tax: `11.25 12.75`, or one figure for both.
#[track_caller]
pub(crate) fn check(elements: &str, periods: &str, expected: &str) {
    check_under(&sheet(elements), periods, expected);
}

#[track_caller]
pub(crate) fn check_under(sheet: &PriceSheet, periods: &str, expected: &str) {
    let total = priced(sheet, &session(periods)).total;
    let (net, gross) = expected.split_once(' ').unwrap_or((expected, expected));
    let found = (total.excluding_vat.to_string(), total.including_vat.to_string());
    assert_eq!(found, (amount(net).to_string(), amount(gross).to_string()), "{periods}");
}
