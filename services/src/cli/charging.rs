//! Money in real time by hand: `kvarter charging agree|top-up|balance|reservations|statement|suspense`, and what machines do
//! over the API, command by command.

mod phases;

use clap::{Args, Subcommand};
use domain::day::Day;
use proto::account::posting_source::Source;
use proto::account::{ListPostingsRequest, PostingSet};
use proto::charging::{Agreement, Funds, FundsPart, GetBalanceRequest, SetAgreementRequest, TopUpRequest};
use proto::name;
use proto::types::DaySpan;

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use super::suspense::{self, SuspenseStep};

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// What the roles of an account's balances begin with.
const FUNDS: &str = "funds:";

/// What `kvarter charging` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "What an account has to spend, what is held of it, and what became of it. What machines do over the API, to \
                  reserve and to commit, is here command by command.",
    after_help = "Examples:\n  kvarter charging top-up K-1 25.00 EUR --id bank-2026-0417 --tenant example\n  kvarter charging \
                  reserve 10 kWh --account K-1 --dimension energy --id s-17 --tenant example\n  kvarter charging commit 8.5 \
                  kWh --account K-1 --id s-17 --tenant example\n\nExit codes: 0 done; 1 the node refused; 2 the command is wrong."
)]
pub struct ChargingArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Let an account be charged by a product
    Agree {
        /// The account
        account: String,
        /// The id of the agreement
        agreement: String,
        /// The product
        product: String,
        /// The first day on which it may be charged by it
        #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
        from: Day,
    },
    /// Pay into the main balance; the same id again has no second effect
    TopUp {
        /// The account
        account: String,
        /// How much, such as 25.00
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// The currency, such as EUR
        currency: String,
        /// The id of the payment, such as the bank's
        #[arg(long)]
        id: String,
    },
    /// How much may run now; nothing is held
    Authorize(Box<phases::Authorize>),
    /// Hold funds for what begins to run; the same id again has no second effect
    Reserve(Box<phases::Reserve>),
    /// Book what was used and return the rest
    Commit(Box<phases::Commit>),
    /// Return all that a reservation holds
    Release(Box<phases::Release>),
    /// Take funds that were not held before; the same id again has no second effect
    Debit(Box<phases::Debit>),
    /// The balances of an account
    Balance {
        /// The account
        account: String,
    },
    /// The open reservations of an account
    Reservations {
        /// The account
        account: String,
    },
    /// What was booked on the balances of an account
    Statement {
        /// The account
        account: String,
    },
    /// What could not be booked on an account and waits for a person
    Suspense {
        #[command(subcommand)]
        step: SuspenseStep,
    },
}

/// Does one step and prints what the account says.
pub(super) async fn run(arguments: &ChargingArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let name = |account: &str| name::ACCOUNT.name([client.tenant(), account]);
    let sheet = match &arguments.step {
        Step::Agree { account, agreement, product, from } => {
            agree(&client, name(account), (agreement, product, *from)).await?
        }
        Step::TopUp { account, amount, currency, id } => {
            let paid = TopUpRequest {
                account: name(account),
                operation_id: id.clone(),
                currency_code: currency.clone(),
                exact_amount: amount.clone(),
                ..TopUpRequest::default()
            };
            let paid = ask(paid, async |request| client.charging().top_up(request).await).await;
            paid.map_err(Failure::refused(account.clone()))?;
            balances(funds(&client, name(account)).await?)
        }
        Step::Authorize(step) => phases::authorize(&client, step).await?,
        Step::Reserve(step) => phases::reserve(&client, step).await?,
        Step::Commit(step) => phases::commit(&client, step).await?,
        Step::Release(step) => phases::release(&client, step).await?,
        Step::Debit(step) => phases::debit(&client, step).await?,
        Step::Balance { account } => balances(funds(&client, name(account)).await?),
        Step::Reservations { account } => reservations(funds(&client, name(account)).await?),
        Step::Statement { account } => statement(&client, name(account)).await?,
        Step::Suspense { step } => suspense::run(&client, step).await?,
    };
    sheet.print(arguments.asking.output)
}

async fn agree(
    client: &Client,
    account: String,
    (agreement, product, from): (&str, &str, Day),
) -> Result<Sheet, Failure> {
    let agreement = Agreement {
        agreement_id: agreement.to_owned(),
        product_id: product.to_owned(),
        span: Some(DaySpan { first_day: Some((&from).into()), end_day: None }),
        ..Agreement::default()
    };
    let what = account.clone();
    let set = SetAgreementRequest { account, agreement: Some(agreement) };
    let set = ask(set, async |request| client.charging().set_agreement(request).await).await;
    let agreement = set.map_err(Failure::refused(what))?;
    let from = show::day(agreement.span.and_then(|span| span.first_day).as_ref());
    let row = vec![agreement.agreement_id, agreement.product_id, from];
    Ok(Sheet::one(&["agreement", "product", "from"], row))
}

async fn funds(client: &Client, account: String) -> Result<Funds, Failure> {
    let what = account.clone();
    let get = GetBalanceRequest { account };
    let funds = ask(get, async |request| client.charging().get_balance(request).await).await;
    funds.map_err(Failure::refused(what))
}

fn balances(funds: Funds) -> Sheet {
    let rows = funds.balances.into_iter().map(|balance| {
        let (priority, until) = match balance.terms {
            None => ("last".to_owned(), String::new()),
            Some(terms) => {
                let until = terms.validity.and_then(|validity| validity.end_time);
                (terms.priority.to_string(), show::time(until.as_ref()))
            }
        };
        let asset = asset(balance.currency_code, balance.unit);
        let (number, reserved) = (balance.number.to_string(), balance.exact_reserved);
        vec![number, balance.exact_amount, reserved, asset, priority, until]
    });
    let columns = &["balance", "amount", "reserved", "asset", "priority", "until"];
    Sheet::new(columns, &["balance", "amount", "reserved"]).with(rows).or_else_say("nothing to spend")
}

fn reservations(funds: Funds) -> Sheet {
    let rows = funds.reservations.into_iter().map(|reservation| {
        let holds = reservation.holds.into_iter().map(held).collect::<Vec<_>>().join(" + ");
        let expires = show::time(reservation.expire_time.as_ref());
        let usage = reservation.usage.unwrap_or_default();
        let member = reservation.member.unwrap_or_default();
        vec![reservation.reservation_id, usage.dimension, usage.product_id, member, holds, expires]
    });
    let columns = &["reservation", "dimension", "product", "member", "holds", "expires"];
    Sheet::new(columns, &[]).with(rows).or_else_say("nothing is reserved")
}

/// What was booked on balances: positive where the account has more than before.
async fn statement(client: &Client, account: String) -> Result<Sheet, Failure> {
    let sets: Vec<PostingSet> = every_page(async |page_token| {
        let message = ListPostingsRequest { parent: account.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.accounts().list_postings(request).await).await;
        let page = page.map_err(Failure::refused(account.clone()))?;
        Ok((page.posting_sets, page.next_page_token))
    })
    .await?;
    let rows = sets.iter().flat_map(|set| {
        let moved =
            set.postings.iter().filter_map(|posting| Some((posting.role.strip_prefix(FUNDS)?, posting)));
        moved.map(|(balance, posting)| {
            let reason = show::word(set.reason().as_str_name(), "POSTING_REASON_").to_lowercase();
            let amount = match posting.exact_amount.strip_prefix('-') {
                Some(more) => more.to_owned(),
                None => format!("-{}", posting.exact_amount),
            };
            let asset = asset(set.currency_code.clone(), set.unit.clone());
            vec![show::time(set.booked_time.as_ref()), reason, source(set), balance.to_owned(), amount, asset]
        })
    });
    let columns = &["booked", "reason", "source", "balance", "amount", "asset"];
    Ok(Sheet::new(columns, &["balance", "amount"]).with(rows).or_else_say("nothing was booked"))
}

/// The id of the operation, reservation or invoice that a set books.
pub(super) fn source(set: &PostingSet) -> String {
    match set.source.as_ref().and_then(|source| source.source.as_ref()) {
        Some(Source::Operation(id) | Source::Reservation(id) | Source::Invoice(id)) => id.clone(),
        _ => String::new(),
    }
}

fn held(held: FundsPart) -> String {
    part(&held.exact_amount, held.currency_code, held.unit)
}

fn part(exact_amount: &str, currency_code: String, unit: String) -> String {
    format!("{exact_amount} {}", asset(currency_code, unit))
}

/// What is counted: a currency or a unit.
fn asset(currency_code: String, unit: String) -> String {
    if currency_code.is_empty() { unit } else { currency_code }
}
