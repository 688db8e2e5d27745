//! What a Parquet file says of itself, whoever wrote it.

use std::ops::Range;
use std::path::Path;

use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
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

/// What a Parquet file's footer says, which may hold values.
pub struct Footer {
    /// Keys and values of its entries, and the program that wrote it.
    pub entries: Vec<Vec<u8>>,
    /// The least and greatest values of its column chunks; whole numbers in decimal digits.
    pub statistics: Vec<Vec<u8>>,
    /// Bloom filters.
    pub filters: usize,
    /// Where in the file the pages of each column chunk lie.
    pub chunks: Vec<Range<u64>>,
}

/// What the footer `metadata` says.
pub(super) fn footer(metadata: &ParquetMetaData) -> Footer {
    let file = metadata.file_metadata();
    let chunks = || metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let pairs = file.key_value_metadata().into_iter().flatten();
    let texts = pairs.flat_map(|pair| [Some(pair.key.as_str()), pair.value.as_deref()]);
    let texts = texts.chain([file.created_by()]).flatten();
    let range = |chunk: &ColumnChunkMetaData| {
        let at = |offset: Option<i64>| offset.and_then(|offset| u64::try_from(offset).ok());
        let data = at(Some(chunk.data_page_offset())).unwrap_or(0);
        let start = at(chunk.dictionary_page_offset()).filter(|start| (1..data).contains(start)).unwrap_or(data);
        start..start.saturating_add(at(Some(chunk.compressed_size())).unwrap_or(0))
    };
    Footer {
        entries: texts.map(|text| text.as_bytes().to_vec()).collect(),
        statistics: chunks().flat_map(extremes).collect(),
        filters: chunks().filter(|chunk| chunk.bloom_filter_offset().is_some()).count(),
        chunks: chunks().map(range).collect(),
    }
}

/// The least and greatest value of a column chunk.
fn extremes(chunk: &ColumnChunkMetaData) -> Vec<Vec<u8>> {
    let Some(statistics) = chunk.statistics() else { return Vec::new() };
    let values = [statistics.min_bytes_opt(), statistics.max_bytes_opt()].into_iter().flatten();
    let written = values.map(|bytes| match chunk.column_type() {
        Type::INT32 | Type::INT64 => {
            let mut wide = [0; 8];
            wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            i64::from_le_bytes(wide).to_string().into_bytes()
        }
        _ => bytes.to_vec(),
    });
    written.collect()
}
