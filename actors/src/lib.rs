//! The actors of Kvarter: the shell that runs entities, and the entities of the field bound to it.
//!
//! [`shell`] knows no billing word: it routes bytes to an entity, lets its pure rules decide, commits what they
//! decided with the answer and the outgoing messages in one transaction, and only then answers.

pub mod entity;
pub mod shell;
