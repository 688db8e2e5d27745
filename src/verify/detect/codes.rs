//! Identity codes in text: exact ones, and those in another notation.

use super::birth::{self, Birth};
use super::fold::fold;
use super::kind::Kind;
use super::sightings::Sightings;
use salanimi_core::{IdentityCode, Reason};

/// Most spaces between the parts of a code.
const MOST_SPACES: usize = 3;
/// Signs that are tried for a code without one: those of the last two centuries.
const USUAL_SIGNS: &[u8] = b"-A";

/// The part of a code after the birth date.
struct Tail {
    sign: Sign,
    /// Individual number and control character.
    number: [u8; 4],
    has_spaces: bool,
    end: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Real(u8),
    /// Another mark in its place.
    Odd,
    Missing,
}

/// Adds every code in `bytes` to `found`. `disguise` is the one undone before; reversed text is searched for the exact
/// form only. Returns true if some run has six digits, as a reversed code has.
pub(super) fn find(bytes: &[u8], disguise: Option<Kind>, found: &mut Sightings) -> bool {
    let mut has_six_digits = false;
    for (start, end) in digit_runs(bytes) {
        has_six_digits |= end - start == 6;
        if let Some(birth) = birth::at(bytes, start, end)
            && let Some(tail) = tail(bytes, &birth)
            && is_apart(bytes, start, &tail)
        {
            note(&birth, &tail, disguise, found);
        }
    }
    has_six_digits
}

/// Adds the codes right after other digits, as in files of fixed-width fields.
pub(super) fn find_adjoining(bytes: &[u8], found: &mut Sightings) {
    for (start, end) in digit_runs(bytes) {
        if !matches!(end - start, 1..=6 | 8)
            && let Some(birth) = birth::at(bytes, end - 6, end)
            && let Some(tail @ Tail { sign: Sign::Real(sign), has_spaces: false, .. }) = tail(bytes, &birth)
            && !sign.is_ascii_lowercase()
            && !tail.number[3].is_ascii_lowercase()
        {
            note(&birth, &tail, None, found);
        }
    }
}

/// Returns the start and end of each run of digits.
fn digit_runs(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(u8::is_ascii_digit)?;
        let length = bytes[start..].iter().position(|b| !b.is_ascii_digit());
        at = length.map_or(bytes.len(), |length| start + length);
        Some((start, at))
    })
}

fn tail(bytes: &[u8], birth: &Birth) -> Option<Tail> {
    let mut at = after_spaces(bytes, birth.end);
    let mut has_spaces = at > birth.end;
    let sign = match *bytes.get(at)? {
        byte if is_sign(byte) => Sign::Real(byte),
        byte if byte.is_ascii_punctuation() || is_foreign_mark(&bytes[at..]) => Sign::Odd,
        _ if has_spaces => Sign::Missing,
        _ => return None,
    };
    if sign != Sign::Missing {
        let end = at + character_length(bytes[at]);
        let after = after_spaces(bytes, end);
        has_spaces |= after > end;
        at = after;
    }
    let number: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    let has_form = number[..3].iter().all(u8::is_ascii_digit) && number[3].is_ascii_alphanumeric();
    // A date with a time or a number of four digits looks alike: without its sign a code needs a letter.
    let has_sign = matches!(sign, Sign::Real(_)) && !(birth.is_separated && has_spaces);
    let is_code = has_form && (has_sign || number[3].is_ascii_alphabetic());
    is_code.then_some(Tail { sign, number, has_spaces, end: at + 4 })
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'A'..=b'F' | b'a'..=b'f' | b'U'..=b'Y' | b'u'..=b'y')
}

/// Returns true if the text starts with a mark beyond ASCII: a character that is neither a letter, a digit nor a space,
/// and that folding keeps.
fn is_foreign_mark(text: &[u8]) -> bool {
    let character = text.get(..character_length(text[0])).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let Some(character) = character.filter(|character| !character.is_ascii()) else { return false };
    let is_mark = !character.chars().any(|c| c.is_alphanumeric() || c.is_whitespace());
    is_mark && fold(character).is_none_or(|folded| folded.text == character)
}

/// Returns the length of a character in UTF-8 by its first byte.
fn character_length(first: u8) -> usize {
    match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0.. => 4,
        _ => 1,
    }
}

fn after_spaces(bytes: &[u8], at: usize) -> usize {
    let rest = bytes[at.min(bytes.len())..].iter().take(MOST_SPACES);
    at + rest.take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// Returns true if the code is not part of a longer word or number.
fn is_apart(bytes: &[u8], start: usize, tail: &Tail) -> bool {
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(tail.end).copied();
    // A group of hexadecimal digits between hyphens can look like a code in lower case.
    let has_hyphen = before == Some(b'-') || after == Some(b'-');
    let is_hexadecimal = matches!(tail.sign, Sign::Real(b'a'..=b'f')) && tail.number[3].is_ascii_hexdigit();
    if has_hyphen && is_hexadecimal {
        return false;
    }
    if matches!(tail.sign, Sign::Real(b'+' | b'-')) && !tail.has_spaces {
        return !(tail.number[3].is_ascii_digit() && after.is_some_and(|b| b.is_ascii_digit()));
    }
    !joins(before) && !joins(after)
}

fn joins(byte: Option<u8>) -> bool {
    byte.is_some_and(|b| b.is_ascii_alphanumeric() || b >= 0x80)
}

fn note(birth: &Birth, tail: &Tail, disguise: Option<Kind>, found: &mut Sightings) {
    let sign = match tail.sign {
        Sign::Real(sign) => Some(sign),
        Sign::Odd | Sign::Missing => None,
    };
    let is_exact = sign.is_some() && !tail.has_spaces && !birth.is_long;
    if disguise == Some(Kind::Reversed) && !is_exact {
        return;
    }
    let Some((code, hit)) = checked(birth.digits, sign.or(birth.sign), tail.number) else { return };
    match disguise.unwrap_or_else(|| notation(birth, tail, sign)) {
        // An odd sign is found in the text as it is and again where marks are folded.
        kind if disguise.is_some() || kind == Kind::OddSign => found.note_once(kind, &code, hit),
        kind => found.note(kind, &code, hit),
    }
}

/// Returns the kind of a code by its notation.
fn notation(birth: &Birth, tail: &Tail, sign: Option<u8>) -> Kind {
    let is_lower = sign.is_some_and(|sign| sign.is_ascii_lowercase()) || tail.number[3].is_ascii_lowercase();
    if birth.is_long {
        Kind::LongYear
    } else if tail.sign == Sign::Odd {
        Kind::OddSign
    } else if tail.sign == Sign::Missing || tail.has_spaces {
        Kind::Spaced
    } else if is_lower {
        Kind::LowerCase
    } else {
        Kind::Code
    }
}

/// Returns the code in its canonical form, and true if its control character is right. Returns `None` if the parts make
/// no code. Without a sign both usual centuries are tried.
pub(crate) fn checked(birth: [u8; 6], sign: Option<u8>, number: [u8; 4]) -> Option<([u8; 11], bool)> {
    let signs = sign.as_ref().map_or(USUAL_SIGNS, std::slice::from_ref);
    signs.iter().find_map(|&sign| {
        let mut code = [0; 11];
        code[..6].copy_from_slice(&birth);
        code[6] = sign;
        code[7..].copy_from_slice(&number);
        code.make_ascii_uppercase();
        match IdentityCode::parse(&code) {
            Ok(_) => Some((code, true)),
            Err(Reason::ControlCharacter) => Some((code, false)),
            Err(_) => None,
        }
    })
}

/// Returns the nine digits of a whole cell that is a code without its control character, cut off or struck out.
pub(super) fn without_control(cell: &[u8]) -> Option<i64> {
    let (birth, rest) = cell.split_first_chunk::<6>()?;
    let (&[sign, number @ ..], struck) = rest.split_first_chunk::<4>()?;
    let is_cut = matches!(struck, [] | [b'*' | b'?' | b'_' | b'.' | b'-' | b'#']);
    let digits = [&birth[..], &number].concat();
    let has_form = is_cut && is_sign(sign) && digits.iter().all(u8::is_ascii_digit);
    has_form.then(|| std::str::from_utf8(&digits).ok()?.parse().ok())?
}

/// Adds a whole cell of nine digits and a letter: a code without its sign.
pub(super) fn find_signless(cell: &[u8], found: &mut Sightings) {
    let Ok(text) = <[u8; 10]>::try_from(cell) else { return };
    if !text[..9].iter().all(u8::is_ascii_digit) || !text[9].is_ascii_alphabetic() {
        return;
    }
    let [birth @ .., _, _, _, _] = text;
    let [_, _, _, _, _, _, number @ ..] = text;
    if let Some((code, hit)) = checked(birth, None, number) {
        found.note(Kind::Signless, &code, hit);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts the exact codes slowly: at every place, each rule by itself.
    fn slow_count(text: &str) -> usize {
        let shape = regex::Regex::new("^([0-9]{6})([-+A-FU-Y])([0-9]{3})([0-9A-Za-z])").unwrap();
        let bytes = text.as_bytes();
        let fits = |at: &usize| {
            let Some(found) = text.get(*at..).and_then(|rest| shape.find(rest)) else { return false };
            let before = at.checked_sub(1).map(|b| bytes[b]);
            let after = bytes.get(at + found.len());
            let apart = match matches!(bytes[at + 6], b'-' | b'+') {
                true => !(bytes[at + 10].is_ascii_digit() && after.is_some_and(u8::is_ascii_digit)),
                false => {
                    !before.is_some_and(|b| b.is_ascii_alphanumeric()) && !after.is_some_and(u8::is_ascii_alphanumeric)
                }
            };
            let code = IdentityCode::parse(found.as_str().as_bytes());
            !before.is_some_and(|b| b.is_ascii_digit()) && apart && code.is_ok() && !bytes[at + 10].is_ascii_lowercase()
        };
        (0..text.len()).filter(fits).count()
    }

    proptest! {
        #[test]
        fn the_fast_finder_agrees_with_a_slow_one(parts in proptest::collection::vec(
            prop_oneof![
                "[0-9A-Z_ +.-]{0,3}",
                Just("131052-308T".to_owned()),
                Just("010594Y9032".to_owned()),
                Just("020504A902E".to_owned()),
            ],
            0..6
        )) {
            let text = parts.concat();
            let mut found = Sightings::default();
            find(text.as_bytes(), None, &mut found);
            let fast = found.all.iter().filter(|seen| seen.hit && seen.kind == Kind::Code).count();
            prop_assert_eq!(fast, slow_count(&text), "{}", text);
        }
    }
}
