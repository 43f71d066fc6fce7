//! A tenant that sells charging at 0.50 per kWh, two drivers, and requests about them.

use proto::catalog::{
    CalendarPrice, CalendarWeek, CalendarWindow, ChargeModel, Component, CreateProductRequest, Display,
    Product, Rounding, component,
};
use proto::charging::asked::Asked as WireAsked;
use proto::charging::charging_service_client::ChargingServiceClient;
use proto::charging::payer::Payer as WirePayer;
use proto::charging::used::Used as WireUsed;
use proto::charging::{
    Agreement, Asked, AuthorizeRequest, CommitRequest, ExactMoney, Funds, FundsPart, GetBalanceRequest,
    Payer, ReserveRequest, SetAgreementRequest, TokenReference, TopUpRequest, UnitQuantity, Usage, Used,
};
use proto::google_type::{DayOfWeek, TimeOfDay};
use proto::types::{DaySpan, Unit};
use tonic::transport::Channel;

use crate::grpc::supplier::{TENANT, account_name, date, decimal};
use crate::grpc::world::{World, request_id};

/// A node with a catalogue, and accounts that are charged by it.
pub(crate) struct Given {
    pub(crate) world: World,
    pub(crate) client: ChargingServiceClient<Channel>,
}

impl Given {
    /// `anna` may be charged and has 100 EUR; `bert` may be charged and has nothing.
    pub(crate) async fn new() -> Self {
        let mut world = World::new().await;
        world.with_catalog().await;
        let mut given = Self { client: ChargingServiceClient::new(world.channel.clone()), world };
        given.sell(product()).await;
        for id in ["anna", "bert"] {
            given.world.open(TENANT, id).await;
            given.agree(id, "home", "charging").await;
        }
        given.client.top_up(top_up("anna", "start", "100")).await.unwrap();
        given
    }

    pub(crate) async fn sell(&mut self, product: Product) {
        let create = CreateProductRequest {
            parent: TENANT.to_owned(),
            product: Some(product),
            request_id: request_id(),
            ..Default::default()
        };
        self.world.catalog.create_product(create).await.unwrap();
    }

    pub(crate) async fn agree(&mut self, account: &str, id: &str, product: &str) {
        let agreement = Agreement {
            agreement_id: id.to_owned(),
            product_id: product.to_owned(),
            span: Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }),
            ..Agreement::default()
        };
        let set = SetAgreementRequest { account: account_name(account), agreement: Some(agreement) };
        self.client.set_agreement(set).await.unwrap();
    }

    pub(crate) async fn funds(&mut self, account: &str) -> Funds {
        let get = GetBalanceRequest { account: account_name(account) };
        self.client.get_balance(get).await.unwrap().into_inner()
    }

    /// What the balances have, and what of it is held: `100 held 6.05`.
    pub(crate) async fn balance(&mut self, account: &str) -> String {
        let funds = self.funds(account).await;
        let told = funds.balances.iter().map(|balance| match balance.exact_reserved.as_str() {
            "0" => balance.exact_amount.clone(),
            held => format!("{} held {held}", balance.exact_amount),
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Energy by the kWh: 0.50 before noon and 0.50 after, so that no test depends on when it runs.
pub(crate) fn product() -> Product {
    let time = |hours| Some(TimeOfDay { hours, ..TimeOfDay::default() });
    let window = |from, to| CalendarWindow {
        weekdays: (1..=7).map(|day| DayOfWeek::try_from(day).unwrap().into()).collect(),
        from_time: time(from),
        to_time: time(to),
        price: Some(decimal("0.50")),
    };
    let week =
        CalendarWeek { valid_from: Some(date(2024, 1, 1)), windows: vec![window(0, 12), window(12, 24)] };
    let energy = Component {
        component_id: "energy".to_owned(),
        display_name: "Energy".to_owned(),
        quantity: Some(component::Quantity::Dimension("energy".to_owned())),
        unit: Unit::KilowattHour.into(),
        price: Some(component::Price::Calendar(CalendarPrice { weeks: vec![week] })),
        model: ChargeModel::PerUnit.into(),
        tax_class: "standard".to_owned(),
        display: Some(Display { group: "Charging".to_owned(), is_bundled: false }),
        revenue_role: "charging".to_owned(),
        rounding: Rounding::HalfAwayFromZero.into(),
        ..Component::default()
    };
    Product {
        product_id: "charging".to_owned(),
        display_name: "Charging".to_owned(),
        currency_code: "EUR".to_owned(),
        valid_from: Some(date(2024, 1, 1)),
        components: vec![energy],
        ..Product::default()
    }
}

pub(crate) fn by_name(account: &str) -> Option<Payer> {
    Some(Payer { payer: Some(WirePayer::Account(account_name(account))) })
}

pub(crate) fn by_token(value: &str) -> Option<Payer> {
    let token =
        TokenReference { parent: TENANT.to_owned(), token_type: "rfid".to_owned(), value: value.to_owned() };
    Some(Payer { payer: Some(WirePayer::Token(token)) })
}

pub(crate) fn energy() -> Option<Usage> {
    Some(Usage { dimension: "energy".to_owned(), ..Usage::default() })
}

pub(crate) fn kwh(quantity: &str) -> UnitQuantity {
    UnitQuantity { quantity: Some(decimal(quantity)), unit: Unit::KilowattHour.into() }
}

pub(crate) fn asked(quantity: &str) -> Option<Asked> {
    Some(Asked { asked: Some(WireAsked::Quantity(kwh(quantity))) })
}

pub(crate) fn used(quantity: &str) -> Option<Used> {
    Some(Used { used: Some(WireUsed::Quantity(kwh(quantity))) })
}

pub(crate) fn euros(amount: &str) -> Option<ExactMoney> {
    Some(ExactMoney { currency_code: "EUR".to_owned(), exact_amount: amount.to_owned() })
}

pub(crate) fn top_up(account: &str, id: &str, amount: &str) -> TopUpRequest {
    TopUpRequest {
        account: account_name(account),
        operation_id: id.to_owned(),
        currency_code: "EUR".to_owned(),
        exact_amount: amount.to_owned(),
        ..TopUpRequest::default()
    }
}

pub(crate) fn authorize(payer: Option<Payer>, quantity: &str) -> AuthorizeRequest {
    AuthorizeRequest { payer, usage: energy(), asked: asked(quantity), ..AuthorizeRequest::default() }
}

pub(crate) fn reserve(payer: Option<Payer>, id: &str, quantity: &str) -> ReserveRequest {
    ReserveRequest {
        payer,
        reservation_id: id.to_owned(),
        usage: energy(),
        asked: asked(quantity),
        ttl: Some(prost_types::Duration { seconds: 3_600, nanos: 0 }),
        ..ReserveRequest::default()
    }
}

pub(crate) fn commit(payer: Option<Payer>, id: &str, quantity: &str) -> CommitRequest {
    CommitRequest { payer, reservation_id: id.to_owned(), used: used(quantity), used_time: None }
}

/// `1=5.1425 EUR`.
pub(crate) fn parts(parts: &[FundsPart]) -> String {
    let told = parts
        .iter()
        .map(|part| format!("{}={} {}{}", part.balance, part.exact_amount, part.currency_code, part.unit));
    told.collect::<Vec<_>>().join(", ")
}
