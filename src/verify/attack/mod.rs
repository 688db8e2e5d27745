//! Dictionary attack: every identity code, under common pseudonymisation schemes, against the values of the tables.
//! Identifiers of other kinds are attacked by the contract's own pattern.
//!
//! ENISA 2019 and 2021, EDPB Guidelines 01/2025: the hash of a small set of identifiers is reversed by trying them all.

//! Dictionary attack: every identity code, under common pseudonymisation schemes, against the values of the tables.
//!
//! ENISA 2019 and 2021, EDPB Guidelines 01/2025: the hash of a small set of identifiers is reversed by trying them all.

mod base85;
mod budgets;
mod candidates;
mod code_space;
mod decode;
mod evidence;
mod hashes;
mod hashing;
mod language;
mod left_out;
mod masks;
mod message;
mod namespaces;
mod pattern_evidence;
mod pattern_space;
mod plan;
mod rates;
mod reversible;
mod row_salts;
mod runner;
mod salts;
mod scheme;
mod search;
mod share;
mod signs;
mod space;
mod substitution;
mod target_index;
mod targets;
#[cfg(test)]
mod tests;
mod tiers;

use std::collections::BTreeSet;

pub use rates::{Rate, rates};

use self::budgets::Budgets;
use self::code_space::CodeSpace;
use self::evidence::Evidence;
use self::pattern_evidence::PatternOutcome;
use self::pattern_space::PatternSpace;
use self::row_salts::RowSalts;
use self::salts::Guesses;
use self::search::{Outcome, Search};
use self::space::Space;
use self::targets::TargetSet;
use super::check::Check;
use super::depth::Depth;
use super::options::Options;
use super::subject::Subject;
use crate::config::Contract;
use crate::progress::Progress;
use crate::text::Text;
use salanimi_core::Syntax;

/// Attacks the columns of all subjects together. Returns what the attack left out, for the verdict; `None` if nothing.
pub(super) fn check(
    subjects: &[Subject],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) -> Option<Text> {
    if options.depth == Depth::None {
        subjects.iter().for_each(|subject| evidence::note_skipped(&subject.label, checks));
        return Some(left_out::everything());
    }
    check_in(CodeSpace::new(), Budgets::of_depth(options.depth), subjects, options, checks, progress)
}

/// Attacks within `space` and `budgets`.
fn check_in(
    space: CodeSpace,
    budgets: Budgets,
    subjects: &[Subject],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) -> Option<Text> {
    let depth = options.depth;
    let columns = targets::columns(subjects, progress);
    let reversible: Vec<_> = columns.iter().map(reversible::reverse).collect();
    let mut known: BTreeSet<usize> = (0..columns.len()).filter(|&column| reversible[column].is_some()).collect();
    let sets = targets::target_sets(&columns);
    let attacked: BTreeSet<usize> = sets.iter().map(|set| set.column).filter(|at| !known.contains(at)).collect();
    let attack = Attack {
        sets: &sets,
        guesses: Guesses::new(subjects),
        row_salts: row_salts::row_salts(subjects, &columns, &attacked),
        options,
        progress,
    };
    let outcome = attack.search(depth, budgets, &Space::Codes(space), &mut known);
    let patterns = attack.search_patterns(budgets, &mut known);
    let evidence = Evidence {
        depth,
        columns: &columns,
        sets: &sets,
        reversible: &reversible,
        outcome: &outcome,
        patterns: &patterns,
    };
    for (position, subject) in subjects.iter().enumerate() {
        evidence.note(position, &subject.label, checks);
    }
    left_out::of_attack(depth, !attacked.is_empty(), &outcome, &patterns)
}

/// Targets and guesses that the search of every space shares.
struct Attack<'a> {
    sets: &'a [TargetSet],
    guesses: Guesses,
    row_salts: Vec<RowSalts>,
    options: &'a Options<'a>,
    progress: &'a dyn Progress,
}

impl Attack<'_> {
    /// Searches a space, and adds the columns that it reverses to those that are known.
    fn search(&self, depth: Depth, budgets: Budgets, space: &Space, known: &mut BTreeSet<usize>) -> Outcome {
        let search = Search {
            depth,
            budgets,
            sets: self.sets,
            guesses: &self.guesses,
            row_salts: &self.row_salts,
            known: known.clone(),
        };
        let outcome = search.run(space, self.options.clock, self.progress);
        known.extend(outcome.reversed.iter().map(|reversed| reversed.column));
        outcome
    }

    /// Searches the space of each pattern of the contract.
    fn search_patterns(&self, budgets: Budgets, known: &mut BTreeSet<usize>) -> Vec<PatternOutcome> {
        let spaces = pattern_spaces(self.options.contract);
        let budgets = budgets.of_pattern(spaces.len());
        // The whole of a pattern could take years, so the whole attack keeps to a budget here too.
        let depth = self.options.depth.min(Depth::Standard);
        let mut patterns = Vec::new();
        for space in spaces {
            let space = Space::Pattern(space);
            let outcome = self.search(depth, budgets, &space, known);
            patterns.push(PatternOutcome { space, outcome });
        }
        patterns
    }
}

/// Returns the spaces of the identifiers that the contract describes by a pattern.
fn pattern_spaces(contract: Option<&Contract>) -> Vec<PatternSpace> {
    let kinds = contract.iter().flat_map(|contract| &contract.identifiers);
    kinds
        .filter_map(|(kind, syntax)| match syntax {
            Syntax::Text(syntax) => PatternSpace::new(kind, syntax),
            _ => None,
        })
        .collect()
}
