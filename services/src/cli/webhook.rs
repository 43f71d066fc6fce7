//! Where a tenant's events are sent: `kvarter webhook set|get|list|pause|resume|rotate|drop-former-secret|delete`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use proto::events::{
    AccountEventKind, AttemptFailure, DeleteWebhookRequest, DropFormerWebhookSecretRequest, EventFilter,
    GetWebhookRequest, ListWebhooksRequest, PauseWebhookRequest, ResumeWebhookRequest,
    RotateWebhookSecretRequest, SetWebhookRequest, Webhook, WebhookState,
};
use proto::name;
use tonic::Status;

use super::asking::Asking;
use super::client::{Client, ask};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;

/// What `kvarter webhook` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A webhook is an address to which the events of a tenant's accounts are sent, one at a time and signed, each \
                  until it was acknowledged. The secret is read from a file: `whsec_` and 24 to 64 bytes in base64, as \
                  (printf whsec_; head -c 32 /dev/urandom | base64) > secret makes one.",
    after_help = "Examples:\n  kvarter webhook set billing --url http://billing.example:8080/events --secret-file secret \
                  --from-now --tenant example\n  kvarter webhook list --tenant example\n\nExit codes: 0 done; 1 the node \
                  refused; 2 the command is wrong."
)]
pub struct WebhookArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Send events to an address, or change address and choice of a webhook that is there
    Set(Box<SetArguments>),
    /// Show one
    Get(Named),
    /// Show all
    List,
    /// Send nothing until it is resumed
    Pause(Named),
    /// Send again, from where it stands and at once
    Resume(Named),
    /// Sign with another secret, and with the present one as well
    Rotate {
        #[command(flatten)]
        named: Named,
        /// The file of the new secret
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
    },
    /// Sign with the newest secret alone
    DropFormerSecret(Named),
    /// Forget it, with its place and secrets
    Delete(Named),
}

#[derive(Args, Clone, Debug)]
struct Named {
    /// The id of the webhook
    webhook: String,
}

#[derive(Args, Clone, Debug)]
struct SetArguments {
    #[command(flatten)]
    named: Named,
    /// The address, http://HOST[:PORT][/PATH]
    #[arg(long)]
    url: String,
    /// The file of the secret; needed where the webhook is new
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Only events of this account
    #[arg(long)]
    account: Option<String>,
    /// Only events of these kinds, such as topped_up,blocked
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = parse_kind)]
    kinds: Vec<AccountEventKind>,
    /// Begin behind this cursor, where the webhook is new; with the first event if nothing is said
    #[arg(long, value_name = "CURSOR", conflicts_with = "from_now")]
    behind: Option<String>,
    /// Begin behind the last event there is, where the webhook is new
    #[arg(long)]
    from_now: bool,
}

/// Does one step and prints the webhook as it is then.
pub(super) async fn run(arguments: &WebhookArguments) -> Result<(), Failure> {
    let secret = arguments.step.secret_file().map(read_secret).transpose()?.unwrap_or_default();
    let client = arguments.asking.client().await?;
    let name = |named: &Named| name::WEBHOOK.name([client.tenant(), &named.webhook]);
    let (named, answer) = match &arguments.step {
        Step::Set(wanted) => (&wanted.named, set(&client, wanted, secret).await),
        Step::List => return list(&client).await?.print(arguments.asking.output),
        Step::Delete(named) => {
            let message = DeleteWebhookRequest { name: name(named) };
            let deleted = ask(message, async |request| client.webhooks().delete_webhook(request).await).await;
            return deleted.map_err(Failure::refused(&named.webhook));
        }
        Step::Get(named) => {
            let message = GetWebhookRequest { name: name(named) };
            (named, ask(message, async |request| client.webhooks().get_webhook(request).await).await)
        }
        Step::Pause(named) => {
            let message = PauseWebhookRequest { name: name(named) };
            (named, ask(message, async |request| client.webhooks().pause_webhook(request).await).await)
        }
        Step::Resume(named) => {
            let message = ResumeWebhookRequest { name: name(named) };
            (named, ask(message, async |request| client.webhooks().resume_webhook(request).await).await)
        }
        Step::Rotate { named, .. } => {
            let message = RotateWebhookSecretRequest { name: name(named), secret };
            let rotated =
                ask(message, async |request| client.webhooks().rotate_webhook_secret(request).await);
            (named, rotated.await)
        }
        Step::DropFormerSecret(named) => {
            let message = DropFormerWebhookSecretRequest { name: name(named) };
            let dropped =
                ask(message, async |request| client.webhooks().drop_former_webhook_secret(request).await);
            (named, dropped.await)
        }
    };
    let webhook = answer.map_err(Failure::refused(&named.webhook))?;
    Sheet::one(COLUMNS, row(&webhook)).print(arguments.asking.output)
}

async fn set(client: &Client, wanted: &SetArguments, secret: String) -> Result<Webhook, Status> {
    let account = wanted.account.as_ref().map(|id| name::ACCOUNT.name([client.tenant(), id]));
    let kinds = wanted.kinds.iter().map(|kind| i32::from(*kind)).collect();
    let message = SetWebhookRequest {
        name: name::WEBHOOK.name([client.tenant(), &wanted.named.webhook]),
        url: wanted.url.clone(),
        filter: Some(EventFilter { account: account.unwrap_or_default(), kinds }),
        secret,
        cursor: wanted.behind.clone().unwrap_or_default(),
        from_now: wanted.from_now,
        ..SetWebhookRequest::default()
    };
    ask(message, async |request| client.webhooks().set_webhook(request).await).await
}

impl Step {
    /// The file of the secret that it brings, if any.
    fn secret_file(&self) -> Option<&Path> {
        match self {
            Self::Set(wanted) => wanted.secret_file.as_deref(),
            Self::Rotate { secret_file, .. } => Some(secret_file),
            _ => None,
        }
    }
}

async fn list(client: &Client) -> Result<Sheet, Failure> {
    let message = ListWebhooksRequest { parent: client.parent() };
    let listed = ask(message, async |request| client.webhooks().list_webhooks(request).await).await;
    let listed = listed.map_err(Failure::refused("webhooks"))?;
    Ok(Sheet::new(COLUMNS, &[]).with(listed.webhooks.iter().map(row)).or_else_say("no webhook"))
}

const COLUMNS: &[&str] = &["webhook", "url", "state", "failed", "next_attempt", "events", "secrets"];

fn row(webhook: &Webhook) -> Vec<String> {
    let id = name::WEBHOOK.parse(&webhook.name).map(|[_, id]| id).unwrap_or_default();
    let state = show::word(webhook.state().as_str_name(), "WEBHOOK_STATE_").to_lowercase();
    let is_active = webhook.state() == WebhookState::Active;
    let failing = webhook.failing.as_ref();
    let failed = failing.map(|failing| {
        let what = match failing.failure() {
            AttemptFailure::Answered => failing.http_status.to_string(),
            other => show::word(other.as_str_name(), "ATTEMPT_FAILURE_").to_lowercase(),
        };
        let times = if failing.attempts == 1 { "once" } else { "times" };
        match failing.attempts {
            1 => format!("{times}: {what}"),
            attempts => format!("{attempts} {times}: {what}"),
        }
    });
    let next = failing.filter(|_| is_active).and_then(|failing| failing.next_attempt_time.as_ref());
    let next = next.map(|time| show::time(Some(time))).unwrap_or_default();
    let secrets = webhook.secret_fingerprints.join(" ");
    vec![id, webhook.url.clone(), state, failed.unwrap_or_default(), next, events(webhook), secrets]
}

/// Which events, in words.
fn events(webhook: &Webhook) -> String {
    let filter = webhook.filter.clone().unwrap_or_default();
    let kinds: Vec<String> = filter
        .kinds()
        .map(|kind| show::word(kind.as_str_name(), "ACCOUNT_EVENT_KIND_").to_lowercase())
        .collect();
    let kinds = if kinds.is_empty() { "all".to_owned() } else { kinds.join(",") };
    match name::ACCOUNT.parse(&filter.account) {
        Ok([_, account]) => format!("{kinds} of {account}"),
        Err(_) => kinds,
    }
}

/// What stands in a file, without the space around it.
fn read_secret(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::file(path))?;
    Ok(text.trim().to_owned())
}

/// All kinds of events, as they are written here.
fn kinds() -> Vec<String> {
    let known = (1..).map_while(|number| AccountEventKind::try_from(number).ok());
    let words = known.map(|kind| kind.as_str_name().trim_start_matches("ACCOUNT_EVENT_KIND_").to_lowercase());
    words.collect()
}

fn parse_kind(text: &str) -> Result<AccountEventKind, String> {
    let kind = AccountEventKind::from_str_name(&format!("ACCOUNT_EVENT_KIND_{}", text.to_uppercase()));
    kind.filter(|kind| *kind != AccountEventKind::Unspecified)
        .ok_or_else(|| format!("is no kind of event; there is {}", kinds().join(", ")))
}
