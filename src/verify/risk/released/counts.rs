//! Small counts in released tables: shown ones, the rest of a base, and those that a share discloses.

use super::cell::Cell;
use super::shares;
use super::sheet::{CellColumn, Sheet};
use crate::text::Text;
use crate::verify::check::Notes;
use crate::verify::risk::findings::SMALL_CELLS;
use crate::verify::risk::limits::Limits;
use crate::verify::subject::{Subject, listed};

/// Small counts of a table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SmallCounts {
    /// Counts that the table shows.
    shown: usize,
    /// Differences of a base and a part of it.
    rests: usize,
    /// Counts that follow from a share.
    of_shares: usize,
}

/// Reports the small counts of each table.
pub(super) fn note(sheets: &[Sheet<'_>], limits: &Limits, notes: &mut Notes<'_>) {
    for sheet in sheets.iter().filter(|sheet| !sheet.counts.is_empty()) {
        let small = small_counts(sheet, i64::from(limits.thresholds.min_cell));
        let is_beyond = small != SmallCounts::default();
        notes.note(SMALL_CELLS, limits.verdict(is_beyond), limits.qualified(evidence(sheet, &small, limits)));
    }
}

fn evidence(sheet: &Sheet<'_>, small: &SmallCounts, limits: &Limits) -> Text {
    let SmallCounts { shown, rests, of_shares } = small;
    let min_cell = limits.thresholds.min_cell;
    let places = sheet.counts.iter().map(|column| Subject::place(sheet.table, column.position));
    let places = listed(&places.collect::<Vec<_>>());
    let mut parts = vec![Text::new(
        format!("{}: {shown} counts below {min_cell}", places.en),
        format!("{}: {shown} lukua alle {min_cell}", places.fi),
        format!("{}: {shown} antal under {min_cell}", places.sv),
    )];
    if *rests > 0 {
        parts.push(Text::new(
            format!("small rests of a base without a part: {rests}"),
            format!("pieniä kokonaisuuden ja osan erotuksia: {rests}"),
            format!("små skillnader mellan en helhet och dess del: {rests}"),
        ));
    }
    if *of_shares > 0 {
        parts.push(Text::new(
            format!("small counts that follow from a base and a share: {of_shares}"),
            format!("pieniä lukuja, jotka seuraavat kokonaisuudesta ja osuudesta: {of_shares}"),
            format!("små antal som följer av en helhet och en andel: {of_shares}"),
        ));
    }
    Text::join(&parts, "; ")
}

fn small_counts(sheet: &Sheet<'_>, min_cell: i64) -> SmallCounts {
    let cells = || sheet.counts.iter().flat_map(|column| &column.cells);
    let in_cells = cells().filter(|cell| matches!(cell, Cell::Count(count) if shares::rest_is_small(count, min_cell)));
    SmallCounts {
        shown: cells().filter(|cell| is_small(cell, min_cell)).count(),
        rests: rests(sheet, min_cell) + in_cells.count(),
        of_shares: shares::small_parts(sheet, min_cell),
    }
}

/// Returns true for a count above zero and below `min_cell`. Weighted counts have decimals.
fn is_small(cell: &Cell, min_cell: i64) -> bool {
    match cell {
        Cell::Count(count) => 0 < count.value && count.value < min_cell,
        Cell::Number(number) => number.decimal.value > 0.0 && number.decimal.value < min_cell as f64,
        Cell::Hidden(_) | Cell::Text => false,
    }
}

/// Returns the number of small differences between a base and its parts.
fn rests(sheet: &Sheet<'_>, min_cell: i64) -> usize {
    let mut small = 0;
    for base in &sheet.counts {
        for part in sheet.counts.iter().filter(|part| is_part(part, base)) {
            let pairs = base.cells.iter().zip(&part.cells);
            let pairs: Vec<(i64, i64)> = pairs.filter_map(|(base, part)| base.count().zip(part.count())).collect();
            if pairs.iter().all(|(base, part)| part <= base) {
                small += pairs.iter().filter(|(base, part)| (1..min_cell).contains(&(base - part))).count();
            }
        }
    }
    small
}

/// Returns true if the names of two columns are those of a base and a part of it.
fn is_part(part: &CellColumn, base: &CellColumn) -> bool {
    part.name.extends(&base.name) || base.name.is_base() && !part.name.is_base()
}
