//! By which contracts accounts pay for charging sessions: `kvarter charging-contract import|list|end|card|sessions`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::day::Day;
use proto::name;
use proto::roaming::charging_contract::{Covers, Late};
use proto::roaming::sold_session::Settled;
use proto::roaming::{
    Card, ChargingContract, EndChargingContractRequest, ListChargingContractsRequest,
    ListSoldSessionsRequest, SessionSettlement, SetCardRequest, SetChargingContractRequest, SoldSession,
};

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use super::subject::Subject;
use crate::import::ChargingContractFile;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// What contracts and cards are in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("card.cost_centre", "--cost-centre"),
        ("card.home_account_id", "--home-account"),
        ("card.value", ""),
        ("card.token_type", "the token's type"),
        ("charging_contract", ""),
        ("end_day", "--end"),
    ],
    list: "kvarter charging-contract list --account ACCOUNT",
    advice: &[],
};

/// What `kvarter charging-contract` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A charging contract says by which price sheet an account pays for charging sessions, by which tokens, and \
                  how: docs/reference/charging-contracts.md.",
    after_help = "Examples:\n  kvarter charging-contract import contracts.json --account fleet --tenant example\n  kvarter \
                  charging-contract card rfid 04A22B3C --cost-centre Sales --account fleet --tenant example\n  kvarter \
                  charging-contract sessions --account fleet --tenant example\n\nExit codes: 0 done; 1 the node refused; 2 \
                  the command or the file is wrong."
)]
pub struct ChargingContractArguments {
    #[command(subcommand)]
    step: Step,
    /// The account
    #[arg(long, global = true, value_name = "ACCOUNT", default_value = "")]
    account: String,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Set every contract and card of a JSON file; the same file again has no second effect
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// The contracts of the account
    List,
    /// The cards of the account for which something is agreed
    Cards,
    /// End a contract
    End {
        /// The contract
        contract: String,
        /// The first day on which no session may start under it any more
        #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
        end: Day,
    },
    /// Set what is agreed for a card; with nothing, it is forgotten
    Card {
        /// The type of the token: rfid, contract_id, or one of your own
        token_type: String,
        /// Its value, in any spelling
        value: String,
        /// The cost centre that its sessions stand under
        #[arg(long, default_value = "")]
        cost_centre: String,
        /// The account that is owed for energy from the connection at home
        #[arg(long, default_value = "")]
        home_account: String,
    },
    /// The sessions that were sold to the account
    Sessions,
}

/// Does one step and prints what the account says.
pub(super) async fn run(arguments: &ChargingContractArguments) -> Result<(), Failure> {
    if arguments.account.is_empty() {
        return Err(Failure::Usage("--account says whose contracts they are".to_owned()));
    }
    let file = match &arguments.step {
        Step::Import { file } => Some(read(file)?),
        _ => None,
    };
    let client = arguments.asking.client().await?;
    let account = name::ACCOUNT.name([client.tenant(), &arguments.account]);
    let sheet = match &arguments.step {
        Step::Import { .. } => import(&client, &account, file.unwrap_or_default()).await?,
        Step::List => contracts(list(&client, &account).await?.0),
        Step::Cards => cards(list(&client, &account).await?.1),
        Step::End { contract, end } => {
            let message = EndChargingContractRequest {
                account,
                charging_contract_id: contract.clone(),
                end_day: Some(end.into()),
            };
            let service = async |request| client.charging_contracts().end_charging_contract(request).await;
            contracts([ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, contract))?])
        }
        Step::Card { token_type, value, cost_centre, home_account } => {
            let card = Card {
                token_type: token_type.clone(),
                value: value.clone(),
                cost_centre: cost_centre.clone(),
                home_account_id: home_account.clone(),
            };
            cards([set_card(&client, &account, card).await?])
        }
        Step::Sessions => sessions(sold(&client, account).await?),
    };
    sheet.print(arguments.asking.output)
}

fn read(file: &PathBuf) -> Result<ChargingContractFile, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::file(file))?;
    let wrong = |error| Failure::Usage(format!("{}: {error}", file.display()));
    ChargingContractFile::read(&text).map_err(wrong)
}

async fn import(client: &Client, account: &str, file: ChargingContractFile) -> Result<Sheet, Failure> {
    let mut set = Vec::new();
    for contract in &file.contracts {
        let message = SetChargingContractRequest {
            account: account.to_owned(),
            charging_contract: Some(contract.into()),
        };
        let service = async |request| client.charging_contracts().set_charging_contract(request).await;
        set.push(ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, &contract.id))?);
    }
    for card in &file.cards {
        set_card(client, account, card.into()).await?;
    }
    Ok(contracts(set))
}

async fn set_card(client: &Client, account: &str, card: Card) -> Result<Card, Failure> {
    let what = format!("{} {}", card.token_type, card.value);
    let message = SetCardRequest { account: account.to_owned(), card: Some(card) };
    let set = ask(message, async |request| client.charging_contracts().set_card(request).await).await;
    set.map_err(Failure::refused_as(&SUBJECT, what))
}

async fn list(client: &Client, account: &str) -> Result<(Vec<ChargingContract>, Vec<Card>), Failure> {
    let message = ListChargingContractsRequest { account: account.to_owned() };
    let service = async |request| client.charging_contracts().list_charging_contracts(request).await;
    let listed = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, "charging contracts"))?;
    Ok((listed.charging_contracts, listed.cards))
}

async fn sold(client: &Client, parent: String) -> Result<Vec<SoldSession>, Failure> {
    every_page(async |page_token| {
        let message = ListSoldSessionsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let service = async |request| client.charging_contracts().list_sold_sessions(request).await;
        let page = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, "sessions"))?;
        Ok((page.sold_sessions, page.next_page_token))
    })
    .await
}

fn contracts(contracts: impl IntoIterator<Item = ChargingContract>) -> Sheet {
    let rows = contracts.into_iter().map(|contract| {
        let covers = match &contract.covers {
            Some(Covers::ListedTokens(listed)) => format!("{} tokens", listed.tokens.len()),
            Some(Covers::Party(party)) => format!("{}*{}", party.country_code, party.party_id),
            Some(Covers::HeldTokens(())) | None => "held tokens".to_owned(),
        };
        let settles = match contract.settlement() {
            SessionSettlement::FromFunds => "funds",
            SessionSettlement::ByInvoice | SessionSettlement::Unspecified => "invoice",
        };
        let late = match contract.late {
            None => "next invoice".to_owned(),
            Some(Late::LateOnSeparateInvoice(())) => "separate invoice".to_owned(),
            Some(Late::LateRefusedAfterDays(days)) => format!("refused after {days} days"),
        };
        let span = contract.span.unwrap_or_default();
        vec![
            contract.charging_contract_id,
            contract.display_name,
            show::day(span.first_day.as_ref()),
            show::day(span.end_day.as_ref()),
            contract.price_sheet_id,
            covers,
            settles.to_owned(),
            late,
        ]
    });
    let columns = &["contract", "name", "from", "end", "price_sheet", "covers", "settles", "late"];
    Sheet::new(columns, &[]).with(rows)
}

fn cards(cards: impl IntoIterator<Item = Card>) -> Sheet {
    let rows = cards
        .into_iter()
        .map(|card| vec![card.token_type, card.value, card.cost_centre, card.home_account_id]);
    Sheet::new(&["token_type", "value", "cost_centre", "home_account"], &[]).with(rows)
}

fn sessions(sessions: Vec<SoldSession>) -> Sheet {
    let rows = sessions.into_iter().map(|sold| {
        let cdr = sold.cdr.unwrap_or_default();
        let settled = match &sold.settled {
            Some(Settled::OnInvoice(())) => "invoice",
            Some(Settled::OnSeparateInvoice(())) => "separate invoice",
            Some(Settled::ReservationId(_)) => "reservation",
            Some(Settled::OperationId(_)) => "funds",
            None => "",
        };
        let state = if sold.reversed.is_some() { "taken back" } else { "sold" };
        vec![
            format!("{}-{}/{}", cdr.country_code, cdr.party_id, cdr.cdr_id),
            show::time(sold.start_time.as_ref()),
            format!("{} {}", sold.token_type, sold.token_value),
            sold.evse_id,
            sold.charging_contract_id,
            sold.cost_centre,
            sold.energy_kwh.map(|energy| energy.value).unwrap_or_default(),
            show::money(sold.net.as_ref()),
            settled.to_owned(),
            state.to_owned(),
        ]
    });
    let columns =
        &["record", "start", "token", "evse", "contract", "cost_centre", "kwh", "net", "settled", "state"];
    Sheet::new(columns, &["kwh", "net"]).with(rows)
}
