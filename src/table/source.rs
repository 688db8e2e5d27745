//! Source files of any format, as batches of columns.

use std::path::Path;

use arrow::array::ArrayRef;

use super::csv::{CsvFormat, CsvSource};
use super::error::SourceError;
use super::parquet::ParquetSource;

/// Some rows of a source file.
pub struct SourceBatch {
    /// The wanted columns, in the order in which they were asked for; text or typed.
    pub columns: Vec<ArrayRef>,
    /// For each row, its line in a CSV file or its number in a Parquet file, from 1.
    pub rows: Vec<u64>,
    /// Lines that could not be read as a row.
    pub malformed: Vec<u64>,
    /// How much of the file was read for this batch, for progress.
    pub bytes: u64,
}

/// An open source file whose header was checked.
pub enum SourceFile {
    /// Text with separators.
    Csv(CsvSource),
    /// Apache Parquet.
    Parquet(ParquetSource),
}

impl SourceFile {
    /// Opens a CSV file to read the `wanted` columns; `known` are the others that may be there.
    ///
    /// # Errors
    /// The file is unreadable, or its header is not as the names say.
    pub fn csv(path: &Path, format: &CsvFormat, wanted: &[String], known: &[String]) -> Result<Self, SourceError> {
        CsvSource::open(path, format, wanted, known).map(Self::Csv)
    }

    /// Opens a Parquet file to read the `wanted` columns; `known` are the others that may be there. Columns marked
    /// in `repetitive` hold few distinct texts.
    ///
    /// # Errors
    /// The file is unreadable, or its columns are not as the names say.
    pub fn parquet(path: &Path, wanted: &[String], repetitive: &[bool], known: &[String]) -> Result<Self, SourceError> {
        ParquetSource::open(path, wanted, repetitive, known).map(Self::Parquet)
    }

    /// Hands every batch to `work`, in no particular order, on all threads of the current pool.
    ///
    /// # Errors
    /// The first error of the file or of `work`.
    pub fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        match self {
            Self::Csv(file) => file.for_each(work),
            Self::Parquet(file) => file.for_each(work),
        }
    }
}

/// Positions of the `wanted` columns among the `headers` of the file at `path`.
///
/// A header is never shown, because in a file without one it is a person's row.
pub(super) fn locate(
    path: &Path,
    headers: &[&str],
    wanted: &[String],
    known: &[String],
) -> Result<Vec<usize>, SourceError> {
    let find = |name: &String| {
        let missing = || SourceError::MissingColumn { path: path.into(), name: name.clone(), found: headers.len() };
        headers.iter().position(|h| h == name).ok_or_else(missing)
    };
    let positions = wanted.iter().map(find).collect::<Result<_, _>>()?;
    for (second, header) in headers.iter().enumerate() {
        if let Some(first) = headers[..second].iter().position(|h| h == header) {
            return Err(SourceError::DuplicateHeader { path: path.into(), first: first + 1, second: second + 1 });
        }
    }
    let is_known = |header: &&str| wanted.iter().chain(known).any(|name| name == header);
    match headers.iter().position(|header| !is_known(header)) {
        Some(extra) => Err(SourceError::ExtraColumn { path: path.into(), position: extra + 1 }),
        None => Ok(positions),
    }
}
