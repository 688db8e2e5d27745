//! Source files of any format, read as batches of the columns that a holder file maps.

use std::path::Path;

use super::super::error::SourceError;
use super::batch::SourceBatch;
use super::csv::{CsvFormat, CsvSource};
use super::parquet::ParquetSource;
use super::sas::{SasFormat, SasSource};

/// An open source file with a checked header.
pub enum SourceFile {
    /// Text with separators.
    Csv(CsvSource),
    /// Apache Parquet.
    Parquet(ParquetSource),
    /// A SAS data set.
    Sas(SasSource),
}

impl SourceFile {
    /// Opens a CSV file, plain or compressed with gzip or Zstandard, to read the `wanted` columns. Columns in `known`
    /// may be there too.
    ///
    /// # Errors
    /// The file is unreadable, or its header does not fit the names.
    pub fn csv(path: &Path, format: &CsvFormat, wanted: &[String], known: &[String]) -> Result<Self, SourceError> {
        CsvSource::strict(path, format, wanted, known).map(Self::Csv)
    }

    /// Opens a Parquet file to read the `wanted` columns. Columns in `known` may be there too.
    ///
    /// A wanted column marked in `repetitive` holds few distinct texts and is read as a dictionary.
    ///
    /// # Errors
    /// The file is unreadable, or its columns do not fit the names.
    pub fn parquet(path: &Path, wanted: &[String], repetitive: &[bool], known: &[String]) -> Result<Self, SourceError> {
        ParquetSource::open(path, wanted, repetitive, known).map(Self::Parquet)
    }

    /// Opens a SAS data set to read the `wanted` columns. Columns in `known` may be there too.
    ///
    /// # Errors
    /// The file is unreadable, or its columns do not fit the names.
    pub fn sas(path: &Path, format: &SasFormat, wanted: &[String], known: &[String]) -> Result<Self, SourceError> {
        SasSource::open(path, format, wanted, known).map(Self::Sas)
    }

    /// Passes every batch to `work`, in no particular order, on all threads of the current pool.
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
            Self::Sas(file) => file.for_each(work),
        }
    }
}
