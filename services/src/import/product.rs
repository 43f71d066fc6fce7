//! A product in JSON, as the API has it: with everything that a row of `products.csv` has no room for. Its schema is
//! `docs/reference/product.schema.json`.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

/// Whether a file is a product in JSON rather than a market document: an object that has a `product_id`.
#[must_use]
pub fn is_product(bytes: &[u8]) -> bool {
    let object: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_slice(bytes);
    object.is_ok_and(|object| object.contains_key("product_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_has_an_id_of_its_own() {
        assert!(is_product(br#" {"display_name": "x", "product_id": "y"}"#));
        for other in [&b"{}"[..], b"[]", b"<a/>", b"{\"product_id\"", br#"{"a": {"product_id": "y"}}"#, b""] {
            assert!(!is_product(other), "{}", String::from_utf8_lossy(other));
        }
    }
}
