//! One pass over each table, in which several families of checks see all of its rows.

use super::options::Options;
use super::purpose::{ColumnFaults, FaultCounter};
use super::residue::{Patterns, Scan, Search};
use super::risk::{Profile, Profiling};
use super::subject::{Subject, SubjectTable};
use crate::progress::Progress;
use crate::table::Rows;

/// What each family saw, by subject and table.
#[derive(Default)]
pub(super) struct Seen {
    /// Faults against the contract.
    pub faults: Vec<Vec<ColumnFaults>>,
    /// Findings of the search for residue.
    pub scans: Vec<Vec<Scan>>,
    /// Profiles by which the risk of a table is planned; `None` if the table was not read to the end.
    pub profiles: Vec<Vec<Option<Profile>>>,
}

/// Reads every table of every subject once.
pub(super) fn read(subjects: &[Subject], options: &Options<'_>, progress: &dyn Progress) -> Seen {
    let patterns = options.contract.map_or_else(Patterns::default, Patterns::of);
    let mut seen = Seen::default();
    for subject in subjects {
        progress.begin("tables", subject.tables.iter().filter_map(|table| table.table.rows()).sum());
        let mut faults = Vec::new();
        let mut scans = Vec::new();
        let mut profiles = Vec::new();
        for table in &subject.tables {
            let counter = FaultCounter::new(table, subject.kind, options.contract);
            let search = Search::new(table, &patterns, options.memory);
            let profiling = Profiling::new(table);
            let is_whole = see(table, progress, |rows| {
                counter.see(rows);
                search.see(rows);
                profiling.see(rows);
            });
            faults.push(counter.finish(is_whole));
            scans.push(search.finish(is_whole));
            profiles.push(profiling.finish(is_whole));
        }
        seen.faults.push(faults);
        seen.scans.push(scans);
        seen.profiles.push(profiles);
    }
    seen
}

/// Shows all rows of `table`. Returns true if it was read to the end.
fn see(table: &SubjectTable, progress: &dyn Progress, show: impl Fn(&Rows) + Sync + Send) -> bool {
    let read = table.table.map(&table.table.all(), |rows: Rows| {
        show(&rows);
        progress.advance(rows.len() as u64);
    });
    read.is_ok()
}
