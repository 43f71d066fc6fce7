//! Charging points: `kvarter evse set|get`.

use clap::{Args, Subcommand};
use domain::cdr::EvseId;
use proto::google_type::Decimal;
use proto::name;
use proto::roaming::{DescribeEvseRequest, Evse, GetEvseRequest};

use super::asking::Asking;
use super::client::{Client, ask};
use super::failure::Failure;
use super::sheet::Sheet;
use super::subject::Subject;

/// What a charging point is in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("evse.zone", "--zone"),
        ("evse.agreement_id", "--agreement"),
        ("evse.max_power_kw", "--most-power-kw"),
        ("evse.location_id", "--location"),
        ("evse.connector_ids", "--connectors"),
        ("evse.name", ""),
        ("max_power_kw", "--most-power-kw"),
        ("name", ""),
    ],
    list: "kvarter list",
    advice: &[
        ("UNKNOWN_AGREEMENT", "look for what there is with `kvarter share-agreement list`"),
        ("UNKNOWN_EVSE", "say what it is with `kvarter evse set`"),
        ("EVSE_POWER_NOT_POSITIVE", "leave --most-power-kw out where the power is not known"),
    ],
};

/// What `kvarter evse` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A charging point (EVSE) is the metering point of charging sessions. What is said of it here decides by which \
                  clock a session there is priced, by which agreement it is shared, and how much energy it can have had.",
    after_help = "Examples:\n  kvarter evse set NL*TNM*E1 --zone Europe/Amsterdam --most-power-kw 22 --tenant example\n  kvarter \
                  evse get NL*TNM*E1 --tenant example\n\nExit codes: 0 done; 1 the node refused; 2 the command is wrong."
)]
pub struct EvseArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Say what it is, in place of what was said before
    Set(Box<SetArguments>),
    /// Show what is known of it
    Get {
        /// The charging point, in any spelling
        #[arg(value_parser = parse_evse)]
        evse: EvseId,
    },
}

#[derive(Args, Clone, Debug)]
struct SetArguments {
    /// The charging point, in any spelling
    #[arg(value_parser = parse_evse)]
    evse: EvseId,
    /// The operator's id of the location
    #[arg(long, value_name = "ID")]
    location: Option<String>,
    /// The zone of the location
    #[arg(long)]
    zone: Option<String>,
    /// The agreement by which sessions there are shared
    #[arg(long, value_name = "ID")]
    agreement: Option<String>,
    /// The most power that it gives, in kW
    #[arg(long, value_name = "POWER")]
    most_power_kw: Option<String>,
    /// The ids of its connectors
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    connectors: Vec<String>,
    /// It is one's own
    #[arg(long)]
    own: bool,
}

/// Describes or shows a charging point.
pub(super) async fn run(arguments: &EvseArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let (id, evse) = match &arguments.step {
        Step::Set(wanted) => {
            let message = DescribeEvseRequest { evse: Some(evse(&client, wanted)), validate_only: false };
            let set = ask(message, async |request| client.cdrs().describe_evse(request).await).await;
            (&wanted.evse, set)
        }
        Step::Get { evse } => {
            let message = GetEvseRequest { name: name::EVSE.name([client.tenant(), evse.text()]) };
            (evse, ask(message, async |request| client.cdrs().get_evse(request).await).await)
        }
    };
    let evse = evse.map_err(Failure::refused_as(&SUBJECT, id))?;
    Sheet::one(COLUMNS, row(&evse)).print(arguments.asking.output)
}

fn evse(client: &Client, wanted: &SetArguments) -> Evse {
    Evse {
        name: name::EVSE.name([client.tenant(), wanted.evse.text()]),
        location_id: wanted.location.clone().unwrap_or_default(),
        zone: wanted.zone.clone().unwrap_or_default(),
        agreement_id: wanted.agreement.clone().unwrap_or_default(),
        max_power_kw: wanted.most_power_kw.clone().map(|value| Decimal { value }),
        connector_ids: wanted.connectors.clone(),
        is_own: wanted.own,
        ..Evse::default()
    }
}

const COLUMNS: &[&str] =
    &["evse", "location", "zone", "agreement", "most_power_kw", "connectors", "own", "sessions", "suspect"];

fn row(evse: &Evse) -> Vec<String> {
    let id = name::EVSE.parse(&evse.name).map(|[_, id]| id).unwrap_or_default();
    vec![
        id,
        evse.location_id.clone(),
        evse.zone.clone(),
        evse.agreement_id.clone(),
        evse.max_power_kw.as_ref().map(|power| power.value.clone()).unwrap_or_default(),
        evse.connector_ids.join(" "),
        if evse.is_own { "yes" } else { "no" }.to_owned(),
        evse.session_count.to_string(),
        evse.suspect_session_count.to_string(),
    ]
}

fn parse_evse(text: &str) -> Result<EvseId, String> {
    EvseId::new(text)
        .ok_or_else(|| "write a charging point as NL*TNM*E1: letters, digits, * and -".to_owned())
}
