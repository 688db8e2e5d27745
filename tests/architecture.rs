//! The structure, held against the source: which module may use which, where keys are named, what the code map lists.

#![allow(
    clippy::pedantic,
    clippy::type_complexity,
    clippy::explicit_counter_loop,
    clippy::wrong_self_convention,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests are read as facts, and one that fails says where"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order in which data flows. A module may use those before it; stages never use each other.
const ORDER: [&[&str]; 10] = [
    &["files", "progress"],
    &["domain"],
    &["crypto"],
    &["table"],
    &["config"],
    &["exchange"],
    &["audit"],
    &["extract", "link", "release", "synth", "verify"],
    &["report"],
    &["cli"],
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<PathBuf> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files.sort();
    files
}

/// The path below `src`, such as `link/merge.rs`.
fn name(file: &Path) -> String {
    file.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned()
}

/// The top-level module of a file.
fn module(file: &Path) -> String {
    name(file).split(['/', '.']).next().unwrap().to_owned()
}

/// The code without its tests, which stand at the end of a file, and without comments: both may name anything.
fn code(file: &Path) -> String {
    const TESTS: &str = "\n#[cfg(test)]\n";
    let text = fs::read_to_string(file).unwrap();
    let inline = |at: &usize| !text[at + TESTS.len()..].starts_with("mod tests;");
    let end = text.match_indices(TESTS).map(|(at, _)| at).find(inline).unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_tests(file: &Path) -> bool {
    name(file).split(['/', '.']).any(|part| part == "tests")
}

fn names(file: &Path, word: &str) -> bool {
    let text = code(file);
    let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole = |at: usize| edge(text[..at].chars().next_back()) && edge(text[at + word.len()..].chars().next());
    text.match_indices(word).any(|(at, _)| whole(at))
}

/// The top-level modules that a file uses.
fn used(file: &Path) -> BTreeSet<String> {
    let text = code(file);
    let first = |path: &str| path.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned();
    let mut used = BTreeSet::new();
    for (at, found) in text.match_indices("crate::") {
        match text[at + found.len()..].strip_prefix('{') {
            Some(list) => used.extend(list.split(['}', ';']).next().unwrap().split(',').map(first)),
            None => drop(used.insert(first(&text[at + found.len()..]))),
        }
    }
    used
}

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|layer| layer.contains(&module))
}

#[test]
fn every_module_uses_only_what_stands_before_it() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|f| !is_tests(f)) {
        let user = module(file);
        let Some(own) = rank(&user) else {
            assert!(["lib", "main"].contains(&user.as_str()), "{user} has no place in the order");
            continue;
        };
        let backwards = |used: &String| *used != user && rank(used).is_none_or(|rank| rank >= own);
        wrong.extend(used(file).into_iter().filter(backwards).map(|used| format!("{} uses {used}", name(file))));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_crypto_and_extract_name_the_project_key() {
    // The demo plays every party, and the command line makes key files; of the stages only extract does.
    let allowed = ["crypto/", "extract/", "cli/key/new.rs", "cli/demo/"];
    let naming = sources().into_iter().filter(|f| names(f, "ProjectKey") || names(f, "ProjectKeys"));
    let outside: Vec<String> = naming.map(|f| name(&f)).filter(|n| !allowed.iter().any(|a| n.starts_with(a))).collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn neither_link_nor_verify_names_an_identity_code() {
    // The attack and the residue scan look for codes, so they know how codes are written; keys they know no more than others.
    let knows = |f: &Path| ["verify/attack/", "verify/residue/"].iter().any(|folder| name(f).starts_with(folder));
    for file in sources().iter().filter(|f| ["link", "verify"].contains(&module(f).as_str())) {
        let syntax = ["IdentityCode", "Identifier", "Syntax"].into_iter().filter(|_| !knows(file));
        for word in syntax.chain(["ProjectKey", "ProjectKeys", "SigningKey"]) {
            assert!(!names(file, word), "{} names {word}", name(file));
        }
    }
}

#[test]
fn one_file_writes_parquet() {
    let writers: Vec<String> = sources().iter().filter(|f| names(f, "ArrowWriter")).map(|f| name(f)).collect();
    assert_eq!(writers, ["table/write.rs"]);
}

#[test]
fn derivation_labels_live_in_one_file() {
    for file in sources().iter().filter(|f| name(f) != "crypto/labels.rs") {
        assert!(!code(file).contains("salanimi/v1"), "{}", name(file));
    }
}

#[test]
fn nothing_in_the_code_panics_on_purpose() {
    for file in sources().iter().filter(|f| !is_tests(f)) {
        for word in [".unwrap()", ".expect(", "panic!(", "todo!(", "dbg!("] {
            assert!(!code(file).contains(word), "{} has {word}", name(file));
        }
    }
}

#[test]
fn secret_types_have_no_debug_display_clone_or_serialize() {
    let files: Vec<PathBuf> = sources().into_iter().filter(|f| module(f) == "crypto").collect();
    for secret in
        ["ProjectKey", "LinkKey", "SigningKey", "Signatory", "DataKey", "Identity", "Passphrase", "Unlock", "KeyedHash"]
    {
        let declares = |f: &&PathBuf| names_declaration(f, secret);
        let declared = files.iter().find(declares).unwrap_or_else(|| panic!("{secret} is nowhere"));
        let text = fs::read_to_string(declared).unwrap();
        let before = text.split(&format!("pub struct {secret}")).next().unwrap();
        let mut attributes = before.lines().rev().take_while(|line| line.starts_with(['#', '/']));
        let derives = |line: &str| ["Debug", "Clone", "Serialize"].iter().any(|name| line.contains(name));
        assert!(attributes.all(|line| !line.starts_with("#[derive") || !derives(line)), "{secret} derives too much");
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            for name in ["Debug", "Display", "Clone", "Serialize"] {
                assert!(!text.contains(&format!("{name} for {secret} ")), "{secret} implements {name}");
            }
        }
    }
}

fn names_declaration(file: &Path, secret: &str) -> bool {
    let text = fs::read_to_string(file).unwrap();
    [" {", "(", "<"].iter().any(|end| text.contains(&format!("pub struct {secret}{end}")))
}

#[test]
fn only_crypto_names_the_libraries_of_cryptography() {
    let libraries = [
        "age",
        "age_core",
        "blake2",
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
    // The attack hashes codes as people do who know no better: that protects nothing, so it is no cryptography of ours.
    let attacks = |f: &Path| name(f).starts_with("verify/attack/");
    for file in sources().iter().filter(|f| module(f) != "crypto" && !is_tests(f) && !attacks(f)) {
        let text = code(file);
        let is_path = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        for library in libraries {
            let used = text.match_indices(&format!("{library}::")).any(|(at, _)| is_path(at));
            assert!(!used, "{} uses {library}", name(file));
        }
    }
}

#[test]
fn only_the_command_line_asks_the_clock() {
    for file in sources().iter().filter(|f| module(f) != "cli" && name(f) != "domain/moment.rs") {
        for word in ["Timestamp::now", "SystemTime", "Instant::now"] {
            assert!(!code(file).contains(word), "{} has {word}", name(file));
        }
    }
}

#[test]
fn the_code_map_lists_every_file_and_no_other() {
    let design = fs::read_to_string(root().join("DESIGN.md")).unwrap();
    let map = design.split("\n## Code map\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let quoted = map.split('`').skip(1).step_by(2).filter(|word| word.ends_with(".rs"));
    let listed: BTreeSet<String> = quoted.map(str::to_owned).collect();
    let there: BTreeSet<String> = sources().iter().map(|f| name(f)).collect();
    let missing: Vec<_> = there.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the map: {missing:?}; in the map but gone: {gone:?}");
}
