//! Charge detail records on their way in: whoever brings one, over whichever road, gives it to the book of its party here.
//!
//! The rim finds out who pays before it asks the book, since that takes other entities; the book decides all else. An
//! answer is given when the book's commit is durable. A document that can't be read is kept as well, for a person.

mod intake;
mod payer;

pub(crate) use intake::{Arrived, Asker, Received, keep_unreadable, receive, release, unreadable};
