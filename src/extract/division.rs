//! Division of a table into the files of a delivery: one, or one for each part.

use std::path::Path;

use crate::crypto::{Digest, TableSeal};
use crate::exchange::{DeliveryBuildError, DeliveryBuilder, TableEntry};
use crate::table::{Group, NewFile, Parts, SortedTable, WrittenFile};
use salanimi_core::Id;

/// Fewest rows of a part of a sealed table. The names and lengths of files are in clear: of smaller parts they would
/// tell which pseudonyms occur.
const LEAST_SEALED_ROWS: u64 = 1_000;

/// The files of a table that is to be written.
pub(super) struct Division {
    pub(super) parts: Parts,
    places: Vec<Place>,
}

/// A file that is to be written.
struct Place {
    part: usize,
    /// Its name in the delivery.
    name: String,
    groups: Vec<Group>,
}

impl Division {
    /// Divides a sorted table into `parts`, or fewer if the delivery is sealed and the table is small. Creates the
    /// folder of the parts.
    pub(super) fn new(
        builder: &DeliveryBuilder,
        parts: Parts,
        table: &Id,
        sorted: &SortedTable,
    ) -> Result<Self, DeliveryBuildError> {
        let rows = sorted.rows();
        let parts = if builder.is_sealed() { parts.at_most(rows / LEAST_SEALED_ROWS) } else { parts };
        let file = TableEntry::file_of(table, parts);
        if parts != Parts::ONE {
            builder.create_inner(&file)?;
        }
        // A part without rows has no file, but of a table without rows the first part has one.
        let is_written = |part: usize, groups: &[Group]| !groups.is_empty() || (rows == 0 && part == 0);
        let of_parts = sorted.groups_of_parts(parts).into_iter().enumerate();
        let written = of_parts.filter(|(part, groups)| is_written(*part, groups));
        let place = |(part, groups)| {
            let name = match parts {
                Parts::ONE => file.clone(),
                _ => format!("{file}/{}", parts.file_name(part)),
            };
            Place { part, name, groups }
        };
        Ok(Self { parts, places: written.map(place).collect() })
    }

    /// Returns the files to write below `folder`. `seal` returns the seal of a file by its name.
    pub(super) fn files<'s>(&self, folder: &Path, seal: impl Fn(&str) -> Option<TableSeal<'s>>) -> Vec<NewFile<'s>> {
        let file = |Place { name, groups, .. }: &Place| NewFile {
            path: folder.join(name),
            groups: groups.clone(),
            seal: seal(name),
        };
        self.places.iter().map(file).collect()
    }

    /// Returns the rows of each part; none for a table in one file.
    pub(super) fn rows_of_parts(&self, written: &[WrittenFile]) -> Vec<u64> {
        if self.parts == Parts::ONE {
            return Vec::new();
        }
        let mut rows = vec![0; self.parts.number()];
        self.places.iter().zip(written).for_each(|(place, file)| rows[place.part] = file.rows);
        rows
    }

    /// Returns the names of the files with their digests.
    pub(super) fn digests(self, written: &[WrittenFile]) -> Vec<(String, Digest)> {
        self.places.into_iter().map(|place| place.name).zip(written.iter().map(|file| file.digest)).collect()
    }
}
