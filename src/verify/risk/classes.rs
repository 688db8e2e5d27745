//! Classes: rows that are alike in some columns, and how many persons each has.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::coded::{CodedTable, NULL};

/// Combinations up to this many are counted in an array with a place for each.
const PLACES: u64 = 1 << 24;

/// The classes of a table's rows.
pub(super) struct Classes {
    /// For each row, its class.
    pub of_row: Vec<u32>,
    /// All classes are below this, and each has a row.
    pub count: usize,
}

impl Classes {
    /// The rows of `table` that are alike in all of `columns`.
    pub(super) fn of(table: &CodedTable, columns: &[usize]) -> Self {
        let mut keys = vec![0_u64; table.rows()];
        let mut combinations = 1_u64;
        for &column in columns {
            let column = &table.columns[column];
            let below = column.codes_below() as u64;
            let product = combinations.checked_mul(below).unwrap_or_else(|| {
                let classes = Self::numbered(&keys, u64::MAX);
                keys.par_iter_mut().zip(&classes.of_row).for_each(|(key, &class)| *key = u64::from(class));
                // Both are below 2³².
                classes.count as u64 * below
            });
            keys.par_iter_mut().zip(&column.codes).for_each(|(key, &code)| *key = *key * below + u64::from(code));
            combinations = product;
        }
        Self::numbered(&keys, combinations)
    }

    /// The rows that have the same of `keys`, which are below `combinations`.
    fn numbered(keys: &[u64], combinations: u64) -> Self {
        if combinations <= PLACES.min(8 * keys.len() as u64 + 1024) {
            Self::by_place(keys, combinations as usize)
        } else {
            Self::by_sorting(keys)
        }
    }

    fn by_place(keys: &[u64], combinations: usize) -> Self {
        let (mut places, mut count) = (vec![u32::MAX; combinations], 0);
        let mut class = |&key: &u64| {
            let place = &mut places[key as usize];
            if *place == u32::MAX {
                *place = count;
                count += 1;
            }
            *place
        };
        let of_row = keys.iter().map(&mut class).collect();
        Self { of_row, count: count as usize }
    }

    fn by_sorting(keys: &[u64]) -> Self {
        let mut sorted: Vec<(u64, u32)> = keys.par_iter().enumerate().map(|(row, &key)| (key, row as u32)).collect();
        sorted.par_sort_unstable();
        let (mut of_row, mut count) = (vec![0; keys.len()], 0);
        for alike in sorted.chunk_by(|a, b| a.0 == b.0) {
            alike.iter().for_each(|&(_, row)| of_row[row as usize] = count);
            count += 1;
        }
        Self { of_row, count: count as usize }
    }

    /// For each class, how many persons it has.
    pub(super) fn persons(&self, persons: &[u32]) -> Vec<u32> {
        let mut tally = Tally::new(self.count);
        for (&class, &person) in self.of_row.iter().zip(persons) {
            tally.add(class as usize, person);
        }
        tally.cells.into_iter().map(|cell| cell.persons).collect()
    }
}

/// Persons of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// How many.
    pub persons: u32,
    /// The one added last.
    pub last: u32,
}

impl Cell {
    const EMPTY: Self = Self { persons: 0, last: u32::MAX };
}

/// Counts persons by cell, when those of one person come one after another.
pub(super) struct Tally {
    pub cells: Vec<Cell>,
}

impl Tally {
    pub(super) fn new(cells: usize) -> Self {
        Self { cells: vec![Cell::EMPTY; cells] }
    }

    /// Adds a person to a cell; whether the cell was empty.
    pub(super) fn add(&mut self, cell: usize, person: u32) -> bool {
        let cell = &mut self.cells[cell];
        let was_empty = cell.persons == 0;
        if cell.last != person {
            cell.last = person;
            cell.persons += 1;
        }
        was_empty
    }

    /// Empties a cell; what was in it.
    pub(super) fn take(&mut self, cell: usize) -> Cell {
        std::mem::replace(&mut self.cells[cell], Cell::EMPTY)
    }
}

/// Whether a code is of a value.
pub(super) fn is_value(code: u32) -> bool {
    code != NULL
}
