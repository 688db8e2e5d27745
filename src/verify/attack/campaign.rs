//! The attack on all columns together: shares first, then what was found, then the whole space.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Depth;
use super::code_space::{CodeSpace, Part};
use super::hashes::Kind;
use super::plan::{Aims, Budgets, Pass, Planned, Signs, plan, temporary};
use super::run::{Found, Hit, Runner, Tally, units};
use super::salts::Words;
use super::scheme::{Family, Scheme};
use super::targets::{Lookups, Set};
use crate::progress::Progress;
use crate::text::Text;

/// Schemes that are looked at together, to be run over the same codes: to choose codes takes as long as to hash them. The
/// likeliest are few together, so that what they find is soon known.
const FIRST_GROUP: usize = 32;
const GROUP: usize = 512;
/// Nanoseconds that the quick attack may take to run what it found over the rest of the space.
const QUICK_REST: u64 = 12_000_000_000;

/// A column that was turned back.
pub(super) struct Reversed {
    pub column: usize,
    pub family: Family,
    pub words: Text,
    /// Distinct values that were turned back, of how many.
    pub found: u64,
    pub of: u64,
    /// Whether every code was tried.
    pub whole: bool,
}

/// What a hash in a family was tried with.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tried {
    /// Schemes tried on a share of the codes under the usual signs, and the smallest of the shares.
    pub schemes: u64,
    pub share: Option<f64>,
    /// The same for the codes under the other signs.
    pub rare_schemes: u64,
    pub rare_share: Option<f64>,
    /// Schemes tried first on a share of the temporary codes.
    pub temporary: u64,
    /// Schemes tried on published test codes only.
    pub published: u64,
    /// Schemes tried on the whole space.
    pub whole: u64,
}

impl Tried {
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

/// What the attack came to.
pub(super) struct Outcome {
    pub reversed: Vec<Reversed>,
    pub tried: BTreeMap<(Family, Kind), Tried>,
    pub tally: Tally,
    /// The chance of missing a column that was made by a scheme that was tried.
    pub chance: f64,
    pub took: Duration,
}

/// What is attacked, and how.
pub(super) struct Campaign<'a> {
    pub depth: Depth,
    pub budgets: Budgets,
    pub sets: &'a [Set],
    pub salts: &'a Words,
    pub keys: &'a Words,
    /// Columns that need no attack any more.
    pub known: BTreeSet<usize>,
}

impl Campaign<'_> {
    pub fn run(self, space: CodeSpace, clock: &(dyn Fn() -> Duration + Sync), progress: &dyn Progress) -> Outcome {
        let began = clock();
        let aims =
            Aims { sets: self.active(&[]).iter().map(|&at| (self.sets[at].width, self.sets[at].len())).collect() };
        let words = (self.salts, self.keys);
        let passes =
            [Signs::Usual, Signs::Rare].map(|signs| plan(self.depth, signs, self.budgets, &space, &aims, words));
        let [Pass { planned, .. }, _] = &passes;
        let chance = passes.iter().map(|pass| pass.chance).fold(0.0, f64::max);
        let lookups = Mutex::new((Vec::new(), Arc::new(Lookups::new(self.sets, &[]))));
        let runner = Runner { sets: self.sets, space, clock, progress, tally: Mutex::new(Tally::new()), lookups };
        let whole = self.whole_later(planned);
        let shares =
            passes.iter().flat_map(|pass| pass.planned.iter().map(|p| (p.scheme, pass.signs.parts(), p.share)));
        let whole_units = whole.iter().map(|scheme| (*scheme, scheme.form.parts(), 1.0));
        let total =
            shares.chain(whole_units).map(|(scheme, parts, share)| units(&runner.space, &scheme, parts, share)).sum();
        progress.begin("attack", total);
        let mut state = State { runner, campaign: &self, reversed: Vec::new(), tried: BTreeMap::new(), tests: 0 };
        state.tests = passes.iter().map(|pass| (pass.planned.len() * self.sets.len()) as u64).sum();
        let first = temporary(self.depth, self.budgets, planned, &state.runner.space, &aims);
        groups(&first).iter().for_each(|group| state.temporary(group));
        for pass in &passes {
            groups(&pass.planned).iter().for_each(|group| state.shares(pass.signs, group));
        }
        whole.chunks(GROUP).for_each(|group| state.whole(group));
        if self.depth == Depth::Exhaustive {
            state.tried.values_mut().for_each(|tried| tried.whole = tried.schemes);
        }
        let tally = state.runner.tally.into_inner().unwrap_or_default();
        let took = clock().saturating_sub(began);
        Outcome { reversed: state.reversed, tried: state.tried, tally, chance, took }
    }

    /// Unsalted schemes that were tried on a share and are to be tried on everything.
    fn whole_later<'a>(&self, planned: &[Planned<'a>]) -> Vec<Scheme<'a>> {
        let mut later: Vec<_> = planned.iter().map(|p| p.scheme).collect();
        later.retain(|scheme| self.depth == Depth::Usual && scheme.family() == Family::Unkeyed);
        // Those that begin alike side by side: the first round is then computed once.
        later.sort_by_key(Scheme::key);
        later
    }

    /// The sets of columns that are not turned back yet.
    fn active(&self, reversed: &[Reversed]) -> Vec<usize> {
        let done = |column: usize| self.known.contains(&column) || reversed.iter().any(|r| r.column == column);
        (0..self.sets.len()).filter(|&set| !done(self.sets[set].column)).collect()
    }
}

/// Schemes of one share together, likely ones still before less likely ones.
fn groups<'a>(planned: &[Planned<'a>]) -> Vec<Vec<Planned<'a>>> {
    let (mut groups, mut left, mut size) = (Vec::new(), planned, FIRST_GROUP);
    while !left.is_empty() {
        let (some, later) = left.split_at(size.min(left.len()));
        let mut some = some.to_vec();
        some.sort_by(|a, b| b.share.total_cmp(&a.share));
        groups.extend(some.chunk_by(|a, b| a.share.total_cmp(&b.share).is_eq()).map(<[_]>::to_vec));
        (left, size) = (later, (size * 2).min(GROUP));
    }
    groups
}

struct State<'a> {
    runner: Runner<'a>,
    campaign: &'a Campaign<'a>,
    reversed: Vec<Reversed>,
    tried: BTreeMap<(Family, Kind), Tried>,
    tests: u64,
}

impl State<'_> {
    /// Tries schemes on a share of the temporary codes. What is then found is finished over the whole space.
    fn temporary(&mut self, group: &[Planned<'_>]) {
        let active = self.campaign.active(&self.reversed);
        let (Some(first), false) = (group.first(), active.is_empty()) else { return };
        let schemes: Vec<Scheme<'_>> = group.iter().map(|planned| planned.scheme).collect();
        let found = self.runner.run(&schemes, &[Part::Temporary], first.share, &active);
        for scheme in &schemes {
            self.tried.entry((scheme.family(), scheme.kind)).or_default().temporary += 1;
        }
        self.judge(&schemes, &found);
    }

    /// Tries schemes on their share of the codes under some signs.
    fn shares(&mut self, signs: Signs, group: &[Planned<'_>]) {
        let active = self.campaign.active(&self.reversed);
        let (Some(first), false) = (group.first(), active.is_empty()) else { return };
        let schemes: Vec<Scheme<'_>> = group.iter().map(|planned| planned.scheme).collect();
        let found = self.runner.run(&schemes, signs.parts(), first.share, &active);
        for scheme in &schemes {
            self.tried.entry((scheme.family(), scheme.kind)).or_default().count(signs, first.share);
        }
        self.judge(&schemes, &found);
    }

    /// Tries schemes on everything: the usual signs first.
    fn whole(&mut self, schemes: &[Scheme<'_>]) {
        for signs in [Signs::Usual, Signs::Rare] {
            let active = self.campaign.active(&self.reversed);
            if active.is_empty() {
                return;
            }
            let found = self.runner.run(schemes, signs.parts(), 1.0, &active);
            self.judge(schemes, &found);
        }
        for scheme in schemes {
            self.tried.entry((scheme.family(), scheme.kind)).or_default().whole += 1;
        }
    }

    /// Takes, for each column, the scheme that hits most of it, and runs that over the rest of the space.
    fn judge(&mut self, schemes: &[Scheme<'_>], found: &[Found]) {
        let mut best: BTreeMap<usize, (u64, usize, usize)> = BTreeMap::new();
        for (position, found) in found.iter().enumerate() {
            for (set, hits) in self.runner.convicts(found, self.tests) {
                let entry = best.entry(self.runner.sets[set].column).or_insert((0, 0, 0));
                if hits > entry.0 {
                    *entry = (hits, position, set);
                }
            }
        }
        for (column, (_, position, set)) in best {
            let scheme = &schemes[position];
            let mut hits: BTreeSet<Hit> = found[position].hits.iter().copied().collect();
            let of = self.runner.sets[set].len() as u64;
            let whole = self.finish(scheme, set, &mut hits);
            let found = hits.iter().filter(|&&(hit, _)| hit as usize == set).count() as u64;
            self.reversed.push(Reversed { column, family: scheme.family(), words: scheme.words(), found, of, whole });
        }
    }

    /// Runs a scheme over the rest of the space, or as much as the depth allows; whether that was all.
    fn finish(&self, scheme: &Scheme<'_>, set: usize, hits: &mut BTreeSet<Hit>) -> bool {
        let number = self.runner.sets[set].len();
        let all = |hits: &BTreeSet<Hit>| hits.iter().filter(|&&(hit, _)| hit as usize == set).count() == number;
        for &part in scheme.form.parts() {
            let price = self.runner.space.len(part) * scheme.cost();
            if part == Part::Unusual && self.campaign.depth == Depth::Quick && price > QUICK_REST {
                return all(hits);
            }
            if !all(hits) {
                hits.extend(self.runner.run(std::slice::from_ref(scheme), &[part], 1.0, &[set]).remove(0).hits);
            }
        }
        true
    }
}
