//! Supply in advance: terms, debits by values, low and zero credit, orders to the meter, top-ups as a meter shows them.
//!
//! A kWh costs 0.25 and 21 % tax, 0.3025; a day of October 6.20 / 31 and tax, 0.242. A day of half a kWh an hour is 3.872.

use domain::day::DayRule;
use domain::instant::Instant;
use domain::zone::Zone;
use proto::charging::charging_service_client::ChargingServiceClient;
use proto::charging::prepaid_terms::Recovery;
use proto::charging::supply_service_client::SupplyServiceClient;
use proto::charging::{
    EmergencyCredit, EmergencyState, EndPrepaidTermsRequest, GetPrepaidTermsRequest, GetSupplyCreditRequest,
    ListSupplyOrdersRequest, PrepaidTerms, SetDebtRequest, SetPrepaidTermsRequest, ShownTopUp, SupplyCredit,
    SupplyState, TakeEmergencyCreditRequest,
};
use tonic::Status;
use tonic::transport::Channel;
use uuid::Uuid;

use super::given::{kwh, top_up};
use crate::grpc::supplier::{POINT, account_name, chunk, date, point_name, seconds};
use crate::grpc::world::World;

mod bad_input;
mod story;
mod suspense;

/// A node with a point, whose payer is `anna`.
struct Supplied {
    world: World,
    client: SupplyServiceClient<Channel>,
    charging: ChargingServiceClient<Channel>,
}

impl Supplied {
    /// The account has so much and no terms.
    async fn with(credit: &str) -> Self {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let client = SupplyServiceClient::new(world.channel.clone());
        let charging = ChargingServiceClient::new(world.channel.clone());
        let mut supplied = Self { world, client, charging };
        assert_eq!(supplied.pay("start", credit).await, None, "nothing is shown before supply is in advance");
        supplied
    }

    async fn set(&mut self, terms: PrepaidTerms) -> Result<(), Status> {
        self.client.set_prepaid_terms(setting(terms)).await.map(|_| ())
    }

    async fn end(&mut self) {
        let end = EndPrepaidTermsRequest { account: account_name("anna"), ..Default::default() };
        self.client.end_prepaid_terms(end).await.unwrap();
    }

    async fn terms(&mut self) -> Result<PrepaidTerms, Status> {
        let get = GetPrepaidTermsRequest { account: account_name("anna") };
        self.client.get_prepaid_terms(get).await.map(tonic::Response::into_inner)
    }

    async fn credit(&mut self) -> Result<SupplyCredit, Status> {
        let get = GetSupplyCreditRequest { account: account_name("anna") };
        self.client.get_supply_credit(get).await.map(tonic::Response::into_inner)
    }

    async fn owe(&mut self, total: &str) -> Result<(), Status> {
        let (account, exact_total) = (account_name("anna"), total.to_owned());
        let set = SetDebtRequest { account, exact_total, ..SetDebtRequest::default() };
        self.client.set_debt(set).await.map(|_| ())
    }

    async fn take(&mut self, offer: u32) -> Result<(), Status> {
        let take = TakeEmergencyCreditRequest { account: account_name("anna"), offer };
        self.client.take_emergency_credit(take).await.map(|_| ())
    }

    /// Pays in, and answers what the meter shows.
    async fn pay(&mut self, id: &str, amount: &str) -> Option<ShownTopUp> {
        self.charging.top_up(top_up("anna", id, amount)).await.unwrap().into_inner().shown
    }

    /// Half a kWh in every hour of a day of October arrives; the account is told by message.
    async fn use_day(&mut self, of_month: i64, credit: &str) -> SupplyCredit {
        self.world.stream(vec![chunk(POINT, 24 * (of_month - 1), 24)]).await;
        loop {
            let view = self.credit().await.unwrap();
            if view.exact_credit == credit {
                return view;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Ten kWh of yesterday arrive.
    async fn use_yesterday(&mut self) {
        let rule = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap());
        let now = Instant::from_seconds(now()).unwrap();
        let yesterday = rule.day_of(Instant::from_millis(rule.start(rule.day_of(now)).millis() - 1).unwrap());
        let [start, end] = [yesterday, yesterday.next()].map(|day| rule.start(day).millis() / 1_000);
        let mut day = chunk(POINT, 0, 20);
        let values = day.values.as_mut().unwrap();
        values.start_time = Some(seconds(start));
        values.quantities.resize(usize::try_from((end - start) / 3_600).unwrap(), 0);
        self.world.stream(vec![day]).await;
    }

    /// The last order at the point, of the only account that gives any, once it has this version.
    async fn order(&mut self, version: u64) -> (SupplyState, bool) {
        loop {
            let list = ListSupplyOrdersRequest { parent: point_name(POINT) };
            let orders = self.client.list_supply_orders(list).await.unwrap().into_inner().supply_orders;
            if let Some(order) = orders.iter().find(|order| order.version == version) {
                assert_eq!((orders.len(), order.account_id.as_str()), (1, "anna"));
                return (order.supply(), order.prepaid);
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Low at 5, off at 0, nothing else.
fn terms() -> PrepaidTerms {
    PrepaidTerms {
        metering_point_ids: vec![POINT.to_owned()],
        currency_code: "EUR".to_owned(),
        exact_low_credit: "5".to_owned(),
        exact_zero_credit: "0".to_owned(),
        exact_least_reconnection: "0".to_owned(),
        average_days: 7,
        ..PrepaidTerms::default()
    }
}

/// The same with 5 of emergency credit, offered at 2, and a quarter of each top-up for old debt.
fn terms_with_emergency() -> PrepaidTerms {
    let emergency = EmergencyCredit { exact_amount: "5".to_owned(), exact_offered_at: "2".to_owned() };
    PrepaidTerms { emergency: Some(emergency), recovery: Some(Recovery::ShareBasisPoints(2_500)), ..terms() }
}

fn setting(terms: PrepaidTerms) -> SetPrepaidTermsRequest {
    let first_day = Some(date(2024, 10, 1));
    SetPrepaidTermsRequest {
        account: account_name("anna"),
        terms: Some(terms),
        first_day,
        ..Default::default()
    }
}

/// The seconds since 1970.
fn now() -> i64 {
    i64::try_from(Uuid::now_v7().get_timestamp().unwrap().to_unix().0).unwrap()
}
