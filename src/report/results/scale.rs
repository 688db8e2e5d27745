//! Scales: from values to places in a picture.

/// A scale with marks at round values, from 0.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    /// Places of the least and the largest value.
    from: f64,
    to: f64,
    low: f64,
    high: f64,
    pub(super) marks: Vec<f64>,
}

/// The most marks of a scale.
const MOST_MARKS: f64 = 5.0;

impl Scale {
    /// Returns a scale from 0 to `most` at least, from the place `from` to the place `to`.
    pub(super) fn up_to(most: f64, (from, to): (f64, f64)) -> Self {
        // Counts are whole, so marks are at least 1 apart.
        let step = round_step((most / MOST_MARKS).max(1.0));
        let count = (most.max(step) / step).ceil();
        let marks = (0..=count as u32).map(|mark| f64::from(mark) * step).collect();
        Self { from, to, low: 0.0, high: count * step, marks }
    }

    /// Returns a scale of shares from 0 to 1.
    pub(super) fn of_shares((from, to): (f64, f64)) -> Self {
        Self { from, to, low: 0.0, high: 1.0, marks: vec![0.0, 0.25, 0.5, 0.75, 1.0] }
    }

    /// Returns a scale of differences of shares, alike in both directions.
    pub(super) fn of_differences(most: f64, (from, to): (f64, f64)) -> Self {
        let step = [0.05, 0.1, 0.2, 0.5].into_iter().find(|step| 2.0 * step >= most).map_or(0.5, |step| step);
        let marks = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|mark| mark * step).into();
        Self { from, to, low: -2.0 * step, high: 2.0 * step, marks }
    }

    /// Returns a scale of whole numbers without marks.
    pub(super) fn between(low: f64, high: f64, (from, to): (f64, f64)) -> Self {
        Self { from, to, low, high, marks: Vec::new() }
    }

    /// Returns the place of a value; of one outside the scale, the end that is nearer.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        self.from + share * (self.to - self.from)
    }
}

/// Returns 1, 2 or 5 times a power of ten, not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= least).map_or(10.0, |factor| factor);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_the_largest_value() {
        let scale = Scale::up_to(4_321.0, (180.0, 30.0));
        assert_eq!(scale.marks, [0.0, 1_000.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0]);
        assert!((scale.at(5_000.0) - 30.0).abs() < 1e-9 && (scale.at(0.0) - 180.0).abs() < 1e-9);
        assert_eq!(Scale::up_to(0.0, (0.0, 1.0)).marks, [0.0, 1.0]);
    }

    #[test]
    fn values_outside_stay_at_the_ends() {
        let scale = Scale::of_differences(0.08, (0.0, 100.0));
        assert_eq!(scale.marks, [-0.1, -0.05, 0.0, 0.05, 0.1]);
        assert!((scale.at(2.0) - 100.0).abs() < 1e-9 && scale.at(-2.0).abs() < 1e-9);
    }
}
