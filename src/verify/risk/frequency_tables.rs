//! Frequency tables: each row is a cell with a count of persons, and small counts are reported.

use super::findings::SMALL_CELLS;
use super::limits::Limits;
use crate::table::Cells;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::{Subject, SubjectTable, listed};

/// Names of columns that count persons, in lower case.
const COUNT_COLUMNS: &str = include_str!("count_columns.txt");

/// Returns the position of the column that counts persons; `None` if `table` is not a frequency table.
pub(super) fn count_column(table: &SubjectTable) -> Option<usize> {
    if table.person().is_some() {
        return None;
    }
    table.columns.iter().position(|column| is_listed_count(&column.name.to_lowercase()))
}

/// Returns true if `name`, in lower case, is in the list of columns that count persons.
pub(super) fn is_listed_count(name: &str) -> bool {
    COUNT_COLUMNS.lines().filter(|line| !line.starts_with('#')).any(|known| known == name)
}

/// Reports the small counts of every frequency table among `tables`.
pub(super) fn note<'a>(tables: impl Iterator<Item = &'a SubjectTable>, limits: &Limits, notes: &mut Notes<'_>) {
    for (table, column) in tables.filter_map(|table| Some((table, count_column(table)?))) {
        let min_cell = f64::from(limits.thresholds.min_cell);
        let Ok(parts) = table.table.map(&[column], |rows| small_counts(&rows.columns[0], min_cell)) else { continue };
        let small: u64 = parts.iter().sum();
        let place = listed(&[Subject::place(table, column)]);
        let verdict = match (small, limits.released) {
            (0, _) => Verdict::Pass,
            (_, true) => Verdict::Fail,
            (_, false) => Verdict::Warn,
        };
        let en = format!("{}: {small} counts below {min_cell}", place.en);
        notes.note(
            SMALL_CELLS,
            verdict,
            Text::new(
                en,
                format!("{}: {small} lukua alle {min_cell}", place.fi),
                format!("{}: {small} tal under {min_cell}", place.sv),
            ),
        );
    }
}

/// Returns the number of counts above zero and below `min_cell`.
fn small_counts(cells: &Cells, min_cell: f64) -> u64 {
    (0..cells.len())
        .filter_map(|row| cells.text(row)?.trim().replace(',', ".").parse::<f64>().ok())
        .filter(|count| *count > 0.0 && *count < min_cell)
        .count() as u64
}
