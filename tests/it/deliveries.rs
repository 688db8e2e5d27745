//! What a delivery is: its bytes, its order, its pseudonyms and its counts.

use std::collections::BTreeSet;
use std::fs;

use parquet::file::metadata::ParquetMetaData;
use salanimi_core::Day;
use serde_json::{Value, json};

use crate::plain::{hmac, linked, person, pseudonym};
use crate::tables::{self, Text};
use crate::world::{BOTH, KEY, World};

/// Test codes of the 900-series in both holders' sources, and one that only Kela has.
const TEMPORARY: [&str; 2] = ["010594Y9032", "020502E902X"];
/// Old, newer and newest code of one person.
const CHANGED: [&str; 3] = ["250992U113S", "260992U113D", "260992U114E"];

fn parquet_files(world: &World) -> Vec<String> {
    let mut files = world.files();
    files.retain(|name| name.ends_with(".parquet"));
    files
}

fn column(world: &World, table: &str, name: &str) -> BTreeSet<String> {
    Text::of(&world.path(table)).column(name).into_iter().map(str::to_owned).collect()
}

fn pseudonyms(world: &World, table: &str) -> BTreeSet<String> {
    column(world, table, "pseudonym")
}

fn entry(world: &World, delivery: &str, table: &str) -> Value {
    let manifest = world.json(&format!("{delivery}/manifest.json"));
    manifest["account"]["tables"].as_array().unwrap().iter().find(|t| t["name"] == table).unwrap().clone()
}

fn holds_nothing_but_columns(name: &str, footer: &ParquetMetaData) {
    let file = footer.file_metadata();
    assert_eq!(file.created_by(), Some("salanimi"), "{name}");
    assert!(file.key_value_metadata().is_none_or(Vec::is_empty), "{name}");
    for group in footer.row_groups() {
        assert!(group.sorting_columns().is_none(), "{name}");
        for column in group.columns() {
            assert!(column.statistics().is_none(), "{name} has statistics");
            assert!(column.column_index_range().is_none() && column.offset_index_range().is_none(), "{name}");
            assert!(column.bloom_filter_offset().is_none() && column.bloom_filter_length().is_none(), "{name}");
            assert!(column.geo_statistics().is_none(), "{name}");
            assert!(column.unencoded_byte_array_data_bytes().is_none(), "{name} has sizes");
            assert!(column.repetition_level_histogram().is_none(), "{name} has histograms");
            assert!(column.definition_level_histogram().is_none(), "{name} has histograms");
        }
    }
}

#[test]
fn a_footer_holds_nothing_but_columns() {
    let world = World::delivered();
    world.link("linked", BOTH).succeeds();
    let files = parquet_files(&world);
    assert_eq!(files.len(), 7, "{files:?}");
    for name in files {
        holds_nothing_but_columns(&name, &tables::metadata(&world.path(&name)));
    }
}

#[test]
fn rows_are_in_the_order_of_pseudonyms_and_then_of_columns() {
    let world = World::delivered();
    for name in parquet_files(&world) {
        let batch = tables::read(&world.path(&name));
        assert!(batch.num_rows() > 20);
        tables::is_sorted(&batch);
    }
}

#[test]
fn linked_rows_are_in_the_order_of_persons() {
    let world = World::delivered();
    world.link("linked", BOTH).succeeds();
    for name in ["persons", "support", "notices", "contacts"] {
        tables::is_sorted(&tables::read(&world.path(&format!("linked/{name}.parquet"))));
    }
}

#[test]
fn the_order_of_a_source_leaves_no_trace() {
    let world = World::delivered();
    let text = world.text("kela/changed.csv");
    let mut source: Vec<Vec<u8>> = world.read("kela/notices.csv").split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
    source.retain(|line| !line.is_empty());
    source[1..].reverse();
    world.write("kela/notices.csv", source.join(&b'\n'));
    world.write("kela/changed.csv", text.lines().collect::<Vec<_>>().join("\r\n"));
    world.extract("kela", "again", "").succeeds();
    for file in ["support.parquet", "notices.parquet", "manifest.json"] {
        assert_eq!(world.read(&format!("d-kela/{file}")), world.read(&format!("again/{file}")), "{file}");
    }
}

#[test]
fn pseudonyms_are_keyed_hashes_that_anyone_with_the_key_can_compute() {
    let world = World::delivered();
    let source = tables::text_columns(&replace_separator(&world.read("kela/notices.csv")));
    let texts = |at: usize| -> Vec<String> {
        use arrow::array::AsArray;
        source[at].1.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect()
    };
    let persons: BTreeSet<String> = texts(1).iter().map(|code| person(&KEY, code, "kela")).collect();
    let notices: BTreeSet<String> =
        texts(0).iter().map(|notice| pseudonym(&KEY, &["reference", "tiny", "notice"], notice)).collect();
    assert_eq!(pseudonyms(&world, "d-kela/notices.parquet"), persons);
    assert_eq!(column(&world, "d-kela/notices.parquet", "notice"), notices);
    // The town writes of the same notices.
    let town = column(&world, "d-town/contacts.parquet", "notice");
    assert!(town.len() > 5 && town.iter().all(|notice| notice == "∅" || notices.contains(notice)));
    let key_id = data_encoding::HEXLOWER.encode(&hmac(&KEY, &["key-id", "tiny"], b"")[..8]);
    assert_eq!(world.json("d-kela/manifest.json")["key_id"], json!(key_id));
}

/// A semicolon file of latin-1 whose texts have commas, as a comma file of UTF-8.
fn replace_separator(bytes: &[u8]) -> Vec<u8> {
    let text: String = bytes.iter().map(|&b| char::from(b)).collect();
    text.replace(',', " ").replace(';', ",").into_bytes()
}

#[test]
fn a_canary_is_the_keyed_hash_of_published_codes() {
    let world = World::delivered();
    let canaries = world.json("d-kela/manifest.json")["canaries"].clone();
    let of = |name: &str| canaries.as_array().unwrap().iter().find(|c| c["name"] == name).unwrap()["values"].clone();
    let values = |name: &str, tests: &[&str]| -> Vec<String> {
        tests.iter().map(|test| pseudonym(&KEY, &["canary", "tiny", name], test)).collect()
    };
    let hetu = ["010594Y9032", "020594X902N", "131052-308T", "290296-7808", "020504A902E"];
    let text = ["canary-1", "canary-2", "äiti-3", "KÄRKI-4", "c.a/n_a r-y5", "6"];
    assert_eq!(of("hetu"), json!(values("hetu", &hetu)));
    for label in ["household", "notice"] {
        assert_eq!(of(label), json!(values(label, &text)));
    }
    assert_eq!(canaries, world.json("d-town/manifest.json")["canaries"]);
}

#[test]
fn another_key_shares_no_pseudonym() {
    let world = World::delivered();
    fs::remove_file(world.path("study.key")).unwrap();
    world.run("key new --contract contract.toml study.key").succeeds();
    for holder in ["kela", "town"] {
        world.extract(holder, &format!("other-{holder}"), "").succeeds();
    }
    for (ours, theirs) in [("d-kela/support", "other-kela/support"), ("d-town/contacts", "other-town/contacts")] {
        for name in ["pseudonym", if ours.starts_with("d-kela") { "household" } else { "notice" }] {
            let values = |table: &str| column(&world, &format!("{table}.parquet"), name);
            let mut shared = values(ours);
            shared.remove("∅");
            assert!(shared.is_disjoint(&values(theirs)), "{name}");
            assert!(!shared.is_empty());
        }
    }
    let canaries = |delivery: &str| world.json(&format!("{delivery}/manifest.json"))["canaries"].to_string();
    assert_ne!(canaries("d-kela"), canaries("other-kela"));
}

#[test]
fn a_temporary_code_never_links_across_holders() {
    let world = World::delivered();
    let kela = pseudonyms(&world, "d-kela/support.parquet");
    let town = pseudonyms(&world, "d-town/contacts.parquet");
    let here = person(&KEY, TEMPORARY[0], "kela");
    let there = person(&KEY, TEMPORARY[0], "town");
    assert!(kela.contains(&here) && town.contains(&there));
    assert!(!kela.contains(&there) && !town.contains(&here));
    for temporary in TEMPORARY {
        let as_registered = pseudonym(&KEY, &["person", "tiny", "hetu"], temporary);
        assert!(!kela.contains(&as_registered) && !town.contains(&as_registered));
    }
    assert_eq!(entry(&world, "d-kela", "support")["temporary_rows"], 2);
    assert_eq!(entry(&world, "d-town", "contacts")["temporary_rows"], 1);
    world.link("linked", &format!("--link-key link.key {BOTH}")).succeeds();
    let persons = column(&world, "linked/contacts.parquet", "person");
    assert!(!persons.contains(&linked(&KEY, &["link-person", "tiny"], &there)));
    assert!(!persons.contains(&linked(&KEY, &["link-person", "tiny"], &here)));
}

#[test]
fn a_changed_code_joins_the_rows_of_the_old_ones() {
    let world = World::delivered();
    let [old, newer, newest] = CHANGED.map(|code| person(&KEY, code, "kela"));
    let kela = pseudonyms(&world, "d-kela/support.parquet");
    let town = pseudonyms(&world, "d-town/contacts.parquet");
    assert!(kela.contains(&newest) && town.contains(&newest));
    assert!(!kela.contains(&old) && !kela.contains(&newer));
    assert_eq!(entry(&world, "d-kela", "support")["changed_rows"], 3);
    let used = &world.json("d-kela/manifest.json")["account"]["old_codes"][0];
    assert_eq!((&used["kind"], &used["date"], &used["changes"]), (&json!("hetu"), &json!("2019-01-31"), &json!(3)));
    // Sex and birth year are those of the newest code.
    let support = Text::of(&world.path("d-kela/support.parquet"));
    let of_newest = |name: &str| -> BTreeSet<&str> {
        let rows = support.column("pseudonym").into_iter().zip(support.column(name));
        rows.filter(|(who, _)| *who == newest).map(|(_, value)| value).collect()
    };
    assert_eq!(of_newest("sex"), BTreeSet::from(["female"]));
    assert_eq!(of_newest("birth_year"), BTreeSet::from(["1992"]));
    world.link("linked", &format!("--link-key link.key {BOTH}")).succeeds();
    let person = linked(&KEY, &["link-person", "tiny"], &newest);
    for table in ["support", "contacts"] {
        assert!(column(&world, &format!("linked/{table}.parquet"), "person").contains(&person));
    }
}

#[test]
fn derived_columns_are_those_of_the_code() {
    let world = World::delivered();
    let contacts = Text::of(&world.path("d-town/contacts.parquet"));
    // Codes of the source with sex and birth day as the published rule reads them.
    for (code, sex, birth) in [
        ("030261U2179", "male", "1961-02-03"),
        ("280288W415S", "male", "1988-02-28"),
        ("010190U522H", "female", "1990-01-01"),
        ("221203E366E", "female", "2003-12-22"),
        ("170801D255W", "male", "2001-08-17"),
    ] {
        let who = person(&KEY, code, "town");
        let rows: Vec<&Vec<String>> = contacts.rows.iter().filter(|row| row[0] == who).collect();
        assert!(!rows.is_empty(), "{sex} {birth}");
        for row in rows {
            let at = |name: &str| &row[contacts.header.iter().position(|h| h == name).unwrap()];
            assert_eq!((at("sex").as_str(), at("birth_year").as_str()), (sex, &birth[..4]));
            assert_eq!(*at("age_months"), whole_months(birth, at("day")).to_string());
        }
    }
}

/// Months that have gone by when the day of the month is reached.
fn whole_months(from: &str, to: &str) -> i32 {
    let parts = |day: &str| -> Vec<i32> { day.split('-').map(|part| part.parse().unwrap()).collect() };
    let from = parts(from);
    let to = parts(to);
    (to[0] - from[0]) * 12 + to[1] - from[1] - i32::from(to[2] < from[2])
}

#[test]
fn the_good_world_is_counted_to_the_row() {
    let world = World::delivered();
    let counts = |delivery: &str, table: &str| {
        let entry = entry(&world, delivery, table);
        ["source_rows", "records", "rows", "persons"].map(|name| entry[name].as_u64().unwrap())
    };
    // 32 monthly rows and 6 years of 14 months.
    assert_eq!(counts("d-kela", "support"), [38, 46, 43, 16]);
    assert_eq!(counts("d-kela", "notices"), [24, 24, 24, 13]);
    assert_eq!(counts("d-town", "contacts"), [44, 44, 42, 15]);
    let support = entry(&world, "d-kela", "support");
    assert_eq!(support["filtered"], json!({ "window": 1, "cohort": 0, "excluded": 0, "duplicate": 1 }));
    assert_eq!(support["rejected"], json!({ "control_character": 1 }));
    let emptied = |name: &str| {
        let columns = support["columns"].as_array().unwrap().iter();
        columns.filter(|c| c["name"] == name).map(|c| c["emptied"].clone()).next().unwrap()
    };
    assert_eq!(emptied("applied"), json!({ "date": 1 }));
    assert_eq!(emptied("children"), json!({ "range": 1 }));
    assert_eq!(emptied("main_income"), json!({ "unknown_code": 1 }));
    assert_eq!(emptied("area"), json!({ "unknown_code": 1 }));
}

/// Records in are rows out, filtered by rule, and rejected by reason; nulls are those of the file.
fn balances(world: &World, delivery: &str) {
    for table in world.json(&format!("{delivery}/manifest.json"))["account"]["tables"].as_array().unwrap() {
        let sum = |value: &Value| value.as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
        let text = Text::of(&world.path(&format!("{delivery}/{}", table["file"].as_str().unwrap())));
        let rows = table["rows"].as_u64().unwrap();
        assert_eq!(rows, text.rows.len() as u64);
        assert_eq!(table["records"].as_u64().unwrap(), rows + sum(&table["filtered"]) + sum(&table["rejected"]));
        assert_eq!(
            table["persons"].as_u64().unwrap(),
            text.column("pseudonym").iter().collect::<BTreeSet<_>>().len() as u64
        );
        let columns = table["columns"].as_array().unwrap();
        assert_eq!(columns.iter().map(|c| c["name"].as_str().unwrap()).collect::<Vec<_>>(), text.header);
        for column in columns {
            let nulls = text.column(column["name"].as_str().unwrap()).iter().filter(|cell| **cell == "∅").count();
            assert_eq!(column["nulls"], json!(nulls), "{delivery} {column}");
            assert!(sum(&column["emptied"]) <= nulls as u64);
        }
    }
}

#[test]
fn the_row_equation_holds_for_every_choice_of_persons() {
    let world = World::good();
    let lists = ["--cohort lists/cohort.txt", "--exclude lists/exclude.txt", "--protect lists/protect.txt"];
    for chosen in 0..8 {
        let more: Vec<&str> = (0..3).filter(|bit| chosen >> bit & 1 == 1).map(|bit| lists[bit]).collect();
        for holder in ["kela", "town"] {
            let out = format!("{holder}-{chosen}");
            world.extract(holder, &out, &more.join(" ")).succeeds();
            balances(&world, &out);
        }
    }
}

#[test]
fn a_cohort_keeps_its_persons_under_their_newest_codes() {
    let world = World::good();
    world.extract("kela", "out", "--cohort lists/cohort.txt").succeeds();
    // The list has one person twice, one under an old code, one with a temporary code.
    let listed = ["030261U2179", "140775V308Y", "280288W415S", CHANGED[2], TEMPORARY[0]];
    let expected: BTreeSet<String> = listed.iter().map(|code| person(&KEY, code, "kela")).collect();
    assert_eq!(pseudonyms(&world, "out/support.parquet"), expected);
    let lists = &world.json("out/manifest.json")["account"]["lists"];
    let cohort = json!({ "listed": 5, "found": 5, "not_found": 0, "chosen_by": null });
    assert_eq!(*lists, json!({ "cohort": cohort, "exclude": null, "protect": null }));
    world.extract("town", "chosen", "--cohort lists/cohort.txt").succeeds();
    let town = &world.json("chosen/manifest.json")["account"]["lists"]["cohort"];
    // The town has no table of changed codes: the old code means nobody to it.
    assert_eq!(*town, json!({ "listed": 5, "found": 4, "not_found": 1, "chosen_by": null }));
}

#[test]
fn an_objection_omits_all_rows_of_a_person() {
    let world = World::delivered();
    world.extract("kela", "out", "--exclude lists/exclude.txt").succeeds();
    let gone = person(&KEY, "140775V308Y", "kela");
    for table in ["support", "notices"] {
        let mut before = pseudonyms(&world, &format!("d-kela/{table}.parquet"));
        assert!(before.remove(&gone));
        assert_eq!(pseudonyms(&world, &format!("out/{table}.parquet")), before);
    }
    let lists = &world.json("out/manifest.json")["account"]["lists"];
    assert_eq!(lists["exclude"], json!({ "listed": 2, "found": 1, "not_found": 1, "chosen_by": null }));
    let excluded = |table: &str| entry(&world, "out", table)["filtered"]["excluded"].as_u64().unwrap();
    assert!(excluded("support") > 0 && excluded("notices") > 0);
}

#[test]
fn a_protected_person_is_delivered_without_areas() {
    let world = World::delivered();
    for (holder, table, area) in
        [("kela", "support", "area"), ("kela", "notices", "recipient"), ("town", "contacts", "organiser")]
    {
        let out = format!("{holder}-{table}");
        world.extract(holder, &out, "--protect lists/protect.txt").succeeds();
        let before = Text::of(&world.path(&format!("d-{holder}/{table}.parquet")));
        let after = Text::of(&world.path(&format!("{out}/{table}.parquet")));
        let protected = ["030261U2179", CHANGED[2]].map(|code| person(&KEY, code, holder));
        let at = before.header.iter().position(|name| name == area).unwrap();
        let mut expected = before.rows.clone();
        for row in expected.iter_mut().filter(|row| protected.contains(&row[0])) {
            row[at] = "∅".to_owned();
        }
        let mut found = after.rows;
        assert_ne!(found, before.rows);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{table}");
    }
    let lists = &world.json("kela-support/manifest.json")["account"]["lists"];
    assert_eq!(lists["protect"], json!({ "listed": 2, "found": 2, "not_found": 0, "chosen_by": null }));
}

#[test]
fn a_cohort_of_nobody_in_the_source_gives_an_empty_delivery_that_links() {
    let world = World::delivered();
    world.write("nobody.txt", "010101-0101\n");
    world.extract("town", "out", "--cohort nobody.txt").succeeds();
    balances(&world, "out");
    assert!(Text::of(&world.path("out/contacts.parquet")).rows.is_empty());
    world.link("linked", "d-kela out").succeeds();
    assert!(Text::of(&world.path("linked/contacts.parquet")).rows.is_empty());
}

#[test]
fn direct_identifiers_and_unnamed_columns_stay_with_the_holder() {
    let world = World::delivered();
    for (table, absent) in [("d-kela/support", "phone"), ("d-kela/notices", "free_text"), ("d-town/contacts", "note")] {
        let text = Text::of(&world.path(&format!("{table}.parquet")));
        assert!(!text.header.iter().any(|name| name == absent || name == "person_code"));
    }
    assert_eq!(entry(&world, "d-town", "contacts")["dropped"], json!(["first_name", "note"]));
    assert_eq!(entry(&world, "d-town", "contacts")["ignored"], 1);
    let kela = world.json("d-kela/manifest.json").to_string();
    assert!(!kela.contains("050 0000000") && !kela.contains("kiireellinen"));
}

#[test]
fn transforms_before_delivery_leave_nothing_exact() {
    let world = World::delivered();
    let support = Text::of(&world.path("d-kela/support.parquet"));
    assert!(support.column("applied").iter().all(|day| *day == "∅" || day.ends_with("-01")));
    let days: BTreeSet<&str> = support.column("decided").into_iter().collect();
    assert!(days.contains("8") && days.contains("-1") && days.contains("28"), "{days:?}");
    assert!(Day::parse(support.column("month")[0]).is_ok());
}

#[test]
fn the_linked_tables_show_the_linked_stage() {
    let world = World::delivered();
    world.link("linked", BOTH).succeeds();
    let support = Text::of(&world.path("linked/support.parquet"));
    let expected = [
        "person",
        "month",
        "household",
        "decision",
        "paid",
        "applied",
        "decided",
        "children",
        "main_income",
        "area",
        "sex",
        "age_months",
    ];
    assert_eq!(support.header, expected);
    let is_band = |euros: &&str| *euros == "∅" || euros.parse::<i32>().unwrap() % 50 == 0;
    assert!(support.column("paid").iter().all(is_band));
    assert!(support.column("children").iter().all(|n| ["∅", "0", "1", "2", "3"].contains(n)));
    assert!(support.column("area").iter().all(|county| ["∅", "06", "21", "90"].contains(county)));
    assert!(support.column("age_months").iter().all(|group| group.contains(['-', '<', '+'])));
    let notices = column(&world, "linked/notices.parquet", "notice");
    let contacts = column(&world, "linked/contacts.parquet", "notice");
    assert!(contacts.iter().all(|notice| notice == "∅" || notices.contains(notice)), "one label, one id");
    let delivered: BTreeSet<String> = ["d-kela/support", "d-kela/notices", "d-town/contacts"]
        .iter()
        .flat_map(|t| pseudonyms(&world, &format!("{t}.parquet")))
        .collect();
    assert!(column(&world, "linked/persons.parquet", "person").is_disjoint(&delivered));
}

#[test]
fn a_summary_shows_no_exact_count_of_persons() {
    let world = World::delivered();
    let summary = world.link("linked", &format!("--json {BOTH}")).succeeds().json();
    let accounting = world.json("linked.accounting.json");
    assert_eq!(summary["rounded_to"], 5);
    let all = |table: &str| &summary["tables"][table];
    for (exact, table) in accounting["tables"].as_array().unwrap().iter().zip(["support", "notices", "contacts"]) {
        for (name, count) in all(table).as_object().unwrap() {
            let exact = exact["all"][name].as_u64().unwrap();
            assert_eq!(count.as_u64().unwrap(), (exact + 2) / 5 * 5, "{table} {name}");
        }
    }
}

#[test]
fn a_dry_run_writes_nothing_and_needs_no_key() {
    let world = World::good();
    let before = world.files();
    let run = world.run("extract --dry-run --json --contract contract.toml --holder kela/holder.toml").succeeds();
    assert_eq!(world.files(), before);
    let support = &run.json()["tables"][0];
    assert_eq!((&support["records"], &support["kept"], &support["rejected"]), (&json!(46), &json!(44), &json!(1)));
    assert_eq!(support["findings"][0]["rows"], json!([32]));
}
