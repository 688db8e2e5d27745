//! Dictionary attack on tokens: common names and dates under hashes without a key, with a guessable salt or key.
//!
//! A token of a keyed hash cannot be met so. One hit shows that names travel.

use std::collections::HashSet;

use hmac::{KeyInit as _, Mac as _};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sha2::Digest as _;

use super::tokens::TokenTable;
use crate::text::{Text, grouped};
use crate::verify::check::{Notes, Verdict};
use crate::verify::depth::Depth;
use crate::verify::detect::common_names;
use salanimi_core::{Day, Rule, words};

const ATTACK: &str = "linkage.attack";
/// Given names that are tried.
const GIVEN: usize = 200;
/// Surnames that are tried.
const SURNAMES: usize = 500;
/// First and last year of birth that is tried.
const YEARS: std::ops::RangeInclusive<i32> = 1930..=2010;
/// Every so many months of birth are tried with a pair of names.
const MONTH_STEP: usize = 37;
/// Every so many days of birth are tried with a surname.
const DAY_STEP: usize = 61;
/// Separators of the parts of a message.
const SEPARATORS: [&str; 4] = ["\0", "|", " ", ""];
/// Salts and keys that are tried.
const SECRETS: [&str; 6] = ["salt", "secret", "key", "password", "linkage", "salanimi"];

/// Tries to meet tokens by guesses.
pub(super) fn check(table: &TokenTable, depth: Depth, notes: &mut Notes<'_>) {
    if depth == Depth::None {
        let evidence = Text::new(
            "the attack was left out; run it with --attack quick",
            "hyökkäystesti jätettiin pois; tee se valitsimella --attack quick",
            "attacktestet utelämnades; kör det med --attack quick",
        );
        notes.note(ATTACK, Verdict::NotChecked, evidence);
        return;
    }
    let guesses = guesses();
    let hits = hits(table, &guesses);
    let tried = grouped((guesses.len() * SEPARATORS.len() * HASHES) as u64);
    if hits == 0 {
        let evidence = Text::new(
            format!("{tried} guesses of names and dates under usual hashes met no token"),
            format!("{tried} nimien ja päivämäärien arvausta tavallisilla tiivisteillä ei osunut yhteenkään tokeniin"),
            format!("{tried} gissningar av namn och datum med vanliga hashfunktioner träffade ingen token"),
        );
        notes.note(ATTACK, Verdict::Pass, evidence);
    } else {
        let evidence = Text::new(
            format!("{hits} tokens are hashes of names and dates that anyone can guess; do not use the delivery"),
            format!(
                "{hits} tokenia on kenen tahansa arvattavien nimien ja päivämäärien tiivisteitä; älä käytä toimitusta"
            ),
            format!("{hits} token är hashvärden av namn och datum som vem som helst kan gissa; använd inte leveransen"),
        );
        notes.note(ATTACK, Verdict::Fail, evidence);
    }
}

/// A message in its parts, under the rule that has it.
struct Guess {
    rule: Rule,
    parts: Vec<String>,
}

/// Returns the messages that are tried.
fn guesses() -> Vec<Guess> {
    let plain = |names: Vec<&'static str>, most: usize| -> Vec<String> {
        names.into_iter().filter_map(|name| words(name).into_iter().next()).take(most).collect()
    };
    let [given, surnames] = common_names();
    let given = plain(given, GIVEN);
    let surnames = plain(surnames, SURNAMES);
    let months: Vec<String> = YEARS.flat_map(|year| (1..=12).map(move |month| format!("{year}{month:02}"))).collect();
    let days: Vec<String> = YEARS.flat_map(days_of_year).collect();
    let mut guesses = Vec::new();
    for (at, name) in given.iter().enumerate() {
        for (number, surname) in surnames.iter().enumerate() {
            let mut pair = [name.clone(), surname.clone()];
            pair.sort();
            // Another month for each pair, so that all are tried.
            let of_pair = months.iter().skip((at + number) % MONTH_STEP).step_by(MONTH_STEP);
            let guess = |month: &String| [pair.as_slice(), std::slice::from_ref(month)].concat();
            guesses.extend(of_pair.map(|month| Guess { rule: Rule::NameYearMonth, parts: guess(month) }));
        }
    }
    for (number, surname) in surnames.iter().enumerate() {
        let of_name = days.iter().skip(number % DAY_STEP).step_by(DAY_STEP);
        let guess = |day: &String| Guess { rule: Rule::SurnameBirth, parts: vec![surname.clone(), day.clone()] };
        guesses.extend(of_name.map(guess));
    }
    guesses
}

fn days_of_year(year: i32) -> Vec<String> {
    let first = Day::new(year, 1, 1).map_or(0, Day::epoch_days);
    let days = (first..first + 366).filter_map(Day::from_epoch_days).filter(|day| day.year() == year);
    days.map(|day| day.to_string().replace('-', "")).collect()
}

/// Ways of hashing a message: three hashes, each plain, with every secret before it, and as the message of an HMAC.
const HASHES: usize = 3 * (1 + SECRETS.len()) + 1 + SECRETS.len();

/// Counts the tokens that a guess meets.
fn hits(table: &TokenTable, guesses: &[Guess]) -> usize {
    let rules = [Rule::NameYearMonth, Rule::SurnameBirth];
    let known = rules.map(|rule| table.of_rule(rule).iter().copied().collect::<HashSet<u64>>());
    let met: HashSet<(Rule, u64)> = guesses
        .par_iter()
        .flat_map_iter(|guess| {
            let known = &known[usize::from(guess.rule == Rule::SurnameBirth)];
            let values = SEPARATORS.iter().flat_map(|separator| hashed(guess.parts.join(separator).as_bytes()));
            values.filter(|value| known.contains(value)).map(|value| (guess.rule, value)).collect::<Vec<_>>()
        })
        .collect();
    met.len()
}

/// Returns the first eight bytes of each hash of a message.
fn hashed(message: &[u8]) -> Vec<u64> {
    let mut values = Vec::with_capacity(HASHES);
    for secret in std::iter::once("").chain(SECRETS) {
        let salted = [secret.as_bytes(), message].concat();
        values.push(first(&sha2::Sha256::digest(&salted)));
        values.push(first(&sha1::Sha1::digest(&salted)));
        values.push(first(&md5::Md5::digest(&salted)));
        if let Ok(mut mac) = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()) {
            mac.update(message);
            values.push(first(&mac.finalize().into_bytes()));
        }
    }
    values
}

fn first(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_common_names_without_a_key_are_met_and_others_are_not() {
        let guesses = guesses();
        let some = &guesses[1_000..1_050];
        let guess = &some[20];
        for (value, expected) in [(hashed(guess.parts.join("|").as_bytes())[0], 1), (0x0123_4567_89ab_cdef, 0)] {
            let mut rules = vec![Vec::new(); Rule::ALL.len()];
            rules[guess.rule.position()] = vec![value];
            assert_eq!(hits(&TokenTable::of(rules), some), expected);
        }
    }
}
