//! A process that pseudonymises rows of one table.

use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;

use super::super::error::ExtractError;
use super::super::in_batches::{BATCH, RowExtractor};
use super::super::tally::Tally;
use super::job_file::JobFile;
use super::statements::{RowsStatement, about_rows};
use crate::exchange::{Host, JobRowsError, RowsFileWriter, Statements};
use crate::shared::Shared;
use crate::table::{DividedRows, SourceError, StoreError};
use salanimi_core::Id;

/// Column of a batch with the name of the source file of each row.
pub const FILE_COLUMN: &str = "salanimi_file";
/// Column of a batch with the position of each row in its source file, from 0.
pub const ROW_COLUMN: &str = "salanimi_row";
/// Bytes of rows that wait in memory before they are written.
const MOST_WAITING: usize = 32 << 20;
/// Number of the table in a file of rows.
pub(super) const ONLY_TABLE: usize = 0;

/// Pseudonymises and transforms rows of one table, batch by batch and on any thread, and leaves them in the job's
/// folder.
pub struct ExtractRows {
    extractor: RowExtractor,
    statements: Statements,
    /// Position of the source among those of the table.
    source: u32,
    /// The job's folder, for messages.
    folder: PathBuf,
    state: Shared<State>,
}

struct State {
    read: Read,
    divided: DividedRows,
    file: RowsFileWriter,
}

/// What was read.
#[derive(Default)]
struct Read {
    tally: Tally,
    files: Vec<String>,
    kept: u64,
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

impl State {
    /// Writes the rows that wait.
    fn write(&mut self) -> Result<(), JobRowsError> {
        self.divided.take().into_iter().try_for_each(|(part, rows)| self.file.add(ONLY_TABLE, part, &rows))
    }
}

impl ExtractRows {
    /// Opens the job in `folder` on this host, for rows of source number `source`, from 0, of the table `name`. The
    /// name of the file with the rows has `attempt`, which no other process that reads the table may have.
    ///
    /// # Errors
    /// The folder has no job file, an input on this host is missing or another one than that of the job, rows of this
    /// table cannot be read in batches, or the file cannot be created.
    pub fn open(folder: &Path, name: &Id, source: u32, attempt: u64, host: Host) -> Result<Self, ExtractError> {
        let opened = JobFile::read(folder)?.open(folder, host)?;
        let statements = opened.statements();
        let parts = opened.parts;
        let cipher = opened.rows_cipher();
        let extractor = RowExtractor::new(opened.prepared, opened.key, name, source as usize)?;
        let file = RowsFileWriter::create(folder, format!("{name}-{source}-{attempt}.rows"), cipher)?;
        let divided = DividedRows::new(&extractor.table().fields, parts);
        let state = Shared::new(State { read: Read::default(), divided, file });
        Ok(Self { extractor, statements, source, folder: folder.to_owned(), state })
    }

    /// Pseudonymises and transforms rows. Columns are found by their names; besides those of the source there are
    /// [`FILE_COLUMN`] and [`ROW_COLUMN`].
    ///
    /// # Errors
    /// A column is missing or of a type that would lose values, or the folder cannot be written.
    pub fn add(&self, rows: &RecordBatch) -> Result<(), ExtractError> {
        let files = column(rows, FILE_COLUMN)?;
        let files: &StringArray = files.as_string_opt().ok_or_else(|| wrong_type(FILE_COLUMN, &files, "text"))?;
        let numbers = column(rows, ROW_COLUMN)?;
        let numbers = numbers.as_primitive_opt::<Int64Type>();
        let numbers = numbers.ok_or_else(|| missing(rows, ROW_COLUMN))?;
        let is_place = |number: i64| (0..i64::MAX).contains(&number);
        if files.null_count() + numbers.null_count() > 0 || !numbers.values().iter().copied().all(is_place) {
            return Err(ExtractError::NoPlace { table: self.extractor.table().name.clone() });
        }
        let mut start = 0;
        while start < rows.num_rows() {
            let file = files.value(start);
            let length = (start..rows.num_rows()).take_while(|&row| files.value(row) == file).count();
            // Rows of Parquet files are counted from 1, as in the rejects ledger.
            let positions = numbers.values()[start..start + length].iter().map(|&row| row as u64 + 1).collect();
            self.add_of_file(&rows.slice(start, length), file, positions)?;
            start += length;
        }
        Ok(())
    }

    fn add_of_file(&self, rows: &RecordBatch, file: &str, positions: Vec<u64>) -> Result<(), ExtractError> {
        let number = self.state.lock().read.number(file);
        let processed = self.extractor.process(rows, number, positions)?;
        let mut state = self.state.lock();
        state.read.tally.add(processed.tally);
        state.read.kept += processed.columns[0].len() as u64;
        let divided = state.divided.push(&processed.columns);
        divided.map_err(|e| StoreError::encode(&self.folder, &e))?;
        if state.divided.bytes() > MOST_WAITING {
            state.write()?;
        }
        Ok(())
    }

    /// States what was read, for [`ExtractJob::add_rows`](super::ExtractJob::add_rows).
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, ExtractError> {
        let mut state = self.state.into_inner();
        state.write()?;
        let State { read: Read { tally, files, kept }, file, .. } = state;
        let files = files.into_iter().map(|name| (self.source, name)).collect();
        let rows = vec![file.finish()?];
        let statement = RowsStatement { tally, files, found: self.extractor.found(), kept, rows };
        Ok(self.statements.seal(&about_rows(&self.extractor.table().name), &statement))
    }
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
