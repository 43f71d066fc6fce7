//! A session that was sold, as a `CDR` of OCPI 2.2.1: what was charged as its record has it, what it cost as it was booked.

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::cdr::{Cdr, Party};
use domain::charging_contract::SoldSession;
use domain::entity::Registered;
use domain::fixed::{self, Rounding};
use domain::instant::Instant;
use domain::money::Money;
use domain::price_sheet::PriceSheet;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, SessionDimension};
use serde_json::value::RawValue;

use super::super::merge::Object;
use super::place::{MOST_ID, NOT_AVAILABLE, fits, is_id, object, place};
use crate::ocpi::tariff_text::{TariffName, tariff};
use crate::ocpi::written::{Written, number};

/// Decimals of a number of OCPI.
const DECIMALS: u32 = 4;
/// How the driver was authorised where nobody said it.
const USUAL_AUTH_METHOD: &str = "WHITELIST";
const AUTH_METHODS: [&str; 3] = ["AUTH_REQUEST", "COMMAND", "WHITELIST"];
const TOKEN_TYPES: [&str; 4] = ["AD_HOC_USER", "APP_USER", "OTHER", "RFID"];

/// A record with all that is known of it.
pub(super) struct Shown<'a> {
    /// What was booked.
    pub(super) sold: &'a SoldSession,
    /// What the record says.
    pub(super) cdr: &'a Cdr,
    /// How it says it; empty where it is no object.
    pub(super) document: &'a Object,
    /// What was published of its location.
    pub(super) location: Option<&'a Object>,
    /// The price sheet that it was sold by.
    pub(super) sheet: Option<&'a Registered<PriceSheet>>,
    /// Whose driver it was, where the record does not say it.
    pub(super) provider: Option<Party>,
    /// The id of the credit, where it is told as one.
    pub(super) credit: Option<&'a str>,
    /// When it was booked.
    pub(super) last_updated: Instant,
}

impl Shown<'_> {
    /// As it is told; none where an amount is out of range.
    pub(super) fn text(&self) -> Option<String> {
        let (sold, cdr) = (self.sold, self.cdr);
        let tariff = self.tariff();
        let tariff_id = tariff.as_ref().map(|(id, _)| *id);
        let periods: Vec<Written> = cdr.session.periods.iter().map(|of| period(of, tariff_id)).collect();
        let text = |name: &str, most| self.document.text(name).filter(|text| fits(text, most));
        let auth_method =
            text("auth_method", MOST_ID).filter(|method| AUTH_METHODS.contains(&method.as_str()));
        let (net, gross) = (sold.sale.net, sold.gross()?);
        let total = match self.credit {
            Some(_) => cost(net.checked_neg()?, gross.checked_neg()?),
            None => cost(net, gross),
        };
        let stated = &cdr.session.stated;
        let written = Written::default()
            .with("country_code", cdr.key.party().country())
            .with("party_id", cdr.key.party().id())
            .with("id", self.credit.unwrap_or(cdr.key.id()))
            .with("start_date_time", cdr.session.start.to_string())
            .with("end_date_time", cdr.session.end.to_string())
            .with_any("session_id", Some(&cdr.session_id).filter(|id| is_id(id, MOST_ID)))
            .with("cdr_token", self.token())
            .with("auth_method", auth_method.unwrap_or_else(|| USUAL_AUTH_METHOD.to_owned()))
            .with_any("authorization_reference", text("authorization_reference", MOST_ID))
            .with("cdr_location", place(cdr, self.document, self.location))
            .with_any("meter_id", text("meter_id", 255))
            .with("currency", net.currency().code())
            .with_any("tariffs", tariff.map(|(_, tariff)| [tariff]))
            .with("charging_periods", periods)
            .with_any("signed_data", self.signed_data())
            .with("total_cost", total)
            .with("total_energy", volume(sold.sale.energy_kwh))
            .with("total_time", volume(stated.time.or_else(|| self.hours())?))
            .with_any("total_parking_time", stated.parking.map(volume))
            .with_any("remark", text("remark", 255));
        let credited = self.credit.map(|_| cdr.key.id());
        let written =
            self.costs()?.into_iter().fold(written, |written, (name, cost)| written.with(name, cost));
        let written = written
            .with("credit", credited.is_some())
            .with_any("credit_reference_id", credited)
            .with_any("home_charging_compensation", Some(true).filter(|_| cdr.is_home))
            .with("last_updated", self.last_updated.to_string());
        Some(written.text())
    }

    /// `CdrToken`: as the record spells it.
    fn token(&self) -> Written {
        let said = object(self.document, "cdr_token").unwrap_or_default();
        let id = |name: &str| said.text(name).filter(|id| is_id(id, MOST_ID));
        let named = said.text("country_code").zip(said.text("party_id"));
        let party = named.and_then(|(country, id)| Party::new(&country, &id));
        let party = party.or_else(|| Party::leading(&self.cdr.contract_id)).or(self.provider);
        let token = &self.cdr.token;
        let kind = said.text("type").unwrap_or_else(|| token.kind().name().to_ascii_uppercase());
        let kind = TOKEN_TYPES.into_iter().find(|one| *one == kind).unwrap_or("OTHER");
        let held = Some(token.value().to_owned()).filter(|uid| is_id(uid, MOST_ID));
        let uid = id("uid").or(held).unwrap_or_else(|| NOT_AVAILABLE.to_owned());
        let contract =
            id("contract_id").or_else(|| Some(self.cdr.contract_id.clone()).filter(|id| is_id(id, MOST_ID)));
        let party = party.unwrap_or_else(|| self.cdr.key.party());
        Written::default()
            .with("country_code", party.country())
            .with("party_id", party.id())
            .with("type", kind)
            .with("contract_id", contract.unwrap_or_else(|| uid.clone()))
            .with("uid", uid)
    }

    /// The tariff and its id, where the price is that of a tariff alone. A tariff that names another rate of tax than the one
    /// that was booked would not come to the price that is told beside it.
    fn tariff(&self) -> Option<(&str, Written)> {
        let sheet = self.sheet?;
        let party = self.cdr.key.party();
        let (id, _) = &self.sold.sale.sheet;
        // What was published as a tariff is called as it was published.
        let id = id.strip_prefix(&party.sheet_id("")).unwrap_or(id);
        let is_alone = self.sold.costs.keys().all(|dimension| !is_beside_tariffs(*dimension));
        let rates = sheet.fact.elements.iter().flat_map(|element| &element.components);
        let is_taxed_so = rates.filter_map(|component| component.vat).all(|rate| rate == self.sold.tax_rate);
        let name = TariffName { party, id, last_updated: sheet.at };
        Some((id, tariff(&sheet.fact, name).filter(|_| is_alone && is_taxed_so)?))
    }

    /// Signed readings, byte for byte; none where OCPI could not hold them.
    fn signed_data(&self) -> Option<&RawValue> {
        let signed = object(self.document, "signed_data")?;
        signed.text("encoding_method").filter(|method| is_id(method, MOST_ID))?;
        let values = signed.list("signed_values").ok().filter(|values| !values.is_empty())?;
        let are_whole = values.iter().all(|value| {
            ["nature", "plain_data", "signed_data"].iter().all(|name| value.text(name).is_some())
        });
        serde_json::from_str(self.document.raw("signed_data")?).ok().filter(|_| are_whole)
    }

    /// How long it lasted.
    fn hours(&self) -> Option<Quantity> {
        let millis = self.cdr.session.end.millis_since(self.cdr.session.start).max(0);
        let hours = fixed::divide(i128::from(millis).checked_mul(10)?, 36, Rounding::HalfAwayFromZero)?;
        i64::try_from(hours).ok().map(Quantity::from_micros)
    }

    /// What it cost by what it is for. What a member pays less lowers a part that is not told: then there is the total alone.
    fn costs(&self) -> Option<BTreeMap<&'static str, Written>> {
        let mut sums: BTreeMap<&'static str, Amount> = BTreeMap::new();
        for (dimension, amount) in &self.sold.costs {
            let Some(name) = part(*dimension) else { return Some(BTreeMap::new()) };
            let sum = sums.entry(name).or_default();
            *sum = sum.checked_add(*amount)?;
        }
        let rate = self.sold.tax_rate;
        let cost = |(name, net): (&'static str, Amount)| {
            let gross = net.checked_add(rate.on(net)?)?;
            let digits = |amount: Amount| {
                let rounded = amount.rounded(DECIMALS, Rounding::HalfAwayFromZero)?;
                Some(number(&fixed::format(rounded, DECIMALS, 0)))
            };
            let cost = Written::default().with("excl_vat", digits(net)?).with("incl_vat", digits(gross)?);
            Some((name, cost))
        };
        sums.into_iter().map(cost).collect()
    }
}

fn cost(net: Money, gross: Money) -> Written {
    Written::default().with("excl_vat", number(&net.to_text())).with("incl_vat", number(&gross.to_text()))
}

/// The field that has the cost of a dimension; none where it is part of several.
fn part(dimension: SessionDimension) -> Option<&'static str> {
    Some(match dimension {
        SessionDimension::Energy | SessionDimension::SpotEnergy => "total_energy_cost",
        SessionDimension::Time => "total_time_cost",
        SessionDimension::ParkingTime | SessionDimension::IdleFee => "total_parking_cost",
        SessionDimension::Flat => "total_fixed_cost",
        SessionDimension::ReservationTime | SessionDimension::ReservationFlat => "total_reservation_cost",
        SessionDimension::MemberDiscount => return None,
    })
}

/// Whether a contract prices it beside the tariff.
fn is_beside_tariffs(dimension: SessionDimension) -> bool {
    use SessionDimension::{IdleFee, MemberDiscount, SpotEnergy};
    matches!(dimension, IdleFee | MemberDiscount | SpotEnergy)
}

/// A quantity of at most four decimals.
fn volume(quantity: Quantity) -> Box<RawValue> {
    let rounded = quantity.rounded(DECIMALS, Rounding::HalfAwayFromZero).unwrap_or(quantity);
    number(&rounded.to_string())
}

/// `ChargingPeriod`. One of which nothing is known had no energy.
fn period(period: &ChargingPeriod, tariff: Option<&str>) -> Written {
    let volumes = [
        ("ENERGY", period.energy_kwh),
        ("TIME", period.time),
        ("PARKING_TIME", period.parking),
        ("RESERVATION_TIME", period.reservation),
        ("MIN_CURRENT", period.current_a.least),
        ("MAX_CURRENT", period.current_a.most),
        ("MIN_POWER", period.power_kw.least),
        ("MAX_POWER", period.power_kw.most),
    ];
    let dimension = |kind, quantity| Written::default().with("type", kind).with("volume", volume(quantity));
    let known = volumes.into_iter().filter_map(|(kind, of)| Some(dimension(kind, of?)));
    let mut dimensions: Vec<Written> = known.collect();
    if dimensions.is_empty() {
        dimensions.push(dimension("ENERGY", Quantity::ZERO));
    }
    Written::default()
        .with("start_date_time", period.start.to_string())
        .with("dimensions", dimensions)
        .with_any("tariff_id", tariff)
}
