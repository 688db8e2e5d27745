//! All residue checks of each subject.

use super::table::Scan;
use super::{cells, labels, metadata, other_files};
use crate::progress::Progress;
use crate::verify::check::{Check, Notes};
use crate::verify::options::Options;
use crate::verify::subject::Subject;

/// Reading of a subject's tables.
pub(crate) struct TablesRead {
    /// Labels of the tables that were not read to the end or line by line.
    pub unread: Vec<String>,
    /// Number of rows of each table; `None` if it was not read to the end.
    pub rows: Vec<Option<u64>>,
}

/// Runs the residue checks, and returns how each subject was read.
pub(crate) fn check(
    subjects: &[Subject],
    scans: Vec<Vec<Scan>>,
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) -> Vec<TablesRead> {
    let mut read = Vec::new();
    for (subject, scans) in subjects.iter().zip(scans) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let outcome = cells::check(subject, scans, options, &mut notes);
        labels::check(subject, &mut notes);
        metadata::check(subject, outcome.unused, &mut notes);
        other_files::check(subject, &outcome.malformed, &mut notes, progress);
        let labels = outcome.malformed.iter().map(|&position| subject.tables[position].label.clone());
        read.push(TablesRead { unread: labels.collect(), rows: outcome.rows });
    }
    read
}
