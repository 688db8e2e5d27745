//! Tables of counts and sums.

mod cube;
mod difference;
mod round;
mod source;
mod suppress;

use std::collections::BTreeMap;

use self::cube::{Counted, Cube};
use self::source::{Source, title};
use self::suppress::{Secret, System, suppress};
use super::column::NO_VALUE;
use super::dataset::Dataset;
use super::error::ReleaseError;
use crate::config::raw::release::{FrequencyTable, Protect, Release};
use salanimi_core::Id;

pub(super) use cube::TOTAL;
pub(super) use source::{OF_PERSON, PERSON, level};

/// The most cells of the tables of one linked table that are protected together.
const MOST_CELLS: usize = 20_000;
/// A sum that must not be known is left uncertain by this share of it.
const SUM_APART: f64 = 0.15;

/// A table that may leave.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: Id,
    /// The columns by which is counted.
    pub(super) dimensions: Vec<String>,
    /// The column that was summed.
    pub(super) sum: Option<String>,
    pub(super) rows: Vec<Row>,
    /// What was done to it and why, in words.
    pub(super) done: Vec<String>,
}

/// A cell of a released table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The value in each dimension.
    pub(super) labels: Vec<String>,
    /// None where it was left out.
    pub(super) count: Option<u64>,
    pub(super) sum: Option<i64>,
}

/// A table that was counted and is not protected yet.
struct Raw<'r> {
    spec: &'r FrequencyTable,
    cube: Cube,
    /// Which rows of the linked table it counts.
    chosen: Vec<bool>,
}

/// The tables that the contract names, each protected as it says.
pub(super) fn tables(dataset: &Dataset<'_>, release: &Release, min_cell: u32) -> Result<Vec<Table>, ReleaseError> {
    let mut by_source: BTreeMap<&str, Vec<&FrequencyTable>> = BTreeMap::new();
    release.tables.iter().for_each(|spec| by_source.entry(spec.table.as_str()).or_default().push(spec));
    let mut made = Vec::new();
    for specs in by_source.into_values() {
        let source = Source::load(dataset, &specs)?;
        let raw = specs.iter().map(|spec| source.count(spec, release));
        let raw: Vec<Raw<'_>> = raw.collect::<Result<_, _>>()?;
        let (suppressed, rounded): (Vec<Raw<'_>>, Vec<Raw<'_>>) =
            raw.into_iter().partition(|raw| raw.spec.protect == Protect::Suppress);
        made.extend(rounded.iter().map(|raw| round_table(raw, release, min_cell)));
        made.extend(suppress_tables(&suppressed, &source.rows, release, min_cell)?);
    }
    // In the order of the contract.
    made.sort_by_key(|table: &Table| release.tables.iter().position(|spec| spec.name == table.name));
    Ok(made)
}

fn round_table(raw: &Raw<'_>, release: &Release, min_cell: u32) -> Table {
    let cube = &raw.cube;
    // Many rows of few people would not be rounded away.
    let of_few = |cell: &cube::Cell| is_few(cell, min_cell) && cell.rows >= u64::from(release.rounding);
    let mut hidden: Vec<bool> = cube.cells.iter().map(of_few).collect();
    let few = hidden.iter().filter(|hidden| **hidden).count();
    let groups = cube.groups();
    let telling: Vec<&cube::Group> = groups.iter().filter(|group| whole(cube, group).is_some()).collect();
    telling.iter().for_each(|group| group.parts.iter().for_each(|&part| hidden[part] = true));
    let count =
        |cell: usize| (!hidden[cell]).then(|| round::rounded(&cube.cells[cell], release.rounding, release.seed));
    let mut done = vec![format!(
        "every count was rounded up or down at random to a multiple of {}, so that no count tells of fewer than {min_cell} people",
        release.rounding
    )];
    if few > 0 {
        done.push(format!("{few} cells are left out, because fewer than {min_cell} people have all of their rows"));
    }
    if !telling.is_empty() {
        done.push(format!("{} groups are not broken down, because all of their members have one value", telling.len()));
    }
    table(raw, done, count, |_| None)
}

/// Whether a cell counts people, and fewer than it may.
fn is_few(cell: &cube::Cell, min_cell: u32) -> bool {
    (1..u64::from(min_cell)).contains(&cell.persons)
}

/// The one part of a group that has all of its members, if that tells something about each of them.
fn whole(cube: &Cube, group: &cube::Group) -> Option<usize> {
    let dimension = &cube.dimensions[group.dimension];
    let mut members = group.parts.iter().enumerate().filter(|(_, part)| cube.cells[**part].rows > 0);
    let (value, part) = members.next().filter(|_| members.next().is_none())?;
    (dimension.sensitive && dimension.values.len() > 1 && dimension.values[value] != NO_VALUE).then_some(*part)
}

fn suppress_tables(
    raw: &[Raw<'_>],
    rows: &[Counted],
    release: &Release,
    min_cell: u32,
) -> Result<Vec<Table>, ReleaseError> {
    let Some(first) = raw.first() else { return Ok(Vec::new()) };
    one_level(raw)?;
    let joint = Joint::of(raw);
    if joint.counts.values.len() > MOST_CELLS {
        let (name, cells) = (first.spec.name.clone(), joint.counts.values.len());
        return Err(ReleaseError::TooManyCells { name, cells, most: MOST_CELLS });
    }
    let mut out = vec![false; joint.counts.values.len()];
    for (of, raw) in joint.cells.iter().zip(raw) {
        let (counts, sums) = secrets(raw, of, release.dominance, min_cell);
        let refused = |_| ReleaseError::Unprotected { name: raw.spec.name.clone() };
        suppress(&joint.counts, &counts, &mut out).map_err(refused)?;
        if let Some(system) = raw.spec.sum.as_ref().and_then(|column| joint.sums.get(column.as_str())) {
            suppress(system, &sums, &mut out).map_err(refused)?;
        }
    }
    difference::check(raw, &joint.cells, &out, rows, min_cell)?;
    Ok(raw.iter().zip(&joint.cells).map(|(raw, of)| suppressed_table(raw, of, &out, release, min_cell)).collect())
}

/// Refuses two tables that count by different levels of one column: sums over the fine one are cells of the coarse one.
fn one_level(raw: &[Raw<'_>]) -> Result<(), ReleaseError> {
    let mut known: BTreeMap<&str, (String, &Id)> = BTreeMap::new();
    for Raw { spec, .. } in raw {
        for by in &spec.by {
            let (column, _) = source::level(by);
            let (title, first) = known.entry(column).or_insert_with(|| (title(by), &spec.name));
            if *title != self::title(by) {
                let (first, second) = ((*first).clone(), spec.name.clone());
                return Err(ReleaseError::TwoLevels { first, second, column: column.to_owned() });
            }
        }
    }
    Ok(())
}

/// The cells of several tables as one system, in which each cell is there once, whether or not a table also sums it.
struct Joint {
    /// For each table, the position of each of its cells in the system.
    cells: Vec<Vec<usize>>,
    counts: System,
    /// By the column that is summed.
    sums: BTreeMap<String, System>,
}

impl Joint {
    fn of(raw: &[Raw<'_>]) -> Self {
        let mut known: BTreeMap<Vec<(String, String)>, usize> = BTreeMap::new();
        let mut joint = Self { cells: Vec::new(), counts: System::default(), sums: BTreeMap::new() };
        for Raw { spec, cube, .. } in raw {
            let of_cell = |cell: usize| {
                let next = known.len();
                let at = *known.entry(identity(spec, cube, cell)).or_insert(next);
                if at == next {
                    joint.counts.values.push(cube.cells[cell].rows as f64);
                    joint.counts.totals.push(totals(cube, cell));
                }
                at
            };
            let cells: Vec<usize> = (0..cube.cells.len()).map(of_cell).collect();
            joint.counts.sums.extend(sums(cube, &cells));
            joint.cells.push(cells);
        }
        for (Raw { spec, cube, .. }, cells) in raw.iter().zip(&joint.cells) {
            let Some(column) = &spec.sum else { continue };
            let (values, totals) = (vec![0.0; joint.counts.values.len()], joint.counts.totals.clone());
            let empty = || System { values, totals, sums: Vec::new() };
            let system = joint.sums.entry(column.to_string()).or_insert_with(empty);
            cube.cells.iter().zip(cells).for_each(|(cell, at)| system.values[*at] = cell.sum as f64);
            system.sums.extend(sums(cube, cells));
        }
        joint
    }
}

/// Over how many dimensions a cell is a total.
fn totals(cube: &Cube, cell: usize) -> u32 {
    cube.coordinates(cell).iter().enumerate().filter(|(d, at)| cube.is_total(*d, **at)).count() as u32
}

/// The sums of a table, by the positions of its cells in the system.
fn sums(cube: &Cube, cells: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let sum = |group: cube::Group| (cells[group.total], group.parts.iter().map(|&part| cells[part]).collect());
    cube.groups().into_iter().map(sum).collect()
}

/// What rows a cell counts: the values that they have.
fn identity(spec: &FrequencyTable, cube: &Cube, cell: usize) -> Vec<(String, String)> {
    let coordinates = cube.coordinates(cell);
    let values = coordinates.iter().enumerate().filter(|(d, at)| !cube.is_total(*d, **at));
    let values = values.map(|(d, &at)| (cube.dimensions[d].title.clone(), cube.text(d, at).to_owned()));
    let only = spec.only.iter().map(|only| (only.column.to_string(), only.is.clone()));
    let mut identity: Vec<_> = values.chain(only).collect();
    identity.sort_unstable();
    identity.dedup();
    identity
}

/// The cells whose counts and whose sums must not be known.
fn secrets(raw: &Raw<'_>, of: &[usize], dominance: f64, min_cell: u32) -> (Vec<Secret>, Vec<Secret>) {
    let (cube, apart) = (&raw.cube, f64::from(min_cell));
    let (mut counts, mut sums) = (Vec::new(), Vec::new());
    for (cell, at) in cube.cells.iter().zip(of) {
        let few = is_few(cell, min_cell);
        if few {
            // One person can have many rows.
            counts.push(Secret { cell: *at, apart: apart.max(cell.rows as f64) });
        }
        let two = cell.largest.iter().sum::<i64>() as f64;
        if raw.spec.sum.is_some() && cell.sum > 0 && (few || two > dominance * cell.sum as f64) {
            sums.push(Secret { cell: *at, apart: (SUM_APART * cell.sum as f64).max(1.0) });
        }
    }
    for part in cube.groups().iter().filter_map(|group| whole(cube, group)) {
        // Some of them might have another value.
        let apart = apart.min(cube.cells[part].rows as f64);
        counts.push(Secret { cell: of[part], apart: -apart });
    }
    (counts, sums)
}

fn suppressed_table(raw: &Raw<'_>, of: &[usize], out: &[bool], release: &Release, min_cell: u32) -> Table {
    let cube = &raw.cube;
    let small = cube.cells.iter().filter(|cell| is_few(cell, min_cell)).count();
    let left_out = of.iter().filter(|at| out[**at]).count();
    let mut done = vec![match left_out {
        0 => format!("no cell had to be left out: none counts fewer than {min_cell} people"),
        _ => format!(
            "{left_out} of {} cells were left out: {small} because they count fewer than {min_cell} people, the others because \
             these could be computed from them, or because all members of a group have one value",
            cube.cells.len()
        ),
    }];
    if raw.spec.sum.is_some() {
        let most = release.dominance * 100.0;
        done.push(format!("sums of which one or two people have more than {most:.0} % are left out as well"));
    }
    let shown = |cell: usize| !out[of[cell]];
    let count = |cell: usize| shown(cell).then(|| cube.cells[cell].rows);
    table(raw, done, count, |cell| shown(cell).then(|| cube.cells[cell].sum))
}

fn table(
    raw: &Raw<'_>,
    done: Vec<String>,
    count: impl Fn(usize) -> Option<u64>,
    sum: impl Fn(usize) -> Option<i64>,
) -> Table {
    let cube = &raw.cube;
    let row = |cell: usize| {
        let labels = cube.coordinates(cell).iter().enumerate().map(|(d, &at)| cube.text(d, at).to_owned()).collect();
        Row { labels, count: count(cell), sum: raw.spec.sum.as_ref().and_then(|_| sum(cell)) }
    };
    Table {
        name: raw.spec.name.clone(),
        dimensions: cube.dimensions.iter().map(|dimension| dimension.title.clone()).collect(),
        sum: raw.spec.sum.as_ref().map(Id::to_string),
        rows: (0..cube.cells.len()).map(row).collect(),
        done,
    }
}

#[cfg(test)]
mod tests {
    use super::cube::Dimension;
    use super::*;

    /// A table of `by` one dimension, in which each row is of another person.
    fn raw<'r>(spec: &'r FrequencyTable, rows: &[(&str, i64)], sensitive: bool) -> Raw<'r> {
        let mut values: Vec<String> = rows.iter().map(|(value, _)| (*value).to_owned()).collect();
        values.sort_unstable();
        values.dedup();
        let of = rows.iter().map(|(value, _)| values.iter().position(|known| known == value).unwrap() as u32).collect();
        let dimension = Dimension { title: "d".to_owned(), values, sensitive, of };
        let counted: Vec<Counted> =
            rows.iter().zip(0..).map(|((_, amount), person)| Counted { person, amount: Some(*amount) }).collect();
        let chosen = vec![true; rows.len()];
        Raw { spec, cube: Cube::count(vec![dimension], &counted, &chosen, 1), chosen }
    }

    fn spec(sum: Option<&str>) -> FrequencyTable {
        let id = |text: &str| Id::new(text).unwrap();
        let (name, table, sum) = (id("t"), id("t"), sum.map(id));
        FrequencyTable { name, table, by: vec![], only: None, sum, protect: Protect::Suppress }
    }

    #[test]
    fn a_sum_that_two_people_make_up_is_a_secret() {
        let spec = spec(Some("eur"));
        let mut rows = vec![("a", 1000)];
        rows.extend([("a", 1); 9]);
        rows.extend([("b", 50); 10]);
        let raw = raw(&spec, &rows, false);
        let (counts, sums) = secrets(&raw, &[0, 1, 2], 0.85, 5);
        assert!(counts.is_empty());
        assert_eq!(sums.iter().map(|secret| secret.cell).collect::<Vec<_>>(), [0]);
        assert!(secrets(&raw, &[0, 1, 2], 1.0, 5).1.is_empty());
    }

    #[test]
    fn a_cell_that_one_table_counts_and_another_sums_is_one_cell() {
        let (counted, summed) = (spec(None), spec(Some("eur")));
        let rows = [("a", 3), ("b", 4)];
        let joint = Joint::of(&[raw(&counted, &rows, false), raw(&summed, &rows, false)]);
        assert_eq!(joint.cells[0], joint.cells[1]);
        assert_eq!((joint.counts.values, &joint.sums["eur"].values), (vec![1.0, 1.0, 2.0], &vec![3.0, 4.0, 7.0]));
    }

    #[test]
    fn many_rows_of_few_people_are_not_rounded_but_left_out() {
        let release: Release = toml::from_str("seed = 1").unwrap();
        let spec = spec(None);
        let mut raw = raw(&spec, &[("a", 0), ("b", 0)], false);
        (raw.cube.cells[0].rows, raw.cube.cells[0].persons) = (40, 2);
        (raw.cube.cells[1].rows, raw.cube.cells[1].persons) = (40, 20);
        let table = round_table(&raw, &release, 5);
        assert_eq!((table.rows[0].count, table.rows[1].count), (None, Some(40)));
    }

    #[test]
    fn a_value_that_all_members_of_a_group_have_is_a_secret_if_it_is_sensitive() {
        let spec = spec(None);
        let mut rows = vec![("yes", 0); 20];
        let all = raw(&spec, &rows, true);
        assert!(secrets(&all, &[0, 1], 0.85, 5).0.is_empty(), "there is only one value");
        rows.push(("no", 0));
        let mut whole = raw(&spec, &rows, true);
        // Nobody has the other value in a part of the table.
        whole.cube.cells[0].rows = 0;
        assert_eq!(secrets(&whole, &[0, 1, 2], 0.85, 1).0, [Secret { cell: 1, apart: -1.0 }]);
        whole.cube.dimensions[0].sensitive = false;
        assert!(secrets(&whole, &[0, 1, 2], 0.85, 1).0.is_empty());
    }
}
