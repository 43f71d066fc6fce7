//! What is asked too much, or of nobody, is refused with its reason and breaks no entity; nothing that was taken is lost.

use domain::charge::{Charge, ChargeKey, ChargeKind};
use domain::document::{DocumentHeader, DocumentKind, Participant};
use domain::entity::catalog;
use domain::entity::market_document::{self, DocumentItem, DocumentSeries};
use domain::entity::metering_point::Values;
use domain::instant::Period;
use domain::quantity::Quantity;
use domain::resolution::Resolution;
use domain::series::{Quality, TimeSeries, Value};

use super::*;

impl Month {
    /// The code under which a command is refused.
    async fn refusal(&self, to: &Recipient, command: Vec<u8>) -> String {
        let request = Request {
            entity: entity_id(&tenant(), to).unwrap(),
            command: Bytes::from(command),
            caller: Caller::of("tester"),
            request_id: None,
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        };
        match self.node.call(request).await {
            Ok(Reply::Rejected(reply)) => stored::Rejection::decode(reply).unwrap().reason.unwrap().code,
            other => panic!("not refused: {other:?}"),
        }
    }

    async fn catalog(&self, command: &catalog::Command) -> catalog::Reply {
        let bytes = stored::CatalogCommand::from(command).encode_to_vec();
        let reply = self.ask(&Recipient::Catalog, bytes).await;
        catalog::Reply::try_from(stored::CatalogReply::decode(reply).unwrap()).unwrap()
    }
}

fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_refused_and_breaks_nothing() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    let (id, _) = supplier::metering_points().remove(0);
    let point = Recipient::MeteringPoint(id);
    // More rows than a decision may have: three times four hundred days.
    let value = Value { quantity: Quantity::ONE, quality: Quality::Measured };
    let item = |from: &str| Values {
        direction: Direction::Consumption,
        created: instant("2024-01-01T00:00Z"),
        source: "meter".to_owned(),
        series: TimeSeries::new(instant(from), Resolution::Hour, vec![value; 400 * 24]),
    };
    let items = ["2009-12-31T23:00Z", "2011-12-31T23:00Z", "2013-12-31T23:00Z"].map(item);
    let store = metering_point::Command::StoreValues(items.into());
    for _ in 0..4 {
        let bytes = stored::MeteringPointCommand::from(&store).encode_to_vec();
        assert_eq!(month.refusal(&point, bytes).await, "TOO_LARGE");
    }
    month
        .ask(&point, stored::MeteringPointCommand::from(&metering_point::Command::Get).encode_to_vec())
        .await;
    assert!(month.node.inspect().await.shards.iter().all(|shard| shard.parked.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_contract_whose_payer_nobody_can_be_is_refused() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    for (number, account) in [(11, String::new()), (12, "x".repeat(65)), (13, "y".repeat(400))] {
        let (id, commands) = supplier::point(number, &[(&account, 10_000)], "1", 24);
        let to = Recipient::MeteringPoint(id);
        month.ask(&to, stored::MeteringPointCommand::from(&commands[0]).encode_to_vec()).await;
        let add = stored::MeteringPointCommand::from(&commands[1]).encode_to_vec();
        assert_eq!(month.refusal(&to, add).await, "INVALID_ID");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_never_opened_is_listed() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    let (id, commands) = supplier::point(11, &[("zoe", 10_000)], "1", 745);
    for command in commands {
        let bytes = stored::MeteringPointCommand::from(&command).encode_to_vec();
        month.ask(&Recipient::MeteringPoint(id), bytes).await;
    }
    month.settle().await;
    month.run(&supplier::create_run()).await;
    let preview = month.until(Stage::Previewed).await.preview();
    assert_eq!((preview.invoices, preview.not_ready), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn charges_of_one_moment_are_all_kept() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    let key = ChargeKey { code: "40000".to_owned(), owner: "1".to_owned(), kind: ChargeKind::Tariff };
    let charge = |from: &str, until: &str| Charge {
        key: key.clone(),
        name: "grid".to_owned(),
        description: String::new(),
        resolution: Resolution::Hour,
        has_vat: true,
        is_transparent: false,
        is_tax: false,
        period: Period::new(instant(from), instant(until)).unwrap(),
    };
    let series = |id: &str, charge| DocumentSeries {
        id: id.to_owned(),
        digest: [0; 32],
        item: DocumentItem::Charges(vec![charge]),
    };
    let participant = Participant { id: "1".to_owned(), role: None };
    let receive = market_document::Command::Receive {
        key: "1/d18".to_owned(),
        header: DocumentHeader {
            id: "d18".to_owned(),
            kind: DocumentKind::PriceListNotice,
            process: "D18".to_owned(),
            business_sector: None,
            sender: participant.clone(),
            receiver: participant,
            created: instant("2024-01-01T00:00Z"),
        },
        series: vec![
            series("1", charge("2023-12-31T23:00Z", "2024-06-30T22:00Z")),
            series("2", charge("2024-06-30T22:00Z", "2024-12-31T23:00Z")),
        ],
        warnings: Vec::new(),
    };
    let to = Recipient::Document("1/d18".to_owned());
    month.ask(&to, stored::MarketDocumentCommand::from(&receive).encode_to_vec()).await;
    month.settle().await;
    let catalog::Reply::Charges(known) = month.catalog(&catalog::Command::GetCharge(key)).await else {
        panic!("not what is known of a charge")
    };
    assert_eq!(known.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_account_of_many_points_gets_its_invoice() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    for number in 100..248 {
        let (id, commands) = supplier::point(number, &[("anna", 10_000)], "1", 745);
        for command in commands {
            let bytes = stored::MeteringPointCommand::from(&command).encode_to_vec();
            month.ask(&Recipient::MeteringPoint(id), bytes).await;
        }
    }
    month.settle().await;
    month.run(&supplier::create_run()).await;
    let preview = month.until(Stage::Previewed).await.preview();
    assert_eq!((preview.invoices, preview.not_ready), (3, 1));
    month.run(&invoice_run::Command::Approve { hash: preview.hash }).await;
    month.until(Stage::Issued).await;
}
