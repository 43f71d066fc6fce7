//! 8,981 real sessions as one network of two sites: each is bought from the operator, sold to a driver, and shared with the
//! owner of its site and the platform. Whatever is sold is bought, shared or left as margin, to the last cent, and the order of
//! arrival, repeats and late records change nothing.

mod orders;
mod record;
mod sums;

use std::collections::BTreeMap;

use domain::cdr::{CdrKey, Party};
use domain::charging_contract::{ChargingContract, ChargingContractCommand, Covers};
use domain::entity::account::Command;
use domain::entity::cdr_book::{self, PartyTerms, Standing, WhosePrice};
use domain::entity::evse;
use domain::leg::LegKind;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareRule};

use super::sales::{card, open, since};
use super::*;
use crate::session::given;
use record::Arrival;
use sums::Sums;

/// How many drivers charge.
const DRIVERS: usize = 40;
/// How many records are taken on together before everything they lead to is delivered.
const AT_ONCE: usize = 16;

fn operator() -> Party {
    Party::new("US", "ACN").unwrap()
}

fn driver(number: usize) -> String {
    format!("driver-{number}")
}

/// The owner of the site gets an eighth of the margin, the platform three percent of the sale and two cents, of which one is
/// rounded alone and the other with the rest.
fn agreement(site: &str) -> ShareAgreement {
    let price = |text: &str| Price::parse(text).unwrap();
    let rule = |recipient: String, kind, session, rounding| ShareRule {
        recipient,
        kind,
        session,
        month: MonthTerms::default(),
        rounding,
    };
    let of_margin = SessionTerms { base: ShareBase::Margin, rate: price("0.125"), ..SessionTerms::default() };
    let of_sale = SessionTerms {
        base: ShareBase::Sale,
        rate: price("0.03"),
        per_session: price("0.0207"),
        ..SessionTerms::default()
    };
    ShareAgreement {
        id: format!("site-{site}"),
        version: 1,
        name: site.to_owned(),
        currency: Currency::Usd,
        span: since((2019, 1, 1)),
        rules: vec![
            rule(format!("owner-{site}"), LegKind::Share("site_owner".to_owned()), of_margin, None),
            rule("platform".to_owned(), LegKind::PlatformFee, of_sale, Some(Rounding::HalfEven)),
        ],
    }
}

/// The network before its first session: dollars, California, everybody who sells, buys and shares.
fn network(arrivals: &[Arrival]) -> World {
    let mut world = World::default();
    let settings = TenantSettings {
        currency: Currency::Usd,
        zone: Zone::named("America/Los_Angeles").unwrap(),
        ..super::world().catalog.settings.unwrap()
    };
    world.catalog(&catalog::Command::PutSettings(Box::new(settings))).unwrap();
    let from = Day::new(2019, 1, 1).unwrap();
    let rate =
        TaxRate { class: TaxClass::new("standard"), valid_from: from, rate: VatRate::new(950).unwrap() };
    world.catalog(&catalog::Command::PutTaxRates(vec![rate])).unwrap();
    let mut sheet = given::sheet("flat 0.49, energy 0.3417");
    sheet.currency = Currency::Usd;
    world
        .catalog(&catalog::Command::PutPriceSheet { id: "public".to_owned(), sheet: Box::new(sheet) })
        .unwrap();
    for site in ["caltech", "jpl"] {
        world.catalog(&catalog::Command::PutShareAgreement(Box::new(agreement(site)))).unwrap();
        open(&mut world, &format!("owner-{site}"), &[]);
    }
    open(&mut world, "operator", &[]);
    open(&mut world, "platform", &[]);
    for number in 0..DRIVERS {
        let card_of = format!("D{number}");
        open(&mut world, &driver(number), &[&card_of]);
        let covers = Covers::Listed([card(&card_of)].into());
        let contract =
            ChargingContract { covers, ..ChargingContract::new("card", since((2019, 1, 1)), "public") };
        let command = ChargingContractCommand::Set(Box::new(contract));
        world.account(&driver(number), &Command::Charging(command)).unwrap();
    }
    let terms = PartyTerms {
        account: Some("operator".to_owned()),
        is_settled_elsewhere: false,
        price: WhosePrice::Theirs,
        is_own: false,
        currency: Currency::Usd,
        zone: None,
        sheet: None,
        tolerance_minor: 0,
        most_days_late: None,
        agreement: None,
        rules: BTreeMap::new(),
    };
    world.book(operator(), &cdr_book::Command::SetTerms(Box::new(terms))).unwrap();
    let sites: BTreeMap<_, _> = arrivals.iter().map(|one| (one.receipt.cdr.evse.clone(), one.site)).collect();
    for (id, site) in sites {
        let details = evse::EvseDetails {
            site: domain::cdr::EvseSite {
                location: site.to_owned(),
                zone: Zone::named("America/Los_Angeles"),
                agreement: Some(format!("site-{site}")),
            },
            most_power_kw: Quantity::parse("8.42").ok(),
            connectors: Vec::new(),
            is_own: false,
        };
        world.evse(id, &evse::Command::Describe(details)).unwrap();
    }
    world.settle();
    world
}

/// Takes records on in this order.
fn take(world: &mut World, arrivals: &[&Arrival]) {
    for some in arrivals.chunks(AT_ONCE) {
        for arrival in some {
            let receive = cdr_book::Command::Receive(Box::new(arrival.receipt.clone()));
            world.book(operator(), &receive).unwrap();
        }
        world.settle();
    }
}

/// In this order by chance, the same every time.
fn shuffled(arrivals: &[Arrival], twice: bool) -> Vec<&Arrival> {
    let mut order: Vec<(u64, &Arrival)> = Vec::new();
    let mut number = 0x9E37_79B9_7F4A_7C15_u64;
    for arrival in arrivals {
        for _ in 0..=u32::from(twice) {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            order.push((number, arrival));
        }
    }
    order.sort_by_key(|(number, _)| *number);
    order.into_iter().map(|(_, arrival)| arrival).collect()
}

#[test]
fn what_is_sold_is_bought_shared_or_left_whatever_the_order_of_arrival() {
    let arrivals = record::arrivals();
    assert_eq!(arrivals.len(), 8_981);

    let mut in_order = network(&arrivals);
    take(&mut in_order, &arrivals.iter().collect::<Vec<_>>());
    let expected = Sums::of(&in_order);
    for arrival in &arrivals {
        let record = in_order.record(operator(), arrival.receipt.cdr.key.id());
        assert_eq!(record.standing, Standing::Booked, "{:?}", record.suspicions);
    }
    expected.check();

    let mut by_chance = network(&arrivals);
    take(&mut by_chance, &shuffled(&arrivals, true));
    assert_eq!(Sums::of(&by_chance), expected);

    // Every third record comes after its months were invoiced.
    let mut late = network(&arrivals);
    let (late_ones, in_time): (Vec<_>, Vec<_>) =
        (0..).zip(shuffled(&arrivals, false)).partition(|(number, _): &(usize, _)| number % 3 == 0);
    let only = |some: Vec<(usize, _)>| some.into_iter().map(|(_, arrival)| arrival).collect::<Vec<_>>();
    take(&mut late, &only(in_time));
    bill(&mut late, "december", Month::new(2019, 12).unwrap());
    take(&mut late, &only(late_ones));
    bill(&mut late, "january", Month::new(2020, 1).unwrap());
    let sums = Sums::of(&late);
    assert_eq!(sums.without_invoices(), expected.without_invoices());
    sums.check();
    let billed = late.rows.invoices.iter().map(|invoice| invoice.net.minor()).sum::<i64>();
    assert_eq!(billed, expected.sold_minor());
}

/// A record of this id.
fn key(id: &str) -> CdrKey {
    CdrKey::new(operator(), id).unwrap()
}
