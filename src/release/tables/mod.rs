//! Tables of counts and sums, each protected by rounding or by suppression.

mod counted;
mod cube;
mod difference;
mod draw;
mod joint;
mod round;
mod source;
mod suppress;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::counted::{CountedTable, MOST_CELLS, is_small, sole_part};
use self::cube::{Group, SourceRow};
use self::joint::JointTables;
use self::source::{Source, title};
use self::suppress::{SensitiveCell, suppress};
use super::dataset::Dataset;
use super::error::ReleaseError;
use crate::config::raw::release::{FrequencyTable, Protect, Release};
use salanimi_core::Id;

pub(super) use counted::Table;
pub(super) use source::{OF_PERSON, PERSON, level};

/// Share of a sensitive sum by which its value must stay uncertain.
const SUM_PROTECTION: f64 = 0.15;

/// Makes the tables of the contract, each with the protection that the contract names for it.
pub(super) fn tables(dataset: &Dataset<'_>, release: &Release, min_cell: u32) -> Result<Vec<Table>, ReleaseError> {
    let mut by_source: BTreeMap<&str, Vec<&FrequencyTable>> = BTreeMap::new();
    release.tables.iter().for_each(|spec| by_source.entry(spec.table.as_str()).or_default().push(spec));
    let mut tables = Vec::new();
    for specs in by_source.into_values() {
        let source = Source::load(dataset, &specs)?;
        let mut suppressed = Vec::new();
        for spec in specs {
            let counted = source.count(spec, release)?;
            match spec.protect {
                Protect::Round => tables.push(round_table(&counted, release, min_cell)),
                Protect::Suppress => suppressed.push(counted),
            }
        }
        tables.extend(suppress_tables(&suppressed, &source.rows, release, min_cell)?);
    }
    // In the order of the contract.
    tables.sort_by_key(|table: &Table| release.tables.iter().position(|spec| spec.name == table.name));
    Ok(tables)
}

fn round_table(counted: &CountedTable<'_>, release: &Release, min_cell: u32) -> Table {
    let cube = &counted.cube;
    // Rounding does not hide many rows of few persons.
    let mut suppressed: Vec<bool> =
        cube.cells.iter().map(|cell| is_small(cell, min_cell) && cell.rows >= u64::from(release.rounding)).collect();
    let few = suppressed.iter().filter(|suppressed| **suppressed).count();
    let groups = cube.groups();
    let uniform: Vec<&Group> = groups.iter().filter(|group| sole_part(cube, group).is_some()).collect();
    uniform.iter().for_each(|group| group.parts.iter().for_each(|&part| suppressed[part] = true));
    let mut done = vec![format!(
        "every count is rounded up or down at random to a multiple of {}, so that no count discloses fewer than \
         {min_cell} persons",
        release.rounding
    )];
    if few > 0 {
        done.push(format!(
            "{few} cells are suppressed, because all of their rows belong to fewer than {min_cell} persons"
        ));
    }
    if !uniform.is_empty() {
        done.push(format!(
            "{} groups are not broken down, because all members have the same sensitive value (group disclosure)",
            uniform.len()
        ));
    }
    counted.release(
        done,
        |cell| (!suppressed[cell]).then(|| round::rounded(&cube.cells[cell], release.rounding, release.seed)),
        |_| None,
    )
}

fn suppress_tables(
    tables: &[CountedTable<'_>],
    rows: &[SourceRow],
    release: &Release,
    min_cell: u32,
) -> Result<Vec<Table>, ReleaseError> {
    let Some(first) = tables.first() else { return Ok(Vec::new()) };
    refuse_two_levels(tables)?;
    let joint = JointTables::new(tables);
    let cells = joint.counts.values.len();
    if cells > MOST_CELLS {
        return Err(ReleaseError::TooManyCells { name: first.spec.name.clone(), cells, most: MOST_CELLS });
    }
    let mut suppressed = vec![false; cells];
    for (positions, table) in joint.cells.iter().zip(tables) {
        let counts = sensitive_counts(table, positions, min_cell);
        suppress(&joint.counts, &counts, &mut suppressed).map_err(|_| unprotected(table.spec))?;
        if let Some(system) = table.spec.sum.as_ref().and_then(|column| joint.sums.get(column.as_str())) {
            let sums = sensitive_sums(table, positions, release.dominance, min_cell);
            suppress(system, &sums, &mut suppressed).map_err(|_| unprotected(table.spec))?;
        }
    }
    difference::check(tables, &joint.cells, &suppressed, rows, min_cell)?;
    let tables = tables.iter().zip(&joint.cells);
    Ok(tables.map(|(table, cells)| suppressed_table(table, cells, &suppressed, release, min_cell)).collect())
}

fn unprotected(spec: &FrequencyTable) -> ReleaseError {
    ReleaseError::Unprotected { name: spec.name.clone() }
}

/// Refuses two tables that count by different levels of one column: sums over the fine level are cells of the coarse
/// one.
fn refuse_two_levels(tables: &[CountedTable<'_>]) -> Result<(), ReleaseError> {
    let mut known: BTreeMap<&str, (String, &Id)> = BTreeMap::new();
    for CountedTable { spec, .. } in tables {
        for by in &spec.by {
            let (column, _) = level(by);
            let title = title(by);
            let (known_title, first) = known.entry(column).or_insert_with(|| (title.clone(), &spec.name));
            if *known_title != title {
                let first = (*first).clone();
                return Err(ReleaseError::TwoLevels { first, second: spec.name.clone(), column: column.to_owned() });
            }
        }
    }
    Ok(())
}

/// Returns the cells whose counts are sensitive: small cells, and values that all members of a group have.
fn sensitive_counts(table: &CountedTable<'_>, positions: &[usize], min_cell: u32) -> Vec<SensitiveCell> {
    let cube = &table.cube;
    let least = f64::from(min_cell);
    let mut sensitive = Vec::new();
    for (cell, &position) in cube.cells.iter().zip(positions).filter(|(cell, _)| is_small(cell, min_cell)) {
        // One person can have many rows.
        sensitive.push(SensitiveCell { cell: position, protection: least.max(cell.rows as f64) });
    }
    for part in cube.groups().iter().filter_map(|group| sole_part(cube, group)) {
        // It must stay possible that some members have another value.
        let protection = -least.min(cube.cells[part].rows as f64);
        sensitive.push(SensitiveCell { cell: positions[part], protection });
    }
    sensitive
}

/// Returns the cells whose sums are sensitive: those of few persons, and those that two persons dominate.
fn sensitive_sums(table: &CountedTable<'_>, positions: &[usize], dominance: f64, min_cell: u32) -> Vec<SensitiveCell> {
    let mut sensitive = Vec::new();
    for (cell, &position) in table.cube.cells.iter().zip(positions).filter(|(cell, _)| cell.sum > 0) {
        let largest = cell.largest.iter().sum::<i64>() as f64;
        if is_small(cell, min_cell) || largest > dominance * cell.sum as f64 {
            let protection = (SUM_PROTECTION * cell.sum as f64).max(1.0);
            sensitive.push(SensitiveCell { cell: position, protection });
        }
    }
    sensitive
}

fn suppressed_table(
    table: &CountedTable<'_>,
    positions: &[usize],
    suppressed: &[bool],
    release: &Release,
    min_cell: u32,
) -> Table {
    let cells = &table.cube.cells;
    let small = cells.iter().filter(|cell| is_small(cell, min_cell)).count();
    let mut done = vec![match positions.iter().filter(|at| suppressed[**at]).count() {
        0 => format!("no cell is suppressed: none counts fewer than {min_cell} persons"),
        count => format!(
            "{count} of {} cells are suppressed: {small} because they count fewer than {min_cell} persons, the others \
             because these could be computed from them, or because all members of a group have one value",
            cells.len()
        ),
    }];
    if table.spec.sum.is_some() {
        let most = release.dominance * 100.0;
        done.push(format!("sums to which one or two persons contribute more than {most:.0} % are suppressed as well"));
    }
    table.release(
        done,
        |cell| (!suppressed[positions[cell]]).then(|| cells[cell].rows),
        |cell| (!suppressed[positions[cell]]).then(|| cells[cell].sum),
    )
}
