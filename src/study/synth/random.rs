//! Reproducible random choices: one stream of a stream cipher for each batch of persons.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use salanimi_core::Day;

/// Source of all random choices of a batch.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// Starts the stream number `stream` of `seed`. It is the same on every machine.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Returns 32 random bits.
    pub(super) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Returns a number from 0 to `count` − 1, or 0 if `count` is 0.
    pub(super) fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.bits()) * u64::from(count)) >> 32) as u32
    }

    /// Returns a position in a list of `length` items. Lists have fewer than 2³² items.
    pub(super) fn position(&mut self, length: usize) -> usize {
        self.below(length as u32) as usize
    }

    /// Returns a number from `first` to `last`, both included, or `first` if `last` is not above it.
    pub(super) fn between(&mut self, first: i32, last: i32) -> i32 {
        let count = (i64::from(last) - i64::from(first) + 1).max(1);
        first.wrapping_add_unsigned(self.below(count as u32))
    }

    /// Returns a day from `first` to `last`, both included, or `first` if `last` is not after it.
    pub(super) fn day_between(&mut self, first: Day, last: Day) -> Day {
        first.plus(self.between(0, last.since(first)))
    }

    /// Returns true with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.bits()) < probability * 4_294_967_296.0
    }

    /// Returns a position in `weights`, drawn in proportion to its weight. Some weight must be positive.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        for (position, &weight) in weights.iter().enumerate() {
            if rest < weight {
                return position;
            }
            rest -= weight;
        }
        unreachable!("the number is below the sum of the weights")
    }

    /// Returns one of `items`, drawn in proportion to its weight. Some weight must be positive.
    pub(super) fn choose<T: Copy>(&mut self, items: &[(T, u32)]) -> T {
        let mut rest = self.below(items.iter().map(|item| item.1).sum());
        for &(item, weight) in items {
            if rest < weight {
                return item;
            }
            rest -= weight;
        }
        unreachable!("the number is below the sum of the weights")
    }

    /// Returns one of `items`, each with the same probability.
    pub(super) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.position(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_draws(seed: u64, stream: u64) -> [u32; 2] {
        let mut random = Random::new(seed, stream);
        [random.bits(), random.bits()]
    }

    #[test]
    fn a_stream_repeats_itself_and_differs_from_others() {
        assert_eq!(two_draws(1, 2), two_draws(1, 2));
        assert_ne!(two_draws(1, 2), two_draws(1, 3));
        assert_ne!(two_draws(1, 2), two_draws(2, 2));
    }

    #[test]
    fn weights_are_respected() {
        let mut random = Random::new(7, 0);
        let mut drawn = [0; 3];
        for _ in 0..10_000 {
            drawn[random.weighted(&[1, 0, 3])] += 1;
        }
        assert!(drawn[1] == 0 && (2_300..2_700).contains(&drawn[0]), "{drawn:?}");
    }

    #[test]
    fn ranges_include_both_ends_and_empty_ranges_give_their_first() {
        let mut random = Random::new(7, 0);
        assert!((0..1000).all(|_| (-3..=4).contains(&random.between(-3, 4))));
        assert_eq!(random.between(5, 2), 5);
        assert_eq!(random.below(0), 0);
    }
}
