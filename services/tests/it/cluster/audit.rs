//! What is there in the end, against what clients were told.

use std::collections::BTreeSet;

use proto::account::ListAccountsRequest;
use proto::account::account_service_client::AccountServiceClient;
use proto::admin::GetTrialBalanceRequest;
use proto::admin::admin_service_client::AdminServiceClient;
use proto::metering::metering_service_client::MeteringServiceClient;
use proto::metering::{DayVersion, ListDayVersionsRequest};
use proto::types::{DaySpan, Direction};

use super::load::{self, TENANT, VERSIONS_PER_DAY, Written};
use crate::grpc::supplier::{self, date};
use crate::kill::bill::{self, Patient};

/// Everything that was acknowledged is there, once and in its order, and nothing else; the invoices are as they were; and the
/// books balance.
pub(super) async fn audit(asked: &impl Patient, written: &[Written], expected: &bill::Invoices) {
    for of_one in written {
        assert!(of_one.versions > 0);
        let found = versions(asked, &of_one.point).await;
        let wanted = (0..of_one.versions).map(|version| {
            (u32::try_from(version % VERSIONS_PER_DAY + 1).unwrap(), load::source(&of_one.point, version))
        });
        let found = found.into_iter().map(|found| (found.version, found.source));
        assert_eq!(found.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    }
    let opened: BTreeSet<String> = load::accounts(written).into_iter().collect();
    assert_eq!(accounts(asked).await, opened);
    assert!(bill::invoices(asked).await == *expected, "the invoices differ");
    let sums = balance(asked, supplier::TENANT).await;
    assert!(!sums.is_empty() && sums.iter().all(|sum| sum == "0"), "{sums:?}");
}

async fn versions(asked: &impl Patient, point: &str) -> Vec<DayVersion> {
    let (mut versions, mut page_token) = (Vec::new(), String::new());
    loop {
        let span = DaySpan { first_day: Some(date(2024, 10, 1)), end_day: Some(date(2025, 11, 1)) };
        let list = ListDayVersionsRequest {
            parent: format!("{TENANT}/meteringPoints/{point}"),
            direction: Direction::Consumption.into(),
            span: Some(span),
            page_size: 100,
            page_token,
            ..Default::default()
        };
        let page = asked
            .ask(async |channel| MeteringServiceClient::new(channel).list_day_versions(list.clone()).await)
            .await
            .into_inner();
        versions.extend(page.day_versions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return versions;
        }
    }
}

async fn accounts(asked: &impl Patient) -> BTreeSet<String> {
    let (mut accounts, mut page_token) = (BTreeSet::new(), String::new());
    loop {
        let list = ListAccountsRequest { parent: TENANT.to_owned(), page_size: 100, page_token };
        let page = asked
            .ask(async |channel| AccountServiceClient::new(channel).list_accounts(list.clone()).await)
            .await
            .into_inner();
        accounts.extend(page.accounts.into_iter().map(|account| account.account_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return accounts;
        }
    }
}

/// The total of all postings in each currency.
async fn balance(asked: &impl Patient, tenant: &str) -> Vec<String> {
    let get = GetTrialBalanceRequest { parent: tenant.to_owned() };
    let balance = asked
        .ask(async |channel| AdminServiceClient::new(channel).get_trial_balance(get.clone()).await)
        .await;
    balance.into_inner().totals.into_iter().map(|total| total.exact_amount).collect()
}
