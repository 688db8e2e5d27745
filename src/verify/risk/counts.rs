//! Tables whose rows are counts of persons, not persons: only their cells are judged.

use super::SMALL_CELLS;
use super::scene::Scene;
use crate::table::Cells;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::{Subject, Tabular, listed};

/// Names, in lower case, of columns that count persons.
const COUNTS: [&str; 11] = [
    "n",
    "count",
    "counts",
    "lkm",
    "lukumaara",
    "lukumäärä",
    "persons",
    "henkiloita",
    "henkilöitä",
    "freq",
    "frequency",
];

/// Position of the column that counts persons, in a table of counts.
pub(super) fn column(table: &Tabular) -> Option<usize> {
    let counts = |name: &str| COUNTS.contains(&name.to_lowercase().as_str());
    let found = table.columns.iter().position(|column| counts(&column.name));
    found.filter(|_| table.person().is_none())
}

/// Notes the counts that are small.
pub(super) fn note(subject: &Subject, scene: &Scene, notes: &mut Notes<'_>) {
    let tables = subject.tables.iter().filter_map(|table| Some((table, column(table)?)));
    for (table, column) in tables {
        let least = f64::from(scene.limits.min_cell);
        let small = |rows: crate::table::Rows| small(&rows.columns[0], least);
        let Ok(parts) = table.table.map(&[column], small) else { continue };
        let (small, place): (u64, _) = (parts.iter().sum(), listed(&[Subject::place(table, column)]));
        let verdict = match (small, subject.released) {
            (0, _) => Verdict::Pass,
            (_, true) => Verdict::Fail,
            (_, false) => Verdict::Warn,
        };
        let en = format!("{}: {small} counts below {least}", place.en);
        notes.note(SMALL_CELLS, verdict, Text::new(en, format!("{}: {small} lukua alle {least}", place.fi)));
    }
}

/// Counts that are not zero and smaller than `least`.
fn small(cells: &Cells, least: f64) -> u64 {
    let is_small = |number: f64| number > 0.0 && number < least;
    let number = |row: usize| cells.text(row)?.trim().replace(',', ".").parse::<f64>().ok();
    (0..cells.len()).filter_map(number).filter(|n| is_small(*n)).count() as u64
}
