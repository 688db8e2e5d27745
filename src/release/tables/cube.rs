//! Cube of counts: every combination of the dimensions' values, and every total.

use std::collections::BTreeMap;

use super::draw::draw;
use crate::release::value::TOTAL;

/// A dimension of a table.
pub(super) struct Dimension {
    /// Name of the column, with its level if it is generalised.
    pub(super) title: String,
    pub(super) values: Vec<String>,
    /// `true` if the column is a sensitive attribute.
    pub(super) sensitive: bool,
    /// For each row, the position of its value.
    pub(super) positions: Vec<u32>,
}

/// Counts of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) rows: u64,
    pub(super) persons: u64,
    /// Sum of the amounts.
    pub(super) sum: i64,
    /// Amounts of the two persons with the largest ones.
    pub(super) largest: [i64; 2],
    /// Identifies the set of persons: the same persons have the same number in every table.
    pub(super) key: u64,
}

/// Cells of a table. A coordinate is the position of a value, or the number of values for the total.
pub(super) struct Cube {
    pub(super) dimensions: Vec<Dimension>,
    pub(super) cells: Vec<Cell>,
}

/// Person and amount of one row of the linked table.
pub(super) struct SourceRow {
    pub(super) person: u64,
    /// `None` if the cell is empty or no column is summed.
    pub(super) amount: Option<i64>,
}

impl Cube {
    /// Returns the number of cells of a cube whose dimensions have the given numbers of values.
    pub(super) fn size(values: impl Iterator<Item = usize>) -> usize {
        values.fold(1, |size, values| size.saturating_mul(values + 1))
    }

    /// Counts the `included` ones of `rows`, which are sorted by person.
    pub(super) fn count(dimensions: Vec<Dimension>, rows: &[SourceRow], included: &[bool], seed: u64) -> Self {
        let size = Self::size(dimensions.iter().map(|dimension| dimension.values.len()));
        let mut cube = Self { dimensions, cells: vec![Cell::default(); size] };
        let included: Vec<usize> = (0..rows.len()).filter(|&row| included[row]).collect();
        for of_person in included.chunk_by(|&a, &b| rows[a].person == rows[b].person) {
            cube.add(of_person, rows, draw(&[seed, rows[of_person[0]].person]));
        }
        cube
    }

    /// Adds the rows of one person.
    fn add(&mut self, of_person: &[usize], rows: &[SourceRow], key: u64) {
        let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
        for &row in of_person {
            for cell in self.cells_of(row) {
                let part = parts.entry(cell).or_default();
                part.rows += 1;
                if let Some(amount) = rows[row].amount {
                    part.amount += amount;
                }
            }
        }
        for (cell, part) in parts {
            self.cells[cell].add(&part, key);
        }
    }

    /// Returns the cells that count a row.
    pub(super) fn cells_of(&self, row: usize) -> Vec<usize> {
        let mut cells = vec![0];
        for dimension in &self.dimensions {
            let width = dimension.values.len() + 1;
            let at = [dimension.positions[row] as usize, dimension.values.len()];
            cells = cells.iter().flat_map(|cell| at.map(|at| cell * width + at)).collect();
        }
        cells
    }

    /// Returns the coordinates of a cell, the first dimension's first.
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

    /// Returns the cell at these coordinates.
    pub(super) fn cell(&self, coordinates: &[usize]) -> usize {
        let widths = self.dimensions.iter().map(|dimension| dimension.values.len() + 1);
        coordinates.iter().zip(widths).fold(0, |cell, (at, width)| cell * width + at)
    }

    /// Returns true if a coordinate of a dimension stands for its total.
    pub(super) fn is_total(&self, dimension: usize, at: usize) -> bool {
        at == self.dimensions[dimension].values.len()
    }

    /// Returns the groups of the table: along each dimension, each total with the cells that it sums.
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

    /// Returns the values at a cell's coordinates.
    pub(super) fn labels(&self, cell: usize) -> Vec<String> {
        self.coordinates(cell).iter().enumerate().map(|(d, &at)| self.text(d, at).to_owned()).collect()
    }

    /// Returns the text of a coordinate.
    pub(super) fn text(&self, dimension: usize, at: usize) -> &str {
        self.dimensions[dimension].values.get(at).map_or(TOTAL, String::as_str)
    }
}

/// Rows and amount of one person in a cell.
#[derive(Default)]
struct Part {
    rows: u64,
    amount: i64,
}

impl Cell {
    fn add(&mut self, part: &Part, key: u64) {
        self.rows += part.rows;
        self.persons += 1;
        self.sum += part.amount;
        self.key ^= key;
        let [first, second] = self.largest;
        if part.amount > first {
            self.largest = [part.amount, first];
        } else if part.amount > second {
            self.largest = [first, part.amount];
        }
    }
}

/// A total and the cells that it sums.
pub(super) struct Group {
    pub(super) dimension: usize,
    pub(super) total: usize,
    pub(super) parts: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two dimensions of two values; persons 1, 1, 2, 3.
    fn cube() -> Cube {
        let dimensions = [vec![0, 1, 0, 0], vec![0, 0, 0, 1]].map(|positions| Dimension {
            title: "d".to_owned(),
            values: vec!["a".to_owned(), "b".to_owned()],
            sensitive: true,
            positions,
        });
        let rows = [(1, 10), (1, 5), (2, 7), (3, 1)].map(|(person, amount)| SourceRow { person, amount: Some(amount) });
        Cube::count(dimensions.into(), &rows, &[true; 4], 1)
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
