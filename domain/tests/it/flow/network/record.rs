//! The sessions of the file as records.

use std::collections::BTreeMap;

use domain::cdr::{Cdr, EvseId, Registers, Road};
use domain::entity::cdr_book::Receipt;
use domain::instant::Instant;
use domain::money::Currency;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Session, Stated};

use super::{DRIVERS, driver, key};
use crate::flow::sales::card;

const SESSIONS: &str = include_str!("../../../data/ev_sessions_acn_2019.csv");

/// A record as it comes in, and the site it is about.
pub(super) struct Arrival {
    pub(super) receipt: Receipt,
    pub(super) site: &'static str,
}

/// Every session of the file, in its order. The operator states 0.21 a kWh and 0.35 a session, to the fourth decimal; the meter of
/// each station counts on from session to session.
pub(super) fn arrivals() -> Vec<Arrival> {
    let mut arrivals: Vec<Arrival> =
        (0..).zip(SESSIONS.lines().skip(1)).map(|(number, line)| arrival(number, line)).collect();
    let mut by_start: Vec<&mut Cdr> = arrivals.iter_mut().map(|arrival| &mut arrival.receipt.cdr).collect();
    by_start.sort_by_key(|cdr| cdr.session.start);
    let mut counted: BTreeMap<EvseId, Quantity> = BTreeMap::new();
    for cdr in by_start {
        let meter = counted.entry(cdr.evse.clone()).or_default();
        let end_kwh = meter.checked_add(cdr.session.stated.energy_kwh.unwrap()).unwrap();
        cdr.registers = Some(Registers { start_kwh: std::mem::replace(meter, end_kwh), end_kwh });
    }
    arrivals
}

fn arrival(number: usize, line: &'static str) -> Arrival {
    let mut fields = line.split(',');
    let mut field = || fields.next().unwrap();
    let (site, station, id) = (field(), field(), field());
    let (start, end) = (instant(field()), instant(field()));
    let energy_kwh = energy(fields.nth(1).unwrap());
    let cost = i128::from(energy_kwh.micros()) * 21 + 35 * 1_000_000;
    let cost = Price::from_raw(i64::try_from((cost + 5_000) / 10_000).unwrap() * 10_000);
    let session = Session {
        id: id.to_owned(),
        currency: Currency::Usd,
        start,
        end,
        periods: vec![ChargingPeriod { energy_kwh: Some(energy_kwh), ..ChargingPeriod::from(start) }],
        is_credit: false,
        stated: Stated { excluding_vat: Some(cost), energy_kwh: Some(energy_kwh), ..Stated::default() },
    };
    let payer = number % DRIVERS;
    let cdr = Cdr {
        key: key(id),
        session,
        evse: EvseId::new(&format!("US*ACN*E{station}")).unwrap(),
        connector: "1".to_owned(),
        location: site.to_owned(),
        token: card(&format!("D{payer}")),
        contract_id: String::new(),
        session_id: String::new(),
        registers: None,
        credit_of: None,
        is_home: false,
        sheet: None,
        content: [u8::try_from(number % 251).unwrap(); 32],
    };
    let payer = Some(driver(payer));
    Arrival { receipt: Receipt { cdr, road: Road::File, payer, document: line.into() }, site }
}

/// The energy to the sixth decimal: some of the file's have the noise of binary floats behind it.
fn energy(text: &str) -> Quantity {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let decimals = decimals.get(..6).unwrap_or(decimals);
    Quantity::parse(&format!("{whole}.{decimals}")).unwrap()
}

/// `2019-09-01 09:56:18-07:00`
fn instant(text: &str) -> Instant {
    Instant::parse(&text.replace(' ', "T")).unwrap()
}
