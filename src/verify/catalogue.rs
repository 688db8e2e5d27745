//! Catalogue of checks: the subject of each check and the law or standard behind it, read from `catalogue.toml`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::check::Check;
use crate::text::Text;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(read);

/// Texts of every family and check, in the order of the report.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Families of checks.
    pub family: Vec<FamilyText>,
    /// Checks.
    pub check: Vec<CheckText>,
}

/// Texts of a family of checks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyText {
    /// Stable name.
    pub name: String,
    /// Heading.
    pub title: Text,
    /// The question that the family answers.
    pub about: Text,
}

/// Texts of a check.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckText {
    /// Stable name, `family.check`.
    pub name: String,
    /// Heading.
    pub title: Text,
    /// Findings that the check searches for.
    pub looks_for: Text,
    /// The clause of a law or standard that the check serves.
    pub why: Text,
}

#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
fn read() -> Catalogue {
    toml::from_str(include_str!("catalogue.toml")).expect("catalogue.toml is well-formed")
}

/// Returns the catalogue.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// Sorts checks by the catalogue. Checks with the same name keep their order.
pub(super) fn sort(checks: &mut [Check]) {
    let names = &catalogue().check;
    checks.sort_by_key(|check| names.iter().position(|known| known.name == check.name));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::Language;

    #[test]
    fn every_check_has_a_family_and_a_unique_name() {
        let catalogue = catalogue();
        let families: BTreeSet<&str> = catalogue.family.iter().map(|family| &*family.name).collect();
        let names: BTreeSet<&str> = catalogue.check.iter().map(|check| &*check.name).collect();
        assert_eq!(names.len(), catalogue.check.len());
        let used: BTreeSet<&str> = names.iter().filter_map(|name| Some(name.split_once('.')?.0)).collect();
        assert_eq!(used, families);
    }

    #[test]
    fn every_text_is_in_every_language_and_calls_nothing_anonymous() {
        let catalogue = catalogue();
        let families = catalogue.family.iter().flat_map(|family| [&family.title, &family.about]);
        let checks = catalogue.check.iter().flat_map(|check| [&check.title, &check.looks_for, &check.why]);
        for text in families.chain(checks) {
            let texts = Language::ALL.map(|language| text.in_language(language));
            let different: BTreeSet<&str> = texts.into_iter().collect();
            assert_eq!(different.len(), texts.len(), "a language lacks its own text: {texts:?}");
            let lower = texts.join(" ").to_lowercase().replace("k-anonym", "");
            assert!(!lower.contains("anonym"), "{texts:?}");
        }
    }
}
