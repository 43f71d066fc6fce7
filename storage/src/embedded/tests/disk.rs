//! A disk in memory, with the file of a store and its log, that can lose its power or its health in the middle of
//! things.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use super::super::log::{LogFiles, SegmentFile};

/// The unit that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;
/// The number of the file that is redb's. Every other is a segment of the log.
const DATA: u64 = 0;

/// Clones share the disk. To redb it is the file of the store.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<u64, File>,
    /// The segment that was freed last, as it was. A power cut may bring it back.
    spare: Option<(u64, File)>,
    /// Operations that still succeed; `None` for a disk that does not fail.
    operations_left: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct File {
    /// What is read: every write so far.
    content: Vec<u8>,
    /// What is on the platters for certain: as of the last flush.
    flushed: Vec<u8>,
    /// How much was there before the last flush.
    before_last_flush: usize,
    /// Writes and changes of length since the last flush.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug)]
struct Segment {
    disk: Disk,
    number: u64,
    offset: usize,
}

impl Disk {
    /// From here on so many writes, flushes and changes of names succeed, then everything fails, reading included.
    pub(super) fn fail_after(&self, operations: u64) {
        self.0.lock().unwrap().operations_left = Some(operations);
    }

    /// The bytes of a segment.
    pub(super) fn content(&self, segment: u64) -> Vec<u8> {
        LogFiles::read(self, segment).unwrap()
    }

    /// Makes a segment what it was not.
    pub(super) fn set_content(&self, segment: u64, content: Vec<u8>) {
        self.0.lock().unwrap().files.insert(segment, File::flushed(content));
    }

    /// The last write of a segment was taken and read, but never reached the platters.
    pub(super) fn forget_last_flush(&self, segment: u64) {
        let mut state = self.0.lock().unwrap();
        let file = state.files.get_mut(&segment).unwrap();
        file.flushed.truncate(file.before_last_flush);
    }

    /// What is found after a power cut: all that was flushed and, of the rest, whatever sectors happened to
    /// be written, as `keep` decides for each.
    pub(super) fn after_power_cut(&self, mut keep: impl FnMut() -> bool) -> Disk {
        let state = self.0.lock().unwrap();
        let spare = state.spare.as_ref().filter(|_| keep()).map(|(number, file)| (number, file));
        let files = state.files.iter().chain(spare);
        let files = files.map(|(number, file)| (*number, file.after_power_cut(&mut keep)));
        Disk(Arc::new(Mutex::new(State { files: files.collect(), ..State::default() })))
    }

    fn operate<T>(&self, number: u64, change: impl FnOnce(&mut File) -> T) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        state.operate()?;
        Ok(change(state.files.entry(number).or_default()))
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

impl File {
    fn flushed(content: Vec<u8>) -> File {
        File { flushed: content.clone(), content, ..File::default() }
    }

    fn write(&mut self, offset: usize, data: &[u8]) {
        write(&mut self.content, offset, data);
        self.pending.push(Change::Write(offset, data.to_vec()));
    }

    fn set_len(&mut self, length: usize) {
        self.content.resize(length, 0);
        self.pending.push(Change::Length(length));
    }

    fn flush(&mut self) {
        self.before_last_flush = self.flushed.len();
        self.flushed.clone_from(&self.content);
        self.pending.clear();
    }

    fn after_power_cut(&self, mut keep: impl FnMut() -> bool) -> File {
        let mut content = self.flushed.clone();
        for change in &self.pending {
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
        File::flushed(content)
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().files.get(&DATA).map_or(0, |file| file.content.len()) as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        if state.operations_left == Some(0) {
            return Err(io::Error::other("the disk is gone"));
        }
        let begin = usize::try_from(offset).unwrap();
        out.copy_from_slice(&state.files[&DATA].content[begin..begin + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.operate(DATA, |file| file.set_len(usize::try_from(length).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(DATA, File::flush)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.operate(DATA, |file| file.write(usize::try_from(offset).unwrap(), data))
    }
}

impl LogFiles for Disk {
    fn path(&self, segment: u64) -> PathBuf {
        format!("segment {segment}").into()
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        Ok(self.0.lock().unwrap().files.keys().copied().filter(|number| *number != DATA).collect())
    }

    fn read(&self, segment: u64) -> io::Result<Vec<u8>> {
        let state = self.0.lock().unwrap();
        state.files.get(&segment).map(|file| file.content.clone()).ok_or(io::ErrorKind::NotFound.into())
    }

    fn create(&self, segment: u64, header: &[u8]) -> io::Result<Box<dyn SegmentFile>> {
        let mut state = self.0.lock().unwrap();
        state.operate()?;
        let mut content = state.spare.take().map(|(_, file)| file.content).unwrap_or_default();
        write(&mut content, 0, header);
        state.files.insert(segment, File::flushed(content));
        Ok(Box::new(Segment { disk: self.clone(), number: segment, offset: header.len() }))
    }

    fn open(&self, segment: u64, offset: u64) -> io::Result<Box<dyn SegmentFile>> {
        let offset = usize::try_from(offset).unwrap();
        Ok(Box::new(Segment { disk: self.clone(), number: segment, offset }))
    }

    fn release(&self, segment: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.operate()?;
        let file = state.files.remove(&segment).unwrap();
        state.spare = Some((segment, file));
        Ok(())
    }

    fn release_spare(&self) -> io::Result<()> {
        self.0.lock().unwrap().spare = None;
        Ok(())
    }
}

impl SegmentFile for Segment {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.disk.operate(self.number, |file| file.write(self.offset, bytes))?;
        self.offset += bytes.len();
        self.disk.operate(self.number, File::flush)
    }
}

fn write(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(data);
}
