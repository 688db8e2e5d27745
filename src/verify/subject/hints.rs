//! Column-name hints: parts of names that suggest a role, read from `hints.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::column::ColumnRole;

/// Length in bytes below which a hint must be a whole word.
const SHORTEST_PART: usize = 4;

static HINTS: LazyLock<Hints> = LazyLock::new(read);

/// The lists of `hints.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hints {
    person: Vec<String>,
    reference: Vec<String>,
    quasi: Vec<String>,
    sensitive: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
fn read() -> Hints {
    toml::from_str(include_str!("hints.toml")).expect("hints.toml is well-formed")
}

/// Returns the role that a column's name suggests; a date is neither a pseudonym nor sensitive.
pub(super) fn role(name: &str, is_date: bool) -> ColumnRole {
    let name = name.to_lowercase();
    if !is_date && has_hint(&name, &HINTS.person) {
        ColumnRole::Person
    } else if has_hint(&name, &HINTS.quasi) {
        ColumnRole::Quasi
    } else if !is_date && (has_hint(&name, &HINTS.reference) || name.ends_with("_id")) {
        ColumnRole::Reference
    } else if !is_date && has_hint(&name, &HINTS.sensitive) {
        ColumnRole::Sensitive
    } else {
        ColumnRole::Other
    }
}

fn has_hint(name: &str, hints: &[String]) -> bool {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    hints.iter().any(|hint| {
        if hint.len() < SHORTEST_PART { words.contains(&hint.as_str()) } else { name.contains(hint.as_str()) }
    })
}

/// Returns the rank of a name among those of persons; the likeliest first, `None` if no hint fits.
pub(super) fn person_rank(name: &str) -> Option<usize> {
    rank(name, &HINTS.person)
}

/// Returns the rank of a name among those of references, as [`person_rank`] does.
pub(super) fn reference_rank(name: &str) -> Option<usize> {
    rank(name, &HINTS.reference)
}

fn rank(name: &str, hints: &[String]) -> Option<usize> {
    let name = name.to_lowercase();
    hints.iter().position(|hint| name.contains(hint.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_roles() {
        assert_eq!(role("Henkilo_ID", false), ColumnRole::Person);
        assert_eq!(role("kunta", false), ColumnRole::Quasi);
        assert_eq!(role("document_id", false), ColumnRole::Reference);
        assert_eq!(role("paid_eur", false), ColumnRole::Sensitive);
        assert_eq!(role("weight", false), ColumnRole::Other);
    }

    #[test]
    fn a_short_hint_is_a_whole_word() {
        assert_eq!(role("age", false), ColumnRole::Quasi);
        assert_eq!(role("wages", false), ColumnRole::Other);
    }

    #[test]
    fn a_date_is_no_pseudonym() {
        assert_eq!(role("decision_date", true), ColumnRole::Other);
        assert_eq!(role("birth_date", true), ColumnRole::Quasi);
    }
}
