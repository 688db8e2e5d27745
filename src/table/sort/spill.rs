//! Spilled rows, in an unnamed file next to the output.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::error::StoreError;
use crate::crypto::MessageCipher;
use crate::platform::{read_exact_at, write_all_at};

/// What is encrypted.
const CONTEXT: &[u8] = b"spilled rows";

/// An unnamed file. The operating system removes it when the process ends, also after a crash.
pub(super) struct Spill {
    folder: PathBuf,
    file: File,
    /// Encrypts the rows; `None` if they are written in clear.
    cipher: Option<MessageCipher>,
    written: AtomicU64,
}

/// Position of rows in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    offset: u64,
    length: usize,
}

impl Spill {
    /// Creates an empty file in `folder`.
    pub(super) fn create(folder: &Path, cipher: Option<MessageCipher>) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(folder).map_err(|source| StoreError::Spill { path: folder.into(), source })?;
        Ok(Self { folder: folder.into(), file, cipher, written: AtomicU64::new(0) })
    }

    /// Returns the number of bytes written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes runs of rows side by side, each of which ends where `ends` says. Returns their positions.
    pub(super) fn write(&self, rows: &[u8], ends: &[usize]) -> Result<Vec<Segment>, StoreError> {
        match &self.cipher {
            None => self.append(rows, ends),
            Some(cipher) => {
                let (rows, ends) = self.encrypted(cipher, rows, ends)?;
                self.append(&rows, &ends)
            }
        }
    }

    fn append(&self, bytes: &[u8], ends: &[usize]) -> Result<Vec<Segment>, StoreError> {
        let offset = self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        write_all_at(&self.file, bytes, offset).map_err(|source| self.error(source))?;
        let segments = starts(ends).zip(ends);
        Ok(segments.map(|(from, to)| Segment { offset: offset + from as u64, length: to - from }).collect())
    }

    fn encrypted(
        &self,
        cipher: &MessageCipher,
        rows: &[u8],
        ends: &[usize],
    ) -> Result<(Vec<u8>, Vec<usize>), StoreError> {
        let mut sealed = Vec::with_capacity(rows.len());
        let mut sealed_ends = Vec::with_capacity(ends.len());
        for (from, &to) in starts(ends).zip(ends) {
            let message = cipher.seal(CONTEXT, &rows[from..to]);
            sealed.extend_from_slice(&message.map_err(|e| self.error(io::Error::other(e.to_string())))?);
            sealed_ends.push(sealed.len());
        }
        Ok((sealed, sealed_ends))
    }

    /// Adds the rows of a segment to `rows`.
    pub(super) fn read(&self, segment: Segment, rows: &mut Vec<u8>) -> Result<(), StoreError> {
        let start = rows.len();
        rows.resize(start + segment.length, 0);
        read_exact_at(&self.file, &mut rows[start..], segment.offset).map_err(|source| self.error(source))?;
        if let Some(cipher) = &self.cipher {
            let opened = cipher.open(CONTEXT, &rows[start..]);
            let opened = opened.ok_or_else(|| self.error(io::ErrorKind::InvalidData.into()))?;
            rows.truncate(start);
            rows.extend_from_slice(&opened);
        }
        Ok(())
    }

    fn error(&self, source: io::Error) -> StoreError {
        StoreError::Spill { path: self.folder.clone(), source }
    }
}

/// Returns where each run of rows begins.
fn starts(ends: &[usize]) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(ends.iter().copied())
}
