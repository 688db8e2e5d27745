//! Contents of the linkage report, and the texts that every section uses.

use crate::config::{Contract, Label};
use crate::exchange::{Accounting, LinkedManifest};
use crate::text::ShownCounts;

/// Contents of the page, and its language.
pub(super) struct View<'a> {
    pub(super) contract: &'a Contract,
    pub(super) manifest: &'a LinkedManifest,
    pub(super) accounting: &'a Accounting,
    pub(super) cells: ShownCounts,
    pub(super) words: &'a toml::Table,
}

impl View<'_> {
    /// The text of a label in the page's language.
    pub(super) fn text(&self, label: &Label) -> String {
        label.text(self.cells.language().code()).to_owned()
    }

    /// A fixed word of the page.
    #[expect(clippy::expect_used, reason = "a test holds both languages to the same keys, which the code uses")]
    pub(super) fn word(&self, key: &str) -> String {
        let word = self.words.get(key).and_then(toml::Value::as_str);
        word.expect("words.*.toml has every word of the page").to_owned()
    }

    pub(super) fn title(&self, table: &str) -> String {
        self.text(&self.contract.words.table(table))
    }

    /// Returns true if a table brings persons into the dataset.
    pub(super) fn is_population(&self, table: &str) -> bool {
        self.accounting.population.iter().any(|name| name == table)
    }
}
