//! Distinct persons counted by cell.

/// Persons of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// Number of persons.
    pub persons: u32,
    /// Person added last.
    pub last: u32,
}

impl Cell {
    const EMPTY: Self = Self { persons: 0, last: u32::MAX };
}

/// Counts distinct persons by cell. The rows of one person must be added one after another.
pub(super) struct PersonTally {
    pub cells: Vec<Cell>,
}

impl PersonTally {
    /// Creates a tally of `cells` empty cells.
    pub(super) fn new(cells: usize) -> Self {
        Self { cells: vec![Cell::EMPTY; cells] }
    }

    /// Adds a person to a cell. Returns true if the cell was empty.
    pub(super) fn add(&mut self, cell: usize, person: u32) -> bool {
        let cell = &mut self.cells[cell];
        let was_empty = cell.persons == 0;
        if cell.last != person {
            cell.last = person;
            cell.persons += 1;
        }
        was_empty
    }

    /// Empties a cell and returns its former content.
    pub(super) fn take(&mut self, cell: usize) -> Cell {
        std::mem::replace(&mut self.cells[cell], Cell::EMPTY)
    }
}
