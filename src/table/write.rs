//! The one place that writes Parquet.
//!
//! The defaults of Parquet writers leak: statistics and indexes put values into the footer, `created_by` names a version,
//! and the Arrow schema travels along. All of it is switched off here.

use std::fs::File;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{Field as ArrowField, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::content_digest::content_digest;
use super::error::StoreError;
use super::value::{Field, ValueType, written};
use crate::crypto::{Digest, DigestWriter, Hasher};

/// What every file of this tool says it was created by, whatever the version.
pub const CREATED_BY: &str = "salanimi";
/// Zstandard's fastest regular level: pseudonyms do not compress, all else does at any level.
const ZSTD_LEVEL: i32 = 1;
/// The most rows of a row group.
const MAX_GROUP_ROWS: usize = 256 << 10;
/// Row groups in the making for each thread: enough to keep all busy, few enough to be flat in memory.
const GROUPS_PER_THREAD: usize = 4;

/// What was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub file_digest: Digest,
    /// SHA-256 of the content digests of the row groups, in order.
    pub content_digest: Digest,
    /// Nulls in each field.
    pub nulls: Vec<u64>,
}

/// A row group that is encoded but not yet in the file.
struct Encoded {
    chunks: Vec<ArrowColumnChunk>,
    digest: Digest,
    rows: u64,
    nulls: Vec<u64>,
}

/// Writes a table of `fields` to a new file at `path`, in parallel over `groups` and in their order. `load` gives the
/// carried columns of a group.
///
/// # Errors
/// The first error of `load`, or the file cannot be written.
pub fn write_table<E: From<StoreError> + Send>(
    path: &Path,
    fields: &[Field],
    groups: &[Range<usize>],
    load: impl Fn(Range<usize>) -> Result<Vec<ArrayRef>, E> + Sync,
) -> Result<Written, E> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let store = |error: ParquetError| store_error(path, error);
    let schema = written_schema(fields);
    let options = ArrowWriterOptions::new().with_properties(properties(fields)).with_skip_arrow_metadata(true);
    let sink = DigestWriter::new(BufWriter::new(File::create_new(path).map_err(io)?));
    let writer = ArrowWriter::try_new_with_options(sink, schema.clone(), options).map_err(store)?;
    let (mut writer, factory) = writer.into_serialized_writer().map_err(store)?;
    let mut contents = Hasher::default();
    let mut written_so_far = (0, vec![0; fields.len()]);
    for window in groups.chunks(GROUPS_PER_THREAD * rayon::current_num_threads()) {
        let encoded: Result<Vec<Vec<Encoded>>, E> = window
            .into_par_iter()
            .map(|group| {
                let columns = load(group.clone())?;
                row_groups(&columns)
                    .map(|part| encode(&factory, &schema, fields, &part).map_err(|e| store(e).into()))
                    .collect()
            })
            .collect();
        for group in encoded?.into_iter().flatten() {
            contents.update(group.digest.as_bytes());
            written_so_far.0 += group.rows;
            written_so_far.1.iter_mut().zip(&group.nulls).for_each(|(sum, nulls)| *sum += nulls);
            let mut row_group = writer.next_row_group().map_err(store)?;
            for chunk in group.chunks {
                chunk.append_to_row_group(&mut row_group).map_err(store)?;
            }
            row_group.close().map_err(store)?;
        }
    }
    let (sink, file_digest) = writer.into_inner().map_err(store)?.finish();
    let file = sink.into_inner().map_err(|e| io(e.into_error()))?;
    file.sync_all().map_err(io)?;
    let (rows, nulls) = written_so_far;
    Ok(Written { rows, file_digest, content_digest: contents.finish(), nulls })
}

/// Like parts of at most [`MAX_GROUP_ROWS`] rows; none of no rows.
fn row_groups(columns: &[ArrayRef]) -> impl Iterator<Item = Vec<ArrayRef>> {
    let rows = columns.first().map_or(0, arrow::array::Array::len);
    let parts = rows.div_ceil(MAX_GROUP_ROWS);
    (0..parts).map(move |part| {
        let (start, end) = (rows * part / parts, rows * (part + 1) / parts);
        columns.iter().map(|c| c.slice(start, end - start)).collect()
    })
}

fn encode(
    factory: &ArrowRowGroupWriterFactory,
    schema: &SchemaRef,
    fields: &[Field],
    columns: &[ArrayRef],
) -> Result<Encoded, ParquetError> {
    let mut chunks = Vec::with_capacity(columns.len());
    let writers = factory.create_column_writers(0)?;
    for ((mut writer, field), (column, kind)) in
        writers.into_iter().zip(schema.fields()).zip(columns.iter().zip(fields))
    {
        for leaf in compute_leaves(field, &written(column, &kind.value)?)? {
            writer.write(&leaf)?;
        }
        chunks.push(writer.close()?);
    }
    let nulls = columns.iter().map(|c| c.null_count() as u64).collect();
    let rows = columns.first().map_or(0, |c| c.len() as u64);
    Ok(Encoded { chunks, digest: content_digest(fields, columns), rows, nulls })
}

/// The Arrow schema in which a table of `fields` is written and read again.
pub(super) fn written_schema(fields: &[Field]) -> SchemaRef {
    let fields =
        fields.iter().enumerate().map(|(position, f)| ArrowField::new(&f.name, f.value.written(), position > 0));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn properties(fields: &[Field]) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_bloom_filter_enabled(false)
        .set_key_value_metadata(None);
    for field in fields.iter().skip(1).filter(|f| f.value == ValueType::Pseudonym) {
        // Hashes do not repeat enough to be worth a dictionary.
        properties = properties.set_column_dictionary_enabled(field.name.as_str().into(), false);
    }
    properties.build()
}

fn store_error(path: &Path, error: ParquetError) -> StoreError {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => StoreError::Io { path: path.to_owned(), source: *source },
            Err(other) => StoreError::encode(path, &other),
        },
        other => StoreError::encode(path, &other),
    }
}
