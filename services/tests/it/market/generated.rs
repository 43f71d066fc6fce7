//! Documents by chance, for the properties.

use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};
use domain::day::{Day, DayRule};
use domain::document::charges::resolutions_of;
use domain::document::{
    ChargeGroup, ChargeLinks, ChargePrices, DocumentContent, DocumentHeader, DocumentKind, EnergyProduct,
    MarketDocument, MeasuredSeries, MeteringPointKind, Participant,
};
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Quality, TimeSeries, Value};
use proptest::prelude::*;
use proptest::sample::select;

use super::days;

/// Any document that is both read and written in every form of CIM.
pub(super) fn document() -> impl Strategy<Value = MarketDocument> {
    prop_oneof![measured_data(), information(), prices(), links()]
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_<>&\"'\\\\/æøåß€-]{1,20}"
}

fn participant() -> impl Strategy<Value = Participant> {
    let id = prop_oneof!["[0-9]{13}", "[0-9]{2}X[A-Z0-9-]{13}"];
    (id, select(vec!["DDQ", "DDZ", "MDR", "DGL"]))
        .prop_map(|(id, role)| Participant { id, role: Some(role.to_owned()) })
}

fn header(kind: DocumentKind, process: &'static str) -> impl Strategy<Value = DocumentHeader> {
    let created = (0_i64..4_000_000_000_000).prop_map(|millis| Instant::from_millis(millis).unwrap());
    let sector = select(vec![None, Some("23"), Some("27")]);
    (text(), participant(), participant(), sector, created).prop_map(
        move |(id, sender, receiver, sector, created)| {
            let business_sector = sector.map(str::to_owned);
            DocumentHeader {
                id,
                kind,
                process: process.to_owned(),
                business_sector,
                sender,
                receiver,
                created,
            }
        },
    )
}

fn with(
    kind: DocumentKind,
    process: &'static str,
    content: impl Strategy<Value = DocumentContent>,
) -> impl Strategy<Value = MarketDocument> {
    (header(kind, process), content).prop_map(|(header, content)| MarketDocument { header, content })
}

/// A day, often one on which the clocks change.
fn day() -> impl Strategy<Value = Day> {
    let change = |month, day| Just(Day::new(2024, month, day).unwrap());
    prop_oneof![
        (18_000_i32..21_000).prop_map(|number| Day::from_number(number).unwrap()),
        change(3, 31),
        change(10, 27)
    ]
}

fn period(first: Day, count: usize, rule: &DayRule) -> Period {
    let end = (0..count).fold(first, |day, _| day.next());
    Period::new(rule.start(first), rule.start(end)).unwrap()
}

fn measured_data() -> impl Strategy<Value = MarketDocument> {
    let series = prop::collection::vec(measured_series(), 0..4).prop_map(|mut series| {
        for (number, one) in series.iter_mut().enumerate() {
            one.id = format!("{}-{number}", one.id);
            one.metering_point = MeteringPointId::new(571_313_000_000_000_000 + number as u64).unwrap();
        }
        DocumentContent::MeasuredData(series)
    });
    with(DocumentKind::MeasuredData, "E23", series)
}

fn measured_series() -> impl Strategy<Value = MeasuredSeries> {
    let resolutions =
        select(vec![Resolution::Minutes5, Resolution::Minutes15, Resolution::Hour, Resolution::Day]);
    (
        text(),
        day(),
        1_usize..3,
        resolutions,
        any::<u64>(),
        select(MeteringPointKind::ALL.to_vec()),
        prop::option::of(text()),
    )
        .prop_map(|(id, first, count, resolution, seed, kind, original_transaction)| {
            let period = period(first, count, &days());
            let values =
                (0..resolution.count(period, &days()).unwrap()).map(|index| value(seed, index as u64));
            MeasuredSeries {
                id,
                metering_point: MeteringPointId::new(0).unwrap(),
                kind,
                product: seed.is_multiple_of(2).then_some(EnergyProduct::ActiveEnergy),
                unit: Unit::KilowattHour,
                registered: seed.is_multiple_of(3).then(|| period.end()),
                original_transaction,
                series: TimeSeries::new(period.start(), resolution, values),
            }
        })
}

fn value(seed: u64, index: u64) -> Value {
    let mixed = (seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20;
    let quality = *Quality::ALL.get((mixed % 5) as usize).unwrap();
    if quality == Quality::Missing {
        return Value::MISSING;
    }
    Value { quantity: Quantity::from_micros((mixed >> 3) as i64), quality }
}

fn key() -> impl Strategy<Value = ChargeKey> {
    (text(), participant(), select(ChargeKind::ALL.to_vec())).prop_map(|(code, owner, kind)| ChargeKey {
        code,
        owner: owner.id,
        kind,
    })
}

/// Days from the first on, or from the first without an end.
fn span() -> impl Strategy<Value = Period> {
    (day(), prop::option::of(1_usize..400)).prop_map(|(first, count)| match count {
        Some(count) => period(first, count, &days()),
        None => Period::since(days().start(first)).unwrap(),
    })
}

/// Groups of charges, numbered so that neither ids nor charges repeat.
fn groups<T: std::fmt::Debug>(
    charges: impl Strategy<Value = T>,
    number: impl Fn(&mut T, usize),
) -> impl Strategy<Value = Vec<ChargeGroup<T>>> {
    let group = (text(), prop::collection::vec(charges, 1..3));
    prop::collection::vec(group, 0..4).prop_map(move |groups| {
        let mut count = 0;
        let mut numbered = Vec::new();
        for (index, (id, mut charges)) in groups.into_iter().enumerate() {
            for charge in &mut charges {
                count += 1;
                number(charge, count);
            }
            numbered.push(ChargeGroup { id: format!("{id}-{index}"), charges });
        }
        numbered
    })
}

fn information() -> impl Strategy<Value = MarketDocument> {
    let charge = (key(), text(), prop_oneof![Just(String::new()), text()], span(), any::<[bool; 3]>())
        .prop_map(|(key, name, description, period, [has_vat, is_transparent, is_tax])| {
            let resolution = *resolutions_of(key.kind).first().unwrap();
            Charge { key, name, description, resolution, has_vat, is_transparent, is_tax, period }
        });
    let groups = groups(charge, |charge, number| charge.key.code.push_str(&number.to_string()));
    with(DocumentKind::PriceListRequest, "D18", groups.prop_map(DocumentContent::ChargeInformation))
}

fn prices() -> impl Strategy<Value = MarketDocument> {
    let prices = (key(), day(), 1_usize..4, any::<i32>(), any::<bool>(), any::<prop::sample::Index>())
        .prop_map(|(charge, first, count, seed, with_effective, which)| {
            let resolution = *which.get(resolutions_of(charge.kind));
            let months = (0..count).fold(first.month(), |month, _| month.next());
            let end = days().start(months.first_day());
            let period = match resolution {
                Resolution::Month => Period::new(days().start(first), end).unwrap(),
                _ => period(first, count, &days()),
            };
            let expected = ChargePrices::expected_count(period, resolution, &days()).unwrap();
            let price = |index: usize| Price::from_raw(i64::from(seed).wrapping_mul(index as i64 + 1));
            let effective = with_effective.then(|| period.start());
            ChargePrices { charge, effective, period, resolution, prices: (0..expected).map(price).collect() }
        });
    let groups = groups(prices, |prices, number| prices.charge.code.push_str(&number.to_string()));
    with(DocumentKind::PriceListNotice, "D08", groups.prop_map(DocumentContent::ChargePrices))
}

fn links() -> impl Strategy<Value = MarketDocument> {
    let link = (key(), 1_i64..9, span()).prop_map(|(charge, factor, period)| {
        let factor = if charge.kind == ChargeKind::Tariff { 1 } else { factor };
        ChargeLink { charge, factor: Quantity::from_units(factor).unwrap(), period }
    });
    let groups = groups(link, |link, number| link.charge.code.push_str(&number.to_string()));
    let records = groups.prop_map(|groups| {
        let record = |group: ChargeGroup<ChargeLink>| ChargeLinks {
            id: group.id,
            metering_point: MeteringPointId::new(571_313_180_000_000_005).unwrap(),
            links: group.charges,
        };
        DocumentContent::ChargeLinks(groups.into_iter().map(record).collect())
    });
    with(DocumentKind::BillingMasterDataNotice, "D17", records)
}
