//! Agreements: which products an account may be charged by in real time, and from which day to which.
//!
//! What runs is priced by the product of an agreement ([`price_in_force`]); a request names one, or the account takes
//! the only one that covers the day ([`Agreements::select`]).

mod price;
mod unpriced;

use std::collections::BTreeMap;

use crate::day::Day;
use crate::day_span::DaySpan;
use crate::entity::Decided;
use crate::funds::FundsRefused;

pub use price::{ENERGY, PriceFacts, PriceInForce, price_in_force, step_of};
pub use unpriced::Unpriced;

/// Most agreements of an account.
pub const MOST_AGREEMENTS: usize = 100;
/// The longest id of an agreement in bytes, as of any other resource.
pub const MOST_ID_BYTES: usize = 56;

/// What lets an account be charged by a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its id, unique in the account.
    pub id: String,
    /// The product.
    pub product: String,
    /// The civil days of the tenant's zone on which what runs may be charged by it.
    pub span: DaySpan,
    /// Whether a commit may book more than was held.
    pub allows_overuse: bool,
}

/// The agreements of an account, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreements(BTreeMap<String, Agreement>);

/// What can be asked of an account's agreements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementCommand {
    /// Makes one, or changes the days and the over-use of one that there is; the product stays.
    Set(Agreement),
    /// Ends one.
    End {
        /// Its id.
        id: String,
        /// The first day on which it no longer holds.
        end: Day,
    },
}

/// What happened to an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementEvent {
    /// It is now this.
    Set(Agreement),
}

/// Why a command about agreements is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementRefused {
    /// The id is empty, longer than 56 bytes, or has a control character.
    BadId,
    /// There is no agreement of this id.
    Unknown,
    /// The agreement is about another product: one for this product needs an id of its own.
    OtherProduct,
    /// It would end before it begins.
    EndsBeforeStart,
    /// The account has as many agreements as it may have.
    TooMany,
}

/// A decision about agreements; the reply is the agreement as it is now.
pub type AgreementDecided = Result<Decided<AgreementEvent, Agreement>, AgreementRefused>;

impl Agreements {
    /// Decides a command. What is so already has no effect.
    ///
    /// # Errors
    /// [`AgreementRefused`]; then nothing changes.
    pub fn decide(&self, command: &AgreementCommand) -> AgreementDecided {
        let agreement = match command {
            AgreementCommand::Set(agreement) => {
                let has_control = agreement.id.chars().any(char::is_control);
                if !(1..=MOST_ID_BYTES).contains(&agreement.id.len()) || has_control {
                    return Err(AgreementRefused::BadId);
                }
                match self.0.get(&agreement.id) {
                    Some(held) if held.product != agreement.product => {
                        return Err(AgreementRefused::OtherProduct);
                    }
                    None if self.0.len() >= MOST_AGREEMENTS => return Err(AgreementRefused::TooMany),
                    _ => agreement.clone(),
                }
            }
            AgreementCommand::End { id, end } => {
                let held = self.0.get(id).ok_or(AgreementRefused::Unknown)?;
                let span = DaySpan::new(held.span.first(), *end).ok_or(AgreementRefused::EndsBeforeStart)?;
                Agreement { span, ..held.clone() }
            }
        };
        let is_new = self.0.get(&agreement.id) != Some(&agreement);
        let events = if is_new { vec![AgreementEvent::Set(agreement.clone())] } else { Vec::new() };
        Ok(Decided::with(events, agreement))
    }

    /// Changes them by what happened.
    pub fn apply(&mut self, event: &AgreementEvent) {
        let AgreementEvent::Set(agreement) = event;
        self.0.insert(agreement.id.clone(), agreement.clone());
    }

    /// The agreement by which something is charged that runs on this day: the one of this id, or, where the id is empty,
    /// the only one that covers the day.
    ///
    /// # Errors
    /// [`FundsRefused`] where there is none, or several are and none is named.
    pub fn select(&self, id: &str, on: Day) -> Result<&Agreement, FundsRefused> {
        if !id.is_empty() {
            let named = self.0.get(id).ok_or(FundsRefused::UnknownAgreement)?;
            return if named.span.contains(on) { Ok(named) } else { Err(FundsRefused::AgreementOver) };
        }
        let mut covering = self.0.values().filter(|agreement| agreement.span.contains(on));
        match (covering.next(), covering.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(FundsRefused::NoAgreement),
            (Some(_), Some(_)) => Err(FundsRefused::SeveralAgreements),
        }
    }

    /// The agreement of this id, whatever days it covers.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Agreement> {
        self.0.get(id)
    }

    /// Every agreement, in order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &Agreement> {
        self.0.values()
    }
}

impl FromIterator<Agreement> for Agreements {
    fn from_iter<T: IntoIterator<Item = Agreement>>(agreements: T) -> Self {
        Self(agreements.into_iter().map(|agreement| (agreement.id.clone(), agreement)).collect())
    }
}
