//! Tokens, who holds them, and what is said about them.

use domain::entity::Message;
use domain::entity::directory::{self, Claim, Former, Held, Owner};
use domain::entity::tokens::{TokenClaim, TokenCommand, TokenReply, TokenStage, Tokens};
use domain::instant::Period;
use domain::token::Token;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::values::*;

pub(crate) fn token() -> impl Strategy<Value = Token> {
    ("[a-z][a-z0-9_]{0,6}", "[A-Z0-9*:.-]{1,12}")
        .prop_filter_map("a value", |(kind, value)| Token::new(&kind, &value).ok())
}

fn owner() -> impl Strategy<Value = Owner> {
    prop_oneof![word().prop_map(Owner::Account), point().prop_map(Owner::MeteringPoint)]
}

pub(crate) fn claim() -> impl Strategy<Value = Claim> {
    (owner(), any::<u64>()).prop_map(|(owner, number)| Claim { owner, number })
}

fn token_claim() -> impl Strategy<Value = TokenClaim> {
    let stage = prop_oneof![
        Just(TokenStage::Claiming),
        Just(TokenStage::Held),
        owner().prop_map(TokenStage::Refused),
        Just(TokenStage::Releasing),
    ];
    (any::<u64>(), stage, (instant(), instant()), any::<bool>()).prop_map(
        |(number, stage, (since, held_since), is_blocked)| TokenClaim {
            number,
            stage,
            since,
            held_since,
            is_blocked,
        },
    )
}

pub(crate) fn tokens() -> impl Strategy<Value = Tokens> {
    let period = (instant(), instant()).prop_filter_map("a period", |(from, until)| Period::new(from, until));
    let former = btree_map(token(), vec(period, 1..3), 0..3);
    (any::<u64>(), btree_map(token(), token_claim(), 0..3), former)
        .prop_map(|(claims, by_token, former)| Tokens { claims, by_token, former })
}

pub(crate) fn command() -> impl Strategy<Value = TokenCommand> {
    prop_oneof![
        token().prop_map(TokenCommand::Claim),
        token().prop_map(TokenCommand::Release),
        token().prop_map(TokenCommand::Get),
        token().prop_map(TokenCommand::Block),
        token().prop_map(TokenCommand::Unblock),
        (option::of(token()), any::<u32>()).prop_map(|(after, limit)| TokenCommand::List { after, limit }),
    ]
}

pub(crate) fn reply() -> impl Strategy<Value = TokenReply> {
    prop_oneof![
        (token(), token_claim()).prop_map(|(token, claim)| TokenReply::Claim(token, claim)),
        token().prop_map(TokenReply::Gone),
        (vec((token(), token_claim()), 0..3), any::<bool>())
            .prop_map(|(claims, more)| TokenReply::Page { claims, more }),
    ]
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        (token(), claim()).prop_map(|(token, claim)| Message::ClaimToken { token, claim }),
        (token(), claim()).prop_map(|(token, claim)| Message::ReleaseToken { token, claim }),
        (token(), any::<u64>(), option::of(owner()))
            .prop_map(|(token, number, refused)| Message::TokenClaimed { token, number, refused }),
        (token(), any::<u64>()).prop_map(|(token, number)| Message::TokenReleased { token, number }),
    ]
}

fn held() -> impl Strategy<Value = Held> {
    (claim(), instant()).prop_map(|(claim, since)| Held { claim, since })
}

pub(crate) fn directory_state() -> impl Strategy<Value = directory::State> {
    let former = (held(), instant()).prop_map(|(held, until)| Former { held, until });
    (option::of(held()), vec(former, 0..3)).prop_map(|(held, former)| directory::State { held, former })
}

pub(crate) fn directory_reply() -> impl Strategy<Value = directory::Reply> {
    use directory::Reply;
    prop_oneof![Just(Reply::Done), held().prop_map(Reply::Held)]
}
