//! All residue checks of each subject.

use super::{cells, labels, metadata, other_files};
use crate::progress::Progress;
use crate::verify::check::{Check, Notes};
use crate::verify::options::Options;
use crate::verify::subject::Subject;

/// Runs the residue checks. Returns the labels of each subject's tables that were not read to the end or line by line.
pub(crate) fn check(
    subjects: &[Subject],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) -> Vec<Vec<String>> {
    let mut unread = Vec::new();
    for subject in subjects {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let outcome = cells::check(subject, options, &mut notes, progress);
        labels::check(subject, &mut notes);
        metadata::check(subject, outcome.unused, &mut notes);
        other_files::check(subject, &outcome.malformed, &mut notes, progress);
        let labels = outcome.malformed.iter().map(|&position| subject.tables[position].label.clone());
        unread.push(labels.collect());
    }
    unread
}
