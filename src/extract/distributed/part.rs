//! A process that writes one part of one table.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use super::super::division::file_name;
use super::super::error::ExtractError;
use super::super::written::{RowCounts, table_name};
use super::job_file::{JobFile, Opened};
use super::statements::{PartStatement, RowSum, about_parts};
use crate::exchange::Host;
use crate::shared::Shared;
use crate::table::{NewFile, Sorter, from_plain, keys};
use salanimi_core::Id;

/// Sorts and writes the rows of one part.
pub struct ExtractPart {
    folder: PathBuf,
    opened: Opened,
    table: usize,
    part: usize,
    sorter: Sorter,
    rows: Shared<RowSum>,
}

impl ExtractPart {
    /// Opens the job in `folder` on this host, for part number `part` of the table `name`. Holds about `memory` bytes
    /// of rows in memory.
    ///
    /// # Errors
    /// The folder has no job file, an input on this host is missing or another one than that of the job, or there is no
    /// such part.
    pub fn open(folder: &Path, name: &Id, part: usize, memory: usize, host: Host) -> Result<Self, ExtractError> {
        let opened = JobFile::read(folder)?.open(folder, host)?;
        let table = opened.prepared.table_named(name)?;
        if part >= opened.parts.number() {
            return Err(ExtractError::OtherPart { table: name.clone(), part });
        }
        let sorter = Sorter::encrypted(&opened.prepared.contract.tables[table].fields, memory, folder)?;
        Ok(Self { folder: folder.to_owned(), opened, table, part, sorter, rows: Shared::default() })
    }

    /// Adds rows as [`ExtractRows`](super::ExtractRows) returns them, in any order. Their last column may be missing.
    ///
    /// # Errors
    /// The rows have other columns or types, or the disk is full.
    pub fn push(&self, rows: &RecordBatch) -> Result<(), ExtractError> {
        let table = &self.opened.prepared.contract.tables[self.table];
        let other = || ExtractError::OtherRows { table: table.name.clone() };
        let columns = rows.columns().get(..table.fields.len()).ok_or_else(other)?;
        let columns = from_plain(&table.fields, columns).ok_or_else(other)?;
        if columns[0].null_count() > 0 {
            return Err(other());
        }
        self.rows.lock().add(RowSum::of(&keys(&columns[0])));
        Ok(self.sorter.push(&columns)?)
    }

    /// Writes the part to a file whose name has `attempt`, which no other attempt at this part may have. States what
    /// was written, for [`ExtractJob::add`](super::ExtractJob::add); `None` if there was no row.
    ///
    /// # Errors
    /// A row belongs to another part, a person has too many rows, or the file cannot be written.
    pub fn finish(self, attempt: u64) -> Result<Option<Vec<u8>>, ExtractError> {
        let prepared = &self.opened.prepared;
        let table = &prepared.contract.tables[self.table];
        let sorted = self.sorter.finish()?;
        let mut of_parts = sorted.groups_of_parts(self.opened.parts);
        let groups = std::mem::take(&mut of_parts[self.part]);
        if of_parts.iter().any(|groups| !groups.is_empty()) {
            return Err(ExtractError::OtherPart { table: table.name.clone(), part: self.part });
        }
        if groups.is_empty() {
            return Ok(None);
        }
        let data_key = self.opened.data_key();
        let name = file_name(&table.name, self.opened.parts, self.part);
        let seal = data_key.as_ref().map(|key| key.seal(&table_name(prepared, &table.name, &name)));
        let new_file = NewFile { path: self.folder.join(attempt_name(&table.name, self.part, attempt)), groups, seal };
        let counts = RowCounts::default();
        let written = counts.write(table, &sorted, &[new_file], &self.folder)?.swap_remove(0);
        let statement = PartStatement {
            part: self.part,
            attempt,
            written,
            persons: counts.persons.into_inner(),
            repeats: counts.repeats.into_inner(),
            rows: self.rows.into_inner(),
        };
        Ok(Some(self.opened.statements().seal(&about_parts(&table.name), &statement)))
    }
}

/// Returns the name of the file of an attempt in the job's folder.
pub(super) fn attempt_name(table: &Id, part: usize, attempt: u64) -> String {
    format!("{table}-{part:05}-{attempt}.parquet")
}
