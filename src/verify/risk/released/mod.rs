//! Tables of any origin that are meant for release: small counts, hidden cells, differencing, curves.
//!
//! The order of use is: `words` · `number` · `cell`, `name` · `sheet` · the checks, one a file.

mod cell;
mod counts;
mod curves;
mod differ;
mod equations;
mod hidden;
mod interval;
mod name;
mod number;
mod shares;
mod sheet;
mod suppressed;
#[cfg(test)]
mod tests;
mod words;

use self::sheet::{Content, MOST_CELLS, Sheet};
pub(super) use self::suppressed::without_suppressed_rows;
use super::findings::OF_RELEASED_TABLES;
use super::frequency_tables;
use super::limits::Limits;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::{Subject, SubjectTable, listed};

/// The tables of counts of a subject.
#[derive(Default)]
pub(super) struct ReleasedTables<'a> {
    sheets: Vec<Sheet<'a>>,
    too_large: Vec<&'a SubjectTable>,
}

impl<'a> ReleasedTables<'a> {
    /// Reads the tables of a subject. A table that cannot be read is recorded when its rows are measured.
    pub(super) fn read(subject: &'a Subject) -> Self {
        let mut tables = Self::default();
        for table in &subject.tables {
            match Content::read(table) {
                Ok(Content::Counts(sheet)) => tables.sheets.push(sheet),
                Ok(Content::TooLarge) => tables.too_large.push(table),
                Ok(Content::Rows) | Err(_) => {}
            }
        }
        tables
    }

    /// Returns true if the rows of `table` are counts, not persons.
    pub(super) fn has(&self, table: &SubjectTable) -> bool {
        let is_large = self.too_large.iter().any(|large| std::ptr::eq(*large, table));
        is_large && frequency_tables::count_column(table).is_some()
            || self.sheets.iter().any(|sheet| std::ptr::eq(sheet.table, table))
    }

    /// Reports what the tables disclose.
    pub(super) fn note(&self, limits: &Limits, notes: &mut Notes<'_>) {
        counts::note(&self.sheets, limits, notes);
        frequency_tables::note(self.too_large.iter().copied(), limits, notes);
        hidden::note(&self.sheets, limits, notes);
        differ::note(&self.sheets, limits, notes);
        curves::note(&self.sheets, limits, notes);
        self.note_too_large(notes);
    }

    /// Reports the tables that are too large to be read whole.
    fn note_too_large(&self, notes: &mut Notes<'_>) {
        if self.too_large.is_empty() {
            return;
        }
        let tables = listed(&self.too_large.iter().map(|table| table.label.clone()).collect::<Vec<_>>());
        let evidence = Text::new(
            format!("more than {MOST_CELLS} cells: {}", tables.en),
            format!("yli {MOST_CELLS} solua: {}", tables.fi),
            format!("fler än {MOST_CELLS} celler: {}", tables.sv),
        );
        for name in OF_RELEASED_TABLES {
            notes.note(name, Verdict::NotChecked, evidence.clone());
        }
    }
}
