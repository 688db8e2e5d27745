//! Rows that repeat a unique key.

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::error::ArrowError;
use arrow::row::{Row, RowConverter, Rows, SortField};

use super::super::value::keys;

/// Marks the first row of each unique key among rows sorted by their first column.
///
/// The unique key is the first column together with the columns at `key`.
///
/// # Errors
/// A column has a type that cannot be compared.
pub fn first_of_each(columns: &[ArrayRef], key: &[usize]) -> Result<BooleanArray, ArrowError> {
    let first = keys(&columns[0]);
    let others = comparable_rows(columns, key)?;
    let others = others.as_ref();
    let mut kept = vec![true; first.len()];
    let mut order: Vec<usize> = Vec::new();
    let mut start = 0;
    for run in first.chunk_by(|a, b| a == b) {
        let end = start + run.len();
        order.clear();
        order.extend(start..end);
        // Stable: of equal keys the first row stays in front.
        order.sort_by(|&a, &b| row_at(others, a).cmp(&row_at(others, b)));
        for pair in order.windows(2).filter(|pair| row_at(others, pair[0]) == row_at(others, pair[1])) {
            kept[pair[1]] = false;
        }
        start = end;
    }
    Ok(kept.into())
}

fn row_at(rows: Option<&Rows>, row: usize) -> Option<Row<'_>> {
    rows.map(|rows| rows.row(row))
}

/// Returns the columns at `key` in comparable form, or `None` if there are none.
fn comparable_rows(columns: &[ArrayRef], key: &[usize]) -> Result<Option<Rows>, ArrowError> {
    if key.is_empty() {
        return Ok(None);
    }
    let columns: Vec<ArrayRef> = key.iter().map(|&k| columns[k].clone()).collect();
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    RowConverter::new(fields)?.convert_columns(&columns).map(Some)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use arrow::array::Int32Array;
    use proptest::prelude::*;

    use super::super::super::value::pseudonym_column;
    use super::*;
    use salanimi_core::Pseudonym;

    proptest! {
        #[test]
        fn the_first_row_of_each_key_is_kept(
            mut rows in proptest::collection::vec((0_u8..4, 0_i32..3, proptest::option::of(0_i32..3)), 0..60),
        ) {
            rows.sort();
            let columns: Vec<ArrayRef> = vec![
                pseudonym_column(rows.iter().map(|r| Pseudonym([r.0; 16])), None),
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.1))),
                Arc::new(rows.iter().map(|r| r.2).collect::<Int32Array>()),
            ];
            let kept = first_of_each(&columns, &[2]).unwrap();
            let mut seen = HashSet::new();
            let expected: Vec<bool> = rows.iter().map(|r| seen.insert((r.0, r.2))).collect();
            prop_assert_eq!(kept, BooleanArray::from(expected));
        }
    }
}
