//! The services of `kvarter.*.v1` over gRPC, one file per service.
//!
//! Nothing is decided here: a request is checked field by field, becomes a command of one entity, and what the entity says
//! becomes the answer. Who asks is told by the metadata `kvarter-client` and `kvarter-subject` and is not yet proven: the
//! network is trusted.

mod admission;
mod batches;
mod context;
mod fields;
mod guarded;
mod known;
mod name;
mod page;
mod status;
mod unreachable;

mod account;
mod admin;
mod catalog;
mod cdrs;
mod charging;
mod charging_contracts;
mod cluster;
mod directory;
mod events;
mod invoicing;
mod metering;
mod partners;
mod price_sheets;
mod share_agreements;
mod statements;
mod supply;
mod webhooks;

mod chunks;
mod contracts;
mod documents;
mod parked;
mod prices;
mod product;
mod stream_days;
mod tokens;

pub use account::Accounts;
pub use admin::{About, Admin};
pub use admission::Admission;
pub use catalog::Catalogs;
pub use cdrs::Cdrs;
pub use charging::Charging;
pub use charging_contracts::ChargingContracts;
pub use cluster::Clusters;
pub use directory::Directories;
pub use events::Events;
pub use guarded::Guard;
pub use invoicing::Invoicing;
pub use metering::Metering;
pub use partners::PartnerAdmin;
pub use price_sheets::PriceSheets;
pub use share_agreements::ShareAgreements;
pub use statements::Statements;
pub use status::DOMAIN;
pub use supply::Supply;
pub use webhooks::WebhookAdmin;
