//! A session that an account bought: a row of the account.

use std::collections::BTreeMap;

use super::month::EnergyKey;
use super::{CardCounted, SaleComponent};
use crate::amount::Amount;
use crate::cdr::{CdrKey, EvseId, Sale};
use crate::day_span::DaySpan;
use crate::instant::Instant;
use crate::ledger::PostingSource;
use crate::money::Money;
use crate::operation::OperationId;
use crate::position::PositionKey;
use crate::session::SessionDimension;
use crate::tax::{TaxClass, VatRate};
use crate::token::Token;

/// A session that was sold to the account, with everything that taking the sale back needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoldSession {
    /// Its record.
    pub cdr: CdrKey,
    /// The operator's id of the session; empty where it is not said.
    pub session_id: String,
    /// By what the driver was recognised.
    pub token: Token,
    /// Where.
    pub evse: EvseId,
    /// The operator's id of the location.
    pub location: String,
    /// When it began.
    pub start: Instant,
    /// When it was over.
    pub end: Instant,
    /// When its record was received.
    pub received: Instant,
    /// When the account booked it.
    pub sold_at: Instant,
    /// What the account answered.
    pub sale: Sale,
    /// The cost centre of the card; empty for none.
    pub cost_centre: String,
    /// What each dimension comes to without tax, exact or rounded as the contract says.
    pub costs: BTreeMap<SessionDimension, Amount>,
    /// What least, most and rounding add, so that costs and this sum to the net.
    pub adjustment: Amount,
    /// What the energy comes to, in minor units and at most the net: what included kWh are credited from.
    pub energy_net: Amount,
    /// The role of the ledger account that its revenue is posted to.
    pub revenue_role: String,
    /// The class of goods for the tax.
    pub tax_class: TaxClass,
    /// The rate on the day of service.
    pub tax_rate: VatRate,
    /// The tax, in minor units: what funds are charged. Invoices tax the sum of their lines.
    pub tax: Money,
    /// The days of the month of service that have this rate.
    pub service: DaySpan,
    /// Whether the month of service was invoiced when it came.
    pub is_late: bool,
    /// How it is paid.
    pub settled: Settled,
    /// What of the card's use it was counted in.
    pub counted: CardCounted,
    /// How often its record was sold to the account: one more than the times that the sale was taken back and the record came
    /// again.
    pub times: u32,
    /// What took it back.
    pub reversed: Option<SaleReversed>,
}

/// How a sold session is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// On an invoice of the month.
    OnInvoice {
        /// Whether on one apart, because it came late.
        is_apart: bool,
    },
    /// From funds, by the commit of this reservation.
    Committed(OperationId),
    /// From funds, by this forced debit.
    Debited(OperationId),
}

/// What took a sale back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleReversed {
    /// The credit; none where a person rejected the record.
    pub credit: Option<CdrKey>,
    /// When that was received.
    pub received: Instant,
}

impl SoldSession {
    /// The position that it is part of; none where it is paid from funds.
    #[must_use]
    pub fn position(&self) -> Option<PositionKey> {
        let Settled::OnInvoice { is_apart } = self.settled else { return None };
        let cost_centre = self.cost_centre.clone();
        let component = SaleComponent::Sessions { cost_centre, is_apart };
        Some(component.key(&self.sale.contract, self.service))
    }

    /// The month whose energy it is part of.
    #[must_use]
    pub fn energy_key(&self) -> EnergyKey {
        EnergyKey { contract: self.sale.contract.clone(), service: self.service }
    }

    /// Net and tax; none beyond the range.
    #[must_use]
    pub fn gross(&self) -> Option<Money> {
        self.sale.net.checked_add(self.tax)
    }

    /// What booked it on the funds; none where it is on an invoice.
    #[must_use]
    pub fn source(&self) -> Option<PostingSource> {
        match &self.settled {
            Settled::OnInvoice { .. } => None,
            Settled::Committed(reservation) => Some(PostingSource::Reservation(reservation.clone())),
            Settled::Debited(operation) => Some(PostingSource::Operation(operation.clone())),
        }
    }
}
