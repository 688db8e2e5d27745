//! Rows on their way from one process of a job to another: in files of the job's folder, compressed and encrypted.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::crypto::MessageCipher;
use crate::platform::read_exact_at;
use salanimi_core::RandomnessError;

/// Level of compression: sorted rows repeat much at any level.
const ZSTD_LEVEL: i32 = 1;

/// Error in passing rows from one process to another.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum JobRowsError {
    #[error("{path}: {source}; free disk space, and run the job again")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path}: {source}; a file of the job cannot be read, run the job again")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: an attempt with this number wrote here before; give each attempt a number of its own")]
    AttemptTwice { path: PathBuf },
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    #[error("{path}: rows are not those that a process of this job wrote there; run the job again")]
    Other { path: PathBuf },
}

/// A file with rows of one process, for others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsFile {
    /// Its name in the job's folder.
    name: String,
    segments: Vec<Segment>,
}

/// Rows of one table and part within a file.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Segment {
    table: usize,
    part: usize,
    offset: u64,
    length: usize,
}

/// Writes a file of rows.
pub struct RowsFileWriter {
    path: PathBuf,
    output: BufWriter<File>,
    cipher: MessageCipher,
    file: RowsFile,
    written: u64,
}

impl RowsFileWriter {
    /// Creates the file `name` in `folder`. Whoever reads it has the same cipher.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(folder: &Path, name: String, cipher: MessageCipher) -> Result<Self, JobRowsError> {
        let path = folder.join(&name);
        let output = File::create_new(&path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => JobRowsError::AttemptTwice { path: path.clone() },
            _ => JobRowsError::Write { path: path.clone(), source },
        })?;
        let file = RowsFile { name, segments: Vec::new() };
        Ok(Self { path, output: BufWriter::new(output), cipher, file, written: 0 })
    }

    /// Adds rows of a part of table number `table`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, table: usize, part: usize, rows: &[u8]) -> Result<(), JobRowsError> {
        let io = |source| JobRowsError::Write { path: self.path.clone(), source };
        let packed = zstd::encode_all(rows, ZSTD_LEVEL).map_err(io)?;
        let mut segment = Segment { table, part, offset: self.written, length: 0 };
        let sealed = self.cipher.seal(segment.context(&self.file.name).as_bytes(), &packed)?;
        self.output.write_all(&sealed).map_err(io)?;
        segment.length = sealed.len();
        self.file.segments.push(segment);
        self.written += sealed.len() as u64;
        Ok(())
    }

    /// Waits until the disk has the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<RowsFile, JobRowsError> {
        let flushed = self.output.into_inner().map_err(std::io::IntoInnerError::into_error);
        let synced = flushed.and_then(|file| file.sync_all());
        synced.map_err(|source| JobRowsError::Write { path: self.path, source })?;
        Ok(self.file)
    }
}

impl RowsFile {
    /// Returns its name, which no other file of the job has.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns where the rows of one part are.
    #[must_use]
    pub fn of_part(&self, part: usize) -> Self {
        let segments = self.segments.iter().filter(|segment| segment.part == part).copied().collect();
        Self { name: self.name.clone(), segments }
    }

    /// Passes the rows of a part to `take`, with the numbers of their tables.
    ///
    /// # Errors
    /// The file cannot be read, the rows are not those that were written there, or the first error of `take`.
    pub fn read<E: From<JobRowsError>>(
        &self,
        folder: &Path,
        part: usize,
        cipher: &MessageCipher,
        mut take: impl FnMut(usize, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = folder.join(&self.name);
        let io = |source| JobRowsError::Read { path: path.clone(), source };
        let file = File::open(&path).map_err(io)?;
        for segment in self.segments.iter().filter(|segment| segment.part == part) {
            let mut sealed = vec![0; segment.length];
            read_exact_at(&file, &mut sealed, segment.offset).map_err(io)?;
            let packed = cipher.open(segment.context(&self.name).as_bytes(), &sealed);
            let packed = packed.ok_or_else(|| JobRowsError::Other { path: path.clone() })?;
            take(segment.table, zstd::decode_all(packed.as_slice()).map_err(io)?)?;
        }
        Ok(())
    }
}

impl Segment {
    /// Returns what binds the rows to their place in the file `name`.
    fn context(&self, name: &str) -> String {
        let Self { table, part, offset, .. } = self;
        format!("{name}\0{table}\0{part}\0{offset}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &RowsFile, folder: &Path, part: usize) -> Result<Vec<(usize, Vec<u8>)>, JobRowsError> {
        let mut found = Vec::new();
        file.read(folder, part, &MessageCipher::new(&[3; 32]), |table, rows| {
            found.push((table, rows));
            Ok::<_, JobRowsError>(())
        })?;
        Ok(found)
    }

    #[test]
    fn rows_are_read_only_from_their_place_and_are_not_on_the_disk_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let mut writer = RowsFileWriter::create(path, "a".to_owned(), MessageCipher::new(&[3; 32])).unwrap();
        writer.add(0, 0, b"the first rows").unwrap();
        writer.add(2, 1, b"the second rows").unwrap();
        let mut file = writer.finish().unwrap();
        let bytes = std::fs::read(path.join("a")).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"rows"));
        assert_eq!(read(&file, path, 0).unwrap(), [(0, b"the first rows".to_vec())]);
        assert_eq!(read(&file, path, 1).unwrap(), [(2, b"the second rows".to_vec())]);
        assert_eq!(read(&file, path, 2).unwrap(), []);
        file.segments[1].part = 0;
        assert!(matches!(read(&file, path, 0), Err(JobRowsError::Other { .. })));
        file.segments[1] = Segment { part: 1, length: 1 << 20, ..file.segments[1] };
        assert!(matches!(read(&file, path, 1), Err(JobRowsError::Read { .. })));
        let again = RowsFileWriter::create(path, "a".to_owned(), MessageCipher::new(&[3; 32]));
        assert!(matches!(again, Err(JobRowsError::AttemptTwice { .. })));
        std::fs::copy(path.join("a"), path.join("b")).unwrap();
        file.name = "b".to_owned();
        assert!(matches!(read(&file, path, 0), Err(JobRowsError::Other { .. })));
    }
}
