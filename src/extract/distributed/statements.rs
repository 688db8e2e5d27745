//! What the processes of a job state of their work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::found::Found;
use super::super::tally::Tally;
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
    pub(super) rows: RowSum,
}

/// What one process wrote of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartStatement {
    pub(super) part: usize,
    /// Number of the attempt, which the name of the file has.
    pub(super) attempt: u64,
    pub(super) written: WrittenFile,
    pub(super) persons: u64,
    pub(super) repeats: u64,
    pub(super) rows: RowSum,
}

/// Number of rows, and a sum over their keys. Rows that were read and rows that were written have the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowSum {
    rows: u64,
    keys: u64,
}

impl RowSum {
    /// Returns the sum of rows with these keys.
    pub(super) fn of(keys: &[u128]) -> Self {
        let sum = keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(*key as u64));
        Self { rows: keys.len() as u64, keys: sum }
    }

    /// Adds other rows.
    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.keys = self.keys.wrapping_add(other.keys);
    }

    /// Returns the number of rows.
    pub(super) fn rows(self) -> u64 {
        self.rows
    }
}

impl RowsStatement {
    /// Adds up what several processes read of a table. The result does not depend on their order.
    pub(super) fn joined(statements: Vec<Self>) -> Self {
        let names = statements.iter().flat_map(|statement| statement.files.iter().cloned());
        let mut numbers: BTreeMap<(u32, String), u32> = names.map(|name| (name, 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(number, at)| *number = at);
        let mut all =
            Self { tally: Tally::default(), files: Vec::new(), found: Found::default(), rows: RowSum::default() };
        for Self { mut tally, files, found, rows } in statements {
            let of_file: Vec<u32> = files.iter().map(|name| numbers[name]).collect();
            let rejected = tally.rejected.iter_mut().chain(&mut tally.without_code);
            rejected.for_each(|record| record.file = of_file[record.file as usize]);
            all.tally.add(tally);
            all.found.add(found);
            all.rows.add(rows);
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

/// Returns the subject of statements about the parts of a table.
pub(super) fn about_parts(table: &Id) -> String {
    format!("part\0{table}")
}
