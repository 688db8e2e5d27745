//! What the processes of a job state of their work.

use serde::{Deserialize, Serialize};

use super::super::account::Account;
use super::super::filled::Sums;
use super::super::references::ReferenceCounts;
use crate::exchange::RowsFile;
use crate::table::WrittenFile;

/// Subject of statements about ranges.
pub(super) const RANGES: &str = "range";
/// Subject of the list of files with the rows of all ranges.
pub(super) const RANGES_READ: &str = "ranges read";
/// Subject of statements about parts.
pub(super) const PARTS: &str = "part";

/// What a process merged of one range of the pseudonym.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeStatement {
    pub(super) range: usize,
    /// The linked rows of the range.
    pub(super) rows: RowsFile,
    /// Number of rows of each table, and of each label of references.
    pub(super) counts: Vec<u64>,
    pub(super) account: Account,
    pub(super) sums: Sums,
}

/// What a process wrote of one part.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartStatement {
    pub(super) part: usize,
    /// Number of the attempt, which the names of the files have.
    pub(super) attempt: u64,
    /// The file of each table; `None` if it has no row in the part.
    pub(super) files: Vec<Option<WrittenFile>>,
    /// Number of rows of each table, and of each label of references.
    pub(super) counts: Vec<u64>,
    pub(super) references: ReferenceCounts,
}

/// Adds numbers of rows, table by table.
pub(super) fn add_rows(sum: &mut Vec<u64>, counts: &[u64]) {
    sum.resize(counts.len().max(sum.len()), 0);
    sum.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
}
