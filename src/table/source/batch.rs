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
    /// Bytes of the file that the batch took, for progress.
    pub bytes: u64,
}
