//! Links that many processes make together: the dataset of one process, whatever the number of ranges and parts.

use std::fs;
use std::path::{Path, PathBuf};

use salanimi::exchange::{Host, JobFileError};
use salanimi::link::{LinkError, LinkJob, LinkPaths, link_part, link_range};
use salanimi::study::read_contract;
use salanimi::table::Parts;
use salanimi_core::Day;

use crate::tables::read;
use crate::world::World;

const MEMORY: usize = 1 << 20;
const DELIVERIES: [&str; 2] = ["d-kela", "d-town"];

fn host() -> Host {
    Host { read_contract, today: Day::parse("2026-11-30").unwrap() }
}

/// A world with deliveries, and two copies of a link key for two links.
fn delivered(kela: &str) -> World {
    let world = World::good();
    world.extract("kela", "d-kela", kela).succeeds();
    world.extract("town", "d-town", "").succeeds();
    ["one.key", "linker.key"].into_iter().for_each(|name| world.link_key(name, [7; 32]));
    world
}

fn paths(world: &World) -> LinkPaths {
    LinkPaths {
        contract: world.path("contract.toml"),
        deliveries: DELIVERIES.map(|name| world.path(name)).to_vec(),
        link_key: world.path("linker.key"),
        identities: Vec::new(),
    }
}

fn start(world: &World, parts: usize) -> Result<LinkJob, LinkError> {
    LinkJob::start(&paths(world), &world.path("many"), Parts::new(parts).unwrap(), false, host())
}

fn ranges(folder: &Path, parts: usize, attempt: u64) -> Vec<Vec<u8>> {
    (0..parts).rev().map(|range| link_range(folder, range, attempt, MEMORY, host()).unwrap()).collect()
}

fn written(folder: &Path, parts: usize, attempt: u64) -> Vec<Vec<u8>> {
    (0..parts).rev().map(|part| link_part(folder, part, attempt, MEMORY, host()).unwrap()).collect()
}

/// Names of the files below a folder of the world.
fn below(world: &World, folder: &str) -> Vec<String> {
    let prefix = format!("{folder}/");
    world.files().into_iter().filter_map(|name| Some(name.strip_prefix(&prefix)?.to_owned())).collect()
}

#[test]
fn any_number_of_ranges_and_parts_gives_the_dataset_of_one_process() {
    for (parts, kela) in [(1, ""), (2, "--parts 8"), (64, "--parts 2")] {
        let world = delivered(kela);
        world.link("one", "--link-key one.key d-kela d-town").succeeds();
        let mut job = start(&world, parts).unwrap();
        // An attempt whose statement is lost leaves files that do not count.
        link_range(&job.folder(), 0, 9, MEMORY, host()).unwrap();
        job.add_ranges(&ranges(&job.folder(), parts, 1)).unwrap();
        link_part(&job.folder(), 0, 9, MEMORY, host()).unwrap();
        let parts_written = written(&job.folder(), parts, 1);
        job.add_parts(&parts_written).unwrap();
        job.finish().unwrap().0.publish().unwrap();
        assert!(world.read("one.accounting.json") == world.read("many.accounting.json"), "{parts}");
        let tables = below(&world, "many").into_iter().filter(|name| name.ends_with(".parquet")).collect::<Vec<_>>();
        assert!(tables.len() >= 4, "{tables:?}");
        for name in below(&world, "one") {
            let [one, many] = ["one", "many"].map(|folder| format!("{folder}/{name}"));
            if name.ends_with(".parquet") {
                assert_eq!(read(&world.path(&one)), read(&world.path(&many)), "{parts} {name}");
                // One part has the row groups of one process.
                assert_eq!(
                    world.read(&one) == world.read(&many),
                    parts == 1 || read(&world.path(&one)).num_rows() == 0
                );
            }
        }
        assert!(!below(&world, "many").iter().any(|name| name.contains('/') || name.contains("part-")));
        assert!(world.path("linker.key.history.json").exists());
        world.link("again", "--link-key linker.key d-kela d-town").succeeds();
    }
}

#[test]
fn ranges_and_parts_that_are_missing_twice_or_of_others_are_refused() {
    let world = delivered("");
    let mut job = start(&world, 2).unwrap();
    let folder = job.folder();
    let good = ranges(&folder, 2, 1);
    let missing = |found: Result<(), LinkError>| assert!(matches!(found, Err(LinkError::MissingStatements { .. })));
    for wrong in [vec![], vec![good[0].clone()], vec![good[0].clone(); 2], [good.clone(), good.clone()].concat()] {
        missing(job.add_ranges(&wrong));
    }
    let mut changed = good[1].clone();
    changed[50] ^= 1;
    for wrong in [changed, Vec::new(), b"{}".to_vec()] {
        let found = job.add_ranges(&[good[0].clone(), wrong]);
        assert!(matches!(found, Err(LinkError::NotStatement)));
    }
    assert!(
        matches!(link_part(&folder, 0, 1, MEMORY, host()), Err(LinkError::NoRanges)),
        "before the ranges are added"
    );
    assert!(matches!(job.add_parts(&[]), Err(LinkError::NoRanges)));
    job.add_ranges(&good).unwrap();
    assert!(matches!(job.add_ranges(&good), Err(LinkError::RangesTwice)));
    assert!(matches!(link_range(&folder, 2, 1, MEMORY, host()), Err(LinkError::NoSuchPart { part: 2, parts: 2 })));
    assert!(matches!(link_part(&folder, 2, 1, MEMORY, host()), Err(LinkError::NoSuchPart { part: 2, parts: 2 })));
    let parts = written(&folder, 2, 1);
    let found = job.add_parts(&[parts[0].clone(), parts[0].clone()]);
    assert!(matches!(found, Err(LinkError::MissingStatements { what: "part" })));
    // The message says what to do, and it can be done.
    job.add_parts(&parts).unwrap();
    job.finish().unwrap().0.publish().unwrap();
    let again = LinkJob::start(&paths(&world), &world.path("again"), Parts::new(2).unwrap(), false, host()).unwrap();
    assert!(matches!(again.finish(), Err(LinkError::NoRanges)));
    let mut again =
        LinkJob::start(&paths(&world), &world.path("again"), Parts::new(2).unwrap(), false, host()).unwrap();
    again.add_ranges(&ranges(&again.folder(), 2, 1)).unwrap();
    assert!(matches!(again.add_parts(&parts), Err(LinkError::NotStatement)), "parts of another job");
    assert!(matches!(again.finish(), Err(LinkError::MissingStatements { what: "part" })));
    world.has_nothing_of("again");
}

#[test]
fn files_that_were_changed_between_the_processes_are_refused() {
    let world = delivered("");
    let change = |path: PathBuf| {
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    };
    let mut job = start(&world, 1).unwrap();
    job.add_ranges(&ranges(&job.folder(), 1, 1)).unwrap();
    let rows = job.folder().join("range-00000-1.rows");
    change(rows.clone());
    assert!(matches!(link_part(&job.folder(), 0, 1, MEMORY, host()), Err(LinkError::JobRows(_))));
    change(rows);
    let parts = written(&job.folder(), 1, 2);
    change(job.folder().join("part-00000-2-persons.parquet"));
    job.add_parts(&parts).unwrap();
    let error = job.finish().err().unwrap().to_string();
    assert!(error.contains("not the file that was written"), "{error}");
    world.has_nothing_of("many");
}

#[test]
fn rows_wait_encrypted_and_no_file_holds_the_key() {
    let world = delivered("");
    world.link("one", "--link-key one.key d-kela d-town").succeeds();
    let mut job = start(&world, 2).unwrap();
    job.add_ranges(&ranges(&job.folder(), 2, 1)).unwrap();
    let persons = read(&world.path("one/persons.parquet"));
    let ids = persons.column(0).as_any().downcast_ref::<arrow::array::StringArray>().unwrap();
    let decode = |id: &str| data_encoding::BASE32HEX_NOPAD.decode(id.as_bytes()).unwrap();
    let mut needles: Vec<Vec<u8>> = ids.iter().flatten().map(decode).collect();
    assert!(needles.len() > 5);
    needles.extend([vec![7; 32], "07".repeat(32).into_bytes()]);
    for entry in fs::read_dir(job.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = |needle: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!needles.iter().any(holds), "{}", path.display());
    }
    job.abandon();
    world.has_nothing_of("many");
}

#[test]
fn a_host_with_other_inputs_than_the_link_is_refused() {
    let world = delivered("");
    let job = start(&world, 2).unwrap();
    let open = || link_range(&job.folder(), 0, 1, MEMORY, host()).map(drop);
    let before = world.read("contract.toml");
    world.edit("contract.toml", "title = \"", "title = \"Another ");
    assert!(is_of_host(&open().unwrap_err(), "the contract or link key on this host is another one"));
    world.write("contract.toml", before);
    fs::rename(world.path("d-town"), world.path("away")).unwrap();
    assert!(is_of_host(&open().unwrap_err(), "d-town"));
    world.edit("town/holder.toml", "number = 1", "number = 2");
    world.extract("town", "d-town", "").succeeds();
    assert!(is_of_host(&open().unwrap_err(), "d-town on this host is another one"));
    fs::remove_dir_all(world.path("d-town")).unwrap();
    fs::rename(world.path("away"), world.path("d-town")).unwrap();
    fs::remove_file(world.path("linker.key")).unwrap();
    assert!(is_of_host(&open().unwrap_err(), "linker.key: No such file"));
    world.link_key("linker.key", [8; 32]);
    assert!(is_of_host(&open().unwrap_err(), "the contract or link key on this host is another one"));
    let file = job.folder().join("job.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("salanimi 0", "salanimi 9")).unwrap();
    assert!(is_of_host(&open().unwrap_err(), "the job was started with salanimi 9"));
    fs::write(&file, &text[1..]).unwrap();
    let error = open().unwrap_err();
    assert!(matches!(error, LinkError::JobFile(JobFileError::NotJob { .. })) && !error.is_of_host());
}

#[test]
fn a_link_that_cannot_be_made_in_parts_or_at_all_is_refused_at_the_start() {
    let world = delivered("");
    fs::write(world.path("d-town/contacts.parquet"), "PAR1").unwrap();
    assert!(matches!(start(&world, 2), Err(LinkError::Delivery(_))));
    world.has_nothing_of("many");
    let world = delivered("");
    let only_town = LinkPaths { deliveries: vec![world.path("d-town")], ..paths(&world) };
    let found = LinkJob::start(&only_town, &world.path("many"), Parts::ONE, false, host());
    assert!(matches!(found, Err(LinkError::NoPopulation { .. })));
    world.has_nothing_of("many");
    let linkage = "[exchange.linkage]\nrules = \"fi-16/1\"\nkind = \"hetu\"\nground = \"Permit section 4\"\n\n\
                   [[exchange.tables]]";
    world.edit("contract.toml", "[[exchange.tables]]\nname = \"contacts\"", format!("{linkage}\nname = \"contacts\""));
    let fields = "linkage = { given = \"first_name\", surname = \"note\" }\nunique = [\"person_code\", \"day\"";
    world.edit("contract.toml", "unique = [\"person_code\", \"day\"", fields);
    let found = start(&world, 2).err().unwrap();
    assert!(matches!(found, LinkError::LinkageInParts), "{found}");
}

fn is_of_host(error: &LinkError, words: &str) -> bool {
    error.is_of_host() && error.to_string().contains(words)
}
