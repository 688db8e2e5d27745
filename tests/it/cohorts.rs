//! Lists of persons that one holder chooses and others extract by.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;

use crate::sentinel::{SENTINEL, is_absent};
use crate::tables::Text;
use crate::world::World;

impl World {
    fn cohort(&self, out: &str, more: &str) -> crate::world::Run {
        let files = "--contract contract.toml --holder kela/holder.toml --signing-key kela.signing";
        self.run(&format!("cohort {files} --to town --out {out} {more}"))
    }

    fn pseudonyms(&self, file: &str) -> BTreeSet<String> {
        Text::of(&self.path(file)).column("pseudonym").into_iter().map(str::to_owned).collect()
    }
}

#[test]
fn another_holder_extracts_exactly_the_persons_of_the_list() {
    let world = World::of_parties();
    let made = world.cohort("persons.age", "--json").succeeds().json();
    assert!(made["signed_by"].is_string() && made["recipients"] == 1 && made["persons"].as_u64().unwrap() > 0);
    let town = |out: &str, more: &str| world.extract_signed("town", out, &format!("--unsealed {more}"));
    town("all", "").succeeds();
    town("chosen", "--cohort persons.age --identity town.identity").succeeds();
    world.extract_signed("kela", "kela-all", "--unsealed").succeeds();
    let kela: BTreeSet<String> =
        ["support", "notices"].iter().flat_map(|t| world.pseudonyms(&format!("kela-all/{t}.parquet"))).collect();
    let all = world.pseudonyms("all/contacts.parquet");
    let chosen = world.pseudonyms("chosen/contacts.parquet");
    assert_eq!(chosen, all.intersection(&kela).cloned().collect());
    assert!(!chosen.is_empty() && chosen.len() < all.len());
    let lists = &world.json("chosen/manifest.json")["account"]["lists"]["cohort"];
    assert_eq!((&lists["listed"], &lists["found"]), (&made["persons"], &chosen.len().into()));
    assert_eq!(lists["chosen_by"], "kela");
    let shown = world.run("show --contract contract.toml --identity town.identity persons.age").succeeds().stdout();
    assert!(shown.contains(&format!("List of {} persons", made["persons"])) && shown.contains("of kela, valid"));
}

#[test]
fn a_list_holds_the_population_in_order_without_temporary_codes() {
    let world = World::of_parties();
    let made = world.cohort("persons.age", "--json").succeeds().json();
    let unlock = salanimi::crypto::Unlock::read(Vec::new(), &[world.path("town.identity")]).unwrap();
    let contract = salanimi::study::read_contract(&world.path("contract.toml")).unwrap();
    let kind = salanimi_core::Id::new("hetu").unwrap();
    let mut codes = Vec::new();
    let take = |_, code: &[u8]| {
        codes.push(String::from_utf8(code.to_vec()).unwrap());
        Ok::<_, salanimi::exchange::CohortListError>(())
    };
    let list = world.path("persons.age");
    let received = salanimi::exchange::read_cohort(&list, &contract, Some(&kind), &unlock, take).unwrap();
    let salanimi::exchange::ReceivedCohort { header, signer } = received;
    assert_eq!(signer.as_ref(), Some(&header.holder));
    assert_eq!((header.holder.as_str(), header.persons), ("kela", codes.len() as u64));
    assert!(codes.is_sorted() && codes.iter().collect::<BTreeSet<_>>().len() == codes.len());
    assert!(codes.iter().all(|code| !code[7..].starts_with('9')));
    assert_eq!(made["persons"], codes.len());
    // Persons who object are omitted. The length of the file does not tell how many are left.
    world.write("objects.txt", format!("{}\n", codes[0]));
    let fewer = world.cohort("fewer.age", "--json --exclude objects.txt").succeeds().json();
    assert_eq!(fewer["persons"], codes.len() - 1);
    let length = |list: &str| {
        let mut text = Vec::new();
        unlock.open_as_recipient(world.read(list).as_slice()).unwrap().read_to_end(&mut text).unwrap();
        text.len()
    };
    assert_eq!(length("fewer.age"), length("persons.age"));
}

#[test]
fn a_list_is_never_unencrypted() {
    let world = World::of_parties();
    world.edit("kela/support_2018.csv", "030261U2179;2018-01;H-0;", format!("{SENTINEL};2018-01;H-0;"));
    let known: BTreeSet<String> = world.files().into_iter().collect();
    for more in ["", "--json"] {
        let run = world.cohort(&format!("persons{more}.age"), more).succeeds();
        is_absent("what is said", format!("{}{}", run.stdout(), run.stderr()).as_bytes());
    }
    let run = world.extract_signed("town", "out", "--cohort persons.age --identity town.identity").succeeds();
    is_absent("what is said", format!("{}{}", run.stdout(), run.stderr()).as_bytes());
    for name in world.files().into_iter().filter(|name| !known.contains(name)) {
        is_absent(&name, &world.read(&name));
    }
    assert_eq!(&world.read("persons.age")[..22], b"age-encryption.org/v1\n");
    assert_eq!(fs::metadata(world.path("persons.age")).unwrap().permissions(), {
        std::os::unix::fs::PermissionsExt::from_mode(0o100_600)
    });
}

#[test]
fn every_bad_list_is_refused_in_its_own_words() {
    let world = World::of_parties();
    world.cohort("persons.age", "").succeeds();
    let extract = |more: &str| world.extract_signed("town", "out", more);
    let refused = |words: &[&str]| {
        extract("--cohort persons.age --identity town.identity").fails(3, words);
        world.has_nothing_of("out");
    };
    extract("--cohort persons.age").fails(3, &["persons.age: the list is encrypted", "--identity FILE"]);
    let other = "--cohort persons.age --identity linker.identity";
    extract(other).fails(3, &["persons.age", "no given identity opens it"]);
    extract("--exclude persons.age").fails(3, &["persons.age", "only a cohort list may be"]);
    let list = world.read("persons.age");
    let signature = world.read("persons.age.minisig");
    let end = list.len() - 1;
    for at in [0, 30, list.len() / 2, end] {
        let mut changed = list.clone();
        changed[at] ^= 1;
        world.write("persons.age", changed);
        extract("--cohort persons.age --identity town.identity").fails(3, &["persons.age"]);
    }
    world.write("persons.age", &list[..end]);
    refused(&["persons.age.minisig", "was changed"]);
    world.write("persons.age", [&list[..], b"more"].concat());
    refused(&["persons.age.minisig", "was changed"]);
    world.write("persons.age", &list);
    fs::remove_file(world.path("persons.age.minisig")).unwrap();
    refused(&["persons.age.minisig", "the signature is missing"]);
    world.write("persons.age.minisig", "nonsense");
    refused(&["persons.age.minisig", "not a signature file"]);
    world.signing_key("other.signing");
    let other = world.text("contract.toml");
    world.write("persons.age.minisig", salanimi_signature(&world, "other.signing", &list));
    refused(&["persons.age.minisig", "made by none of the signing keys"]);
    // Someone replaces it by an unencrypted list.
    world.write("persons.age", world.read("lists/cohort.txt"));
    refused(&["persons.age", "an unencrypted list beside the signature"]);
    world.write("persons.age", &list);
    world.write("persons.age.minisig", signature);
    assert_eq!(world.text("contract.toml"), other);
    let contract = world.text("contract.toml");
    world.write("contract.toml", contract.replace("id = \"tiny\"", "id = \"other\""));
    let dry = "extract --dry-run --contract contract.toml --holder town/holder.toml";
    world
        .run(&format!("{dry} --cohort persons.age --identity town.identity"))
        .fails(3, &["the list is for the study 'tiny'", "of this study"]);
    world.write("contract.toml", contract);
    extract("--cohort persons.age --identity town.identity").succeeds();
}

/// The signature of `message` by the key in the file `key`.
fn salanimi_signature(world: &World, key: &str, message: &[u8]) -> String {
    use salanimi::crypto::{Signatory, Unlock, read_key};
    use salanimi_core::{Day, Id, SigningKey};
    let study = Id::new("tiny").unwrap();
    let today = Day::parse("2026-11-24").unwrap();
    let key: SigningKey = read_key(&world.path(key), &study, &Unlock::default(), today).unwrap();
    Signatory::new(&key, &study).sign(message, "salanimi-cohort/1 tiny kela hetu")
}

/// A list of this text, encrypted to the town and signed with the key in the file `key`.
fn list_of(world: &World, text: &str, key: &str) {
    use std::io::Write;
    let town = salanimi::study::read_contract(&world.path("contract.toml")).unwrap().holders["town"].recipient.clone();
    let mut list = salanimi::crypto::seal(&[town.unwrap()], Vec::new()).unwrap();
    list.write_all(text.as_bytes()).unwrap();
    let list = list.finish().unwrap();
    world.write("made.age.minisig", salanimi_signature(world, key, &list));
    world.write("made.age", list);
}

#[test]
fn a_list_that_is_signed_and_wrong_is_refused_in_its_own_words() {
    let world = World::of_parties();
    let line = "--cohort made.age --identity town.identity";
    let code = "250992U113S";
    for (text, words) in [
        (format!("{code}\n"), "not a cohort list"),
        (format!("salanimi-cohort/2;tiny;kela;hetu;1;2026-11-24\n{code}\n"), "not a cohort list"),
        (format!("salanimi-cohort/1;tiny;kela;case;1;2026-11-24\n{code}\n"), "identifiers of kind 'case'"),
        (
            format!("salanimi-cohort/1;tiny;town;hetu;1;2026-11-24\n{code}\n"),
            "the header names 'town' as sender, but 'kela' signed",
        ),
        (format!("salanimi-cohort/1;tiny;kela;hetu;2;2026-11-24\n{code}\n"), "states 2 persons, but the list has 1"),
        (format!("salanimi-cohort/1;tiny;kela;hetu;1;2026-11-24\n{code}X\n"), "line 2"),
        (format!("salanimi-cohort/1;tiny;kela;hetu;1;2026-11-24\n{}\n", "9".repeat(10_000)), "line 2"),
    ] {
        list_of(&world, &text, "kela.signing");
        world.extract_signed("town", "out", line).shows_no_code().fails(3, &["made.age", words]);
    }
    list_of(&world, &format!("salanimi-cohort/1;tiny;kela;hetu;1;2026-11-24\n{code}\n"), "kela.signing");
    world.extract_signed("town", "out", line).succeeds();
    fs::rename(world.path("made.age"), world.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", world.path("made.age")).unwrap();
    world.extract_signed("town", "again", line).fails(3, &["made.age", "not a regular file"]);
}

#[test]
fn a_list_that_asks_for_a_passphrase_is_refused_unread() {
    let world = World::of_parties();
    world.write("phrase", "five plain words in a row\n");
    fs::set_permissions(world.path("phrase"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    world.run("key new --identity --new-passphrase phrase closed.identity").succeeds();
    let bomb = world.read("closed.identity");
    world.write("made.age.minisig", salanimi_signature(&world, "kela.signing", &bomb));
    world.write("made.age", bomb);
    let line = "--cohort made.age --identity town.identity --passphrase phrase";
    world.extract_signed("town", "out", line).fails(3, &["made.age", "not encrypted to recipients"]);
    // As an identity it opens, with its passphrase alone.
    world.cohort("persons.age", "").succeeds();
    let closed = "--cohort persons.age --identity closed.identity";
    world.extract_signed("town", "out", closed).fails(3, &["closed.identity", "protected by a passphrase"]);
    let other = format!("{closed} --passphrase phrase");
    world.extract_signed("town", "out", &other).fails(3, &["persons.age", "no given identity opens it"]);
}

#[test]
fn a_list_through_a_pipe_loses_no_one() {
    let world = World::good();
    let codes = ["250992U113S", "260992U113D", "080457V1243"];
    world.write("objects.txt", format!("{}\n", codes.join("\n")));
    let line = "extract --json --dry-run --contract contract.toml --holder kela/holder.toml --exclude";
    let file = world.run(&format!("{line} objects.txt")).succeeds().json();
    let script = format!("cat objects.txt | \"$0\" {line} /dev/stdin");
    let piped = std::process::Command::new("sh")
        .args(["-c", &script])
        .arg(crate::world::program())
        .current_dir(world.root())
        .output()
        .unwrap();
    let piped: serde_json::Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!(piped["tables"], file["tables"]);
    assert!(file["tables"][0]["filtered"]["excluded"].as_u64().unwrap() > 0);
}

#[test]
fn a_list_is_refused_before_it_is_made_when_it_could_not_be_used() {
    let world = World::of_parties();
    let line = "cohort --contract contract.toml --out persons.age";
    let kela = format!("{line} --holder kela/holder.toml");
    world.run(&format!("{kela} --to town")).fails(3, &["lists a signing key of 'kela'", "--signing-key"]);
    let signed = format!("{kela} --signing-key kela.signing");
    world
        .run(&format!("{signed} --to nobody"))
        .fails(3, &["--to, number 1", "neither an age recipient", "nor a party"]);
    world.run(&signed).fails(2, &["--to"]);
    let town = format!("{line} --holder town/holder.toml --signing-key town.signing --to kela");
    world.run(&town).fails(3, &["'town' has none of the tables under [population]"]);
    world.write("persons.age", "mine");
    world.run(&format!("{signed} --to town")).fails(3, &["persons.age", "never overwritten"]);
    assert_eq!(world.text("persons.age"), "mine");
    assert!(!world.path("persons.age.minisig").exists());
}
