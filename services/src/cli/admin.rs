//! What needs a person, and whether the books balance: `kvarter list parked`, `kvarter unpark`, `kvarter get balance`.

use clap::Args;
use proto::admin::{
    GetTrialBalanceRequest, ListParkedEntitiesRequest, ParkedEntity, TrialBalance, UnparkEntityRequest,
};
use proto::name;

use super::client::{Client, Connection, ask, every_page};
use super::failure::Failure;
use super::sheet::{Sheet, remark};
use super::show;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;

/// What `kvarter unpark` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Takes an entity into service again that was parked because it broke. What waited for it is delivered. Do it \
                  once the cause is gone: if it breaks again, it is parked again.",
    after_help = "Examples:\n  kvarter list parked --tenant example\n  kvarter unpark account.412d30303035 --tenant example\n\n\
                  Exit codes: 0 done; 1 it is not parked; 2 the command is wrong."
)]
pub struct UnparkArguments {
    /// Its name, as `kvarter list parked` shows it
    name: String,
    #[command(flatten)]
    connection: Connection,
}

/// Takes an entity into service again.
pub(super) async fn unpark(arguments: &UnparkArguments) -> Result<(), Failure> {
    let client = Client::connect(&arguments.connection).await?;
    let name = name::PARKED_ENTITY.name([client.tenant(), &arguments.name]);
    let message = UnparkEntityRequest { name, ..UnparkEntityRequest::default() };
    let done = ask(message, async |request| client.admin().unpark_entity(request).await).await;
    done.map_err(Failure::refused(&arguments.name))?;
    remark(&format!("{} is in service again", arguments.name));
    Ok(())
}

/// The entities that were set aside.
pub(super) async fn parked(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let parked: Vec<ParkedEntity> = every_page(async |page_token| {
        let message = ListParkedEntitiesRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.admin().list_parked_entities(request).await).await;
        let page = page.map_err(Failure::refused("parked entities"))?;
        Ok((page.parked_entities, page.next_page_token))
    })
    .await?;
    let row = |entity: ParkedEntity| {
        let name = name::PARKED_ENTITY.parse(&entity.name).map(|[_, name]| name).unwrap_or(entity.name);
        let parked = show::time(entity.parked_time.as_ref());
        vec![name, entity.kind, entity.key, entity.shard.to_string(), parked, entity.reason]
    };
    let columns = &["name", "kind", "key", "shard", "parked", "reason"];
    Ok(Sheet::new(columns, &["shard"]).with(parked.into_iter().map(row)))
}

/// The sums of all postings, by currency and role, and their total, which is 0.
pub(super) async fn balance(client: &Client) -> Result<Sheet, Failure> {
    let message = GetTrialBalanceRequest { parent: client.parent() };
    let balance = ask(message, async |request| client.admin().get_trial_balance(request).await).await;
    let TrialBalance { rows, totals } = balance.map_err(Failure::refused("the trial balance"))?;
    let rows = rows.into_iter().map(|row| vec![row.currency_code, row.role, row.exact_amount]);
    let totals =
        totals.into_iter().map(|total| vec![total.currency_code, "total".to_owned(), total.exact_amount]);
    Ok(Sheet::new(&["currency", "role", "sum"], &["sum"]).with(rows.chain(totals)))
}
