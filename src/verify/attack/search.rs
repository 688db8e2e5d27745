//! Search of the code space for the values of all columns: shares first, then the whole space.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::code_space::{CodeSpace, Part};
use super::hashes::Kind;
use super::plan::{Budgets, Planned, Planner, SignPlan, Signs, TargetCounts};
use super::runner::{Efforts, Hit, Runner, SchemeHits, progress_units};
use super::salts::GuessedSecrets;
use super::scheme::{Family, Scheme};
use super::targets::TargetSet;
use crate::progress::Progress;
use crate::text::Text;
use crate::verify::depth::Depth;

/// Schemes of the first group. Small first groups find the likeliest schemes soon.
const FIRST_GROUP: usize = 32;
/// Most schemes of a group. A group runs over the same codes, because enumerating codes takes as long as hashing them.
const LARGEST_GROUP: usize = 512;
/// Nanoseconds that the quick attack may take to run a found scheme over the rest of the space.
const QUICK_REST: u64 = 12_000_000_000;

/// A column whose values were reversed to identity codes.
pub(super) struct ReversedColumn {
    pub column: usize,
    pub family: Family,
    /// Description of the scheme.
    pub scheme: Text,
    /// Distinct values that were reversed.
    pub found: u64,
    /// Distinct values that were attacked.
    pub values: u64,
    /// `true` if every code was tried.
    pub is_whole: bool,
}

/// Schemes of a hash and family that were tried.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Coverage {
    /// Schemes tried on a share of the codes under the usual signs.
    pub schemes: u64,
    /// Smallest of these shares.
    pub share: Option<f64>,
    /// Schemes tried on a share of the codes under the other signs.
    pub rare_schemes: u64,
    /// Smallest of these shares.
    pub rare_share: Option<f64>,
    /// Schemes tried on a share of the temporary codes.
    pub temporary: u64,
    /// Schemes tried on published test codes only.
    pub published: u64,
    /// Schemes tried on the whole space.
    pub whole: u64,
}

impl Coverage {
    fn count(&mut self, signs: Signs, share: f64) {
        let (schemes, smallest) = match signs {
            _ if share <= 0.0 => return self.published += 1,
            Signs::Usual => (&mut self.schemes, &mut self.share),
            Signs::Rare => (&mut self.rare_schemes, &mut self.rare_share),
        };
        *schemes += 1;
        *smallest = Some(smallest.map_or(share, |smallest| smallest.min(share)));
    }
}

/// Result of the search.
pub(super) struct Outcome {
    pub reversed: Vec<ReversedColumn>,
    pub coverage: BTreeMap<(Family, Kind), Coverage>,
    pub efforts: Efforts,
    /// Chance of missing a column that was made by a tried scheme.
    pub chance: f64,
    /// Time of the whole search.
    pub time: Duration,
}

/// Search of the code space for some target sets.
pub(super) struct Search<'a> {
    pub depth: Depth,
    pub budgets: Budgets,
    pub sets: &'a [TargetSet],
    pub salts: &'a GuessedSecrets,
    pub keys: &'a GuessedSecrets,
    /// Columns that need no search: their values are codes under a reversible transform.
    pub known: BTreeSet<usize>,
}

impl Search<'_> {
    /// Runs the search.
    pub fn run(self, space: CodeSpace, clock: &(dyn Fn() -> Duration + Sync), progress: &dyn Progress) -> Outcome {
        let start = clock();
        let targets = TargetCounts::new(self.active(&[]).iter().map(|&at| &self.sets[at]));
        let planner = Planner { depth: self.depth, budgets: self.budgets, space: &space, targets: &targets };
        let usual = planner.plan(Signs::Usual, self.salts, self.keys);
        let rare = planner.plan(Signs::Rare, self.salts, self.keys);
        let temporary = planner.temporary(&usual.planned);
        let whole = self.for_whole_space(&usual.planned);
        progress.begin("attack", total_units(&space, &[&usual, &rare], &whole));
        let mut state = State {
            runner: Runner::new(self.sets, space, clock, progress),
            search: &self,
            reversed: Vec::new(),
            coverage: BTreeMap::new(),
            tests: ((usual.planned.len() + rare.planned.len()) * self.sets.len()) as u64,
        };
        groups(&temporary).iter().for_each(|group| state.try_temporary(group));
        for pass in [&usual, &rare] {
            groups(&pass.planned).iter().for_each(|group| state.try_share(pass.signs, group));
        }
        whole.chunks(LARGEST_GROUP).for_each(|group| state.try_whole(group));
        if self.depth == Depth::Exhaustive {
            state.coverage.values_mut().for_each(|coverage| coverage.whole = coverage.schemes);
        }
        Outcome {
            reversed: state.reversed,
            coverage: state.coverage,
            efforts: state.runner.into_efforts(),
            chance: usual.chance.max(rare.chance),
            time: clock().saturating_sub(start),
        }
    }

    /// Returns the unsalted schemes that are tried on the whole space after their share.
    fn for_whole_space<'a>(&self, planned: &[Planned<'a>]) -> Vec<Scheme<'a>> {
        let mut schemes: Vec<_> = planned.iter().map(|planned| planned.scheme).collect();
        schemes.retain(|scheme| self.depth == Depth::Usual && scheme.family() == Family::Unkeyed);
        // Schemes that share the first round become adjacent, so the round is computed once.
        schemes.sort_by_key(Scheme::key);
        schemes
    }

    /// Returns the positions of the sets whose columns are not reversed yet.
    fn active(&self, reversed: &[ReversedColumn]) -> Vec<usize> {
        let mut active: Vec<usize> = (0..self.sets.len()).collect();
        active.retain(|&set| {
            let column = self.sets[set].column;
            !self.known.contains(&column) && reversed.iter().all(|reversed| reversed.column != column)
        });
        active
    }
}

/// Returns the units of progress of the passes and of the schemes for the whole space.
fn total_units(space: &CodeSpace, passes: &[&SignPlan<'_>], whole: &[Scheme<'_>]) -> u64 {
    let mut total = 0;
    for pass in passes {
        let units = pass.planned.iter().map(|p| progress_units(space, &p.scheme, pass.signs.parts(), p.share));
        total += units.sum::<u64>();
    }
    total + whole.iter().map(|scheme| progress_units(space, scheme, scheme.form.parts(), 1.0)).sum::<u64>()
}

/// Groups schemes of one share. Likelier schemes stay in earlier groups.
fn groups<'a>(planned: &[Planned<'a>]) -> Vec<Vec<Planned<'a>>> {
    let mut groups = Vec::new();
    let mut left = planned;
    let mut size = FIRST_GROUP;
    while !left.is_empty() {
        let (first, rest) = left.split_at(size.min(left.len()));
        let mut first = first.to_vec();
        first.sort_by(|a, b| b.share.total_cmp(&a.share));
        groups.extend(first.chunk_by(|a, b| a.share.total_cmp(&b.share).is_eq()).map(<[_]>::to_vec));
        left = rest;
        size = (size * 2).min(LARGEST_GROUP);
    }
    groups
}

/// State of a running search.
struct State<'a> {
    runner: Runner<'a>,
    search: &'a Search<'a>,
    reversed: Vec<ReversedColumn>,
    coverage: BTreeMap<(Family, Kind), Coverage>,
    tests: u64,
}

/// The best scheme for a column.
#[derive(Clone, Copy)]
struct Best {
    hits: u64,
    /// Position of the scheme.
    scheme: usize,
    /// Position of the target set.
    set: usize,
}

impl State<'_> {
    /// Tries schemes on a share of the temporary codes. A found scheme is then run over the whole space.
    fn try_temporary(&mut self, group: &[Planned<'_>]) {
        self.try_group(&[Part::Temporary], group, |coverage, _| coverage.temporary += 1);
    }

    /// Tries schemes on their share of the codes under some signs.
    fn try_share(&mut self, signs: Signs, group: &[Planned<'_>]) {
        self.try_group(signs.parts(), group, |coverage, share| coverage.count(signs, share));
    }

    /// Tries schemes of one share on `parts`, and calls `count` with the coverage of each.
    fn try_group(&mut self, parts: &[Part], group: &[Planned<'_>], count: impl Fn(&mut Coverage, f64)) {
        let active = self.search.active(&self.reversed);
        let Some(first) = group.first().filter(|_| !active.is_empty()) else { return };
        let schemes: Vec<Scheme<'_>> = group.iter().map(|planned| planned.scheme).collect();
        let found = self.runner.run(&schemes, parts, first.share, &active);
        for scheme in &schemes {
            count(self.coverage.entry((scheme.family(), scheme.kind)).or_default(), first.share);
        }
        self.judge(&schemes, &found);
    }

    /// Tries schemes on the whole space, the usual signs first.
    fn try_whole(&mut self, schemes: &[Scheme<'_>]) {
        for signs in [Signs::Usual, Signs::Rare] {
            let active = self.search.active(&self.reversed);
            if active.is_empty() {
                return;
            }
            let found = self.runner.run(schemes, signs.parts(), 1.0, &active);
            self.judge(schemes, &found);
        }
        for scheme in schemes {
            self.coverage.entry((scheme.family(), scheme.kind)).or_default().whole += 1;
        }
    }

    /// Chooses the scheme with the most hits in each column, and runs it over the rest of the space.
    fn judge(&mut self, schemes: &[Scheme<'_>], found: &[SchemeHits]) {
        let mut best: BTreeMap<usize, Best> = BTreeMap::new();
        for (scheme, found) in found.iter().enumerate() {
            for (set, hits) in self.runner.significant_sets(found, self.tests) {
                let column = self.runner.sets()[set].column;
                if best.get(&column).is_none_or(|best| hits > best.hits) {
                    best.insert(column, Best { hits, scheme, set });
                }
            }
        }
        for (column, Best { scheme, set, .. }) in best {
            let mut hits = found[scheme].hits.clone();
            let is_whole = self.finish(&schemes[scheme], set, &mut hits);
            self.reversed.push(ReversedColumn {
                column,
                family: schemes[scheme].family(),
                scheme: schemes[scheme].describe(),
                found: hits_in(set, &hits) as u64,
                values: self.runner.sets()[set].len() as u64,
                is_whole,
            });
        }
    }

    /// Runs a scheme over the rest of the space, or as much as the depth allows.
    ///
    /// Returns true if all targets were hit or all codes tried.
    fn finish(&self, scheme: &Scheme<'_>, set: usize, hits: &mut BTreeSet<Hit>) -> bool {
        let targets = self.runner.sets()[set].len();
        for &part in scheme.form.parts() {
            let cost = self.runner.space().len(part) * scheme.cost();
            if part == Part::Unusual && self.search.depth == Depth::Quick && cost > QUICK_REST {
                return hits_in(set, hits) == targets;
            }
            if hits_in(set, hits) < targets {
                let found = self.runner.run(std::slice::from_ref(scheme), &[part], 1.0, &[set]);
                hits.extend(found.into_iter().flat_map(|found| found.hits));
            }
        }
        true
    }
}

fn hits_in(set: usize, hits: &BTreeSet<Hit>) -> usize {
    hits.iter().filter(|&&(hit, _)| hit as usize == set).count()
}
