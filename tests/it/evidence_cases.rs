//! Linkage without identifiers of single persons: odd names, dates, addresses and client numbers, each as it was typed.

use std::collections::{BTreeMap, BTreeSet};

use salanimi_core::{Day, IdentityCode};

use super::evidence::{HEADER, evidence, extract, row, rows, study};
use super::tables::Text;
use super::world::World;

/// Every class links: the cases are about agreements, not about precision.
const EVERY_CLASS: &str = "min_calibration = 0\nmin_class_precision = 0.0";

/// Names, birth date, street and client number of a record.
type Record = [&'static str; 5];

/// The office's persons, by number from 0.
const OFFICE: [Record; 9] = [
    ["Aino Maria", "Virtanen", "1980-02-03", "Koivutie 3", "a0"],
    ["Ivan", "Petrov", "1975-11-30", "Kirkkokatu 12", "a1"],
    ["Matti Juhani", "Lehtonen", "1948-05-14", "Rantatie 7", "a2"],
    ["Matti Juhani", "Lehtonen", "1979-09-21", "Rantatie 7", "a3"],
    ["Liisa", "Korpela", "2012-06-01", "Asemakatu 40", "a4"],
    ["Leena", "Korpela", "2012-06-01", "Asemakatu 40", "a5"],
    ["Maryam Zahra", "Al-Hassani", "1990-01-01", "Puistokuja 9", "a6"],
    ["Sofia", "af Forselles", "1966-12-24", "Myllytie 1 A 4", "a7"],
    ["Eino", "Äyräpää-Mäki", "1958-07-08", "Niittykatu 22", "a8"],
];

/// What was typed about a client without a code, and the number of the office's person who must be found.
const CLIENTS: [(&str, Record, Option<i32>); 20] = [
    ("capitals and no dots", ["AINO", "VIRTANEN", "1980-02-03", "KOIVUTIE 3", "b"], Some(0)),
    ("names in each other's fields", ["Virtanen", "Aino Maria", "1980-02-03", "", "b"], Some(0)),
    ("day and month in each other's place", ["Aino Maria", "Virtanen", "1980-03-02", "Koivutie 3", "b"], Some(0)),
    ("a date with zeros", ["Aino Maria", "Virtanen", "1980-00-00", "Koivutie 3 B 17", "b"], Some(0)),
    ("29 February of no leap year", ["Aino Maria", "Virtanen", "1981-02-29", "Koivutie 3", "b"], Some(0)),
    ("another date in the future", ["Aino Maria", "Virtanen", "2091-08-19", "Elsewhere 5", "b"], None),
    ("a year in the future", ["Aino Maria", "Virtanen", "2080-02-03", "Elsewhere 5", "b"], Some(0)),
    ("Cyrillic letters", ["Иван", "Петров", "1975-11-30", "Kirkkokatu 12", "b"], Some(1)),
    ("Arabic letters and no address", ["إيفان", "بيتروف", "1975-11-30", "", "b"], None),
    ("no names", ["", "", "1975-11-30", "Kirkkokatu 12", "b"], Some(1)),
    ("digits and pictures", ["123 😀", "456", "1990-01-01", "c/o Virtanen", "b"], None),
    ("one letter", ["A", "V", "1980-02-03", "", "b"], None),
    ("a father of one name", ["Matti", "Lehtonen", "1948-05-14", "Rantatie 7", "b"], Some(2)),
    ("a son of one name", ["Matti", "Lehtonen", "1979-09-21", "Rantatie 7", "b"], Some(3)),
    ("a twin", ["Liisa", "Korpela", "2012-06-01", "Asemakatu 40", "b"], Some(4)),
    ("no name of a twin", ["", "Korpela", "2012-06-01", "Asemakatu 40", "b"], None),
    ("another spelling", ["Mariam", "Alhassani", "1990-01-01", "Puistokuja 9", "b"], Some(6)),
    ("a surname of two words", ["Sofia", "Forselles", "1966-12-24", "Myllytie 1", "b"], Some(7)),
    ("half of a double name", ["Eino", "Mäki", "1958-07-08", "poste restante", "b"], Some(8)),
    (
        "twenty given names",
        ["Eino Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj Kk Ll Mm Nn Oo Pp Qq Rr Ss", "Äyräpää", "1958-07-08", "", "b"],
        Some(8),
    ),
];

/// A code under a sign that the register does not give out yet, for a birth date and a number of its own.
fn code(birth: &str, number: u16) -> String {
    let day = Day::parse(birth).unwrap();
    let sign = if day.year() < 2000 { b'U' } else { b'D' };
    let code = IdentityCode::compose(day, sign, 2 + number).unwrap();
    String::from_utf8(code.as_bytes().to_vec()).unwrap()
}

fn line(code: &str, [given, surname, birth, street, client]: Record, number: usize) -> String {
    row(code, [given, surname], birth, street, client, number)
}

fn office() -> String {
    let rows = OFFICE.into_iter().enumerate().map(|(number, record)| {
        let code = code(record[2], 10 * number as u16);
        line(&code, record, number)
    });
    std::iter::once(HEADER.to_owned()).chain(rows).collect()
}

/// Links the office with a town whose source has these rows.
fn linked(town: &[String]) -> World {
    let world = study(EVERY_CLASS);
    world.write("office.csv", office());
    world.write("town.csv", HEADER.to_owned() + &town.concat());
    extract(&world, "office");
    extract(&world, "town");
    world.run("link --contract study.toml --link-key link.key --out linked d-office d-town").succeeds();
    world
}

/// Number of each of the town's rows that is linked → number of the office's person.
fn found(world: &World) -> BTreeMap<i32, i32> {
    let persons: BTreeMap<String, i32> =
        rows(world, "benefits").into_iter().map(|(person, number, _)| (person, number)).collect();
    rows(world, "visits").into_iter().map(|(person, number, _)| (number, persons[&person])).collect()
}

fn town_account(world: &World) -> serde_json::Value {
    let manifest: serde_json::Value = serde_json::from_str(&world.text("d-town/manifest.json")).unwrap();
    manifest["account"]["linkage"].clone()
}

#[test]
fn a_client_is_found_by_what_was_typed_or_not_at_all() {
    for (name, record, expected) in CLIENTS {
        let world = linked(&[line("", record, 100)]);
        assert_eq!(found(&world).get(&100).copied(), expected, "{name}");
    }
}

#[test]
fn a_client_number_finds_the_code_of_another_row() {
    let record = OFFICE[0];
    let rows = [line(&code(record[2], 0), record, 100), line("", ["", "", "", "", record[4]], 101)];
    let world = linked(&rows);
    assert_eq!(found(&world), [(100, 0), (101, 0)].into());
    assert!(super::evidence::rows(&world, "visits").iter().all(|(.., by_evidence)| !by_evidence));
}

#[test]
fn a_client_number_of_two_birth_dates_is_refused() {
    let [mut one, mut two] = [OFFICE[0], OFFICE[1]];
    (one[4], two[4]) = ("b1", "b1");
    let coded = |number: usize| line(&code(OFFICE[number][2], 10 * number as u16), OFFICE[number], 100 + number);
    let world = linked(&[line("", one, 100), line("", two, 101), coded(2), coded(3), coded(4)]);
    assert_eq!(found(&world), [(102, 2), (103, 3), (104, 4)].into());
    assert_eq!(town_account(&world)["refused"], 1, "{}", town_account(&world));
    let ledger = world.text("d-town.rejects.csv");
    assert_eq!(ledger.lines().filter(|line| line.ends_with(";code;missing")).count(), 2, "{ledger}");
}

#[test]
fn one_person_of_the_office_is_never_two_clients() {
    let [mut one, mut two] = [OFFICE[8], OFFICE[8]];
    (one[4], two[4]) = ("b1", "b2");
    two[1] = "Äyräpää";
    let world = linked(&[line("", one, 100), line("", two, 101)]);
    assert!(found(&world).len() <= 1, "{:?}", found(&world));
}

#[test]
fn without_clients_who_lack_a_code_nothing_is_linked_by_evidence() {
    let rows: Vec<String> = OFFICE
        .into_iter()
        .enumerate()
        .map(|(number, record)| line(&code(record[2], 10 * number as u16), record, number))
        .collect();
    let world = linked(&rows);
    assert_eq!(found(&world).len(), OFFICE.len());
    let account = evidence(&world);
    assert!(account["precision"].is_null() && account["holders"][1]["codeless"] == 0, "{account}");
}

#[test]
fn a_corrected_delivery_takes_the_place_of_the_first() {
    let world = linked(&[line("", OFFICE[0], 100)]);
    assert_eq!(found(&world), [(100, 0)].into());
    let digest = salanimi_digest(&world.read("d-town/manifest.json"));
    let holder = world.text("town.toml");
    let second = format!("number = 2\nreplaces = {{ number = 1, manifest = \"{digest}\" }}");
    world.write("town.toml", holder.replacen("number = 1", &second, 1));
    world.write("town.csv", HEADER.to_owned() + &line("", OFFICE[1], 101));
    world.run("extract --contract study.toml --holder town.toml --key study.key --unsealed --out d-town2").succeeds();
    std::fs::remove_dir_all(world.path("linked")).unwrap();
    std::fs::remove_file(world.path("linked.accounting.json")).unwrap();
    // The history of a link key refuses the office's delivery a second time.
    world.run("link --contract study.toml --out linked d-office d-town2").succeeds();
    assert_eq!(found(&world), [(101, 1)].into());
}

fn salanimi_digest(bytes: &[u8]) -> String {
    salanimi::crypto::Digest::of(bytes).to_string()
}

#[test]
fn other_canaries_or_rules_are_refused() {
    for (word, path, other) in
        [("canar", "/linkage/canaries/0", "ab".repeat(16)), ("rules", "/linkage/rules", "fi-15/1".to_owned())]
    {
        let world = linked(&[line("", OFFICE[0], 100)]);
        world.edit_json("d-town/manifest.json", |manifest| {
            *manifest.pointer_mut(path).unwrap() = other.clone().into();
        });
        world.run("link --contract study.toml --link-key link.key --out other d-office d-town").fails(3, &[word]);
    }
}

#[test]
fn a_cohort_has_clients_without_a_code_only_if_the_contract_says_so() {
    for (with_cohorts, expected) in [(false, 0), (true, 1)] {
        let world = study(EVERY_CLASS);
        let [linker, town] = ["linker", "town"].map(|name| world.identity(&format!("{name}.identity")));
        let signing = ["office", "town"].map(|holder| world.signing_key(&format!("{holder}.signing")));
        let holders = format!(
            "[recipients]\nlinker = \"{linker}\"\n[holders.office]\nsigning = \"{}\"\ntables = [\"benefits\"]\n\
             organisers = []\n[holders.town]\nsigning = \"{}\"\nrecipient = \"{town}\"\ntables = [\"visits\"]\n\
             organisers = []\n",
            signing[0], signing[1]
        );
        let ground = format!("ground = \"Permit section 4\"\nwith_cohorts = {with_cohorts}\n");
        let contract = world.text("study.toml").replace("ground = \"Permit section 4\"\n", &ground);
        world.write("study.toml", contract + &holders);
        world.write("office.csv", office());
        let rows = [line(&code(OFFICE[2][2], 20), OFFICE[2], 102), line("", OFFICE[0], 100)];
        world.write("town.csv", HEADER.to_owned() + &rows.concat());
        let of = |holder: &str| format!("--contract study.toml --holder {holder}.toml --signing-key {holder}.signing");
        world.run(&format!("cohort {} --to town --out persons.age", of("office"))).succeeds();
        let files = "--key study.key --cohort persons.age --identity town.identity --unsealed --out d-town";
        world.run(&format!("extract {} {files}", of("town"))).succeeds();
        let linkage = town_account(&world);
        assert_eq!((&linkage["coded"], &linkage["codeless"]), (&1.into(), &expected.into()), "{linkage}");
    }
}

#[test]
fn no_token_is_in_what_the_link_writes() {
    let world = linked(&[line("", OFFICE[0], 100)]);
    let tokens = Text::of(&world.path("d-town/linkage.parquet"));
    let columns = tokens.header.iter().filter(|name| name.starts_with('r') && name.contains('_'));
    let tokens: BTreeSet<String> = columns.flat_map(|name| tokens.column(name)).map(str::to_owned).collect();
    assert!(tokens.len() > 57);
    for entry in std::fs::read_dir(world.path("linked")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let table = Text::of(&path);
            for name in &table.header {
                assert!(table.column(name).into_iter().all(|cell| !tokens.contains(cell)), "{name}");
            }
        }
    }
}

/// Puts the tokens of one delivery into another, with what its account says of them.
fn give_tokens(world: &World, from: &str, to: &str) {
    let tokens = world.read(&format!("{from}/linkage.parquet"));
    let manifest: serde_json::Value = serde_json::from_str(&world.text(&format!("{from}/manifest.json"))).unwrap();
    world.write(&format!("{to}/linkage.parquet"), &tokens);
    world.edit_json(&format!("{to}/manifest.json"), |changed| {
        changed["account"]["linkage"] = manifest["account"]["linkage"].clone();
        changed["files"]["linkage.parquet"] = salanimi_digest(&tokens).into();
    });
}

#[test]
fn a_holder_states_tokens_of_its_own_persons_only() {
    let world = study(EVERY_CLASS);
    let guest = ["Pekka", "Salminen", "1970-05-05", "Kirkkokatu 1", "z9"];
    world.write("office.csv", office() + &line("", guest, 90));
    extract(&world, "office");
    let own = line(&code(OFFICE[2][2], 20), OFFICE[2], 102);
    for (name, rows) in [("few", own.clone()), ("more", own + &line("", OFFICE[0], 100))] {
        world.write("town.csv", HEADER.to_owned() + &rows);
        world
            .run(&format!("extract --contract study.toml --holder town.toml --key study.key --unsealed --out {name}"))
            .succeeds();
    }
    let refuses = |message: &str| {
        world.run("link --contract study.toml --out linked d-office few").fails(3, &[message, "town delivery 1"]);
        let verified = world.run("verify --attack none --contract study.toml d-office few");
        let is_named = |line: &str| line.contains("linkage.accounting") && line.contains(message);
        assert!(verified.code() == 4 && verified.stdout().lines().any(is_named), "{}", verified.stdout());
    };
    give_tokens(&world, "more", "few");
    refuses("a person of whom the holder delivers no row");
    give_tokens(&world, "d-office", "few");
    refuses("under a pseudonym that is another person's");
    world.edit_json("few/manifest.json", |manifest| {
        manifest["account"]["linkage"]["codeless"] = 0.into();
    });
    refuses("other numbers of persons than the table");
    world.run("link --contract study.toml --out linked d-office more").succeeds();
}

#[test]
fn the_size_of_a_table_of_tokens_does_not_tell_the_number_of_persons() {
    let sizes = [(3, 0), (9, 0), (9, 2), (1, 1)].map(|(coded, codeless)| {
        let world = study(EVERY_CLASS);
        let rows = OFFICE[..coded].iter().enumerate().map(|(number, record)| {
            let code = code(record[2], 10 * number as u16);
            line(&code, *record, number)
        });
        let without = CLIENTS[..codeless].iter().enumerate().map(|(number, (_, record, _))| {
            let mut own = *record;
            own[4] = ["b1", "b2"][number];
            line("", own, 50 + number)
        });
        world.write("office.csv", std::iter::once(HEADER.to_owned()).chain(rows).chain(without).collect::<String>());
        extract(&world, "office");
        world.read("d-office/linkage.parquet").len()
    });
    assert_eq!(sizes, [sizes[0]; 4]);
}
