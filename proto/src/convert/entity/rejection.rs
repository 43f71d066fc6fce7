//! Why an entity refused a command, as a client is told: the kind of refusal, a stable reason, a text, facts to it.
//!
//! The reason's name and the names of its facts are part of the protocol; the text is for people and may change.

use domain::entity::tokens::TokenRefused;
use domain::entity::{
    account, catalog, directory, invoice_run, market_document, metering_point, number_series, run_part,
};
use domain::product::ProductDefect;
use domain::share::ShareDefect;

use crate::invoicing::InvoiceRunStage;
use crate::store::{Rejection, RejectionKind};
use crate::types::Reason;

use RejectionKind::{Aborted, AlreadyExists, FailedPrecondition, Invalid, NotFound};

impl From<&metering_point::Rejection> for Rejection {
    fn from(rejection: &metering_point::Rejection) -> Self {
        use metering_point::Rejection as R;
        match rejection {
            R::UnknownMeteringPoint => {
                refused(NotFound, "UNKNOWN_METERING_POINT", "the metering point is not registered")
            }
            R::AlreadyRegistered => refused(
                AlreadyExists,
                "ALREADY_REGISTERED",
                "the metering point is registered with other master data",
            ),
            R::PeriodsOutOfOrder => refused(
                Invalid,
                "PERIODS_OUT_OF_ORDER",
                "the periods of master data overlap or are out of order, or there is none",
            ),
            R::ContractExists(id) => {
                refused(AlreadyExists, "CONTRACT_EXISTS", "a contract of this id exists with other terms")
                    .knowing("contract", id)
            }
            R::UnknownContract(id) => {
                refused(NotFound, "UNKNOWN_CONTRACT", "there is no contract of this id")
                    .knowing("contract", id)
            }
            R::SharesNotWhole => refused(
                Invalid,
                "SHARES_NOT_WHOLE",
                "the payers' shares do not make the whole, or an account is named twice",
            ),
            R::ContractOverlaps(id) => refused(
                FailedPrecondition,
                "CONTRACT_OVERLAPS",
                "another contract of the metering point holds on some of these days",
            )
            .knowing("contract", id),
            R::UnknownProduct(id) => {
                refused(FailedPrecondition, "UNKNOWN_PRODUCT", "the product is not known")
                    .knowing("product", id)
            }
            R::EndOutsideContract => {
                refused(FailedPrecondition, "END_OUTSIDE_CONTRACT", "the end is not inside the contract")
            }
            R::TooManyDays => {
                refused(Invalid, "TOO_MANY_DAYS", "more days were asked for than one answer may hold")
                    .knowing("most", &metering_point::MOST_DAYS.to_string())
            }
            R::Token(refused) => refused.into(),
        }
    }
}

impl From<&account::Rejection> for Rejection {
    fn from(rejection: &account::Rejection) -> Self {
        use account::Rejection as R;
        match rejection {
            R::UnknownAccount => refused(NotFound, "UNKNOWN_ACCOUNT", "the account was never opened"),
            R::AlreadyOpen => {
                refused(AlreadyExists, "ALREADY_OPEN", "the account was opened with other details")
            }
            R::NoOpenRun => refused(FailedPrecondition, "NO_OPEN_RUN", "no invoice run has the account open"),
            R::CannotInvoice(error) => refused(FailedPrecondition, "CANNOT_INVOICE", &error.to_string()),
            R::Token(refused) => refused.into(),
            R::Agreement(refused) => refused.into(),
            R::Charging(refused) => refused.into(),
            R::NoSettings => refused(FailedPrecondition, "NO_SETTINGS", "the tenant has no settings"),
            R::Funds(refused) => refused.into(),
            R::Prepaid(refused) => refused.into(),
            R::Partner(refused) => refused.into(),
        }
    }
}

impl From<&TokenRefused> for Rejection {
    fn from(rejection: &TokenRefused) -> Self {
        match rejection {
            TokenRefused::TooMany { most } => {
                refused(FailedPrecondition, "TOO_MANY_TOKENS", "the owner has as many tokens as it may have")
                    .knowing("most", &most.to_string())
            }
            TokenRefused::NotOwned => {
                refused(NotFound, "TOKEN_NOT_OWNED", "the owner has nothing to do with this token")
            }
            TokenRefused::NotHeld => refused(
                FailedPrecondition,
                "TOKEN_NOT_HELD",
                "the owner does not hold the token yet, or any more",
            ),
        }
    }
}

impl From<&directory::Rejection> for Rejection {
    fn from(rejection: &directory::Rejection) -> Self {
        match rejection {
            directory::Rejection::NobodyHolds => {
                refused(NotFound, "UNKNOWN_TOKEN", "nobody of the tenant holds this token")
            }
        }
    }
}

impl From<&catalog::Rejection> for Rejection {
    fn from(rejection: &catalog::Rejection) -> Self {
        use catalog::Rejection as R;
        match rejection {
            R::IncompleteSettings(field) => {
                refused(Invalid, "INCOMPLETE_SETTINGS", "a setting is missing").knowing("field", field)
            }
            R::FixedSetting(field) => refused(
                FailedPrecondition,
                "FIXED_SETTING",
                "a setting that stored data depends on can't change",
            )
            .knowing("field", field),
            R::NoSettings => refused(FailedPrecondition, "NO_SETTINGS", "the tenant has no settings"),
            R::DefectiveProduct(defects) => {
                let violations = defects.iter().map(Reason::from).collect();
                let rejection = refused(Invalid, "DEFECTIVE_PRODUCT", &defective(defects));
                Rejection { violations, ..rejection }
            }
            R::UnknownTaxClass(class) => refused(
                FailedPrecondition,
                "UNKNOWN_TAX_CLASS",
                "the class of a component has no rate on the product's first day",
            )
            .knowing("tax_class", class),
            R::TooManyPriceSheetVersions => refused(
                FailedPrecondition,
                "TOO_MANY_PRICE_SHEET_VERSIONS",
                "the price sheet has as many versions as it may have: begin another under an id of its own",
            )
            .knowing("most", &catalog::MOST_PRICE_SHEET_VERSIONS.to_string()),
            R::EmptyPriceSheet => refused(Invalid, "EMPTY_PRICE_SHEET", "the price sheet has no element"),
            R::DefectiveShareAgreement(defects) => {
                let violations = defects.iter().map(Reason::from).collect();
                let texts: Vec<String> = defects.iter().map(ToString::to_string).collect();
                let text = format!("the agreement can't be made: {}", texts.join("; "));
                Rejection { violations, ..refused(Invalid, "DEFECTIVE_SHARE_AGREEMENT", &text) }
            }
            R::OtherCurrency => refused(
                Invalid,
                "OTHER_CURRENCY",
                "the currency is not that of the tenant, or of earlier versions",
            ),
            R::ProductOutOfOrder => refused(
                FailedPrecondition,
                "PRODUCT_OUT_OF_ORDER",
                "a version of the product that is valid from a later day exists",
            ),
            R::PricesOffTheGrid => refused(
                Invalid,
                "PRICES_OFF_THE_GRID",
                "the prices do not begin and end at intervals of their resolution, or there are none",
            ),
            R::NotFound => {
                refused(NotFound, "NOT_FOUND", "there is no such product, price sheet, agreement or charge")
            }
        }
    }
}

impl From<&ShareDefect> for Reason {
    fn from(defect: &ShareDefect) -> Self {
        let code = match defect {
            ShareDefect::Empty => "EMPTY",
            ShareDefect::TooManyRules => "TOO_MANY_RULES",
            ShareDefect::NoRecipient(_) => "NO_RECIPIENT",
            ShareDefect::NotAShare(_) => "NOT_A_SHARE",
            ShareDefect::Duplicate(_) => "DUPLICATE_RULE",
            ShareDefect::RateTooLarge(_) => "RATE_TOO_LARGE",
            ShareDefect::BelowZero(..) => "BELOW_ZERO",
            ShareDefect::BoundsCross(_) => "BOUNDS_CROSS",
            ShareDefect::Tiers(..) => "TIERS",
        };
        Self { code: code.to_owned(), text: defect.to_string() }
    }
}

impl From<&ProductDefect> for Reason {
    fn from(defect: &ProductDefect) -> Self {
        let code = match defect {
            ProductDefect::Empty => "EMPTY",
            ProductDefect::DuplicateComponent(_) => "DUPLICATE_COMPONENT",
            ProductDefect::NoPriceAtStart(_) => "NO_PRICE_AT_START",
            ProductDefect::PricesOutOfOrder(_) => "PRICES_OUT_OF_ORDER",
            ProductDefect::NoSuchWindow(_) => "NO_SUCH_WINDOW",
            ProductDefect::CalendarGap(_) => "CALENDAR_GAP",
            ProductDefect::CalendarOverlap(_) => "CALENDAR_OVERLAP",
            ProductDefect::DoesNotCompose(_) => "DOES_NOT_COMPOSE",
            ProductDefect::WrongUnit(_) => "WRONG_UNIT",
            ProductDefect::UnknownReference { .. } => "UNKNOWN_REFERENCE",
            ProductDefect::NoTaxClass(_) => "NO_TAX_CLASS",
            ProductDefect::NoRevenueRole(_) => "NO_REVENUE_ROLE",
            ProductDefect::LongName(_) => "LONG_NAME",
            ProductDefect::NoDimension(_) => "NO_DIMENSION",
            ProductDefect::NoTiers(_) => "NO_TIERS",
            ProductDefect::TiersOutOfOrder(_) => "TIERS_OUT_OF_ORDER",
            ProductDefect::TiersNotOpen(_) => "TIERS_NOT_OPEN",
            ProductDefect::RateOutOfRange(_) => "RATE_OUT_OF_RANGE",
            ProductDefect::PackageNotPositive(_) => "PACKAGE_NOT_POSITIVE",
            ProductDefect::AllowanceBelowZero(_) => "ALLOWANCE_BELOW_ZERO",
            ProductDefect::EventBoundsCrossed(_) => "EVENT_BOUNDS_CROSSED",
            ProductDefect::NoPeaks(_) => "NO_PEAKS",
            ProductDefect::NoConditions(_) => "NO_CONDITIONS",
            ProductDefect::NeedlessConditions(_) => "NEEDLESS_CONDITIONS",
            ProductDefect::NoEventsToRound(_) => "NO_EVENTS_TO_ROUND",
            ProductDefect::DiscountOutOfRange(_) => "DISCOUNT_OUT_OF_RANGE",
            ProductDefect::LimitBelowZero(_) => "LIMIT_BELOW_ZERO",
            ProductDefect::LimitsCrossed(_) => "LIMITS_CROSSED",
        };
        Self { code: code.to_owned(), text: defect.to_string() }
    }
}

impl From<&market_document::Rejection> for Rejection {
    fn from(rejection: &market_document::Rejection) -> Self {
        use market_document::Rejection as R;
        match rejection {
            R::UnknownDocument => refused(NotFound, "UNKNOWN_DOCUMENT", "there is no such document"),
            R::OtherContent { held, given } => refused(
                AlreadyExists,
                "OTHER_CONTENT",
                "a document of the same sender and id was received with other content",
            )
            .knowing("held_sha256", &hexadecimal(held))
            .knowing("given_sha256", &hexadecimal(given)),
        }
    }
}

impl From<&invoice_run::Rejection> for Rejection {
    fn from(rejection: &invoice_run::Rejection) -> Self {
        use invoice_run::Rejection as R;
        match rejection {
            R::UnknownRun => refused(NotFound, "UNKNOWN_RUN", "there is no such invoice run"),
            R::UnusableId => refused(Invalid, "UNUSABLE_ID", "the id of a run has 1 to 60 bytes")
                .knowing("most", &invoice_run::MOST_ID_BYTES.to_string()),
            R::RunExists => refused(AlreadyExists, "RUN_EXISTS", "a run of this id exists with other terms"),
            R::NoSettings => refused(FailedPrecondition, "NO_SETTINGS", "the tenant has no settings"),
            R::KnownAtInFuture => {
                refused(Invalid, "AS_OF_IN_FUTURE", "the knowledge asked for lies in the future")
            }
            R::WrongStage(stage) => {
                let stage = InvoiceRunStage::from(*stage).as_str_name();
                let name = stage.strip_prefix("INVOICE_RUN_STAGE_").unwrap_or(stage);
                refused(FailedPrecondition, "WRONG_STAGE", "the run is not at the stage that this needs")
                    .knowing("stage", name)
            }
            R::PreviewChanged(hash) => {
                refused(FailedPrecondition, "PREVIEW_CHANGED", "the hash is not that of the preview")
                    .knowing("preview_hash", &hexadecimal(hash))
            }
        }
    }
}

impl From<&run_part::Rejection> for Rejection {
    fn from(rejection: &run_part::Rejection) -> Self {
        match *rejection {}
    }
}

impl From<&number_series::Rejection> for Rejection {
    fn from(rejection: &number_series::Rejection) -> Self {
        match *rejection {}
    }
}

impl Rejection {
    /// A refusal because the command itself can't be read.
    #[must_use]
    pub fn unreadable(error: &super::super::FieldError) -> Self {
        refused(Invalid, "INVALID_FIELD", &error.to_string()).knowing("field", &error.path)
    }

    /// A refusal because the command asks for more than is taken at once.
    #[must_use]
    pub fn too_large(what: &str) -> Self {
        refused(Invalid, "TOO_LARGE", what)
    }

    /// A refusal because the resource is not in the state that the command expects.
    #[must_use]
    pub fn etag_mismatch(held: Option<&str>) -> Self {
        let text = "the resource was changed since it was read; read it again and decide anew";
        refused(Aborted, "ETAG_MISMATCH", text).knowing("etag", held.unwrap_or_default())
    }

    /// A refusal because the command names an entity that there can't be.
    #[must_use]
    pub fn unnamed(error: &str) -> Self {
        refused(Invalid, "INVALID_ID", error)
    }

    /// The same refusal with a fact to it.
    pub(in crate::convert) fn knowing(mut self, name: &str, value: &str) -> Self {
        self.metadata.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// A refusal without facts to it.
pub(in crate::convert) fn refused(kind: RejectionKind, code: &str, text: &str) -> Rejection {
    Rejection {
        kind: kind.into(),
        reason: Some(Reason { code: code.to_owned(), text: text.to_owned() }),
        ..Rejection::default()
    }
}

pub(in crate::convert) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every defect in words, so that who shows a text alone shows them too.
fn defective(defects: &[ProductDefect]) -> String {
    let defects: Vec<String> = defects.iter().map(ToString::to_string).collect();
    format!("the product can't be sold: {}", defects.join("; "))
}
