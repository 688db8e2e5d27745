//! What the officer's checks find, and what they let pass.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::world::{BOTH, World};

/// The checks of a delivery's integrity.
const ALL: [&str; 9] = [
    "integrity.readable",
    "integrity.manifest",
    "integrity.signature",
    "integrity.recipients",
    "integrity.folder",
    "integrity.files",
    "integrity.account",
    "integrity.statements",
    "integrity.contents",
];

impl World {
    /// The verdicts on the folders in `line`, by check; the worst where several have it. The exit code must fit.
    fn verdicts(&self, line: &str) -> BTreeMap<String, String> {
        let run = self.run(&format!("verify --attack none --json - {line}")).shows_no_code();
        let mut verdicts: BTreeMap<String, String> = BTreeMap::new();
        let worst = |verdict: &str| {
            ["not_applicable", "pass", "not_checked", "warn", "fail"].iter().position(|v| *v == verdict).unwrap()
        };
        for check in run.json()["checks"].as_array().unwrap() {
            let text = |key: &str| check[key].as_str().unwrap().to_owned();
            let words = ["en", "fi", "sv"].map(|language| check["evidence"][language].as_str().unwrap().len());
            assert!(!text("about").is_empty() && words.iter().all(|length| *length > 0), "{check}");
            let known = verdicts.entry(text("name")).or_insert_with(|| "not_applicable".to_owned());
            if worst(&text("verdict")) > worst(known) {
                *known = text("verdict");
            }
        }
        let failed = verdicts.values().any(|verdict| verdict == "fail");
        assert_eq!(run.code(), if failed { 4 } else { 0 }, "{line}: {verdicts:?}");
        verdicts
    }

    /// The verdicts of one family.
    fn family(&self, family: &str, line: &str) -> BTreeMap<String, String> {
        let mut verdicts = self.verdicts(line);
        verdicts.retain(|name, _| name.split('.').next() == Some(family));
        verdicts
    }

    /// That of all checks with contract and identity exactly `name` fails on the folders in `line`.
    fn fails_alone(&self, name: &str, line: &str) {
        self.fail(&[name], line);
    }

    /// That of all checks with contract and identity exactly those in `names` fail on the folders in `line`.
    fn fail(&self, names: &[&str], line: &str) {
        let verdicts = self.verdicts(&format!("{WITH_ALL} {line}"));
        let failed: Vec<&String> = verdicts.iter().filter(|(_, verdict)| *verdict == "fail").map(|(n, _)| n).collect();
        assert_eq!(failed, names, "{line}");
    }
}

const WITH_ALL: &str = "--contract contract.toml --identity linker.identity";

/// Checks of released tables only.
const OF_RELEASES: [&str; 6] = [
    "integrity.register",
    "purpose.labels",
    "risk.curves",
    "risk.differencing",
    "risk.hidden_cells",
    "risk.protection",
];

#[test]
fn what_is_in_order_fails_no_check_and_every_check_of_the_catalogue_is_made() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let line = format!("{WITH_ALL} {BOTH} linked");
    let verdicts = world.verdicts(&line);
    let names: Vec<&str> = verdicts.keys().map(String::as_str).collect();
    let checks = salanimi::verify::catalogue().check.iter().map(|check| &*check.name);
    // Checks of tokens and links by evidence are in the tests of evidence.
    let of_evidence = |name: &str| name.starts_with("linkage.");
    let mut catalogue: Vec<&str> = checks.filter(|name| !OF_RELEASES.contains(name) && !of_evidence(name)).collect();
    catalogue.sort_unstable();
    assert_eq!(names, catalogue);
    let integrity = world.family("integrity", &line);
    assert!(integrity.values().all(|verdict| verdict == "pass") && integrity.len() == ALL.len() + 1, "{integrity:?}");
    assert!(world.family("purpose", &line).values().all(|verdict| verdict == "pass"), "{verdicts:?}");
    assert!(verdicts.values().all(|verdict| verdict != "fail"), "{verdicts:?}");
    let words = world.run(&format!("verify --attack none {line}")).succeeds().stdout();
    assert!(words.starts_with("Verdict: nothing failed, but see the warnings"), "{words}");
    assert!(words.contains("valid signature of kela") && words.contains("2 deliveries together"), "{words}");
}

#[test]
fn what_cannot_be_checked_is_said_and_fails_nothing() {
    let world = World::sealed();
    let closed = ["integrity.account", "integrity.statements", "integrity.contents", "integrity.agreement"];
    let by_contract = [
        "integrity.signature",
        "integrity.recipients",
        "integrity.statements",
        "integrity.contents",
        "integrity.agreement",
    ];
    for (line, not_checked, made) in [
        ("--contract contract.toml d-kela d-town", &closed[..], ALL.len()),
        ("--contract contract.toml --identity town.identity d-kela", &closed, ALL.len()),
        ("--identity officer.identity d-kela", &by_contract, ALL.len() + 1),
    ] {
        let verdicts = world.family("integrity", line);
        for (name, verdict) in &verdicts {
            let expected = if not_checked.contains(&name.as_str()) { "not_checked" } else { "pass" };
            assert_eq!(verdict, expected, "{line}: {name}");
        }
        assert_eq!(verdicts.len(), made, "{line}: {verdicts:?}");
    }
}

#[test]
fn what_is_neither_sealed_nor_signed_is_warned_of() {
    let world = World::delivered();
    let verdicts = world.family("integrity", &format!("--contract contract.toml {BOTH}"));
    for (name, verdict) in verdicts {
        let expected = if ["integrity.signature", "integrity.recipients"].contains(&&*name) { "warn" } else { "pass" };
        assert_eq!(verdict, expected, "{name}");
    }
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
    // Nothing then says that the tables are sealed, and as they are they cannot be read.
    let manifest = world.read("d-kela/manifest.json");
    world.write("d-kela/manifest.json", "{}");
    world.fail(&["integrity.manifest", "integrity.readable"], "d-kela");
    world.write("d-kela/manifest.json", manifest);
    world.write("d-kela/more.csv", "more");
    world.fails_alone("integrity.folder", "d-kela");
    fs::remove_file(world.path("d-kela/more.csv")).unwrap();
    fs::remove_file(world.path("d-kela/notices.parquet")).unwrap();
    world.fails_alone("integrity.files", "d-kela");
    world.run("verify nowhere").fails(3, &["nowhere: no such file or folder"]);
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
    let contents = "integrity.contents";
    let all = [contents, "integrity.readable", "integrity.statements"];
    let lies: [(&str, Lie, &[&str]); 7] = [
        (
            "rows",
            &|t| {
                t["rows"] = json!(t["rows"].as_u64().unwrap() - 1);
                t["records"] = json!(t["records"].as_u64().unwrap() - 1);
            },
            // A warning of the run names as many records as there were.
            &all,
        ),
        ("persons", &|t| t["persons"] = json!(t["persons"].as_u64().unwrap() + 1), &all[..1]),
        ("nulls", &|t| t["columns"][2]["nulls"] = json!(t["columns"][2]["nulls"].as_u64().unwrap() + 1), &all[..1]),
        ("digest", &|t| t["content_digest"] = json!("0".repeat(64)), &all[..1]),
        ("columns", &|t| t["columns"][1]["name"] = json!("other"), &all),
        (
            "a column too many",
            &|t| {
                let columns = t["columns"].as_array_mut().unwrap();
                columns.push(columns[1].clone());
            },
            &all,
        ),
        ("a column too few", &|t| drop(t["columns"].as_array_mut().unwrap().pop()), &all),
    ];
    for (what, lie, failed) in lies {
        let whole = world.read("d/manifest.json");
        world.edit_json("d/manifest.json", |m| lie(&mut m["account"]["tables"][0]));
        eprintln!("{what}");
        world.fail(failed, "d");
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
    world.fail(&["integrity.agreement", "pseudonym.canaries"], "d-kela d-other");
    world.verdicts(&format!("{WITH_ALL} d-other"));
}

#[test]
fn a_linked_dataset_that_was_changed_fails() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let whole = world.read("linked/persons.parquet");
    world.write("linked/persons.parquet", [&whole[..], b"x"].concat());
    // The file has no footer where one must be, so its rows cannot be counted either.
    world.fail(&["accounting.balance", "integrity.files", "integrity.readable"], "linked");
    world.write("linked/persons.parquet", whole);
    world.write("linked/more", "x");
    world.fails_alone("integrity.folder", "linked");
}

#[test]
fn an_accounting_file_that_does_not_add_up_fails() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    world.edit_json("linked.accounting.json", |a| a["tables"][0]["all"]["linked_rows"] = json!(1));
    world.fail(&["accounting.balance"], "linked");
    fs::remove_file(world.path("linked.accounting.json")).unwrap();
    let verdicts = world.verdicts(&format!("{WITH_ALL} linked"));
    assert_eq!(verdicts["accounting.balance"], "not_checked");
}

#[test]
fn a_column_a_code_and_a_day_that_the_contract_does_not_know_fail() {
    let world = World::delivered();
    world.run(&format!("verify --attack none --contract contract.toml {BOTH}")).succeeds();
    // The officer's contract is another than that of the delivery.
    let whole = world.text("contract.toml");
    let changes = [
        ("first = \"2017-01-01\"", "first = \"2018-12-01\"", "purpose.window"),
        ("\"granted\"", "\"grants\"", "purpose.codes"),
        ("children", "kids", "purpose.columns"),
    ];
    for (from, to, check) in changes {
        assert!(whole.contains(from), "{from}");
        world.write("contract.toml", whole.replace(from, to));
        let verdicts = world.family("purpose", "--contract contract.toml d-kela");
        assert_eq!(verdicts[check], "fail", "{from}: {verdicts:?}");
    }
}

#[test]
fn a_copied_delivery_overlaps_another_study_and_a_study_of_its_own_does_not() {
    let world = World::delivered();
    world.copy("d-kela", "d-copy");
    world.edit_json("d-copy/manifest.json", |m| m["study"] = json!("other"));
    let verdicts = world.verdicts("--contract contract.toml d-kela d-copy");
    assert_eq!(verdicts["pseudonym.other_study"], "fail");
    let contract = world.text("contract.toml").replacen("id = \"tiny\"", "id = \"other\"", 1);
    world.write("other.toml", contract);
    world.run("key new --contract other.toml other.key").succeeds();
    let line = "extract --contract other.toml --holder kela/holder.toml --key other.key --unsealed --out d-other";
    world.run(line).succeeds();
    let verdicts = world.verdicts("--contract contract.toml d-kela d-other");
    assert_eq!(verdicts["pseudonym.other_study"], "pass");
}

#[test]
fn the_key_holder_finds_the_delivery_as_the_source_and_the_key_make_it() {
    let world = World::delivered();
    let check = |delivery: &str, key: &str| {
        world.run(&format!(
            "extract --json --contract contract.toml --holder kela/holder.toml --key {key} --check {delivery}"
        ))
    };
    let run = check("d-kela", "study.key").succeeds();
    for table in run.json()["tables"].as_array().unwrap() {
        assert!(table["rows"].as_u64().unwrap() > 0 && table["differing"] == 0, "{table}");
        assert!(table["dropped_values"].as_u64().unwrap() > 0, "{table}");
    }
    world.key("other.key", [9; 32]);
    check("d-kela", "other.key").fails(3, &["made with another key"]);
    check("d-town", "study.key").fails(3, &["made with another holder"]);
    // One amount of the source is another than when the delivery was made.
    let source = world.files().into_iter().find(|file| file.starts_with("kela/") && file.contains(".csv")).unwrap();
    let text = String::from_utf8_lossy(&world.read(&source)).into_owned();
    let last = text.trim_end().rfind('\n').unwrap();
    world.write(&source, &text[..=last]);
    let run = check("d-kela", "study.key");
    assert_eq!(run.code(), 4, "{}{}", run.stdout(), run.stderr());
    assert!(run.stderr().contains("differs from what the source and the key produce"));
}

#[test]
fn the_page_and_the_report_are_written_and_never_overwritten() {
    let world = World::delivered();
    let line = "verify --attack none --contract contract.toml --report page.html --json report.json d-kela";
    world.run(line).succeeds();
    let (page, report) = (world.text("page.html"), world.json("report.json"));
    assert!(page.contains("<html lang=\"en\">") && page.contains("d-kela") && !page.contains("<script"), "{page}");
    assert_eq!(report["format"], "salanimi-verification/1");
    world.run(line).fails(3, &["page.html: the file exists and is never overwritten"]);
    let line = "verify --attack none --lang fi --contract contract.toml --report sivu.html d-kela";
    world.run(line).succeeds();
    assert!(world.text("sivu.html").contains("<html lang=\"fi\">"));
}

#[test]
fn a_name_that_tells_reaches_no_output() {
    let world = World::sealed();
    // A published test code in the name of a folder, of a file that is broken, of a column, and in an accounting file.
    let code = "010594Y9032";
    world.write(&format!("{code}/{code}.parquet"), "PAR1 and no more");
    world.write(&format!("{code}/more.csv"), format!("{code};b\n1;2\n3;4\n"));
    world.link_sealed("linked", "").succeeds();
    world.edit_json("linked.accounting.json", |a| {
        a["tables"][0]["table"] = json!(format!("x {code}"));
        a["tables"][0]["all"]["rows"] = json!(1);
    });
    let line = format!("verify --attack none --report page.html --json report.json {code} linked");
    let run = world.run(&line).shows_no_code();
    assert_eq!(run.code(), 4);
    for output in [run.stdout(), run.stderr(), world.text("page.html"), world.text("report.json")] {
        assert!(!output.contains(code), "{output}");
    }
    assert!(run.stdout().contains("residue.report") && run.stdout().contains("withheld"), "{}", run.stdout());
}

#[test]
fn pseudonyms_of_a_large_sorted_table_are_taken_for_random() {
    let world = World::empty();
    // More rows than are looked at in order, so that their beginning alone would not be uniform.
    let digest = |n: u32| salanimi::crypto::Digest::of(&n.to_be_bytes()).to_string()[..32].to_owned();
    let mut pseudonyms: Vec<String> = (0..400_000).map(digest).collect();
    pseudonyms.sort();
    let visits = |n: u32| salanimi::crypto::Digest::of(&n.to_le_bytes()).to_string().bytes().next().unwrap_or(b'0');
    let rows: Vec<String> = pseudonyms.iter().zip(0..).map(|(value, n)| format!("{value};{}", visits(n))).collect();
    world.write("data/table.csv", format!("pseudonym;visits\n{}\n", rows.join("\n")));
    let verdicts = world.family("pseudonym", "data");
    assert!(verdicts.values().all(|verdict| ["pass", "not_applicable"].contains(&verdict.as_str())), "{verdicts:?}");
    assert_eq!(verdicts["pseudonym.uniform"], "pass");
}

#[test]
fn a_link_is_not_followed_and_that_is_said() {
    let world = World::empty();
    world.write("outside/codes.csv", "a;b\n010594Y9032;1\n010594Y9021;1\n020594X903P;1\n");
    world.write("data/table.csv", "n;b\n1;2\n3;4\n");
    std::os::unix::fs::symlink(world.path("outside/codes.csv"), world.path("data/link.csv")).unwrap();
    let verdicts = world.family("residue", "data");
    assert_eq!((&*verdicts["residue.identity_codes"], &*verdicts["residue.other_files"]), ("pass", "warn"));
    let said = world.run("verify --attack none data").succeeds().stdout();
    assert!(said.contains("1 links, devices or files skipped (too deep or too many)"), "{said}");
}

#[test]
fn the_depth_of_the_attack_is_one_of_four_and_the_verdict_states_what_was_left_out() {
    let world = World::empty();
    // Keyed hashes would be as random as these numbers.
    let row =
        |number: u64| format!("{:032x};{}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c), number % 7);
    let rows: Vec<String> = (1..400).map(row).collect();
    world.write("data/table.csv", format!("pseudonym;visits\n{}\n", rows.join("\n")));
    for depth in ["", "all", "exhaustive"] {
        world.run(&format!("verify --attack={depth} data")).fails(2, &["none, quick, standard, whole"]);
    }
    for old in ["--quick", "--exhaustive", "--skip-attack"] {
        world.run(&format!("verify {old} data")).fails(2, &[old]);
    }
    let words = world.run("verify --attack none --report page.html --json page.json data").stdout();
    let second = words.lines().nth(1).unwrap();
    assert!(second.contains("was not made (--attack none)"), "{words}");
    let left_out = world.json("page.json")["left_out"]["en"].as_str().unwrap().to_owned();
    assert_eq!(left_out, second);
    let page = world.text("page.html");
    let not_checked = page.split("id=\"not_checked\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(not_checked.contains(&left_out), "{not_checked}");
    let help = world.run("verify --help").succeeds().stdout();
    for depth in ["none:", "quick:", "standard:", "whole:", "five minutes", "[default: standard]"] {
        assert!(help.contains(depth), "{depth}: {help}");
    }
}
