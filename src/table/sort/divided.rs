//! Rows that are divided by part and handed to sorters in other processes.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::super::value::Field;
use super::parts::Parts;
use super::rows::RowFormat;

/// Rows as bytes, as [`Sorter::push_rows`](super::Sorter::push_rows) takes them, apart by the part of their key.
pub struct DividedRows {
    rows: RowFormat,
    /// By part.
    waiting: Vec<Vec<u8>>,
    parts: Parts,
    bytes: usize,
}

impl DividedRows {
    /// Returns no rows of `fields`, the first of which is the key.
    #[must_use]
    pub fn new(fields: &[Field], parts: Parts) -> Self {
        Self { rows: RowFormat::new(fields), waiting: vec![Vec::new(); parts.number()], parts, bytes: 0 }
    }

    /// Adds the rows of `columns`.
    ///
    /// # Errors
    /// A row is too long.
    pub fn push(&mut self, columns: &[ArrayRef]) -> Result<(), ArrowError> {
        let (scattered, _) = self.rows.scatter(columns)?;
        for (part, waiting) in self.waiting.iter_mut().enumerate() {
            let rows = scattered.rows_of(self.parts.ranges(part));
            waiting.extend_from_slice(rows);
            self.bytes += rows.len();
        }
        Ok(())
    }

    /// Returns the number of bytes that wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes all rows that wait: for each part that has any, its number and its rows.
    pub fn take(&mut self) -> Vec<(usize, Vec<u8>)> {
        self.bytes = 0;
        let taken = self.waiting.iter_mut().map(std::mem::take).enumerate();
        taken.filter(|(_, rows)| !rows.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int32Array;

    use super::super::super::value::{ValueType, pseudonym_column};
    use super::super::Sorter;
    use super::*;
    use salanimi_core::Pseudonym;

    #[test]
    fn divided_rows_are_those_of_one_sorter() {
        let fields = [
            Field { name: "key".to_owned(), value: ValueType::Pseudonym },
            Field { name: "n".to_owned(), value: ValueType::Integer },
        ];
        let columns = |numbers: std::ops::Range<i32>| -> Vec<ArrayRef> {
            let key = |n: i32| Pseudonym(((u128::from(n.unsigned_abs()) * 0x9e37_79b9) << 90).to_be_bytes());
            vec![pseudonym_column(numbers.clone().map(key), None), Arc::new(Int32Array::from_iter_values(numbers))]
        };
        let folder = tempfile::tempdir().unwrap();
        let sorter = || Sorter::new(&fields, 1 << 20, folder.path()).unwrap();
        let parts = Parts::new(8).unwrap();
        let mut divided = DividedRows::new(&fields, parts);
        let whole = sorter();
        let apart: Vec<Sorter> = (0..8).map(|_| sorter()).collect();
        for numbers in [0..500, 500..501, 501..1200] {
            divided.push(&columns(numbers.clone())).unwrap();
            whole.push(&columns(numbers)).unwrap();
            assert!(divided.bytes() > 0);
            for (part, rows) in divided.take() {
                assert!(apart[part].push_rows(&rows).unwrap() > 0);
            }
            assert_eq!((divided.bytes(), divided.take().len()), (0, 0));
        }
        let whole = whole.finish().unwrap();
        let mut rows = 0;
        for (part, sorter) in apart.into_iter().enumerate() {
            let sorted = sorter.finish().unwrap();
            let ranges = parts.ranges(part);
            assert_eq!(sorted.load(ranges.clone()).unwrap(), whole.load(ranges).unwrap(), "{part}");
            rows += sorted.rows();
        }
        assert_eq!(rows, 1200);
    }
}
