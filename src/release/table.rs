//! Tables of counts and sums as sheets.

use super::item::Item;
use super::protect::Protected;
use super::query::Query;
use super::sheet::Cells;
use crate::exchange::{ReleasedUnit, TOTAL};

/// Returns the columns of a table: its dimensions, then the numbers of each query.
pub(super) fn columns(item: &Item<'_>, numbers: &[Vec<Protected>]) -> Vec<(String, Cells)> {
    let query = &item.queries[0];
    let mut columns = dimensions(query, &(0..query.cells()).collect::<Vec<_>>());
    for (count, numbers) in item.counts.iter().zip(numbers) {
        let numbers = numbers.iter().map(|number| number.number()).collect();
        let cells = if count.unit == ReleasedUnit::Sum { Cells::Sum(numbers) } else { Cells::Count(numbers) };
        columns.push((count.columns[0].clone(), cells));
    }
    columns
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
