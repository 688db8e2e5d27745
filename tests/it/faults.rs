//! Faults around a run: permissions, output folders, full disks, and unusable Parquet sources.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};

use crate::tables::{self, Text};
use crate::world::{BOTH, Run, World};

/// The user `nobody`, who owns nothing.
const NOBODY: u32 = 65_534;

fn mode(world: &World, name: &str, mode: u32) {
    fs::set_permissions(world.path(name), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn an_output_that_exists_is_refused_and_left_as_it_is() {
    let world = World::delivered();
    world.write("out/mine.txt", "mine");
    world.extract("kela", "out", "").fails(3, &["out: the output exists", "choose another folder"]);
    world.link("out", BOTH).fails(3, &["out: the output exists", "choose another folder"]);
    world.extract("kela", "out/mine.txt", "").fails(3, &["out/mine.txt: the output exists"]);
    symlink("nowhere", world.path("dangling")).unwrap();
    world.extract("kela", "dangling", "").fails(3, &["dangling: the output exists"]);
    assert_eq!(world.text("out/mine.txt"), "mine");
    let mut there: Vec<_> = fs::read_dir(world.path("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    there.sort();
    // The last of the refused runs had its audit log there, beside where its output would have been.
    assert_eq!(there, ["audit.jsonl", "mine.txt"]);
}

#[test]
fn an_output_below_no_folder_is_refused() {
    let world = World::good();
    world.extract("kela", "none/out", "").fails(3, &["none/out", "choose another output folder"]);
    assert!(!world.path("none").exists());
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let world = World::good();
    for open in [0o640, 0o604, 0o644, 0o620] {
        mode(&world, "study.key", open);
        let shown = format!("mode {open:03o}");
        world.extract("kela", "out", "").fails(3, &["study.key", &shown, "chmod 600"]);
    }
    mode(&world, "study.key", 0o600);
    symlink("study.key", world.path("other.key")).unwrap();
    let line = "extract --contract contract.toml --holder kela/holder.toml --key other.key --out out";
    world.run(line).fails(3, &["other.key", "not a regular file", "give the file itself"]);
    world.has_nothing_of("out");
}

#[test]
fn a_key_is_never_written_over() {
    let world = World::good();
    let before = world.read("study.key");
    world.run("key new --contract contract.toml study.key").fails(3, &["study.key", "exists"]);
    assert_eq!(world.read("study.key"), before);
    world.run("key new --contract contract.toml fresh.key").succeeds();
    assert_eq!(fs::metadata(world.path("fresh.key")).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Runs the binary as a user who owns nothing in the world.
fn as_nobody(world: &World, line: &str) -> Run {
    let binary = world.path("salanimi-for-nobody");
    fs::copy(crate::world::program(), &binary).unwrap();
    mode(world, "", 0o755);
    let mut command = Command::new(&binary);
    command.current_dir(world.root()).args(line.split_whitespace()).uid(NOBODY).gid(NOBODY);
    Run { line: line.to_owned(), output: command.output().unwrap() }
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let world = World::good();
    mode(&world, "kela/support_2018.csv", 0o600);
    if fs::metadata(world.root()).map(|m| std::os::unix::fs::MetadataExt::uid(&m)).unwrap() != 0 {
        eprintln!("SKIPPED: a_file_that_may_not_be_read_is_named needs root to become another user");
        return;
    }
    let line = "extract --dry-run --contract contract.toml --holder kela/holder.toml";
    as_nobody(&world, line).fails(3, &["kela/support_2018.csv", "ermission denied", "that you may read it"]);
    let line = "key fingerprint study.key";
    as_nobody(&world, line).fails(3, &["study.key", "ermission denied", "that you may read it"]);
}

#[test]
fn a_folder_in_place_of_a_file_is_named() {
    let world = World::good();
    world.edit("kela/holder.toml", "notices.csv", "../mappings");
    world.extract("kela", "out", "").fails(3, &["kela/../mappings", "check the path"]);
    world.has_nothing_of("out");
}

/// A small file system in memory, gone when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts the disk. Returns `None` and prints a note if this process may not mount.
    pub fn mount(world: &World, name: &str, kib: u32) -> Option<Self> {
        let path = world.path(name);
        fs::create_dir_all(&path).unwrap();
        let size = format!("size={kib}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path).output();
        if mounted.is_ok_and(|m| m.status.success()) {
            return Some(Self(path));
        }
        eprintln!("SKIPPED: a full disk needs the right to mount a tmpfs; run as root to test it");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Runs `run` on ever larger disks until it succeeds; before that it must fail cleanly, wherever room ran out.
fn on_growing_disks(world: &World, run: impl Fn() -> Run) {
    for (failures, kib) in (4..200).step_by(4).enumerate() {
        let Some(_disk) = SmallDisk::mount(world, "disk", kib) else { return };
        let run = run();
        if run.code() == 0 {
            assert!(failures > 0, "the first disk was large enough");
            return;
        }
        let run = run.fails(1, &["disk", "free disk space"]);
        let left: Vec<_> = fs::read_dir(world.path("disk")).unwrap().map(|e| e.unwrap().file_name()).collect();
        let whole = run.stderr().contains("output is in place");
        let expected =
            |name: &std::ffi::OsString| name == "out.rejects.csv" || name == "audit.jsonl" || whole && name == "out";
        assert!(left.iter().all(expected), "left behind: {left:?}");
    }
    panic!("no disk was large enough");
}

#[test]
fn a_full_disk_leaves_no_half_written_output() {
    let world = World::delivered();
    on_growing_disks(&world, || world.extract("kela", "disk/out", ""));
    on_growing_disks(&world, || world.link("disk/out", BOTH));
}

/// Makes the town's source a Parquet file of `columns`.
fn town_in_parquet(world: &World, columns: &[(String, ArrayRef)]) {
    let columns = columns.iter().map(|(name, column)| (name.as_str(), column.clone())).collect();
    tables::write(&world.path("town/contacts.parquet"), columns);
    let holder = world.text("town/holder.toml");
    let lines = holder.lines().filter(|l| !l.starts_with("delimiter") && !l.starts_with("encoding"));
    let holder = lines.collect::<Vec<_>>().join("\n");
    let holder = holder.replace("contacts.csv", "contacts.parquet").replace("\"csv\"", "\"parquet\"");
    world.write("town/holder.toml", holder);
}

fn town_columns(world: &World) -> Vec<(String, ArrayRef)> {
    tables::text_columns(&world.read("town/contacts.csv"))
}

fn replace(columns: &mut [(String, ArrayRef)], name: &str, with: impl FnOnce(&StringArray) -> ArrayRef) {
    let column = columns.iter_mut().find(|(n, _)| n == name).unwrap();
    column.1 = with(column.1.as_string());
}

#[test]
fn a_parquet_column_of_the_wrong_type_is_named() {
    type Column = fn(usize) -> ArrayRef;
    let wrong: [(&str, &str, Column); 4] = [
        ("person_id", "person_code", |n| Arc::new(Int64Array::from(vec![1; n]))),
        ("date", "day", |n| Arc::new(BooleanArray::from(vec![true; n]))),
        ("kind", "kind", |n| Arc::new(Float64Array::from(vec![1.0; n]))),
        ("amount", "eur", |n| Arc::new(BooleanArray::from(vec![true; n]))),
    ];
    for (header, column, array) in wrong {
        let world = World::good();
        let mut columns = town_columns(&world);
        replace(&mut columns, header, |texts| array(texts.len()));
        town_in_parquet(&world, &columns);
        let named = format!("column '{column}' holds");
        world
            .extract("town", "out", "")
            .fails(3, &["contacts.parquet", &named, "correct `columns` in the holder file"]);
        world.has_nothing_of("out");
    }
}

#[test]
fn a_parquet_file_lacking_or_repeating_a_column_is_refused() {
    let world = World::good();
    let mut columns = town_columns(&world);
    columns[2].0 = "given_name".to_owned();
    town_in_parquet(&world, &columns);
    world.extract("town", "out", "").fails(3, &["contacts.parquet", "column 3", "list it under `ignore`"]);
    columns.retain(|(name, _)| name != "kind");
    town_in_parquet(&world, &columns);
    world.extract("town", "out", "").fails(3, &["contacts.parquet", "lacks the column 'kind'", "correct `columns`"]);
    world.has_nothing_of("out");
}

#[test]
fn a_parquet_file_cut_short_is_refused_wherever_the_cut_is() {
    let world = World::good();
    town_in_parquet(&world, &town_columns(&world));
    let whole = world.read("town/contacts.parquet");
    for length in [0, 3, 4, 8, 12, whole.len() / 2, whole.len() - 9, whole.len() - 8, whole.len() - 1] {
        world.write("town/contacts.parquet", &whole[..length]);
        world
            .extract("town", "out", "")
            .fails(3, &["contacts.parquet", "not a readable Parquet file", "ask for it again"]);
    }
    // The footer is whole, the pages are not.
    let mut damaged = whole.clone();
    damaged[4..400].fill(0xA5);
    world.write("town/contacts.parquet", &damaged);
    world.extract("town", "out", "").fails(3, &["contacts.parquet", "cannot be decoded", "ask for it again"]);
    world.write("town/contacts.parquet", world.read("town/contacts.csv"));
    world.extract("town", "out", "").fails(3, &["contacts.parquet", "not a readable Parquet file"]);
    world.has_nothing_of("out");
}

#[test]
fn an_amount_that_is_no_number_is_a_reject_in_parquet_too() {
    let world = World::good();
    world.edit("contract.toml", "min = 0, max = 5000, invalid = \"null\"", "min = 0, max = 5000");
    let mut columns = town_columns(&world);
    replace(&mut columns, "amount", |texts| {
        let amounts = (0..texts.len()).map(|row| if row == 6 { f64::NAN } else { row as f64 });
        Arc::new(amounts.collect::<Float64Array>())
    });
    town_in_parquet(&world, &columns);
    world.extract("town", "out", "").succeeds();
    let ledger = world.text("out.rejects.csv");
    assert!(ledger.contains("contacts;contacts.parquet;7;eur;number\n"), "{ledger}");
}

#[test]
fn numbers_in_parquet_need_no_decimal_mark() {
    let world = World::good();
    let mut columns = town_columns(&world);
    replace(&mut columns, "amount", |texts| Arc::new(Float64Array::from(vec![12.5; texts.len()])));
    town_in_parquet(&world, &columns);
    world.edit("town/holder.toml", "decimal = \".\"", "decimal = \",\"");
    world.extract("town", "out", "").succeeds();
    assert!(Text::of(&world.path("out/contacts.parquet")).column("eur").iter().all(|eur| *eur == "12.50"));
}

#[test]
fn one_header_may_feed_two_columns() {
    let world = World::good();
    world.edit("kela/holder.toml", "decided = \"ratkaisupäivä\"", "decided = \"hakemuspäivä\"");
    world.edit("kela/holder.toml", "ignore = [\"käsittelijä\"]", "ignore = [\"käsittelijä\", \"ratkaisupäivä\"]");
    world.extract("kela", "out", "").succeeds();
    let days = Text::of(&world.path("out/support.parquet"));
    assert!(days.column("decided").iter().all(|day| ["0", "∅"].contains(day)));
    assert!(days.column("decided").contains(&"0"));
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let world = World::good();
    world.run("").fails(2, &["Usage"]);
    world.run("extract --contract contract.toml --holder kela/holder.toml").fails(2, &["--key", "--out"]);
    world.run("link --contract contract.toml --out out").fails(2, &["DELIVERIES"]);
    world.extract("kela", "out", "--memory 1MiB").fails(2, &["at least 64MiB"]);
    world.extract("kela", "out", "--threads 0").fails(2, &["--threads"]);
    world.has_nothing_of("out");
}

#[test]
fn a_stopped_cohort_leaves_only_its_begin_in_the_log() {
    let world = World::of_parties();
    // A source that never ends.
    fs::remove_file(world.path("kela/notices.csv")).unwrap();
    let pipe = Command::new("mkfifo").arg(world.path("kela/notices.csv")).status();
    assert!(pipe.unwrap().success());
    let before = world.files();
    let line =
        "cohort --contract contract.toml --holder kela/holder.toml --signing-key kela.signing --to town --out p.age";
    let mut running = Command::new(crate::world::program())
        .args(line.split_whitespace())
        .current_dir(world.root())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !world.path("audit.jsonl").exists() || world.read("audit.jsonl").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let stop = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
    assert!(stop.success() && running.wait().unwrap().code() == Some(1));
    let left: Vec<String> = world.files().into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(left, ["audit.jsonl"]);
    let log = world.text("audit.jsonl");
    assert!(log.lines().count() == 1 && log.contains("\"command\":\"cohort\",\"outcome\":\"begun\""), "{log}");
}

#[test]
fn a_hostile_file_forges_no_line_on_the_screen() {
    let world = World::of_parties();
    world.run("key destroy --signing-key kela.signing --certificate c.json link.key").succeeds();
    world.edit("c.json", "copies of the file", "x\\nSignature: of kela, valid\\u001b[8m");
    let shown = world.run("show c.json").succeeds().stdout();
    assert!(!shown.contains('\u{1b}') && !shown.lines().any(|line| line.starts_with("Signature: of kela")), "{shown}");
    assert!(shown.contains("Signature: not checked"));
    world.extract_signed("kela", "d", "").succeeds();
    world.edit_json("d/manifest.json", |m| m["files"]["a\nb\u{1b}[8m"] = "0".repeat(64).into());
    let run = world.run("show d").fails(3, &["d/a"]);
    assert!(run.stderr().lines().count() == 1 && !run.stderr().contains('\u{1b}'), "{}", run.stderr());
}

#[test]
fn a_file_of_another_kind_is_named_and_never_quoted() {
    let world = World::good();
    let line =
        |contract: &str, holder: &str| world.run(&format!("extract --dry-run --contract {contract} --holder {holder}"));
    line("kela/holder.toml", "contract.toml").fails(3, &["kela/holder.toml", "`format` must be", "another kind"]);
    line("contract.toml", "contract.toml").fails(3, &["contract.toml", "`format` must be", "another kind"]);
    let text = world.text("contract.toml");
    world.write("contract.toml", text.replacen("duplicates = \"drop\"", "duplicates = \"071177V4614\"", 1));
    let run = line("contract.toml", "kela/holder.toml").fails(3, &["contract.toml: line", "unknown variant `…`"]);
    assert!(!run.stderr().contains("071177"), "{}", run.stderr());
}

#[test]
fn a_summary_that_cannot_be_printed_is_an_error() {
    let world = World::delivered();
    for line in ["show d-kela", "show --json d-kela"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(crate::world::program());
        let output = command.current_dir(world.root()).args(line.split(' ')).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("standard output") && !message.contains("panicked"), "{message}");
    }
}
