//! Tokens to a node: each is claimed for its owner, and what somebody else holds is told.

use domain::entity::directory::Owner;
use domain::token::Token;
use proto::directory::{self, ClaimTokenRequest, TokenState};
use proto::name;

use crate::cli::at_once;
use crate::cli::client::{Client, ask};
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;

/// Claims every token.
pub(super) async fn claim(
    client: &Client,
    tokens: &[(Owner, Token)],
    progress: &Progress,
) -> Result<(), Failure> {
    let requests = tokens.iter().map(|(owner, token)| {
        let parent = match owner {
            Owner::Account(id) => name::ACCOUNT.name([client.tenant(), id]),
            Owner::MeteringPoint(id) => name::METERING_POINT.name([client.tenant(), &id.to_string()]),
        };
        let wanted = directory::Token {
            token_type: token.kind().name().to_owned(),
            value: token.value().to_owned(),
            ..Default::default()
        };
        let message = ClaimTokenRequest { parent, token: Some(wanted), ..Default::default() };
        (format!("token {token}"), message)
    });
    let claimed = at_once::each(requests.collect(), |(what, message)| {
        let (client, progress) = (client.clone(), progress.clone());
        async move {
            let claimed = ask(message, async |request| client.directory().claim_token(request).await).await;
            let token = claimed.map_err(Failure::refused(&what))?;
            if token.state() == TokenState::Refused {
                return Err(Failure::Incomplete(format!("{what}: {} holds it", token.holder)));
            }
            progress.step();
            Ok(())
        }
    });
    claimed.await.map(drop)
}
