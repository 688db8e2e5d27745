//! The attack on all columns together: shares first, then what was found, then the whole space.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Depth;
use super::hashes::Kind;
use super::plan::{Aims, Planned, plan, temporary};
use super::run::{Found, Hit, Runner, Tally, units};
use super::salts::Word;
use super::scheme::{Family, Scheme};
use super::targets::{Lookups, Set};
use crate::domain::{CodeSpace, Part};
use crate::progress::Progress;
use crate::verify::text::Text;

/// Schemes that are looked at together, to be run over the same codes: to choose codes takes as long as to hash them.
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
    /// Schemes tried on a share of the space, and the smallest of the shares.
    pub schemes: u64,
    pub share: Option<f64>,
    /// Schemes tried first on a share of the temporary codes.
    pub temporary: u64,
    /// Schemes tried on published test codes only.
    pub published: u64,
    /// Schemes tried on the whole space.
    pub whole: u64,
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
    /// Nanoseconds of hashing that random shares may take.
    pub budget: u64,
    pub sets: &'a [Set],
    pub salts: &'a [Word],
    pub keys: &'a [Word],
    /// Columns that need no attack any more.
    pub known: BTreeSet<usize>,
}

impl Campaign<'_> {
    pub fn run(self, space: CodeSpace, clock: &(dyn Fn() -> Duration + Sync), progress: &dyn Progress) -> Outcome {
        let began = clock();
        let aims =
            Aims { sets: self.active(&[]).iter().map(|&at| (self.sets[at].width, self.sets[at].len())).collect() };
        let (planned, chance) = plan(self.depth, self.budget, &space, &aims, (self.salts, self.keys));
        let lookups = Mutex::new((Vec::new(), Arc::new(Lookups::new(self.sets, &[]))));
        let runner = Runner { sets: self.sets, space, clock, progress, tally: Mutex::new(Tally::new()), lookups };
        let whole = self.whole_later(&planned);
        let total = planned.iter().map(|p| units(&runner.space, &p.scheme, p.share)).sum::<u64>()
            + whole.iter().map(|scheme| units(&runner.space, scheme, 1.0)).sum::<u64>();
        progress.begin("attack", total);
        let mut state = State { runner, campaign: &self, reversed: Vec::new(), tried: BTreeMap::new(), tests: 0 };
        state.tests = (planned.len() * self.sets.len()) as u64;
        let first = temporary(&planned, &state.runner.space, &aims);
        groups(&first).iter().for_each(|group| state.temporary(group));
        groups(&planned).iter().for_each(|group| state.shares(group));
        whole.chunks(GROUP).for_each(|group| state.whole(group));
        let tally = state.runner.tally.into_inner().unwrap_or_default();
        let took = clock().saturating_sub(began);
        Outcome { reversed: state.reversed, tried: state.tried, tally, chance, took }
    }

    /// Unsalted schemes that were tried on a share and are to be tried on everything.
    fn whole_later<'a>(&self, planned: &[Planned<'a>]) -> Vec<Scheme<'a>> {
        let later = |p: &&Planned<'a>| p.scheme.family() == Family::Unkeyed && p.share < 1.0;
        match self.depth {
            Depth::Usual => {
                let mut later: Vec<_> = planned.iter().filter(later).map(|p| p.scheme).collect();
                // Those that begin alike side by side: the first round is then computed once.
                later.sort_by_key(Scheme::key);
                later
            }
            Depth::LeftOut | Depth::Quick | Depth::Exhaustive => Vec::new(),
        }
    }

    /// The sets of columns that are not turned back yet.
    fn active(&self, reversed: &[Reversed]) -> Vec<usize> {
        let done = |column: usize| self.known.contains(&column) || reversed.iter().any(|r| r.column == column);
        (0..self.sets.len()).filter(|&set| !done(self.sets[set].column)).collect()
    }
}

/// Schemes of one share together, likely ones still before less likely ones.
fn groups<'a>(planned: &[Planned<'a>]) -> Vec<Vec<Planned<'a>>> {
    let mut groups = Vec::new();
    for some in planned.chunks(GROUP) {
        let mut some = some.to_vec();
        some.sort_by(|a, b| b.share.total_cmp(&a.share));
        groups.extend(some.chunk_by(|a, b| a.share.total_cmp(&b.share).is_eq()).map(<[_]>::to_vec));
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
        self.judge(&schemes, &found, false);
    }

    /// Tries schemes on their share.
    fn shares(&mut self, group: &[Planned<'_>]) {
        let active = self.campaign.active(&self.reversed);
        let (Some(first), false) = (group.first(), active.is_empty()) else { return };
        let schemes: Vec<Scheme<'_>> = group.iter().map(|planned| planned.scheme).collect();
        let found = self.runner.run(&schemes, &[Part::Usual, Part::Unusual, Part::Signless], first.share, &active);
        for scheme in &schemes {
            let tried = self.tried.entry((scheme.family(), scheme.kind)).or_default();
            if first.share > 0.0 {
                tried.schemes += 1;
                tried.share = Some(tried.share.map_or(first.share, |share| share.min(first.share)));
                tried.whole += u64::from(first.share >= 1.0);
            } else {
                tried.published += 1;
            }
        }
        self.judge(&schemes, &found, first.share >= 1.0);
    }

    /// Tries schemes on everything: the usual signs first.
    fn whole(&mut self, schemes: &[Scheme<'_>]) {
        for parts in [&[Part::Usual, Part::Signless][..], &[Part::Unusual]] {
            let active = self.campaign.active(&self.reversed);
            if active.is_empty() {
                return;
            }
            let found = self.runner.run(schemes, parts, 1.0, &active);
            self.judge(schemes, &found, false);
        }
        for scheme in schemes {
            self.tried.entry((scheme.family(), scheme.kind)).or_default().whole += 1;
        }
    }

    /// Takes, for each column, the scheme that hits most of it, and runs that over the rest of the space.
    fn judge(&mut self, schemes: &[Scheme<'_>], found: &[Found], whole: bool) {
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
            let whole = whole || self.finish(scheme, set, &mut hits);
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
