//! Person numbers beside the Finnish identity code: learner numbers, SATU, and those of Sweden and Estonia.

use super::checksums::{baltic, luhn, seven_three_one};
use super::codes::checked;
use super::kind::Kind;
use super::number_words::WORDS;
use super::runs::{Run, is_announced, runs};
use super::sightings::Sightings;
use salanimi_core::Day;

/// Object identifier of persons in the registers of the Finnish National Agency for Education.
const LEARNERS: &[u8] = b"1.2.246.562.24.";
/// Digits of a learner number after its prefix.
const LEARNER_DIGITS: usize = 11;
/// Control characters of the SATU, by the remainder of its number by 31.
const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
/// Added to the day in a Swedish coordination number (samordningsnummer).
const COORDINATION: u8 = 60;

/// Adds the person numbers in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    for run in runs(bytes) {
        match run.digits.len() {
            1 => find_learner(bytes, &run, found),
            8 if find_swedish_with_sign(bytes, &run, found) => {}
            8 => find_satu(bytes, &run, found),
            6 => {
                find_swedish_with_sign(bytes, &run, found);
            }
            9 => find_satu_of_digits(bytes, &run, found),
            10 | 12 if run.is_apart(bytes) => {
                let is_hit = swedish(run.digits).is_some_and(|digits| luhn(&digits));
                found.note(Kind::SwedishDigits, run.digits, is_hit);
            }
            11 if run.is_apart(bytes) => found.note(Kind::EstonianNumber, run.digits, is_estonian(run.digits)),
            _ => {}
        }
    }
}

/// Adds the learner number that starts at a run. Spaces after the dots are no part of it.
fn find_learner(bytes: &[u8], run: &Run<'_>, found: &mut Sightings) {
    let Some(number) = bytes[run.start..].strip_prefix(LEARNERS) else { return };
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits != LEARNER_DIGITS || run.joins_before(bytes) {
        return;
    }
    let number = &number[..digits];
    let kind = if seven_three_one(number) { Kind::LearnerNumber } else { Kind::LearnerForm };
    found.note(kind, number, true);
}

/// Adds eight digits with a control character after them.
fn find_satu(bytes: &[u8], run: &Run<'_>, found: &mut Sightings) {
    let after = &bytes[run.end..];
    let (letter, length) = match *after {
        [b'-' | b' ', letter, ..] if letter.is_ascii_alphabetic() => (letter, 2),
        [letter, ..] if letter.is_ascii_alphabetic() => (letter, 1),
        _ => return,
    };
    let is_apart = !run.joins_before(bytes) && !after.get(length).is_some_and(u8::is_ascii_alphanumeric);
    let is_called = is_announced(bytes, run.start, &WORDS.satu);
    if is_apart && (is_called || after[0] == letter) {
        note_satu(run.digits, letter, is_called, found);
    }
}

/// Adds nine digits the last of which is a control character, in a text that calls them that, or alone in a cell.
fn find_satu_of_digits(bytes: &[u8], run: &Run<'_>, found: &mut Sightings) {
    let is_called = is_announced(bytes, run.start, &WORDS.satu);
    if run.is_apart(bytes) && (is_called || run.digits.len() == bytes.len()) {
        note_satu(&run.digits[..8], run.digits[8], is_called, found);
    }
}

fn note_satu(digits: &[u8], control: u8, is_called: bool, found: &mut Sightings) {
    let number = digits.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    let is_hit = CONTROL[number % CONTROL.len()] == control.to_ascii_uppercase();
    let whole = [digits, &[control.to_ascii_uppercase()]].concat();
    if is_called {
        found.note(Kind::Satu, &whole, is_hit);
    } else if !is_identity_code(digits, control) {
        found.note(Kind::SatuCell, &whole, is_hit);
    }
}

/// Returns true if eight digits and a control character are an identity code without its sign and its first zero. The
/// rule of the control character is the same.
fn is_identity_code(digits: &[u8], control: u8) -> bool {
    let code = [b"0", digits, &[control]].concat();
    let parts = code.split_first_chunk::<6>().and_then(|(birth, rest)| Some((*birth, rest.try_into().ok()?)));
    parts.and_then(|(birth, number)| checked(birth, None, number)).is_some_and(|(_, hit)| hit)
}

/// Adds `yymmdd-nnnn` or `yyyymmdd-nnnn`, with `-` or `+`. Returns true if the digits have that form.
fn find_swedish_with_sign(bytes: &[u8], run: &Run<'_>, found: &mut Sightings) -> bool {
    let [b'-' | b'+', rest @ ..] = &bytes[run.end..] else { return false };
    let Some((number, after)) = rest.split_first_chunk::<4>() else { return false };
    let is_apart = !run.joins_before(bytes)
        && number.iter().all(u8::is_ascii_digit)
        && !matches!(after, [next, ..] if next.is_ascii_alphanumeric() || *next == b'-');
    let Some(digits) = swedish(&[run.digits, number].concat()).filter(|_| is_apart) else { return false };
    found.note(Kind::SwedishNumber, &digits, luhn(&digits));
    true
}

/// Returns the last ten digits of a number with a birth date in front. The day of a coordination number is 60 more.
fn swedish(digits: &[u8]) -> Option<[u8; 10]> {
    let ten: [u8; 10] = *digits.last_chunk()?;
    let century = digits.strip_suffix(&ten[..])?;
    let years = match century {
        b"" => [1900, 2000].to_vec(),
        b"18" => vec![1800],
        b"19" => vec![1900],
        b"20" => vec![2000],
        _ => return None,
    };
    let day = two_digits(&ten[4..]);
    let day = day.checked_sub(COORDINATION).filter(|&day| day > 0).unwrap_or(day);
    let exists =
        |year: i32| Day::new(year + i32::from(two_digits(&ten)), two_digits(&ten[2..]).into(), day.into()).is_some();
    years.into_iter().any(exists).then_some(ten)
}

fn is_estonian(digits: &[u8]) -> bool {
    let Ok(all) = <[u8; 11]>::try_from(digits) else { return false };
    let century = match all[0] {
        b'1' | b'2' => 1800,
        b'3' | b'4' => 1900,
        b'5' | b'6' => 2000,
        b'7' | b'8' => 2100,
        _ => return false,
    };
    let year = century + i32::from(two_digits(&all[1..]));
    Day::new(year, two_digits(&all[3..]).into(), two_digits(&all[5..]).into()).is_some() && baltic(all)
}

/// Returns the number that the first two of some digits make.
fn two_digits(digits: &[u8]) -> u8 {
    (digits[0] - b'0') * 10 + (digits[1] - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form() {
        assert!(swedish(b"8112189876").is_some() && swedish(b"198112189876").is_some());
        assert!(swedish(b"8112789876").is_some(), "a coordination number");
        assert!(swedish(b"8113189876").is_none() && swedish(b"178112189876").is_none());
        assert!(is_estonian(b"37605030299") && !is_estonian(b"97605030299"));
    }
}
