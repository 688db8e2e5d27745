//! Pictures of counts and sums: bars beside each other, bars of parts, and bars of a flow.

use super::legend::{add_legend, fitting};
use super::scale::Scale;
use super::shapes::{Anchor, Drawing, series};
use super::sheet::Sheet;
use super::texts::{Texts, digits};
use crate::exchange::{TOTAL, UNKNOWN};

/// Size of the picture and of its plot area.
const WIDTH: f64 = 640.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 620.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 214.0;
/// Height of a line of a picture with lying bars, and the width of its labels.
const ROW: f64 = 26.0;
const LABELS: f64 = 250.0;

/// Draws counts: a bar for each value of the first dimension, side by side for each value of the second.
pub(super) fn draw(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let value = sheet.item.counts.first()?.columns.first()?.clone();
    let at = sheet.item.dimensions.len().checked_sub(1)?;
    let names = if at > 0 { sheet.values(0, &[TOTAL]) } else { vec![value.clone()] };
    let categories = sheet.values(at, &[TOTAL, UNKNOWN]);
    let rows = names.into_iter().map(|name| {
        let numbers = categories.iter().map(|category| {
            let cells = [name.as_str(), category.as_str()];
            sheet.number_of(&cells[1 - at.min(1)..], &value)
        });
        let numbers: Vec<Option<f64>> = numbers.collect();
        (name, numbers)
    });
    // A row of nobody says nothing in a picture; the table below has it.
    let rows: Vec<(String, Vec<Option<f64>>)> = rows.filter(|(_, numbers)| is_above_zero(numbers)).collect();
    let most = rows.iter().flat_map(|(_, numbers)| numbers.iter().flatten().copied()).max_by(f64::total_cmp)?;
    let mut drawing = Drawing::new(WIDTH, BOTTOM + 26.0);
    let scale = Scale::up_to(most, (BOTTOM, TOP));
    grid(&mut drawing, &scale);
    let group = (RIGHT - LEFT) / categories.len() as f64;
    let width = (group - 14.0) / rows.len() as f64;
    for (place, category) in categories.iter().enumerate() {
        let left = LEFT + group * place as f64 + 7.0;
        for (position, (_, numbers)) in rows.iter().enumerate() {
            let Some(number) = numbers[place] else { continue };
            let y = scale.at(number);
            drawing.rect(
                &series("f", position),
                (left + width * position as f64, y),
                (width - 2.0).max(1.0),
                BOTTOM - y,
            );
        }
        let dimension = &sheet.item.dimensions[at];
        let label = texts.value(sheet.item, &dimension.column, category);
        drawing.text(Anchor::Middle, (left + (group - 14.0) / 2.0, BOTTOM + 18.0), label);
    }
    if at > 0 {
        let dimension = &sheet.item.dimensions[0];
        let names = rows
            .iter()
            .enumerate()
            .map(|(position, (name, _))| (series("f", position), texts.value(sheet.item, &dimension.column, name)));
        add_legend(&mut drawing, &names.collect::<Vec<_>>());
    }
    Some(drawing)
}

/// Draws sums with their bounds, one bar for each value of the dimension.
pub(super) fn draw_sums(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Option<Drawing> {
    let value = sheet.item.counts.last()?.columns.first()?.clone();
    let categories = sheet.values(0, &[TOTAL, UNKNOWN]);
    let sums: Vec<Option<f64>> = categories.iter().map(|category| sheet.number_of(&[category], &value)).collect();
    let most = sums.iter().flatten().copied().max_by(f64::total_cmp)?;
    let mut drawing = Drawing::new(WIDTH, BOTTOM + 30.0);
    let scale = Scale::up_to(most, (BOTTOM, TOP));
    grid(&mut drawing, &scale);
    let group = (RIGHT - LEFT) / categories.len() as f64;
    for (place, category) in categories.iter().enumerate() {
        let middle = LEFT + group * (place as f64 + 0.5);
        match sums[place] {
            Some(sum) => {
                let y = scale.at(sum);
                drawing.rect("f0", (middle - group * 0.28, y), group * 0.56, BOTTOM - y);
                if let Some(bound) = sheet.number_of(&[category], "bound") {
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
    let parts = parts.into_iter().map(|part| {
        let numbers: Vec<Option<f64>> = rows.iter().map(|row| sheet.number_of(&[row, &part], &value)).collect();
        (part, numbers)
    });
    let parts: Vec<(String, Vec<Option<f64>>)> = parts.filter(|(_, numbers)| is_above_zero(numbers)).collect();
    let looks: Vec<String> = (0..parts.len()).map(|position| look(&parts[position].0, position)).collect();
    let mut drawing = Drawing::new(WIDTH, TOP + ROW * rows.len() as f64 + 22.0);
    let scale = Scale::of_shares((150.0, RIGHT - 50.0));
    for (place, row) in rows.iter().enumerate() {
        let y = TOP + ROW * place as f64;
        drawing.text(Anchor::End, (142.0, y + 14.0), texts.value(sheet.item, &first.column, row));
        let whole: f64 = parts.iter().filter_map(|(_, numbers)| numbers[place]).sum();
        if whole <= 0.0 {
            continue;
        }
        let mut before = 0.0;
        for ((_, numbers), look) in parts.iter().zip(&looks) {
            let Some(number) = numbers[place] else { continue };
            let [from, to] = [before, before + number / whole].map(|share| scale.at(share));
            drawing.rect(look, (from, y), to - from, ROW - 7.0);
            before += number / whole;
        }
        drawing.text(Anchor::Start, (scale.at(1.0) + 6.0, y + 14.0), digits(whole));
    }
    for &mark in &scale.marks {
        drawing.styled_text(
            "middle small",
            (scale.at(mark), TOP + ROW * rows.len() as f64 + 14.0),
            texts.percent(mark),
        );
    }
    let names = parts.iter().map(|(part, _)| texts.value(sheet.item, &second.column, part));
    add_legend(&mut drawing, &looks.into_iter().zip(names).collect::<Vec<_>>());
    Some(drawing)
}

/// Draws a flow: a lying bar for those who are left after each condition. `labels` are the conditions in words.
pub(super) fn draw_flow(sheet: &Sheet<'_>, labels: &[String]) -> Option<Drawing> {
    let numbers: Vec<f64> = (0..sheet.rows.len()).filter_map(|row| sheet.number(row, "persons")).collect();
    let most = numbers.iter().copied().max_by(f64::total_cmp)?;
    let mut drawing = Drawing::new(WIDTH, 14.0 + ROW * numbers.len() as f64);
    let scale = Scale::up_to(most, (LABELS + 8.0, RIGHT - 60.0));
    for (place, number) in numbers.iter().enumerate() {
        let y = 6.0 + ROW * place as f64;
        drawing.text(Anchor::End, (LABELS, y + 14.0), fitting(&labels[place], LABELS));
        drawing.rect("f0", (LABELS + 8.0, y), scale.at(*number) - LABELS - 8.0, ROW - 7.0);
        drawing.text(Anchor::Start, (scale.at(*number) + 6.0, y + 14.0), digits(*number));
    }
    Some(drawing)
}

fn is_above_zero(numbers: &[Option<f64>]) -> bool {
    numbers.iter().flatten().any(|number| *number > 0.0)
}

/// Returns the class of a part: what is not known is grey.
fn look(part: &str, position: usize) -> String {
    if part == UNKNOWN { "grey".to_owned() } else { series("f", position) }
}

fn grid(drawing: &mut Drawing, scale: &Scale) {
    for &mark in &scale.marks {
        drawing.line(if mark > 0.0 { "grid" } else { "axis" }, (LEFT, scale.at(mark)), (RIGHT, scale.at(mark)));
        drawing.text(Anchor::End, (LEFT - 8.0, scale.at(mark) + 4.0), digits(mark));
    }
}
