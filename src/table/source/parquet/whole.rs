//! Parquet files of any writer, read whole.

use std::path::Path;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Field as ArrowField;
use parquet::file::metadata::RowGroupMetaData;

use super::super::super::error::SourceError;
use super::footer::Footer;
use super::open::OpenParquet;
use super::projection::Projection;
use crate::crypto::TableSeal;

/// Cells of a batch, over all columns of the file.
const BATCH_CELLS: usize = 1 << 20;
/// The fewest rows of a batch.
const MIN_BATCH_ROWS: usize = 64;
/// The most rows of a batch.
const MAX_BATCH_ROWS: usize = 64 << 10;

/// A Parquet file of any writer, open to read every column.
pub(in crate::table::source) struct WholeParquet {
    file: OpenParquet,
    batch_rows: usize,
}

impl WholeParquet {
    /// Opens a file, sealed if `seal` is given. Refuses one with a column chunk that declares more than `memory` bytes,
    /// because pages are decompressed whole.
    pub(in crate::table::source) fn open(
        path: &Path,
        seal: Option<&TableSeal<'_>>,
        memory: usize,
    ) -> Result<Self, SourceError> {
        let file = OpenParquet::open(path, seal)?;
        let mut chunks = file.row_groups.iter().flat_map(|group| &group.decompressed);
        if chunks.any(|&bytes| bytes > memory as u64) {
            return Err(SourceError::TooLarge { path: path.into() });
        }
        let columns = file.metadata.schema().fields().len();
        let is_flat = file.metadata.parquet_schema().num_columns() == columns;
        let groups = file.metadata.metadata().row_groups();
        let repetitive: Vec<usize> = (0..columns).filter(|&column| is_repetitive(groups, column)).collect();
        let file = if is_flat { file.with_dictionaries(&repetitive)? } else { file };
        let batch_rows = (BATCH_CELLS / columns.max(1)).clamp(MIN_BATCH_ROWS, MAX_BATCH_ROWS);
        Ok(Self { file, batch_rows })
    }

    pub(in crate::table::source) fn path(&self) -> &Path {
        &self.file.path
    }

    /// Returns name and type of each column.
    pub(in crate::table::source) fn columns(&self) -> Vec<(String, String)> {
        let fields = self.file.metadata.schema().fields().iter();
        fields.map(|field: &Arc<ArrowField>| (field.name().clone(), field.data_type().to_string())).collect()
    }

    /// Returns the names of fields nested in columns.
    pub(in crate::table::source) fn nested_names(&self) -> Vec<String> {
        let paths = self.file.metadata.parquet_schema().columns().iter();
        paths.flat_map(|column| column.path().parts().iter().skip(1).cloned()).collect()
    }

    pub(in crate::table::source) fn rows(&self) -> u64 {
        self.file.rows
    }

    pub(in crate::table::source) fn footer(&self) -> Footer {
        Footer::new(&self.file)
    }

    pub(in crate::table::source) fn row_groups(&self) -> usize {
        self.file.row_groups.len()
    }

    /// Returns the number of the first row of row group `number`.
    pub(in crate::table::source) fn first_row(&self, number: usize) -> u64 {
        self.file.row_groups[number].first_row
    }

    /// Returns the batches of row group `number`: the number of the first row, and the columns at `wanted`.
    pub(in crate::table::source) fn batches(
        &self,
        number: usize,
        wanted: &[usize],
    ) -> Result<impl Iterator<Item = Result<(u64, Vec<ArrayRef>), SourceError>> + Send + use<>, SourceError> {
        let projection = Projection::new(self.file.metadata.parquet_schema(), wanted);
        let batches = self.file.batches(projection.mask.clone(), vec![number], self.batch_rows)?;
        let mut next = self.file.row_groups[number].first_row;
        Ok(batches.map(move |batch| {
            let batch = batch?;
            let first = next;
            next += batch.num_rows() as u64;
            Ok((first, projection.columns(&batch)))
        }))
    }
}

/// Returns true if every row group stores the texts of a column in a dictionary.
fn is_repetitive(groups: &[RowGroupMetaData], column: usize) -> bool {
    !groups.is_empty()
        && groups
            .iter()
            .all(|group| group.columns().get(column).is_some_and(|chunk| chunk.dictionary_page_offset().is_some()))
}
