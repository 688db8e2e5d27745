//! Protection of small tables.

use super::counted::CountedTable;
use super::cube::{Cube, Dimension, SourceRow};
use super::*;

/// Counts rows by one dimension; each row belongs to another person.
pub(super) fn table<'r>(spec: &'r FrequencyTable, rows: &[(&str, i64)], sensitive: bool) -> CountedTable<'r> {
    let mut values: Vec<String> = rows.iter().map(|(value, _)| (*value).to_owned()).collect();
    values.sort_unstable();
    values.dedup();
    let positions = rows.iter().map(|(value, _)| values.iter().position(|known| known == value).unwrap() as u32);
    let dimension = Dimension { title: "d".to_owned(), positions: positions.collect(), values, sensitive };
    let rows: Vec<SourceRow> =
        rows.iter().zip(0..).map(|((_, amount), person)| SourceRow { person, amount: Some(*amount) }).collect();
    let included = vec![true; rows.len()];
    CountedTable { spec, cube: Cube::count(vec![dimension], &rows, &included, 1), included }
}

pub(super) fn spec(sum: Option<&str>) -> FrequencyTable {
    FrequencyTable {
        name: id("t"),
        table: id("t"),
        by: vec![],
        only: None,
        sum: sum.map(id),
        protect: Protect::Suppress,
    }
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

#[test]
fn a_sum_that_two_persons_dominate_is_sensitive() {
    let spec = spec(Some("eur"));
    let mut rows = vec![("a", 1000)];
    rows.extend([("a", 1); 9]);
    rows.extend([("b", 50); 10]);
    let table = table(&spec, &rows, false);
    let positions = [0, 1, 2];
    assert!(sensitive_counts(&table, &positions, 5).is_empty());
    let sums = sensitive_sums(&table, &positions, 0.85, 5);
    assert_eq!(sums.iter().map(|sensitive| sensitive.cell).collect::<Vec<_>>(), [0]);
    assert!(sensitive_sums(&table, &positions, 1.0, 5).is_empty());
}

#[test]
fn many_rows_of_few_persons_are_suppressed_in_a_rounded_table() {
    let release: Release = toml::from_str("seed = 1").unwrap();
    let spec = spec(None);
    let mut table = table(&spec, &[("a", 0), ("b", 0)], false);
    for (cell, persons) in [(0, 2), (1, 20)] {
        table.cube.cells[cell].rows = 40;
        table.cube.cells[cell].persons = persons;
    }
    let released = round_table(&table, &release, 5);
    assert_eq!(released.rows[0].count, None);
    assert_eq!(released.rows[1].count, Some(40));
}

#[test]
fn a_sensitive_value_that_all_members_of_a_group_have_is_protected() {
    let spec = spec(None);
    let mut rows = vec![("yes", 0); 20];
    let one_value = table(&spec, &rows, true);
    assert!(sensitive_counts(&one_value, &[0, 1], 5).is_empty(), "there is only one value");
    rows.push(("no", 0));
    let mut uniform = table(&spec, &rows, true);
    // Nobody has the other value.
    uniform.cube.cells[0].rows = 0;
    assert_eq!(sensitive_counts(&uniform, &[0, 1, 2], 1), [SensitiveCell { cell: 1, protection: -1.0 }]);
    uniform.cube.dimensions[0].sensitive = false;
    assert!(sensitive_counts(&uniform, &[0, 1, 2], 1).is_empty());
}
