//! Pictures of counts and sums: bars beside each other, bars of parts, and bars of a flow.

use super::curves::legend;
use super::scale::Scale;
use super::shapes::{Anchor, Drawing, series};
use super::sheet::Sheet;
use super::texts::Texts;
use crate::exchange::{TOTAL, UNKNOWN};

/// Size of the picture and of its plot area.
const WIDTH: f64 = 640.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 620.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 234.0;
/// Height of a line of a picture with lying bars, and the width of its labels.
const ROW: f64 = 26.0;
const LABELS: f64 = 250.0;
/// Letters of a label that fit.
const LETTERS: usize = 38;

/// Draws counts: a bar for each value of the first dimension, side by side for each value of the second.
pub(super) fn draw(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let value = sheet.item.counts.first()?.columns.first()?.clone();
    let names = if sheet.item.dimensions.len() > 1 { sheet.values(0, &[TOTAL]) } else { vec![value.clone()] };
    let at = sheet.item.dimensions.len() - 1;
    let categories = sheet.values(at, &[TOTAL, UNKNOWN]);
    let number = |name: &str, category: &str| {
        let row = if at > 0 { sheet.row(&[name, category]) } else { sheet.row(&[category]) };
        row.and_then(|row| sheet.number(row, &value))
    };
    // A row of nobody says nothing in a picture; the table below has it.
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| categories.iter().any(|category| number(name, category).is_some_and(|number| number > 0.0)))
        .collect();
    let all = names.iter().flat_map(|name| categories.iter().filter_map(move |category| number(name, category)));
    let most = all.max_by(f64::total_cmp)?;
    let lines = names.len().div_ceil(2) as f64;
    let top = TOP + if at > 0 { (lines - 1.0) * 16.0 } else { 0.0 };
    let bottom = BOTTOM + top - TOP;
    let mut drawing = Drawing::new(WIDTH, bottom + 30.0);
    let scale = Scale::up_to(most, (bottom, top));
    grid(&mut drawing, &scale, texts);
    let group = (RIGHT - LEFT) / categories.len() as f64;
    let width = (group - 14.0) / names.len() as f64;
    for (place, category) in categories.iter().enumerate() {
        let left = LEFT + group * place as f64 + 7.0;
        for (position, name) in names.iter().enumerate() {
            let Some(number) = number(name, category) else { continue };
            let y = scale.at(number);
            drawing.rect(
                &series("f", position),
                (left + width * position as f64, y),
                (width - 2.0).max(1.0),
                bottom - y,
            );
        }
        let dimension = &sheet.item.dimensions[at];
        let label = texts.value(sheet.item, &dimension.column, category);
        drawing.text(Anchor::Middle, (left + (group - 14.0) / 2.0, bottom + 18.0), label);
    }
    if at > 0 {
        let dimension = &sheet.item.dimensions[0];
        let labels: Vec<String> = names.iter().map(|name| texts.value(sheet.item, &dimension.column, name)).collect();
        legend_in_two(&mut drawing, &labels);
    }
    Some(drawing)
}

/// Draws sums with their bounds, one bar for each value of the dimension.
pub(super) fn draw_sums(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let value = sheet.item.counts.last()?.columns.first()?.clone();
    let categories = sheet.values(0, &[TOTAL, UNKNOWN]);
    let rows: Vec<Option<usize>> = categories.iter().map(|category| sheet.row(&[category])).collect();
    let number = |row: Option<usize>, column: &str| row.and_then(|row| sheet.number(row, column));
    let most = rows.iter().filter_map(|row| number(*row, &value)).max_by(f64::total_cmp)?;
    let mut drawing = Drawing::new(WIDTH, BOTTOM + 30.0);
    let scale = Scale::up_to(most, (BOTTOM, TOP));
    grid(&mut drawing, &scale, texts);
    let group = (RIGHT - LEFT) / categories.len() as f64;
    for (place, category) in categories.iter().enumerate() {
        let middle = LEFT + group * (place as f64 + 0.5);
        match number(rows[place], &value) {
            Some(sum) => {
                let y = scale.at(sum);
                drawing.rect("f0", (middle - group * 0.28, y), group * 0.56, BOTTOM - y);
                if let Some(bound) = number(rows[place], "bound") {
                    drawing.line("whisker", (middle, scale.at(sum - bound)), (middle, scale.at(sum + bound)));
                }
            }
            None => drawing.styled_text("middle small", (middle, BOTTOM - 8.0), texts.word("unknown")),
        }
        let dimension = &sheet.item.dimensions[0];
        drawing.text(Anchor::Middle, (middle, BOTTOM + 18.0), texts.value(sheet.item, &dimension.column, category));
    }
    Some(drawing)
}

/// Draws parts of a whole: a lying bar for each value of the first dimension, divided by the second.
pub(super) fn draw_stacked(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let value = sheet.item.counts.first()?.columns.first()?.clone();
    let [first, second] = sheet.item.dimensions.as_slice() else { return None };
    let rows = sheet.values(0, &[UNKNOWN]);
    let parts = sheet.values(1, &[TOTAL]);
    let number = |row: &str, part: &str| sheet.row(&[row, part]).and_then(|row| sheet.number(row, &value));
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|part| rows.iter().any(|row| number(row, part).is_some_and(|number| number > 0.0)))
        .collect();
    let labels: Vec<String> = parts.iter().map(|part| texts.value(sheet.item, &second.column, part)).collect();
    let top = TOP + (labels.len().div_ceil(2) as f64 - 1.0) * 16.0;
    let mut drawing = Drawing::new(WIDTH, top + ROW * rows.len() as f64 + 26.0);
    let scale = Scale::of_shares((150.0, RIGHT - 50.0));
    for (place, row) in rows.iter().enumerate() {
        let y = top + ROW * place as f64;
        drawing.text(Anchor::End, (142.0, y + 14.0), texts.value(sheet.item, &first.column, row));
        let numbers: Vec<f64> = parts.iter().map(|part| number(row, part).map_or(0.0, |number| number)).collect();
        let whole: f64 = numbers.iter().sum();
        if whole <= 0.0 {
            continue;
        }
        let mut before = 0.0;
        for (position, part) in numbers.iter().enumerate() {
            let class = if parts[position] == UNKNOWN { "grey".to_owned() } else { series("f", position) };
            let [from, to] = [before, before + part / whole].map(|share| scale.at(share));
            drawing.rect(&class, (from, y), to - from, ROW - 7.0);
            before += part / whole;
        }
        drawing.text(Anchor::Start, (scale.at(1.0) + 6.0, y + 14.0), texts.number(whole));
    }
    for &mark in &scale.marks {
        drawing.styled_text(
            "middle small",
            (scale.at(mark), top + ROW * rows.len() as f64 + 14.0),
            texts.percent(mark),
        );
    }
    legend_in_two(&mut drawing, &labels);
    Some(drawing)
}

/// Draws a flow: a lying bar for those who are left after each condition. `labels` are the conditions in words.
pub(super) fn draw_flow(sheet: &Sheet<'_>, texts: &Texts<'_>, labels: &[String]) -> Option<Drawing> {
    let numbers: Vec<f64> = (0..sheet.rows.len()).filter_map(|row| sheet.number(row, "persons")).collect();
    let most = numbers.iter().copied().max_by(f64::total_cmp)?;
    let mut drawing = Drawing::new(WIDTH, 14.0 + ROW * numbers.len() as f64);
    let scale = Scale::up_to(most, (LABELS + 8.0, RIGHT - 60.0));
    for (place, number) in numbers.iter().enumerate() {
        let y = 6.0 + ROW * place as f64;
        drawing.text(Anchor::End, (LABELS, y + 14.0), shortened(&labels[place]));
        drawing.rect("f0", (LABELS + 8.0, y), scale.at(*number) - LABELS - 8.0, ROW - 7.0);
        drawing.text(Anchor::Start, (scale.at(*number) + 6.0, y + 14.0), texts.number(*number));
    }
    Some(drawing)
}

/// Returns the first letters of a long text.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS - 1).collect::<String>() + "…"
}

fn grid(drawing: &mut Drawing, scale: &Scale, texts: &Texts<'_>) {
    for &mark in &scale.marks {
        drawing.line(if mark > 0.0 { "grid" } else { "axis" }, (LEFT, scale.at(mark)), (RIGHT, scale.at(mark)));
        drawing.text(Anchor::End, (LEFT - 8.0, scale.at(mark) + 4.0), texts.number(mark));
    }
}

/// Draws the names of series in two columns.
fn legend_in_two(drawing: &mut Drawing, names: &[String]) {
    if names.len() <= 2 {
        return legend(drawing, names.iter().cloned());
    }
    for (position, name) in names.iter().enumerate() {
        let x = if position % 2 == 0 { 12.0 } else { 326.0 };
        let y = 4.0 + 16.0 * (position / 2) as f64;
        drawing.rect(&series("f", position), (x, y), 10.0, 10.0);
        drawing.text(Anchor::Start, (x + 15.0, y + 9.0), name.clone());
    }
}
