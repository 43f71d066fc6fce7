//! The files of the log.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const PREFIX: &str = "kvarter.log.";
/// A segment that was freed, kept to be written over: a file system flushes bytes that have their place already
/// faster than a file that grows.
const SPARE: &str = "kvarter.log.spare";

/// What the log needs of a disk.
pub(in crate::embedded) trait LogFiles: Debug + Send + Sync {
    /// What a segment is called towards a person.
    fn path(&self, segment: u64) -> PathBuf;

    /// The segments there are, in any order.
    fn numbers(&self) -> io::Result<Vec<u64>>;

    /// All bytes of a segment.
    fn read(&self, segment: u64) -> io::Result<Vec<u8>>;

    /// A segment with this header, to be written on behind it, in the place of any of that number. After a crash it is there with its header or
    /// not at all; once this returns it is. What follows the header is anything.
    fn create(&self, segment: u64, header: &[u8]) -> io::Result<Box<dyn SegmentFile>>;

    /// A segment that is there, to be written on from `offset`.
    fn open(&self, segment: u64, offset: u64) -> io::Result<Box<dyn SegmentFile>>;

    /// Frees a segment that is not needed any more. After a crash it may be there again.
    fn release(&self, segment: u64) -> io::Result<()>;

    /// Frees what is kept for segments to come.
    fn release_spare(&self) -> io::Result<()>;
}

/// A segment that is being written.
pub(in crate::embedded) trait SegmentFile: Debug + Send {
    /// Writes behind what was written last. Durable when this returns; after an error nothing is certain.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// The segments in a directory.
#[derive(Debug)]
pub(in crate::embedded) struct Directory(PathBuf);

impl Directory {
    pub(in crate::embedded) fn new(path: &Path) -> Directory {
        Directory(path.to_owned())
    }

    /// Makes the names in the directory durable.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }

    fn spare(&self) -> PathBuf {
        self.0.join(SPARE)
    }
}

impl LogFiles for Directory {
    fn path(&self, segment: u64) -> PathBuf {
        self.0.join(format!("{PREFIX}{segment:04}"))
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u64>().ok());
            numbers.extend(number);
        }
        Ok(numbers)
    }

    fn read(&self, segment: u64) -> io::Result<Vec<u8>> {
        fs::read(self.path(segment))
    }

    fn create(&self, segment: u64, header: &[u8]) -> io::Result<Box<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(false).open(self.spare())?;
        file.write_all(header)?;
        file.sync_all()?;
        fs::rename(self.spare(), self.path(segment))?;
        self.sync()?;
        Ok(Box::new(file))
    }

    fn open(&self, segment: u64, offset: u64) -> io::Result<Box<dyn SegmentFile>> {
        let mut file = OpenOptions::new().write(true).open(self.path(segment))?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }

    fn release(&self, segment: u64) -> io::Result<()> {
        fs::rename(self.path(segment), self.spare())
    }

    fn release_spare(&self) -> io::Result<()> {
        match fs::remove_file(self.spare()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl SegmentFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }
}
