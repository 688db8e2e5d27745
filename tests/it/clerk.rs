//! A data clerk's walk: spoiled copies of an export that looks like a real one. Each ends with one message from which
//! the clerk knows what to do.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::mini::code;
use crate::world::{KEY, World};

const CONTRACT: &str = r#"
format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "tiny"
title = "Mini"
permit = "P-0/2026"
controller = "Nobody"
domain = "Everyone"
window = { first = "2018-01-01", last = "2019-12-31" }
[exchange.identifiers.hetu]
syntax = "hetu"
[exchange.mappings.organisers]
file = "organisers.csv"
from = "organiser"
to = "county"
year = 2023
valid_from = "first"
valid_to = "last"
[[exchange.tables]]
name = "events"
unique = ["person_code", "day", "eur"]
duplicates = "drop"
window = "day"
columns = [
    { name = "person_code", role = "person", kind = "hetu" },
    { name = "organiser", role = "quasi", type = "code", codes_from = "organisers", required = true },
    { name = "day", role = "attribute", type = "date", required = true },
    { name = "eur", role = "sensitive", type = "decimal", min = 0, invalid = "null" },
    { name = "note", role = "direct" },
]
[organisers]
events = "organiser"
[population]
any_of = ["events"]
[warnings.temporary]
warn = 1.0
[warnings.emptied]
stop = 0.2
"#;

const HOLDER: &str = r#"
format = "salanimi-holder/1"
holder = "town"
[delivery]
number = 1
period = { first = "2018-01-01", last = "2019-12-31" }
[[coverage]]
organiser = "091"
table = "events"
first = "2018-01-01"
last = "2019-12-31"
[[sources]]
table = "events"
files = ["tapahtumat.csv"]
format = "csv"
encoding = "latin-1"
decimal = ","
dates = ["d.m.yyyy"]
[sources.columns]
person_code = "Henkilötunnus"
organiser = "Järjestäjä"
day = "Tapahtumapäivä"
eur = "Määrä, euroa"
note = "Lisätieto"
"#;

const ROWS: usize = 2_400;

/// Returns the export as text: 100 rows a month.
fn export() -> String {
    let mut text = "Henkilötunnus;Järjestäjä;Tapahtumapäivä;Määrä, euroa;Lisätieto\n".to_owned();
    for number in 0..ROWS {
        let month = number / 100;
        let day = number % 27 + 2;
        let person = code(number % 900);
        let date = format!("{day}.{}.{}", month % 12 + 1, 2018 + month / 12);
        writeln!(text, "{person};091;{date};{},50;\"soitto; ei vastausta\"", number % 400).unwrap();
    }
    text
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn world(bytes: &[u8]) -> World {
    let world = World::empty();
    world.key("study.key", KEY);
    world.write("study.toml", CONTRACT);
    world.write("holder.toml", HOLDER);
    world.write(
        "organisers.csv",
        "organiser;county;first;last\n049;21;;2022-12-31\n091;90;;2022-12-31\n91;91;2023-01-01;\n",
    );
    world.write("tapahtumat.csv", bytes);
    world
}

const EXTRACT: &str = "extract --contract study.toml --holder holder.toml --key study.key --unsealed --out out";

#[test]
fn the_export_as_it_is_meant_to_be_is_read_without_a_warning() {
    let world = world(&latin1(&export()));
    world.run(EXTRACT).succeeds();
    let manifest = world.json("out/manifest.json");
    assert_eq!(manifest["account"]["tables"][0]["rows"], ROWS);
    assert_eq!(manifest["account"].get("warnings"), None);
}

#[test]
fn each_spoiled_copy_ends_with_one_message_that_says_what_to_do() {
    let export = export();
    let bytes = latin1(&export);
    let cut = latin1(&export[..export.len() - 30]);
    let packed = gzip(&bytes);
    let months_first = |text: &str| -> String {
        let lines = text.lines().enumerate().map(|(at, line)| {
            let mut cells: Vec<String> = line.split(';').map(str::to_owned).collect();
            if at > 0 {
                let parts: Vec<&str> = cells[2].split('.').collect();
                cells[2] = format!("{}/{}/{}", parts[1], parts[0], parts[2]);
            }
            cells.join(";") + "\n"
        });
        lines.collect()
    };
    let mixed = {
        let at = bytes.len() / 2;
        let end = at + bytes[at..].iter().position(|&byte| byte == b'\n').unwrap() + 1;
        [&bytes[..end], "010594Y9032;091;1.5.2019;1,00;Mäkelä\n".as_bytes(), &bytes[end..]].concat()
    };
    let copies: [(&str, Vec<u8>, &[&str]); 13] = [
        ("a workbook under the name of text", b"PK\x03\x04xl/worksheets".to_vec(), &["Excel", "export it as CSV"]),
        ("saved with commas", latin1(&export.replace(';', ",")), &["probably by ','", "`delimiter`"]),
        ("a line for the spreadsheet", latin1(&format!("sep=;\n{export}")), &["`sep=`", "delete that line"]),
        (
            "two lines above the header",
            latin1(&format!("Raportti 2019;;;;\n;;;;\n{export}")),
            &["the header is on line 3", "delete the lines above"],
        ),
        (
            "last year's layout",
            latin1(&export.replacen("Tapahtumapäivä", "Tapahtuma päivä", 1)),
            &["lacks the column 'Tapahtumapäivä'", "column 3 has a name close to it"],
        ),
        (
            "a column more",
            latin1(&export.replace('\n', ";x\n").replacen(";x\n", ";Uusi\n", 1)),
            &["column 6 of the header is not in the holder file", "`ignore`"],
        ),
        (
            "zeros lost",
            latin1(&export.replace(";091;", ";91;")),
            &["not_in_force in column 'organiser'", "export codes as text"],
        ),
        ("mixed encodings", mixed, &["line 1202", "UTF-8", "`encoding"]),
        ("saved as UTF-8", export.clone().into_bytes(), &["is UTF-8", "encoding = \"utf-8\""]),
        ("a transfer that was cut off", cut, &["ends within line 2401", "ask for the file again"]),
        (
            "a packed transfer that was cut off",
            packed[..packed.len() / 2].to_vec(),
            &["cannot be decompressed", "ask for it again"],
        ),
        ("dates with the month first", latin1(&months_first(&export)), &["date in column 'day'", "check `dates`"]),
        ("amounts with a point", latin1(&export.replace(",50;", ".50;")), &["emptied", "'eur'", "--dry-run"]),
    ];
    for (name, bytes, words) in copies {
        let world = world(&bytes);
        let run = world.run(EXTRACT);
        assert_eq!(run.code(), 3, "{name}: {}", run.stderr());
        run.shows_no_code().fails(3, words);
        assert!(!world.path("out").exists(), "{name}");
    }
}

#[test]
fn a_dry_run_explains_lost_zeros_before_the_clerk_sends_anything() {
    let world = world(&latin1(&export().replace(";091;", ";91;")));
    let run = world.run("extract --contract study.toml --holder holder.toml --dry-run");
    assert_eq!(run.code(), 3);
    let shown = run.stdout();
    assert!(shown.contains("not_in_force") && shown.contains("a spreadsheet turns 091 into 91"), "{shown}");
}

#[test]
fn rows_of_persons_with_temporary_codes_are_warned_of() {
    let world = world(&latin1(&export()));
    world.edit("study.toml", "[warnings.temporary]\nwarn = 1.0\n", "");
    let run = world.run(EXTRACT).succeeds();
    assert!(run.stdout().contains("WARNING: temporary: table 'events'"), "{}", run.stdout());
    let warnings = world.json("out/manifest.json")["account"]["warnings"].clone();
    assert_eq!(warnings.as_array().unwrap().len(), 1, "{warnings}");
    assert_eq!(warnings[0]["part"], ROWS, "every code of the export is of the 900 series");
}
