//! Days of 23 and 25 hours, days that begin at six, months that begin within.

use domain::day::DayRule;
use domain::document::DocumentContent;
use domain::zone::Zone;
use services::market::{ParseOptions, parse};

use super::{options, sample};

/// The XML sample over another interval, with so many values.
fn measured(resolution: &str, start: &str, end: &str, count: usize) -> String {
    filled("valid_RSM-012.cim.xml", "quantity", resolution, [start, end], count)
}

fn priced(base: &str, resolution: &str, start: &str, end: &str, count: usize) -> String {
    filled(base, "price.amount", resolution, [start, end], count)
}

fn filled(base: &str, value: &str, resolution: &str, [start, end]: [&str; 2], count: usize) -> String {
    let base = sample(base);
    let (head, _) = base.split_once("<cim:resolution>").unwrap();
    let (_, tail) = base.rsplit_once("</cim:Point>").unwrap();
    let points: String = (1..=count)
        .map(|at| {
            format!("<cim:Point><cim:position>{at}</cim:position><cim:{value}>{at}</cim:{value}></cim:Point>")
        })
        .collect();
    let interval = format!(
        "<cim:timeInterval><cim:start>{start}</cim:start><cim:end>{end}</cim:end></cim:timeInterval>"
    );
    format!("{head}<cim:resolution>{resolution}</cim:resolution>{interval}{points}{tail}")
}

/// `Ok`, or the end of the refusal after the field.
fn outcome(text: &str, options: &ParseOptions) -> Result<(), String> {
    let refusal = |error: domain::document::DocumentError| error.reason.to_string();
    parse(text.as_bytes(), options).map(|_| ()).map_err(refusal)
}

#[test]
fn a_day_takes_as_many_values_as_it_has_intervals() {
    let amsterdam = ParseOptions::new(DayRule::civil(Zone::named("Europe/Amsterdam").unwrap()));
    let gas = ParseOptions::new(DayRule::new(Zone::named("Europe/Amsterdam").unwrap(), 6).unwrap());
    let cases = [
        (&amsterdam, "PT15M", "2024-10-26T22:00Z", "2024-10-27T23:00Z", 100, Ok(())),
        (
            &amsterdam,
            "PT15M",
            "2024-10-26T22:00Z",
            "2024-10-27T23:00Z",
            96,
            Err("has 96 values for 100 intervals"),
        ),
        (&amsterdam, "PT1H", "2024-10-26T22:00Z", "2024-10-27T23:00Z", 25, Ok(())),
        (&amsterdam, "PT5M", "2024-03-30T23:00Z", "2024-03-31T22:00Z", 276, Ok(())),
        (
            &amsterdam,
            "PT1H",
            "2024-03-30T23:00Z",
            "2024-03-31T22:00Z",
            24,
            Err("has 24 values for 23 intervals"),
        ),
        (&amsterdam, "P1D", "2024-09-30T22:00Z", "2024-10-31T23:00Z", 31, Ok(())),
        (&amsterdam, "P1M", "2024-09-30T22:00Z", "2024-11-30T23:00Z", 2, Ok(())),
        (
            &amsterdam,
            "P1D",
            "2024-09-30T23:00Z",
            "2024-10-31T23:00Z",
            31,
            Err("does not begin and end with an interval of P1D"),
        ),
        (&gas, "P1D", "2024-10-26T04:00Z", "2024-10-28T05:00Z", 2, Ok(())),
        (&gas, "PT1H", "2024-10-26T04:00Z", "2024-10-27T05:00Z", 25, Ok(())),
        (
            &gas,
            "P1D",
            "2024-10-25T22:00Z",
            "2024-10-27T22:00Z",
            2,
            Err("does not begin and end with an interval of P1D"),
        ),
    ];
    for (options, resolution, start, end, count, expected) in cases {
        let text = measured(resolution, start, end, count);
        let found = outcome(&text, options);
        assert_eq!(found, expected.map_err(str::to_owned), "{resolution} {start} {end} x{count}");
    }
}

#[test]
fn prices_count_from_local_midnight() {
    let hourly = "RSM-033_D08_ChargePriceSeries_tariff_hourly.cim.xml";
    let monthly = "RSM-033_D08_ChargePriceSeries_subscription_monthly.cim.xml";
    // The fourth hour of the long day is the second reading of two o'clock: 01:00Z.
    let cases = [
        (hourly, "PT1H", "2024-10-26T22:00Z", "2024-10-27T23:00Z", 25, 4, "2024-10-27T01:00:00Z"),
        (hourly, "PT1H", "2024-03-30T23:00Z", "2024-03-31T22:00Z", 23, 3, "2024-03-31T01:00:00Z"),
        (hourly, "PT15M", "2024-10-26T22:00Z", "2024-10-27T23:00Z", 100, 100, "2024-10-27T22:45:00Z"),
        (hourly, "P1D", "2024-10-26T22:00Z", "2024-10-28T23:00Z", 2, 2, "2024-10-27T23:00:00Z"),
        (monthly, "P1M", "2024-10-11T22:00Z", "2024-11-30T23:00Z", 2, 1, "2024-10-11T22:00:00Z"),
        (monthly, "P1M", "2024-10-11T22:00Z", "2024-11-30T23:00Z", 2, 2, "2024-10-31T23:00:00Z"),
    ];
    for (base, resolution, start, end, count, position, expected) in cases {
        let text = priced(base, resolution, start, end, count);
        let parsed = parse(text.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error}"));
        let DocumentContent::ChargePrices(groups) = parsed.document.content else { panic!("no prices") };
        let prices =
            groups.first().unwrap().charges.first().unwrap().by_instant(&options().day_rule).unwrap();
        let (from, price) = prices.get(position - 1).unwrap();
        assert_eq!(from.to_string(), expected, "{resolution} {start}");
        assert_eq!(price.to_string(), position.to_string());
    }
}
