//! What is suspect about a record, and what a charging point sees of a session.

use super::{CdrKey, Registers, SaleRefused};
use crate::instant::Instant;
use crate::quantity::Quantity;
use crate::token::Token;
use crate::zone::Zone;

/// A session as a charging point holds it against the others it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenSession {
    /// Its record.
    pub cdr: CdrKey,
    /// When it began, by the station's clock.
    pub start: Instant,
    /// When it was over, by the station's clock.
    pub end: Instant,
    /// The connector; empty where it is not said.
    pub connector: String,
    /// By what the driver was recognised.
    pub token: Token,
    /// The energy, in kWh.
    pub energy_kwh: Quantity,
    /// What the station's meter showed.
    pub registers: Option<Registers>,
}

/// What a charging point knows of itself, for whoever prices a session there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvseSite {
    /// The operator's id of the location; empty where it is not known.
    pub location: String,
    /// The zone of the location; none where it is not known.
    pub zone: Option<Zone>,
    /// The agreement by which sessions there are shared; none where they are not.
    pub agreement: Option<String>,
}

/// Why a record is held back until a rule or a person releases or rejects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suspicion {
    /// A record of this key came before, with other content. The first stays as it was.
    ChangedContent,
    /// The station's clock was not set: the session lies before 2010.
    ClockNotSet,
    /// The session ends later than it was received.
    FromTheFuture,
    /// It ends before it starts.
    EndsBeforeStart,
    /// It has no period, a period out of order, a volume below zero, or lasts more than 366 days.
    Malformed,
    /// The meter showed less at the end than at the start, or less than at the end of a session before.
    RegisterWentBack,
    /// The record's energy is not what the meter's readings differ by.
    RegisterDiffers,
    /// The energy that it states is not the sum of what its periods have.
    EnergyDiffers,
    /// More energy than the station can give in the time.
    OverPower,
    /// It was at the connector at the same time as another.
    Overlaps(CdrKey),
    /// Another record tells of the same token at the same charging point, started within two minutes, with the same energy.
    SuspectedDuplicate(CdrKey),
    /// Nothing was agreed with its party.
    UnknownParty,
    /// Nobody is known to pay for the token.
    UnknownToken,
    /// It is in another currency than was agreed with the party.
    OtherCurrency,
    /// It states no price, and no price sheet is known for it.
    NoPrice,
    /// No version of the agreement by which it is to be shared holds on its day of service.
    UnknownAgreement,
    /// It came later than was agreed with the party.
    TooLate,
    /// A credit that can't be: of a credit, a second one, or of another amount.
    CreditRefused,
    /// The account that pays refuses it.
    SaleRefused(SaleRefused),
}

impl Suspicion {
    /// The names for machines of all suspicions, those for which an account refuses a sale among them.
    pub const CODES: [&str; 28] = [
        "CHANGED_CONTENT",
        "CLOCK_NOT_SET",
        "FROM_THE_FUTURE",
        "ENDS_BEFORE_START",
        "MALFORMED_SESSION",
        "REGISTER_WENT_BACK",
        "REGISTER_DIFFERS",
        "ENERGY_DIFFERS",
        "OVER_POWER",
        "OVERLAPS",
        "SUSPECTED_DUPLICATE",
        "UNKNOWN_PARTY",
        "UNKNOWN_TOKEN",
        "OTHER_CURRENCY",
        "NO_PRICE",
        "UNKNOWN_AGREEMENT",
        "TOO_LATE",
        "CREDIT_REFUSED",
        "UNKNOWN_ACCOUNT",
        "NO_SETTINGS",
        "TOKEN_NOT_HELD",
        "NO_CHARGING_CONTRACT",
        "SEVERAL_CHARGING_CONTRACTS",
        "SESSION_TOO_LATE",
        "UNKNOWN_PRICE_SHEET",
        "PRICE_SHEET_OTHER_CURRENCY",
        "CANNOT_PRICE",
        "SALE_OUT_OF_RANGE",
    ];

    /// Its name for machines: stable, in capitals.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ChangedContent => "CHANGED_CONTENT",
            Self::ClockNotSet => "CLOCK_NOT_SET",
            Self::FromTheFuture => "FROM_THE_FUTURE",
            Self::EndsBeforeStart => "ENDS_BEFORE_START",
            Self::Malformed => "MALFORMED_SESSION",
            Self::RegisterWentBack => "REGISTER_WENT_BACK",
            Self::RegisterDiffers => "REGISTER_DIFFERS",
            Self::EnergyDiffers => "ENERGY_DIFFERS",
            Self::OverPower => "OVER_POWER",
            Self::Overlaps(_) => "OVERLAPS",
            Self::SuspectedDuplicate(_) => "SUSPECTED_DUPLICATE",
            Self::UnknownParty => "UNKNOWN_PARTY",
            Self::UnknownToken => "UNKNOWN_TOKEN",
            Self::OtherCurrency => "OTHER_CURRENCY",
            Self::NoPrice => "NO_PRICE",
            Self::UnknownAgreement => "UNKNOWN_AGREEMENT",
            Self::TooLate => "TOO_LATE",
            Self::CreditRefused => "CREDIT_REFUSED",
            Self::SaleRefused(refused) => refused.code(),
        }
    }
}
