//! Linkage of persons without an identifier: from two sources to the linked dataset.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use arrow::array::{Array, AsArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use salanimi_core::{Day, IdentityCode};
use serde_json::Value;

use super::judges::{Judges, words};
use super::world::{KEY, World};

/// Persons of the office; the town has every third of them, and some others.
const PERSONS: usize = 3_600;
/// Every so many clients of the town have no code.
const CODELESS: usize = 12;
const OTHERS: usize = 300;

const GIVEN: [&str; 24] = [
    "Aino", "Eino", "Maria", "Johannes", "Liisa", "Antero", "Kaarina", "Mikael", "Sofia", "Matti", "Helena", "Juhani",
    "Anneli", "Olavi", "Tuulikki", "Tapio", "Elina", "Kalevi", "Hanna", "Petteri", "Ilona", "Markus", "Saara", "Ville",
];
const STEMS: [&str; 20] = [
    "Koski", "Lehti", "Kivi", "Mäki", "Niemi", "Järvi", "Saari", "Laakso", "Ranta", "Honka", "Kuusi", "Salmi", "Virta",
    "Harju", "Pelto", "Vuori", "Lampi", "Heinä", "Aho", "Korpi",
];
const ENDS: [&str; 10] = ["nen", "la", "maa", "oja", "viita", "aho", "perä", "lahti", "salo", "linna"];
const STREETS: [&str; 8] =
    ["Koivutie", "Kirkkokatu", "Rantatie", "Asemakatu", "Puistokuja", "Myllytie", "Niittykatu", "Torpantie"];

/// A person who does not exist.
struct Person {
    number: usize,
    given: String,
    surname: String,
    birth: Day,
    street: String,
}

/// Numbers that look random and are the same in every run.
fn mixed(seed: usize) -> usize {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        state = (state ^ state >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (state >> 20) as usize
}

impl Person {
    fn new(number: usize) -> Self {
        let pick = |salt: usize, list: &[&'static str]| list[mixed(number * 31 + salt) % list.len()];
        let days = mixed(number * 31 + 5) % 20_000;
        Self {
            number,
            given: format!("{} {}", pick(1, &GIVEN), pick(2, &GIVEN)),
            surname: format!("{}{}", pick(3, &STEMS), pick(4, &ENDS)),
            birth: Day::from_epoch_days(days as i32 - 10_000).unwrap(),
            street: format!("{} {}", pick(6, &STREETS), mixed(number * 31 + 7) % 90 + 1),
        }
    }

    /// A code under a sign that the register does not give out yet.
    fn code(&self) -> String {
        let sign = if self.birth.year() < 2000 { b'U' } else { b'D' };
        (2..900_u16)
            .map(|at| 2 + (at + mixed(self.number) as u16 % 800) % 898)
            .find_map(|number| IdentityCode::compose(self.birth, sign, number))
            .map(|code| String::from_utf8(code.as_bytes().to_vec()).unwrap())
            .unwrap()
    }
}

pub const HEADER: &str = "code;given;surname;birth;sex;postcode;street;client;day;number\n";

pub fn row(code: &str, names: [&str; 2], birth: &str, street: &str, client: &str, number: usize) -> String {
    format!("{code};{};{};{birth};;33100;{street};{client};2019-03-01;{number}\n", names[0], names[1])
}

/// The office's source: everyone with a code and the official names.
fn office() -> String {
    let rows = (0..PERSONS).map(Person::new).map(|p| {
        row(&p.code(), [&p.given, &p.surname], &p.birth.to_string(), &p.street, &format!("a{}", p.number), p.number)
    });
    std::iter::once(HEADER.to_owned()).chain(rows).collect()
}

/// The town's source: names as a desk typed them, and some clients without a code.
fn town() -> String {
    let clients = (0..PERSONS).step_by(3).chain(PERSONS..PERSONS + OTHERS).map(Person::new).enumerate();
    let rows = clients.map(|(at, p)| {
        let code = if at % CODELESS == 0 { String::new() } else { p.code() };
        let given = if at % 3 == 0 { p.given.split(' ').next().unwrap().to_owned() } else { p.given.to_uppercase() };
        // A typing error now and then, and a day and month in each other's place.
        let letters = p.surname.chars().count() - usize::from(at % 17 == 0);
        let surname: String = p.surname.chars().take(letters).collect();
        let birth = p.birth.to_string();
        let swapped = format!("{}-{}-{}", &birth[..4], &birth[8..], &birth[5..7]);
        let birth = if at % 29 == 0 { swapped } else { birth };
        row(&code, [&given, &surname], &birth, &p.street, &format!("b{}", p.number), p.number)
    });
    std::iter::once(HEADER.to_owned()).chain(rows).collect()
}

pub fn table(name: &str) -> String {
    format!(
        "[[exchange.tables]]\nname = \"{name}\"\nunique = [\"code\", \"number\"]\nduplicates = \"keep\"\nwindow = \
         \"day\"\nlinkage = {{ given = \"given\", surname = \"surname\", birth = \"birth\", sex = \"sex_typed\", \
         postcode = \"postcode\", street = \"street\", client = \"client\" }}\ncolumns = [\n\
         {{ name = \"code\", role = \"person\", kind = \"hetu\" }},\n{}\
         {{ name = \"day\", role = \"attribute\", type = \"date\", required = true }},\n\
         {{ name = \"number\", role = \"attribute\", type = \"integer\" }},\n\
         {{ name = \"birth_year\", role = \"quasi\", derive = \"birth_year\" }},\n]\n",
        ["given", "surname", "birth", "sex_typed", "postcode", "street", "client"]
            .map(|name| format!("{{ name = \"{name}\", role = \"direct\" }},\n"))
            .concat()
    )
}

pub fn holder(name: &str, table: &str) -> String {
    let line = |header: &str| format!("{} = \"{header}\"\n", if header == "sex" { "sex_typed" } else { header });
    let columns = HEADER.trim().split(';').map(line).collect::<Vec<_>>().concat();
    format!(
        "format = \"salanimi-holder/1\"\nholder = \"{name}\"\n[delivery]\nnumber = 1\nperiod = {{ first = \
         \"2019-01-01\", last = \"2019-12-31\" }}\n[[coverage]]\norganiser = \"{name}\"\ntable = \"{table}\"\nfirst = \
         \"2019-01-01\"\nlast = \"2019-12-31\"\n[[sources]]\ntable = \"{table}\"\nfiles = [\"{name}.csv\"]\nformat = \
         \"csv\"\n[sources.columns]\n{columns}"
    )
}

/// A study of an office and a town whose contract allows linkage without codes.
pub fn study(settings: &str) -> World {
    let world = World::empty();
    let mut contract = String::from(
        "format = \"salanimi-contract/1\"\n[exchange]\nscheme = \"hkdf-sha256/hmac-sha256-128/v1\"\n[exchange.study]\n\
         id = \"tiny\"\ntitle = \"Mini\"\npermit = \"P-0/2026\"\ncontroller = \"Nobody\"\ndomain = \"Everyone\"\n\
         window = { first = \"2019-01-01\", last = \"2019-12-31\" }\n[exchange.identifiers.hetu]\nsyntax = \"hetu\"\n\
         [exchange.linkage]\nrules = \"fi-16/1\"\nkind = \"hetu\"\nground = \"Permit section 4\"\n",
    );
    contract += &table("benefits");
    contract += &table("visits");
    write!(
        contract,
        "[linkage]\n{settings}\n[population]\nany_of = [\"benefits\"]\n[limits]\nmax_reject_share = 0.5\n\
         [warnings.rejects]\nwarn = 1.0\n"
    )
    .unwrap();
    world.write("study.toml", contract);
    world.write("office.toml", holder("office", "benefits"));
    world.write("town.toml", holder("town", "visits"));
    world.write("office.csv", office());
    world.write("town.csv", town());
    world.key("study.key", KEY);
    world.link_key("link.key", KEY);
    world
}

pub fn extract(world: &World, holder: &str) {
    let out = format!("d-{holder}");
    world
        .run(&format!("extract --contract study.toml --holder {holder}.toml --key study.key --unsealed --out {out}"))
        .succeeds();
}

fn linked(settings: &str) -> World {
    let world = study(settings);
    extract(&world, "office");
    extract(&world, "town");
    world.run("link --contract study.toml --link-key link.key --out linked d-office d-town").succeeds();
    world
}

/// A row of a linked table: person, number in the source, and whether the row is linked by evidence.
pub type LinkedRow = (String, i32, bool);

pub fn rows(world: &World, table: &str) -> Vec<LinkedRow> {
    let file = std::fs::File::open(world.path(&format!("linked/{table}.parquet"))).unwrap();
    let mut rows = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let person = batch.column_by_name("person").unwrap().as_string::<i32>();
        let number = batch.column_by_name("number").unwrap().as_primitive::<arrow::datatypes::Int32Type>();
        let flag = batch.column_by_name("by_evidence").unwrap().as_boolean();
        rows.extend((0..batch.num_rows()).map(|at| (person.value(at).to_owned(), number.value(at), flag.value(at))));
    }
    rows
}

pub fn evidence(world: &World) -> Value {
    serde_json::from_str::<Value>(&world.text("linked.accounting.json")).unwrap()["evidence"].clone()
}

#[test]
fn persons_without_a_code_are_linked_to_whom_they_are() {
    let world = linked("min_calibration = 500\nmin_class_precision = 0.9");
    let office: BTreeMap<i32, String> =
        rows(&world, "benefits").into_iter().map(|(person, number, _)| (number, person)).collect();
    let by_evidence: Vec<LinkedRow> = rows(&world, "visits").into_iter().filter(|(.., flag)| *flag).collect();
    assert!(by_evidence.len() > 60, "{}", by_evidence.len());
    for (person, number, _) in &by_evidence {
        assert_eq!(office.get(number), Some(person), "person {number} is linked to somebody else");
    }
    let account = evidence(&world);
    let town = account["holders"].as_array().unwrap().iter().find(|holder| holder["holder"] == "town").unwrap();
    assert_eq!(town["codeless"], 125);
    assert_eq!(town["outcomes"]["linked"], by_evidence.len());
    let outcomes: u64 = town["outcomes"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(outcomes, 125);
    assert!(account["precision"]["value"].as_f64().unwrap() > 0.98, "{account}");
    let kinds: BTreeSet<String> = kinds(&world);
    assert_eq!(kinds, ["code", "evidence"].map(str::to_owned).into());
    world.run("verify --attack none --json report.json --contract study.toml d-office d-town linked").code();
    let report = world.json("report.json");
    let checks = report["checks"].as_array().unwrap();
    let of = |name: &str| -> BTreeSet<&str> {
        let named = checks.iter().filter(|check| check["name"] == name);
        named.map(|check| check["verdict"].as_str().unwrap()).collect()
    };
    for name in ["full", "distinct", "random", "meeting", "accounting"] {
        assert_eq!(of(&format!("linkage.{name}")), ["pass"].into(), "{name}");
    }
    assert_eq!(of("linkage.ground"), ["warn"].into(), "the deliveries are not sealed");
    assert_eq!(of("linkage.precision"), ["warn"].into(), "the thresholds are lower than by default");
}

#[test]
fn a_holder_without_names_changes_nothing_for_one_that_has_them() {
    let settings = "min_calibration = 500\nmin_class_precision = 0.9";
    let of_two = evidence(&linked(settings));
    let world = study(settings);
    let known = ["code", "client", "day", "number"];
    let lines: Vec<String> = holder("bare", "visits").lines().map(str::to_owned).collect();
    let is_known = |line: &&String| {
        !HEADER.trim().split(';').any(|name| line.ends_with(&format!(" = \"{name}\"")))
            || known.iter().any(|name| line.starts_with(name))
    };
    world.write("bare.toml", lines.iter().filter(is_known).cloned().collect::<Vec<_>>().join("\n"));
    let rows = (1..PERSONS).step_by(3).map(Person::new).enumerate().map(|(at, p)| {
        let code = if at % CODELESS == 0 { String::new() } else { p.code() };
        format!("{code};c{};2019-04-01;{}\n", p.number, p.number)
    });
    world.write("bare.csv", format!("{}\n{}", known.join(";"), rows.collect::<String>()));
    ["office", "town", "bare"].into_iter().for_each(|holder| extract(&world, holder));
    world.run("link --contract study.toml --link-key link.key --out linked d-office d-town d-bare").succeeds();
    let of_three = evidence(&world);
    let of_town = |account: &Value, list: &str| -> Vec<Value> {
        account[list].as_array().unwrap().iter().filter(|of| of["holder"] == "town").cloned().collect()
    };
    for list in ["classes", "holders", "groups"] {
        assert_eq!(of_town(&of_two, list), of_town(&of_three, list), "{list}");
    }
    let bare = of_three["holders"].as_array().unwrap().iter().find(|of| of["holder"] == "bare").unwrap();
    assert_eq!((&bare["codeless"], &bare["outcomes"]["no_candidate"]), (&100.into(), &100.into()));
}

fn kinds(world: &World) -> BTreeSet<String> {
    let file = std::fs::File::open(world.path("linked/persons.parquet")).unwrap();
    let mut kinds = BTreeSet::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let kind = arrow::compute::cast(batch.column_by_name("match_kind").unwrap(), &arrow::datatypes::DataType::Utf8);
        let kind = kind.unwrap();
        kinds.extend(kind.as_string::<i32>().iter().flatten().map(str::to_owned));
        let precision = batch.column_by_name("evidence_precision").unwrap();
        let of_code = kind.as_string::<i32>().iter().filter(|kind| *kind == Some("code")).count();
        assert_eq!(precision.null_count(), of_code);
    }
    kinds
}

#[test]
fn duckdb_makes_the_same_links_and_a_delivery_has_no_structure() {
    let Some(judges) = Judges::assemble() else { return };
    let world = linked("min_calibration = 0\nmin_class_precision = 0.0");
    let mut judge = judges.run("evidence.py");
    let judged = judge.args(["d-office", "d-town", "linked"].map(|folder| world.path(folder))).output().unwrap();
    assert!(judged.status.success(), "{}", words(&judged));
    let links = rows(&world, "visits").iter().filter(|(.., flag)| *flag).count();
    assert!(words(&judged).starts_with(&format!("ok {links} links")) && links > 60, "{}", words(&judged));
}

#[test]
fn without_calibration_or_as_accounting_only_nobody_is_linked_by_evidence() {
    for settings in ["min_calibration = 5000", "min_calibration = 500\ninclude = \"accounting_only\""] {
        let world = linked(settings);
        assert!(rows(&world, "visits").iter().all(|(.., flag)| !flag), "{settings}");
        let persons = rows(&world, "benefits").len();
        let of_town = rows(&world, "visits").into_iter().map(|(_, number, _)| number).collect::<BTreeSet<_>>().len();
        assert_eq!((persons, of_town), (PERSONS, PERSONS / 3 - PERSONS / 3 / CODELESS), "{settings}");
    }
    let too_few = linked("min_calibration = 5000");
    assert_eq!(evidence(&too_few)["is_calibrated"], false);
}

#[test]
fn the_same_sources_in_any_order_and_with_any_threads_give_the_same_bytes() {
    let world = linked("min_calibration = 500");
    let other = study("min_calibration = 500");
    for file in ["office.csv", "town.csv"] {
        let text = other.text(file);
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        other.write(file, lines.join("\n") + "\n");
    }
    for holder in ["office", "town"] {
        other
            .run(&format!(
                "extract --threads 1 --contract study.toml --holder {holder}.toml --key study.key --unsealed --out \
                 d-{holder} --memory 64MiB"
            ))
            .succeeds();
        for file in ["linkage.parquet", if holder == "office" { "benefits.parquet" } else { "visits.parquet" }] {
            let path = format!("d-{holder}/{file}");
            assert!(world.read(&path) == other.read(&path), "{path}");
        }
    }
    other.run("link --threads 3 --contract study.toml --link-key link.key --out linked d-town d-office").succeeds();
    for file in ["persons.parquet", "visits.parquet"] {
        assert!(world.read(&format!("linked/{file}")) == other.read(&format!("linked/{file}")), "{file}");
    }
}

#[test]
fn without_the_section_rows_without_a_code_are_rejected() {
    let world = study("");
    let contract = world.text("study.toml");
    let start = contract.find("[exchange.linkage]").unwrap();
    let end = contract.find("[[exchange.tables]]").unwrap();
    let text = format!("{}{}", &contract[..start], &contract[end..]);
    let is_kept = |line: &&str| !line.starts_with("linkage = ") && *line != "[linkage]";
    let without = text.lines().filter(is_kept).collect::<Vec<_>>().join("\n");
    world.write("study.toml", without);
    world.run("extract --contract study.toml --holder town.toml --key study.key --unsealed --out d-town").succeeds();
    let manifest: Value = serde_json::from_str(&world.text("d-town/manifest.json")).unwrap();
    assert_eq!(manifest["account"]["tables"][0]["rejected"]["missing"], 125);
    assert!(manifest.get("linkage").is_none() && !world.path("d-town/linkage.parquet").exists());
}

#[test]
fn the_ledger_lists_rows_that_were_kept_without_a_code_and_no_name_travels() {
    let world = linked("min_calibration = 500");
    let ledger = world.text("d-town.rejects.csv");
    assert_eq!(ledger.lines().filter(|line| line.ends_with(";code;missing, kept without a code")).count(), 125);
    for folder in ["d-office", "d-town", "linked"] {
        for entry in std::fs::read_dir(world.path(folder)).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for name in ["Koskinen", "koskinen", "Kirkkokatu", "kirkk"] {
                let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
                assert!(!found, "{folder}: a name");
            }
        }
    }
}

#[test]
fn a_forged_or_missing_table_of_tokens_is_refused() {
    let world = study("min_calibration = 500");
    extract(&world, "office");
    extract(&world, "town");
    world.edit_json("d-town/manifest.json", |manifest| {
        manifest["linkage"]["rules_digest"] = "ab".repeat(32).into();
    });
    world.run("link --contract study.toml --link-key link.key --out linked d-office d-town").fails(3, &["rules"]);
    let other = study("min_calibration = 500");
    extract(&other, "town");
    extract(&other, "office");
    other.edit_json("d-town/manifest.json", |manifest| {
        manifest["account"]["linkage"] = Value::Null;
    });
    let run = other.run("link --contract study.toml --link-key link.key --out linked d-office d-town");
    run.fails(3, &["states other files"]);
}

/// A Bloom filter of the pairs of letters of a name in hexadecimal, as other tools encode names.
fn bloom(name: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut filter = [0_u8; 64];
    for pair in name.as_bytes().windows(2) {
        for hash in 0..10_u8 {
            let digest = Sha256::digest([pair, &[hash]].concat());
            let bit = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % 512;
            filter[bit / 8] |= 1 << (bit % 8);
        }
    }
    data_encoding::HEXLOWER.encode(&filter)
}

#[test]
fn similarity_encodings_of_other_tools_fail_and_hashes_do_not() {
    use sha2::{Digest, Sha256};
    let world = World::empty();
    let names = (0..300).map(Person::new).map(|p| format!("{} {}", p.given, p.surname).to_lowercase());
    let mut encoded = String::from("number;encoding\n");
    let mut hashed = encoded.clone();
    for (number, name) in names.enumerate() {
        writeln!(encoded, "{number};{}", bloom(&name)).unwrap();
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(format!("a key that nobody guesses {name}")));
        writeln!(hashed, "{number};{hash}").unwrap();
    }
    std::fs::create_dir(world.path("encoded")).unwrap();
    std::fs::create_dir(world.path("hashed")).unwrap();
    world.write("encoded/table.csv", encoded);
    world.write("hashed/table.csv", hashed);
    for (folder, verdict) in [("encoded", "fail"), ("hashed", "pass")] {
        world.run(&format!("verify --attack none --json {folder}.json {folder}")).code();
        let report = world.json(&format!("{folder}.json"));
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == "linkage.similarity").unwrap();
        assert_eq!(check["verdict"], verdict, "{folder}: {check}");
    }
}
