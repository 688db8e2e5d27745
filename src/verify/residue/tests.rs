//! Residue on small examples: every identifier and disguise, look-alikes, and verdicts on whole columns and files.

#![allow(
    clippy::pedantic,
    clippy::single_range_in_vec_init,
    clippy::type_complexity,
    clippy::manual_is_multiple_of,
    clippy::format_collect,
    clippy::unwrap_used,
    reason = "tests are read as facts, and one that fails says where"
)]

use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::crypto::Unlock;
use crate::progress::NoProgress;
use crate::verify::check::{Check, Verdict};
use crate::verify::detect::{Context, Kind, Sightings, find_in_bytes, find_in_text};
use crate::verify::options::Options;
use crate::verify::pass;
use crate::verify::subject::{Kind as SubjectKind, Subject};

/// Returns the kinds of the hits in a whole cell, those of columns aside.
fn hits(text: &str) -> Vec<Kind> {
    let mut found = Sightings::default();
    find_in_text(text, Context::Cell, &mut found);
    let hits = found.all.iter().filter(|seen| seen.hit).map(|seen| seen.kind);
    let column = |kind: &Kind| {
        !matches!(
            kind,
            Kind::FirstName
                | Kind::Surname
                | Kind::ForeignFullName
                | Kind::ForeignName
                | Kind::PlateCell
                | Kind::PassportCell
        )
    };
    hits.filter(column).collect()
}

#[test]
fn a_code_is_found_as_a_cell_and_inside_text() {
    for text in [
        "131052-308T",
        "010594Y9032",
        "020504A902E",
        "010195+433X",
        "Asiakas 131052-308T soitti.",
        "hetu:010594Y9032;",
        "x_010594Y9032_y",
        "asiakas131052-308Tsoitti",
        "(131052-308T)",
        "131052-308T.",
    ] {
        assert_eq!(hits(text), [Kind::Code], "{text}");
    }
}

#[test]
fn a_code_with_a_line_break_in_it_is_found() {
    for text in ["131052-\n308T", "131052\r\n-308T", "synt. 131052\n-308T"] {
        assert_eq!(hits(text), [Kind::Spaced], "{text:?}");
    }
}

#[test]
fn a_code_without_its_control_character_is_found() {
    for text in ["131052-308", "131052-308*", "010594Y903?", "020504A902."] {
        assert_eq!(hits(text), [Kind::Cut], "{text}");
    }
    for text in ["131052-30", "131052/308", "991399-308", "2018-01-01"] {
        assert_eq!(hits(text), [], "{text}");
    }
}

#[test]
fn numbers_inside_lists_and_records_are_searched() {
    for text in ["[131052308]", "{\"id\": 131052308, \"n\": 1}", "{id: 131052308}", "[{id:131052308}]"] {
        assert_eq!(hits(text), [Kind::BareNumber], "{text}");
    }
    assert_eq!(hits("[131052308.5, 20180101, -131052308]"), []);
}

#[test]
fn service_paths_are_no_streets() {
    for text in ["Hoitopolku 3", "palvelupolku 2", "Kuntoutuspolku 2, jakso 1"] {
        assert_eq!(hits(text), [], "{text}");
    }
    assert_eq!(hits("Metsäpolku 3"), [Kind::Street]);
}

#[test]
fn look_alikes_are_no_identifiers() {
    for text in [
        "131052-308U",
        "310252-308Y",
        "131052-000V",
        "131052T308T",
        "1131052-3087",
        "290296-78081",
        "a010594Y9032",
        "010594Y90321",
        "THL/1234/5.05.00/2026",
        "2024-05-06 12:30",
        "F32.1",
        "N06AB04",
        "9f86d081884c7d659a2feaa0c55ad015",
        "550e8400-e29b-41d4-a716-446655440000",
        "1 234 567,89 €",
        "v1.2.3-4",
        "13.10.2024 1200",
        "12.03.2024-30.06.2024",
        "010124-310124",
        "valtatie 4",
        "kantatie 50",
        "Seututie 130",
        "Valtatie 4 ja Kehätie 3",
        "Lahti",
        "Suomalainen",
        "sosiaaliohjaus 3 kertaa",
        "Palkka riittää",
        "Sosiaalinen kuntoutus",
        "Ensimmäinen käynti 12.3.",
        "Lappeenranta 12",
        "Virasto siirsi asian Salo",
        "Turku, Salo, Lahti",
        "09:15",
        "3.5.2024",
        "FI12 3456",
        "2024 050 12",
        "+358",
        "käyttäjä@palvelin",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
        "KAB-123",
        "040/1234/18",
        "044/123/2018",
        "192.168.010.044",
        "1.4.2018/050",
        "liite B. Hakemus",
        "kohta A. Suomalainen malli",
        "0000000123",
        "+47 22 12 34",
        "+1234567,50",
        "Perhekatu 3 -malli",
        "Työpolku 2",
        "valtatiellä 4",
        "Päätielle 3",
        "7000001 12",
        "1.2.3.4",
        "versio 20.101.118.7",
        "1.2.246.537.6.202",
        "2024050612301234",
        "00:1a:2b:3c:4d:5e",
        "12:30:45",
        "katso<a>ohje.kohta",
        "seuraa @tunnus1 palvelussa",
    ] {
        assert_eq!(hits(text), [], "{text}");
    }
}

#[test]
fn every_disguise_is_undone() {
    let cases = [
        ("131052\u{2013}308T", Kind::Dash),
        ("131052\u{2212}308T", Kind::Dash),
        ("131052\u{FE63}308T", Kind::Dash),
        ("131052\u{AD}308T", Kind::Invisible),
        ("131052-\u{200B}308T", Kind::Invisible),
        ("１３１０５２－３０８Ｔ", Kind::FullWidth),
        ("131052/308T", Kind::OddSign),
        ("131052.308T", Kind::OddSign),
        ("131052,308T", Kind::OddSign),
        ("131052#308T", Kind::OddSign),
        ("131052·308T", Kind::OddSign),
        ("131052 - 308T", Kind::Spaced),
        ("131052 308T", Kind::Spaced),
        ("131052 -308T", Kind::Spaced),
        ("131052-308t", Kind::LowerCase),
        ("010594y9032", Kind::LowerCase),
        ("131052&#45;308T", Kind::Escaped),
        ("131052&minus;308T", Kind::Escaped),
        ("&#x31;31052-308T", Kind::Escaped),
        ("131052%2D308T", Kind::Escaped),
        ("010195%2B433X", Kind::Escaped),
        ("\\x31\\x33\\x31\\x30\\x35\\x32\\x2d308T", Kind::Escaped),
        ("131052\\u002d308T", Kind::Escaped),
        ("131052%252D308T", Kind::Escaped),
        ("hetu=3D131052=2D308T", Kind::Escaped),
        ("131052&amp;#45;308T", Kind::Escaped),
        ("131052%25252D308T", Kind::Escaped),
        ("3133313035322d33303854", Kind::Hex),
        ("3133313035322D33303854", Kind::Hex),
        ("31 33 31 30 35 32 2d 33 30 38 54", Kind::Hex),
        ("31:33:31:30:35:32:2D:33:30:38:54", Kind::Hex),
        ("x 0x31 0x33 0x31 0x30 0x35 0x32 0x2d 0x33 0x30 0x38 0x54 y", Kind::Hex),
        ("MTMxMDUyLTMwOFQ=", Kind::Base64),
        ("MTMxMDUyLTMwOFQ", Kind::Base64),
        ("id: MTMxMDUyLTMwOFQ= x", Kind::Base64),
        ("T803-250131", Kind::Reversed),
        ("131052308T", Kind::Signless),
        ("13101952-308T", Kind::LongYear),
        ("1952-10-13-308T", Kind::LongYear),
        ("19521013-308T", Kind::LongYear),
        ("13.10.1952-308T", Kind::LongYear),
        ("13.10.52-308T", Kind::LongYear),
    ];
    for (text, kind) in &cases {
        assert_eq!(hits(text), [*kind], "{text}");
    }
    let utf16: Vec<u8> = "131052-308T".bytes().flat_map(|b| [b, 0]).collect();
    assert_eq!(hits(&data_encoding::BASE64.encode(&utf16)), [Kind::Base64]);
    assert_eq!(hits(&data_encoding::HEXLOWER.encode(&utf16)), [Kind::Hex]);
    for text in ["131052-308T", "asiakas 131052-308T soitti", "as 131052-308T soitti"] {
        assert_eq!(hits(&data_encoding::BASE32.encode(text.as_bytes())), [Kind::Base32], "{text}");
    }
    assert_eq!(hits(&data_encoding::BASE32_NOPAD.encode(b"131052-308T").to_lowercase()), [Kind::Base32]);
    assert_eq!(hits(&data_encoding::BASE64URL_NOPAD.encode(b"asiakas 131052-308T soitti")), [Kind::Base64]);
}

#[test]
fn phone_numbers_are_found_in_every_notation() {
    for text in [
        "Soita +358 40 123 4567",
        "tel. 040-1234567 tai",
        "p. (09) 123 4567 klo 9",
        "00358401234567 oma",
        "puh 050 123 45 67",
        "+358401234567",
        "Numero +358 (0)40 1234567.",
        "soita 0401234567!",
        "0457 123 4567 (äiti)",
        "kotiin 014-123 456",
        "soita 040.123.4567",
        "p. 050/123 4567",
        "gsm 044/1234567",
        "nro 0401234567/0501234567",
        "ruotsissa +46 70 600 74 09 iltaisin",
        "nro +372 5123 4567 (veli)",
    ] {
        assert_eq!(hits(text), [Kind::Phone], "{text}");
    }
    assert!(hits("040 123 4567").contains(&Kind::PhoneCell));
}

#[test]
fn the_other_identifiers_are_found() {
    let cases = [
        ("maija.m@example.fi", Kind::Email),
        ("posti: Maija.M(at)example.fi", Kind::Email),
        ("posti: Maija.M (at) example.fi", Kind::Email),
        ("maija.m [at] example.fi", Kind::Email),
        ("kirjaamo@example.fi", Kind::SharedEmail),
        ("FI21 1234 5600 0007 85", Kind::Iban),
        ("Tili FI2112345600000785.", Kind::Iban),
        ("DE89370400440532013000", Kind::Iban),
        ("asuu Mannerheimintie 5 A 12:ssa", Kind::Street),
        ("mannerheiminkatu 12", Kind::Street),
        ("STRANDGATAN 3 B", Kind::Street),
        ("Pihlajatie 19A15", Kind::Street),
        ("Muuttanut Mäntytielle 36 B 5 viime kuussa", Kind::Street),
        ("asuu hämeenkadulla 10", Kind::Street),
        ("20100 Turku", Kind::PostalPlace),
        ("Matti Virtanen soitti eilen taas", Kind::FullName),
        ("VIRTANEN MATTI", Kind::FullName),
        ("{\"sukunimi\": \"Jokinen\", \"etunimet\": \"Hanna\"}", Kind::FullName),
        ("M. Virtanen soitti eilen taas klo", Kind::FullName),
        ("Virtanen, M.", Kind::FullName),
        ("written by r:\\users\\matti.virtanen\\data on monday", Kind::FullName),
        ("Paivi Makinen", Kind::FullName),
        ("Pa\u{308}ivi Ma\u{308}kinen", Kind::FullName),
        ("Virtanen, Matti", Kind::FullName),
        ("matti virtanen", Kind::FullName),
        ("Puhuin Anna Salon äidille Liisa Salo", Kind::FullName),
        ("Christina Söderström oli paikalla tänään klo", Kind::FullName),
        ("Tapasimme Matti Virtasen kotona eilen aamulla", Kind::FullName),
        ("60.1699, 24.9384", Kind::CoordinateText),
        ("https://kartta.example/?q=61.123456,25.123456", Kind::CoordinateText),
        ("6805887 387911", Kind::CoordinateText),
        ("3287911;6805887", Kind::CoordinateText),
        ("sijainti 60,16990 24,93840", Kind::CoordinateText),
        ("60°10'11\"N 24°56'18\"E", Kind::CoordinateText),
        ("auto ABC-123 pihassa", Kind::Plate),
        ("oid 1.2.246.562.24.10000000016", Kind::LearnerNumber),
        ("1.2.246.562.24.10000000017", Kind::LearnerForm),
        ("satu 10000001N", Kind::Satu),
        ("10000001N", Kind::SatuCell),
        ("811218-9876", Kind::SwedishNumber),
        ("19811218-9876", Kind::SwedishNumber),
        ("8112189876", Kind::SwedishDigits),
        ("isikukood 37605030299", Kind::EstonianNumber),
        ("passi XP1234567", Kind::Passport),
        ("4111 1111 1111 1111", Kind::Card),
        ("4111111111111111", Kind::CardCell),
        ("osoitteesta 87.92.214.3 klo 9", Kind::Ipv4),
        ("2001:db8:85a3::8a2e:370:7334", Kind::Ipv6),
        ("Tapasin Fatima Hassan kotona eilen aamulla", Kind::FullName),
        ("m@example.fi", Kind::Email),
        ("\"matti m\"@example.fi", Kind::Email),
        ("matti @ example.fi", Kind::Email),
        ("matti[ät]example(piste)fi", Kind::Email),
        ("FI21.1234.5600.0007.85", Kind::Iban),
        ("IBANFI2112345600000785", Kind::Iban),
        ("FI21\n1234\n5600\n0007\n85", Kind::Iban),
    ];
    for (text, kind) in cases {
        assert_eq!(hits(text), [kind], "{text}");
    }
}

/// Runs the residue checks on a folder with the given files.
fn checks(files: &[(&str, String)]) -> Vec<Check> {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    let paths = [PathBuf::from(folder.path())];
    let unlock = Unlock::default();
    let mut options = Options::new(&paths, &unlock, &|| Duration::ZERO);
    options.memory = 1 << 28;
    let subjects = [Subject::tables(folder.path(), SubjectKind::Tables, &options)];
    let seen = pass::read(&subjects, &options, &NoProgress);
    let mut checks = Vec::new();
    check(&subjects, seen.scans, &options, &mut checks, &NoProgress);
    checks
}

fn found(checks: &[Check]) -> Vec<(&'static str, Verdict)> {
    let bad = checks.iter().filter(|check| check.verdict >= Verdict::Warn);
    bad.map(|check| (check.name, check.verdict)).collect()
}

fn column(name: &str, cells: impl Iterator<Item = String>) -> Vec<(&'static str, String)> {
    vec![("t.csv", format!("{name};n\n") + &cells.map(|cell| format!("{cell};1\n")).collect::<String>())]
}

/// Returns an identity code of the 900-series, which no person has.
fn code(number: u32) -> String {
    let (day, month, year) = (number % 28 + 1, number / 28 % 12 + 1, 50 + number / 336 % 40);
    let (digits, individual) = (day * 10_000 + month * 100 + year, 900 + number % 100);
    let control = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(digits * 1000 + individual) as usize % 31];
    format!("{digits:06}-{individual}{}", char::from(control))
}

#[test]
fn a_handful_among_clean_notes_fails() {
    let note = |row: u32| {
        if row % 700 == 3 { format!("Soitti {} tänään", code(row)) } else { format!("Käynti {row} sovittu") }
    };
    assert_eq!(found(&checks(&column("note", (0..3000).map(note)))), [("residue.identity_codes", Verdict::Fail)]);
    let checks = checks(&column("note", (0..3000).map(note)));
    let shown = serde_json::to_string(&checks).unwrap();
    assert!(!shown.contains(&code(3)) && shown.contains("705"), "{shown}");
}

#[test]
fn product_codes_of_the_shape_never_fail() {
    // The control runs through all 31 characters: one in 31 is right.
    let product = |row: u32| {
        let code = code(row * 7);
        format!("{}{}", &code[..10], char::from(b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(row * row % 31) as usize]))
    };
    for rows in [31, 400, 5000] {
        let found = found(&checks(&column("product", (0..rows).map(product))));
        assert!(found.iter().all(|(_, verdict)| *verdict < Verdict::Fail), "{found:?}");
    }
}

#[test]
fn clean_columns_pass() {
    let cases: Vec<(&str, Box<dyn Fn(u32) -> String>)> = vec![
        ("running", Box::new(|row| (100_000_000 + row).to_string())),
        ("day", Box::new(|row| format!("2024{:02}{:02}", row % 12 + 1, row % 28 + 1))),
        ("euro", Box::new(|row| format!("{},{:02}", row * 37, row % 100))),
        ("journal", Box::new(|row| format!("THL/{row}/5.05.00/2026"))),
        ("product", Box::new(|row| format!("KAB-{}", row % 900 + 100))),
        (
            "place",
            Box::new(|row| {
                ["Lahti", "Salo", "Rauma", "Kemi", "Soini", "Simo", "Laukaa", "Tervo"][row as usize % 8].to_owned()
            }),
        ),
        (
            "word",
            Box::new(|row| {
                ["Suomalainen", "Ensimmäinen", "Sosiaalinen", "Myönteinen", "Kielteinen", "Toinen"][row as usize % 6]
                    .to_owned()
            }),
        ),
        ("stamp", Box::new(|row| (1_600_000_000 + row * 977).to_string())),
        ("grade", Box::new(|row| ["A", "B", "C"][row as usize % 3].to_owned())),
    ];
    for (name, make) in cases {
        assert_eq!(found(&checks(&column(name, (0..2000).map(make)))), [], "{name}");
    }
}

#[test]
fn columns_of_names_are_found() {
    let units = ["Aino", "Helmi", "Onni", "Toivo", "Lempi", "Hilma"];
    let unit = |row: u32| units[row as usize % 6].to_owned();
    assert_eq!(found(&checks(&column("a", (0..100).map(unit)))), [("residue.names", Verdict::Warn)]);
    let first = ["Anna", "Matti", "Liisa", "Juhani", "Aino", "Väinö", "Sofia", "Onni"];
    let names = |row: u32| format!("{}{}", first[row as usize % 8], if row % 3 == 0 { "-Liisa" } else { "" });
    assert_eq!(found(&checks(&column("a", (0..100).map(names)))), [("residue.names", Verdict::Fail)]);
    let last = ["Virtanen", "KORHONEN", "Mäki", "Tuntematonpää", "Räsänen", "Andersson", "Laine", "Lahti"];
    let names = |row: u32| last[row as usize % 8].to_owned();
    assert_eq!(found(&checks(&column("a", (0..100).map(names)))), [("residue.names", Verdict::Fail)]);
}

#[test]
fn split_and_numeric_codes_are_found() {
    let split = |row: u32| {
        let code = code(row * 13);
        format!("19{}-{}-{};{};{row}\n", &code[4..6], &code[2..4], &code[..2], &code[7..])
    };
    let text = "born;rest;n\n".to_owned() + &(0..60).map(split).collect::<String>();
    let both = [("residue.split", Verdict::Fail), ("residue.birth_dates", Verdict::Warn)];
    assert_eq!(found(&checks(&[("t.csv", text)])), both);
    let split = |row: u32| {
        let code = code(row * 13);
        format!("{};{};{}\n", &code[10..], &code[7..10], &code[..6])
    };
    let text = "c;n;d\n".to_owned() + &(0..60).map(split).collect::<String>();
    assert_eq!(found(&checks(&[("t.csv", text)])), [("residue.split", Verdict::Fail)]);
    let number = |row: u32| code(row).replace('-', "").trim_start_matches('0').to_owned();
    let with_digit = (0..400).map(number).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(found(&checks(&column("x", with_digit))), [("residue.numbers", Verdict::Fail)]);
    let bare = (0..400).map(|row| code(row).replace('-', "")[..9].to_owned());
    assert_eq!(found(&checks(&column("x", bare))), [("residue.numbers", Verdict::Warn)]);
}

#[test]
fn a_birth_date_in_three_columns_is_found() {
    let split = |row: u32| {
        let code = code(row * 13);
        format!("{row};19{};{};{};{}\n", &code[4..6], &code[2..4], &code[..2], &code[7..])
    };
    let text = "n;year;month;day;rest\n".to_owned() + &(0..60).map(split).collect::<String>();
    assert_eq!(found(&checks(&[("t.csv", text)])), [("residue.split", Verdict::Fail)]);
}

#[test]
fn codes_in_a_file_of_fixed_widths_are_found() {
    let record = |row: u32| format!("{row:06}{}2018{:02}01\n", code(row * 31), row % 12 + 1);
    let file = (0..8).map(record).collect::<String>();
    let table = ("t.csv", "a;b\n1;2\n".to_owned());
    assert_eq!(found(&checks(&[table, ("extract.dat", file)])), [("residue.other_files", Verdict::Fail)]);
}

#[test]
fn names_and_other_files_are_searched() {
    let log = (0..4).map(|row| format!("rivi {}: {} hylätty\n", row, code(row * 31))).collect::<String>();
    let table = ("t.csv", "a;b\n1;2\n".to_owned());
    assert_eq!(found(&checks(&[table.clone(), ("run.log", log)])), [("residue.other_files", Verdict::Fail)]);
    let digest = format!("{{\"sha256\": \"{}\"}}", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    assert_eq!(found(&checks(&[table.clone(), ("manifest.json", digest)])), []);
    let named = checks(&[("010594Y9032.csv", "a;b\n1;2\n".to_owned())]);
    assert_eq!(found(&named), [("residue.labels", Verdict::Fail)]);
    assert!(!format!("{named:?}").contains("010594Y9032"));
    assert_eq!(found(&checks(&[("t.csv", "hetu_hash;b\nx;2\n".to_owned())])), [("residue.labels", Verdict::Warn)]);
}

#[test]
fn coordinates_and_plates_are_found_by_column() {
    let share = |row: u32| format!("{};{}\n", 60.1 + f64::from(row) * 0.0137, 24.3 + f64::from(row) * 0.0111);
    let text = "tyollisyysaste;lapsiperheosuus\n".to_owned() + &(0..60).map(share).collect::<String>();
    assert_eq!(found(&checks(&[("t.csv", text)])), [("residue.coordinates", Verdict::Warn)]);
    let metres = |row: u32| format!("{};{}\n", 6_805_887 + row * 977, 3_287_911 + row * 1234);
    let text = "ykj_pohjoinen;ykj_ita\n".to_owned() + &(0..60).map(metres).collect::<String>();
    assert_eq!(found(&checks(&[("t.csv", text)])), [("residue.coordinates", Verdict::Fail)]);
    let row = |row: u32| format!("{};{}\n", 60.1 + f64::from(row) * 0.001_37, 24.3 + f64::from(row) * 0.002_11);
    let text = "lat;lon\n".to_owned() + &(0..60).map(row).collect::<String>();
    assert_eq!(found(&checks(&[("t.csv", text)])), [("residue.coordinates", Verdict::Fail)]);
    let letter = |n: u32| char::from(b'A' + (n % 23) as u8);
    let plate =
        |row: u32| format!("{}{}{}-{}", letter(row), letter(row / 23 * 5 + 3), letter(row / 5), row % 899 + 100);
    assert_eq!(found(&checks(&column("x", (0..200).map(plate)))), [("residue.plates", Verdict::Fail)]);
}

proptest! {
    #[test]
    fn any_text_is_searched_without_a_panic(text in ".{0,80}", other in "[0-9A-Za-z@+&;#%=\\-. äöÄÖ°]{0,60}") {
        for context in [Context::Cell, Context::Prose, Context::Name] {
            find_in_text(&text, context, &mut Sightings::default());
            find_in_text(&other, context, &mut Sightings::default());
            find_in_bytes(text.as_bytes(), context, &mut Sightings::default());
        }
    }

    #[test]
    fn any_bytes_are_searched_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        find_in_bytes(&bytes, Context::Prose, &mut Sightings::default());
    }
}
