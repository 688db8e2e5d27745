//! The README, followed: every command of its walk-through runs, in order, in an empty folder.

use std::path::Path;
use std::process::Command;

/// The commands of the README's `sh` blocks, without those that build.
fn commands() -> Vec<String> {
    let text = include_str!("../../README.md");
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter(|line| !line.starts_with("cargo ")).map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_walk_through_runs() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("config"), folder.path().join("config")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_salanimi"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let run =
            Command::new("sh").args(["-c", &command]).current_dir(folder.path()).env("PATH", &path).output().unwrap();
        assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
        assert!(!run.stdout.is_empty(), "{command} says nothing");
    }
    assert!(folder.path().join("linked/persons.parquet").exists());
}
