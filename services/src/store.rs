//! Which store a node works on, and how it gets there: addresses, opening, the store server and its client, copying.

mod address;
mod open;

pub use address::{AddressError, StoreAddress};
pub use open::{OpenError, Opened, StoreKind, open};
