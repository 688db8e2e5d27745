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
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::content_digest::content_digest;
use super::error::StoreError;
use super::sort::Group;
use super::value::{Field, ValueType, written};
use crate::crypto::{Digest, Hasher, HashingWriter, TableSeal};

/// What every file of this tool says it was created by, whatever the version.
pub const CREATED_BY: &str = "salanimi";
/// Zstandard's fastest regular level: pseudonyms do not compress, all else does at any level.
const ZSTD_LEVEL: i32 = 1;
/// The most rows of a row group.
const MAX_GROUP_ROWS: u64 = 256 << 10;
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

/// Writes a table of `fields` to a new file at `path`, in parallel over `groups` and in their order, under `seal` if
/// there is one. `load` gives the carried columns of a group, which may have fewer rows than were put into it.
///
/// # Errors
/// The first error of `load`, or the file cannot be written.
pub fn write_table<E: From<StoreError> + Send>(
    path: &Path,
    fields: &[Field],
    groups: &[Group],
    seal: Option<&TableSeal<'_>>,
    load: impl Fn(Range<usize>) -> Result<Vec<ArrayRef>, E> + Sync,
) -> Result<Written, E> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let store = |error: ParquetError| store_error(path, error);
    let schema = written_schema(fields);
    let properties = properties(fields, seal).map_err(store)?;
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let sink = HashingWriter::new(BufWriter::new(File::create_new(path).map_err(io)?), Hasher::default());
    let writer = ArrowWriter::try_new_with_options(sink, schema.clone(), options).map_err(store)?;
    let (mut writer, factory) = writer.into_serialized_writer().map_err(store)?;
    let mut contents = Hasher::default();
    let mut written_so_far = (0, vec![0; fields.len()]);
    for window in numbered(groups).chunks(GROUPS_PER_THREAD * rayon::current_num_threads()) {
        let encoded: Result<Vec<Vec<Encoded>>, E> = window
            .into_par_iter()
            .map(|(group, first)| {
                let parts = row_groups(&load(group.ranges.clone())?, parts(group));
                let numbers = *first..;
                let encode = |(part, number): (&Vec<ArrayRef>, usize)| {
                    encode(&factory, number, &schema, fields, part).map_err(|e| store(e).into())
                };
                parts.iter().zip(numbers).map(encode).collect()
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
    let (sink, file_hasher) = writer.into_inner().map_err(store)?.into_parts();
    let file = sink.into_inner().map_err(|e| io(e.into_error()))?;
    file.sync_all().map_err(io)?;
    let (rows, nulls) = written_so_far;
    let file_digest = file_hasher.finish();
    Ok(Written { rows, file_digest, content_digest: contents.finish(), nulls })
}

/// The row groups that a group becomes: as many as its rows need, told before they are loaded, because a sealed row
/// group is bound to its number in the file.
fn parts(group: &Group) -> usize {
    group.rows.div_ceil(MAX_GROUP_ROWS) as usize
}

/// The groups, each with the number of its first row group.
fn numbered(groups: &[Group]) -> Vec<(&Group, usize)> {
    let mut next = 0;
    let numbered = groups.iter().map(|group| {
        let first = next;
        next += parts(group);
        (group, first)
    });
    numbered.collect()
}

/// The rows of `columns` in `parts` like parts, some of which are empty if there are fewer rows than parts.
fn row_groups(columns: &[ArrayRef], parts: usize) -> Vec<Vec<ArrayRef>> {
    let rows = columns.first().map_or(0, arrow::array::Array::len);
    let part = |part: usize| {
        let (start, end) = (rows * part / parts, rows * (part + 1) / parts);
        columns.iter().map(|c| c.slice(start, end - start)).collect()
    };
    (0..parts).map(part).collect()
}

fn encode(
    factory: &ArrowRowGroupWriterFactory,
    number: usize,
    schema: &SchemaRef,
    fields: &[Field],
    columns: &[ArrayRef],
) -> Result<Encoded, ParquetError> {
    let mut chunks = Vec::with_capacity(columns.len());
    let writers = factory.create_column_writers(number)?;
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

fn properties(fields: &[Field], seal: Option<&TableSeal<'_>>) -> Result<WriterProperties, ParquetError> {
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
    if let Some(seal) = seal {
        properties = properties.with_file_encryption_properties(encryption(seal)?);
    }
    Ok(properties.build())
}

/// Every column and the footer under the one key; what begins the additional authenticated data is not stored.
fn encryption(seal: &TableSeal<'_>) -> Result<Arc<FileEncryptionProperties>, ParquetError> {
    FileEncryptionProperties::builder(seal.key.expose().to_vec())
        .with_aad_prefix(seal.aad_prefix.clone())
        .with_aad_prefix_storage(false)
        .build()
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

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int32Array};
    use arrow::datatypes::Int32Type;

    use super::super::error::SourceError;
    use super::super::parquet::ParquetTable;
    use super::super::value::pseudonym_column;
    use super::*;
    use crate::crypto::{DataKey, TableName};
    use salanimi_core::{Id, Pseudonym};

    fn fields() -> Vec<Field> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        vec![field("pseudonym", ValueType::Pseudonym), field("n", ValueType::Integer)]
    }

    /// Writes one table of groups, each of which was given many rows and has the numbers of the range.
    fn write(path: &Path, groups: &[(u64, Range<i32>)], seal: Option<&TableSeal<'_>>) -> Written {
        let given: Vec<Group> =
            groups.iter().enumerate().map(|(at, (rows, _))| Group { ranges: at..at + 1, rows: *rows }).collect();
        let load = |ranges: Range<usize>| {
            let numbers = groups[ranges.start].1.clone();
            let keys = numbers.clone().map(|n| Pseudonym(u128::from(n.unsigned_abs()).to_be_bytes()));
            Ok::<_, StoreError>(vec![pseudonym_column(keys, None), Arc::new(Int32Array::from_iter_values(numbers))])
        };
        write_table(path, &fields(), &given, seal, load).unwrap()
    }

    fn read(path: &Path, seal: Option<&TableSeal<'_>>) -> Result<Vec<i32>, SourceError> {
        let table = ParquetTable::open(path, &fields(), seal)?;
        let mut numbers = Vec::new();
        for batch in table.all_batches()? {
            numbers.extend_from_slice(batch?.column(1).as_primitive::<Int32Type>().values());
        }
        Ok(numbers)
    }

    #[test]
    fn a_sealed_table_opens_only_under_its_key_and_as_what_it_was_sealed_as() {
        let folder = tempfile::tempdir().unwrap();
        let id = |text| Id::new(text).unwrap();
        let (study, kela, town, events, notices) = (id("study"), id("kela"), id("town"), id("events"), id("notices"));
        let (key, other) = (DataKey::generate().unwrap(), DataKey::generate().unwrap());
        let name = TableName { study: &study, holder: &kela, number: 1, table: &events, file: "events.parquet" };
        let path = folder.path().join("sealed.parquet");
        let groups = [(700_000, 0..700_000), (5, 700_000..700_005), (600_000, 700_005..700_006)];
        let written = write(&path, &groups, Some(&key.seal(&name)));
        assert_eq!(read(&path, Some(&key.seal(&name))).unwrap(), (0..700_006).collect::<Vec<_>>());
        for wrong in [
            other.seal(&name),
            key.seal(&TableName { study: &kela, ..name }),
            key.seal(&TableName { holder: &town, ..name }),
            key.seal(&TableName { number: 2, ..name }),
            key.seal(&TableName { table: &notices, ..name }),
            key.seal(&TableName { file: "notices.parquet", ..name }),
        ] {
            assert!(read(&path, Some(&wrong)).is_err());
        }
        assert!(read(&path, None).is_err());
        let plain = folder.path().join("plain.parquet");
        assert_eq!(write(&plain, &groups, None).content_digest, written.content_digest);
        assert_eq!(read(&plain, None).unwrap().len(), 700_006);
    }
}
