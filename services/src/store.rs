//! Which store a node works on, and how it gets there: addresses, opening, the store server and its client, copying.

mod address;
mod client;
mod copy;
#[cfg(feature = "foundationdb")]
mod founding;
mod idle;
mod open;
mod parts;
mod restored;
mod server;
mod service;
mod wire;

pub use address::{AddressError, StoreAddress};
pub use client::{ConnectError, RemoteOptions, RemoteStore};
pub use copy::{CopyError, Tally, copy};
pub use open::{OpenError, Opened, StoreKind, open};
pub use restored::{RestoredError, restored};
pub use server::{ServeError, ServerOptions, StoreServer, serve};
