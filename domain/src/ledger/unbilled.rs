//! Booking what a rated position earned, before it is on an invoice.

use super::{LedgerRole, PostingHead, PostingReason, PostingRefusal, PostingSet, PostingSource};
use crate::amount::Amount;
use crate::identity::MeteringPointId;
use crate::position::RatedVersion;

/// A version of a position with the payer's own exact part of its amount.
#[derive(Clone, Copy, Debug)]
pub struct Booked<'a> {
    /// The version, of the whole contract.
    pub rated: &'a RatedVersion,
    /// The payer's part of its amount, by [`crate::contract::split_amount`].
    pub own: Amount,
}

/// The set that books the payer's part of a position: the difference to what the version before booked. Unbilled takes
/// it, the component's revenue role gives it; where the role itself changed, the former role gets all of its part back.
///
/// # Errors
/// [`PostingRefusal`] where the currency changed, or a sum leaves its range.
pub fn unbilled(
    metering_point: MeteringPointId,
    before: Option<Booked<'_>>,
    after: Booked<'_>,
) -> Result<PostingSet, PostingRefusal> {
    let currency = after.rated.position.currency;
    if before.is_some_and(|before| before.rated.position.currency != currency) {
        return Err(PostingRefusal::AssetDiffers);
    }
    let negated = |amount: Amount| amount.checked_neg().ok_or(PostingRefusal::OutOfRange);
    let revenue = |booked: Booked<'_>| LedgerRole::Revenue(booked.rated.position.revenue_role.clone());
    let source = |booked: Booked<'_>| PostingSource::Position {
        metering_point,
        key: booked.rated.position.key.clone(),
        version: booked.rated.version,
    };
    let mut postings = vec![(LedgerRole::Unbilled, after.own), (revenue(after), negated(after.own)?)];
    if let Some(before) = before {
        postings.push((LedgerRole::Unbilled, negated(before.own)?));
        postings.push((revenue(before), before.own));
    }
    let reason = if before.is_some() { PostingReason::Rerated } else { PostingReason::Rated };
    let head =
        PostingHead { source: source(after), reason, corrects: before.map(source), asset: currency.into() };
    PostingSet::new(head, postings)
}
