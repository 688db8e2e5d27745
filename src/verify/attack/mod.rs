//! Dictionary attack: every identity code, under common pseudonymisation schemes, against the values of the tables.
//!
//! ENISA 2019 and 2021, EDPB Guidelines 01/2025: the hash of a small set of identifiers is reversed by trying them all.

mod code_space;
mod decode;
mod evidence;
mod hashes;
mod message;
mod plan;
mod rates;
mod reversible;
mod runner;
mod salts;
mod scheme;
mod search;
mod substitution;
mod target_index;
mod targets;
#[cfg(test)]
mod tests;
mod tiers;

use std::collections::BTreeSet;

pub use rates::{Rate, rates};

use self::code_space::CodeSpace;
use self::evidence::Evidence;
use self::plan::Budgets;
use self::search::Search;
use super::check::Check;
use super::depth::Depth;
use super::options::Options;
use super::subject::Subject;
use crate::progress::Progress;

/// Attacks the columns of all subjects together.
pub(super) fn check(subjects: &[Subject], options: &Options<'_>, checks: &mut Vec<Check>, progress: &dyn Progress) {
    if options.depth == Depth::Skip {
        subjects.iter().for_each(|subject| evidence::note_skipped(&subject.label, checks));
        return;
    }
    check_in(CodeSpace::new(), Budgets::of_depth(options.depth), subjects, options, checks, progress);
}

/// Attacks within `space` and `budgets`.
fn check_in(
    space: CodeSpace,
    budgets: Budgets,
    subjects: &[Subject],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) {
    let depth = options.depth;
    let columns = targets::columns(subjects, progress);
    let reversible: Vec<_> = columns.iter().map(reversible::reverse).collect();
    let known: BTreeSet<usize> = (0..columns.len()).filter(|&column| reversible[column].is_some()).collect();
    let sets = targets::target_sets(&columns);
    let salts = salts::salts(subjects);
    let keys = salts::keys(&salts);
    let search = Search { depth, budgets, sets: &sets, salts: &salts, keys: &keys, known };
    let outcome = search.run(space, options.clock, progress);
    let evidence = Evidence { depth, columns: &columns, sets: &sets, reversible: &reversible, outcome: &outcome };
    for (position, subject) in subjects.iter().enumerate() {
        evidence.note(position, &subject.label, checks);
    }
}
