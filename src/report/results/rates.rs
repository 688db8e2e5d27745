//! Pictures of rates: points with intervals, in lines or along a number.

use super::legend::{add_legend, fitting, small_lines};
use super::scale::Scale;
use super::shapes::{Anchor, Drawing, series};
use super::sheet::Sheet;
use super::texts::{Texts, digits};
use crate::exchange::{TOTAL, UNKNOWN};

const WIDTH: f64 = 640.0;
/// Width of the labels of lines.
const LABELS: f64 = 230.0;
const ROW: f64 = 26.0;
/// Height of a line of a panel's title.
const TITLE: f64 = 15.0;
/// Space between panels.
const GAP: f64 = 44.0;
/// Height of a panel along a number.
const PANEL: f64 = 150.0;

/// A share and its interval.
#[derive(Debug, Clone, Copy)]
struct Rate {
    share: f64,
    lower: f64,
    upper: f64,
}

fn rate(sheet: &Sheet<'_>, cells: &[&str]) -> Option<Rate> {
    let row = sheet.row(cells)?;
    let [share, lower, upper] = ["share", "lower", "upper"].map(|column| sheet.number(row, column));
    Some(Rate { share: share?, lower: lower?, upper: upper? })
}

/// Returns true if a group of known values has too few persons for a share.
pub(super) fn leaves_out(sheet: &Sheet<'_>) -> bool {
    let dimensions = sheet.item.dimensions.len();
    let is_known = |row: &usize| !sheet.rows[*row][..dimensions].iter().any(|cell| cell == TOTAL || cell == UNKNOWN);
    (0..sheet.rows.len()).filter(is_known).any(|row| sheet.number(row, "share").is_none())
}

/// Draws a line for each value of the first dimension, a colour for each of the second, and a panel for each outcome.
pub(super) fn draw(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let outcomes = sheet.values(sheet.column("outcome")?, &[]);
    let [first, others @ ..] = sheet.item.dimensions.as_slice() else { return None };
    let colours = match others {
        [] => Vec::new(),
        _ => sheet.values(1, &[TOTAL, UNKNOWN]),
    };
    let mut lines = sheet.values(0, &[]);
    lines.retain(|line| combinations(line, &colours, &outcomes).any(|cells| rate(sheet, &cells).is_some()));
    let width = (WIDTH - LABELS - 16.0 - GAP * (outcomes.len() - 1) as f64) / outcomes.len() as f64;
    let titles = outcomes.iter().map(|outcome| small_lines(&texts.column(sheet.item, outcome), width + GAP / 2.0));
    let titles: Vec<Vec<String>> = titles.collect();
    let top = TITLE * titles.iter().map(Vec::len).max()? as f64 + 6.0;
    let bottom = top + ROW * lines.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 22.0);
    for (place, line) in lines.iter().enumerate() {
        let label = fitting(&texts.value(sheet.item, &first.column, line), LABELS - 12.0);
        drawing.text(Anchor::End, (LABELS - 10.0, top + ROW * (place as f64 + 0.5) + 4.0), label);
    }
    for (panel, outcome) in outcomes.iter().enumerate() {
        let left = LABELS + (width + GAP) * panel as f64;
        let scale = Scale::of_shares((left, left + width));
        for mark in [0.0, 0.5, 1.0] {
            drawing.line("grid", (scale.at(mark), top), (scale.at(mark), bottom));
            drawing.styled_text("middle small", (scale.at(mark), bottom + 15.0), texts.percent(mark));
        }
        for (line, title) in titles[panel].iter().enumerate() {
            drawing.styled_text("start small", (left, TITLE * (line + 1) as f64 - 4.0), title.clone());
        }
        for (place, line) in lines.iter().enumerate() {
            for (position, cells) in combinations(line, &colours, std::slice::from_ref(outcome)).enumerate() {
                let Some(rate) = rate(sheet, &cells) else { continue };
                let shift = if colours.is_empty() { 0.5 } else { (position as f64 + 1.0) / (colours.len() + 1) as f64 };
                let y = top + ROW * (place as f64 + shift);
                drawing.line(
                    &(series("l", position) + " interval"),
                    (scale.at(rate.lower), y),
                    (scale.at(rate.upper), y),
                );
                drawing.point(&series("f", position), (scale.at(rate.share), y));
            }
        }
    }
    if let Some(second) = others.first() {
        let title = texts.dimension(sheet.item, second);
        let names = colours.iter().enumerate().map(|(position, value)| {
            (series("f", position), format!("{title}: {}", texts.value(sheet.item, &second.column, value)))
        });
        add_legend(&mut drawing, &names.collect::<Vec<_>>());
    }
    Some(drawing)
}

/// Returns the cells of each colour and outcome of a line; dimensions after the second are taken together.
fn combinations<'c>(
    line: &'c str,
    colours: &'c [String],
    outcomes: &'c [String],
) -> impl Iterator<Item = Vec<&'c str>> {
    let with_colours: Vec<Vec<&str>> = match colours {
        [] => vec![vec![line]],
        _ => colours.iter().map(|colour| vec![line, colour.as_str()]).collect(),
    };
    outcomes.iter().flat_map(move |outcome| {
        let cells = with_colours.clone();
        cells.into_iter().map(move |mut cells| {
            cells.push(outcome);
            cells
        })
    })
}

/// Draws shares along a number, one panel below the other for each outcome, with a gap at 0. No line is fitted.
pub(super) fn draw_threshold(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let outcomes = sheet.values(sheet.column("outcome")?, &[]);
    let dimension = sheet.item.dimensions.first()?;
    let groups = sheet.values(0, &[TOTAL, UNKNOWN]).into_iter();
    let mut groups: Vec<([f64; 2], String)> = groups.filter_map(|group| Some((ends(&group)?, group))).collect();
    groups.sort_by(|(a, _), (b, _)| a[0].total_cmp(&b[0]));
    groups.retain(|(_, group)| outcomes.iter().any(|outcome| rate(sheet, &[group, outcome]).is_some()));
    let [low, high] = [groups.first()?.0[0], groups.last()?.0[1] + 1.0];
    let mut drawing = Drawing::new(WIDTH, (PANEL + 44.0) * outcomes.len() as f64 + 20.0);
    let along = Scale::between(low, high, (52.0, 620.0));
    for (panel, outcome) in outcomes.iter().enumerate() {
        let top = 24.0 + (PANEL + 44.0) * panel as f64;
        let shares = Scale::of_shares((top + PANEL, top));
        drawing.styled_text("start strong", (52.0, top - 8.0), texts.column(sheet.item, outcome));
        for &mark in &shares.marks {
            drawing.line(if mark > 0.0 { "grid" } else { "axis" }, (52.0, shares.at(mark)), (620.0, shares.at(mark)));
            drawing.text(Anchor::End, (44.0, shares.at(mark) + 4.0), texts.percent(mark));
        }
        drawing.line("gap", (along.at(0.0), top), (along.at(0.0), top + PANEL));
        for ([from, to], group) in &groups {
            // A group reaches to the beginning of the next number.
            let middle = along.at((from + to + 1.0) / 2.0);
            drawing.styled_text("middle small", (along.at(*from), top + PANEL + 15.0), digits(*from));
            let Some(rate) = rate(sheet, &[group, outcome]) else { continue };
            let side = usize::from(*from >= 0.0);
            drawing.line(
                &(series("l", side) + " interval"),
                (middle, shares.at(rate.lower)),
                (middle, shares.at(rate.upper)),
            );
            drawing.point(&series("f", side), (middle, shares.at(rate.share)));
        }
    }
    let bottom = (PANEL + 44.0) * outcomes.len() as f64 + 14.0;
    drawing.styled_text("end small", (620.0, bottom), texts.dimension(sheet.item, dimension));
    Some(drawing)
}

/// Returns the first and the last number of a group, written `from-to`, or one number as both.
fn ends(group: &str) -> Option<[f64; 2]> {
    if let Ok(number) = group.parse::<f64>() {
        return Some([number, number]);
    }
    // The first sign can be that of a negative number.
    let dash = group.char_indices().skip(1).find(|(_, sign)| *sign == '-').map(|(at, _)| at)?;
    let [from, to] = [&group[..dash], &group[dash + 1..]].map(|end| end.parse::<f64>().ok());
    Some([from?, to?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_numbers_has_two_ends() {
        for (group, expected) in
            [("-24--22", [-24.0, -22.0]), ("-3--1", [-3.0, -1.0]), ("0-2", [0.0, 2.0]), ("7", [7.0; 2])]
        {
            assert_eq!(ends(group), Some(expected), "{group}");
        }
        assert_eq!(ends("a-b"), None);
    }
}
