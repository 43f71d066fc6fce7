//! Resource names: `tenants/{tenant}/meteringPoints/{metering_point}` and the like.
//!
//! An id may hold any character; in a name each byte of it that is not a letter or digit of ASCII or one of `-._~` stands
//! as `%` and two capital hexadecimal digits, so that every resource has exactly one name and a slash only ever separates.

use std::fmt;

/// The names of one kind of resource, made of `N` ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<const N: usize> {
    pattern: &'static str,
}

/// A tenant.
pub const TENANT: Pattern<1> = Pattern { pattern: "tenants/{tenant}" };
/// The settings of a tenant.
pub const SETTINGS: Pattern<1> = Pattern { pattern: "tenants/{tenant}/settings" };
/// A metering point, by its 18 digits.
pub const METERING_POINT: Pattern<2> =
    Pattern { pattern: "tenants/{tenant}/meteringPoints/{metering_point}" };
/// A contract of a metering point.
pub const CONTRACT: Pattern<3> =
    Pattern { pattern: "tenants/{tenant}/meteringPoints/{metering_point}/contracts/{contract}" };
/// A received market document, by its key.
pub const DOCUMENT: Pattern<2> = Pattern { pattern: "tenants/{tenant}/documents/{document}" };
/// An account.
pub const ACCOUNT: Pattern<2> = Pattern { pattern: "tenants/{tenant}/accounts/{account}" };
/// What lets an account be charged by a product.
pub const AGREEMENT: Pattern<3> =
    Pattern { pattern: "tenants/{tenant}/accounts/{account}/agreements/{agreement}" };
/// By what an account pays for charging sessions.
pub const CHARGING_CONTRACT: Pattern<3> =
    Pattern { pattern: "tenants/{tenant}/accounts/{account}/chargingContracts/{charging_contract}" };
/// A token of an account, as `{token_type}.{value}`.
pub const ACCOUNT_TOKEN: Pattern<3> =
    Pattern { pattern: "tenants/{tenant}/accounts/{account}/tokens/{token}" };
/// A token of a metering point, as `{token_type}.{value}`.
pub const POINT_TOKEN: Pattern<3> =
    Pattern { pattern: "tenants/{tenant}/meteringPoints/{metering_point}/tokens/{token}" };
/// A product.
pub const PRODUCT: Pattern<2> = Pattern { pattern: "tenants/{tenant}/products/{product}" };
/// A charge, by code, owner and kind.
pub const CHARGE: Pattern<2> = Pattern { pattern: "tenants/{tenant}/charges/{charge}" };
/// A price sheet.
pub const PRICE_SHEET: Pattern<2> = Pattern { pattern: "tenants/{tenant}/priceSheets/{price_sheet}" };
/// An agreement on shares.
pub const SHARE_AGREEMENT: Pattern<2> =
    Pattern { pattern: "tenants/{tenant}/shareAgreements/{share_agreement}" };
/// A statement of a partner, by its number.
pub const STATEMENT: Pattern<3> =
    Pattern { pattern: "tenants/{tenant}/accounts/{account}/statements/{statement}" };
/// An invoice run.
pub const INVOICE_RUN: Pattern<2> = Pattern { pattern: "tenants/{tenant}/invoiceRuns/{invoice_run}" };
/// An issued invoice, by its number.
pub const INVOICE: Pattern<2> = Pattern { pattern: "tenants/{tenant}/invoices/{invoice}" };
/// An entity that was taken out of service.
pub const PARKED_ENTITY: Pattern<2> = Pattern { pattern: "tenants/{tenant}/parkedEntities/{entity}" };
/// Where a tenant wants to be told what its accounts tell.
pub const WEBHOOK: Pattern<2> = Pattern { pattern: "tenants/{tenant}/webhooks/{webhook}" };

/// Who exchanges documents of roaming with a tenant.
pub const PARTNER: Pattern<2> = Pattern { pattern: "tenants/{tenant}/partners/{partner}" };
/// A party of roaming, as `NL-TNM`.
pub const PARTY: Pattern<2> = Pattern { pattern: "tenants/{tenant}/parties/{party}" };
/// A charge detail record of a party, by its id.
pub const CDR: Pattern<3> = Pattern { pattern: "tenants/{tenant}/parties/{party}/cdrs/{cdr}" };
/// A charging point, in capitals and without separators.
pub const EVSE: Pattern<2> = Pattern { pattern: "tenants/{tenant}/evses/{evse}" };

/// A node of the cluster, by what people call it.
pub const NODE: Pattern<1> = Pattern { pattern: "nodes/{node}" };
/// A shard, by its number.
pub const SHARD: Pattern<1> = Pattern { pattern: "shards/{shard}" };

/// A name that is none of the kind that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError {
    /// What such a name looks like.
    pub pattern: &'static str,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is no name of the form {}", self.pattern)
    }
}

impl std::error::Error for NameError {}

impl<const N: usize> Pattern<N> {
    /// The name of the resource with these ids.
    #[must_use]
    pub fn name(&self, ids: [&str; N]) -> String {
        let mut ids = ids.into_iter();
        let segments = self.pattern.split('/').map(|segment| {
            let id = if is_variable(segment) { ids.next() } else { None };
            id.map_or_else(|| segment.to_owned(), encoded)
        });
        segments.collect::<Vec<String>>().join("/")
    }

    /// The ids in a name.
    ///
    /// # Errors
    /// [`NameError`] where the name is of another kind, or an id is empty or not written as names are.
    pub fn parse(&self, name: &str) -> Result<[String; N], NameError> {
        self.ids(name).and_then(|ids| ids.try_into().ok()).ok_or(NameError { pattern: self.pattern })
    }

    fn ids(&self, name: &str) -> Option<Vec<String>> {
        let mut ids = Vec::with_capacity(N);
        let mut segments = name.split('/');
        for wanted in self.pattern.split('/') {
            let segment = segments.next()?;
            if is_variable(wanted) {
                ids.push(decoded(segment)?);
            } else {
                (segment == wanted).then_some(())?;
            }
        }
        segments.next().is_none().then_some(ids)
    }
}

fn is_variable(segment: &str) -> bool {
    segment.starts_with('{')
}

fn encoded(id: &str) -> String {
    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                segment.push(char::from(byte));
            }
            _ => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment
}

/// The id that a segment stands for; `None` where it is not written as [`encoded`] writes it.
fn decoded(segment: &str) -> Option<String> {
    let mut parts = segment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    let id = String::from_utf8(bytes).ok()?;
    (!id.is_empty() && encoded(&id) == segment).then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_written_and_read() {
        let name = CONTRACT.name(["demo", "571313180000000005", "C/1 ä"]);
        assert_eq!(name, "tenants/demo/meteringPoints/571313180000000005/contracts/C%2F1%20%C3%A4");
        assert_eq!(
            CONTRACT.parse(&name).unwrap(),
            ["demo", "571313180000000005", "C/1 ä"].map(str::to_owned)
        );
        assert_eq!(SETTINGS.parse("tenants/demo/settings").unwrap(), ["demo".to_owned()]);
    }

    #[test]
    fn other_names_are_refused() {
        for name in [
            "",
            "tenants",
            "tenants/",
            "tenants//accounts/a",
            "tenants/demo/accounts",
            "tenants/demo/accounts/",
            "tenants/demo/accounts/a/b",
            "tenants/demo/products/a",
            "/tenants/demo/accounts/a",
            "tenants/demo/accounts/a b",
            "tenants/demo/accounts/%",
            "tenants/demo/accounts/%4",
            "tenants/demo/accounts/%61",
            "tenants/demo/accounts/%2f",
            "tenants/demo/accounts/%FF",
            "tenants/demo/accounts/%+1",
        ] {
            assert_eq!(ACCOUNT.parse(name), Err(NameError { pattern: ACCOUNT.pattern }), "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_id_has_one_name(tenant in "[a-z0-9-]{1,32}", id in "\\PC{1,20}") {
            let name = DOCUMENT.name([&tenant, &id]);
            prop_assert_eq!(DOCUMENT.parse(&name), Ok([tenant, id]));
        }

        #[test]
        fn no_text_is_a_surprise(name in "\\PC*") {
            if let Ok(ids) = DOCUMENT.parse(&name) {
                prop_assert_eq!(DOCUMENT.name([&ids[0], &ids[1]]), name);
            }
        }
    }
}
