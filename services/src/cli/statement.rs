//! Statements of partners: `kvarter statement preview|issue|get|list|legs|pay|clear`.

mod clear;

use clap::{Args, Subcommand};
use domain::day::{Day, Month};
use domain::statement::{BookedLeg, PartnerStatement, StatementLine};
use proto::name;
use proto::roaming::{
    self, GetStatementRequest, IssueStatementRequest, ListLegsRequest, ListStatementsRequest, PartnerPayment,
    PreviewStatementRequest, PreviewStatementResponse, RecordPaymentRequest,
};

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::{Sheet, remark, say};
use super::show;
use super::subject::Subject;
use crate::render;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// What statements are in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("payment.payment_id", "--id"),
        ("payment.amount", "--amount"),
        ("payment.paid_on", "--date"),
        ("issue_date", "--date"),
        ("bundle.amount", "--amount"),
        ("bundle.claims", "--claim"),
        ("bundle", "--bundle"),
    ],
    list: "kvarter statement list ACCOUNT",
    advice: &[
        (
            "PREVIEW_CHANGED",
            "look at it again with `kvarter statement preview`, then issue it by the hash that is shown now",
        ),
        ("NOTHING_TO_STATE", "what was booked is listed by `kvarter statement legs ACCOUNT --month MONTH`"),
        ("BUNDLE_CLEARED", "what it was divided into is listed by `kvarter statement legs`"),
    ],
};

/// What `kvarter statement` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "What an account is owed for the sessions of others is stated once a month on its behalf (self-billed): \
                  docs/reference/shares-and-statements.md.",
    after_help = "Examples:\n  kvarter statement preview owner --month 2026-11 --date 2026-12-02 --tenant example\n  kvarter \
                  statement pay owner --id P-1 --amount 72.60 --currency EUR --date 2026-12-16 --tenant example\n  kvarter statement clear \
                  seller --bundle NL-LGT/T-1 --amount 49.00 --currency EUR --date 2026-11-05 --claim bus=price:12.50 --claim \
                  train=weight:1 --tenant example\n\nExit codes: 0 \
                  done; 1 the node refused; 2 the command is wrong."
)]
pub struct StatementArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Show what would be stated, with the hash by which it is issued
    Preview(Of),
    /// Issue the statement of a month as it was previewed
    Issue {
        #[command(flatten)]
        of: Of,
        /// The hash that the preview shows
        #[arg(long)]
        hash: String,
    },
    /// Show an issued statement
    Get {
        /// The account
        account: String,
        /// Its number
        number: String,
        /// Print it as JSON (docs/reference/partner-statement.schema.json)
        #[arg(long)]
        json: bool,
    },
    /// The issued statements of an account
    List {
        /// The account
        account: String,
    },
    /// What an account booked in a month, session by session
    Legs {
        /// The account
        account: String,
        /// The booking month
        #[arg(long, value_parser = show::parse_month)]
        month: Month,
    },
    /// Record that the account was paid; the same id again has no second effect
    Pay {
        /// The account
        account: String,
        /// The id of the payment
        #[arg(long)]
        id: String,
        /// How much; negative where the account paid back
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// The currency
        #[arg(long, value_parser = show::parse_currency)]
        currency: domain::money::Currency,
        /// When
        #[arg(long, value_parser = show::parse_day)]
        date: Day,
    },
    /// Divide the price of a bundle that the account sold among its providers; a bundle is cleared once
    Clear(clear::ClearArguments),
}

/// Which statement.
#[derive(Args, Clone, Debug)]
struct Of {
    /// The account
    account: String,
    /// The booking month
    #[arg(long, value_parser = show::parse_month)]
    month: Month,
    /// The date of issue
    #[arg(long, value_parser = show::parse_day)]
    date: Day,
}

/// Does one step and prints what there is then.
pub(super) async fn run(arguments: &StatementArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let parent = |account: &str| name::ACCOUNT.name([client.tenant(), account]);
    let sheet = match &arguments.step {
        Step::Preview(of) => {
            let PreviewStatementResponse { statement, hash } =
                preview(&client, of, parent(&of.account)).await?;
            remark(&format!("hash {}", show::hex(&hash)));
            lines(&statement.unwrap_or_default().try_into()?)
        }
        Step::Issue { of, hash } => {
            let wrong = "--hash is not 64 hexadecimal digits as `kvarter statement preview` prints them";
            let hash = show::unhex(hash).filter(|hash| hash.len() == 32);
            let hash = hash.ok_or_else(|| Failure::Usage(wrong.to_owned()))?;
            let message = IssueStatementRequest {
                parent: parent(&of.account),
                month: Some((&of.month).into()),
                issue_date: Some((&of.date).into()),
                hash,
                request_id: String::new(),
            };
            let service = async |request| client.statements().issue_statement(request).await;
            lines(
                &ask(message, service)
                    .await
                    .map_err(Failure::refused_as(&SUBJECT, of.account.clone()))?
                    .try_into()?,
            )
        }
        Step::Get { account, number, json } => {
            let statement = issued(&client, account, number).await?;
            if *json {
                return say(render::statement_json(&statement));
            }
            lines(&statement)
        }
        Step::List { account } => list(&client, parent(account)).await?,
        Step::Legs { account, month } => legs(&client, parent(account), *month).await?,
        Step::Pay { account, id, amount, currency, date } => {
            let amount = domain::money::Money::parse(amount, *currency);
            let amount = amount.map_err(|error| Failure::Usage(format!("--amount: {error}")))?;
            let payment = PartnerPayment {
                payment_id: id.clone(),
                paid_on: Some(date.into()),
                amount: Some((&amount).into()),
                statement_number: String::new(),
            };
            let message = RecordPaymentRequest { parent: parent(account), payment: Some(payment) };
            let service = async |request| client.statements().record_payment(request).await;
            let paid = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, account.clone()))?;
            Sheet::one(&["account", "owed now"], vec![account.clone(), show::money(paid.balance.as_ref())])
        }
        Step::Clear(arguments) => clear::run(&client, arguments).await?,
    };
    sheet.print(arguments.asking.output)
}

async fn preview(client: &Client, of: &Of, parent: String) -> Result<PreviewStatementResponse, Failure> {
    let (month, issue_date) = (Some((&of.month).into()), Some((&of.date).into()));
    let message = PreviewStatementRequest { parent, month, issue_date };
    let service = async |request| client.statements().preview_statement(request).await;
    ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, of.account.clone()))
}

/// The lines of a statement, with its sums behind them.
fn lines(statement: &PartnerStatement) -> Sheet {
    let row = |line: &StatementLine| {
        let what = line.component.map_or("sessions", domain::share::MonthComponent::word);
        vec![
            line.section.word().to_owned(),
            line.month.to_string(),
            line.agreement.clone(),
            line.kind.to_string(),
            what.to_owned(),
            line.sessions.to_string(),
            line.energy_kwh.to_text(0),
            line.net.to_text(),
        ]
    };
    let sum = |what: &str, amount: domain::money::Money| {
        let mut row = vec![String::new(); 7];
        if let Some(first) = row.first_mut() {
            what.clone_into(first);
        }
        row.push(amount.to_text());
        row
    };
    let paid = statement.payments.iter().map(|payment| sum("paid", payment.amount));
    let sums = [sum("net", statement.net), sum("VAT", statement.vat_total), sum("total", statement.total)];
    let rows = [sum("opening balance", statement.opening_balance)].into_iter().chain(paid);
    let rows = rows.chain(statement.lines.iter().map(row)).chain(sums);
    let rows = rows.chain([sum("closing balance", statement.closing_balance)]);
    let columns = &["section", "month", "agreement", "for", "what", "sessions", "kWh", "amount"];
    Sheet::new(columns, &["sessions", "kWh", "amount"]).with(rows)
}

async fn list(client: &Client, parent: String) -> Result<Sheet, Failure> {
    let statements: Vec<roaming::IssuedStatement> = every_page(async |page_token| {
        let message = ListStatementsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let service = async |request| client.statements().list_statements(request).await;
        let page = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, "statements"))?;
        Ok((page.statements, page.next_page_token))
    })
    .await?;
    let rows = statements.into_iter().map(|issued| {
        let month = show::month(issued.booking_month.as_ref());
        let (total, closing) =
            (show::money(issued.total.as_ref()), show::money(issued.closing_balance.as_ref()));
        vec![issued.number, month, total, closing]
    });
    let columns = &["statement", "month", "total", "closing balance"];
    Ok(Sheet::new(columns, &["total", "closing balance"]).with(rows).or_else_say("no statement was issued"))
}

async fn legs(client: &Client, parent: String, month: Month) -> Result<Sheet, Failure> {
    let row = |leg: BookedLeg| {
        let BookedLeg { sequence, leg, .. } = leg;
        vec![
            sequence.to_string(),
            leg.cdr.to_string(),
            leg.service.to_string(),
            leg.agreement,
            leg.kind.to_string(),
            leg.energy_kwh.to_text(0),
            leg.amount.to_text(),
        ]
    };
    let rows = booked(client, &parent, month).await?.into_iter().map(row);
    let columns = &["leg", "record", "service", "agreement", "for", "kWh", "amount"];
    Ok(Sheet::new(columns, &["leg", "kWh", "amount"]).with(rows).or_else_say("nothing was booked"))
}

/// What the account of this name booked in a month.
pub(super) async fn booked(client: &Client, parent: &str, month: Month) -> Result<Vec<BookedLeg>, Failure> {
    let legs: Vec<roaming::BookedLeg> = every_page(async |page_token| {
        let month = Some((&month).into());
        let message = ListLegsRequest { parent: parent.to_owned(), month, page_size: PAGE, page_token };
        let service = async |request| client.statements().list_legs(request).await;
        let page = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, "legs"))?;
        Ok((page.legs, page.next_page_token))
    })
    .await?;
    legs.into_iter().map(|leg| Ok(leg.try_into()?)).collect()
}

/// An issued statement.
pub(super) async fn issued(
    client: &Client,
    account: &str,
    number: &str,
) -> Result<PartnerStatement, Failure> {
    let message = GetStatementRequest { name: name::STATEMENT.name([client.tenant(), account, number]) };
    let service = async |request| client.statements().get_statement(request).await;
    let statement = ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, number))?;
    Ok(statement.try_into()?)
}
