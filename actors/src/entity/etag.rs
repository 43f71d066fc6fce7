//! Etags: names of the states of resources.
//!
//! An etag is a digest of what a client sees of a resource, so a state that comes back has its former etag again. It is
//! computed alike by whoever answers a client and by the entity that a command with an etag is for.

use std::fmt::Write as _;

use prost::Message;
use sha2::{Digest, Sha256};

/// How many bytes of the digest an etag has: enough to tell states apart that follow one another.
const BYTES: usize = 8;

/// The etag of a resource as its message says it, without its name and without an etag.
#[must_use]
pub fn etag(resource: &impl Message) -> String {
    let mut etag = String::with_capacity(BYTES.saturating_mul(2));
    for byte in Sha256::digest(resource.encode_to_vec()).iter().take(BYTES) {
        // Writing to a text can't fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag
}
