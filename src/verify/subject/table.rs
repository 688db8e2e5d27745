//! A table of a subject.

use std::path::PathBuf;

use super::column::{Column, ColumnRole};
use crate::config::AnalysisTable;
use crate::table::AnyTable;

/// A table of a subject, with the roles of its columns.
pub(crate) struct SubjectTable {
    /// Name for evidence.
    pub label: String,
    pub path: PathBuf,
    pub table: AnyTable,
    pub columns: Vec<Column>,
    /// Position in the contract, if the contract lists the table.
    pub contract: Option<usize>,
    /// Definition of the analysis table, in a linked dataset.
    pub analysis: Option<&'static AnalysisTable>,
    /// `true` if a contract or the analysis tables define the roles, `false` if names suggest them.
    pub is_known: bool,
    /// `true` if this tool released the table and its rows are counts, not persons.
    pub has_counts: bool,
}

impl SubjectTable {
    /// Returns the positions of the columns with `role`.
    pub fn of_role(&self, role: ColumnRole) -> Vec<usize> {
        self.positions(|column| column.role == role)
    }

    /// Returns the position of the person's column.
    pub fn person(&self) -> Option<usize> {
        self.of_role(ColumnRole::Person).first().copied()
    }

    /// Returns the positions of the columns of pseudonyms, of persons or anything else.
    pub fn pseudonyms(&self) -> Vec<usize> {
        self.positions(|column| matches!(column.role, ColumnRole::Person | ColumnRole::Reference))
    }

    fn positions(&self, accepts: impl Fn(&Column) -> bool) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| accepts(column)).map(|(position, _)| position).collect()
    }
}
