//! An extract batch by batch, for rows that another program reads: a data frame, a stream, a cluster.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use serde::Serialize;

use super::batch::Processed;
use super::error::ExtractError;
use super::found::Found;
use super::prepare::{Inputs, Mode, Prepared};
use super::tally::Tally;
use crate::config::{Source, Table};
use crate::crypto::read_key;
use crate::exchange::Filtered;
use crate::shared::Shared;
use crate::table::{SourceBatch, SourceError, stored_batch, stored_schema};
use salanimi_core::{Id, ProjectKey, ProjectKeys, Reason};

/// Stands for the file in messages about a batch.
pub(super) const BATCH: &str = "batch";

/// Pseudonymises and transforms the rows of one table, batch by batch and on any thread.
///
/// It does to a row what [`extract`](super::extract()) does, and counts it. It neither sorts rows nor removes repeats
/// of a key, which needs all of them. It never stops for too many rejects or a warning: judge the counts.
pub struct BatchExtractor {
    extractor: RowExtractor,
    counts: Shared<BatchCounts>,
}

/// The pipeline of one table, for rows that come in batches.
pub(super) struct RowExtractor {
    prepared: Prepared,
    key: ProjectKey,
    /// Position of the table in the contract.
    table: usize,
    /// Position of the source among those of the table.
    source: usize,
}

/// Counts of all rows that a [`BatchExtractor`] was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchCounts {
    /// Rows that were read.
    pub source_rows: u64,
    /// Records after the reshape.
    pub records: u64,
    /// Records that left.
    pub kept: u64,
    /// Records that a rule filtered, except repeats of a key.
    pub filtered: Filtered,
    /// Rejected records by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Rows of persons with temporary codes.
    pub temporary_rows: u64,
    /// Rows whose code was replaced by a newer one.
    pub changed_rows: u64,
    /// Invalid values that were emptied, by column and reason.
    pub emptied: BTreeMap<String, BTreeMap<Reason, u64>>,
}

impl BatchExtractor {
    /// Opens the contract's table `name`, of which the holder file describes one source. Its files are not read.
    ///
    /// # Errors
    /// An input is invalid, the key has expired, the holder file describes no or several sources of the table, or
    /// linkage without identifiers reads it, which needs all rows at once.
    pub fn new(inputs: &Inputs, project_key: &Path, name: &Id) -> Result<Self, ExtractError> {
        let prepared = Prepared::read(inputs)?;
        prepared.holder.check_decided(&inputs.holder)?;
        let key = read_key(project_key, &prepared.contract.study.id, &inputs.unlock, inputs.today)?;
        let extractor = RowExtractor::new(prepared, key, name, 0)?;
        match extractor.prepared.sources(extractor.table).count() {
            1 => Ok(Self { extractor, counts: Shared::default() }),
            _ => Err(ExtractError::OneSource { table: name.clone() }),
        }
    }

    /// Returns the names of the columns to read.
    #[must_use]
    pub fn source_columns(&self) -> &[String] {
        &self.extractor.source().headers
    }

    /// Returns the schema of the batches that leave.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        stored_schema(&self.extractor.table().fields)
    }

    /// Pseudonymises and transforms rows. Columns are found by their names; others are not read.
    ///
    /// # Errors
    /// A column is missing, there twice, or of a type that would lose values.
    pub fn batch(&self, rows: &RecordBatch) -> Result<RecordBatch, ExtractError> {
        let processed = self.extractor.process(rows, 0, (1..=rows.num_rows() as u64).collect())?;
        let table = self.extractor.table();
        self.counts.lock().add(&processed.tally, table);
        let stored = stored_batch(&table.fields, &processed.columns);
        stored.map_err(|_| SourceError::Decode { path: PathBuf::from(BATCH) }.into())
    }

    /// Returns the counts of all batches so far.
    #[must_use]
    pub fn counts(&self) -> BatchCounts {
        self.counts.lock().clone()
    }
}

impl RowExtractor {
    /// Opens a source of the table `name`.
    ///
    /// # Errors
    /// The holder file does not describe so many sources of the table, or its rows cannot be read in batches.
    pub(super) fn new(prepared: Prepared, key: ProjectKey, name: &Id, source: usize) -> Result<Self, ExtractError> {
        let table = prepared.table_named(name)?;
        prepared.check_batches(table)?;
        match source < prepared.sources(table).count() {
            true => Ok(Self { prepared, key, table, source }),
            false => Err(ExtractError::NoTable { table: name.clone() }),
        }
    }

    pub(super) fn table(&self) -> &Table {
        &self.prepared.contract.tables[self.table]
    }

    fn source(&self) -> &Source {
        match self.prepared.sources(self.table).nth(self.source) {
            Some(source) => source,
            None => unreachable!("a source was found before"),
        }
    }

    /// Runs rows of the file number `file` through the pipeline. `positions` are the rows' places in it.
    pub(super) fn process(
        &self,
        rows: &RecordBatch,
        file: u32,
        positions: Vec<u64>,
    ) -> Result<Processed, ExtractError> {
        let keys = ProjectKeys::new(&self.key, &self.prepared.contract.study.id);
        let batch = SourceBatch {
            columns: self.source().headers.iter().map(|name| column(rows, name)).collect::<Result<_, _>>()?,
            rows: positions,
            malformed: Vec::new(),
            special_missing: Vec::new(),
            bytes: 0,
        };
        self.prepared.batch(self.source(), Mode::Pseudonymise(&keys, None), (file, Path::new(BATCH)), batch)
    }

    /// Returns which persons of the lists were found.
    pub(super) fn found(&self) -> Found {
        self.prepared.lists.found()
    }
}

impl BatchCounts {
    /// Adds what a batch of `table` counted. Its rejected rows are not kept: a stream has no end.
    fn add(&mut self, tally: &Tally, table: &Table) {
        self.source_rows += tally.source_rows;
        self.records += tally.records;
        self.kept += tally.kept;
        self.filtered.add(tally.filtered);
        self.temporary_rows += tally.temporary_rows;
        self.changed_rows += tally.changed_rows;
        for (reason, records) in tally.rejected_by_reason() {
            *self.rejected.entry(reason).or_default() += records;
        }
        for (&column, reasons) in &tally.emptied {
            let emptied = self.emptied.entry(table.columns[column as usize].name.to_string()).or_default();
            reasons.iter().for_each(|(&reason, values)| *emptied.entry(reason).or_default() += values);
        }
    }
}

fn column(rows: &RecordBatch, name: &str) -> Result<ArrayRef, SourceError> {
    let missing = || SourceError::MissingColumn {
        path: PathBuf::from(BATCH),
        name: name.to_owned(),
        found: rows.num_columns(),
        close: None,
    };
    let schema = rows.schema();
    let mut found = schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (None, _) => Err(missing()),
        (Some(at), None) => Ok(rows.column(at).clone()),
        (Some(first), Some(second)) => {
            Err(SourceError::DuplicateHeader { path: PathBuf::from(BATCH), first: first + 1, second: second + 1 })
        }
    }
}
