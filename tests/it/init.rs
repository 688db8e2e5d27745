//! Holder files begun from small sources.

use salanimi::config::Contract;
use salanimi::init::{InitError, Inputs, holder_file};
use salanimi::study::read_contract;
use salanimi_core::Id;

use crate::world::repository;

fn contract(folder: &str) -> Contract {
    read_contract(&repository(folder).join("contract.toml")).unwrap()
}

fn begun(contract: &Contract, name: &str, text: &str) -> Result<String, InitError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let holder = Id::new("town").unwrap();
    holder_file(&Inputs { contract, holder: &holder, sources: &[path], folder: folder.path() })
}

/// Checks that a holder file has each of these texts.
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

const EVENTS: &str = "Hetu;Tapahtumapäivä;event_type;Järjestäjä;organiser_code;Euroa;eur;Lisätieto\n\
                      131052-900W;1.3.2019;YHTEYDENOTTO;x;091;1;12,50;secret words\n\
                      010594Y9032;12.11.2019;PT_ARVIO_ALKU;x;837;2;3,00;NA\n";

#[test]
fn the_notation_and_the_columns_of_a_file_are_found() {
    let text = begun(&contract("config/studies/toituavain"), "events.csv", EVENTS).unwrap();
    let expected = [
        "table = \"municipal_social_work\"",
        "files = [\"events.csv\"]",
        "delimiter = \";\"",
        "encoding = \"utf-8\"",
        "decimal = \",\"",
        "missing = [\"NA\"]",
        "person_code = \"Hetu\"",
        "event_type = \"event_type\"",
        "event_date = \"Tapahtumapäivä\"",
        "organiser_code = \"organiser_code\"",
    ];
    has(&text, &expected);
}

#[test]
fn headers_in_finnish_are_found() {
    let rows = "Henkilötunnus;Tapahtumapvm;Tapahtuma;Järjestäjä;Määrä\n\
                131052-900W;1.3.2019;YHTEYDENOTTO;91;12,50\n\
                010594Y9032;12.11.2019;PT_ARVIO_ALKU;837;Ei tietoa\n";
    let text = begun(&contract("config/studies/toituavain"), "events.csv", rows).unwrap();
    let expected = [
        "person_code = \"Henkilötunnus\"",
        "event_date = \"Tapahtumapvm\"",
        "event_type = \"Tapahtuma\"",
        "organiser_code = \"Järjestäjä\"",
        "eur = \"Määrä\"",
        "dates = [\"d.m.yyyy\"]",
        "missing = [\"Ei tietoa\"]",
    ];
    has(&text, &expected);
}

#[test]
fn a_required_column_of_another_name_is_suggested_by_its_cells() {
    let text = begun(&contract("config/studies/toituavain"), "events.csv", &EVENTS.replacen("Tapahtumapäivä", "X7", 1));
    let text = text.unwrap();
    assert!(
        text.contains("the header of event_date (date), which is required; the closest header is \"X7\""),
        "{text}"
    );
    assert!(text.contains("dates = [\"d.m.yyyy\"]"), "{text}");
}

#[test]
fn a_column_of_other_cells_is_not_taken_by_a_name_that_is_only_alike() {
    let rows = "person_code;event_date;event_type;organiser;organiser_name\n\
                131052-900W;1.3.2019;YHTEYDENOTTO;91;one\n";
    let text = begun(&contract("config/studies/toituavain"), "events.csv", rows).unwrap();
    assert!(text.contains("organiser_code = \"organiser\""), "{text}");
    let rows = rows.replacen(";organiser;", ";wave;", 1).replacen(";91;", ";spring;", 1);
    let text = begun(&contract("config/studies/toituavain"), "events.csv", &rows).unwrap();
    assert!(!text.contains("organiser_code = \"organiser_name\""), "{text}");
}

#[test]
fn files_of_one_layout_are_one_source() {
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<_> = ["one.csv", "two.csv"].map(|name| folder.path().join(name)).into();
    sources.iter().for_each(|path| std::fs::write(path, EVENTS).unwrap());
    let contract = contract("config/studies/toituavain");
    let holder = Id::new("town").unwrap();
    let inputs = Inputs { contract: &contract, holder: &holder, sources: &sources, folder: folder.path() };
    let text = holder_file(&inputs).unwrap();
    assert_eq!(text.matches("[[sources]]").count(), 1, "{text}");
    assert!(text.contains("files = [\"one.csv\", \"two.csv\"]"), "{text}");
}

#[test]
fn a_workbook_or_a_packed_file_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let contract = contract("config/studies/toituavain");
    let holder = Id::new("town").unwrap();
    for (bytes, found) in [(&b"PK\x03\x04rest of a file"[..], "Excel"), (b"\x1f\x8b\x08rest of a file", "packed")] {
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let inputs = Inputs { contract: &contract, holder: &holder, sources: &[path], folder: folder.path() };
        let message = holder_file(&inputs).unwrap_err().to_string();
        assert!(message.contains(found), "{message}");
    }
}

#[test]
fn no_value_of_a_file_is_copied() {
    let text = begun(&contract("config/studies/toituavain"), "events.csv", EVENTS).unwrap();
    for value in ["131052", "010594", "secret", "12,50", "1.3.2019"] {
        assert!(!text.contains(value), "{value}\n{text}");
    }
}

#[test]
fn a_file_without_names_or_of_another_kind_is_refused() {
    let contract = contract("config/studies/toituavain");
    let rows = "131052-900W;1.3.2019;12\n010594Y9032;1.3.2019;12\n";
    assert!(matches!(begun(&contract, "rows.csv", rows), Err(InitError::NoNames { .. })));
    let other = begun(&contract, "other.csv", "colour;shape\nred;round\nblue;square\n");
    assert!(matches!(other, Err(InitError::NoTable { .. })), "{other:?}");
}

#[test]
fn a_code_in_a_header_or_a_file_name_is_refused() {
    let contract = contract("config/studies/toituavain");
    for header in ["tulot_131052-308T_2018", "x131052-308ty", "131052 308T", "131052308T"] {
        let text = EVENTS.replacen("Lisätieto", header, 1);
        let found = begun(&contract, "events.csv", &text);
        assert!(
            matches!(found, Err(InitError::CodeInHeader { column: 8, .. } | InitError::NoNames { .. })),
            "{header}"
        );
    }
    let found = begun(&contract, "131052-308T.csv", EVENTS);
    assert!(matches!(found, Err(InitError::CodeInFileName { number: 1 })));
    assert!(!found.unwrap_err().to_string().contains("131052"));
    // Without names the codes are not taken for some.
    let rows = EVENTS.lines().skip(1).collect::<Vec<_>>().join("\n").replacen("12,50;secret words", "NA;17", 1);
    assert!(begun(&contract, "events.csv", &rows).is_err());
}
