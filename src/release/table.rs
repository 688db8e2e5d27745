//! Tables of counts and sums as sheets.

use super::item::Item;
use super::protect::Protected;
use super::query::Query;
use super::sheet::Cells;
use crate::exchange::{ReleasedUnit, TOTAL};

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Title of the column with the error of sums of bands.
pub(super) const BOUND: &str = "bound";

/// Returns the columns of a table: its dimensions, then the numbers of each query.
pub(super) fn columns(item: &Item<'_>, numbers: &[Vec<Protected>]) -> Vec<(String, Cells)> {
    let query = &item.queries[0];
    let mut columns = dimensions(query, &(0..query.cells()).collect::<Vec<_>>());
    for (count, of_query) in item.counts.iter().zip(numbers) {
        let shown = of_query.iter().map(|number| number.number());
        let cells = match count.unit {
            // A sum of 0 without a row above 0 says nothing: the values are not known.
            ReleasedUnit::Sum => {
                let sums = shown.zip(rows(numbers)).map(|(sum, rows)| (rows > 0 || sum != 0).then_some(sum));
                Cells::Sum(sums.collect())
            }
            ReleasedUnit::Persons | ReleasedUnit::Rows => Cells::Count(shown.collect()),
        };
        columns.push((count.columns[0].clone(), cells));
    }
    if let Some(width) = item.band_width {
        // In a total, the weight limits a person's rows in all cells together.
        let is_total = (0..query.cells()).map(|cell| has_total(query, cell));
        let bounds =
            rows(numbers).zip(is_total).map(|(rows, is_total)| (rows > 0 && !is_total).then(|| bound(width, rows)));
        columns.push((BOUND.to_owned(), Cells::Bound(bounds.collect())));
    }
    columns
}

/// Returns the numbers of rows of a sum; its numbers are persons, rows, and the sum.
fn rows(numbers: &[Vec<Protected>]) -> impl Iterator<Item = i64> {
    numbers[1].iter().map(|rows| rows.number())
}

/// Returns the largest error, in 95 of 100 cases, of a sum of so many values of which only the bands are known: each is
/// spread evenly over its band, and their errors add up like those of independent draws.
fn bound(width: u32, rows: i64) -> i64 {
    (Z * f64::from(width) / 12.0_f64.sqrt() * (rows as f64).sqrt()).ceil() as i64
}

fn has_total(query: &Query, cell: usize) -> bool {
    query.coordinates(cell).iter().zip(&query.axes).any(|(at, axis)| *at == axis.labels.len())
}

/// Returns the labels of some cells, a column for each axis.
pub(super) fn dimensions(query: &Query, cells: &[usize]) -> Vec<(String, Cells)> {
    let axes = query.axes.iter().enumerate().map(|(at, axis)| {
        let labels = cells.iter().map(|&cell| label(query, at, query.coordinates(cell)[at]));
        (axis.dimension.title.clone(), Cells::Text(labels.collect()))
    });
    axes.collect()
}

/// Returns the label at a position of an axis; the position after the last is the total.
pub(super) fn label(query: &Query, axis: usize, position: usize) -> String {
    query.axes[axis].labels.get(position).map_or(TOTAL, String::as_str).to_owned()
}
