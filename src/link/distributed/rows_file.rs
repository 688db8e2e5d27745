//! Rows on their way from the process that merged them to the one that writes them: compressed and encrypted.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::error::LinkError;
use crate::crypto::MessageCipher;
use crate::exchange::FolderError;
use crate::platform::read_exact_at;

/// Level of compression: rows that are sorted repeat much at any level.
const ZSTD_LEVEL: i32 = 1;

/// Rows of one table and part within a file.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Segment {
    /// Position of the table, or of the label of references after them.
    pub(super) table: usize,
    pub(super) part: usize,
    offset: u64,
    length: usize,
}

/// Names the file of an attempt at a range.
pub(super) fn rows_name(range: usize, attempt: u64) -> String {
    format!("range-{range:05}-{attempt}.rows")
}

/// Writes the rows of one range.
pub(super) struct RowsWriter<'a> {
    path: PathBuf,
    file: BufWriter<File>,
    cipher: &'a MessageCipher,
    name: &'a str,
    segments: Vec<Segment>,
    written: u64,
}

impl<'a> RowsWriter<'a> {
    /// Creates the file `name` in `folder`.
    pub(super) fn create(folder: &Path, name: &'a str, cipher: &'a MessageCipher) -> Result<Self, LinkError> {
        let path = folder.join(name);
        let file = File::create_new(&path).map_err(|source| FolderError::Io { path: path.clone(), source })?;
        Ok(Self { path, file: BufWriter::new(file), cipher, name, segments: Vec::new(), written: 0 })
    }

    /// Adds rows of a part of a table.
    pub(super) fn add(&mut self, table: usize, part: usize, rows: &[u8]) -> Result<(), LinkError> {
        let io = |source| FolderError::Io { path: self.path.clone(), source };
        let packed = zstd::encode_all(rows, ZSTD_LEVEL).map_err(io)?;
        let sealed = self.cipher.seal(context(self.name, table, part, self.written).as_bytes(), &packed)?;
        self.file.write_all(&sealed).map_err(io)?;
        self.segments.push(Segment { table, part, offset: self.written, length: sealed.len() });
        self.written += sealed.len() as u64;
        Ok(())
    }

    /// Waits until the disk has the file. Returns where the rows are.
    pub(super) fn finish(self) -> Result<Vec<Segment>, LinkError> {
        let io = |source| FolderError::Io { path: self.path.clone(), source };
        let flushed = self.file.into_inner().map_err(std::io::IntoInnerError::into_error);
        flushed.and_then(|file| file.sync_all()).map_err(io)?;
        Ok(self.segments)
    }
}

/// Reads the rows of one range.
pub(super) struct RowsReader<'a> {
    path: PathBuf,
    file: File,
    cipher: &'a MessageCipher,
    name: &'a str,
}

impl<'a> RowsReader<'a> {
    /// Opens the file `name` in `folder`.
    pub(super) fn open(folder: &Path, name: &'a str, cipher: &'a MessageCipher) -> Result<Self, LinkError> {
        let path = folder.join(name);
        let file = File::open(&path).map_err(|source| FolderError::Io { path: path.clone(), source })?;
        Ok(Self { path, file, cipher, name })
    }

    /// Returns the rows of a segment.
    pub(super) fn read(&self, segment: Segment) -> Result<Vec<u8>, LinkError> {
        let io = |source| FolderError::Io { path: self.path.clone(), source };
        let mut sealed = vec![0; segment.length];
        read_exact_at(&self.file, &mut sealed, segment.offset).map_err(io)?;
        let context = context(self.name, segment.table, segment.part, segment.offset);
        let packed = self.cipher.open(context.as_bytes(), &sealed);
        let packed = packed.ok_or_else(|| LinkError::OtherRows { path: self.path.clone() })?;
        Ok(zstd::decode_all(packed.as_slice()).map_err(io)?)
    }
}

/// Binds rows to their place.
fn context(name: &str, table: usize, part: usize, offset: u64) -> String {
    format!("{name}\0{table}\0{part}\0{offset}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_only_from_their_place_and_are_not_on_the_disk_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let cipher = MessageCipher::generate().unwrap();
        let mut writer = RowsWriter::create(folder.path(), "a", &cipher).unwrap();
        writer.add(0, 0, b"the first rows").unwrap();
        writer.add(0, 1, b"the second rows").unwrap();
        let segments = writer.finish().unwrap();
        let bytes = std::fs::read(folder.path().join("a")).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"rows"));
        let reader = RowsReader::open(folder.path(), "a", &cipher).unwrap();
        assert_eq!(reader.read(segments[0]).unwrap(), b"the first rows");
        assert_eq!(reader.read(segments[1]).unwrap(), b"the second rows");
        let moved = Segment { part: 0, ..segments[1] };
        assert!(matches!(reader.read(moved), Err(LinkError::OtherRows { .. })));
        std::fs::copy(folder.path().join("a"), folder.path().join("b")).unwrap();
        let other = RowsReader::open(folder.path(), "b", &cipher).unwrap();
        assert!(matches!(other.read(segments[0]), Err(LinkError::OtherRows { .. })));
        let cut = Segment { length: 1 << 20, ..segments[1] };
        assert!(matches!(reader.read(cut), Err(LinkError::Folder(FolderError::Io { .. }))));
    }
}
