//! Results of checks: verdicts with their evidence.

use serde::Serialize;

use crate::text::Text;

/// Verdict of a check, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The subject has nothing that the check applies to.
    NotApplicable,
    /// The check passed.
    Pass,
    /// The check could not be run; the evidence states the reason.
    NotChecked,
    /// The finding may be acceptable; a person must decide.
    Warn,
    /// The check failed.
    Fail,
}

/// Result of a check on one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Stable name, `family.check`, as in the catalogue.
    pub name: &'static str,
    /// Label of the subject, or of several together.
    pub about: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Reason for the verdict; never a value.
    pub evidence: Text,
    /// Tables of evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// Charts of evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
}

/// A table of evidence: counts, shares, names of files and columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Title of the table.
    pub caption: Text,
    /// Heading of each column.
    pub headings: Vec<Text>,
    /// Rows of cells.
    pub rows: Vec<Vec<Text>>,
}

/// A bar chart of evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Picture {
    /// Title of the chart.
    pub title: Text,
    /// Explanation for the reader.
    pub caption: Text,
    /// Unit of the bars, such as `%`; may be empty.
    pub unit: &'static str,
    /// Bars from top to bottom.
    pub bars: Vec<Bar>,
}

/// A bar of a chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Label of the bar.
    pub label: Text,
    /// Length of the bar, from 0.
    pub value: f64,
    /// The value as printed beside the bar.
    pub shown: Text,
}

impl Check {
    /// Adds a table to the evidence.
    pub(super) fn with_table(&mut self, table: Table) -> &mut Self {
        self.tables.push(table);
        self
    }

    /// Adds a chart to the evidence.
    pub(super) fn with_picture(&mut self, picture: Picture) -> &mut Self {
        self.pictures.push(picture);
        self
    }
}

/// Collects the checks of one subject.
pub(super) struct Notes<'a> {
    /// Label of the subject.
    pub(super) about: String,
    /// All checks so far; new ones are appended.
    pub(super) checks: &'a mut Vec<Check>,
}

impl Notes<'_> {
    /// Adds a check and returns it, so that tables and charts can be attached.
    #[expect(clippy::expect_used, reason = "the vector holds the check just pushed")]
    pub(super) fn note(&mut self, name: &'static str, verdict: Verdict, evidence: Text) -> &mut Check {
        let about = self.about.clone();
        self.checks.push(Check { name, about, verdict, evidence, tables: Vec::new(), pictures: Vec::new() });
        self.checks.last_mut().expect("a check was just pushed")
    }

    /// Adds a pass with the evidence of `passed`, or a failure with the error. Returns the value of `result`.
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
