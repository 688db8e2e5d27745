//! Finnish phone numbers and those of some other countries, in all usual notations.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::data;
use super::kind::Kind;
use super::sightings::Sightings;

static COUNTRIES: LazyLock<Vec<&str>> = LazyLock::new(|| data::entries(include_str!("phone_countries.txt")).collect());

/// Country code of Finland.
const FINLAND: &[u8] = b"358";
/// Lengths of a cell that can be a phone number.
const CELL_LENGTHS: RangeInclusive<usize> = 8..=20;
/// Most digits before a further separator, and before a slash.
const MOST_DIGITS: usize = 16;
const MOST_DIGITS_BEFORE_SLASH: usize = 4;

/// A number as written.
struct Written {
    digits: Vec<u8>,
    /// Lengths of the groups of digits.
    groups: Vec<usize>,
    is_international: bool,
    /// `true` if dots or slashes separate the groups.
    has_marks: bool,
    end: usize,
}

/// Adds the phone numbers in `bytes`. A cell of digits that is none is added as a miss.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    let is_bare = bytes.iter().all(|b| b.is_ascii_digit() || b" -()./".contains(b));
    let mut at = 0;
    let mut has_any = false;
    while let Some(skip) = bytes[at..].iter().position(|b| matches!(b, b'+' | b'0' | b'(')) {
        let start = at + skip;
        at = start + 1;
        if !can_start(bytes, start) {
            continue;
        }
        let Some(written) = read(bytes, start).filter(is_phone) else { continue };
        let kind = if is_bare && !written.is_international { Kind::PhoneCell } else { Kind::Phone };
        found.note_number(kind, national(&written), true, 0, running_number(&written));
        at = written.end;
        has_any = true;
    }
    if is_bare && !has_any && CELL_LENGTHS.contains(&bytes.len()) {
        found.note(Kind::PhoneCell, bytes, false);
    }
}

/// Returns the number of a document that a phone number in one group of digits may be.
fn running_number(written: &Written) -> Option<u64> {
    let is_one_group = written.groups.len() == 1 && !written.is_international;
    is_one_group.then(|| std::str::from_utf8(national(written)).ok()?.parse().ok())?
}

fn can_start(bytes: &[u8], start: usize) -> bool {
    let joins_before = start.checked_sub(1).is_some_and(|at| {
        let before = bytes[at];
        before.is_ascii_alphanumeric() || before >= 0x80 || matches!(before, b'-' | b'.' | b',' | b'+' | b'/' | b'_')
    });
    !joins_before && bytes.get(start + 1).is_some_and(|b| b.is_ascii_digit() || matches!(b, b' ' | b'('))
}

/// Reads the number at `start`. Returns `None` if it is part of something longer.
fn read(bytes: &[u8], start: usize) -> Option<Written> {
    let is_international = bytes[start] == b'+';
    let from = start + usize::from(is_international);
    let mut written =
        Written { digits: Vec::new(), groups: vec![0], is_international, has_marks: false, end: bytes.len() };
    let mut separators = 0;
    let mut has_slash = false;
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        if byte.is_ascii_digit() {
            if separators > 0 && !written.digits.is_empty() {
                written.groups.push(0);
            }
            *written.groups.last_mut()? += 1;
            written.digits.push(byte);
            written.end = at + 1;
            separators = 0;
        } else if is_separator(byte, written.digits.len()) && separators < 2 {
            separators += 1;
            has_slash |= byte == b'/';
            written.has_marks |= matches!(byte, b'.' | b'/') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        } else {
            break;
        }
    }
    let after = bytes.get(written.end).copied();
    // Numbers of documents have several slashes.
    let can_continue = matches!(after, Some(b'.' | b',' | b':')) || has_slash && after == Some(b'/');
    let continues = can_continue && bytes.get(written.end + 1).is_some_and(u8::is_ascii_digit);
    let joins_after = after.is_some_and(|b| b.is_ascii_alphanumeric() || b >= 0x80);
    (!joins_after && !continues).then_some(written)
}

/// Returns true if a character separates groups after so many digits; a slash does only after the first group.
fn is_separator(byte: u8, digits: usize) -> bool {
    match byte {
        b' ' | b'-' | b'(' | b')' | b'.' => digits < MOST_DIGITS,
        b'/' => digits <= MOST_DIGITS_BEFORE_SLASH,
        _ => false,
    }
}

/// Returns the national number without its leading zero.
fn national(written: &Written) -> &[u8] {
    let prefixes: [&[u8]; 3] = [b"00", FINLAND, b"0"];
    prefixes.iter().fold(&written.digits[..], |digits, prefix| digits.strip_prefix(*prefix).unwrap_or(digits))
}

fn is_phone(written: &Written) -> bool {
    let digits = &written.digits;
    let number = national(written);
    let has_finnish_code = (written.is_international && digits.starts_with(FINLAND)) || digits.starts_with(b"00358");
    if has_finnish_code {
        return (6..=11).contains(&number.len()) && number[0] != b'7';
    }
    let total = digits.len();
    if written.is_international {
        return (10..=15).contains(&total) && COUNTRIES.iter().any(|country| digits.starts_with(country.as_bytes()));
    }
    if digits.first() != Some(&b'0') {
        return false;
    }
    if is_mobile(number) {
        return (9..=11).contains(&total) && (written.groups.len() == 1 || matches!(written.groups[0], 3 | 4));
    }
    (8..=10).contains(&total) && !written.has_marks && is_land_line(digits, &written.groups)
}

fn is_mobile(number: &[u8]) -> bool {
    matches!(number, [b'4', b'0'..=b'6' | b'9', ..] | [b'5', b'0', ..])
}

/// Returns true for an area code apart from the rest, unless the groups are a date.
fn is_land_line(digits: &[u8], groups: &[usize]) -> bool {
    let has_area = match groups[0] {
        2 => matches!(digits[1], b'2' | b'3' | b'5' | b'6' | b'8' | b'9'),
        3 => matches!((digits[1], digits[2]), (b'1', b'3'..=b'9')),
        _ => return false,
    };
    let has_year = groups.get(1) == Some(&4) && matches!(digits[groups[0]..], [b'1', b'9', ..] | [b'2', b'0', ..]);
    let has_groups = (2..=4).contains(&groups.len()) && groups[1] >= 3 && groups[1..].iter().all(|&length| length >= 2);
    has_area && has_groups && !has_year
}
