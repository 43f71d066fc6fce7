//! A refusal about funds or agreements as a client is told: the kind, the reason, a text, facts to it.

use domain::agreement::AgreementRefused;
use domain::funds::{FundsRefused, PartFault};

use crate::charging::FundsRefusal;
use crate::convert::entity::refused;
use crate::convert::number;
use crate::store::Rejection;
use crate::store::RejectionKind::{self, AlreadyExists, FailedPrecondition, Invalid, NotFound};

/// What every reason's name begins with in the protocol.
const PREFIX: &str = "FUNDS_REFUSAL_REASON_";
/// The largest quantity and the largest amount of one operation.
const MOST_QUANTITY: &str = "10000000";
const MOST_AMOUNT: &str = "1000000000";

/// The reason's name is that of [`FundsRefusalReason`](crate::charging::FundsRefusalReason); facts are `field`, `most`, `missing`, `member`, `asset`, `window`, `unpriced`, `about`.
impl From<&FundsRefused> for Rejection {
    fn from(refusal: &FundsRefused) -> Self {
        let name = FundsRefusal::from(refusal).reason().as_str_name();
        let (kind, text) = told(refusal);
        let rejection = refused(kind, name.strip_prefix(PREFIX).unwrap_or(name), &text);
        match refusal {
            FundsRefused::IdReused { field } => rejection.knowing("field", field),
            FundsRefused::CommitAboveHold { missing } => {
                rejection.knowing("missing", &number::amount_text(*missing))
            }
            FundsRefused::LimitReached(key) => {
                let window = crate::charging::SpendingWindow::from(key.window).as_str_name();
                let window = window.strip_prefix("SPENDING_WINDOW_").unwrap_or(window);
                let member = key.member.as_deref().unwrap_or_default();
                rejection
                    .knowing("asset", key.asset.code())
                    .knowing("window", window)
                    .knowing("member", member)
            }
            FundsRefused::Part { index, fault } => rejection.knowing("field", &field_of_part(*index, *fault)),
            FundsRefused::QuantityAbsurd => rejection.knowing("most", MOST_QUANTITY),
            FundsRefused::AmountAbsurd => rejection.knowing("most", MOST_AMOUNT),
            FundsRefused::Unpriced(unpriced) => {
                rejection.knowing("unpriced", unpriced.code()).knowing("about", unpriced.of())
            }
            _ => rejection,
        }
    }
}

/// The field of a part that is at fault.
fn field_of_part(index: u32, fault: PartFault) -> String {
    let field = match fault {
        PartFault::RevenueRole => "revenue_role",
        PartFault::TaxClass => "tax_class",
        PartFault::TaxSign | PartFault::TaxWithoutRate | PartFault::TaxOffRate => "exact_tax",
    };
    format!("used.charged.parts[{index}].{field}")
}

/// What is wrong with a part of what is charged.
fn told_of_part(fault: PartFault) -> &'static str {
    match fault {
        PartFault::RevenueRole => {
            "is no name of a revenue role: empty, with a control character, or with a space at an end"
        }
        PartFault::TaxClass => {
            "is no name of a class of tax, or the class that no tax is due on, with a rate"
        }
        PartFault::TaxSign => "has the opposite sign of the net",
        PartFault::TaxWithoutRate => "is tax at a rate of 0 %",
        PartFault::TaxOffRate => "is off the net times the rate by more than a minor unit of the currency",
    }
}

/// The kind of the refusal, and what people are told.
fn told(refusal: &FundsRefused) -> (RejectionKind, String) {
    if let FundsRefused::Unpriced(unpriced) = refusal {
        return (FailedPrecondition, unpriced.to_string());
    }
    if let FundsRefused::Part { index, fault } = refusal {
        return (Invalid, format!("{}: {}", field_of_part(*index, *fault), told_of_part(*fault)));
    }
    let (kind, text) = match refusal {
        FundsRefused::IdReused { .. } => {
            (AlreadyExists, "the id was used before with another value in this field")
        }
        _ => told_of_request(refusal)
            .or_else(|| told_of_agreement(refusal))
            .unwrap_or_else(|| told_of_state(refusal)),
    };
    (kind, text.to_owned())
}

/// What can never be done.
fn told_of_request(refusal: &FundsRefused) -> Option<(RejectionKind, &'static str)> {
    let text = match refusal {
        FundsRefused::IdAhead => "the id was made more than five minutes ahead: a clock is off",
        FundsRefused::TooLarge => "a name is longer than 64 bytes, or a list longer than 32 entries",
        FundsRefused::QuantityNotPositive => "is not above zero, or below zero where zero would do",
        FundsRefused::QuantityAbsurd => "is more than 10,000,000 units at once",
        FundsRefused::AmountNotPositive => "is not above zero, or below zero where zero would do",
        FundsRefused::AmountAbsurd => "is more than 1,000,000,000 at once",
        FundsRefused::OtherScale => "has more decimals than the asset is paid with",
        FundsRefused::NotAnAsset => "is no unit that balances are held in: kWh, m3, GJ, h or pcs",
        FundsRefused::UsedTime => "the time of use is in the future or more than 31 days back",
        FundsRefused::OtherUnit => "the price is in another unit",
        FundsRefused::OtherCurrency => "the price is in another currency",
        FundsRefused::TimeToLive => "the time to live is not between a second and 31 days",
        FundsRefused::ValidityOver => "the validity is over already",
        FundsRefused::MemberName => "a member's name is empty or longer than 64 bytes",
        FundsRefused::TooManyThresholds => "an asset has at most 16 thresholds",
        FundsRefused::SameAccount => "a transfer goes to another account",
        _ => return None,
    };
    Some((Invalid, text))
}

/// What the account's agreements do not allow.
fn told_of_agreement(refusal: &FundsRefused) -> Option<(RejectionKind, &'static str)> {
    Some(match refusal {
        FundsRefused::NoPrice => (FailedPrecondition, "nothing says what it costs"),
        FundsRefused::UnknownAgreement => (NotFound, "the account has no agreement of this id"),
        FundsRefused::AgreementOver => (FailedPrecondition, "the agreement does not cover the time of use"),
        FundsRefused::NoAgreement => {
            (FailedPrecondition, "no agreement of the account covers the time of use")
        }
        FundsRefused::SeveralAgreements => {
            (FailedPrecondition, "several agreements cover the time of use, and none is named")
        }
        _ => return None,
    })
}

/// What depends on how the account stands.
fn told_of_state(refusal: &FundsRefused) -> (RejectionKind, &'static str) {
    let text = match refusal {
        FundsRefused::UnknownMember => return (NotFound, "the group has no such member"),
        FundsRefused::UnknownReservation => return (NotFound, "there was never such a reservation"),
        FundsRefused::NotOnSuspense => return (NotFound, "no set of that number stands on suspense here"),
        FundsRefused::NotMovable => "what was due goes onto the main balance, or back",
        FundsRefused::UnknownToken => return (NotFound, "the account does not hold the token"),
        FundsRefused::TokenBlocked => "the token is blocked",
        FundsRefused::IdBeforeToken => "the id was made before the account could be charged by the token",
        FundsRefused::CardLimit => "less is left for the card in the day or the month than is asked for",
        FundsRefused::Blocked => "the account is blocked",
        FundsRefused::Suspended => "the contract is suspended",
        FundsRefused::MemberBlocked => "the member is blocked",
        FundsRefused::ReservationExpired => "the reservation has expired",
        FundsRefused::ReservationCommitted => "the reservation was committed",
        FundsRefused::ReservationReleased => "the reservation was released",
        FundsRefused::CommitAboveHold { .. } => "more was used than is held",
        FundsRefused::OutOfCredit => "funds and credit limit do not suffice",
        FundsRefused::LimitReached(_) => "a spending limit is reached",
        FundsRefused::LimitBelowReserved => "a limit can't be lowered below what is reserved",
        FundsRefused::MemberReserves => "the member still holds reservations",
        FundsRefused::BeyondFunds => "the main balance does not have that much to give",
        FundsRefused::TooManyBalances => "the account has as many balances as it may have",
        FundsRefused::TooManyReservations => "the account has as many open reservations as it may have",
        FundsRefused::TooManyMembers => "the group has as many members as it may have",
        FundsRefused::TooManyLimits => "the account has as many spending limits as it may have",
        _ => "a sum would leave its range",
    };
    (FailedPrecondition, text)
}

impl From<&AgreementRefused> for Rejection {
    fn from(refusal: &AgreementRefused) -> Self {
        match refusal {
            AgreementRefused::BadId => {
                let text = "the id of an agreement has 1 to 56 bytes, without control characters";
                refused(Invalid, "AGREEMENT_ID", text).knowing("field", "agreement.agreement_id")
            }
            AgreementRefused::Unknown => {
                refused(NotFound, "UNKNOWN_AGREEMENT", "the account has no agreement of this id")
            }
            AgreementRefused::OtherProduct => refused(
                AlreadyExists,
                "OTHER_PRODUCT",
                "the agreement is about another product; one for this product needs an id of its own",
            ),
            AgreementRefused::EndsBeforeStart => {
                refused(Invalid, "ENDS_BEFORE_START", "the agreement would end before it begins")
            }
            AgreementRefused::TooMany => refused(
                FailedPrecondition,
                "TOO_MANY_AGREEMENTS",
                "the account has as many agreements as it may have",
            ),
        }
    }
}
