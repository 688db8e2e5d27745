//! Identifiers of the contract: values that match the pattern of one of its kinds of text.
//!
//! A pattern describes its identifiers more or less closely. Its [`Width`] says what a match is worth:
//!
//! - Narrow: no ordinary value and no code of the contract matches. Three different matches fail a column, whole cells
//!   or inside text.
//! - Wide: some do. Only whole cells are compared, and a column warns at most: if nine in ten of its different cells
//!   match and are neither a code of the contract, a word, a date nor a small number.
//! - Boundless: words and numbers both match, so that a match is worth nothing. The kind is not checked.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::tally::Tally;
use crate::config::{Content, Contract};
use crate::table::ValueType;
use crate::verify::detect::{Kind, Sighting, birth, data, fingerprint};
use salanimi_core::{Id, Syntax, TextSyntax};

static ORDINARY: LazyLock<Ordinary> = LazyLock::new(|| data::table(include_str!("ordinary.toml")));

/// Most digits of a small number.
const SMALL: usize = 7;
/// Most digits of a number whose place in a series is told.
const MOST_DIGITS: usize = 18;
/// Seconds since 1970 from 2000 to 2035: times of events.
const EVENT_SECONDS: std::ops::Range<u64> = 946_684_800..2_051_222_400;
const MILLISECONDS: u64 = 1000;
/// Largest compiled pattern, in bytes: more than the library allows a contract's own.
const LARGEST: usize = 1 << 26;
/// Lengths of pseudonyms in hexadecimal and of linked ids.
const KEY_LENGTHS: [usize; 2] = [32, 13];

/// The lists of `ordinary.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordinary {
    words: Vec<String>,
    numbers: Vec<String>,
    measures: Vec<String>,
    dates: Vec<String>,
    codes: Vec<String>,
}

/// Breadth of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Narrow,
    Wide,
    Boundless,
}

/// A kind of identifier, with the search for it.
pub(super) struct Pattern<'a> {
    pub name: &'a Id,
    pub width: Width,
    syntax: &'a TextSyntax,
    /// The pattern apart from the words around it, as its first group. A pattern near the limit of the library has
    /// none: it is compared with whole cells only.
    inside: Option<Regex>,
}

/// The text kinds of a contract.
#[derive(Default)]
pub(crate) struct Patterns<'a> {
    pub(super) all: Vec<Pattern<'a>>,
    /// Codes that some column of the contract declares.
    codes: HashSet<&'a str, ahash::RandomState>,
}

impl<'a> Patterns<'a> {
    /// Reads the text kinds of a contract.
    pub fn of(contract: &'a Contract) -> Self {
        let codes = declared_codes(contract);
        let kinds = contract.identifiers.iter().filter_map(|(name, syntax)| match syntax {
            Syntax::Text(text) => Some((name, text)),
            _ => None,
        });
        let all = kinds.filter_map(|(name, syntax)| Pattern::new(name, syntax, &codes)).collect();
        Self { all, codes }
    }

    /// Adds the identifiers in a cell to the tallies, one for each kind. `is_key` is true in a column of pseudonyms.
    pub fn search(&self, cell: &str, is_key: bool, mut note: impl FnMut(usize, Sighting)) {
        let cell = cell.trim();
        if cell.is_empty() || is_key && is_pseudonym(cell) {
            return;
        }
        let is_plain = self.codes.contains(cell) || is_time(cell);
        for (position, pattern) in self.all.iter().enumerate() {
            match pattern.width {
                Width::Narrow if !is_plain => pattern.search(cell, |text| note(position, pattern.sighting(text, true))),
                Width::Wide => {
                    let is_hit = !is_plain && !is_ordinary(cell) && pattern.is_match(cell);
                    note(position, pattern.sighting(cell, is_hit));
                }
                Width::Narrow | Width::Boundless => {}
            }
        }
    }

    /// Returns an empty tally for each kind.
    pub(super) fn tallies(&self) -> Vec<Tally> {
        self.all.iter().map(|_| Tally::default()).collect()
    }
}

impl<'a> Pattern<'a> {
    /// Returns `None` for a syntax without a pattern, which no contract has.
    fn new(name: &'a Id, syntax: &'a TextSyntax, codes: &HashSet<&str, ahash::RandomState>) -> Option<Self> {
        let pattern = syntax.pattern()?;
        let inside =
            RegexBuilder::new(&format!(r"(?:^|\W|_)((?:{pattern}))(?:\W|_|$)")).size_limit(LARGEST).build().ok();
        Some(Self { name, width: width(syntax, codes), syntax, inside })
    }

    /// Returns the kind of the findings of this pattern.
    pub fn kind(&self) -> Kind {
        if self.width == Width::Narrow { Kind::ContractIdentifier } else { Kind::WideContractIdentifier }
    }

    fn is_match(&self, text: &str) -> bool {
        self.syntax.canonical(text.as_bytes()).is_ok()
    }

    /// Calls `found` with the whole cell if it is an identifier, or else with each identifier inside it.
    fn search(&self, cell: &str, mut found: impl FnMut(&str)) {
        if let Ok(whole) = self.syntax.canonical(cell.as_bytes()) {
            return found(&whole);
        }
        let Some(inside) = &self.inside else { return };
        let text = self.syntax.normalised(cell);
        let mut at = 0;
        while let Some(identifier) = inside.captures_at(&text, at).and_then(|groups| groups.get(1)) {
            if is_apart(text.as_bytes(), identifier.start(), identifier.end()) && !is_time(identifier.as_str()) {
                found(identifier.as_str());
            }
            // The mark after an identifier may be the one before the next. An empty identifier is none.
            if identifier.is_empty() {
                return;
            }
            at = identifier.end();
        }
    }

    fn sighting(&self, text: &str, hit: bool) -> Sighting {
        let is_number = text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number && hit { text.parse().ok() } else { None };
        Sighting { kind: self.kind(), value: fingerprint(text.as_bytes()), hit, features: 0, number }
    }
}

/// Returns the codes that the columns of a contract declare, at the source and delivered.
fn declared_codes(contract: &Contract) -> HashSet<&str, ahash::RandomState> {
    let sources = contract.tables.iter().flat_map(|table| &table.columns).filter_map(|column| match &column.content {
        Content::Value(rules) => Some(&rules.value),
        _ => None,
    });
    let delivered = contract.tables.iter().flat_map(|table| &table.fields).map(|field| &field.value);
    let lists = sources.chain(delivered).filter_map(|value| match value {
        ValueType::Code(codes) => Some(codes.values()),
        _ => None,
    });
    lists.flatten().map(String::as_str).collect()
}

fn width(syntax: &TextSyntax, codes: &HashSet<&str, ahash::RandomState>) -> Width {
    let matches = |values: &[String]| values.iter().any(|value| syntax.canonical(value.as_bytes()).is_ok());
    let others = [&ORDINARY.measures, &ORDINARY.dates, &ORDINARY.codes];
    let has_words = matches(&ORDINARY.words);
    let has_numbers = matches(&ORDINARY.numbers);
    if has_words && has_numbers {
        Width::Boundless
    } else if has_words
        || has_numbers
        || others.iter().any(|values| matches(values))
        || codes.iter().any(|code| syntax.canonical(code.as_bytes()).is_ok())
    {
        Width::Wide
    } else {
        Width::Narrow
    }
}

/// Returns true if an identifier is not part of a longer number or code, such as the decimals of a number or the last
/// group of a UUID.
fn is_apart(text: &[u8], start: usize, end: usize) -> bool {
    let is_number = text[start..end].iter().all(u8::is_ascii_digit);
    // Only a number has a decimal comma. After anything else it separates.
    let is_mark = |byte: u8| is_mark(byte) && (is_number || byte != b',');
    let joins_before = match text[..start] {
        [.., b'-'] => has_digit(text[..start - 1].iter().rev()),
        [.., before, mark] if is_mark(mark) => before.is_ascii_digit(),
        _ => false,
    };
    let joins_after = match text[end..] {
        [b'-', ..] => has_digit(text[end + 1..].iter()),
        [mark, after, ..] if is_mark(mark) => after.is_ascii_digit(),
        _ => false,
    };
    !joins_before && !joins_after
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'.' | b',' | b'+' | b'/' | b':')
}

/// Returns true if the word that some bytes start with has a digit.
fn has_digit<'b>(bytes: impl Iterator<Item = &'b u8>) -> bool {
    bytes.take_while(|byte| byte.is_ascii_alphanumeric()).any(u8::is_ascii_digit)
}

/// Returns true for a pseudonym in hexadecimal or a linked id.
fn is_pseudonym(cell: &str) -> bool {
    KEY_LENGTHS.contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns true for a day, a day with its time, or a time of an event since 1970.
fn is_time(text: &str) -> bool {
    if birth::day_of_cell(text.as_bytes()).is_some() {
        return true;
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match (text.len(), text.parse::<u64>()) {
        (10, Ok(seconds)) => EVENT_SECONDS.contains(&seconds),
        (12 | 14, _) => is_day_with_time(text),
        (13, Ok(milliseconds)) => EVENT_SECONDS.contains(&(milliseconds / MILLISECONDS)),
        _ => false,
    }
}

/// Returns true for `yyyymmddhhmm` or `yyyymmddhhmmss`.
fn is_day_with_time(digits: &str) -> bool {
    let has_time =
        digits.as_bytes()[8..].chunks(2).zip([b"23", b"59", b"59"]).all(|(part, most)| part <= most.as_slice());
    has_time && birth::day_of_cell(&digits.as_bytes()[..8]).is_some()
}

/// Returns true for a word or a small number.
fn is_ordinary(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_number = cell.bytes().all(|byte| byte.is_ascii_digit() || b".,- ".contains(&byte));
    digits == 0 || is_number && digits <= SMALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::TextForm;

    fn width_of(pattern: &str) -> Width {
        width(&TextSyntax::new(pattern, TextForm::default()).unwrap(), &HashSet::default())
    }

    fn inside(pattern: &str, fold_case: bool, cell: &str) -> Vec<String> {
        let name = Id::new("x").unwrap();
        let syntax = TextSyntax::new(pattern, TextForm { fold_case, ..TextForm::default() }).unwrap();
        let mut found = Vec::new();
        let pattern = Pattern::new(&name, &syntax, &HashSet::default()).unwrap();
        pattern.search(cell, |text| found.push(text.to_owned()));
        found
    }

    #[test]
    fn patterns_have_a_width() {
        for narrow in ["[0-9]{6}-[0-9]{4}", "[1-6][0-9]{10}", "[A-Z]{2}[0-9]{6}", "P-[0-9]+", "[0-9]{11}", "[0-9]{10}"]
        {
            assert_eq!(width_of(narrow), Width::Narrow, "{narrow}");
        }
        for wide in ["[0-9]+", "[0-9]{8}", "[a-z]+", "[A-Z][0-9]+", "[0-9]{4}(-[0-9]{2}){2}", "[0-9]{9}"] {
            assert_eq!(width_of(wide), Width::Wide, "{wide}");
        }
        for boundless in [".*", "[0-9A-Za-z]+", r"\S{1,20}", "[0-9A-ZÅÄÖa-zåäö -]*"] {
            assert_eq!(width_of(boundless), Width::Boundless, "{boundless}");
        }
    }

    #[test]
    fn codes_of_the_contract_make_a_pattern_wide() {
        let syntax = TextSyntax::new("Q[0-9]{9}", TextForm::default()).unwrap();
        assert_eq!(width(&syntax, &HashSet::default()), Width::Narrow);
        assert_eq!(width(&syntax, &["Q123456789"].into_iter().collect()), Width::Wide);
    }

    #[test]
    fn identifiers_are_found_inside_text() {
        let pattern = "[0-9]{6}-[0-9]{4}";
        assert_eq!(inside(pattern, false, "811218-9876"), ["811218-9876"]);
        assert_eq!(inside(pattern, false, "a 811218-9876,811218-9877 b"), ["811218-9876", "811218-9877"]);
        assert_eq!(inside(pattern, false, "x_811218-9876_y"), ["811218-9876"]);
        assert_eq!(inside("AB[0-9]{6}", true, "asiakas ab123456."), ["AB123456"]);
        for other in ["1811218-98765", "0.811218-9876", "811218-9876-5"] {
            assert!(inside(pattern, false, other).is_empty(), "{other}");
        }
        for other in ["0.12345678901", "550e8400-e29b-41d4-a716-44665544000", "202405061230", "1700000000"] {
            assert!(inside("[0-9]{10,12}", false, &format!("x {other}")).is_empty(), "{other}");
        }
    }

    #[test]
    fn times_are_none() {
        for time in ["2024-05-06", "1700000000", "202405061230", "20240506123059", "1700000000123"] {
            assert!(is_time(time), "{time}");
        }
        for other in ["196412055664", "37605030299", "8112189876", "202405069930"] {
            assert!(!is_time(other), "{other}");
        }
    }
}
