//! Crate services of Kvarter.
