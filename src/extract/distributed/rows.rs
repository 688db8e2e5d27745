//! A process that pseudonymises rows of one table.

use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field as ArrowField, Int64Type, Schema, SchemaRef};

use super::super::error::ExtractError;
use super::super::in_batches::{BATCH, RowExtractor};
use super::super::tally::Tally;
use super::job_file::JobFile;
use super::statements::{RowSum, RowsStatement, about_rows};
use crate::exchange::{Host, Statements};
use crate::shared::Shared;
use crate::table::{Parts, SourceError, keys, plain_batch, plain_schema};
use salanimi_core::Id;

/// Column of a batch with the name of the source file of each row.
pub const FILE_COLUMN: &str = "salanimi_file";
/// Column of a batch with the position of each row in its source file, from 0.
pub const ROW_COLUMN: &str = "salanimi_row";
/// Column of the rows that leave: the number of the part to which the row belongs.
const PART_COLUMN: &str = "salanimi_part";

/// Pseudonymises and transforms rows of one table, batch by batch and on any thread.
pub struct ExtractRows {
    extractor: RowExtractor,
    parts: Parts,
    statements: Statements,
    /// Position of the source among those of the table.
    source: u32,
    read: Shared<Read>,
}

#[derive(Default)]
struct Read {
    tally: Tally,
    files: Vec<String>,
    rows: RowSum,
}

impl Read {
    /// Returns the number of the file `name`.
    fn number(&mut self, name: &str) -> u32 {
        let known = self.files.iter().rposition(|known| known == name);
        let number = known.unwrap_or_else(|| {
            self.files.push(name.to_owned());
            self.files.len() - 1
        });
        number as u32
    }
}

impl ExtractRows {
    /// Opens the job in `folder` on this host, for rows of source number `source`, from 0, of the table `name`.
    ///
    /// # Errors
    /// The folder has no job file, an input on this host is missing or another one than that of the job, or rows of
    /// this table cannot be read in batches.
    pub fn open(folder: &Path, name: &Id, source: u32, host: Host) -> Result<Self, ExtractError> {
        let opened = JobFile::read(folder)?.open(folder, host)?;
        let parts = opened.parts;
        let statements = opened.statements();
        let extractor = RowExtractor::new(opened.prepared, opened.key, name, source as usize)?;
        Ok(Self { extractor, parts, statements, source, read: Shared::default() })
    }

    /// Returns the number of parts of each table.
    #[must_use]
    pub fn parts(&self) -> Parts {
        self.parts
    }

    /// Returns the schema of the rows that leave, in plain types: the delivered columns, then the number of the part.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        let plain = plain_schema(&self.extractor.table().fields);
        let part = ArrowField::new(PART_COLUMN, DataType::Int32, true);
        let fields = plain.fields().iter().map(|field| field.as_ref().clone()).chain([part]);
        Schema::new(fields.collect::<Vec<_>>()).into()
    }

    /// Pseudonymises and transforms rows. Columns are found by their names; besides those of the source there are
    /// [`FILE_COLUMN`] and [`ROW_COLUMN`].
    ///
    /// # Errors
    /// A column is missing or of a type that would lose values.
    pub fn batch(&self, rows: &RecordBatch) -> Result<RecordBatch, ExtractError> {
        let files = column(rows, FILE_COLUMN)?;
        let files: &StringArray = files.as_string_opt().ok_or_else(|| wrong_type(FILE_COLUMN, &files, "text"))?;
        let numbers = column(rows, ROW_COLUMN)?;
        let numbers = numbers.as_primitive_opt::<Int64Type>();
        let numbers = numbers.ok_or_else(|| missing(rows, ROW_COLUMN))?;
        let is_place = |number: i64| (0..i64::MAX).contains(&number);
        if files.null_count() + numbers.null_count() > 0 || !numbers.values().iter().copied().all(is_place) {
            return Err(ExtractError::NoPlace { table: self.extractor.table().name.clone() });
        }
        let mut batches = Vec::new();
        let mut start = 0;
        while start < rows.num_rows() || batches.is_empty() {
            let file = if rows.num_rows() == 0 { "" } else { files.value(start) };
            let length = (start..rows.num_rows()).take_while(|&row| files.value(row) == file).count();
            // Rows of Parquet files are counted from 1, as in the rejects ledger.
            let positions = numbers.values()[start..start + length].iter().map(|&row| row as u64 + 1).collect();
            batches.push(self.batch_of_file(&rows.slice(start, length), file, positions)?);
            start += length;
        }
        match <[RecordBatch; 1]>::try_from(batches) {
            Ok([only]) => Ok(only),
            Err(several) => Ok(arrow::compute::concat_batches(&self.schema(), &several).map_err(|_| decode())?),
        }
    }

    fn batch_of_file(&self, rows: &RecordBatch, file: &str, positions: Vec<u64>) -> Result<RecordBatch, ExtractError> {
        let number = if rows.num_rows() == 0 { 0 } else { self.read.lock().number(file) };
        let processed = self.extractor.process(rows, number, positions)?;
        let keys = keys(&processed.columns[0]);
        let mut read = self.read.lock();
        read.tally.add(processed.tally);
        read.rows.add(RowSum::of(&keys));
        drop(read);
        let of_row = |key: u128| self.parts.part_of(key) as i32;
        let parts: Int32Array = keys.into_iter().map(of_row).collect::<Vec<_>>().into();
        let fields = &self.extractor.table().fields;
        let plain = plain_batch(fields, &processed.columns).map_err(|_| decode())?;
        let columns = plain.columns().iter().cloned().chain([std::sync::Arc::new(parts) as ArrayRef]);
        Ok(RecordBatch::try_new(self.schema(), columns.collect()).map_err(|_| decode())?)
    }

    /// States what was read, for [`ExtractJob::add`](super::ExtractJob::add).
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let Read { tally, files, rows } = self.read.into_inner();
        let files = files.into_iter().map(|name| (self.source, name)).collect();
        let statement = RowsStatement { tally, files, found: self.extractor.found(), rows };
        self.statements.seal(&about_rows(&self.extractor.table().name), &statement)
    }
}

/// Adds up statements about the rows of the table `name`, of the job in `folder`. The result does not depend on their
/// order.
///
/// # Errors
/// The folder has no job file, an input on this host is missing or another one than that of the job, or a statement is
/// not one of this job about this table.
pub fn join_statements(folder: &Path, name: &Id, statements: &[Vec<u8>], host: Host) -> Result<Vec<u8>, ExtractError> {
    let cipher = JobFile::read(folder)?.open(folder, host)?.statements();
    let subject = about_rows(name);
    let opened = cipher.open(&subject, statements).ok_or(ExtractError::NotStatement)?;
    Ok(cipher.seal(&subject, &RowsStatement::joined(opened)))
}

fn column(rows: &RecordBatch, name: &str) -> Result<ArrayRef, SourceError> {
    rows.column_by_name(name).cloned().ok_or_else(|| missing(rows, name))
}

fn missing(rows: &RecordBatch, name: &str) -> SourceError {
    SourceError::MissingColumn {
        path: PathBuf::from(BATCH),
        name: name.to_owned(),
        found: rows.num_columns(),
        close: None,
    }
}

fn wrong_type(name: &str, found: &ArrayRef, expected: &'static str) -> SourceError {
    let found = found.data_type().to_string();
    SourceError::WrongType { path: PathBuf::from(BATCH), name: name.to_owned(), found, expected }
}

fn decode() -> SourceError {
    SourceError::Decode { path: PathBuf::from(BATCH) }
}
