//! Number of distinct values, estimated in little memory.

use std::collections::HashSet;

use super::keys::mix;

/// Counts distinct keys by adaptive sampling (Flajolet, "On adaptive sampling", 1990).
///
/// The count is exact up to the capacity. Above it, the relative error is about one over the root of the capacity. The
/// sketch keeps the keys whose mixed bits end in `level` zeros. The order of additions and merges does not matter.
#[derive(Debug, Clone)]
pub(super) struct Sketch {
    capacity: usize,
    level: u32,
    kept: HashSet<u64, ahash::RandomState>,
}

impl Sketch {
    /// Creates an empty sketch of up to `capacity` keys that starts at `level`.
    pub(super) fn new(capacity: usize, level: u32) -> Self {
        Self { capacity, level, kept: HashSet::with_hasher(ahash::RandomState::with_seeds(1, 2, 3, 4)) }
    }

    /// Returns the number of zeros in which kept keys end.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    /// Adds a key.
    pub(super) fn add(&mut self, key: u64) {
        self.add_mixed(mix(key));
    }

    fn add_mixed(&mut self, mixed: u64) {
        if mixed.trailing_zeros() >= self.level && self.kept.insert(mixed) {
            self.thin();
        }
    }

    fn thin(&mut self) {
        while self.kept.len() > self.capacity && self.level < u64::BITS {
            self.level += 1;
            let level = self.level;
            self.kept.retain(|mixed| mixed.trailing_zeros() >= level);
        }
    }

    /// Adds all keys of `other`.
    pub(super) fn merge(&mut self, other: Self) {
        if other.level > self.level {
            self.level = other.level;
            self.kept.retain(|mixed| mixed.trailing_zeros() >= other.level);
        }
        other.kept.into_iter().for_each(|mixed| self.add_mixed(mixed));
    }

    /// Estimates the number of distinct keys.
    pub(super) fn distinct(&self) -> f64 {
        self.kept.len() as f64 * (self.level as f64).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_keys_are_counted_exactly_and_many_nearly() {
        let mut sketch = Sketch::new(1024, 0);
        (0..1000).chain(0..1000).for_each(|key| sketch.add(key));
        assert!((sketch.distinct() - 1000.0).abs() < 1e-9);
        (0..200_000).for_each(|key| sketch.add(key));
        assert!((sketch.distinct() / 200_000.0 - 1.0).abs() < 0.1, "{}", sketch.distinct());
    }

    #[test]
    fn merged_sketches_equal_a_sketch_of_all_keys() {
        let whole = &mut Sketch::new(64, 0);
        (0..5000).for_each(|key| whole.add(key));
        let mut merged = Sketch::new(64, 0);
        for part in (0..10).rev() {
            let mut sketch = Sketch::new(64, merged.level());
            (part * 500..(part + 1) * 500).for_each(|key| sketch.add(key));
            merged.merge(sketch);
        }
        assert_eq!((whole.distinct(), whole.level()), (merged.distinct(), merged.level()));
    }
}
