//! Batches of rows, as every source format delivers them.

use arrow::array::ArrayRef;

/// Some rows of a source file.
pub struct SourceBatch {
    /// The wanted columns, in the requested order; text or typed.
    pub columns: Vec<ArrayRef>,
    /// For each row, its line in a CSV file or its number in a Parquet file, from 1.
    pub rows: Vec<u64>,
    /// Lines that form no row.
    pub malformed: Vec<u64>,
    /// Special missing values, which are null in the columns.
    pub special_missing: Vec<SpecialMissing>,
    /// Bytes of the file that the batch took, for progress.
    pub bytes: u64,
}

/// A special missing value of SAS, such as `.A`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecialMissing {
    /// Position among the wanted columns.
    pub column: usize,
    /// Row of the batch, from 0.
    pub row: usize,
}
