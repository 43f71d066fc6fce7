//! The commands of `kvarter`, one file each. All of them reach data through the generated client alone.

mod admin;
mod asking;
mod at_once;
mod cdr;
mod charging;
mod charging_contract;
mod client;
mod cluster;
mod demo;
mod dispute;
mod events;
mod evse;
mod failure;
mod get;
mod import;
mod invoice;
mod list;
mod node;
mod partner;
mod party;
mod price_sheet;
mod progress;
mod rate;
mod run;
mod share_agreement;
mod sheet;
mod show;
mod statement;
mod store;
mod subject;
mod supply;
mod suspense;
mod token;
mod webhook;

use clap::Subcommand;
use tokio::task::LocalSet;

use self::cluster::run as run_cluster;

pub use self::cluster::ClusterArguments;
pub use admin::UnparkArguments;
pub use cdr::CdrArguments;
pub use charging::ChargingArguments;
pub use charging_contract::ChargingContractArguments;
pub use client::Connection;
pub use demo::DemoArguments;
pub use dispute::DisputeArguments;
pub use evse::EvseArguments;
pub use failure::{EXPELLED, Failure, REFUSED, WRONG_INPUT};
pub use get::GetArguments;
pub use import::ImportArguments;
pub use invoice::InvoiceArguments;
pub use list::ListArguments;
pub use node::NodeArguments;
pub use partner::PartnerArguments;
pub use party::PartyArguments;
pub use price_sheet::PriceSheetArguments;
pub use rate::RateArguments;
pub use run::RunArguments;
pub use share_agreement::ShareAgreementArguments;
pub use sheet::Output;
pub use statement::StatementArguments;
pub use store::StoreArguments;
pub use supply::SupplyArguments;
pub use token::TokenArguments;
pub use webhook::WebhookArguments;

/// A command that starts a node or speaks with one.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Bill an invented month from documents to invoices, on a node of its own
    Demo(DemoArguments),
    /// Run a node
    Node(NodeArguments),
    /// Serve a store to several nodes of one host or a lab (never for production), copy one, say that one was restored
    Store(StoreArguments),
    /// Look at the nodes and their shards, drain a node, move a shard
    Cluster(ClusterArguments),
    /// Import market documents and master data
    Import(ImportArguments),
    /// Price usage from files, without a node
    Rate(RateArguments),
    /// Close a month, look at what would be issued, approve it
    Run(RunArguments),
    /// Read one thing
    Get(GetArguments),
    /// List things
    List(ListArguments),
    /// Ask for a card, a serial number or an id by which somebody is recognised, or give it back
    Token(TokenArguments),
    /// Pay into an account, see what it has to spend, what is held of it, what was booked
    Charging(ChargingArguments),
    /// Say by which contracts an account pays for charging sessions, see which were sold to it
    ChargingContract(ChargingContractArguments),
    /// Supply an account in advance, see how long its credit lasts
    Supply(SupplyArguments),
    /// Take charge detail records, look at those that wait for a person
    Cdr(CdrArguments),
    /// Decide what of partners' prices is not agreed, export what an invoice is for
    Dispute(DisputeArguments),
    /// Say what a charging point is
    Evse(EvseArguments),
    /// Say what was agreed with a party that sends charge detail records
    Party(PartyArguments),
    /// Send what accounts tell to an address, see how far that has got
    Webhook(WebhookArguments),
    /// Exchange documents of roaming with operators, mobility providers and hubs
    Partner(PartnerArguments),
    /// Take in OCPI tariffs by which sessions are sold or bought
    PriceSheet(PriceSheetArguments),
    /// Agree who gets what of charging sessions
    ShareAgreement(ShareAgreementArguments),
    /// State what partners are owed, and that they were paid
    Statement(StatementArguments),
    /// Show or render an issued invoice
    Invoice(InvoiceArguments),
    /// Take an entity into service again that was parked
    Unpark(UnparkArguments),
}

/// Does what a command says.
///
/// # Errors
/// [`Failure`], with the words for standard error and the exit code.
pub fn execute(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Node(arguments) => return node::run(arguments),
        Command::Store(arguments) => return store::run(arguments),
        Command::Rate(arguments) => return rate::run(arguments),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Node(format!("no threads to run on: {error}")))?;
    // What a command asks waits for the network alone: one thread is enough for all of it.
    runtime.block_on(LocalSet::new().run_until(async {
        match command {
            Command::Demo(arguments) => Box::pin(demo::run(arguments)).await,
            Command::Node(_) | Command::Store(_) | Command::Rate(_) => Ok(()),
            Command::Cluster(arguments) => Box::pin(run_cluster(arguments)).await,
            Command::Import(arguments) => Box::pin(import::run(arguments)).await,
            Command::Run(arguments) => Box::pin(run::run(arguments)).await,
            Command::Get(arguments) => Box::pin(get::run(arguments)).await,
            Command::List(arguments) => Box::pin(list::run(arguments)).await,
            Command::Token(arguments) => Box::pin(token::run(arguments)).await,
            Command::Charging(arguments) => Box::pin(charging::run(arguments)).await,
            Command::ChargingContract(arguments) => Box::pin(charging_contract::run(arguments)).await,
            Command::Supply(arguments) => Box::pin(supply::run(arguments)).await,
            Command::Cdr(arguments) => Box::pin(cdr::run(arguments)).await,
            Command::Dispute(arguments) => Box::pin(dispute::run(arguments)).await,
            Command::Evse(arguments) => Box::pin(evse::run(arguments)).await,
            Command::Party(arguments) => Box::pin(party::run(arguments)).await,
            Command::Webhook(arguments) => Box::pin(webhook::run(arguments)).await,
            Command::Partner(arguments) => Box::pin(partner::run(arguments)).await,
            Command::PriceSheet(arguments) => Box::pin(price_sheet::run(arguments)).await,
            Command::ShareAgreement(arguments) => Box::pin(share_agreement::run(arguments)).await,
            Command::Statement(arguments) => Box::pin(statement::run(arguments)).await,
            Command::Invoice(arguments) => Box::pin(invoice::run(arguments)).await,
            Command::Unpark(arguments) => Box::pin(admin::unpark(arguments)).await,
        }
    }))
}
