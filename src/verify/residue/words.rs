//! Words of text, and the lists of names.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

type List = HashSet<Cow<'static, [u8]>, ahash::RandomState>;

static FIRST_NAMES: LazyLock<List> = LazyLock::new(|| with_plain(list(include_str!("first_names.txt"))));
static SURNAMES: LazyLock<List> = LazyLock::new(|| with_plain(list(include_str!("surnames.txt"))));
static MUNICIPALITIES: LazyLock<List> = LazyLock::new(|| list(include_str!("municipalities.txt")));

/// The shortest name that is also known without the dots over its letters.
const SHORTEST_PLAIN: usize = 5;
/// A longer word is no name.
const LONGEST: usize = 40;
/// Words that end as surnames do and are none.
const NO_NAMES: [&str; 14] = [
    "nainen",
    "hevonen",
    "varpunen",
    "kymmenen",
    "huonen",
    "jäsenen",
    "joutsenen",
    "muunen",
    "kananen",
    "sadannen",
    "viidennen",
    "neljännen",
    "kolmannen",
    "kuudennen",
];
/// Cases of a surname in -nen, from its genitive on.
const CASES: [&str; 9] = ["sen", "selle", "selta", "seltä", "sella", "sellä", "sesta", "sestä", "seen"];

fn list(text: &'static str) -> List {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(|word| Cow::Borrowed(word.as_bytes())).collect()
}

/// Also without the dots and rings over letters, which old systems could not write. Words that are then short may be
/// anything.
fn with_plain(mut names: List) -> List {
    let plain = |name: &Cow<'static, [u8]>| {
        let plain = String::from_utf8_lossy(name).replace(['ä', 'å'], "a").replace('ö', "o");
        (plain.len() >= SHORTEST_PLAIN && plain.as_bytes() != &name[..]).then(|| Cow::Owned(plain.into_bytes()))
    };
    let without: Vec<_> = names.iter().filter_map(plain).collect();
    names.extend(without);
    names
}

/// What a word can be of a person.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sort {
    pub first: bool,
    pub last: bool,
    /// Ends as only surnames do.
    pub typical: bool,
}

/// A word in lower case; a word that is too long is none.
pub(super) struct Lower {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Lower {
    pub fn new(word: &[u8]) -> Self {
        let mut lower = Self { bytes: [0; LONGEST], length: 0 };
        if word.len() > LONGEST {
            return lower;
        }
        let mut after_c3 = false;
        for (slot, &byte) in lower.bytes.iter_mut().zip(word) {
            // The capitals of Latin-1 in UTF-8.
            *slot = if after_c3 && (0x80..=0x9E).contains(&byte) { byte + 0x20 } else { byte.to_ascii_lowercase() };
            after_c3 = byte == 0xC3;
        }
        lower.length = word.len();
        lower
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// What a word in lower case can be.
pub(super) fn sort(word: &[u8]) -> Sort {
    if word.len() < 2 {
        return Sort::default();
    }
    let compound = |known: fn(&[u8]) -> bool| word.contains(&b'-') && word.split(|&b| b == b'-').all(known);
    let first = is_first(word) || compound(is_first);
    let (mut last, mut typical) = surname(word);
    if !last && let Some(parts) = word.iter().position(|&b| b == b'-') {
        let (one, two) = (surname(&word[..parts]), surname(&word[parts + 1..]));
        (last, typical) = (one.0 && two.0, one.1 && two.1);
    }
    Sort { first, last, typical }
}

fn is_first(word: &[u8]) -> bool {
    word.len() > 1 && FIRST_NAMES.contains(word)
}

/// Whether a word is a surname, and ends as only surnames do.
fn surname(word: &[u8]) -> (bool, bool) {
    let typical = is_typical(word) || inflected(word);
    (typical || SURNAMES.contains(word), typical || word.ends_with(b"nen") && SURNAMES.contains(word))
}

fn is_typical(word: &[u8]) -> bool {
    let nen = word.len() >= 6 && word.ends_with(b"nen") && !word.ends_with(b"inen") && !word.ends_with(b"nnen");
    let nordic = word.len() >= 7
        && [b"sson".as_slice(), "ström".as_bytes(), b"qvist", b"gren"].iter().any(|end| word.ends_with(end));
    (nen && !NO_NAMES.iter().any(|no| no.as_bytes() == word)) || nordic
}

fn inflected(word: &[u8]) -> bool {
    CASES.iter().find_map(|case| word.strip_suffix(case.as_bytes())).is_some_and(|stem| {
        let Some(slot) = Some(stem.len()).filter(|length| (3..LONGEST - 3).contains(length)) else { return false };
        let mut nominative = [0; LONGEST];
        nominative[..slot].copy_from_slice(stem);
        nominative[slot..slot + 3].copy_from_slice(b"nen");
        let word = &nominative[..slot + 3];
        is_typical(word) || SURNAMES.contains(word)
    })
}

pub(super) fn is_municipality(word: &[u8]) -> bool {
    MUNICIPALITIES.contains(word)
}

/// Where the words of `bytes` begin and end: letters, and hyphens within.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let letter = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|&b| letter(b))?;
        let length = bytes[start..].iter().position(|&b| !letter(b) && b != b'-' && b != b'\'');
        at = length.map_or(bytes.len(), |length| start + length);
        let end = start + bytes[start..at].iter().rposition(|&b| letter(b)).map_or(0, |last| last + 1);
        Some((start, end))
    })
}

/// Whether a word begins with a capital.
pub(super) fn is_capital(word: &[u8]) -> bool {
    match word {
        [0xC3, second, ..] => (0x80..=0x9E).contains(second),
        [first, ..] => first.is_ascii_uppercase(),
        [] => false,
    }
}
