//! A dishonest holder, with its own signing key: what it may not state, in its manifest and in its rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Decimal64Array, Int32Array, StringArray, UInt32Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{Decimal64Type, Int32Type};
use salanimi::config::{Contract, Table};
use salanimi::crypto::{Digest, Signatory, Unlock, read_key};
use salanimi::exchange::MAX_PERSON_ROWS;
use salanimi::study::read_contract;
use salanimi::table::{Group, ParquetTable, StoreError, WrittenTable, decode_column, pseudonym_column, write_table};
use salanimi_core::{Day, Id, Pseudonym, SigningKey};
use serde_json::{Value, json};

use super::world::World;

/// Position of each delivered field of the table `contacts`.
const ORGANISER: usize = 1;
const DAY: usize = 2;
const EUR: usize = 5;
const BIRTH_YEAR: usize = 7;
const AGE_MONTHS: usize = 8;

/// Both holders' deliveries, signed and not sealed, so that a test can read and forge them.
fn world() -> World {
    let world = World::of_parties();
    for holder in ["kela", "town"] {
        world.extract_signed(holder, &format!("d-{holder}"), "--unsealed").succeeds();
    }
    world
}

/// Signs the manifest of a delivery as its holder does.
fn sign(world: &World, holder: &str, comment: &str) {
    let study = Id::new("tiny").unwrap();
    let today = Day::parse("2026-01-01").unwrap();
    let key: SigningKey =
        read_key(&world.path(&format!("{holder}.signing")), &study, &Unlock::default(), today).unwrap();
    let manifest = world.read(&format!("d-{holder}/manifest.json"));
    let signature = Signatory::new(&key, &study).sign(&manifest, comment);
    world.write(&format!("d-{holder}/manifest.json.minisig"), signature);
}

fn sign_as_extract_does(world: &World, holder: &str) {
    sign(world, holder, &format!("salanimi-delivery/1 tiny {holder} 1"));
}

/// Forges the manifest of the town and links. Returns the message of the refusal.
fn refusal(world: &World, forge: impl FnOnce(&mut Value)) -> String {
    refusal_of(world, "town", forge)
}

fn refusal_of(world: &World, holder: &str, forge: impl FnOnce(&mut Value)) -> String {
    world.edit_json(&format!("d-{holder}/manifest.json"), forge);
    sign_as_extract_does(world, holder);
    let run = world.link("linked", "d-kela d-town").fails(3, &[]);
    world.has_nothing_of("linked");
    let verified = world.run("verify --attack none --contract contract.toml d-kela d-town");
    assert_eq!(verified.code(), 4, "{}", verified.stdout());
    verified.shows_no_code();
    run.stderr()
}

#[test]
fn a_manifest_that_is_signed_again_unchanged_is_accepted() {
    let world = world();
    sign_as_extract_does(&world, "town");
    world.link("linked", "d-kela d-town").succeeds();
    world.run("verify --attack none --contract contract.toml d-kela d-town linked").succeeds();
}

fn coverage(table: &str, organiser: &str, first: &str, last: &str) -> Value {
    json!({ "organiser": organiser, "table": table, "first": first, "last": last })
}

#[test]
fn a_holder_states_coverage_of_its_own_tables_organisers_and_period_only() {
    let honest = world();
    for stated in [
        coverage("support", "town", "2017-01-01", "2018-12-31"),
        coverage("support", "kela", "2017-01-01", "2018-12-31"),
        coverage("contacts", "kela", "2017-01-01", "2018-12-31"),
        coverage("contacts", "049", "2017-01-01", "2018-12-31"),
        coverage("contacts", "091", "2016-12-31", "2018-12-31"),
        coverage("contacts", "091", "2017-01-01", "2019-01-01"),
        coverage("contacts", "091", "2018-01-02", "2018-01-01"),
        coverage("contacts", "Matti Virtanen", "2017-01-01", "2018-12-31"),
        coverage("unknown", "091", "2017-01-01", "2018-12-31"),
    ] {
        let world = copied(&honest);
        let message = refusal(&world, |manifest| manifest["coverage"].as_array_mut().unwrap().push(stated.clone()));
        assert!(message.contains("town delivery 1 states coverage"), "{stated}: {message}");
        assert!(!message.contains("Matti"), "{message}");
    }
}

/// What a holder says, where it could say it in one way only.
type Forgery<'a> = (&'a str, &'a dyn Fn(&mut Value), &'a str);

#[test]
fn a_holder_states_each_thing_once_in_order_and_within_reason() {
    let honest = world();
    let forgeries: [Forgery<'_>; 7] = [
        (
            "kela",
            &|m| m["delivery"]["replaces"] = json!({ "number": 0, "manifest": "ab".repeat(32) }),
            "not an earlier one",
        ),
        ("kela", &|m| m["account"]["tables"].as_array_mut().unwrap().reverse(), "a table, column"),
        ("kela", &|m| repeat_first(&mut m["account"]["tables"]), "has the file of another"),
        ("town", &|m| repeat_first(&mut m["coverage"]), "states coverage"),
        ("town", &|m| repeat_first(&mut m["account"]["tables"][0]["dropped"]), "a table, column"),
        ("town", &|m| m["account"]["tables"][0]["ignored"] = json!(u64::MAX), "a table, column"),
        (
            "town",
            &|m| {
                let entry =
                    json!({ "kind": "hetu", "date": "7000-01-01", "changes": 1, "commitment": "ab".repeat(16) });
                m["account"]["old_codes"] = json!([entry]);
            },
            "changed identifiers",
        ),
    ];
    for (holder, forge, words) in forgeries {
        let world = copied(&honest);
        let message = refusal_of(&world, holder, forge);
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn a_holder_states_warnings_of_its_own_run_once_under_any_thresholds() {
    let warning = json!({
        "code": "rejects", "level": "warns", "holder": "town", "table": "contacts", "part": 2, "whole": 5
    });
    let honest = world();
    let state = |world: &World, warnings: Vec<Value>| {
        world.edit_json("d-town/manifest.json", |manifest| manifest["account"]["warnings"] = json!(warnings));
        sign_as_extract_does(world, "town");
    };
    let one = copied(&honest);
    state(&one, vec![warning.clone()]);
    one.link("linked", "d-kela d-town").succeeds();
    // Thresholds may change after the delivery.
    let contract = one.text("contract.toml");
    one.write("contract.toml", contract + "\n[warnings.rejects]\nwarn = 1.0\n");
    one.link("linked-2", "d-kela d-town").succeeds();
    let mut forged = vec![vec![warning.clone(), warning.clone()]];
    for (field, value) in
        [("holder", json!("kela")), ("table", json!("support")), ("level", json!("stops")), ("whole", json!(1_000_000))]
    {
        let mut changed = warning.clone();
        changed[field] = value;
        forged.push(vec![changed]);
    }
    for warnings in forged {
        let world = copied(&honest);
        state(&world, warnings.clone());
        world.link("linked", "d-kela d-town").fails(3, &["warnings that no run on its tables gives"]);
        let verified = world.run("verify --attack none --contract contract.toml d-town");
        assert_eq!(verified.code(), 4, "{warnings:?}");
    }
}

fn repeat_first(list: &mut Value) {
    let list = list.as_array_mut().unwrap();
    list.insert(0, list[0].clone());
}

/// A copy of a world, so that each forgery starts from honest deliveries.
fn copied(world: &World) -> World {
    let copy = World::empty();
    super::world::copy(world.root(), copy.root());
    for key in ["study.key", "kela.signing", "town.signing"] {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(copy.path(key), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    copy
}

#[test]
fn no_string_of_a_manifest_or_an_account_is_free_text() {
    let honest = world();
    let places = [
        "/tool",
        "/scheme",
        "/account/tables/0/dropped/0",
        "/account/tables/0/columns/1/transform",
        "/account/tables/0/columns/1/type",
        "/account/tables/0/columns/1/name",
        "/account/tables/0/file",
        "/account/tables/0/name",
        "/canaries/0/name",
        "/canaries/0/values/0",
        "/coverage/0/organiser",
        "/coverage/0/table",
        "/holder",
        "/study",
    ];
    for place in places {
        for text in ["Matti Virtanen", "131052-308T", "131052-308t", "matti_virtanen"] {
            let world = copied(&honest);
            let message = refusal(&world, |manifest| {
                *manifest.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = json!(text);
            });
            // The holder and the study name the file and the folder; a name in the form of an id may be repeated.
            let shown = !["/holder", "/study"].contains(&place) && message.to_lowercase().contains("virtanen");
            assert!(!shown, "{place}: {message}");
        }
    }
}

#[test]
fn a_holder_delivers_its_own_tables_with_the_contracts_columns() {
    let honest = world();
    let stolen = honest.json("d-kela/manifest.json");
    let world = copied(&honest);
    std::fs::copy(world.path("d-kela/support.parquet"), world.path("d-town/support.parquet")).unwrap();
    let message = refusal(&world, |manifest| {
        manifest["files"]["support.parquet"] = stolen["files"]["support.parquet"].clone();
        let table = stolen["account"]["tables"].as_array().unwrap().iter().find(|table| table["name"] == "support");
        manifest["account"]["tables"].as_array_mut().unwrap().push(table.unwrap().clone());
    });
    assert!(message.contains("differs from the contract's"), "{message}");
    for (place, value, expected) in [
        ("/account/tables/0/columns/1/role", json!("attribute"), "differs from the contract's"),
        ("/account/tables/0/columns/2/transform", json!("month"), "differs from the contract's"),
        ("/account/tables/0/persons", json!(1), "another number of persons"),
        ("/account/tables/0/columns/4/nulls", json!(0), "another number of nulls"),
        ("/account/tables/0/temporary_rows", json!(1_000_000), "counts that contradict each other"),
        ("/account/tables/0/source_rows", json!(1), "counts that contradict each other"),
        (
            "/account/lists/cohort",
            json!({ "listed": 5, "found": 1, "not_found": 4, "chosen_by": "kela" }),
            "lists that contradict",
        ),
        (
            "/account/lists/exclude",
            json!({ "listed": 5, "found": 1, "not_found": 1, "chosen_by": null }),
            "lists that contradict",
        ),
    ] {
        let world = copied(&honest);
        let message = refusal(&world, |manifest| *manifest.pointer_mut(place).unwrap() = value.clone());
        assert!(message.contains(expected), "{place}: {message}");
    }
}

#[test]
fn the_trusted_comment_names_the_delivery_that_was_signed() {
    let world = world();
    sign(&world, "town", "salanimi-delivery/1 tiny town 2");
    world.link("linked", "d-kela d-town").fails(3, &["its trusted comment names another file"]);
    sign(&world, "town", "131052-308T");
    world.link("linked", "d-kela d-town").fails(3, &["its trusted comment names another file"]);
}

/// Rows of the town's table in memory form.
struct Forged<'a> {
    table: &'a Table,
    columns: Vec<ArrayRef>,
}

/// Reads the town's rows, changes them, writes them with an honest account and signs.
fn forge_rows(world: &World, forge: impl FnOnce(&mut Forged<'_>)) {
    let contract: Contract = read_contract(&world.path("contract.toml")).unwrap();
    let (_, table) = contract.table("contacts").unwrap();
    let path = world.path("d-town/contacts.parquet");
    let read = ParquetTable::open(&path, &table.fields, None).unwrap();
    let batches: Vec<_> = read.all_batches().map(Result::unwrap).collect();
    let batch = concat_batches(&batches[0].schema(), &batches).unwrap();
    let columns = batch.columns().iter().zip(&table.fields);
    let columns = columns.map(|(column, field)| decode_column(column, &field.value).unwrap()).collect();
    let mut forged = Forged { table, columns };
    forge(&mut forged);
    std::fs::remove_file(&path).unwrap();
    let rows = forged.columns[0].len() as u64;
    let group = Group { ranges: 0..1, rows };
    let written: WrittenTable =
        write_table(&path, &table.fields, vec![group], None, |_| Ok::<_, StoreError>(forged.columns.clone())).unwrap();
    world.edit_json("d-town/manifest.json", |manifest| account_for(manifest, &forged, &written));
    sign_as_extract_does(world, "town");
}

fn account_for(manifest: &mut Value, forged: &Forged<'_>, written: &WrittenTable) {
    let keys = salanimi::table::keys(&forged.columns[0]);
    manifest["files"]["contacts.parquet"] = json!(written.file_digest);
    let entry = &mut manifest["account"]["tables"][0];
    let added = written.rows as i64 - entry["rows"].as_i64().unwrap();
    for count in ["rows", "records", "source_rows"] {
        entry[count] = json!(entry[count].as_i64().unwrap() + added);
    }
    entry["content_digest"] = json!(written.content_digest);
    entry["persons"] = json!(keys.chunk_by(|a, b| a == b).count());
    for (column, nulls) in written.nulls.iter().enumerate() {
        entry["columns"][column]["nulls"] = json!(nulls);
    }
}

/// Replaces the values of one column by those of the first row's `value`.
fn numbers(column: &ArrayRef, change: impl Fn(i32) -> i32) -> ArrayRef {
    let mut values: Vec<Option<i32>> = column.as_primitive::<Int32Type>().iter().collect();
    values[0] = values[0].map(change);
    Arc::new(Int32Array::from(values))
}

fn day(text: &str) -> i32 {
    Day::parse(text).unwrap().epoch_days()
}

#[test]
fn rows_that_are_written_again_unchanged_are_accepted() {
    let world = world();
    forge_rows(&world, |forged| assert_eq!(forged.table.fields[AGE_MONTHS].name, "age_months"));
    world.link("linked", "d-kela d-town").succeeds();
    world.run("verify --attack none --contract contract.toml d-kela d-town").succeeds();
}

#[test]
fn the_link_and_the_verification_refuse_rows_that_extract_would_have_refused() {
    type Forge = fn(&mut Forged<'_>);
    let cases: [(&str, Forge); 9] = [
        ("name an organiser", |forged| forged.columns[ORGANISER] = text(&forged.columns[ORGANISER], Some("049"))),
        ("does not match the contract's pattern", |forged| {
            forged.columns[ORGANISER] = text(&forged.columns[ORGANISER], Some("Matti Virtanen"));
        }),
        ("lack a value", |forged| forged.columns[ORGANISER] = text(&forged.columns[ORGANISER], None)),
        ("outside the range", |forged| {
            let mut cents: Vec<Option<i64>> = forged.columns[EUR].as_primitive::<Decimal64Type>().iter().collect();
            cents[0] = Some(500_001);
            let cents = Decimal64Array::from(cents).with_data_type(forged.columns[EUR].data_type().clone());
            forged.columns[EUR] = Arc::new(cents);
        }),
        ("observation window", |forged| {
            let days = vec![day("2019-01-01"); forged.columns[DAY].len()];
            forged.columns[DAY] = Arc::new(Date32Array::from(days));
        }),
        ("an age or a year of birth", |forged| {
            forged.columns[AGE_MONTHS] = numbers(&forged.columns[AGE_MONTHS], |_| -1);
        }),
        ("an age or a year of birth", |forged| {
            forged.columns[AGE_MONTHS] = numbers(&forged.columns[AGE_MONTHS], |age| age + 24);
        }),
        ("an age or a year of birth", |forged| {
            forged.columns[BIRTH_YEAR] = numbers(&forged.columns[BIRTH_YEAR], |_| 1790);
        }),
        ("no keyed hash gives", |forged| {
            let mut keys: Vec<u128> = salanimi::table::keys(&forged.columns[0]);
            keys[0] = 0;
            forged.columns[0] = pseudonym_column(keys.into_iter().map(|key| Pseudonym(key.to_be_bytes())), None);
        }),
    ];
    let honest = world();
    for (expected, forge) in cases {
        let world = copied(&honest);
        forge_rows(&world, forge);
        world.link("linked", "d-kela d-town").fails(3, &["town delivery 1, table 'contacts'", expected]);
        world.has_nothing_of("linked");
        let verified = world.run("verify --attack none --contract contract.toml d-town");
        assert_eq!(verified.code(), 4, "{expected}");
        assert!(verified.shows_no_code().stdout().contains("integrity.contents"), "{expected}");
    }
}

#[test]
fn the_link_refuses_a_code_on_a_day_on_which_it_is_not_in_force() {
    let world = World::of_parties();
    // Every row of the town lies in these days.
    world.write(
        "mappings/county.csv",
        "municipality;county;first;last\n020;06;;2018-12-31\n049;21;;\n091;90;2017-01-02;\n837;06;;\n",
    );
    world.edit("contract.toml", "year = 2023", "year = 2023\nvalid_from = \"first\"\nvalid_to = \"last\"");
    let pattern = r#"organiser", role = "quasi", type = "text", pattern = "[0-9]{3}""#;
    let codes = r#"organiser", role = "quasi", type = "code", codes_from = "county""#;
    world.edit("contract.toml", pattern, codes);
    for holder in ["kela", "town"] {
        world.extract_signed(holder, &format!("d-{holder}"), "--unsealed").succeeds();
    }
    let honest = copied(&world);
    honest.link("linked", "d-kela d-town").succeeds();
    forge_rows(&world, |forged| {
        let days = vec![day("2017-01-01"); forged.columns[DAY].len()];
        forged.columns[DAY] = Arc::new(Date32Array::from(days));
    });
    world.link("linked", "d-kela d-town").fails(3, &["table 'contacts'", "a code that is not in force on their day"]);
    world.has_nothing_of("linked");
    let verified = world.run("verify --attack none --contract contract.toml d-town");
    assert_eq!(verified.code(), 4, "{}", verified.stdout());
}

/// Replaces the text of the first row.
fn text(column: &ArrayRef, first: Option<&str>) -> ArrayRef {
    let texts = column.as_string::<i32>().iter().enumerate();
    Arc::new(texts.map(|(row, text)| if row == 0 { first } else { text }).collect::<StringArray>())
}

#[test]
fn so_many_rows_of_one_person_are_refused_and_cost_no_time() {
    let world = world();
    forge_rows(&world, |forged| {
        let indices = UInt32Array::from(vec![0_u32; MAX_PERSON_ROWS * 30]);
        for column in &mut forged.columns {
            *column = arrow::compute::take(column, &indices, None).unwrap();
        }
    });
    world.link("linked", "d-kela d-town").fails(3, &["more than 100000 rows of one person"]);
    let verified = world.run("verify --attack none --contract contract.toml d-town");
    assert_eq!(verified.code(), 4);
    assert!(verified.stdout().contains("more than 100000 rows of one person"), "{}", verified.stdout());
    let digest = Digest::of(&world.read("d-town/contacts.parquet"));
    assert_eq!(world.json("d-town/manifest.json")["files"]["contacts.parquet"], json!(digest));
}

#[test]
fn extract_rejects_what_the_contract_does_not_let_the_holder_state() {
    let world = World::of_parties();
    world.edit("contract.toml", "organisers = [\"020\", \"091\", \"837\"]", "organisers = [\"837\"]");
    world.extract_signed("town", "out", "").fails(3, &["coverage", "does not let this holder speak for", "'091'"]);
    let holder = world.text("town/holder.toml");
    let before = holder.find("[[coverage]]").unwrap();
    let after = holder.find("[[sources]]").unwrap();
    let covered =
        "[[coverage]]\norganiser = \"837\"\ntable = \"contacts\"\nfirst = \"2017-01-01\"\nlast = \"2018-12-31\"\n";
    world.write("town/holder.toml", format!("{}{covered}{}", &holder[..before], &holder[after..]));
    world.edit("contract.toml", "[population]", "[limits]\nmax_reject_share = 0.9\n\n[population]");
    world.extract_signed("town", "out", "").succeeds();
    let ledger = world.text("out.rejects.csv");
    assert!(ledger.contains("organiser;organiser"), "{ledger}");
    world.edit("contract.toml", "tables = [\"contacts\"]", "tables = [\"support\"]");
    world.extract_signed("town", "again", "").fails(3, &["does not let this holder deliver table 'contacts'"]);
    world.edit("contract.toml", "tables = [\"support\"]", "tables = [\"nothing\"]");
    world.extract_signed("town", "again", "").fails(3, &["holders, town", "'nothing' is not defined"]);
}
