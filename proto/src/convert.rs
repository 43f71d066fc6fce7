//! The way between messages and the values of `domain`, one file per subject.
//!
//! From a value to its message there is always a way (`From<&Value>`); from a message to its value there is one where
//! every field says something that can be (`TryFrom<Message>`), and a [`FieldError`] that names the first field that does
//! not. No message makes a conversion panic, whoever sent it. Resource names are output only: they are not read here,
//! and who answers a client sets them ([`crate::name`]).

mod field;

mod number;
mod text;
mod time;

mod charge;
mod charge_model;
mod contract;
mod metering_point;
mod price_series;
mod product;
mod series;
mod settings;
mod tax;

mod day_version;
mod not_ready;
mod position;

mod account;
mod document;
mod invoice;
mod invoice_line;
mod invoice_run;
mod posting;

mod account_event;
mod agreement;
mod charging_contract;
mod funds;
mod prepaid;

mod bundle;
mod cdr;
mod leg;
mod price_sheet;
mod session;
mod share_agreement;
mod sold_session;
mod statement;

mod entity;

pub use cdr::{record_reasons, suspicion_reason};
pub use entity::OnTerms;
pub use field::{FieldError, FieldFault};
pub use funds::{FundsEntries, placed, shown, transferred};
pub use number::{amount_text, parse_amount};
pub use posting::{parse_role, role_text};
pub use time::{instant, timestamp};
