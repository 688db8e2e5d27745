//! Findings about one table, and the parts that every report on findings shares.

use super::history::History;
use super::limits::Limits;
use super::near_unique::NearUnique;
use super::table_risk::TableRisk;
use crate::text::Text;
use crate::verify::check::{Notes, Table, Verdict};

pub(super) const K_ANONYMITY: &str = "risk.k_anonymity";
pub(super) const L_DIVERSITY: &str = "risk.l_diversity";
pub(super) const T_CLOSENESS: &str = "risk.t_closeness";
pub(super) const SUBSETS: &str = "risk.subsets";
pub(super) const NEAR_UNIQUE: &str = "risk.near_unique";
pub(super) const TRAJECTORIES: &str = "risk.trajectories";
pub(super) const REPEAT_COUNTS: &str = "risk.repeat_counts";
pub(super) const SMALL_CELLS: &str = "risk.small_cells";
pub(super) const HIDDEN_CELLS: &str = "risk.hidden_cells";
pub(super) const DIFFERENCING: &str = "risk.differencing";
pub(super) const CURVES: &str = "risk.curves";
/// Checks of every subject.
pub(super) const ALL: [&str; 8] =
    [K_ANONYMITY, L_DIVERSITY, T_CLOSENESS, SUBSETS, NEAR_UNIQUE, TRAJECTORIES, REPEAT_COUNTS, SMALL_CELLS];
/// Further checks of tables of any origin that are meant for release.
pub(super) const OF_RELEASED_TABLES: [&str; 3] = [HIDDEN_CELLS, DIFFERENCING, CURVES];

/// Most rows of a table of evidence.
const MOST_ROWS: usize = 100;

/// Findings about one table.
pub(super) struct TableFindings {
    /// Label of the table in evidence.
    pub label: String,
    /// `true` if a column holds persons.
    pub has_person: bool,
    /// `true` if the contract lists the table.
    pub is_known: bool,
    /// Labels of the measured quasi-identifiers.
    pub quasi: Vec<String>,
    /// Labels of the measured sensitive columns.
    pub sensitive: Vec<String>,
    /// Rows that are not measured, because every quasi-identifier is suppressed.
    pub suppressed_rows: u64,
    /// Risk by the combined quasi-identifiers, if there are any.
    pub risk: Option<TableRisk>,
    /// Nearly unique columns.
    pub near_unique: Vec<NearUnique>,
    /// Rows and dates of persons, if a column holds persons.
    pub history: Option<History>,
}

impl TableFindings {
    /// Returns the labels of the quasi-identifiers at `columns`, as one text.
    pub(super) fn quasi_labels(&self, columns: &[usize]) -> String {
        columns.iter().map(|&column| self.quasi[column].as_str()).collect::<Vec<_>>().join(" × ")
    }
}

/// Returns the tables that have quasi-identifiers, with their risk.
pub(super) fn measured(found: &[TableFindings]) -> Vec<(&TableFindings, &TableRisk)> {
    found.iter().filter_map(|found| Some((found, found.risk.as_ref()?))).collect()
}

/// Reports that no table has a quasi-identifier.
pub(super) fn note_no_quasi(name: &'static str, limits: &Limits, notes: &mut Notes<'_>) {
    let none = Text::new(
        "no column can be a quasi-identifier",
        "mikään sarake ei voi olla epäsuora tunniste",
        "ingen kolumn kan vara en kvasiidentifierare",
    );
    notes.note(name, limits.unless_unread(Verdict::NotApplicable), limits.qualified(none));
}

/// Creates a table of evidence.
pub(super) fn evidence_table(caption: Text, headings: Vec<Text>, rows: impl Iterator<Item = Vec<Text>>) -> Table {
    Table { caption, headings, rows: rows.take(MOST_ROWS).collect() }
}
