//! Parquet files: sources of any writer, and tables that this tool wrote.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field as ArrowField, Schema};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::encryption::decrypt::FileDecryptionProperties;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};

use super::batch::{SourceBatch, locate};
use super::describe::{Footer, footer};
use super::error::SourceError;
use super::value::Field;
use super::write::written_schema;
use crate::crypto::TableSeal;

/// First and last bytes of a file whose footer is encrypted (Parquet modular encryption).
pub const SEALED_MAGIC: &[u8; 4] = b"PARE";
/// Rows of a batch that one task works on.
const BATCH_ROWS: usize = 32 << 10;
/// Rows of a batch of a table of this tool, several of which are open at once.
const TABLE_BATCH_ROWS: usize = 16 << 10;

/// An open Parquet file whose columns were checked.
pub struct ParquetSource {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    projection: ProjectionMask,
    /// For each wanted column, its position in a batch as read.
    positions: Vec<usize>,
}

impl ParquetSource {
    pub(super) fn open(
        path: &Path,
        wanted: &[String],
        repetitive: &[bool],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let metadata = load_any(path, None)?;
        let schema = metadata.schema().clone();
        let headers: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let found = locate(path, &headers, wanted, known)?;
        let metadata = with_dictionaries(path, &metadata, &found, repetitive)?;
        let mut order = found.clone();
        order.sort_unstable();
        order.dedup();
        let projection = ProjectionMask::roots(metadata.parquet_schema(), order.iter().copied());
        let positions = found.iter().map(|f| order.binary_search(f).unwrap_or_default()).collect();
        Ok(Self { path: path.into(), metadata, projection, positions })
    }

    pub(super) fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        let groups = self.metadata.metadata().row_groups();
        let starts = group_starts(groups);
        // Threads that find no row group left help with the batches of another's.
        (0..groups.len()).into_par_iter().try_for_each(|group| {
            let bytes = u64::try_from(groups[group].compressed_size()).unwrap_or(0);
            let reader = open_reader(&self.path, &self.metadata, self.projection.clone(), vec![group], BATCH_ROWS)?;
            let mut next = starts[group];
            let end = next + u64::try_from(groups[group].num_rows()).unwrap_or(0);
            let batches = reader.map(move |batch| {
                let first = next;
                next += batch.as_ref().map_or(0, |b| b.num_rows() as u64);
                (first, next - first, batch)
            });
            batches.par_bridge().try_for_each(|(first, rows, batch)| {
                let batch = batch.map_err(|_| SourceError::Decode { path: self.path.clone() })?;
                let share = bytes * rows / (end - starts[group]).max(1);
                work(self.batch(&batch, first, share))
            })
        })
    }

    fn batch(&self, batch: &RecordBatch, first: u64, bytes: u64) -> SourceBatch {
        let columns = self.positions.iter().map(|&p| batch.column(p).clone()).collect();
        let rows = (first..first + batch.num_rows() as u64).collect();
        SourceBatch { columns, rows, malformed: Vec::new(), bytes }
    }
}

/// Text columns of few distinct values are read as dictionaries, so that each value is converted once.
fn with_dictionaries(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    found: &[usize],
    repetitive: &[bool],
) -> Result<ArrowReaderMetadata, SourceError> {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields: Vec<ArrowField> = metadata.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
    for (&position, _) in found.iter().zip(repetitive).filter(|(_, r)| **r) {
        if *fields[position].data_type() == DataType::Utf8 {
            fields[position] = fields[position].clone().with_data_type(dictionary.clone());
        }
    }
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(Arc::new(Schema::new(fields)));
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)
        .map_err(|_| SourceError::NotParquet { path: path.into() })
}

/// Opens a Parquet file of any writer, which is under `seal` if there is one.
pub(super) fn load_any(path: &Path, seal: Option<&TableSeal<'_>>) -> Result<ArrowReaderMetadata, SourceError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let Some(seal) = seal else { return load(path, options) };
    // Where a seal is expected the library would also read a file without one.
    if !is_sealed(path)? {
        return Err(SourceError::NotParquet { path: path.into() });
    }
    let decryption = FileDecryptionProperties::builder(seal.key.expose().to_vec())
        .with_aad_prefix(seal.aad_prefix.clone())
        .build()
        .map_err(|_| SourceError::NotParquet { path: path.into() })?;
    load(path, options.with_file_decryption_properties(decryption))
}

/// Whether the file begins and ends as one whose footer is encrypted does.
fn is_sealed(path: &Path) -> Result<bool, SourceError> {
    let (mut start, mut end) = ([0; 4], [0; 4]);
    let read = File::open(path).and_then(|mut file| {
        file.read_exact(&mut start)?;
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut end)
    });
    match read {
        Ok(()) => Ok(start == *SEALED_MAGIC && end == *SEALED_MAGIC),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(source) => Err(SourceError::Io { path: path.into(), source }),
    }
}

fn load(path: &Path, options: ArrowReaderOptions) -> Result<ArrowReaderMetadata, SourceError> {
    let file = File::open(path).map_err(|source| SourceError::Io { path: path.into(), source })?;
    let load = || ArrowReaderMetadata::load(&file, options);
    let loaded = catch_unwind(AssertUnwindSafe(load)).ok().and_then(Result::ok);
    loaded.ok_or_else(|| SourceError::NotParquet { path: path.into() })
}

fn open_reader(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    projection: ProjectionMask,
    groups: Vec<usize>,
    batch_rows: usize,
) -> Result<Batches, SourceError> {
    let file = File::open(path).map_err(|source| SourceError::Io { path: path.into(), source })?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_projection(projection)
        .with_batch_size(batch_rows)
        .with_row_groups(groups)
        .build()
        .map_err(|_| SourceError::Decode { path: path.into() })?;
    Ok(Batches { reader: Some(reader) })
}

/// The batches of a file, up to the first that cannot be decoded.
///
/// The parquet library panics on some damaged pages; here that is damage like any other.
struct Batches {
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        catch_unwind(AssertUnwindSafe(|| reader.next())).unwrap_or_else(|_| {
            self.reader = None;
            Some(Err(ArrowError::ParquetError("damaged".to_owned())))
        })
    }
}

/// A Parquet file of any writer, of which every column is read.
pub(super) struct WholeParquet {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    /// The first row of each row group, from 1.
    starts: Vec<u64>,
    batch_rows: usize,
}

impl WholeParquet {
    /// Cells of a batch, over all columns.
    const BATCH_CELLS: usize = 1 << 20;

    pub(super) fn open(path: &Path, seal: Option<&TableSeal<'_>>, memory: usize) -> Result<Self, SourceError> {
        let metadata = load_any(path, seal)?;
        let groups = metadata.metadata().row_groups();
        // Pages are decompressed whole; what is declared is not believed to be harmless.
        let needs = |group: &RowGroupMetaData| {
            group.columns().iter().map(ColumnChunkMetaData::uncompressed_size).max().unwrap_or(0)
        };
        if groups.iter().any(|group| usize::try_from(needs(group)).is_ok_and(|needs| needs > memory)) {
            return Err(SourceError::TooLarge { path: path.into() });
        }
        let columns: Vec<usize> = (0..metadata.schema().fields().len()).collect();
        let repetitive: Vec<bool> = columns.iter().map(|&column| is_repetitive(groups, column)).collect();
        let flat = metadata.parquet_schema().num_columns() == columns.len();
        let metadata = match flat {
            true => with_dictionaries(path, &metadata, &columns, &repetitive)?,
            false => metadata,
        };
        let starts = group_starts(metadata.metadata().row_groups());
        let batch_rows = (Self::BATCH_CELLS / columns.len().max(1)).clamp(64, TABLE_BATCH_ROWS);
        Ok(Self { path: path.into(), metadata, starts, batch_rows })
    }

    /// Name and type of each column.
    pub(super) fn columns(&self) -> Vec<(String, String)> {
        let name = |field: &Arc<ArrowField>| (field.name().clone(), field.data_type().to_string());
        self.metadata.schema().fields().iter().map(name).collect()
    }

    /// The names of fields inside columns.
    pub(super) fn nested_names(&self) -> Vec<String> {
        let paths = self.metadata.parquet_schema().columns().iter();
        paths.flat_map(|column| column.path().parts().iter().skip(1).cloned()).collect()
    }

    pub(super) fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    pub(super) fn footer(&self) -> Footer {
        footer(self.metadata.metadata())
    }

    pub(super) fn row_groups(&self) -> usize {
        self.starts.len()
    }

    /// The batches of a row group: the number of the first row, and the columns at `wanted`.
    pub(super) fn batches(
        &self,
        group: usize,
        wanted: &[usize],
    ) -> Result<impl Iterator<Item = Result<(u64, Vec<ArrayRef>), SourceError>> + Send + use<>, SourceError> {
        let mut order = wanted.to_vec();
        order.sort_unstable();
        order.dedup();
        let projection = ProjectionMask::roots(self.metadata.parquet_schema(), order.iter().copied());
        let positions: Vec<usize> = wanted.iter().map(|w| order.binary_search(w).unwrap_or_default()).collect();
        let reader = open_reader(&self.path, &self.metadata, projection, vec![group], self.batch_rows)?;
        let (mut next, path) = (self.starts[group], self.path.clone());
        Ok(reader.map(move |batch| {
            let batch = batch.map_err(|_| SourceError::Decode { path: path.clone() })?;
            let first = next;
            next += batch.num_rows() as u64;
            Ok((first, positions.iter().map(|&position| batch.column(position).clone()).collect()))
        }))
    }
}

/// Whether every row group keeps the texts of a column once for many rows.
fn is_repetitive(groups: &[RowGroupMetaData], column: usize) -> bool {
    let kept = |group: &RowGroupMetaData| {
        group.columns().get(column).is_some_and(|chunk| chunk.dictionary_page_offset().is_some())
    };
    !groups.is_empty() && groups.iter().all(kept)
}

/// The number of the first row of each row group, from 1.
fn group_starts(groups: &[RowGroupMetaData]) -> Vec<u64> {
    let rows = |group: &RowGroupMetaData| u64::try_from(group.num_rows()).unwrap_or(0);
    groups.iter().scan(1, |next, group| Some(std::mem::replace(next, *next + rows(group)))).collect()
}

/// A table that this tool wrote, open to be read again in the order in which it was written.
#[derive(Clone)]
pub struct ParquetTable {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

impl ParquetTable {
    /// Opens the table at `path`, whose columns must be exactly `fields` and which is under `seal` if there is one.
    ///
    /// # Errors
    /// The file is unreadable, or its columns are others.
    pub fn open(path: &Path, fields: &[Field], seal: Option<&TableSeal<'_>>) -> Result<Self, SourceError> {
        let metadata = load_any(path, seal)?;
        let found = metadata.schema().fields();
        let wanted: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
        let names: Vec<&str> = found.iter().map(|f| f.name().as_str()).collect();
        locate(path, &names, &wanted, &[])?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(written_schema(fields));
        let metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)
            .map_err(|_| SourceError::NotParquet { path: path.into() })?;
        Ok(Self { path: path.into(), metadata })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Number of row groups.
    #[must_use]
    pub fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The first key of each row group: the value of the first column in its first row. A row group without rows has
    /// that of the one before.
    ///
    /// # Errors
    /// A row group cannot be decoded.
    pub fn first_keys(&self) -> Result<Vec<Vec<u8>>, SourceError> {
        let decode = || SourceError::Decode { path: self.path.clone() };
        let mut first_keys: Vec<Vec<u8>> = Vec::new();
        for (number, group) in self.metadata.metadata().row_groups().iter().enumerate() {
            if group.num_rows() == 0 {
                first_keys.push(first_keys.last().cloned().unwrap_or_default());
                continue;
            }
            let projection = ProjectionMask::roots(self.metadata.parquet_schema(), [0]);
            let mut reader = open_reader(&self.path, &self.metadata, projection, vec![number], 1)?;
            let batch = reader.next().and_then(Result::ok).ok_or_else(decode)?;
            let keys = batch.column(0).as_fixed_size_binary_opt().filter(|k| !k.is_empty()).ok_or_else(decode)?;
            first_keys.push(keys.value(0).to_vec());
        }
        Ok(first_keys)
    }

    /// All batches, in order, as written.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn all_batches(
        &self,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<>, SourceError> {
        self.batches(0..self.row_groups())
    }

    /// The batches of `groups`, in order, as written.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn batches(
        &self,
        groups: std::ops::Range<usize>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<>, SourceError> {
        let all = ProjectionMask::all();
        let reader = open_reader(&self.path, &self.metadata, all, groups.collect(), TABLE_BATCH_ROWS)?;
        let path = self.path.clone();
        Ok(reader.map(move |batch| batch.map_err(|_| SourceError::Decode { path: path.clone() })))
    }
}
