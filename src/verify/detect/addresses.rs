//! Street addresses of Finland, in Finnish and Swedish, and postal codes with a place.

use std::sync::LazyLock;

use serde::Deserialize;

use super::data;
use super::kind::Kind;
use super::sightings::Sightings;
use super::words::{LowerCase, is_capital, is_municipality, words};

static STREETS: LazyLock<StreetWords> = LazyLock::new(|| data::table(include_str!("streets.toml")));

/// Fewest bytes of a street name before its ending.
const SHORTEST_STEM: usize = 3;
/// Length of a postal code and the space after it.
const POSTAL_CODE: usize = 6;

/// The lists of `streets.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreetWords {
    endings: Vec<String>,
    endings_with_capital: Vec<String>,
    not_streets: Vec<String>,
    cases: Vec<String>,
    inflected: Vec<(String, String)>,
}

/// Adds the addresses in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    for (start, end) in words(bytes) {
        // The number first: it is the faster test.
        if let Some(length) = house_number(&bytes[end..])
            && is_street(&bytes[start..end])
        {
            found.note(Kind::Street, &bytes[start..end + length].to_ascii_lowercase(), true);
        }
        if is_postal_place(bytes, start, end) {
            found.note(Kind::PostalPlace, &bytes[start - POSTAL_CODE..end].to_ascii_lowercase(), true);
        }
    }
}

fn is_street(word: &[u8]) -> bool {
    let lower = LowerCase::new(word);
    let nominative = nominative(lower.bytes());
    let name = nominative.as_deref().unwrap_or(lower.bytes());
    let has_ending =
        ends_in(name, &STREETS.endings) || (is_capital(word) && ends_in(name, &STREETS.endings_with_capital));
    has_ending && !STREETS.not_streets.iter().any(|other| other.as_bytes() == name) && !is_municipality(name)
}

fn ends_in(name: &[u8], endings: &[String]) -> bool {
    endings.iter().any(|ending| name.len() >= ending.len() + SHORTEST_STEM && name.ends_with(ending.as_bytes()))
}

/// Returns the nominative of a street name in a local case, such as `Hämeenkadulla`.
fn nominative(word: &[u8]) -> Option<Vec<u8>> {
    let stem = STREETS.cases.iter().find_map(|case| word.strip_suffix(case.as_bytes()))?;
    let mut inflected = STREETS.inflected.iter();
    let (inflected, nominative) = inflected.find(|(inflected, _)| stem.ends_with(inflected.as_bytes()))?;
    Some([&stem[..stem.len() - inflected.len()], nominative.as_bytes()].concat())
}

/// Returns the length of a house number after a street name: a space or two and up to three digits.
fn house_number(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b' ') {
        return None;
    }
    let spaces = rest.iter().take(2).take_while(|&&b| b == b' ').count();
    let digits = rest[spaces..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    let end = spaces + digits;
    ((1..=3).contains(&digits) && rest[spaces] != b'0' && is_end_of_number(&rest[end..])).then_some(end)
}

/// Returns true if nothing but an entrance or punctuation follows a house number.
fn is_end_of_number(rest: &[u8]) -> bool {
    match *rest {
        [] => true,
        [b'.' | b',' | b':' | b'/', ref after @ ..] => !after.first().is_some_and(u8::is_ascii_digit),
        [b'%', ..] => false,
        // Programmes have names of streets, such as `Perhekatu 3 -malli`.
        [b' ', b'-', next, ..] => !next.is_ascii_alphabetic(),
        // An entrance, such as `5a`, and a flat.
        [entrance, ref after @ ..] if entrance.is_ascii_alphabetic() => {
            let flat = after.iter().take_while(|b| b.is_ascii_digit()).count();
            flat <= 3 && !after.get(flat).is_some_and(u8::is_ascii_alphanumeric)
        }
        [other, ..] => other < 0x80,
    }
}

/// Returns true if the word from `start` to `end` is a municipality after five digits.
fn is_postal_place(bytes: &[u8], start: usize, end: usize) -> bool {
    let Some(code_at) = start.checked_sub(POSTAL_CODE) else { return false };
    if bytes[start - 1] != b' ' || !bytes[code_at..start - 1].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let is_apart = code_at.checked_sub(1).is_none_or(|at| {
        let before = bytes[at];
        !before.is_ascii_alphanumeric() && !matches!(before, b'.' | b',' | b'-')
    });
    is_apart && is_capital(&bytes[start..end]) && is_municipality(LowerCase::new(&bytes[start..end]).bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        assert_eq!(STREETS.not_streets.len(), 40);
        assert_eq!(nominative("hämeenkadulla".as_bytes()).unwrap(), "hämeenkatu".as_bytes());
    }
}
