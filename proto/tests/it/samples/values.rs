//! Numbers, times and words.

use domain::address::Address;
use domain::amount::Amount;
use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};
use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::fixed::Rounding;
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};
use domain::ledger::Asset;
use domain::money::{Currency, Money};
use domain::operation::OperationId;
use domain::price::Price;
use domain::price_series::{PriceColumn, PriceMonth, SeriesId};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 .:/-]{0,12}"
}

pub(crate) fn flag() -> impl Strategy<Value = bool> {
    any::<bool>()
}

pub(crate) fn digest() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>()
}

pub(crate) fn point() -> impl Strategy<Value = MeteringPointId> {
    (0..1_000_000_000_000_000_000_u64).prop_map(|number| MeteringPointId::new(number).unwrap())
}

pub(crate) fn day() -> impl Strategy<Value = Day> {
    (-4_371_587..=2_932_896_i32).prop_map(|number| Day::from_number(number).unwrap())
}

pub(crate) fn month() -> impl Strategy<Value = Month> {
    (-9_999..=9_999_i16, 1..=12_i8).prop_map(|(year, month)| Month::new(year, month).unwrap())
}

pub(crate) fn span() -> impl Strategy<Value = DaySpan> {
    let within = (19_000..21_000_i32, 1..400_i32).prop_map(|(first, days)| {
        DaySpan::new(Day::from_number(first).unwrap(), Day::from_number(first + days).unwrap()).unwrap()
    });
    let open = day().prop_filter_map("the last day", DaySpan::since);
    prop_oneof![3 => within, 1 => open]
}

pub(crate) fn instant() -> impl Strategy<Value = Instant> {
    let any_year = (Instant::MIN.millis()..=Instant::MAX.millis()).prop_map(instant_at);
    let quarter = (1_800_000..2_200_000_i64).prop_map(|quarter| instant_at(quarter * 900_000));
    prop_oneof![1 => any_year, 3 => quarter]
}

fn instant_at(millis: i64) -> Instant {
    Instant::from_millis(millis).unwrap()
}

pub(crate) fn period() -> impl Strategy<Value = Period> {
    let bounded = (instant(), instant())
        .prop_filter_map("empty", |(one, other)| Period::new(one.min(other), one.max(other)));
    let open = instant().prop_filter_map("the last instant", Period::since);
    prop_oneof![3 => bounded, 1 => open, 1 => Just(Period::ALWAYS)]
}

pub(crate) fn rule() -> impl Strategy<Value = DayRule> {
    let zones = select(vec!["Europe/Amsterdam", "Europe/Copenhagen", "America/New_York", "Asia/Kathmandu"]);
    (zones, 0..24_i8).prop_map(|(zone, hour)| DayRule::new(Zone::named(zone).unwrap(), hour).unwrap())
}

pub(crate) fn currency() -> impl Strategy<Value = Currency> {
    select(Currency::ALL.to_vec())
}

pub(crate) fn asset() -> impl Strategy<Value = Asset> {
    select(Asset::all().collect::<Vec<_>>())
}

pub(crate) fn operation() -> impl Strategy<Value = OperationId> {
    "[!-~]{1,64}".prop_map(|text| OperationId::new(&text).unwrap())
}

pub(crate) fn money() -> impl Strategy<Value = Money> {
    let minor = prop_oneof![any::<i64>(), -100_000..100_000_i64];
    (minor, currency()).prop_map(|(minor, currency)| Money::new(minor, currency))
}

/// Within a thousandth of the range, so that sums of a few stay in it.
pub(crate) fn amount() -> impl Strategy<Value = Amount> {
    let decimal = any::<i64>().prop_map(|count| Amount::from_raw(i128::from(count) * 56_637 * 1_000_000));
    let fraction = any::<i64>().prop_map(|count| Amount::from_raw(i128::from(count) * 1_000_000_007));
    let whole = (i128::MIN / 1000..i128::MAX / 1000).prop_map(Amount::from_raw);
    prop_oneof![decimal, fraction, whole]
}

pub(crate) fn price() -> impl Strategy<Value = Price> {
    prop_oneof![any::<i64>(), (-100_000..100_000_i64).prop_map(|price| price * 1000)]
        .prop_map(Price::from_raw)
}

pub(crate) fn quantity() -> impl Strategy<Value = Quantity> {
    prop_oneof![any::<i64>(), (0..10_000_i64).prop_map(|count| count * 1000)].prop_map(Quantity::from_micros)
}

pub(crate) fn unit() -> impl Strategy<Value = Unit> {
    select(Unit::ALL.to_vec())
}

pub(crate) fn resolution() -> impl Strategy<Value = Resolution> {
    select(Resolution::ALL.to_vec())
}

pub(crate) fn direction() -> impl Strategy<Value = Direction> {
    select(Direction::ALL.to_vec())
}

pub(crate) fn rounding() -> impl Strategy<Value = Rounding> {
    select(vec![
        Rounding::HalfAwayFromZero,
        Rounding::HalfEven,
        Rounding::TowardsZero,
        Rounding::AwayFromZero,
    ])
}

pub(crate) fn tax_class() -> impl Strategy<Value = TaxClass> {
    word().prop_map(|name| TaxClass::new(&name))
}

pub(crate) fn vat_rate() -> impl Strategy<Value = VatRate> {
    (0..=10_000_u32).prop_map(|rate| VatRate::new(rate).unwrap())
}

pub(crate) fn tax_rate() -> impl Strategy<Value = TaxRate> {
    (tax_class(), day(), vat_rate()).prop_map(|(class, valid_from, rate)| TaxRate { class, valid_from, rate })
}

pub(crate) fn address() -> impl Strategy<Value = Address> {
    (word(), word(), word(), word()).prop_map(|(street, postal_code, city, country)| Address {
        street,
        postal_code,
        city,
        country,
    })
}

pub(crate) fn series() -> impl Strategy<Value = TimeSeries> {
    let quality = prop_oneof![5 => Just(Quality::Measured), 1 => select(Quality::ALL.to_vec())];
    let value = (quantity(), quality).prop_map(|(quantity, quality)| Value { quantity, quality });
    (instant(), resolution(), vec(value, 0..110))
        .prop_map(|(start, resolution, values)| TimeSeries::new(start, resolution, values))
}

pub(crate) fn charge_key() -> impl Strategy<Value = ChargeKey> {
    (word(), word(), select(ChargeKind::ALL.to_vec())).prop_map(|(code, owner, kind)| ChargeKey {
        code,
        owner,
        kind,
    })
}

pub(crate) fn charge() -> impl Strategy<Value = Charge> {
    let texts = (word(), word());
    (charge_key(), texts, resolution(), any::<[bool; 3]>(), period()).prop_map(
        |(key, (name, description), resolution, [has_vat, is_transparent, is_tax], period)| Charge {
            key,
            name,
            description,
            resolution,
            has_vat,
            is_transparent,
            is_tax,
            period,
        },
    )
}

pub(crate) fn charge_link() -> impl Strategy<Value = ChargeLink> {
    (charge_key(), quantity(), period()).prop_map(|(charge, factor, period)| ChargeLink {
        charge,
        factor,
        period,
    })
}

pub(crate) fn series_id() -> impl Strategy<Value = SeriesId> {
    prop_oneof![charge_key().prop_map(SeriesId::Charge), word().prop_map(SeriesId::Index)]
}

pub(crate) fn price_column() -> impl Strategy<Value = PriceColumn> {
    (instant(), resolution(), vec(option::of(price()), 0..50))
        .prop_map(|(start, resolution, prices)| PriceColumn { start, resolution, prices })
}

pub(crate) fn price_month() -> impl Strategy<Value = PriceMonth> {
    (series_id(), month(), any::<u32>(), instant(), instant(), word(), unit(), currency(), price_column())
        .prop_map(|(series, month, version, created, received, source, unit, currency, prices)| PriceMonth {
            series,
            month,
            version,
            created,
            received,
            source,
            unit,
            currency,
            prices,
        })
}
