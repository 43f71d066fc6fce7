//! Secrets and signatures as the Standard Webhooks specification has them (version 1.0.0): a secret is `whsec_` and base64;
//! a signature is `v1,` and the base64 of an HMAC-SHA256 over id, time and body, with points between.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhook::WebhookSecret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// Why a text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretFault {
    /// It is not `whsec_` and base64.
    Malformed,
    /// Its key is shorter or longer than one may be.
    Length,
}

/// Reads a secret. The text is not told again, whatever is wrong with it.
pub(crate) fn parse_secret(text: &str) -> Result<WebhookSecret, SecretFault> {
    let key = text.strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok());
    WebhookSecret::new(key.ok_or(SecretFault::Malformed)?).ok_or(SecretFault::Length)
}

/// The signatures of a message by each secret, with a space between.
pub(super) fn signatures<'a>(
    secrets: impl IntoIterator<Item = &'a WebhookSecret>,
    (id, seconds): (&str, i64),
    body: &[u8],
) -> String {
    let signature = |secret: &WebhookSecret| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.key()).ok()?;
        let mac = mac.chain_update(format!("{id}.{seconds}.")).chain_update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    secrets.into_iter().filter_map(signature).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Secrets, id, time, body, and what Python's `hmac` makes of them; the first is the example of the specification's
    /// reference libraries.
    #[test]
    fn signatures_are_those_of_others() {
        const EXAMPLE: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let example = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let other = "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI=";
        for (secrets, expected) in [
            (vec![EXAMPLE], example.to_owned()),
            (vec![OTHER], other.to_owned()),
            (vec![OTHER, EXAMPLE], format!("{other} {example}")),
        ] {
            let secrets: Vec<_> = secrets.into_iter().map(|text| parse_secret(text).unwrap()).collect();
            let message = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
            assert_eq!(signatures(&secrets, message, b"{\"test\": 2432232314}"), expected);
        }
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let of_bytes = |count: usize| format!("whsec_{}", STANDARD.encode(vec![7; count]));
        for (text, expected) in [
            (of_bytes(23), Some(SecretFault::Length)),
            (of_bytes(24), None),
            (of_bytes(64), None),
            (of_bytes(65), Some(SecretFault::Length)),
            (String::new(), Some(SecretFault::Malformed)),
            ("whsec_".to_owned(), Some(SecretFault::Length)),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(), Some(SecretFault::Malformed)),
            ("whsec_no base64 at all!".to_owned(), Some(SecretFault::Malformed)),
        ] {
            assert_eq!(parse_secret(&text).err(), expected, "{text}");
        }
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secret = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{secret:?}"), "WebhookSecret(f74e1720b7614881)");
    }
}
