//! The stored form of an owner's tokens: a part each, so that a fleet's ten thousand cards are not written with every one.

use domain::entity::tokens::{TokenEvent, Tokens};
use domain::token::Token;
use proto::store as stored;

/// The name of a token's part, and what it holds after an event: nothing where the owner never held the token and has nothing to
/// do with it any more.
pub(super) fn part(event: &TokenEvent, tokens: &Tokens) -> (Vec<u8>, Option<stored::Tokens>) {
    let token = match event {
        TokenEvent::Set(token, _) | TokenEvent::Gone(token, _) => token,
    };
    let claim = tokens.by_token.get(token).map(|claim| (token.clone(), claim.clone()));
    let former = tokens.former.get(token).map(|held| (token.clone(), held.clone()));
    let is_known = claim.is_some() || former.is_some();
    let of_token =
        Tokens { claims: 0, by_token: claim.into_iter().collect(), former: former.into_iter().collect() };
    (name(token), is_known.then(|| (&of_token).into()))
}

/// What stands in the root: how many claims were made, so that no number is ever given twice.
pub(super) fn root(tokens: &Tokens) -> Tokens {
    Tokens { claims: tokens.claims, ..Tokens::default() }
}

fn name(token: &Token) -> Vec<u8> {
    [b"t", token.to_string().as_bytes()].concat()
}
