//! The entities of the field bound to the shell: names, stored form, facts.
//!
//! `domain` decides; this module says under which key an entity stands, which rows its events are, and how what it
//! wants to read is found. Every kind is bound by one small file that implements [`Binding`]; [`Adapter`] makes a
//! machine of it.

mod account;
mod adapter;
mod binding;
mod bounds;
mod catalog;
mod cdr_book;
mod directory;
mod etag;
mod event_log;
mod evse;
mod facts;
mod invoice_run;
pub mod listing;
mod market_document;
mod metering_point;
mod name;
mod number_series;
mod partners;
mod roaming_object;
pub mod row;
mod run_part;
mod shelf;
mod tokens;
mod webhooks;

pub use adapter::Adapter;
pub use binding::{Binding, Writes};
pub use etag::etag;
pub use name::{Kind, entity_id};

use cluster::{ShardCount, ShardId};

use crate::shell::{ActivationError, EntityId, Machine, Machines, Part};

/// Every kind of entity that a node runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kinds;

impl Machines for Kinds {
    fn shard_of(&self, id: &EntityId, count: ShardCount) -> ShardId {
        name::fixed_shard(id, count).unwrap_or_else(|| count.shard_of(&id.to_bytes()))
    }

    fn activate(&self, id: &EntityId, parts: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError> {
        use domain::entity as kinds;
        let kind =
            Kind::of(id).ok_or_else(|| ActivationError { reason: format!("{id} is of an unknown kind") })?;
        Ok(match kind {
            Kind::Account => Box::new(Adapter::<kinds::account::Account>::activate(id, parts)?),
            Kind::MeteringPoint => {
                Box::new(Adapter::<kinds::metering_point::MeteringPoint>::activate(id, parts)?)
            }
            Kind::Catalog => Box::new(Adapter::<kinds::catalog::Catalog>::activate(id, parts)?),
            Kind::Document => {
                Box::new(Adapter::<kinds::market_document::MarketDocument>::activate(id, parts)?)
            }
            Kind::InvoiceRun => Box::new(Adapter::<kinds::invoice_run::InvoiceRun>::activate(id, parts)?),
            Kind::Directory => Box::new(Adapter::<kinds::directory::Directory>::activate(id, parts)?),
            Kind::EventLog => Box::new(Adapter::<kinds::event_log::EventLog>::activate(id, parts)?),
            Kind::Webhooks => Box::new(Adapter::<kinds::webhooks::Webhooks>::activate(id, parts)?),
            Kind::CdrBook => Box::new(Adapter::<kinds::cdr_book::CdrBook>::activate(id, parts)?),
            Kind::Evse => Box::new(Adapter::<kinds::evse::Evse>::activate(id, parts)?),
            Kind::Partners => Box::new(Adapter::<kinds::partners::Partners>::activate(id, parts)?),
            Kind::RoamingObject => {
                Box::new(Adapter::<kinds::roaming_object::RoamingObjects>::activate(id, parts)?)
            }
            Kind::RunPart => Box::new(Adapter::<kinds::run_part::RunPart>::activate(id, parts)?),
            Kind::NumberSeries => {
                Box::new(Adapter::<kinds::number_series::NumberSeries>::activate(id, parts)?)
            }
        })
    }
}
