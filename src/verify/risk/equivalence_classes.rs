//! Equivalence classes: rows that share their values in some columns, and the number of persons in each class.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::coded::CodedTable;
use super::person_tally::PersonTally;

/// Most combinations of values that are counted in an array with one element each.
const MOST_IN_ARRAY: u64 = 1 << 24;

/// Equivalence classes of a table's rows.
pub(super) struct EquivalenceClasses {
    /// Class of each row.
    pub of_row: Vec<u32>,
    /// Number of classes. Every class has a row.
    pub count: usize,
}

impl EquivalenceClasses {
    /// Groups the rows of `table` by their values in `columns`.
    pub(super) fn by_columns(table: &CodedTable, columns: &[usize]) -> Self {
        let mut keys = vec![0_u64; table.rows()];
        let mut combinations = 1_u64;
        for &column in columns {
            let column = &table.columns[column];
            let below = column.codes_below() as u64;
            combinations = if let Some(product) = combinations.checked_mul(below) {
                product
            } else {
                let classes = Self::by_keys(&keys, u64::MAX);
                keys.par_iter_mut().zip(&classes.of_row).for_each(|(key, &class)| *key = u64::from(class));
                // Both factors are below 2³².
                classes.count as u64 * below
            };
            keys.par_iter_mut().zip(&column.codes).for_each(|(key, &code)| *key = *key * below + u64::from(code));
        }
        Self::by_keys(&keys, combinations)
    }

    /// Groups rows by their `keys`, all of them below `combinations`.
    fn by_keys(keys: &[u64], combinations: u64) -> Self {
        if combinations <= MOST_IN_ARRAY.min(8 * keys.len() as u64 + 1024) {
            Self::by_array(keys, combinations as usize)
        } else {
            Self::by_sorting(keys)
        }
    }

    fn by_array(keys: &[u64], combinations: usize) -> Self {
        let mut class_of_key = vec![u32::MAX; combinations];
        let mut of_row = Vec::with_capacity(keys.len());
        let mut count = 0;
        for &key in keys {
            let class = &mut class_of_key[key as usize];
            if *class == u32::MAX {
                *class = count;
                count += 1;
            }
            of_row.push(*class);
        }
        Self { of_row, count: count as usize }
    }

    fn by_sorting(keys: &[u64]) -> Self {
        let mut sorted: Vec<(u64, u32)> = keys.par_iter().enumerate().map(|(row, &key)| (key, row as u32)).collect();
        sorted.par_sort_unstable();
        let mut of_row = vec![0; keys.len()];
        let mut count = 0;
        for class in sorted.chunk_by(|a, b| a.0 == b.0) {
            class.iter().for_each(|&(_, row)| of_row[row as usize] = count);
            count += 1;
        }
        Self { of_row, count: count as usize }
    }

    /// Returns the number of persons of each class; `persons` holds the person of each row, in ascending order.
    pub(super) fn persons(&self, persons: &[u32]) -> Vec<u32> {
        let mut tally = PersonTally::new(self.count);
        for (&class, &person) in self.of_row.iter().zip(persons) {
            tally.add(class as usize, person);
        }
        tally.cells.into_iter().map(|cell| cell.persons).collect()
    }
}
