//! An open database, and the part of it that is the store's.

use foundationdb::{Database, FdbResult, Transaction, options::TransactionOption};

use super::space::Space;
use super::trouble::Trouble;

pub(super) struct Session {
    pub(super) database: Database,
    pub(super) space: Space,
    pub(super) trouble: Trouble,
    /// Last, so that it is dropped after the database.
    _end: EndOfUse,
}

/// What has used the client library says so when it ends.
pub(super) struct EndOfUse;

impl Session {
    /// Of a database that was read from: what the library makes at first use is there now, and a process that exits
    /// without closing its stores is likely to do so in order.
    pub(super) fn new(database: Database, space: Space, end: EndOfUse) -> Session {
        libfdb::stop_at_exit();
        Session { database, space, trouble: Trouble::none(), _end: end }
    }
}

impl Drop for EndOfUse {
    fn drop(&mut self) {
        libfdb::stop_at_exit();
    }
}

/// Prepares a transaction for an attempt. What is read is what the cluster holds, never what the transaction itself
/// is about to write: nothing here reads after it has written.
pub(super) fn begin(transaction: &Transaction) -> FdbResult<()> {
    transaction.set_option(TransactionOption::ReadYourWritesDisable)
}
