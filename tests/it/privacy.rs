//! A sentinel identity code, planted wherever a source can hold one, is in nothing that the tool prints or writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use salanimi_core::{Id, IdentityCode, LinkedId, Pseudonym, Reason, Syntax, TextForm, TextSyntax};

use crate::sentinel::{SENTINEL, is_absent};
use crate::tables;
use crate::world::{BOTH, World};

/// Files of the good world. They may hold the planted code.
fn sources(world: &World) -> BTreeSet<String> {
    world.files().into_iter().collect()
}

/// Plants the sentinel once in every column of every source, as value, unknown code, wrong date and free text.
fn planted() -> World {
    let world = World::good();
    let lower = SENTINEL.to_lowercase();
    let support = "kela/support_2018.csv";
    world.edit(support, "030261U2179;2018-01;H-0;", format!("{SENTINEL};2018-01;{SENTINEL};"));
    world.edit(support, "030261u2179", &lower);
    for (column, row) in [(1, 4), (3, 5), (4, 6), (5, 7), (6, 8), (7, 9), (8, 10), (9, 11), (10, 12), (11, 13)] {
        replace_field(&world, support, row, column, ';');
    }
    for (column, row) in [(1, 1), (2, 2), (3, 3), (15, 4), (16, 5), (17, 6)] {
        replace_field(&world, "kela/support_2017_wide.csv", row, column, ';');
    }
    for (column, row) in [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)] {
        replace_field(&world, "kela/notices.csv", row, column, ';');
    }
    for column in 0..8 {
        replace_field(&world, "town/contacts.csv", column + 2, column, ',');
    }
    world.edit("town/contacts.csv", "\"two lines,", format!("\"two lines and {SENTINEL},"));
    world.edit("kela/notices.csv", "soitto, kiireellinen", format!("soitto {lower}"));
    world.edit("kela/changed.csv", "080457V1243;", format!("{SENTINEL};"));
    for list in ["cohort", "exclude", "protect"] {
        let name = format!("lists/{list}.txt");
        world.write(&name, [world.read(&name), format!("{SENTINEL}\n").into_bytes()].concat());
    }
    world
}

fn replace_field(world: &World, file: &str, row: usize, column: usize, separator: char) {
    let bytes = world.read(file);
    let mut lines: Vec<Vec<u8>> = bytes.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
    let mut fields: Vec<&[u8]> = lines[row].split(|&b| b == separator as u8).collect();
    fields[column] = SENTINEL.as_bytes();
    lines[row] = fields.join(&(separator as u8));
    world.write(file, lines.join(&b'\n'));
}

fn tolerant(world: &World) {
    world.edit("contract.toml", "[population]", "[limits]\nmax_reject_share = 1.0\n\n[population]");
}

#[test]
fn a_planted_code_leaves_no_trace_in_a_whole_run() {
    let world = planted();
    tolerant(&world);
    let known = sources(&world);
    for holder in ["kela", "town"] {
        let dry = format!("extract --dry-run --contract contract.toml --holder {holder}/holder.toml");
        world.run(&dry).shows_no_sentinel().succeeds();
        world.run(&format!("{dry} --json")).shows_no_sentinel().succeeds();
        world.extract(holder, &format!("d-{holder}"), "").shows_no_sentinel().succeeds();
        world.extract(holder, &format!("j-{holder}"), "--json").shows_no_sentinel().succeeds();
        let lists = "--cohort lists/cohort.txt --exclude lists/exclude.txt --protect lists/protect.txt --json";
        world.extract(holder, &format!("l-{holder}"), lists).shows_no_sentinel().succeeds();
    }
    world.link("linked", BOTH).shows_no_sentinel().succeeds();
    world.link("linked-json", &format!("--json {BOTH}")).shows_no_sentinel().succeeds();
    for shown in world.files().iter().map(String::as_str).chain(["d-kela", "d-town", "linked", "kela", "lists"]) {
        world.run(&format!("show {shown}")).shows_no_sentinel();
        world.run(&format!("show --json {shown}")).shows_no_sentinel();
    }
    world.hides_no_sentinel(&known);
}

#[test]
fn a_planted_code_is_rejected_where_it_is_no_value_and_only_there() {
    let world = planted();
    tolerant(&world);
    world.extract("kela", "d-kela", "").succeeds();
    let ledger = world.text("d-kela.rejects.csv");
    for line in [
        "support;support_2018.csv;5;month;date",
        "support;support_2018.csv;6;decision;unknown_code",
        "support;support_2018.csv;7;paid;number",
        "support;support_2017_wide.csv;2;month;date",
        "support;support_2017_wide.csv;4;month;unknown_code",
        "notices;notices.csv;4;sent;date",
        "notices;notices.csv;5;topic;unknown_code",
        "notices;notices.csv;6;recipient;pattern",
    ] {
        assert!(ledger.lines().any(|l| l == line), "lacks {line}:\n{ledger}");
    }
}

#[test]
fn a_planted_code_leaves_no_trace_when_too_much_is_rejected() {
    let world = planted();
    let known = sources(&world);
    world.extract("kela", "out", "").shows_no_sentinel().fails(3, &["more than the 5 %"]);
    world.extract("town", "out", "--json").shows_no_sentinel().fails(3, &["more than the 5 %"]);
    world.has_nothing_of("out");
    world.hides_no_sentinel(&known);
}

/// Each changes one file of the good world so that a run must fail with the sentinel close by.
const FAILURES: [(&str, &str, &str, &str, &str); 12] = [
    ("an extra header", "kela", "kela/support_2018.csv", "puhelin;k", "puhelin;{};k"),
    ("a header instead of another", "kela", "kela/support_2018.csv", "maksettu", "{}"),
    ("a repeated header", "town", "town/contacts.csv", "first_name,organiser", "{},{}"),
    ("a row instead of the header", "kela", "kela/notices.csv", "ilmoitus;henk", "{};{}"),
    ("another separator", "kela", "kela/changed.csv", "vanha;uusi", "{},uusi"),
    ("an open quotation mark", "kela", "kela/notices.csv", "soitto, kiire", "\"{} "),
    ("bytes that are no UTF-8", "town", "town/contacts.csv", "Äiti", "{}\u{0}"),
    ("an invalid old code", "kela", "kela/changed.csv", "250992U113S;", "{}X;"),
    ("an invalid new code", "kela", "kela/changed.csv", ";260992U113D", ";{} {}"),
    ("a cycle of changed codes", "kela", "kela/changed.csv", "vanha;uusi\n", "vanha;uusi\n{};{}\n"),
    ("a fork of changed codes", "kela", "kela/changed.csv", "uusi\n", "uusi\n{};250992U113S\n{};260992U113D\n"),
    ("a line of three changed codes", "kela", "kela/changed.csv", "uusi\n", "uusi\n{};{};{}\n"),
];

#[test]
fn a_planted_code_leaves_no_trace_when_a_source_is_refused() {
    for (what, holder, file, from, to) in FAILURES {
        let world = World::good();
        world.edit(file, from, to.replace("{}", SENTINEL));
        let known = sources(&world);
        eprintln!("{what}");
        for line in ["--unsealed --key study.key --out out", "--dry-run", "--unsealed --key study.key --out out --json"]
        {
            let files = format!("--contract contract.toml --holder {holder}/holder.toml");
            world.run(&format!("extract {files} {line}")).shows_no_sentinel().fails(3, &[file]);
        }
        world.has_nothing_of("out");
        world.hides_no_sentinel(&known);
    }
}

#[test]
fn a_planted_code_leaves_no_trace_when_a_list_is_refused() {
    for (list, line) in [("cohort", "{}X"), ("exclude", "{};{}"), ("protect", "{} extra words")] {
        let world = World::good();
        let path = format!("lists/{list}.txt");
        world.write(&path, format!("{SENTINEL}\n{}\n", line.replace("{}", SENTINEL)));
        let known = sources(&world);
        world.extract("kela", "out", &format!("--{list} {path}")).shows_no_sentinel().fails(3, &[&path, "line 2"]);
        world.hides_no_sentinel(&known);
    }
}

#[test]
fn a_list_given_in_place_of_another_file_is_not_printed() {
    let world = World::good();
    world.write("list.txt", format!("{SENTINEL}\n{SENTINEL}\n"));
    std::fs::set_permissions(world.path("list.txt"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let extract = |contract: &str, holder: &str, key: &str| {
        let line = format!("extract --unsealed --contract {contract} --holder {holder} --key {key} --out out");
        world.run(&line).shows_no_sentinel().fails(3, &["list.txt"]);
    };
    extract("list.txt", "kela/holder.toml", "study.key");
    extract("contract.toml", "list.txt", "study.key");
    extract("contract.toml", "kela/holder.toml", "list.txt");
    world.edit("contract.toml", "mappings/county.csv", "list.txt");
    extract("contract.toml", "kela/holder.toml", "study.key");
    world.link("out", "list.txt").shows_no_sentinel().fails(3, &["list.txt"]);
    world.run("show list.txt").shows_no_sentinel().fails(3, &["list.txt", "not a file that can be shown"]);
}

#[test]
fn a_planted_code_leaves_no_trace_when_a_parquet_source_is_refused() {
    let world = World::good();
    let texts = || Arc::new(StringArray::from(vec![SENTINEL; 40])) as ArrayRef;
    let names = ["row_id", "person_id", "first_name", "organiser", "date", "kind", "notice", "amount", "note"];
    world.edit("town/holder.toml", "delimiter = \",\"\nencoding = \"utf-8\"", "");
    world.edit("town/holder.toml", "contacts.csv", "contacts.parquet");
    world.edit("town/holder.toml", "\"csv\"", "\"parquet\"");
    let known = world.files().into_iter().chain(["town/contacts.parquet".to_owned()]).collect();
    let path = world.path("town/contacts.parquet");
    let refused = |word: &str| {
        world.extract("town", "out", "").shows_no_sentinel().fails(3, &[word]);
        world.hides_no_sentinel(&known);
    };
    tables::write(&path, names.iter().map(|name| (*name, texts())).collect());
    refused("records were rejected");
    tables::write(&path, names.iter().copied().chain([SENTINEL]).map(|name| (name, texts())).collect());
    refused("contacts.parquet: column 10");
    tables::write(
        &path,
        names.iter().map(|name| if *name == "kind" { SENTINEL } else { name }).map(|n| (n, texts())).collect(),
    );
    refused("lacks the column 'kind'");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    refused("not a readable Parquet file");
}

#[test]
fn nothing_that_holds_a_code_prints_it() {
    let code = IdentityCode::parse(SENTINEL.as_bytes()).unwrap();
    let hetu = Syntax::Hetu.canonical(SENTINEL.as_bytes()).unwrap();
    let text = Syntax::Text(TextSyntax::unrestricted());
    let text = text.canonical(SENTINEL.as_bytes()).unwrap();
    let mut bytes = [0; 16];
    bytes[..11].copy_from_slice(SENTINEL.as_bytes());
    let printed = [
        format!("{code:?} {code:#?} {:?}", Some(code)),
        format!("{hetu:?} {hetu:#?} {text:?} {text:#?}"),
        format!("{:?} {:#?}", Pseudonym(bytes), Pseudonym(bytes)),
        format!("{:?}", LinkedId(*b"071177V4")),
        format!("{:?}", Id::new(SENTINEL).unwrap_err()),
        format!("{}", Id::new(SENTINEL).unwrap_err()),
    ];
    for text in printed {
        is_absent(&text, text.as_bytes());
        assert!(!text.contains("071177"), "{text}");
    }
}

#[test]
fn no_reason_contains_its_value() {
    let pattern = Syntax::Text(TextSyntax::new("[a-z]+", TextForm::default()).unwrap());
    for tail in ["X", " ", "-", "ä", "", "\u{202e}", "0000000000"] {
        for raw in [format!("{SENTINEL}{tail}"), format!("{tail}{}", SENTINEL.replace('V', "T")), SENTINEL[..10].into()]
        {
            for reason in [Syntax::Hetu.canonical(raw.as_bytes()).err(), pattern.canonical(raw.as_bytes()).err()] {
                let Some(reason) = reason else { continue };
                assert!(Reason::ALL.contains(&reason));
                is_absent("a reason", format!("{reason} {reason:?}").as_bytes());
            }
        }
    }
}

#[test]
fn no_code_of_a_synthetic_register_is_in_any_output() {
    let world = World::empty();
    world.run("demo --attack none --persons 500 --out demo").succeeds();
    let form = regex::bytes::Regex::new("(?i)[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]").unwrap();
    let found = |bytes: &[u8]| form.find_iter(bytes).any(|found| IdentityCode::parse(found.as_bytes()).is_ok());
    // Digests, keys and signatures are long words in hexadecimal, base64 or bech32, in which a code stands by chance.
    let in_word = |b: &u8| b.is_ascii_alphanumeric() || b"+-/=".contains(b);
    let in_words = |bytes: &[u8]| bytes.split(|b| !in_word(b)).any(|word| word.len() < 16 && found(word));
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
    let holds = |bytes: &[u8]| if is_text(bytes) { in_words(bytes) } else { found(bytes) };
    let (sources, outputs): (Vec<String>, Vec<String>) =
        world.files().into_iter().filter(|name| !name.contains("keys/")).partition(|name| name.contains("sources/"));
    assert!(sources.iter().any(|name| holds(&world.read(name))));
    assert!(outputs.len() > 15, "{outputs:?}");
    for name in outputs {
        assert!(!holds(&world.read(&name)), "{name} holds a code");
        // Sealed tables are read as the linked ones that they become.
        if name.ends_with(".parquet") && !name.contains("deliveries/") {
            assert!(!tables::pages(&world.path(&name)).iter().any(|page| holds(page)), "a page of {name} holds a code");
        }
    }
}
