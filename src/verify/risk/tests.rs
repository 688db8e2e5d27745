//! Tests of the fast measures against slow, obvious ones on tiny random tables; and of the verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use super::attribute_disclosure::AttributeDisclosure;
use super::coded::{CodedColumn, CodedRun, CodedTable, RowsByCode};
use super::combinations::CombinationCounter;
use super::equivalence_classes::EquivalenceClasses;
use super::findings::ALL;
use super::history::Events;
use super::keys::Scale;
use super::table_risk::TableRisk;
use super::trajectories::{draw, uniqueness};
use crate::config::Limits;
use crate::crypto::Unlock;
use crate::progress::NoProgress;
use crate::verify::check::{Check, Verdict};
use crate::verify::pass;
use crate::verify::subject::{Kind, Subject};
use crate::verify::{Depth, Options};

/// Person and column values of each row.
type Rows = Vec<(u64, Vec<Option<u64>>)>;

fn rows(columns: usize) -> impl Strategy<Value = Rows> {
    let value = prop_oneof![1 => Just(None), 6 => (0..4_u64).prop_map(Some)];
    prop::collection::vec((0..12_u64, prop::collection::vec(value, columns)), 1..40)
}

fn coded(rows: &Rows, columns: usize, scale: Scale) -> CodedTable {
    let (first, last) = rows.split_at(rows.len() / 2);
    let persons = [first, last].map(|rows| rows.iter().map(|(person, _)| *person).collect()).to_vec();
    let columns = (0..columns).map(|column| {
        let runs = [first, last].map(|rows| CodedRun::new(rows.iter().map(|(_, values)| values[column])));
        CodedRun::join(runs.into(), scale)
    });
    CodedTable::new(persons, columns.collect())
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

/// Gives columns so many codes that their combinations are not counted in an array.
fn widened(mut table: CodedTable) -> CodedTable {
    for column in &mut table.columns {
        column.keys.resize(1 << 17, 0);
    }
    table
}

fn check_risk(rows: &Rows, table: &CodedTable) {
    let found = TableRisk::measure(table, 3, 0, &limits());
    let classes = slow_classes(rows, &[0, 1, 2]);
    assert_eq!(found.smallest_class as usize, classes.values().map(BTreeSet::len).min().unwrap());
    let small: BTreeSet<&u64> = classes.values().filter(|persons| persons.len() < 3).flatten().collect();
    assert_eq!(found.in_small_classes as usize, small.len());
    assert_eq!(found.by_class_size[0] as usize, alone(&classes));
    assert_eq!(found.by_class_size.iter().sum::<u64>(), found.persons);
    for combination in found.pairs.iter().chain(&found.most_isolating) {
        let classes = slow_classes(rows, &combination.columns);
        assert_eq!(combination.isolated, alone(&classes), "{:?}", combination.columns);
        assert_eq!(combination.cells as usize, classes.len());
        assert_eq!(combination.small_cells as usize, classes.values().filter(|persons| persons.len() < 3).count());
    }
    check_most_isolating(rows, &found);
}

/// Checks the most isolating combination of each size, up to the first that isolates someone.
fn check_most_isolating(rows: &Rows, found: &TableRisk) {
    let subsets: [&[&[usize]]; 3] = [&[&[0], &[1], &[2]], &[&[0, 1], &[0, 2], &[1, 2]], &[&[0, 1, 2]]];
    let mut expected = Vec::new();
    for of_size in subsets {
        let most = of_size.iter().map(|columns| alone(&slow_classes(rows, columns))).max().unwrap();
        expected.push(most);
        if most > 0 {
            break;
        }
    }
    assert_eq!(found.most_isolating.iter().map(|combination| combination.isolated).collect::<Vec<_>>(), expected);
}

proptest! {
    #[test]
    fn classes_and_combinations_equal_a_slow_count(rows in rows(3)) {
        let table = coded(&rows, 3, Scale::Unordered);
        check_risk(&rows, &table);
        check_risk(&rows, &widened(table));
    }

    #[test]
    fn combinations_of_three_columns_equal_a_slow_count(rows in rows(4)) {
        let table = coded(&rows, 4, Scale::Unordered);
        for table in [table.clone(), widened(table)] {
            for found in (CombinationCounter { table: &table, min_cell: 2 }).of_size(3) {
                let classes = slow_classes(&rows, &found.columns);
                prop_assert_eq!((found.isolated, found.cells as usize), (alone(&classes), classes.len()));
            }
        }
    }

    #[test]
    fn attribute_disclosure_equals_a_slow_measure(rows in rows(2)) {
        for scale in [Scale::Unordered, Scale::Integer] {
            let table = coded(&rows, 2, scale);
            let classes = EquivalenceClasses::by_columns(&table, &[0]);
            let groups = RowsByCode::new(&classes.of_row, classes.count);
            let sizes = classes.persons(&table.persons);
            let found = AttributeDisclosure::measure(&table.columns[1], &groups, &sizes, &limits());
            let (smallest_l, largest_t) = slow_disclosure(&rows, scale);
            prop_assert_eq!(found.smallest_l, smallest_l);
            prop_assert_eq!(found.largest_t.is_some(), largest_t.is_some());
            if let (Some(fast), Some(slow)) = (found.largest_t, largest_t) {
                prop_assert!((fast - slow).abs() < 1e-9, "{} {}", fast, slow);
            }
        }
    }

    #[test]
    fn unique_persons_equal_a_slow_search(pairs in prop::collection::vec((0..8_u32, 0..6_u32), 1..40)) {
        let events = Events::new((100..108).collect(), pairs.clone(), 6);
        let of = |person: u32| pairs.iter().filter(|pair| pair.0 == person).map(|pair| pair.1).collect::<BTreeSet<_>>();
        for (known, found) in (1..).zip(uniqueness(&events)) {
            let enough: Vec<u32> = (0..8).filter(|&person| of(person).len() >= known).collect();
            let is_unique = |&person: &u32| {
                let drawn: BTreeSet<u32> = draw(&events, person, known).into_iter().collect();
                assert!(drawn.len() == known && drawn.is_subset(&of(person)));
                (0..8).all(|other| other == person || !drawn.is_subset(&of(other)))
            };
            let unique = enough.iter().filter(|person| is_unique(person)).count();
            prop_assert_eq!((found.tried, found.unique), (enough.len(), unique));
        }
    }
}

/// Returns the fewest values in a class, and the largest distance of a class of three persons or more.
fn slow_disclosure(rows: &Rows, scale: Scale) -> (Option<u32>, Option<f64>) {
    let mut fewest = None::<u32>;
    let mut farthest = None::<f64>;
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
    let column = CodedColumn { codes: vec![1, 2, 3], keys: vec![0, 7, 8, 9], scale: Scale::Unordered };
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
    let subjects = [Subject::tables(path, Kind::Tables, &options)];
    let seen = pass::read(&subjects, &options, &NoProgress);
    let mut checks = Vec::new();
    super::check(&subjects, &seen.profiles, &options, &mut checks, &NoProgress);
    checks
}

fn verdict(checks: &[Check], name: &str) -> Verdict {
    checks.iter().find(|check| check.name == name).unwrap().verdict
}

/// Returns thirty persons of two rows each, and then the row `last`.
fn persons(last: &str) -> String {
    let line = |person: usize| format!("p{person:03};{};town1;2020-01-0{}\n", ["f", "m"][person % 2], 1 + person % 3);
    let lines: String = (0..30).map(|person| line(person).repeat(2)).collect();
    format!("pseudonym;sex;municipality;event_date\n{lines}{last}")
}

#[test]
fn data_within_the_limits_passes() {
    let checks = verified(&persons(""), true);
    for name in ALL.into_iter().filter(|name| !["risk.l_diversity", "risk.t_closeness"].contains(name)) {
        assert_eq!(verdict(&checks, name), Verdict::Pass, "{name}");
    }
    assert_eq!(verdict(&checks, "risk.l_diversity"), Verdict::NotChecked);
}

#[test]
fn an_isolated_person_warns_and_fails_a_release() {
    let odd = persons("p777;x;town9;2021-05-05\n");
    for (released, expected) in [(false, Verdict::Warn), (true, Verdict::Fail)] {
        let checks = verified(&odd, released);
        for name in ["risk.k_anonymity", "risk.subsets", "risk.small_cells"] {
            assert_eq!(verdict(&checks, name), expected, "{name}");
        }
        assert_eq!(verdict(&checks, "risk.repeat_counts"), Verdict::Warn);
    }
}

#[test]
fn checks_without_their_columns_are_not_applicable() {
    let checks = verified("colour;taste\nred;sweet\nblue;sour\n", false);
    for name in ["risk.k_anonymity", "risk.subsets", "risk.small_cells", "risk.trajectories", "risk.repeat_counts"] {
        assert_eq!(verdict(&checks, name), Verdict::NotApplicable, "{name}");
    }
}

#[test]
fn exact_amounts_are_nearly_unique_and_unshared_days_identify() {
    let line =
        |person: i32| format!("p{person:03};{}.5;2020-{:02}-{:02}\n", 1000 + person, 1 + person / 28, 1 + person % 28);
    let csv = format!("pseudonym;eur;event_date\n{}", (0..100).map(line).collect::<String>());
    let checks = verified(&csv, true);
    assert_eq!(verdict(&checks, "risk.near_unique"), Verdict::Fail);
    assert_eq!(verdict(&checks, "risk.trajectories"), Verdict::Fail);
}

#[test]
fn evidence_holds_no_value() {
    let csv = persons("p777;xsecretx;town9;2021-05-05\n");
    let shown = serde_json::to_string(&verified(&csv, true)).unwrap();
    for value in ["xsecretx", "town1", "town9", "p777", "2021"] {
        assert!(!shown.contains(value), "{value}");
    }
}

#[test]
fn little_memory_measures_a_share_of_persons_and_reports_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = |person: i32| format!("p{person:05};{};0\n", person % 3);
    let csv = format!("pseudonym;sex;x\n{}", (0..20_000).map(line).collect::<String>());
    std::fs::write(folder.path().join("t.csv"), csv).unwrap();
    let checks = checks(folder.path(), false, 1 << 20);
    let evidence = &checks.iter().find(|check| check.name == "risk.k_anonymity").unwrap().evidence;
    assert!(evidence.en.contains("fitted in memory"), "{}", evidence.en);
}

#[test]
fn excess_columns_are_skipped_and_reported() {
    let names: Vec<String> = (0..3000).map(|column| format!("age_{column}")).collect();
    let row = |seed: usize| (0..3000).map(|c| (c * seed % 7).to_string()).collect::<Vec<_>>().join(";");
    let csv = format!("{}\n{}\n", names.join(";"), (1..30).map(row).collect::<Vec<_>>().join("\n"));
    let checks = verified(&csv, false);
    let evidence = &checks.iter().find(|check| check.name == "risk.k_anonymity").unwrap().evidence;
    assert!(evidence.en.contains("columns skipped"), "{}", evidence.en);
}
