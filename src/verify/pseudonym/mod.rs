//! Pseudonyms: one form, as random as keyed hashes, and no order that discloses the source.
//!
//! EDPB Guidelines 01/2025 and ENISA 2019: a pseudonym must disclose nothing of the identifier. Counters do, and so
//! does the order of the source.

mod bits;
mod form;
mod order;
mod parties;
mod sample;
mod significance;
mod uniform;
mod values;

use self::sample::Sample;
use super::check::{Check, Notes};
use super::subject::Subject;

/// Checks the pseudonyms of every subject, and those of all deliveries together.
pub(super) fn check(subjects: &[Subject], checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| !subject.tables.is_empty()) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        // The integrity checks report a table that cannot be read.
        let samples: Vec<Sample<'_>> = subject.tables.iter().filter_map(|table| Sample::read(table).ok()).collect();
        values::check(&samples, &mut notes);
        uniform::check(&samples, &mut notes);
        order::check(subject, &samples, &mut notes);
    }
    parties::check(subjects, checks);
}
