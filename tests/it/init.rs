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

const EVENTS: &str = "Hetu;Tapahtumapäivä;event_type;Järjestäjä;organiser_code;Euroa;eur;Lisätieto\n\
                      131052-900W;1.3.2019;YHTEYDENOTTO;x;091;1;12,50;secret words\n\
                      010594Y9032;12.11.2019;PT_ARVIO_ALKU;x;837;2;3,00;NA\n";

#[test]
fn the_notation_and_the_columns_of_a_file_are_found() {
    let text = begun(&contract("config/studies/toituavain"), "events.csv", EVENTS).unwrap();
    for line in [
        "table = \"municipal_social_work\"",
        "files = [\"events.csv\"]",
        "delimiter = \";\"",
        "encoding = \"utf-8\"",
        "decimal = \",\"",
        "missing = [\"NA\"]",
        "person_code = \"Hetu\"",
        "event_type = \"event_type\"",
        "organiser_code = \"organiser_code\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // No name is close to that of the day, which is required.
    assert!(text.contains("the header of event_date (date), which is required"), "{text}");
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
