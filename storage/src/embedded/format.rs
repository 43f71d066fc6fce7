//! The tables of the file, the row that says in which format they are, and the one that says where the log goes on.

use redb::{Database, Durability, ReadableDatabase, TableDefinition, TableError, WriteTransaction};

use super::log::Checkpoint;
use super::sealed::{seal, unseal};

/// The rows of the store, values in the form of [`sealed`](super::sealed).
pub(super) const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
/// The newest format, and the one that is written.
pub(super) const KNOWN_FORMAT: u32 = 2;
/// The format of a store without a log.
pub(super) const FORMAT_WITHOUT_LOG: u32 = 1;

const FORMAT_TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("kvarter.format");
const FORMAT_KEY: &[u8] = b"format";
const CHECKPOINT_KEY: &[u8] = b"checkpoint";
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

/// Creates the tables in an empty file, or raises the format of one that has them.
pub(super) fn write_format(database: &Database, format: u32) -> Result<(), redb::Error> {
    let transaction = begin_write(database)?;
    transaction.open_table(ROWS)?;
    let number = format.to_le_bytes();
    write(&transaction, FORMAT_KEY, &[MAGIC.as_slice(), &number].concat())?;
    write_checkpoint(&transaction, Checkpoint::FIRST)?;
    Ok(transaction.commit()?)
}

/// Notes where the log goes on, together with all else that the transaction writes.
pub(super) fn write_checkpoint(
    transaction: &WriteTransaction,
    Checkpoint { sequence, segment }: Checkpoint,
) -> Result<(), redb::Error> {
    write(transaction, CHECKPOINT_KEY, &[sequence.to_le_bytes(), segment.to_le_bytes()].concat())
}

/// The format of the file, or `None` if it has none and is not ours.
pub(super) fn read_format(database: &impl ReadableDatabase) -> Result<Option<u32>, redb::Error> {
    let content = read(database, FORMAT_KEY)?;
    let number = content.as_deref().and_then(|content| content.strip_prefix(&MAGIC)?.first_chunk());
    Ok(number.map(|number| u32::from_le_bytes(*number)))
}

/// Where the log goes on.
pub(super) fn read_checkpoint(database: &impl ReadableDatabase) -> Result<Checkpoint, redb::Error> {
    let content = read(database, CHECKPOINT_KEY)?;
    let fields = content.as_deref().and_then(|content| content.split_first_chunk());
    let fields = fields.and_then(|(sequence, rest)| Some((*sequence, *rest.first_chunk()?)));
    let (sequence, segment) =
        fields.ok_or_else(|| redb::Error::Corrupted("it does not say where its log goes on".to_owned()))?;
    Ok(Checkpoint { sequence: u64::from_le_bytes(sequence), segment: u64::from_le_bytes(segment) })
}

fn write(transaction: &WriteTransaction, key: &[u8], content: &[u8]) -> Result<(), redb::Error> {
    transaction.open_table(FORMAT_TABLE)?.insert(key, seal(key, content).as_slice())?;
    Ok(())
}

fn read(database: &impl ReadableDatabase, key: &[u8]) -> Result<Option<Vec<u8>>, redb::Error> {
    let table = match database.begin_read()?.open_table(FORMAT_TABLE) {
        Ok(table) => table,
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let Some(row) = table.get_owned(key)? else { return Ok(None) };
    let content = unseal(key, row.value()).map_err(|error| redb::Error::Corrupted(error.to_string()))?;
    Ok(Some(content.to_vec()))
}
