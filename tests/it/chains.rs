//! Deliveries that cannot be linked: changed, given twice, replayed, with gaps, or at odds with each other.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use salanimi::crypto::Unlock;
use salanimi::exchange::{Delivery, DeliveryError};
use serde_json::json;

use crate::world::{BOTH, Run, World, copy};

impl World {
    /// Makes delivery `number` of the town for the days `first` to `last` under the name `out`.
    fn town_delivers(&self, out: &str, number: u32, period: (&str, &str), replaces: Option<(u32, &str)>) {
        self.delivers("town", out, number, period, replaces);
    }

    fn delivers(
        &self,
        holder: &str,
        out: &str,
        number: u32,
        (first, last): (&str, &str),
        replaces: Option<(u32, &str)>,
    ) {
        let name = &format!("{holder}/holder.toml");
        let original = self.text(name);
        self.edit(name, "number = 1", format!("number = {number}"));
        let period = format!("period = {{ first = \"{first}\", last = \"{last}\" }}");
        let replaced = replaces.map_or_else(String::new, |(number, of)| {
            let digest = salanimi::crypto::Digest::of(&self.read(&format!("{of}/manifest.json")));
            format!("\nreplaces = {{ number = {number}, manifest = \"{digest}\" }}")
        });
        self.edit(name, "period = { first = \"2017-01-01\", last = \"2018-12-31\" }", period + &replaced);
        self.extract(holder, out, "").succeeds();
        self.write(name, original);
    }

    fn refuses(&self, deliveries: &str, words: &[&str]) {
        self.link("linked", deliveries).fails(3, words);
        self.has_nothing_of("linked");
    }
}

/// A delivery, opened as the link does.
fn open(world: &World, delivery: &str) -> Result<Delivery, DeliveryError> {
    let contract = salanimi::study::read_contract(&world.path("contract.toml")).unwrap();
    Delivery::open(&world.path(delivery), &contract, &Unlock::default())
}

const YEAR_1: (&str, &str) = ("2017-01-01", "2017-12-31");
const YEAR_2: (&str, &str) = ("2018-01-01", "2018-12-31");

#[test]
fn a_delivery_changed_by_one_byte_is_refused() {
    let world = World::delivered();
    for table in ["support", "notices"] {
        let file = format!("d-kela/{table}.parquet");
        let whole = world.read(&file);
        for at in (0..whole.len()).step_by(97).chain([1, whole.len() / 2, whole.len() - 1]) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            world.write(&file, &changed);
            let error = open(&world, "d-kela").err().unwrap().to_string();
            assert!(error.contains(&format!("{table}.parquet: the content differs from the manifest")), "{error}");
        }
        world.refuses(BOTH, &[&file, "the content differs from the manifest", "ask the holder for it again"]);
        world.write(&file, [whole.as_slice(), b"\0"].concat());
        world.refuses(BOTH, &[&file, "the content differs from the manifest"]);
        world.write(&file, whole);
    }
    world.link("linked", BOTH).succeeds();
}

#[test]
fn a_manifest_changed_by_one_byte_never_brings_the_tool_down() {
    let world = World::delivered();
    let contract = salanimi::study::read_contract(&world.path("contract.toml")).unwrap();
    let whole = world.read("d-town/manifest.json");
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 7);
        world.write("d-town/manifest.json", &changed);
        let opened = catch_unwind(|| open(&world, "d-town"));
        // What is no JSON, or of another form, or does not agree with the files is refused; the rest is for signatures.
        if let Ok(delivery) = opened.expect("no panic") {
            let _ = delivery.tables(&contract);
        }
    }
}

#[test]
fn a_manifest_that_is_no_manifest_is_refused() {
    let world = World::delivered();
    let refused = |change: &dyn Fn(&mut serde_json::Value), words: &[&str]| {
        let before = world.read("d-kela/manifest.json");
        world.edit_json("d-kela/manifest.json", change);
        world.refuses(BOTH, words);
        world.write("d-kela/manifest.json", before);
    };
    refused(&|m| m["format"] = json!("salanimi-delivery/3"), &["d-kela/manifest.json", "not a delivery manifest"]);
    refused(&|m| m["more"] = json!(1), &["d-kela/manifest.json", "not a delivery manifest"]);
    refused(
        &|m| m["account"]["tables"][0]["records"] = json!(1),
        &["d-kela", "table 1 of the account does not balance", "ask the holder"],
    );
    refused(
        &|m| m["account"]["tables"][0]["file"] = json!("../d-town/contacts.parquet"),
        &["d-kela", "does not list the file of table 1"],
    );
    let outside = |m: &mut serde_json::Value| m["files"]["../d-town/contacts.parquet"] = json!("0".repeat(64));
    refused(&outside, &["d-kela/manifest.json", "outside the delivery's folder", "do not use"]);
    refused(
        &|m| m["account"]["tables"][0]["name"] = json!("contacts"),
        &["kela delivery 1 states a table, column, role"],
    );
    refused(
        &|m| m["account"]["tables"][1]["name"] = json!("support"),
        &["kela delivery 1 states a table, column, role"],
    );
    let rows = |m: &mut serde_json::Value| {
        for count in ["rows", "records"] {
            let number = m["account"]["tables"][1][count].as_u64().unwrap();
            m["account"]["tables"][1][count] = json!(number + 1);
        }
    };
    refused(&rows, &["d-kela/notices.parquet", "another number of rows", "ask the holder"]);
    world.write("d-kela/manifest.json", "{}");
    world.refuses(BOTH, &["d-kela/manifest.json", "not a delivery manifest", "ask the holder for it again"]);
}

#[test]
fn a_folder_that_is_no_delivery_is_refused() {
    let world = World::delivered();
    world.refuses("d-kela town", &["town: no manifest.json", "ask the holder for it again"]);
    world.refuses("d-kela nowhere", &["nowhere: no such folder", "give the folder"]);
    fs::remove_file(world.path("d-kela/notices.parquet")).unwrap();
    world.refuses(BOTH, &["d-kela/notices.parquet", "it is not there"]);
    std::os::unix::fs::symlink("../d-kela/support.parquet", world.path("d-kela/notices.parquet")).unwrap();
    world.refuses(BOTH, &["d-kela/notices.parquet"]);
}

#[test]
fn the_same_delivery_twice_is_refused() {
    let world = World::delivered();
    world.refuses("d-town d-kela d-town", &["town delivery 1 is given twice", "name each delivery once"]);
    world.copy("d-town", "copied");
    world.refuses("d-town d-kela copied", &["town delivery 1 is given twice"]);
}

#[test]
fn a_kept_link_key_links_what_it_knows_again_beside_a_correction_and_refuses_what_is_older() {
    let world = World::delivered();
    let kept = |deliveries: &str| format!("--link-key link.key {deliveries}");
    world.link("dataset-1", &kept(BOTH)).succeeds();
    world.link("dataset-2", &kept(BOTH)).succeeds();
    assert_eq!(world.read("dataset-1/persons.parquet"), world.read("dataset-2/persons.parquet"));
    world.town_delivers("wrong", 2, ("2019-01-01", "2019-12-31"), Some((1, "d-kela")));
    world.refuses(&kept("wrong"), &["town delivery 2", "replaces a delivery 1 whose manifest differs"]);
    world.town_delivers("right", 2, ("2017-01-01", "2018-12-31"), Some((1, "d-town")));
    // Alone it would link nobody.
    world.refuses(&kept("right"), &["no delivery has rows of a table of the population"]);
    world.link("dataset-3", &kept("d-kela right")).succeeds();
    assert_eq!(world.read("dataset-1/persons.parquet"), world.read("dataset-3/persons.parquet"));
    world.refuses(&kept("d-kela d-town"), &["town delivery 1 is not newer than delivery 2", "give the newest"]);
    world.link("dataset-4", &kept("d-kela d-town right")).succeeds();
    world.delivers("kela", "other", 1, ("2017-01-01", "2018-06-30"), None);
    world.refuses(&kept("other right"), &["kela delivery 1 is not newer than delivery 1"]);
}

#[test]
fn a_failed_link_leaves_the_history_of_its_key_as_it_was() {
    let world = World::delivered();
    world.write("linked/mine", "mine");
    world.link("linked", &format!("--link-key link.key {BOTH}")).fails(3, &["the output exists"]);
    assert!(!world.path("link.key.history.json").exists());
    world.link("other", &format!("--link-key study.key {BOTH}")).fails(3, &["a project key", "a link key is needed"]);
    world.write("link.key.history.json", "[]");
    world.link("other", &format!("--link-key link.key {BOTH}")).fails(3, &["link.key.history.json", "restore it"]);
    world.has_nothing_of("other");
}

#[test]
fn a_gap_in_the_numbers_is_refused() {
    let world = World::good();
    world.town_delivers("one", 1, YEAR_1, None);
    world.town_delivers("three", 3, YEAR_2, None);
    world.refuses("one three", &["town: delivery 2 is missing before delivery 3", "ask the holder for it"]);
    world.refuses("three", &["town: delivery 1 is missing before delivery 3"]);
}

#[test]
fn a_gap_between_periods_is_refused() {
    let world = World::good();
    world.town_delivers("one", 1, ("2017-01-01", "2017-12-30"), None);
    world.town_delivers("two", 2, YEAR_2, None);
    world.refuses("one two", &["town delivery 2 begins on 2018-01-01", "ends on 2017-12-30", "are missing"]);
}

#[test]
fn an_overlap_of_periods_is_refused() {
    let world = World::good();
    world.town_delivers("one", 1, ("2017-01-01", "2018-01-01"), None);
    world.town_delivers("two", 2, YEAR_2, None);
    world.refuses("two one", &["town delivery 2 begins on 2018-01-01", "they overlap", "that it replaces"]);
}

#[test]
fn a_chain_without_gap_or_overlap_is_linked_in_any_order() {
    let world = World::good();
    world.extract("kela", "d-kela", "").succeeds();
    world.town_delivers("one", 1, YEAR_1, None);
    world.town_delivers("two", 2, YEAR_2, None);
    world.town_delivers("three", 3, YEAR_1, Some((1, "one")));
    for deliveries in ["two d-kela one", "d-kela one two three", "three two d-kela"] {
        let name = deliveries.replace(' ', "+");
        world.link(&name, deliveries).succeeds();
    }
}

#[test]
fn a_correction_of_another_delivery_than_the_one_given_is_refused() {
    let world = World::good();
    world.town_delivers("one", 1, YEAR_1, None);
    world.town_delivers("two", 2, YEAR_2, None);
    world.town_delivers("three", 3, YEAR_1, Some((1, "two")));
    world.refuses("one two three", &["town delivery 3 replaces a delivery 1 whose manifest differs", "ask the holder"]);
}

#[test]
fn two_corrections_of_one_delivery_are_refused() {
    let world = World::good();
    world.town_delivers("one", 1, YEAR_1, None);
    world.town_delivers("two", 2, YEAR_1, Some((1, "one")));
    world.town_delivers("three", 3, YEAR_1, Some((1, "one")));
    world.refuses("one two three", &["town delivery 3", "overlap"]);
}

/// Links the good delivery of Kela with one that the town made in a changed world.
fn with_another_town(change: impl FnOnce(&World)) -> World {
    let world = World::delivered();
    let other = World::good();
    change(&other);
    other.extract("town", "d-town", "").succeeds();
    fs::remove_dir_all(world.path("d-town")).unwrap();
    copy_into(&other, &world, "d-town");
    world
}

fn copy_into(from: &World, to: &World, folder: &str) {
    fs::create_dir_all(to.path(folder)).unwrap();
    copy(&from.path(folder), Path::new(&to.path(folder)));
}

#[test]
fn deliveries_of_different_keys_are_refused() {
    let world = with_another_town(|other| {
        fs::remove_file(other.path("study.key")).unwrap();
        other.key("study.key", [7; 32]);
    });
    let ids = ["d-kela", "d-town"].map(|d| world.json(&format!("{d}/manifest.json"))["key_id"].clone());
    let ids = ids.iter().map(|id| id.as_str().unwrap()).collect::<Vec<_>>();
    world.refuses(BOTH, &["kela delivery 1 and town delivery 1", "different keys", ids[0], ids[1], "extract again"]);
}

#[test]
fn deliveries_of_different_contracts_are_refused() {
    let world = with_another_town(|other| other.edit("contract.toml", "\"visit\"]", "\"visit\", \"letter\"]"));
    world.refuses(BOTH, &["town delivery 1 was made under another contract", "must extract again with this contract"]);
    let world = with_another_town(|other| other.edit("mappings/county.csv", "049;21", "049;06"));
    world.refuses(BOTH, &["town delivery 1 was made under another contract"]);
    let world = World::delivered();
    world.edit("contract.toml", "title = \"A tiny", "title = \"Another tiny");
    world.refuses(BOTH, &["kela delivery 1 was made under another contract"]);
}

#[test]
fn a_changed_threshold_does_not_void_deliveries() {
    let world = World::delivered();
    world.edit("contract.toml", "paid = { band = 50 }", "paid = { band = 100 }");
    world.edit("contract.toml", "[population]", "[limits]\nmin_cell = 10\n\n[population]");
    world.link("linked", BOTH).succeeds();
}

#[test]
fn deliveries_of_different_studies_are_refused() {
    let world = with_another_town(|other| {
        other.edit("contract.toml", "id = \"tiny\"", "id = \"other\"");
        fs::remove_file(other.path("study.key")).unwrap();
        other.run("key new --contract contract.toml study.key").succeeds();
    });
    world.refuses(BOTH, &["town delivery 1 is for the study 'other'", "the contract for 'tiny'"]);
}

fn with_manifest(change: impl FnOnce(&mut serde_json::Value)) -> Run {
    let world = World::delivered();
    world.edit_json("d-town/manifest.json", change);
    let run = world.link("linked", BOTH);
    world.has_nothing_of("linked");
    run
}

#[test]
fn deliveries_of_different_schemes_are_refused() {
    let run = with_manifest(|m| m["scheme"] = json!("sha256"));
    run.fails(3, &["town delivery 1 uses another pseudonym scheme", "extract again with this version"]);
}

#[test]
fn deliveries_whose_canaries_differ_are_refused() {
    let run = with_manifest(|m| m["canaries"][0]["values"][1] = json!("00".repeat(16)));
    run.fails(3, &["kela delivery 1 and town delivery 1", "different canaries for 'hetu'", "same key and version"]);
    let run = with_manifest(|m| m["canaries"].as_array_mut().unwrap().truncate(1));
    run.fails(3, &["kela delivery 1 and town delivery 1", "different canaries"]);
}

#[test]
fn synthetic_and_real_deliveries_are_never_linked() {
    let world = with_another_town(|other| fs::remove_file(other.path("town/SYNTHETIC.txt")).unwrap());
    world.refuses(BOTH, &["kela delivery 1 is synthetic and town delivery 1 is real", "never link the two"]);
}
