//! What FoundationDB's client knows about a cluster that does not serve, from the status that it gives as JSON.

use serde_json::Value;

/// What keeps a cluster from serving, as far as this process can see; the later, the more it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Finding {
    /// Nobody answers.
    Silent,
    /// Somebody answers, but no transaction is possible.
    Answering,
    /// Somebody answers in the protocol of a release that the client library does not speak.
    OtherRelease {
        /// The release, such as `7.1`.
        cluster: String,
    },
}

/// How each protocol version begins since release 5.1; the two digits behind it are the release.
const PROTOCOL_MAGIC: &str = "fdb00b0";

/// Reads the status of the client.
pub(super) fn examine(status: &[u8]) -> Finding {
    let status: Value = serde_json::from_slice(status).unwrap_or_default();
    // A client that may choose among several libraries reports of itself, and of the database within.
    let database = status.get("DatabaseStatus").unwrap_or(&status);
    let connections = database.get("Connections").and_then(Value::as_array);
    let connections: &[Value] = connections.map_or(&[], Vec::as_slice);
    let text = |value: &'_ Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let stranger = connections.iter().find(|peer| peer.get("Compatible") == Some(&Value::Bool(false)));
    let other = text(&status, "InitializationState").is_some_and(|state| state == "incompatible");
    if let Some(stranger) = stranger {
        return Finding::OtherRelease { cluster: release(text(stranger, "ProtocolVersion")) };
    }
    if other {
        return Finding::OtherRelease { cluster: release(text(&status, "ProtocolVersion")) };
    }
    let is_connected = |peer: &Value| text(peer, "Status").is_some_and(|status| status == "connected");
    if connections.iter().any(is_connected) { Finding::Answering } else { Finding::Silent }
}

/// The release that a protocol version belongs to, or the version itself.
fn release(protocol: Option<String>) -> String {
    let Some(protocol) = protocol else { return "another".to_owned() };
    let digits = protocol.strip_prefix(PROTOCOL_MAGIC).map(|rest| rest.chars().take(2).collect::<Vec<_>>());
    match digits.as_deref() {
        Some([major, minor]) => format!("{major}.{minor}"),
        _ => format!("of protocol {protocol}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_tells_what_is_wrong() {
        let other = |cluster: &str| Finding::OtherRelease { cluster: cluster.to_owned() };
        let cases = [
            ("", Finding::Silent),
            ("{}", Finding::Silent),
            (r#"{"InitializationState":"initializing"}"#, Finding::Silent),
            (r#"{"InitializationState":"incompatible","ProtocolVersion":"fdb00b071010000"}"#, other("7.1")),
            (r#"{"InitializationState":"incompatible","ProtocolVersion":"1234"}"#, other("of protocol 1234")),
            (r#"{"InitializationState":"incompatible"}"#, other("another")),
            (
                r#"{"DatabaseStatus":{"Connections":[{"Status":"failed"},{"Status":"connecting"}]}}"#,
                Finding::Silent,
            ),
            (
                r#"{"DatabaseStatus":{"Connections":[{"Status":"failed"},{"Status":"connected","Compatible":true}]}}"#,
                Finding::Answering,
            ),
            (r#"{"Connections":[{"Status":"connected","Compatible":true}]}"#, Finding::Answering),
            (
                r#"{"DatabaseStatus":{"Connections":[{"Compatible":false,"ProtocolVersion":"fdb00b063010001"}]}}"#,
                other("6.3"),
            ),
        ];
        for (status, expected) in cases {
            assert_eq!(examine(status.as_bytes()), expected, "{status}");
        }
    }
}
