//! Reading of tables that this tool wrote, in their written order.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;

use super::super::error::SourceError;
use super::super::sort::Parts;
use super::super::source::{Batches, OpenParquet, PartFile, locate};
use super::super::value::{Field, stored_schema};
use crate::crypto::TableSeal;

/// Rows of a batch of a table that is read alone.
const BATCH_ROWS: usize = 64 << 10;

/// An open table that this tool wrote: one file, or the files of its parts.
#[derive(Clone)]
pub struct ParquetTable {
    schema: SchemaRef,
    parts: Parts,
    files: Arc<Vec<OpenPart>>,
    /// For each row group its file, and its number there.
    groups: Vec<(usize, usize)>,
}

struct OpenPart {
    part: usize,
    /// Number of the rows before it.
    first_row: u64,
    file: OpenParquet,
}

impl ParquetTable {
    /// Opens the table at `path`, sealed if `seal` is given. Its columns must be exactly `fields`.
    ///
    /// # Errors
    /// The file is unreadable, or has other columns.
    pub fn open(path: &Path, fields: &[Field], seal: Option<TableSeal<'_>>) -> Result<Self, SourceError> {
        Self::of_parts(Parts::ONE, &[PartFile { part: 0, path: path.to_owned(), seal }], fields)
    }

    /// Opens a table of `parts`, in the order of `files`. Their columns must be exactly `fields`. A row in another part
    /// than its key says is found when it is read.
    ///
    /// # Errors
    /// A file is unreadable, or has other columns.
    pub fn of_parts(parts: Parts, files: &[PartFile<'_>], fields: &[Field]) -> Result<Self, SourceError> {
        let wanted: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
        let mut opened: Vec<OpenPart> = Vec::with_capacity(files.len());
        let mut groups = Vec::new();
        let mut first_row: u64 = 0;
        for (at, PartFile { part, path, seal }) in files.iter().enumerate() {
            let file = OpenParquet::open(path, seal.as_ref())?;
            let names: Vec<&str> = file.metadata.schema().fields().iter().map(|f| f.name().as_str()).collect();
            locate(path, &names, &wanted, &[])?;
            let file = file.with_schema(stored_schema(fields))?;
            groups.extend((0..file.row_groups.len()).map(|group| (at, group)));
            let next =
                first_row.checked_add(file.rows).ok_or_else(|| SourceError::NotParquet { path: path.clone() })?;
            opened.push(OpenPart { part: *part, first_row, file });
            first_row = next;
        }
        Ok(Self { schema: stored_schema(fields), parts, files: Arc::new(opened), groups })
    }

    /// Opens the table at `path` with the columns that it has. Those that are named in `codes` hold codes, and are read
    /// with their dictionaries.
    ///
    /// # Errors
    /// The file is unreadable.
    pub fn with_codes(path: &Path, codes: &[&str]) -> Result<Self, SourceError> {
        let file = OpenParquet::open(path, None)?;
        let fields = file.metadata.schema().fields();
        let positions: Vec<usize> =
            (0..fields.len()).filter(|at| codes.contains(&fields[*at].name().as_str())).collect();
        let file = file.with_dictionaries(&positions)?;
        let groups = (0..file.row_groups.len()).map(|group| (0, group)).collect();
        let schema = file.metadata.schema().clone();
        Ok(Self { schema, parts: Parts::ONE, files: Arc::new(vec![OpenPart { part: 0, first_row: 0, file }]), groups })
    }

    /// Returns the schema of the batches.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|open| open.file.rows).sum()
    }

    /// Returns the number of rows of each file.
    #[must_use]
    pub fn rows_of_files(&self) -> Vec<u64> {
        self.files.iter().map(|open| open.file.rows).collect()
    }

    /// Returns the number of row groups.
    #[must_use]
    pub fn row_groups(&self) -> usize {
        self.groups.len()
    }

    /// Returns the first key of each row group: the first value of the first column.
    ///
    /// A row group without rows has the key of the one before it, or the empty key, which sorts before all.
    ///
    /// # Errors
    /// A row group cannot be decoded.
    pub fn first_keys(&self) -> Result<Vec<Vec<u8>>, SourceError> {
        let mut key = Vec::new();
        let mut first_keys = Vec::with_capacity(self.row_groups());
        for &(file, group) in &self.groups {
            let file = &self.files[file].file;
            if file.row_groups[group].rows > 0 {
                key = first_key(file, group)?;
            }
            first_keys.push(key.clone());
        }
        Ok(first_keys)
    }

    /// Returns all batches, in order, in their stored form.
    pub fn all_batches(&self) -> impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<> {
        self.batches(0..self.row_groups(), BATCH_ROWS)
    }

    /// Returns the position of the first row of a row group.
    #[must_use]
    pub fn first_row(&self, group: usize) -> usize {
        let (file, group) = self.groups[group];
        let open = &self.files[file];
        (open.first_row + open.file.row_groups[group].first_row - 1) as usize
    }

    /// Returns the batches of `groups`, in order, with only the columns at these ascending positions, in their stored
    /// form.
    pub fn column_batches(
        &self,
        groups: Range<usize>,
        columns: &[usize],
    ) -> impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<> {
        self.read(groups, Some(columns.to_vec()), BATCH_ROWS)
    }

    /// Returns the batches of `groups`, in order, in their stored form, each of at most `rows` rows.
    pub fn batches(
        &self,
        groups: Range<usize>,
        rows: usize,
    ) -> impl Iterator<Item = Result<RecordBatch, SourceError>> + Send + use<> {
        self.read(groups, None, rows)
    }

    fn read(&self, groups: Range<usize>, columns: Option<Vec<usize>>, rows: usize) -> TableBatches {
        TableBatches {
            parts: self.parts,
            files: self.files.clone(),
            groups: self.groups[groups].iter().copied().collect(),
            columns,
            rows,
            file: 0,
            batches: None,
        }
    }
}

fn first_key(file: &OpenParquet, group: usize) -> Result<Vec<u8>, SourceError> {
    let projection = ProjectionMask::roots(file.metadata.parquet_schema(), [0]);
    let batch = file.batches(projection, vec![group], 1)?.next();
    if let Some(batch) = batch.transpose()?
        && let Some(keys) = batch.column(0).as_fixed_size_binary_opt().filter(|keys| !keys.is_empty())
    {
        return Ok(keys.value(0).to_vec());
    }
    Err(SourceError::Decode { path: file.path.clone() })
}

/// Batches of a table, row group by row group: a batch of two would lose the dictionaries of both.
struct TableBatches {
    parts: Parts,
    files: Arc<Vec<OpenPart>>,
    /// Row groups that are still to be read, each with its file and its number there.
    groups: VecDeque<(usize, usize)>,
    /// Columns to read; `None` for all.
    columns: Option<Vec<usize>>,
    rows: usize,
    /// The file that is being read.
    file: usize,
    batches: Option<Batches>,
}

impl TableBatches {
    /// Opens a file to read one of its row groups.
    fn open(&self, file: usize, group: usize) -> Result<Batches, SourceError> {
        let file = &self.files[file].file;
        let mask = match &self.columns {
            Some(columns) => ProjectionMask::roots(file.metadata.parquet_schema(), columns.iter().copied()),
            None => ProjectionMask::all(),
        };
        file.batches(mask, vec![group], self.rows)
    }

    /// Returns the next batch, of the next row group if need be.
    fn advance(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        loop {
            if let Some(batch) = self.batches.as_mut().and_then(Iterator::next) {
                return self.checked(batch?).map(Some);
            }
            let Some((file, group)) = self.groups.pop_front() else { return Ok(None) };
            self.file = file;
            self.batches = Some(self.open(file, group)?);
        }
    }

    /// Refuses rows whose keys belong to another part.
    fn checked(&self, batch: RecordBatch) -> Result<RecordBatch, SourceError> {
        let open = &self.files[self.file];
        if self.columns.is_some() || self.parts == Parts::ONE {
            return Ok(batch);
        }
        let is_held = |key: Option<&[u8]>| {
            let key = key.and_then(|key| Some(u128::from_be_bytes(key.try_into().ok()?)));
            key.is_some_and(|key| self.parts.part_of(key) == open.part)
        };
        match batch.column(0).as_fixed_size_binary_opt() {
            Some(keys) if keys.null_count() > 0 => Err(SourceError::Decode { path: open.file.path.clone() }),
            Some(keys) if keys.iter().all(is_held) => Ok(batch),
            _ => Err(SourceError::OtherPart { path: open.file.path.clone() }),
        }
    }
}

impl Iterator for TableBatches {
    type Item = Result<RecordBatch, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if let Some(Err(_)) = next {
            self.groups.clear();
            self.batches = None;
        }
        next
    }
}
