//! Cells of released tables: shown counts, hidden counts, other numbers, texts.

use std::sync::LazyLock;

use regex::Regex;

use super::number::{Decimal, whole};
use super::words::{WORDS, has};

/// Largest number of a range, such as `1–4`, that hides a count.
const LARGEST_RANGE: i64 = 20;

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Count(Count),
    Hidden(Hidden),
    Number(Number),
    Text,
}

/// A shown count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Count {
    pub value: i64,
    /// Per cent that stands beside the count in the same cell, as in `3 (1.7 %)`.
    pub percent: Option<Decimal>,
    /// Base that stands beside the count, as in `3/30 (10 %)`.
    pub base: Option<i64>,
}

/// A hidden count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Smallest count that the mark allows.
    pub least: i64,
    /// Largest count that the mark allows, if it names one.
    pub most: Option<i64>,
    /// `true` if the mark often stands for zero.
    pub may_be_nil: bool,
}

/// A number that is no count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub decimal: Decimal,
    /// `true` if a per cent sign follows.
    pub is_percent: bool,
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and tests use them")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well-formed")
}

/// `3 (1.7 %)`, `3 [1,7]`, `3/30 (10 %)`.
static COUNT_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?<count>\d[\d ]*?)(?: */ *(?<base>\d[\d ]*?))?",
        r" *[(\[] *(?<percent>\d+(?:[.,]\d+)?) *(?<sign>%?) *[)\]] *%?$",
    ))
});
/// `1.7 % (3)`, `1,7 % (n = 3)`.
static PERCENT_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?<percent>\d+(?:[.,]\d+)?) *%",
        r" *[(\[] *(?:n *= *)?(?<count>\d[\d ]*?)(?: */ *(?<base>\d[\d ]*?))? *[)\]]$",
    ))
});
/// `1–4`.
static RANGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?<least>\d+) ?(?:-|–|—|\.\.|to) ?(?<most>\d+)$"));

impl Cell {
    /// Reads a cell of a column. `in_percent` is true if the column's name has a per cent sign, so that a number in
    /// brackets needs none.
    pub(super) fn parse(text: &str, in_percent: bool) -> Self {
        let text = text.replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ").trim().to_lowercase();
        if let Some(value) = whole(&text) {
            return Self::Count(Count { value, percent: None, base: None });
        }
        if let Some(hidden) = Hidden::parse(&text) {
            return Self::Hidden(hidden);
        }
        if let Some(count) = counted_share(&text, in_percent) {
            return Self::Count(count);
        }
        let number = text.strip_suffix('%');
        match Decimal::parse(number.unwrap_or(&text)) {
            Some(decimal) => Self::Number(Number { decimal, is_percent: number.is_some() }),
            None => Self::Text,
        }
    }

    /// Returns the count, if it is shown.
    pub(super) fn count(&self) -> Option<i64> {
        if let Self::Count(count) = self { Some(count.value) } else { None }
    }

    /// Returns the number of a cell of shares.
    pub(super) fn share(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Count(Count { value, percent: None, .. }) => {
                Some(Number { decimal: Decimal { value: *value as f64, decimals: 0 }, is_percent: false })
            }
            _ => None,
        }
    }
}

/// Reads a count with a per cent in the same cell.
fn counted_share(text: &str, in_percent: bool) -> Option<Count> {
    let found = match COUNT_FIRST.captures(text) {
        Some(found) => Some(found).filter(|found| in_percent || &found["sign"] == "%" || text.ends_with('%')),
        None => PERCENT_FIRST.captures(text),
    }?;
    let base = found.name("base").map(|base| whole(base.as_str()));
    Some(Count { value: whole(&found["count"])?, percent: Decimal::parse(&found["percent"]), base: base.flatten() })
}

impl Hidden {
    /// Reads the mark of a hidden count.
    fn parse(text: &str) -> Option<Self> {
        if is_mark(text) || is_hidden_word(text) || has(&WORDS.signs, unbracketed(text)) {
            return Some(Self { least: 0, most: None, may_be_nil: has(&WORDS.nil_marks, text) });
        }
        // A per cent in brackets may follow the mark.
        let text = text.split(['(', '[']).map(str::trim).find(|part| !part.is_empty())?;
        let text = text.trim_end_matches([')', ']']).trim();
        let bounded = |least, most| Self { least, most: Some(most), may_be_nil: false };
        if let Some(most) = after(&WORDS.at_most, text) {
            return Some(bounded(1, most));
        }
        if let Some(limit) = after(&WORDS.below, text) {
            return Some(bounded(1, limit - 1));
        }
        let range = RANGE.captures(text)?;
        let least = whole(&range["least"])?;
        let most = whole(&range["most"])?;
        (least < most && most <= LARGEST_RANGE).then(|| bounded(least, most))
    }
}

/// Returns the whole number after a word of `list`.
fn after(list: &[String], text: &str) -> Option<i64> {
    list.iter().find_map(|word| whole(text.strip_prefix(word.as_str())?)).filter(|&number| number > 0)
}

/// Returns true for a mark without letters that stands for a hidden value in any column.
pub(super) fn is_mark(text: &str) -> bool {
    let is_repeated = text.chars().all(|c| c == '*') || text.chars().all(|c| c == '.');
    is_repeated || has(&WORDS.marks, unbracketed(text))
}

/// Returns true for a word that stands for a hidden value in any column.
pub(super) fn is_hidden_word(text: &str) -> bool {
    has(&WORDS.hidden, unbracketed(text))
}

fn unbracketed(text: &str) -> &str {
    text.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Option<(i64, Option<i64>)> {
        let Cell::Hidden(hidden) = Cell::parse(text, false) else { return None };
        Some((hidden.least, hidden.most))
    }

    fn count(text: &str) -> Option<(i64, Option<f64>, Option<i64>)> {
        let Cell::Count(count) = Cell::parse(text, false) else { return None };
        Some((count.value, count.percent.map(|percent| percent.value), count.base))
    }

    #[test]
    fn marks_of_hidden_cells_are_read() {
        for mark in ["", "..", "*", "***", "x", "-", "…", "[c]", "Suppressed", "peitetty", "NA"] {
            assert_eq!(hidden(mark), Some((0, None)), "{mark}");
        }
        for mark in ["<5", "< 5", "alle 5", "färre än 5", "≤4", "<=4", "1–4", "1-4", "<5 (<2 %)", "(<5)"] {
            assert_eq!(hidden(mark), Some((1, Some(4))), "{mark}");
        }
        assert_eq!(["18-24", "north", "3", "1.5"].map(hidden), [None; 4]);
    }

    #[test]
    fn counts_with_a_per_cent_are_read() {
        assert_eq!(count("3 (1.7 %)"), Some((3, Some(1.7), None)));
        assert_eq!(count("1 234 (12,5%)"), Some((1234, Some(12.5), None)));
        assert_eq!(count("3/30 (10 %)"), Some((3, Some(10.0), Some(30))));
        assert_eq!(count("1.7 % (n = 3)"), Some((3, Some(1.7), None)));
        assert_eq!(count("45 (11)"), None);
        assert!(matches!(Cell::parse("45 (11)", true), Cell::Count(_)));
    }

    #[test]
    fn other_numbers_are_no_counts() {
        assert!(matches!(Cell::parse("1.5", false), Cell::Number(_)));
        assert!(matches!(Cell::parse("1,5 %", false), Cell::Number(Number { is_percent: true, .. })));
        assert_eq!(Cell::parse("north", false), Cell::Text);
    }
}
