//! Rows that repeat a unique key.

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

use super::value::keys;

/// Marks, among rows sorted by their first column, the first row of each unique key: the first column together with
/// the columns at `key`.
///
/// # Errors
/// A column has a type that cannot be compared.
pub fn first_of_each(columns: &[ArrayRef], key: &[usize]) -> Result<BooleanArray, ArrowError> {
    let first = keys(&columns[0]);
    let parts: Vec<ArrayRef> = key.iter().map(|&k| columns[k].clone()).collect();
    let converter = RowConverter::new(parts.iter().map(|c| SortField::new(c.data_type().clone())).collect())?;
    let rows = if parts.is_empty() { None } else { Some(converter.convert_columns(&parts)?) };
    let mut kept = vec![true; first.len()];
    let mut order: Vec<usize> = Vec::new();
    let mut start = 0;
    while start < first.len() {
        let end = (start + 1..first.len()).find(|&row| first[row] != first[start]).unwrap_or(first.len());
        let part = |row: usize| rows.as_ref().map(|r| r.row(row));
        order.clear();
        order.extend(start..end);
        // Stable: of equal keys the first row stays in front.
        order.sort_by(|&a, &b| part(a).cmp(&part(b)));
        for pair in order.windows(2).filter(|pair| part(pair[0]) == part(pair[1])) {
            kept[pair[1]] = false;
        }
        start = end;
    }
    Ok(kept.into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use arrow::array::Int32Array;
    use proptest::prelude::*;

    use super::super::value::pseudonym_column;
    use super::*;
    use salanimi_core::Pseudonym;

    proptest! {
        #[test]
        fn of_each_key_the_first_row_is_kept(mut rows in proptest::collection::vec((0_u8..4, 0_i32..3, proptest::option::of(0_i32..3)), 0..60)) {
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
