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
    let all = sums.cells.len();
    if all == 0 {
        let none = Text::new(
            "no table with exact counts has a hidden cell",
            "missään tarkkojen lukujen taulukossa ei ole peitettyä solua",
            "ingen tabell med exakta antal har en dold cell",
        );
        notes.note(HIDDEN_CELLS, limits.unless_unread(Verdict::NotApplicable), none);
    } else if all > MOST_HIDDEN {
        let many = Text::new(
            format!("{all} hidden cells; more than {MOST_HIDDEN} are not computed together"),
            format!("{all} peitettyä solua; yli {MOST_HIDDEN} solua ei lasketa yhdessä"),
            format!("{all} dolda celler; fler än {MOST_HIDDEN} beräknas inte tillsammans"),
        );
        notes.note(HIDDEN_CELLS, Verdict::NotChecked, many);
    } else {
        let disclosed = disclosed(&sums, i64::from(limits.thresholds.min_cell));
        let verdict = match disclosed.exact + disclosed.bounded {
            0 if disclosed.large > 0 => Verdict::Warn,
            0 if sums.skipped_pairs > 0 => Verdict::NotChecked,
            found => limits.verdict(found > 0),
        };
        let evidence = evidence(sheets, &sums, &disclosed, limits);
        notes.note(HIDDEN_CELLS, verdict, limits.qualified(evidence));
    }
}

fn evidence(sheets: &[Sheet<'_>], sums: &Sums, disclosed: &Disclosed, limits: &Limits) -> Text {
    let all = sums.cells.len();
    let min_cell = limits.thresholds.min_cell;
    let Disclosed { exact, bounded, large, places } = disclosed;
    let mut parts = Vec::new();
    if places.is_empty() {
        parts.push(Text::new(
            format!("none of {all} hidden cells can be computed from published ones"),
            format!("yhtäkään {all} peitetystä solusta ei voi laskea julkaistuista"),
            format!("ingen av {all} dolda celler kan beräknas av de publicerade"),
        ));
    } else {
        parts.push(listed(&places.iter().map(|place| shown_place(sheets, *place)).collect::<Vec<_>>()));
    }
    if *exact > 0 {
        parts.push(Text::new(
            format!("hidden cells that follow from published ones: {exact} of {all}"),
            format!("peitettyjä soluja, jotka seuraavat julkaistuista: {exact}/{all}"),
            format!("dolda celler som följer av de publicerade: {exact} av {all}"),
        ));
    }
    if *bounded > 0 {
        parts.push(Text::new(
            format!("hidden cells that may be small, in a range narrower than {min_cell}: {bounded} of {all}"),
            format!("mahdollisesti pieniä soluja, joiden väli on kapeampi kuin {min_cell}: {bounded}/{all}"),
            format!("möjligen små celler med ett intervall smalare än {min_cell}: {bounded} av {all}"),
        ));
    }
    if *large > 0 {
        parts.push(Text::new(
            format!("larger hidden cells in a range narrower than {min_cell}: {large} of {all}"),
            format!("suurempia soluja, joiden väli on kapeampi kuin {min_cell}: {large}/{all}"),
            format!("större celler med ett intervall smalare än {min_cell}: {large} av {all}"),
        ));
    }
    if sums.skipped_pairs > 0 {
        let skipped = sums.skipped_pairs;
        parts.push(Text::new(
            format!("pairs of tables not compared, because there are too many rows: {skipped}"),
            format!("taulukkopareja vertaamatta, koska rivejä on liikaa: {skipped}"),
            format!("tabellpar som inte jämfördes, eftersom raderna är för många: {skipped}"),
        ));
    }
    Text::join(&parts, "; ")
}

/// Returns the label of a table and its column of counts.
fn shown_place(sheets: &[Sheet<'_>], (sheet, column): (usize, usize)) -> String {
    let sheet = &sheets[sheet];
    Subject::place(sheet.table, sheet.counts[column].position)
}

/// Computes the hidden cells, and counts those that are disclosed.
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
