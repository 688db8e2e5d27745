//! Words of text, and the lists of names and municipalities.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::data;

type List = HashSet<Cow<'static, [u8]>, ahash::RandomState>;

static FIRST_NAMES: LazyLock<List> = LazyLock::new(|| with_plain_letters(list(include_str!("first_names.txt"))));
static SURNAMES: LazyLock<List> = LazyLock::new(|| with_plain_letters(list(include_str!("surnames.txt"))));
static MUNICIPALITIES: LazyLock<List> = LazyLock::new(|| list(include_str!("municipalities.txt")));
static FORMS: LazyLock<SurnameForms> = LazyLock::new(|| data::table(include_str!("surname_forms.toml")));

/// Shortest name that is also known without the marks over its letters; a shorter one may be any word.
const SHORTEST_PLAIN: usize = 5;
/// Longest word that can be a name.
const LONGEST: usize = 40;
/// Ending of the commonest surnames.
const NEN: &[u8] = b"nen";
/// Shortest surname in -nen, and with any other typical ending.
const SHORTEST_IN_NEN: usize = 6;
const SHORTEST_TYPICAL: usize = 7;

/// The lists of `surname_forms.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurnameForms {
    endings: Vec<String>,
    not_surnames: Vec<String>,
    cases: Vec<String>,
}

fn list(text: &'static str) -> List {
    data::entries(text).map(|word| Cow::Borrowed(word.as_bytes())).collect()
}

/// Adds each name without the dots and rings over its letters, as systems without them store it.
fn with_plain_letters(mut names: List) -> List {
    let plain: Vec<_> = names.iter().filter_map(|name| plain_letters(name)).collect();
    names.extend(plain);
    names
}

fn plain_letters(name: &[u8]) -> Option<Cow<'static, [u8]>> {
    let plain = String::from_utf8_lossy(name).replace(['ä', 'å'], "a").replace('ö', "o");
    (plain.len() >= SHORTEST_PLAIN && plain.as_bytes() != name).then(|| Cow::Owned(plain.into_bytes()))
}

/// Returns the given names and the surnames of the lists, in their order.
pub(in crate::verify) fn common_names() -> [Vec<&'static str>; 2] {
    [include_str!("first_names.txt"), include_str!("surnames.txt")].map(|text| data::entries(text).collect())
}

/// Parts of a personal name that a word can be.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct NameParts {
    pub is_first: bool,
    pub is_last: bool,
    /// `true` if the form of the word is that of surnames only.
    pub is_typical: bool,
}

/// A word in lower case, without allocation. A word that is too long for a name becomes empty.
pub(super) struct LowerCase {
    bytes: [u8; LONGEST],
    length: usize,
}

impl LowerCase {
    pub fn new(word: &[u8]) -> Self {
        let mut lower = Self { bytes: [0; LONGEST], length: 0 };
        if word.len() > LONGEST {
            return lower;
        }
        let mut before = 0;
        for (at, &byte) in word.iter().enumerate() {
            lower.bytes[at] = match (before, byte) {
                // The capitals of Latin-1 and of Cyrillic in UTF-8.
                (0xC3, 0x80..=0x9E) | (0xD0, 0x90..=0x9F) => byte + 0x20,
                (0xD0, 0xA0..=0xAF) => {
                    lower.bytes[at - 1] = 0xD1;
                    byte - 0x20
                }
                _ => byte.to_ascii_lowercase(),
            };
            before = byte;
        }
        lower.length = word.len();
        lower
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Returns the parts of a name that a word in lower case can be. A compound is one if both its parts are.
pub(super) fn name_parts(word: &[u8]) -> NameParts {
    if word.len() < 2 {
        return NameParts::default();
    }
    let is_compound = word.contains(&b'-') && word.split(|&b| b == b'-').all(is_first_name);
    let mut surname = Surname::of(word);
    if !surname.is_known
        && let Some(hyphen) = word.iter().position(|&b| b == b'-')
    {
        surname = Surname::of(&word[..hyphen]).and(&Surname::of(&word[hyphen + 1..]));
    }
    let is_first = is_first_name(word) || is_compound;
    NameParts { is_first, is_last: surname.is_known, is_typical: surname.is_typical }
}

fn is_first_name(word: &[u8]) -> bool {
    word.len() > 1 && FIRST_NAMES.contains(word)
}

struct Surname {
    is_known: bool,
    is_typical: bool,
}

impl Surname {
    fn of(word: &[u8]) -> Self {
        let has_form = has_surname_form(word) || is_inflected(word);
        let is_listed = SURNAMES.contains(word);
        Self { is_known: has_form || is_listed, is_typical: has_form || is_listed && word.ends_with(NEN) }
    }

    fn and(&self, other: &Self) -> Self {
        Self { is_known: self.is_known && other.is_known, is_typical: self.is_typical && other.is_typical }
    }
}

fn has_surname_form(word: &[u8]) -> bool {
    let has_nen = word.len() >= SHORTEST_IN_NEN
        && word.ends_with(NEN)
        && !word.ends_with(b"inen")
        && !word.ends_with(b"nnen")
        && !FORMS.not_surnames.iter().any(|other| other.as_bytes() == word);
    has_nen || word.len() >= SHORTEST_TYPICAL && FORMS.endings.iter().any(|end| word.ends_with(end.as_bytes()))
}

/// Returns true for a surname in -nen in another case, such as `virtaselle`.
fn is_inflected(word: &[u8]) -> bool {
    let Some(stem) = FORMS.cases.iter().find_map(|case| word.strip_suffix(case.as_bytes())) else { return false };
    if !(3..LONGEST - NEN.len()).contains(&stem.len()) {
        return false;
    }
    let length = stem.len() + NEN.len();
    let mut buffer = [0; LONGEST];
    buffer[..stem.len()].copy_from_slice(stem);
    buffer[stem.len()..length].copy_from_slice(NEN);
    let nominative = &buffer[..length];
    has_surname_form(nominative) || SURNAMES.contains(nominative)
}

/// Returns true for a municipality in lower case.
pub(super) fn is_municipality(word: &[u8]) -> bool {
    MUNICIPALITIES.contains(word)
}

/// Returns the start and end of each word: letters, with hyphens and apostrophes inside.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|&b| is_letter(b))?;
        let length = bytes[start..].iter().take_while(|&&b| is_letter(b) || matches!(b, b'-' | b'\'')).count();
        at = start + length;
        let last = bytes[start..at].iter().rposition(|&b| is_letter(b))?;
        Some((start, start + last + 1))
    })
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// Returns true if a word starts with a capital.
pub(super) fn is_capital(word: &[u8]) -> bool {
    match word {
        [0xC3, second, ..] => (0x80..=0x9E).contains(second),
        [0xD0, second, ..] => (0x81..=0xAF).contains(second),
        [first, ..] => first.is_ascii_uppercase(),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        assert!(FIRST_NAMES.len() > 500 && SURNAMES.len() > 500 && MUNICIPALITIES.len() > 250);
        assert!(name_parts(b"matti").is_first && name_parts(b"virtanen").is_last);
        assert!(is_municipality(b"turku"));
    }

    #[test]
    fn surnames_have_forms() {
        assert!(name_parts(b"virtaselle").is_typical);
        assert!(name_parts("söderström".as_bytes()).is_typical);
        assert_eq!(name_parts(b"nainen"), NameParts::default());
    }
}
