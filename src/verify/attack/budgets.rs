//! Time that an attack may take, by its depth.

use super::signs::Signs;
use crate::verify::depth::Depth;

/// Nanoseconds of a second.
pub(super) const SECOND: u64 = 1_000_000_000;

/// Nanoseconds of hashing, on one core, for random shares of the codes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budgets {
    /// For temporary codes, which are tried first.
    pub temporary: u64,
    /// For codes under the usual signs.
    pub usual: u64,
    /// For codes under the other signs.
    pub rare: u64,
    /// For unsalted schemes on every code, after their share.
    pub whole: u64,
    /// For salts in another column of the same row.
    pub rows: u64,
    /// For identifiers by the contract's patterns, all kinds together.
    pub patterns: u64,
}

impl Budgets {
    const NONE: Self = Self { temporary: 0, usual: 0, rare: 0, whole: 0, rows: 0, patterns: 0 };
    const QUICK: Self = Self {
        temporary: 3 * SECOND,
        usual: 32 * SECOND,
        rare: 3 * SECOND,
        whole: 0,
        rows: 2 * SECOND,
        patterns: 5 * SECOND,
    };
    /// About five minutes on two cores, with the time that probing and composing candidates take.
    const STANDARD: Self = Self {
        temporary: 60 * SECOND,
        usual: 180 * SECOND,
        rare: 70 * SECOND,
        whole: 55 * SECOND,
        rows: 45 * SECOND,
        patterns: 40 * SECOND,
    };
    const WHOLE: Self = Self {
        temporary: 150 * SECOND,
        usual: u64::MAX,
        rare: u64::MAX,
        whole: 0,
        rows: 3_600 * SECOND,
        patterns: 36_000 * SECOND,
    };

    /// Returns the budgets of a depth.
    pub fn of_depth(depth: Depth) -> Self {
        match depth {
            Depth::None => Self::NONE,
            Depth::Quick => Self::QUICK,
            Depth::Standard => Self::STANDARD,
            Depth::Whole => Self::WHOLE,
        }
    }

    /// Returns the budgets of a kind of identifiers, one of `kinds` with a pattern.
    pub fn of_pattern(self, kinds: usize) -> Self {
        Self { usual: self.patterns / kinds.max(1) as u64, ..Self::NONE }
    }

    /// Returns the budget for codes under some signs.
    pub fn of_signs(self, signs: Signs) -> u64 {
        match signs {
            Signs::Usual => self.usual,
            Signs::Rare => self.rare,
        }
    }
}
