//! A disk in memory that can lose its power or its health in the middle of things.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// The unit that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Clones share the disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What is read: every write so far.
    content: Vec<u8>,
    /// What is on the platters for certain: as of the last flush.
    flushed: Vec<u8>,
    /// Writes and changes of length since the last flush.
    pending: Vec<Change>,
    /// Operations that still succeed; `None` for a disk that does not fail.
    operations_left: Option<u64>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Disk {
    /// A disk with this content, all of it durable.
    pub(super) fn with_content(content: Vec<u8>) -> Disk {
        Disk(Arc::new(Mutex::new(State { flushed: content.clone(), content, ..State::default() })))
    }

    /// From here on so many writes and flushes succeed, then everything fails, reading included.
    pub(super) fn fail_after(&self, operations: u64) {
        self.0.lock().unwrap().operations_left = Some(operations);
    }

    /// What is found after a power cut: all that was flushed and, of the rest, whatever sectors happened to
    /// be written, as `keep` decides for each.
    pub(super) fn after_power_cut(&self, mut keep: impl FnMut() -> bool) -> Vec<u8> {
        let state = self.0.lock().unwrap();
        let mut content = state.flushed.clone();
        for change in &state.pending {
            match change {
                Change::Length(length) => content.resize(*length, 0),
                Change::Write(offset, data) => {
                    for (number, sector) in data.chunks(SECTOR_BYTES).enumerate() {
                        if keep() {
                            write(&mut content, offset + number * SECTOR_BYTES, sector);
                        }
                    }
                }
            }
        }
        content
    }
}

impl State {
    fn operate(&mut self) -> io::Result<()> {
        match &mut self.operations_left {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the disk is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        if state.operations_left == Some(0) {
            return Err(io::Error::other("the disk is gone"));
        }
        let begin = usize::try_from(offset).unwrap();
        out.copy_from_slice(&state.content[begin..begin + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.operate()?;
        let length = usize::try_from(length).unwrap();
        state.content.resize(length, 0);
        state.pending.push(Change::Length(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.operate()?;
        state.flushed = state.content.clone();
        state.pending.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.operate()?;
        let offset = usize::try_from(offset).unwrap();
        write(&mut state.content, offset, data);
        state.pending.push(Change::Write(offset, data.to_vec()));
        Ok(())
    }
}

fn write(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(data);
}
