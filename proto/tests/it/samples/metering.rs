//! Metering points, contracts, products, days and rated positions.

use std::ops::Range;

use domain::contract::{Contract, Payer, Share};
use domain::day::Day;
use domain::day_version::DayVersion;
use domain::document::{DocumentHeader, DocumentKind, MeteringPointKind, Participant, SettlementMethod};
use domain::entity::metering_point::{PointDetails, PointPeriod, RatedContract};
use domain::position::{PositionKey, Provenance, RatedPosition, RatedVersion, ShownPrice};
use domain::product::{
    CalendarWeek, CalendarWindow, Component, DatedPrice, Display, PriceSource, Product, QuantitySource,
    Weekdays,
};
use domain::rating::NotReady;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::charge_models::{conditions, model, tier};
use super::values::*;

pub(crate) fn contract() -> impl Strategy<Value = Contract> {
    let payer = (word(), 1..=10_000_u32)
        .prop_map(|(account, share)| Payer { account, share: Share::new(share).unwrap() });
    (word(), any::<u32>(), word(), span(), vec(payer, 0..3), btree_map(word(), price(), 0..3)).prop_map(
        |(id, version, product, span, payers, parameters)| Contract {
            id,
            version,
            product,
            span,
            payers,
            parameters,
        },
    )
}

pub(crate) fn kind() -> impl Strategy<Value = MeteringPointKind> {
    select(MeteringPointKind::ALL.to_vec())
}

pub(crate) fn details() -> impl Strategy<Value = PointDetails> {
    let method = option::of(select(vec![SettlementMethod::Flex, SettlementMethod::NonProfiled]));
    let period =
        (span(), resolution(), word(), method).prop_map(|(span, resolution, supplier, settlement_method)| {
            PointPeriod { span, resolution, supplier, settlement_method }
        });
    (point(), kind(), unit(), rule(), address(), word(), option::of(point()), vec(period, 0..3)).prop_map(
        |(id, kind, unit, rule, address, grid_area, parent, periods)| PointDetails {
            id,
            kind,
            unit,
            rule,
            address,
            grid_area,
            parent,
            periods,
        },
    )
}

pub(crate) fn product() -> impl Strategy<Value = Product> {
    product_of(0..4)
}

/// With so many components that every charge model is among them.
pub(crate) fn large_product() -> impl Strategy<Value = Product> {
    product_of(30..40)
}

fn product_of(components: Range<usize>) -> impl Strategy<Value = Product> {
    (word(), any::<u32>(), word(), currency(), day(), vec(component(), components)).prop_map(
        |(id, version, name, currency, valid_from, components)| Product {
            id,
            version,
            name,
            currency,
            valid_from,
            components,
        },
    )
}

fn calendar_week() -> impl Strategy<Value = CalendarWeek> {
    let weekdays = vec(1..=7_i8, 0..4).prop_map(|days| Weekdays::of(days).unwrap());
    let window = (weekdays, 0..=1_440_u16, 0..=1_440_u16, price()).prop_map(
        |(weekdays, from_minute, to_minute, price)| CalendarWindow {
            weekdays,
            from_minute,
            to_minute,
            price,
        },
    );
    (day(), vec(window, 0..4)).prop_map(|(valid_from, windows)| CalendarWeek { valid_from, windows })
}

fn component() -> impl Strategy<Value = Component> {
    let quantity = prop_oneof![
        direction().prop_map(QuantitySource::Channel),
        Just(QuantitySource::Days),
        Just(QuantitySource::Count),
        vec(word(), 0..3).prop_map(QuantitySource::AmountOf),
        Just(QuantitySource::LinkedCharges),
        word().prop_map(QuantitySource::Dimension),
    ];
    let dated = (day(), price()).prop_map(|(valid_from, price)| DatedPrice { valid_from, price });
    let price = prop_oneof![
        vec(dated, 0..3).prop_map(PriceSource::Constant),
        (word(), price(), price()).prop_map(|(index, factor, addend)| PriceSource::Series {
            index,
            factor,
            addend
        }),
        Just(PriceSource::LinkedCharge),
        word().prop_map(PriceSource::Parameter),
        vec(tier(), 0..3).prop_map(PriceSource::Tiers),
        Just(PriceSource::Event),
        vec(calendar_week(), 0..3).prop_map(PriceSource::Calendar),
    ];
    let charged = (model(), option::of(conditions()));
    (word(), word(), quantity, unit(), price, charged, tax_class(), display(), word(), rounding()).prop_map(
        |(id, name, quantity, unit, price, charged, tax_class, display, revenue_role, rounding)| Component {
            id,
            name,
            quantity,
            unit,
            price,
            model: charged.0,
            tax_class,
            display,
            revenue_role,
            rounding,
            conditions: charged.1,
        },
    )
}

fn display() -> impl Strategy<Value = Display> {
    (word(), flag()).prop_map(|(group, is_bundled)| Display { group, is_bundled })
}

pub(crate) fn day_version() -> impl Strategy<Value = DayVersion> {
    let source = prop_oneof![
        word(),
        Just("5790001330552/f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned()),
        Just("f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned()),
        Just("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6".to_owned()),
        Just("ä81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned()),
    ];
    (direction(), day(), any::<u32>(), instant(), instant(), source, series()).prop_map(
        |(direction, day, version, created, received, source, values)| DayVersion {
            direction,
            day,
            version,
            created,
            received,
            source,
            values,
        },
    )
}

pub(crate) fn position_key() -> impl Strategy<Value = PositionKey> {
    (word(), month(), word(), option::of(charge_key()), span()).prop_map(
        |(contract, month, component, charge, service)| PositionKey {
            contract,
            month,
            component,
            charge,
            service,
        },
    )
}

fn shown_price() -> impl Strategy<Value = ShownPrice> {
    prop_oneof![
        price().prop_map(ShownPrice::Single),
        (price(), quantity()).prop_map(|(price, pieces)| ShownPrice::Monthly { price, pieces }),
        price().prop_map(ShownPrice::Factor),
        any::<u32>().prop_map(|intervals| ShownPrice::Average { intervals }),
    ]
}

fn provenance() -> impl Strategy<Value = Provenance> {
    let run = (19_000..21_000_i32, vec(any::<u32>(), 1..5)).prop_map(|(first, versions)| {
        let days = (first..).map(|number| Day::from_number(number).unwrap());
        days.zip(versions).collect::<Vec<_>>()
    });
    let prices = vec((series_id(), month(), any::<u32>()), 0..3);
    (any::<u32>(), any::<u32>(), vec(run, 0..3), prices).prop_map(
        |(contract_version, product_version, runs, prices)| Provenance {
            contract_version,
            product_version,
            days: runs.into_iter().flatten().collect(),
            prices,
        },
    )
}

pub(crate) fn position() -> impl Strategy<Value = RatedPosition> {
    let amounts = (quantity(), unit(), shown_price(), amount(), currency());
    let tax = (tax_class(), vat_rate(), flag());
    let shown = (any::<u32>(), word(), display(), rounding(), flag());
    (position_key(), amounts, tax, shown, word(), provenance()).prop_map(
        |(key, (quantity, unit, price, amount, currency), tax, shown, revenue_role, provenance)| {
            let (order, name, display, rounding, is_estimated) = shown;
            let (tax_class, vat_rate, is_tax) = tax;
            RatedPosition {
                key,
                order,
                name,
                quantity,
                unit,
                price,
                amount,
                currency,
                tax_class,
                vat_rate,
                is_tax,
                display,
                revenue_role,
                rounding,
                is_estimated,
                provenance,
            }
        },
    )
}

pub(crate) fn rated() -> impl Strategy<Value = RatedVersion> {
    (any::<u32>(), instant(), position()).prop_map(|(version, known_at, position)| RatedVersion {
        version,
        known_at,
        position,
    })
}

pub(crate) fn not_ready() -> impl Strategy<Value = NotReady> {
    prop_oneof![
        (direction(), instant(), instant(), any::<u64>()).prop_map(|(direction, first, last, count)| {
            NotReady::MissingValues { direction, first, last, count }
        }),
        (series_id(), instant()).prop_map(|(series, at)| NotReady::MissingSeriesPrice { series, at }),
        (word(), day()).prop_map(|(of, on)| NotReady::MissingPrice { of, on }),
        word().prop_map(NotReady::UnknownProduct),
        charge_key().prop_map(NotReady::UnknownCharge),
        charge_key().prop_map(NotReady::TariffFactor),
        (series_id(), period())
            .prop_map(|(series, interval)| NotReady::PriceFinerThanValues { series, interval }),
        series_id().prop_map(NotReady::WrongUnit),
        (tax_class(), day()).prop_map(|(class, on)| NotReady::UnknownTaxClass { class, on }),
        word().prop_map(NotReady::OutOfRange),
        word().prop_map(NotReady::NotMetered),
        (word(), period())
            .prop_map(|(component, interval)| NotReady::PriceChangesWithin { component, interval }),
    ]
}

pub(crate) fn rated_contract() -> impl Strategy<Value = RatedContract> {
    let result = prop_oneof![vec(position(), 0..3).prop_map(Ok), vec(not_ready(), 1..3).prop_map(Err)];
    (word(), result).prop_map(|(contract, result)| RatedContract { contract, result })
}

pub(crate) fn header() -> impl Strategy<Value = DocumentHeader> {
    let participant = || (word(), option::of(word())).prop_map(|(id, role)| Participant { id, role });
    let kinds = select(vec![
        DocumentKind::MeasuredData,
        DocumentKind::PriceListRequest,
        DocumentKind::BillingMasterDataNotice,
        DocumentKind::WholesaleRequest,
    ]);
    (word(), kinds, word(), option::of(word()), participant(), participant(), instant()).prop_map(
        |(id, kind, process, business_sector, sender, receiver, created)| DocumentHeader {
            id,
            kind,
            process,
            business_sector,
            sender,
            receiver,
            created,
        },
    )
}
