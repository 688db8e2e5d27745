//! Hidden cells that follow from published ones, or that published ones bound narrowly.

use std::collections::BTreeSet;

use super::equations::{HiddenCell, Sums};
use super::interval::{Interval, UNBOUNDED, tightened};
use super::sheet::Sheet;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::risk::findings::HIDDEN_CELLS;
use crate::verify::risk::limits::Limits;
use crate::verify::subject::{Subject, listed};

/// Most hidden cells of a subject that are computed from the others.
const MOST_HIDDEN: usize = 100_000;

/// Disclosed cells of a subject.
#[derive(Default)]
struct Disclosed {
    /// Cells that follow exactly.
    exact: usize,
    /// Cells that may be small, with an interval narrower than the least cell.
    bounded: usize,
    /// Cells with such an interval that are not small, as those that are hidden to protect a small one.
    large: usize,
    /// Table and column of counts of each.
    places: BTreeSet<(usize, usize)>,
}

/// Reports the hidden cells of a subject's tables that published cells disclose.
pub(super) fn note(sheets: &[Sheet<'_>], limits: &Limits, notes: &mut Notes<'_>) {
    let sums = Sums::new(sheets);
    if sums.cells.is_empty() {
        let none = Text::new(
            "no exact table of counts has a hidden cell",
            "missään tarkassa taulukossa ei ole peitettyjä soluja",
        );
        notes.note(HIDDEN_CELLS, Verdict::NotApplicable, none);
        return;
    }
    let all = sums.cells.len();
    if all > MOST_HIDDEN {
        let many = Text::new(
            format!("{all} hidden cells; more than {MOST_HIDDEN} are not computed together"),
            format!("{all} peitettyä solua; yli {MOST_HIDDEN} solua ei lasketa yhdessä"),
        );
        notes.note(HIDDEN_CELLS, Verdict::NotChecked, many);
        return;
    }
    let disclosed = disclosed(&sums, i64::from(limits.thresholds.min_cell));
    let is_beyond = disclosed.exact + disclosed.bounded > 0;
    let is_near = disclosed.large > 0;
    let mut parts = vec![evidence(sheets, &disclosed, all, limits)];
    let skipped = sums.skipped_pairs;
    if skipped > 0 {
        parts.push(Text::new(
            format!("{skipped} pairs of tables not compared, because there are too many rows"),
            format!("{skipped} taulukkoparia vertaamatta, koska rivejä on liikaa"),
        ));
    }
    let verdict = match is_beyond {
        false if is_near => Verdict::Warn,
        false if skipped > 0 => Verdict::NotChecked,
        _ => limits.verdict(is_beyond),
    };
    notes.note(HIDDEN_CELLS, verdict, limits.qualified(Text::join(&parts, "; ")));
}

fn evidence(sheets: &[Sheet<'_>], disclosed: &Disclosed, all: usize, limits: &Limits) -> Text {
    let Disclosed { exact, bounded, large, places } = disclosed;
    if places.is_empty() {
        return Text::new(
            format!("none of {all} hidden cells can be computed from published ones"),
            format!("yhtäkään {all} peitetystä solusta ei voi laskea julkaistuista"),
        );
    }
    let place = |&(sheet, column): &(usize, usize)| {
        let sheet = &sheets[sheet];
        Subject::place(sheet.table, sheet.counts[column].position)
    };
    let places = listed(&places.iter().map(place).collect::<Vec<_>>());
    let min_cell = limits.thresholds.min_cell;
    Text::new(
        format!(
            "{}: {exact} of {all} hidden cells follow from published ones; {bounded} that may be small, and {large} \
             larger ones, lie in a range narrower than {min_cell}",
            places.en
        ),
        format!(
            "{}: {exact}/{all} peitetystä solusta seuraa julkaistuista; lisäksi alle {min_cell} levyisellä välillä on \
             {bounded} mahdollisesti pientä ja {large} suurempaa solua",
            places.fi
        ),
    )
}

fn disclosed(sums: &Sums, min_cell: i64) -> Disclosed {
    let declared: Vec<Interval> = sums.cells.iter().map(|cell| interval(cell, cell.mark.least)).collect();
    let from_zero: Vec<Interval> = sums.cells.iter().map(|cell| interval(cell, 0)).collect();
    let found = tightened(&declared, &sums.equations);
    // A mark such as `<5` may stand for zero too.
    let found_from_zero = tightened(&from_zero, &sums.equations);
    let mut disclosed = Disclosed::default();
    for (number, cell) in sums.cells.iter().enumerate() {
        let readings = [(declared[number], found[number]), (from_zero[number], found_from_zero[number])];
        // Without any reading the sums do not hold: the table is rounded or its labels overlap.
        let reading = readings.into_iter().find_map(|(declared, found)| Some((declared, found?)));
        let Some((declared, found)) = reading else { continue };
        let is_nil = cell.mark.may_be_nil && found.high == 0;
        if found == declared || is_nil {
            continue;
        }
        if found.is_exact() {
            disclosed.exact += 1;
        } else if found.high - found.low >= min_cell {
            continue;
        } else if found.low < min_cell {
            disclosed.bounded += 1;
        } else {
            disclosed.large += 1;
        }
        disclosed.places.insert((cell.sheet, cell.column));
    }
    disclosed
}

/// Returns the counts that a mark allows, from `low`.
fn interval(cell: &HiddenCell, low: i64) -> Interval {
    Interval { low, high: cell.mark.most.map_or(UNBOUNDED, |most| most) }
}
