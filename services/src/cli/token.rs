//! Tokens: `kvarter token claim|release|block|unblock`, `kvarter get token`, `kvarter list tokens`.

use clap::{Args, Subcommand};
use proto::charging::{BlockTokenRequest, UnblockTokenRequest};
use proto::directory::{
    ClaimTokenRequest, ListTokensRequest, ReleaseTokenRequest, ResolveTokenRequest, Token, TokenState,
};
use proto::name;

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;

/// What `kvarter token` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A token is by what somebody or something is recognised: a card, the id of a contract for roaming, the serial \
                  number of a meter, the id of a charging point. It belongs to one account or metering point of a tenant; who \
                  asks first gets it. `kvarter get token TYPE VALUE` says whose one is.",
    after_help = "Examples:\n  kvarter token claim rfid 04:A2:2B:3C --account K-1 --tenant example\n  kvarter token release \
                  meter_serial 4711 --point 871699000000000042 --tenant example\n  kvarter get token rfid 04A22B3C --tenant \
                  example\n\nExit codes: 0 done; 1 somebody else holds it, or the node refused; 2 the command is wrong."
)]
pub struct TokenArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Ask for a token
    Claim(OwnedToken),
    /// Give a token back
    Release(OwnedToken),
    /// Let nothing be charged by a token from now on: the card was lost
    Block(OwnedToken),
    /// Let a token be charged by again
    Unblock(OwnedToken),
}

#[derive(Args, Clone, Debug)]
struct OwnedToken {
    #[command(flatten)]
    token: NamedToken,
    #[command(flatten)]
    owner: OwnerArguments,
}

/// A token, on the command line.
#[derive(Args, Clone, Debug)]
pub(super) struct NamedToken {
    /// Its type: rfid, contract_id, evse_id, meter_serial, or one of your own
    token_type: String,
    /// Its value, in any spelling
    value: String,
}

/// Who holds tokens, on the command line.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct OwnerArguments {
    /// The account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The metering point, by its 18 digits
    #[arg(long, value_name = "POINT")]
    point: Option<String>,
}

/// Claims a token or gives it back.
pub(super) async fn run(arguments: &TokenArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let token = match &arguments.step {
        Step::Claim(owned) => claim(&client, owned.owner.parent(&client), &owned.token).await?,
        Step::Release(owned) => release(&client, owned).await?,
        Step::Block(owned) => {
            let message = BlockTokenRequest { name: owned.name(&client)? };
            let blocked = ask(message, async |request| client.charging().block_token(request).await).await;
            blocked.map_err(Failure::refused(owned.token.what()))?
        }
        Step::Unblock(owned) => {
            let message = UnblockTokenRequest { name: owned.name(&client)? };
            let freed = ask(message, async |request| client.charging().unblock_token(request).await).await;
            freed.map_err(Failure::refused(owned.token.what()))?
        }
    };
    sheet([token.clone()]).print(arguments.asking.output)?;
    match token.state() {
        TokenState::Refused => Err(Failure::Incomplete(format!("{} holds the token", token.holder))),
        _ => Ok(()),
    }
}

async fn claim(client: &Client, parent: String, wanted: &NamedToken) -> Result<Token, Failure> {
    let NamedToken { token_type, value } = wanted.clone();
    let what = format!("{token_type} {value}");
    let token = Some(Token { token_type, value, ..Token::default() });
    let message = ClaimTokenRequest { parent, token, ..ClaimTokenRequest::default() };
    let claimed = ask(message, async |request| client.directory().claim_token(request).await).await;
    claimed.map_err(Failure::refused(what))
}

async fn release(client: &Client, given: &OwnedToken) -> Result<Token, Failure> {
    let message = ReleaseTokenRequest { name: given.name(client)?, ..ReleaseTokenRequest::default() };
    let released = ask(message, async |request| client.directory().release_token(request).await).await;
    released.map_err(Failure::refused(given.token.what()))
}

/// Whose a token is.
pub(super) async fn resolve(client: &Client, wanted: &NamedToken) -> Result<Sheet, Failure> {
    let NamedToken { token_type, value } = wanted.clone();
    let what = format!("{token_type} {value}");
    let message = ResolveTokenRequest { parent: client.parent(), token_type, value };
    let found = ask(message, async |request| client.directory().resolve_token(request).await).await;
    let found = found.map_err(Failure::refused(what))?;
    let since = show::time(found.held_since_time.as_ref());
    let row = vec![found.token_type, found.value, found.owner, since];
    Ok(Sheet::one(&["token_type", "value", "owner", "since"], row))
}

/// What an owner has claimed.
pub(super) async fn list(client: &Client, owner: &OwnerArguments) -> Result<Sheet, Failure> {
    let parent = owner.parent(client);
    let tokens = every_page(async |page_token| {
        let message = ListTokensRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.directory().list_tokens(request).await).await;
        let page = page.map_err(Failure::refused("tokens"))?;
        Ok((page.tokens, page.next_page_token))
    });
    Ok(sheet(tokens.await?))
}

fn sheet(tokens: impl IntoIterator<Item = Token>) -> Sheet {
    let rows = tokens.into_iter().map(|token| {
        let state = match token.blocked {
            true => "blocked".to_owned(),
            false => show::word(token.state().as_str_name(), "TOKEN_STATE_").to_lowercase(),
        };
        let changed = show::time(token.changed_time.as_ref());
        vec![token.token_type, token.value, state, token.holder, changed]
    });
    Sheet::new(&["token_type", "value", "state", "holder", "since"], &[]).with(rows)
}

impl OwnedToken {
    /// The token's name below its owner's.
    fn name(&self, client: &Client) -> Result<String, Failure> {
        let NamedToken { token_type, value } = &self.token;
        let token = domain::token::Token::new(token_type, value);
        let id = token.map_err(|error| Failure::Usage(format!("{token_type} {value} {error}")))?.to_string();
        Ok(match &self.owner.account {
            Some(account) => name::ACCOUNT_TOKEN.name([client.tenant(), account, &id]),
            None => {
                let point = self.owner.point.as_deref().unwrap_or_default();
                name::POINT_TOKEN.name([client.tenant(), point, &id])
            }
        })
    }
}

impl NamedToken {
    /// As failures call it.
    fn what(&self) -> String {
        format!("{} {}", self.token_type, self.value)
    }
}

impl OwnerArguments {
    /// The owner's name.
    fn parent(&self, client: &Client) -> String {
        match &self.account {
            Some(account) => name::ACCOUNT.name([client.tenant(), account]),
            None => name::METERING_POINT.name([client.tenant(), self.point.as_deref().unwrap_or_default()]),
        }
    }
}
