//! Labels of released tables in the language of a page.

use crate::config::raw::release::{Bound, Condition};
use crate::config::{ColumnWords, Contract};
use crate::exchange::{ReleasedDimension, ReleasedItem, TOTAL, UNKNOWN};
use crate::text::{Language, grouped};

/// Decimals of shares in tables.
const SHARE_DECIMALS: usize = 0;

/// Texts of a page: the study's words, and the fixed ones.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) contract: &'a Contract,
    pub(super) words: &'a toml::Table,
    pub(super) language: Language,
}

impl Texts<'_> {
    /// Returns a fixed text.
    pub(super) fn word(&self, key: &str) -> String {
        match self.words.get(key).and_then(toml::Value::as_str) {
            Some(word) => word.to_owned(),
            None => unreachable!("a test holds every key in every language"),
        }
    }

    /// Returns the title of a dimension.
    pub(super) fn dimension(&self, item: &ReleasedItem, dimension: &ReleasedDimension) -> String {
        self.column(item, &dimension.column)
    }

    /// Returns the title of a linked column, as far as its first semicolon.
    pub(super) fn column(&self, item: &ReleasedItem, column: &str) -> String {
        let title = self.column_words(item, column).map(|words| words.title.text(self.language.code()));
        let title = title.map_or(column, |title| title);
        title.split_once(';').map_or(title, |(title, _)| title).to_owned()
    }

    fn column_words(&self, item: &ReleasedItem, column: &str) -> Option<&ColumnWords> {
        let (table, column) = owner(item, column);
        self.contract.words.column(table, column)
    }

    /// Returns the label of a value of a linked column.
    pub(super) fn value(&self, item: &ReleasedItem, column: &str, value: &str) -> String {
        match value {
            UNKNOWN => return self.word("unknown"),
            TOTAL => return self.word("all"),
            "true" => return self.word("yes"),
            "false" => return self.word("no"),
            _ => {}
        }
        let (table, column) = owner(item, column);
        let list = self.contract.words.code_list(table, column);
        self.contract.words.code_or_itself(list, value).text(self.language.code()).to_owned()
    }

    /// Returns a condition in words.
    pub(super) fn condition(&self, item: &ReleasedItem, condition: &Condition) -> String {
        let title = self.column(item, &condition.column);
        let shown = match (&condition.from, &condition.to) {
            (Some(from), Some(to)) => format!("{}–{}", bound(from), bound(to)),
            _ if condition.known => self.word("known"),
            _ => {
                let values = condition.is.iter().map(|value| self.value(item, &condition.column, value));
                values.collect::<Vec<_>>().join(", ")
            }
        };
        format!("{title}: {shown}")
    }

    pub(super) fn percent(&self, share: f64) -> String {
        self.language.percentage(100.0 * share, SHARE_DECIMALS)
    }
}

/// Returns a whole number with its thousands apart.
pub(super) fn digits(number: f64) -> String {
    let size = grouped(number.abs().round() as u64);
    if number <= -0.5 { format!("−{size}") } else { size }
}

/// Returns the table and the plain name of a column of an item.
fn owner<'i>(item: &'i ReleasedItem, column: &'i str) -> (&'i str, &'i str) {
    column.split_once('.').unwrap_or((item.table.as_str(), column))
}

fn bound(bound: &Bound) -> String {
    match bound {
        Bound::Number(number) => number.to_string(),
        Bound::Text(text) => text.clone(),
    }
}
