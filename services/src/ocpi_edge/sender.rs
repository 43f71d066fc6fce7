//! Who hands something in, and whose it may be.

use actors::shell::Tenant;
use domain::cdr::Party;
use domain::entity::partners::{OwnProfile, Partner, PartnerRole};

/// A partner that hands something in to a tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'a> {
    /// To whom.
    pub(crate) tenant: &'a Tenant,
    /// What the tenant says of itself.
    pub(crate) own: &'a OwnProfile,
    /// The partner.
    pub(crate) partner: &'a Partner,
}

impl Sender<'_> {
    /// Whether it may hand in what belongs to a party in a role: of its own parties, or, for a hub, of anybody's; never of
    /// the tenant's own, which says itself what is so there.
    pub(crate) fn may_tell(&self, role: PartnerRole, party: Party) -> bool {
        !self.own.is_party(party) && self.partner.speaks_for(role, party)
    }
}
