//! Names of the columns of released tables: what a column of numbers holds.

use super::words::{WORDS, ends, has, is_total};
use crate::verify::risk::frequency_tables::is_listed_count;

/// Content of a column of numbers, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Counts of persons.
    Count,
    /// Labels that are numbers, such as years.
    Dimension,
    /// Means, amounts, limits and other numbers that count no persons.
    Measure,
    /// Shares.
    Share,
    /// The name has no known word.
    Unknown,
}

/// The name of a column.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// Name in lower case.
    pub text: String,
    words: Vec<String>,
}

impl Name {
    /// Splits `name` into words.
    pub(super) fn new(name: &str) -> Self {
        let mut spaced = String::with_capacity(name.len());
        let mut before = ' ';
        for c in name.trim().chars() {
            if c == '%' || before.is_lowercase() && c.is_uppercase() {
                spaced.push(' ');
            }
            spaced.push(c);
            before = c;
        }
        let spaced = spaced.to_lowercase();
        let words = spaced.split(|c: char| !c.is_alphanumeric() && c != '%').filter(|word| !word.is_empty());
        Self { text: name.trim().to_lowercase(), words: words.map(str::to_owned).collect() }
    }

    /// Returns the content that the name suggests.
    pub(super) fn meaning(&self) -> Meaning {
        if self.is_plain_count() || self.words.first().is_some_and(|word| is_count(word)) {
            Meaning::Count
        } else if self.is_share() {
            Meaning::Share
        } else if self.words.last().is_some_and(|word| is_count(word)) {
            Meaning::Count
        } else if self.words.iter().any(|word| has(&WORDS.measures, word)) {
            Meaning::Measure
        } else if self.is_dimension() {
            Meaning::Dimension
        } else {
            Meaning::Unknown
        }
    }

    /// Returns true if the whole name is that of a count, as `n` or `total`, and not a part of it, as in `n_children`.
    pub(super) fn is_plain_count(&self) -> bool {
        is_listed_count(&self.text) || self.is_total()
    }

    /// Returns true if the name is that of a total over other columns.
    pub(super) fn is_total(&self) -> bool {
        is_total(&self.text)
    }

    /// Returns true if the name is that of a count which others are a part of.
    pub(super) fn is_base(&self) -> bool {
        let is_known = |word: &String| has(&WORDS.bases, word) || has(&WORDS.counts, word) || is_total(word);
        self.is_plain_count() || !self.words.is_empty() && self.words.iter().all(is_known)
    }

    /// Returns true if the name extends that of `whole`, as `clients_reached` extends `clients`.
    pub(super) fn extends(&self, whole: &Self) -> bool {
        self.words.len() > whole.words.len() && self.words.starts_with(&whole.words)
    }

    /// Returns true if the numbers in brackets of the column are per cents.
    pub(super) fn is_in_percent(&self) -> bool {
        self.words.iter().any(|word| word == "%")
    }

    /// Returns true if a word of the name is in `list`.
    pub(super) fn has_word(&self, list: &[String]) -> bool {
        self.words.iter().any(|word| has(list, word))
    }

    /// Returns true if the name is that of a survival share.
    pub(super) fn is_survival(&self) -> bool {
        let begins = |word: &String| WORDS.survival_starts.iter().any(|start| word.starts_with(start.as_str()));
        self.text == "s(t)" || self.has_word(&WORDS.survival) || self.words.iter().any(begins)
    }

    /// Returns true if the name is that of a standard error.
    pub(super) fn is_standard_error(&self) -> bool {
        self.has_word(&WORDS.standard_errors) || self.has_word(&WORDS.standard) && self.has_word(&WORDS.error)
    }

    fn is_share(&self) -> bool {
        self.has_word(&WORDS.shares) || self.words.iter().any(|word| ends(&WORDS.share_ends, word))
    }

    /// Returns true if the last word is that of a dimension. One number may follow, as in `level 2`.
    fn is_dimension(&self) -> bool {
        let numbers = self.words.iter().rev().take_while(|word| word.bytes().all(|b| b.is_ascii_digit())).count();
        let of = self.words.iter().position(|word| matches!(word.as_str(), "of" | "at" | "in"));
        let last = of.map_or(self.words.len() - numbers, |of| of).checked_sub(1).map(|last| &self.words[last]);
        let Some(last) = last.filter(|_| numbers < 2) else { return false };
        let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
        has(&WORDS.dimensions, last) || ends(&WORDS.dimension_ends, last)
    }
}

fn is_count(word: &str) -> bool {
    has(&WORDS.counts, word) || has(&WORDS.persons, word) || ends(&WORDS.count_ends, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_their_content_in_three_languages() {
        let of = |name: &str| Name::new(name).meaning();
        for name in [
            "n",
            "n_reached",
            "nReached",
            "lkm",
            "Asiakasmäärä",
            "antal",
            "n (%)",
            "Yhteensä",
            "women_n",
            "Total",
            "clients_reached",
        ] {
            assert_eq!(of(name), Meaning::Count, "{name}");
        }
        for name in
            ["year", "birth_year", "Age (years)", "Syntymävuosi", "ikäluokka", "födelseår", "level_2", "age at entry"]
        {
            assert_eq!(of(name), Meaning::Dimension, "{name}");
        }
        for name in ["%", "pct_reached", "tavoitettujen osuus", "andel"] {
            assert_eq!(of(name), Meaning::Share, "{name}");
        }
        for name in ["mean_age", "sum_of_eur", "keskiarvo"] {
            assert_eq!(of(name), Meaning::Measure, "{name}");
        }
        for name in ["reached", "2019", "coverage", "age_18_24"] {
            assert_eq!(of(name), Meaning::Unknown, "{name}");
        }
    }

    #[test]
    fn a_base_has_no_other_word() {
        let is_base = |name: &str| Name::new(name).is_base();
        assert!(["n", "denominator", "n_total", "Yhteensä", "n.risk", "kutsutut"].iter().all(|name| is_base(name)));
        assert!(["n_reached", "men", "numerator"].iter().all(|name| !is_base(name)));
        assert!(Name::new("clients_reached").extends(&Name::new("clients")));
    }

    #[test]
    fn columns_of_curves_are_known() {
        assert!(["survival", "Elossaolo-osuus", "S(t)", "överlevnad"].iter().all(|name| Name::new(name).is_survival()));
        let errors = ["se", "std.error", "standard_error", "keskivirhe"];
        assert!(errors.iter().all(|name| Name::new(name).is_standard_error()));
    }
}
