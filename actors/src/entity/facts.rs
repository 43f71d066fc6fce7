//! Where what an entity wants to read is found, and how it is read.

use bytes::Bytes;
use domain::day_version::DayVersion;
use domain::entity::market_document::DocumentSeries;
use domain::entity::{Facts, Need, Recipient, Registered, catalog};
use domain::position::RatedVersion;
use proto::store as stored;

use super::entity_id;
use super::row::{self, Suffixes};
use crate::shell::{Answer, FactRow, Facts as ShellFacts, Need as ShellNeed, Section, Tenant};

/// How many rows make a page; the shell gives fewer where they are large.
const MOST_ROWS: usize = 20_000;

/// The rows that hold what is needed. What the catalogue knows is its own only where the catalogue itself asks.
pub(super) fn need(tenant: &Tenant, need: &Need, is_own: bool) -> ShellNeed {
    let of = if is_own { None } else { entity_id(tenant, &Recipient::Catalog).ok() };
    let rows = |of, section, Suffixes { from, until }: Suffixes, limit_rows, reverse| ShellNeed::Rows {
        of,
        section,
        from,
        until: Some(until),
        limit_rows,
        reverse,
    };
    let record = Section::Record;
    match need {
        Need::Days { direction, span } => {
            rows(None, Section::Series, row::days(*direction, *span), MOST_ROWS, false)
        }
        Need::Rated(month) => rows(None, record, row::rated_month(*month), MOST_ROWS, false),
        Need::Tenant => rows(of, record, row::tenants(), 1, true),
        Need::Product(id) => rows(of, record, row::product_versions(id), MOST_ROWS, false),
        Need::PriceSheet(id) => rows(of, record, row::price_sheet_versions(id), MOST_ROWS, false),
        Need::ShareAgreement(id) => rows(of, record, row::share_agreement_versions(id), MOST_ROWS, false),
        Need::Charge(key) => rows(of, record, row::charge_versions(key), MOST_ROWS, false),
        Need::Prices { series, span, carried } => {
            rows(of, record, row::price_months(series, *span, *carried), MOST_ROWS, false)
        }
        Need::Accounts { after, limit } => {
            let Suffixes { from, until } = row::roll_after(after);
            ShellNeed::Shared {
                section: record,
                from,
                until,
                limit_rows: usize::try_from(*limit).unwrap_or(MOST_ROWS),
            }
        }
        Need::DocumentSeries(index) => ShellNeed::Row { of: None, key: row::item(*index) },
        Need::FundsRecord(key) => ShellNeed::Row { of: None, key: row::funds_record(key) },
        Need::Cdr(id) => ShellNeed::Row { of: None, key: row::cdr(id) },
        Need::SoldSession(cdr) => ShellNeed::Row { of: None, key: row::sold(cdr) },
        Need::ShownTopUp(operation) => ShellNeed::Row { of: None, key: row::shown_top_up(operation) },
        Need::Leg(leg) => ShellNeed::Row { of: None, key: row::leg(leg) },
    }
}

/// All pages of what is needed, or the next that is still to be read.
pub(super) fn pages<'a>(
    need: &Need,
    first: ShellNeed,
    known: &'a ShellFacts,
) -> Result<Vec<&'a Answer>, Box<ShellNeed>> {
    let is_bounded = matches!(need, Need::Tenant | Need::Accounts { .. });
    let mut page = first;
    let mut pages = Vec::new();
    loop {
        let Some(answer) = known.answer_to(&page) else { return Err(Box::new(page)) };
        pages.push(answer);
        let (Answer::Rows { rows, more: true }, false) = (answer, is_bounded) else { return Ok(pages) };
        let (Some(last), ShellNeed::Rows { from, .. }) = (rows.last(), &mut page) else { return Ok(pages) };
        *from = [last.suffix.as_ref(), &[0]].concat().into();
    }
}

/// Reads the pages of an answer into the facts.
pub(super) fn add(facts: &mut Facts, need: &Need, pages: &[&Answer]) -> Result<(), String> {
    let rows = pages.iter().flat_map(|page| match page {
        Answer::Rows { rows, .. } => rows.as_slice(),
        Answer::Row(_) => &[],
    });
    let rows: Vec<&FactRow> = rows.collect();
    match need {
        Need::Days { direction, .. } => {
            let days: Result<Vec<DayVersion>, String> =
                rows.iter().map(|row| read::<stored::PackedDay, _>(&row.value)).collect();
            facts.days.entry(*direction).or_default().extend(days?);
        }
        Need::Rated(month) => {
            let mut current: std::collections::BTreeMap<_, RatedVersion> = std::collections::BTreeMap::new();
            for row in &rows {
                let version: RatedVersion = read::<proto::metering::RatedVersion, _>(&row.value)?;
                current.insert(version.position.key.clone(), version);
            }
            facts.rated.insert(*month, current.into_values().collect());
        }
        Need::Tenant => {
            let state: catalog::State = match rows.first() {
                Some(row) => read::<stored::CatalogState, _>(&row.value)?,
                None => catalog::State::default(),
            };
            facts.settings = state.settings;
            facts.taxes = state.taxes;
        }
        Need::Product(id) => {
            let versions = all::<stored::RegisteredProduct, Registered<_>>(&rows)?;
            facts.products.insert(id.clone(), versions);
        }
        Need::PriceSheet(id) => {
            let versions = all::<stored::RegisteredPriceSheet, Registered<_>>(&rows)?;
            facts.price_sheets.insert(id.clone(), versions);
        }
        Need::ShareAgreement(id) => {
            let versions = all::<stored::RegisteredShareAgreement, Registered<_>>(&rows)?;
            facts.share_agreements.insert(id.clone(), versions);
        }
        Need::Charge(key) => {
            let known = all::<stored::RegisteredCharge, Registered<_>>(&rows)?;
            if !known.is_empty() {
                facts.charges.insert(key.clone(), known);
            }
        }
        Need::Prices { series, .. } => {
            let months = all::<proto::catalog::PriceMonth, domain::price_series::PriceMonth>(&rows)?;
            let held = facts.prices.entry(series.clone()).or_default();
            for month in months {
                if !held.contains(&month) {
                    held.push(month);
                }
            }
        }
        Need::Accounts { .. } => {
            facts.accounts = rows.iter().filter_map(|row| row::rolled(&row.suffix)).collect()
        }
        Need::DocumentSeries(index) => {
            if let Some(Answer::Row(Some(value))) = pages.first() {
                let series: DocumentSeries = read::<stored::DocumentSeries, _>(value)?;
                facts.series.insert(*index, series.item);
            }
        }
        Need::Leg(leg) => {
            if let Some(Answer::Row(Some(_))) = pages.first() {
                facts.legs.insert(leg.clone());
            }
        }
        Need::ShownTopUp(operation) => {
            if let Some(Answer::Row(Some(value))) = pages.first() {
                let shown = read::<proto::charging::ShownTopUp, _>(value)?;
                facts.shown.insert(operation.clone(), shown);
            }
        }
        Need::Cdr(id) => {
            if let Some(Answer::Row(Some(value))) = pages.first() {
                facts.cdrs.insert(id.clone(), read::<stored::CdrEntry, _>(value)?);
            }
        }
        Need::SoldSession(cdr) => {
            if let Some(Answer::Row(Some(value))) = pages.first() {
                facts.sold.insert(cdr.clone(), read::<proto::roaming::SoldSession, _>(value)?);
            }
        }
        Need::FundsRecord(key) => {
            if let Some(Answer::Row(Some(value))) = pages.first() {
                facts.records.insert(key.clone(), read::<stored::FundsRecord, _>(value)?);
            }
        }
    }
    Ok(())
}

fn all<M, T>(rows: &[&FactRow]) -> Result<Vec<T>, String>
where
    M: prost::Message + Default,
    T: TryFrom<M, Error: std::fmt::Display>,
{
    rows.iter().map(|row| read::<M, T>(&row.value)).collect()
}

fn read<M, T>(bytes: &Bytes) -> Result<T, String>
where
    M: prost::Message + Default,
    T: TryFrom<M, Error: std::fmt::Display>,
{
    let message = M::decode(bytes.clone()).map_err(|error| error.to_string())?;
    T::try_from(message).map_err(|error| error.to_string())
}
