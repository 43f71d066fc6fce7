//! Tax rates: of a class and day the latest registered counts, also where it was there before.

use domain::tax::TaxTable;

use super::*;

fn rate(hundredths: u32) -> TaxRate {
    let from = Day::new(2024, 1, 1).unwrap();
    TaxRate { class: TaxClass::new("standard"), valid_from: from, rate: VatRate::new(hundredths).unwrap() }
}

#[test]
fn the_latest_rate_counts() {
    let cases: [(&[&[u32]], u32, usize); 4] = [
        (&[&[2000]], 2000, 2),
        (&[&[2000], &[2100]], 2100, 3),
        (&[&[2000, 2100]], 2100, 3),
        (&[&[2100], &[2100, 2100]], 2100, 1),
    ];
    for (requests, expected, registered) in cases {
        // The world begins with 21 %.
        let mut world = world();
        for rates in requests {
            let rates = rates.iter().map(|hundredths| rate(*hundredths)).collect();
            world.catalog(&catalog::Command::PutTaxRates(rates)).unwrap();
        }
        let Ok(catalog::Reply::State(state)) = world.catalog(&catalog::Command::Get) else {
            panic!("no state")
        };
        assert_eq!(state.taxes.len(), registered, "{requests:?}");
        let table = TaxTable::new(state.taxes.iter().map(|rate| rate.fact.clone()));
        let counts = table.rate(&TaxClass::new("standard"), Day::new(2024, 10, 1).unwrap());
        assert_eq!(counts, VatRate::new(expected), "{requests:?}");
    }
}
