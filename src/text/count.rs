//! Counts of persons as they may be shown.

/// Counts that are derived from persons are rounded to this base wherever they are shown.
pub const COUNT_BASE: u64 = 5;

/// `count` rounded to the nearest multiple of [`COUNT_BASE`].
#[must_use]
pub fn rounded(count: u64) -> u64 {
    count.saturating_add(COUNT_BASE / 2) / COUNT_BASE * COUNT_BASE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_round_to_the_nearest_five() {
        assert_eq!([0, 2, 3, 7, 8, 12, 100].map(rounded), [0, 0, 5, 5, 10, 10, 100]);
    }
}
