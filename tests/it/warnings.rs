//! Warnings of runs that may have gone wrong: a clean run has none, and each fault has its own.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::mini::code;
use crate::world::{KEY, Run, World};

/// Months of the window, from January 2018.
const MONTHS: usize = 24;
/// Visits of a month.
const VISITS: usize = 60;

const CONTRACT: &str = r#"
format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "tiny"
title = "Mini"
permit = "P-0/2026"
controller = "Nobody"
domain = "Everyone"
window = { first = "2018-01-01", last = "2019-12-31" }
[exchange.identifiers.hetu]
syntax = "text"
pattern = "[0-9]{6}-.*"
[exchange.mappings.organisers]
file = "organisers.csv"
from = "organiser"
to = "county"
year = 2023
valid_from = "first"
valid_to = "last"
[[exchange.tables]]
name = "people"
unique = ["person_code", "day"]
duplicates = "drop"
window = "day"
columns = [
    { name = "person_code", role = "person", kind = "hetu" },
    { name = "day", role = "attribute", type = "date", required = true },
    { name = "case", role = "reference", label = "case" },
]
[[exchange.tables]]
name = "visits"
unique = ["person_code", "day", "case"]
duplicates = "drop"
window = "day"
columns = [
    { name = "person_code", role = "person", kind = "hetu" },
    { name = "day", role = "attribute", type = "date", required = true },
    { name = "organiser", role = "quasi", type = "code", codes_from = "organisers", required = true },
    { name = "case", role = "reference", label = "case" },
    { name = "kind", role = "sensitive", type = "code", codes = ["call", "meeting"], invalid = "null" },
]
[organisers]
visits = "organiser"
[population]
any_of = ["people"]
[limits]
max_reject_share = 0.5
"#;

/// Helsinki is 091 until 2022 and the county 90 after; 91 is Åland, a county since 2023.
const ORGANISERS: &str =
    "organiser;county;first;last\n049;21;;2022-12-31\n091;90;;2022-12-31\n837;06;;2022-12-31\n91;91;2023-01-01;\n";

/// A visit: number of the person, day, organiser, case, kind.
#[derive(Clone)]
struct Visit {
    person: usize,
    day: String,
    organiser: &'static str,
    case: String,
    kind: &'static str,
}

/// The study: a register of people and one of visits.
struct Study {
    people: usize,
    visits: Vec<Visit>,
    coverage: String,
    contract: String,
}

impl Study {
    /// Makes a study without a fault.
    fn clean() -> Self {
        let visits = (0..MONTHS * VISITS).map(|number| {
            let month = number / VISITS;
            Visit {
                person: number % 700,
                day: format!("{}-{:02}-{:02}", 2018 + month / 12, month % 12 + 1, number % 27 + 2),
                organiser: if number % 3 == 0 { "049" } else { "091" },
                case: format!("c{}", number % 700),
                kind: if number % 2 == 0 { "call" } else { "meeting" },
            }
        });
        let covered = |organiser: &str| {
            format!(
                "[[coverage]]\norganiser = \"{organiser}\"\ntable = \"visits\"\nfirst = \"2018-01-01\"\n\
                 last = \"2019-12-31\"\n"
            )
        };
        Self {
            people: 700,
            visits: visits.collect(),
            coverage: covered("049") + &covered("091"),
            contract: CONTRACT.to_owned(),
        }
    }

    fn world(&self) -> World {
        let world = World::empty();
        world.key("study.key", KEY);
        world.write("study.toml", &self.contract);
        world.write("organisers.csv", ORGANISERS);
        let holder = |name: &str, table: &str, columns: &str, coverage: &str| {
            format!(
                "format = \"salanimi-holder/1\"\nholder = \"{name}\"\n[delivery]\nnumber = 1\n\
                 period = {{ first = \"2018-01-01\", last = \"2019-12-31\" }}\n{coverage}[[sources]]\n\
                 table = \"{table}\"\nfiles = [\"{table}.csv\"]\nformat = \"csv\"\n[sources.columns]\n{columns}"
            )
        };
        let mut people = "person_code;day;case\n".to_owned();
        for person in 0..self.people {
            writeln!(people, "{};2018-{:02}-{:02};c{person}", code(person), person % 12 + 1, person % 27 + 2).unwrap();
        }
        world.write("people.csv", people);
        let covered =
            "[[coverage]]\norganiser = \"office\"\ntable = \"people\"\nfirst = \"2018-01-01\"\nlast = \"2018-12-31\"\n";
        let columns = "person_code = \"person_code\"\nday = \"day\"\ncase = \"case\"\n";
        world.write("office.toml", holder("office", "people", columns, covered));
        let mut visits = "person_code;day;organiser;case;kind\n".to_owned();
        for Visit { person, day, organiser, case, kind } in &self.visits {
            writeln!(visits, "{};{day};{organiser};{case};{kind}", code(*person)).unwrap();
        }
        world.write("visits.csv", visits);
        let columns = format!("{columns}organiser = \"organiser\"\nkind = \"kind\"\n");
        world.write("town.toml", holder("town", "visits", &columns, &self.coverage));
        world
    }

    /// Extracts the visits.
    fn extract(&self, more: &str) -> (World, Run) {
        let world = self.world();
        let run = world.run(&extract("town", more));
        (world, run)
    }

    /// Returns the warnings of an extract that goes on.
    fn warnings(&self) -> Vec<Value> {
        let (world, run) = self.extract("");
        run.succeeds();
        list(&world.json("out-town/manifest.json")["account"])
    }

    /// Extracts both, links them, and returns the warnings of the accounting file.
    fn linked(&self, more: &str) -> (World, Run) {
        let world = self.world();
        world.run(&extract("office", "")).succeeds();
        world.run(&extract("town", "")).succeeds();
        let run = world.run(&format!("link --contract study.toml --out linked {more} out-office out-town"));
        (world, run)
    }
}

fn extract(holder: &str, more: &str) -> String {
    format!("extract --contract study.toml --holder {holder}.toml --key study.key --unsealed --out out-{holder} {more}")
}

/// Returns the warnings of an account or an accounting; none if it has no list.
fn list(account: &Value) -> Vec<Value> {
    account.get("warnings").map_or_else(Vec::new, |list| list.as_array().unwrap().clone())
}

fn codes(warnings: &[Value]) -> BTreeSet<&str> {
    warnings.iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

#[test]
fn a_clean_run_has_no_warning() {
    let study = Study::clean();
    assert_eq!(study.warnings(), Vec::<Value>::new());
    let (world, run) = study.linked("--strict");
    run.succeeds();
    assert_eq!(list(&world.json("linked.accounting.json")), Vec::<Value>::new());
    assert!(!world.text("linked/report.html").contains("id=\"warnings\""));
}

/// Repeats every fourteenth visit.
fn repeat(study: &mut Study) {
    let again: Vec<Visit> = study.visits.iter().step_by(14).cloned().collect();
    study.visits.extend(again);
}

/// A fault, and the codes of the warnings that it has.
type Case = (&'static str, fn(&mut Study), &'static [&'static str]);

const CASES: [Case; 12] = [
    (
        "outside coverage",
        |study| study.coverage = study.coverage.replacen("2018-01-01", "2018-07-01", 1),
        &["outside_coverage"],
    ),
    ("an organiser without coverage", |study| study.visits[5].organiser = "837", &["organiser_not_declared"]),
    (
        "zeros lost",
        |study| study.visits.iter_mut().step_by(100).for_each(|visit| visit.organiser = "49"),
        &["zeros_lost"],
    ),
    ("a county too early", |study| study.visits[7].organiser = "91", &["not_in_force"]),
    (
        "rejects",
        |study| study.visits.iter_mut().step_by(30).for_each(|visit| visit.day = "31.2.2018".into()),
        &["rejects", "rejects_of_one_reason"],
    ),
    ("emptied", |study| study.visits.iter_mut().step_by(50).for_each(|visit| visit.kind = "chat"), &["emptied"]),
    ("repeats", |study| repeat(study), &["repeats"]),
    (
        "a code that is not expected",
        |study| study.contract += "\n[unexpected.visits]\norganiser = [\"049\"]\n",
        &["unexpected_code"],
    ),
    ("one person", |study| study.visits.iter_mut().step_by(8).for_each(|visit| visit.person = 699), &["one_person"]),
    (
        "one reference",
        |study| study.visits.iter_mut().step_by(8).for_each(|visit| visit.case = "NULL".into()),
        &["one_reference"],
    ),
    (
        "first days",
        |study| study.visits.iter_mut().step_by(3).for_each(|visit| visit.day.replace_range(8.., "01")),
        &["first_days"],
    ),
    (
        "a code absent",
        |study| study.visits[..7 * VISITS].iter_mut().for_each(|visit| visit.kind = "call"),
        &["code_absent"],
    ),
];

#[test]
fn each_fault_has_its_warning_and_no_other() {
    for (name, spoil, expected) in CASES {
        let mut study = Study::clean();
        spoil(&mut study);
        let warnings = study.warnings();
        assert_eq!(codes(&warnings), expected.iter().copied().collect(), "{name}: {warnings:?}");
    }
}

#[test]
fn jumps_between_months_are_named_with_the_month() {
    let mut half = Study::clean();
    half.visits.retain(|visit| !visit.day.starts_with("2018-09") || visit.person % 2 == 0);
    let mut many = Study::clean();
    many.visits = many
        .visits
        .iter()
        .flat_map(|visit| [visit.clone(), Visit { case: format!("{}b", visit.case), ..visit.clone() }])
        .collect();
    // The first year is whole, of the second half.
    many.visits.retain(|visit| visit.day.starts_with("2018") || !visit.case.ends_with('b'));
    for (study, code, month) in [(half, "month_spike", "2018-09"), (many, "month_step", "2019-01")] {
        let mut study = study;
        // A spike needs a hundred rows.
        study.visits = [
            study.visits.clone(),
            study.visits.iter().map(|v| Visit { case: format!("{}x", v.case), ..v.clone() }).collect(),
        ]
        .concat();
        let warnings = study.warnings();
        let found = warnings.iter().find(|warning| warning["code"] == code).unwrap_or_else(|| panic!("{warnings:?}"));
        assert_eq!(found["month"], month, "{warnings:?}");
    }
}

#[test]
fn a_table_without_coverage_stops_unless_the_contract_explains_it() {
    let mut study = Study::clean();
    study.coverage.clear();
    let (world, run) = study.extract("");
    run.fails(3, &["coverage_missing", "'visits'", "[[coverage]]", "[[accept]]"]);
    assert!(!world.path("out-town").exists());
    assert!(world.path("out-town.rejects.csv").exists(), "the ledger explains what was read");
    world.run("extract --contract study.toml --holder town.toml --dry-run").fails(3, &["would stop"]);
    study.contract +=
        "[[accept]]\ncode = \"coverage_missing\"\ntable = \"visits\"\nreason = \"nobody knows the days\"\n";
    let warnings = study.warnings();
    assert_eq!(codes(&warnings), BTreeSet::from(["coverage_missing"]));
    assert_eq!(warnings[0]["level"], "accepted");
    let (world, run) = study.linked("");
    run.succeeds();
    let report = world.text("linked/report.html");
    assert!(report.contains("id=\"warnings\"") && report.contains("nobody knows the days"));
}

#[test]
fn lost_zeros_stop_the_run_and_are_named() {
    let mut study = Study::clean();
    let lost = |organiser: &str| if organiser == "091" { "91" } else { "49" };
    study.visits.iter_mut().for_each(|visit| visit.organiser = lost(visit.organiser));
    study.contract = study.contract.replace("max_reject_share = 0.5", "max_reject_share = 1.0");
    let (_, run) = study.extract("");
    run.fails(3, &["not_in_force", "zeros_lost", "091 into 91", "91 may be 091"]);
}

#[test]
fn thresholds_are_the_contracts_and_strict_stops_on_every_warning() {
    let mut study = Study::clean();
    repeat(&mut study);
    let (_, run) = study.extract("--strict");
    run.fails(3, &["repeats", "103 of 1543"]);
    study.contract += "[warnings.repeats]\nwarn = 0.5\n";
    assert_eq!(study.warnings(), Vec::<Value>::new());
    study.contract = study.contract.replace("warn = 0.5", "stop = 0.01");
    let (_, run) = study.extract("");
    run.fails(3, &["repeats"]);
    study.contract = study.contract.replace("stop = 0.01", "stop = -1.0");
    let (_, run) = study.extract("");
    run.fails(3, &["warnings, repeats", "at least 0"]);
}

#[test]
fn a_link_whose_holders_have_no_person_in_common_stops() {
    let mut study = Study::clean();
    study.visits.iter_mut().for_each(|visit| visit.person += 1_000);
    let (world, run) = study.linked("");
    run.fails(3, &["overlap", "0 of 700 persons of 'town'", "[[accept]]"]);
    assert!(!world.path("linked").exists() && !world.path("linked.accounting.json").exists());
    study.visits.iter_mut().take(30).for_each(|visit| visit.person -= 1_000);
    let (world, run) = study.linked("");
    run.succeeds();
    let warnings = list(&world.json("linked.accounting.json"));
    let overlap = warnings.iter().find(|warning| warning["code"] == "overlap").unwrap();
    assert_eq!((overlap["holder"].as_str(), overlap["part"].as_u64()), (Some("town"), Some(30)));
    assert!(world.text("linked/report.fi.html").contains("Varoitukset"));
    // The report says that, and not how many.
    let report = world.text("linked/report.html");
    let section = report.split("id=\"warnings\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(section.contains("town") && !section.contains("30"), "{section}");
}

#[test]
fn references_that_nobody_else_has_are_counted() {
    let mut study = Study::clean();
    study.visits.iter_mut().step_by(3).for_each(|visit| visit.case = format!("x{}", visit.case));
    let (world, run) = study.linked("");
    run.succeeds();
    let warnings = list(&world.json("linked.accounting.json"));
    let found = warnings.iter().find(|warning| warning["code"] == "references_not_found").unwrap();
    assert_eq!((found["table"].as_str(), found["column"].as_str()), (Some("visits"), Some("case")));
}

#[test]
fn warnings_are_the_same_whatever_the_threads() {
    let mut study = Study::clean();
    study.visits.iter_mut().step_by(8).for_each(|visit| visit.person = 699);
    let manifests: Vec<Vec<u8>> = ["--threads 1", "--threads 4"]
        .map(|threads| {
            let (world, run) = study.extract(threads);
            run.succeeds();
            world.read("out-town/manifest.json")
        })
        .into();
    assert_eq!(manifests[0], manifests[1]);
}
