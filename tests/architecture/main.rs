//! The structure, compared with the source: layers, rings of files, the places of keys and libraries, idiom.

#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests are read as facts, and a failing one names the place"
)]

mod imports;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::imports::imports;
use crate::source::{Source, repository, sources};

/// The modules of the library in the order in which data flows. A module uses those before it; stages never use each
/// other.
const ORDER: [&[&str]; 11] = [
    &["platform", "shared"],
    &["files", "progress"],
    &["crypto"],
    &["text"],
    &["table"],
    &["config"],
    &["exchange"],
    &["audit"],
    &["extract", "init", "link", "release", "verify"],
    &["report"],
    &["study"],
];
/// The module of the binary. It uses the library from outside.
const BINARY: &str = "cli";

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|layer| layer.contains(&module))
}

#[test]
fn every_module_uses_only_those_before_it() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.is_library()) {
        let Some(own) = rank(source.module()) else {
            assert_eq!(source.name, "src/lib.rs", "{} has no place in the order", source.name);
            continue;
        };
        for used in imports(source).iter().filter_map(|path| path.strip_prefix("crate::")) {
            let used = used.split("::").next().unwrap();
            if used != source.module() && rank(used).is_none_or(|rank| rank >= own) {
                wrong.push(format!("{} uses {used}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_library_does_not_know_the_command_line() {
    let lib = sources().into_iter().find(|source| source.name == "src/lib.rs").unwrap();
    assert!(!lib.has_word(BINARY));
    assert!(sources().iter().any(|source| source.module() == BINARY));
}

#[test]
fn no_files_use_each_other_in_a_ring() {
    let sources = sources();
    let graph: BTreeMap<String, BTreeSet<String>> =
        sources.iter().map(|source| (source.name.clone(), imports::files_used(source, &sources))).collect();
    let rings = imports::rings(&graph);
    assert!(rings.is_empty(), "{rings:#?}");
}

#[test]
fn only_key_handling_and_extract_name_the_project_key() {
    // The demo plays every party, and the command line makes key files. Of the stages only extract names the key.
    let allowed = ["core/", "src/crypto/", "src/extract/", "src/cli/key/new.rs", "src/study/demo/"];
    let naming = sources().into_iter().filter(|source| source.has_word("ProjectKey") || source.has_word("ProjectKeys"));
    let outside: Vec<String> =
        naming.map(|source| source.name).filter(|name| !allowed.iter().any(|place| name.starts_with(place))).collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn neither_link_nor_verify_names_a_holder_key_and_only_detectors_name_identity_codes() {
    // Detectors and the attack look for codes, so they know how codes are written.
    let detectors = ["src/verify/attack/", "src/verify/detect/", "src/verify/residue/"];
    for source in sources().iter().filter(|source| ["link", "verify"].contains(&source.module())) {
        let detects = detectors.iter().any(|place| source.name.starts_with(place));
        let codes = ["IdentityCode", "Identifier", "Syntax"].into_iter().filter(|_| !detects);
        for word in codes.chain(["ProjectKey", "ProjectKeys", "SigningKey", "Pseudonymiser"]) {
            assert!(!source.has_word(word), "{} names {word}", source.name);
        }
    }
}

#[test]
fn only_the_platform_names_operating_systems() {
    let words = Regex::new(r"std::os::|cfg\((not\()?(unix|windows|target_os)").unwrap();
    let others = sources().into_iter().filter(|source| !source.name.starts_with("src/platform/"));
    let wrong: Vec<String> = others.filter(|source| words.is_match(&source.code())).map(|source| source.name).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_file_writes_parquet() {
    let writers: Vec<String> =
        sources().into_iter().filter(|source| source.has_word("ArrowWriter")).map(|source| source.name).collect();
    assert_eq!(writers.len(), 1, "{writers:?}");
    assert!(writers[0].starts_with("src/table/"), "{writers:?}");
}

#[test]
fn derivation_labels_live_in_one_file() {
    let labels: Vec<String> =
        sources().into_iter().filter(|s| s.code().contains("salanimi/v1")).map(|source| source.name).collect();
    assert_eq!(labels, ["core/src/keys/label.rs"]);
}

#[test]
fn no_code_panics_without_a_stated_reason() {
    // Clippy asks for a reason beside every `expect`.
    for source in sources() {
        for word in [".unwrap()", "panic!(", "todo!(", "unimplemented!(", "dbg!("] {
            assert!(!source.code().contains(word), "{} has {word}", source.name);
        }
    }
}

#[test]
fn no_fallback_hides_a_broken_invariant() {
    let fallback = Regex::new(r#"\.unwrap_or_default\(\)|\.unwrap_or\(-?[0-9][0-9_.]*\)|\.unwrap_or\(""\)"#).unwrap();
    let extreme = Regex::new(r"\.unwrap_or\([a-z0-9]+::(MAX|MIN)\)").unwrap();
    let mut found = Vec::new();
    for source in sources() {
        for (line, text) in source.code().lines().enumerate() {
            if fallback.is_match(text) || extreme.is_match(text) {
                found.push(format!("{}:{}: {}", source.name, line + 1, text.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn one_let_binds_one_thing() {
    // `let (Some(a), Some(b)) = (…) else` asks whether both are there, so it is not meant.
    let pair = Regex::new(r"^\s*let \([^S=][^=]*\) = \(").unwrap();
    let mut found = Vec::new();
    for source in sources() {
        for (line, text) in source.code().lines().enumerate().filter(|(_, text)| pair.is_match(text)) {
            found.push(format!("{}:{}: {}", source.name, line + 1, text.trim()));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_file_begins_with_what_it_holds_and_no_line_is_long() {
    for source in sources() {
        assert!(source.text.starts_with("//! "), "{} has no first line that describes it", source.name);
        let long = source.text.lines().position(|line| line.chars().count() > 120);
        assert_eq!(long, None, "{}: line {}", source.name, long.map_or(0, |line| line + 1));
    }
}

#[test]
fn secret_types_have_no_debug_display_clone_or_serialize() {
    let sources: Vec<Source> =
        sources().into_iter().filter(|s| s.name.starts_with("core/") || s.module() == "crypto").collect();
    for secret in [
        "ProjectKey",
        "LinkKey",
        "SigningKey",
        "KeyMaterial",
        "KeyedHash",
        "Pseudonymiser",
        "Signatory",
        "DataKey",
        "Identity",
        "Passphrase",
        "Unlock",
    ] {
        let declaration = Regex::new(&format!(r"pub struct {secret}\b")).unwrap();
        let declared = sources.iter().find(|source| declaration.is_match(&source.text));
        let declared = declared.unwrap_or_else(|| panic!("{secret} is not declared"));
        let before = &declared.text[..declaration.find(&declared.text).unwrap().start()];
        let attributes = before.lines().rev().take_while(|line| line.starts_with(['#', '/']));
        for line in attributes.filter(|line| line.starts_with("#[derive")) {
            assert!(
                !["Debug", "Clone", "Serialize"].iter().any(|name| line.contains(name)),
                "{secret} derives too much"
            );
        }
        for source in &sources {
            for name in ["Debug", "Display", "Clone", "Serialize"] {
                assert!(!source.text.contains(&format!("{name} for {secret} ")), "{secret} implements {name}");
            }
        }
    }
}

#[test]
fn only_core_and_crypto_name_the_libraries_of_cryptography() {
    let libraries = [
        "age",
        "age_core",
        "blake2b_simd",
        "blake2s_simd",
        "blake3",
        "ed25519_dalek",
        "hkdf",
        "hmac",
        "md5",
        "minisign_verify",
        "secrecy",
        "sha1",
        "sha2",
        "sha3",
        "vsss_rs",
    ];
    // The attack hashes codes as careless people do. That protects nothing, so it is no cryptography of ours.
    for source in sources().iter().filter(|s| !s.name.starts_with("core/") && s.module() != "crypto") {
        if source.name.starts_with("src/verify/attack/") || source.name == "src/verify/linkage/attack.rs" {
            continue;
        }
        for library in libraries {
            let path = Regex::new(&format!(r"(^|[^A-Za-z0-9_:]){library}::")).unwrap();
            assert!(!path.is_match(&source.code()), "{} uses {library}", source.name);
        }
    }
}

#[test]
fn only_the_command_line_reads_the_clock() {
    for source in sources().iter().filter(|source| source.module() != BINARY) {
        for word in ["SystemTime", "Instant::now"] {
            assert!(!source.code().contains(word), "{} has {word}", source.name);
        }
    }
}

/// Words of the study that the repository ships, in code and compiled-in texts outside `src/study`.
#[test]
fn only_the_study_names_its_registers_and_tables() {
    let words = Regex::new(concat!(
        r"(?i)toituavain|\bkela\b|kela_|\bhelsinki\b|\btampere\b|municipal_|social[ _]assistance|social[ _]work|",
        r"red flag|\bnotifications?\b|\bnotices?_|\bspells?\b|avain indicator|toimeentulo|hyvinvointialue|",
        r"wellbeing services",
    ))
    .unwrap();
    let mut found = Vec::new();
    for file in source::text_files(&["src", "core"]) {
        if file.name.starts_with("src/study/") || source::is_word_list(&file.name) {
            continue;
        }
        for (line, text) in file.text.lines().enumerate().filter(|(_, text)| words.is_match(text)) {
            found.push(format!("{}:{}: {}", file.name, line + 1, text.trim()));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_map_of_folders_is_complete_and_short() {
    let design = std::fs::read_to_string(repository("DESIGN.md")).unwrap();
    let map = design.split("\n## Map\n").nth(1).expect("DESIGN.md has a section Map").split("\n## ").next().unwrap();
    assert!(map.trim().lines().count() <= 30, "the map has more than 30 lines");
    let modules: BTreeSet<String> = sources().iter().map(|source| source.module().to_owned()).collect();
    for module in modules.iter().filter(|module| rank(module).is_some() || *module == BINARY) {
        assert!(
            map.contains(&format!("{module}/")) || map.contains(&format!("{module}.rs")),
            "{module} is not in the map"
        );
    }
}
