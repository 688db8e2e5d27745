//! What the officer's checks find, and what they let pass.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::world::{BOTH, World};

const ALL: [&str; 7] = [
    "integrity.manifest",
    "integrity.signature",
    "integrity.recipients",
    "integrity.folder",
    "integrity.files",
    "integrity.account",
    "integrity.contents",
];

impl World {
    /// The verdicts on the folders in `line`, by check; the worst where several have it. The exit code must fit.
    fn verdicts(&self, line: &str) -> BTreeMap<String, String> {
        let run = self.run(&format!("verify --json {line}")).shows_no_code();
        let mut verdicts: BTreeMap<String, String> = BTreeMap::new();
        let worst = |verdict: &str| ["pass", "not_checked", "warn", "fail"].iter().position(|v| *v == verdict).unwrap();
        for check in run.json()["checks"].as_array().unwrap() {
            let text = |key: &str| check[key].as_str().unwrap().to_owned();
            assert!(!text("about").is_empty() && !text("evidence").is_empty());
            let known = verdicts.entry(text("name")).or_insert_with(|| "pass".to_owned());
            if worst(&text("verdict")) > worst(known) {
                *known = text("verdict");
            }
        }
        let failed = verdicts.values().any(|verdict| verdict == "fail");
        assert_eq!(run.code(), if failed { 4 } else { 0 }, "{line}: {verdicts:?}");
        verdicts
    }

    /// That of all checks with contract and identity exactly `name` fails on the folders in `line`.
    fn fails_alone(&self, name: &str, line: &str) {
        let verdicts = self.verdicts(&format!("{WITH_ALL} {line}"));
        let failed: Vec<&String> = verdicts.iter().filter(|(_, verdict)| *verdict == "fail").map(|(n, _)| n).collect();
        assert_eq!(failed, [name], "{line}");
    }
}

const WITH_ALL: &str = "--contract contract.toml --identity linker.identity";

#[test]
fn what_is_in_order_passes_every_check() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let verdicts = world.verdicts(&format!("{WITH_ALL} {BOTH} linked"));
    let names: Vec<&str> = verdicts.keys().map(String::as_str).collect();
    let mut expected: Vec<&str> = ALL.into_iter().chain(["integrity.agreement"]).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(verdicts.values().all(|verdict| verdict == "pass"), "{verdicts:?}");
    let words = world.run(&format!("verify {WITH_ALL} {BOTH} linked")).succeeds().stdout();
    assert!(words.starts_with("Verdict: every check passed. Of integrity only"), "{words}");
    assert!(words.contains("of kela, and it holds") && words.contains("2 deliveries together"), "{words}");
}

#[test]
fn what_cannot_be_checked_is_said_and_fails_nothing() {
    let world = World::sealed();
    let closed = ["integrity.account", "integrity.contents", "integrity.agreement"];
    let by_contract = ["integrity.signature", "integrity.recipients", "integrity.contents", "integrity.agreement"];
    for (line, not_checked) in [
        ("--contract contract.toml d-kela d-town", &closed[..]),
        ("--contract contract.toml --identity town.identity d-kela", &closed),
        ("--identity officer.identity d-kela", &by_contract),
    ] {
        let verdicts = world.verdicts(line);
        for (name, verdict) in &verdicts {
            let expected = if not_checked.contains(&name.as_str()) { "not_checked" } else { "pass" };
            assert_eq!(verdict, expected, "{line}: {name}");
        }
        assert_eq!(verdicts.len(), ALL.len() + 1);
    }
}

#[test]
fn what_is_neither_sealed_nor_signed_is_warned_of() {
    let world = World::delivered();
    let verdicts = world.verdicts(&format!("--contract contract.toml {BOTH}"));
    for name in ["integrity.signature", "integrity.recipients"] {
        assert_eq!(verdicts[name], "warn");
    }
    assert!(verdicts.iter().all(|(name, verdict)| verdict == "pass" || name.ends_with("re") || name.ends_with("nts")));
}

#[test]
fn each_fault_of_an_envelope_fails_its_own_check() {
    let world = World::sealed();
    let with = |file: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>, name: &str| {
        let (path, whole) = (format!("d-kela/{file}"), world.read(&format!("d-kela/{file}")));
        world.write(&path, change(whole.clone()));
        world.fails_alone(name, "d-kela");
        world.write(&path, whole);
    };
    let flip = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    for file in ["support.parquet", "notices.parquet", "account.json.age", "data-key.age"] {
        with(file, &flip, "integrity.files");
        with(file, &|bytes| bytes[..bytes.len() - 1].to_vec(), "integrity.files");
    }
    with("manifest.json.minisig", &flip, "integrity.signature");
    let to_town =
        |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\"number\": 1", "\"number\": 7").into_bytes();
    let verdicts = {
        let whole = world.read("d-kela/manifest.json");
        world.write("d-kela/manifest.json", to_town(whole.clone()));
        let verdicts = world.verdicts(&format!("{WITH_ALL} d-kela"));
        world.write("d-kela/manifest.json", whole);
        verdicts
    };
    // Another number is another place for every table, so that none of them opens.
    assert_eq!((&*verdicts["integrity.signature"], &*verdicts["integrity.contents"]), ("fail", "fail"));
    with("manifest.json", &|_| b"{}".to_vec(), "integrity.manifest");
    world.write("d-kela/more.csv", "more");
    world.fails_alone("integrity.folder", "d-kela");
    fs::remove_file(world.path("d-kela/more.csv")).unwrap();
    fs::remove_file(world.path("d-kela/notices.parquet")).unwrap();
    world.fails_alone("integrity.files", "d-kela");
    world.fails_alone("integrity.manifest", "kela");
    world.fails_alone("integrity.manifest", "nowhere");
}

#[test]
fn a_delivery_sealed_to_a_stranger_fails() {
    let world = World::of_parties();
    let contract = world.text("contract.toml");
    let stranger = world.identity("stranger.identity");
    let officer = contract.split("officer = \"").nth(1).unwrap().split('"').next().unwrap();
    world.write("contract.toml", contract.replace(officer, &stranger.to_string()));
    world.extract_signed("kela", "d-kela", "").succeeds();
    world.write("contract.toml", contract);
    world.fails_alone("integrity.recipients", "d-kela");
}

/// A change to what an account says of a table.
type Lie = &'static dyn Fn(&mut Value);

#[test]
fn an_account_that_says_what_the_tables_do_not_hold_fails() {
    let world = World::of_parties();
    // Readable, and signed by no one, so that it can be made to lie.
    let contract = world.text("contract.toml");
    world.write("contract.toml", &contract[..contract.find("[holders.kela]").unwrap()]);
    world.extract("kela", "d", "--unsealed").succeeds();
    let lies: [(&str, Lie); 7] = [
        ("rows", &|t| {
            t["rows"] = json!(t["rows"].as_u64().unwrap() - 1);
            t["records"] = json!(t["records"].as_u64().unwrap() - 1);
        }),
        ("persons", &|t| t["persons"] = json!(t["persons"].as_u64().unwrap() + 1)),
        ("nulls", &|t| t["columns"][2]["nulls"] = json!(t["columns"][2]["nulls"].as_u64().unwrap() + 1)),
        ("digest", &|t| t["content_digest"] = json!("0".repeat(64))),
        ("columns", &|t| t["columns"][1]["name"] = json!("other")),
        ("a column too many", &|t| {
            let columns = t["columns"].as_array_mut().unwrap();
            columns.push(columns[1].clone());
        }),
        ("a column too few", &|t| drop(t["columns"].as_array_mut().unwrap().pop())),
    ];
    for (what, lie) in lies {
        let whole = world.read("d/manifest.json");
        world.edit_json("d/manifest.json", |m| lie(&mut m["account"]["tables"][0]));
        eprintln!("{what}");
        world.fails_alone("integrity.contents", "d");
        world.write("d/manifest.json", whole);
    }
    world.edit_json("d/manifest.json", |m| m["account"]["tables"][0]["records"] = json!(1));
    world.fails_alone("integrity.account", "d");
}

#[test]
fn deliveries_that_do_not_belong_together_fail_together() {
    let world = World::sealed();
    world.key("other.key", [9; 32]);
    let line = "extract --contract contract.toml --holder town/holder.toml --key other.key --signing-key town.signing";
    world.run(&format!("{line} --out d-other")).succeeds();
    world.fails_alone("integrity.agreement", "d-kela d-other");
    world.verdicts(&format!("{WITH_ALL} d-other"));
}

#[test]
fn a_linked_dataset_that_was_changed_fails() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let whole = world.read("linked/persons.parquet");
    world.write("linked/persons.parquet", [&whole[..], b"x"].concat());
    world.fails_alone("integrity.files", "linked");
    world.write("linked/persons.parquet", whole);
    world.write("linked/more", "x");
    world.fails_alone("integrity.folder", "linked");
}
