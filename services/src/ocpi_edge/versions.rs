//! Which versions are spoken, and at which addresses (OCPI 2.2.1, versions module).

use axum::http::StatusCode;
use domain::entity::partners::PartnerRole;
use serde::Serialize;

use super::answer::{Answer, Code, Fault};
use super::request::{Call, VERSION};

/// An entry of the versions.
#[derive(Serialize)]
struct Version<'a> {
    version: &'a str,
    url: String,
}

/// The details of a version.
#[derive(Serialize)]
struct Details {
    version: &'static str,
    endpoints: Vec<Endpoint>,
}

/// An address of a module.
#[derive(Serialize)]
struct Endpoint {
    identifier: &'static str,
    role: &'static str,
    url: String,
}

/// What the tenant is where it is an operator, and where it is a provider.
const AS_OPERATOR: [(&str, &str); 5] = [
    ("locations", "SENDER"),
    ("tariffs", "SENDER"),
    ("sessions", "SENDER"),
    ("cdrs", "SENDER"),
    ("tokens", "RECEIVER"),
];
const AS_PROVIDER: [(&str, &str); 5] = [
    ("locations", "RECEIVER"),
    ("tariffs", "RECEIVER"),
    ("sessions", "RECEIVER"),
    ("cdrs", "RECEIVER"),
    ("tokens", "SENDER"),
];

/// GET of the versions.
pub(super) async fn versions(call: Call) -> Result<Answer, Fault> {
    Answer::value(&[Version { version: VERSION, url: format!("{}/{VERSION}", call.base) }])
}

/// GET of a version's details.
pub(super) async fn details(call: Call) -> Result<Answer, Fault> {
    let asked = call.segment(0);
    if asked != VERSION {
        return Err(unsupported(asked));
    }
    let own = &call.guest.own;
    let is = |role| own.parties.is_empty() || own.parties_as(role).next().is_some();
    let at = |path: &str| format!("{}/{VERSION}/{path}", call.base);
    let mut endpoints =
        vec![Endpoint { identifier: "credentials", role: "RECEIVER", url: at("credentials") }];
    let sides = [(PartnerRole::Operator, "cpo", AS_OPERATOR), (PartnerRole::Provider, "emsp", AS_PROVIDER)];
    for (role, path, modules) in sides {
        let modules = modules.into_iter().filter(|_| is(role));
        endpoints.extend(modules.map(|(identifier, side)| Endpoint {
            identifier,
            role: side,
            url: at(&format!("{path}/{identifier}")),
        }));
    }
    Answer::value(&Details { version: VERSION, endpoints })
}

/// A version that is not spoken.
pub(super) fn unsupported(asked: &str) -> Fault {
    let text = format!("version {asked} is not spoken here; {VERSION} is");
    Fault::with_status(StatusCode::NOT_FOUND, Code::Version, text)
}
