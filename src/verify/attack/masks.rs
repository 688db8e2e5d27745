//! Masked identity codes: cells that show a part of the code, such as `ddmmyy-***X` or `******-308T`.

use super::substitution::is_date_and_number;
use crate::text::Text;

/// Fewest values. Fewer could have the form by chance.
const FEWEST: usize = 20;
/// Per cent of the values that must have the form.
const ENOUGH_PERCENT: usize = 95;
/// Fewest masked characters.
const FEWEST_MASKED: usize = 3;
/// Characters that stand for others.
const MASKS: &str = "*xX#?._•●█";
/// Signs of codes.
const SIGNS: &str = "-+ABCDEFYXWVU";
/// Control characters of codes.
const CONTROLS: &str = "0123456789ABCDEFHJKLMNPRSTUVWXY";
/// Length of a code without its sign.
const UNSIGNED: usize = 10;
/// Positions of the date and of the individual number, in a code without its sign.
const DATE: std::ops::Range<usize> = 0..6;
/// Position of the control character, in a code without its sign.
const CONTROL: usize = 9;

/// Returns a description of masked codes, if the values are such.
pub(super) fn masked(values: &[Box<[u8]>]) -> Option<Text> {
    let texts: Vec<Vec<char>> = values.iter().filter_map(|value| unsigned(value)).collect();
    if texts.len() < FEWEST || texts.len() * 100 < values.len() * ENOUGH_PERCENT {
        return None;
    }
    let is_masked: Vec<bool> = (0..UNSIGNED).map(|at| is_masked_at(&texts, at)).collect();
    let hidden = is_masked.iter().filter(|masked| **masked).count();
    let shows_date = DATE.into_iter().all(|at| !is_masked[at]);
    let shows_control = !is_masked[CONTROL];
    let fitting = texts.iter().filter(|text| fits(text, &is_masked)).count();
    let letters = texts.iter().filter(|text| text[CONTROL].is_ascii_alphabetic()).count();
    // Two control characters in three are letters.
    let has_controls = !shows_control || letters * 4 >= texts.len();
    let is_found = hidden >= FEWEST_MASKED
        && (shows_date || shows_control)
        && has_controls
        && fitting * 100 >= texts.len() * ENOUGH_PERCENT;
    is_found.then(|| description(shows_date))
}

/// Returns the characters of a value without the sign of a code; `None` if it has another length or no sign.
fn unsigned(value: &[u8]) -> Option<Vec<char>> {
    let mut characters: Vec<char> = std::str::from_utf8(value).ok()?.chars().collect();
    if characters.len() == UNSIGNED + 1 {
        let sign = characters.remove(DATE.end);
        return SIGNS.contains(sign).then_some(characters);
    }
    (characters.len() == UNSIGNED).then_some(characters)
}

/// Returns true if nearly all values have the same mask at a position.
fn is_masked_at(texts: &[Vec<char>], at: usize) -> bool {
    let first = texts[0][at];
    let same = texts.iter().filter(|text| text[at] == first).count();
    MASKS.contains(first) && same * 100 >= texts.len() * ENOUGH_PERCENT
}

/// Returns true if the shown characters of a text can be those of a code.
fn fits(text: &[char], is_masked: &[bool]) -> bool {
    // A masked digit can be any: the first of January with the number 100 is always possible.
    let possible = ['0', '1', '0', '1', '0', '0', '1', '0', '0'];
    let digits: Vec<u8> = (0..CONTROL).map(|at| if is_masked[at] { possible[at] } else { text[at] } as u8).collect();
    let is_ascii = text.iter().zip(is_masked).all(|(c, masked)| *masked || c.is_ascii());
    is_ascii && is_date_and_number(&digits) && (is_masked[CONTROL] || CONTROLS.contains(text[CONTROL]))
}

fn description(shows_date: bool) -> Text {
    match shows_date {
        true => Text::new(
            "the code with a part of it masked and the date of birth shown",
            "tunnus, josta osa on peitetty ja syntymäaika näkyy",
            "beteckningen med en del maskerad och födelsedatumet synligt",
        ),
        false => Text::new(
            "the code with its date masked and its end shown",
            "tunnus, jonka syntymäaika on peitetty ja loppuosa näkyy",
            "beteckningen med datumet maskerat och slutet synligt",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(make: impl Fn(usize) -> String) -> Vec<Box<[u8]>> {
        (0..40).map(|number| make(number).into_bytes().into()).collect()
    }

    fn date(number: usize) -> String {
        format!("{:02}{:02}{:02}", number % 28 + 1, number % 12 + 1, number * 7 % 100)
    }

    fn end(number: usize) -> String {
        let control = CONTROLS.chars().nth(number * 5 % 31).unwrap();
        format!("{:03}{control}", number * 23 % 898 + 2)
    }

    #[test]
    fn parts_of_codes_beside_a_mask_are_found() {
        let found = [
            values(|n| format!("{}-****", date(n))),
            values(|n| format!("{}-***{}", date(n), &end(n)[3..])),
            values(|n| format!("{}Axxxx", date(n))),
            values(|n| format!("{}••••", date(n))),
            values(|n| format!("******-{}", end(n))),
            values(|n| format!("****{}-{}", &date(n)[4..], end(n))),
        ];
        assert!(found.iter().all(|values| masked(values).is_some()));
    }

    #[test]
    fn other_masked_numbers_and_codes_are_no_parts_of_codes() {
        let other = [
            values(|n| format!("******-{:04}", n * 211)),
            values(|n| format!("{:06}-****", n * 7919 % 1_000_000)),
            values(|n| format!("{}-{}", date(n), end(n))),
            values(|n| format!("XXXXXX-{n:03}G")),
            values(|n| format!("***-{:06}", n * 31)),
        ];
        assert!(other.iter().all(|values| masked(values).is_none()));
        assert!(masked(&values(|n| format!("{}-****", date(n)))[..10]).is_none());
    }
}
