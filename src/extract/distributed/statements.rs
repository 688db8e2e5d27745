//! What the processes of a job state of their work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::found::Found;
use super::super::tally::Tally;
use crate::exchange::RowsFile;
use crate::table::WrittenFile;
use salanimi_core::Id;

/// What one process read of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowsStatement {
    pub(super) tally: Tally,
    /// The source files, by the numbers that rejected rows have: the position of the source, and the name.
    pub(super) files: Vec<(u32, String)>,
    pub(super) found: Found,
    /// Number of rows that were kept.
    pub(super) kept: u64,
    /// The files with these rows.
    pub(super) rows: Vec<RowsFile>,
}

/// What one process wrote of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartStatement {
    pub(super) part: usize,
    /// Number of the attempt, which the name of the file has.
    pub(super) attempt: u64,
    /// The file; `None` if there was no row.
    pub(super) written: Option<WrittenFile>,
    pub(super) persons: u64,
    pub(super) repeats: u64,
    /// Number of rows that were read.
    pub(super) rows: u64,
}

impl RowsStatement {
    /// Adds up what several processes read of a table. The result does not depend on their order.
    pub(super) fn joined(statements: Vec<Self>) -> Self {
        let names = statements.iter().flat_map(|statement| statement.files.iter().cloned());
        let mut numbers: BTreeMap<(u32, String), u32> = names.map(|name| (name, 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(number, at)| *number = at);
        let mut all =
            Self { tally: Tally::default(), files: Vec::new(), found: Found::default(), kept: 0, rows: Vec::new() };
        for Self { mut tally, files, found, kept, rows } in statements {
            let of_file: Vec<u32> = files.iter().map(|name| numbers[name]).collect();
            let rejected = tally.rejected.iter_mut().chain(&mut tally.without_code);
            rejected.for_each(|record| record.file = of_file[record.file as usize]);
            all.tally.add(tally);
            all.found.add(found);
            all.kept += kept;
            all.rows.extend(rows);
        }
        all.tally.rejected.sort_unstable();
        all.tally.without_code.sort_unstable();
        all.files = numbers.into_keys().collect();
        all
    }
}

/// Returns the subject of statements about the rows of a table.
pub(super) fn about_rows(table: &Id) -> String {
    format!("rows\0{table}")
}

/// Returns the subject of the list of files with the rows of a table.
pub(super) fn about_files(table: &Id) -> String {
    format!("files\0{table}")
}

/// Returns the subject of statements about the parts of a table.
pub(super) fn about_parts(table: &Id) -> String {
    format!("part\0{table}")
}
