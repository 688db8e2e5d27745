//! Sealed and signed deliveries: opening them, and detecting every change.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use salanimi::crypto::Unlock;
use serde_json::json;

use crate::world::{BOTH, HOLDERS, World, files};

/// Files of a sealed delivery of Kela.
const FILES: [&str; 6] = [
    "account.json.age",
    "data-key.age",
    "manifest.json",
    "manifest.json.minisig",
    "notices.parquet",
    "support.parquet",
];

impl World {
    fn refuses_sealed(&self, words: &[&str]) {
        self.link_sealed("linked", "").fails(3, words);
        self.has_nothing_of("linked");
    }
}

#[test]
fn a_sealed_delivery_links_like_an_unsealed_one() {
    let world = World::sealed();
    world.link_sealed("linked", "--link-key link.key").succeeds();
    fs::remove_file(world.path("link.key.history.json")).unwrap();
    for holder in HOLDERS {
        world.extract_signed(holder, &format!("plain-{holder}"), "--unsealed").succeeds();
    }
    world.link("plain-linked", "--link-key link.key plain-kela plain-town").succeeds();
    for file in ["persons", "support", "notices", "contacts"] {
        let name = |folder: &str| world.read(&format!("{folder}/{file}.parquet"));
        assert_eq!(name("linked"), name("plain-linked"), "{file}");
    }
    world.link("officer-linked", &format!("--identity officer.identity {BOTH}")).succeeds();
}

#[test]
fn only_recipients_open_a_delivery() {
    let world = World::sealed();
    world
        .link("linked", BOTH)
        .fails(3, &["d-kela/account.json.age: the delivery is sealed", "no identity was given", "--identity FILE"]);
    for other in HOLDERS {
        let line = format!("--identity {other}.identity {BOTH}");
        world
            .link("linked", &line)
            .fails(3, &["d-kela/account.json.age: the delivery is sealed", "no given identity opens it"]);
    }
    world.link("linked", &format!("--identity study.key {BOTH}")).fails(3, &["study.key", "not an age identity file"]);
    fs::set_permissions(world.path("linker.identity"), PermissionsExt::from_mode(0o644)).unwrap();
    world.refuses_sealed(&["linker.identity", "mode 644", "chmod 600"]);
    world.has_nothing_of("linked");
}

#[test]
fn an_outsider_reads_nothing_that_counts_persons() {
    let world = World::sealed();
    let lists = "--cohort lists/cohort.txt --exclude lists/exclude.txt --protect lists/protect.txt";
    world.extract_signed("kela", "listed", lists).succeeds();
    for delivery in ["d-kela", "listed"] {
        let manifest = world.json(&format!("{delivery}/manifest.json"));
        assert_eq!(
            (&manifest["account"], &json!(manifest["sealing"]["to"].as_object().unwrap().keys().collect::<Vec<_>>())),
            (&json!(null), &json!(["linker", "officer"]))
        );
        let text = manifest.to_string();
        for word in ["rows", "records", "persons", "rejected", "filtered", "listed", "nulls", "dropped", "emptied"] {
            assert!(!text.contains(word), "{delivery} holds '{word}'");
        }
        let shown = world.run(&format!("show {delivery}")).succeeds().stdout();
        assert!(shown.contains("sealed to linker, officer") && !shown.contains("rows out"), "{shown}");
        let opened = world.run(&format!("show --identity officer.identity --contract contract.toml {delivery}"));
        let opened = opened.succeeds().stdout();
        assert!(opened.contains("rows out") && opened.contains("Signature: of kela, valid"), "{opened}");
    }
    for name in files(&world.path("d-kela")) {
        let bytes = fs::read(&name).unwrap();
        assert!(!bytes.starts_with(b"PAR1"), "{} is not sealed", name.display());
    }
    world.run("show d-kela/support.parquet").fails(3, &["the delivery is sealed", "--identity FILE"]);
    let table = world.run("show --identity linker.identity d-kela/support.parquet").succeeds().stdout();
    assert!(table.contains("created by salanimi") && table.contains("household"), "{table}");
}

#[test]
fn an_unsealed_delivery_needs_a_flag_and_is_reported() {
    let world = World::of_parties();
    world.extract_signed("kela", "sealed", "").succeeds();
    let run = world.extract_signed("kela", "plain", "--unsealed").succeeds();
    assert!(run.stdout().contains("NOT sealed"));
    assert_eq!(world.json("plain/manifest.json")["sealing"], json!("none"));
    assert!(world.run("show plain").succeeds().stdout().contains("NOT sealed"));
    // The link reports it too.
    world.extract_signed("town", "d-town", "").succeeds();
    let run = world.link("linked", "--identity linker.identity plain d-town").succeeds();
    assert!(run.stdout().contains("kela 1 (NOT sealed)"), "{}", run.stdout());
    let inputs = &world.json("linked/manifest.json")["inputs"];
    assert_eq!((&inputs[0]["sealed"], &inputs[1]["sealed"]), (&json!(false), &json!(true)));
    // A contract without recipients needs the flag too.
    let good = World::good();
    let line = "extract --contract contract.toml --key study.key --holder kela/holder.toml --out plain";
    good.run(line).fails(3, &["names no recipient", "add [recipients], or give --unsealed"]);
    good.has_nothing_of("plain");
    let run = good.extract("kela", "plain", "").succeeds();
    assert!(run.stdout().contains("NOT sealed") && run.stdout().contains("NOT signed"), "{}", run.stdout());
}

#[test]
fn each_delivery_has_its_own_data_key_and_the_same_content() {
    use std::io::Read;
    let world = World::of_parties();
    let unlock = Unlock::read(Vec::new(), &[world.path("linker.identity")]).unwrap();
    let opened = ["one", "two"].map(|out| {
        world.extract_signed("kela", out, "").succeeds();
        let sealed = world.read(&format!("{out}/data-key.age"));
        let mut key = Vec::new();
        unlock.open_as_recipient(sealed.as_slice()).unwrap().read_to_end(&mut key).unwrap();
        let run = world.run(&format!("show --json --identity linker.identity {out}")).succeeds().json();
        (key, run["account"]["tables"].clone())
    });
    assert!(opened[0].0.len() == 32 && opened[0].0 != opened[1].0);
    assert_eq!(opened[0].1, opened[1].1);
}

#[test]
fn a_byte_changed_anywhere_is_refused() {
    let world = World::sealed();
    for file in FILES {
        let name = format!("d-kela/{file}");
        let whole = world.read(&name);
        let end_of_signature = |at: usize| file.ends_with("minisig") && at + 1 == whole.len();
        for at in (0..whole.len()).step_by(whole.len() / 12 + 1).chain([whole.len() - 1]) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            world.write(&name, &changed);
            let run = world.link_sealed("linked", "");
            // A signature's first line and last line end are comments that minisign does not trust either.
            let comment = file.ends_with("minisig") && at < whole.iter().position(|&b| b == b'\n').unwrap();
            assert!(run.code() == 3 || comment || end_of_signature(at), "{name}, byte {at}: {}", run.stderr());
            let _ = fs::remove_dir_all(world.path("linked"));
            let _ = fs::remove_file(world.path("linked.accounting.json"));
        }
        world.write(&name, &whole[..whole.len() / 2]);
        world.refuses_sealed(&["d-kela", "ask the"]);
        fs::remove_file(world.path(&name)).unwrap();
        world.refuses_sealed(&["d-kela"]);
        world.write(&name, &whole);
    }
    world.link_sealed("linked", "").succeeds();
}

#[test]
fn each_kind_of_change_has_its_own_message() {
    let world = World::sealed();
    let changed = |name: &str, words: &[&str]| {
        let whole = world.read(name);
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        world.write(name, bytes);
        world.refuses_sealed(words);
        world.write(name, whole);
    };
    for file in ["support.parquet", "account.json.age", "data-key.age"] {
        changed(&format!("d-kela/{file}"), &[file, "the content differs from the manifest"]);
    }
    let manifest = world.read("d-kela/manifest.json");
    let signature = world.read("d-kela/manifest.json.minisig");
    world.edit("d-kela/manifest.json", "\"number\": 1", "\"number\": 2");
    world.refuses_sealed(&[
        "manifest.json.minisig",
        "not the signature of 'kela'",
        "the file or the signature was changed",
    ]);
    world.write("d-kela/manifest.json", &manifest);
    world.write("d-kela/manifest.json.minisig", world.read("d-town/manifest.json.minisig"));
    world.refuses_sealed(&["manifest.json.minisig", "another key made it"]);
    world.write("d-kela/manifest.json.minisig", "no signature\n");
    world.refuses_sealed(&["manifest.json.minisig", "not a signature file"]);
    fs::remove_file(world.path("d-kela/manifest.json.minisig")).unwrap();
    world.refuses_sealed(&["manifest.json.minisig", "the signature is missing"]);
    world.write("d-kela/manifest.json.minisig", &signature);
    for file in FILES {
        let name = format!("d-kela/{file}");
        fs::rename(world.path(&name), world.path("aside")).unwrap();
        symlink(world.path("aside"), world.path(&name)).unwrap();
        world.refuses_sealed(&[file, "not a regular file", "not a link"]);
        fs::remove_file(world.path(&name)).unwrap();
        fs::rename(world.path("aside"), world.path(&name)).unwrap();
    }
    world.link_sealed("linked", "").succeeds();
}

#[test]
fn tables_swapped_between_deliveries_are_refused() {
    let world = World::of_parties();
    for (out, number) in [("one", 1), ("two", 2)] {
        world.edit("kela/holder.toml", "number = 1", format!("number = {number}"));
        world.extract_signed("kela", out, "").succeeds();
        world.edit("kela/holder.toml", format!("number = {number}"), "number = 1");
    }
    fs::copy(world.path("two/support.parquet"), world.path("one/support.parquet")).unwrap();
    let line = "link --contract contract.toml --identity linker.identity --out linked one";
    world.run(line).fails(3, &["one/support.parquet", "the content differs from the manifest"]);
    // Without signatures, an attacker can change the manifest too. The names bound to the seal still stop the swap.
    let contract = world.text("contract.toml");
    world.write("contract.toml", &contract[..contract.find("[holders.kela]").unwrap()]);
    for (out, number) in [("three", 1), ("four", 2)] {
        world.edit("kela/holder.toml", "number = 1", format!("number = {number}"));
        world.extract("kela", out, "").succeeds();
        world.edit("kela/holder.toml", format!("number = {number}"), "number = 1");
    }
    for file in ["support.parquet", "data-key.age"] {
        fs::copy(world.path(&format!("four/{file}")), world.path(&format!("three/{file}"))).unwrap();
        let digest = salanimi::crypto::Digest::of(&world.read(&format!("three/{file}"))).to_string();
        world.edit_json("three/manifest.json", |m| m["files"][file] = json!(digest));
    }
    let line = "link --contract contract.toml --identity linker.identity --out linked three";
    world.run(line).fails(3, &["three/support.parquet", "or was sealed as another table"]);
    world.has_nothing_of("linked");
}

#[test]
fn a_table_without_a_seal_is_refused_in_a_sealed_delivery() {
    let world = World::of_parties();
    // Without signatures, an attacker can change the manifest too.
    let contract = world.text("contract.toml");
    world.write("contract.toml", &contract[..contract.find("[holders.kela]").unwrap()]);
    world.extract("kela", "sealed", "").succeeds();
    world.extract("kela", "plain", "--unsealed").succeeds();
    fs::copy(world.path("plain/support.parquet"), world.path("sealed/support.parquet")).unwrap();
    let digest = salanimi::crypto::Digest::of(&world.read("sealed/support.parquet")).to_string();
    world.edit_json("sealed/manifest.json", |m| m["files"]["support.parquet"] = json!(digest));
    let line = "link --contract contract.toml --identity linker.identity --out linked sealed";
    world.run(line).fails(3, &["sealed/support.parquet", "or was sealed as another table"]);
    world.has_nothing_of("linked");
}

#[test]
fn a_delivery_that_someone_else_can_open_is_refused() {
    let world = World::of_parties();
    let contract = world.text("contract.toml");
    let stranger = world.identity("stranger.identity");
    let officer = contract.split("officer = \"").nth(1).unwrap().split('"').next().unwrap();
    world.write("contract.toml", contract.replace(officer, &stranger.to_string()));
    for holder in HOLDERS {
        world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
    }
    world.write("contract.toml", contract);
    world.refuses_sealed(&["d-kela", "sealed to a recipient", "the contract does not list"]);
    world.run("show --contract contract.toml d-kela").fails(3, &["sealed to a recipient"]);
}

#[test]
fn show_holds_a_delivery_against_its_manifest_with_and_without_an_identity() {
    let world = World::sealed();
    world.extract_signed("kela", "plain", "--unsealed").succeeds();
    world.link_sealed("linked", "").succeeds();
    for (folder, table) in [("d-kela", "notices"), ("plain", "notices"), ("linked", "persons")] {
        let name = format!("{folder}/{table}.parquet");
        let whole = world.read(&name);
        world.write(&name, [&whole[..], b"x"].concat());
        for more in ["", "--contract contract.toml", "--contract contract.toml --identity linker.identity"] {
            world.run(&format!("show {more} {folder}")).fails(3, &[&name, "the content differs from the manifest"]);
        }
        world.write(&name, whole);
        world.run(&format!("show --contract contract.toml {folder}")).succeeds();
    }
    let table = "show --contract contract.toml --identity linker.identity d-kela/notices.parquet";
    world.run(table).succeeds();
    fs::remove_file(world.path("d-kela/manifest.json.minisig")).unwrap();
    world.run(table).fails(3, &["manifest.json.minisig", "the signature is missing"]);
}

#[test]
fn a_link_reports_holders_without_a_delivery() {
    let world = World::sealed();
    let line = "link --contract contract.toml --identity linker.identity --out linked d-kela";
    assert!(world.run(line).succeeds().stdout().contains("no delivery of: town"));
    let inside = "link --contract contract.toml --identity linker.identity --out d-kela/linked d-kela";
    world.run(inside).fails(3, &["d-kela/linked", "lies inside", "must not change"]);
    world.run(&line.replace("d-kela", "d-kela/manifest.json")).fails(3, &["give the folder of a delivery"]);
    world
        .run(&line.replace("d-kela", "linked").replace("--out linked", "--out other"))
        .fails(3, &["linked: this is a linked dataset, not a delivery"]);
}

#[test]
fn an_older_delivery_is_not_linked_again() {
    let world = World::of_parties();
    let period = "period = { first = \"2017-01-01\", last = \"2018-12-31\" }";
    let year = |year: &str| format!("period = {{ first = \"{year}-01-01\", last = \"{year}-12-31\" }}");
    let holder = world.text("town/holder.toml");
    for (out, number, days) in [("one", "1", "2017"), ("two", "2", "2018")] {
        let later = holder.replace("number = 1", &format!("number = {number}")).replace(period, &year(days));
        world.write("town/holder.toml", later);
        world.extract_signed("town", out, "").succeeds();
    }
    world.extract_signed("kela", "d-kela", "").succeeds();
    let link = |out: &str, deliveries: &str| {
        world.link(out, &format!("--identity linker.identity --link-key link.key {deliveries}"))
    };
    link("linked", "d-kela one two").succeeds();
    for older in ["one", "d-kela one"] {
        link("again", older).fails(3, &["town delivery 1", "is linked already", "give the newest"]);
    }
    world.has_nothing_of("again");
}

#[test]
fn two_links_at_once_with_one_key_are_one_too_many() {
    let world = World::sealed();
    let key = fs::File::open(world.path("link.key")).unwrap();
    key.lock().unwrap();
    world.link_sealed("linked", "--link-key link.key").fails(3, &["link.key", "another run links with this key"]);
    key.unlock().unwrap();
    world.link_sealed("linked", "--link-key link.key").succeeds();
}

#[test]
fn a_delivery_under_another_holders_name_is_refused() {
    let world = World::sealed();
    world.edit_json("d-kela/manifest.json", |m| m["holder"] = json!("town"));
    world.refuses_sealed(&["d-kela/manifest.json.minisig", "'town'", "another key made it"]);
}

#[test]
fn who_must_sign_is_said_before_anything_is_read() {
    let world = World::of_parties();
    world.extract("kela", "out", "").fails(3, &["lists a signing key of 'kela'", "--signing-key FILE"]);
    world.extract("kela", "out", "--signing-key town.signing").fails(3, &["town.signing", "not the signing key"]);
    world.extract("kela", "out", "--signing-key study.key").fails(3, &["study.key", "a signing key is needed"]);
    let contract = world.text("contract.toml");
    world.write("contract.toml", contract.replace("[holders.kela]", "[holders.someone]"));
    world.extract_signed("kela", "out", "").fails(3, &["lists no signing key of 'kela'", "[holders.kela]"]);
    world.extract("kela", "out", "").fails(3, &["lists no signing key of 'kela'"]);
    world.has_nothing_of("out");
    world.write("contract.toml", contract);
    for holder in HOLDERS {
        world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
    }
    // A contract that lists no key cannot vouch for a signature.
    let contract = world.text("contract.toml");
    world.write("contract.toml", &contract[..contract.find("[holders.kela]").unwrap()]);
    world.refuses_sealed(&["lists no signing key of 'kela'"]);
}

#[test]
fn a_recipient_or_key_that_is_none_is_refused_with_the_contract() {
    let world = World::of_parties();
    let contract = world.text("contract.toml");
    let linker = contract.split("linker = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let signing = contract.split("signing = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for (from, to, words) in [
        (&linker, linker.replace("age1", "age2"), "a recipient is written age1"),
        (&linker, linker[..40].to_owned(), "a recipient is written age1"),
        (&signing, signing[..20].to_owned(), "a public signing key is written RW"),
    ] {
        world.write("contract.toml", contract.replace(from, &to));
        let run = world.extract_signed("kela", "out", "").fails(3, &["contract.toml: line", words]);
        assert!(!run.stderr().contains(&to), "{}", run.stderr());
    }
    world.has_nothing_of("out");
}

#[test]
fn no_named_file_but_the_outputs_is_written_when_a_sealed_delivery_is_read_again() {
    let world = World::sealed();
    let before = world.files();
    world.run("show --identity linker.identity d-kela").succeeds();
    world.run("show --identity linker.identity d-kela/support.parquet").succeeds();
    assert_eq!(world.files(), before);
    world.link_sealed("linked", "").succeeds();
    let written = world.files().into_iter().filter(|name| !before.contains(name) && !name.starts_with("linked/"));
    assert_eq!(written.collect::<Vec<_>>(), ["linked.accounting.json"], "more than the dataset and its accounting");
}
