//! Pictures of rates: points with intervals, in lines or along a number.

use super::legend::{add_legend, fitting};
use super::scale::Scale;
use super::shapes::{Anchor, Drawing, series};
use super::sheet::Sheet;
use super::texts::Texts;
use crate::exchange::{TOTAL, UNKNOWN};

const WIDTH: f64 = 640.0;
/// Width of the labels of lines.
const LABELS: f64 = 180.0;
const ROW: f64 = 26.0;
const TOP: f64 = 28.0;
/// Space between panels.
const GAP: f64 = 18.0;
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
    let bottom = TOP + ROW * lines.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 26.0);
    for (place, line) in lines.iter().enumerate() {
        let label = fitting(&texts.value(sheet.item, &first.column, line), LABELS);
        drawing.text(Anchor::End, (LABELS - 10.0, TOP + ROW * (place as f64 + 0.5) + 4.0), label);
    }
    let width = (WIDTH - LABELS - 16.0 - GAP * (outcomes.len() - 1) as f64) / outcomes.len() as f64;
    for (panel, outcome) in outcomes.iter().enumerate() {
        let left = LABELS + (width + GAP) * panel as f64;
        let scale = Scale::of_shares((left, left + width));
        for mark in [0.0, 0.5, 1.0] {
            drawing.line("grid", (scale.at(mark), TOP), (scale.at(mark), bottom));
            drawing.styled_text("middle small", (scale.at(mark), bottom + 15.0), texts.percent(mark));
        }
        let title = texts.column(sheet.item, outcome);
        drawing.styled_text("start small", (left, TOP - 8.0), fitting(&title, width));
        for (place, line) in lines.iter().enumerate() {
            for (position, cells) in combinations(line, &colours, std::slice::from_ref(outcome)).enumerate() {
                let Some(rate) = rate(sheet, &cells) else { continue };
                let shift = if colours.is_empty() { 0.5 } else { (position as f64 + 1.0) / (colours.len() + 1) as f64 };
                let y = TOP + ROW * (place as f64 + shift);
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
    line: &'c String,
    colours: &'c [String],
    outcomes: &'c [String],
) -> impl Iterator<Item = Vec<&'c str>> {
    let with_colours: Vec<Vec<&str>> = match colours {
        [] => vec![vec![line.as_str()]],
        _ => colours.iter().map(|colour| vec![line.as_str(), colour.as_str()]).collect(),
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
    let groups: Vec<(String, f64)> = sheet
        .values(0, &[TOTAL, UNKNOWN])
        .into_iter()
        .filter_map(|group| middle(&group).map(|number| (group, number)))
        .collect();
    let mut numbers: Vec<f64> = groups.iter().map(|(_, number)| *number).collect();
    numbers.sort_by(f64::total_cmp);
    let [low, high] = [*numbers.first()?, *numbers.last()?];
    let mut drawing = Drawing::new(WIDTH, (PANEL + 44.0) * outcomes.len() as f64 + 20.0);
    let along = Scale::between(low - 2.0, high + 2.0, (52.0, 620.0));
    for (panel, outcome) in outcomes.iter().enumerate() {
        let top = 24.0 + (PANEL + 44.0) * panel as f64;
        let shares = Scale::of_shares((top + PANEL, top));
        drawing.styled_text("start strong", (52.0, top - 8.0), texts.column(sheet.item, outcome));
        for &mark in &shares.marks {
            drawing.line(if mark > 0.0 { "grid" } else { "axis" }, (52.0, shares.at(mark)), (620.0, shares.at(mark)));
            drawing.text(Anchor::End, (44.0, shares.at(mark) + 4.0), texts.percent(mark));
        }
        drawing.line("gap", (along.at(0.0), top), (along.at(0.0), top + PANEL));
        for (group, number) in &groups {
            drawing.styled_text("middle small", (along.at(*number), top + PANEL + 15.0), written(group));
            let Some(rate) = rate(sheet, &[group, outcome]) else { continue };
            let side = usize::from(*number >= 0.0);
            let x = along.at(*number);
            drawing.line(&(series("l", side) + " interval"), (x, shares.at(rate.lower)), (x, shares.at(rate.upper)));
            drawing.point(&series("f", side), (x, shares.at(rate.share)));
        }
    }
    let bottom = (PANEL + 44.0) * outcomes.len() as f64 + 14.0;
    drawing.styled_text("end small", (620.0, bottom), texts.dimension(sheet.item, dimension));
    Some(drawing)
}

/// Returns the middle of a group of numbers, written `from-to`, or of one number.
fn middle(group: &str) -> Option<f64> {
    if let Ok(number) = group.parse::<f64>() {
        return Some(number + 0.5);
    }
    // The first sign can be that of a negative number.
    let dash = group.char_indices().skip(1).find(|(_, sign)| *sign == '-').map(|(at, _)| at)?;
    let [from, to] = [&group[..dash], &group[dash + 1..]].map(|end| end.parse::<f64>().ok());
    Some((from? + to? + 1.0) / 2.0)
}

/// Returns a group of numbers with the signs of a text: a minus, and a dash between the ends.
fn written(group: &str) -> String {
    let ends: Vec<&str> = group.trim_start_matches('-').splitn(2, '-').collect();
    let first = if group.starts_with('-') { format!("−{}", ends[0]) } else { ends[0].to_owned() };
    ends.get(1).map_or_else(|| first.clone(), |end| format!("{first}…{}", end.replace('-', "−")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_numbers_stands_at_its_middle() {
        for (group, expected) in [("-24--22", -22.5), ("-3--1", -1.5), ("0-2", 1.5), ("7", 7.5)] {
            assert_eq!(middle(group), Some(expected), "{group}");
        }
        assert_eq!(middle("a-b"), None);
        assert_eq!(["-24--22", "0-2", "-7"].map(written), ["−24…−22", "0…2", "−7"]);
    }
}
