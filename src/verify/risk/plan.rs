//! Which columns of a table are looked at closely, and of which share of its persons.

use super::super::Options;
use super::super::subject::{ColumnRole, Tabular};
use super::keys::Form;
use super::profile::Profile;

/// Quasi-identifiers that are looked at: those with the most different values.
pub(super) const MOST_QUASI: usize = 16;
/// Sensitive columns that are looked at: the first ones.
pub(super) const MOST_SENSITIVE: usize = 32;
/// Bytes that a row takes while it is worked on, besides its columns.
const ROW_BYTES: f64 = 48.0;
/// Bytes that a cell takes.
const CELL_BYTES: f64 = 8.0;
/// Bytes that a different value takes.
const VALUE_BYTES: f64 = 48.0;
/// The share of the memory that rows may take; readers need the rest.
const FOR_ROWS: f64 = 0.6;

/// Positions of columns to read.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// Stands for the person.
    pub person: Option<usize>,
    /// Quasi-identifiers that vary.
    pub quasi: Vec<usize>,
    /// How many quasi-identifiers were left out, being too many.
    pub quasi_left_out: usize,
    /// Sensitive columns that hold anything.
    pub sensitive: Vec<usize>,
    /// How many were left out, being too many.
    pub sensitive_left_out: usize,
    /// The date of what a row tells.
    pub event: Option<usize>,
    /// How the texts of each column of the table are understood.
    pub forms: Vec<Form>,
}

impl Plan {
    pub(super) fn new(table: &Tabular, profile: &Profile, options: &Options<'_>) -> Self {
        let distinct = |column: &usize| profile.columns[*column].distinct();
        let mut quasi = table.of_role(ColumnRole::Quasi);
        quasi.retain(|column| distinct(column) > 0.0);
        let quasi_left_out = quasi.len().saturating_sub(MOST_QUASI);
        if quasi_left_out > 0 {
            quasi.sort_by(|a, b| distinct(b).total_cmp(&distinct(a)).then(a.cmp(b)));
            quasi.truncate(MOST_QUASI);
            quasi.sort_unstable();
        }
        let mut sensitive = table.of_role(ColumnRole::Sensitive);
        sensitive.retain(|column| distinct(column) > 0.0);
        let sensitive_left_out = sensitive.len().saturating_sub(MOST_SENSITIVE);
        sensitive.truncate(MOST_SENSITIVE);
        let forms = profile.columns.iter().map(super::profile::ColumnProfile::form).collect();
        let event = event(table, profile, options);
        Self { person: table.person(), quasi, quasi_left_out, sensitive, sensitive_left_out, event, forms }
    }

    /// Positions of all columns besides the person's, in the order in which they are read.
    pub(super) fn columns(&self) -> Vec<usize> {
        self.quasi.iter().chain(&self.sensitive).chain(&self.event).copied().collect()
    }

    /// Bytes that working on the table takes.
    fn bytes(&self, profile: &Profile) -> f64 {
        let columns = self.columns();
        let values: f64 = columns.iter().chain(&self.person).map(|&c| profile.columns[c].distinct()).sum();
        profile.rows as f64 * (ROW_BYTES + CELL_BYTES * columns.len() as f64) + values * VALUE_BYTES
    }
}

/// The column by which the contract's window is kept; else of the columns of days, but for quasi-identifiers such as the
/// day of birth, the one with the most different days.
fn event(table: &Tabular, profile: &Profile, options: &Options<'_>) -> Option<usize> {
    let is_dated = |column: &usize| profile.columns[*column].is_dated();
    let known = options.contract.zip(table.contract).map(|(contract, position)| &contract.tables[position]);
    let window = known.and_then(|known| Some(&known.columns[known.window?].name));
    let window = window.and_then(|name| table.columns.iter().position(|column| column.name == name.as_str()));
    let candidates = (0..table.columns.len()).filter(|&column| {
        !matches!(table.columns[column].role, ColumnRole::Quasi | ColumnRole::Person | ColumnRole::Reference)
    });
    let distinct = |column: usize| profile.columns[column].distinct();
    window
        .filter(is_dated)
        .or_else(|| candidates.filter(is_dated).max_by(|&a, &b| distinct(a).total_cmp(&distinct(b)).then(b.cmp(&a))))
}

/// The share of the persons of a subject that can be looked at within `memory` bytes.
pub(super) fn share<'a>(tables: impl Iterator<Item = (&'a Plan, &'a Profile)> + Clone, memory: usize) -> f64 {
    let largest = tables.clone().map(|(plan, profile)| plan.bytes(profile)).fold(0.0, f64::max);
    // What is kept of each table for trajectories.
    let kept: f64 = tables.map(|(_, profile)| profile.rows as f64 * ROW_BYTES).sum();
    (memory as f64 * FOR_ROWS / largest.max(kept).max(1.0)).min(1.0)
}
