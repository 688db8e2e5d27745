//! What the processes of a job state of their work. They hold counts, digests and row numbers, and no value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::found::Found;
use super::super::tally::Tally;
use crate::table::WrittenFile;

/// What one process read of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsStatement {
    pub(super) tally: Tally,
    /// The source files, by the numbers that rejected rows have: the position of the source, and the name.
    pub(super) files: Vec<(u32, String)>,
    pub(super) found: Found,
}

/// What one process wrote of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartStatement {
    pub(super) part: usize,
    /// Name of the file in the job's folder.
    pub(super) file: String,
    pub(super) written: WrittenFile,
    pub(super) persons: u64,
    pub(super) repeats: u64,
}

impl RowsStatement {
    /// Adds up what several processes read of a table. The result does not depend on their order.
    #[must_use]
    pub fn joined(statements: Vec<Self>) -> Self {
        let names = statements.iter().flat_map(|statement| statement.files.iter().cloned());
        let mut numbers: BTreeMap<(u32, String), u32> = names.map(|name| (name, 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(number, at)| *number = at);
        let mut all = Tally::default();
        let mut found = Found::default();
        for Self { mut tally, files, found: of_one } in statements {
            let of_file: Vec<u32> = files.iter().map(|name| numbers[name]).collect();
            let rejected = tally.rejected.iter_mut().chain(&mut tally.without_code);
            rejected.for_each(|record| record.file = of_file[record.file as usize]);
            all.add(tally);
            found.add(of_one);
        }
        all.rejected.sort_unstable();
        all.without_code.sort_unstable();
        Self { tally: all, files: numbers.into_keys().collect(), found }
    }
}
