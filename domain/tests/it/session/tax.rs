//! Prices that include tax (OCPI 2.3.0): what is with tax is exact, and what is without comes out as the fraction would.

use domain::fixed::Rounding;
use domain::price::Price;
use domain::price_sheet::PriceSheet;
use domain::session::{RoundingPoint, RoundingPolicy, SessionTerms, Warning, price};
use proptest::prelude::*;

use super::given::{amount, amsterdam, check_under, priced, session, sheet};

const HOUR: &str = "2024-10-01T14:00Z energy 10 time 1; 2024-10-01T15:00Z";

fn including(elements: &str) -> PriceSheet {
    PriceSheet { includes_vat: true, ..sheet(elements) }
}

#[test]
fn tax_is_taken_out() {
    check_under(&including("energy 0.6 vat 20"), HOUR, "5 6");
    check_under(&including("energy 0.605 vat 21 | flat 1.19 vat 19"), HOUR, "6 7.24");
    check_under(&including("time 3 vat 0"), HOUR, "3 3");
    // A third of an hour at 4 with 25 %: a fraction that is exact.
    check_under(&including("time 1 vat 25"), "2024-10-01T14:00Z time 0.3333; 2024-10-01T14:20Z", "4/15 1/3");
    // 10 / 1.21 does not end: it is told to 18 decimals.
    let priced = priced(&including("energy 1 vat 21"), &session(HOUR));
    assert_eq!(priced.total.including_vat, amount("10"));
    assert_eq!(priced.total.excluding_vat.to_string(), "8.264462809917355372");
    assert_eq!(priced.periods[0].parts[0].amount, priced.total.excluding_vat);
    assert_eq!(priced.warnings, []);
}

#[test]
fn tax_of_which_no_rate_is_given_stays_in() {
    let priced = priced(&including("energy 0.5"), &session(HOUR));
    assert_eq!((priced.total.excluding_vat, priced.total.including_vat), (amount("5"), amount("5")));
    assert_eq!(priced.warnings, [Warning::TaxRateUnknown]);
}

proptest! {
    /// Rounded to a currency, the net is that of the fraction, which whole numbers tell: 10^8 x 10^6 of an amount, and a
    /// rate in hundredths of a percent. Ties are where it could go wrong.
    #[test]
    fn the_net_rounds_as_the_fraction(
        raw in 0_i64..1_000_000_000, vat in 0_u32..=30, micros in 0_i64..200_000_000, decimals in 0_u32..=4,
        is_tie in any::<bool>(),
    ) {
        let rate = i128::from(vat) * 100;
        // Every other case is a net of half a unit, with its tax put in.
        let (raw, micros) = if is_tie {
            let step = 10_i64.pow(8 - decimals) / 2;
            ((raw / step * step / 10_000).checked_mul(10_000 + i64::try_from(rate).unwrap()).unwrap(), 1_000_000)
        } else {
            (raw, micros)
        };
        let mut record = session("2024-10-01T14:00Z energy 1; 2024-10-01T15:00Z");
        record.periods[0].energy_kwh = Some(domain::quantity::Quantity::from_micros(micros));
        let sheet = including(&format!("energy {} vat {vat}", Price::from_raw(raw)));
        let policy = |mode| RoundingPolicy { mode, decimals, point: RoundingPoint::Sum };
        for mode in [Rounding::HalfAwayFromZero, Rounding::HalfEven, Rounding::TowardsZero, Rounding::AwayFromZero] {
            let terms = SessionTerms { rounding: Some(policy(mode)), ..SessionTerms::default() };
            let priced = price(&record, std::slice::from_ref(&sheet), &amsterdam(), &terms).unwrap();
            let dividend = i128::from(raw) * i128::from(micros) * 10_000;
            let divisor = 10_i128.pow(14 - decimals) * (10_000 + rate);
            let expected = domain::fixed::divide(dividend, divisor, mode).unwrap();
            prop_assert_eq!(priced.total.excluding_vat.rounded(decimals, mode), Some(expected), "{:?}", mode);
        }
    }
}
