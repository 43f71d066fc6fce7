//! Where somebody outside wants to be told what accounts tell: the address, which events, and the secret by which they are
//! signed.

use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::account_event::AccountEventKind;

const SCHEME: &str = "http://";
const ENCRYPTED_SCHEME: &str = "https://";
const USUAL_PORT: u16 = 80;
const FINGERPRINT_BYTES: usize = 8;

/// An address to which events are sent: `http://HOST[:PORT][/PATH][?QUERY]`, in printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl {
    text: String,
}

/// Why a text is no address to which events can be sent, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// It has more than [`WebhookUrl::MOST_BYTES`].
    TooLong,
    /// It asks for encryption, which is left to a proxy.
    Encrypted,
    /// It is of another form.
    Malformed,
}

/// What a receiver and Kvarter know and nobody else: the key of an HMAC.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    key: Vec<u8>,
}

/// By what people tell secrets apart: the first bytes of the key's SHA-256, by which it can't be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; FINGERPRINT_BYTES]);

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventChoice {
    /// Only of this account, by id; of all where none is named.
    pub account: Option<String>,
    /// Only of these kinds; of all where none is named.
    pub kinds: BTreeSet<AccountEventKind>,
}

impl WebhookUrl {
    /// The longest address in bytes.
    pub const MOST_BYTES: usize = 1_000;

    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlFault`].
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        if text.len() > Self::MOST_BYTES {
            return Err(UrlFault::TooLong);
        }
        if text.starts_with(ENCRYPTED_SCHEME) {
            return Err(UrlFault::Encrypted);
        }
        let url = Self { text: text.to_owned() };
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let has_host = || url.host_and_port().is_some_and(|(host, _)| is_host(host));
        if text.starts_with(SCHEME) && is_printable && has_host() {
            Ok(url)
        } else {
            Err(UrlFault::Malformed)
        }
    }

    /// The address as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Host and port, as they stand in the address.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.parts().0
    }

    /// The host, an IP address of version 6 without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.host_and_port().map_or("", |(host, _)| host);
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The port; 80 where none stands there.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.host_and_port().map_or(USUAL_PORT, |(_, port)| port)
    }

    /// Path and query, as they are asked for.
    #[must_use]
    pub fn target(&self) -> String {
        match self.parts().1 {
            target if target.starts_with('/') => target.to_owned(),
            target => format!("/{target}"),
        }
    }

    fn parts(&self) -> (&str, &str) {
        let rest = self.text.strip_prefix(SCHEME).unwrap_or_default();
        rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
    }

    fn host_and_port(&self) -> Option<(&str, u16)> {
        let authority = self.authority();
        let colon = authority.rfind(':').filter(|colon| authority.rfind(']') < Some(*colon));
        let Some(colon) = colon else { return Some((authority, USUAL_PORT)) };
        let (host, port) = (authority.get(..colon)?, authority.get(colon.checked_add(1)?..)?);
        let port =
            port.parse().ok().filter(|number| *number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()));
        port.map(|port| (host, port))
    }
}

/// A name, an IP address of version 4, or one of version 6 in brackets.
fn is_host(host: &str) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(address) => {
            !address.is_empty()
                && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte))
        }
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    }
}

impl WebhookSecret {
    /// The fewest bytes of a key.
    pub const FEWEST_BYTES: usize = 24;
    /// The most bytes of a key.
    pub const MOST_BYTES: usize = 64;

    /// A key of 24 to 64 bytes, as the Standard Webhooks specification has them; none where it is shorter or longer.
    #[must_use]
    pub fn new(key: Vec<u8>) -> Option<Self> {
        (Self::FEWEST_BYTES..=Self::MOST_BYTES).contains(&key.len()).then_some(Self { key })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// By what people tell it apart from others.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let digest: [u8; 32] = Sha256::digest(&self.key).into();
        Fingerprint(digest.first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookSecret({})", self.fingerprint())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl EventChoice {
    /// Whether an event of this account and kind is wanted.
    #[must_use]
    pub fn wants(&self, account: &str, kind: AccountEventKind) -> bool {
        self.account.as_deref().is_none_or(|wanted| wanted == account)
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}
