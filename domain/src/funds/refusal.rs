//! Why a command about funds is refused.

use super::limit::LimitKey;
use super::price::PartFault;
use crate::agreement::Unpriced;
use crate::amount::Amount;

/// Why a command about funds is refused, in order of checking. Nothing moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundsRefused {
    /// The id was used before with another value in this field.
    IdReused {
        /// The field.
        field: &'static str,
    },
    /// The id was made more than five minutes ahead of the shard's time: a clock is off.
    IdAhead,
    /// A name is longer than 64 bytes, or a list longer than 32 entries.
    TooLarge,
    /// A quantity is not above zero, or below zero where zero would do.
    QuantityNotPositive,
    /// A quantity is beyond anything that can run.
    QuantityAbsurd,
    /// An amount is not above zero, or below zero where zero would do.
    AmountNotPositive,
    /// An amount is beyond anything that is paid.
    AmountAbsurd,
    /// An amount has more decimals than the asset is paid with.
    OtherScale,
    /// Balances are not held in this unit.
    NotAnAsset,
    /// A part of what is charged says what can't be.
    Part {
        /// Which of the parts, from 0.
        index: u32,
        /// What is wrong with it.
        fault: PartFault,
    },
    /// The time of use is ahead of the shard's time or more than 31 days back.
    UsedTime,
    /// Nothing says what it costs.
    NoPrice,
    /// The account has no agreement of this id.
    UnknownAgreement,
    /// The agreement does not cover the time of use.
    AgreementOver,
    /// No agreement of the account covers the time of use.
    NoAgreement,
    /// Several agreements cover the time of use, and none is named.
    SeveralAgreements,
    /// The product of the agreement does not say what it costs.
    Unpriced(Unpriced),
    /// The price is in another unit.
    OtherUnit,
    /// The price is in another currency.
    OtherCurrency,
    /// The time to live is not between a second and 31 days.
    TimeToLive,
    /// The validity is over already.
    ValidityOver,
    /// A member's name is empty or longer than 64 bytes.
    MemberName,
    /// More thresholds than an asset may have.
    TooManyThresholds,
    /// A transfer from an account to itself.
    SameAccount,
    /// Nothing of that number stands on suspense at the account.
    NotOnSuspense,
    /// What was due can't go to another account.
    NotMovable,

    /// The account does not hold the token that asks.
    UnknownToken,
    /// The token that asks is blocked.
    TokenBlocked,
    /// The id was made before the account could be charged by the token: it may have charged the one that had it before.
    IdBeforeToken,
    /// Less is left for the card that asks than is asked for, of what its charging contract allows in a day or a month.
    CardLimit,
    /// The account is blocked.
    Blocked,
    /// The contract is suspended.
    Suspended,
    /// The group has no such member.
    UnknownMember,
    /// The member is blocked.
    MemberBlocked,
    /// There was never such a reservation, or it was refused.
    UnknownReservation,
    /// The reservation has expired.
    ReservationExpired,
    /// The reservation was committed.
    ReservationCommitted,
    /// The reservation was released.
    ReservationReleased,
    /// More was used than was granted, or amounts above what is held, and the contract does not allow that.
    CommitAboveHold {
        /// How much money is missing; zero where the quantity alone is too large.
        missing: Amount,
    },
    /// Funds and credit limit do not suffice.
    OutOfCredit,
    /// A spending limit is reached.
    LimitReached(LimitKey),
    /// A limit can't be lowered below what is reserved.
    LimitBelowReserved,
    /// The member still holds reservations.
    MemberReserves,
    /// More than the main balance has to give.
    BeyondFunds,
    /// The account has as many balances as it may have.
    TooManyBalances,
    /// The account has as many open reservations as it may have.
    TooManyReservations,
    /// The group has as many members as it may have.
    TooManyMembers,
    /// The account has as many spending limits as it may have.
    TooManyLimits,
    /// A sum would leave its range.
    OutOfRange,
}

impl FundsRefused {
    /// Whether the refusal is remembered under the id: it depended on how the account stood. What could never have been
    /// done is refused again each time; what lacks a price or an agreement says nothing of the account, and is decided anew
    /// once there is one.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        !matches!(
            self,
            Self::IdReused { .. }
                | Self::IdAhead
                | Self::IdBeforeToken
                | Self::TooLarge
                | Self::QuantityNotPositive
                | Self::QuantityAbsurd
                | Self::AmountNotPositive
                | Self::AmountAbsurd
                | Self::OtherScale
                | Self::NotAnAsset
                | Self::Part { .. }
                | Self::NoPrice
                | Self::UnknownAgreement
                | Self::AgreementOver
                | Self::NoAgreement
                | Self::SeveralAgreements
                | Self::Unpriced(_)
                | Self::UsedTime
                | Self::OtherUnit
                | Self::OtherCurrency
                | Self::TimeToLive
                | Self::ValidityOver
                | Self::MemberName
                | Self::TooManyThresholds
                | Self::SameAccount
                | Self::NotOnSuspense
                | Self::NotMovable
        )
    }
}
