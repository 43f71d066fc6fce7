//! What a statement of a partner has of each record that was bought: the sums of its legs.

use std::collections::BTreeMap;

use domain::day::{Day, Month};
use domain::instant::Instant;
use domain::leg::LegKind;
use domain::money::Money;
use domain::statement::{BookedLeg, PartnerStatement};
use proto::name;
use proto::roaming::GetPartyTermsRequest;
use tonic::Code;

use super::super::client::{Client, ask};
use super::super::failure::Failure;
use super::super::statement::{booked, issued};
use super::export::ExportArguments;
use super::{SUBJECT, party};

/// What a statement has of a party's sessions.
pub(super) struct Stated {
    /// The first day of service.
    pub(super) start: Day,
    /// The day after the last.
    pub(super) end: Day,
    /// When it was issued.
    pub(super) issued: Instant,
    /// What it has of each record, by id. What comes to nothing is left out.
    pub(super) billed: BTreeMap<String, Money>,
}

/// The account with which a party is settled; none where nothing is agreed, or nothing is bought.
pub(super) async fn account_of(client: &Client, party: &str) -> Result<Option<String>, Failure> {
    let message = GetPartyTermsRequest { name: name::PARTY.name([client.tenant(), party]) };
    match ask(message, async |request| client.cdrs().get_party_terms(request).await).await {
        Ok(terms) => Ok(Some(terms.account_id).filter(|account| !account.is_empty())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(Failure::refused_as(&SUBJECT, party)(status)),
    }
}

/// What the account's statement of this number has; none where it has no such statement.
pub(super) async fn stated(
    client: &Client,
    account: &str,
    arguments: &ExportArguments,
) -> Result<Option<Stated>, Failure> {
    let statement = match issued(client, account, &arguments.invoice).await {
        Ok(statement) => statement,
        Err(Failure::Refused { status, .. }) if status.code() == Code::NotFound => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let partner = party("--party", &arguments.party)?;
    let parent = name::ACCOUNT.name([client.tenant(), account]);
    let mut legs: Vec<BookedLeg> = Vec::new();
    for month in months(&statement) {
        legs.extend(booked(client, &parent, month).await?);
    }
    legs.retain(|held| held.leg.kind == LegKind::Purchase && held.leg.cdr.party() == partner);
    let days = legs.iter().map(|held| held.leg.service);
    let (start, last) = (days.clone().min(), days.max());
    let day = statement.issued_on;
    let issued = Instant::parse(&format!("{day}T00:00:00Z"));
    Ok(Some(Stated {
        start: start.unwrap_or(day),
        end: last.unwrap_or(day).next(),
        issued: issued.ok_or_else(|| Failure::Unexpected(format!("the date of issue, {day}")))?,
        billed: sums(&legs).ok_or_else(|| Failure::Unexpected("a sum is out of range".to_owned()))?,
    }))
}

/// The booking months that a statement has: all since the one before it. The first of an account has those of its lines,
/// since without a statement a leg is booked in the month of its service.
fn months(statement: &PartnerStatement) -> Vec<Month> {
    let lines = statement.lines.iter().map(|line| line.month);
    let first = statement.previous.map(Month::next).or_else(|| lines.min()).unwrap_or(statement.month);
    let months = std::iter::successors(Some(first), |month| Some(month.next()));
    months.take_while(|month| *month <= statement.month).collect()
}

fn sums(legs: &[BookedLeg]) -> Option<BTreeMap<String, Money>> {
    let mut billed: BTreeMap<String, Money> = BTreeMap::new();
    for leg in legs.iter().map(|held| &held.leg) {
        let sum = billed.entry(leg.cdr.id().to_owned()).or_insert(Money::zero(leg.amount.currency()));
        *sum = sum.checked_add(leg.amount)?;
    }
    billed.retain(|_, sum| sum.minor() != 0);
    Some(billed)
}
