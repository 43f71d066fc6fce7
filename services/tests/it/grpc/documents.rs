//! Market documents: taken whole or refused whole, followed to the end, known again.

use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};
use domain::day::DayRule;
use domain::document::{
    ChargeGroup, ChargeLinks, DocumentContent, DocumentHeader, DocumentKind, MarketDocument, MeasuredSeries,
    MeteringPointKind, Participant,
};
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Quality, TimeSeries, Value};
use domain::zone::Zone;
use proto::catalog::{CheckDigitPolicy, ListChargesRequest, PutTenantSettingsRequest, TenantSettings};
use proto::metering::{
    CreateMeteringPointRequest, Document, DocumentStage, GetDocumentRequest, GetMeteringPointRequest,
    ImportDocumentRequest, ListDayVersionsRequest, ListDocumentsRequest, SeriesState,
};
use proto::types::{DaySpan, Direction};
use services::market::{Form, write};
use tonic::{Code, Status};

use super::supplier::{OCTOBER, POINT, TENANT, date, metering_point, point_name, settings};
use super::world::{World, fact, reason, request_id, run};

/// Half a kWh in each of so many hours from an hour of October on, as CIM JSON.
pub(crate) fn measured_data(point: &str, first_hour: i64, hours: usize) -> Vec<u8> {
    let series = one_series("series-1", point, first_hour, hours);
    let header = header("values", DocumentKind::MeasuredData, "E23");
    bytes(&MarketDocument { header, content: DocumentContent::MeasuredData(vec![series]) })
}

fn one_series(id: &str, point: &str, first_hour: i64, hours: usize) -> MeasuredSeries {
    let value = Value { quantity: Quantity::parse("0.5").unwrap(), quality: Quality::Measured };
    MeasuredSeries {
        id: id.to_owned(),
        metering_point: MeteringPointId::parse(point).unwrap(),
        kind: MeteringPointKind::Consumption,
        product: None,
        unit: Unit::KilowattHour,
        registered: Some(at(40 * 24)),
        original_transaction: None,
        series: TimeSeries::new(at(first_hour), Resolution::Hour, vec![value; hours]),
    }
}

fn bytes(document: &MarketDocument) -> Vec<u8> {
    let rule = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap());
    write(document, Form::CimJson, &rule).unwrap().into_bytes()
}

fn header(id: &str, kind: DocumentKind, process: &str) -> DocumentHeader {
    let participant = |id: &str, role: &str| Participant { id: id.to_owned(), role: Some(role.to_owned()) };
    DocumentHeader {
        id: id.to_owned(),
        kind,
        process: process.to_owned(),
        business_sector: Some("23".to_owned()),
        sender: participant("5790001330552", "DGL"),
        receiver: participant("8100000000115", "DDQ"),
        created: at(40 * 24),
    }
}

/// So many hours after October began.
fn at(hour: i64) -> Instant {
    Instant::from_millis((OCTOBER + 3_600 * hour) * 1_000).unwrap()
}

fn tariff() -> ChargeKey {
    ChargeKey { code: "40/1".to_owned(), owner: "5790000000001".to_owned(), kind: ChargeKind::Tariff }
}

fn charges() -> Vec<u8> {
    let charge = Charge {
        key: tariff(),
        name: "Grid".to_owned(),
        description: String::new(),
        resolution: Resolution::Hour,
        has_vat: true,
        is_transparent: false,
        is_tax: false,
        period: Period::new(at(0), Instant::MAX).unwrap(),
    };
    let group = ChargeGroup { id: "charge-1".to_owned(), charges: vec![charge] };
    let header = header("charges", DocumentKind::PriceListNotice, "D18");
    bytes(&MarketDocument { header, content: DocumentContent::ChargeInformation(vec![group]) })
}

fn links() -> Vec<u8> {
    let link = ChargeLink {
        charge: tariff(),
        factor: Quantity::parse("1").unwrap(),
        period: Period::new(at(0), Instant::MAX).unwrap(),
    };
    let metering_point = MeteringPointId::parse(POINT).unwrap();
    let links = ChargeLinks { id: "link-1".to_owned(), metering_point, links: vec![link] };
    let header = header("links", DocumentKind::BillingMasterDataNotice, "D17");
    bytes(&MarketDocument { header, content: DocumentContent::ChargeLinks(vec![links]) })
}

impl World {
    async fn send(&mut self, content: Vec<u8>) -> Result<Document, Status> {
        let import = ImportDocumentRequest { parent: TENANT.to_owned(), content, ..Default::default() };
        self.metering.import_document(import).await.map(tonic::Response::into_inner)
    }

    /// Imports a document whose series all take effect.
    pub(crate) async fn import(&mut self, content: Vec<u8>) {
        let document = self.send(content).await.unwrap();
        assert_eq!(document.stage(), DocumentStage::Done);
        assert!(document.series.iter().all(|one| one.state() == SeriesState::Applied), "{document:?}");
    }

    async fn put_settings(&mut self, settings: TenantSettings) {
        let parent = TENANT.to_owned();
        let put = PutTenantSettingsRequest {
            parent,
            settings: Some(settings),
            request_id: request_id(),
            ..Default::default()
        };
        self.catalog.put_tenant_settings(put).await.unwrap();
    }

    async fn put_point(&mut self, point: &str) {
        let create = CreateMeteringPointRequest {
            parent: TENANT.to_owned(),
            metering_point: Some(metering_point(point)),
            request_id: request_id(),
            ..Default::default()
        };
        self.metering.create_metering_point(create).await.unwrap();
    }

    async fn documents(&mut self) -> Vec<Document> {
        let list = ListDocumentsRequest { parent: TENANT.to_owned(), ..Default::default() };
        self.metering.list_documents(list).await.unwrap().into_inner().documents
    }
}

#[test]
fn the_same_document_again_has_no_effect() {
    run(async {
        let mut world = World::new().await;
        world.put_settings(settings()).await;
        world.put_point(POINT).await;
        let first = world.send(measured_data(POINT, 0, 49)).await.unwrap();
        assert_eq!((first.series[0].stored_days, first.series[0].state()), (3, SeriesState::Applied));
        assert_eq!(first.name, format!("{TENANT}/documents/5790001330552.values"));
        let again = world.send(measured_data(POINT, 0, 49)).await.unwrap();
        assert_eq!(again, first);
        let get = GetDocumentRequest { name: first.name.clone() };
        assert_eq!(world.metering.get_document(get).await.unwrap().into_inner(), first);
        assert_eq!(world.documents().await, std::slice::from_ref(&first));

        let days = ListDayVersionsRequest {
            parent: point_name(POINT),
            direction: Direction::Consumption.into(),
            span: Some(DaySpan { first_day: Some(date(2024, 10, 1)), end_day: Some(date(2024, 11, 1)) }),
            ..Default::default()
        };
        let days = world.metering.list_day_versions(days).await.unwrap().into_inner().day_versions;
        assert!(days.len() == 3 && days.iter().all(|day| day.version == 1), "{days:?}");

        let other = world.send(measured_data(POINT, 0, 50)).await.unwrap_err();
        assert_eq!(reason(&other), (Code::AlreadyExists, "OTHER_CONTENT".to_owned()));
        assert_ne!(fact(&other, "held_sha256"), fact(&other, "given_sha256"));
    });
}

#[test]
fn a_fault_names_its_place_and_leaves_nothing() {
    run(async {
        let mut world = World::new().await;
        world.put_settings(settings()).await;
        let whole = String::from_utf8(measured_data(POINT, 0, 24)).unwrap();
        let unit = whole.replacen("\"KWH\"", "\"XYZ\"", 1);
        assert_ne!(unit, whole);
        let refused = world.send(unit.into_bytes()).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "UNKNOWN_CODE".to_owned()));
        assert_eq!(
            (fact(&refused, "document"), fact(&refused, "series")),
            ("values".into(), "series-1".into())
        );
        assert!(fact(&refused, "field").contains("Series[1]/"), "{}", fact(&refused, "field"));

        for (content, expected) in [
            (Vec::new(), "MALFORMED"),
            (b"{".to_vec(), "MALFORMED"),
            (b"\xff\xfe".to_vec(), "NOT_UTF8"),
            (b"{\"Other_MarketDocument\":{}}".to_vec(), "UNKNOWN_DOCUMENT"),
            (vec![b' '; 4_000_001], "TOO_LARGE"),
        ] {
            let refused = world.send(content).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, expected.to_owned()));
        }
        assert!(world.documents().await.is_empty());
    });
}

#[test]
fn a_series_that_was_refused_is_tried_again() {
    run(async {
        let mut world = World::new().await;
        world.put_settings(settings()).await;
        let refused = world.send(measured_data(POINT, 0, 24)).await.unwrap();
        assert_eq!((refused.stage(), refused.series[0].state()), (DocumentStage::Done, SeriesState::Refused));
        assert_eq!(refused.series[0].reason.as_ref().unwrap().code, "UNKNOWN_METERING_POINT");
        world.put_point(POINT).await;
        let taken = world.send(measured_data(POINT, 0, 24)).await.unwrap();
        assert_eq!((taken.series[0].state(), taken.series[0].stored_days), (SeriesState::Applied, 1));
    });
}

#[test]
fn check_digits_are_the_tenant_s_policy() {
    run(async {
        let mut world = World::new().await;
        let wrong = "571313180000000001";
        world.put_point(wrong).await;
        world.put_settings(settings()).await;
        let taken = world.send(measured_data(wrong, 0, 24)).await.unwrap();
        assert_eq!((taken.series[0].state(), taken.warnings.len()), (SeriesState::Applied, 1));
        let policy = CheckDigitPolicy::Refuse.into();
        world.put_settings(TenantSettings { check_digit_policy: policy, ..settings() }).await;
        let refused = world.send(measured_data(wrong, 0, 24)).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "WRONG_CHECK_DIGIT".to_owned()));
    });
}

#[test]
fn without_settings_no_document_is_read() {
    run(async {
        let mut world = World::new().await;
        let refused = world.send(measured_data(POINT, 0, 24)).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "NO_SETTINGS".to_owned()));
    });
}

#[test]
fn charges_and_links_come_by_document() {
    run(async {
        let mut world = World::new().await;
        world.put_settings(settings()).await;
        world.put_point(POINT).await;
        let waiting = world.send(links()).await.unwrap();
        let state = waiting.series[0].state();
        assert!(matches!(state, SeriesState::Applied | SeriesState::Waiting), "{waiting:?}");
        world.import(charges()).await;
        let list = ListChargesRequest { parent: TENANT.to_owned(), ..Default::default() };
        let charges = world.catalog.list_charges(list).await.unwrap().into_inner().charges;
        assert_eq!(charges.len(), 1);
        assert_eq!(charges[0].name, format!("{TENANT}/charges/40%2F1-5790000000001-tariff"));
        let get = GetMeteringPointRequest { name: point_name(POINT) };
        let point = world.metering.get_metering_point(get).await.unwrap().into_inner();
        assert_eq!(point.charge_links.len(), 1);
    });
}

#[test]
fn a_document_of_too_many_series_is_refused_whole() {
    run(async {
        let mut world = World::new().await;
        world.put_settings(settings()).await;
        let of = |count: u64| {
            let point = |number: u64| format!("{:018}", 571_313_180_000_000_000 + number);
            let series = (0..count).map(|one| one_series(&format!("series-{one}"), &point(one), 0, 1));
            let header = header("many", DocumentKind::MeasuredData, "E23");
            bytes(&MarketDocument { header, content: DocumentContent::MeasuredData(series.collect()) })
        };
        let refused = world.send(of(1_500)).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "TOO_LARGE".to_owned()));
        assert!(world.documents().await.is_empty());
        let taken = world.send(of(300)).await.unwrap();
        assert_eq!((taken.stage(), taken.series.len()), (DocumentStage::Done, 300));
    });
}
