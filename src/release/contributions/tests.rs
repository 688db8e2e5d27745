//! Contributions, compared with a count that goes cell by cell and person by person.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::config::Value;
use crate::config::raw::release::Condition;
use crate::exchange::{ReleasedDimension, UNKNOWN};
use crate::release::query::Filter;
use salanimi_core::Id;

/// A row: its person, codes on two axes (the last stands for an empty cell), and an amount.
type Row = (u64, u16, u16, Option<i64>);

const VALUES: [usize; 2] = [3, 2];

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn axis(name: &str, values: usize) -> Axis {
    let mut labels: Vec<String> = (0..values).map(|at| format!("{name}{at}")).collect();
    labels.push(UNKNOWN.to_owned());
    let coding = Coding::Labels {
        values: (0..values as i64).map(Value::Number).collect(),
        label_of: (0..values as u32).collect(),
    };
    let dimension = ReleasedDimension { title: name.to_owned(), column: name.to_owned(), level: 0 };
    Axis { dimension, labels, coding, has_total: true }
}

fn query(unit: Unit, filtered: bool) -> Query {
    let condition = Condition { column: "b".to_owned(), is: vec!["0".to_owned()], from: None, to: None, known: false };
    let filter = Filter { condition, values: vec![Value::Number(0), Value::Number(1)], counted: vec![true, false] };
    Query {
        table: id("t"),
        axes: vec![axis("a", VALUES[0]), axis("b", VALUES[1])],
        filters: if filtered { vec![filter] } else { Vec::new() },
        unit,
        first: None,
    }
}

fn source(rows: &[Row]) -> Source {
    let code = |code: u16, values: usize| if usize::from(code) == values { EMPTY } else { code };
    let mut starts = vec![0];
    let mut elements = Vec::new();
    for of_person in rows.chunk_by(|x, y| x.0 == y.0) {
        starts.push(starts[starts.len() - 1] + of_person.len());
        elements.push(element(of_person[0].0));
    }
    let codes = BTreeMap::from([
        ("a".to_owned(), rows.iter().map(|row| code(row.1, VALUES[0])).collect()),
        ("b".to_owned(), rows.iter().map(|row| code(row.2, VALUES[1])).collect()),
    ]);
    let numbers = BTreeMap::from([("eur".to_owned(), rows.iter().map(|row| row.3).collect())]);
    Source::of_columns(starts, elements, codes, numbers)
}

fn element(person: u64) -> u128 {
    (u128::MAX / 3).wrapping_mul(u128::from(person) + 1)
}

/// Returns the rows that a cell counts; a position after the labels is the total.
fn in_cell<'r>(rows: &'r [Row], cell: &'r [usize], filtered: bool) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(move |row| {
        let positions = [usize::from(row.1), usize::from(row.2)];
        let is_in = cell.iter().zip(positions).zip(VALUES).all(|((at, own), values)| *at == own || *at == values + 1);
        is_in && (!filtered || row.2 == 0)
    })
}

/// Returns what each person adds to a cell without any bound.
fn unbounded(rows: &[Row], cell: &[usize], unit: &Unit, filtered: bool) -> BTreeMap<u64, i128> {
    let mut amounts = BTreeMap::new();
    for row in in_cell(rows, cell, filtered) {
        let amount = match (unit, row.3) {
            (Unit::Sum { .. }, Some(amount)) => i128::from(amount),
            (Unit::Persons | Unit::Rows { .. }, _) | (Unit::PersonsWith { .. } | Unit::RowsWith { .. }, Some(1..)) => 1,
            _ => continue,
        };
        *amounts.entry(row.0).or_default() += amount;
    }
    amounts
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let ends = prop_oneof![Just(i64::MIN), Just(i64::MAX)];
    let amount = prop_oneof![4 => (-20_i64..20).prop_map(Some), 1 => Just(None), 2 => ends.prop_map(Some)];
    proptest::collection::vec((0_u64..6, 0_u16..4, 0_u16..3, amount), 0..40).prop_map(|mut rows| {
        rows.sort_by_key(|row| row.0);
        rows
    })
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![
        Just(Unit::Persons),
        Just(Unit::PersonsWith { column: id("eur") }),
        (1_u32..4).prop_map(|weight| Unit::Rows { weight }),
        (1_u32..4).prop_map(|weight| Unit::RowsWith { column: id("eur"), weight }),
        (1_u32..30).prop_map(|cap| Unit::Sum { column: id("eur"), cap: f64::from(cap), scale: 0 }),
    ]
}

#[test]
fn a_time_belongs_to_the_step_that_ends_at_it_or_after_it() {
    let steps = [(1, false), (7, false), (8, true), (0, true), (0, false), (-3, true), (i64::MIN, true)];
    let found = steps.map(|(time, is_event)| step(time, is_event, 7));
    assert_eq!(found, [Some(0), Some(0), Some(1), Some(0), None, None, None]);
}

proptest! {
    #[test]
    fn each_cell_and_total_counts_each_person_up_to_the_most(
        rows in rows(), unit in unit(), filtered in any::<bool>()
    ) {
        let query = query(unit.clone(), filtered);
        let counted = count(&query, &source(&rows), Bound::EachCell);
        let most = unit.most() as i128;
        for (cell, exact) in counted.iter().enumerate() {
            let amounts = unbounded(&rows, &query.coordinates(cell), &unit, filtered);
            let expected: i128 = amounts.values().map(|amount| (*amount).clamp(-most, most)).sum();
            let persons = amounts.keys().fold(0_u128, |sum, person| sum.wrapping_add(element(*person)));
            prop_assert_eq!((exact.amount, exact.persons), (expected, persons), "cell {}", cell);
        }
    }

    #[test]
    fn over_all_cells_a_person_adds_at_most_the_most(rows in rows(), unit in unit(), filtered in any::<bool>()) {
        let query = query(unit.clone(), filtered);
        let mut all = 0.0;
        let mut cells = vec![0.0; query.cells()];
        for person in 0..6 {
            let own: Vec<Row> = rows.iter().filter(|row| row.0 == person).copied().collect();
            let counted = count(&query, &source(&own), Bound::AllCells);
            let added: f64 = counted.iter().map(|exact| exact.amount.unsigned_abs() as f64 / FRACTION as f64).sum();
            prop_assert!(added <= unit.most() + 1e-9, "{added}");
            all += added;
            cells.iter_mut().zip(counted).for_each(|(cell, exact)| *cell += exact.amount as f64);
        }
        let together = count(&query, &source(&rows), Bound::AllCells);
        for (cell, (sum, exact)) in cells.iter().zip(&together).enumerate() {
            prop_assert!((sum - exact.amount as f64).abs() < 0.5);
            prop_assert!(query.is_inner(cell) || exact.amount == 0);
        }
        if matches!(unit, Unit::Persons) && !filtered {
            let persons = rows.chunk_by(|x, y| x.0 == y.0).count() as f64;
            prop_assert!((all - persons).abs() < 1e-4 * persons.max(1.0));
        }
    }
}
