//! Division of a table into the files of a delivery: one, or one for each part.

use crate::exchange::{DeliveryBuildError, DeliveryBuilder, TableEntry};
use crate::table::{Group, Parts, SortedTable, WrittenFile};
use salanimi_core::Id;

/// Fewest rows of a part of a sealed table. The names and lengths of files are in clear: of smaller parts they would
/// tell which pseudonyms occur.
const LEAST_SEALED_ROWS: u64 = 1_000;

/// The parts of a table that is to be written.
pub(super) struct Division {
    pub(super) parts: Parts,
    table: Id,
    rows: u64,
}

/// A file that is to be written.
pub(super) struct Place {
    pub(super) part: usize,
    /// Its name in the delivery.
    pub(super) name: String,
    pub(super) groups: Vec<Group>,
}

impl Division {
    /// Divides a table of so many rows into `parts`, or fewer if the delivery is sealed and the table is small. Creates
    /// the folder of the parts.
    pub(super) fn new(
        builder: &DeliveryBuilder,
        parts: Parts,
        table: &Id,
        rows: u64,
    ) -> Result<Self, DeliveryBuildError> {
        let parts = Self::parts_of(parts, rows, builder.is_sealed());
        if parts != Parts::ONE {
            builder.create_inner(&TableEntry::file_of(table, parts))?;
        }
        Ok(Self { parts, table: table.clone(), rows })
    }

    /// Returns the number of parts of a table of so many rows.
    pub(super) fn parts_of(parts: Parts, rows: u64, is_sealed: bool) -> Parts {
        if is_sealed { parts.at_most(rows / LEAST_SEALED_ROWS) } else { parts }
    }

    /// Returns the files of a sorted table. A part without rows has no file, but of a table without rows the first part
    /// has one.
    pub(super) fn places(&self, sorted: &SortedTable) -> Vec<Place> {
        let is_written = |part: usize, groups: &[Group]| !groups.is_empty() || (self.rows == 0 && part == 0);
        let of_parts = sorted.groups_of_parts(self.parts).into_iter().enumerate();
        let written = of_parts.filter(|(part, groups)| is_written(*part, groups));
        written.map(|(part, groups)| Place { part, name: self.file_name(part), groups }).collect()
    }

    /// Returns the name of the file of a part in the delivery.
    pub(super) fn file_name(&self, part: usize) -> String {
        file_name(&self.table, self.parts, part)
    }

    /// Returns the rows of each part; none for a table in one file.
    pub(super) fn rows_of_parts<'w>(&self, written: impl Iterator<Item = (usize, &'w WrittenFile)>) -> Vec<u64> {
        if self.parts == Parts::ONE {
            return Vec::new();
        }
        let mut rows = vec![0; self.parts.number()];
        written.for_each(|(part, file)| rows[part] = file.rows);
        rows
    }
}

/// Returns the name of the file of a part of `table` in a delivery.
pub(super) fn file_name(table: &Id, parts: Parts, part: usize) -> String {
    let file = TableEntry::file_of(table, parts);
    if parts == Parts::ONE { file } else { format!("{file}/{}", parts.file_name(part)) }
}
