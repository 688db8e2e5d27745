//! SAS data sets as sources: the columns that a holder file maps.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use rayon::iter::{ParallelBridge, ParallelIterator};
use sas7bdat::{Dataset, IoBackendPreference, OpenOptions, RawRow};

use super::super::super::error::SourceError;
use super::super::batch::{SourceBatch, SpecialMissing};
use super::super::csv;
use super::super::guard::guarded;
use super::super::kinds::{SAS_MAGIC, first_bytes};
use super::super::locate::locate;
use super::columns::{Column, RowFault, Values, Writing, header};
use super::format::SasFormat;

/// Rows of a batch.
const BATCH_ROWS: usize = 16 << 10;
/// Batches that wait for a thread.
const WAITING: usize = 2;

/// An open SAS data set with checked columns.
pub struct SasSource {
    path: PathBuf,
    data: Dataset,
    columns: Vec<Column>,
    writing: Writing,
}

impl SasSource {
    /// Opens a data set to read the `wanted` columns, as [`super::super::SourceFile::sas`] describes.
    pub(in crate::table::source) fn open(
        path: &Path,
        format: &SasFormat,
        wanted: &[String],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let data = open(path)?;
        let headers: Vec<&str> = data.columns().iter().map(header).collect();
        let found = locate(path, &headers, wanted, known)?;
        let columns = found.iter().map(|&position| Column::new(&data.columns()[position], format)).collect();
        let encoding = encoding(&data, format).ok_or_else(|| SourceError::SasEncoding { path: path.into() })?;
        let endianness = data.metadata().endianness;
        let writing = Writing { encoding, is_declared: format.encoding.is_some(), endianness };
        Ok(Self { path: path.into(), data, columns, writing })
    }

    pub(in crate::table::source) fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(WAITING);
            scope.spawn(move || self.read(&sender));
            receiver.into_iter().par_bridge().try_for_each(|batch| work(batch?))
        })
    }

    /// Sends every batch, then the error of the file if there is one. Stops when nobody receives.
    fn read(&self, sender: &SyncSender<Result<SourceBatch, SourceError>>) {
        let result = guarded(|| self.scan(sender));
        if let Err(error) = result.unwrap_or_else(|| Err(self.damaged())) {
            // Without a receiver another error is reported already.
            let _ = sender.send(Err(error));
        }
    }

    fn scan(&self, sender: &SyncSender<Result<SourceBatch, SourceError>>) -> Result<(), SourceError> {
        let mut batch = Batch::new(self, 1);
        let mut fault = None;
        let scanned = self.data.scan().visit_raw_rows(|row: RawRow<'_>| {
            if let Err((number, found)) = batch.push(self, row.bytes) {
                fault = Some((number, found));
                return Ok(ControlFlow::Break(()));
            }
            if batch.rows < BATCH_ROWS {
                return Ok(ControlFlow::Continue(()));
            }
            let next = Batch::new(self, batch.first_row + batch.rows as u64);
            let full = std::mem::replace(&mut batch, next);
            let is_received = sender.send(Ok(full.finish(self))).is_ok();
            Ok(if is_received { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        });
        match (fault, scanned) {
            (Some((row, RowFault::Encoding)), _) => Err(SourceError::SasText { path: self.path.clone(), row }),
            (Some((_, RowFault::Damaged)), _) | (None, Err(_)) => Err(self.damaged()),
            (None, Ok(_)) => {
                let read = batch.first_row - 1 + batch.rows as u64;
                let stated = self.data.metadata();
                // If nobody receives, the scan ends early, and this error goes nowhere.
                if read != stated.row_count.saturating_sub(stated.deleted_row_count) {
                    return Err(self.damaged());
                }
                let _ = sender.send(Ok(batch.finish(self)));
                Ok(())
            }
        }
    }

    fn damaged(&self) -> SourceError {
        SourceError::DamagedSas { path: self.path.clone() }
    }
}

/// Returns true if the file at `path` begins like a SAS data set.
///
/// # Errors
/// The file is unreadable.
pub fn is_sas(path: &Path) -> Result<bool, SourceError> {
    let first = first_bytes(path).map_err(|source| SourceError::Io { path: path.into(), source })?;
    Ok(first.starts_with(SAS_MAGIC))
}

/// Returns the names of a data set's columns.
///
/// # Errors
/// The file is unreadable or no data set.
pub fn sas_columns(path: &Path) -> Result<Vec<String>, SourceError> {
    Ok(open(path)?.columns().iter().map(|column| header(column).to_owned()).collect())
}

fn open(path: &Path) -> Result<Dataset, SourceError> {
    // Never mapped: a file that shrinks meanwhile would stop the program.
    let options = OpenOptions::builder().io_backend(IoBackendPreference::Buffered).build();
    let data = if is_sas(path)? { guarded(|| Dataset::open_with(path, options)) } else { None };
    data.and_then(Result::ok).ok_or_else(|| SourceError::NotSas { path: path.into() })
}

/// Returns the encoding of the texts; `None` if the data set states one that is not known.
fn encoding(data: &Dataset, format: &SasFormat) -> Option<&'static Encoding> {
    match (format.encoding, &data.metadata().encoding) {
        (Some(csv::Encoding::Utf8), _) | (None, None) => Some(UTF_8),
        (Some(csv::Encoding::Latin1), _) => Some(WINDOWS_1252),
        (None, Some(label)) => Encoding::for_label(label.trim().replace('_', "-").as_bytes()),
    }
}

/// Rows that follow each other.
struct Batch {
    first_row: u64,
    rows: usize,
    values: Vec<Values>,
    special_missing: Vec<SpecialMissing>,
}

impl Batch {
    fn new(source: &SasSource, first_row: u64) -> Self {
        let values = source.columns.iter().map(Column::values).collect();
        Self { first_row, rows: 0, values, special_missing: Vec::new() }
    }

    /// Adds a row. The error has its number.
    fn push(&mut self, source: &SasSource, row: &[u8]) -> Result<(), (u64, RowFault)> {
        let number = self.first_row + self.rows as u64;
        for (position, (values, column)) in self.values.iter_mut().zip(&source.columns).enumerate() {
            let pushed = values.push(column, row, source.writing);
            if pushed.map_err(|fault| (number, fault))? {
                self.special_missing.push(SpecialMissing { column: position, row: self.rows });
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self, source: &SasSource) -> SourceBatch {
        SourceBatch {
            columns: self.values.into_iter().map(Values::finish).collect(),
            rows: (self.first_row..self.first_row + self.rows as u64).collect(),
            malformed: Vec::new(),
            special_missing: self.special_missing,
            bytes: u64::from(source.data.metadata().row_len) * self.rows as u64,
        }
    }
}
