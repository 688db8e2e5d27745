//! The README, followed from top to bottom in an empty folder: its commands, then what it says about other tools.

use std::path::Path;
use std::process::Command;

use crate::judges::Judges;
use crate::stock_tools::are_there;

const README: &str = include_str!("../../README.md");

/// The README's blocks in order, each with its language.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let pieces: Vec<&str> = README.split("```").collect();
    let block = |pair: &[&'static str]| pair[1].split_once('\n').unwrap();
    pieces.chunks_exact(2).map(block).collect()
}

/// Runs a command as a reader's shell does, and says what it printed.
fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_salanimi"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let run = Command::new("sh").args(["-ec", command]).current_dir(folder).env("PATH", &path).output().unwrap();
    assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// The README's few lines of Python, with the query that its comment shows.
fn run_python(lines: &str, folder: &Path) {
    let Some(judges) = Judges::assemble() else { return };
    let script = format!("{lines}\nimport duckdb\nprint(duckdb.sql('SELECT count(*) FROM rows').fetchall()[0][0])\n");
    std::fs::write(folder.join("open.py"), script).unwrap();
    let read = judges.python().arg("open.py").current_dir(folder).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let rows: u64 = String::from_utf8_lossy(&read.stdout).trim().parse().unwrap();
    assert!(rows > 500, "{rows} rows");
}

#[test]
fn every_command_runs_in_order_and_other_tools_open_what_it_makes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("config"), folder.join("config")).unwrap();
    let other_tools = are_there(&["age", "minisign"]);
    let mut commands = 0;
    for (language, text) in blocks() {
        match language {
            "sh" => {
                for command in text.lines().filter(|line| !line.starts_with("cargo ")) {
                    assert!(!run(command, folder).is_empty(), "{command} says nothing");
                    commands += 1;
                }
            }
            "text" if other_tools => text.lines().for_each(|command| drop(run(command, folder))),
            "python" if other_tools => run_python(text, folder),
            "text" | "python" | "mermaid" => {}
            other => panic!("a block of {other}, which nothing runs"),
        }
    }
    assert!(commands > 20, "{commands} commands");
    let manifest = std::fs::read_to_string(folder.join("kela-1/manifest.json")).unwrap();
    assert!(manifest.contains("\"to\"") && folder.join("kela-1/manifest.json.minisig").exists());
    assert!(folder.join("linked/persons.parquet").exists() && !folder.join("linker.identity").exists());
}
