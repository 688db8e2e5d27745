//! Solver of simple substitution ciphers over identity codes.
//!
//! The digits are guessed one after another. Not every six digits are a date. The control character follows from the
//! digits, so codes of equal remainder must have equal control characters, also after the substitution.

use std::collections::HashMap;

/// Fewest values. Fewer could be solved by chance.
const FEWEST: usize = 20;
/// Most values that are used.
const MOST: usize = 300;
/// Fewest pairs of equal remainders and control characters. By chance, so many have a probability below 10⁻¹¹.
const FEWEST_PAIRS: usize = 8;
/// Most control characters that a substitution of digits alone makes equal to another one.
const MOST_MERGED: usize = 10;
/// Positions of the digits, the most restricted first: tens of the month, tens of the day, and so on.
const ORDER: [usize; 9] = [2, 0, 3, 1, 6, 4, 5, 7, 8];
/// Symbols that can be the tens of a month.
const MONTH_TENS: usize = 2;
/// Longest length of each month.
const MONTH_LENGTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A value before its substitution is known.
struct Masked {
    /// Numbers of the symbols that stand for the nine digits.
    digits: [u8; 9],
    /// Symbol that stands for the control character.
    control: u8,
}

/// Returns true if the values are codes under a substitution of characters.
pub(super) fn is_substituted(values: &[Box<[u8]>]) -> bool {
    masked(values).is_some_and(|masked| guess(&masked, 0, &mut [None; 10]))
}

/// Numbers the symbols of the values, in the order in which they are guessed. Returns none if more than ten symbols
/// stand for digits, or more than two for the tens of months.
fn masked(values: &[Box<[u8]>]) -> Option<Vec<Masked>> {
    let length = values.first()?.len();
    let chosen = &values[..values.len().min(MOST)];
    if chosen.len() < FEWEST || !(10..=11).contains(&length) || chosen.iter().any(|value| value.len() != length) {
        return None;
    }
    let mut symbols: Vec<u8> = Vec::new();
    for digit in ORDER {
        for value in chosen {
            let symbol = value[place(digit, length)];
            if !symbols.contains(&symbol) {
                symbols.push(symbol);
            }
        }
        // The tens of the month come first, so all symbols are theirs.
        if symbols.len() > if digit == ORDER[0] { MONTH_TENS } else { 10 } {
            return None;
        }
    }
    chosen
        .iter()
        .map(|value| {
            let mut digits = [0; 9];
            for (digit, number) in digits.iter_mut().enumerate() {
                let symbol = value[place(digit, length)];
                *number = symbols.iter().position(|&known| known == symbol)? as u8;
            }
            Some(Masked { digits, control: value[length - 1] })
        })
        .collect()
}

/// Returns the position of a digit in a value of `length`. A code of eleven characters has a sign after the date.
fn place(digit: usize, length: usize) -> usize {
    if digit < 6 { digit } else { digit + length - 10 }
}

/// Assigns a digit to each symbol from the number `symbol` on. Returns true if the values are then codes.
fn guess(masked: &[Masked], symbol: usize, assigned: &mut [Option<u8>; 10]) -> bool {
    if !masked.iter().all(|value| is_possible(&value.digits.map(|symbol| assigned[symbol as usize]))) {
        return false;
    }
    let digits: Option<Vec<[u8; 9]>> = masked.iter().map(|value| decode(value, assigned)).collect();
    if let Some(digits) = digits {
        return controls_agree(masked, &digits);
    }
    for digit in 0..10 {
        if assigned.contains(&Some(digit)) {
            continue;
        }
        assigned[symbol] = Some(digit);
        if guess(masked, symbol + 1, assigned) {
            return true;
        }
        assigned[symbol] = None;
    }
    false
}

/// Returns the digits of a value; `None` if one of them is not assigned.
fn decode(value: &Masked, assigned: &[Option<u8>; 10]) -> Option<[u8; 9]> {
    let mut digits = [0; 9];
    for (digit, &symbol) in digits.iter_mut().zip(&value.digits) {
        *digit = assigned[symbol as usize]?;
    }
    Some(digits)
}

/// Returns true if digits, some of them unknown, can be those of a code.
fn is_possible(digits: &[Option<u8>; 9]) -> bool {
    let day = two_digits(digits[0], digits[1]);
    let month = two_digits(digits[2], digits[3]);
    digits[0].is_none_or(|tens| tens <= 3)
        && digits[2].is_none_or(|tens| tens <= 1)
        && month.is_none_or(|month| (1..=12).contains(&month))
        && day.is_none_or(|day| {
            let longest = month.map_or(31, |month| MONTH_LENGTHS[usize::from(month) - 1]);
            (1..=longest).contains(&day)
        })
        && !(digits[6] == Some(0) && digits[7] == Some(0) && digits[8].is_some_and(|last| last < 2))
}

fn two_digits(tens: Option<u8>, ones: Option<u8>) -> Option<u8> {
    Some(tens? * 10 + ones?)
}

/// Returns true if equal remainders have equal control characters, and different ones nearly always different ones.
fn controls_agree(masked: &[Masked], digits: &[[u8; 9]]) -> bool {
    let mut by_remainder: HashMap<u32, u8> = HashMap::new();
    for (value, digits) in masked.iter().zip(digits) {
        let remainder = digits.iter().fold(0, |number, &digit| number * 10 + u32::from(digit)) % 31;
        if *by_remainder.entry(remainder).or_insert(value.control) != value.control {
            return false;
        }
    }
    // If only the digits were replaced, and by letters, a few control characters are merged.
    let different: std::collections::HashSet<u8> = by_remainder.values().copied().collect();
    let are_distinct = different.len() + MOST_MERGED >= by_remainder.len() && different.len() * 2 >= by_remainder.len();
    are_distinct && masked.len() - by_remainder.len() >= FEWEST_PAIRS
}

/// Returns true if nine characters are the digits of a date and an individual number.
pub(super) fn is_date_and_number(text: &[u8]) -> bool {
    let mut digits = [None; 9];
    for (digit, byte) in digits.iter_mut().zip(text) {
        *digit = byte.is_ascii_digit().then(|| byte - b'0');
    }
    digits.iter().all(Option::is_some) && is_possible(&digits)
}
