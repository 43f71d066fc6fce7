//! Why something about funds is refused.

use domain::agreement::Unpriced;
use domain::funds::{FundsCommand, FundsRefused, PartFault};
use domain::tax::TaxClass;

use crate::charging::{self, FundsRefusalReason as Reason, UnpricedReason};
use crate::convert::{FieldError, FieldFault, field, number};

/// Refusals without details, by their reasons, both ways.
macro_rules! plain {
    ($($name:ident),+ $(,)?) => {
        fn reason(refused: &FundsRefused) -> Reason {
            match refused {
                FundsRefused::IdReused { .. } => Reason::IdReused,
                FundsRefused::CommitAboveHold { .. } => Reason::CommitAboveHold,
                FundsRefused::LimitReached(_) => Reason::LimitReached,
                FundsRefused::Unpriced(_) => Reason::Unpriced,
                FundsRefused::Part { fault, .. } => match fault {
                    PartFault::RevenueRole => Reason::RevenueRole,
                    PartFault::TaxClass => Reason::TaxClass,
                    PartFault::TaxSign => Reason::TaxSign,
                    PartFault::TaxWithoutRate => Reason::TaxWithoutRate,
                    PartFault::TaxOffRate => Reason::TaxOffRate,
                },
                $(FundsRefused::$name => Reason::$name),+
            }
        }

        fn refused(refusal: charging::FundsRefusal) -> Result<FundsRefused, FieldError> {
            Ok(match refusal.reason() {
                Reason::Unspecified => return Err(FieldError::at("reason", FieldFault::Missing)),
                Reason::IdReused => FundsRefused::IdReused { field: named(&refusal.field)? },
                Reason::CommitAboveHold => FundsRefused::CommitAboveHold {
                    missing: number::amount("exact_missing", &refusal.exact_missing)?,
                },
                Reason::LimitReached => FundsRefused::LimitReached(field::required("limit", refusal.limit)?),
                Reason::Unpriced => FundsRefused::Unpriced(field::required("unpriced", refusal.unpriced)?),
                Reason::RevenueRole => part(refusal.part, PartFault::RevenueRole),
                Reason::TaxClass => part(refusal.part, PartFault::TaxClass),
                Reason::TaxSign => part(refusal.part, PartFault::TaxSign),
                Reason::TaxWithoutRate => part(refusal.part, PartFault::TaxWithoutRate),
                Reason::TaxOffRate => part(refusal.part, PartFault::TaxOffRate),
                $(Reason::$name => FundsRefused::$name),+
            })
        }
    };
}

plain! {
    IdAhead,
    TooLarge,
    QuantityNotPositive,
    QuantityAbsurd,
    AmountNotPositive,
    AmountAbsurd,
    OtherScale,
    NotAnAsset,
    UsedTime,
    NoPrice,
    UnknownAgreement,
    AgreementOver,
    NoAgreement,
    SeveralAgreements,
    OtherUnit,
    OtherCurrency,
    TimeToLive,
    ValidityOver,
    MemberName,
    TooManyThresholds,
    SameAccount,
    NotOnSuspense,
    NotMovable,
    UnknownToken,
    TokenBlocked,
    IdBeforeToken,
    CardLimit,
    Blocked,
    Suspended,
    UnknownMember,
    MemberBlocked,
    UnknownReservation,
    ReservationExpired,
    ReservationCommitted,
    ReservationReleased,
    OutOfCredit,
    LimitBelowReserved,
    MemberReserves,
    BeyondFunds,
    TooManyBalances,
    TooManyReservations,
    TooManyMembers,
    TooManyLimits,
    OutOfRange,
}

impl From<&FundsRefused> for charging::FundsRefusal {
    fn from(refused: &FundsRefused) -> Self {
        let mut refusal = Self { reason: reason(refused).into(), ..Self::default() };
        match refused {
            FundsRefused::IdReused { field } => refusal.field = (*field).to_owned(),
            FundsRefused::CommitAboveHold { missing } => {
                refusal.exact_missing = number::amount_text(*missing)
            }
            FundsRefused::Part { index, .. } => refusal.part = *index,
            FundsRefused::LimitReached(key) => refusal.limit = Some(key.into()),
            FundsRefused::Unpriced(unpriced) => refusal.unpriced = Some(unpriced.into()),
            _ => {}
        }
        refusal
    }
}

impl TryFrom<charging::FundsRefusal> for FundsRefused {
    type Error = FieldError;

    fn try_from(refusal: charging::FundsRefusal) -> Result<Self, FieldError> {
        let is_known = Reason::try_from(refusal.reason).is_ok();
        is_known.then_some(()).ok_or(FieldError::at("reason", FieldFault::Unknown))?;
        refused(refusal)
    }
}

fn part(index: u32, fault: PartFault) -> FundsRefused {
    FundsRefused::Part { index, fault }
}

/// One of the fields that a command about funds has.
fn named(field: &str) -> Result<&'static str, FieldError> {
    let held = FundsCommand::FIELDS.into_iter().find(|held| *held == field);
    held.ok_or_else(|| FieldError::at("field", FieldFault::Unknown))
}

impl From<&Unpriced> for charging::Unpriced {
    fn from(unpriced: &Unpriced) -> Self {
        let reason = match unpriced {
            Unpriced::UnknownProduct(_) => UnpricedReason::UnknownProduct,
            Unpriced::NotLive(_) => UnpricedReason::NotLive,
            Unpriced::NotCounted => UnpricedReason::NotCounted,
            Unpriced::WrongUnit(_) => UnpricedReason::WrongUnit,
            Unpriced::MissingPrice(_) => UnpricedReason::MissingPrice,
            Unpriced::UnknownTaxClass(_) => UnpricedReason::UnknownTaxClass,
            Unpriced::OutOfRange(_) => UnpricedReason::OutOfRange,
        };
        Self { reason: reason.into(), subject: unpriced.of().to_owned() }
    }
}

impl TryFrom<charging::Unpriced> for Unpriced {
    type Error = FieldError;

    fn try_from(unpriced: charging::Unpriced) -> Result<Self, FieldError> {
        let reason = UnpricedReason::try_from(unpriced.reason);
        let reason = reason.map_err(|_| FieldError::at("reason", FieldFault::Unknown))?;
        let subject = unpriced.subject;
        Ok(match reason {
            UnpricedReason::Unspecified => return Err(FieldError::at("reason", FieldFault::Missing)),
            UnpricedReason::UnknownProduct => Self::UnknownProduct(subject),
            UnpricedReason::NotLive => Self::NotLive(subject),
            UnpricedReason::NotCounted => Self::NotCounted,
            UnpricedReason::WrongUnit => Self::WrongUnit(subject),
            UnpricedReason::MissingPrice => Self::MissingPrice(subject),
            UnpricedReason::UnknownTaxClass => Self::UnknownTaxClass(TaxClass::new(&subject)),
            UnpricedReason::OutOfRange => Self::OutOfRange(subject),
        })
    }
}
