//! Reading of tables that this tool wrote, in their written order.

use std::ops::Range;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use parquet::arrow::ProjectionMask;

use super::super::error::SourceError;
use super::super::source::{OpenParquet, locate};
use super::super::value::{Field, stored_schema};
use crate::crypto::TableSeal;

/// Rows of a batch of a table that is read alone.
const BATCH_ROWS: usize = 64 << 10;

/// An open table that this tool wrote.
#[derive(Clone)]
pub struct ParquetTable {
    file: OpenParquet,
}

impl ParquetTable {
    /// Opens the table at `path`, sealed if `seal` is given. Its columns must be exactly `fields`.
    ///
    /// # Errors
    /// The file is unreadable, or has other columns.
    pub fn open(path: &Path, fields: &[Field], seal: Option<&TableSeal<'_>>) -> Result<Self, SourceError> {
        let file = OpenParquet::open(path, seal)?;
        let wanted: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
        let names: Vec<&str> = file.metadata.schema().fields().iter().map(|f| f.name().as_str()).collect();
        locate(path, &names, &wanted, &[])?;
        Ok(Self { file: file.with_schema(stored_schema(fields))? })
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.file.rows
    }

    /// Returns the number of row groups.
    #[must_use]
    pub fn row_groups(&self) -> usize {
        self.file.row_groups.len()
    }

    /// Returns the first key of each row group: the first value of the first column.
    ///
    /// A row group without rows has the key of the one before it, or the empty key, which sorts before all.
    ///
    /// # Errors
    /// A row group cannot be decoded.
    pub fn first_keys(&self) -> Result<Vec<Vec<u8>>, SourceError> {
        let mut key = Vec::new();
        let mut first_keys = Vec::with_capacity(self.row_groups());
        for (number, group) in self.file.row_groups.iter().enumerate() {
            if group.rows > 0 {
                key = self.first_key(number)?;
            }
            first_keys.push(key.clone());
        }
        Ok(first_keys)
    }

    fn first_key(&self, group: usize) -> Result<Vec<u8>, SourceError> {
        let projection = ProjectionMask::roots(self.file.metadata.parquet_schema(), [0]);
        let batch = self.file.batches(projection, vec![group], 1)?.next();
        if let Some(batch) = batch.transpose()?
            && let Some(keys) = batch.column(0).as_fixed_size_binary_opt().filter(|keys| !keys.is_empty())
        {
            return Ok(keys.value(0).to_vec());
        }
        Err(SourceError::Decode { path: self.file.path.clone() })
    }

    /// Returns all batches, in order, in their stored form.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn all_batches(
        &self,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<>, SourceError> {
        self.batches(0..self.row_groups(), BATCH_ROWS)
    }

    /// Returns the position of the first row of a row group.
    #[must_use]
    pub fn first_row(&self, group: usize) -> usize {
        self.file.row_groups[group].first_row as usize - 1
    }

    /// Returns the batches of `groups`, in order, with only the columns at these ascending positions, in their stored
    /// form.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn column_batches(
        &self,
        groups: Range<usize>,
        columns: &[usize],
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<>, SourceError> {
        let projection = ProjectionMask::roots(self.file.metadata.parquet_schema(), columns.iter().copied());
        self.file.batches(projection, groups.collect(), BATCH_ROWS)
    }

    /// Returns the batches of `groups`, in order, in their stored form, each of at most `rows` rows.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn batches(
        &self,
        groups: Range<usize>,
        rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<>, SourceError> {
        self.file.batches(ProjectionMask::all(), groups.collect(), rows)
    }
}
