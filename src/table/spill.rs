//! Pseudonymised columns set aside on disk, next to the output, in a file that no name leads to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use super::error::StoreError;

/// A file without a name: the operating system removes it when the process ends, however it ends.
pub(super) struct Spill {
    folder: PathBuf,
    file: Mutex<File>,
    written: AtomicU64,
}

/// Where a batch lies in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    offset: u64,
    length: usize,
}

impl Spill {
    pub(super) fn create(folder: &Path) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(folder).map_err(|source| StoreError::Spill { path: folder.into(), source })?;
        Ok(Self { folder: folder.into(), file: Mutex::new(file), written: AtomicU64::new(0) })
    }

    /// Bytes written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes `batch` as one Arrow IPC stream.
    pub(super) fn write(&self, batch: &RecordBatch) -> Result<Segment, StoreError> {
        let bytes = encode(batch).map_err(|e| self.error(e))?;
        let offset = self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.at(offset, |file| file.write_all(&bytes))?;
        Ok(Segment { offset, length: bytes.len() })
    }

    /// Reads back what [`Spill::write`] wrote.
    pub(super) fn read(&self, segment: Segment) -> Result<Vec<RecordBatch>, StoreError> {
        let mut bytes = vec![0; segment.length];
        self.at(segment.offset, |file| file.read_exact(&mut bytes))?;
        let decode = || StreamReader::try_new(bytes.as_slice(), None)?.collect::<Result<Vec<_>, ArrowError>>();
        decode().map_err(|e| self.error(io::Error::other(e.to_string())))
    }

    fn at(&self, offset: u64, work: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), StoreError> {
        // A thread that panicked while it held the file left no half-written state that matters: offsets are explicit.
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let done = file.seek(SeekFrom::Start(offset)).and_then(|_| work(&mut file));
        done.map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> StoreError {
        StoreError::Spill { path: self.folder.clone(), source }
    }
}

fn encode(batch: &RecordBatch) -> io::Result<Vec<u8>> {
    let other = |e: ArrowError| io::Error::other(e.to_string());
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(other)?;
    writer.write(batch).map_err(other)?;
    writer.into_inner().map_err(other)
}
