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
