//! What an account remembers of its funds, and the records that are rows.

use std::sync::Arc;

use domain::funds::{Funds, Recent, Record, Recorded, Standing};

use crate::charging;
use crate::convert::{FieldError, field, time};
use crate::store::{self, funds_record};

/// How many entries of each collection a stored form holds, the first in their order.
#[derive(Clone, Copy, Debug)]
pub struct FundsEntries {
    /// Balances.
    pub balances: usize,
    /// Open reservations.
    pub reservations: usize,
    /// Members of the group.
    pub members: usize,
    /// Spending limits.
    pub limits: usize,
    /// Thresholds.
    pub thresholds: usize,
}

impl FundsEntries {
    const ALL: Self = Self {
        balances: usize::MAX,
        reservations: usize::MAX,
        members: usize::MAX,
        limits: usize::MAX,
        thresholds: usize::MAX,
    };
}

/// The latest records are no part of it; that there are some is.
impl From<&Funds> for store::FundsState {
    fn from(funds: &Funds) -> Self {
        (funds, FundsEntries::ALL).into()
    }
}

/// So many entries of each collection.
impl From<(&Funds, FundsEntries)> for store::FundsState {
    fn from((funds, most): (&Funds, FundsEntries)) -> Self {
        let credit = funds.credit_limits.iter().map(|(currency, amount)| (*currency, *amount).into());
        Self {
            standing: match funds.standing {
                Standing::Active => 0,
                standing => field::number::<charging::FundsStanding, _>(standing),
            },
            balances_made: funds.balances_made,
            balances: funds.balances.iter().take(most.balances).map(Into::into).collect(),
            credit_limits: credit.collect(),
            reservations: field::messages(funds.reservations.values().take(most.reservations)),
            members: funds.members.iter().take(most.members).map(Into::into).collect(),
            limits: funds.limits.iter().take(most.limits).map(Into::into).collect(),
            thresholds: funds.thresholds.iter().take(most.thresholds).map(Into::into).collect(),
            latest_id_time: funds.recent.used_until().map(time::timestamp),
        }
    }
}

impl TryFrom<store::FundsState> for Funds {
    type Error = FieldError;

    fn try_from(state: store::FundsState) -> Result<Self, FieldError> {
        let reservations: Vec<domain::funds::Reservation> = field::each("reservations", state.reservations)?;
        let used_until = time::optional_instant("latest_id_time", state.latest_id_time)?;
        Ok(Self {
            standing: match state.standing {
                0 => Standing::Active,
                standing => field::known::<charging::FundsStanding, _>("standing", standing)?,
            },
            balances: field::each("balances", state.balances)?,
            balances_made: state.balances_made,
            credit_limits: field::each("credit_limits", state.credit_limits)?,
            reservations: reservations.into_iter().map(|one| (one.id.clone(), one)).collect(),
            members: field::each("members", state.members)?,
            limits: field::each("limits", state.limits)?,
            thresholds: field::each("thresholds", state.thresholds)?,
            recent: used_until.map(Recent::after).unwrap_or_default(),
        })
    }
}

/// Without the one on whose behalf, which a row has beside it.
impl From<&Record> for store::FundsRecord {
    fn from(record: &Record) -> Self {
        let outcome = match &record.outcome {
            Recorded::Answered(command, reply) => funds_record::Outcome::Answered(store::AnsweredOperation {
                command: Some(command.as_ref().into()),
                reply: Some(reply.as_ref().into()),
            }),
            Recorded::Expired(reservation) => funds_record::Outcome::Expired(reservation.as_ref().into()),
        };
        let registered_time = Some(time::timestamp(record.at));
        Self { registered_time, outcome: Some(outcome), subject: String::new() }
    }
}

impl TryFrom<store::FundsRecord> for Record {
    type Error = FieldError;

    fn try_from(record: store::FundsRecord) -> Result<Self, FieldError> {
        let outcome = match field::chosen("outcome", record.outcome)? {
            funds_record::Outcome::Answered(answered) => Recorded::Answered(
                Arc::new(field::required("answered.command", answered.command)?),
                Arc::new(field::required("answered.reply", answered.reply)?),
            ),
            funds_record::Outcome::Expired(reservation) => {
                Recorded::Expired(Arc::new(field::required("expired", Some(reservation))?))
            }
        };
        Ok(Self { at: time::required_instant("registered_time", record.registered_time)?, outcome })
    }
}
