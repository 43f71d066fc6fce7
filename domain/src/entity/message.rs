//! What entities tell one another. Delivered exactly once and in order per sender and receiver.

use crate::account_event::AccountEvent;
use crate::cdr::{
    CdrKey, EvseId, EvseSite, Party, Sale, SaleRefused, SaleReversal, SeenSession, SessionSale, Suspicion,
};
use crate::charge::{Charge, ChargeLink};
use crate::contract::Contract;
use crate::day::{Day, Month};
use crate::document::MeteringPointKind;
use crate::entity::account::ClosedContract;
use crate::entity::directory::{Claim, Owner};
use crate::entity::event_log::Partition;
use crate::entity::market_document::Outcome;
use crate::entity::roaming_object::ObjectKey;
use crate::entity::run_part::AccountOutcome;
use crate::funds::Payout;
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::leg::Leg;
use crate::prepaid::{RatedKey, RatedTotal, SupplyOrder};
use crate::price_series::{PriceColumn, SeriesId};
use crate::quantity::Unit;
use crate::series::TimeSeries;
use crate::token::Token;

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// A metering point.
    MeteringPoint(MeteringPointId),
    /// An account, by id.
    Account(String),
    /// The tenant's catalogue.
    Catalog,
    /// A received market document, by its key.
    Document(String),
    /// An invoice run, by id.
    InvoiceRun(String),
    /// The part of a run in one shard.
    RunPart {
        /// The run's id.
        run: String,
        /// The shard.
        shard: u32,
    },
    /// A series of invoice numbers, by name.
    NumberSeries(String),
    /// The directory's entry of a token.
    Directory(Token),
    /// A partition of the log of what accounts tell.
    EventLog(Partition),
    /// The tenant's webhooks. Nobody sends them a message.
    Webhooks,
    /// The book of a party's charge detail records.
    CdrBook(Party),
    /// A charging point.
    Evse(EvseId),
    /// The tenant's partners in roaming. Nobody sends them a message.
    Partners,
    /// An object of roaming. Nobody sends it a message.
    RoamingObject(ObjectKey),
}

/// A series of a document that is handed to the entity it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromDocument {
    /// The document's key, to answer to.
    pub document: String,
    /// The place of the series in the document, from 0.
    pub index: u32,
    /// When the sender made the document.
    pub created: Instant,
}

/// The terms of closing a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The run.
    pub run: String,
    /// The booking month.
    pub month: Month,
    /// The registration time whose knowledge counts.
    pub known_at: Instant,
    /// The date on the invoices.
    pub issue_date: Day,
}

/// A message between entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Document to metering point: values.
    ApplyValues {
        /// Where they come from.
        from: FromDocument,
        /// The kind the sender takes the point for.
        kind: MeteringPointKind,
        /// The unit of the values.
        unit: Unit,
        /// The values.
        values: TimeSeries,
    },
    /// Document to metering point: charge links.
    ApplyLinks {
        /// Where they come from.
        from: FromDocument,
        /// The links.
        links: Vec<ChargeLink>,
    },
    /// Document to catalogue: what charges are.
    ApplyCharges {
        /// Where they come from.
        from: FromDocument,
        /// The charges.
        charges: Vec<Charge>,
    },
    /// Document to catalogue: what a charge costs.
    ApplyPrices {
        /// Where they come from.
        from: FromDocument,
        /// The series and its prices, one or more.
        prices: Vec<(SeriesId, PriceColumn)>,
    },
    /// Back to the document: what became of a series.
    Applied {
        /// The place of the series in the document.
        index: u32,
        /// What became of it.
        outcome: Outcome,
    },
    /// Metering point to a payer: a contract was made or changed.
    ContractChanged {
        /// The metering point.
        metering_point: MeteringPointId,
        /// The contract.
        contract: Contract,
    },
    /// Owner to directory: a token is wanted.
    ClaimToken {
        /// The token.
        token: Token,
        /// Whose claim, and which.
        claim: Claim,
    },
    /// Owner to directory: a token is given back, whatever became of the claim.
    ReleaseToken {
        /// The token.
        token: Token,
        /// The claim under which it is held or was asked for.
        claim: Claim,
    },
    /// Directory to owner: what became of a claim.
    TokenClaimed {
        /// The token.
        token: Token,
        /// The number of the claim.
        number: u64,
        /// Who holds it, where that is somebody else; none where it was granted.
        refused: Option<Owner>,
    },
    /// Directory to owner: a token is no longer held under a claim.
    TokenReleased {
        /// The token.
        token: Token,
        /// The number of the claim.
        number: u64,
    },
    /// Run to its part in a shard: close the month of every account there.
    StartPart {
        /// The terms.
        closing: Closing,
        /// The part's shard.
        shard: u32,
    },
    /// Part to account: close the month.
    CloseAccount {
        /// The terms.
        closing: Closing,
        /// The part's shard, to answer to.
        shard: u32,
        /// The account itself, which may have been named by contracts without ever having been opened.
        account: String,
    },
    /// Account to metering point: rate the month and tell what is to be paid.
    ClosePoint {
        /// The terms.
        closing: Closing,
        /// The account, to answer to.
        account: String,
    },
    /// Metering point to account: what is to be paid. With the last message the month is closed for this account.
    PointClosed {
        /// The run.
        run: String,
        /// The metering point.
        metering_point: MeteringPointId,
        /// Its contracts that this account pays for. All of them stand in the last message; those before it carry the
        /// positions, a month each.
        contracts: Vec<ClosedContract>,
        /// Whether this is not the last message.
        more_follows: bool,
    },
    /// Account to part: the month is closed.
    AccountClosed {
        /// The account.
        account: String,
        /// What came of it.
        outcome: AccountOutcome,
    },
    /// Part to run: every account of the shard is closed.
    PartClosed {
        /// The shard.
        shard: u32,
        /// What came of it.
        summary: crate::entity::invoice_run::PartSummary,
    },
    /// Run to number series: so many numbers, exactly as many as will be used.
    TakeNumbers {
        /// The run.
        run: String,
        /// How many.
        count: u64,
    },
    /// Number series to run: the first number of the block.
    NumbersTaken {
        /// The first number.
        first: u64,
    },
    /// Run to part: issue what was previewed.
    IssuePart {
        /// The hash of the part that was approved.
        hash: [u8; 32],
        /// The first number of the part's block.
        first_number: u64,
        /// What every number begins with.
        number_prefix: String,
    },
    /// Run to part: drop what was previewed.
    CancelPart,
    /// Part to account: drop what was frozen for the run.
    ReleaseAccount {
        /// The run.
        run: String,
    },
    /// Part to account: issue the frozen invoice under this number.
    IssueInvoice {
        /// The run.
        run: String,
        /// The number.
        number: String,
    },
    /// Account to part: issued.
    InvoiceIssued {
        /// The account.
        account: String,
    },
    /// Part to run: everything is issued.
    PartIssued {
        /// The shard.
        shard: u32,
    },
    /// Account to account: money that left the one. It can't be refused.
    FundsTransferred {
        /// The account that gave it.
        from: String,
        /// The account that gets it, which may never have been opened.
        to: String,
        /// How much; the operation is the sender's.
        payout: Payout,
    },
    /// Metering point to the account that supplies it in advance: what is due of a contract in a month, by days or so far,
    /// as it is rated now. It can't be refused.
    PrepaidRated {
        /// The account, which may never have been opened.
        account: String,
        /// What is due: what differs from what was told before.
        totals: Vec<RatedTotal>,
        /// What nothing will be told about any more: no run corrects it.
        forgotten: Vec<RatedKey>,
    },
    /// Account to a metering point that it supplies in advance: whether supply is on.
    SupplyOrdered {
        /// The order.
        order: SupplyOrder,
    },
    /// Book of records to charging point: a session there, to be held against the others.
    CheckSession(SeenSession),
    /// Charging point to book of records: what it holds of a session. Told again when that changes.
    SessionChecked {
        /// The session's record.
        cdr: CdrKey,
        /// What the point knows of itself.
        site: EvseSite,
        /// What is suspect; empty where nothing is, or nothing is any more.
        suspicions: Vec<Suspicion>,
    },
    /// Book of records to charging point: a session does not count, or no longer.
    WithdrawSession(CdrKey),
    /// Book of records to the account that pays: rate and book a session.
    RateSale {
        /// The account, which may never have been opened.
        account: String,
        /// The session.
        sale: Box<SessionSale>,
    },
    /// Account to book of records: what it booked, or why it did not.
    SaleRated {
        /// The account.
        account: String,
        /// The session's record.
        cdr: CdrKey,
        /// What it booked.
        outcome: Result<Box<Sale>, SaleRefused>,
    },
    /// Book of records to the account that paid: a sale is taken back. It can't be refused.
    ReverseSale {
        /// The account.
        account: String,
        /// Which sale, and why.
        reversal: SaleReversal,
    },
    /// Book of records to the account of a partner: what it is owed for a session, or gives back. It can't be refused.
    BookLeg {
        /// The account, which may never have been opened.
        account: String,
        /// The leg.
        leg: Leg,
    },
    /// Catalogue to an account: an agreement on shares names it as a recipient.
    ShareAgreed {
        /// The account, which may never have been opened.
        account: String,
        /// The agreement.
        agreement: String,
    },
    /// Account to the log: what it tells whoever listens outside, of one decision.
    EventsTold {
        /// The account.
        account: String,
        /// When it registered it.
        at: Instant,
        /// What it tells, in order.
        events: Vec<AccountEvent>,
    },
}

impl Message {
    /// The rank of a message: its handler sends only messages of higher rank, so that cascades end.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::ApplyValues { .. } | Self::ApplyLinks { .. } => 1,
            Self::ApplyCharges { .. } | Self::ApplyPrices { .. } => 1,
            Self::ClaimToken { .. } | Self::ReleaseToken { .. } => 1,
            Self::Applied { .. } | Self::ContractChanged { .. } | Self::ShareAgreed { .. } => 2,
            Self::TokenClaimed { .. } | Self::TokenReleased { .. } => 2,
            Self::StartPart { .. } => 3,
            Self::CloseAccount { .. } => 4,
            Self::ClosePoint { .. } => 5,
            Self::PointClosed { .. } => 6,
            Self::AccountClosed { .. } => 7,
            Self::PartClosed { .. } => 8,
            Self::TakeNumbers { .. } => 9,
            Self::NumbersTaken { .. } => 10,
            Self::IssuePart { .. } | Self::CancelPart => 11,
            Self::IssueInvoice { .. } | Self::ReleaseAccount { .. } => 12,
            Self::InvoiceIssued { .. } => 13,
            Self::PartIssued { .. } => 14,
            Self::FundsTransferred { .. } | Self::PrepaidRated { .. } => 15,
            Self::SupplyOrdered { .. } => 21,
            Self::CheckSession(_) | Self::WithdrawSession(_) => 17,
            Self::SessionChecked { .. } => 18,
            Self::RateSale { .. } | Self::ReverseSale { .. } => 19,
            Self::SaleRated { .. } => 20,
            Self::BookLeg { .. } => 21,
            Self::EventsTold { .. } => 22,
        }
    }
}
