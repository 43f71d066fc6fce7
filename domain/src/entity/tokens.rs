//! The tokens of an owner: what it claimed, what it holds, what it gave back. The same for every kind that may hold
//! tokens.
//!
//! The directory decides; an owner knows how far it has got. Every claim has a number of its own, which the answer
//! repeats: an answer to a claim that was overtaken by another, or by giving the token back, says nothing any more.

use std::collections::BTreeMap;

use super::directory::{Claim, Owner};
use super::message::{Message, Recipient};
use super::{Decided, Moment};
use crate::funds::FundsRefused;
use crate::instant::{Instant, Period};
use crate::token::Token;

/// How far an owner has got with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenStage {
    /// It asked for it and has no answer yet.
    Claiming,
    /// The token is its own.
    Held,
    /// Another one of the same tenant was first.
    Refused(Owner),
    /// It gives it back and has no answer yet.
    Releasing,
}

/// An owner's latest claim of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenClaim {
    /// The number of the claim.
    pub number: u64,
    /// How far it has got.
    pub stage: TokenStage,
    /// Since when; of a token that is held, since when it is blocked or not.
    pub since: Instant,
    /// Since when the owner holds the token, or held it that is on its way back; since when it asked, before it has it.
    pub held_since: Instant,
    /// Whether nothing may be charged by it; of a token that is held.
    pub is_blocked: bool,
}

/// What an owner remembers of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// How many claims it has made of any token.
    pub claims: u64,
    /// Its latest claim of each token that it did not give back.
    pub by_token: BTreeMap<Token, TokenClaim>,
    /// When it held the tokens that it gave back, in order of time: at most [`MOST_FORMER`] times of a token, the latest, and
    /// of at most [`MOST_FORMER_TOKENS`] tokens, the first.
    pub former: BTreeMap<Token, Vec<Period>>,
}

/// Most times that a token was held before which are remembered.
pub const MOST_FORMER: usize = 8;
/// Most tokens that were given back of which is remembered when they were held.
pub const MOST_FORMER_TOKENS: usize = 10_000;

/// What can be asked of an owner about tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenCommand {
    /// Asks the directory for a token. Without effect where it is held or asked for already.
    Claim(Token),
    /// Gives a token back. Without effect where that is under way already.
    Release(Token),
    /// Lets nothing be charged by a token that is held, from the next decision of the owner on.
    Block(Token),
    /// Lets it be charged by again.
    Unblock(Token),
    /// Reads the claim of a token.
    Get(Token),
    /// Reads claims in order of tokens.
    List {
        /// Only those of tokens after this one.
        after: Option<Token>,
        /// At most so many.
        limit: u32,
    },
}

/// What happened to the tokens of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenEvent {
    /// The claim of a token is now this.
    Set(Token, TokenClaim),
    /// The owner has nothing to do with the token any more, which it held so long.
    Gone(Token, Option<Period>),
}

/// The answer to a command about tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenReply {
    /// The claim of a token, as it is now.
    Claim(Token, TokenClaim),
    /// The owner has nothing to do with the token any more.
    Gone(Token),
    /// Claims in order of tokens.
    Page {
        /// The claims.
        claims: Vec<(Token, TokenClaim)>,
        /// Whether there are more behind them.
        more: bool,
    },
}

/// Why a command about tokens is refused, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefused {
    /// The owner has as many tokens as it may have.
    TooMany {
        /// How many.
        most: u32,
    },
    /// The owner has nothing to do with the token.
    NotOwned,
    /// The token is not the owner's yet, or no longer.
    NotHeld,
}

type TokenDecided = Result<Decided<TokenEvent, TokenReply>, TokenRefused>;

impl Tokens {
    /// Decides a command of an owner that may have so many tokens.
    ///
    /// # Errors
    /// [`TokenRefused`]; then nothing changes.
    pub fn decide(&self, owner: &Owner, command: &TokenCommand, most: u32, moment: &Moment) -> TokenDecided {
        match command {
            TokenCommand::Claim(token) => self.claim(owner, token, most, moment),
            TokenCommand::Release(token) => self.release(owner, token, moment),
            TokenCommand::Block(token) => self.set_blocked(token, true, moment),
            TokenCommand::Unblock(token) => self.set_blocked(token, false, moment),
            TokenCommand::Get(token) => {
                let claim = self.by_token.get(token).ok_or(TokenRefused::NotOwned)?;
                Ok(Decided::reply(TokenReply::Claim(token.clone(), claim.clone())))
            }
            TokenCommand::List { after, limit } => Ok(Decided::reply(self.page(after.as_ref(), *limit))),
        }
    }

    /// What an answer of the directory changes. Nothing where another claim or the release of the token has overtaken
    /// it.
    #[must_use]
    pub fn receive(&self, message: &Message, moment: &Moment) -> Option<TokenEvent> {
        let (token, number) = match message {
            Message::TokenClaimed { token, number, .. } | Message::TokenReleased { token, number } => {
                (token, *number)
            }
            _ => return None,
        };
        let claim = self.by_token.get(token).filter(|claim| claim.number == number)?;
        match (message, &claim.stage) {
            (Message::TokenClaimed { refused, .. }, TokenStage::Claiming) => {
                let stage = refused.clone().map_or(TokenStage::Held, TokenStage::Refused);
                Some(TokenEvent::Set(token.clone(), TokenClaim::new(number, stage, moment)))
            }
            (Message::TokenReleased { .. }, TokenStage::Releasing) => {
                Some(TokenEvent::Gone(token.clone(), Period::new(claim.held_since, moment.now)))
            }
            _ => None,
        }
    }

    /// Changes the tokens by what happened.
    pub fn apply(&mut self, event: &TokenEvent) {
        match event {
            TokenEvent::Set(token, claim) => {
                self.claims = self.claims.max(claim.number);
                let before = self.by_token.insert(token.clone(), claim.clone());
                // Asked for again while it was on its way back: the answer to that says nothing any more.
                let before = before.filter(|before| before.number != claim.number);
                if let Some(before) = before.filter(|before| before.stage == TokenStage::Releasing) {
                    self.remember(token, Period::new(before.held_since, before.since));
                }
            }
            TokenEvent::Gone(token, held) => {
                self.by_token.remove(token);
                self.remember(token, *held);
            }
        }
    }

    /// Whether the owner held the token at an instant.
    #[must_use]
    pub fn held_at(&self, token: &Token, at: Instant) -> bool {
        let is_held = self.by_token.get(token).is_some_and(|claim| claim.is_held() && claim.held_since <= at);
        is_held || self.former.get(token).into_iter().flatten().any(|held| held.contains(at))
    }

    /// Whether the owner held the token at an instant or at any time after it.
    #[must_use]
    pub fn held_since(&self, token: &Token, at: Instant) -> bool {
        let is_held = self.by_token.get(token).is_some_and(TokenClaim::is_held);
        is_held || self.former.get(token).into_iter().flatten().any(|held| at < held.end())
    }

    fn remember(&mut self, token: &Token, held: Option<Period>) {
        let is_full = self.former.len() >= MOST_FORMER_TOKENS && !self.former.contains_key(token);
        let Some(held) = held.filter(|_| !is_full) else { return };
        let former = self.former.entry(token.clone()).or_default();
        former.push(held);
        let dropped = former.len().saturating_sub(MOST_FORMER);
        drop(former.drain(..dropped));
    }

    /// A token that was refused is asked for again; one that is on its way back as well, behind the release.
    fn claim(&self, owner: &Owner, token: &Token, most: u32, moment: &Moment) -> TokenDecided {
        let held = self.by_token.get(token);
        if let Some(claim) =
            held.filter(|claim| matches!(claim.stage, TokenStage::Claiming | TokenStage::Held))
        {
            return Ok(Decided::reply(TokenReply::Claim(token.clone(), claim.clone())));
        }
        if held.is_none() && self.by_token.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(TokenRefused::TooMany { most });
        }
        let number = self.claims.saturating_add(1);
        let claim = Claim { owner: owner.clone(), number };
        let told = Message::ClaimToken { token: token.clone(), claim };
        Ok(turned(token, TokenClaim::new(number, TokenStage::Claiming, moment), told))
    }

    /// A token that was refused is forgotten at once: the directory knows nothing of it.
    fn release(&self, owner: &Owner, token: &Token, moment: &Moment) -> TokenDecided {
        let claim = self.by_token.get(token).ok_or(TokenRefused::NotOwned)?;
        match claim.stage {
            TokenStage::Releasing => Ok(Decided::reply(TokenReply::Claim(token.clone(), claim.clone()))),
            TokenStage::Refused(_) => Ok(Decided::with(
                vec![TokenEvent::Gone(token.clone(), None)],
                TokenReply::Gone(token.clone()),
            )),
            TokenStage::Claiming | TokenStage::Held => {
                let number = claim.number;
                let given = Claim { owner: owner.clone(), number };
                let told = Message::ReleaseToken { token: token.clone(), claim: given };
                let held_since = claim.held_since;
                let claim = TokenClaim::new(number, TokenStage::Releasing, moment);
                Ok(turned(token, TokenClaim { held_since, ..claim }, told))
            }
        }
    }

    /// Whether it may be charged by the token: it is held and not blocked.
    ///
    /// # Errors
    /// [`FundsRefused::UnknownToken`] or [`FundsRefused::TokenBlocked`].
    pub fn may_charge(&self, token: &Token) -> Result<(), FundsRefused> {
        match self.by_token.get(token) {
            Some(TokenClaim { stage: TokenStage::Held, is_blocked: false, .. }) => Ok(()),
            Some(TokenClaim { stage: TokenStage::Held, .. }) => Err(FundsRefused::TokenBlocked),
            _ => Err(FundsRefused::UnknownToken),
        }
    }

    fn set_blocked(&self, token: &Token, is_blocked: bool, moment: &Moment) -> TokenDecided {
        let held = self.by_token.get(token).ok_or(TokenRefused::NotOwned)?;
        if held.stage != TokenStage::Held {
            return Err(TokenRefused::NotHeld);
        }
        let since = if held.is_blocked == is_blocked { held.since } else { moment.now };
        let claim = TokenClaim { is_blocked, since, ..held.clone() };
        let reply = TokenReply::Claim(token.clone(), claim.clone());
        let is_new = claim != *held;
        let events = if is_new { vec![TokenEvent::Set(token.clone(), claim)] } else { Vec::new() };
        Ok(Decided::with(events, reply))
    }

    fn page(&self, after: Option<&Token>, limit: u32) -> TokenReply {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut rest = self.by_token.range::<Token, _>((from, std::ops::Bound::Unbounded));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let claims = rest.by_ref().take(limit).map(|(token, claim)| (token.clone(), claim.clone())).collect();
        TokenReply::Page { claims, more: rest.next().is_some() }
    }
}

impl TokenClaim {
    /// Whether the token is the owner's, also while it is given back: what it charged before is paid.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.stage, TokenStage::Held | TokenStage::Releasing)
    }

    fn new(number: u64, stage: TokenStage, moment: &Moment) -> Self {
        Self { number, stage, since: moment.now, held_since: moment.now, is_blocked: false }
    }
}

/// The claim is now this, and the directory is told.
fn turned(token: &Token, claim: TokenClaim, told: Message) -> Decided<TokenEvent, TokenReply> {
    let reply = TokenReply::Claim(token.clone(), claim.clone());
    Decided::with(vec![TokenEvent::Set(token.clone(), claim)], reply)
        .telling([(Recipient::Directory(token.clone()), told)])
}
