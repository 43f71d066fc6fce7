//! What a posting set books, and why.

use super::BalanceNumber;
use crate::cdr::CdrKey;
use crate::identity::MeteringPointId;
use crate::operation::OperationId;
use crate::position::PositionKey;

/// The event that a posting set books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostingSource {
    /// A version of a rated position of a metering point.
    Position {
        /// The metering point.
        metering_point: MeteringPointId,
        /// The position.
        key: PositionKey,
        /// The version of the position.
        version: u32,
    },
    /// An issued invoice or credit note, by its number.
    Invoice(String),
    /// An operation on the funds of the account: a top-up, a debit, a transfer, a correction.
    Operation(OperationId),
    /// The commit of a reservation.
    Reservation(OperationId),
    /// The end of a balance's validity.
    Expiry(BalanceNumber),
    /// A leg of a session or a bundle.
    Leg {
        /// The session's record, or the bundle by the seller's id of it.
        cdr: CdrKey,
        /// The account that sold the bundle; `None` of a record.
        seller: Option<String>,
        /// The number of the leg.
        number: u32,
    },
    /// An issued statement of a partner, by its number.
    Statement(String),
}

/// Why a set was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingReason {
    /// A position was rated for the first time.
    Rated,
    /// A position was rated again; the set holds the difference and names the version it corrects.
    Rerated,
    /// A document was issued.
    Issued,
    /// Funds were paid in.
    ToppedUp,
    /// Funds were given.
    Granted,
    /// What a reservation used was taken.
    Committed,
    /// What a reservation used was taken after it had expired.
    CommittedLate,
    /// So much was taken because the account asked for it.
    Debited,
    /// So much was taken because it was used up already.
    DebitedForced,
    /// So much of it as there was was taken.
    DebitedBalancing,
    /// Funds were not used in time.
    Expired,
    /// Funds went to another account.
    TransferredOut,
    /// Funds came from another account.
    TransferredIn,
    /// Funds were paid out.
    Refunded,
    /// A set before it was wrong; this one holds the difference and names it.
    Corrected,
    /// Something could not be placed.
    Suspended,
    /// A person placed it, or gave it back; the set names the one that could not be placed.
    Placed,
    /// A partner is owed something, or gives it back.
    Owed,
    /// What a partner was owed was paid.
    PaidOut,
}

impl PostingReason {
    /// The reason's name for machines: stable, in capitals.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Rated => "RATED",
            Self::Rerated => "RERATED",
            Self::Issued => "ISSUED",
            Self::ToppedUp => "TOPPED_UP",
            Self::Granted => "GRANTED",
            Self::Committed => "COMMITTED",
            Self::CommittedLate => "COMMITTED_LATE",
            Self::Debited => "DEBITED",
            Self::DebitedForced => "DEBITED_FORCED",
            Self::DebitedBalancing => "DEBITED_BALANCING",
            Self::Expired => "EXPIRED",
            Self::TransferredOut => "TRANSFERRED_OUT",
            Self::TransferredIn => "TRANSFERRED_IN",
            Self::Refunded => "REFUNDED",
            Self::Corrected => "CORRECTED",
            Self::Suspended => "SUSPENDED",
            Self::Placed => "PLACED",
            Self::Owed => "OWED",
            Self::PaidOut => "PAID_OUT",
        }
    }
}
