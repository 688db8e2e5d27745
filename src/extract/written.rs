//! Writing of a sorted table into a delivery, without repeats of its key.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef};
use arrow::compute::filter;
use arrow::error::ArrowError;

use super::division::Division;
use super::error::ExtractError;
use super::prepare::Prepared;
use crate::config::{Duplicates, Table};
use crate::crypto::TableName;
use crate::exchange::{DeliveryBuilder, MAX_PERSON_ROWS};
use crate::table::{NewFile, Parts, SortedTable, StoreError, WrittenFile, first_of_each, keys, write_parts};
use salanimi_core::Id;

/// A table that was written.
pub(super) struct Written {
    pub(super) parts: Parts,
    /// Rows of each part; none for a table in one file.
    pub(super) rows_of_parts: Vec<u64>,
    /// Names of the files in the delivery.
    pub(super) names: Vec<String>,
    pub(super) files: Vec<WrittenFile>,
    /// Number of distinct persons.
    pub(super) persons: u64,
    /// Rows that were left out because they repeat a unique key.
    pub(super) repeats: u64,
}

impl Written {
    /// Writes the table at `position` into the delivery, divided so.
    ///
    /// # Errors
    /// A person has too many rows, or a file cannot be written.
    pub(super) fn write(
        prepared: &Prepared,
        builder: &DeliveryBuilder,
        division: &Division,
        position: usize,
        sorted: &SortedTable,
    ) -> Result<Self, ExtractError> {
        let table = &prepared.contract.tables[position];
        let places = division.places(sorted);
        let seal = |file: &str| builder.table_seal(&table_name(prepared, &table.name, file));
        let path = builder.path();
        let files = places.iter().map(|place| NewFile {
            path: path.join(&place.name),
            groups: place.groups.clone(),
            seal: seal(&place.name),
        });
        let rows = RowCounts::default();
        let written = rows.write(table, sorted, &files.collect::<Vec<_>>(), path)?;
        Ok(Self {
            parts: division.parts,
            rows_of_parts: division.rows_of_parts(places.iter().map(|place| place.part).zip(&written)),
            names: places.into_iter().map(|place| place.name).collect(),
            files: written,
            persons: rows.persons.into_inner(),
            repeats: rows.repeats.into_inner(),
        })
    }
}

/// Counts of rows while they are written.
#[derive(Default)]
pub(super) struct RowCounts {
    pub(super) repeats: AtomicU64,
    pub(super) persons: AtomicU64,
}

impl RowCounts {
    /// Writes the files of a sorted table below `folder` without repeats, and counts.
    ///
    /// # Errors
    /// A person has too many rows, or a file cannot be written.
    pub(super) fn write(
        &self,
        table: &Table,
        sorted: &SortedTable,
        files: &[NewFile<'_>],
        folder: &Path,
    ) -> Result<Vec<WrittenFile>, ExtractError> {
        write_parts(files, &table.fields, |ranges| {
            let columns = sorted.load(ranges)?;
            let rows = columns[0].len();
            let columns = without_repeats(table, columns).map_err(|e| StoreError::encode(folder, &e))?;
            self.repeats.fetch_add((rows - columns[0].len()) as u64, Ordering::Relaxed);
            let rows_of_persons = rows_of_persons(&columns[0]);
            if rows_of_persons.iter().any(|&rows| rows > MAX_PERSON_ROWS) {
                return Err(ExtractError::TooManyRows { table: table.name.clone() });
            }
            self.persons.fetch_add(rows_of_persons.len() as u64, Ordering::Relaxed);
            Ok(columns)
        })
    }
}

/// Returns the name under which a file of a table is sealed.
pub(super) fn table_name<'n>(prepared: &'n Prepared, table: &'n Id, file: &'n str) -> TableName<'n> {
    let holder = &prepared.holder;
    TableName { study: &prepared.contract.study.id, holder: &holder.name, number: holder.delivery.number, table, file }
}

/// Removes rows that repeat a unique key of the table, unless the contract keeps them.
pub(super) fn without_repeats(table: &Table, columns: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, ArrowError> {
    if table.duplicates == Duplicates::Keep {
        return Ok(columns);
    }
    let first = first_of_each(&columns, &table.unique)?;
    if first.true_count() == first.len() {
        return Ok(columns);
    }
    columns.iter().map(|column| filter(column, &first)).collect()
}

/// Counts the rows of each person in a sorted column of pseudonyms. The rows of a person are in one row group.
fn rows_of_persons(sorted: &ArrayRef) -> Vec<usize> {
    keys(sorted).chunk_by(|a, b| a == b).map(<[u128]>::len).collect()
}
