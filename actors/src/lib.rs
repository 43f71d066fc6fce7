//! Crate actors of Kvarter.
