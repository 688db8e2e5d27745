//! Verdict on statistical tests that are made together.

use crate::verify::check::Verdict;
use crate::verify::statistics::{FAILS_BELOW, WARNS_BELOW};

/// A column with the probability of its result by chance alone, corrected for the number of tests.
pub(super) struct ColumnTest {
    pub probability: f64,
    /// Label of the column in evidence.
    pub place: String,
}

/// Verdict on tests, with the places of the significant ones.
pub(super) struct Significance {
    pub verdict: Verdict,
    pub places: Vec<String>,
}

impl Significance {
    /// Fails if any test is below the limit for failures, else warns if any is below the limit for warnings.
    pub fn of(tested: &[ColumnTest]) -> Self {
        for (verdict, limit) in [(Verdict::Fail, FAILS_BELOW), (Verdict::Warn, WARNS_BELOW)] {
            let places: Vec<String> =
                tested.iter().filter(|test| test.probability < limit).map(|test| test.place.clone()).collect();
            if !places.is_empty() {
                return Self { verdict, places };
            }
        }
        Self { verdict: Verdict::Pass, places: Vec::new() }
    }
}
