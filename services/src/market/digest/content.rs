//! Which fields of a document are hashed, and in which order. Changing it changes every hash.

use domain::charge::{Charge, ChargeKey};
use domain::document::{
    AggregatedRequest, AggregatedResult, ChargeGroup, ChargeLinks, ChargePrices, DocumentContent,
    DocumentHeader, EndOfSupply, MeasuredDataRequest, MeasuredSeries, Notice, Participant, StartOfSupply,
    WholesaleRequest, WholesaleResult, WholesaleRow,
};
use domain::series::TimeSeries;

use super::canonical::Canonical;
use crate::market::profile::Profile;

/// Something whose fields are hashed.
pub(super) trait Hashed {
    fn write(&self, canonical: &mut Canonical);
}

/// The head of a document, all of it.
pub(super) fn header(canonical: &mut Canonical, header: &DocumentHeader) {
    origin(canonical, header);
    canonical.text(&header.id);
    canonical.optional_text(header.business_sector.as_deref());
    participant(canonical, &header.sender);
    participant(canonical, &header.receiver);
}

/// What of the head belongs to each series.
pub(super) fn origin(canonical: &mut Canonical, header: &DocumentHeader) {
    canonical.text(Profile::of(header.kind).map_or("", |profile| profile.root));
    canonical.text(&header.process);
    canonical.instant(header.created);
}

fn participant(canonical: &mut Canonical, participant: &Participant) {
    canonical.text(&participant.id);
    canonical.optional_text(participant.role.as_deref());
}

/// The series of a document, in order.
pub(super) fn series(content: &DocumentContent) -> Vec<&dyn Hashed> {
    fn all<T: Hashed>(series: &[T]) -> Vec<&dyn Hashed> {
        series.iter().map(|one| one as &dyn Hashed).collect()
    }
    match content {
        DocumentContent::MeasuredData(series) => all(series),
        DocumentContent::ChargeInformation(groups) => all(groups),
        DocumentContent::ChargePrices(groups) => all(groups),
        DocumentContent::ChargeLinks(links) => all(links),
        DocumentContent::StartOfSupply(starts) => all(starts),
        DocumentContent::EndOfSupply(ends) => all(ends),
        DocumentContent::Notices(notices) => all(notices),
        DocumentContent::AggregatedResults(results) => all(results),
        DocumentContent::WholesaleResults(results) => all(results),
        DocumentContent::MeasuredDataRequests(requests) => all(requests),
        DocumentContent::AggregatedRequests(requests) => all(requests),
        DocumentContent::WholesaleRequests(requests) => all(requests),
    }
}

fn time_series(canonical: &mut Canonical, series: &TimeSeries) {
    canonical.instant(series.start());
    canonical.text(series.resolution().code());
    canonical.count(series.len());
    for value in series.values() {
        canonical.number(value.quantity.micros());
        canonical.text(value.quality.word());
    }
}

fn key(canonical: &mut Canonical, key: &ChargeKey) {
    canonical.text(&key.code);
    canonical.text(&key.owner);
    canonical.text(key.kind.word());
}

impl Hashed for MeasuredSeries {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.text(&self.metering_point.to_string());
        canonical.text(self.kind.code());
        canonical.optional_text(self.product.map(|product| product.code()));
        canonical.text(self.unit.symbol());
        canonical.optional(self.registered, Canonical::instant);
        canonical.optional_text(self.original_transaction.as_deref());
        time_series(canonical, &self.series);
    }
}

impl<T: Hashed> Hashed for ChargeGroup<T> {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.count(self.charges.len());
        self.charges.iter().for_each(|charge| charge.write(canonical));
    }
}

impl Hashed for Charge {
    fn write(&self, canonical: &mut Canonical) {
        key(canonical, &self.key);
        canonical.text(&self.name);
        canonical.text(&self.description);
        canonical.text(self.resolution.code());
        canonical.flag(self.has_vat);
        canonical.flag(self.is_transparent);
        canonical.flag(self.is_tax);
        canonical.period(self.period);
    }
}

impl Hashed for ChargePrices {
    fn write(&self, canonical: &mut Canonical) {
        key(canonical, &self.charge);
        canonical.optional(self.effective, Canonical::instant);
        canonical.period(self.period);
        canonical.text(self.resolution.code());
        canonical.count(self.prices.len());
        self.prices.iter().for_each(|price| canonical.number(price.raw()));
    }
}

impl Hashed for ChargeLinks {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.text(&self.metering_point.to_string());
        canonical.count(self.links.len());
        for link in &self.links {
            key(canonical, &link.charge);
            canonical.number(link.factor.micros());
            canonical.period(link.period);
        }
    }
}

impl Hashed for StartOfSupply {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.text(&self.metering_point.to_string());
        canonical.text(&self.supplier);
        canonical.optional_text(self.balance_responsible.as_deref());
        canonical.optional(self.customer.as_ref(), |canonical, customer| {
            canonical.optional_text(customer.id.as_deref());
            canonical.optional_text(customer.name.as_deref());
        });
        canonical.instant(self.start);
    }
}

impl Hashed for EndOfSupply {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.text(&self.metering_point.to_string());
        canonical.instant(self.end);
    }
}

impl Hashed for Notice {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.optional_text(self.original_transaction.as_deref());
        canonical.text(&self.metering_point.to_string());
        canonical.optional(self.valid_from, Canonical::instant);
    }
}

impl Hashed for AggregatedResult {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.optional_text(self.version.as_deref());
        canonical.optional_text(self.settlement_version.as_deref());
        canonical.text(self.kind.code());
        canonical.optional_text(self.settlement_method.map(|method| method.code()));
        canonical.optional_text(self.grid_area.as_deref());
        canonical.optional_text(self.to_area.as_deref());
        canonical.optional_text(self.from_area.as_deref());
        canonical.optional_text(self.supplier.as_deref());
        canonical.optional_text(self.balance_responsible.as_deref());
        canonical.optional_text(self.product.map(|product| product.code()));
        canonical.text(self.unit.symbol());
        canonical.optional_text(self.original_transaction.as_deref());
        time_series(canonical, &self.series);
    }
}

impl Hashed for WholesaleResult {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.optional_text(self.version.as_deref());
        canonical.optional_text(self.settlement_version.as_deref());
        canonical.optional(self.charge.as_ref(), key);
        canonical.optional_text(self.charge_owner.as_deref());
        canonical.optional_text(self.kind.map(|kind| kind.code()));
        canonical.optional_text(self.settlement_method.map(|method| method.code()));
        canonical.optional_text(self.grid_area.as_deref());
        canonical.text(&self.supplier);
        canonical.optional_text(self.product.map(|product| product.code()));
        canonical.text(self.unit.symbol());
        canonical.optional_text(self.price_unit.map(|unit| unit.symbol()));
        canonical.optional_text(self.currency.map(|currency| currency.code()));
        canonical.optional_text(self.original_transaction.as_deref());
        canonical.period(self.period);
        canonical.text(self.resolution.code());
        canonical.count(self.rows.len());
        self.rows.iter().for_each(|row| row.write(canonical));
    }
}

impl Hashed for WholesaleRow {
    fn write(&self, canonical: &mut Canonical) {
        canonical.optional(self.quantity, |canonical, quantity| canonical.number(quantity.micros()));
        canonical.optional(self.price, |canonical, price| canonical.number(price.raw()));
        canonical.optional(self.amount, |canonical, amount| canonical.large_number(amount.raw()));
        canonical.optional_text(self.quality.map(|quality| quality.word()));
    }
}

impl Hashed for MeasuredDataRequest {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.text(&self.metering_point.to_string());
        canonical.period(self.period);
    }
}

impl Hashed for AggregatedRequest {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.period(self.period);
        canonical.optional_text(self.kind.map(|kind| kind.code()));
        canonical.optional_text(self.settlement_method.map(|method| method.code()));
        canonical.optional_text(self.grid_area.as_deref());
        canonical.optional_text(self.supplier.as_deref());
        canonical.optional_text(self.balance_responsible.as_deref());
        canonical.optional_text(self.settlement_version.as_deref());
    }
}

impl Hashed for WholesaleRequest {
    fn write(&self, canonical: &mut Canonical) {
        canonical.text(&self.id);
        canonical.period(self.period);
        canonical.optional_text(self.resolution.map(|resolution| resolution.code()));
        canonical.optional_text(self.grid_area.as_deref());
        canonical.optional_text(self.supplier.as_deref());
        canonical.optional_text(self.charge_owner.as_deref());
        canonical.optional_text(self.settlement_version.as_deref());
        canonical.count(self.charges.len());
        for (code, kind) in &self.charges {
            canonical.optional_text(code.as_deref());
            canonical.optional_text(kind.map(|kind| kind.word()));
        }
    }
}
