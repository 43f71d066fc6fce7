//! What was agreed with parties: `kvarter party set|get`.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use domain::cdr::Party;
use proto::name;
use proto::roaming::{
    GetPartyTermsRequest, PartyTerms, PriceBasis, QuarantineAction, QuarantineRule, SetPartyTermsRequest,
};

use super::client::{Client, Connection, ask};
use super::failure::Failure;
use super::sheet::{Output, Sheet};
use super::show;
use super::subject::Subject;

/// What the terms of a party are in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("terms.account_id", "--account"),
        ("terms.currency_code", "--currency"),
        ("terms.zone", "--zone"),
        ("terms.price_sheet_id", "--price-sheet"),
        ("terms.tolerance_minor", "--tolerance"),
        ("terms.max_days_late", "--most-days-late"),
        ("terms.agreement_id", "--agreement"),
        ("terms.rules", "--rule"),
        ("terms.name", ""),
        ("name", ""),
    ],
    list: "kvarter cdr list",
    advice: &[
        ("UNKNOWN_AGREEMENT", "look for what there is with `kvarter share-agreement list`"),
        ("NO_PARTY_TERMS", "say what was agreed with `kvarter party set`"),
        ("NO_SETTLEMENT", "say one of --account, --own and --settled-elsewhere"),
        ("RULE_CANNOT_RELEASE", "a rule may reject it: --rule REASON=reject"),
        ("UNKNOWN_QUARANTINE_REASON", "reasons are listed in docs/reference/charge-detail-records.md"),
    ],
};

/// What `kvarter party` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A party is who sends charge detail records: a charge point operator, as NL-TNM. Its terms say what it is owed \
                  for a session and what rules do with records that are suspect. Nothing is billed of a party without terms.",
    after_help = "Examples:\n  kvarter party set NL-OWN --own --currency EUR --tenant example\n  kvarter party set NL-TNM \
                  --currency EUR --account tnm --rule TOO_LATE=reject --tenant example\n\nExit codes: 0 done; 1 the node \
                  refused; 2 the command is wrong."
)]
pub struct PartyArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    connection: Connection,
    /// How to print the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t, global = true)]
    output: Output,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Say what was agreed with a party, in place of what was before
    Set(Box<SetArguments>),
    /// Show what was agreed
    Get {
        /// The party, as NL-TNM
        #[arg(value_parser = parse_party)]
        party: Party,
    },
}

#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("settlement").required(true).args(["own", "account", "settled_elsewhere"]))]
struct SetArguments {
    /// The party, as NL-TNM
    #[arg(value_parser = parse_party)]
    party: Party,
    /// It is one's own: nothing is bought from it
    #[arg(long)]
    own: bool,
    /// The account of the partner, which is owed what sessions are bought for
    #[arg(long)]
    account: Option<String>,
    /// The partner is paid outside of the accounts here: what sessions are bought for counts against the margin alone
    #[arg(long)]
    settled_elsewhere: bool,
    /// The currency of its records
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// The zone of its locations, where a charging point does not say its own
    #[arg(long)]
    zone: Option<String>,
    /// Whose price counts
    #[arg(long, value_enum, default_value_t)]
    price: Price,
    /// The price sheet of the catalogue by which its records are priced, where theirs name none
    #[arg(long, value_name = "ID")]
    price_sheet: Option<String>,
    /// By how many cents, or other minor units, both prices may differ without a dispute
    #[arg(long, value_name = "COUNT", default_value_t)]
    tolerance: u32,
    /// Hold back what comes later than so many days after the session
    #[arg(long, value_name = "DAYS")]
    most_days_late: Option<u32>,
    /// The agreement by which its sessions are shared, where a charging point has none of its own
    #[arg(long, value_name = "ID")]
    agreement: Option<String>,
    /// What is done for a reason instead of waiting for a person, as TOO_LATE=reject
    #[arg(long, value_name = "REASON=release|reject", value_parser = parse_rule)]
    rule: Vec<QuarantineRule>,
}

/// Whose price counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Price {
    /// What the partner states
    #[default]
    Stated,
    /// What the partner's price sheet gives
    PriceSheet,
}

/// Sets or shows the terms of a party.
pub(super) async fn run(arguments: &PartyArguments) -> Result<(), Failure> {
    let client = Client::connect(&arguments.connection).await?;
    let (party, terms) = match &arguments.step {
        Step::Set(wanted) => {
            let message = SetPartyTermsRequest { terms: Some(terms(&client, wanted)), validate_only: false };
            let set = ask(message, async |request| client.cdrs().set_party_terms(request).await).await;
            (wanted.party, set)
        }
        Step::Get { party } => {
            let message = GetPartyTermsRequest { name: name::PARTY.name([client.tenant(), &party.named()]) };
            let found = ask(message, async |request| client.cdrs().get_party_terms(request).await).await;
            (*party, found)
        }
    };
    let terms = terms.map_err(Failure::refused_as(&SUBJECT, party.named()))?;
    Sheet::one(COLUMNS, row(&terms)).print(arguments.output)
}

fn terms(client: &Client, wanted: &SetArguments) -> PartyTerms {
    let basis = match wanted.price {
        Price::Stated => PriceBasis::Stated,
        Price::PriceSheet => PriceBasis::PriceSheet,
    };
    PartyTerms {
        name: name::PARTY.name([client.tenant(), &wanted.party.named()]),
        is_own: wanted.own,
        is_settled_elsewhere: wanted.settled_elsewhere,
        account_id: wanted.account.clone().unwrap_or_default(),
        currency_code: wanted.currency.clone(),
        zone: wanted.zone.clone().unwrap_or_default(),
        price_basis: basis.into(),
        price_sheet_id: wanted.price_sheet.clone().unwrap_or_default(),
        tolerance_minor: wanted.tolerance.into(),
        max_days_late: wanted.most_days_late,
        agreement_id: wanted.agreement.clone().unwrap_or_default(),
        rules: wanted.rule.clone(),
    }
}

const COLUMNS: &[&str] = &[
    "party",
    "own",
    "account",
    "settled_elsewhere",
    "currency",
    "zone",
    "price",
    "price_sheet",
    "tolerance",
    "most_days_late",
    "agreement",
    "rules",
];

fn row(terms: &PartyTerms) -> Vec<String> {
    let party = name::PARTY.parse(&terms.name).map(|[_, party]| party).unwrap_or_default();
    let rules = terms.rules.iter().map(|rule| {
        let action = show::word(rule.action().as_str_name(), "QUARANTINE_ACTION_").to_lowercase();
        format!("{}={action}", rule.reason)
    });
    vec![
        party,
        if terms.is_own { "yes" } else { "no" }.to_owned(),
        terms.account_id.clone(),
        if terms.is_settled_elsewhere { "yes" } else { "no" }.to_owned(),
        terms.currency_code.clone(),
        terms.zone.clone(),
        show::word(terms.price_basis().as_str_name(), "PRICE_BASIS_").to_lowercase(),
        terms.price_sheet_id.clone(),
        terms.tolerance_minor.to_string(),
        terms.max_days_late.map(|days| days.to_string()).unwrap_or_default(),
        terms.agreement_id.clone(),
        rules.collect::<Vec<_>>().join(" "),
    ]
}

/// A party as a person writes it, with either separator.
pub(super) fn parse_party(text: &str) -> Result<Party, String> {
    Party::parse(text)
        .ok_or_else(|| "write a party as NL-TNM: two letters, three letters or digits".to_owned())
}

fn parse_rule(text: &str) -> Result<QuarantineRule, String> {
    let usage = || "write a rule as REASON=release or REASON=reject".to_owned();
    let (reason, action) = text.split_once('=').ok_or_else(usage)?;
    let action = match action {
        "release" => QuarantineAction::Release,
        "reject" => QuarantineAction::Reject,
        _ => return Err(usage()),
    };
    Ok(QuarantineRule { reason: reason.to_owned(), action: action.into() })
}
