//! Tests of the attack by the contract's patterns.

use super::*;

/// Returns a contract with the identifiers `patient` of a pattern.
fn contract(pattern: &str, fold_case: bool) -> Contract {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contract.toml");
    let content = format!(
        r#"format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "clinic"
title = "Clinic"
permit = "P-0/2026"
controller = "Nobody"
domain = "Everyone"
window = {{ first = "2018-01-01", last = "2019-12-31" }}
[exchange.identifiers.patient]
syntax = "text"
pattern = '{pattern}'
fold_case = {fold_case}
[[exchange.tables]]
name = "visits"
unique = ["patient", "n"]
duplicates = "keep"
columns = [
  {{ name = "patient", role = "person", kind = "patient" }},
  {{ name = "n", role = "attribute", type = "integer" }},
]
[population]
any_of = ["visits"]
[limits]
min_cell = 5
"#
    );
    fs::write(&path, content).unwrap();
    Contract::read(&path, &[]).unwrap()
}

fn sha256(text: &str) -> String {
    Kind::Sha256.with(DigestOf(text.as_bytes()))
}

/// Attacks a column that `make` makes of the numbers from 0.
fn attacked(contract: &Contract, make: impl Fn(usize) -> String) -> (Vec<Check>, Option<Text>) {
    let rows: Vec<String> = (0..MANY).map(|number| format!("{};{}", make(number), number % 7)).collect();
    attack_rows(&rows, Depth::Standard, Some(contract))
}

#[test]
fn hashes_of_identifiers_by_the_pattern_are_found() {
    let contract = contract("P[0-9]{5}-[A-C]", false);
    let identifier = |number: usize| format!("P{:05}-{}", number * 23, ["A", "B", "C"][number % 3]);
    let ways: [&dyn Fn(&str) -> String; 4] =
        [&sha256, &|text| sha256(&text.replace('-', "")), &|text| sha256(&text.to_lowercase()), &|text| {
            sha256(&format!("suola{text}"))
        }];
    for (number, way) in ways.iter().enumerate() {
        let (checks, _) = attacked(&contract, |number| way(&identifier(number)));
        let expected = if number == 3 { "attack.salted" } else { "attack.unkeyed" };
        assert_eq!(failed(&checks), [expected], "way {number}");
        let evidence = &checks.iter().find(|check| check.name == expected).unwrap().evidence;
        assert!(evidence.en.contains("the identifier of the kind 'patient'"), "{}", evidence.en);
    }
}

#[test]
fn folded_identifiers_of_several_lengths_are_found() {
    let contract = contract("(?:[a-z]|KK)[0-9]{4,5}", true);
    let (checks, _) = attacked(&contract, |number| sha256(&format!("KK{:04}", number * 7)));
    assert_eq!(failed(&checks), ["attack.unkeyed"]);
}

#[test]
fn the_shortest_identifiers_of_an_endless_pattern_are_tried_and_that_is_stated() {
    let contract = contract("N[0-9]+", false);
    let (checks, _) = attacked(&contract, |number| sha256(&format!("N{number}")));
    assert_eq!(failed(&checks), ["attack.unkeyed"]);
    let (checks, left_out) = attacked(&contract, |number| sha256(&format!("secret {number}")));
    let unkeyed = checks.iter().find(|check| check.name == "attack.unkeyed").unwrap();
    assert_eq!(unkeyed.verdict, Verdict::NotChecked);
    assert!(unkeyed.evidence.en.contains("the pattern allows more"), "{}", unkeyed.evidence.en);
    assert!(left_out.is_some());
}

#[test]
fn a_pattern_that_allows_too_many_identifiers_is_not_tried_and_that_is_stated() {
    let contract = contract("[A-Z0-9]{20}", false);
    let (checks, left_out) = attacked(&contract, |number| sha256(&format!("secret {number}")));
    let unkeyed = checks.iter().find(|check| check.name == "attack.unkeyed").unwrap();
    assert_eq!(unkeyed.verdict, Verdict::NotChecked);
    assert!(unkeyed.evidence.en.contains("'patient' were not tried"), "{}", unkeyed.evidence.en);
    assert!(left_out.is_some());
}

#[test]
fn unknown_values_pass_a_pattern_that_was_tried() {
    let contract = contract("P[0-9]{5}-[A-C]", false);
    let (checks, _) = attacked(&contract, |number| sha256(&format!("secret {number}")));
    assert!(failed(&checks).is_empty());
    let unkeyed = checks.iter().find(|check| check.name == "attack.unkeyed").unwrap();
    assert!(unkeyed.evidence.en.contains("identifiers of the kind 'patient'"), "{}", unkeyed.evidence.en);
}
