//! Cells of two tables of which one holds the other: what is left when they are subtracted is a cell, too.

use std::collections::{HashMap, HashSet};

use super::Raw;
use super::cube::Counted;
use crate::release::error::ReleaseError;

/// Two cells of two tables.
type Pair = (usize, usize);

/// Refuses tables of which a cell less a cell of another counts fewer than `min_cell` people. `cells` are the positions of
/// each table's cells among all, `out` says which of those are left out.
pub(super) fn check(
    raw: &[Raw<'_>],
    cells: &[Vec<usize>],
    out: &[bool],
    rows: &[Counted],
    min_cell: u32,
) -> Result<(), ReleaseError> {
    for (first, a) in raw.iter().enumerate() {
        for (second, b) in raw.iter().enumerate().filter(|(second, _)| *second != first) {
            let shown = |table: usize, cell: usize| !out[cells[table][cell]];
            let mut shared: HashMap<Pair, u64, ahash::RandomState> = HashMap::default();
            for row in 0..rows.len() {
                for x in holding(a, row).filter(|&x| shown(first, x)) {
                    for y in holding(b, row).filter(|&y| shown(second, y)) {
                        *shared.entry((x, y)).or_default() += 1;
                    }
                }
            }
            // Where the one holds the other, and is larger.
            shared.retain(|&(x, y), rows| *rows == b.cube.cells[y].rows && *rows < a.cube.cells[x].rows);
            // What is left within one table is the sum of cells that are protected already.
            let [of_a, of_b] = [first, second].map(|table| cells[table].iter().collect::<HashSet<_>>());
            shared.retain(|&(x, y), _| !of_a.contains(&cells[second][y]) && !of_b.contains(&cells[first][x]));
            if tells_of_few(&shared, a, b, rows, min_cell) {
                let (first, second) = (a.spec.name.clone(), b.spec.name.clone());
                return Err(ReleaseError::Difference { first, second, min: min_cell });
            }
        }
    }
    Ok(())
}

/// The cells of a table that count a row.
fn holding(raw: &Raw<'_>, row: usize) -> impl Iterator<Item = usize> + use<> {
    let cells = if raw.chosen[row] { raw.cube.holding(row) } else { Vec::new() };
    cells.into_iter()
}

/// Whether any of the differences has people in it, and fewer than `min_cell`.
fn tells_of_few(
    nested: &HashMap<Pair, u64, ahash::RandomState>,
    a: &Raw<'_>,
    b: &Raw<'_>,
    rows: &[Counted],
    min_cell: u32,
) -> bool {
    let mut persons: HashMap<Pair, HashSet<u64>, ahash::RandomState> = HashMap::default();
    let mut by_outer: HashMap<usize, Vec<usize>, ahash::RandomState> = HashMap::default();
    nested.keys().for_each(|&(x, y)| by_outer.entry(x).or_default().push(y));
    for (row, counted) in rows.iter().enumerate() {
        let inner: Vec<usize> = holding(b, row).collect();
        for x in holding(a, row) {
            for &y in by_outer.get(&x).into_iter().flatten().filter(|y| !inner.contains(y)) {
                let left = persons.entry((x, y)).or_default();
                if left.len() < min_cell as usize {
                    left.insert(counted.person);
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

    /// A table of 40 people by one dimension of one value; `chosen` of them are counted.
    fn raw<'r>(spec: &'r FrequencyTable, rows: &[Counted], chosen: impl Fn(usize) -> bool) -> Raw<'r> {
        let dimension = Dimension {
            title: "d".to_owned(),
            values: vec!["a".to_owned()],
            sensitive: false,
            of: vec![0; rows.len()],
        };
        let chosen: Vec<bool> = (0..rows.len()).map(chosen).collect();
        Raw { spec, cube: Cube::count(vec![dimension], rows, &chosen, 1), chosen }
    }

    #[test]
    fn tables_that_differ_by_few_people_are_refused() {
        let rows: Vec<Counted> = (0..40).map(|person| Counted { person, amount: None }).collect();
        let (all, some) = (spec("all"), spec("some"));
        for (left_out, refused) in [(0, false), (1, true), (4, true), (5, false)] {
            let tables = [raw(&all, &rows, |_| true), raw(&some, &rows, |row| row >= left_out)];
            let result = check(&tables, &[vec![0, 1], vec![2, 3]], &[false; 4], &rows, 5);
            assert_eq!(result.is_err(), refused, "{left_out}");
            // What is left out of a table is not subtracted.
            assert!(check(&tables, &[vec![0, 1], vec![2, 3]], &[true; 4], &rows, 5).is_ok());
        }
    }
}
