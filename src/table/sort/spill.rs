//! Spilled rows, in an unnamed file next to the output.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use super::super::error::StoreError;
use super::lock::lock;

/// An unnamed file. The operating system removes it when the process ends, also after a crash.
pub(super) struct Spill {
    folder: PathBuf,
    file: Mutex<File>,
    written: AtomicU64,
}

/// Position of a batch in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    offset: u64,
    length: usize,
}

impl Spill {
    /// Creates an empty file in `folder`.
    pub(super) fn create(folder: &Path) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(folder).map_err(|source| StoreError::Spill { path: folder.into(), source })?;
        Ok(Self { folder: folder.into(), file: Mutex::new(file), written: AtomicU64::new(0) })
    }

    /// Returns the number of bytes written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes `batch` as one Arrow IPC stream.
    pub(super) fn write(&self, batch: &RecordBatch) -> Result<Segment, StoreError> {
        let bytes = encode(batch).map_err(|e| self.arrow_error(&e))?;
        let offset = self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.at(offset, |file| file.write_all(&bytes))?;
        Ok(Segment { offset, length: bytes.len() })
    }

    /// Reads a batch that [`Spill::write`] wrote.
    pub(super) fn read(&self, segment: Segment) -> Result<Vec<RecordBatch>, StoreError> {
        let mut bytes = vec![0; segment.length];
        self.at(segment.offset, |file| file.read_exact(&mut bytes))?;
        decode(&bytes).map_err(|e| self.arrow_error(&e))
    }

    fn at(&self, offset: u64, work: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), StoreError> {
        let mut file = lock(&self.file);
        let done = file.seek(SeekFrom::Start(offset)).and_then(|_| work(&mut file));
        done.map_err(|source| self.error(source))
    }

    fn arrow_error(&self, error: &ArrowError) -> StoreError {
        self.error(io::Error::other(error.to_string()))
    }

    fn error(&self, source: io::Error) -> StoreError {
        StoreError::Spill { path: self.folder.clone(), source }
    }
}

fn encode(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    writer.into_inner()
}

fn decode(bytes: &[u8]) -> Result<Vec<RecordBatch>, ArrowError> {
    StreamReader::try_new(bytes, None)?.collect()
}
