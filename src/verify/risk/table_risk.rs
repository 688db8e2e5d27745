//! Risk of one table by its quasi-identifiers: class sizes, attribute disclosure, combinations that single someone out.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::attribute_disclosure::AttributeDisclosure;
use super::coded::{CodedTable, RowsByCode};
use super::combinations::{Combination, CombinationCounter};
use super::equivalence_classes::EquivalenceClasses;
use crate::config::Limits;

/// Upper bounds of the ranges of class sizes, inclusive.
pub(super) const SIZES: [u32; 6] = [1, 4, 9, 19, 99, u32::MAX];
/// Columns of the largest combinations that are all counted.
const LARGEST_COMBINATION: usize = 3;

/// Risk of a table by its combined quasi-identifiers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableRisk {
    /// Persons of the table.
    pub persons: u64,
    /// Persons of the smallest equivalence class (k).
    pub smallest_class: u32,
    /// Persons with a row in a class of fewer than `min_k` persons.
    pub in_small_classes: u64,
    /// Persons by the size of their smallest class, in the ranges of [`SIZES`].
    pub by_class_size: [u64; SIZES.len()],
    /// Attribute disclosure through each sensitive column.
    pub disclosures: Vec<AttributeDisclosure>,
    /// All combinations of one and two columns.
    pub pairs: Vec<Combination>,
    /// Combination of each size that singles out most persons, up to the first size that singles someone out.
    pub most_isolating: Vec<Combination>,
}

impl TableRisk {
    /// Measures the first `quasi` columns of `table`, and the disclosure of the next `sensitive` columns.
    ///
    /// `table` has rows.
    pub(super) fn measure(table: &CodedTable, quasi: usize, sensitive: usize, limits: &Limits) -> Self {
        let columns: Vec<usize> = (0..quasi).collect();
        let classes = EquivalenceClasses::by_columns(table, &columns);
        let sizes = classes.persons(&table.persons);
        let disclosures = if sensitive == 0 {
            Vec::new()
        } else {
            let rows = RowsByCode::new(&classes.of_row, classes.count);
            let columns = &table.columns[quasi..quasi + sensitive];
            columns.par_iter().map(|column| AttributeDisclosure::measure(column, &rows, &sizes, limits)).collect()
        };
        let distinct_rows = table.distinct_rows(&columns, &classes.of_row, classes.count);
        let isolation = Isolation::search(&CombinationCounter { table: &distinct_rows, min_cell: limits.min_cell });
        let smallest_of_person = smallest_class_of_person(table, &classes, &sizes);
        let mut by_class_size = [0; SIZES.len()];
        for &size in &smallest_of_person {
            by_class_size[SIZES.partition_point(|&end| end < size)] += 1;
        }
        Self {
            persons: table.person_count() as u64,
            smallest_class: sizes.iter().copied().fold(u32::MAX, u32::min),
            in_small_classes: smallest_of_person.iter().filter(|&&size| size < limits.min_k).count() as u64,
            by_class_size,
            disclosures,
            pairs: isolation.pairs,
            most_isolating: isolation.most_isolating,
        }
    }
}

/// Returns the size of the smallest class that each person has a row in.
fn smallest_class_of_person(table: &CodedTable, classes: &EquivalenceClasses, sizes: &[u32]) -> Vec<u32> {
    let mut smallest = vec![u32::MAX; table.person_count()];
    for (&class, &person) in classes.of_row.iter().zip(&table.persons) {
        let smallest = &mut smallest[person as usize];
        *smallest = (*smallest).min(sizes[class as usize]);
    }
    smallest
}

/// Result of the search for combinations that single someone out.
#[derive(Default)]
struct Isolation {
    pairs: Vec<Combination>,
    most_isolating: Vec<Combination>,
}

impl Isolation {
    /// Counts all combinations of one and two columns, and of three if none of these singles anyone out.
    fn search(counter: &CombinationCounter<'_>) -> Self {
        let mut result = Self::default();
        for size in 1..=LARGEST_COMBINATION.min(counter.table.columns.len()) {
            let isolates = result.most_isolating.iter().any(|combination| combination.isolated > 0);
            if size > 2 && isolates {
                break;
            }
            let found = counter.of_size(size);
            if !isolates {
                // The first of combinations that single out equally many persons.
                let most = found.iter().rev().max_by_key(|combination| combination.isolated);
                result.most_isolating.extend(most.cloned());
            }
            if size <= 2 {
                result.pairs.extend(found);
            }
        }
        result
    }
}
