//! What a use costs: the one place where an account's agreements, the catalogue's facts and a command about funds meet.
//!
//! Nothing else asks what something costs that runs now. Facts are the tenant's settings and rates, the versions of the
//! products that may serve, and the prices of the indexes they follow.

use std::collections::BTreeSet;

use super::State;
use crate::agreement::{Agreement, PriceFacts, PriceInForce, price_in_force};
use crate::day::DayRule;
use crate::day_span::DaySpan;
use crate::entity::{Facts, Moment, Need, Registered};
use crate::funds::{Asked, FundsCommand, FundsRefused, OperationKey, Recorded, Reservation, Usage, Used};
use crate::instant::Instant;
use crate::operation::OperationId;
use crate::price_series::{PriceSeries, SeriesId};
use crate::product::{PriceSource, Product};
use crate::quantity::Unit;
use crate::tax::TaxTable;

/// What a decision about funds is to know of agreement and price.
pub(super) struct Priced {
    /// What runs, with agreement and product; none where nothing begins to run.
    pub(super) usage: Option<Usage>,
    /// What it costs, or why nothing says so.
    pub(super) price: Result<PriceInForce, FundsRefused>,
    /// Whether a commit may book more than is held.
    pub(super) allows_overuse: bool,
}

/// What a command says of something that runs or ran.
struct Running<'a> {
    usage: &'a Usage,
    /// The unit in which it is counted; none where the command tells amounts.
    unit: Option<Unit>,
    /// When it ran; none for now.
    at: Option<Instant>,
    /// Whether it began under its agreement, and therefore ends under it.
    has_begun: bool,
}

/// What has to be read: nothing for amounts of an account without agreements.
pub(super) fn needs(state: &State, command: &FundsCommand, facts: &Facts) -> Vec<Need> {
    let Some(running) = Running::of(state, command, facts) else { return Vec::new() };
    if state.agreements.all().next().is_none() {
        return Vec::new();
    }
    let products = running.unit.map(|_| products(state, running.usage)).unwrap_or_default();
    let prices = prices(&products, running.at, facts);
    let products = products.into_iter().map(Need::Product);
    std::iter::once(Need::Tenant).chain(products).chain(prices).collect()
}

/// The prices of indexes that versions of the products follow, once the products are read: of the months of the day of use and
/// of the one after it, in which the decision may fall.
fn prices(products: &BTreeSet<String>, at: Option<Instant>, facts: &Facts) -> Vec<Need> {
    let days = facts.settings.as_ref().map(|settings| DayRule::civil(settings.zone.clone()));
    let (Some(at), Some(days)) = (at.or(facts.at), days) else { return Vec::new() };
    let on = days.day_of(at);
    let Some(span) = DaySpan::new(on, on.next().next()) else { return Vec::new() };
    let versions = products.iter().filter_map(|id| facts.products.get(id)).flatten();
    let components = versions.flat_map(|version| &version.fact.components);
    let series: BTreeSet<SeriesId> = components
        .filter_map(|component| match &component.price {
            PriceSource::Series { index, .. } => Some(SeriesId::Index(index.clone())),
            _ => None,
        })
        .collect();
    series.into_iter().map(|series| Need::Prices { series, span, carried: false }).collect()
}

/// What the command's decision is to know; without settings nothing has a price.
pub(super) fn priced(
    state: &State,
    command: &FundsCommand,
    (facts, days): (&Facts, Option<&DayRule>),
    moment: &Moment,
) -> Priced {
    let nothing = |why| Priced { usage: None, price: Err(why), allows_overuse: false };
    let Some(running) = Running::of(state, command, facts) else { return nothing(FundsRefused::NoPrice) };
    let at = running.at.unwrap_or(moment.now);
    let agreement = running.agreement(state, days, at);
    let (id, product, allows_overuse) = match &agreement {
        Ok(agreement) => (agreement.id.clone(), agreement.product.clone(), agreement.allows_overuse),
        Err(_) => (running.usage.agreement.clone(), String::new(), false),
    };
    let usage = Usage { agreement: id, product, ..running.usage.clone() };
    let price = agreement.and_then(|_| {
        let (unit, days) = running.unit.zip(days).ok_or(FundsRefused::NoPrice)?;
        let known = facts.products.get(&usage.product).map(Vec::as_slice).unwrap_or_default();
        let versions: Vec<Product> = Registered::known_at(known, moment.now).collect();
        let taxes = TaxTable::new(Registered::known_at(&facts.taxes, moment.now));
        let series = facts
            .prices
            .iter()
            .filter_map(|(id, months)| Some((id.clone(), PriceSeries::known_at(months, moment.now, days)?)));
        let facts = PriceFacts { days, taxes: &taxes, series: &series.collect() };
        price_in_force(&versions, &facts, &usage, unit, at).map_err(FundsRefused::Unpriced)
    });
    Priced { usage: (!running.has_begun).then_some(usage), price, allows_overuse }
}

/// The products by which it may be charged: that of the agreement it names, else those of all.
fn products(state: &State, usage: &Usage) -> BTreeSet<String> {
    let is_meant = |agreement: &&Agreement| usage.agreement.is_empty() || agreement.id == usage.agreement;
    state.agreements.all().filter(is_meant).map(|agreement| agreement.product.clone()).collect()
}

impl<'a> Running<'a> {
    fn of(state: &'a State, command: &'a FundsCommand, facts: &'a Facts) -> Option<Self> {
        let begins = |usage, asked: &Asked| Self { usage, unit: unit(asked), at: None, has_begun: false };
        match command {
            FundsCommand::Authorize(ask) => Some(begins(&ask.usage, &ask.asked)),
            FundsCommand::Reserve(reserve) => Some(begins(&reserve.ask.usage, &reserve.ask.asked)),
            FundsCommand::Debit(debit) => {
                let unit = unit_used(&debit.used);
                Some(Self { usage: &debit.usage, unit, at: debit.used_at, has_begun: false })
            }
            FundsCommand::Extend(extend) => {
                let usage = &reservation(state, &extend.reservation, facts)?.usage;
                Some(Self { usage, unit: unit(&extend.more), at: None, has_begun: true })
            }
            FundsCommand::Commit(commit) => {
                let usage = &reservation(state, &commit.reservation, facts)?.usage;
                Some(Self { usage, unit: unit_used(&commit.used), at: commit.used_at, has_begun: true })
            }
            _ => None,
        }
    }

    /// The agreement by which it is charged.
    fn agreement(
        &self,
        state: &'a State,
        days: Option<&DayRule>,
        at: Instant,
    ) -> Result<&'a Agreement, FundsRefused> {
        if self.has_begun {
            return state.agreements.get(&self.usage.agreement).ok_or(FundsRefused::NoAgreement);
        }
        let days = days.ok_or(FundsRefused::NoAgreement)?;
        state.agreements.select(&self.usage.agreement, days.day_of(at))
    }
}

/// A reservation, whether open or expired.
fn reservation<'a>(state: &'a State, id: &OperationId, facts: &'a Facts) -> Option<&'a Reservation> {
    let key = OperationKey::Resolve(id.clone());
    state.funds.reservations.get(id).or_else(|| {
        let record = state.funds.recent.get(&key).or_else(|| facts.records.get(&key))?;
        match &record.outcome {
            Recorded::Expired(reservation) => Some(reservation.as_ref()),
            Recorded::Answered(..) => None,
        }
    })
}

fn unit(asked: &Asked) -> Option<Unit> {
    match asked {
        Asked::Quantity(_, unit) => Some(*unit),
        Asked::Amount(..) => None,
    }
}

fn unit_used(used: &Used) -> Option<Unit> {
    match used {
        Used::Quantity(_, unit) => Some(*unit),
        Used::Charged(..) => None,
    }
}
