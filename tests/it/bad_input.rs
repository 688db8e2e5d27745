//! Every bad input of `fixtures/bad`: a folder of files that replace those of the good world, with the expected result.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::world::{World, copy, fixtures};

/// Name of the file with the expected result.
const EXPECTED: &str = "expected.toml";

/// Expected result of a bad input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The arguments of the command.
    command: String,
    /// Its exit code.
    exit: i32,
    /// Words of the message that name the problem and its place.
    #[serde(default)]
    problem: Vec<String>,
    /// Words of the message that name the remedy.
    #[serde(default)]
    remedy: Vec<String>,
    /// Lines of the rejects ledger.
    #[serde(default)]
    ledger: Vec<String>,
    /// Words of the summary.
    #[serde(default)]
    stdout: Vec<String>,
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures().join("bad")).unwrap().map(|entry| entry.unwrap().path());
    entries.collect::<BTreeSet<_>>().into_iter().collect()
}

fn expected(folder: &Path) -> Expected {
    let text = fs::read_to_string(folder.join(EXPECTED)).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let expected: Expected = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let says_why = text.starts_with("# ");
    let refused = !expected.problem.is_empty() && !expected.remedy.is_empty();
    let told = !expected.stdout.is_empty();
    assert!(says_why, "{}: the first line must say in words what is bad", folder.display());
    assert!(if expected.exit == 0 { told } else { refused }, "{}: expects nothing", folder.display());
    expected
}

/// A file that replaces none of the good world would not be read, so the fixture would test nothing.
fn overlay(folder: &Path, world: &World) {
    let good: BTreeSet<String> = world.files().into_iter().collect();
    copy(folder, world.root());
    let added: Vec<String> = world.files().into_iter().filter(|f| !good.contains(f)).collect();
    assert_eq!(added, [EXPECTED], "{}: replaces no file of the good world", folder.display());
}

fn check(folder: &Path) {
    let expected = expected(folder);
    let world = World::good();
    overlay(folder, &world);
    let words: Vec<&str> = expected.problem.iter().chain(&expected.remedy).map(String::as_str).collect();
    let run = world.run(&expected.command);
    let run = if expected.exit == 0 { run.succeeds() } else { run.fails(expected.exit, &words) };
    for word in &expected.stdout {
        assert!(run.stdout().contains(word), "lacks {word:?}:\n{}", run.stdout());
    }
    if !expected.ledger.is_empty() {
        let ledger = world.text("out.rejects.csv");
        for line in &expected.ledger {
            assert!(ledger.lines().any(|l| l == line), "lacks {line}:\n{ledger}");
        }
    }
    if expected.exit != 0 {
        world.has_nothing_of("out");
    }
}

#[test]
fn every_bad_input_has_the_result_of_its_fixture() {
    let folders = folders();
    assert!(folders.len() >= 60, "fixtures are missing");
    let failed: Vec<String> = folders
        .iter()
        .filter(|folder| std::panic::catch_unwind(|| check(folder)).is_err())
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(failed.is_empty(), "not as expected: {failed:?}");
}

#[test]
fn the_good_world_is_good() {
    let world = World::delivered();
    world.link("linked", crate::world::BOTH).succeeds();
}
