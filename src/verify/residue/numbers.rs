//! Codes and phone numbers that a program took for numbers.

use super::birth::is_day;
use super::codes::judged;
use super::found::{Found, feature};
use super::kind::Kind;

/// Notes what a whole number can stand for.
pub(super) fn find(value: i64, found: &mut Found) {
    match value {
        10_100_002..=319_999_999 => bare(value, found),
        400_000_000..=509_999_999 => phone(value, found),
        1_010_000_020..=3_112_999_999 => controlled(value, found),
        18_500_101_002..=20_991_231_999 => iso(value, found),
        358_400_000_000..=358_509_999_999 => {
            found.note_with(Kind::PhoneNumber, &value.to_le_bytes(), true, feature((value / 10_000_000 % 100) as u64));
        }
        358_100_000_000..=358_999_999_999 => none_of(value, &[Kind::PhoneNumber], found),
        320_000_000..=399_999_999 | 510_000_000..=999_999_999 => {
            none_of(value, &[Kind::BareNumber, Kind::PhoneNumber], found);
            controlled(value, found);
        }
        _ => {}
    }
    if (101_000_020..=510_000_000).contains(&value) {
        controlled(value, found);
    }
}

/// Notes a number that could be one by its length and is none, so that shares are right.
fn none_of(value: i64, kinds: &[Kind], found: &mut Found) {
    kinds.iter().for_each(|kind| found.note(*kind, &value.to_le_bytes(), false));
}

fn digits(value: i64) -> [u8; 10] {
    let mut digits = [b'0'; 10];
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// `DDMMYYNNNC` with a digit for its control; a leading zero may be lost.
fn controlled(value: i64, found: &mut Found) {
    let [birth @ .., _, _, _, _] = digits(value);
    let [_, _, _, _, _, _, number @ ..] = digits(value);
    if let Some((_, hit)) = judged(birth, None, number) {
        found.note(Kind::Number, &value.to_le_bytes(), hit);
    }
}

/// `DDMMYYNNN`; a leading zero may be lost.
fn bare(value: i64, found: &mut Found) {
    nine(Kind::BareNumber, value, found);
}

/// Nine digits that stood around a sign. Numbers of products and decisions are written so too.
pub(super) fn cut(value: i64, found: &mut Found) {
    nine(Kind::Cut, value, found);
}

fn nine(kind: Kind, value: i64, found: &mut Found) {
    let [birth @ .., _, _, _, _] = digits(value * 10);
    let hit = is_day(birth) && value % 1000 >= 2 && !is_date(value);
    found.note_with(kind, &value.to_le_bytes(), hit, born(value / 10_000_000, value / 1000 % 100));
}

/// Whether the number is `yyyymmdd` of a date that registers have, which can look like a code.
fn is_date(value: i64) -> bool {
    (19_000_101..=20_991_231).contains(&value)
        && (1..=12).contains(&(value / 100 % 100))
        && (1..=31).contains(&(value % 100))
}

/// What tells births from other dates: they are of all days of the month, and of more years than a register's events.
fn born(day: i64, year: i64) -> u64 {
    feature((day % 32) as u64) | feature((year % 32 + 32) as u64)
}

/// `yyyymmddNNN`.
fn iso(value: i64, found: &mut Found) {
    let (year, month, day) = (value / 10_000_000, value / 100_000 % 100, value / 1000 % 100);
    let exists = salanimi_core::Day::new(year as i32, month as i32, day as i32).is_some();
    found.note_with(Kind::IsoNumber, &value.to_le_bytes(), exists && value % 1000 >= 2, born(day, year));
}

/// A mobile number without its leading zero.
fn phone(value: i64, found: &mut Found) {
    let prefix = value / 10_000_000;
    let hit = matches!(prefix, 40..=46 | 49 | 50);
    found.note_with(Kind::PhoneNumber, &value.to_le_bytes(), hit, feature(prefix as u64));
    if (400_000_000..=509_999_999).contains(&value) {
        found.note(Kind::BareNumber, &value.to_le_bytes(), false);
    }
}
