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
    /// The account of the partner, which is owed what sessions are bought for; none of an own party, or where it is settled
    /// elsewhere.
    pub account: Option<String>,
    /// Whether the partner is paid outside of the tenant's accounts: what sessions are bought for is known, disputed and
    /// taken off the margin as for any partner, and no leg is booked for it.
    pub is_settled_elsewhere: bool,
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

impl PartyTerms {
    /// Whether its terms say in exactly one way what becomes of what its sessions are bought for: nothing is bought, an account
    /// is owed it, or it is settled elsewhere.
    #[must_use]
    pub(super) fn says_who_is_owed(&self) -> bool {
        let ways = [self.is_own, self.account.is_some(), self.is_settled_elsewhere];
        ways.into_iter().filter(|is_so| *is_so).count() == 1
    }
}
