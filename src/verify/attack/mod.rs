//! The dictionary attack: the identity-code space, through the schemes that people use, against what the tables hold.
//!
//! ENISA 2019 and 2021, EDPB Guidelines 01/2025: a hash of a small set of identifiers is reversed by trying them all.

mod campaign;
mod code_space;
mod decode;
mod evidence;
mod hashes;
mod lookup;
mod message;
mod plan;
mod rates;
mod reversible;
mod run;
mod salts;
mod scheme;
mod substitution;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use rates::{Rate, rates};

use self::campaign::Campaign;
use self::code_space::CodeSpace;
use self::evidence::Evidence;
use self::plan::Budgets;
use super::Options;
use super::check::Check;
use super::subject::Subject;
use crate::progress::Progress;

/// How much of the dictionary attack is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Nothing of it.
    LeftOut,
    /// What takes seconds.
    Quick,
    /// Unsalted schemes over the whole space of codes, salted ones over a share of it.
    #[default]
    Usual,
    /// Every scheme over the whole space.
    Exhaustive,
}

pub(super) fn check(subjects: &[Subject], options: &Options<'_>, checks: &mut Vec<Check>, progress: &dyn Progress) {
    if options.depth == Depth::LeftOut {
        subjects.iter().for_each(|subject| evidence::left_out(&subject.label, checks));
        return;
    }
    check_in(CodeSpace::new(), options.depth.budgets(), subjects, options, checks, progress);
}

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
    let written: Vec<_> = columns.iter().map(reversible::reverse).collect();
    let known: BTreeSet<usize> = (0..columns.len()).filter(|&column| written[column].is_some()).collect();
    let sets = targets::sets(&columns);
    let salts = salts::salts(subjects);
    let keys = salts::keys(&salts);
    let campaign = Campaign { depth, budgets, sets: &sets, salts: &salts, keys: &keys, known };
    let outcome = campaign.run(space, options.clock, progress);
    let evidence = Evidence { depth, columns: &columns, sets: &sets, written: &written, outcome: &outcome };
    for (position, subject) in subjects.iter().enumerate() {
        evidence.note(position, &subject.label, checks);
    }
}
