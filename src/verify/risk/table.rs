//! What the measures of risk find in one table.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::alike::{Alike, Asked, alike};
use super::classes::Classes;
use super::coded::{CodedTable, Groups};
use super::combinations::{Combination, Counting};
use crate::config::Limits;

/// The upper ends of the sizes of classes that are shown apart.
pub(super) const SIZES: [u32; 6] = [1, 4, 9, 19, 99, u32::MAX];
/// Columns of the largest subsets that are all looked at.
const LARGEST_SUBSET: usize = 3;

/// What the quasi-identifiers of a table do together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Together {
    /// Persons of the table.
    pub persons: u64,
    /// Persons of the smallest class.
    pub smallest: u32,
    /// Persons in a class that is too small.
    pub in_small: u64,
    /// Persons by the size of the smallest class that each is in, as [`SIZES`] has them.
    pub by_size: [u64; SIZES.len()],
    /// For each sensitive column, what classes give away of it.
    pub alike: Vec<Alike>,
    /// One column, and two columns together.
    pub cells: Vec<Combination>,
    /// Of one, two and three columns, as far as looked at, those that isolate the most persons.
    pub worst: Vec<Combination>,
}

/// Looks at the first `quasi` columns of `table` together, and how they give the next `sensitive` ones away.
pub(super) fn together(table: &CodedTable, quasi: usize, sensitive: usize, limits: &Limits) -> Together {
    let columns: Vec<usize> = (0..quasi).collect();
    let classes = Classes::of(table, &columns);
    let sizes = classes.persons(&table.persons);
    let asked = Asked { min_l: limits.min_l, min_k: limits.min_k };
    let alike = if sensitive == 0 {
        Vec::new()
    } else {
        let groups = Groups::by(&classes.of_row, classes.count);
        let columns = &table.columns[quasi..quasi + sensitive];
        columns.par_iter().map(|column| alike(column, &groups, &sizes, asked)).collect()
    };
    let facts = table.facts(&columns, &classes.of_row, classes.count);
    let (cells, worst) = subsets(&Counting { facts: &facts, min_cell: limits.min_cell });
    let smallest_of_person = smallest_of_person(table, &classes, &sizes);
    let mut by_size = [0; SIZES.len()];
    for &size in &smallest_of_person {
        by_size[SIZES.partition_point(|&end| end < size)] += 1;
    }
    Together {
        persons: table.count() as u64,
        smallest: sizes.iter().copied().min().unwrap_or(0),
        in_small: smallest_of_person.iter().filter(|&&size| size < limits.min_k).count() as u64,
        by_size,
        alike,
        cells,
        worst,
    }
}

/// For each person, the size of the smallest class with one of the person's rows.
fn smallest_of_person(table: &CodedTable, classes: &Classes, sizes: &[u32]) -> Vec<u32> {
    let mut smallest = vec![u32::MAX; table.count()];
    for (&class, &person) in classes.of_row.iter().zip(&table.persons) {
        let smallest = &mut smallest[person as usize];
        *smallest = (*smallest).min(sizes[class as usize]);
    }
    smallest
}

/// All combinations of one and two columns; and the worst of each size up to the smallest that isolates someone.
fn subsets(counting: &Counting<'_>) -> (Vec<Combination>, Vec<Combination>) {
    let (mut cells, mut worst) = (Vec::new(), Vec::<Combination>::new());
    for size in 1..=LARGEST_SUBSET.min(counting.facts.columns.len()) {
        let isolates = worst.iter().any(|combination| combination.isolated > 0);
        if size > 2 && isolates {
            break;
        }
        let found = counting.of_size(size);
        if !isolates {
            // The first of those that isolate as many.
            worst.extend(found.iter().rev().max_by_key(|combination| combination.isolated).cloned());
        }
        if size <= 2 {
            cells.extend(found);
        }
    }
    (cells, worst)
}
