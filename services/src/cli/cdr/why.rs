//! Why a record waits, in words on which a person can act: those of the node, and what has to be looked up elsewhere.

use domain::price::Price;
use domain::quantity::Quantity;
use proto::name;
use proto::roaming::{Cdr, CdrContent, GetCdrRequest, GetEvseRequest};
use proto::types::Reason;

use super::super::client::{Client, ask};

/// A line for each reason: its code and what is known. What can't be looked up is left out.
pub(super) async fn why(client: &Client, cdr: &Cdr) -> Vec<String> {
    let mut lines = Vec::with_capacity(cdr.reasons.len());
    for Reason { code, text } in &cdr.reasons {
        let found = match code.as_str() {
            "OVER_POWER" => most_power(client, cdr).await,
            "CREDIT_OTHER_AMOUNT" | "CREDIT_OTHER_CURRENCY" => both_costs(client, cdr).await,
            "SECOND_CREDIT" => other_credit(client, cdr).await,
            "CHANGED_CONTENT" => Some(open_changes(cdr)),
            _ => None,
        };
        lines.push(match found {
            Some(found) => format!("{code}: {text}; {found}"),
            None => format!("{code}: {text}"),
        });
    }
    lines
}

/// The most that the charging point is said to give.
async fn most_power(client: &Client, cdr: &Cdr) -> Option<String> {
    let evse = cdr.content.as_ref()?.evse_id.clone();
    let message = GetEvseRequest { name: name::EVSE.name([client.tenant(), &evse]) };
    let found = ask(message, async |request| client.cdrs().get_evse(request).await).await.ok()?;
    let most = Quantity::try_from(found.max_power_kw?).ok()?;
    Some(format!("{evse} gives at most {most} kW"))
}

/// What a credit states, and what the record that it takes back does.
async fn both_costs(client: &Client, credit: &Cdr) -> Option<String> {
    let original = original(client, credit).await?;
    let (back, stated) = (stated(credit.content.as_ref()?), stated(original.content.as_ref()?));
    Some(format!("it states {back}, {} {stated}", credit.content.as_ref()?.credit_of_cdr_id))
}

/// Which credit took back what this one names.
async fn other_credit(client: &Client, credit: &Cdr) -> Option<String> {
    let by = original(client, credit).await?.credited_by_cdr_id;
    (!by.is_empty()).then(|| format!("it was {by}"))
}

/// Which documents with other content nobody has decided about.
fn open_changes(cdr: &Cdr) -> String {
    let open = cdr.changes.iter().filter(|change| change.is_open);
    let numbers: Vec<String> = open.map(|change| change.number.to_string()).collect();
    format!("documents {}", numbers.join(", "))
}

/// The record that a credit names.
async fn original(client: &Client, credit: &Cdr) -> Option<Cdr> {
    let [_, party, _] = name::CDR.parse(&credit.name).ok()?;
    let id = &credit.content.as_ref()?.credit_of_cdr_id;
    let message = GetCdrRequest { name: name::CDR.name([client.tenant(), &party, id]) };
    ask(message, async |request| client.cdrs().get_cdr(request).await).await.ok()
}

/// The cost that a record states.
fn stated(content: &CdrContent) -> String {
    let Some(session) = &content.session else { return "nothing".to_owned() };
    let stated = session.stated.clone().unwrap_or_default();
    let with = |cost: Option<_>, what: &str| {
        let cost = Price::try_from(cost?).ok()?;
        Some(format!("{cost} {} {what}", session.currency_code))
    };
    let costs = [with(stated.excluding_vat, "without tax"), with(stated.including_vat, "with tax")];
    let costs: Vec<String> = costs.into_iter().flatten().collect();
    if costs.is_empty() { "no cost".to_owned() } else { costs.join(" and ") }
}
