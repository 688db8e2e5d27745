//! Opening and decoding of Parquet files, sealed or not. Treats a panic of the library as damage.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;
use parquet::encryption::decrypt::FileDecryptionProperties;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::schema::types::Type;

use super::super::super::error::SourceError;
use super::super::guard::guarded;
use super::bounds::{are_pages_bounded, is_footer_bounded};
use crate::crypto::TableSeal;

/// First and last bytes of a Parquet file with a plain footer.
pub const PARQUET_MAGIC: &[u8; 4] = b"PAR1";
/// First and last bytes of a Parquet file with an encrypted footer (Parquet modular encryption).
pub const SEALED_MAGIC: &[u8; 4] = b"PARE";

/// Bytes that every file may decode to. Encodings repeat a value by reference, so that a small file can hold terabytes,
/// which would take hours to read.
const MOST_DECODED: u64 = 16 << 30;
/// Times its length that a larger file may decode to.
const MOST_INFLATION: u64 = 1000;

/// A file that holds a part of a table.
pub struct PartFile<'a> {
    /// Position of the part.
    pub part: usize,
    /// Path of the file.
    pub path: PathBuf,
    /// Its seal, if it is sealed.
    pub seal: Option<TableSeal<'a>>,
}

/// Cells that every file may have, and those for each of its bytes. Repeated rows cost time but no bytes: a file of a
/// few kilobytes can have thousands of millions of them.
const MOST_CELLS: u64 = 1 << 28;
const CELLS_PER_BYTE: u64 = 1_000;

/// An open Parquet file. Its counts and offsets were checked: none is negative.
#[derive(Clone)]
pub(in crate::table) struct OpenParquet {
    pub path: PathBuf,
    pub metadata: ArrowReaderMetadata,
    /// Rows of the file.
    pub rows: u64,
    pub row_groups: Vec<RowGroup>,
}

/// A row group, as the footer describes it.
#[derive(Debug, Clone)]
pub(in crate::table) struct RowGroup {
    /// Number of the first row, from 1.
    pub first_row: u64,
    pub rows: u64,
    /// Bytes in the file.
    pub bytes: u64,
    /// Positions of the column chunks' pages in the file.
    pub pages: Vec<Range<u64>>,
    /// Bytes of each column chunk, decompressed.
    pub decompressed: Vec<u64>,
}

impl OpenParquet {
    /// Opens a Parquet file of any writer, sealed if `seal` is given.
    ///
    /// # Errors
    /// The file is unreadable, damaged, or sealed otherwise.
    pub(in crate::table) fn open(path: &Path, seal: Option<&TableSeal<'_>>) -> Result<Self, SourceError> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let Some(seal) = seal else { return Self::plain(path, options) };
        // The library would also read an unsealed file with decryption properties.
        if !is_sealed(path)? {
            return Err(not_parquet(path));
        }
        let decryption = FileDecryptionProperties::builder(seal.key.expose().to_vec())
            .with_aad_prefix(seal.aad_prefix.clone())
            .build()
            .map_err(|_| not_parquet(path))?;
        let file = File::open(path).map_err(|source| SourceError::Io { path: path.into(), source })?;
        Self::load(path, &file, options.with_file_decryption_properties(decryption))
    }

    /// Opens a file that is not sealed. The structures of a sealed one are encrypted by a party of the study.
    fn plain(path: &Path, options: ArrowReaderOptions) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io { path: path.into(), source };
        let file = File::open(path).map_err(io)?;
        if !is_footer_bounded(&file).map_err(io)? {
            return Err(not_parquet(path));
        }
        let open = Self::load(path, &file, options)?;
        for chunk in open.row_groups.iter().flat_map(|group| &group.pages) {
            if !are_pages_bounded(&file, chunk).map_err(io)? {
                return Err(not_parquet(path));
            }
        }
        Ok(open)
    }

    fn load(path: &Path, file: &File, options: ArrowReaderOptions) -> Result<Self, SourceError> {
        let loaded = guarded(|| ArrowReaderMetadata::load(file, options));
        let Some(Ok(metadata)) = loaded else { return Err(not_parquet(path)) };
        let footer = metadata.metadata();
        let rows = u64::try_from(footer.file_metadata().num_rows()).map_err(|_| not_parquet(path))?;
        let row_groups = row_groups(footer.row_groups()).ok_or_else(|| not_parquet(path))?;
        let length = file.metadata().map_err(|source| SourceError::Io { path: path.into(), source })?.len();
        let in_groups = row_groups.iter().fold(0, |sum: u64, group| sum.saturating_add(group.rows));
        let cells = rows.max(in_groups).saturating_mul(metadata.parquet_schema().num_columns() as u64);
        if cells > MOST_CELLS.max(length.saturating_mul(CELLS_PER_BYTE)) {
            return Err(SourceError::Inflated { path: path.into() });
        }
        Self { path: path.into(), metadata, rows, row_groups }.with_far_times()
    }

    /// Returns the file, to be read with INT96 times in microseconds. In nanoseconds, the library's choice, days after
    /// 2262 wrap around.
    fn with_far_times(self) -> Result<Self, SourceError> {
        let columns = self.metadata.parquet_schema().root_schema().get_fields();
        let is_int96 = |column: &Type| column.is_primitive() && column.get_physical_type() == PhysicalType::INT96;
        if !columns.iter().any(|column| is_int96(column)) {
            return Ok(self);
        }
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        let fields =
            self.metadata.schema().fields().iter().zip(columns).map(|(field, column)| match is_int96(column) {
                true => field.as_ref().clone().with_data_type(micros.clone()),
                false => field.as_ref().clone(),
            });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        self.with_schema(schema)
    }

    /// Returns the file, to be read with another Arrow schema.
    ///
    /// # Errors
    /// The file does not fit the schema.
    pub(in crate::table) fn with_schema(self, schema: SchemaRef) -> Result<Self, SourceError> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(schema);
        match ArrowReaderMetadata::try_new(self.metadata.metadata().clone(), options) {
            Ok(metadata) => Ok(Self { metadata, ..self }),
            Err(_) => Err(not_parquet(&self.path)),
        }
    }

    /// Returns the file, to be read with dictionaries for the text columns at `repetitive`: each of their few distinct
    /// texts is then converted once.
    ///
    /// # Errors
    /// The file does not fit the schema.
    pub(in crate::table) fn with_dictionaries(self, repetitive: &[usize]) -> Result<Self, SourceError> {
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let mut fields: Vec<ArrowField> = self.metadata.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
        for &position in repetitive {
            if *fields[position].data_type() == DataType::Utf8 {
                fields[position] = fields[position].clone().with_data_type(dictionary.clone());
            }
        }
        self.with_schema(Arc::new(Schema::new(fields)))
    }

    /// Returns the batches of `groups`, in order.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(in crate::table) fn batches(
        &self,
        projection: ProjectionMask,
        groups: Vec<usize>,
        batch_rows: usize,
    ) -> Result<Batches, SourceError> {
        let io = |source| SourceError::Io { path: self.path.clone(), source };
        let file = File::open(&self.path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_projection(projection)
            .with_batch_size(batch_rows)
            .with_row_groups(groups)
            .build()
            .map_err(|_| SourceError::Decode { path: self.path.clone() })?;
        let left = MOST_DECODED.max(length.saturating_mul(MOST_INFLATION));
        Ok(Batches { path: self.path.clone(), reader: Some(reader), left })
    }
}

/// The batches of a file, up to the first that cannot be decoded.
///
/// The library panics on some damaged pages. Such a page is a [`SourceError::Decode`] too.
pub(in crate::table) struct Batches {
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
    /// Bytes that may still be decoded.
    left: u64,
}

impl Batches {
    /// Accepts a batch, if not too much was decoded already.
    fn accept(&mut self, batch: RecordBatch) -> Result<RecordBatch, SourceError> {
        match self.left.checked_sub(batch.get_array_memory_size() as u64) {
            Some(left) => {
                self.left = left;
                Ok(batch)
            }
            None => {
                self.reader = None;
                Err(SourceError::Inflated { path: self.path.clone() })
            }
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        match guarded(|| reader.next()) {
            Some(next) => Some(match next? {
                Ok(batch) => self.accept(batch),
                Err(_) => Err(SourceError::Decode { path: self.path.clone() }),
            }),
            None => {
                self.reader = None;
                Some(Err(SourceError::Decode { path: self.path.clone() }))
            }
        }
    }
}

/// Returns true if the file begins and ends as one with an encrypted footer.
fn is_sealed(path: &Path) -> Result<bool, SourceError> {
    match read_magic(path) {
        Ok(magic) => Ok(magic == [*SEALED_MAGIC; 2]),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(source) => Err(SourceError::Io { path: path.into(), source }),
    }
}

/// Reads the first and last four bytes of a file.
fn read_magic(path: &Path) -> std::io::Result<[[u8; 4]; 2]> {
    let mut magic = [[0; 4]; 2];
    let mut file = File::open(path)?;
    file.read_exact(&mut magic[0])?;
    file.seek(SeekFrom::End(-4))?;
    file.read_exact(&mut magic[1])?;
    Ok(magic)
}

/// Returns the row groups, or `None` if a count or an offset is negative.
fn row_groups(groups: &[RowGroupMetaData]) -> Option<Vec<RowGroup>> {
    let mut first_row: u64 = 1;
    let mut checked = Vec::with_capacity(groups.len());
    for group in groups {
        let rows = u64::try_from(group.num_rows()).ok()?;
        checked.push(RowGroup {
            first_row,
            rows,
            bytes: u64::try_from(group.compressed_size()).ok()?,
            pages: group.columns().iter().map(pages).collect::<Option<_>>()?,
            decompressed: group.columns().iter().map(decompressed).collect::<Option<_>>()?,
        });
        first_row = first_row.checked_add(rows)?;
    }
    Some(checked)
}

fn pages(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let data = u64::try_from(chunk.data_page_offset()).ok()?;
    let length = u64::try_from(chunk.compressed_size()).ok()?;
    // Some writers give 0, or an offset behind the data, if there is no dictionary.
    let dictionary = chunk.dictionary_page_offset().and_then(|offset| u64::try_from(offset).ok());
    let start = match dictionary {
        Some(dictionary) if (1..data).contains(&dictionary) => dictionary,
        _ => data,
    };
    Some(start..start + length)
}

fn decompressed(chunk: &ColumnChunkMetaData) -> Option<u64> {
    u64::try_from(chunk.uncompressed_size()).ok()
}

fn not_parquet(path: &Path) -> SourceError {
    SourceError::NotParquet { path: path.into() }
}
