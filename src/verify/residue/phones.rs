//! Finnish phone numbers, in the notations that people use.

use super::found::Found;
use super::kind::Kind;

/// Codes of the countries from which numbers in Finnish registers are, mostly.
const COUNTRIES: [&str; 27] = [
    "1", "7", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "351",
    "353", "370", "371", "372", "380", "84", "90", "98",
];

/// A number as it was written: its digits, and the lengths of its groups.
struct Dialled {
    digits: Vec<u8>,
    groups: Vec<usize>,
    international: bool,
    /// Whether there are dots or strokes between the groups.
    marked: bool,
    end: usize,
}

/// Notes the phone numbers in `bytes`. Where a cell is nothing but digits, that is noted too.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    let bare = bytes.iter().all(|b| b.is_ascii_digit() || b" -()./".contains(b));
    let (mut at, mut any) = (0, false);
    while let Some(start) = bytes[at..].iter().position(|b| matches!(b, b'+' | b'0' | b'(')).map(|skip| at + skip) {
        at = start + 1;
        if !begins(bytes, start) {
            continue;
        }
        let Some(dialled) = dialled(bytes, start) else { continue };
        if is_phone(&dialled) {
            let kind = if bare && !dialled.international { Kind::PhoneCell } else { Kind::Phone };
            found.note(kind, national(&dialled), true);
            (at, any) = (dialled.end, true);
        }
    }
    if bare && !any && (8..=20).contains(&bytes.len()) {
        found.note(Kind::PhoneCell, bytes, false);
    }
}

fn begins(bytes: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).map(|at| bytes[at]);
    !before
        .is_some_and(|b| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'-' | b'.' | b',' | b'+' | b'/' | b'_'))
        && bytes.get(start + 1).is_some_and(|b| b.is_ascii_digit() || matches!(b, b' ' | b'('))
}

fn dialled(bytes: &[u8], start: usize) -> Option<Dialled> {
    let international = bytes[start] == b'+';
    let from = start + usize::from(international);
    let mut dialled = Dialled { digits: Vec::new(), groups: vec![0], international, marked: false, end: bytes.len() };
    let (mut separators, mut stroke) = (0, false);
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        if byte.is_ascii_digit() {
            if separators > 0 && !dialled.digits.is_empty() {
                dialled.groups.push(0);
            }
            *dialled.groups.last_mut()? += 1;
            dialled.digits.push(byte);
            dialled.end = at + 1;
            separators = 0;
        } else if separates(byte, dialled.digits.len()) && separators < 2 {
            separators += 1;
            stroke |= byte == b'/';
            dialled.marked |= matches!(byte, b'.' | b'/') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        } else {
            break;
        }
    }
    let after = bytes.get(dialled.end).copied();
    // Numbers of documents have several strokes.
    let can_go_on = matches!(after, Some(b'.' | b',' | b':')) || stroke && after == Some(b'/');
    let goes_on = can_go_on && bytes.get(dialled.end + 1).is_some_and(u8::is_ascii_digit);
    let joined = after.is_some_and(|b| b.is_ascii_alphanumeric() || b >= 0x80);
    (!joined && !goes_on).then_some(dialled)
}

/// Whether a character stands between the groups of a number after so many of its digits; a stroke only after the first.
fn separates(byte: u8, digits: usize) -> bool {
    match byte {
        b' ' | b'-' | b'(' | b')' | b'.' => digits < 16,
        b'/' => digits <= 4,
        _ => false,
    }
}

/// The number within Finland, without its leading zero.
fn national(dialled: &Dialled) -> &[u8] {
    let digits = dialled.digits.strip_prefix(b"00").unwrap_or(&dialled.digits);
    let digits = digits.strip_prefix(b"358").unwrap_or(digits);
    digits.strip_prefix(b"0").unwrap_or(digits)
}

fn is_phone(dialled: &Dialled) -> bool {
    let (digits, number) = (&dialled.digits, national(dialled));
    let abroad = (dialled.international && digits.starts_with(b"358")) || digits.starts_with(b"00358");
    if abroad {
        return (6..=11).contains(&number.len()) && number[0] != b'7';
    }
    let total = digits.len();
    if dialled.international {
        return (10..=15).contains(&digits.len())
            && COUNTRIES.iter().any(|country| digits.starts_with(country.as_bytes()));
    }
    if digits.first() != Some(&b'0') {
        return false;
    }
    if is_mobile(number) {
        return (9..=11).contains(&total) && (dialled.groups.len() == 1 || matches!(dialled.groups[0], 3 | 4));
    }
    (8..=10).contains(&total) && !dialled.marked && is_land_line(digits, &dialled.groups)
}

fn is_mobile(number: &[u8]) -> bool {
    matches!(number, [b'4', b'0'..=b'6' | b'9', ..] | [b'5', b'0', ..])
}

/// An area code apart from the rest, and no date.
fn is_land_line(digits: &[u8], groups: &[usize]) -> bool {
    let area = match groups[0] {
        2 => matches!(digits[1], b'2' | b'3' | b'5' | b'6' | b'8' | b'9'),
        3 => matches!((digits[1], digits[2]), (b'1', b'3'..=b'9')),
        _ => return false,
    };
    let year = groups.get(1) == Some(&4) && matches!(digits[groups[0]..], [b'1', b'9', ..] | [b'2', b'0', ..]);
    area && (2..=4).contains(&groups.len()) && groups[1] >= 3 && groups[1..].iter().all(|&length| length >= 2) && !year
}
