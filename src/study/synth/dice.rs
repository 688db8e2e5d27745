//! Chance, reproducible: one stream of a stream cipher for each chunk of persons.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Where all random choices of a chunk come from.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of `seed` for `stream`: the same choices on every machine.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// 32 random bits.
    pub(super) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number from 0 to `count` − 1; 0 if `count` is 0.
    pub(super) fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.bits()) * u64::from(count)) >> 32) as u32
    }

    /// A position in a list of `length`.
    pub(super) fn position(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }

    /// A number from `first` to `last`, both included; `first` if `last` is not above it.
    pub(super) fn between(&mut self, first: i32, last: i32) -> i32 {
        let count = u32::try_from(i64::from(last) - i64::from(first) + 1).unwrap_or(1);
        first.wrapping_add_unsigned(self.below(count))
    }

    /// True in this share of cases.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        f64::from(self.bits()) < share * 4_294_967_296.0
    }

    /// A position drawn in proportion to its weight.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        for (position, &weight) in weights.iter().enumerate() {
            if rest < weight {
                return position;
            }
            rest -= weight;
        }
        0
    }

    /// One of `items`, drawn in proportion to its weight.
    pub(super) fn pick<T: Copy>(&mut self, items: &[(T, u32)]) -> Option<T> {
        let mut rest = self.below(items.iter().map(|item| item.1).sum());
        let drawn = items.iter().find(|item| match rest.checked_sub(item.1) {
            None => true,
            Some(less) => {
                rest = less;
                false
            }
        });
        drawn.map(|item| item.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_itself_and_no_other() {
        let draw = |seed, stream| {
            let mut dice = Dice::new(seed, stream);
            [dice.bits(), dice.bits()]
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Dice::new(7, 0);
        let mut drawn = [0; 3];
        (0..10_000).for_each(|_| drawn[dice.weighted(&[1, 0, 3])] += 1);
        assert!(drawn[1] == 0 && (2_300..2_700).contains(&drawn[0]), "{drawn:?}");
        assert!((0..1000).all(|_| (-3..=4).contains(&dice.between(-3, 4))));
        assert_eq!((dice.between(5, 2), dice.below(0)), (5, 0));
    }
}
