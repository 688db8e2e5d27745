//! The one place that writes Parquet: row groups encoded on any thread, appended in their order to one file.
//!
//! The defaults of Parquet writers leak. Statistics and indexes hold values, `created_by` names a version, and the
//! Arrow schema is embedded. All of it is disabled here.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaDataOptions, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use serde::{Deserialize, Serialize};

use super::super::error::StoreError;
use super::super::value::{Field, ValueType, encode_column, keys, stored_schema};
use super::content_digest::content_digest;
use crate::crypto::{Digest, Hasher, HashingWriter, TableSeal};

/// `created_by` of every file, without a version.
pub const CREATED_BY: &str = "salanimi";
/// Zstandard's fastest regular level: pseudonyms do not compress, everything else does at any level.
const ZSTD_LEVEL: i32 = 1;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenFile {
    /// Number of rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub digest: Digest,
    /// Content digests of the row groups, in order.
    pub groups: Vec<Digest>,
    /// Number of nulls in each field.
    pub nulls: Vec<u64>,
}

/// A row group that is encoded but not yet in the file.
pub(super) struct EncodedGroup {
    chunks: Vec<ArrowColumnChunk>,
    digest: Digest,
    rows: u64,
    nulls: Vec<u64>,
}

type Sink = HashingWriter<BufWriter<File>, Hasher>;

/// Writes row groups to a new file.
pub(super) struct FileWriter<'a> {
    path: &'a Path,
    fields: &'a [Field],
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    file: SerializedFileWriter<Sink>,
    rows: u64,
    groups: Vec<Digest>,
    nulls: Vec<u64>,
}

impl<'a> FileWriter<'a> {
    pub(super) fn create(
        path: &'a Path,
        fields: &'a [Field],
        seal: Option<&TableSeal<'_>>,
    ) -> Result<Self, StoreError> {
        let file = File::create_new(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        let sink = HashingWriter::new(BufWriter::new(file), Hasher::default());
        let schema = stored_schema(fields);
        let writer = open_writer(sink, schema.clone(), fields, seal).map_err(|e| store_error(path, e))?;
        let (file, factory) = writer.into_serialized_writer().map_err(|e| store_error(path, e))?;
        let nulls = vec![0; fields.len()];
        Ok(Self { path, fields, schema, factory, file, rows: 0, groups: Vec::new(), nulls })
    }

    /// Encodes `columns` as so many row groups, the first of which has number `first` in the file.
    pub(super) fn encode_all(
        &self,
        first: usize,
        columns: &[ArrayRef],
        groups: usize,
    ) -> Result<Vec<EncodedGroup>, StoreError> {
        let groups = split_rows(columns, groups);
        groups.iter().zip(first..).map(|(rows, number)| self.encode(number, rows)).collect()
    }

    fn encode(&self, number: usize, columns: &[ArrayRef]) -> Result<EncodedGroup, StoreError> {
        Ok(EncodedGroup {
            chunks: self.encode_chunks(number, columns).map_err(|e| store_error(self.path, e))?,
            digest: content_digest(self.fields, columns),
            rows: row_count(columns) as u64,
            nulls: columns.iter().map(|column| column.null_count() as u64).collect(),
        })
    }

    fn encode_chunks(&self, number: usize, columns: &[ArrayRef]) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let mut chunks = Vec::with_capacity(columns.len());
        for (at, mut writer) in self.factory.create_column_writers(number)?.into_iter().enumerate() {
            let stored = encode_column(&columns[at], &self.fields[at].value)?;
            for leaf in compute_leaves(&self.schema.fields()[at], &stored)? {
                writer.write(&leaf)?;
            }
            chunks.push(writer.close()?);
        }
        Ok(chunks)
    }

    /// Appends a row group to the file.
    pub(super) fn append(&mut self, group: EncodedGroup) -> Result<(), StoreError> {
        self.rows += group.rows;
        self.groups.push(group.digest);
        self.nulls.iter_mut().zip(&group.nulls).for_each(|(sum, nulls)| *sum += nulls);
        self.append_chunks(group.chunks).map_err(|e| store_error(self.path, e))
    }

    fn append_chunks(&mut self, chunks: Vec<ArrowColumnChunk>) -> Result<(), ParquetError> {
        let mut row_group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
        Ok(())
    }

    /// Appends the row groups of another file of the same fields, as they are. `written` describes that file.
    pub(super) fn append_file(&mut self, path: &Path, written: &WrittenFile) -> Result<(), StoreError> {
        let file = File::open(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        self.append_groups(&file).map_err(|e| store_error(path, e))?;
        self.rows += written.rows;
        self.groups.extend_from_slice(&written.groups);
        self.nulls.iter_mut().zip(&written.nulls).for_each(|(sum, nulls)| *sum += nulls);
        Ok(())
    }

    fn append_groups(&mut self, file: &File) -> Result<(), ParquetError> {
        // By default the reader reduces what the footer says of pages.
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata = ParquetMetaDataReader::new().with_metadata_options(Some(options)).parse_and_finish(file)?;
        for group in metadata.row_groups() {
            let mut row_group = self.file.next_row_group()?;
            for column in group.columns() {
                let chunk = ColumnCloseResult {
                    bytes_written: column.compressed_size().cast_unsigned(),
                    rows_written: group.num_rows().cast_unsigned(),
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                row_group.append_column(file, chunk)?;
            }
            row_group.close()?;
        }
        Ok(())
    }

    /// Writes the footer and waits until the disk has the file.
    pub(super) fn finish(self) -> Result<WrittenFile, StoreError> {
        let sink = self.file.into_inner().map_err(|e| store_error(self.path, e))?;
        let (buffer, file_hasher) = sink.into_parts();
        let flushed = buffer.into_inner().map_err(std::io::IntoInnerError::into_error);
        let synced = flushed.and_then(|file| file.sync_all());
        synced.map_err(|source| StoreError::Io { path: self.path.to_owned(), source })?;
        Ok(WrittenFile { rows: self.rows, digest: file_hasher.finish(), groups: self.groups, nulls: self.nulls })
    }
}

/// Splits rows into runs of similar size, none of which ends within the rows of a key. Some are empty if there are
/// fewer keys than runs.
fn split_rows(columns: &[ArrayRef], runs: usize) -> Vec<Vec<ArrayRef>> {
    if runs == 1 {
        return vec![columns.to_vec()];
    }
    let keys = columns.first().map_or_else(Vec::new, keys);
    let rows = keys.len();
    let edge = |run: usize| {
        let at = rows * run / runs;
        let before = at.checked_sub(1).map(|row| keys[row]);
        at + keys[at..].iter().take_while(|key| Some(**key) == before).count()
    };
    let edges: Vec<usize> = (0..=runs).map(edge).collect();
    edges
        .windows(2)
        .map(|pair| columns.iter().map(|column| column.slice(pair[0], pair[1] - pair[0])).collect())
        .collect()
}

fn row_count(columns: &[ArrayRef]) -> usize {
    columns.first().map_or(0, Array::len)
}

fn open_writer(
    sink: Sink,
    schema: SchemaRef,
    fields: &[Field],
    seal: Option<&TableSeal<'_>>,
) -> Result<ArrowWriter<Sink>, ParquetError> {
    let properties = properties(fields, seal)?;
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(sink, schema, options)
}

fn properties(fields: &[Field], seal: Option<&TableSeal<'_>>) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_bloom_filter_enabled(false)
        .set_key_value_metadata(None);
    let has_tokens = fields.iter().any(|field| field.value == ValueType::Token);
    for field in fields.iter().filter(|field| has_tokens || field.value == ValueType::Pseudonym) {
        // The lengths of pages are visible in a sealed file. A dictionary, or compression, would tell the number of
        // different pseudonyms, exactly how many persons; in a table of tokens, how many rows are padding.
        properties = properties
            .set_column_dictionary_enabled(field.name.as_str().into(), false)
            .set_column_compression(field.name.as_str().into(), Compression::UNCOMPRESSED);
    }
    for field in fields.iter().filter(|field| field.value == ValueType::LinkedId) {
        // Nearly as many ids as rows: a dictionary of them costs time and space.
        properties = properties
            .set_column_dictionary_enabled(field.name.as_str().into(), false)
            .set_column_encoding(field.name.as_str().into(), Encoding::DELTA_LENGTH_BYTE_ARRAY);
    }
    if let Some(seal) = seal {
        properties = properties.with_file_encryption_properties(encryption(seal)?);
    }
    Ok(properties.build())
}

/// Encrypts every column and the footer with one key. The file does not store the prefix of the additional
/// authenticated data.
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
    use super::super::super::value::{id_column, pseudonym_column};
    use super::*;
    use salanimi_core::{LinkedId, Pseudonym};

    #[test]
    fn pseudonyms_and_linked_ids_have_no_dictionary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids.parquet");
        let values = [ValueType::LinkedId, ValueType::Pseudonym, ValueType::Integer];
        let fields = values.map(|value| Field { name: value.name().to_owned(), value });
        let columns: [ArrayRef; 3] = [
            id_column([Some(LinkedId([1; 8])); 2].into_iter()),
            pseudonym_column([Pseudonym([1; 16]); 2].into_iter(), None),
            Arc::new(arrow::array::Int32Array::from(vec![1, 1])),
        ];
        let mut writer = FileWriter::create(&path, &fields, None).unwrap();
        let groups = writer.encode_all(0, &columns, 1).unwrap();
        groups.into_iter().for_each(|group| writer.append(group).unwrap());
        writer.finish().unwrap();
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(&path).unwrap()).unwrap();
        let columns = metadata.row_group(0).columns().iter();
        let have_dictionaries: Vec<bool> = columns.map(|column| column.dictionary_page_offset().is_some()).collect();
        assert_eq!(have_dictionaries, [false, false, true]);
    }

    #[test]
    fn rows_of_one_key_stay_in_one_row_group() {
        let keys = [1_u128, 1, 1, 1, 2, 2, 3, 3, 3, 3].map(|key| Pseudonym(key.to_be_bytes()));
        for runs in 1..8 {
            let split = split_rows(&[pseudonym_column(keys.into_iter(), None)], runs);
            let keys: Vec<Vec<u128>> = split.iter().map(|columns| super::keys(&columns[0])).collect();
            assert_eq!(keys.len(), runs);
            assert_eq!(keys.concat().len(), 10);
            let full: Vec<_> = keys.iter().filter(|keys| !keys.is_empty()).collect();
            assert!(full.windows(2).all(|pair| pair[0].last() < pair[1].first()), "{keys:?}");
        }
    }
}
