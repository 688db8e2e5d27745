//! Runs schemes over shares of the space, and counts what they hit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::code_space::{CodeSpace, PUBLISHED_CODES, Part, RawCode, Share};
use super::hashes::Kind;
use super::scheme::{Family, Scheme, hash_together};
use super::targets::{Lookups, Set};
use crate::progress::Progress;
use crate::verify::statistics::at_least;

/// Codes that are hashed in one go, about: they fit in a cache.
const BLOCK: f64 = 4096.0;
const MOST_DAYS: f64 = 2048.0;

/// A target that was hit: its set and its position there.
pub(super) type Hit = (u32, u32);

/// What one pass of a scheme over codes came to.
#[derive(Default, Clone)]
pub(super) struct Found {
    pub hits: BTreeSet<Hit>,
    pub codes: u64,
}

/// Codes tried and time taken, by hash and family.
pub(super) type Tally = BTreeMap<(Family, Kind), (u64, Duration)>;

/// What runs schemes.
pub(super) struct Runner<'a> {
    pub sets: &'a [Set],
    pub space: CodeSpace,
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    pub progress: &'a dyn Progress,
    pub tally: Mutex<Tally>,
    /// Those of the sets that were attacked last: they are the same for run after run.
    pub lookups: Mutex<(Vec<usize>, Arc<Lookups>)>,
}

/// Codes that are made and hashed together.
enum Block {
    Published,
    Days(Part, Range<usize>),
}

impl Runner<'_> {
    /// Runs `schemes` over a share of `parts`, and over the published test codes, against the sets in `active`.
    pub fn run(&self, schemes: &[Scheme<'_>], parts: &[Part], share: f64, active: &[usize]) -> Vec<Found> {
        let lookups = self.lookups(active);
        let found: Vec<Mutex<Found>> = schemes.iter().map(|_| Mutex::default()).collect();
        self.blocks(parts, share).into_par_iter().for_each_init(Vec::new, |codes, block| {
            self.fill(&block, share, codes);
            let mut times = Tally::new();
            let mut next = 0;
            for together in schemes.chunk_by(Scheme::begins_like) {
                let found = &found[next..next + together.len()];
                next += together.len();
                if let Block::Days(part, _) = &block
                    && *part != Part::Temporary
                    && !together[0].form.parts().contains(part)
                {
                    continue;
                }
                let began = (self.clock)();
                let hits = self.hash(together, codes, &lookups);
                let took = (self.clock)().saturating_sub(began);
                let hashed = (codes.len() * together.len()) as u64;
                let entry = times.entry((together[0].family(), together[0].kind)).or_default();
                *entry = (entry.0 + hashed, entry.1 + took);
                for (found, hits) in found.iter().zip(hits) {
                    let mut found = lock(found);
                    found.codes += codes.len() as u64;
                    found.hits.extend(hits);
                }
                self.progress.advance(hashed);
            }
            add(&mut lock(&self.tally), times);
        });
        found.into_iter().map(|found| found.into_inner().unwrap_or_default()).collect()
    }

    fn lookups(&self, active: &[usize]) -> Arc<Lookups> {
        let mut last = lock(&self.lookups);
        if last.0 != active {
            *last = (active.to_vec(), Arc::new(Lookups::new(self.sets, active)));
        }
        last.1.clone()
    }

    fn blocks(&self, parts: &[Part], share: f64) -> Vec<Block> {
        let mut blocks = vec![Block::Published];
        if share <= 0.0 {
            return blocks;
        }
        for &part in parts {
            let a_day = self.space.len(part) as f64 / self.space.days() as f64;
            let days = (BLOCK / (a_day * share)).clamp(1.0, MOST_DAYS) as usize;
            let starts = (0..self.space.days()).step_by(days);
            blocks.extend(starts.map(|start| Block::Days(part, start..(start + days).min(self.space.days()))));
        }
        blocks
    }

    fn fill(&self, block: &Block, share: f64, codes: &mut Vec<RawCode>) {
        codes.clear();
        match block {
            Block::Published => codes.extend(PUBLISHED_CODES.map(|code| *code)),
            Block::Days(part, days) => self.space.fill(*part, days.clone(), Share::new(share), codes),
        }
    }

    /// The targets that codes hit under each of some schemes that begin alike.
    fn hash(&self, together: &[Scheme<'_>], codes: &[RawCode], lookups: &Lookups) -> Vec<Vec<Hit>> {
        let width = together[0].kind.width();
        let trailing = lookups.narrowest < width;
        let (wide, narrow) = (!lookups.wide.is_empty(), !lookups.narrow.is_empty());
        let mut hits = vec![Vec::new(); together.len()];
        hash_together(together, codes, |scheme, digest| {
            let mut hit = |entry: &super::lookup::Entry| {
                let set = &self.sets[entry.set as usize];
                let Some(cut) = width.checked_sub(set.width) else { return };
                let start = if entry.trailing { cut } else { 0 };
                if digest[start..start + set.width] == *set.target(entry.target) {
                    hits[scheme].push((entry.set, entry.target));
                }
            };
            if wide {
                lookups.wide.probe(digest, width, trailing, &mut hit);
            }
            if narrow {
                lookups.narrow.probe(digest, width, trailing, &mut hit);
            }
        });
        hits
    }

    /// The sets in which a scheme hits more than chance would, with the number of targets hit; `tests` were made.
    pub fn convicts(&self, found: &Found, tests: u64) -> Vec<(usize, u64)> {
        let mut by_set: BTreeMap<usize, u64> = BTreeMap::new();
        found.hits.iter().for_each(|&(set, _)| *by_set.entry(set as usize).or_default() += 1);
        let beyond = |&(set, hits): &(usize, u64)| {
            let set = &self.sets[set];
            let each = 2.0 * found.codes as f64 * (-8.0 * set.width as f64).exp2();
            let chance = -(-each).exp_m1();
            let limit = crate::verify::statistics::FAILS_BELOW / tests.max(1) as f64;
            at_least(hits, set.len() as u64, chance) < limit
        };
        by_set.into_iter().filter(beyond).collect()
    }
}

/// How many codes a run of `schemes` hashes, about: the units of progress.
pub(super) fn units(space: &CodeSpace, scheme: &Scheme<'_>, parts: &[Part], share: f64) -> u64 {
    (scheme.codes(space, parts) as f64 * share) as u64 + PUBLISHED_CODES.len() as u64
}

fn add(tally: &mut Tally, times: Tally) {
    for (key, (codes, took)) in times {
        let entry = tally.entry(key).or_default();
        *entry = (entry.0 + codes, entry.1 + took);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
