//! The README, followed: every command of its walk-through runs, in order, in an empty folder, and then what it says
//! about other tools.

use std::path::Path;
use std::process::Command;

use crate::judges::Judges;
use crate::stock_tools::are_there;

const README: &str = include_str!("../../README.md");

/// The contents of the README's blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    README.split(&format!("```{language}\n")).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The commands of the README's `sh` blocks, without those that build.
fn commands() -> Vec<&'static str> {
    blocks("sh").into_iter().flat_map(str::lines).filter(|line| !line.starts_with("cargo ")).collect()
}

/// Runs a command as a reader's shell does, and says what it printed.
fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_salanimi"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let run = Command::new("sh").args(["-c", command]).current_dir(folder).env("PATH", &path).output().unwrap();
    assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn every_command_of_the_walk_through_runs_and_other_tools_open_what_it_makes() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("config"), folder.path().join("config")).unwrap();
    let commands = commands();
    assert!(commands.len() > 25, "{commands:?}");
    for command in commands {
        assert!(!run(command, folder.path()).is_empty(), "{command} says nothing");
    }
    assert!(folder.path().join("linked/persons.parquet").exists());
    let manifest = std::fs::read_to_string(folder.path().join("kela-1/manifest.json")).unwrap();
    assert!(manifest.contains("\"to\"") && folder.path().join("kela-1/manifest.json.minisig").exists());
    if are_there(&["age", "minisign"]) {
        other_tools_open(folder.path());
    }
}

/// The README's commands for stock tools, and its few lines of Python.
fn other_tools_open(folder: &Path) {
    let key = run("tail -n 1 kela.signing.pub", folder);
    let commands = blocks("text").concat();
    assert!(commands.lines().count() == 3, "{commands}");
    for command in commands.lines() {
        run(&command.replace("RW…", key.trim()), folder);
    }
    let Some(judges) = Judges::assemble() else { return };
    let [python] = blocks("python")[..] else { panic!("the README has one block of Python") };
    let script = format!("{python}\nimport duckdb\nprint(duckdb.sql('SELECT count(*) FROM rows').fetchall()[0][0])\n");
    std::fs::write(folder.join("open.py"), script).unwrap();
    let read = judges.python().arg("open.py").current_dir(folder).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let rows: u64 = String::from_utf8_lossy(&read.stdout).trim().parse().unwrap();
    assert!(rows > 500, "{rows} rows");
}
