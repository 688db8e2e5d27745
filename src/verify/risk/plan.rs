//! Columns of a table to measure, and the share of its persons that fits in memory.

use super::keys::Form;
use super::profile::{ColumnProfile, Profile};
use crate::verify::options::Options;
use crate::verify::subject::{ColumnRole, SubjectTable};

/// Most quasi-identifiers that are measured: those with the most distinct values.
const MOST_QUASI: usize = 16;
/// Most sensitive columns that are measured: the first ones.
const MOST_SENSITIVE: usize = 32;
/// Bytes that a row takes, besides its columns.
const ROW_BYTES: f64 = 48.0;
/// Bytes that a cell takes.
const CELL_BYTES: f64 = 8.0;
/// Bytes that a distinct value takes.
const VALUE_BYTES: f64 = 48.0;
/// Share of the memory for rows; readers need the rest.
const FOR_ROWS: f64 = 0.6;

/// Positions of the columns to measure.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// Person column.
    pub person: Option<usize>,
    /// Quasi-identifiers that have a value.
    pub quasi: Vec<usize>,
    /// Sensitive columns that have a value.
    pub sensitive: Vec<usize>,
    /// Quasi-identifiers and sensitive columns that are skipped, because there are too many.
    pub skipped: usize,
    /// Date of each row's event.
    pub event: Option<usize>,
    /// Form of the texts of each column of the table.
    pub forms: Vec<Form>,
}

impl Plan {
    /// Chooses the columns of `table` to measure.
    pub(super) fn new(table: &SubjectTable, profile: &Profile, options: &Options<'_>) -> Self {
        let mut quasi = table.of_role(ColumnRole::Quasi);
        quasi.retain(|column| profile.distinct(*column) > 0.0);
        let skipped_quasi = quasi.len().saturating_sub(MOST_QUASI);
        if skipped_quasi > 0 {
            quasi.sort_by(|&a, &b| profile.distinct(b).total_cmp(&profile.distinct(a)).then(a.cmp(&b)));
            quasi.truncate(MOST_QUASI);
            quasi.sort_unstable();
        }
        let mut sensitive = table.of_role(ColumnRole::Sensitive);
        sensitive.retain(|column| profile.distinct(*column) > 0.0);
        let skipped_sensitive = sensitive.len().saturating_sub(MOST_SENSITIVE);
        sensitive.truncate(MOST_SENSITIVE);
        Self {
            person: table.person(),
            quasi,
            sensitive,
            skipped: skipped_quasi + skipped_sensitive,
            event: event(table, profile, options),
            forms: profile.columns.iter().map(ColumnProfile::form).collect(),
        }
    }

    /// Returns the positions of all columns but the person's, in the order in which they are read.
    pub(super) fn columns(&self) -> Vec<usize> {
        self.quasi.iter().chain(&self.sensitive).chain(&self.event).copied().collect()
    }

    /// Estimates the memory that the table takes, in bytes.
    fn bytes(&self, profile: &Profile) -> f64 {
        let columns = self.columns();
        let values: f64 = columns.iter().chain(&self.person).map(|&column| profile.distinct(column)).sum();
        profile.rows as f64 * (ROW_BYTES + CELL_BYTES * columns.len() as f64) + values * VALUE_BYTES
    }
}

/// Returns the date column of a table's events.
///
/// This is the column that the contract's window restricts. If there is none, it is the date column with the most
/// distinct days that is neither a pseudonym nor a quasi-identifier, as the day of birth is.
fn event(table: &SubjectTable, profile: &Profile, options: &Options<'_>) -> Option<usize> {
    if let Some(window) = window(table, options).filter(|&column| profile.columns[column].is_dated()) {
        return Some(window);
    }
    let identifying = [ColumnRole::Quasi, ColumnRole::Person, ColumnRole::Reference];
    (0..table.columns.len())
        .filter(|&column| !identifying.contains(&table.columns[column].role))
        .filter(|&column| profile.columns[column].is_dated())
        .max_by(|&a, &b| profile.distinct(a).total_cmp(&profile.distinct(b)).then(b.cmp(&a)))
}

/// Returns the position of the column that the contract's window restricts.
fn window(table: &SubjectTable, options: &Options<'_>) -> Option<usize> {
    let known = &options.contract?.tables[table.contract?];
    let name = known.columns[known.window?].name.as_str();
    table.columns.iter().position(|column| column.name == name)
}

/// Returns the share of a subject's persons that can be measured within `memory` bytes, 0 to 1.
pub(super) fn share<'a>(tables: impl Iterator<Item = (&'a Plan, &'a Profile)> + Clone, memory: usize) -> f64 {
    let largest = tables.clone().map(|(plan, profile)| plan.bytes(profile)).fold(0.0, f64::max);
    // Every table's persons and dates are kept for the trajectories.
    let kept: f64 = tables.map(|(_, profile)| profile.rows as f64 * ROW_BYTES).sum();
    (memory as f64 * FOR_ROWS / largest.max(kept).max(1.0)).min(1.0)
}
