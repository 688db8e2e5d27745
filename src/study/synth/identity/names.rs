//! Names and addresses that synthetic persons can have.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::super::random::Random;

/// Share of surnames among the commonest; the others are composed.
const COMMON_SURNAME: f64 = 0.3;
/// Share of composed surnames with one of the first stems.
const RARE_STEM: f64 = 0.5;
/// Largest house number, and largest flat number.
const HOUSES: u32 = 60;
const FLATS: u32 = 80;
/// Share of addresses with a flat.
const WITH_FLAT: f64 = 0.5;
/// Postcodes of a municipality.
const POSTCODES: u32 = 12;
/// Numbers of postcodes, in tens.
const POSTCODE_TENS: u32 = 9_980;

/// The texts of `names.toml`.
static NAMES: LazyLock<Names> = LazyLock::new(read_names);

/// A first name, and other spellings of it.
type Spellings = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    women: Vec<String>,
    men: Vec<String>,
    surnames: Vec<String>,
    surname_stems: Vec<String>,
    surname_endings: Vec<String>,
    surnames_abroad: Vec<String>,
    street_stems: Vec<String>,
    street_endings: Vec<String>,
    women_abroad: Spellings,
    men_abroad: Spellings,
    nicknames: Spellings,
}

#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
fn read_names() -> Names {
    toml::from_str(include_str!("names.toml")).expect("names.toml has the fields of `Names`")
}

/// Draws a surname.
pub(super) fn surname(random: &mut Random, abroad: bool) -> String {
    if abroad {
        return one_of(random, &NAMES.surnames_abroad).clone();
    }
    if random.chance(COMMON_SURNAME) {
        return common(random, &NAMES.surnames).clone();
    }
    let stem = if random.chance(RARE_STEM) {
        one_of(random, &NAMES.surname_stems)
    } else {
        common(random, &NAMES.surname_stems)
    };
    format!("{stem}{}", common(random, &NAMES.surname_endings))
}

/// Draws a first name.
pub(super) fn first_name(random: &mut Random, male: bool, abroad: bool) -> String {
    match (abroad, male) {
        (true, true) => nth(&NAMES.men_abroad, random),
        (true, false) => nth(&NAMES.women_abroad, random),
        (false, true) => common(random, &NAMES.men).clone(),
        (false, false) => common(random, &NAMES.women).clone(),
    }
}

/// Returns another spelling of a first name, if it has any.
pub(super) fn transliteration(random: &mut Random, name: &str) -> Option<String> {
    let spellings = NAMES.men_abroad.get(name).or_else(|| NAMES.women_abroad.get(name))?;
    Some(one_of(random, spellings).clone())
}

/// Returns a short form of a first name, if it has any.
pub(super) fn nickname(random: &mut Random, name: &str) -> Option<String> {
    Some(one_of(random, NAMES.nicknames.get(name)?).clone())
}

/// Draws a street with a house number.
pub(super) fn street(random: &mut Random) -> String {
    let stem = one_of(random, &NAMES.street_stems);
    let ending = one_of(random, &NAMES.street_endings);
    let house = 1 + random.below(HOUSES);
    if !random.chance(WITH_FLAT) {
        return format!("{stem}{ending} {house}");
    }
    let stairs = random.one_of(b"ABCD");
    format!("{stem}{ending} {house} {} {}", char::from(stairs), 1 + random.below(FLATS))
}

/// Draws a postcode of the municipality at this position.
pub(super) fn postcode(random: &mut Random, municipality: u16) -> String {
    let number = u32::from(municipality) * POSTCODES + random.below(POSTCODES);
    format!("{:05}", 100 + number % POSTCODE_TENS * 10)
}

fn one_of<'t>(random: &mut Random, texts: &'t [String]) -> &'t String {
    &texts[random.position(texts.len())]
}

/// Draws a text, the first ones more often.
fn common<'t>(random: &mut Random, texts: &'t [String]) -> &'t String {
    let within = 1 + random.position(texts.len());
    &texts[random.position(within)]
}

fn nth(spellings: &Spellings, random: &mut Random) -> String {
    let position = random.position(spellings.len());
    match spellings.keys().nth(position) {
        Some(name) => name.clone(),
        None => unreachable!("the position is below the number of names"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_spellings(spellings: &Spellings) -> impl Iterator<Item = &String> {
        spellings.iter().flat_map(|(name, others)| std::iter::once(name).chain(others))
    }

    #[test]
    fn names_exist_in_latin_1_and_need_no_quotes() {
        let lists = [
            &NAMES.women,
            &NAMES.men,
            &NAMES.surnames,
            &NAMES.surname_stems,
            &NAMES.surname_endings,
            &NAMES.surnames_abroad,
            &NAMES.street_stems,
            &NAMES.street_endings,
        ];
        let spellings = [&NAMES.women_abroad, &NAMES.men_abroad, &NAMES.nicknames];
        let all = lists.into_iter().flatten().chain(spellings.into_iter().flat_map(of_spellings));
        let is_plain = |c: char| c == '-' || c.is_alphabetic() && u32::from(c) < 256;
        assert!(all.into_iter().all(|name| !name.is_empty() && name.chars().all(is_plain)));
    }

    #[test]
    fn surnames_are_many_and_some_are_common() {
        let mut random = Random::new(1, 1);
        let mut counts = BTreeMap::new();
        (0..20_000).for_each(|_| *counts.entry(surname(&mut random, false)).or_insert(0) += 1);
        let most = *counts.values().max().unwrap();
        assert!(counts.len() > 1_500, "{}", counts.len());
        assert!((200..800).contains(&most), "{most}");
    }
}
