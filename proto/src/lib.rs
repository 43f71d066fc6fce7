//! Crate proto of Kvarter.
