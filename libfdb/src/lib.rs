//! The client library of FoundationDB, found when it is first needed instead of when the program is linked or started.
//!
//! Crate `foundationdb` calls functions named `fdb_…`, which a program otherwise takes from `libfdb_c` at its start,
//! or does not start at all. This crate defines those functions: each calls the one of the same name in the library
//! that [`start`] has loaded. So one program serves every store, and who does not use FoundationDB needs nothing of
//! it. Linked against this crate, a program never links `libfdb_c` itself.
//!
//! It is the only crate with unsafe code, and there is no more of it than loading a library, passing calls on, and
//! running the thread that the library needs once per process.

mod functions;
mod library;
mod network;

pub use library::CLIENT_VARIABLE;
pub use network::{API_VERSION, Client, StartError, start, stop, stop_at_exit};
