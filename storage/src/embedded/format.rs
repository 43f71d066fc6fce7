//! The tables of the file and the row that says in which format they are.

use redb::{Database, Durability, ReadableDatabase, TableDefinition, TableError, WriteTransaction};

use super::sealed::{SEAL_BYTES, seal_into, unseal};

/// The rows of the store, values in the form of [`sealed`](super::sealed).
pub(super) const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
/// The newest format, and the one that is written.
pub(super) const KNOWN_FORMAT: u32 = 1;

const FORMAT_TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("kvarter.format");
const FORMAT_KEY: &[u8] = b"format";
const MAGIC: [u8; 8] = *b"kvarter\0";

/// A transaction that is durable when it is committed, in two phases, and leaves the file so that the next
/// start after a crash has nothing to rebuild.
pub(super) fn begin_write(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// Creates the tables in an empty file.
pub(super) fn write_format(database: &Database, format: u32) -> Result<(), redb::Error> {
    let transaction = begin_write(database)?;
    transaction.open_table(ROWS)?;
    {
        let mut content = [0; MAGIC.len() + size_of::<u32>()];
        let (magic, number) = content.split_at_mut(MAGIC.len());
        magic.copy_from_slice(&MAGIC);
        number.copy_from_slice(&format.to_le_bytes());
        let mut stored = [0; MAGIC.len() + size_of::<u32>() + SEAL_BYTES];
        seal_into(&mut stored, FORMAT_KEY, &content);
        transaction.open_table(FORMAT_TABLE)?.insert(FORMAT_KEY, stored.as_slice())?;
    }
    Ok(transaction.commit()?)
}

/// The format of the file, or `None` if it has none and is not ours.
pub(super) fn read_format(database: &impl ReadableDatabase) -> Result<Option<u32>, redb::Error> {
    let table = match database.begin_read()?.open_table(FORMAT_TABLE) {
        Ok(table) => table,
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let Some(row) = table.get_owned(FORMAT_KEY)? else { return Ok(None) };
    let content =
        unseal(FORMAT_KEY, row.value()).map_err(|error| redb::Error::Corrupted(error.to_string()))?;
    let format = content.strip_prefix(&MAGIC).and_then(|number| number.first_chunk());
    Ok(format.map(|number| u32::from_le_bytes(*number)))
}
