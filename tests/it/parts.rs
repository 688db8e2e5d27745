//! Deliveries in parts: the same rows as in one file, and parts that do not fit together.

use std::fs;
use std::os::unix::fs::symlink;

use salanimi::crypto::Digest;
use serde_json::{Value, json};

use crate::plain::code;
use crate::tables::Text;
use crate::world::{BOTH, HOLDERS, KEY, World};

const MANIFEST: &str = "d-kela/manifest.json";
const SUPPORT: &str = "d-kela/support";

/// The good world with both holders' deliveries in `parts`.
fn in_parts(parts: usize) -> World {
    let world = World::good();
    for holder in HOLDERS {
        world.extract(holder, &format!("d-{holder}"), &format!("--parts {parts}")).succeeds();
    }
    world
}

/// Names of the files of Kela's support table, in order.
fn support(world: &World) -> Vec<String> {
    world.files().into_iter().filter(|name| name.starts_with(SUPPORT)).collect()
}

/// Returns the account of a delivery without what parts change.
fn account(world: &World, delivery: &str) -> Value {
    let mut manifest = world.json(&format!("{delivery}/manifest.json"));
    for table in manifest["account"]["tables"].as_array_mut().unwrap() {
        for key in ["file", "parts", "content_digest"] {
            table.as_object_mut().unwrap().remove(key);
        }
    }
    for key in ["files", "format"] {
        manifest.as_object_mut().unwrap().remove(key);
    }
    manifest
}

#[test]
fn parts_hold_the_rows_of_one_file_in_its_order() {
    let one = World::delivered();
    let world = in_parts(8);
    let parts: Vec<Text> = support(&world).iter().map(|name| Text::of(&world.path(name))).collect();
    assert!(parts.len() > 4, "{:?}", support(&world));
    let rows: Vec<Vec<String>> = parts.iter().flat_map(|part| part.rows.clone()).collect();
    assert_eq!(rows, Text::of(&one.path("d-kela/support.parquet")).rows);
    for (part, name) in parts.iter().zip(support(&world)) {
        let number: u8 = name[SUPPORT.len() + "/part-".len()..][..5].parse().unwrap();
        let leading = |pseudonym: &str| u8::from_str_radix(&pseudonym[..2], 16).unwrap() >> 5;
        assert!(part.column("pseudonym").into_iter().all(|pseudonym| leading(pseudonym) == number), "{name}");
        assert!(name.ends_with("-of-00008.parquet"), "{name}");
    }
    for delivery in BOTH.split(' ') {
        assert_eq!(account(&one, delivery), account(&world, delivery));
        assert_eq!(world.json(&format!("{delivery}/manifest.json"))["format"], "salanimi-delivery/2");
    }
}

#[test]
fn one_part_is_a_delivery_of_the_first_version() {
    let one = World::delivered();
    let world = in_parts(1);
    for delivery in BOTH.split(' ') {
        let name = format!("{delivery}/manifest.json");
        assert_eq!(one.read(&name), world.read(&name));
    }
}

#[test]
fn deliveries_in_parts_link_like_others_and_pass_verification() {
    let one = World::delivered();
    let world = in_parts(8);
    one.link("linked", &format!("--link-key link.key {BOTH}")).succeeds();
    world.link("linked", &format!("--link-key link.key {BOTH}")).succeeds();
    // Parts of one holder, one file of another, and another number of parts.
    world.extract("town", "d-town2", "--parts 2").succeeds();
    world.extract("kela", "d-kela1", "").succeeds();
    // The same key in other files: the history beside a key knows what was linked already.
    world.link_key("mixed.key", KEY);
    world.link_key("mixed1.key", KEY);
    world.link("mixed", "--link-key mixed.key d-kela d-town2").succeeds();
    world.link("mixed1", "--link-key mixed1.key d-kela1 d-town").succeeds();
    for table in ["support", "notices", "contacts", "persons"] {
        let expected = one.read(&format!("linked/{table}.parquet"));
        for linked in ["linked", "mixed", "mixed1"] {
            assert!(world.read(&format!("{linked}/{table}.parquet")) == expected, "{linked} {table}");
        }
    }
    assert_eq!(one.text("linked.accounting.json"), world.text("linked.accounting.json"));
    let verdicts = |world: &World| {
        world.run(&format!("verify --attack none --json v.json --contract contract.toml {BOTH} linked")).code();
        let checks = world.json("v.json")["checks"].as_array().unwrap().clone();
        checks.into_iter().map(|check| (check["name"].clone(), check["verdict"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&one), verdicts(&world));
    world.run("extract --check d-kela --contract contract.toml --key study.key --holder kela/holder.toml").succeeds();
    let shown = world.run("show --contract contract.toml d-kela").succeeds().stdout();
    assert!(shown.contains("support: 8 parts"), "{shown}");
}

#[test]
fn sealed_parts_are_opened_and_shown_by_their_recipients() {
    let world = World::of_parties();
    let more = (1000..3500).map(|n| format!("{n},{},x,091,2018-02-02,meeting,NA,0.5,ok\n", code(n)));
    let contacts = world.text("town/contacts.csv");
    world.write("town/contacts.csv", more.fold(contacts, |text, row| text + &row));
    for holder in HOLDERS {
        world.extract_signed(holder, &format!("d-{holder}"), "--parts 8").succeeds();
    }
    // Of 1,000 rows a part, two are left, and one of the smaller tables: an outsider sees the names of files.
    let files = world.json("d-town/manifest.json")["files"].as_object().unwrap().clone();
    let parts: Vec<&String> = files.keys().filter(|name| name.starts_with("contacts")).collect();
    assert_eq!(parts, ["contacts/part-00000-of-00002.parquet", "contacts/part-00001-of-00002.parquet"]);
    assert_eq!(world.json("d-kela/manifest.json")["format"], "salanimi-delivery/1");
    world.link_sealed("linked", "").succeeds();
    let show = "show --contract ../contract.toml --identity ../linker.identity";
    for (folder, line) in [
        ("d-town", format!("{show} contacts/part-00000-of-00002.parquet")),
        ("d-town", format!("{show} ./contacts/part-00001-of-00002.parquet")),
        ("d-town/contacts", format!("{} part-00000-of-00002.parquet", show.replace("../", "../../"))),
        ("d-kela", format!("{show} support.parquet")),
    ] {
        world.run_in(folder, &line).succeeds();
    }
    assert_ne!(world.run("show --contract contract.toml d-town/contacts/part-00000-of-00002.parquet").code(), 0);
    world.run(&format!("verify --attack none --contract contract.toml --identity officer.identity {BOTH}")).succeeds();
}

#[test]
fn datasets_and_releases_list_no_file_in_a_folder_within() {
    let world = in_parts(1);
    world.link("linked", BOTH).succeeds();
    world.copy("linked", "linked/inner");
    world.edit_json("linked/manifest.json", |manifest| {
        let table = &mut manifest["tables"][0];
        table["file"] = json!(format!("inner/{}", table["file"].as_str().unwrap()));
    });
    world.run("show linked").fails(3, &["outside the delivery's folder"]);
    world.run("verify --attack none --json v.json linked").code();
    let report = world.json("v.json");
    let files = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "integrity.files").unwrap();
    assert_eq!(files["verdict"], "fail");
}

#[test]
fn parts_without_a_manifest_are_read_as_one_table() {
    let world = in_parts(8);
    fs::remove_file(world.path(MANIFEST)).unwrap();
    world.run("verify --attack none --json v.json --contract contract.toml d-kela").code();
    let tables: Vec<String> = world.json("v.json")["subjects"][0]["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["label"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tables, ["notices", "support"]);
}

#[test]
fn two_tables_never_share_a_file() {
    let shared = changed(|world, manifest| {
        let part = support(world)[0].replace("d-kela/", "");
        let tables = manifest["account"]["tables"].as_array_mut().unwrap();
        let other = tables.iter_mut().find(|table| table["name"] == "notices").unwrap();
        other["file"] = json!(part);
        other.as_object_mut().unwrap().remove("parts");
    });
    shared.run("verify --attack none --json v.json d-kela").code();
    refused("shared", &shared, &["has the file of another"]);
}

#[test]
fn parts_do_not_depend_on_threads_or_memory() {
    let world = World::good();
    for (out, more) in [("a", "--threads 1"), ("b", "--threads 2 --memory 64MiB")] {
        world.extract("kela", out, &format!("--parts 16 {more}")).succeeds();
    }
    assert_eq!(world.read("a/manifest.json"), world.read("b/manifest.json"));
}

/// Changes Kela's delivery, and states the digests of its files again.
fn changed(change: impl FnOnce(&World, &mut Value)) -> World {
    let world = in_parts(8);
    world.edit_json(MANIFEST, |manifest| change(&world, manifest));
    world
}

fn table(manifest: &mut Value) -> &mut Value {
    let tables = manifest["account"]["tables"].as_array_mut().unwrap();
    tables.iter_mut().find(|table| table["name"] == "support").unwrap()
}

fn refused(name: &str, world: &World, words: &[&str]) {
    let run = world.link("linked", BOTH).fails(3, words);
    assert!(!run.stderr().contains("fault"), "{name}: {}", run.stderr());
    world.has_nothing_of("linked");
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let missing = in_parts(8);
    fs::remove_file(missing.path(&support(&missing)[2])).unwrap();
    refused("missing", &missing, &["the manifest lists this file, but it is not there"]);

    let unlisted = changed(|world, manifest| {
        let name = support(world)[1].replace("d-kela/", "");
        manifest["files"].as_object_mut().unwrap().remove(&name).unwrap();
    });
    refused("unlisted", &unlisted, &["does not list the file of table"]);

    let swapped = changed(|world, manifest| {
        let [one, two] = [0, 1].map(|at| support(world)[at].clone());
        let [first, second] = [&one, &two].map(|name| world.read(name));
        world.write(&one, &second);
        world.write(&two, &first);
        for name in [&one, &two] {
            manifest["files"][name.replace("d-kela/", "")] = json!(Digest::of(&world.read(name)));
        }
        let files = [one, two].map(|name| name[SUPPORT.len() + "/part-".len()..][..5].parse::<usize>().unwrap());
        table(manifest)["parts"].as_array_mut().unwrap().swap(files[0], files[1]);
    });
    refused("in each other's place", &swapped, &["another part of the table"]);

    let twice = changed(|world, manifest| {
        let [one, two] = [0, 1].map(|at| support(world)[at].clone());
        world.write(&two, world.read(&one));
        manifest["files"][two.replace("d-kela/", "")] = json!(Digest::of(&world.read(&one)));
    });
    refused("twice", &twice, &["support"]);

    for (name, parts) in
        [("three", vec![1; 3]), ("one", vec![1]), ("4,097", vec![1; 4097]), ("five of eight", vec![9; 5])]
    {
        let other = changed(|_, manifest| table(manifest)["parts"] = json!(parts));
        refused(name, &other, &["number of parts"]);
    }
    let rows = changed(|_, manifest| table(manifest)["parts"][0] = json!(u64::MAX));
    refused("more rows", &rows, &["number of parts"]);

    let of_four = changed(|_, manifest| {
        let rows = table(manifest)["rows"].clone();
        table(manifest)["parts"] = json!([rows, 0, 0, 0]);
    });
    refused("of another number", &of_four, &["does not list the file of table"]);

    let first = changed(|_, manifest| manifest["format"] = json!("salanimi-delivery/1"));
    refused("of the first version", &first, &["contradict each other"]);

    let outside = changed(|_, manifest| {
        manifest["files"]["../d-town/manifest.json"] = json!("0".repeat(64));
    });
    refused("outside", &outside, &["outside the delivery's folder"]);

    let deep = changed(|_, manifest| manifest["files"]["support/more/part.parquet"] = json!("0".repeat(64)));
    refused("too deep", &deep, &["outside the delivery's folder"]);

    let linked = in_parts(8);
    fs::rename(linked.path(SUPPORT), linked.path("elsewhere")).unwrap();
    symlink(linked.path("elsewhere"), linked.path(SUPPORT)).unwrap();
    refused("a link", &linked, &["outside the delivery's folder"]);
}

#[test]
fn a_file_among_the_parts_that_nobody_lists_fails_verification() {
    let world = in_parts(2);
    world.write("d-kela/support/notes.txt", "not of the delivery");
    let run = world.run("verify --attack none --json v.json --contract contract.toml d-kela");
    assert_eq!(run.code(), 4, "{}", run.stdout());
    let report = world.json("v.json");
    let checks = report["checks"].as_array().unwrap();
    let folder = checks.iter().find(|check| check["name"] == "integrity.folder").unwrap();
    assert_eq!(folder["verdict"], "fail");
}

#[test]
fn a_number_of_parts_is_a_power_of_two() {
    let world = World::good();
    for parts in ["0", "3", "4097", "8192", "many"] {
        world.extract("kela", "d-kela", &format!("--parts {parts}")).fails(2, &["power of two"]);
    }
    world.run("extract --dry-run --parts 2 --contract contract.toml --holder kela/holder.toml").fails(2, &["--parts"]);
}
