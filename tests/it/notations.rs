//! Notations of the same rows give the same delivery. Identifiers of other kinds than identity codes.

use std::collections::BTreeSet;

use serde_json::json;

use crate::plain::{person, pseudonym};
use crate::tables::Text;
use crate::world::{KEY, World};

/// Asserts that the rewritten source gives the same delivery of the town.
fn is_the_same_delivery(world: &World) {
    world.extract("town", "again", "").succeeds();
    for file in ["contacts.parquet", "manifest.json"] {
        assert!(world.read(&format!("d-town/{file}")) == world.read(&format!("again/{file}")), "{file} differs");
    }
}

#[test]
fn quotation_marks_and_line_ends_do_not_change_a_byte() {
    let world = World::delivered();
    let source = world.text("town/contacts.csv");
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(source.trim_start_matches('\u{feff}').as_bytes());
    let always = csv::QuoteStyle::Always;
    let mut quoted =
        csv::WriterBuilder::new().quote_style(always).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    reader.records().for_each(|record| quoted.write_record(&record.unwrap()).unwrap());
    world.write("town/contacts.csv", quoted.into_inner().unwrap());
    is_the_same_delivery(&world);
}

#[test]
fn a_missing_last_line_end_and_blank_lines_do_not_change_a_byte() {
    let world = World::delivered();
    let source = world.text("town/contacts.csv");
    world.write("town/contacts.csv", source.trim_end_matches('\n'));
    is_the_same_delivery(&world);
    std::fs::remove_dir_all(world.path("again")).unwrap();
    world.write("town/contacts.csv", format!("{source}\n\n\n"));
    is_the_same_delivery(&world);
}

#[test]
fn the_order_of_columns_does_not_change_a_byte() {
    let world = World::delivered();
    let source = world.text("town/contacts.csv");
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(source.trim_start_matches('\u{feff}').as_bytes());
    let mut turned = csv::Writer::from_writer(Vec::new());
    for record in reader.records() {
        turned.write_record(record.unwrap().iter().collect::<Vec<_>>().into_iter().rev()).unwrap();
    }
    world.write("town/contacts.csv", turned.into_inner().unwrap());
    is_the_same_delivery(&world);
}

#[test]
fn the_same_person_is_found_however_the_code_is_typed() {
    let world = World::good();
    let header = "row_id,person_id,first_name,organiser,date,kind,notice,amount,note";
    let typed =
        ["131052-308T", " 131052-308t ", "131052\u{2212}308T", "１３１０５２－３０８Ｔ", "\u{a0}131052\u{2013}308T"];
    let row = |(day, code): (usize, &&str)| format!("1,{code},x,091,2018-01-{:02},visit,NA,,", day + 1);
    let rows: Vec<String> = typed.iter().enumerate().map(row).collect();
    world.write("town/contacts.csv", format!("{header}\n{}\n", rows.join("\n")));
    world.extract("town", "out", "").succeeds();
    let found = Text::of(&world.path("out/contacts.parquet"));
    assert_eq!(found.column("pseudonym"), vec![person(&KEY, "131052-308T", "town"); 5]);
}

#[test]
fn a_sign_is_part_of_the_identity() {
    let world = World::good();
    let header = "row_id,person_id,first_name,organiser,date,kind,notice,amount,note";
    // A test code under all signs: the control character does not cover the sign.
    let row = |sign: char| format!("1,020504{sign}902E,x,091,2018-01-01,visit,NA,,");
    let rows: Vec<String> = "+-YXWVUABCDEF".chars().map(row).collect();
    world.write("town/contacts.csv", format!("{header}\n{}\n", rows.join("\n")));
    world.extract("town", "out", "").succeeds();
    let found = Text::of(&world.path("out/contacts.parquet"));
    assert_eq!(found.column("pseudonym").into_iter().collect::<BTreeSet<_>>().len(), 13);
}

/// The good world whose town knows its people by client numbers.
fn with_clients() -> World {
    let world = World::good();
    let client =
        "[exchange.identifiers.client]\nsyntax = \"text\"\npattern = \"[A-Z]{2}-[0-9]{3}\"\nfold_case = true\n\n";
    world.edit("contract.toml", "[exchange.mappings.county]", format!("{client}[exchange.mappings.county]"));
    let contract = world.text("contract.toml");
    let (before, contacts) = contract.split_at(contract.find("name = \"contacts\"").unwrap());
    let contacts = contacts.replacen("kind = \"hetu\"", "kind = \"client\"", 1);
    let derived = |line: &&str| !line.contains("derive =");
    let (columns, settings) = contacts.split_at(contacts.find("[linked.support]").unwrap());
    let columns: Vec<&str> = columns.lines().filter(derived).collect();
    let (support, contacts) = settings.split_at(settings.find("[linked.contacts]").unwrap());
    let contacts = contacts.replacen("birth_year = \"drop\"\n", "", 1);
    let contacts =
        contacts.replacen("age_months = { groups = { edges = [18, 25, 30, 40, 55, 65], per = 12 } }\n", "", 1);
    let contacts =
        contacts.replace("area = \"organiser\"\nsex = \"sex\"\nage_months = \"age_months\"", "area = \"organiser\"");
    world.write("contract.toml", format!("{before}{}\n{support}{contacts}", columns.join("\n")));
    let header = "row_id,person_id,first_name,organiser,date,kind,notice,amount,note";
    let clients = ["AB-123", " ab-123", "Ab-123\u{2003}", "CD-456"];
    let row = |(day, client): (usize, &&str)| format!("1,{client},x,091,2018-01-{:02},visit,NA,,", day + 1);
    let rows: Vec<String> = clients.iter().enumerate().map(row).collect();
    world.write("town/contacts.csv", format!("{header}\n{}\n", rows.join("\n")));
    world
}

#[test]
fn identifiers_of_another_kind_have_pseudonyms_of_their_own() {
    let world = with_clients();
    world.extract("town", "out", "").succeeds();
    let found = Text::of(&world.path("out/contacts.parquet"));
    let client = |text: &str| pseudonym(&KEY, &["person", "tiny", "client"], text);
    let mut expected = vec![client("AB-123"), client("AB-123"), client("AB-123"), client("CD-456")];
    expected.sort_unstable();
    assert_eq!(found.column("pseudonym"), expected);
    let canaries = world.json("out/manifest.json")["canaries"].clone();
    let names: Vec<&str> = canaries.as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["client", "hetu", "household", "notice"]);
    // The canary of a kind that folds case folds it too.
    let tests = ["CANARY-1", "CANARY-2", "ÄITI-3", "KÄRKI-4", "C.A/N_A R-Y5", "6"];
    let values = tests.map(|test| pseudonym(&KEY, &["canary", "tiny", "client"], test));
    assert_eq!(canaries[0]["values"], json!(values));
}

#[test]
fn an_identifier_that_does_not_match_its_pattern_is_a_reject() {
    let world = with_clients();
    world.edit("town/contacts.csv", "CD-456", "CD-4567");
    world.extract("town", "out", "").fails(3, &["1 of 4 records were rejected"]);
    assert!(world.text("out.rejects.csv").contains("contacts;contacts.csv;5;person_code;pattern\n"));
}

#[test]
fn a_list_may_begin_with_a_byte_order_mark() {
    let world = World::good();
    world.write("lists/exclude.txt", [b"\xEF\xBB\xBF".as_slice(), &world.read("lists/exclude.txt")].concat());
    world.extract("kela", "out", "--exclude lists/exclude.txt").succeeds();
    assert_eq!(world.json("out/manifest.json")["account"]["lists"]["exclude"]["listed"], 2);
}

#[test]
fn a_rejects_ledger_replaces_an_earlier_one_and_nothing_else() {
    let world = World::good();
    let before = world.read("kela/support_2018.csv");
    let run = world.extract("kela", "out", "--rejects kela/support_2018.csv");
    run.fails(
        3,
        &["kela/support_2018.csv: the file exists and is not a rejects ledger", "choose another place with --rejects"],
    );
    assert!(world.read("kela/support_2018.csv") == before);
    world.has_nothing_of("out");
    world.write("mine.csv", "table;file;row;column;reason\nold\n");
    world.extract("kela", "out", "--rejects mine.csv").succeeds();
    assert!(!world.text("mine.csv").contains("old"));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(world.path("mine.csv")).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "others can read the ledger");
}
