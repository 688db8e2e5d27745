//! A picture of a released table: its question, the drawing, what it is of, and the table.

use serde::Serialize;

use super::shapes::Drawing;
use super::sheet::Sheet;
use super::texts::{Texts, digits};
use super::{bars, curves, rates};
use crate::config::raw::release::{Picture, PictureKind};
use crate::exchange::{ReleasedItem, ReleasedKind, ReleasedUnit, TOTAL};
use salanimi_core::Month;

/// A picture as the template sees it.
#[derive(Serialize)]
pub(super) struct PictureView {
    pub(super) id: String,
    title: String,
    note: Option<String>,
    /// Name of the released table.
    pub(super) of: String,
    /// SHA-256 of its CSV file.
    digest: Option<String>,
    /// What is counted: a name and a number for each.
    facts: Vec<(String, String)>,
    /// Conditions on the counted rows.
    only: Vec<String>,
    /// Changes in practice that the table spans.
    breaks: Vec<String>,
    drawing: Option<Drawing>,
    /// `true` if the drawing lacks a group, or a part of one, with too few persons.
    leaves_out: bool,
    /// What the drawing shows, in words.
    alternative: String,
    table: TableView,
}

#[derive(Serialize)]
struct TableView {
    header: Vec<HeaderCell>,
    rows: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct HeaderCell {
    text: String,
    is_number: bool,
}

/// Returns the picture of a sheet.
pub(super) fn picture(spec: &Picture, sheet: &Sheet<'_>, texts: &Texts<'_>, base: u32) -> PictureView {
    let item = sheet.item;
    let language = texts.language.code();
    let words = texts.contract.words.picture(spec.name.as_str());
    let labels = flow_labels(sheet, texts);
    let drawing = match spec.kind {
        PictureKind::Bars => bars::draw(sheet, texts),
        PictureKind::Stacked => bars::draw_stacked(sheet, texts),
        PictureKind::Sums => bars::draw_sums(sheet, texts),
        PictureKind::Flow => bars::draw_flow(sheet, &labels),
        PictureKind::Rates => rates::draw(sheet, texts),
        PictureKind::Threshold => rates::draw_threshold(sheet, texts),
        PictureKind::Curve => curves::draw(sheet, texts, spec.grey_from),
        PictureKind::Difference => curves::draw_difference(sheet, texts, spec.grey_from),
    };
    let csv = format!("{}.csv", item.name);
    let leaves_out = match spec.kind {
        PictureKind::Rates | PictureKind::Threshold => rates::leaves_out(sheet),
        PictureKind::Curve | PictureKind::Difference => curves::leaves_out(sheet, texts),
        PictureKind::Bars | PictureKind::Stacked | PictureKind::Sums | PictureKind::Flow => false,
    };
    PictureView {
        id: spec.name.to_string(),
        title: words.map_or_else(|| spec.name.to_string(), |words| words.title.text(language).to_owned()),
        note: words.and_then(|words| words.note.as_ref()).map(|note| note.text(language).to_owned()),
        of: item.name.to_string(),
        digest: item.files.get(&csv).map(ToString::to_string),
        facts: facts(sheet, texts, base),
        only: item.only.iter().map(|condition| texts.condition(item, condition)).collect(),
        breaks: breaks(sheet, texts),
        alternative: alternative(spec.kind, sheet, texts),
        leaves_out: leaves_out && drawing.is_some(),
        drawing,
        table: table(sheet, texts, &labels),
    }
}

/// Returns the numbers of all and of those unknown.
fn facts(sheet: &Sheet<'_>, texts: &Texts<'_>, base: u32) -> Vec<(String, String)> {
    let all = sheet.row_of_all(false);
    let mut facts = Vec::new();
    match sheet.item.kind {
        ReleasedKind::Curve => {
            let first = sheet.rows.iter().position(|row| row[0] == TOTAL);
            facts.push((texts.word("persons"), number(sheet, first, "n")));
        }
        ReleasedKind::Rates => {
            facts.push((texts.word("persons"), number(sheet, all, "persons")));
            // The numbers of the first outcome; the table has those of the others.
            let first =
                all.zip(sheet.column("outcome")).map(|(row, at)| texts.column(sheet.item, &sheet.rows[row][at]));
            for (title, column) in [("n", "n"), ("unknown_outcome", "unknown")] {
                let title = first.iter().map(|first| format!("{} ({first})", texts.word(title)));
                facts.extend(title.map(|title| (title, number(sheet, all, column))));
            }
        }
        ReleasedKind::Flow => facts.push((texts.word("persons"), number(sheet, Some(0), "persons"))),
        ReleasedKind::Table | ReleasedKind::Microdata => {
            for count in sheet.item.counts.iter().take(2).flat_map(|count| &count.columns) {
                let title = column_title(sheet, texts, count);
                facts.push((title.clone(), number(sheet, all, count)));
                // Of a sum, those without a value are not counted.
                if !sheet.item.counts.iter().any(|count| count.unit == ReleasedUnit::Sum) {
                    let unknown = number(sheet, sheet.row_of_all(true), count);
                    facts.push((format!("{title}, {}", texts.word("unknown")), unknown));
                }
            }
        }
    }
    for count in sheet.item.counts.iter().filter(|count| count.step > u64::from(base)) {
        let title = column_title(sheet, texts, &count.columns[0]);
        let fact = (format!("{title}, {}", texts.word("step")), Some(count.step as f64));
        // The outcomes of rates have one title.
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    facts.into_iter().filter_map(|(name, number)| Some((name, digits(number?)))).collect()
}

fn number(sheet: &Sheet<'_>, row: Option<usize>, column: &str) -> Option<f64> {
    sheet.number(row?, column)
}

/// Returns the changes in practice within the study's window that concern the table.
fn breaks(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Vec<String> {
    let window = texts.contract.study.window;
    let breaks = texts.contract.words.breaks().iter();
    let inside = breaks.filter(|change| {
        let last = change.last.map_or(change.first, |last| last);
        change.concerns(sheet.item.table.as_str())
            && Month::of(change.first) <= Month::of(window.last)
            && Month::of(last) >= Month::of(window.first)
    });
    inside.map(|change| change.text.text(texts.language.code()).to_owned()).collect()
}

/// Returns the labels of a flow's rows; none for any other table.
fn flow_labels(sheet: &Sheet<'_>, texts: &Texts<'_>) -> Vec<String> {
    if sheet.item.kind != ReleasedKind::Flow {
        return Vec::new();
    }
    let conditions = sheet.item.only.iter().map(|condition| texts.condition(sheet.item, condition));
    let ends = [texts.word("everyone"), texts.word("followed")];
    let [first, last] = ends;
    std::iter::once(first).chain(conditions).chain([last]).collect()
}

/// Returns what a drawing shows, for those who cannot see it: the numbers themselves stand in the table.
fn alternative(kind: PictureKind, sheet: &Sheet<'_>, texts: &Texts<'_>) -> String {
    match kind {
        PictureKind::Curve => {
            let ends = curves::groups(sheet).into_iter().filter_map(|group| {
                let last = group.steps.last()?;
                let label = curves::label(sheet, texts, &group);
                Some(format!("{label}, {}: {}", digits(last.time), texts.percent(last.survival)))
            });
            ends.collect::<Vec<_>>().join("; ")
        }
        PictureKind::Difference => {
            let groups = curves::groups(sheet);
            let Some([without, with]) = curves::pair(&groups) else { return texts.word("nothing") };
            let last = curves::differences(without, with).pop();
            let shown = last.map(|last| {
                let points = texts.language.decimal(100.0 * last.value, 1);
                format!("{}: {points} ({})", digits(last.time), texts.word("points"))
            });
            shown.unwrap_or_else(|| texts.word("nothing"))
        }
        _ => texts.word("in_table"),
    }
}

fn column_title(sheet: &Sheet<'_>, texts: &Texts<'_>, column: &str) -> String {
    let item = sheet.item;
    match (column, item.kind) {
        ("n", ReleasedKind::Curve) => return texts.word("at_risk"),
        ("n", ReleasedKind::Rates) => return texts.word("n"),
        _ => {}
    }
    if let Some(dimension) = item.dimensions.iter().find(|dimension| dimension.title == column) {
        return texts.dimension(item, dimension);
    }
    let known = texts.words.get("column").and_then(|words| words.get(column)).and_then(toml::Value::as_str);
    match (known, column.strip_prefix("sum_of_")) {
        (Some(known), _) => known.to_owned(),
        (None, Some(summed)) => format!("{}: {}", texts.word("sum"), texts.column(item, summed)),
        (None, None) => column.to_owned(),
    }
}

/// Returns the table with its titles and labels in words.
fn table(sheet: &Sheet<'_>, texts: &Texts<'_>, flow_labels: &[String]) -> TableView {
    let header = sheet
        .header
        .iter()
        .map(|column| HeaderCell { text: column_title(sheet, texts, column), is_number: is_number(sheet, column) });
    let rows = sheet.rows.iter().enumerate().map(|(row, cells)| {
        let cells = sheet.header.iter().zip(cells).map(|(column, text)| match column.as_str() {
            "condition" if sheet.item.kind == ReleasedKind::Flow => flow_labels[row].clone(),
            column => cell(sheet.item, texts, column, text),
        });
        cells.collect()
    });
    TableView { header: header.collect(), rows: rows.collect() }
}

fn is_number(sheet: &Sheet<'_>, column: &str) -> bool {
    let is_count = sheet.item.counts.iter().any(|count| count.columns.iter().any(|known| known == column));
    is_count || matches!(column, "share" | "lower" | "upper" | "survival" | "bound" | "time")
}

/// Returns a cell in words.
fn cell(item: &ReleasedItem, texts: &Texts<'_>, column: &str, text: &str) -> String {
    if let Some(dimension) = item.dimensions.iter().find(|dimension| dimension.title == column) {
        return texts.value(item, &dimension.column, text);
    }
    match (column, text.parse::<f64>()) {
        ("outcome", _) => texts.column(item, text),
        ("group", _) => texts.value(item, column, text),
        ("share" | "lower" | "upper" | "survival", Ok(share)) => texts.percent(share),
        (_, Ok(number)) => digits(number),
        (_, Err(_)) => text.to_owned(),
    }
}
