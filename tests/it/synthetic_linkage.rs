//! The study with linkage without codes, on synthetic registers: links against the truth, and what is said of them.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use salanimi_core::{
    Id, Key, LinkKey, LinkKeys, LinkedId, PersonScope, ProjectKey, ProjectKeys, Pseudonymiser, Syntax,
};

use crate::world::{World, copy, repository};

const PERSONS: usize = 16_000;
const HOLDERS: [&str; 3] = ["kela", "helsinki", "tampere"];
const TABLES: [&str; 4] = ["kela_social_assistance", "kela_notifications", "municipal_social_work", "municipal_avain"];
const PROJECT: [u8; 32] = [7; 32];
const LINK: [u8; 32] = [9; 32];

/// A released table that counts persons who were linked without a code apart.
const APART: &str = r#"[[release.tables]]
name = "notices_by_evidence"
table = "notification"
by = ["type", "by_evidence"]

"#;

/// Tables that a person is in.
type Tables = [bool; 4];

/// A person of the truth.
#[derive(Default)]
struct Truth {
    code: Option<String>,
    with_code: Tables,
    without_code: Tables,
}

/// A person of the linked dataset.
struct Linked {
    tables: Tables,
    kind: String,
}

fn study() -> Id {
    Id::new("toituavain").unwrap()
}

/// The study's contract with the marks before the lines about linkage removed, as its comment says.
fn contract_with_linkage(world: &World) -> String {
    let made = world.run("key new --release --contract config/contract.toml release.key").succeeds().stdout();
    let fingerprint = made.split_once("aloud: ").and_then(|(_, rest)| rest.lines().next()).unwrap();
    let marked = ["[exchange.linkage]", "rules = ", "kind = ", "ground = ", "linkage = "];
    let text = world.text("config/contract.toml");
    let lines = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if marked.iter().any(|mark| rest.starts_with(mark)) => rest.to_owned(),
        _ if line.starts_with("# key = ") => format!("key = \"{fingerprint}\""),
        _ => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    // The example releases as many tables as it may, so one makes room for a table that counts them apart.
    let start = text.find("[[release.rates]]\nname = \"reached_by_reason\"").unwrap();
    let end = start + 1 + text[start + 1..].find("[[release").unwrap();
    format!("{}{APART}{}\n[linkage]\nmin_calibration = 300\n", &text[..start], &text[end..])
}

/// Runs the study from registers to linked dataset.
fn run() -> World {
    let world = World::empty();
    copy(&repository("config/studies/toituavain"), &world.path("config"));
    world.write("config/contract.toml", contract_with_linkage(&world));
    world.run(&format!("synth --contract config/contract.toml --persons {PERSONS} --seed 3 --out src")).succeeds();
    world.write_key_of("study.key", &study(), &ProjectKey::from_bytes(PROJECT));
    world.write_key_of("link.key", &study(), &LinkKey::from_bytes(LINK));
    for holder in HOLDERS {
        let files = format!("--contract src/contract.toml --holder src/{holder}/holder.toml --key study.key");
        world.run(&format!("extract {files} --unsealed --out {holder}")).succeeds();
    }
    let deliveries = HOLDERS.join(" ");
    world.run(&format!("link --contract src/contract.toml --link-key link.key --out linked {deliveries}")).succeeds();
    world
}

fn tables(cells: &[&str]) -> Tables {
    std::array::from_fn(|table| cells[table] == "1")
}

fn join(all: &mut Tables, more: Tables) {
    all.iter_mut().zip(more).for_each(|(all, more)| *all |= more);
}

fn truth(world: &World) -> BTreeMap<String, Truth> {
    let mut persons: BTreeMap<String, Truth> = BTreeMap::new();
    for line in world.text("src/truth.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(';').collect();
        let person = persons.entry(cells[0].to_owned()).or_default();
        if cells[2].is_empty() {
            person.code = Some(cells[1].to_owned());
            join(&mut person.with_code, tables(&cells[3..]));
        } else {
            join(&mut person.without_code, tables(&cells[3..]));
        }
    }
    for line in world.text("src/truth_without_code.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(';').collect();
        let person = persons.entry(cells[0].to_owned()).or_default();
        person.code = Some(cells[1].to_owned());
        join(&mut person.without_code, tables(&cells[4..]));
    }
    persons
}

fn batches(world: &World, table: &str) -> Vec<RecordBatch> {
    let file = std::fs::File::open(world.path(&format!("linked/{table}.parquet"))).unwrap();
    ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect()
}

/// The text of each row of a column, whether it is stored with a dictionary or not.
fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column =
        arrow::compute::cast(batch.column_by_name(column).unwrap(), &arrow::datatypes::DataType::Utf8).unwrap();
    column.as_string::<i32>().iter().map(|text| text.unwrap_or("").to_owned()).collect()
}

fn linked(world: &World) -> BTreeMap<String, Linked> {
    let mut persons = BTreeMap::new();
    for batch in batches(world, "persons") {
        let kinds = texts(&batch, "match_kind");
        let flags = TABLES.map(|table| batch.column_by_name(&format!("in_{table}")).unwrap().as_boolean().clone());
        for (row, id) in texts(&batch, "person").into_iter().enumerate() {
            let tables = std::array::from_fn(|table: usize| flags[table].value(row));
            persons.insert(id, Linked { tables, kind: kinds[row].clone() });
        }
    }
    persons
}

/// Returns the linked id of a person with this code.
fn linked_id(code: &str) -> String {
    let (key, study, kind) = (ProjectKey::from_bytes(PROJECT), study(), Id::new("hetu").unwrap());
    let keys = ProjectKeys::new(&key, &study);
    let scope = PersonScope { kind: &kind, holder: &study };
    let pseudonym = Pseudonymiser::new(&keys, scope, Syntax::Hetu).pseudonymise(code.as_bytes()).unwrap();
    let person = LinkKeys::new(&LinkKey::from_bytes(LINK), &study).person();
    let mut text = [0; LinkedId::TEXT_LENGTH];
    LinkedId(person.leftmost(&pseudonym.0)).encode_into(&mut text);
    String::from_utf8(text.to_vec()).unwrap()
}

#[test]
fn synthetic_clients_without_a_code_are_linked_to_whom_they_are() {
    let world = run();
    let (truth, linked) = (truth(&world), linked(&world));
    let (mut findable, mut found, mut wrong) = (0, 0, 0);
    for person in truth.values() {
        let Some(code) = &person.code else { continue };
        let Some(Linked { tables, .. }) = linked.get(&linked_id(code)) else { continue };
        for table in [2, 3] {
            let only_without = person.without_code[table] && !person.with_code[table];
            findable += u32::from(only_without);
            found += u32::from(only_without && tables[table]);
            wrong += u32::from(tables[table] && !person.with_code[table] && !person.without_code[table]);
        }
        let lost = person.with_code.iter().zip(tables).any(|(expected, found)| *expected && !found);
        assert!(!lost, "a person lacks a table in which the code occurs");
    }
    assert!(findable > 60 && found * 2 > findable, "{found} of {findable}");
    assert!(wrong * 50 <= found, "{wrong} wrong of {found}");

    let by_evidence = linked.values().filter(|person| person.kind != "code").count();
    assert!(by_evidence > 30, "{by_evidence}");
    for table in ["municipal_social_work", "notification", "person"] {
        let flags = batches(&world, table);
        let count = |batch: &RecordBatch| batch.column_by_name("by_evidence").unwrap().as_boolean().true_count();
        assert!(flags.iter().map(count).sum::<usize>() > 0, "{table}");
    }
    reports_and_releases_tell_them_apart(&world);
}

fn reports_and_releases_tell_them_apart(world: &World) {
    let accounting: serde_json::Value = serde_json::from_str(&world.text("linked.accounting.json")).unwrap();
    let effect = accounting["evidence"]["effect"].as_array().unwrap();
    let counts =
        |row: &serde_json::Value| [&row["persons"], &row["persons_by_identifier"]].map(|n| n.as_u64().unwrap());
    let social_work = effect.iter().find(|row| row["table"] == TABLES[2]).unwrap();
    let [with, without] = counts(social_work);
    assert!(effect[0]["table"].is_null() && with > without, "{effect:?}");
    assert!(world.text("linked/report.html").contains("Share without, %"));

    world.run("release --contract src/contract.toml --key release.key --out released linked").succeeds();
    let apart = world.text("released/notices_by_evidence.csv");
    assert!(apart.lines().any(|line| line.contains("true")) && apart.lines().any(|line| line.contains("false")));
    let verified = world.run("verify --contract src/contract.toml --attack none --json - kela helsinki tampere linked");
    let report = verified.json();
    let failed: Vec<&serde_json::Value> =
        report["checks"].as_array().unwrap().iter().filter(|check| check["verdict"] == "fail").collect();
    assert!(failed.is_empty(), "{failed:?}");
}
