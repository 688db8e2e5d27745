//! Chunks of whole records, read one after another and parsed in parallel.

use std::io::Read;
use std::path::PathBuf;

use memchr::memchr_iter;

use super::super::super::error::SourceError;
use super::input::{Input, read_error};
use super::record::last_record_end;

/// Bytes of a file that one task parses.
pub(super) const CHUNK_BYTES: usize = 2 << 20;
/// The longest record. A longer one counts as an open quotation mark.
const MAX_RECORD_BYTES: usize = 16 << 20;

/// Whole records of a file.
pub(in crate::table::source) struct Chunk {
    pub(super) bytes: Vec<u8>,
    /// Line on which the first record begins.
    pub(super) first_line: u64,
}

impl Chunk {
    /// Returns true if the last line has no line end, as the last of a file may.
    pub(super) fn ends_within_line(&self) -> bool {
        !self.bytes.ends_with(b"\n")
    }

    /// Returns the number of the last line.
    pub(super) fn last_line(&self) -> u64 {
        self.first_line + count_newlines(&self.bytes)
    }

    /// Returns the number of the first line that is not UTF-8.
    pub(super) fn first_invalid_line(&self) -> u64 {
        let valid = match std::str::from_utf8(&self.bytes) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        self.first_line + count_newlines(&self.bytes[..valid])
    }
}

/// Reads a file chunk by chunk. Each chunk ends with a record.
pub(super) struct Chunks {
    path: PathBuf,
    input: Input,
    delimiter: u8,
    /// Start of a record that the last chunk does not hold.
    carry: Vec<u8>,
    line: u64,
    is_done: bool,
}

impl Chunks {
    /// Returns the chunks of `input`, whose first record begins on line `first_line` of the file at `path`.
    pub(super) fn new(path: PathBuf, input: Input, delimiter: u8, first_line: u64) -> Self {
        Self { path, input, delimiter, carry: Vec::new(), line: first_line, is_done: false }
    }

    fn read(&mut self) -> Result<Option<Chunk>, SourceError> {
        let mut bytes = std::mem::take(&mut self.carry);
        loop {
            let read = (&mut self.input).take(CHUNK_BYTES as u64).read_to_end(&mut bytes);
            let read = read.map_err(|source| read_error(&self.path, source))?;
            self.is_done = read < CHUNK_BYTES;
            let records = last_record_end(&bytes, self.delimiter);
            let is_too_long = bytes.len() - records.length > MAX_RECORD_BYTES;
            if records.is_open && (self.is_done || is_too_long) {
                let line = self.line + count_newlines(&bytes[..records.length]);
                return Err(SourceError::OpenQuote { path: self.path.clone(), line });
            }
            if self.is_done || records.length > 0 || is_too_long {
                let end = if self.is_done || records.length == 0 { bytes.len() } else { records.length };
                self.carry = bytes.split_off(end);
                break;
            }
        }
        let first_line = self.line;
        self.line += count_newlines(&bytes);
        Ok((!bytes.is_empty()).then_some(Chunk { bytes, first_line }))
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let chunk = self.read();
        self.is_done |= chunk.is_err();
        chunk.transpose()
    }
}

fn count_newlines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
