//! What an entity may read before it decides.

use std::collections::{BTreeMap, BTreeSet};

use crate::cdr::CdrKey;
use crate::charge::{Charge, ChargeKey};
use crate::charging_contract::SoldSession;
use crate::day::Month;
use crate::day_span::DaySpan;
use crate::day_version::DayVersion;
use crate::entity::catalog::TenantSettings;
use crate::funds::{OperationKey, Record};
use crate::instant::Instant;
use crate::leg::LegKey;
use crate::operation::OperationId;
use crate::position::RatedVersion;
use crate::prepaid::ShownTopUp;
use crate::price_series::{PriceMonth, SeriesId};
use crate::price_sheet::PriceSheet;
use crate::product::Product;
use crate::series::Direction;
use crate::share::ShareAgreement;
use crate::tax::TaxRate;

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// All versions of the entity's own days of a channel.
    Days {
        /// The channel.
        direction: Direction,
        /// Which days.
        span: DaySpan,
    },
    /// The current version of each of the entity's own rated positions of a month.
    Rated(Month),
    /// The tenant's settings and tax rates.
    Tenant,
    /// All versions of a product.
    Product(String),
    /// All versions of a price sheet, by its id in the catalogue.
    PriceSheet(String),
    /// All versions of an agreement on shares.
    ShareAgreement(String),
    /// Everything known of a charge.
    Charge(ChargeKey),
    /// All versions of the months of a price series that lie in the span, or, where `carried`, that begin before its
    /// end.
    Prices {
        /// The series.
        series: SeriesId,
        /// The days whose prices are wanted.
        span: DaySpan,
        /// Whether prices before the span matter as well.
        carried: bool,
    },
    /// Ids of accounts that live in this shard, in order.
    Accounts {
        /// Only those after this id.
        after: String,
        /// At most so many.
        limit: u32,
    },
    /// One of a document's own stored series.
    DocumentSeries(u32),
    /// What is remembered of an operation on an account's own funds.
    FundsRecord(OperationKey),
    /// What a top-up of an account's own prepaid supply showed.
    ShownTopUp(OperationId),
    /// A leg of an account's own.
    Leg(LegKey),
    /// A session that was sold to the account itself.
    SoldSession(CdrKey),
    /// What a book of charge detail records has under an id.
    Cdr(String),
}

/// A fact with the registration time from which it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered<T> {
    /// When it was registered.
    pub at: Instant,
    /// The fact.
    pub fact: T,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The registration time at which it is asked what has to be read; the decision's is that or a little later. None where
    /// nobody knows it.
    pub at: Option<Instant>,
    /// Answers to needs that were read already; a need that is in none of the maps below but in here was empty.
    pub read: BTreeSet<Need>,
    /// All versions of own days.
    pub days: BTreeMap<Direction, Vec<DayVersion>>,
    /// Current rated versions by month.
    pub rated: BTreeMap<Month, Vec<RatedVersion>>,
    /// The tenant's settings.
    pub settings: Option<TenantSettings>,
    /// The tax rates.
    pub taxes: Vec<Registered<TaxRate>>,
    /// All versions of products, in order of validity.
    pub products: BTreeMap<String, Vec<Registered<Product>>>,
    /// All versions of price sheets by their ids in the catalogue, in order of registration.
    pub price_sheets: BTreeMap<String, Vec<Registered<PriceSheet>>>,
    /// All versions of agreements on shares, in order of registration.
    pub share_agreements: BTreeMap<String, Vec<Registered<ShareAgreement>>>,
    /// What is known of charges, in order of time.
    pub charges: BTreeMap<ChargeKey, Vec<Registered<Charge>>>,
    /// All versions of months of prices.
    pub prices: BTreeMap<SeriesId, Vec<PriceMonth>>,
    /// Ids of accounts.
    pub accounts: Vec<String>,
    /// Series of the own document by index.
    pub series: BTreeMap<u32, crate::entity::market_document::DocumentItem>,
    /// Records of operations on the own funds, where there are some.
    pub records: BTreeMap<OperationKey, Record>,
    /// Own legs that were booked.
    pub legs: BTreeSet<LegKey>,
    /// Top-ups of the own prepaid supply that were shown.
    pub shown: BTreeMap<OperationId, ShownTopUp>,
    /// Sessions that were sold to the account itself.
    pub sold: BTreeMap<CdrKey, SoldSession>,
    /// What the own book of charge detail records has under ids, where there is anything.
    pub cdrs: BTreeMap<String, crate::entity::cdr_book::Entry>,
}

impl<T: Clone> Registered<T> {
    /// Those of the facts that are known at a registration time.
    pub fn known_at(facts: &[Self], at: Instant) -> impl Iterator<Item = T> + '_ {
        facts.iter().filter(move |one| one.at <= at).map(|one| one.fact.clone())
    }
}

impl Facts {
    /// Those of the needs that were not read yet.
    #[must_use]
    pub fn missing(&self, needs: impl IntoIterator<Item = Need>) -> Vec<Need> {
        needs.into_iter().filter(|need| !self.read.contains(need)).collect()
    }
}
