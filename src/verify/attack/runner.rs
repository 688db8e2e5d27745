//! Runs schemes over shares of the code space, and collects the targets that they hit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::candidates::{Batch, Candidates};
use super::code_space::Part;
use super::hashes::{Digest, Kind};
use super::hashing::hash_together;
use super::scheme::{Family, Scheme};
use super::space::Space;
use super::target_index::Entry;
use super::targets::{TargetIndexes, TargetSet};
use crate::progress::Progress;
use crate::shared::Shared;
use crate::verify::statistics::{FAILS_BELOW, at_least};

/// Share of the hits of a column that a scheme with clustered digests must reach, if the scheme made the column.
const CLUSTERED_SHARE: f64 = 0.25;

/// Position of a target set, and of a target in it.
pub(super) type Hit = (u32, u32);

/// Result of a scheme over some codes.
#[derive(Default, Clone)]
pub(super) struct SchemeHits {
    /// Targets that were hit.
    pub hits: BTreeSet<Hit>,
    /// Number of codes.
    pub codes: u64,
}

/// Codes hashed, and the time taken.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effort {
    pub codes: u64,
    pub time: Duration,
}

impl Effort {
    fn add(&mut self, other: Self) {
        self.codes += other.codes;
        self.time += other.time;
    }
}

/// Effort by family and hash.
pub(super) type Efforts = BTreeMap<(Family, Kind), Effort>;

/// Runs schemes against target sets.
pub(super) struct Runner<'a> {
    sets: &'a [TargetSet],
    space: &'a Space,
    clock: &'a (dyn Fn() -> Duration + Sync),
    progress: &'a dyn Progress,
    efforts: Shared<Efforts>,
    /// Indexes of the sets of the last run. Successive runs mostly attack the same sets.
    last_indexes: Shared<(Vec<usize>, Arc<TargetIndexes>)>,
}

/// Codes that are enumerated and hashed together.
enum Block {
    Published,
    Share(Part, Range<u64>),
}

impl Block {
    /// Returns true if the codes of the block differ under a scheme.
    fn suits(&self, scheme: &Scheme<'_>) -> bool {
        match self {
            Self::Published | Self::Share(Part::Temporary, _) => true,
            Self::Share(part, _) => scheme.form.parts().contains(part),
        }
    }
}

impl<'a> Runner<'a> {
    /// Creates a runner over `space`.
    pub fn new(
        sets: &'a [TargetSet],
        space: &'a Space,
        clock: &'a (dyn Fn() -> Duration + Sync),
        progress: &'a dyn Progress,
    ) -> Self {
        let no_indexes = Shared::new((Vec::new(), Arc::new(TargetIndexes::new(sets, &[]))));
        Self { sets, space, clock, progress, efforts: Shared::default(), last_indexes: no_indexes }
    }

    /// Returns the target sets.
    pub fn sets(&self) -> &'a [TargetSet] {
        self.sets
    }

    /// Returns the space of candidates.
    pub fn space(&self) -> &'a Space {
        self.space
    }

    /// Returns the effort of all runs.
    pub fn into_efforts(self) -> Efforts {
        self.efforts.into_inner()
    }

    /// Runs `schemes` over a share of `parts`, and over the published test codes, against the sets in `active`.
    pub fn run(&self, schemes: &[Scheme<'_>], parts: &[Part], share: f64, active: &[usize]) -> Vec<SchemeHits> {
        let indexes = self.indexes(active);
        let found: Vec<Shared<SchemeHits>> = schemes.iter().map(|_| Shared::default()).collect();
        self.blocks(parts, share).into_par_iter().for_each_init(Batch::default, |codes, block| {
            self.fill(&block, share, codes);
            let mut efforts = Efforts::new();
            let mut next = 0;
            for together in schemes.chunk_by(Scheme::shares_first_round) {
                let found = &found[next..next + together.len()];
                next += together.len();
                if !block.suits(&together[0]) {
                    continue;
                }
                let start = (self.clock)();
                let hits = self.hash(together, codes, &indexes);
                let time = (self.clock)().saturating_sub(start);
                let number: usize = codes.lists().map(Candidates::len).sum();
                let hashed = (number * together.len()) as u64;
                let effort = efforts.entry((together[0].family(), together[0].kind)).or_default();
                effort.add(Effort { codes: hashed, time });
                for (found, hits) in found.iter().zip(hits) {
                    let mut found = found.lock();
                    found.codes += number as u64;
                    found.hits.extend(hits);
                }
                self.progress.advance(hashed);
            }
            let mut all = self.efforts.lock();
            efforts.into_iter().for_each(|(key, effort)| all.entry(key).or_default().add(effort));
        });
        found.into_iter().map(Shared::into_inner).collect()
    }

    fn indexes(&self, active: &[usize]) -> Arc<TargetIndexes> {
        let mut last = self.last_indexes.lock();
        if last.0 != active {
            *last = (active.to_vec(), Arc::new(TargetIndexes::new(self.sets, active)));
        }
        last.1.clone()
    }

    /// Divides a share of `parts` into blocks, after a block of the published codes.
    fn blocks(&self, parts: &[Part], share: f64) -> Vec<Block> {
        let shares = parts
            .iter()
            .flat_map(|&part| self.space.blocks(part, share).into_iter().map(move |block| Block::Share(part, block)));
        std::iter::once(Block::Published).chain(shares).collect()
    }

    fn fill(&self, block: &Block, share: f64, codes: &mut Batch) {
        codes.clear();
        match block {
            Block::Published => self.space.fill_published(codes),
            Block::Share(part, block) => self.space.fill(*part, block.clone(), share, codes),
        }
    }

    /// Returns the targets that codes hit under each of some schemes that share the first round.
    fn hash(&self, together: &[Scheme<'_>], codes: &Batch, indexes: &TargetIndexes) -> Vec<Vec<Hit>> {
        let width = together[0].kind.width();
        let trailing = indexes.narrowest.is_some_and(|narrowest| narrowest < width);
        let has_wide = !indexes.wide.is_empty();
        let has_narrow = !indexes.narrow.is_empty();
        let mut hits = vec![Vec::new(); together.len()];
        for list in codes.lists() {
            hash_together(together, list, |scheme, digest| {
                if has_wide {
                    indexes
                        .wide
                        .probe(digest, width, trailing, |entry| hits[scheme].extend(self.hit(entry, digest, width)));
                }
                if has_narrow {
                    indexes
                        .narrow
                        .probe(digest, width, trailing, |entry| hits[scheme].extend(self.hit(entry, digest, width)));
                }
            });
        }
        hits
    }

    /// Compares a digest of `width` bytes with the whole target of an entry.
    fn hit(&self, entry: &Entry, digest: &Digest, width: usize) -> Option<Hit> {
        let set = &self.sets[entry.set as usize];
        let rest = width.checked_sub(set.width)?;
        let start = if entry.trailing { rest } else { 0 };
        let is_hit = digest[start..start + set.width] == *set.target(entry.target);
        is_hit.then_some((entry.set, entry.target))
    }

    /// Returns the sets in which a scheme hits more targets than chance, with the number of hits; `tests` were made.
    pub fn significant_sets(&self, scheme: &Scheme<'_>, found: &SchemeHits, tests: u64) -> Vec<(usize, u64)> {
        let mut by_set: BTreeMap<usize, u64> = BTreeMap::new();
        found.hits.iter().for_each(|&(set, _)| *by_set.entry(set as usize).or_default() += 1);
        let limit = FAILS_BELOW / tests.max(1) as f64;
        by_set.retain(|&set, hits| {
            let set = &self.sets[set];
            let expected = 2.0 * found.codes as f64 * (-8.0 * set.width as f64).exp2();
            let chance = -(-expected).exp_m1();
            at_least(*hits, set.len() as u64, chance) < limit && self.is_spread(scheme, found, set, *hits)
        });
        by_set.into_iter().collect()
    }

    /// Returns true if the hits of a scheme are about as many as the codes tried explain, or if its digests are
    /// independent, so that chance cannot give many.
    fn is_spread(&self, scheme: &Scheme<'_>, found: &SchemeHits, set: &TargetSet, hits: u64) -> bool {
        let all = scheme.codes(self.space, scheme.form.parts());
        let tried = found.codes as f64 / all.max(1) as f64;
        !scheme.kind.is_clustered() || hits as f64 >= CLUSTERED_SHARE * tried.min(1.0) * set.len() as f64
    }
}

/// Returns the units of progress of a scheme: the number of codes that it hashes, about.
pub(super) fn progress_units(space: &Space, scheme: &Scheme<'_>, parts: &[Part], share: f64) -> u64 {
    (scheme.codes(space, parts) as f64 * share) as u64 + space.published().len() as u64
}
