//! Identity codes and phone numbers that are stored as numbers.

use super::birth::is_day;
use super::codes::checked;
use super::kind::Kind;
use super::sightings::{Sightings, feature};

/// Adds each reading of a whole number as a code or a phone number.
pub(crate) fn find(value: i64, found: &mut Sightings) {
    match value {
        10_100_002..=319_999_999 => find_nine_digits(Kind::BareNumber, value, found),
        320_000_000..=999_999_999 => note_miss(value, Kind::BareNumber, found),
        18_500_101_002..=20_991_231_999 => find_iso(value, found),
        _ => {}
    }
    if (101_000_020..=999_999_999).contains(&value) || (1_010_000_020..=3_112_999_999).contains(&value) {
        find_with_control(value, found);
    }
    find_phone(value, found);
}

/// Adds nine digits that were around a sign. Numbers of products and decisions have the same format.
pub(super) fn find_cut(value: i64, found: &mut Sightings) {
    find_nine_digits(Kind::Cut, value, found);
}

/// Adds a number that has the length of a kind and not its form, so that the shares of the column are right.
fn note_miss(value: i64, kind: Kind, found: &mut Sightings) {
    found.note(kind, &value.to_le_bytes(), false);
}

/// Returns the last ten digits.
fn digits(value: i64) -> [u8; 10] {
    let mut digits = [b'0'; 10];
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// Adds `DDMMYYNNNC` with a digit for its control character; a leading zero may be missing.
fn find_with_control(value: i64, found: &mut Sightings) {
    let [birth @ .., _, _, _, _] = digits(value);
    let [_, _, _, _, _, _, number @ ..] = digits(value);
    if let Some((_, hit)) = checked(birth, None, number) {
        found.note(Kind::Number, &value.to_le_bytes(), hit);
    }
}

/// Adds `DDMMYYNNN`; a leading zero may be missing.
fn find_nine_digits(kind: Kind, value: i64, found: &mut Sightings) {
    let [birth @ .., _, _, _, _] = digits(value * 10);
    let hit = is_day(birth) && value % 1000 >= 2 && !is_date(value);
    found.note_with(kind, &value.to_le_bytes(), hit, birth_features(value / 10_000_000, value / 1000 % 100));
}

/// Returns true if the number is `yyyymmdd` of a usual date, which can look like a code.
fn is_date(value: i64) -> bool {
    (19_000_101..=20_991_231).contains(&value)
        && (1..=12).contains(&(value / 100 % 100))
        && (1..=31).contains(&(value % 100))
}

/// Returns a feature for the day and one for the year. Births fall on all days of the month and in more years than the
/// events of a register.
fn birth_features(day: i64, year: i64) -> u64 {
    feature((day % 32) as u64) | feature((year % 32 + 32) as u64)
}

/// Adds `yyyymmddNNN`.
fn find_iso(value: i64, found: &mut Sightings) {
    let year = value / 10_000_000;
    let month = value / 100_000 % 100;
    let day = value / 1000 % 100;
    let exists = salanimi_core::Day::new(year as i32, month as i32, day as i32).is_some();
    let hit = exists && value % 1000 >= 2;
    found.note_with(Kind::IsoNumber, &value.to_le_bytes(), hit, birth_features(day, year));
}

/// Adds a mobile number without its leading zero, or with the code of the country.
fn find_phone(value: i64, found: &mut Sightings) {
    let national = match value {
        10_000_000..=99_999_999 | 320_000_000..=9_999_999_999 => value,
        358_100_000_000..=358_999_999_999 => value - 358_000_000_000,
        _ => return,
    };
    let prefix = first_two_digits(national);
    let hit = matches!(prefix, 40..=46 | 49 | 50);
    let number = u64::try_from(national).ok().filter(|_| hit);
    found.note_number(Kind::PhoneNumber, &value.to_le_bytes(), hit, feature(prefix), number);
}

fn first_two_digits(mut value: i64) -> u64 {
    while value >= 100 {
        value /= 10;
    }
    value.unsigned_abs()
}
