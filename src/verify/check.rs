use serde::Serialize;

use crate::text::Text;

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is nothing of the kind to look at.
    NotApplicable,
    /// It holds.
    Pass,
    /// It could not be looked at; the evidence says why.
    NotChecked,
    /// It may be in order, and someone must say so.
    Warn,
    /// It does not hold.
    Fail,
}

/// What a check found about one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Stable name, `family.check`; the catalogue says what it looks for and why.
    pub name: &'static str,
    /// What was looked at: a folder as it was given, or all of them.
    pub about: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why; never a value.
    pub evidence: Text,
    /// The evidence in rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// The evidence drawn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
}

/// Evidence in rows: counts, shares, names of files and columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// What the table shows.
    pub caption: Text,
    /// One for each column.
    pub headings: Vec<Text>,
    /// The rows.
    pub rows: Vec<Vec<Text>>,
}

/// Bars.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Picture {
    /// What the picture shows.
    pub title: Text,
    /// How it is read.
    pub caption: Text,
    /// The unit of the bars' lengths, such as `%`; may be empty.
    pub unit: &'static str,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What it is.
    pub label: Text,
    /// Its length, from 0.
    pub value: f64,
    /// The value as it is written beside it.
    pub shown: Text,
}

impl Check {
    /// The evidence, and these rows too.
    pub(super) fn with_table(&mut self, table: Table) -> &mut Self {
        self.tables.push(table);
        self
    }

    /// The evidence, and this drawing too.
    pub(super) fn with_picture(&mut self, picture: Picture) -> &mut Self {
        self.pictures.push(picture);
        self
    }
}

/// Notes the checks of one thing.
pub(super) struct Notes<'a> {
    pub(super) about: String,
    pub(super) checks: &'a mut Vec<Check>,
}

impl Notes<'_> {
    /// Notes what the check `name` came to, and gives it back so that rows and drawings can be added.
    pub(super) fn note(&mut self, name: &'static str, verdict: Verdict, evidence: Text) -> &mut Check {
        let (about, tables, pictures) = (self.about.clone(), Vec::new(), Vec::new());
        self.checks.push(Check { name, about, verdict, evidence, tables, pictures });
        // Just pushed.
        self.checks.last_mut().unwrap_or_else(|| unreachable!("a check was just pushed"))
    }

    /// Notes a pass with what `result` holds, or a failure with its error; what it held.
    pub(super) fn result<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        result: Result<T, E>,
        passed: impl FnOnce(&T) -> Text,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.note(name, Verdict::Pass, passed(&value));
                Some(value)
            }
            Err(error) => {
                self.note(name, Verdict::Fail, Text::same(error.to_string()));
                None
            }
        }
    }
}
