//! Market documents as they are received, and what became of their series.

use domain::document::{DocumentHeader, DocumentKind, Participant};
use domain::entity::market_document::{Outcome, Receipt, SeriesRefused, State};
use domain::entity::metering_point::{StoredDays, ValuesRefused};

use super::FieldError;
use super::field::{self, same_names};
use super::time;
use crate::metering::{self, DocumentStage, SeriesState};
use crate::types::Reason;

same_names!(
    DocumentKind,
    metering::DocumentKind,
    [
        MeasuredData,
        PriceListRequest,
        PriceListNotice,
        BillingMasterDataRequest,
        BillingMasterDataNotice,
        StartOfSupply,
        EndOfSupply,
        Notice,
        AggregatedResults,
        WholesaleResults,
        MeasuredDataRequest,
        AggregatedRequest,
        WholesaleRequest,
    ]
);

impl From<&DocumentHeader> for metering::DocumentHeader {
    fn from(header: &DocumentHeader) -> Self {
        Self {
            document_id: header.id.clone(),
            kind: field::number::<metering::DocumentKind, _>(header.kind),
            process: header.process.clone(),
            business_sector: header.business_sector.clone(),
            sender: Some((&header.sender).into()),
            receiver: Some((&header.receiver).into()),
            created_time: Some(time::timestamp(header.created)),
        }
    }
}

impl TryFrom<metering::DocumentHeader> for DocumentHeader {
    type Error = FieldError;

    fn try_from(header: metering::DocumentHeader) -> Result<Self, FieldError> {
        Ok(Self {
            id: header.document_id,
            kind: field::known::<metering::DocumentKind, _>("kind", header.kind)?,
            process: header.process,
            business_sector: header.business_sector,
            sender: field::required("sender", header.sender)?,
            receiver: field::required("receiver", header.receiver)?,
            created: time::required_instant("created_time", header.created_time)?,
        })
    }
}

impl From<&Participant> for metering::Participant {
    fn from(participant: &Participant) -> Self {
        Self { participant_id: participant.id.clone(), role: participant.role.clone() }
    }
}

impl TryFrom<metering::Participant> for Participant {
    type Error = FieldError;

    fn try_from(participant: metering::Participant) -> Result<Self, FieldError> {
        Ok(Self { id: participant.participant_id, role: participant.role })
    }
}

impl metering::Document {
    /// What a client sees of a document; `None` where it was never received.
    #[must_use]
    pub fn of_state(state: &State) -> Option<Self> {
        let header = state.header.as_ref()?;
        let stage = match (state.is_done(), state.to_hand_out.is_empty()) {
            (true, _) => DocumentStage::Done,
            (false, true) => DocumentStage::Dispatched,
            (false, false) => DocumentStage::Received,
        };
        Some(Self {
            name: String::new(),
            header: Some(header.into()),
            received_time: state.received.map(time::timestamp),
            stage: stage.into(),
            series: field::messages(&state.receipts),
            warnings: state.warnings.clone(),
        })
    }
}

impl From<&Receipt> for metering::SeriesReceipt {
    fn from(receipt: &Receipt) -> Self {
        let days = match receipt.outcome {
            Some(Outcome::Stored(days)) => days,
            _ => StoredDays::default(),
        };
        let (state, reason) = match &receipt.outcome {
            None => (SeriesState::Pending, None),
            Some(Outcome::Stored(StoredDays { stored: 0, .. }) | Outcome::Unchanged) => {
                (SeriesState::Unchanged, None)
            }
            Some(Outcome::Stored(_) | Outcome::Done) => (SeriesState::Applied, None),
            Some(Outcome::Waiting(text)) => {
                (SeriesState::Waiting, Some(Reason { code: "WAITING".to_owned(), text: text.clone() }))
            }
            Some(Outcome::Recorded) => (SeriesState::Recorded, None),
            Some(Outcome::Refused(refused)) => (SeriesState::Refused, Some(refused.into())),
        };
        Self {
            series_id: receipt.id.clone(),
            state: state.into(),
            reason,
            stored_days: days.stored,
            unchanged_days: days.unchanged,
            digest: receipt.digest.to_vec(),
        }
    }
}

impl From<&SeriesRefused> for Reason {
    fn from(refused: &SeriesRefused) -> Self {
        let (code, text) = match refused {
            SeriesRefused::Values(refused) => return refused.into(),
            SeriesRefused::NoSettings => {
                ("NO_SETTINGS", "the tenant has no settings, so currency and zone are unknown")
            }
            SeriesRefused::PricesOffTheGrid => {
                ("PRICES_OFF_THE_GRID", "the prices do not begin and end at intervals of their resolution")
            }
        };
        Self { code: code.to_owned(), text: text.to_owned() }
    }
}

impl From<&ValuesRefused> for Reason {
    fn from(refused: &ValuesRefused) -> Self {
        let (code, text) = match refused {
            ValuesRefused::UnknownMeteringPoint => {
                ("UNKNOWN_METERING_POINT", "the metering point is not registered")
            }
            ValuesRefused::Empty => ("EMPTY", "there are no values"),
            ValuesRefused::FromTheFuture => ("FROM_THE_FUTURE", "the source made them in the future"),
            ValuesRefused::OffTheGrid => {
                ("OFF_THE_GRID", "they do not begin and end at intervals of the point's days")
            }
            ValuesRefused::TooManyDays => ("TOO_MANY_DAYS", "they span more days than one item may"),
            ValuesRefused::WrongUnit => ("WRONG_UNIT", "the point measures in another unit"),
            ValuesRefused::WrongKind => ("WRONG_KIND", "the point is of another kind"),
            ValuesRefused::Negative => (
                "NEGATIVE_QUANTITY",
                "a quantity is below zero; what goes the other way is of the other direction",
            ),
            ValuesRefused::Absurd => {
                ("QUANTITY_ABSURD", "a quantity is above a thousand million in one interval")
            }
            ValuesRefused::TooFarAhead => ("TOO_FAR_AHEAD", "they are of a time more than 31 days ahead"),
        };
        Self { code: code.to_owned(), text: text.to_owned() }
    }
}
