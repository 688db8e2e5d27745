//! Cells of one-, two- and three-way tables: persons who are singled out, and small cells.

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::coded::{CodedColumn, CodedTable, RowsByCode};
use super::equivalence_classes::EquivalenceClasses;
use super::person_tally::{Cell, PersonTally};

/// Most cells that are counted in an array with one element each; the array fits in a processor cache.
const MOST_IN_ARRAY: usize = 1 << 16;

/// Cells of the table that some columns span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Combination {
    /// Positions of the columns.
    pub columns: Vec<usize>,
    /// Persons alone in a cell.
    pub isolated: usize,
    /// Non-empty cells.
    pub cells: u64,
    /// Non-empty cells with fewer persons than the smallest allowed cell.
    pub small_cells: u64,
}

/// Counts the cells of every combination of columns.
pub(super) struct CombinationCounter<'a> {
    /// One row for each person and combination of all columns.
    pub table: &'a CodedTable,
    /// Fewest persons of a cell that is not small.
    pub min_cell: u32,
}

impl CombinationCounter<'_> {
    /// Counts every combination of `size` columns, 1 to 3, in the order of the columns.
    pub(super) fn of_size(&self, size: usize) -> Vec<Combination> {
        let columns = self.table.columns.len();
        let firsts: Vec<Vec<usize>> = match size {
            0 => Vec::new(),
            1 => vec![Vec::new()],
            2 => (0..columns).map(|a| vec![a]).collect(),
            _ => (0..columns).flat_map(|a| (a + 1..columns).map(move |b| vec![a, b])).collect(),
        };
        let parts: Vec<Vec<Combination>> = firsts.par_iter().map(|first| self.with_each_later(first)).collect();
        parts.into_iter().flatten().collect()
    }

    /// Counts the columns `first` together with each later column.
    fn with_each_later(&self, first: &[usize]) -> Vec<Combination> {
        let later = first.last().map_or(0, |last| last + 1)..self.table.columns.len();
        let needs_groups = later.clone().any(|column| self.array_size(first, column).is_none());
        let groups = needs_groups.then(|| self.rows_by(first));
        later
            .into_par_iter()
            .map(|column| match (self.array_size(first, column), &groups) {
                (Some(size), _) => self.by_array(first, column, size),
                (None, Some(groups)) => self.by_group(first, column, groups),
                (None, None) => unreachable!("rows are grouped wherever a column needs it"),
            })
            .collect()
    }

    /// Returns the number of cells of `first` and `column`, if an array of so many is used.
    fn array_size(&self, first: &[usize], column: usize) -> Option<usize> {
        let width = self.table.columns[column].codes_below();
        let mut widths = first.iter().map(|&column| self.table.columns[column].codes_below());
        let cells = widths.try_fold(width, usize::checked_mul)?;
        (cells <= MOST_IN_ARRAY).then_some(cells)
    }

    fn rows_by(&self, first: &[usize]) -> RowsByCode {
        if let [column] = first {
            let column = &self.table.columns[*column];
            return RowsByCode::new(&column.codes, column.codes_below());
        }
        let classes = EquivalenceClasses::by_columns(self.table, first);
        RowsByCode::new(&classes.of_row, classes.count)
    }

    fn by_array(&self, first: &[usize], column: usize, size: usize) -> Combination {
        let mut tally = PersonTally::new(size);
        let columns: Vec<&CodedColumn> = first.iter().chain([&column]).map(|&at| &self.table.columns[at]).collect();
        for (row, &person) in self.table.persons.iter().enumerate() {
            let cell = columns.iter().fold(0, |cell, c| cell * c.codes_below() + c.codes[row] as usize);
            tally.add(cell, person);
        }
        let mut builder = self.builder(first, column);
        tally.cells.iter().filter(|cell| cell.persons > 0).for_each(|cell| builder.add(*cell));
        builder.finish()
    }

    fn by_group(&self, first: &[usize], column: usize, groups: &RowsByCode) -> Combination {
        let coded = &self.table.columns[column];
        let mut tally = PersonTally::new(coded.codes_below());
        let mut present = Vec::new();
        let mut builder = self.builder(first, column);
        for rows in groups.iter() {
            for &row in rows {
                let code = coded.codes[row as usize];
                if tally.add(code as usize, self.table.persons[row as usize]) {
                    present.push(code);
                }
            }
            present.drain(..).for_each(|code| builder.add(tally.take(code as usize)));
        }
        builder.finish()
    }

    fn builder(&self, first: &[usize], column: usize) -> CombinationBuilder {
        let columns = first.iter().copied().chain([column]).collect();
        CombinationBuilder {
            combination: Combination { columns, isolated: 0, cells: 0, small_cells: 0 },
            is_alone: Vec::new(),
            persons: self.table.person_count(),
            min_cell: self.min_cell,
        }
    }
}

/// A combination whose cells are added one by one.
struct CombinationBuilder {
    combination: Combination,
    /// `true` for each person alone in a cell; empty until there is one.
    is_alone: Vec<bool>,
    persons: usize,
    min_cell: u32,
}

impl CombinationBuilder {
    fn add(&mut self, cell: Cell) {
        self.combination.cells += 1;
        self.combination.small_cells += u64::from(cell.persons < self.min_cell);
        if cell.persons == 1 {
            self.is_alone.resize(self.persons, false);
            self.is_alone[cell.last as usize] = true;
        }
    }

    fn finish(mut self) -> Combination {
        self.combination.isolated = self.is_alone.iter().filter(|alone| **alone).count();
        self.combination
    }
}
