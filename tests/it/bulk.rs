//! Many rows: they spill to disk, occupy several threads, and let a process be killed midway.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, StringArray};
use arrow::record_batch::RecordBatch;

use crate::plain::{Dice, code};
use crate::tables;
use crate::world::{KEY, Run, World, copy, files, fixtures};

/// Rows of the source. With their remarks they take about twice the memory of 64 MiB.
const ROWS: usize = 200_000;
const PERSONS: usize = 40_000;
/// A text that makes rows wide.
const REMARK: &str = "a long remark of small letters that describes nobody at all but fills the memory of the process \
                      that holds it so that a part of it has to be spilled to the disk";

/// The columns of the source.
struct Events {
    person: Vec<String>,
    day: Vec<i32>,
    kind: Vec<&'static str>,
    cents: Vec<Option<i64>>,
    case: Vec<Option<String>>,
    remark: Vec<&'static str>,
    flag: Vec<Option<bool>>,
}

impl Events {
    /// Draws the rows, the same on every run.
    fn draw() -> Self {
        let mut dice = Dice(1);
        let [persons, days, others] = [(); 3].map(|()| (0..ROWS).map(|_| dice.below(1 << 30)).collect::<Vec<_>>());
        Self {
            person: persons.iter().map(|n| code(n % PERSONS)).collect(),
            // From 2016-12-22: some days are before the window.
            day: days.iter().map(|n| 17_157 + (n % 400) as i32).collect(),
            kind: others.iter().map(|n| ["a", "b", "c"][n % 3]).collect(),
            cents: others.iter().map(|n| (n % 7 > 0).then_some((n % 100_000) as i64 - 5_000)).collect(),
            case: others.iter().map(|n| (n % 5 > 0).then(|| format!("C-{}", n % 9_999))).collect(),
            remark: others.iter().map(|n| &REMARK[..REMARK.len() - n % 40]).map(str::trim).collect(),
            flag: days.iter().map(|n| (n % 3 > 0).then_some(n % 2 == 0)).collect(),
        }
    }

    fn write_csv(&self, path: &Path) {
        let mut file = std::io::BufWriter::new(fs::File::create(path).unwrap());
        file.write_all(b"person;day;kind;amount;case;remark;flag\n").unwrap();
        let days: Vec<String> =
            (0..400).map(|n| salanimi_core::Day::from_epoch_days(17_157 + n).unwrap().to_string()).collect();
        for row in 0..ROWS {
            let day = &days[(self.day[row] - 17_157) as usize];
            write!(file, "{};{day};{};", self.person[row], self.kind[row]).unwrap();
            if let Some(cents) = self.cents[row] {
                let sign = if cents < 0 { "-" } else { "" };
                write!(file, "{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100).unwrap();
            }
            let flag = self.flag[row].map_or("", |flag| if flag { "1" } else { "0" });
            writeln!(file, ";{};{};{flag}", self.case[row].as_deref().unwrap_or(""), self.remark[row]).unwrap();
        }
        file.flush().unwrap();
    }

    fn write_parquet(&self, path: &Path) {
        let amount = Decimal128Array::from(self.cents.iter().map(|c| c.map(i128::from)).collect::<Vec<_>>());
        tables::write(
            path,
            vec![
                ("person", Arc::new(StringArray::from(self.person.clone()))),
                ("day", Arc::new(Date32Array::from(self.day.clone()))),
                ("kind", Arc::new(StringArray::from(self.kind.clone()))),
                ("amount", Arc::new(amount.with_precision_and_scale(12, 2).unwrap())),
                ("case", Arc::new(StringArray::from(self.case.clone()))),
                ("remark", Arc::new(StringArray::from(self.remark.clone()))),
                ("flag", Arc::new(BooleanArray::from(self.flag.clone()))),
            ],
        );
    }
}

/// Returns the world of many rows, shared by all tests that run at the same time.
fn bulk() -> Arc<World> {
    static WORLD: Mutex<Weak<World>> = Mutex::new(Weak::new());
    let mut shared = WORLD.lock().unwrap();
    shared.upgrade().unwrap_or_else(|| {
        let world = World::empty();
        copy(&fixtures().join("good/bulk"), world.root());
        world.key("study.key", KEY);
        let events = Events::draw();
        events.write_csv(&world.path("events.csv"));
        events.write_parquet(&world.path("events.parquet"));
        let holder =
            world.text("holder.toml").replace("events.csv", "events.parquet").replace("\"csv\"", "\"parquet\"");
        world.write("parquet.toml", holder);
        extract(&world, "holder.toml", "plain", "--threads 2").succeeds();
        let world = Arc::new(world);
        *shared = Arc::downgrade(&world);
        world
    })
}

fn arguments(holder: &str, out: &str) -> String {
    format!("extract --unsealed --contract contract.toml --key study.key --json --holder {holder} --out {out}")
}

fn extract(world: &World, holder: &str, out: &str, more: &str) -> Run {
    world.run(&format!("{} {more}", arguments(holder, out)))
}

/// Asserts that two folders hold the same files with the same bytes.
fn same(left: &Path, right: &Path) {
    let left = files(left);
    let right = files(right);
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(&right) {
        assert_eq!(left.file_name(), right.file_name());
        assert!(fs::read(left).unwrap() == fs::read(right).unwrap(), "{} differs", left.display());
    }
}

#[test]
fn threads_and_memory_do_not_change_a_byte() {
    let world = bulk();
    for threads in [1, 2] {
        let out = format!("spilled-{threads}");
        let run = extract(&world, "holder.toml", &out, &format!("--threads {threads} --memory 64MiB")).succeeds();
        assert!(run.json()["spilled_bytes"].as_u64().unwrap() > 1 << 20, "did not spill");
        same(&world.path("plain"), &world.path(&out));
    }
}

#[test]
fn csv_and_parquet_of_the_same_rows_give_the_same_bytes() {
    let world = bulk();
    let run = extract(&world, "parquet.toml", "from-parquet", "").succeeds();
    assert_eq!(run.json()["spilled_bytes"], 0);
    same(&world.path("plain"), &world.path("from-parquet"));
}

fn count(value: &serde_json::Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn many_rows_are_in_order_and_accounted_for() {
    let world = bulk();
    let manifest = world.json("plain/manifest.json");
    let table = &manifest["account"]["tables"][0];
    let filtered = &table["filtered"];
    assert_eq!(count(&table["records"]), ROWS as u64);
    assert_eq!(count(&table["rows"]) + count(&filtered["window"]) + count(&filtered["duplicate"]), ROWS as u64);
    assert!(count(&filtered["window"]) > 0 && count(&filtered["duplicate"]) > 0);
    let batch = tables::read(&world.path("plain/events.parquet"));
    assert_eq!(batch.num_rows() as u64, count(&table["rows"]));
    tables::is_sorted(&batch);
    let persons: std::collections::HashSet<&[u8]> = tables::keys(&batch).into_iter().collect();
    assert_eq!(persons.len() as u64, count(&table["persons"]));
    let events = Events::draw();
    let mut expected: Vec<(&str, i32, &str)> = (0..ROWS)
        .filter(|&row| events.day[row] >= 17_167)
        .map(|row| (events.person[row].as_str(), events.day[row], events.kind[row]))
        .collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(expected.len(), batch.num_rows());
}

#[test]
fn links_of_many_rows_do_not_depend_on_threads_or_memory() {
    let world = bulk();
    for (name, how) in [("l-1", "--threads 1"), ("l-2", "--threads 2"), ("l-3", "--threads 1 --memory 64MiB")] {
        world.link_key(&format!("{name}.key"), KEY);
        let line = format!("link --json --contract contract.toml --out {name} --link-key {name}.key plain {how}");
        let run = world.run(&line).succeeds();
        assert_eq!(run.json()["spilled_bytes"].as_u64().unwrap() > 0, name == "l-3", "{}", run.stdout());
    }
    same(&world.path("l-1"), &world.path("l-2"));
    same(&world.path("l-1"), &world.path("l-3"));
    let batch: RecordBatch = tables::read(&world.path("l-1/events.parquet"));
    tables::is_sorted(&batch);
}

/// Starts the command and waits until it writes its hidden folder.
fn begin(world: &World, line: &str, out: &str) -> Child {
    let child: Child = Command::new(crate::world::program())
        .current_dir(world.root())
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let partial = world.path(&format!(".{out}.partial"));
    let begun = Instant::now();
    while !partial.exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never began to write");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(5));
    child
}

fn kill_midway(world: &World, line: &str, out: &str) {
    let mut child = begin(world, line, out);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!world.path(out).exists(), "finished before it was killed");
    assert!(world.path(&format!(".{out}.partial")).exists());
}

/// Returns the peak memory of a run in MiB: the kernel's `VmHWM`, read until the process ends.
fn peak(world: &World, line: &str) -> u64 {
    let mut child = Command::new(crate::world::program())
        .current_dir(world.root())
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) >> 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    let exit = child.wait().unwrap();
    assert!(matches!(exit.code(), Some(0 | 4)), "ended with {exit}");
    peak
}

/// Returns a key of a person; the keys are spread over their whole range.
fn scattered_key(person: usize) -> [u8; 16] {
    (person as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
}

#[test]
fn verification_of_ten_times_the_rows_takes_little_more_memory() {
    let world = bulk();
    let source = tables::read(&world.path("events.parquet"));
    let keys = FixedSizeBinaryArray::try_from_iter((0..ROWS).map(|row| scattered_key(row % PERSONS))).unwrap();
    let mut columns: Vec<(&str, ArrayRef)> = vec![("pseudonym", Arc::new(keys))];
    columns
        .extend(["day", "kind", "amount", "remark"].map(|name| (name, source.column_by_name(name).unwrap().clone())));
    let peaks = [1, 10].map(|times| {
        let folder = format!("rows-{times}");
        fs::create_dir(world.path(&folder)).unwrap();
        tables::write_again(&world.path(&format!("{folder}/rows.parquet")), columns.clone(), times);
        peak(&world, &format!("verify --attack none --memory 64MiB {folder}"))
    });
    // Ten times the rows are some 400 MB when decoded.
    assert!(peaks[1] < peaks[0] + 32 && peaks[1] < 160, "{peaks:?} MiB");
}

#[test]
fn an_interrupted_extract_removes_its_files() {
    let world = bulk();
    for signal in ["INT", "TERM"] {
        let child = begin(&world, &arguments("holder.toml", "stopped"), "stopped");
        Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(1));
        let words = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(words.contains("interrupted") && words.contains("run the command again"), "{words}");
        let left = ["stopped", ".stopped.partial", ".stopped.lock"];
        assert!(left.iter().all(|name| !world.path(name).exists()), "SIG{signal} left something");
    }
}

#[test]
fn a_killed_extract_leaves_no_delivery_and_can_be_run_again() {
    let world = bulk();
    kill_midway(&world, &arguments("holder.toml", "killed"), "killed");
    let refused = ["no manifest.json", "writing was interrupted", "ask the holder for it again"];
    world.run("link --contract contract.toml --out never .killed.partial").fails(3, &refused);
    world
        .run("link --contract contract.toml --out never killed")
        .fails(3, &["killed: no such folder", "give the folder"]);
    extract(&world, "holder.toml", "killed", "").succeeds();
    same(&world.path("plain"), &world.path("killed"));
    assert!(!world.path(".killed.partial").exists() && !world.path(".killed.lock").exists());
}

#[test]
fn a_killed_link_leaves_no_dataset() {
    let world = bulk();
    world.link_key("killed.key", KEY);
    let line = "link --contract contract.toml --out dataset --link-key killed.key plain";
    kill_midway(&world, line, "dataset");
    assert!(!world.path("killed.key.history.json").exists());
    world.run(line).succeeds();
    assert!(!world.path(".dataset.partial").exists());
}

#[test]
fn a_second_run_to_the_same_folder_is_refused() {
    let world = bulk();
    let mut first = Command::new(crate::world::program())
        .current_dir(world.root())
        .args(arguments("holder.toml", "busy").split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !world.path(".busy.partial").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    extract(&world, "holder.toml", "busy", "").fails(3, &["busy", "another run is writing here", "wait for it"]);
    assert!(first.wait().unwrap().success());
    same(&world.path("plain"), &world.path("busy"));
}

#[test]
fn a_full_disk_is_named_when_rows_are_spilled() {
    let world = bulk();
    let Some(disk) = crate::faults::SmallDisk::mount(&world, "disk", 4096) else { return };
    let out = extract(&world, "holder.toml", "disk/out", "--memory 64MiB --rejects rejects.csv --audit audit.jsonl");
    out.fails(1, &["spilling next to disk/.out.partial", "free disk space or raise --memory"]);
    assert_eq!(fs::read_dir(world.path("disk")).unwrap().count(), 0);
    drop(disk);
}
