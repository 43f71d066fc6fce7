//! What was agreed with a party, and what rules do with its records.

use std::collections::BTreeMap;

use crate::money::Currency;
use crate::zone::Zone;

/// Whose price counts where a partner states one and ours differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhosePrice {
    /// What the partner states.
    #[default]
    Theirs,
    /// What the partner's price sheet gives.
    Ours,
}

/// What a rule does with a record for one reason of quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleAction {
    /// The reason does not hold it back.
    Release,
    /// The record is rejected.
    Reject,
}

/// What was agreed with a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyTerms {
    /// Whether the party is one of the tenant's own, so that nothing is bought from it.
    pub is_own: bool,
    /// The account of the partner, which is owed what sessions are bought for; none of an own party, or where the partner
    /// bills outside.
    pub account: Option<String>,
    /// The currency of its records.
    pub currency: Currency,
    /// The zone of its locations, where a charging point does not say its own.
    pub zone: Option<Zone>,
    /// Whose price counts for a purchase.
    pub price: WhosePrice,
    /// The price sheet by which its records are priced, where theirs name none.
    pub sheet: Option<String>,
    /// By how many minor units both prices may differ without a dispute.
    pub tolerance_minor: i64,
    /// After how many days since its end a session is held back; none: never.
    pub most_days_late: Option<u32>,
    /// The agreement by which its sessions are shared, where a charging point has none of its own.
    pub agreement: Option<String>,
    /// What is done for a reason of quarantine, by its code, instead of waiting for a person.
    pub rules: BTreeMap<String, RuleAction>,
}
