//! Counts and shares of persons as evidence shows them: small ones suppressed, the others rounded.

use crate::text::{Language, ShownCounts, Text};

pub(super) use crate::text::ratio;

/// Prints a share in per cent, with one decimal.
pub(super) fn percent(share: f64) -> Text {
    Text::written(|language| language.percent(share))
}

/// Prints a number with two decimals.
pub(super) fn number(value: f64) -> Text {
    Text::written(|language| language.decimal(value, 2))
}

/// Prints a number of persons; a small one is suppressed.
pub(super) fn persons(count: u64) -> Text {
    Text::written(|language| ShownCounts::in_evidence(language).persons(count))
}

/// Prints the share that `part` is of `whole` persons; the share of a small count is suppressed.
pub(super) fn share(part: u64, whole: u64) -> Text {
    Text::written(|language| ShownCounts::in_evidence(language).percent(part, whole))
}

/// Returns the length of a bar in per cent, as precise as the printed share.
pub(super) fn bar(part: u64, whole: u64) -> f64 {
    // The length is the same in every language.
    ShownCounts::in_evidence(Language::default()).bar(part, whole)
}
