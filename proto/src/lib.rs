//! What goes over the wire and into the store: the messages and services of `kvarter.*.v1`, and the way between them
//! and the values of `domain`.

pub mod convert;
pub mod generated;
pub mod name;
mod packing;

pub use generated::google::r#type as google_type;
pub use generated::kvarter::account::v1 as account;
pub use generated::kvarter::admin::v1 as admin;
pub use generated::kvarter::catalog::v1 as catalog;
pub use generated::kvarter::charging::v1 as charging;
pub use generated::kvarter::cluster::v1 as cluster;
pub use generated::kvarter::directory::v1 as directory;
pub use generated::kvarter::events::v1 as events;
pub use generated::kvarter::invoicing::v1 as invoicing;
pub use generated::kvarter::metering::v1 as metering;
pub use generated::kvarter::node::v1 as node;
pub use generated::kvarter::roaming::v1 as roaming;
pub use generated::kvarter::storage::v1 as storage;
pub use generated::kvarter::store::v1 as store;
pub use generated::kvarter::r#type::v1 as types;

/// Every file of the protocol and what it imports, as an encoded `google.protobuf.FileDescriptorSet` without comments:
/// what reflection serves.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.binpb"));
