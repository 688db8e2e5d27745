//! Bank account numbers: ISO 13616, with check digits by ISO 7064 MOD 97-10.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data;
use super::kind::Kind;
use super::sightings::Sightings;

/// Length of an account number by its country.
static LENGTHS: LazyLock<HashMap<[u8; 2], usize>> =
    LazyLock::new(|| data::lines(include_str!("iban_lengths.txt")).map(country_length).collect());

/// Range of valid check digits.
const CHECK_DIGITS: std::ops::RangeInclusive<[u8; 2]> = *b"02"..=*b"98";
/// Characters of a group as printed.
const GROUP: usize = 4;

/// Reads a line such as `FI 18`.
#[expect(clippy::expect_used, reason = "the list is compiled in, and a test reads it")]
fn country_length(line: &str) -> ([u8; 2], usize) {
    let (country, length) = line.split_once(' ').expect("a line of iban_lengths.txt has two fields");
    let country = country.as_bytes().try_into().expect("a country has two letters");
    (country, length.parse().expect("a length is a number"))
}

/// Adds the account numbers in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    for (at, start) in bytes.windows(4).enumerate() {
        let &[first, second, ref check @ ..] = start else { continue };
        if !(check.iter().all(u8::is_ascii_digit) && first.is_ascii_alphabetic() && second.is_ascii_alphabetic()) {
            continue;
        }
        // In lower case after a hyphen it may be a group of a UUID.
        if at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'-' && first.is_ascii_lowercase()) {
            continue;
        }
        let country = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        let Some(&length) = LENGTHS.get(&country) else { continue };
        let Some(account) = account(&bytes[at..], length) else { continue };
        // Finnish account numbers have no letters.
        if country != *b"FI" || account[4..].iter().all(u8::is_ascii_digit) {
            found.note(Kind::Iban, &account, remainder(&account) == 1);
        }
    }
}

/// Reads an account number of `length` characters, which may be in groups of four.
fn account(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut account = Vec::with_capacity(length);
    let mut at = 0;
    while account.len() < length {
        match *bytes.get(at)? {
            b' ' | b'-' if account.len() % GROUP == 0 => {}
            byte if byte.is_ascii_alphanumeric() => account.push(byte.to_ascii_uppercase()),
            _ => return None,
        }
        at += 1;
    }
    let digits = account.iter().filter(|b| b.is_ascii_digit()).count();
    let is_apart = !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let has_check_digits = CHECK_DIGITS.contains(&[account[2], account[3]]);
    (is_apart && digits * 2 > length && has_check_digits).then_some(account)
}

/// Returns the remainder by 97 of the account number as a number: the first four characters moved to the end, and each
/// letter replaced by its value from 10 to 35.
fn remainder(account: &[u8]) -> u32 {
    account[4..].iter().chain(&account[..4]).fold(0, |rest, &b| match char::from(b).to_digit(36) {
        Some(value) if value < 10 => (rest * 10 + value) % 97,
        Some(value) => (rest * 100 + value) % 97,
        None => rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        assert_eq!((LENGTHS.len(), LENGTHS[b"FI"], LENGTHS[b"GI"]), (40, 18, 23));
    }

    #[test]
    fn check_digits_are_those_of_the_standard() {
        assert_eq!(remainder(b"FI2112345600000785"), 1);
        assert_ne!(remainder(b"FI2112345600000786"), 1);
    }
}
