//! Words that announce a number, read from `number_words.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::data;

pub(super) static WORDS: LazyLock<NumberWords> = LazyLock::new(|| data::table(include_str!("number_words.toml")));

/// The lists of `number_words.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberWords {
    pub satu: Vec<String>,
    pub passport: Vec<String>,
    pub card: Vec<String>,
    pub address: Vec<String>,
    pub version: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        for list in [&WORDS.satu, &WORDS.passport, &WORDS.card, &WORDS.address, &WORDS.version] {
            assert!(list.iter().all(|word| *word == word.to_lowercase()) && !list.is_empty());
        }
    }
}
