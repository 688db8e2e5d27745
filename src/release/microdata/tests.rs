//! The search, compared with an exhaustive one that goes row by row.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::classes::{Classes, QuasiIdentifier};
use super::is_searchable;
use super::lattice::{Rule, search};
use crate::config::raw::release::Hierarchy as Raw;
use crate::config::{Hierarchy, Value};

/// A column of numbers below `values`, generalised in bands.
fn quasi(values: i64, bands: &[u32], positions: Vec<Option<u32>>) -> QuasiIdentifier {
    let numbers: Vec<Value> = (0..values).map(Value::Number).collect();
    let hierarchy = Hierarchy::new("x", Some(&Raw::Bands(bands.to_vec())), &numbers).unwrap();
    QuasiIdentifier { hierarchy, positions }
}

/// Returns the generalised text of a row in each column.
fn named(quasi: &[QuasiIdentifier], node: &[usize], row: usize) -> Vec<String> {
    let text = |(quasi, &level): (&QuasiIdentifier, &usize)| match quasi.positions[row] {
        Some(value) => quasi.hierarchy.text(level, value),
        None if level + 1 == quasi.hierarchy.levels() => "*".to_owned(),
        None => "none".to_owned(),
    };
    quasi.iter().zip(node).map(text).collect()
}

/// Returns true if every class of a node has enough rows and values, and the loss of the node, row by row.
fn row_by_row(
    quasi: &[QuasiIdentifier],
    sensitive: &[Option<u32>],
    rows: usize,
    node: &[usize],
    rule: Rule,
) -> (bool, f64) {
    let mut classes: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    (0..rows).for_each(|row| classes.entry(named(quasi, node, row)).or_default().push(row));
    let meets = classes.values().all(|rows_of| {
        let different: BTreeSet<u32> = rows_of.iter().filter_map(|&row| sensitive[row]).collect();
        rows_of.len() as u64 >= rule.k && different.len() as u32 >= rule.l
    });
    let mut lost = 0.0;
    for row in 0..rows {
        for (column, &level) in quasi.iter().zip(node) {
            let none = column.positions.contains(&None);
            let leaves = column.hierarchy.at(0).0.len() + usize::from(none);
            let own = |leaf: Option<u32>| match leaf {
                Some(value) => column.hierarchy.text(level, value),
                None if level + 1 == column.hierarchy.levels() => "*".to_owned(),
                None => "none".to_owned(),
            };
            let all = (0..column.hierarchy.at(0).0.len() as u32).map(Some).chain(none.then_some(None));
            let alike = all.filter(|&leaf| own(leaf) == own(column.positions[row])).count();
            lost += if leaves > 1 { (alike - 1) as f64 / (leaves - 1) as f64 } else { 0.0 };
        }
    }
    (meets, lost / (quasi.len() * rows).max(1) as f64)
}

/// Returns the largest distance of a class from all rows, row by row.
fn farthest(quasi: &[QuasiIdentifier], sensitive: &[Option<u32>], rows: usize, node: &[usize]) -> f64 {
    let all: Vec<usize> = (0..rows).collect();
    let share = |of: &[usize], value: Option<u32>| {
        of.iter().filter(|&&row| sensitive[row] == value).count() as f64 / of.len() as f64
    };
    let values: BTreeSet<Option<u32>> = sensitive.iter().copied().collect();
    let mut farthest: f64 = 0.0;
    for &row in &all {
        let class: Vec<usize> =
            all.iter().copied().filter(|&other| named(quasi, node, other) == named(quasi, node, row)).collect();
        let apart: f64 = values.iter().map(|&value| (share(&class, value) - share(&all, value)).abs()).sum();
        farthest = farthest.max(apart / 2.0);
    }
    farthest
}

/// Returns the least loss of a node that meets the rule.
fn exhaustively(quasi: &[QuasiIdentifier], sensitive: &[Option<u32>], rows: usize, rule: Rule) -> Option<f64> {
    let mut nodes: Vec<Vec<usize>> = vec![vec![]];
    for column in quasi {
        let levels = column.hierarchy.levels();
        nodes = nodes.iter().flat_map(|node| (0..levels).map(|level| [&node[..], &[level]].concat())).collect();
    }
    let allowed = nodes.iter().filter_map(|node| {
        let (meets, loss) = row_by_row(quasi, sensitive, rows, node, rule);
        (meets && farthest(quasi, sensitive, rows, node) <= rule.max_t + 1e-9).then_some(loss)
    });
    allowed.min_by(f64::total_cmp)
}

fn column(values: u32, rows: usize) -> impl Strategy<Value = Vec<Option<u32>>> {
    proptest::collection::vec(prop_oneof![9 => (0..values).prop_map(Some), 1 => Just(None)], rows)
}

type Case = (Vec<Vec<Option<u32>>>, Vec<Option<u32>>, usize);

fn case() -> impl Strategy<Value = Case> {
    (1_usize..50).prop_flat_map(|rows| {
        ((column(2, rows), column(6, rows), column(9, rows)), column(4, rows), Just(rows))
            .prop_map(|((a, b, c), sensitive, rows)| (vec![a, b, c], sensitive, rows))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_search_finds_the_same_as_an_exhaustive_one(
        (columns, sensitive, rows) in case(), k in 1_u64..6, l in 1_u32..4,
        max_t in prop_oneof![Just(1.0), Just(0.4), Just(0.25)]
    ) {
        let bands: [&[u32]; 3] = [&[], &[2, 6], &[3]];
        let sizes = [2, 6, 9];
        let quasi: Vec<QuasiIdentifier> =
            columns.into_iter().zip(bands).zip(sizes).map(|((rows, bands), size)| quasi(size, bands, rows)).collect();
        let rule = Rule { k, l, max_t };
        let classes = Classes::new(&quasi, std::slice::from_ref(&sensitive), rows);
        let found = search(&classes, rule);
        let expected = exhaustively(&quasi, &sensitive, rows, rule);
        prop_assert_eq!(found.is_some(), expected.is_some());
        if let (Some(found), Some(loss)) = (found, expected) {
            prop_assert!((found.loss - loss).abs() < 1e-9, "{} {loss}", found.loss);
            let (meets, same) = row_by_row(&quasi, &sensitive, rows, &found.node, rule);
            prop_assert!(meets && (same - loss).abs() < 1e-9);
        }
    }
}

#[test]
fn values_that_all_rows_share_are_not_generalised() {
    let quasi = [quasi(4, &[2], vec![Some(0); 6]), quasi(4, &[2], vec![Some(3); 6])];
    let classes = Classes::new(&quasi, &[], 6);
    let best = search(&classes, Rule { k: 5, l: 1, max_t: 1.0 }).unwrap();
    assert_eq!((best.node, best.loss), (vec![0, 0], 0.0));
}

#[test]
fn a_rule_that_all_rows_together_do_not_meet_has_no_solution() {
    let quasi = [quasi(4, &[2], (0..4).map(Some).collect())];
    let classes = Classes::new(&quasi, &[vec![Some(1); 4]], 4);
    assert!(search(&classes, Rule { k: 5, l: 1, max_t: 1.0 }).is_none());
    assert!(search(&classes, Rule { k: 2, l: 2, max_t: 1.0 }).is_none());
}

#[test]
fn too_many_combinations_of_levels_or_values_are_not_searched() {
    fn columns(count: usize, values: i64) -> Vec<QuasiIdentifier> {
        (0..count).map(|_| quasi(values, &[], Vec::new())).collect()
    }
    assert!(is_searchable(&columns(16, 100)));
    assert!(!is_searchable(&columns(17, 100)), "131,072 combinations of levels");
    assert!(!is_searchable(&columns(16, 300)), "more combinations of values than 128 bits have");
}
