//! Running numbers: the numbers of documents follow each other, those of telephones and passports do not.

use std::collections::BTreeMap;

/// Numbers of one series: those that differ in their last seven digits only, as the telephones of one operator do.
const SERIES: u64 = 10_000_000;
/// Widest range of a dense series, and the share of its numbers that are present.
const WIDEST: u64 = 1_000_000;
const DENSE: u64 = 100;
/// A series that fills this share of its range is dense at any width.
const FILLED: u64 = 3;
/// Random numbers are in equal steps, or this close together, with a lower probability.
const IMPROBABLE: f64 = 1e-6;
/// Share of all numbers, in tenths, that must be in running series.
const MOST: u64 = 9;

/// Different numbers of a column, series by series.
#[derive(Default)]
pub(super) struct RunningNumbers(BTreeMap<u64, Series>);

/// Different numbers of a series.
struct Series {
    count: u64,
    least: u64,
    most: u64,
    /// Greatest common divisor of all differences; 0 for one number.
    step: u64,
}

impl RunningNumbers {
    /// Adds a number that was not added before.
    pub fn add(&mut self, number: u64) {
        let new = Series { count: 0, least: number, most: number, step: 0 };
        self.0.entry(number / SERIES).or_insert(new).add(number);
    }

    /// Returns true if nearly all numbers are in series that run.
    pub fn are_running(&self) -> bool {
        let all: u64 = self.0.values().map(|series| series.count).sum();
        let running: u64 = self.0.values().filter(|series| series.is_running()).map(|series| series.count).sum();
        all > 0 && running * 10 >= all * MOST
    }
}

impl Series {
    fn add(&mut self, number: u64) {
        self.step = greatest_common_divisor(self.step, number.abs_diff(self.least));
        self.count += 1;
        self.least = self.least.min(number);
        self.most = self.most.max(number);
    }

    fn is_running(&self) -> bool {
        self.count >= 3 && (self.has_equal_steps() || self.is_dense())
    }

    /// Returns true if all differences have a common divisor that random numbers do not have.
    fn has_equal_steps(&self) -> bool {
        let others = (self.count - 1) as f64;
        self.step > 1 && (self.step as f64).powf(-others) < IMPROBABLE
    }

    /// Returns true if the numbers are closer together than random ones are.
    fn is_dense(&self) -> bool {
        let range = self.most - self.least + 1;
        let share = range as f64 / SERIES as f64;
        let is_improbable = self.count as f64 * share.powf((self.count - 1) as f64) < IMPROBABLE;
        let is_narrow = range <= WIDEST && self.count * DENSE >= range && is_improbable;
        is_narrow || self.count * FILLED >= range
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_running(numbers: impl Iterator<Item = u64>) -> bool {
        let mut all = RunningNumbers::default();
        numbers.for_each(|number| all.add(number));
        all.are_running()
    }

    #[test]
    fn equal_steps_and_dense_runs_are_running() {
        assert!(are_running((0..3000).map(|row| 450_000_000 + row * 7)));
        assert!(are_running((0..30).map(|row| 450_000_000 + row * 10_000)));
        assert!(are_running((0..5).map(|row| 451_234_567 + row)));
        assert!(are_running((0..2000).map(|row| 450_000_000 + row / 1000 * SERIES + row % 1000 * 3)));
        assert!(are_running((0..500).map(|row| 440_000_000 + row * 13 + row * row % 11)));
    }

    #[test]
    fn telephone_numbers_are_not_running() {
        let random = |row: u64| 400_000_000 + row.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 109_999_999;
        for count in [3, 20, 300, 20_000] {
            assert!(!are_running((0..count).map(random)), "{count}");
        }
        assert!(!are_running([401_234_567, 451_234_567].into_iter()));
    }
}
