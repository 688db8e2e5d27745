//! What tables and columns mean, in English and Finnish, and what the columns of analysis tables are to a person.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::raw::contract::Role;

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    // Part of the program; a unit test reads it too.
    toml::from_str(include_str!("dictionary.toml")).unwrap_or_else(|error| unreachable!("dictionary.toml: {error}"))
});

/// What the program knows of the study's tables beside the contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dictionary {
    analysis: BTreeMap<String, AnalysisTable>,
}

/// An analysis table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisTable {
    /// Its title in English.
    pub en: String,
    /// Its title in Finnish.
    pub fi: String,
    /// Columns that together name a row.
    pub key: Vec<String>,
    /// The columns, in order.
    pub columns: Vec<AnalysisColumn>,
}

/// A column of an analysis table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisColumn {
    /// Its name.
    pub name: String,
    /// The name of its type: `id`, `code`, `month`, `integer` or `flag`.
    #[serde(rename = "type")]
    pub value: String,
    /// What it is to the person.
    pub role: Role,
    /// What it says, in English.
    pub en: String,
    /// What it says, in Finnish.
    pub fi: String,
    /// The unit of its numbers.
    pub unit: Option<String>,
}

/// The analysis table `name`; `None` if there is no such table.
#[must_use]
pub fn analysis_table(name: &str) -> Option<&'static AnalysisTable> {
    DICTIONARY.analysis.get(name)
}

impl AnalysisTable {
    /// The column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&AnalysisColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_key_among_its_columns_and_begins_with_the_person() {
        assert_eq!(DICTIONARY.analysis.len(), 5);
        for table in DICTIONARY.analysis.values() {
            assert!(table.key.iter().all(|name| table.column(name).is_some()), "{}", table.en);
            assert_eq!(table.columns[0].role, Role::Person);
        }
    }
}
