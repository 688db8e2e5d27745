//! The fast measures against slow, obvious ones on tiny random tables; and the verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use super::super::attack::Depth;
use super::super::check::{Check, Verdict};
use super::super::subject::{Kind, Subject};
use super::super::{Options, Verification};
use super::alike::{Asked, alike};
use super::classes::Classes;
use super::coded::{Coded, CodedTable, Groups, Run};
use super::combinations::Counting;
use super::history::Events;
use super::keys::Scale;
use super::table::{Together, together};
use super::trajectories::{drawn, uniqueness};
use crate::config::Limits;
use crate::crypto::Unlock;
use crate::progress::Silent;

/// For each row its person and the values of its columns.
type Rows = Vec<(u64, Vec<Option<u64>>)>;

fn rows(columns: usize) -> impl Strategy<Value = Rows> {
    let value = prop_oneof![1 => Just(None), 6 => (0..4_u64).prop_map(Some)];
    prop::collection::vec((0..12_u64, prop::collection::vec(value, columns)), 1..40)
}

fn coded(rows: &Rows, columns: usize, scale: Scale) -> CodedTable {
    let (first, last) = rows.split_at(rows.len() / 2);
    let runs = |column: usize| {
        let run = |rows: &[(u64, Vec<Option<u64>>)]| Run::new(rows.iter().map(|(_, values)| values[column]));
        Run::join(vec![run(first), run(last)], scale)
    };
    let persons = [first, last].map(|rows| rows.iter().map(|(person, _)| *person).collect()).to_vec();
    CodedTable::new(persons, (0..columns).map(runs).collect())
}

/// Persons by combination of values.
fn slow_classes(rows: &Rows, columns: &[usize]) -> BTreeMap<Vec<Option<u64>>, BTreeSet<u64>> {
    let mut classes: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
    for (person, values) in rows {
        classes.entry(columns.iter().map(|&column| values[column]).collect()).or_default().insert(*person);
    }
    classes
}

fn alone(classes: &BTreeMap<Vec<Option<u64>>, BTreeSet<u64>>) -> usize {
    let alone: BTreeSet<&u64> = classes.values().filter(|persons| persons.len() == 1).flatten().collect();
    alone.len()
}

fn limits() -> Limits {
    Limits { min_k: 3, min_l: 2, min_cell: 3, ..Limits::default() }
}

/// Tables whose columns have so many codes that no array has a place for each combination.
fn widened(mut table: CodedTable) -> CodedTable {
    for column in &mut table.columns {
        column.keys.resize(1 << 17, 0);
    }
    table
}

fn check_together(rows: &Rows, table: &CodedTable) {
    let found: Together = together(table, 3, 0, &limits());
    let classes = slow_classes(rows, &[0, 1, 2]);
    assert_eq!(found.smallest as usize, classes.values().map(BTreeSet::len).min().unwrap());
    let small: BTreeSet<&u64> = classes.values().filter(|persons| persons.len() < 3).flatten().collect();
    assert_eq!(found.in_small as usize, small.len());
    assert_eq!(found.by_size[0] as usize, alone(&classes));
    assert_eq!(found.by_size.iter().sum::<u64>(), found.persons);
    for combination in found.cells.iter().chain(&found.worst) {
        let classes = slow_classes(rows, &combination.columns);
        assert_eq!(combination.isolated, alone(&classes), "{:?}", combination.columns);
        assert_eq!(combination.cells as usize, classes.len());
        assert_eq!(combination.small as usize, classes.values().filter(|persons| persons.len() < 3).count());
    }
    check_worst(rows, &found);
}

/// The worst of each size, up to the first that isolates someone.
fn check_worst(rows: &Rows, found: &Together) {
    let subsets: [&[&[usize]]; 3] = [&[&[0], &[1], &[2]], &[&[0, 1], &[0, 2], &[1, 2]], &[&[0, 1, 2]]];
    let mut expected = Vec::new();
    for of_size in subsets {
        let most = of_size.iter().map(|columns| alone(&slow_classes(rows, columns))).max().unwrap();
        expected.push(most);
        if most > 0 {
            break;
        }
    }
    assert_eq!(found.worst.iter().map(|combination| combination.isolated).collect::<Vec<_>>(), expected);
}

proptest! {
    #[test]
    fn classes_and_subsets_are_those_of_a_slow_count(rows in rows(3)) {
        let table = coded(&rows, 3, Scale::Unordered);
        check_together(&rows, &table);
        check_together(&rows, &widened(table));
    }

    #[test]
    fn three_columns_are_counted_as_slowly(rows in rows(4)) {
        let table = coded(&rows, 4, Scale::Unordered);
        for facts in [table.clone(), widened(table)] {
            for found in (Counting { facts: &facts, min_cell: 2 }).of_size(3) {
                let classes = slow_classes(&rows, &found.columns);
                prop_assert_eq!((found.isolated, found.cells as usize), (alone(&classes), classes.len()));
            }
        }
    }

    #[test]
    fn sensitive_values_are_those_of_a_slow_count(rows in rows(2)) {
        for scale in [Scale::Unordered, Scale::Integer] {
            let table = coded(&rows, 2, scale);
            let classes = Classes::of(&table, &[0]);
            let groups = Groups::by(&classes.of_row, classes.count);
            let sizes = classes.persons(&table.persons);
            let found = alike(&table.columns[1], &groups, &sizes, Asked { min_l: 2, min_k: 3 });
            let (fewest, farthest) = slow_alike(&rows, scale);
            prop_assert_eq!(found.fewest, fewest);
            prop_assert_eq!(found.farthest.is_some(), farthest.is_some());
            let apart = found.farthest.unwrap_or(0.0) - farthest.unwrap_or(0.0);
            prop_assert!(apart.abs() < 1e-9, "{:?} {:?}", found.farthest, farthest);
        }
    }

    #[test]
    fn unique_persons_are_those_of_a_slow_search(pairs in prop::collection::vec((0..8_u32, 0..6_u32), 1..40)) {
        let events = Events::new((100..108).collect(), pairs.clone(), 6);
        let of = |person: u32| pairs.iter().filter(|pair| pair.0 == person).map(|pair| pair.1).collect::<BTreeSet<_>>();
        for (known, found) in (1..).zip(uniqueness(&events)) {
            let enough: Vec<u32> = (0..8).filter(|&person| of(person).len() >= known).collect();
            let is_unique = |&person: &u32| {
                let drawn: BTreeSet<u32> = drawn(&events, person, known).into_iter().collect();
                assert!(drawn.len() == known && drawn.is_subset(&of(person)));
                (0..8).all(|other| other == person || !drawn.is_subset(&of(other)))
            };
            let unique = enough.iter().filter(|person| is_unique(person)).count();
            prop_assert_eq!((found.tried, found.unique), (enough.len(), unique));
        }
    }
}

/// The fewest values of a class, and the largest distance of one of three persons.
fn slow_alike(rows: &Rows, scale: Scale) -> (Option<u32>, Option<f64>) {
    let (mut fewest, mut farthest) = (None::<u32>, None::<f64>);
    let all: Vec<Option<u64>> = rows.iter().map(|(_, values)| values[1]).collect();
    for (class, persons) in slow_classes(rows, &[0]) {
        let own: Vec<Option<u64>> = rows.iter().filter(|r| r.1[0] == class[0]).map(|(_, values)| values[1]).collect();
        let values = own.iter().flatten().collect::<BTreeSet<_>>().len() as u32;
        if values > 0 {
            fewest = Some(fewest.map_or(values, |f| f.min(values)));
        }
        if persons.len() >= 3 {
            let distance = if scale == Scale::Unordered { slow_variation(&own, &all) } else { slow_moved(&own, &all) };
            farthest = Some(farthest.map_or(distance, |f| f.max(distance)));
        }
    }
    (fewest, farthest)
}

fn slow_variation(own: &[Option<u64>], all: &[Option<u64>]) -> f64 {
    let share = |of: &[Option<u64>], value| of.iter().filter(|v| **v == value).count() as f64 / of.len() as f64;
    let values: BTreeSet<Option<u64>> = all.iter().copied().collect();
    values.into_iter().map(|value| (share(own, value) - share(all, value)).abs()).sum::<f64>() / 2.0
}

fn slow_moved(own: &[Option<u64>], all: &[Option<u64>]) -> f64 {
    let below = |of: &[Option<u64>], value: u64| {
        let values = of.iter().flatten();
        values.clone().filter(|v| **v <= value).count() as f64 / values.count() as f64
    };
    let values: BTreeSet<u64> = all.iter().flatten().copied().collect();
    if values.len() < 2 || own.iter().flatten().count() == 0 {
        return 0.0;
    }
    let moved: f64 = values.iter().map(|&value| (below(own, value) - below(all, value)).abs()).sum();
    moved / (values.len() - 1) as f64
}

#[test]
fn rows_of_one_person_are_put_together() {
    let column = Coded { codes: vec![1, 2, 3], keys: vec![0, 7, 8, 9], scale: Scale::Unordered };
    let table = CodedTable::new(vec![vec![40, 50], vec![40]], vec![column]);
    assert_eq!((table.persons, &table.columns[0].codes[..]), (vec![0, 0, 1], &[1, 3, 2][..]));
}

fn verified(csv: &str, released: bool) -> Vec<Check> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("persons.csv"), csv).unwrap();
    let paths = [folder.path().to_owned()];
    checks(&paths[0], released, 1 << 30)
}

fn checks(path: &Path, released: bool, memory: usize) -> Vec<Check> {
    let paths = [path.to_owned()];
    let unlock = Unlock::default();
    let clock = || std::time::Duration::ZERO;
    let options = Options {
        paths: &paths,
        contract: None,
        unlock: &unlock,
        released,
        depth: Depth::Quick,
        memory,
        clock: &clock,
    };
    let subject = Subject::tables(path, Kind::Tables, &options);
    let mut checks = Vec::new();
    super::check(&[subject], &options, &mut checks, &Silent);
    Verification { subjects: Vec::new(), checks }.checks
}

fn verdict(checks: &[Check], name: &str) -> Verdict {
    checks.iter().find(|check| check.name == name).unwrap().verdict
}

/// Thirty persons of two rows each; the values of the last person are those of `last`.
fn persons(last: &str) -> String {
    let line = |person: usize| format!("p{person:03};{};kunta1;2020-01-0{}\n", ["f", "m"][person % 2], 1 + person % 3);
    let lines: String = (0..30).map(|person| line(person).repeat(2)).collect();
    format!("pseudonym;sex;municipality;event_date\n{lines}{last}")
}

#[test]
fn what_is_within_the_limits_passes() {
    let checks = verified(&persons(""), true);
    for name in super::ALL.into_iter().filter(|name| !["risk.l_diversity", "risk.t_closeness"].contains(name)) {
        assert_eq!(verdict(&checks, name), Verdict::Pass, "{name}");
    }
    assert_eq!(verdict(&checks, "risk.l_diversity"), Verdict::NotChecked);
}

#[test]
fn a_person_alone_warns_and_fails_a_release() {
    let odd = persons("p777;x;kunta9;2021-05-05\n");
    for (released, expected) in [(false, Verdict::Warn), (true, Verdict::Fail)] {
        let checks = verified(&odd, released);
        for name in ["risk.k_anonymity", "risk.subsets", "risk.small_cells"] {
            assert_eq!(verdict(&checks, name), expected, "{name}");
        }
        assert_eq!(verdict(&checks, "risk.repeat_counts"), Verdict::Warn);
    }
}

#[test]
fn nothing_of_the_kind_is_not_applicable() {
    let checks = verified("colour;taste\nred;sweet\nblue;sour\n", false);
    for name in ["risk.k_anonymity", "risk.subsets", "risk.small_cells", "risk.trajectories", "risk.repeat_counts"] {
        assert_eq!(verdict(&checks, name), Verdict::NotApplicable, "{name}");
    }
}

#[test]
fn exact_amounts_are_nearly_unique_and_own_days_are_trajectories() {
    let line =
        |person: i32| format!("p{person:03};{}.5;2020-{:02}-{:02}\n", 1000 + person, 1 + person / 28, 1 + person % 28);
    let csv = format!("pseudonym;eur;event_date\n{}", (0..100).map(line).collect::<String>());
    let checks = verified(&csv, true);
    assert_eq!(verdict(&checks, "risk.near_unique"), Verdict::Fail);
    assert_eq!(verdict(&checks, "risk.trajectories"), Verdict::Fail);
}

#[test]
fn evidence_holds_no_value() {
    let csv = persons("p777;xsecretx;kunta9;2021-05-05\n");
    let shown = serde_json::to_string(&verified(&csv, true)).unwrap();
    for value in ["xsecretx", "kunta1", "kunta9", "p777", "2021"] {
        assert!(!shown.contains(value), "{value}");
    }
}

#[test]
fn little_memory_takes_a_share_of_persons_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let line = |person: i32| format!("p{person:05};{};0\n", person % 3);
    let csv = format!("pseudonym;sex;x\n{}", (0..20_000).map(line).collect::<String>());
    std::fs::write(folder.path().join("t.csv"), csv).unwrap();
    let checks = checks(folder.path(), false, 1 << 20);
    let evidence = &checks.iter().find(|check| check.name == "risk.k_anonymity").unwrap().evidence;
    assert!(evidence.en.contains("memory sufficed"), "{}", evidence.en);
}

#[test]
fn thousands_of_columns_are_cut_down() {
    let names: Vec<String> = (0..3000).map(|column| format!("age_{column}")).collect();
    let row = |seed: usize| (0..3000).map(|c| (c * seed % 7).to_string()).collect::<Vec<_>>().join(";");
    let csv = format!("{}\n{}\n", names.join(";"), (1..30).map(row).collect::<Vec<_>>().join("\n"));
    let checks = verified(&csv, false);
    let evidence = &checks.iter().find(|check| check.name == "risk.k_anonymity").unwrap().evidence;
    assert!(evidence.en.contains("columns left out"), "{}", evidence.en);
}
