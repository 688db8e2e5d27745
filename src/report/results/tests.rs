//! Results pages of small releases.

use std::path::Path;

use super::*;
use crate::study::read_contract;

/// The contracts of the studies that the repository ships.
fn contracts() -> Vec<Contract> {
    let studies = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/studies");
    let folders = std::fs::read_dir(studies).unwrap().map(|folder| folder.unwrap().path());
    folders.map(|folder| read_contract(&folder.join("contract.toml")).unwrap()).collect()
}

#[test]
fn every_language_has_every_text() {
    let english = WORDS.keys(Language::English);
    for language in Language::ALL {
        assert_eq!(WORDS.keys(language), english);
    }
}

#[test]
fn every_picture_of_a_study_has_a_question_in_every_language() {
    let mut pictures = 0;
    for contract in contracts() {
        for picture in contract.release.iter().flat_map(|release| &release.pictures) {
            let words = contract.words.picture(picture.name.as_str());
            let languages = words.map(|words| words.title.translations().count());
            assert_eq!(languages, Some(Language::ALL.len() - 1), "{}", picture.name);
            pictures += 1;
        }
    }
    assert!(pictures >= 12, "{pictures}");
}

#[test]
fn numbers_for_the_paper_come_from_released_cells() {
    let contract = &contracts()[0];
    let language = Language::English;
    let texts = Texts { contract, words: WORDS.in_language(language), language };
    let item: crate::exchange::ReleasedItem = serde_json::from_value(serde_json::json!({
        "name": "t", "kind": "rates", "table": "landmark", "definition": "0".repeat(64),
        "dimensions": [{ "title": "under_25", "column": "under_25", "level": 0 }],
        "only": [], "counts": [], "cost": 0.0, "summary": "", "rows": 2,
        "columns": ["under_25", "n", "share"], "files": {},
    }))
    .unwrap();
    let sheets = [Sheet::parse(&item, "under_25;n;share\ntrue;1500;0.25\nfalse;20;\n").unwrap()];
    let paragraph = filled("{t|true|n} persons, {t|true|share} and {t", &sheets, &texts);
    assert_eq!(paragraph.as_deref(), Some("1\u{202f}500 persons, 25\u{a0}% and {t"));
    for absent in ["{t|false|share}", "{u|true|n}", "{t|none|n}"] {
        assert_eq!(filled(absent, &sheets, &texts), None, "{absent}");
    }
    assert!(Sheet::parse(&item, "under_25;n\ntrue;1\n").is_none());
}
