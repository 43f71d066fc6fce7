//! Which contract a session is sold by.

use super::{ChargingContract, ChargingContracts, Covers};
use crate::cdr::{Party, SaleRefused, SessionSale};
use crate::day::{Day, DayRule};
use crate::entity::tokens::Tokens;
use crate::money::Money;
use crate::token::Token;

impl ChargingContracts {
    /// The contract that a session is sold by: of those that cover the day on which it started, by the clock of its
    /// location, one that lists the token, else one for whatever the account holds, else one of the roaming partner.
    /// `tokens` are those that the account holds and held. A token that it gave back is listed for what began before that.
    ///
    /// # Errors
    /// [`SaleRefused::TokenNotHeld`], [`SaleRefused::NoChargingContract`] or [`SaleRefused::SeveralChargingContracts`].
    pub fn choose(
        &self,
        sale: &SessionSale,
        tokens: &Tokens,
        rule: &DayRule,
    ) -> Result<&ChargingContract, SaleRefused> {
        let start = sale.session.start;
        let on = rule.day_of(start);
        let covering: Vec<(Rank, &ChargingContract)> =
            self.all().filter_map(|contract| Some((rank(contract, sale, on)?, contract))).collect();
        let may_be = |rank: Rank| match rank {
            Rank::Listed => tokens.held_since(&sale.token, start),
            Rank::Held => tokens.held_at(&sale.token, start),
            Rank::Party => true,
        };
        let best = covering.iter().map(|(rank, _)| *rank).filter(|rank| may_be(*rank)).min();
        let Some(best) = best else {
            let is_covered = !covering.is_empty();
            return Err(if is_covered { SaleRefused::TokenNotHeld } else { SaleRefused::NoChargingContract });
        };
        let mut chosen = covering.iter().filter(|(rank, _)| *rank == best);
        match (chosen.next(), chosen.next()) {
            (Some((_, contract)), None) => Ok(contract),
            (None, _) => Err(SaleRefused::NoChargingContract),
            (Some(_), Some(_)) => Err(SaleRefused::SeveralChargingContracts),
        }
    }
}

impl ChargingContracts {
    /// Whether any contract limits what its cards may be authorised for.
    #[must_use]
    pub fn has_card_limits(&self) -> bool {
        self.all().any(|contract| !contract.card_limits.are_none())
    }

    /// What is left for a card today of what the contract allows that covers it; none where nothing bounds it.
    #[must_use]
    pub fn left_for(&self, token: &Token, today: Day) -> Option<Money> {
        let rank = |contract: &&ChargingContract| match &contract.covers {
            Covers::Listed(tokens) => tokens.contains(token).then_some(Rank::Listed),
            Covers::Held => Some(Rank::Held),
            Covers::Party(_) => None,
        };
        let covering =
            self.all().filter(|contract| contract.span.contains(today) && rank(contract).is_some());
        let contract = covering.min_by_key(rank)?;
        contract.card_limits.left(self.card_use.get(token), today)
    }
}

/// How a contract covers a session, the closest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Listed,
    Held,
    Party,
}

fn rank(contract: &ChargingContract, sale: &SessionSale, on: Day) -> Option<Rank> {
    contract.span.contains(on).then_some(())?;
    match &contract.covers {
        Covers::Listed(tokens) => tokens.contains(&sale.token).then_some(Rank::Listed),
        Covers::Held => Some(Rank::Held),
        Covers::Party(party) => (Party::leading(&sale.contract_id) == Some(*party)).then_some(Rank::Party),
    }
}
