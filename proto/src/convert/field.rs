//! Which field of a message says what can't be, and the steps that every conversion is made of.

use std::fmt;

use domain::fixed::DecimalError;

/// A field of a message and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the field from the message's root: `components[2].price.constant.prices[0].valid_from`.
    pub path: String,
    /// What is wrong.
    pub fault: FieldFault,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldFault {
    /// It is not set.
    Missing,
    /// A value that this release does not know.
    Unknown,
    /// A number that is none, or does not fit exactly.
    Number(DecimalError),
    /// A number that is no plain decimal, where a client gives one.
    NotPlain,
    /// A number beyond its range.
    OutOfRange,
    /// Not a day of the calendar.
    NotADay,
    /// Not a month of the calendar: its day is not 0.
    NotAMonth,
    /// Not an instant in whole milliseconds of the years -9999 to 9999.
    NotAnInstant,
    /// It does not end after it starts.
    EndsBeforeStart,
    /// Not 18 digits.
    NotAMeteringPointId,
    /// Not the id of an operation or a reservation.
    NotAnOperationId,
    /// Not the type and the value of a token.
    NotAToken,
    /// Not a unit that balances are held in.
    NotAnAsset,
    /// Not the country and id of a party of roaming.
    NotAParty,
    /// Not the id of a charging point.
    NotAnEvseId,
    /// Not the id of a charge detail record.
    NotACdrId,
    /// Not the ISO 4217 code of a currency that is known here.
    UnknownCurrency,
    /// Not the name of a time zone.
    UnknownZone,
    /// Not as many bytes as it should have.
    WrongLength,
    /// Counts that do not add up.
    WrongCount,
    /// More entries than are taken.
    TooMany {
        /// How many are taken.
        most: usize,
    },
    /// It contradicts another field of the same message.
    Contradiction,
}

impl FieldError {
    /// A fault of the value itself; who holds it names the field by [`FieldError::within`].
    #[must_use]
    pub fn here(fault: FieldFault) -> Self {
        Self { path: String::new(), fault }
    }

    /// A fault of the field of this name.
    #[must_use]
    pub fn at(field: &str, fault: FieldFault) -> Self {
        Self { path: field.to_owned(), fault }
    }

    /// The same fault as seen from the message that holds the value in this field.
    #[must_use]
    pub fn within(self, field: &str) -> Self {
        let path = match self.path.chars().next() {
            None => field.to_owned(),
            Some('[') => format!("{field}{}", self.path),
            Some(_) => format!("{field}.{}", self.path),
        };
        Self { path, ..self }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.fault)
    }
}

impl std::error::Error for FieldError {}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "is missing"),
            Self::Unknown => write!(f, "has a value that is not known here"),
            Self::Number(error) => write!(f, "{error}"),
            Self::NotPlain => write!(f, "is no plain decimal number such as 12.34"),
            Self::OutOfRange => write!(f, "is out of range"),
            Self::NotADay => write!(f, "is no day of the calendar"),
            Self::NotAMonth => write!(f, "is no month of the calendar with day 0"),
            Self::NotAnInstant => write!(f, "is no instant in whole milliseconds"),
            Self::EndsBeforeStart => write!(f, "does not end after it starts"),
            Self::NotAMeteringPointId => write!(f, "is no metering point id of 18 digits"),
            Self::NotAToken => {
                write!(f, "is no token: a type in lower case, and 1 to 64 printable characters of ASCII")
            }
            Self::NotAnOperationId => {
                write!(f, "is no id: 1 to 64 printable characters of ASCII without spaces")
            }
            Self::NotAnAsset => write!(f, "is no unit that balances are held in: kWh, m3, GJ, h or pcs"),
            Self::NotAParty => {
                write!(f, "is no party: two letters of a country, three letters or digits of an id")
            }
            Self::NotAnEvseId => {
                write!(f, "is no id of a charging point: 1 to 48 letters and digits beside * and -")
            }
            Self::NotACdrId => write!(f, "is no id of a record: 1 to 39 printable characters of ASCII"),
            Self::UnknownCurrency => write!(f, "is no currency known here"),
            Self::UnknownZone => write!(f, "is no time zone known here"),
            Self::WrongLength => write!(f, "has a wrong number of bytes"),
            Self::WrongCount => write!(f, "has counts that do not add up"),
            Self::TooMany { most } => write!(f, "has more than {most} entries"),
            Self::Contradiction => write!(f, "contradicts another field"),
        }
    }
}

/// The value of a field that must be set.
pub(super) fn required<M, D>(field: &str, message: Option<M>) -> Result<D, FieldError>
where
    D: TryFrom<M, Error = FieldError>,
{
    let message = message.ok_or_else(|| FieldError::at(field, FieldFault::Missing))?;
    D::try_from(message).map_err(|error| error.within(field))
}

/// The value of a field that may be left out.
pub(super) fn optional<M, D>(field: &str, message: Option<M>) -> Result<Option<D>, FieldError>
where
    D: TryFrom<M, Error = FieldError>,
{
    message.map(|message| D::try_from(message).map_err(|error| error.within(field))).transpose()
}

/// The values of a field that repeats.
pub(super) fn each<M, D, C>(field: &str, messages: impl IntoIterator<Item = M>) -> Result<C, FieldError>
where
    D: TryFrom<M, Error = FieldError>,
    C: FromIterator<D>,
{
    each_by(field, messages, D::try_from)
}

/// The values of a field that repeats, read by a function.
pub(super) fn each_by<M, D, C>(
    field: &str,
    messages: impl IntoIterator<Item = M>,
    read: impl Fn(M) -> Result<D, FieldError>,
) -> Result<C, FieldError>
where
    C: FromIterator<D>,
{
    let values = messages.into_iter().enumerate().map(|(index, message)| {
        read(message).map_err(|error| error.within(&format!("[{index}]")).within(field))
    });
    values.collect()
}

/// The value of a field that holds a number of an enumeration.
pub(super) fn known<M, D>(field: &str, number: i32) -> Result<D, FieldError>
where
    M: TryFrom<i32>,
    D: TryFrom<M, Error = FieldError>,
{
    let message = M::try_from(number).map_err(|_| FieldError::at(field, FieldFault::Unknown))?;
    D::try_from(message).map_err(|error| error.within(field))
}

/// The number of an enumeration.
pub(super) fn number<M, D>(value: D) -> i32
where
    M: From<D> + Into<i32>,
{
    M::from(value).into()
}

/// The messages of values, in order.
pub(super) fn messages<'a, D: 'a, M: From<&'a D>>(values: impl IntoIterator<Item = &'a D>) -> Vec<M> {
    values.into_iter().map(M::from).collect()
}

/// The one that is set of several, by name of the field that holds them.
pub(super) fn chosen<M>(field: &str, choice: Option<M>) -> Result<M, FieldError> {
    choice.ok_or_else(|| FieldError::at(field, FieldFault::Missing))
}

/// Exactly 32 bytes.
pub(super) fn digest(field: &str, bytes: Vec<u8>) -> Result<[u8; 32], FieldError> {
    bytes.try_into().map_err(|_| FieldError::at(field, FieldFault::WrongLength))
}

/// Both ways between two enumerations whose variants have the same names.
macro_rules! same_names {
    ($value:ty, $message:ty, [$($name:ident),+ $(,)?]) => {
        impl From<$value> for $message {
            fn from(value: $value) -> Self {
                match value {
                    $(<$value>::$name => Self::$name),+
                }
            }
        }

        impl TryFrom<$message> for $value {
            type Error = $crate::convert::FieldError;

            fn try_from(message: $message) -> Result<Self, Self::Error> {
                match message {
                    <$message>::Unspecified => {
                        Err($crate::convert::FieldError::here($crate::convert::FieldFault::Missing))
                    }
                    $(<$message>::$name => Ok(Self::$name)),+
                }
            }
        }
    };
}

pub(super) use same_names;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_from_the_inside_out() {
        let error = FieldError::here(FieldFault::NotADay).within("valid_from").within("[0]").within("prices");
        assert_eq!(error.to_string(), "prices[0].valid_from: is no day of the calendar");
        assert_eq!(error.within("constant").path, "constant.prices[0].valid_from");
    }
}
