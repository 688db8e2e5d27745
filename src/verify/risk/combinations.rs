//! Cells of one-, two- and three-way tables: whom they isolate, and which are small.

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::classes::{Cell, Classes, Tally};
use super::coded::{CodedTable, Groups};

/// Cells that are counted in an array with a place for each: as many as a processor keeps near.
const PLACES: usize = 1 << 16;

/// What the cells of some columns' table show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Combination {
    /// Positions of the columns.
    pub columns: Vec<usize>,
    /// Persons who are alone in a cell.
    pub isolated: usize,
    /// Cells that have anyone.
    pub cells: u64,
    /// Cells that have anyone, but fewer persons than the smallest cell allowed.
    pub small: u64,
}

/// The columns of a table, counted together.
pub(super) struct Counting<'a> {
    /// One row for each person and combination of all columns.
    pub facts: &'a CodedTable,
    /// The fewest persons of a cell that is not small.
    pub min_cell: u32,
}

impl Counting<'_> {
    /// Every combination of `size` columns, 1 to 3, in the order of the columns.
    pub(super) fn of_size(&self, size: usize) -> Vec<Combination> {
        let columns = self.facts.columns.len();
        let firsts: Vec<Vec<usize>> = match size {
            0 => Vec::new(),
            1 => vec![Vec::new()],
            2 => (0..columns).map(|a| vec![a]).collect(),
            _ => (0..columns).flat_map(|a| (a + 1..columns).map(move |b| vec![a, b])).collect(),
        };
        let parts: Vec<Vec<Combination>> = firsts.par_iter().map(|first| self.followed(first)).collect();
        parts.into_iter().flatten().collect()
    }

    /// The columns `first` with each one after them.
    fn followed(&self, first: &[usize]) -> Vec<Combination> {
        let after = first.last().map_or(0, |last| last + 1)..self.facts.columns.len();
        let below = |column: usize| self.facts.columns[column].codes_below();
        let places = |column| first.iter().try_fold(below(column), |p: usize, &c| p.checked_mul(below(c)));
        let is_near = |column: usize| places(column).filter(|&places| places <= PLACES);
        let groups = after.clone().any(|column| is_near(column).is_none()).then(|| self.groups(first));
        let count = |column: usize| match (is_near(column), &groups) {
            (None, Some(groups)) => self.by_group(first, column, groups),
            (places, _) => self.by_place(first, column, places.unwrap_or_default()),
        };
        after.into_par_iter().map(count).collect()
    }

    fn groups(&self, first: &[usize]) -> Groups {
        if let [column] = first {
            return Groups::by(&self.facts.columns[*column].codes, self.facts.columns[*column].codes_below());
        }
        let classes = Classes::of(self.facts, first);
        Groups::by(&classes.of_row, classes.count)
    }

    fn by_place(&self, first: &[usize], column: usize, places: usize) -> Combination {
        let mut tally = Tally::new(places);
        let columns: Vec<&super::coded::Coded> =
            first.iter().chain([&column]).map(|&column| &self.facts.columns[column]).collect();
        for (row, &person) in self.facts.persons.iter().enumerate() {
            let at = columns.iter().fold(0, |at, c| at * c.codes_below() + c.codes[row] as usize);
            tally.add(at, person);
        }
        let mut found = self.nothing(first, column);
        tally.cells.iter().filter(|cell| cell.persons > 0).for_each(|cell| found.add(*cell));
        found.done()
    }

    fn by_group(&self, first: &[usize], column: usize, groups: &Groups) -> Combination {
        let coded = &self.facts.columns[column];
        let (mut tally, mut touched) = (Tally::new(coded.codes_below()), Vec::new());
        let mut found = self.nothing(first, column);
        for rows in groups.iter() {
            for &row in rows {
                let code = coded.codes[row as usize];
                if tally.add(code as usize, self.facts.persons[row as usize]) {
                    touched.push(code);
                }
            }
            touched.drain(..).for_each(|code| found.add(tally.take(code as usize)));
        }
        found.done()
    }

    fn nothing(&self, first: &[usize], column: usize) -> Found {
        let columns = first.iter().copied().chain([column]).collect();
        Found {
            combination: Combination { columns, isolated: 0, cells: 0, small: 0 },
            alone: Vec::new(),
            persons: self.facts.count(),
            min_cell: self.min_cell,
        }
    }
}

/// A combination while its cells are looked at.
struct Found {
    combination: Combination,
    /// For each person, whether alone in a cell; empty as long as no one is.
    alone: Vec<bool>,
    persons: usize,
    min_cell: u32,
}

impl Found {
    fn add(&mut self, cell: Cell) {
        self.combination.cells += 1;
        self.combination.small += u64::from(cell.persons < self.min_cell);
        if cell.persons == 1 {
            self.alone.resize(self.persons, false);
            self.alone[cell.last as usize] = true;
        }
    }

    fn done(mut self) -> Combination {
        self.combination.isolated = self.alone.iter().filter(|alone| **alone).count();
        self.combination
    }
}
