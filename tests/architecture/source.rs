//! Source files, with and without their tests and comments.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path below the repository, such as `src/link/merge.rs`.
    pub name: String,
    pub text: String,
}

impl Source {
    /// Returns true for a file of the library or its parts, false for one of the binary or of `core`.
    pub fn is_library(&self) -> bool {
        self.name.starts_with("src/") && !self.name.starts_with("src/cli/") && self.name != "src/main.rs"
    }

    /// The top-level module: `link` for `src/link/merge.rs`, `progress` for `src/progress.rs`.
    pub fn module(&self) -> &str {
        let below = self.name.split_once("src/").map_or(self.name.as_str(), |(_, below)| below);
        below.split(['/', '.']).next().unwrap()
    }

    /// The code without comments and without its tests, which stand at the end of a file.
    pub fn code(&self) -> String {
        const TESTS: &str = "\n#[cfg(test)]\n";
        let inline = |at: &usize| {
            !self.text[at + TESTS.len()..].starts_with("mod ") || {
                self.text[at + TESTS.len()..].lines().next().unwrap().ends_with('{')
            }
        };
        let end = self.text.match_indices(TESTS).map(|(at, _)| at).find(inline).unwrap_or(self.text.len());
        let code = self.text[..end].lines();
        code.map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect::<Vec<_>>().join("\n")
    }

    /// Returns true if the code has `word` as a whole word.
    pub fn has_word(&self, word: &str) -> bool {
        regex::Regex::new(&format!(r"\b{word}\b")).unwrap().is_match(&self.code())
    }

    fn is_tests(&self) -> bool {
        self.name.split(['/', '.']).any(|part| part == "tests")
    }
}

pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every Rust file of `src` and `core` that is not a file of tests.
pub fn sources() -> Vec<Source> {
    text_files(&["src", "core/src"]).into_iter().filter(|s| s.name.ends_with(".rs") && !s.is_tests()).collect()
}

/// Every file below the folders, tests too.
pub fn text_files(folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&repository(folder), &mut found);
    }
    found.sort_by(|a: &Source, b: &Source| a.name.cmp(&b.name));
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = path.strip_prefix(repository("")).unwrap().to_string_lossy().into_owned();
            found.push(Source { name, text });
        }
    }
}

/// Returns true for a list of words by which detectors find names and identifiers in any data.
pub fn is_word_list(name: &str) -> bool {
    name.starts_with("src/verify/") && (name.ends_with(".txt") || name.ends_with("hints.toml"))
}
