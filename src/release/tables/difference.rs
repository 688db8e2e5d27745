//! Differencing: subtracting a cell of one table from a cell of another must not disclose few persons.

use std::collections::{HashMap, HashSet};

use super::counted::CountedTable;
use super::cube::SourceRow;
use crate::release::error::ReleaseError;

/// A cell of one table and a cell of another.
type Pair = (usize, usize);

/// Pairs of cells with the number of rows in both.
type Overlaps = HashMap<Pair, u64, ahash::RandomState>;

/// One table of several that are published together.
#[derive(Clone, Copy)]
struct Published<'a> {
    table: &'a CountedTable<'a>,
    /// Position of each cell among the cells of all tables.
    cells: &'a [usize],
    /// For each cell of all tables, `true` if it is suppressed.
    suppressed: &'a [bool],
}

/// Refuses two tables if the difference of two of their cells counts fewer than `min_cell` persons (differencing).
///
/// `cells` are the positions of each table's cells among all; `suppressed` has an entry for each of all cells.
///
/// # Errors
/// Two tables disclose a small difference.
pub(super) fn check(
    tables: &[CountedTable<'_>],
    cells: &[Vec<usize>],
    suppressed: &[bool],
    rows: &[SourceRow],
    min_cell: u32,
) -> Result<(), ReleaseError> {
    let published: Vec<Published<'_>> =
        tables.iter().zip(cells).map(|(table, cells)| Published { table, cells, suppressed }).collect();
    for (position, &first) in published.iter().enumerate() {
        for (_, &second) in published.iter().enumerate().filter(|(other, _)| *other != position) {
            let nested = nested(first, second, rows.len());
            if is_small_difference(&nested, first.table, second.table, rows, min_cell) {
                return Err(ReleaseError::Difference {
                    first: first.table.spec.name.clone(),
                    second: second.table.spec.name.clone(),
                    min: min_cell,
                });
            }
        }
    }
    Ok(())
}

/// Returns pairs of published cells where the first strictly contains the second.
fn nested(first: Published<'_>, second: Published<'_>, rows: usize) -> Overlaps {
    let mut overlaps = Overlaps::default();
    for row in 0..rows {
        for outer in first.shown_cells(row) {
            for inner in second.shown_cells(row) {
                *overlaps.entry((outer, inner)).or_default() += 1;
            }
        }
    }
    overlaps.retain(|&(outer, inner), rows| {
        *rows == second.table.cube.cells[inner].rows && *rows < first.table.cube.cells[outer].rows
    });
    // Differences within one table are sums of cells that are protected already.
    let first_cells: HashSet<usize> = first.cells.iter().copied().collect();
    let second_cells: HashSet<usize> = second.cells.iter().copied().collect();
    overlaps.retain(|&(outer, inner), _| {
        !first_cells.contains(&second.cells[inner]) && !second_cells.contains(&first.cells[outer])
    });
    overlaps
}

impl Published<'_> {
    /// Returns the published cells that count a row.
    fn shown_cells(self, row: usize) -> impl Iterator<Item = usize> {
        cells_of(self.table, row).filter(move |&cell| !self.suppressed[self.cells[cell]])
    }
}

/// Returns the cells of a table that count a row.
fn cells_of(table: &CountedTable<'_>, row: usize) -> impl Iterator<Item = usize> + use<> {
    let cells = if table.included[row] { table.cube.cells_of(row) } else { Vec::new() };
    cells.into_iter()
}

/// Returns true if the difference of a pair has fewer than `min_cell` persons.
fn is_small_difference(
    nested: &Overlaps,
    first: &CountedTable<'_>,
    second: &CountedTable<'_>,
    rows: &[SourceRow],
    min_cell: u32,
) -> bool {
    let mut persons: HashMap<Pair, HashSet<u64>, ahash::RandomState> = HashMap::default();
    let mut by_outer: HashMap<usize, Vec<usize>, ahash::RandomState> = HashMap::default();
    nested.keys().for_each(|&(outer, inner)| by_outer.entry(outer).or_default().push(inner));
    for (row, source) in rows.iter().enumerate() {
        let of_second: Vec<usize> = cells_of(second, row).collect();
        for outer in cells_of(first, row) {
            for &inner in by_outer.get(&outer).into_iter().flatten().filter(|inner| !of_second.contains(inner)) {
                let left = persons.entry((outer, inner)).or_default();
                if left.len() < min_cell as usize {
                    left.insert(source.person);
                }
            }
        }
    }
    persons.values().any(|left| left.len() < min_cell as usize)
}

#[cfg(test)]
mod tests {
    use super::super::cube::{Cube, Dimension};
    use super::*;
    use crate::config::raw::release::{FrequencyTable, Protect};
    use salanimi_core::Id;

    fn spec(name: &str) -> FrequencyTable {
        let id = |text: &str| Id::new(text).unwrap();
        FrequencyTable { name: id(name), table: id("t"), by: vec![], only: None, sum: None, protect: Protect::Suppress }
    }

    /// Counts the `included` rows by one dimension of one value.
    fn table<'r>(spec: &'r FrequencyTable, rows: &[SourceRow], included: impl Fn(usize) -> bool) -> CountedTable<'r> {
        let dimension = Dimension {
            title: "d".to_owned(),
            values: vec!["a".to_owned()],
            sensitive: false,
            positions: vec![0; rows.len()],
        };
        let included: Vec<bool> = (0..rows.len()).map(included).collect();
        CountedTable { spec, cube: Cube::count(vec![dimension], rows, &included, 1), included }
    }

    #[test]
    fn tables_that_differ_by_few_persons_are_refused() {
        let rows: Vec<SourceRow> = (0..40).map(|person| SourceRow { person, amount: None }).collect();
        let all = spec("all");
        let some = spec("some");
        for (omitted, refused) in [(0, false), (1, true), (4, true), (5, false)] {
            let tables = [table(&all, &rows, |_| true), table(&some, &rows, |row| row >= omitted)];
            let result = check(&tables, &[vec![0, 1], vec![2, 3]], &[false; 4], &rows, 5);
            assert_eq!(result.is_err(), refused, "{omitted}");
            // Suppressed cells cannot be subtracted.
            assert!(check(&tables, &[vec![0, 1], vec![2, 3]], &[true; 4], &rows, 5).is_ok());
        }
    }
}
