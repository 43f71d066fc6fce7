//! What commands are about, in the words of the command line: a refusal names fields of the API, a person gave options.

use std::collections::BTreeMap;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// What a command is about, for whoever reads why it was refused.
#[derive(Debug)]
pub struct Subject {
    /// Fields of the API with the option that says each, the longer names first. An empty one: what the command was given.
    pub(super) options: &'static [(&'static str, &'static str)],
    /// The command that lists what there is.
    pub(super) list: &'static str,
    /// What to do for a reason.
    pub(super) advice: &'static [(&'static str, &'static str)],
}

/// Which command lists what a reason says is not there.
const LISTS: [(&str, &str); 7] = [
    ("UNKNOWN_ACCOUNT", "kvarter list accounts"),
    ("UNKNOWN_CDR", "kvarter cdr list --party PARTY"),
    ("UNKNOWN_CHARGING_CONTRACT", "kvarter charging-contract list --account ACCOUNT"),
    ("UNKNOWN_PARTNER", "kvarter partner list"),
    ("PARTNER_WITHOUT_TOKEN", "kvarter partner list"),
    ("UNKNOWN_PRICE_SHEET", "kvarter price-sheet list"),
    ("UNKNOWN_WEBHOOK", "kvarter webhook list"),
];

/// Where nothing is known but that it is listed somewhere.
pub(super) const ANYTHING: Subject = Subject { options: &[], list: "kvarter list", advice: &[] };

impl Subject {
    /// What the node said, with options for fields, ids for resource names, and what else names the fault in brackets.
    pub(super) fn words(&self, status: &Status) -> String {
        let details = status.get_error_details();
        let empty = status.message().is_empty();
        let said = if empty { status.code().description() } else { status.message() };
        let Some(info) = details.error_info() else { return said.to_owned() };
        let mut said = said.to_owned();
        if let Some(name) = info.metadata.get("name") {
            let id = name.rsplit('/').next().unwrap_or_default();
            said = said.replace(name.as_str(), id);
        }
        let mut facts: BTreeMap<&str, &str> =
            info.metadata.iter().map(|(name, fact)| (name.as_str(), fact.as_str())).collect();
        facts.remove("name");
        let option = facts.get("field").and_then(|field| self.option(field));
        if let Some((field, option)) = option {
            facts.remove("field");
            let rest = said.strip_prefix(field).unwrap_or(&said);
            said = match option {
                "" => rest.trim_start_matches(": ").to_owned(),
                option => format!("{option}{rest}"),
            };
        }
        let facts: String = facts.into_iter().map(|(name, fact)| format!(", {name} {fact}")).collect();
        format!("{said} ({}{facts})", info.reason)
    }

    /// What this command advises for a refusal, if it does.
    pub(super) fn advice(&self, status: &Status) -> Option<String> {
        let details = status.get_error_details();
        let reason = details.error_info().map(|info| info.reason.as_str()).unwrap_or_default();
        let find = |table: &[(&'static str, &'static str)]| {
            table.iter().find(|(known, _)| *known == reason).map(|(_, words)| *words)
        };
        let listed = || {
            let is_gone = status.code() == Code::NotFound && self.list != ANYTHING.list;
            find(&LISTS).or_else(|| is_gone.then_some(self.list))
        };
        find(self.advice).map(str::to_owned).or_else(|| listed().map(look))
    }

    /// The field that a refusal is about, as far as it is an option, and the option.
    fn option<'a>(&self, field: &'a str) -> Option<(&'a str, &'static str)> {
        self.options.iter().find_map(|(known, option)| {
            let rest = field.strip_prefix(known)?;
            let is_part = rest.is_empty() || rest.starts_with(['.', '[', ':']);
            is_part.then_some((field, *option))
        })
    }
}

/// Where to look.
pub(super) fn look(command: &str) -> String {
    format!("look for what there is with `{command}`")
}
