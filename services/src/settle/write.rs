//! Writing result tables to a folder.

use std::fs;
use std::path::Path;

use super::error::SettleError;
use super::result_table::ResultTable;

/// Writes every table to its file below the folder, over whatever stands there.
pub(super) fn tables(folder: &Path, tables: &[ResultTable]) -> Result<(), SettleError> {
    for table in tables {
        let folder = folder.join(table.folder);
        fs::create_dir_all(&folder).map_err(|source| SettleError::Io { path: folder.clone(), source })?;
        let path = folder.join(format!("{}.csv", table.name));
        write(&path, table).map_err(|source| SettleError::Io { path, source })?;
    }
    Ok(())
}

fn write(path: &Path, table: &ResultTable) -> std::io::Result<()> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_path(path)?;
    writer.write_record(table.columns)?;
    for row in &table.rows {
        writer.write_record(row)?;
    }
    writer.flush()
}
