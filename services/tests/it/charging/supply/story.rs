//! From terms to the end of them.

use super::*;
use crate::grpc::world::{reason, run};

#[test]
fn values_debit_and_supply_goes_off_and_on() {
    run(async {
        let mut supplied = Supplied::with("10").await;
        supplied.set(terms()).await.unwrap();
        assert_eq!(supplied.terms().await.unwrap(), terms());
        assert_eq!(supplied.order(1).await, (SupplyState::On, true));
        let view = supplied.credit().await.unwrap();
        assert_eq!((view.exact_left.as_str(), view.days_left, view.version), ("10", None, 1));
        // 10 / 0.3025 = 33.0578…
        assert_eq!(view.energy_left, Some(kwh("33.057")));

        supplied.use_day(1, "6.128").await;
        let low = supplied.use_day(2, "2.256").await;
        assert_eq!((low.supply(), low.version), (SupplyState::On, 1));
        let none = supplied.use_day(3, "-1.616").await;
        assert_eq!((none.supply(), none.version, none.exact_left.as_str()), (SupplyState::Off, 2, "0"));
        assert_eq!(supplied.order(2).await, (SupplyState::Off, true));

        let shown = supplied.pay("t1", "10").await.unwrap();
        assert_eq!((shown.account_id.as_str(), shown.number), ("anna", 1));
        assert_eq!((shown.exact_amount.as_str(), shown.exact_credit.as_str()), ("10", "8.384"));
        assert_eq!((shown.exact_to_debt.as_str(), shown.exact_to_emergency.as_str()), ("0", "0"));
        assert_eq!((&shown.energy, shown.supply_version), (&Some(kwh("33.057")), 3));
        assert_eq!(supplied.order(3).await, (SupplyState::On, true));
        assert_eq!(supplied.pay("t1", "10").await, Some(shown), "a repeat is answered as before");

        supplied.end().await;
        supplied.end().await;
        assert_eq!(supplied.order(4).await, (SupplyState::On, false));
        assert_eq!(reason(&supplied.terms().await.unwrap_err()).1, "NOT_PREPAID");
    });
}

#[test]
fn the_customer_sees_for_how_many_days_it_lasts() {
    run(async {
        let mut supplied = Supplied::with("100").await;
        supplied.set(terms()).await.unwrap();
        supplied.use_yesterday().await;
        // 10 kWh at 0.3025, and 6.20 / 28 to 6.20 / 31 with tax: at least 3.267, at most 3.293 a day, paid for once.
        let days = loop {
            if let Some(days) = supplied.credit().await.unwrap().days_left {
                break days;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(days, 29);
    });
}

#[test]
fn emergency_credit_and_debt_have_their_parts() {
    run(async {
        let mut supplied = Supplied::with("1").await;
        supplied.set(terms_with_emergency()).await.unwrap();
        supplied.owe("8").await.unwrap();
        supplied.owe("8").await.unwrap();
        let view = supplied.credit().await.unwrap();
        let offered = view.emergency.unwrap();
        assert_eq!((offered.state(), offered.offer), (EmergencyState::Offered, 1));
        assert_eq!((view.exact_left.as_str(), view.exact_debt.as_str()), ("1", "8"));
        supplied.take(1).await.unwrap();
        supplied.take(1).await.unwrap();
        assert_eq!(supplied.credit().await.unwrap().exact_left, "6");
        let view = supplied.use_day(1, "-2.872").await;
        assert_eq!((view.supply(), view.exact_emergency_used.as_str()), (SupplyState::On, "2.872"));

        let shown = supplied.pay("t1", "10").await.unwrap();
        assert_eq!((shown.exact_to_debt.as_str(), shown.exact_to_emergency.as_str()), ("2.5", "2.872"));
        // 7.50 / 0.3025 = 24.793…
        assert_eq!((shown.exact_credit.as_str(), shown.energy), ("4.628", Some(kwh("24.793"))));
        assert_eq!(shown.supply_version, 0, "supply stays as it was");
        let view = supplied.credit().await.unwrap();
        assert_eq!((view.exact_debt.as_str(), view.emergency), ("5.5", None));
    });
}

#[test]
fn supply_is_switched_on_at_the_meter_where_the_terms_say_so() {
    run(async {
        let mut supplied = Supplied::with("0.01").await;
        let at_meter =
            PrepaidTerms { exact_least_reconnection: "2".to_owned(), switched_on_at_meter: true, ..terms() };
        supplied.set(at_meter).await.unwrap();
        supplied.use_day(1, "-3.862").await;
        assert_eq!(supplied.order(2).await, (SupplyState::Off, true));
        assert_eq!(supplied.pay("t1", "5").await.unwrap().supply_version, 0, "1.138 is less than 2");
        assert_eq!(supplied.pay("t2", "5").await.unwrap().supply_version, 3);
        assert_eq!(supplied.order(3).await, (SupplyState::Ready, true));
    });
}
