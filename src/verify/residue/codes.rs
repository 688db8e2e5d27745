//! Identity codes in text: exact ones, and those that someone wrote in another way.

use super::birth::{self, Birth};
use super::found::Found;
use super::kind::Kind;
use salanimi_core::{IdentityCode, Reason};

/// Spaces that are passed over between the parts of a code.
const MOST_SPACES: usize = 3;

/// What follows the birth date in a code.
struct Tail {
    sign: Sign,
    number: [u8; 4],
    spaced: bool,
    end: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Real(u8),
    Odd,
    Missing,
}

/// Notes every code in `bytes`. `disguise` is how the text was hidden, if it was; nothing looser than the exact form is
/// then looked for in reversed text. Whether six digits stand together anywhere.
pub(super) fn find(bytes: &[u8], disguise: Option<Kind>, found: &mut Found) -> bool {
    let (mut at, mut six) = (0, false);
    while let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|skip| at + skip) {
        let end = digits_end(bytes, start);
        six |= end - start == 6;
        if let Some(born) = birth::at(bytes, start, end)
            && let Some(tail) = tail(bytes, &born)
            && is_apart(bytes, start, &tail)
        {
            note(&born, &tail, disguise, found);
        }
        at = end;
    }
    six
}

/// Notes the codes that other digits stand right before, as in files whose fields have fixed widths.
pub(super) fn find_glued(bytes: &[u8], found: &mut Found) {
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|skip| at + skip) {
        let end = digits_end(bytes, start);
        if !matches!(end - start, 1..=6 | 8)
            && let Some(born) = birth::at(bytes, end - 6, end)
            && let Some(tail @ Tail { sign: Sign::Real(sign), spaced: false, .. }) = tail(bytes, &born)
            && !sign.is_ascii_lowercase()
            && !tail.number[3].is_ascii_lowercase()
        {
            note(&born, &tail, None, found);
        }
        at = end;
    }
}

fn digits_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |length| start + length)
}

fn tail(bytes: &[u8], born: &Birth) -> Option<Tail> {
    let mut at = after_spaces(bytes, born.end);
    let mut spaced = at > born.end;
    let sign = match *bytes.get(at)? {
        byte if is_sign(byte) => Sign::Real(byte),
        b'/' | b'.' | b'_' | b':' | b'*' | b'=' | b'~' | b'|' | b'\\' => Sign::Odd,
        _ if spaced => Sign::Missing,
        _ => return None,
    };
    if sign != Sign::Missing {
        let after = after_spaces(bytes, at + 1);
        spaced |= after > at + 1;
        at = after;
    }
    let number: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    let formed = number[..3].iter().all(u8::is_ascii_digit) && number[3].is_ascii_alphanumeric();
    // A date with a time or a number of four digits looks alike: without its sign a code needs a letter.
    let telling = matches!(sign, Sign::Real(_)) && !(born.dotted && spaced) || number[3].is_ascii_alphabetic();
    (formed && telling).then_some(Tail { sign, number, spaced, end: at + 4 })
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'A'..=b'F' | b'a'..=b'f' | b'U'..=b'Y' | b'u'..=b'y')
}

fn after_spaces(bytes: &[u8], at: usize) -> usize {
    at + bytes[at.min(bytes.len())..]
        .iter()
        .take(MOST_SPACES)
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .count()
}

/// Whether the code is no part of a longer word or number.
fn is_apart(bytes: &[u8], start: usize, tail: &Tail) -> bool {
    let (before, after) = (start.checked_sub(1).map(|at| bytes[at]), bytes.get(tail.end).copied());
    let joins = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b >= 0x80);
    // A group of hexadecimal digits between hyphens can look like a code in lower case.
    let hyphens = before == Some(b'-') || after == Some(b'-');
    let hexadecimal = matches!(tail.sign, Sign::Real(b'a'..=b'f')) && tail.number[3].is_ascii_hexdigit();
    if hyphens && hexadecimal {
        return false;
    }
    if matches!(tail.sign, Sign::Real(b'+' | b'-')) && !tail.spaced {
        return !(tail.number[3].is_ascii_digit() && after.is_some_and(|b| b.is_ascii_digit()));
    }
    !joins(before) && !joins(after)
}

fn note(born: &Birth, tail: &Tail, disguise: Option<Kind>, found: &mut Found) {
    let real = match tail.sign {
        Sign::Real(sign) => Some(sign),
        _ => None,
    };
    let exact = real.is_some() && !tail.spaced && !born.long;
    if disguise == Some(Kind::Reversed) && !exact {
        return;
    }
    let lower = real.is_some_and(|sign| sign.is_ascii_lowercase()) || tail.number[3].is_ascii_lowercase();
    let kind = disguise.unwrap_or(match tail.sign {
        _ if born.long => Kind::LongYear,
        Sign::Odd => Kind::OddSign,
        _ if !exact => Kind::Spaced,
        _ if lower => Kind::LowerCase,
        _ => Kind::Code,
    });
    if let Some((code, hit)) = judged(born.digits, real.or(born.sign), tail.number) {
        match disguise {
            Some(_) => found.note_once(kind, &code, hit),
            None => found.note(kind, &code, hit),
        }
    }
}

/// The code in one piece and whether its control character is right; `None` if no code is written so. Without a sign
/// it may be of either century.
pub(super) fn judged(birth: [u8; 6], sign: Option<u8>, number: [u8; 4]) -> Option<([u8; 11], bool)> {
    let signs: &[u8] = match &sign {
        Some(sign) => std::slice::from_ref(sign),
        None => b"-A",
    };
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

/// The nine digits of a whole cell that is a code whose control character was cut off or struck out.
pub(super) fn without_control(cell: &[u8]) -> Option<i64> {
    let (birth, rest) = cell.split_first_chunk::<6>()?;
    let (&[sign, number @ ..], struck) = rest.split_first_chunk::<4>()?;
    let cut = matches!(struck, [] | [b'*' | b'?' | b'_' | b'.' | b'-' | b'#']);
    let digits = [&birth[..], &number].concat();
    let formed = cut && is_sign(sign) && digits.iter().all(u8::is_ascii_digit);
    formed.then(|| std::str::from_utf8(&digits).ok()?.parse().ok())?
}

/// A whole cell of nine digits and a letter: a code that lost its sign.
pub(super) fn find_signless(cell: &[u8], found: &mut Found) {
    let Ok(text) = <[u8; 10]>::try_from(cell) else { return };
    if !text[..9].iter().all(u8::is_ascii_digit) || !text[9].is_ascii_alphabetic() {
        return;
    }
    let [birth @ .., _, _, _, _] = text;
    let [_, _, _, _, _, _, number @ ..] = text;
    if let Some((code, hit)) = judged(birth, None, number) {
        found.note(Kind::Signless, &code, hit);
    }
}
