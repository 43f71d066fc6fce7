//! What machines do over the API, command by command: `kvarter charging authorize|reserve|commit|release|debit`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use domain::instant::Instant;
use domain::quantity::Unit;
use proto::charging as message;
use proto::charging::asked::Asked as WireAsked;
use proto::charging::payer::Payer as WirePayer;
use proto::charging::used::Used as WireUsed;
use proto::charging::{
    AuthorizeRequest, CommitRequest, DebitRequest, Grant, Payer, ReleaseRequest, ReserveRequest, Taken,
    TokenReference,
};
use proto::google_type::Decimal;
use proto::{convert, name, types};

use super::{held, part};
use crate::cli::client::{Client, ask};
use crate::cli::failure::Failure;
use crate::cli::sheet::Sheet;
use crate::cli::show;

/// Who is charged.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct PayerArguments {
    /// The account that is charged
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The token that is shown, such as rfid:04A2
    #[arg(long, value_name = "TYPE:VALUE", value_parser = parse_token)]
    token: Option<(String, String)>,
}

/// How much, of what.
#[derive(Args, Clone, Debug)]
pub(super) struct Much {
    /// How much, such as 10 or 5.00
    #[arg(allow_negative_numbers = true)]
    number: String,
    /// Of what: kWh, m3, GJ, h or pcs, or a currency such as EUR
    of: String,
}

/// What runs.
#[derive(Args, Clone, Debug)]
pub(super) struct Running {
    /// What is counted, such as energy
    #[arg(long)]
    dimension: Option<String>,
    /// The agreement by which it is charged; it may be left out where there is one only
    #[arg(long)]
    agreement: Option<String>,
    /// The metering point at which it runs, by its 18 digits
    #[arg(long, value_name = "POINT")]
    point: Option<String>,
    /// The member of a group
    #[arg(long)]
    member: Option<String>,
}

/// What amounts of money that were used are about, which a quantity's price says by itself.
#[derive(Args, Clone, Debug)]
pub(super) struct Booked {
    /// Of an amount, which is without tax: the role of the revenue account
    #[arg(long, value_name = "ROLE")]
    revenue_role: Option<String>,
    /// Of an amount: the class of tax; `outside` where none is due
    #[arg(long, value_name = "CLASS")]
    tax_class: Option<String>,
    /// Of an amount: the rate of tax in percent, which is put on top
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    vat: String,
    /// When it was used, which says by what price: now, where it is left out
    #[arg(long, value_name = "TIME", value_parser = show::parse_instant)]
    used_time: Option<Instant>,
}

/// What `kvarter charging authorize` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct Authorize {
    #[command(flatten)]
    much: Much,
    #[command(flatten)]
    payer: PayerArguments,
    #[command(flatten)]
    running: Running,
}

/// What `kvarter charging reserve` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct Reserve {
    #[command(flatten)]
    asked: Authorize,
    /// The id of the reservation
    #[arg(long)]
    id: String,
    /// How long it is held, such as 90s or 60m
    #[arg(long, value_name = "DURATION", value_parser = show::parse_duration, default_value = "60m")]
    ttl: Duration,
}

/// What `kvarter charging commit` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct Commit {
    #[command(flatten)]
    much: Much,
    #[command(flatten)]
    payer: PayerArguments,
    /// The id of the reservation
    #[arg(long)]
    id: String,
    #[command(flatten)]
    booked: Booked,
}

/// What `kvarter charging release` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct Release {
    #[command(flatten)]
    payer: PayerArguments,
    /// The id of the reservation
    #[arg(long)]
    id: String,
}

/// What `kvarter charging debit` is told.
#[derive(Args, Clone, Debug)]
pub(super) struct Debit {
    #[command(flatten)]
    asked: Authorize,
    /// The id of the operation
    #[arg(long)]
    id: String,
    /// How far it goes
    #[arg(long, value_enum, default_value_t)]
    mode: Mode,
    #[command(flatten)]
    booked: Booked,
}

/// How far a debit goes.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Mode {
    /// All of it within funds and credit, or nothing
    #[default]
    Voluntary,
    /// All of it, whatever there is: it was used already
    Forced,
    /// As much as is there, credit not counted
    Balancing,
}

/// How much may run now; nothing is held.
pub(super) async fn authorize(client: &Client, arguments: &Authorize) -> Result<Sheet, Failure> {
    let request = AuthorizeRequest {
        payer: Some(arguments.payer.read(client)),
        member: arguments.running.member.clone(),
        usage: Some(arguments.running.usage()),
        asked: Some(arguments.much.asked()),
    };
    let may = ask(request, async |request| client.charging().authorize(request).await).await;
    Ok(granted(may.map_err(Failure::refused(arguments.payer.what()))?))
}

/// Holds funds.
pub(super) async fn reserve(client: &Client, arguments: &Reserve) -> Result<Sheet, Failure> {
    let asked = &arguments.asked;
    let ttl = prost_types::Duration::try_from(arguments.ttl);
    let request = ReserveRequest {
        payer: Some(asked.payer.read(client)),
        reservation_id: arguments.id.clone(),
        member: asked.running.member.clone(),
        usage: Some(asked.running.usage()),
        asked: Some(asked.much.asked()),
        ttl: Some(ttl.map_err(|error| Failure::Usage(format!("--ttl: {error}")))?),
    };
    let held = ask(request, async |request| client.charging().reserve(request).await).await;
    Ok(granted(held.map_err(Failure::refused(asked.payer.what()))?))
}

/// Books what was used and returns the rest.
pub(super) async fn commit(client: &Client, arguments: &Commit) -> Result<Sheet, Failure> {
    let request = CommitRequest {
        payer: Some(arguments.payer.read(client)),
        reservation_id: arguments.id.clone(),
        used: Some(arguments.booked.used(&arguments.much)?),
        used_time: arguments.booked.used_time.map(convert::timestamp),
    };
    let booked = ask(request, async |request| client.charging().commit(request).await).await;
    Ok(taken(booked.map_err(Failure::refused(arguments.payer.what()))?))
}

/// Returns all that a reservation holds.
pub(super) async fn release(client: &Client, arguments: &Release) -> Result<Sheet, Failure> {
    let payer = Some(arguments.payer.read(client));
    let request = ReleaseRequest { payer, reservation_id: arguments.id.clone() };
    let released = ask(request, async |request| client.charging().release(request).await).await;
    let parts = released.map_err(Failure::refused(arguments.payer.what()))?.parts;
    Ok(Sheet::one(&["returned"], vec![joined(parts)]))
}

/// Takes funds that were not held before.
pub(super) async fn debit(client: &Client, arguments: &Debit) -> Result<Sheet, Failure> {
    let mode = match arguments.mode {
        Mode::Voluntary => message::DebitMode::Voluntary,
        Mode::Forced => message::DebitMode::Forced,
        Mode::Balancing => message::DebitMode::Balancing,
    };
    let Authorize { much, payer, running } = &arguments.asked;
    let request = DebitRequest {
        payer: Some(payer.read(client)),
        operation_id: arguments.id.clone(),
        mode: mode.into(),
        member: running.member.clone(),
        usage: Some(running.usage()),
        used: Some(arguments.booked.used(much)?),
        used_time: arguments.booked.used_time.map(convert::timestamp),
    };
    let debited = ask(request, async |request| client.charging().debit(request).await).await;
    Ok(taken(debited.map_err(Failure::refused(payer.what()))?))
}

impl PayerArguments {
    fn read(&self, client: &Client) -> Payer {
        let account = |account: &String| WirePayer::Account(name::ACCOUNT.name([client.tenant(), account]));
        let token = |(token_type, value): &(String, String)| {
            let (token_type, value) = (token_type.clone(), value.clone());
            WirePayer::Token(TokenReference { parent: client.parent(), token_type, value })
        };
        Payer { payer: self.account.as_ref().map(account).or(self.token.as_ref().map(token)) }
    }

    fn what(&self) -> String {
        let token = self.token.as_ref().map(|(kind, value)| format!("{kind}:{value}"));
        self.account.clone().or(token).unwrap_or_default()
    }
}

impl Much {
    /// A quantity, where it is of a unit; else of a currency.
    fn quantity(&self) -> Option<message::UnitQuantity> {
        let unit = types::Unit::from(Unit::from_symbol(&self.of)?);
        Some(message::UnitQuantity {
            quantity: Some(Decimal { value: self.number.clone() }),
            unit: unit.into(),
        })
    }

    fn asked(&self) -> message::Asked {
        let money =
            || message::ExactMoney { currency_code: self.of.clone(), exact_amount: self.number.clone() };
        let asked = self.quantity().map(WireAsked::Quantity).unwrap_or_else(|| WireAsked::Amount(money()));
        message::Asked { asked: Some(asked) }
    }
}

impl Running {
    fn usage(&self) -> message::Usage {
        message::Usage {
            metering_point_id: self.point.clone().unwrap_or_default(),
            dimension: self.dimension.clone().unwrap_or_default(),
            product_id: String::new(),
            agreement_id: self.agreement.clone().unwrap_or_default(),
        }
    }
}

impl Booked {
    fn used(&self, much: &Much) -> Result<message::Used, Failure> {
        let used = match much.quantity() {
            Some(quantity) => WireUsed::Quantity(quantity),
            None => {
                let parts = vec![self.part(&much.number)?];
                WireUsed::Charged(message::Charged { currency_code: much.of.clone(), parts })
            }
        };
        Ok(message::Used { used: Some(used) })
    }

    /// One part: the amount as its net, with the tax on top.
    fn part(&self, net: &str) -> Result<message::ChargedPart, Failure> {
        let named = |option: &str, value: &Option<String>| {
            let missing = || {
                Failure::Usage(format!("{option} is missing: an amount of money has no price that says it"))
            };
            value.clone().ok_or_else(missing)
        };
        let wrong = |option: &str, text: &str| Failure::Usage(format!("{option}: {text} is no number here"));
        let rate =
            domain::fixed::parse(&self.vat, 2).ok().and_then(|hundredths| u32::try_from(hundredths).ok());
        let rate = rate.and_then(domain::tax::VatRate::new).ok_or_else(|| wrong("--vat", &self.vat))?;
        let amount = convert::parse_amount(net).map_err(|_| wrong("the amount", net))?;
        let tax = rate.on(amount).ok_or_else(|| wrong("the amount", net))?;
        Ok(message::ChargedPart {
            revenue_role: named("--revenue-role", &self.revenue_role)?,
            tax_class: named("--tax-class", &self.tax_class)?,
            vat_basis_points: rate.hundredths_of_percent(),
            exact_net: net.to_owned(),
            exact_tax: convert::amount_text(tax),
        })
    }
}

fn parse_token(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':').filter(|(kind, value)| !kind.is_empty() && !value.is_empty());
    let parts = parts.map(|(kind, value)| (kind.to_owned(), value.to_owned()));
    parts.ok_or_else(|| "write a token as TYPE:VALUE, such as rfid:04A2".to_owned())
}

fn granted(grant: Grant) -> Sheet {
    let much = match grant.granted.and_then(|granted| granted.asked) {
        Some(WireAsked::Quantity(quantity)) => {
            let unit = Unit::try_from(quantity.unit()).map(Unit::symbol).unwrap_or_default();
            format!("{} {unit}", quantity.quantity.unwrap_or_default().value)
        }
        Some(WireAsked::Amount(money)) => part(&money.exact_amount, money.currency_code, String::new()),
        None => String::new(),
    };
    let account = grant.account.rsplit('/').next().unwrap_or_default().to_owned();
    let row = vec![
        account,
        much,
        joined(grant.parts),
        show::time(grant.expire_time.as_ref()),
        short(grant.shortage.as_ref()),
    ];
    Sheet::one(&["account", "granted", "from", "until", "less_for"], row)
}

fn taken(taken: Taken) -> Sheet {
    let late = if taken.late { "yes" } else { "no" };
    let short = short(taken.shortage.as_ref());
    let row = vec![joined(taken.parts), taken.exact_beyond_hold, late.to_owned(), short];
    Sheet::one(&["taken", "beyond_hold", "late", "less_for"], row)
}

fn joined(parts: Vec<message::FundsPart>) -> String {
    parts.into_iter().map(held).collect::<Vec<_>>().join(" + ")
}

/// Why it is less than was wanted.
fn short(shortage: Option<&message::Shortage>) -> String {
    match shortage.and_then(|shortage| shortage.shortage.as_ref()) {
        Some(message::shortage::Shortage::Funds(())) => "funds".to_owned(),
        Some(message::shortage::Shortage::Limit(key)) => {
            let window = show::word(key.window().as_str_name(), "SPENDING_WINDOW_").to_lowercase();
            format!("spending limit ({window})")
        }
        None => String::new(),
    }
}
