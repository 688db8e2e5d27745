//! Counts of persons as they may be shown: small ones suppressed, the others rounded.

use std::sync::LazyLock;

use serde::Deserialize;

use super::numbers::{grouped, ratio};
use super::{Language, Share, Text};

/// Counts that are derived from persons are rounded to this base wherever they are shown.
pub const COUNT_BASE: u64 = 5;

/// The smallest share that is shown as a number, from 0 to 1.
const LEAST_SHARE: f64 = 0.001;

/// Stands for a suppressed count of rows.
const SUPPRESSED: &str = "–";

/// Phrases that stand in place of a suppressed count.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    few: Text,
    few_persons: Text,
    tiny_share: Text,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(phrases);

#[expect(clippy::expect_used, reason = "the phrases are checked in, and a test reads them")]
fn phrases() -> Phrases {
    toml::from_str(include_str!("phrases.toml")).expect("phrases.toml holds every phrase in every language")
}

/// Returns `count` rounded to the nearest multiple of [`COUNT_BASE`].
#[must_use]
pub fn rounded(count: u64) -> u64 {
    count.saturating_add(COUNT_BASE / 2) / COUNT_BASE * COUNT_BASE
}

/// Returns `count` rounded like [`rounded`], but never to zero: "0 of 165 records" would deny what is counted.
#[must_use]
pub fn rounded_part(count: u64) -> u64 {
    rounded(count).max(count.min(1) * COUNT_BASE)
}

/// Kind of text in which counts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Cells of a table. A count of 0 is small.
    Table,
    /// Sentences of evidence. A count of 0 is shown: it means that a check found nobody.
    Evidence,
}

/// Rule by which every report shows counts of persons.
///
/// Counts below `least` are suppressed; the others are rounded to [`COUNT_BASE`]. A count of rows is suppressed with
/// that of its persons.
#[derive(Debug, Clone, Copy)]
pub struct ShownCounts {
    /// The smallest number of persons that is shown.
    least: u64,
    language: Language,
    place: Place,
}

impl ShownCounts {
    /// Creates the rule for tables of a contract whose smallest cell is `min_cell`.
    ///
    /// A count that rounds to 0 is small, too, so at least [`COUNT_BASE`] persons are needed.
    #[must_use]
    pub fn in_tables(min_cell: u64, language: Language) -> Self {
        Self { least: min_cell.max(COUNT_BASE), language, place: Place::Table }
    }

    /// Creates the rule for sentences of evidence, which show a count of 0.
    #[must_use]
    pub const fn in_evidence(language: Language) -> Self {
        Self { least: COUNT_BASE, language, place: Place::Evidence }
    }

    /// Returns the smallest number of persons that is shown.
    #[must_use]
    pub const fn least(self) -> u64 {
        self.least
    }

    /// Returns the language in which counts are written.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// Returns a count of persons rounded, or `None` if it is small.
    #[must_use]
    pub fn count(self, persons: u64) -> Option<u64> {
        (!self.is_small(persons)).then(|| rounded(persons))
    }

    /// Returns a count of persons as text.
    #[must_use]
    pub fn persons(self, persons: u64) -> String {
        match (self.count(persons), self.place) {
            (Some(count), Place::Table) => grouped(count),
            (Some(count), Place::Evidence) => count.to_string(),
            // A no-break space keeps the sign with its number.
            (None, Place::Table) => format!("<\u{a0}{}", self.least),
            (None, Place::Evidence) => self.phrase(&PHRASES.few),
        }
    }

    /// Returns a count of the rows of the given number of persons as text: a dash if the persons are few.
    #[must_use]
    pub fn rows(self, rows: u64, persons: u64) -> String {
        match self.count(persons) {
            Some(_) => grouped(rounded(rows)),
            None => SUPPRESSED.to_owned(),
        }
    }

    /// Returns the share that `part` is of `whole` with its confidence interval, from the rounded counts.
    ///
    /// Returns `None` if the part or the rest is small, or if the part is larger than the whole.
    #[must_use]
    pub fn share(self, part: u64, whole: u64) -> Option<Share> {
        self.count(whole.checked_sub(part)?)?;
        let rounded_part = self.count(part)?;
        let rounded_whole = self.count(whole)?;
        Some(Share::wilson(rounded_part as f64, rounded_whole as f64, self.language))
    }

    /// Returns the share of persons as text; a share of few persons would disclose their number and is suppressed.
    #[must_use]
    pub fn percent(self, part: u64, whole: u64) -> String {
        let share = ratio(part, whole);
        if self.is_small(part) {
            self.phrase(&PHRASES.few_persons)
        } else if part > 0 && share < LEAST_SHARE / 2.0 {
            let least = self.language.percent(LEAST_SHARE);
            PHRASES.tiny_share.in_language(self.language).replace("{share}", &least)
        } else {
            self.language.percent(share)
        }
    }

    /// Returns the length of a bar for a share of persons, in per cent with one decimal.
    ///
    /// A small count is drawn as the smallest count that is shown.
    #[must_use]
    pub fn bar(self, part: u64, whole: u64) -> f64 {
        let drawn = if self.is_small(part) { self.least.min(whole) } else { part };
        // As precise as the share in words beside it.
        (ratio(drawn, whole) * 1000.0).round() / 10.0
    }

    fn is_small(self, persons: u64) -> bool {
        match self.place {
            Place::Table => persons < self.least,
            Place::Evidence => persons > 0 && persons < self.least,
        }
    }

    fn phrase(self, phrase: &Text) -> String {
        phrase.in_language(self.language).replace("{least}", &self.least.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: u64 = COUNT_BASE;

    fn table() -> ShownCounts {
        ShownCounts::in_tables(LEAST, Language::English)
    }

    #[test]
    fn counts_round_to_the_nearest_five() {
        assert_eq!([0, 2, 3, 7, 8, 12, 100].map(rounded), [0, 0, 5, 5, 10, 10, 100]);
    }

    #[test]
    fn tables_show_small_counts_neither_as_a_number_nor_as_a_share() {
        assert_eq!([0, 4, 5, 7, 8].map(|persons| table().count(persons)), [None, None, Some(5), Some(5), Some(10)]);
        assert_eq!(table().persons(4), "<\u{a0}5");
        assert_eq!(table().rows(1203, 4), "–");
        assert_eq!(table().rows(1203, 5), "1\u{202f}205");
        assert!([(4, 100), (97, 100), (9, 8)].into_iter().all(|(part, whole)| table().share(part, whole).is_none()));
    }

    #[test]
    fn a_contract_may_suppress_more_but_not_less_than_rounding_hides() {
        assert_eq!(ShownCounts::in_tables(3, Language::English).least(), 5);
        assert_eq!(ShownCounts::in_tables(10, Language::English).count(9), None);
    }

    #[test]
    fn shares_with_intervals_come_from_rounded_counts() {
        assert_eq!(table().share(28, 102).unwrap().shown, "30.0\u{a0}% (21.9–39.6)");
    }

    #[test]
    fn evidence_shows_nobody_but_never_few_persons() {
        let english = ShownCounts::in_evidence(Language::English);
        let finnish = ShownCounts::in_evidence(Language::Finnish);
        let swedish = ShownCounts::in_evidence(Language::Swedish);
        for few in 1..LEAST {
            assert_eq!(english.persons(few), "fewer than 5");
            assert_eq!(finnish.percent(few, 100), "alle 5 henkilöä");
            assert_eq!(swedish.percent(few, 100), "färre än 5 personer");
            assert!((english.bar(few, 100) - 5.0).abs() < 1e-9);
        }
        assert_eq!([0, 7, 8].map(|persons| english.persons(persons)), ["0", "5", "10"]);
        assert_eq!(finnish.percent(123, 1000), "12,3\u{a0}%");
        assert_eq!(swedish.percent(123, 1000), finnish.percent(123, 1000));
        assert_eq!(english.percent(6, 1_000_000), "under 0.1\u{a0}%");
        assert_eq!(english.percent(0, 1000), "0.0\u{a0}%");
    }
}
