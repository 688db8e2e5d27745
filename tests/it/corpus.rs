//! The corpus of planted faults and of clean data that looks faulty: what is found of it, and what is falsely found.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

/// Set, the attack is run on every case that it concerns, which takes an hour or two; else on a few.
const WHOLE: &str = "SALANIMI_WHOLE_CORPUS";
/// Without it, one case in so many is attacked.
const ONE_IN: usize = 16;
/// Cases of so few persons that `--attack quick` tries too little on them: they are run without it, in minutes each.
const NOT_QUICK: [&str; 16] = [
    "keyed_password_digits",
    "keyed_year",
    "salted_holder_cut",
    "salted_holder_thl",
    "salted_holder_upper_after",
    "salted_other_column_name",
    "salted_password_secret",
    "salted_study_in_file_name",
    "salted_year_after",
    "salted_year_before",
    "salted_year_cut",
    "unkeyed_crc32_hex",
    "unkeyed_crc32_int",
    "unkeyed_sha3_256_cut_8",
    "unkeyed_sha3_512",
    "unkeyed_xxh32",
];
/// Cases run at a time. Each uses all processors for the attack.
const AT_ONCE: usize = 2;

/// What must be found in a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(rename = "about")]
    _about: String,
    /// These checks, with at least these verdicts.
    #[serde(default)]
    find: BTreeMap<String, String>,
    /// Any of these, with at least this verdict.
    #[serde(default)]
    any_of: Vec<String>,
    verdict: Option<String>,
    #[serde(default)]
    clean: bool,
    #[serde(default)]
    arguments: String,
    /// Bad input: the exit codes that are right.
    #[serde(default)]
    exit: Vec<i32>,
}

/// What became of a case.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Found,
    Missed(String),
    Clean,
    FalseAlarm(String),
    Refused,
    Wrong(String),
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/verify")
}

fn cases() -> Vec<String> {
    let folders = std::fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap());
    let mut cases: Vec<String> = folders
        .filter(|entry| entry.path().join("expected.toml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    cases.sort();
    cases
}

fn rank(verdict: &str) -> usize {
    ["not_applicable", "pass", "not_checked", "warn", "fail"].iter().position(|known| *known == verdict).unwrap()
}

impl Expected {
    /// Whether the attack is what must find the fault.
    fn attacks(&self) -> bool {
        self.find.keys().chain(&self.any_of).any(|check| check.starts_with("attack."))
    }

    fn judge(&self, code: i32, verdicts: &BTreeMap<String, String>) -> Outcome {
        let reached = |check: &String, verdict: &str| verdicts.get(check).is_some_and(|v| rank(v) >= rank(verdict));
        let failed = || verdicts.iter().filter(|(_, v)| *v == "fail").map(|(n, _)| n.as_str()).collect::<Vec<_>>();
        if !self.exit.is_empty() {
            return if self.exit.contains(&code) {
                Outcome::Refused
            } else {
                Outcome::Wrong(format!("exit code {code}"))
            };
        }
        if self.clean {
            return if failed().is_empty() { Outcome::Clean } else { Outcome::FalseAlarm(failed().join(", ")) };
        }
        let all = self.find.iter().all(|(check, verdict)| reached(check, verdict));
        let any = self.verdict.as_ref().is_none_or(|v| self.any_of.iter().any(|check| reached(check, v)));
        if all && any { Outcome::Found } else { Outcome::Missed(failed().join(", ")) }
    }
}

/// Runs one case, with a depth of the attack if it is not the default.
fn run(case: &str, depth: Option<&str>) -> Outcome {
    let folder = corpus().join(case);
    let expected: Expected = toml::from_str(&std::fs::read_to_string(folder.join("expected.toml")).unwrap())
        .unwrap_or_else(|e| panic!("{case}: {e}"));
    let mut command = Command::new(crate::world::program());
    command
        .args(["verify", "--json", "-"])
        .args(depth.iter().flat_map(|depth| ["--attack", depth]))
        .args(expected.arguments.split_whitespace())
        .arg(folder.join("data"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    if ![0, 3, 4].contains(&code) || said.contains("internal error at") && expected.exit.is_empty() {
        return Outcome::Wrong(format!("exit code {code}: {said}"));
    }
    let mut verdicts: BTreeMap<String, String> = BTreeMap::new();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    for check in report["checks"].as_array().into_iter().flatten() {
        let (name, verdict) = (check["name"].as_str().unwrap(), check["verdict"].as_str().unwrap());
        let known = verdicts.entry(name.to_owned()).or_insert_with(|| verdict.to_owned());
        if rank(verdict) > rank(known) {
            verdict.clone_into(known);
        }
    }
    expected.judge(code, &verdicts)
}

/// The outcome of every case.
fn run_all(cases: &[(String, Option<&'static str>)]) -> Vec<(String, Outcome)> {
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((case, attack)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(case, *attack);
                    outcomes.lock().unwrap().push((case.clone(), outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by(|a, b| a.0.cmp(&b.0));
    outcomes
}

#[test]
fn planted_faults_are_found_and_clean_data_does_not_fail() {
    let whole = std::env::var_os(WHOLE).is_some();
    let mut to_run: Vec<(String, Option<&str>)> = Vec::new();
    let mut left_out = 0;
    for (number, case) in cases().into_iter().enumerate() {
        let text = std::fs::read_to_string(corpus().join(&case).join("expected.toml")).unwrap();
        let expected: Expected = toml::from_str(&text).unwrap();
        let is_quick = !NOT_QUICK.contains(&case.as_str());
        match (expected.attacks(), expected.clean, whole || (is_quick && number % ONE_IN == 0)) {
            (true, _, true) | (_, true, true) => to_run.push((case, is_quick.then_some("quick"))),
            (true, ..) => left_out += 1,
            _ => to_run.push((case, Some("none"))),
        }
    }
    let outcomes = run_all(&to_run);
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|(_, outcome)| is(outcome)).count();
    let found = count(|o| *o == Outcome::Found);
    let missed = count(|o| matches!(o, Outcome::Missed(_)));
    let clean = count(|o| *o == Outcome::Clean);
    let false_alarms = count(|o| matches!(o, Outcome::FalseAlarm(_)));
    let mut words = format!(
        "corpus: {found} of {} planted faults found, {false_alarms} false failures in {} clean cases, \
         {} bad inputs refused",
        found + missed,
        clean + false_alarms,
        count(|o| *o == Outcome::Refused)
    );
    if left_out > 0 {
        write!(words, "; {left_out} cases of the attack LEFT OUT, set {WHOLE}=1 to run them").unwrap();
    }
    let wrong = outcomes.iter().filter(|(_, o)| !matches!(o, Outcome::Found | Outcome::Clean | Outcome::Refused));
    let wrong: Vec<String> = wrong.map(|(case, outcome)| format!("  {case}: {outcome:?}")).collect();
    // Past the test harness, which would keep it to itself.
    let _ = writeln!(std::io::stderr(), "{words}\n{}", wrong.join("\n"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
