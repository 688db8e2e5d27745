//! Column names that suggest a direct identifier, read from `column_names.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::Text;
use crate::verify::detect::data;

static NAMES: LazyLock<Names> = LazyLock::new(|| data::table(include_str!("column_names.toml")));

/// The lists of `column_names.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    identity_codes: Vec<String>,
    others: Vec<String>,
    birth_dates: Vec<String>,
    short_birth_dates: Vec<String>,
}

/// Identifier that a column's name suggests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Suggested {
    IdentityCode,
    Other,
}

impl Suggested {
    /// Returns the identifier that `name` suggests.
    pub fn by(name: &str) -> Option<Self> {
        let plain = plain(name);
        let words = words(&plain);
        if words.iter().any(|word| NAMES.identity_codes.iter().any(|code| code == word)) {
            return Some(Self::IdentityCode);
        }
        let joined = words.concat();
        let stem = joined.trim_end_matches(|c: char| c.is_ascii_digit());
        NAMES.others.iter().any(|other| other == stem).then_some(Self::Other)
    }

    /// Returns the identifier in the words of the report.
    pub fn words(self) -> Text {
        match self {
            Self::IdentityCode => Text::new("identity code", "henkilötunnus", "personbeteckning"),
            Self::Other => Text::new("another direct identifier", "muu suora tunniste", "annan direkt identifierare"),
        }
    }
}

/// Returns true if the name of a column suggests birth dates.
pub(super) fn suggests_birth_date(name: &str) -> bool {
    let plain = plain(name);
    let words = words(&plain);
    let joined = words.concat();
    NAMES.birth_dates.iter().any(|known| joined.contains(known.as_str()))
        || words.iter().any(|word| NAMES.short_birth_dates.iter().any(|known| known == word))
}

fn plain(name: &str) -> String {
    name.to_lowercase().chars().map(plain_letter).collect()
}

fn words(plain: &str) -> Vec<&str> {
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

fn plain_letter(letter: char) -> char {
    match letter {
        'ä' | 'å' => 'a',
        'ö' => 'o',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_identifiers() {
        let codes = ["hetu_hash", "HETU", "äidin henkilötunnus"];
        assert_eq!(codes.map(Suggested::by), [Some(Suggested::IdentityCode); 3]);
        let others = ["First Name", "etunimi", "Sähköposti", "phone_2"];
        assert_eq!(others.map(Suggested::by), [Some(Suggested::Other); 4]);
        let ordinary = ["pseudonym", "palvelun_nimi", "municipality", "email_sent"];
        assert_eq!(ordinary.map(Suggested::by), [None; 4]);
    }
}
