//! Counts of persons as evidence may show them.

use crate::text::{Language, ShownCounts, Text};

pub(super) use crate::text::ratio;

/// Returns a share in per cent with one decimal.
pub(super) fn percent(share: f64) -> Text {
    Text::written(|language| language.percent(share))
}

/// Returns a number with two decimals.
pub(super) fn number(value: f64) -> Text {
    Text::written(|language| language.decimal(value, 2))
}

/// Returns a count of persons; a small count is suppressed.
pub(super) fn persons(count: u64) -> Text {
    Text::written(|language| ShownCounts::in_evidence(language).persons(count))
}

/// Returns the share that `part` is of `whole` persons; the share of a small count is suppressed.
pub(super) fn share(part: u64, whole: u64) -> Text {
    Text::written(|language| ShownCounts::in_evidence(language).percent(part, whole))
}

/// Returns the length of the bar for a share of persons, in per cent.
pub(super) fn bar(part: u64, whole: u64) -> f64 {
    // The length is the same in every language.
    ShownCounts::in_evidence(Language::default()).bar(part, whole)
}

/// Joins texts, language by language.
pub(super) fn joined(texts: &[Text], between: &str) -> Text {
    Text::join(texts, between)
}
