//! Random shares of a space, the same in every run.

/// Seed of the random shares.
const SEED: u64 = 0x5361_6c61_6e69_6d69;

/// A random share of some candidates, the same in every run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share(f64);

impl Share {
    /// Every candidate.
    pub const WHOLE: Self = Self(1.0);

    /// Creates a share between 0 and 1. Other values are clamped.
    pub fn new(share: f64) -> Self {
        Self(share.clamp(0.0, 1.0))
    }

    /// Returns the number of candidates in the share of `all`.
    pub fn of(self, all: u64) -> u64 {
        (all as f64 * self.0).ceil() as u64
    }

    /// Returns the candidate at position `at` of the share of `all`: one of each stretch of 1 / share candidates.
    pub fn pick(self, at: u64, all: u64) -> u64 {
        if self.0 >= 1.0 {
            return at;
        }
        (((at as f64 + unit(at)) / self.0) as u64).min(all - 1)
    }
}

/// Returns a number from 0 to 1 that looks random and depends on `number` only.
fn unit(number: u64) -> f64 {
    (mix(number ^ SEED) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Mixes the bits of `value` with the finaliser of `SplitMix64`: every bit of the result depends on every bit of it.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picked_candidates_are_spread_over_all_and_differ() {
        let share = Share::new(0.01);
        let picked: Vec<u64> = (0..share.of(10_000)).map(|at| share.pick(at, 10_000)).collect();
        assert_eq!(picked.len(), 100);
        for (at, candidate) in picked.iter().enumerate() {
            assert!((at as u64 * 100..=at as u64 * 100 + 100).contains(candidate), "{at}: {candidate}");
        }
        assert!(picked.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Share::WHOLE.pick(7, 10), 7);
    }
}
