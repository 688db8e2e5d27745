//! Parquet files as sources: the columns that a holder file maps.

use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};

use super::super::super::error::SourceError;
use super::super::batch::SourceBatch;
use super::super::locate::locate;
use super::open::{OpenParquet, RowGroup};
use super::projection::Projection;

/// Rows of a batch.
const BATCH_ROWS: usize = 8 << 10;

/// An open Parquet file with checked columns.
pub struct ParquetSource {
    file: OpenParquet,
    projection: Projection,
}

impl ParquetSource {
    /// Opens a file to read the `wanted` columns, as [`super::super::SourceFile::parquet`] describes.
    pub(in crate::table::source) fn open(
        path: &Path,
        wanted: &[String],
        repetitive: &[bool],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let file = OpenParquet::open(path, None)?;
        let schema = file.metadata.schema().clone();
        let headers: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let found = locate(path, &headers, wanted, known)?;
        let dictionaries: Vec<usize> = found
            .iter()
            .zip(repetitive)
            .filter(|(_, repetitive)| **repetitive)
            .map(|(&position, _)| position)
            .collect();
        let file = file.with_dictionaries(&dictionaries)?;
        let projection = Projection::new(file.metadata.parquet_schema(), &found);
        Ok(Self { file, projection })
    }

    pub(in crate::table::source) fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        // A thread without a row group of its own helps with the batches of another's.
        (0..self.file.row_groups.len())
            .into_par_iter()
            .try_for_each(|number| self.batches(number)?.par_bridge().try_for_each(|batch| work(batch?)))
    }

    /// Returns the batches of row group `number`.
    fn batches(
        &self,
        number: usize,
    ) -> Result<impl Iterator<Item = Result<SourceBatch, SourceError>> + Send + use<'_>, SourceError> {
        let group = &self.file.row_groups[number];
        let batches = self.file.batches(self.projection.mask.clone(), vec![number], BATCH_ROWS)?;
        let mut next = group.first_row;
        Ok(batches.map(move |batch| {
            let batch = batch?;
            let first = next;
            next += batch.num_rows() as u64;
            Ok(SourceBatch {
                columns: self.projection.columns(&batch),
                rows: (first..next).collect(),
                malformed: Vec::new(),
                special_missing: Vec::new(),
                bytes: share_of_bytes(group, next - first),
            })
        }))
    }
}

/// Returns the share of a row group's bytes that `rows` of its rows take.
fn share_of_bytes(group: &RowGroup, rows: u64) -> u64 {
    group.bytes * rows / group.rows.max(1)
}
