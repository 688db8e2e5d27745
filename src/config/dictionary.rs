//! What tables, columns and codes mean, in English and Finnish, and what the columns of analysis tables are to a person.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::raw::contract::Role;
use salanimi_core::Day;

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    // Part of the program; a unit test reads it too.
    toml::from_str(include_str!("../../config/studies/toituavain/words.toml"))
        .unwrap_or_else(|error| unreachable!("dictionary.toml: {error}"))
});

/// What the program knows of the study's tables beside the contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dictionary {
    analysis: BTreeMap<String, AnalysisTable>,
    tables: BTreeMap<String, SourceTable>,
    columns: BTreeMap<String, ColumnWords>,
    codes: BTreeMap<String, BTreeMap<String, Words>>,
    breaks: Vec<Break>,
}

/// Words in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Finnish.
    pub fi: String,
}

impl Words {
    /// What has no other words than its own name.
    #[must_use]
    pub fn same(name: &str) -> Self {
        Self { en: name.to_owned(), fi: name.to_owned() }
    }
}

/// What is said of a column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnWords {
    /// What it says, in English.
    pub en: String,
    /// What it says, in Finnish.
    pub fi: String,
    /// The unit of its numbers.
    pub unit: Option<String>,
    /// The list that its codes are labelled by; none if the list bears the column's name.
    pub codes: Option<String>,
}

/// A table of the sources, or that of persons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    en: String,
    fi: String,
    #[serde(default)]
    columns: BTreeMap<String, ColumnWords>,
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
    /// The list that its codes are labelled by; none if the list bears the column's name.
    pub codes: Option<String>,
}

/// A change in the practice of the registers: figures before and after do not compare.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// The first day that it concerns.
    pub first: Day,
    /// The last, if it passed again.
    pub last: Option<Day>,
    /// What changed, in English.
    pub en: String,
    /// What changed, in Finnish.
    pub fi: String,
}

/// The analysis table `name`; `None` if there is no such table.
#[must_use]
pub fn analysis_table(name: &str) -> Option<&'static AnalysisTable> {
    DICTIONARY.analysis.get(name)
}

/// The title of a linked dataset's table; its own name if it has none.
#[must_use]
pub fn table_title(name: &str) -> Words {
    let source = DICTIONARY.tables.get(name).map(|table| (&table.en, &table.fi));
    let titled = source.or_else(|| analysis_table(name).map(|table| (&table.en, &table.fi)));
    titled.map_or_else(|| Words::same(name), |(en, fi)| Words { en: en.clone(), fi: fi.clone() })
}

/// What is said of the column `name` of a linked dataset's table; `None` if nothing is.
#[must_use]
pub fn column_words(table: &str, name: &str) -> Option<ColumnWords> {
    if let Some(column) = analysis_table(table).and_then(|table| table.column(name)) {
        let AnalysisColumn { en, fi, unit, codes, .. } = column;
        return Some(ColumnWords { en: en.clone(), fi: fi.clone(), unit: unit.clone(), codes: codes.clone() });
    }
    let of_table = DICTIONARY.tables.get(table).and_then(|table| table.columns.get(name));
    of_table.or_else(|| DICTIONARY.columns.get(name)).cloned()
}

/// The label of `code` in the list `list`; `None` if it has none.
#[must_use]
pub fn code_label(list: &str, code: &str) -> Option<&'static Words> {
    DICTIONARY.codes.get(list)?.get(code)
}

/// The codes of the list `list` that are labelled, in byte order.
pub fn labelled_codes(list: &str) -> impl Iterator<Item = &'static str> {
    DICTIONARY.codes.get(list).into_iter().flat_map(|codes| codes.keys().map(String::as_str))
}

/// The breaks in time, in order.
#[must_use]
pub fn breaks() -> &'static [Break] {
    &DICTIONARY.breaks
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
    use crate::config::Contract;
    use crate::table::ValueType;

    #[test]
    fn every_table_has_its_key_among_its_columns_and_begins_with_the_person() {
        assert_eq!(DICTIONARY.analysis.len(), 5);
        for table in DICTIONARY.analysis.values() {
            assert!(table.key.iter().all(|name| table.column(name).is_some()), "{}", table.en);
            assert_eq!(table.columns[0].role, Role::Person);
        }
    }

    #[test]
    fn every_column_that_the_study_shows_has_a_title_and_every_code_a_label() {
        let study = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/studies/toituavain/contract.toml");
        for table in Contract::read(&study).unwrap().tables {
            for field in &table.fields[1..] {
                let Some(value) = table.linked_value(&field.name) else { continue };
                let words = column_words(table.name.as_str(), &field.name);
                let words = words.unwrap_or_else(|| panic!("{}.{} has no title", table.name, field.name));
                let ValueType::Code(codes) = value else { continue };
                let list = words.codes.as_deref().unwrap_or(&field.name);
                let bare: Vec<_> = codes.values().iter().filter(|code| code_label(list, code).is_none()).collect();
                assert!(bare.is_empty(), "{}.{}: {bare:?} have no label", table.name, field.name);
            }
        }
    }

    #[test]
    fn breaks_in_time_are_in_order() {
        let first: Vec<Day> = breaks().iter().map(|b| b.first).collect();
        assert!(first.is_sorted() && first.len() == 6);
    }
}
