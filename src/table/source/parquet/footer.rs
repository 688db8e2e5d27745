//! Footers of Parquet files of any writer: a description without values, and the values that they hold.

use std::ops::Range;
use std::path::Path;

use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use serde::Serialize;

use super::super::super::error::SourceError;
use super::open::OpenParquet;
use crate::crypto::TableSeal;

/// Description of a Parquet file's footer, without values.
#[derive(Debug, Serialize)]
pub struct ParquetDescription {
    /// Number of rows.
    pub rows: u64,
    /// Number of row groups.
    pub row_groups: usize,
    /// The program that wrote the file, by its own name.
    pub created_by: Option<String>,
    /// Number of key-value entries.
    pub metadata_entries: usize,
    /// Column chunks with statistics, which hold values.
    pub chunks_with_statistics: usize,
    /// Column chunks with a bloom filter or a page index, which hold values or their hashes.
    pub chunks_with_indexes: usize,
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
}

/// Describes the Parquet file at `path`, sealed if `seal` is given.
///
/// # Errors
/// The file is not a readable Parquet file.
pub fn describe_parquet(path: &Path, seal: Option<&TableSeal<'_>>) -> Result<ParquetDescription, SourceError> {
    let open = OpenParquet::open(path, seal)?;
    let footer = open.metadata.metadata();
    let file = footer.file_metadata();
    let fields = open.metadata.schema().fields().iter();
    Ok(ParquetDescription {
        rows: open.rows,
        row_groups: open.row_groups.len(),
        created_by: file.created_by().map(str::to_owned),
        metadata_entries: file.key_value_metadata().map_or(0, Vec::len),
        chunks_with_statistics: chunks(footer.row_groups()).filter(|c| c.statistics().is_some()).count(),
        chunks_with_indexes: chunks(footer.row_groups()).filter(|c| is_indexed(c)).count(),
        columns: fields.map(|f| (f.name().clone(), f.data_type().to_string())).collect(),
    })
}

fn chunks(groups: &[RowGroupMetaData]) -> impl Iterator<Item = &ColumnChunkMetaData> {
    groups.iter().flat_map(RowGroupMetaData::columns)
}

fn is_indexed(chunk: &ColumnChunkMetaData) -> bool {
    chunk.bloom_filter_offset().is_some()
        || chunk.column_index_offset().is_some()
        || chunk.offset_index_offset().is_some()
}

/// Contents of a Parquet file's footer, which may be values.
pub struct Footer {
    /// Keys and values of the entries, and the name of the program that wrote the file.
    pub entries: Vec<Vec<u8>>,
    /// Minima and maxima of the column chunks; whole numbers in decimal digits.
    pub statistics: Vec<Vec<u8>>,
    /// Number of bloom filters.
    pub filters: usize,
    /// Position of each column chunk's pages in the file.
    pub chunks: Vec<Range<u64>>,
}

impl Footer {
    pub(super) fn new(open: &OpenParquet) -> Self {
        let footer = open.metadata.metadata();
        let file = footer.file_metadata();
        let pairs = file.key_value_metadata().into_iter().flatten();
        let texts = pairs.flat_map(|pair| [Some(pair.key.as_str()), pair.value.as_deref()]);
        let texts = texts.chain([file.created_by()]).flatten();
        Self {
            entries: texts.map(|text| text.as_bytes().to_vec()).collect(),
            statistics: chunks(footer.row_groups()).flat_map(extremes).collect(),
            filters: chunks(footer.row_groups()).filter(|chunk| chunk.bloom_filter_offset().is_some()).count(),
            chunks: open.row_groups.iter().flat_map(|group| group.pages.iter().cloned()).collect(),
        }
    }
}

/// Returns the minimum and maximum of a column chunk.
fn extremes(chunk: &ColumnChunkMetaData) -> Vec<Vec<u8>> {
    let Some(statistics) = chunk.statistics() else { return Vec::new() };
    let values = [statistics.min_bytes_opt(), statistics.max_bytes_opt()].into_iter().flatten();
    let texts = values.map(|bytes| match chunk.column_type() {
        Type::INT32 | Type::INT64 => {
            let mut wide = [0; 8];
            wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            i64::from_le_bytes(wide).to_string().into_bytes()
        }
        _ => bytes.to_vec(),
    });
    texts.collect()
}
