//! What stands on suspense: `kvarter charging suspense list|place`.

use clap::{Args, Subcommand};
use proto::account::{ListSuspenseRequest, SuspenseEntry};
use proto::charging::PlaceSuspenseRequest;
use proto::charging::place_suspense_request::To;
use proto::name;

use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::{charging, show};

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// The role of what stands there.
const SUSPENSE: &str = "suspense";

/// What is done with what stands on suspense.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum SuspenseStep {
    /// Everything that waits for a person, in order of accounts: positive what is due, negative what came
    List,
    /// Place it; the same id again has no second effect
    Place(PlaceArguments),
}

#[derive(Args, Clone, Debug)]
pub(super) struct PlaceArguments {
    /// The account at which it stands
    account: String,
    /// The number of its set
    sequence: u64,
    /// The id of the operation
    #[arg(long)]
    id: String,
    #[command(flatten)]
    to: Destination,
}

/// Where it goes.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct Destination {
    /// Onto the main balance of the account
    #[arg(long)]
    main: bool,
    /// To another account
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<String>,
    /// Back: what came to whoever gave it; what was due is given up
    #[arg(long)]
    back: bool,
}

/// Does one step, and shows what stands there then.
pub(super) async fn run(client: &Client, step: &SuspenseStep) -> Result<Sheet, Failure> {
    if let SuspenseStep::Place(arguments) = step {
        let place = PlaceSuspenseRequest {
            account: name::ACCOUNT.name([client.tenant(), &arguments.account]),
            operation_id: arguments.id.clone(),
            sequence: arguments.sequence,
            to: Some(arguments.to.read(client)),
        };
        let placed = ask(place, async |request| client.charging().place_suspense(request).await).await;
        placed.map_err(Failure::refused(arguments.account.clone()))?;
    }
    list(client).await
}

impl Destination {
    fn read(&self, client: &Client) -> To {
        match &self.to {
            Some(account) => To::ToAccount(name::ACCOUNT.name([client.tenant(), account])),
            None if self.main => To::MainBalance(()),
            None => To::Back(()),
        }
    }
}

async fn list(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let entries: Vec<SuspenseEntry> = every_page(async |page_token| {
        let message = ListSuspenseRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.accounts().list_suspense(request).await).await;
        let page = page.map_err(Failure::refused("suspense"))?;
        Ok((page.entries, page.next_page_token))
    })
    .await?;
    let rows = entries.into_iter().filter_map(|entry| {
        let set = entry.posting_set?;
        let account = entry.account.rsplit('/').next().unwrap_or_default().to_owned();
        let stands = set.postings.iter().find(|posting| posting.role == SUSPENSE)?.exact_amount.clone();
        let from = set.postings.iter().find(|posting| posting.role != SUSPENSE)?.role.clone();
        let (booked, number) = (show::time(set.booked_time.as_ref()), set.sequence.to_string());
        let asset = [set.currency_code.as_str(), set.unit.as_str()].concat();
        Some(vec![account, number, booked, charging::source(&set), stands, asset, from])
    });
    let columns = &["account", "set", "booked", "source", "amount", "asset", "against"];
    Ok(Sheet::new(columns, &["set", "amount"]).with(rows).or_else_say("nothing is on suspense"))
}
