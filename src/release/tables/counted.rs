//! A table that is counted and not protected yet, and the released table made from it.

use salanimi_core::Id;

use super::cube::{Cell, Cube, Group};
use crate::config::raw::release::FrequencyTable;
use crate::release::value::NO_VALUE;

/// Largest number of cells that are protected together, over all tables of one linked table.
pub(super) const MOST_CELLS: usize = 20_000;

/// A table that is counted and not protected yet.
pub(super) struct CountedTable<'r> {
    pub(super) spec: &'r FrequencyTable,
    pub(super) cube: Cube,
    /// For each row of the linked table, `true` if the table counts it.
    pub(super) included: Vec<bool>,
}

/// A released table.
#[derive(Debug)]
pub(in crate::release) struct Table {
    pub(in crate::release) name: Id,
    /// Titles of the columns that the table counts by.
    pub(in crate::release) dimensions: Vec<String>,
    /// The summed column.
    pub(in crate::release) sum: Option<String>,
    pub(in crate::release) rows: Vec<Row>,
    /// Description of the protection.
    pub(in crate::release) done: Vec<String>,
}

/// A cell of a released table.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::release) struct Row {
    /// The value in each dimension.
    pub(in crate::release) labels: Vec<String>,
    /// `None` if suppressed.
    pub(in crate::release) count: Option<u64>,
    /// `None` if suppressed, or if the table sums nothing.
    pub(in crate::release) sum: Option<i64>,
}

impl CountedTable<'_> {
    /// Returns the released table, with counts and sums as `count` and `sum` give them for each cell.
    pub(super) fn release(
        &self,
        done: Vec<String>,
        count: impl Fn(usize) -> Option<u64>,
        sum: impl Fn(usize) -> Option<i64>,
    ) -> Table {
        let rows = (0..self.cube.cells.len()).map(|cell| Row {
            labels: self.cube.labels(cell),
            count: count(cell),
            sum: self.spec.sum.as_ref().and_then(|_| sum(cell)),
        });
        Table {
            name: self.spec.name.clone(),
            dimensions: self.cube.dimensions.iter().map(|dimension| dimension.title.clone()).collect(),
            sum: self.spec.sum.as_ref().map(Id::to_string),
            rows: rows.collect(),
            done,
        }
    }
}

/// Returns true if a cell counts persons, but fewer than `min_cell`.
pub(super) fn is_small(cell: &Cell, min_cell: u32) -> bool {
    (1..u64::from(min_cell)).contains(&cell.persons)
}

/// Returns the one part that holds all members of a group, if its value is sensitive: it would disclose every member.
pub(super) fn sole_part(cube: &Cube, group: &Group) -> Option<usize> {
    let dimension = &cube.dimensions[group.dimension];
    let mut members = group.parts.iter().enumerate().filter(|(_, part)| cube.cells[**part].rows > 0);
    let (value, part) = members.next().filter(|_| members.next().is_none())?;
    (dimension.sensitive && dimension.values.len() > 1 && dimension.values[value] != NO_VALUE).then_some(*part)
}
