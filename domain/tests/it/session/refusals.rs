//! Sessions that contradict themselves or that no sheet prices.

use domain::instant::Period;
use domain::money::Currency;
use domain::session::{SessionFault, SessionTerms, price};

use super::given::{amsterdam, instant, session, sheet};

#[test]
fn what_is_refused() {
    let cases = [
        ("2024-10-01T08:00Z; 2024-10-01T07:00Z", SessionFault::EndsBeforeStart),
        ("1970-01-01T00:00Z time 1; 2024-10-01T07:00Z", SessionFault::TooLong),
        ("2024-10-01T08:00Z; 2024-10-01T10:00Z; 2024-10-01T09:00Z", SessionFault::PeriodOutOfOrder(1)),
        (
            "2024-10-01T08:00Z; 2024-10-01T10:00Z; 2024-10-01T09:00Z; 2024-10-01T11:00Z",
            SessionFault::PeriodOutOfOrder(2),
        ),
        ("2024-10-01T08:00Z; 2024-10-01T08:30Z energy -1; 2024-10-01T09:00Z", SessionFault::BelowZero(1)),
        ("2024-09-30T23:59:59Z; 2024-10-01T08:00Z", SessionFault::NoValidSheet),
        ("2024-10-02T00:00Z; 2024-10-02T08:00Z", SessionFault::NoValidSheet),
        ("2024-10-01T08:00Z energy 9000000000000; 2024-10-01T09:00Z", SessionFault::OutOfRange),
    ];
    let mut sheet = sheet("energy 90000000000");
    sheet.valid = Period::new(instant("2024-10-01T00:00Z"), instant("2024-10-02T00:00Z")).unwrap();
    for (periods, fault) in cases {
        let refused =
            price(&session(periods), std::slice::from_ref(&sheet), &amsterdam(), &SessionTerms::default());
        assert_eq!(refused, Err(fault), "{periods}");
    }
    let mut empty = session("2024-10-01T08:00Z; 2024-10-01T09:00Z");
    empty.periods.clear();
    let refused = price(&empty, std::slice::from_ref(&sheet), &amsterdam(), &SessionTerms::default());
    assert_eq!(refused, Err(SessionFault::NoPeriod));
    sheet.currency = Currency::Dkk;
    let session = session("2024-10-01T08:00Z; 2024-10-01T09:00Z");
    let refused = price(&session, &[sheet], &amsterdam(), &SessionTerms::default());
    assert_eq!(refused, Err(SessionFault::OtherCurrency));
}
