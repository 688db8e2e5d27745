//! Columns whose values nearly identify a person.

use super::profile::Profile;
use crate::config::Limits;
use crate::verify::subject::{ColumnRole, SubjectTable};

/// Fewest values of a column that can be nearly unique.
const FEWEST_VALUES: f64 = 20.0;

/// A column that is nearly unique.
pub(super) struct NearUnique {
    /// Label of the column in evidence.
    pub label: String,
    /// Distinct values per distinct pair of person and value: 1 if no two persons share a value.
    pub share: f64,
}

/// Returns the columns, pseudonyms excepted, in which nearly every value belongs to one person or one row.
pub(super) fn near_unique(table: &SubjectTable, profile: &Profile, limits: &Limits) -> Vec<NearUnique> {
    let has_person = table.person().is_some();
    let mut found = Vec::new();
    for (column, profile) in table.columns.iter().zip(&profile.columns) {
        if matches!(column.role, ColumnRole::Person | ColumnRole::Reference) {
            continue;
        }
        let held = profile.held(has_person);
        let share = (profile.distinct() / held.max(1.0)).min(1.0);
        if held >= FEWEST_VALUES && share > limits.max_distinct_share {
            found.push(NearUnique { label: column.label.clone(), share });
        }
    }
    found
}
