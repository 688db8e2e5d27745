//! Solves codes in which each character was exchanged for another, always for the same.
//!
//! Digits are guessed one after another: of all days only some are dates, and the control character follows from the
//! digits, so that equal remainders must have equal control characters, whatever those were exchanged for.

use std::collections::HashMap;

/// Fewer values than this could be solved by chance.
const FEWEST: usize = 20;
/// Values that are looked at.
const MOST: usize = 300;
/// Pairs of equal remainders that must have equal control characters: by chance below 10⁻¹¹.
const FEWEST_PAIRS: usize = 8;
/// Control characters that are digits, and can become a letter that is a control character too.
const MOST_ALIKE: usize = 10;
/// Positions in the order in which they tell most: tens of the month, tens of the day, and so on.
const ORDER: [usize; 9] = [2, 0, 3, 1, 6, 4, 5, 7, 8];
const MONTH_LENGTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The nine digits of a value, as numbers of their symbols, and its control character.
struct Masked {
    digits: [u8; 9],
    control: u8,
}

/// Whether values are codes under some exchange of characters.
pub(super) fn is_substituted(values: &[Box<[u8]>]) -> bool {
    let Some((masked, order)) = masked(values) else { return false };
    let mut assigned = [None; 10];
    guess(&masked, &order, 0, &mut assigned)
}

/// The values by the numbers of their symbols, and these in the order in which they are guessed; none if there are more
/// than ten symbols, or too many for the tens of months and days.
fn masked(values: &[Box<[u8]>]) -> Option<(Vec<Masked>, Vec<u8>)> {
    let length = values.first()?.len();
    let chosen = &values[..values.len().min(MOST)];
    if chosen.len() < FEWEST || !(10..=11).contains(&length) || chosen.iter().any(|value| value.len() != length) {
        return None;
    }
    let place = |at: usize| if at < 6 { at } else { at + length - 10 };
    let mut symbols: Vec<u8> = Vec::new();
    for at in ORDER {
        for value in chosen {
            if !symbols.contains(&value[place(at)]) {
                symbols.push(value[place(at)]);
            }
        }
        let most = [4, 10, 2].get(at).copied().unwrap_or(10);
        if symbols.len() > if at == 2 { most } else { 10 } {
            return None;
        }
    }
    let number = |symbol: u8| symbols.iter().position(|&known| known == symbol).map_or(0, |at| at as u8);
    let masked = chosen
        .iter()
        .map(|value| Masked { digits: std::array::from_fn(|at| number(value[place(at)])), control: value[length - 1] });
    Some((masked.collect(), (0..symbols.len() as u8).collect()))
}

fn guess(masked: &[Masked], order: &[u8], next: usize, assigned: &mut [Option<u8>; 10]) -> bool {
    if !masked.iter().all(|value| is_possible(&value.digits.map(|symbol| assigned[symbol as usize]))) {
        return false;
    }
    let Some(&symbol) = order.get(next) else { return controls_agree(masked, assigned) };
    for digit in 0..10 {
        if assigned.contains(&Some(digit)) {
            continue;
        }
        assigned[symbol as usize] = Some(digit);
        if guess(masked, order, next + 1, assigned) {
            return true;
        }
        assigned[symbol as usize] = None;
    }
    false
}

/// Whether digits, some of which are not known, can be those of a code.
fn is_possible(digits: &[Option<u8>; 9]) -> bool {
    let two = |tens: Option<u8>, ones: Option<u8>| Some(tens? * 10 + ones?);
    let (day, month) = (two(digits[0], digits[1]), two(digits[2], digits[3]));
    digits[0].is_none_or(|tens| tens <= 3)
        && digits[2].is_none_or(|tens| tens <= 1)
        && month.is_none_or(|month| (1..=12).contains(&month))
        && day.is_none_or(|day| {
            let longest = month.map_or(31, |month| MONTH_LENGTHS[usize::from(month) - 1]);
            (1..=longest).contains(&day)
        })
        && !(digits[6] == Some(0) && digits[7] == Some(0) && digits[8].is_some_and(|last| last < 2))
}

/// Whether equal remainders have equal control characters, and others nearly always others.
fn controls_agree(masked: &[Masked], assigned: &[Option<u8>; 10]) -> bool {
    let mut by_remainder: HashMap<u32, u8> = HashMap::new();
    for value in masked {
        let digits = value.digits.iter().map(|&symbol| u32::from(assigned[symbol as usize].unwrap_or(0)));
        let remainder = digits.fold(0, |number, digit| number * 10 + digit) % 31;
        if *by_remainder.entry(remainder).or_insert(value.control) != value.control {
            return false;
        }
    }
    // Where only the digits were exchanged, and for letters, a few control characters are now alike.
    let different: std::collections::HashSet<u8> = by_remainder.values().copied().collect();
    let told_apart = different.len() + MOST_ALIKE >= by_remainder.len() && different.len() * 2 >= by_remainder.len();
    told_apart && masked.len() - by_remainder.len() >= FEWEST_PAIRS
}

/// Whether nine characters are the digits of a date and an individual number.
pub(super) fn is_date_and_number(text: &[u8]) -> bool {
    let mut digits = [None; 9];
    for (digit, byte) in digits.iter_mut().zip(text) {
        *digit = byte.is_ascii_digit().then(|| byte - b'0');
    }
    digits.iter().all(Option::is_some) && is_possible(&digits)
}
