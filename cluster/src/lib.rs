//! Crate cluster of Kvarter.
