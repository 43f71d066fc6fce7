//! Clearing a bundle: `kvarter statement clear`.

use clap::Args;
use domain::cdr::{CdrKey, Party};
use domain::day::Day;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::share::{Claim, ClaimBasis};
use domain::statement::Bundle;
use proto::name;
use proto::roaming::ClearBundleRequest;
use uuid::Uuid;

use super::super::client::{Client, ask};
use super::super::failure::Failure;
use super::super::sheet::Sheet;
use super::super::show;

/// How a claim is written.
const CLAIM: &str = "write a claim as bus=price:12.50, ferry=uses:3x0.335 or train=weight:2, with the provider's account first";

/// What `kvarter statement clear` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct ClearArguments {
    /// The account that sold the bundle
    account: String,
    /// The bundle, as NL-LGT/TICKET-1: the seller's party and its id of it
    #[arg(long, value_parser = parse_key)]
    bundle: CdrKey,
    /// Its price without tax; negative where it is taken back
    #[arg(long, allow_hyphen_values = true)]
    amount: String,
    /// The currency
    #[arg(long, value_parser = show::parse_currency)]
    currency: Currency,
    /// The day of service
    #[arg(long, value_parser = show::parse_day)]
    date: Day,
    /// What a provider claims, once for each: ACCOUNT=price:PRICE, ACCOUNT=uses:COUNTxPRICE or ACCOUNT=weight:WEIGHT
    #[arg(long = "claim", value_name = "CLAIM", required = true, value_parser = parse_claim)]
    claims: Vec<Claim>,
}

/// Clears a bundle and shows who gets what.
pub(super) async fn run(client: &Client, arguments: &ClearArguments) -> Result<Sheet, Failure> {
    let ClearArguments { account, bundle: key, amount, currency, date, claims } = arguments;
    let amount = Money::parse(amount, *currency);
    let amount = amount.map_err(|error| Failure::Usage(format!("--amount {error}")))?;
    let bundle = Bundle { key: key.clone(), amount, claims: claims.clone(), service: *date };
    let message = ClearBundleRequest {
        parent: name::ACCOUNT.name([client.tenant(), account]),
        bundle: Some((&bundle).into()),
        // Asked again where an answer is lost, the node knows it by this.
        request_id: Uuid::now_v7().to_string(),
    };
    let service = async |request| client.statements().clear_bundle(request).await;
    let cleared = ask(message, service).await.map_err(Failure::refused(key))?;
    let providers = claims.iter().map(|claim| claim.recipient.as_str());
    let parts = providers.zip(&cleared.parts);
    let rows = parts.map(|(provider, part)| vec![provider.to_owned(), show::money(Some(part))]);
    let own = vec![format!("{account} (own part)"), show::money(cleared.own.as_ref())];
    Ok(Sheet::new(&["account", "part"], &["part"]).with(rows.chain([own])))
}

/// A key as commands name it: `NL-LGT/TICKET-1`.
fn parse_key(text: &str) -> Result<CdrKey, String> {
    let key = text.split_once('/').and_then(|(party, id)| {
        let (country, party) = party.split_once('-')?;
        CdrKey::new(Party::new(country, party)?, id)
    });
    key.ok_or_else(|| "write a bundle as NL-LGT/TICKET-1, its id of at most 39 characters".to_owned())
}

fn parse_claim(text: &str) -> Result<Claim, String> {
    let claim = text.rsplit_once('=').and_then(|(recipient, basis)| {
        let basis = parse_basis(basis)?;
        (!recipient.is_empty()).then(|| Claim { recipient: recipient.to_owned(), basis })
    });
    claim.ok_or_else(|| CLAIM.to_owned())
}

fn parse_basis(text: &str) -> Option<ClaimBasis> {
    let (kind, value) = text.split_once(':')?;
    match kind {
        "price" => Price::parse(value).ok().map(ClaimBasis::Price),
        "uses" => {
            let (uses, price) = value.split_once('x')?;
            Some(ClaimBasis::PerUse { uses: uses.parse().ok()?, price: Price::parse(price).ok()? })
        }
        "weight" => value.parse().ok().map(ClaimBasis::Weight),
        _ => None,
    }
}
