//! Price sheets and agreements on shares of every shape, by chance.

use domain::price_sheet::{
    Dimension, Element, Limit, PriceComponent, PriceSheet, ReservationKind, Restrictions,
};
use domain::product::Weekdays;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareRule, ShareTiers, TierCount};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::charge_models::tier;
use super::roaming::leg_kind;
use super::values::*;

fn limit() -> impl Strategy<Value = Limit> {
    (option::of(price()), option::of(price()))
        .prop_map(|(excluding_vat, including_vat)| Limit { excluding_vat, including_vat })
}

fn component() -> impl Strategy<Value = PriceComponent> {
    let dimension = select(vec![Dimension::Energy, Dimension::Time, Dimension::ParkingTime, Dimension::Flat]);
    (dimension, price(), option::of(vat_rate()), any::<u32>())
        .prop_map(|(dimension, price, vat, step_size)| PriceComponent { dimension, price, vat, step_size })
}

fn restrictions() -> impl Strategy<Value = Restrictions> {
    let minute = || option::of(0..1_440_u16);
    let weekdays = option::of(vec(1..=7_i8, 1..7).prop_map(|days| Weekdays::of(days).unwrap()));
    let bounds = || (option::of(quantity()), option::of(quantity()));
    let reservation = option::of(select(vec![ReservationKind::Reserved, ReservationKind::Expired]));
    let calendar = (minute(), minute(), option::of(day()), option::of(day()), weekdays);
    let durations = (option::of(any::<u32>()), option::of(any::<u32>()));
    (calendar, bounds(), bounds(), bounds(), durations, reservation).prop_map(
        |(calendar, energy, current, power, durations, reservation)| Restrictions {
            start_minute: calendar.0,
            end_minute: calendar.1,
            start_date: calendar.2,
            end_date: calendar.3,
            weekdays: calendar.4,
            min_energy_kwh: energy.0,
            max_energy_kwh: energy.1,
            min_current_a: current.0,
            max_current_a: current.1,
            min_power_kw: power.0,
            max_power_kw: power.1,
            min_duration_s: durations.0,
            max_duration_s: durations.1,
            reservation,
        },
    )
}

pub(crate) fn price_sheet() -> BoxedStrategy<PriceSheet> {
    let element = (vec(component(), 0..3), restrictions())
        .prop_map(|(components, restrictions)| Element { components, restrictions });
    let parts = (limit(), limit(), vec(element, 0..3));
    (word(), currency(), period(), flag(), parts)
        .prop_map(|(id, currency, valid, includes_vat, (least, most, elements))| PriceSheet {
            id,
            currency,
            valid,
            includes_vat,
            least,
            most,
            elements,
        })
        .boxed()
}

fn session_terms() -> impl Strategy<Value = SessionTerms> {
    let base = select(vec![ShareBase::Sale, ShareBase::Margin, ShareBase::Remainder]);
    (base, [price(), price(), price()], option::of(price()), option::of(price())).prop_map(
        |(base, [rate, per_kwh, per_session], floor, cap)| SessionTerms {
            base,
            rate,
            per_kwh,
            per_session,
            floor,
            cap,
        },
    )
}

fn month_terms() -> impl Strategy<Value = MonthTerms> {
    let count = select(vec![TierCount::Energy, TierCount::Sessions, TierCount::Base]);
    let tiers = (count, vec(tier(), 0..3)).prop_map(|(count, tiers)| ShareTiers { count, tiers });
    (option::of(tiers), price(), option::of(price()), option::of(price()))
        .prop_map(|(tiers, fixed, least, most)| MonthTerms { tiers, fixed, least, most })
}

pub(crate) fn share_agreement() -> BoxedStrategy<ShareAgreement> {
    let rule = (word(), leg_kind(), session_terms(), month_terms(), option::of(rounding())).prop_map(
        |(recipient, kind, session, month, rounding)| ShareRule { recipient, kind, session, month, rounding },
    );
    (word(), any::<u32>(), word(), currency(), span(), vec(rule, 0..3))
        .prop_map(|(id, version, name, currency, span, rules)| ShareAgreement {
            id,
            version,
            name,
            currency,
            span,
            rules,
        })
        .boxed()
}
