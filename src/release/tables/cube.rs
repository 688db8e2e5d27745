//! A table of counts: every combination of its dimensions' values, and every total.

use std::collections::BTreeMap;

use crate::crypto::Digest;

/// How the total over a dimension is written.
pub(in crate::release) const TOTAL: &str = "(all)";

/// A dimension, with the position of each row's value.
pub(super) struct Dimension {
    /// How it is called: the column, with its level if it is generalised.
    pub(super) title: String,
    pub(super) values: Vec<String>,
    /// Whether its values are what a person would not want known.
    pub(super) sensitive: bool,
    pub(super) of: Vec<u32>,
}

/// What is counted in a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) rows: u64,
    pub(super) persons: u64,
    /// The sum of what is summed, and what the two persons with the largest parts of it have.
    pub(super) sum: i64,
    pub(super) largest: [i64; 2],
    /// Stands for the persons in the cell: the same persons always give the same number.
    pub(super) key: u64,
}

/// The cells of a table. A coordinate is the position of a value, or the number of values for the total.
pub(super) struct Cube {
    pub(super) dimensions: Vec<Dimension>,
    pub(super) cells: Vec<Cell>,
}

/// One row of the linked table, as far as it is counted.
pub(super) struct Counted {
    pub(super) person: u64,
    pub(super) amount: Option<i64>,
}

impl Cube {
    /// The number of cells that dimensions of so many values have.
    pub(super) fn size(values: impl Iterator<Item = usize>) -> usize {
        values.fold(1, |size, values| size.saturating_mul(values + 1))
    }

    /// Counts those of `rows`, which come person by person, that are `chosen`.
    pub(super) fn count(dimensions: Vec<Dimension>, rows: &[Counted], chosen: &[bool], seed: u64) -> Self {
        let size = Self::size(dimensions.iter().map(|dimension| dimension.values.len()));
        let mut cube = Self { dimensions, cells: vec![Cell::default(); size] };
        let chosen: Vec<usize> = (0..rows.len()).filter(|&row| chosen[row]).collect();
        for of_person in chosen.chunk_by(|&a, &b| rows[a].person == rows[b].person) {
            cube.add(of_person, rows, key(rows[of_person[0]].person, seed));
        }
        cube
    }

    fn add(&mut self, of_person: &[usize], rows: &[Counted], key: u64) {
        let mut parts: BTreeMap<usize, (u64, i64)> = BTreeMap::new();
        for &row in of_person {
            for cell in self.holding(row) {
                let part = parts.entry(cell).or_default();
                *part = (part.0 + 1, part.1 + rows[row].amount.unwrap_or(0));
            }
        }
        for (cell, (count, amount)) in parts {
            let cell = &mut self.cells[cell];
            cell.rows += count;
            cell.persons += 1;
            cell.sum += amount;
            cell.key ^= key;
            if amount > cell.largest[1] {
                cell.largest =
                    if amount > cell.largest[0] { [amount, cell.largest[0]] } else { [cell.largest[0], amount] };
            }
        }
    }

    /// The cells that a row is counted in.
    pub(super) fn holding(&self, row: usize) -> Vec<usize> {
        let mut cells = vec![0];
        for dimension in &self.dimensions {
            let width = dimension.values.len() + 1;
            let at = [dimension.of[row] as usize, dimension.values.len()];
            cells = cells.iter().flat_map(|cell| at.map(|at| cell * width + at)).collect();
        }
        cells
    }

    /// The coordinates of a cell, the first dimension's first.
    pub(super) fn coordinates(&self, cell: usize) -> Vec<usize> {
        let mut rest = cell;
        let mut coordinates: Vec<usize> = self
            .dimensions
            .iter()
            .rev()
            .map(|dimension| {
                let width = dimension.values.len() + 1;
                let at = rest % width;
                rest /= width;
                at
            })
            .collect();
        coordinates.reverse();
        coordinates
    }

    /// The cell at these coordinates.
    pub(super) fn cell(&self, coordinates: &[usize]) -> usize {
        let widths = self.dimensions.iter().map(|dimension| dimension.values.len() + 1);
        coordinates.iter().zip(widths).fold(0, |cell, (at, width)| cell * width + at)
    }

    /// Whether a coordinate of a dimension stands for its total.
    pub(super) fn is_total(&self, dimension: usize, at: usize) -> bool {
        at == self.dimensions[dimension].values.len()
    }

    /// The groups of the table: along each dimension, a total with the cells that it is the sum of.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        for total in 0..self.cells.len() {
            let mut coordinates = self.coordinates(total);
            for dimension in 0..self.dimensions.len() {
                if !self.is_total(dimension, coordinates[dimension]) {
                    continue;
                }
                let values = self.dimensions[dimension].values.len();
                let parts = (0..values).map(|at| {
                    coordinates[dimension] = at;
                    self.cell(&coordinates)
                });
                let parts = parts.collect();
                coordinates[dimension] = values;
                groups.push(Group { dimension, total, parts });
            }
        }
        groups
    }

    /// How a coordinate is written.
    pub(super) fn text(&self, dimension: usize, at: usize) -> &str {
        self.dimensions[dimension].values.get(at).map_or(TOTAL, String::as_str)
    }
}

/// A total and the cells that it is the sum of.
pub(super) struct Group {
    pub(super) dimension: usize,
    pub(super) total: usize,
    pub(super) parts: Vec<usize>,
}

/// A number for a person, the same for every table of a seed.
fn key(person: u64, seed: u64) -> u64 {
    let bytes = [seed.to_be_bytes(), person.to_be_bytes()].concat();
    Digest::of(&bytes).as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two dimensions of two values; persons 1, 1, 2, 3.
    fn cube() -> Cube {
        let dimension = |of: Vec<u32>| Dimension {
            title: "d".to_owned(),
            values: vec!["a".to_owned(), "b".to_owned()],
            sensitive: true,
            of,
        };
        let rows = [(1, 10), (1, 5), (2, 7), (3, 1)].map(|(person, amount)| Counted { person, amount: Some(amount) });
        Cube::count(vec![dimension(vec![0, 1, 0, 0]), dimension(vec![0, 0, 0, 1])], &rows, &[true; 4], 1)
    }

    #[test]
    fn cells_count_rows_and_persons_and_totals_are_sums() {
        let cube = cube();
        let at = |a: usize, b: usize| &cube.cells[cube.cell(&[a, b])];
        assert_eq!((at(0, 0).rows, at(0, 0).persons, at(0, 0).sum, at(0, 0).largest), (2, 2, 17, [10, 7]));
        assert_eq!((at(2, 2).rows, at(2, 2).persons, at(2, 2).largest), (4, 3, [15, 7]));
        for group in cube.groups() {
            let sum: u64 = group.parts.iter().map(|&part| cube.cells[part].rows).sum();
            assert_eq!(sum, cube.cells[group.total].rows);
        }
        assert_eq!(cube.groups().len(), 3 + 3);
        assert_eq!(cube.coordinates(cube.cell(&[2, 1])), [2, 1]);
    }

    #[test]
    fn the_same_persons_have_the_same_key_wherever_they_are_counted() {
        let cube = cube();
        assert_eq!(cube.cells[cube.cell(&[1, 0])].key, cube.cells[cube.cell(&[1, 2])].key);
        assert_ne!(cube.cells[cube.cell(&[0, 0])].key, cube.cells[cube.cell(&[0, 2])].key);
    }
}
