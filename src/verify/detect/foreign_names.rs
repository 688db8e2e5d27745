//! Personal names in the languages of the largest groups of immigrants in Finland: Russian, Somali, Arabic, Estonian
//! and Vietnamese. `foreign_names/` has a list for each.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::data;
use super::kind::Kind;
use super::sightings::{Sightings, feature, fingerprint};
use super::words::name_parts;

type List = HashSet<String, ahash::RandomState>;

static NAMES: LazyLock<Names> = LazyLock::new(Names::read);

/// Most words of a name.
const MOST_WORDS: usize = 5;
/// Fewest letters of a name of several words, and of one word.
const FEWEST_LETTERS: usize = 6;
const FEWEST_LETTERS_ALONE: usize = 3;
/// Fewest letters of a name inside text: a shorter one is a word of some language.
const FEWEST_LETTERS_IN_TEXT: usize = 4;
/// Fewest letters before the ending of a surname.
const FEWEST_BEFORE_ENDING: usize = 3;
/// Most bytes of a cell that can be a name.
const LONGEST: usize = 100;

/// A file of `foreign_names/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    given: Vec<String>,
    surnames: Vec<String>,
    /// Endings of patronymics.
    patronymics: Vec<String>,
    /// Endings of surnames, beside a given name.
    surname_endings: Vec<String>,
    /// Words between the parts of a name.
    particles: Vec<String>,
}

/// The names of all languages, without marks over their letters.
struct Names {
    given: List,
    surnames: List,
    patronymics: Vec<String>,
    surname_endings: Vec<String>,
    particles: List,
}

impl Names {
    fn read() -> Self {
        let languages: [Language; 5] = [
            data::table(include_str!("foreign_names/russian.toml")),
            data::table(include_str!("foreign_names/somali.toml")),
            data::table(include_str!("foreign_names/arabic.toml")),
            data::table(include_str!("foreign_names/estonian.toml")),
            data::table(include_str!("foreign_names/vietnamese.toml")),
        ];
        let all = |list: fn(&Language) -> &Vec<String>| languages.iter().flat_map(list).map(|name| plain(name));
        Self {
            given: all(|language| &language.given).collect(),
            surnames: all(|language| &language.surnames).collect(),
            patronymics: all(|language| &language.patronymics).collect(),
            surname_endings: all(|language| &language.surname_endings).collect(),
            particles: all(|language| &language.particles).collect(),
        }
    }

    fn is_listed(&self, word: &str) -> bool {
        self.given.contains(word) || self.surnames.contains(word)
    }

    fn has_ending(word: &str, endings: &[String]) -> bool {
        let mut stems = endings.iter().filter_map(|ending| word.strip_suffix(ending.as_str()));
        stems.any(|stem| stem.chars().count() >= FEWEST_BEFORE_ENDING)
    }

    /// Returns true if a word can stand in a name whose other words are listed.
    fn can_stand_in_name(&self, word: &str) -> bool {
        let endings = [&self.patronymics, &self.surname_endings];
        let is_initial = word.chars().count() == 1;
        self.is_listed(word)
            || self.particles.contains(word)
            || is_initial
            || endings.iter().any(|endings| Self::has_ending(word, endings))
            || is_finnish(word)
    }
}

fn is_finnish(word: &str) -> bool {
    let parts = name_parts(word.as_bytes());
    parts.is_first || parts.is_last
}

/// Returns a word in lower case without the marks over its letters (Unicode normalisation form D).
fn plain(word: &str) -> String {
    let lower = word.to_lowercase();
    let letters = lower.nfd().filter(|letter| !is_combining_mark(*letter));
    letters.map(|letter| if letter == 'đ' { 'd' } else { letter }).collect()
}

/// Returns true for a given name of a text, in lower case.
pub(super) fn is_given(word: &[u8]) -> bool {
    in_text(word, &NAMES.given)
}

/// Returns true for a surname of a text, in lower case.
pub(super) fn is_surname(word: &[u8]) -> bool {
    in_text(word, &NAMES.surnames)
}

fn in_text(word: &[u8], list: &List) -> bool {
    let Ok(word) = std::str::from_utf8(word) else { return false };
    let is_long = word.chars().count() >= FEWEST_LETTERS_IN_TEXT;
    is_long && if word.is_ascii() { list.contains(word) } else { list.contains(&plain(word)) }
}

/// Adds a whole cell to the counts of names in its column.
pub(super) fn find_cell(cell: &str, found: &mut Sightings) {
    if cell.len() > LONGEST || !cell.chars().all(|c| c.is_alphabetic() || is_combining_mark(c) || is_joint(c)) {
        return;
    }
    let name = plain(cell);
    let words: Vec<&str> = name.split(is_joint).filter(|word| !word.is_empty()).collect();
    let value = fingerprint(name.as_bytes()).max(1);
    match words[..] {
        [] => {}
        [word] => {
            let is_hit = letters(&words) >= FEWEST_LETTERS_ALONE && NAMES.is_listed(word);
            found.note(Kind::ForeignName, name.as_bytes(), is_hit);
        }
        _ if words.len() <= MOST_WORDS => {
            let is_hit = is_full_name(&words);
            found.note_with(Kind::ForeignFullName, name.as_bytes(), is_hit, feature(value));
        }
        _ => {}
    }
}

/// Returns true if the words are long enough together, all can stand in a name, one of them is a given name or its
/// initial, and one is on a list of these languages.
fn is_full_name(words: &[&str]) -> bool {
    let has_given = words
        .iter()
        .any(|word| word.chars().count() == 1 || NAMES.given.contains(*word) || name_parts(word.as_bytes()).is_first);
    letters(words) >= FEWEST_LETTERS
        && has_given
        && words.iter().any(|word| NAMES.is_listed(word))
        && words.iter().all(|word| NAMES.can_stand_in_name(word))
}

fn letters(words: &[&str]) -> usize {
    words.iter().map(|word| word.chars().count()).sum()
}

fn is_joint(c: char) -> bool {
    matches!(c, ' ' | ',' | '-' | '.' | '\'' | '’' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        assert!(NAMES.given.len() > 1000 && NAMES.surnames.len() > 1200);
        assert_eq!(plain("Nguyễn Đức Йова"), "nguyen duc иова");
    }

    #[test]
    fn names_of_several_words_are_known() {
        for name in [
            "tatjana popov",
            "иванов и",
            "petrova anna sergeevna",
            "ayaan jama ali",
            "khaled al masri",
            "nguyen van an",
            "triin magi",
            "maria omar",
            "olga virtanen",
            "ivan tšernyšov",
        ] {
            let name = plain(name);
            assert!(is_full_name(&name.split(' ').collect::<Vec<_>>()), "{name}");
        }
        for words in ["suuri mets", "palvelu ei kaytossa", "le van"] {
            assert!(!is_full_name(&words.split(' ').collect::<Vec<_>>()), "{words}");
        }
    }
}
