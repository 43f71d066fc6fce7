//! Agreements on shares: `kvarter share-agreement import|get|list`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::leg::LegKind;
use domain::price::Price;
use domain::share::{SessionTerms, ShareAgreement, ShareBase, ShareRule};
use proto::name;
use proto::roaming::{
    self, CreateShareAgreementRequest, GetShareAgreementRequest, ListShareAgreementsRequest,
};

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;
use super::subject::Subject;
use crate::import;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;
/// What agreements are in the words of this command.
const SUBJECT: Subject =
    Subject { options: &[("share_agreement", "")], list: "kvarter share-agreement list", advice: &[] };

/// What `kvarter share-agreement` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "An agreement says who gets what of charging sessions: docs/reference/shares-and-statements.md.",
    after_help = "Examples:\n  kvarter share-agreement import agreement.json --tenant example\n  kvarter share-agreement get \
                  car-park --tenant example\n\nExit codes: 0 done; 1 the node refused; 2 the command or the file is wrong."
)]
pub struct ShareAgreementArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Add a version, as JSON; the same again has no effect
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show the rules of the latest version
    Get {
        /// The agreement
        id: String,
    },
    /// Every version of every agreement
    List,
}

/// Does one step and prints what there is then.
pub(super) async fn run(arguments: &ShareAgreementArguments) -> Result<(), Failure> {
    let read = match &arguments.step {
        Step::Import { file } => {
            let text = fs::read_to_string(file).map_err(Failure::file(file))?;
            let wrong = |error| Failure::Usage(format!("{}: {error}; nothing was sent", file.display()));
            Some(import::read_share_agreement(&text).map_err(wrong)?)
        }
        _ => None,
    };
    let client = arguments.asking.client().await?;
    let sheet = match (&arguments.step, read) {
        (Step::Import { .. }, agreement) => {
            let parent = client.parent();
            let share_agreement = agreement.as_ref().map(Into::into);
            let message = CreateShareAgreementRequest { parent, share_agreement, ..Default::default() };
            let service = async |request| client.share_agreements().create_share_agreement(request).await;
            let what = agreement.map(|agreement| agreement.id).unwrap_or_default();
            rules(&ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, what))?.try_into()?)
        }
        (Step::Get { id }, _) => {
            let name = name::SHARE_AGREEMENT.name([client.tenant(), id]);
            let message = GetShareAgreementRequest { name, day: None };
            let service = async |request| client.share_agreements().get_share_agreement(request).await;
            rules(
                &ask(message, service)
                    .await
                    .map_err(Failure::refused_as(&SUBJECT, id.clone()))?
                    .try_into()?,
            )
        }
        (Step::List, _) => agreements(list(&client).await?)?,
    };
    sheet.print(arguments.asking.output)
}

async fn list(client: &Client) -> Result<Vec<roaming::ShareAgreement>, Failure> {
    let parent = client.parent();
    every_page(async |page_token| {
        let message = ListShareAgreementsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let service = async |request| client.share_agreements().list_share_agreements(request).await;
        let page =
            ask(message, service).await.map_err(Failure::refused_as(&SUBJECT, "agreements on shares"))?;
        Ok((page.share_agreements, page.next_page_token))
    })
    .await
}

fn agreements(listed: Vec<roaming::ShareAgreement>) -> Result<Sheet, Failure> {
    let row = |agreement: roaming::ShareAgreement| {
        let agreement = ShareAgreement::try_from(agreement)?;
        let (version, rules) = (agreement.version.to_string(), agreement.rules.len().to_string());
        let span = show::span(agreement.span);
        Ok(vec![agreement.id, version, agreement.name, agreement.currency.to_string(), span, rules])
    };
    let rows = listed.into_iter().map(row).collect::<Result<Vec<_>, Failure>>()?;
    let columns = &["agreement", "version", "name", "currency", "days of service", "rules"];
    let table = Sheet::new(columns, &["version", "rules"]).with(rows);
    Ok(table.or_else_say("there are no agreements on shares"))
}

fn rules(agreement: &ShareAgreement) -> Sheet {
    let row = |rule: &ShareRule| {
        let version = agreement.version.to_string();
        vec![
            agreement.id.clone(),
            version,
            rule.recipient.clone(),
            kind(&rule.kind),
            session(&rule.session),
            month(rule),
        ]
    };
    let columns = &["agreement", "version", "account", "for", "a session", "a month"];
    Sheet::new(columns, &["version"]).with(agreement.rules.iter().map(row))
}

pub(super) fn kind(kind: &LegKind) -> String {
    kind.to_string()
}

fn session(terms: &SessionTerms) -> String {
    let base = match terms.base {
        ShareBase::Sale => "sale",
        ShareBase::Margin => "margin",
        ShareBase::Remainder => "remainder",
    };
    let some =
        |price: Price, what: &str| (price != Price::ZERO).then(|| format!("{} {what}", price.to_text(0)));
    let parts = [
        some(terms.rate, &format!("x {base}")),
        some(terms.per_kwh, "per kWh"),
        some(terms.per_session, "per session"),
        terms.floor.map(|floor| format!("at least {}", floor.to_text(2))),
        terms.cap.map(|cap| format!("at most {}", cap.to_text(2))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn month(rule: &ShareRule) -> String {
    let terms = &rule.month;
    let parts = [
        terms.tiers.as_ref().map(|tiers| format!("{} tiers", tiers.tiers.len())),
        (terms.fixed != Price::ZERO).then(|| terms.fixed.to_text(2)),
        terms.least.map(|least| format!("at least {}", least.to_text(2))),
        terms.most.map(|most| format!("at most {}", most.to_text(2))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
