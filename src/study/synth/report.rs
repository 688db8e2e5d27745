//! Summary of synthetic registers in words.

use super::Summary;
use crate::report::TextTable;
use salanimi_core::Id;

impl Summary {
    /// Returns the summary in words: sizes of the registers, and source rows by table.
    #[must_use]
    pub fn in_words(&self) -> String {
        let holders: Vec<&str> = self.holders.iter().map(Id::as_str).collect();
        let mut text = format!(
            "SYNTHETIC registers of {} people for {}; {} people have temporary codes only; {} MB\n",
            self.persons,
            holders.join(", "),
            self.temporary,
            self.bytes / 1_000_000
        );
        let mut tables = TextTable::new(&["table", "source rows"]);
        for (table, rows) in &self.rows {
            tables.row([(*table).to_owned(), rows.to_string()]);
        }
        text += &tables.render();
        text
    }
}
