//! The body of a request, read to a bound. Of one that is larger the beginning, the length and the digest are known, so that a
//! record too large to be taken can be kept for a person.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use domain::cdr::Road;
use domain::entity::cdr_book::{MOST_UNREADABLE_BYTES, Unreadable};
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use super::OcpiOptions;
use super::answer::Fault;

/// How many times the largest body is let pass of one that is too large: a caller that still sends reads no answer.
const LET_PASS: usize = 32;

/// Why there is no body.
pub(super) enum Unread {
    /// It did not come.
    Fault(Fault),
    /// It is larger than what is read.
    TooLarge(Overlong),
}

/// A body that is larger than what is read.
pub(super) struct Overlong {
    beginning: Vec<u8>,
    length: u64,
    digest: [u8; 32],
}

/// The body of a request.
pub(super) async fn read(body: Body, options: &OcpiOptions) -> Result<Bytes, Unread> {
    match tokio::time::timeout(options.sending, collect(body, options.most_body_bytes)).await {
        Ok(read) => read,
        Err(_) => {
            let text = format!("no body came within {} s", options.sending.as_secs());
            Err(Unread::Fault(Fault::busy(text).closing()))
        }
    }
}

async fn collect(mut body: Body, most: usize) -> Result<Bytes, Unread> {
    let (mut kept, mut passed, mut digest) = (BytesMut::new(), 0_usize, Sha256::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Fault(Fault::parameters("the body broke off")))?;
        let Ok(data) = frame.into_data() else { continue };
        if passed.saturating_add(data.len()) > most {
            if passed <= most {
                digest.update(&kept);
                kept.extend_from_slice(data.get(..MOST_UNREADABLE_BYTES.min(data.len())).unwrap_or_default());
                kept.truncate(MOST_UNREADABLE_BYTES);
            }
            digest.update(&data);
        } else {
            kept.extend_from_slice(&data);
        }
        passed = passed.saturating_add(data.len());
        if passed > most.saturating_mul(LET_PASS) {
            break;
        }
    }
    if passed <= most {
        return Ok(kept.freeze());
    }
    let length = u64::try_from(passed).unwrap_or(u64::MAX);
    Err(Unread::TooLarge(Overlong { beginning: kept.to_vec(), length, digest: digest.finalize().into() }))
}

impl Overlong {
    /// As a document that can't be taken.
    pub(super) fn kept(self, road: Road, reason: &str) -> Unreadable {
        let Self { beginning, length, digest } = self;
        Unreadable { road, beginning, length, digest, reason: reason.to_owned() }
    }
}
