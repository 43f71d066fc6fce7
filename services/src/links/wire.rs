//! What nodes say to each other as messages, and back.

pub(super) mod answer;
pub(super) mod call;
pub(super) mod entity;
pub(super) mod parcel;
pub(super) mod ruling;

/// A peer said something that means nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message between nodes has no {what} that this program knows")]
pub(super) struct Malformed {
    /// What lacks or can't be read.
    pub(super) what: &'static str,
}

pub(super) fn malformed(what: &'static str) -> Malformed {
    Malformed { what }
}

#[cfg(test)]
mod tests;
