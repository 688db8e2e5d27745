//! What a Parquet file says of itself, whoever wrote it.

use std::path::Path;

use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use serde::Serialize;

use super::error::SourceError;
use super::parquet::load_any;
use crate::crypto::TableSeal;

/// A Parquet file's footer, without any value.
#[derive(Debug, Serialize)]
pub struct ParquetDescription {
    /// Rows.
    pub rows: u64,
    /// Row groups.
    pub row_groups: usize,
    /// The program that wrote it, as it says.
    pub created_by: Option<String>,
    /// Number of key-value entries in the footer.
    pub metadata_entries: usize,
    /// Column chunks that carry statistics, which hold values.
    pub chunks_with_statistics: usize,
    /// Column chunks that carry a bloom filter or a page index, which hold values or hashes of them.
    pub chunks_with_indexes: usize,
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
}

/// Describes the Parquet file at `path`, which is under `seal` if there is one.
///
/// # Errors
/// The file is no readable Parquet file.
pub fn describe_parquet(path: &Path, seal: Option<&TableSeal<'_>>) -> Result<ParquetDescription, SourceError> {
    let loaded = load_any(path, seal)?;
    let (metadata, file) = (loaded.metadata(), loaded.metadata().file_metadata());
    let chunks = || metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let indexed = |c: &&ColumnChunkMetaData| {
        c.bloom_filter_offset().is_some() || c.column_index_offset().is_some() || c.offset_index_offset().is_some()
    };
    Ok(ParquetDescription {
        rows: u64::try_from(file.num_rows()).unwrap_or(0),
        row_groups: metadata.num_row_groups(),
        created_by: file.created_by().map(str::to_owned),
        metadata_entries: file.key_value_metadata().map_or(0, Vec::len),
        chunks_with_statistics: chunks().filter(|c| c.statistics().is_some()).count(),
        chunks_with_indexes: chunks().filter(indexed).count(),
        columns: loaded.schema().fields().iter().map(|f| (f.name().clone(), f.data_type().to_string())).collect(),
    })
}
