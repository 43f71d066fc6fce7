//! Partners in roaming: `kvarter partner own|create|update|get|list|rotate-token|suspend|resume|delete|connect|pull|publish`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::entity::partners::PartyRole;
use proto::name;
use proto::roaming::{
    ConnectPartnerRequest, CreatePartnerRequest, DeletePartnerRequest, GetPartnerRequest, IssuedToken,
    ListPartnersRequest, OwnProfile, Partner, PublishObjectRequest, PullPartnerRequest, RequestLimit,
    ResumePartnerRequest, RoamingModule, RotatePartnerTokenRequest, SetOwnProfileRequest,
    SuspendPartnerRequest, UpdatePartnerRequest,
};
use serde_json::value::RawValue;

use super::asking::Asking;
use super::client::{Client, ask};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use super::subject::Subject;

/// What partners are in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("own.url", "--url"),
        ("own.parties", "--role"),
        ("own.business_name", "--name"),
        ("versions_url", "--url"),
        ("parties", "--role"),
        ("account", "--account"),
        ("limit", "--per-second, --at-once"),
        ("token", "--token-file"),
        ("name", ""),
        ("json", ""),
    ],
    list: "kvarter partner list",
    advice: &[
        (
            "PARTNER_EXISTS",
            "rotate its token with `kvarter partner rotate-token`, change it with `kvarter partner update`",
        ),
        (
            "PARTNER_NOT_REACHED",
            "where it answers 401 or 405, have it make another token, with `kvarter partner rotate-token` if it is one, and connect with that",
        ),
        (
            "PARTY_NOT_AGREED",
            "agree on it with `kvarter partner update --role`, and connect with another token of the partner's",
        ),
        ("PARTNER_SUSPENDED", "let it in again with `kvarter partner resume`"),
        ("NO_PARTNER_TOKEN", "give it a token with `kvarter partner rotate-token`"),
    ],
};

/// What `kvarter partner` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A partner is an operator of charging points, a mobility provider or a hub with which a tenant exchanges \
                  documents over OCPI 2.2.1, and records over OICP 2.3. The node listens for partners where it is told \
                  --ocpi-listen. A token is printed once, when it is made.",
    after_help = "Examples:\n  kvarter partner own --name 'Example Charging' --role CPO:SE*EXA --role EMSP:SE*EXA --url \
                  http://ocpi.example:7430 --tenant example\n  kvarter partner create tnm --role CPO:NL*TNM --account tnm \
                  --tenant example\n  kvarter partner pull tnm --module cdrs --tenant example\n\nExit codes: 0 done; 1 the \
                  node refused; 2 the command is wrong."
)]
pub struct PartnerArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Say who the tenant is to its partners, in place of what was said before
    Own(OwnArguments),
    /// Make one, and print the token by which it introduces itself
    Create(TermsArguments),
    /// Change for whom it speaks, by which account it is settled, how much it may ask for
    Update(TermsArguments),
    /// Show one
    Get(Named),
    /// Show all
    List,
    /// Give it another token, and print it; the present one is worth nothing any more, and it has to register anew
    RotateToken(Named),
    /// Let it in nowhere until it is resumed
    Suspend(Named),
    /// Let it in again
    Resume(Named),
    /// Forget it; what it has told stays
    Delete(Named),
    /// Exchange credentials with it: with the token that it gave, at its address of versions
    Connect {
        #[command(flatten)]
        named: Named,
        /// Its address of versions, http://HOST[:PORT][/PATH]
        #[arg(long)]
        url: String,
        /// The file of the token that it gave
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
    },
    /// Fetch from it what has changed since it was fetched last
    Pull {
        #[command(flatten)]
        named: Named,
        /// What: locations, tariffs, sessions, cdrs or tokens
        #[arg(long, value_parser = parse_module)]
        module: RoamingModule,
        /// From this time of change on, such as 2026-11-01T00:00:00Z; from where it was fetched last, if not said
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        from: Option<domain::instant::Instant>,
    },
    /// Show objects of the tenant's own to partners
    Publish {
        /// What: locations, tariffs, sessions or tokens
        #[arg(value_parser = parse_module)]
        module: RoamingModule,
        /// A JSON file of OCPI 2.2.1: one object, or an array of them
        file: PathBuf,
    },
}

#[derive(Args, Clone, Debug)]
struct Named {
    /// The id of the partner
    partner: String,
}

#[derive(Args, Clone, Debug)]
struct OwnArguments {
    /// What it is called
    #[arg(long)]
    name: String,
    /// One of its parties with its role, such as CPO:SE*EXA or EMSP:SE*EXA; may be given several times
    #[arg(long = "role", value_name = "ROLE", value_parser = parse_role)]
    roles: Vec<PartyRole>,
    /// Where partners reach it: the beginning of every address that it tells; the one by which it is called, if not said
    #[arg(long, default_value = "")]
    url: String,
}

#[derive(Args, Clone, Debug)]
struct TermsArguments {
    #[command(flatten)]
    named: Named,
    /// One of the parties for which it speaks, such as CPO:NL*TNM; may be given several times
    #[arg(long = "role", value_name = "ROLE", value_parser = parse_role)]
    roles: Vec<PartyRole>,
    /// The account with which it is settled
    #[arg(long)]
    account: Option<String>,
    /// How many requests a second it may make in the long run
    #[arg(long, value_name = "COUNT", requires = "at_once")]
    per_second: Option<u32>,
    /// How many it may make at once, after a while without any
    #[arg(long, value_name = "COUNT", requires = "per_second")]
    at_once: Option<u32>,
}

/// Does one step and prints what it says.
pub(super) async fn run(arguments: &PartnerArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let name = |named: &Named| name::PARTNER.name([client.tenant(), &named.partner]);
    let partners = || client.partners();
    let (named, answer) = match &arguments.step {
        Step::Own(own) => return set_own(&client, own).await?.print(arguments.asking.output),
        Step::List => return list(&client).await?.print(arguments.asking.output),
        Step::Create(terms) => return issued(create(&client, terms).await?).print(arguments.asking.output),
        Step::RotateToken(named) => {
            let message = RotatePartnerTokenRequest { name: name(named) };
            let rotated = ask(message, async |request| partners().rotate_partner_token(request).await).await;
            return issued(rotated.map_err(Failure::refused_as(&SUBJECT, &named.partner))?)
                .print(arguments.asking.output);
        }
        Step::Delete(named) => {
            let message = DeletePartnerRequest { name: name(named) };
            let deleted = ask(message, async |request| partners().delete_partner(request).await).await;
            return deleted.map_err(Failure::refused_as(&SUBJECT, &named.partner));
        }
        Step::Pull { named, module, from } => {
            return pull(&client, named, (*module, *from)).await?.print(arguments.asking.output);
        }
        Step::Publish { module, file } => {
            return publish(&client, *module, file).await?.print(arguments.asking.output);
        }
        Step::Update(terms) => {
            let message = UpdatePartnerRequest {
                name: name(&terms.named),
                parties: terms.roles.iter().map(Into::into).collect(),
                account: terms.account.as_ref().map(|account| account_name(&client, account)),
                limit: terms.limit(),
            };
            (&terms.named, ask(message, async |request| partners().update_partner(request).await).await)
        }
        Step::Get(named) => {
            let message = GetPartnerRequest { name: name(named) };
            (named, ask(message, async |request| partners().get_partner(request).await).await)
        }
        Step::Suspend(named) => {
            let message = SuspendPartnerRequest { name: name(named) };
            (named, ask(message, async |request| partners().suspend_partner(request).await).await)
        }
        Step::Resume(named) => {
            let message = ResumePartnerRequest { name: name(named) };
            (named, ask(message, async |request| partners().resume_partner(request).await).await)
        }
        Step::Connect { named, url, token_file } => {
            let token = fs::read_to_string(token_file).map_err(Failure::file(token_file))?;
            let (name, token) = (name(named), token.trim().to_owned());
            let message = ConnectPartnerRequest { name, versions_url: url.clone(), token };
            (named, ask(message, async |request| partners().connect_partner(request).await).await)
        }
    };
    let partner = answer.map_err(Failure::refused_as(&SUBJECT, &named.partner))?;
    Sheet::one(COLUMNS, row(&partner)).print(arguments.asking.output)
}

async fn set_own(client: &Client, own: &OwnArguments) -> Result<Sheet, Failure> {
    let own = OwnProfile {
        business_name: own.name.clone(),
        parties: own.roles.iter().map(Into::into).collect(),
        url: own.url.clone(),
    };
    let message = SetOwnProfileRequest { parent: client.parent(), own: Some(own) };
    let set = ask(message, async |request| client.partners().set_own_profile(request).await).await;
    let own = set.map_err(Failure::refused_as(&SUBJECT, "the tenant itself"))?;
    let parties = roles(&own.parties);
    Ok(Sheet::one(&["name", "roles", "url"], vec![own.business_name, parties, own.url]))
}

async fn create(client: &Client, terms: &TermsArguments) -> Result<IssuedToken, Failure> {
    let message = CreatePartnerRequest {
        name: name::PARTNER.name([client.tenant(), &terms.named.partner]),
        parties: terms.roles.iter().map(Into::into).collect(),
        account: terms.account.as_ref().map(|id| account_name(client, id)).unwrap_or_default(),
        limit: terms.limit(),
    };
    let created = ask(message, async |request| client.partners().create_partner(request).await).await;
    created.map_err(Failure::refused_as(&SUBJECT, &terms.named.partner))
}

async fn list(client: &Client) -> Result<Sheet, Failure> {
    let message = ListPartnersRequest { parent: client.parent() };
    let listed = ask(message, async |request| client.partners().list_partners(request).await).await;
    let listed = listed.map_err(Failure::refused_as(&SUBJECT, "partners"))?;
    Ok(Sheet::new(COLUMNS, &[]).with(listed.partners.iter().map(row)).or_else_say("no partner"))
}

async fn pull(
    client: &Client,
    named: &Named,
    (module, from): (RoamingModule, Option<domain::instant::Instant>),
) -> Result<Sheet, Failure> {
    let message = PullPartnerRequest {
        name: name::PARTNER.name([client.tenant(), &named.partner]),
        module: module.into(),
        from_time: from.map(proto::convert::timestamp),
    };
    let pulled = ask(message, async |request| client.partners().pull_partner(request).await).await;
    let pulled = pulled.map_err(Failure::refused_as(&SUBJECT, &named.partner))?;
    let counts =
        [pulled.pages, pulled.taken, pulled.unchanged, pulled.refused].map(|count| count.to_string());
    let until = pulled.until_time.as_ref().map(|time| show::time(Some(time))).unwrap_or_default();
    let row = counts.into_iter().chain([pulled.has_more.to_string(), until]).collect();
    Ok(Sheet::one(&["pages", "taken", "unchanged", "refused", "has_more", "until"], row))
}

async fn publish(client: &Client, module: RoamingModule, file: &Path) -> Result<Sheet, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::file(file))?;
    let wrong = |error: serde_json::Error| Failure::Usage(format!("{}: {error}", file.display()));
    let objects: Vec<Box<RawValue>> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(&text).map_err(wrong)?,
        false => vec![serde_json::from_str(&text).map_err(wrong)?],
    };
    let (mut held, mut older) = (0_usize, 0_usize);
    for object in &objects {
        let message = PublishObjectRequest {
            parent: client.parent(),
            module: module.into(),
            json: object.get().to_owned(),
        };
        let published = ask(message, async |request| client.partners().publish_object(request).await).await;
        match published.map_err(Failure::refused_as(&SUBJECT, &file.display().to_string()))?.held {
            true => held = held.saturating_add(1),
            false => older = older.saturating_add(1),
        }
    }
    Ok(Sheet::one(&["published", "older"], vec![held.to_string(), older.to_string()]))
}

const COLUMNS: &[&str] =
    &["partner", "roles", "account", "state", "token", "versions_url", "per_second", "fetched"];

fn row(partner: &Partner) -> Vec<String> {
    let id = name::PARTNER.parse(&partner.name).map(|[_, id]| id).unwrap_or_default();
    let account = name::ACCOUNT.parse(&partner.account).map(|[_, id]| id).unwrap_or_default();
    let state = show::word(partner.state().as_str_name(), "PARTNER_STATE_").to_lowercase();
    let limit = partner.limit.as_ref().map(|limit| limit.per_second.to_string()).unwrap_or_default();
    let cursors = partner.cursors.iter().map(|cursor| {
        let module = show::word(cursor.module().as_str_name(), "ROAMING_MODULE_").to_lowercase();
        format!("{module} {}", show::time(cursor.until_time.as_ref()))
    });
    let fetched = cursors.collect::<Vec<_>>().join(", ");
    let token = partner.token_fingerprint.clone();
    vec![id, roles(&partner.parties), account, state, token, partner.versions_url.clone(), limit, fetched]
}

/// The partner with its token, which is not shown again.
fn issued(issued: IssuedToken) -> Sheet {
    let partner = issued.partner.unwrap_or_default();
    let id = name::PARTNER.parse(&partner.name).map(|[_, id]| id).unwrap_or_default();
    Sheet::one(&["partner", "token"], vec![id, issued.token])
}

fn roles(parties: &[proto::roaming::PartyRole]) -> String {
    let named = parties.iter().filter_map(|one| PartyRole::try_from(one.clone()).ok());
    named.map(|one| one.to_string()).collect::<Vec<_>>().join(" ")
}

fn account_name(client: &Client, id: &str) -> String {
    match id {
        "" => String::new(),
        id => name::ACCOUNT.name([client.tenant(), id]),
    }
}

impl TermsArguments {
    fn limit(&self) -> Option<RequestLimit> {
        let (per_second, at_once) = self.per_second.zip(self.at_once)?;
        Some(RequestLimit { per_second, at_once })
    }
}

fn parse_role(text: &str) -> Result<PartyRole, String> {
    PartyRole::parse(text)
        .ok_or_else(|| "is no role with a party, such as CPO:NL*TNM; there is CPO, EMSP, HUB".to_owned())
}

fn parse_module(text: &str) -> Result<RoamingModule, String> {
    let module = RoamingModule::from_str_name(&format!("ROAMING_MODULE_{}", text.to_uppercase()));
    module
        .filter(|module| *module != RoamingModule::Unspecified)
        .ok_or_else(|| "is no module; there is locations, tariffs, sessions, cdrs, tokens".to_owned())
}

fn parse_time(text: &str) -> Result<domain::instant::Instant, String> {
    domain::instant::Instant::parse(text).ok_or_else(|| "is no time such as 2026-11-01T00:00:00Z".to_owned())
}
