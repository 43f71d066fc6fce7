//! Disputes about what partners state: `kvarter dispute list|get|accept|insist|settle|export`.

mod export;
mod stated;

use clap::{Args, Subcommand};
use domain::cdr::Party;
use domain::money::{Currency, Money};
use domain::verification::{Decision, Dispute};
use proto::name;
use proto::roaming::{Cdr, DecideDisputeRequest, DisputeDecision, GetCdrRequest, ListCdrsRequest};

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use super::subject::Subject;
use crate::ocpi::reconciliation::{reason_word, state_word};

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// What disputes are in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("decision.amount", "--amount"),
        ("decision.note", "--note"),
        ("parent", "--party"),
        ("name", ""),
    ],
    list: "kvarter dispute list --party PARTY",
    advice: &[("CDR_NOT_DISPUTED", "disputes are listed by `kvarter dispute list --party PARTY`")],
};
/// What a list shows.
const COLUMNS: &[&str] = &[
    "record",
    "state",
    "stated",
    "priced",
    "stands",
    "reasons",
    "stated_with_tax",
    "priced_with_tax",
    "opened",
    "decided",
];
/// Of these the numbers.
const NUMBERS: &[&str] = &["stated", "priced", "stands", "stated_with_tax", "priced_with_tax"];

/// What `kvarter dispute` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A partner's record is disputed where the price that it states lies further from ours than agreed with its party. \
                  What counts by the agreement is booked meanwhile; what a decision changes is booked on top. A record is \
                  named by its party and id, as NL-TNM/CDR-1; see docs/reference/reconciliation.md.",
    after_help = "Examples:\n  kvarter dispute list --tenant example\n  kvarter dispute settle NL-TNM/CDR-1 --amount 4.50 --note \
                  \"half of the step\" --tenant example\n  kvarter dispute export --party NL-TNM --issuer NL-OWN --invoice \
                  L-S-tnm-00001 --id R-1 --tenant example\n  kvarter dispute export --party NL-TNM --issuer NL-TNM --invoice \
                  F-17 --id R-17 --from 2024-10-01 --to 2024-10-31 --issued 2024-11-03T09:00:00Z --tenant example\n\nExit codes: 0 done; 1 the node \
                  refused; 2 the command is wrong."
)]
pub struct DisputeArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// List those that are open, or all of a party
    List {
        /// All of this party, as NL-TNM
        #[arg(long)]
        party: Option<String>,
    },
    /// Show one
    Get(Named),
    /// Let the partner's price stand
    Accept {
        #[command(flatten)]
        named: Named,
        /// Why
        #[arg(long, default_value_t)]
        note: String,
    },
    /// Let ours stand; the partner may still be met
    Insist {
        #[command(flatten)]
        named: Named,
        /// Why
        #[arg(long, default_value_t)]
        note: String,
    },
    /// Let an amount stand that both agreed on
    Settle {
        #[command(flatten)]
        named: Named,
        /// The amount without tax, in the currency of the record
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// Why
        #[arg(long, default_value_t)]
        note: String,
    },
    /// Write what an invoice or statement of a party's sessions is for, as OCPI has it
    Export(export::ExportArguments),
}

#[derive(Args, Clone, Debug)]
struct Named {
    /// The record, as NL-TNM/CDR-1
    cdr: String,
}

/// Does one step.
pub(super) async fn run(arguments: &DisputeArguments) -> Result<(), Failure> {
    if let Step::Export(arguments) = &arguments.step {
        arguments.check()?;
    }
    let client = arguments.asking.client().await?;
    let output = arguments.asking.output;
    match &arguments.step {
        Step::List { party } => list(&client, party.as_deref()).await?.print(output),
        Step::Get(named) => sheet([named.read(&client).await?]).print(output),
        Step::Accept { named, note } => {
            decide(&client, named, Decision::AcceptTheirs, note).await?.print(output)
        }
        Step::Insist { named, note } => {
            decide(&client, named, Decision::InsistOnOurs, note).await?.print(output)
        }
        Step::Settle { named, amount, note } => {
            let currency = dispute(&named.read(&client).await?).map(|dispute| dispute.price.currency());
            let amount = money(amount, currency.unwrap_or(Currency::Eur))?;
            decide(&client, named, Decision::SettleAt(amount), note).await?.print(output)
        }
        Step::Export(arguments) => export::run(&client, arguments).await,
    }
}

async fn decide(client: &Client, named: &Named, decision: Decision, note: &str) -> Result<Sheet, Failure> {
    let decision = Some(DisputeDecision::wanted(decision, note));
    let message = DecideDisputeRequest { name: named.name(client)?, decision };
    let decided = ask(message, async |request| client.cdrs().decide_dispute(request).await).await;
    Ok(sheet([decided.map_err(Failure::refused_as(&SUBJECT, &named.cdr))?]))
}

async fn list(client: &Client, wanted: Option<&str>) -> Result<Sheet, Failure> {
    let party = wanted.map(|text| party("--party", text).map(|_| text)).transpose()?;
    let parent = party.map_or_else(|| client.parent(), |party| name::PARTY.name([client.tenant(), party]));
    let cdrs = records(client, &parent).await?;
    let is_wanted = |cdr: &Cdr| {
        let found = dispute(cdr);
        found.is_some_and(|dispute| party.is_some() || dispute.state.is_open())
    };
    let nothing = if party.is_some() { "no dispute" } else { "no dispute is open" };
    Ok(sheet(cdrs.into_iter().filter(is_wanted)).or_else_say(nothing))
}

/// Every record of a party, or of a tenant every one that waits for a person.
async fn records(client: &Client, parent: &str) -> Result<Vec<Cdr>, Failure> {
    every_page(async |page_token| {
        let (parent, states) = (parent.to_owned(), Vec::new());
        let message = ListCdrsRequest { parent, states, page_size: PAGE, page_token };
        let page = ask(message, async |request| client.cdrs().list_cdrs(request).await).await;
        let page = page.map_err(Failure::refused_as(&SUBJECT, "records"))?;
        Ok((page.cdrs, page.next_page_token))
    })
    .await
}

fn sheet(cdrs: impl IntoIterator<Item = Cdr>) -> Sheet {
    Sheet::new(COLUMNS, NUMBERS).with(cdrs.into_iter().map(|cdr| row(&cdr)))
}

fn row(cdr: &Cdr) -> Vec<String> {
    let found = dispute(cdr);
    let of = |tell: fn(&Dispute) -> String| found.as_ref().map(tell).unwrap_or_default();
    let price = |money: Option<Money>| money.map(text).unwrap_or_default();
    vec![
        record_name(cdr),
        of(|dispute| state_word(dispute.state).to_owned()),
        price(found.as_ref().and_then(|dispute| dispute.theirs)),
        price(found.as_ref().and_then(|dispute| dispute.ours)),
        of(|dispute| text(dispute.price)),
        of(|dispute| dispute.reasons.iter().map(reason_word).collect::<Vec<_>>().join(" ")),
        price(found.as_ref().and_then(|dispute| dispute.with_tax.theirs)),
        price(found.as_ref().and_then(|dispute| dispute.with_tax.ours)),
        of(|dispute| dispute.opened.to_string()),
        of(|dispute| {
            let last = dispute.decisions.last();
            last.map(|last| format!("{} {} {}", last.by, last.at, last.note)).unwrap_or_default()
        }),
    ]
}

/// The dispute about a record.
fn dispute(cdr: &Cdr) -> Option<Dispute> {
    Dispute::try_from(cdr.dispute.clone()?).ok()
}

/// The record as commands name it: `NL-TNM/CDR-1`.
fn record_name(cdr: &Cdr) -> String {
    name::CDR.parse(&cdr.name).map(|[_, party, id]| format!("{party}/{id}")).unwrap_or_default()
}

fn text(money: Money) -> String {
    show::money(Some(&(&money).into()))
}

fn money(text: &str, currency: Currency) -> Result<Money, Failure> {
    let money = Money::parse(text, currency);
    money.map_err(|error| Failure::Usage(format!("--amount: {text} {error}")))
}

/// A party as an option says it.
fn party(option: &str, text: &str) -> Result<Party, Failure> {
    let party = text.split_once('-').and_then(|(country, id)| Party::new(country, id));
    party.ok_or_else(|| Failure::Usage(format!("{option}: {text} is no party such as NL-TNM")))
}

impl Named {
    fn name(&self, client: &Client) -> Result<String, Failure> {
        let split = self.cdr.split_once('/').filter(|(_, id)| !id.is_empty());
        let split = split.filter(|(text, _)| party("", text).is_ok());
        let usage = || Failure::Usage(format!("{}: write a record as NL-TNM/CDR-1", self.cdr));
        let (party, id) = split.ok_or_else(usage)?;
        Ok(name::CDR.name([client.tenant(), party, id]))
    }

    async fn read(&self, client: &Client) -> Result<Cdr, Failure> {
        let message = GetCdrRequest { name: self.name(client)? };
        let found = ask(message, async |request| client.cdrs().get_cdr(request).await).await;
        found.map_err(Failure::refused_as(&SUBJECT, &self.cdr))
    }
}
