//! The audit log of each party: its entries, and the detection of a broken chain.

use std::fs;

use serde_json::{Value, json};

use crate::world::{BOTH, World};

fn entries(world: &World, log: &str) -> Vec<Value> {
    world.text(log).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_command_that_does_something_is_in_the_log() {
    let world = World::of_parties();
    world.run("key new --contract contract.toml new.key").succeeds();
    world.run("key split --shares 2 --threshold 2 new.key").succeeds();
    world.run("key combine --out again.key new.key.1.share new.key.2.share").succeeds();
    world.run("key destroy --signing-key kela.signing --certificate gone.json again.key").succeeds();
    let cohort = "--contract contract.toml --holder kela/holder.toml --signing-key kela.signing --to town";
    world.run(&format!("cohort {cohort} --out persons.age")).succeeds();
    let kela = world.extract_signed("kela", "d-kela", "--json").succeeds().json();
    world.extract("kela", "refused", "").fails(3, &["--signing-key"]);
    world.extract_signed("town", "d-town", "").succeeds();
    let linked = world.link_sealed("linked", "--json").succeeds().json();
    let all = entries(&world, "audit.jsonl");
    let ended: Vec<&Value> = all.iter().filter(|e| e["act"]["outcome"] != "begun").collect();
    let commands: Vec<&str> = ended.iter().map(|e| e["act"]["command"].as_str().unwrap()).collect();
    let expected = [
        "key new project",
        "key split",
        "key combine",
        "key destroy",
        "cohort",
        "extract",
        "extract",
        "extract",
        "link",
    ];
    assert_eq!(commands, expected);
    // Each began before it ended.
    assert_eq!(all.len(), 2 * ended.len());
    for (position, entry) in ended.iter().enumerate() {
        assert_eq!(entry["act"]["begun"], json!(2 * position + 1));
        assert!(entry["act"]["study"] == "tiny" || entry["act"]["outcome"] != "done", "{entry}");
    }
    let act = |position: usize| &ended[position]["act"];
    let [new, destroyed, cohort, extract, refused, link] = [0, 3, 4, 5, 6, 8].map(act);
    assert!(
        new["key_id"] == act(1)["key_id"] && new["key_id"] == act(2)["key_id"] && new["key_id"] == destroyed["key_id"]
    );
    assert!(destroyed["signed_by"].is_string() && destroyed["digests"]["certificate"].is_string());
    assert!(cohort["signed_by"] == destroyed["signed_by"] && cohort["counts"]["persons"].as_u64().unwrap() > 0);
    assert_eq!((&extract["outcome"], &refused["outcome"]), (&json!("done"), &json!({ "failed": 3 })));
    assert_eq!(extract["digests"]["manifest"], kela["manifest_digest"]);
    assert_eq!(extract["key_id"], kela["manifest"]["key_id"]);
    assert_eq!(extract["counts"]["support: rows"], kela["account"]["tables"][0]["rows"]);
    assert_eq!(extract["digests"]["contract, exchange section"], kela["manifest"]["exchange_digest"]);
    assert_eq!(
        refused["digests"],
        json!({
            "contract, exchange section": kela["manifest"]["exchange_digest"],
            "contract, settings": kela["manifest"]["settings_digest"]
        })
    );
    assert_eq!(link["digests"]["kela delivery 1"], kela["manifest_digest"]);
    assert_eq!(link["digests"]["manifest"], linked["manifest_digest"]);
    assert!(all.iter().all(|e| e["user"].is_string() && e["time"].as_str().unwrap().ends_with('Z')));
    let shown = world.run("show audit.jsonl").succeeds().stdout();
    assert!(shown.contains("18 entries; the chain holds") && shown.contains("extract: failed (3)"), "{shown}");
}

#[test]
fn commands_that_only_read_leave_no_log() {
    let world = World::sealed();
    fs::remove_file(world.path("audit.jsonl")).unwrap();
    world.run("show d-kela").succeeds();
    world.run("key fingerprint study.key").succeeds();
    world.run("extract --dry-run --contract contract.toml --holder kela/holder.toml").succeeds();
    assert!(!world.path("audit.jsonl").exists());
}

#[test]
fn a_broken_chain_is_reported_by_line_and_not_appended_to() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let whole = world.text("audit.jsonl");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 6);
    for (text, line) in [
        (whole.replacen("\"command\":\"extract\"", "\"command\":\"nothing\"", 1), 2),
        ([lines[0], lines[2]].concat(), 2),
        ([lines[1], lines[2]].concat(), 1),
        (whole[..whole.len() - 5].to_owned(), 6),
    ] {
        world.write("audit.jsonl", &text);
        let place = format!("breaks at line {line}");
        world.run("show audit.jsonl").fails(4, &["audit.jsonl", &place, "--audit FILE"]);
        world.link_sealed("again", "").fails(4, &["audit.jsonl", &place]);
        world.has_nothing_of("again");
        assert_eq!(world.text("audit.jsonl"), text);
    }
    world.link_sealed("again", "--audit second.jsonl").succeeds();
    assert_eq!(entries(&world, "second.jsonl").len(), 2);
}

#[test]
fn a_log_from_the_future_means_that_the_clock_was_set_back() {
    let world = World::delivered();
    let text = world.text("audit.jsonl");
    let time = text.split("\"time\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let line = text.lines().next().unwrap().replace(&time, "2090-01-01T00:00:00Z");
    world.write("audit.jsonl", format!("{line}\n"));
    world.link("linked", BOTH).fails(3, &["audit.jsonl", "2090-01-01T00:00:00Z", "set the clock"]);
    world.has_nothing_of("linked");
}

#[test]
fn a_log_is_private_and_never_a_link() {
    let world = World::delivered();
    let mode = fs::metadata(world.path("audit.jsonl")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    fs::rename(world.path("audit.jsonl"), world.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", world.path("audit.jsonl")).unwrap();
    world.link("linked", BOTH).fails(3, &["audit.jsonl", "not a regular file"]);
}
