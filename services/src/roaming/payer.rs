//! Who pays for a session: the account that held the token or the contract when it began, else the partner whose contract it is.

use domain::cdr::Party;
use domain::entity::Recipient;
use domain::entity::directory::{self, Owner};
use domain::entity::partners;
use domain::instant::Instant;
use domain::token::Token;

use super::intake::Asker;
use crate::gateway::{Failure, Gateway};

/// The account that pays, as far as it is known now.
pub(super) async fn payer(
    gateway: &Gateway,
    asker: &Asker,
    token: &Token,
    contract_id: &str,
    start: Instant,
) -> Result<Option<String>, Failure> {
    if let Some(account) = holder(gateway, asker, token, start).await? {
        return Ok(Some(account));
    }
    let contract = Token::new("contract_id", contract_id).ok().filter(|contract| contract != token);
    if let Some(contract) = contract
        && let Some(account) = holder(gateway, asker, &contract, start).await?
    {
        return Ok(Some(account));
    }
    match Party::leading(contract_id) {
        Some(party) => provider(gateway, asker, party).await,
        None => Ok(None),
    }
}

/// The account that held a token when a session began, or, where nobody did, that held it next: its contracts say whether they go
/// back so far. A metering point that held one pays nothing itself.
async fn holder(
    gateway: &Gateway,
    asker: &Asker,
    token: &Token,
    start: Instant,
) -> Result<Option<String>, Failure> {
    let ask = asker.ask(Recipient::Directory(token.clone()));
    match gateway.ask(ask, &directory::Command::HolderAt(start)).await {
        Ok(directory::Reply::Held(held)) => Ok(match held.claim.owner {
            Owner::Account(id) => Some(id),
            Owner::MeteringPoint(_) => None,
        }),
        Ok(directory::Reply::Done) | Err(Failure::Rejected(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The account of the partner that is this mobility provider, or of a hub in its place.
async fn provider(gateway: &Gateway, asker: &Asker, party: Party) -> Result<Option<String>, Failure> {
    let ask = asker.ask(Recipient::Partners);
    match gateway.ask(ask, &partners::Command::List).await? {
        partners::Reply::All(all) => Ok(all.provider_account(party).map(str::to_owned)),
        _ => Err(Failure::Unreadable("partners were asked for and not given".to_owned())),
    }
}
