//! Numbers of passports and payment cards.

use super::checksums::luhn;
use super::kind::Kind;
use super::number_words::WORDS;
use super::runs::{Run, is_announced, joins_after, runs};
use super::sightings::{Sightings, feature, fingerprint};

/// Digits of a payment card (ISO/IEC 7812-1), with those of cards still in use.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Letters and digits of a Finnish passport.
const PASSPORT: (usize, usize) = (2, 7);
/// Numbers that one pair of letters has.
const SERIES: u64 = 10_000_000;

/// Adds the payment cards in `bytes`.
pub(super) fn find_cards(bytes: &[u8], found: &mut Sightings) {
    let mut end = 0;
    for run in runs(bytes) {
        if run.start < end || run.joins_before(bytes) || follows_group(bytes, &run) {
            continue;
        }
        let card = Card::at(bytes, run.start);
        end = card.end;
        if !CARD_DIGITS.contains(&card.digits.len()) || joins_after(bytes, card.end) {
            continue;
        }
        let has_issuer = has_issuer(&card.digits);
        if card.has_groups() || is_announced(bytes, run.start, &WORDS.card) {
            if has_issuer {
                found.note(Kind::Card, &card.digits, luhn(&card.digits));
            }
        } else if card.groups.len() == 1 {
            found.note(Kind::CardCell, &card.digits, has_issuer && luhn(&card.digits));
        }
    }
}

/// Returns true if a group of digits or letters stands before a run, as in an account number.
fn follows_group(bytes: &[u8], run: &Run<'_>) -> bool {
    matches!(bytes[..run.start], [.., before, b' '] if before.is_ascii_digit())
}

/// Digits in groups.
struct Card {
    digits: Vec<u8>,
    groups: Vec<usize>,
    end: usize,
}

impl Card {
    fn at(bytes: &[u8], start: usize) -> Self {
        let mut card = Self { digits: Vec::new(), groups: Vec::new(), end: start };
        loop {
            let group = bytes[card.end..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            card.digits.extend_from_slice(&bytes[card.end..card.end + group]);
            card.groups.push(group);
            card.end += group;
            match bytes[card.end..] {
                [b' ' | b'-' | b'.', next, ..] if next.is_ascii_digit() => card.end += 1,
                _ => return card,
            }
        }
    }

    /// Returns true for groups as on cards: four digits each, or four, six and the rest.
    fn has_groups(&self) -> bool {
        match &self.groups[..] {
            [4, 6, 4 | 5] => true,
            [first @ .., last] => first.len() >= 3 && first.iter().all(|&group| group == 4) && *last <= 4,
            [] => false,
        }
    }
}

/// Returns true if the first digits and the length are those of an issuer: Visa, Mastercard, American Express, Diners
/// Club, Discover, JCB, UnionPay or Maestro.
fn has_issuer(digits: &[u8]) -> bool {
    let prefix = digits[..4].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    match prefix {
        4000..=4999 => matches!(digits.len(), 13 | 16 | 19),
        2221..=2720 | 5100..=5599 => digits.len() == 16,
        3400..=3499 | 3700..=3799 => digits.len() == 15,
        3000..=3059 | 3600..=3699 | 3800..=3999 => digits.len() == 14,
        3528..=3589 | 6011 | 6440..=6599 | 6200..=6299 => (16..=19).contains(&digits.len()),
        5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763 => true,
        _ => false,
    }
}

/// Adds the passport numbers that a word before them announces: up to two letters and six to nine digits.
pub(super) fn find_passports(bytes: &[u8], found: &mut Sightings) {
    for run in runs(bytes).filter(|run| (6..=9).contains(&run.digits.len()) && !joins_after(bytes, run.end)) {
        let letters = bytes[..run.start].iter().rev().take(3).take_while(|byte| byte.is_ascii_uppercase()).count();
        let start = run.start - letters;
        let is_apart = !start.checked_sub(1).is_some_and(|at| bytes[at].is_ascii_alphanumeric());
        if letters <= PASSPORT.0 && is_apart && is_announced(bytes, start, &WORDS.passport) {
            found.note(Kind::Passport, &bytes[start..run.end], true);
        }
    }
}

/// Adds a whole cell to the counts of passport numbers in its column: two letters and seven digits.
pub(super) fn find_passport_cell(cell: &[u8], found: &mut Sightings) {
    if !(4..=12).contains(&cell.len()) || !cell.iter().any(u8::is_ascii_digit) {
        return;
    }
    let letters = cell.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let digits = cell[letters..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_hit = (letters, digits) == PASSPORT && letters + digits == cell.len();
    let number = is_hit.then(|| {
        let serial = cell[letters..].iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        (u64::from(cell[0]) * 256 + u64::from(cell[1])) * SERIES + serial
    });
    found.note_number(Kind::PassportCell, cell, is_hit, feature(fingerprint(cell).max(1)), number);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_those_of_cards() {
        let has_groups = |text: &str| Card::at(text.as_bytes(), 0).has_groups();
        assert!(has_groups("4111 1111 1111 1111") && has_groups("3782-822463-10005"));
        assert!(!has_groups("4111111111111111") && !has_groups("41 11 11 11 11 11 11 11"));
    }
}
