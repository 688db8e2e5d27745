//! Source files of any format, as batches of columns.

use std::path::Path;

use super::batch::SourceBatch;
use super::csv::{CsvFormat, CsvSource};
use super::error::SourceError;
use super::parquet::ParquetSource;

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
