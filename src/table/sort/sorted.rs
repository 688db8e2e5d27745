//! Order of rows in memory.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, make_comparator};
use arrow::compute::SortOptions;

/// Returns true if rows in memory are in the order of written tables: by key, then by the other columns in order, nulls
/// first.
#[must_use]
pub fn is_sorted(columns: &[ArrayRef]) -> bool {
    let rows = columns.first().map_or(0, Array::len);
    // Rows that equal the row before them in all columns so far.
    let mut tied: Vec<usize> = (1..rows).collect();
    columns.iter().all(|column| {
        let Ok(compare) = make_comparator(column, column, SortOptions::default()) else {
            unreachable!("every type in memory has an order")
        };
        let mut ascends = true;
        tied.retain(|&row| {
            let order = compare(row - 1, row);
            ascends &= order != Ordering::Greater;
            order == Ordering::Equal
        });
        ascends
    })
}
