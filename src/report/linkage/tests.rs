//! The linkage report, rendered from made-up accountings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::config::Include;
use crate::crypto::Digest;
use crate::exchange::{
    CodelessCount, CodelessGroup, ComparablePersons, Contradictions, Estimate, EvidenceAccount, EvidenceClass,
    EvidenceEffect, Filtered, Outcomes, Overlap, Provision, ReferenceCount, TableAccount,
};
use salanimi_core::{Id, Reason};

fn study() -> Contract {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/good/foreign/contract.toml");
    Contract::read(&contract, &[]).unwrap()
}

fn manifest(contract: &Contract) -> LinkedManifest {
    let digest = Digest::of(b"");
    LinkedManifest {
        format: "salanimi-linked/1".to_owned(),
        tool: "salanimi".to_owned(),
        study: contract.study.id.clone(),
        synthetic: true,
        exchange_digest: digest,
        settings_digest: digest,
        link_key_id: None,
        inputs: Vec::new(),
        accounting: digest,
        coverage: Vec::new(),
        tables: Vec::new(),
        left_out: vec![crate::config::OmittedTable {
            table: "aims".to_owned(),
            reason: "no delivery has it".to_owned(),
        }],
        bands: BTreeMap::new(),
        documents: BTreeMap::new(),
    }
}

/// An accounting in which every part counts so many persons, with 13 rows for each.
fn accounting(contract: &Contract, persons: u64) -> Accounting {
    let count = Count { rows: persons * 13, linked_rows: persons * 13, persons, linked_persons: persons };
    let by = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), count)).collect();
    let name = |table: &crate::config::Table| table.name.to_string();
    let table = |table: &crate::config::Table| TableAccount {
        table: name(table),
        all: count,
        by_holder: by(&["north", "south"]),
        by_delivery: BTreeMap::new(),
        by_month: by(&["2021-02", "2022-01", "2022-02"]),
        by_area: by(&["E1"]),
    };
    let tables: Vec<String> = contract.tables.iter().map(name).collect();
    let overlap = |sex: &str, age: &str, tables: &[String]| Overlap {
        sex: Some(sex.to_owned()),
        age_group: Some(age.to_owned()),
        tables: tables.to_vec(),
        persons,
    };
    Accounting {
        evidence: Some(evidence(persons)),
        notice: String::new(),
        tool: String::new(),
        study: contract.study.id.to_string(),
        exchange_digest: contract.exchange_digest,
        persons,
        linked_persons: persons,
        population: tables[..1].to_vec(),
        tables: contract.tables.iter().map(table).collect(),
        provision: vec![Provision {
            holder: Id::new("town").unwrap(),
            number: 1,
            table: contract.tables[0].name.clone(),
            records: persons,
            rows: persons,
            filtered: Filtered::default(),
            rejected: BTreeMap::from([(Reason::Date, persons / 100)]),
            changed_rows: persons,
            temporary_rows: persons,
        }],
        references: vec![ReferenceCount {
            label: Id::new("notice").unwrap(),
            table: contract.tables[1].name.clone(),
            references: persons,
            in_population: persons,
            other_person: 0,
        }],
        comparable: vec![ComparablePersons {
            by: "sex".to_owned(),
            value: Some("female".to_owned()),
            found: persons,
            not_found: persons,
        }],
        overlap: vec![
            overlap("female", "<18", &tables),
            overlap("male", "65+", &tables[..1]),
            overlap("male", "18-24", &tables[1..]),
        ],
        contradictions: vec![Contradictions {
            left: "a.b".to_owned(),
            right: "c.d".to_owned(),
            agree: persons,
            contradict: persons,
        }],
        warnings: Vec::new(),
    }
}

/// Links by evidence of which every part counts so many persons.
fn evidence(persons: u64) -> EvidenceAccount {
    let outcomes = Outcomes { linked: persons, ambiguous: persons, too_weak: 0, no_candidate: persons };
    let holder = Id::new("town").unwrap();
    let group = |sex: &str| CodelessGroup {
        holder: holder.clone(),
        sex: Some(sex.to_owned()),
        age_group: Some("<18".to_owned()),
        area: None,
        outcomes,
    };
    let class = EvidenceClass {
        holder: holder.clone(),
        name: 4,
        date: 3,
        place: 2,
        more: 0,
        has_rival: false,
        measured: persons,
        right: persons - 1,
        precision: 0.9999,
        lower_bound: 0.961,
        links: true,
        codeless: persons,
    };
    EvidenceAccount {
        rules: "fi-16/1".to_owned(),
        include: Include::Flag,
        min_class_precision: 0.95,
        min_calibration: 2000,
        is_calibrated: true,
        classes: vec![class],
        holders: vec![CodelessCount {
            holder: holder.clone(),
            codeless: persons,
            temporary: persons,
            measured_on: persons,
            outcomes,
        }],
        groups: vec![group("female")],
        precision: Some(Estimate { value: 0.9874, within: 0.0006 }),
        precision_without_two_codes: None,
        recall_at_most: Some(0.9578),
        class_distance: Some(0.128),
        possibly_two_codes: persons,
        effect: [None, Some("town".to_owned())]
            .map(|table| EvidenceEffect { table, persons, persons_by_identifier: persons - 1 })
            .into(),
    }
}

/// Renders the report of a dataset whose every count is of so many persons.
fn rendered(persons: u64, language: Language) -> String {
    let contract = study();
    page(&contract, &manifest(&contract), &accounting(&contract, persons), language).unwrap()
}

/// Texts of number cells and pictures.
fn shown(page: &str) -> Vec<String> {
    let of = |open: &str, close: &str| {
        let parts = page.split(open).skip(1).filter_map(|part| part.split_once('>'));
        parts.map(|(_, text)| text.split(close).next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    [of("<td class=\"n", "</td>"), of("<text", "</text>"), of("<desc", "</desc>"), of("<dd", "</dd>")].concat()
}

/// Whole numbers: neither parts of decimals nor of dates.
fn whole_numbers(text: &str) -> BTreeSet<u64> {
    let joined = text.replace('\u{202f}', "");
    let words = joined.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '-' | '+')));
    words.filter_map(|word| word.trim_end_matches(['.', ',']).parse().ok()).collect()
}

#[test]
fn a_small_cell_never_appears_in_the_report() {
    for language in Language::ALL {
        let page = rendered(4, language);
        // Counts of two or three parts together are large enough: 8 and 12 persons, rounded to 10.
        for text in shown(&page) {
            let small = whole_numbers(&text).into_iter().filter(|number| [4, 52, 50].contains(number));
            assert_eq!(small.count(), usize::from(text.trim() == "50"), "{text}");
        }
        assert!(page.contains("&lt;\u{a0}5") && page.contains("<td class=\"n\">–</td>"), "nothing is suppressed");
        assert!(!page.contains("class=\"point-mark\""), "a small cell is drawn");
    }
}

#[test]
fn counts_are_multiples_of_five() {
    let page = rendered(1237, Language::English);
    for exact in ["1237", "1\u{202f}237", "2474", "16081", "16\u{202f}081"] {
        assert!(!page.contains(exact), "{exact}");
    }
    for rounded in ["1\u{202f}235", "2\u{202f}475", "16\u{202f}080"] {
        assert!(page.contains(rounded), "{rounded}");
    }
    let cells = page.split("<td class=\"n\">").skip(1).map(|part| part.split("</td>").next().unwrap());
    let counts: Vec<u64> = cells.filter_map(|cell| cell.replace('\u{202f}', "").parse().ok()).collect();
    assert!(counts.len() > 50 && counts.iter().all(|count| count % 5 == 0), "{counts:?}");
}

#[test]
fn a_break_in_time_is_marked_on_the_plots_that_it_concerns() {
    let page = rendered(1237, Language::English);
    assert_eq!(page.matches("class=\"break\"").count(), 1);
    assert!(page.contains("<li value=\"1\">March 2022: new admission form"));
}

#[test]
fn links_by_evidence_are_never_called_certain() {
    let contract = study();
    let of = |evidence: Option<EvidenceAccount>| {
        let account = Accounting { evidence, ..accounting(&contract, 1237) };
        page(&contract, &manifest(&contract), &account, Language::English).unwrap()
    };
    let certain = "There are no uncertain links.";
    let counted_only = EvidenceAccount { include: Include::AccountingOnly, ..evidence(1237) };
    let uncalibrated = EvidenceAccount { is_calibrated: false, ..evidence(1237) };
    assert!(of(None).contains(certain) && !of(None).contains("Persons without a code"));
    assert!(of(Some(counted_only)).contains(certain));
    assert!(of(Some(uncalibrated)).contains("Nobody is linked without a code"));
    let linked = of(Some(evidence(1237)));
    assert!(!linked.contains(certain));
    let too_few = "whom another holder has too: town.";
    for text in
        ["0.987 ± 0.001", "0.96", "names, birth date, street", "The distance is above 0.1", "0.99</td>", too_few]
    {
        assert!(linked.contains(text), "{text}");
    }
}

#[test]
fn the_precision_of_a_class_is_that_of_rounded_numbers() {
    let contract = study();
    let mut few = evidence(1237);
    few.classes[0] =
        EvidenceClass { measured: 11, right: 10, precision: 0.875, lower_bound: 0.69, ..few.classes[0].clone() };
    let account = Accounting { evidence: Some(few), ..accounting(&contract, 1237) };
    let page = page(&contract, &manifest(&contract), &account, Language::English).unwrap();
    // 10.5 of 11, as for 10 right links of 10.
    assert!(page.contains("0.95</td>") && !page.contains("0.88</td>") && !page.contains("0.69</td>"));
}

#[test]
fn few_persons_who_are_linked_without_a_code_are_no_difference_of_two_counts() {
    let contract = study();
    let of = |persons_by_identifier| {
        let effect = vec![EvidenceEffect { table: None, persons: 8000, persons_by_identifier }];
        let account =
            Accounting { evidence: Some(EvidenceAccount { effect, ..evidence(1237) }), ..accounting(&contract, 1237) };
        page(&contract, &manifest(&contract), &account, Language::English).unwrap().replace('\u{202f}', "")
    };
    assert!(of(7900).contains("7900") && of(7900).contains("8000"));
    for few in [7999, 7997, 7996] {
        assert!(!of(few).contains(&few.to_string()) && !of(few).contains("7995"), "{few}");
    }
}

#[test]
fn areas_are_shown_as_regions_only() {
    let page = rendered(1237, Language::English);
    assert!(page.contains("East Hospital") && !page.contains("E1"));
}

#[test]
fn missing_tables_are_listed_and_nothing_is_called_anonymous() {
    let deaths = ["Deaths and moves", "Kuolemat ja muutot", "Dödsfall och flyttningar"];
    for (language, deaths) in Language::ALL.into_iter().zip(deaths) {
        let page = rendered(1237, language);
        assert!(page.contains("no delivery has it") && page.contains(deaths));
        let lower = page.to_lowercase();
        assert!(!["anonym", "match rate", "<script", "http:", "https:"].iter().any(|word| lower.contains(word)));
    }
}

#[test]
fn every_language_has_the_same_words() {
    let [english, others @ ..] = Language::ALL.map(|language| WORDS.keys(language));
    assert!(english.len() > 100);
    for other in others {
        assert_eq!(english, other);
    }
}
