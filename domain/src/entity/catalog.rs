//! The catalogue of a tenant: its settings, products, price sheets, agreements on shares, tax rates, charges and price
//! series.
//!
//! What it stores are immutable versioned rows, so that metering points read them without asking.

mod price_sheets;
mod prices;
mod share_agreements;

use super::message::{FromDocument, Recipient};
use super::{Decided, Entity, Facts, Message, Moment, Need, Registered};
use crate::address::Address;
use crate::charge::Charge;
use crate::day::DayRule;
use crate::entity::market_document::{Outcome, SeriesRefused};
use crate::money::Currency;
use crate::price_series::{PriceColumn, PriceMonth};
use crate::price_sheet::PriceSheet;
use crate::product::{Product, ProductDefect};
use crate::quantity::Unit;
use crate::share::{ShareAgreement, ShareDefect};
use crate::tax::TaxRate;
use crate::zone::Zone;

/// How many versions a price sheet may have: all of them are looked at for each session that is priced.
pub const MOST_PRICE_SHEET_VERSIONS: usize = 1_000;

/// Who the tenant is as a seller, and what holds for all its bills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// The seller's name.
    pub seller_name: String,
    /// The seller's address.
    pub address: Address,
    /// The seller's VAT id.
    pub vat_id: String,
    /// The account that payments go to.
    pub iban: String,
    /// Where customers can ask: e-mail address or telephone number.
    pub contact: String,
    /// The currency of charges.
    pub currency: Currency,
    /// The zone of its civil days.
    pub zone: Zone,
    /// Days from the issue of an invoice until it is due.
    pub payment_days: u32,
    /// What every invoice number begins with; names the series of numbers.
    pub invoice_prefix: String,
    /// Whether a document with a wrong check digit is refused rather than remarked on.
    pub refuses_check_digits: bool,
}

/// What a catalogue remembers beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The settings, once set.
    pub settings: Option<TenantSettings>,
    /// The tax rates in order of registration.
    pub taxes: Vec<Registered<TaxRate>>,
}

/// Prices of an index, given by a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPrices {
    /// The name of the index.
    pub index: String,
    /// The unit the prices are stated per.
    pub unit: Unit,
    /// Their currency.
    pub currency: Currency,
    /// When the source made them.
    pub created: crate::instant::Instant,
    /// The source's name for them.
    pub source: String,
    /// The prices.
    pub column: PriceColumn,
}

/// What can be asked of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sets the tenant's settings.
    PutSettings(Box<TenantSettings>),
    /// Adds a version of a product (its version number is ignored).
    PutProduct(Product),
    /// Adds a version of a price sheet.
    PutPriceSheet {
        /// Its id in the catalogue.
        id: String,
        /// The sheet.
        sheet: Box<PriceSheet>,
    },
    /// Adds a version of an agreement on shares (its version number is ignored).
    PutShareAgreement(Box<ShareAgreement>),
    /// Adds tax rates.
    PutTaxRates(Vec<TaxRate>),
    /// Adds prices of an index.
    PutPrices(IndexPrices),
    /// Reads settings and tax rates.
    Get,
    /// Reads all versions of a product.
    GetProduct(String),
    /// Reads all versions of a price sheet.
    GetPriceSheet(String),
    /// Reads all versions of an agreement on shares.
    GetShareAgreement(String),
    /// Reads what is known of a charge.
    GetCharge(crate::charge::ChargeKey),
    /// Reads all versions of the months of a price series that lie in a span.
    ListPrices {
        /// The series.
        series: crate::price_series::SeriesId,
        /// The days.
        span: crate::day_span::DaySpan,
    },
    /// From another entity.
    Message(Message),
}

/// What happened to a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The settings were set.
    SettingsSet(Box<TenantSettings>),
    /// A version of a product was added: the row is the event.
    ProductAdded(Registered<Product>),
    /// A version of a price sheet was added: the row is the event.
    PriceSheetAdded {
        /// Its id in the catalogue.
        id: String,
        /// Counts its versions, from 1.
        version: u32,
        /// The sheet.
        sheet: Box<Registered<PriceSheet>>,
    },
    /// A version of an agreement on shares was added: the row is the event.
    ShareAgreementAdded(Box<Registered<ShareAgreement>>),
    /// Tax rates were added.
    TaxRatesAdded(Vec<Registered<TaxRate>>),
    /// Something became known of a charge: the row is the event.
    ChargeAdded(Registered<Charge>),
    /// A version of a month of prices was added: the row is the event.
    PricesAdded(PriceMonth),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// The product was added as this version, or was that version already.
    ProductVersion(u32),
    /// The price sheet was added as this version, or was that version already.
    PriceSheetVersion(u32),
    /// The agreement on shares was added as this version, or was that version already.
    ShareAgreementVersion(u32),
    /// So many months of prices got a new version.
    PriceMonths(u32),
    /// Settings and tax rates.
    State(Box<State>),
    /// Versions of a product.
    Products(Vec<Registered<Product>>),
    /// Versions of a price sheet.
    PriceSheets(Vec<Registered<PriceSheet>>),
    /// Versions of an agreement on shares.
    ShareAgreements(Vec<Registered<ShareAgreement>>),
    /// What is known of a charge.
    Charges(Vec<Registered<Charge>>),
    /// Versions of months of prices.
    Prices(Vec<PriceMonth>),
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The settings are incomplete; the field is named.
    IncompleteSettings(&'static str),
    /// A setting that what is stored depends on can't change any more; the field is named.
    FixedSetting(&'static str),
    /// The tenant has no settings.
    NoSettings,
    /// The product can't be sold.
    DefectiveProduct(Vec<ProductDefect>),
    /// The class of a component has no rate on the product's first day.
    UnknownTaxClass(String),
    /// The price sheet has no element.
    EmptyPriceSheet,
    /// The agreement on shares can't be made.
    DefectiveShareAgreement(Vec<ShareDefect>),
    /// The currency is not that of the tenant, or of earlier versions.
    OtherCurrency,
    /// The price sheet has [`MOST_PRICE_SHEET_VERSIONS`].
    TooManyPriceSheetVersions,
    /// A version of the product that is valid from a later day exists.
    ProductOutOfOrder,
    /// The prices do not begin and end at intervals of their resolution, or there are none.
    PricesOffTheGrid,
    /// There is no such product, price sheet, agreement or charge.
    NotFound,
}

/// The catalogue as an entity.
#[derive(Debug)]
pub struct Catalog;

type CatalogDecided = Decided<Event, Reply>;

impl Entity for Catalog {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(state: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let needs = match command {
            Command::PutProduct(product) => vec![Need::Product(product.id.clone())],
            Command::GetProduct(id) => vec![Need::Product(id.clone())],
            Command::PutPriceSheet { id, .. } | Command::GetPriceSheet(id) => {
                vec![Need::PriceSheet(id.clone())]
            }
            Command::PutShareAgreement(agreement) => vec![Need::ShareAgreement(agreement.id.clone())],
            Command::GetShareAgreement(id) => vec![Need::ShareAgreement(id.clone())],
            Command::GetCharge(key) => vec![Need::Charge(key.clone())],
            Command::ListPrices { series, span } => {
                vec![Need::Prices { series: series.clone(), span: *span, carried: false }]
            }
            Command::PutPrices(prices) => prices::needs(state, &prices.series(), &prices.column),
            Command::Message(Message::ApplyPrices { prices, .. }) => {
                prices.iter().flat_map(|(series, column)| prices::needs(state, series, column)).collect()
            }
            Command::Message(Message::ApplyCharges { charges, .. }) => {
                charges.iter().map(|charge| Need::Charge(charge.key.clone())).collect()
            }
            _ => Vec::new(),
        };
        facts.missing(needs)
    }

    fn decide(
        state: &State,
        command: &Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<CatalogDecided, Rejection> {
        match command {
            Command::PutSettings(settings) => put_settings(state, settings),
            Command::PutProduct(product) => put_product(state, product, facts, moment),
            Command::PutPriceSheet { id, sheet } => price_sheets::put(id, sheet, facts, moment),
            Command::PutShareAgreement(agreement) => share_agreements::put(state, agreement, facts, moment),
            Command::PutTaxRates(rates) => Ok(put_tax_rates(state, rates, moment)),
            Command::PutPrices(given) => put_prices(state, given, facts, moment),
            Command::Get => Ok(Decided::reply(Reply::State(Box::new(state.clone())))),
            Command::GetProduct(id) => {
                let versions = facts.products.get(id).filter(|versions| !versions.is_empty());
                Ok(Decided::reply(Reply::Products(versions.ok_or(Rejection::NotFound)?.clone())))
            }
            Command::GetPriceSheet(id) => price_sheets::get(id, facts),
            Command::GetShareAgreement(id) => share_agreements::get(id, facts),
            Command::GetCharge(key) => {
                let known = facts.charges.get(key).filter(|known| !known.is_empty());
                Ok(Decided::reply(Reply::Charges(known.ok_or(Rejection::NotFound)?.clone())))
            }
            Command::ListPrices { series, .. } => {
                Ok(Decided::reply(Reply::Prices(facts.prices.get(series).cloned().unwrap_or_default())))
            }
            Command::Message(message) => Ok(receive(state, message, facts, moment)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::SettingsSet(settings) => state.settings = Some(settings.as_ref().clone()),
            Event::TaxRatesAdded(rates) => state.taxes.extend(rates.iter().cloned()),
            // Rows alone.
            Event::ProductAdded(_) | Event::PriceSheetAdded { .. } | Event::ShareAgreementAdded(_) => {}
            Event::ChargeAdded(_) | Event::PricesAdded(_) => {}
        }
    }
}

impl State {
    /// The rule of the tenant's civil days.
    #[must_use]
    pub fn rule(&self) -> Option<DayRule> {
        self.settings.as_ref().map(|settings| DayRule::civil(settings.zone.clone()))
    }
}

fn put_settings(state: &State, settings: &TenantSettings) -> Result<CatalogDecided, Rejection> {
    let required = [("seller_name", &settings.seller_name), ("invoice_prefix", &settings.invoice_prefix)];
    if let Some((field, _)) = required.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(Rejection::IncompleteSettings(field));
    }
    match &state.settings {
        Some(held) if held == settings => return Ok(Decided::reply(Reply::Done)),
        Some(held) if held.currency != settings.currency => return Err(Rejection::FixedSetting("currency")),
        Some(held) if held.zone != settings.zone => return Err(Rejection::FixedSetting("zone")),
        _ => {}
    }
    Ok(Decided::with(vec![Event::SettingsSet(Box::new(settings.clone()))], Reply::Done))
}

fn put_product(
    state: &State,
    product: &Product,
    facts: &Facts,
    moment: &Moment,
) -> Result<CatalogDecided, Rejection> {
    let defects = product.defects();
    if !defects.is_empty() {
        return Err(Rejection::DefectiveProduct(defects));
    }
    let taxes = crate::tax::TaxTable::new(state.taxes.iter().map(|rate| rate.fact.clone()));
    let untaxed =
        product.components.iter().find(|one| taxes.rate(&one.tax_class, product.valid_from).is_none());
    if let Some(component) = untaxed {
        return Err(Rejection::UnknownTaxClass(component.tax_class.name().to_owned()));
    }
    let held = facts.products.get(&product.id).and_then(|versions| versions.last()).map(|last| &last.fact);
    let version = held.map_or(0, |held| held.version);
    if held == Some(&Product { version, ..product.clone() }) {
        return Ok(Decided::reply(Reply::ProductVersion(version)));
    }
    // What was rated in one currency can't be corrected in another.
    let fixed = state.settings.as_ref().map(|settings| settings.currency).or(held.map(|held| held.currency));
    if fixed.is_some_and(|currency| currency != product.currency) {
        return Err(Rejection::OtherCurrency);
    }
    if held.is_some_and(|held| held.valid_from > product.valid_from) {
        return Err(Rejection::ProductOutOfOrder);
    }
    let version = version.saturating_add(1);
    let added = Registered { at: moment.now, fact: Product { version, ..product.clone() } };
    Ok(Decided::with(vec![Event::ProductAdded(added)], Reply::ProductVersion(version)))
}

fn put_tax_rates(state: &State, rates: &[TaxRate], moment: &Moment) -> CatalogDecided {
    let mut new: Vec<Registered<TaxRate>> = Vec::new();
    for rate in rates {
        let is_for = |one: &&Registered<TaxRate>| {
            one.fact.class == rate.class && one.fact.valid_from == rate.valid_from
        };
        // Only the latest counts: a rate that was there before another is new again.
        let latest = state.taxes.iter().chain(&new).rfind(is_for);
        if latest.is_none_or(|one| one.fact != *rate) {
            new.push(Registered { at: moment.now, fact: rate.clone() });
        }
    }
    let events = if new.is_empty() { Vec::new() } else { vec![Event::TaxRatesAdded(new)] };
    let mut after = state.clone();
    events.iter().for_each(|event| Catalog::apply(&mut after, event));
    Decided::with(events, Reply::State(Box::new(after)))
}

fn put_prices(
    state: &State,
    given: &IndexPrices,
    facts: &Facts,
    moment: &Moment,
) -> Result<CatalogDecided, Rejection> {
    let rule = state.rule().ok_or(Rejection::NoSettings)?;
    let terms = prices::Terms {
        unit: given.unit,
        currency: given.currency,
        created: given.created,
        source: &given.source,
        received: moment.now,
    };
    let months = prices::months(&given.series(), &given.column, &terms, facts, &rule)
        .ok_or(Rejection::PricesOffTheGrid)?;
    let count = u32::try_from(months.len()).unwrap_or(u32::MAX);
    Ok(Decided::with(months.into_iter().map(Event::PricesAdded).collect(), Reply::PriceMonths(count)))
}

fn receive(state: &State, message: &Message, facts: &Facts, moment: &Moment) -> CatalogDecided {
    let (from, (events, outcome)) = match message {
        Message::ApplyCharges { from, charges } => (from, add_charges(charges, facts, moment)),
        Message::ApplyPrices { from, prices } => (from, prices::apply(state, from, prices, facts, moment)),
        _ => return Decided::reply(Reply::Done),
    };
    answer(from, events, outcome)
}

fn answer(from: &FromDocument, events: Vec<Event>, outcome: Outcome) -> CatalogDecided {
    let message = Message::Applied { index: from.index, outcome };
    Decided::with(events, Reply::Done).telling([(Recipient::Document(from.document.clone()), message)])
}

fn add_charges(charges: &[Charge], facts: &Facts, moment: &Moment) -> (Vec<Event>, Outcome) {
    let held = |charge: &&Charge| {
        let mut known = facts.charges.get(&charge.key).into_iter().flatten();
        known
            .rfind(|one| one.fact.period.start() == charge.period.start())
            .is_some_and(|one| one.fact == **charge)
    };
    let new = charges.iter().filter(|charge| !held(charge));
    let events: Vec<Event> =
        new.map(|charge| Event::ChargeAdded(Registered { at: moment.now, fact: charge.clone() })).collect();
    let outcome = if events.is_empty() { Outcome::Unchanged } else { Outcome::Done };
    (events, outcome)
}

impl IndexPrices {
    fn series(&self) -> crate::price_series::SeriesId {
        crate::price_series::SeriesId::Index(self.index.clone())
    }
}

impl From<&SeriesRefused> for Outcome {
    fn from(refused: &SeriesRefused) -> Self {
        Self::Refused(refused.clone())
    }
}
