//! Cells of several tables as one system, so that tables with common totals are protected together.

use std::collections::BTreeMap;

use super::counted::CountedTable;
use super::cube::Cube;
use super::suppress::System;
use crate::config::raw::release::FrequencyTable;

/// Column and value of each condition on the rows that a cell counts.
type CellIdentity = Vec<(String, String)>;

/// The cells of several tables. A cell that several tables count or sum occurs once.
pub(super) struct JointTables {
    /// For each table, the position of each of its cells in the system.
    pub(super) cells: Vec<Vec<usize>>,
    pub(super) counts: System,
    /// Systems of sums, by the summed column.
    pub(super) sums: BTreeMap<String, System>,
}

impl JointTables {
    pub(super) fn new(tables: &[CountedTable<'_>]) -> Self {
        let mut known: BTreeMap<CellIdentity, usize> = BTreeMap::new();
        let mut joint = Self { cells: Vec::new(), counts: System::default(), sums: BTreeMap::new() };
        for CountedTable { spec, cube, .. } in tables {
            let mut cells = Vec::with_capacity(cube.cells.len());
            for cell in 0..cube.cells.len() {
                let next = known.len();
                let at = *known.entry(identity(spec, cube, cell)).or_insert(next);
                if at == next {
                    joint.counts.values.push(cube.cells[cell].rows as f64);
                    joint.counts.totals.push(totals(cube, cell));
                }
                cells.push(at);
            }
            joint.counts.sums.extend(sums(cube, &cells));
            joint.cells.push(cells);
        }
        tables.iter().enumerate().for_each(|(position, table)| joint.add_sums(position, table));
        joint
    }

    fn add_sums(&mut self, position: usize, table: &CountedTable<'_>) {
        let Some(column) = &table.spec.sum else { return };
        let cells = &self.cells[position];
        let counts = &self.counts;
        let system = self.sums.entry(column.to_string()).or_insert_with(|| System {
            values: vec![0.0; counts.values.len()],
            totals: counts.totals.clone(),
            sums: Vec::new(),
        });
        table.cube.cells.iter().zip(cells).for_each(|(cell, at)| system.values[*at] = cell.sum as f64);
        system.sums.extend(sums(&table.cube, cells));
    }
}

/// Returns the number of dimensions over which a cell is a total.
fn totals(cube: &Cube, cell: usize) -> u32 {
    cube.coordinates(cell).iter().enumerate().filter(|(d, at)| cube.is_total(*d, **at)).count() as u32
}

/// Returns the sums of a table, by the positions of its cells in the system.
fn sums(cube: &Cube, cells: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let groups = cube.groups().into_iter();
    groups.map(|group| (cells[group.total], group.parts.iter().map(|&part| cells[part]).collect())).collect()
}

/// Returns the conditions on the rows that a cell counts, in order and each once.
fn identity(spec: &FrequencyTable, cube: &Cube, cell: usize) -> CellIdentity {
    let coordinates = cube.coordinates(cell);
    let values = coordinates.iter().enumerate().filter(|(d, at)| !cube.is_total(*d, **at));
    let values = values.map(|(d, &at)| (cube.dimensions[d].title.clone(), cube.text(d, at).to_owned()));
    let only = spec.only.iter().map(|only| (only.column.to_string(), only.is.clone()));
    let mut identity: CellIdentity = values.chain(only).collect();
    identity.sort_unstable();
    identity.dedup();
    identity
}

#[cfg(test)]
mod tests {
    use super::super::tests::{spec, table};
    use super::*;

    #[test]
    fn a_cell_that_one_table_counts_and_another_sums_is_one_cell() {
        let counted = spec(None);
        let summed = spec(Some("eur"));
        let rows = [("a", 3), ("b", 4)];
        let joint = JointTables::new(&[table(&counted, &rows, false), table(&summed, &rows, false)]);
        assert_eq!(joint.cells[0], joint.cells[1]);
        assert_eq!(joint.counts.values, [1.0, 1.0, 2.0]);
        assert_eq!(joint.sums["eur"].values, [3.0, 4.0, 7.0]);
    }
}
