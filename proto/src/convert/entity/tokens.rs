//! Tokens and what their owners remember of them.

use std::collections::BTreeMap;

use domain::entity::directory::{Claim, Owner};
use domain::entity::tokens::{TokenClaim, TokenCommand, TokenReply, TokenStage, Tokens};
use domain::instant::Period;
use domain::token::Token;

use crate::convert::{FieldError, FieldFault, field, text, time};
use crate::store;
use crate::store::owner::Owner as OwnerWire;
use crate::store::token_command::Command as CommandWire;
use crate::store::token_reply::Reply as ReplyWire;

impl From<&Token> for store::Token {
    fn from(token: &Token) -> Self {
        Self { token_type: token.kind().name().to_owned(), value: token.value().to_owned() }
    }
}

/// Only the spelling that is compared is a stored token.
impl TryFrom<store::Token> for Token {
    type Error = FieldError;

    fn try_from(token: store::Token) -> Result<Self, FieldError> {
        let read = Self::new(&token.token_type, &token.value).ok();
        read.filter(|read| read.value() == token.value)
            .ok_or_else(|| FieldError::at("value", FieldFault::Unknown))
    }
}

impl From<&Owner> for store::Owner {
    fn from(owner: &Owner) -> Self {
        let owner = match owner {
            Owner::Account(id) => OwnerWire::AccountId(id.clone()),
            Owner::MeteringPoint(id) => OwnerWire::MeteringPoint(id.number()),
        };
        Self { owner: Some(owner) }
    }
}

impl TryFrom<store::Owner> for Owner {
    type Error = FieldError;

    fn try_from(owner: store::Owner) -> Result<Self, FieldError> {
        Ok(match field::chosen("owner", owner.owner)? {
            OwnerWire::AccountId(id) => Self::Account(id),
            OwnerWire::MeteringPoint(number) => {
                Self::MeteringPoint(text::numbered_point("metering_point", number)?)
            }
        })
    }
}

impl From<&Claim> for store::Claim {
    fn from(claim: &Claim) -> Self {
        Self { owner: Some((&claim.owner).into()), number: claim.number }
    }
}

impl TryFrom<store::Claim> for Claim {
    type Error = FieldError;

    fn try_from(claim: store::Claim) -> Result<Self, FieldError> {
        Ok(Self { owner: field::required("owner", claim.owner)?, number: claim.number })
    }
}

impl From<&Tokens> for store::Tokens {
    fn from(tokens: &Tokens) -> Self {
        let former = tokens.former.iter().flat_map(|(token, held)| {
            held.iter().map(|held| store::FormerHolding {
                token: Some(token.into()),
                from_time: Some(time::timestamp(held.start())),
                until_time: Some(time::timestamp(held.end())),
            })
        });
        Self {
            claims: tokens.claims,
            by_token: tokens.by_token.iter().map(claim_message).collect(),
            former: former.collect(),
        }
    }
}

/// What an owner remembers of tokens; nothing where it never claimed one.
pub(super) fn some_tokens(tokens: &Tokens) -> Option<store::Tokens> {
    (*tokens != Tokens::default()).then(|| tokens.into())
}

impl TryFrom<store::Tokens> for Tokens {
    type Error = FieldError;

    fn try_from(tokens: store::Tokens) -> Result<Self, FieldError> {
        let by_token = field::each_by("by_token", tokens.by_token, into_claim)?;
        let holdings: Vec<(Token, Period)> = field::each_by("former", tokens.former, into_holding)?;
        let mut former: BTreeMap<Token, Vec<Period>> = BTreeMap::new();
        for (token, held) in holdings {
            former.entry(token).or_default().push(held);
        }
        Ok(Self { claims: tokens.claims, by_token, former })
    }
}

impl From<&TokenCommand> for store::TokenCommand {
    fn from(command: &TokenCommand) -> Self {
        let command = match command {
            TokenCommand::Claim(token) => CommandWire::Claim(token.into()),
            TokenCommand::Release(token) => CommandWire::Release(token.into()),
            TokenCommand::Get(token) => CommandWire::Get(token.into()),
            TokenCommand::Block(token) => CommandWire::Block(token.into()),
            TokenCommand::Unblock(token) => CommandWire::Unblock(token.into()),
            TokenCommand::List { after, limit } => {
                CommandWire::List(store::ListTokens { after: after.as_ref().map(Into::into), limit: *limit })
            }
        };
        Self { command: Some(command) }
    }
}

impl TryFrom<store::TokenCommand> for TokenCommand {
    type Error = FieldError;

    fn try_from(command: store::TokenCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Claim(token) => Self::Claim(field::required("claim", Some(token))?),
            CommandWire::Release(token) => Self::Release(field::required("release", Some(token))?),
            CommandWire::Get(token) => Self::Get(field::required("get", Some(token))?),
            CommandWire::Block(token) => Self::Block(field::required("block", Some(token))?),
            CommandWire::Unblock(token) => Self::Unblock(field::required("unblock", Some(token))?),
            CommandWire::List(list) => {
                Self::List { after: field::optional("list.after", list.after)?, limit: list.limit }
            }
        })
    }
}

impl From<&TokenReply> for store::TokenReply {
    fn from(reply: &TokenReply) -> Self {
        let reply = match reply {
            TokenReply::Claim(token, claim) => ReplyWire::Claim(claim_message((token, claim))),
            TokenReply::Gone(token) => ReplyWire::Gone(token.into()),
            TokenReply::Page { claims, more } => {
                let claims = claims.iter().map(|(token, claim)| claim_message((token, claim)));
                ReplyWire::Page(store::TokenPage { claims: claims.collect(), more: *more })
            }
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::TokenReply> for TokenReply {
    type Error = FieldError;

    fn try_from(reply: store::TokenReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Claim(claim) => {
                let (token, claim) = into_claim(claim).map_err(|error| error.within("claim"))?;
                Self::Claim(token, claim)
            }
            ReplyWire::Gone(token) => Self::Gone(field::required("gone", Some(token))?),
            ReplyWire::Page(page) => Self::Page {
                claims: field::each_by("page.claims", page.claims, into_claim)?,
                more: page.more,
            },
        })
    }
}

fn into_holding(held: store::FormerHolding) -> Result<(Token, Period), FieldError> {
    let token = field::required("token", held.token)?;
    let from = time::required_instant("from_time", held.from_time)?;
    let until = time::required_instant("until_time", held.until_time)?;
    let period = Period::new(from, until);
    Ok((token, period.ok_or_else(|| FieldError::at("until_time", FieldFault::EndsBeforeStart))?))
}

fn claim_message((token, claim): (&Token, &TokenClaim)) -> store::TokenClaim {
    let (stage, holder) = match &claim.stage {
        TokenStage::Claiming => (store::TokenStage::Claiming, None),
        TokenStage::Held => (store::TokenStage::Held, None),
        TokenStage::Refused(holder) => (store::TokenStage::Refused, Some(holder.into())),
        TokenStage::Releasing => (store::TokenStage::Releasing, None),
    };
    store::TokenClaim {
        token: Some(token.into()),
        number: claim.number,
        stage: stage.into(),
        holder,
        since_time: Some(time::timestamp(claim.since)),
        blocked: claim.is_blocked,
        held_time: (claim.held_since != claim.since).then(|| time::timestamp(claim.held_since)),
    }
}

fn into_claim(claim: store::TokenClaim) -> Result<(Token, TokenClaim), FieldError> {
    let token = field::required("token", claim.token)?;
    let stage = match store::TokenStage::try_from(claim.stage) {
        Ok(store::TokenStage::Claiming) => TokenStage::Claiming,
        Ok(store::TokenStage::Held) => TokenStage::Held,
        Ok(store::TokenStage::Refused) => TokenStage::Refused(field::required("holder", claim.holder)?),
        Ok(store::TokenStage::Releasing) => TokenStage::Releasing,
        Ok(store::TokenStage::Unspecified) | Err(_) => {
            return Err(FieldError::at("stage", FieldFault::Unknown));
        }
    };
    let since = time::required_instant("since_time", claim.since_time)?;
    let held_since = match claim.held_time {
        Some(held) => time::required_instant("held_time", Some(held))?,
        None => since,
    };
    Ok((token, TokenClaim { number: claim.number, stage, since, held_since, is_blocked: claim.blocked }))
}
