//! A month of one customer, from settings to a rendered invoice: every kind of request once.

use proto::account::{ListOpenLinesRequest, ListPostingsRequest};
use proto::admin::{GetNodeRequest, GetTrialBalanceRequest, ListParkedEntitiesRequest};
use proto::invoicing::{
    ApproveInvoiceRunRequest, CancelInvoiceRunRequest, CreateInvoiceRunRequest, GetInvoiceRequest,
    GetInvoiceRunRequest, InvoiceFormat, InvoiceRun, InvoiceRunStage, ListInvoicesRequest,
    ListNotReadyRequest, RenderInvoiceRequest,
};
use proto::metering::{
    EndContractRequest, ListDayVersionsRequest, RateMeteringPointRequest, StreamDaysRequest,
};
use proto::types::{DaySpan, Direction};
use tokio_stream::iter;

use super::supplier::{POINT, TENANT, account_name, chunk, date, point_name};
use super::world::{World, request_id, run};

/// 745 hours of 0.5 kWh at 0.25, and the subscription: 93.13 + 6.20, VAT of 21 % on 99.33.
const TOTAL: (i64, i32) = (120, 190_000_000);

#[test]
fn a_month_becomes_an_invoice() {
    run(async {
        let mut world = World::new().await;
        world.bills_a_month().await;
        world.shows_the_books().await;
        world.node.stop().await.unwrap();
    });
}

#[test]
fn a_cancelled_run_leaves_the_month_open() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        world.stream(vec![chunk(POINT, 0, 745)]).await;
        let first = world.run_to_preview("first").await;
        let cancel = CancelInvoiceRunRequest {
            name: first.name.clone(),
            request_id: request_id(),
            ..Default::default()
        };
        let cancelled = world.invoicing.cancel_invoice_run(cancel).await.unwrap().into_inner();
        assert_eq!(cancelled.stage(), InvoiceRunStage::Cancelled);
        // The next run may begin before the accounts have dropped what they had frozen; then it says so.
        let mut number = 0;
        loop {
            number += 1;
            let second = world.run_to_preview(&format!("again-{number}")).await;
            if second.invoice_count == 1 {
                assert_eq!(second.totals, first.totals);
                break;
            }
        }
    });
}

#[test]
fn an_ended_contract_ends_its_bill() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let end = EndContractRequest {
            name: format!("{}/contracts/C1", point_name(POINT)),
            end_day: Some(date(2024, 10, 12)),
            request_id: request_id(),
            ..Default::default()
        };
        let ended = world.metering.end_contract(end.clone()).await.unwrap().into_inner();
        assert_eq!((ended.version, ended.span.unwrap().end_day), (2, Some(date(2024, 10, 12))));
        assert_eq!(ended.name, end.name);
        assert_eq!(world.metering.end_contract(end).await.unwrap().into_inner().version, 2);
    });
}

impl World {
    /// Everything from settings to a rendered invoice.
    pub(crate) async fn bills_a_month(&mut self) {
        self.with_catalog().await;
        self.with_customer("anna", POINT).await;
        self.with_customer("bert", "571313180000000012").await;
        self.stream(vec![chunk(POINT, 0, 360)]).await;
        let document = super::documents::measured_data(POINT, 360, 385);
        self.import(document).await;
        self.shows_days_and_rating().await;

        let previewed = self.run_to_preview("october").await;
        assert_eq!((previewed.account_count, previewed.invoice_count), (2, 1));
        assert_eq!(previewed.not_ready_count, 1);
        let not_ready = ListNotReadyRequest { parent: previewed.name.clone(), ..Default::default() };
        let entries = self.invoicing.list_not_ready(not_ready).await.unwrap().into_inner().entries;
        assert_eq!((entries[0].account_id.as_str(), entries[0].contract_id.as_str()), ("bert", "C1"));
        assert_eq!(entries[0].reasons[0].code, "MISSING_VALUES");

        let issued = self.approve(&previewed).await;
        assert_eq!(issued.totals, previewed.totals);
        self.shows_the_invoice(&issued).await;
    }

    /// Sends one batch of values, all of which are taken.
    pub(crate) async fn stream(&mut self, chunks: Vec<proto::metering::DayChunk>) {
        let batch =
            StreamDaysRequest { parent: TENANT.to_owned(), batch_number: 1, chunks, ..Default::default() };
        let mut answers = self.metering.stream_days(iter([batch])).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        assert!(answer.outcomes.iter().all(|outcome| outcome.refusal.is_none()), "{answer:?}");
        assert_eq!(answers.message().await.unwrap(), None);
    }

    /// Creates a run of October and waits for its preview.
    pub(super) async fn run_to_preview(&mut self, id: &str) -> InvoiceRun {
        let run = InvoiceRun {
            invoice_run_id: id.to_owned(),
            month: Some(date(2024, 10, 0)),
            issue_date: Some(date(2024, 11, 5)),
            ..InvoiceRun::default()
        };
        let parent = TENANT.to_owned();
        let create = CreateInvoiceRunRequest {
            parent,
            invoice_run: Some(run),
            request_id: request_id(),
            ..Default::default()
        };
        let created = self.invoicing.create_invoice_run(create).await.unwrap().into_inner();
        assert_eq!(created.name, format!("{TENANT}/invoiceRuns/{id}"));
        self.run_at(&created.name, InvoiceRunStage::Previewed).await
    }

    /// Approves a preview and waits until everything is issued.
    pub(super) async fn approve(&mut self, previewed: &InvoiceRun) -> InvoiceRun {
        let (name, preview_hash) = (previewed.name.clone(), previewed.preview_hash.clone());
        let approve =
            ApproveInvoiceRunRequest { name, preview_hash, request_id: request_id(), ..Default::default() };
        let approved = self.invoicing.approve_invoice_run(approve).await.unwrap().into_inner();
        self.run_at(&approved.name, InvoiceRunStage::Issued).await
    }

    /// The run once it is at this stage.
    async fn run_at(&mut self, name: &str, stage: InvoiceRunStage) -> InvoiceRun {
        loop {
            let get = GetInvoiceRunRequest { name: name.to_owned() };
            let run = self.invoicing.get_invoice_run(get).await.unwrap().into_inner();
            if run.stage() == stage {
                return run;
            }
        }
    }

    async fn shows_days_and_rating(&mut self) {
        let days = ListDayVersionsRequest {
            parent: point_name(POINT),
            direction: Direction::Consumption.into(),
            span: Some(DaySpan { first_day: Some(date(2024, 10, 27)), end_day: Some(date(2024, 10, 29)) }),
            ..Default::default()
        };
        let days = self.metering.list_day_versions(days).await.unwrap().into_inner().day_versions;
        let hours: Vec<usize> =
            days.iter().map(|day| day.values.as_ref().unwrap().quantities.len()).collect();
        assert_eq!(hours, [25, 24]);
        let rate = RateMeteringPointRequest {
            name: point_name(POINT),
            month: Some(date(2024, 10, 0)),
            as_of_time: None,
        };
        let rated = self.metering.rate_metering_point(rate).await.unwrap().into_inner().contracts;
        let amounts: Vec<&str> =
            rated[0].positions.iter().map(|position| position.exact_amount.as_str()).collect();
        assert_eq!(amounts, ["93.125", "6.2"]);
    }

    async fn shows_the_invoice(&mut self, issued: &InvoiceRun) {
        let mut names = Vec::new();
        for parent in [issued.name.clone(), account_name("anna")] {
            let list = ListInvoicesRequest { parent, ..Default::default() };
            let invoices = self.invoicing.list_invoices(list).await.unwrap().into_inner().invoices;
            assert_eq!(invoices.len(), 1);
            assert_eq!(
                (invoices[0].account_id.as_str(), invoices[0].number.as_str()),
                ("anna", "L24-000001")
            );
            names.push(invoices[0].name.clone());
        }
        assert_eq!(names[0], names[1]);
        let get = GetInvoiceRequest { name: names[0].clone() };
        let invoice = self.invoicing.get_invoice(get).await.unwrap().into_inner();
        let total = invoice.total.unwrap();
        assert_eq!((total.units, total.nanos), TOTAL);
        assert_eq!(invoice.name, names[0]);
        for (format, begins, holds) in
            [(InvoiceFormat::Json, "{", "\"L24-000001\""), (InvoiceFormat::Html, "<!DOCTYPE html>", "120.19")]
        {
            let render = RenderInvoiceRequest { name: names[0].clone(), format: format.into() };
            let first = self.invoicing.render_invoice(render.clone()).await.unwrap().into_inner();
            let again = self.invoicing.render_invoice(render).await.unwrap().into_inner();
            assert_eq!(first, again);
            let text = String::from_utf8(first.content).unwrap();
            assert!(text.starts_with(begins) && text.contains(holds), "{text}");
        }
    }

    async fn shows_the_books(&mut self) {
        let lines = ListOpenLinesRequest { parent: account_name("anna"), ..Default::default() };
        let lines = self.accounts.list_open_lines(lines).await.unwrap().into_inner().open_lines;
        assert!(lines.len() == 2 && lines.iter().all(|line| line.issued.len() == 1), "{lines:?}");
        let postings = ListPostingsRequest { parent: account_name("anna"), ..Default::default() };
        let postings = self.accounts.list_postings(postings).await.unwrap().into_inner().posting_sets;
        let sequences: Vec<u64> = postings.iter().map(|set| set.sequence).collect();
        assert_eq!(sequences, [1, 2, 3]);
        let balance = GetTrialBalanceRequest { parent: TENANT.to_owned() };
        let balance = self.admin.get_trial_balance(balance).await.unwrap().into_inner();
        let receivable = balance.rows.iter().find(|row| row.role == "receivable").unwrap();
        assert_eq!(receivable.exact_amount, "120.19");
        assert_eq!((balance.totals.len(), balance.totals[0].exact_amount.as_str()), (1, "0"));
        let node = self.admin.get_node(GetNodeRequest {}).await.unwrap().into_inner();
        assert_eq!((node.shard_count, node.owned_shard_count, node.parked_entity_count), (4, 4, 0));
        assert_eq!(node.store, "memory");
        let parked = ListParkedEntitiesRequest { parent: TENANT.to_owned(), ..Default::default() };
        assert!(
            self.admin.list_parked_entities(parked).await.unwrap().into_inner().parked_entities.is_empty()
        );
    }
}
