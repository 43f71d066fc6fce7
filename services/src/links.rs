//! The way to other nodes over gRPC: what the shell hands over as [`Peers`](actors::shell::Peers) goes through here.
//!
//! A node opens a few streams to each of the others, when there is something to say, and its own questions go out and
//! their answers come back on them; the other way round the other node opens its own. What waits goes into one frame.
//! A stream says at its beginning which start of a node it means, so that nothing reaches a later one. How connections
//! are made is left to a [`Network`].

mod connection;
mod exchange;
mod host;
mod lane;
mod network;
mod options;
mod outgoing;
mod peers;
mod pending;
mod wire;

pub use exchange::Exchange;
pub use host::Host;
pub use network::{Network, Tcp, Wire};
pub use options::LinkOptions;
pub use peers::Links;
