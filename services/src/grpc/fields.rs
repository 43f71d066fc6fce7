//! Fields of requests as values of the field, or the status that names what can't be.

use domain::instant::Instant;
use prost_types::Timestamp;
use proto::convert::{self, FieldError, FieldFault};
use tonic::Status;

use super::status;

/// The value of a field that must be set.
pub(super) fn required<M, D>(field: &str, message: Option<M>) -> Result<D, Status>
where
    D: TryFrom<M, Error = FieldError>,
{
    let message =
        message.ok_or_else(|| status::field_error(FieldError::at(field, FieldFault::Missing), ""))?;
    D::try_from(message).map_err(|error| status::field_error(error, field))
}

/// The value of a field that may be left out.
pub(super) fn optional<M, D>(field: &str, message: Option<M>) -> Result<Option<D>, Status>
where
    D: TryFrom<M, Error = FieldError>,
{
    message.map(|message| required(field, Some(message))).transpose()
}

/// The value of a field that holds a number of an enumeration.
pub(super) fn known<M, D>(field: &str, number: i32) -> Result<D, Status>
where
    M: TryFrom<i32>,
    D: TryFrom<M, Error = FieldError>,
{
    let message = M::try_from(number);
    let message = message.map_err(|_| status::field_error(FieldError::at(field, FieldFault::Unknown), ""))?;
    required(field, Some(message))
}

/// The values of a field that repeats.
pub(super) fn each<M, D>(field: &str, messages: Vec<M>) -> Result<Vec<D>, Status>
where
    D: TryFrom<M, Error = FieldError>,
{
    let values = messages.into_iter().enumerate();
    values.map(|(index, message)| required(&format!("{field}[{index}]"), Some(message))).collect()
}

/// The instant of a field that may be left out.
pub(super) fn instant(field: &str, message: Option<Timestamp>) -> Result<Option<Instant>, Status> {
    let instant = message.map(|message| convert::instant(field, message)).transpose();
    instant.map_err(|error| status::field_error(error, ""))
}
