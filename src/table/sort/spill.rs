//! Spilled rows, in an unnamed file next to the output.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use super::super::error::StoreError;
use crate::crypto::MessageCipher;
use crate::platform::{read_exact_at, write_all_at};

/// Bytes of a message besides its columns, about.
const MESSAGE_BYTES: usize = 2 << 10;

/// What is encrypted.
const CONTEXT: &[u8] = b"spilled rows";

/// An unnamed file. The operating system removes it when the process ends, also after a crash.
pub(super) struct Spill {
    folder: PathBuf,
    file: File,
    /// Bytes with which every Arrow IPC stream of the rows begins.
    schema: Vec<u8>,
    /// Encrypts the rows; `None` if they are written in clear.
    cipher: Option<MessageCipher>,
    written: AtomicU64,
}

/// Position of a batch in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    offset: u64,
    length: usize,
}

impl Spill {
    /// Creates an empty file in `folder` for rows of `schema`.
    pub(super) fn create(folder: &Path, schema: &Schema, cipher: Option<MessageCipher>) -> Result<Self, StoreError> {
        let error = |source| StoreError::Spill { path: folder.into(), source };
        let file = tempfile::tempfile_in(folder).map_err(error)?;
        let schema = start_of_stream(schema).map_err(|e| error(io::Error::other(e.to_string())))?;
        Ok(Self { folder: folder.into(), file, schema, cipher, written: AtomicU64::new(0) })
    }

    /// Returns the number of bytes written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes batches side by side, and returns their positions.
    pub(super) fn write(&self, batches: &[RecordBatch]) -> Result<Vec<Segment>, StoreError> {
        let Some(first) = batches.first() else { return Ok(Vec::new()) };
        let (bytes, ends) = encode(first, batches).map_err(|e| self.arrow_error(&e))?;
        let (start, bytes, ends) = self.encrypted(bytes, ends)?;
        let offset = self.written.fetch_add((bytes.len() - start) as u64, Ordering::Relaxed);
        write_all_at(&self.file, &bytes[start..], offset).map_err(|source| self.error(source))?;
        let starts = std::iter::once(start).chain(ends.iter().copied());
        let segments = starts.zip(&ends);
        Ok(segments.map(|(from, to)| Segment { offset: offset + (from - start) as u64, length: to - from }).collect())
    }

    /// Encrypts batches that are encoded as a stream. Returns where the first begins, the bytes, and where each ends.
    fn encrypted(&self, stream: Vec<u8>, ends: Vec<usize>) -> Result<(usize, Vec<u8>, Vec<usize>), StoreError> {
        let mut from = self.schema.len();
        let Some(cipher) = &self.cipher else { return Ok((from, stream, ends)) };
        let mut sealed = Vec::with_capacity(stream.len());
        let mut sealed_ends = Vec::with_capacity(ends.len());
        for end in ends {
            let message = cipher.seal(CONTEXT, &stream[from..end]);
            sealed.extend_from_slice(&message.map_err(|e| self.error(io::Error::other(e.to_string())))?);
            sealed_ends.push(sealed.len());
            from = end;
        }
        Ok((0, sealed, sealed_ends))
    }

    fn decrypted(&self, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let Some(cipher) = &self.cipher else { return Ok(bytes) };
        cipher.open(CONTEXT, &bytes).ok_or_else(|| self.error(io::ErrorKind::InvalidData.into()))
    }

    /// Reads a batch that [`Spill::write`] wrote.
    pub(super) fn read(&self, segment: Segment) -> Result<RecordBatch, StoreError> {
        let mut bytes = vec![0; segment.length];
        read_exact_at(&self.file, &mut bytes, segment.offset).map_err(|source| self.error(source))?;
        let bytes = self.decrypted(bytes)?;
        let stream = self.schema.as_slice().chain(bytes.as_slice());
        match StreamReader::try_new(stream, None).and_then(|mut reader| reader.next().transpose()) {
            Ok(Some(batch)) => Ok(batch),
            Ok(None) => Err(self.error(io::ErrorKind::UnexpectedEof.into())),
            Err(error) => Err(self.arrow_error(&error)),
        }
    }

    fn arrow_error(&self, error: &ArrowError) -> StoreError {
        self.error(io::Error::other(error.to_string()))
    }

    fn error(&self, source: io::Error) -> StoreError {
        StoreError::Spill { path: self.folder.clone(), source }
    }
}

/// Returns the bytes before the first batch of an Arrow IPC stream.
fn start_of_stream(schema: &Schema) -> Result<Vec<u8>, ArrowError> {
    Ok(StreamWriter::try_new(Vec::new(), schema)?.get_ref().clone())
}

/// Encodes batches of one schema as a stream, and returns where each ends.
fn encode(first: &RecordBatch, batches: &[RecordBatch]) -> Result<(Vec<u8>, Vec<usize>), ArrowError> {
    // Slices of one batch each tell the size of the whole. A buffer that grows would copy what it holds.
    let bytes = first.get_array_memory_size() + batches.len() * MESSAGE_BYTES;
    let mut writer = StreamWriter::try_new(Vec::with_capacity(bytes), &first.schema())?;
    let mut ends = Vec::with_capacity(batches.len());
    for batch in batches {
        writer.write(batch)?;
        ends.push(writer.get_ref().len());
    }
    Ok((std::mem::take(writer.get_mut()), ends))
}
