//! What every check looks for and why, in the officer's words.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::check::Check;
use crate::text::Text;

/// The words of every family and check, in their order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The families.
    pub family: Vec<FamilyText>,
    /// The checks.
    pub check: Vec<CheckText>,
}

/// A family of checks, in words.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyText {
    /// Stable name.
    pub name: String,
    /// Heading.
    pub title: Text,
    /// What the family is about.
    pub about: Text,
}

/// A check, in words.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckText {
    /// Stable name, `family.check`.
    pub name: String,
    /// Heading.
    pub title: Text,
    /// What it looks for.
    pub looks_for: Text,
    /// The law or standard that it serves.
    pub why: Text,
}

/// The catalogue.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    // The text is part of the binary, and a test reads it.
    CATALOGUE.get_or_init(|| {
        toml::from_str(include_str!("catalogue.toml")).unwrap_or(Catalogue { family: Vec::new(), check: Vec::new() })
    })
}

/// Puts checks in the order of the catalogue; those of one name stay in the order in which they were made.
pub(super) fn sort(checks: &mut [Check]) {
    let names = &catalogue().check;
    checks.sort_by_key(|check| names.iter().position(|known| known.name == check.name));
}
