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
/// Most marks and line breaks between two groups.
const MOST_MARKS: usize = 3;
/// Shortest word before an account number without a space between them.
const SHORTEST_WORD: usize = 3;

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
        if !can_start(bytes, at) {
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

/// Returns true if an account number can start at `at`: a whole word may stand before it, as in `IBANFI21`.
fn can_start(bytes: &[u8], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|at| bytes.get(at)) else { return true };
    // In lower case after a hyphen it may be a group of a UUID.
    if !before.is_ascii_alphanumeric() {
        return !(before == b'-' && bytes[at].is_ascii_lowercase());
    }
    let joined = bytes[..at].iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
    let word = &bytes[at - joined..at];
    word.len() >= SHORTEST_WORD && word.iter().all(u8::is_ascii_alphabetic) && !word.iter().all(u8::is_ascii_hexdigit)
}

/// Reads an account number of `length` characters. Marks and line breaks may stand between its groups of four;
/// spaces and hyphens anywhere in an account of digits. A word may follow an account of digits.
fn account(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut account = Vec::with_capacity(length);
    let mut at = 0;
    let mut marks = 0;
    let mut has_odd_groups = false;
    while account.len() < length {
        match *bytes.get(at)? {
            byte if byte.is_ascii_alphanumeric() => {
                account.push(byte.to_ascii_uppercase());
                marks = 0;
            }
            byte if is_separator(byte, account.len()) && marks < MOST_MARKS => {
                has_odd_groups |= account.len() % GROUP != 0;
                marks += 1;
            }
            _ => return None,
        }
        at += 1;
    }
    let is_of_digits = account[4..].iter().all(u8::is_ascii_digit);
    let is_apart = match bytes.get(at) {
        Some(after) if is_of_digits => !after.is_ascii_digit(),
        Some(after) => !after.is_ascii_alphanumeric(),
        None => true,
    };
    let digits = account.iter().filter(|b| b.is_ascii_digit()).count();
    let has_check_digits = CHECK_DIGITS.contains(&[account[2], account[3]]);
    let has_groups = is_of_digits || !has_odd_groups;
    (is_apart && has_groups && digits * 2 > length && has_check_digits).then_some(account)
}

/// Returns true if a byte can stand between groups after so many characters.
fn is_separator(byte: u8, characters: usize) -> bool {
    let is_any = byte.is_ascii_whitespace() || matches!(byte, b'-' | b'.' | b',' | b'/' | b'_');
    is_any && (characters.is_multiple_of(GROUP) || matches!(byte, b' ' | b'-'))
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
