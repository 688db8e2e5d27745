//! Extracts that many processes make together: the delivery of one process, whatever the division of rows and parts.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray};
use salanimi::exchange::{Host, JobFileError};
use salanimi::extract::{
    ExtractError, ExtractJob, ExtractRows, FILE_COLUMN, JobPaths, ListPaths, Output, ROW_COLUMN, extract_part,
};
use salanimi::study::read_contract;
use salanimi::table::Parts;
use salanimi_core::{Day, Id};

use crate::tables::{read, text_columns, write_again};
use crate::world::World;

const MEMORY: usize = 64 << 20;
const FILES: [&str; 2] = ["town/one.parquet", "town/two.parquet"];

/// Divides the town's source into two Parquet files.
fn in_parquet(world: World) -> World {
    repeated(world, 1)
}

/// Divides the town's source into two Parquet files, each with its rows so many times.
fn repeated(world: World, times: usize) -> World {
    let columns = text_columns(&world.read("town/contacts.csv"));
    let rows = columns[0].1.len();
    for (file, (start, length)) in FILES.into_iter().zip([(0, rows / 3), (rows / 3, rows - rows / 3)]) {
        let columns = columns.iter().map(|(name, column)| (name.as_str(), column.slice(start, length)));
        write_again(&world.path(file), columns.collect(), times);
    }
    world.edit("town/holder.toml", "[\"contacts.csv\"]", "[\"one.parquet\", \"two.parquet\"]");
    world.edit("town/holder.toml", "format = \"csv\"\ndelimiter = \",\"\nencoding = \"utf-8\"", "format = \"parquet\"");
    world
}

fn host() -> Host {
    Host { read_contract, today: Day::parse("2026-11-29").unwrap() }
}

fn contacts() -> Id {
    Id::new("contacts").unwrap()
}

fn paths(world: &World, lists: ListPaths) -> JobPaths {
    let [contract, holder, key] = ["contract.toml", "town/holder.toml", "study.key"].map(|name| world.path(name));
    JobPaths { contract, holder, key, identities: Vec::new(), lists }
}

/// A job and its output.
struct Started {
    job: ExtractJob,
    parts: usize,
}

fn start(world: &World, out: &str, parts: usize, lists: ListPaths, unsealed: bool) -> Result<Started, ExtractError> {
    let (delivery, ledger) = (world.path(out), world.path(&format!("{out}.rejects.csv")));
    let mut output = Output::new(&delivery, &ledger);
    output.parts = Parts::new(parts).unwrap();
    output.unsealed = unsealed;
    let signing = (!unsealed).then(|| world.path("town.signing"));
    Ok(Started { job: ExtractJob::start(&paths(world, lists), signing, &output, host())?, parts })
}

/// Rows of the source with their places, at most `most` in a batch.
fn source(world: &World, most: usize) -> Vec<RecordBatch> {
    let batches = FILES.iter().flat_map(|file| {
        let rows = read(&world.path(file));
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        let places: [(&str, ArrayRef); 2] = [
            (FILE_COLUMN, Arc::new(StringArray::from(vec![name; rows.num_rows()]))),
            (ROW_COLUMN, Arc::new(Int64Array::from_iter_values(0..rows.num_rows() as i64))),
        ];
        let schema = rows.schema();
        let columns = schema.fields().iter().map(|field| field.name().as_str()).zip(rows.columns().iter().cloned());
        let all = RecordBatch::try_from_iter_with_nullable(columns.chain(places).map(|(n, c)| (n, c, true))).unwrap();
        let starts = (0..all.num_rows()).step_by(most);
        starts.map(|start| all.slice(start, most.min(all.num_rows() - start))).collect::<Vec<_>>()
    });
    batches.collect()
}

/// Statements of processes that read a batch each. `first` is the first number of an attempt.
fn read_rows(folder: &Path, batches: &[RecordBatch], first: u64) -> Vec<Vec<u8>> {
    let processes = batches.iter().zip(first..).map(|(batch, attempt)| {
        let rows = ExtractRows::open(folder, &contacts(), 0, attempt, host()).unwrap();
        rows.add(batch).unwrap();
        rows.finish().unwrap()
    });
    processes.collect()
}

fn write_part(folder: &Path, part: usize, attempt: u64) -> Result<Vec<u8>, ExtractError> {
    extract_part(folder, &contacts(), part, attempt, MEMORY, host())
}

impl Started {
    fn folder(&self) -> PathBuf {
        self.job.folder()
    }

    fn write_parts(&self) -> Vec<Vec<u8>> {
        (0..self.parts).rev().map(|part| write_part(&self.folder(), part, part as u64).unwrap()).collect()
    }

    /// Runs the whole job in processes of at most `most` rows.
    fn run(mut self, world: &World, most: usize) {
        let mut read = read_rows(&self.folder(), &source(world, most), 0);
        read.reverse();
        self.job.add_rows(&contacts(), &read).unwrap();
        self.job.add_parts(&contacts(), &self.write_parts()).unwrap();
        self.job.finish().unwrap();
    }
}

/// Asserts that two folders hold the same files with the same bytes.
fn are_equal(world: &World, one: &str, other: &str) {
    let below = |folder: &str| {
        let names =
            world.files().into_iter().filter_map(|name| Some(name.strip_prefix(&format!("{folder}/"))?.to_owned()));
        names.collect::<Vec<_>>()
    };
    assert_eq!(below(one), below(other));
    for name in below(one) {
        assert!(world.read(&format!("{one}/{name}")) == world.read(&format!("{other}/{name}")), "{name} differs");
    }
}

#[test]
fn any_division_of_rows_and_parts_gives_the_bytes_of_one_process() {
    let world = in_parquet(World::good());
    let lists = || ListPaths {
        cohort: Some(world.path("lists/cohort.txt")),
        exclude: Some(world.path("lists/exclude.txt")),
        protect: Some(world.path("lists/protect.txt")),
    };
    let given = "--cohort lists/cohort.txt --exclude lists/exclude.txt --protect lists/protect.txt";
    for (parts, most, with_lists) in [(1, 1_000, false), (1, 3, true), (8, 7, false), (8, 1, true), (64, 100, false)] {
        let (binary, cluster) = (format!("one-{parts}-{most}"), format!("many-{parts}-{most}"));
        let more = if with_lists { given } else { "" };
        world.extract("town", &binary, &format!("--parts {parts} {more}")).succeeds();
        let lists = if with_lists { lists() } else { ListPaths::default() };
        start(&world, &cluster, parts, lists, true).unwrap().run(&world, most);
        are_equal(&world, &binary, &cluster);
        let ledgers = [binary, cluster].map(|name| world.read(&format!("{name}.rejects.csv")));
        assert!(ledgers[0] == ledgers[1] && ledgers[0].len() > 40, "{parts} {most}");
    }
    assert!(!world.files().iter().any(|name| name.contains("work") || name.contains("job.json")));
}

#[test]
fn a_table_without_rows_has_an_empty_file() {
    let world = in_parquet(World::good());
    // Nobody in the source has this code.
    world.write("nobody.txt", "020594X903P\n");
    for parts in [1, 8] {
        let (binary, cluster) = (format!("one-{parts}"), format!("many-{parts}"));
        world.extract("town", &binary, &format!("--parts {parts} --cohort nobody.txt")).succeeds();
        let lists = ListPaths { cohort: Some(world.path("nobody.txt")), ..ListPaths::default() };
        start(&world, &cluster, parts, lists, true).unwrap().run(&world, 5);
        are_equal(&world, &binary, &cluster);
    }
}

#[test]
fn a_sealed_table_is_sealed_and_divided_as_by_one_process() {
    let world = in_parquet(World::of_parties());
    world.extract_signed("town", "one", "--parts 8").succeeds();
    start(&world, "d-town", 8, ListPaths::default(), false).unwrap().run(&world, 10);
    let tables = |delivery: &str| {
        let shown = world.run(&format!("show {delivery} --contract contract.toml --identity linker.identity --json"));
        let mut account = shown.succeeds().json();
        account["manifest"]["files"] = serde_json::Value::Null;
        account["account"].clone()
    };
    assert_eq!(tables("one"), tables("d-town"));
    assert!(world.path("d-town/contacts.parquet").exists(), "a small sealed table is one file");
    world.extract_signed("kela", "d-kela", "").succeeds();
    world.link_sealed("linked", "").succeeds();
    let contract = "--contract contract.toml --identity linker.identity";
    world.run(&format!("verify d-town {contract} --attack none")).succeeds();
}

#[test]
fn repeats_count_for_the_parts_of_a_sealed_table() {
    let world = repeated(World::of_parties(), 60);
    world.extract_signed("town", "one", "--parts 8").succeeds();
    start(&world, "many", 8, ListPaths::default(), false).unwrap().run(&world, 1_000);
    let names = |folder: &str| {
        let files = world.files().into_iter().filter_map(|name| Some(name.strip_prefix(folder)?.to_owned()));
        files.filter(|name| name.ends_with(".parquet")).collect::<Vec<_>>()
    };
    assert_eq!(names("one/"), names("many/"));
    assert_eq!(names("one/").len(), 2, "{:?}", names("one/"));
}

#[test]
fn files_of_attempts_that_stated_nothing_are_removed() {
    let world = in_parquet(World::good());
    world.extract("town", "one", "--parts 8").succeeds();
    let mut started = start(&world, "many", 8, ListPaths::default(), true).unwrap();
    read_rows(&started.folder(), &source(&world, 9), 100);
    started.job.add_rows(&contacts(), &read_rows(&started.folder(), &source(&world, 9), 0)).unwrap();
    (0..8).for_each(|part| drop(write_part(&started.folder(), part, 100).unwrap()));
    started.job.add_parts(&contacts(), &started.write_parts()).unwrap();
    started.job.finish().unwrap();
    are_equal(&world, "one", "many");
}

#[test]
fn a_part_that_is_missing_or_stated_twice_is_refused() {
    let world = in_parquet(World::good());
    for fault in ["missing", "twice", "one for another"] {
        let mut started = start(&world, "many", 8, ListPaths::default(), true).unwrap();
        let read = read_rows(&started.folder(), &source(&world, 5), 0);
        started.job.add_rows(&contacts(), &read).unwrap();
        let mut parts = started.write_parts();
        match fault {
            "missing" => drop(parts.pop()),
            "twice" => parts.push(parts[0].clone()),
            _ => parts[1] = parts[0].clone(),
        }
        let error = started.job.add_parts(&contacts(), &parts).unwrap_err();
        assert!(matches!(error, ExtractError::MissingParts { .. }), "{fault}: {error}");
        // The message says what to do, and it can be done.
        let parts = (0..8).map(|part| write_part(&started.folder(), part, 50).unwrap()).collect::<Vec<_>>();
        started.job.add_parts(&contacts(), &parts).unwrap();
        drop(started);
        world.has_nothing_of("many");
    }
}

#[test]
fn parts_of_other_rows_than_were_read_are_refused() {
    let world = in_parquet(World::good());
    let batches = source(&world, 5);
    let mut all = start(&world, "many", 2, ListPaths::default(), true).unwrap();
    let read = read_rows(&all.folder(), &batches, 0);
    all.job.add_rows(&contacts(), &read[1..]).unwrap();
    let list = all.folder().join("contacts-rows-of-part-00000");
    let fewer = fs::read(&list).unwrap();
    drop(all);
    let mut other = start(&world, "many", 2, ListPaths::default(), true).unwrap();
    let read = read_rows(&other.folder(), &batches, 0);
    other.job.add_rows(&contacts(), &read).unwrap();
    fs::write(other.folder().join("contacts-rows-of-part-00000"), fewer).unwrap();
    let error = write_part(&other.folder(), 0, 1).unwrap_err();
    assert!(is_no_job(&error), "the list of another job: {error}");
    let twice = [read.clone(), vec![read[0].clone()]].concat();
    drop(other);
    let mut job = start(&world, "many", 2, ListPaths::default(), true).unwrap().job;
    assert!(matches!(job.add_rows(&contacts(), &twice), Err(ExtractError::NotStatement)), "of another job");
    let read = read_rows(&job.folder(), &batches, 0);
    let twice = [read.clone(), vec![read[0].clone()]].concat();
    assert!(matches!(job.add_rows(&contacts(), &twice), Err(ExtractError::StatedTwice { .. })));
}

#[test]
fn parts_tables_and_columns_that_are_not_there_are_refused() {
    let world = in_parquet(World::good());
    let mut started = start(&world, "many", 8, ListPaths::default(), true).unwrap();
    let folder = started.folder();
    assert!(matches!(write_part(&folder, 3, 0), Err(ExtractError::NoRows { .. })), "before the rows are added");
    let read = read_rows(&folder, &source(&world, 1_000), 0);
    assert!(matches!(started.job.add_parts(&contacts(), &[]), Err(ExtractError::NoRows { .. })));
    started.job.add_rows(&contacts(), &read).unwrap();
    assert!(matches!(started.job.add_rows(&contacts(), &read), Err(ExtractError::RowsTwice { .. })));
    assert!(matches!(write_part(&folder, 8, 0), Err(ExtractError::NoSuchPart { part: 8, .. })));
    let other = Id::new("support").unwrap();
    for (table, source) in [(&other, 0), (&contacts(), 1)] {
        assert!(matches!(ExtractRows::open(&folder, table, source, 9, host()), Err(ExtractError::NoTable { .. })));
    }
    assert!(matches!(extract_part(&folder, &other, 0, 0, MEMORY, host()), Err(ExtractError::NoTable { .. })));
    let rows = ExtractRows::open(&folder, &contacts(), 0, 9, host()).unwrap();
    let batch = &source(&world, 3)[0];
    let without: Vec<usize> = (0..batch.num_columns() - 1).collect();
    let error = rows.add(&batch.project(&without).unwrap()).unwrap_err();
    assert!(error.to_string().contains(ROW_COLUMN), "{error}");
    for places in [vec![Some(0), None, Some(1)], vec![Some(-1), Some(0), Some(1)], vec![Some(i64::MAX); 3]] {
        let mut columns = batch.columns().to_vec();
        *columns.last_mut().unwrap() = Arc::new(Int64Array::from(places));
        let placed = RecordBatch::try_new(batch.schema(), columns).unwrap();
        assert!(matches!(rows.add(&placed), Err(ExtractError::NoPlace { .. })));
    }
    assert!(matches!(started.job.finish(), Err(ExtractError::TableOrder { .. })));
}

#[test]
fn statements_of_others_and_changed_ones_are_refused() {
    let world = in_parquet(World::good());
    let mut started = start(&world, "many", 2, ListPaths::default(), true).unwrap();
    let other = start(&world, "other", 2, ListPaths::default(), true).unwrap();
    let read = read_rows(&started.folder(), &source(&world, 9), 0);
    let foreign = read_rows(&other.folder(), &source(&world, 9), 0);
    let mut changed = read[0].clone();
    changed[40] ^= 1;
    for wrong in [foreign[0].clone(), changed.clone(), b"{}".to_vec(), Vec::new()] {
        let error = started.job.add_rows(&contacts(), &[read[0].clone(), wrong]).unwrap_err();
        assert!(matches!(error, ExtractError::NotStatement), "{error}");
    }
    started.job.add_rows(&contacts(), &read).unwrap();
    let parts = started.write_parts();
    for wrong in [read[0].clone(), changed, Vec::new()] {
        let error = started.job.add_parts(&contacts(), &[parts[0].clone(), wrong]).unwrap_err();
        assert!(matches!(error, ExtractError::NotStatement), "{error}");
    }
    assert!(!read.iter().chain(&parts).any(|statement| statement.windows(4).any(|bytes| bytes == b"rows")));
    started.job.add_parts(&contacts(), &parts).unwrap();
}

#[test]
fn rows_wait_encrypted_and_a_changed_file_is_refused() {
    let world = in_parquet(World::good());
    let mut started = start(&world, "many", 2, ListPaths::default(), true).unwrap();
    let stated = read_rows(&started.folder(), &source(&world, 1_000), 0);
    started.job.add_rows(&contacts(), &stated).unwrap();
    world.extract("town", "one", "").succeeds();
    let delivered = read(&world.path("one/contacts.parquet"));
    let column: &FixedSizeBinaryArray = delivered.column(0).as_any().downcast_ref().unwrap();
    let pseudonyms: Vec<Vec<u8>> = column.iter().flatten().map(<[u8]>::to_vec).collect();
    assert!(pseudonyms.len() > 10);
    for entry in fs::read_dir(started.folder()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!pseudonyms.iter().any(|one| bytes.windows(one.len()).any(|window| window == one)));
    }
    let rows = started.folder().join("contacts-0-0.rows");
    let mut bytes = fs::read(&rows).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&rows, bytes).unwrap();
    assert!((0..2).any(|part| matches!(write_part(&started.folder(), part, 0), Err(ExtractError::JobRows(_)))));
}

#[test]
fn a_host_with_other_inputs_than_the_job_is_refused() {
    let world = in_parquet(World::good());
    let lists = ListPaths { exclude: Some(world.path("lists/exclude.txt")), ..ListPaths::default() };
    let started = start(&world, "many", 2, lists, true).unwrap();
    let attempts = std::cell::Cell::new(0);
    let open = || {
        attempts.set(attempts.get() + 1);
        ExtractRows::open(&started.folder(), &contacts(), 0, attempts.get(), host()).map(drop)
    };
    open().unwrap();
    for (file, from, to, what) in [
        ("town/holder.toml", "ignore", "#\nignore", "holder file"),
        ("contract.toml", "title = \"", "title = \"Another ", "contract"),
        ("lists/exclude.txt", "140775V308Y", "250992U113S", "list of excluded persons"),
    ] {
        let before = world.read(file);
        world.edit(file, from, to);
        let error = open().unwrap_err();
        assert!(is_of_host(&error, &format!("the {what} on this host is another one")), "{what}: {error}");
        world.write(file, before);
    }
    fs::remove_file(world.path("study.key")).unwrap();
    assert!(is_of_host(&open().unwrap_err(), "study.key: No such file"));
    world.key("study.key", *b"another key for the tests only..");
    assert!(is_of_host(&open().unwrap_err(), "the project key on this host is another one"));
    let job = started.folder().join("job.json");
    let text = fs::read_to_string(&job).unwrap();
    assert!(!text.contains("030261U2179"));
    fs::write(&job, text.replace("salanimi 0", "salanimi 9")).unwrap();
    assert!(is_of_host(&open().unwrap_err(), "the job was started with salanimi 9"));
    fs::write(&job, &text[1..]).unwrap();
    assert!(is_no_job(&open().unwrap_err()));
    fs::remove_file(&job).unwrap();
    assert!(matches!(open(), Err(ExtractError::JobFile(JobFileError::File(_)))));
}

#[test]
fn sources_that_are_not_in_parquet_are_refused_at_the_start() {
    let world = World::good();
    let error = start(&world, "many", 2, ListPaths::default(), true).err().unwrap();
    assert!(matches!(error, ExtractError::NotParquet { .. }), "{error}");
    world.has_nothing_of("many");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_text_is_refused_and_nothing_is_left() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let world = in_parquet(World::good());
    let key = world.path("").join(OsStr::from_bytes(b"study\xff.key"));
    fs::copy(world.path("study.key"), &key).unwrap();
    let paths = JobPaths { key, ..paths(&world, ListPaths::default()) };
    let (delivery, ledger) = (world.path("many"), world.path("many.rejects.csv"));
    let output = Output { unsealed: true, ..Output::new(&delivery, &ledger) };
    let error = ExtractJob::start(&paths, None, &output, host()).err().unwrap();
    assert!(matches!(error, ExtractError::PathNotText), "{error}");
    world.has_nothing_of("many");
}

fn is_no_job(error: &ExtractError) -> bool {
    matches!(error, ExtractError::JobFile(JobFileError::NotJob { .. })) && !error.is_of_host()
}

fn is_of_host(error: &ExtractError, words: &str) -> bool {
    error.is_of_host() && error.to_string().contains(words)
}
