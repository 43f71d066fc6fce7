//! Why a document is refused, and what is worth a remark in one that is taken.

use std::fmt;

use crate::fixed::DecimalError;
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::resolution::Resolution;

/// A refusal of a whole document: which, where in it, and why. Nothing of such a document is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// The id of the document, where it could be read.
    pub document: Option<String>,
    /// The id of the series, where the fault lies in one.
    pub series: Option<String>,
    /// The path of the field from the root, counted from 1: `Series[1]/Period/Point[6]/quality`. Empty where the whole
    /// document is at fault.
    pub field: String,
    /// What is wrong.
    pub reason: RefusalReason,
}

/// What is wrong with a document, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// It has more bytes than the receiver takes.
    TooLarge {
        /// How many bytes are taken.
        most: usize,
    },
    /// It is not text in UTF-8.
    NotUtf8,
    /// It is neither JSON nor XML, or not well-formed.
    Malformed {
        /// What the reader of the form says.
        detail: String,
    },
    /// It declares a document type or an entity of its own; neither is ever expanded.
    ForbiddenDeclaration,
    /// Its elements are nested deeper than any document of the market.
    TooDeep {
        /// The deepest level that is read.
        most: usize,
    },
    /// Its root element names no message that is read here.
    UnknownDocument {
        /// The root element.
        found: String,
    },
    /// A field that must be there is not, or is empty.
    MissingField,
    /// A field that stands once stands twice.
    RepeatedField,
    /// A field holds fields where a value belongs, or a value where fields belong, or text where JSON wants a number.
    WrongShape,
    /// A field that belongs to another process and would be lost here, such as prices in a D18.
    MisplacedField,
    /// A text is longer than is kept.
    TextTooLong {
        /// How many characters are kept.
        most: usize,
    },
    /// A code that is not on the list.
    UnknownCode {
        /// The code.
        found: String,
    },
    /// Not a metering point id: 18 digits that are not all zeros.
    NotAMeteringPointId {
        /// The text.
        found: String,
    },
    /// The last digit of a metering point id is not its check digit, and the receiver insists on it.
    WrongCheckDigit {
        /// The id.
        found: MeteringPointId,
    },
    /// Not a participant id: one to sixteen characters without a blank.
    NotAParticipantId {
        /// The text.
        found: String,
    },
    /// Not an instant with a zone, in whole milliseconds.
    NotAnInstant {
        /// The text.
        found: String,
    },
    /// Neither `true` nor `false`.
    NotAFlag {
        /// The text.
        found: String,
    },
    /// Not a whole number of the range.
    NotACount {
        /// The text.
        found: String,
    },
    /// A number that is none, or does not fit exactly.
    Number {
        /// The text.
        found: String,
        /// Why it does not fit.
        error: DecimalError,
    },
    /// The unit does not go with the product.
    UnitDoesNotFit,
    /// The resolution is not one that this kind of series comes in.
    ResolutionNotAllowed {
        /// The resolution.
        found: Resolution,
    },
    /// An interval that ends at or before its start.
    EndsBeforeStart {
        /// Its start.
        start: Instant,
        /// Its end.
        end: Instant,
    },
    /// An interval longer than ten years.
    IntervalTooLong,
    /// An interval that does not begin and end at the edge of an interval of its resolution.
    OffTheGrid {
        /// The resolution.
        resolution: Resolution,
    },
    /// A price interval that does not begin and end with a local day.
    NotAtMidnight,
    /// More or fewer values than intervals.
    WrongCount {
        /// How many intervals there are.
        expected: usize,
        /// How many values there are.
        found: usize,
    },
    /// The positions are not 1 to n, each once.
    WrongPosition {
        /// The position that should stand here.
        expected: usize,
        /// The position that does.
        found: u64,
    },
    /// No quantity, though the quality does not say that it is missing.
    MissingQuantity,
    /// A quantity other than 0, though the quality says that it is missing.
    QuantityOfMissing,
    /// A measured quantity below 0: direction is in the kind of the point.
    NegativeQuantity,
    /// A tariff link with a factor other than 1.
    TariffFactor,
    /// A series id that stands twice in the document.
    DuplicateSeries,
    /// Two series of the document state the same interval of the same point or charge.
    OverlappingSeries {
        /// The id of the other series.
        other: String,
    },
}

/// A remark on a document that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentWarning {
    /// The id of the series, where the remark is about one.
    pub series: Option<String>,
    /// The path of the field, as in [`DocumentError`].
    pub field: String,
    /// What is remarkable.
    pub kind: WarningKind,
}

/// What is remarkable about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WarningKind {
    /// The last digit of the metering point id is not its check digit.
    WrongCheckDigit {
        /// The id.
        found: MeteringPointId,
    },
    /// A field that nothing here reads; it is ignored. Only its first occurrence is listed.
    UnknownField,
    /// The document has no series.
    Empty,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.document {
            Some(id) => write!(f, "document {id}")?,
            None => write!(f, "document without a readable id")?,
        }
        if let Some(series) = &self.series {
            write!(f, ", series {series}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", field {}", self.field)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for DocumentError {}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { most } => write!(f, "is larger than {most} bytes"),
            Self::NotUtf8 => write!(f, "is not UTF-8"),
            Self::Malformed { detail } => write!(f, "is not well-formed: {detail}"),
            Self::ForbiddenDeclaration => write!(f, "declares a document type or an entity"),
            Self::TooDeep { most } => write!(f, "is nested deeper than {most} levels"),
            Self::UnknownDocument { found } => write!(f, "{found} is no document that is read here"),
            Self::MissingField => write!(f, "is missing"),
            Self::RepeatedField => write!(f, "stands more than once"),
            Self::WrongShape => write!(f, "has another shape than it should"),
            Self::MisplacedField => write!(f, "belongs to another process"),
            Self::TextTooLong { most } => write!(f, "is longer than {most} characters"),
            Self::UnknownCode { found } => write!(f, "has the unknown code {found:?}"),
            Self::NotAMeteringPointId { found } => write!(f, "{found:?} is not 18 digits, not all zeros"),
            Self::WrongCheckDigit { found } => write!(f, "{found} has a wrong check digit"),
            Self::NotAParticipantId { found } => write!(f, "{found:?} is no participant id"),
            Self::NotAnInstant { found } => write!(f, "{found:?} is no instant with a zone"),
            Self::NotAFlag { found } => write!(f, "{found:?} is neither true nor false"),
            Self::NotACount { found } => write!(f, "{found:?} is no whole number of the range"),
            Self::Number { found, error } => write!(f, "{found:?} {error}"),
            Self::UnitDoesNotFit => write!(f, "does not go with the product"),
            Self::ResolutionNotAllowed { found } => write!(f, "{found} is no resolution of such a series"),
            Self::EndsBeforeStart { start, end } => write!(f, "ends at {end}, not after its start {start}"),
            Self::IntervalTooLong => write!(f, "is longer than ten years"),
            Self::OffTheGrid { resolution } => {
                write!(f, "does not begin and end with an interval of {resolution}")
            }
            Self::NotAtMidnight => write!(f, "does not begin and end with a local day"),
            Self::WrongCount { expected, found } => write!(f, "has {found} values for {expected} intervals"),
            Self::WrongPosition { expected, found } => write!(f, "is {found} where {expected} should stand"),
            Self::MissingQuantity => write!(f, "is missing, and the quality does not say so"),
            Self::QuantityOfMissing => write!(f, "is given, but its quality says that it is missing"),
            Self::NegativeQuantity => write!(f, "is negative"),
            Self::TariffFactor => write!(f, "is not 1, as a tariff's must be"),
            Self::DuplicateSeries => write!(f, "has the id of another series of the document"),
            Self::OverlappingSeries { other } => write!(f, "states intervals that series {other} states too"),
        }
    }
}

impl fmt::Display for DocumentWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(series) = &self.series {
            write!(f, "series {series}, ")?;
        }
        match &self.kind {
            WarningKind::WrongCheckDigit { found } => {
                write!(f, "field {}: {found} has a wrong check digit", self.field)
            }
            WarningKind::UnknownField => write!(f, "field {} is unknown and was ignored", self.field),
            WarningKind::Empty => write!(f, "the document has no series"),
        }
    }
}
