//! What may leave: released tables as other tools judge them, and what is refused.

use std::path::Path;

use crate::judges::{Judges, words};
use crate::mini::name_release_key;
use crate::sentinel::SENTINEL;
use crate::world::{World, copy, repository};

const HOLDERS: [&str; 3] = ["kela", "helsinki", "tampere"];
const RELEASE: &str = "release --contract src/contract.toml --key release.key --out released linked";

/// The study of so many people, linked.
fn linked(persons: u32) -> World {
    linked_of(persons, &HOLDERS)
}

fn linked_of(persons: u32, holders: &[&str]) -> World {
    let world = sources(persons);
    link(&world, holders);
    world
}

/// The registers of so many people.
fn sources(persons: u32) -> World {
    let world = World::empty();
    copy(&repository("config"), &world.path("config"));
    world.run("key new --contract config/studies/toituavain/contract.toml study.key").succeeds();
    world
        .run(&format!(
            "synth --contract config/studies/toituavain/contract.toml --persons {persons} --seed 5 --out src"
        ))
        .succeeds();
    name_release_key(&world, "src/contract.toml", "toituavain");
    world
}

fn link(world: &World, holders: &[&str]) {
    for holder in holders {
        let files = format!("--contract src/contract.toml --holder src/{holder}/holder.toml --key study.key");
        world.run(&format!("extract {files} --unsealed --out d-{holder}")).succeeds();
    }
    let deliveries = holders.iter().map(|holder| format!("d-{holder}")).collect::<Vec<_>>().join(" ");
    world.run(&format!("link --contract src/contract.toml --out linked {deliveries}")).succeeds();
}

/// Changes the contract; everything outside its exchange section may be changed after the link.
fn with(world: &World, from: &str, to: &str) {
    let contract = world.text("src/contract.toml");
    assert!(contract.contains(from), "{from}");
    world.write("src/contract.toml", contract.replacen(from, to, 1));
}

/// Where the contract's release section begins, and where it ends.
fn section(contract: &str) -> (usize, usize) {
    (contract.find("\n[release]\n").unwrap() + 1, contract.find("\n[[contradictions]]\n").unwrap() + 1)
}

/// The contract with no release section but this one.
fn releasing(world: &World, tables: &str) {
    let contract = world.text("src/contract.toml");
    let (start, end) = section(&contract);
    let key = contract.lines().find(|line| line.starts_with("key = ")).unwrap();
    world.write("src/contract.toml", format!("{}[release]\n{key}\n{tables}\n{}", &contract[..start], &contract[end..]));
}

/// The release key of the tests, in hexadecimal digits.
fn key_digits() -> String {
    data_encoding::HEXLOWER.encode(&crate::world::KEY)
}

/// Runs a judge on files of the world and returns what it says. The judge must be content.
fn judged(world: &World, judge: &str, arguments: &[&str]) -> Option<String> {
    let judges = Judges::assemble()?;
    let said = judges.run(judge).current_dir(world.root()).args(arguments).output().unwrap();
    assert!(said.status.success(), "{judge} {arguments:?}: {}", words(&said));
    Some(words(&said))
}

/// The contract's release section under noise, with a budget that is large enough for all that is not too thin.
fn under_noise(world: &World) {
    with(world, "protect = \"round\" ", "protect = \"noise\"\nnoise = 5\ncertainty = 0.95 ");
    with(world, "event = \"contacted\"\nby = \"already_client\"", "event = \"contacted\"");
    let contract = world.text("src/contract.toml");
    let [landmark, end] = ["# Months to the exit", "# Independent columns"].map(|mark| contract.find(mark).unwrap());
    world.write("src/contract.toml", format!("{}{}", &contract[..landmark], &contract[end..]));
}

#[test]
fn released_numbers_are_what_other_tools_and_an_independent_method_make() {
    let world = linked(6000);
    world.run(RELEASE).succeeds();
    let key = key_digits();
    let Some(other) = judged(&world, "release.py", &["linked", "released", "src/contract.toml"]) else { return };
    assert_eq!(other.matches("ok ").count(), 3, "{other}");
    let compare = ["compare", "linked", "src/contract.toml", &key, "released"];
    let own = judged(&world, "release_reference.py", &compare).unwrap();
    assert_eq!(own.matches("ok ").count(), 17, "{own}");
}

#[test]
fn noise_has_the_spread_that_an_independent_method_gives_it() {
    // With fewer people some items are refused as too thin, with one key or another.
    let world = linked(20_000);
    under_noise(&world);
    world.run(RELEASE).succeeds();
    let key = key_digits();
    let compare = ["compare", "linked", "src/contract.toml", &key, "released"];
    let Some(said) = judged(&world, "release_reference.py", &compare) else { return };
    assert_eq!(said.matches("ok ").count(), 9, "{said}");
    world.run("verify --attack none --contract src/contract.toml released").succeeds();
}

#[test]
fn an_attacker_finds_no_small_cell_in_a_release() {
    for persons in [2500, 20_000] {
        let world = linked(persons);
        world.run(RELEASE).succeeds();
        let truth = ["truth", "linked", "src/contract.toml", "truth.json"];
        if judged(&world, "release_reference.py", &truth).is_none() {
            return;
        }
        let attack = ["released", "--contract", "src/contract.toml", "--truth", "truth.json"];
        let said = judged(&world, "attack_release.py", &attack).unwrap();
        assert_eq!(said.matches("ok ").count(), 4, "{said}");
    }
}

#[test]
fn an_attacker_notices_every_broken_method() {
    let world = World::empty();
    let Some(said) = judged(&world, "attack_release.py", &["--self-test"]) else { return };
    for fault in ["zeros", "labels", "sum-step", "items", "dataset-key", "weight", "cell-name"] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
}

#[test]
fn a_release_passes_its_own_verification_and_a_changed_one_does_not() {
    let world = linked(2000);
    world.run(RELEASE).succeeds();
    let verify = "verify --attack none --contract src/contract.toml released";
    assert!(!world.run(verify).succeeds().stdout().contains("warn"));
    world.run("show released").succeeds();
    let csv = world.text("released/notices_by_type_and_year.csv");
    world.write("released/notices_by_type_and_year.csv", csv + "99;2018;3\n");
    assert_eq!(world.run(verify).code(), 4);
    world.run("show released").fails(3, &["notices_by_type_and_year.csv", "differs from the manifest"]);
}

/// Puts the sentinel in the place of the code of the first notice's person, in every source; how often it was there.
fn plant(world: &World) -> usize {
    let notices = world.read("src/kela/ilmoitukset.csv");
    let line = notices.split(|&byte| byte == b'\n').nth(1).unwrap();
    let code = line.split(|&byte| byte == b';').nth(1).unwrap();
    let mut planted = 0;
    for name in world.files().into_iter().filter(|name| Path::new(name).extension().is_some_and(|e| e == "csv")) {
        let mut bytes = world.read(&name);
        let found: Vec<usize> = memchr::memmem::find_iter(&bytes, code).collect();
        found.iter().for_each(|&at| bytes[at..at + SENTINEL.len()].copy_from_slice(SENTINEL.as_bytes()));
        planted += found.len();
        world.write(&name, bytes);
    }
    planted
}

#[test]
fn a_planted_code_is_in_nothing_that_is_linked_released_or_reported() {
    let world = sources(1500);
    assert!(plant(&world) > 1);
    let known = world.files().into_iter().collect();
    link(&world, &HOLDERS);
    // What is refused says no more than what is released.
    let good = world.text("src/contract.toml");
    let rows = "[[release.microdata]]\nname = \"r\"\ntable = \"person\"\ncolumns = [\"sex\"]\n";
    releasing(&world, rows);
    with(&world, "min_k = 5 ", "min_k = 100000 ");
    world
        .run("release --contract src/contract.toml --key release.key --out refused linked")
        .shows_no_sentinel()
        .fails(5, &["is refused"]);
    // The refused rows were charged, so that one flag has no place any more.
    world.write("src/contract.toml", good.replace(", \"paid_m4\", \"primary_m4\"]", ", \"paid_m4\"]"));
    world.run(&format!("{RELEASE} --json")).shows_no_sentinel().succeeds();
    for act in [
        "show linked",
        "show released",
        "show --json released",
        "verify --attack none --lang fi --report page.html --json page.json \
         --contract src/contract.toml linked released",
    ] {
        world.run(act).shows_no_sentinel().succeeds();
    }
    world.hides_no_sentinel(&known);
}

#[test]
fn the_same_dataset_and_contract_give_the_same_bytes() {
    let world = linked(1500);
    world.run(RELEASE).succeeds();
    world.run("release --threads 1 --contract src/contract.toml --key release.key --out again linked").succeeds();
    for file in crate::world::files(&world.path("released")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        // The second release begins where the first ended.
        assert!(
            name.starts_with("manifest.json")
                || world.read(&format!("released/{name}")) == world.read(&format!("again/{name}")),
            "{name}"
        );
    }
}

#[test]
fn what_the_rules_forbid_is_refused_and_nothing_is_written() {
    let world = linked(600);
    let good = world.text("src/contract.toml");
    let rows = "[[release.microdata]]\nname = \"r\"\ntable = \"person\"\ncolumns = [\"sex\"]\n";
    releasing(&world, rows);
    with(&world, "min_k = 5 ", "min_k = 100000 ");
    world.run(RELEASE).fails(5, &["release 'r' is refused", "no generalisation gives every class 100000 rows"]);
    releasing(&world, &(rows.to_owned() + &rows.replace("\"r\"", "\"s\"").replace("\"sex\"", "\"county\"")));
    world.run(RELEASE).fails(5, &["two sets of rows can be joined"]);
    world.write("src/contract.toml", &good);
    let (start, end) = section(&good);
    world.write("src/contract.toml", format!("{}{}", &good[..start], &good[end..]));
    world.run(RELEASE).fails(5, &["no section [release]"]);
    assert!(!world.path("released").exists());
}

#[test]
fn rows_without_a_quasi_identifying_or_a_sensitive_column_in_their_rule_are_refused() {
    for (columns, expected) in [
        ("[\"sex\", \"county\"]\nquasi = [\"sex\"]", "column 'county' is quasi-identifying"),
        ("[\"sex\", \"social_work_client\"]\nsensitive = []", "column 'social_work_client' is sensitive"),
    ] {
        let world = linked(300);
        let rows = "[[release.microdata]]\nname = \"r\"\ntable = \"person\"\ncolumns = ";
        releasing(&world, &format!("{rows}{columns}"));
        world.run(RELEASE).fails(5, &[expected]);
    }
}

#[test]
fn a_release_that_does_not_fit_the_contract_says_what_is_wrong() {
    let world = linked(300);
    let table = |rest: &str| format!("[[release.tables]]\nname = \"t\"\n{rest}");
    let by = |by: &str| table(&format!("table = \"notification\"\nby = [{by}]"));
    let curve = |of: &str, rest: &str| {
        format!(
            "[[release.curves]]\nname = \"c\"\ntable = \"{of}\"\ntime = \"months_followed\"\n\
             event = \"exited\"\nlast = 12\n{rest}"
        )
    };
    for (code, section, expected) in [
        (3, by("\"colour\""), "has no column 'colour'"),
        (3, by("\"notification\""), "identifies persons"),
        (3, by("\"person.person\""), "identifies persons"),
        (3, by("{ column = \"type\", level = 1 }"), "has no level 1"),
        (5, by("\"days_to_assessment\""), "does not list the values of 'days_to_assessment'"),
        (3, table("table = \"letters\"\nby = [\"type\"]"), "no table 'letters'"),
        (
            3,
            table("table = \"person_month\"\nby = []\nsum = { column = \"n_contacts_band\", cap = 5 }"),
            "cannot be summed",
        ),
        (3, by("\"type\", \"type\""), "'type' occurs twice"),
        (5, by("\"type\"") + "\n" + &by("\"reason\""), "two releases have the name 't'"),
        (5, curve("spell", "by = \"flag_month_relative\""), "'flag_month_relative' is known only after time zero"),
        (
            5,
            curve("landmark", "first = { by = \"months_followed\" }"),
            "'months_followed' is known only after time zero",
        ),
        (
            5,
            curve("landmark", "only = [{ column = \"paid_m4\", is = [\"true\"] }]"),
            "'paid_m4' is known only after time zero",
        ),
        (5, curve("landmark", "by = \"goal.goal_category\""), "'goal.goal_category' is known only after time zero"),
        (5, curve("landmark", "by = \"kela_social_assistance.role\""), "nothing says when 'role' is known"),
        (5, table("table = \"person_month\"\nby = []\nsum = { column = \"eur_band\", cap = 5 }"), "needs `weight`"),
        (5, by("\"type\", \"person_month.month\""), "persons have several rows in table 'person_month'"),
        (
            3,
            "[[release.rates]]\nname = \"r\"\ntable = \"notification\"\nby = []\nof = [\"type\"]".to_owned(),
            "column 'type' is no flag",
        ),
        (
            5,
            "[[release.microdata]]\nname = \"m\"\ntable = \"person_month\"\ncolumns = [\"basic_paid\"]".to_owned(),
            "persons have several rows in table 'person_month'",
        ),
        (
            3,
            "[release.hierarchies.type]\ngroups = [{ a = [\"HAKEMUS\"], b = [\"HAKEMUS\"] }]\n".to_owned()
                + &by("\"type\""),
            "'HAKEMUS' is in two groups",
        ),
        (
            3,
            "[release.hierarchies.sent_month]\nperiods = [\"year\", \"quarter\"]\n".to_owned() + &by("\"sent_month\""),
            "from short to long",
        ),
        (3, by("\"type\", \"recipient_county\", \"sent_month\", \"person.first_sa_month\""), "cells are more than"),
        (5, by("\"type\", \"already_client\", \"reached_7d\", \"reached_30d\", \"urgency\""), "more than 4 columns"),
        (
            3,
            "[release.labels]\nexit_rule = [1]\n".to_owned() + &table("table = \"spell\"\nby = [\"exit_rule\"]"),
            "a value that the contract does not list",
        ),
    ] {
        releasing(&world, &section);
        world.run(RELEASE).fails(code, &[expected]);
    }
    world
        .run("release --contract src/contract.toml --key release.key --out linked/inside linked")
        .fails(3, &["lies inside", "must not change"]);
}

#[test]
fn a_release_describes_itself_to_readers_and_to_frictionless() {
    let world = linked(2000);
    world.run(RELEASE).succeeds();
    let text = world.text("released/README.txt");
    for expected in ["SYNTHETIC", "a multiple of 5", "\"(unknown)\"", "reached_by_type", "stay_after_landmark_by_age"] {
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 120));
    assert!(!text.to_lowercase().contains("anonym"));
    let Some(judges) = Judges::assemble() else { return };
    let mut judge = judges.run("frictionless_valid.py");
    let said = judge.args(["released", "linked"].map(|name| world.path(name))).output().unwrap();
    assert!(said.status.success() && words(&said).contains("ok 2 packages"), "{}", words(&said));
}

#[test]
fn a_dataset_that_was_changed_or_lacks_a_table_is_refused() {
    let world = linked_of(300, &["kela"]);
    let table = |name: &str, of: &str, by: &str| {
        format!("[[release.tables]]\nname = \"{name}\"\ntable = \"{of}\"\nby = [\"{by}\"]\n")
    };
    releasing(&world, &(table("spells", "spell", "applicant") + &table("notices", "notification", "type")));
    let said = world.run(RELEASE).succeeds().stdout();
    let omitted =
        "omitted: notices (the linked dataset has no table notification: no delivery has municipal_social_work)";
    assert!(said.contains(omitted), "{said}");
    assert!(world.path("released/spells.csv").exists() && !world.path("released/notices.csv").exists());
    std::fs::remove_dir_all(world.path("released")).unwrap();
    let mut bytes = world.read("linked/spell.parquet");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.write("linked/spell.parquet", bytes);
    world.run(RELEASE).fails(3, &["spell.parquet", "differs from the manifest"]);
    world
        .run("release --contract src/contract.toml --key release.key --out released d-kela")
        .fails(3, &["no linked dataset"]);
    assert!(!world.path("released").exists());
}
