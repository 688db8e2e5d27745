//! A test's world: a folder with the fixtures of `fixtures/good/v1` and a key, in which the binary runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use salanimi::crypto::{Digest, Identity, Lifetime, Protection, Recipient, Signatory, VerifyingKey, write_key};
use salanimi_core::{Day, Id, Key, LinkKey, ProjectKey, SigningKey};
use tempfile::TempDir;

/// The default key of worlds. It is fixed, so that runs can be compared.
pub const KEY: [u8; 32] = *b"a fixed key for the tests only..";
/// Holders of the good world.
pub const HOLDERS: [&str; 2] = ["kela", "town"];
/// Deliveries of both holders, as arguments of `link`.
pub const BOTH: &str = "d-kela d-town";

/// A folder in which commands run.
pub struct World {
    folder: TempDir,
}

impl World {
    /// Makes the good world with `study.key`, and `link.key` for links that keep it.
    pub fn good() -> Self {
        let world = Self::empty();
        copy(&fixtures().join("good/v1"), world.root());
        world.key("study.key", KEY);
        world.link_key("link.key", KEY);
        world
    }

    /// Makes an empty folder.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Makes the good world and extracts both holders' deliveries.
    pub fn delivered() -> Self {
        let world = Self::good();
        for holder in HOLDERS {
            world.extract(holder, &format!("d-{holder}"), "").succeeds();
        }
        world
    }

    /// Makes the good world of parties that seal and sign. Each holder has a signing key, the linker and the officer
    /// have identities, and the contract lists the public halves.
    pub fn of_parties() -> Self {
        let world = Self::good();
        let mut public = String::from("\n[recipients]\n");
        for name in ["linker", "officer"] {
            public += &format!("{name} = \"{}\"\n", world.identity(&format!("{name}.identity")));
        }
        for holder in HOLDERS {
            let recipient = world.identity(&format!("{holder}.identity"));
            let signing = world.signing_key(&format!("{holder}.signing"));
            let (tables, organisers) = match holder {
                "kela" => (r#"["support", "notices"]"#, "[]"),
                _ => (r#"["contacts"]"#, r#"["020", "091", "837"]"#),
            };
            public += &format!("[holders.{holder}]\nsigning = \"{signing}\"\nrecipient = \"{recipient}\"\n");
            public += &format!("tables = {tables}\norganisers = {organisers}\n");
        }
        let contract = world.text("contract.toml");
        world.write("contract.toml", contract + &public);
        world
    }

    /// Makes the world of parties and extracts both holders' deliveries.
    pub fn sealed() -> Self {
        let world = Self::of_parties();
        for holder in HOLDERS {
            world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
        }
        world
    }

    /// Writes a new identity to the file `name` and returns its recipient.
    pub fn identity(&self, name: &str) -> Recipient {
        let identity = Identity::generate();
        identity.write(&self.path(name), Day::parse("2020-01-01").unwrap(), &Protection::None).unwrap();
        identity.recipient()
    }

    /// Writes a new signing key to the file `name` and returns its public half.
    pub fn signing_key(&self, name: &str) -> VerifyingKey {
        let key = SigningKey::generate().unwrap();
        self.write_key(name, &key, ("2020-01-01", "2099-12-31"));
        Signatory::new(&key, &Id::new("tiny").unwrap()).public_key()
    }

    /// Runs `extract` for a holder of the world of parties, with its signing key and more arguments.
    pub fn extract_signed(&self, holder: &str, out: &str, more: &str) -> Run {
        self.extract(holder, out, &format!("--signing-key {holder}.signing {more}"))
    }

    /// Runs `link` on both holders' deliveries with the linker's identity and more arguments.
    pub fn link_sealed(&self, out: &str, more: &str) -> Run {
        self.link(out, &format!("--identity linker.identity {more} {BOTH}"))
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
    }

    /// Replaces the first `from` in a file. The file must contain it.
    pub fn edit(&self, name: &str, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) {
        let bytes = self.read(name);
        let from = from.as_ref();
        let at = bytes.windows(from.len()).position(|w| w == from);
        let at = at.unwrap_or_else(|| panic!("{name} does not contain {}", String::from_utf8_lossy(from)));
        self.write(name, [&bytes[..at], to.as_ref(), &bytes[at + from.len()..]].concat());
    }

    /// Changes a JSON file in place, and the digest beside it if there is one.
    pub fn edit_json(&self, name: &str, change: impl FnOnce(&mut serde_json::Value)) {
        let mut value = self.json(name);
        change(&mut value);
        self.write(name, serde_json::to_vec_pretty(&value).unwrap());
        self.digest_again(name);
    }

    /// Writes the digest beside the file `name` again, if there is one.
    pub fn digest_again(&self, name: &str) {
        if self.path(&format!("{name}.sha256")).exists() {
            let file = self.path(name);
            let file = file.file_name().unwrap().to_string_lossy();
            self.write(&format!("{name}.sha256"), format!("{}  {file}\n", Digest::of(&self.read(name))));
        }
    }

    /// Copies the folder `from` to `to`.
    pub fn copy(&self, from: &str, to: &str) {
        fs::create_dir_all(self.path(to)).unwrap();
        copy(&self.path(from), &self.path(to));
    }

    pub fn key(&self, name: &str, bytes: [u8; 32]) {
        self.write_key(name, &ProjectKey::from_bytes(bytes), ("2020-01-01", "2099-12-31"));
    }

    pub fn link_key(&self, name: &str, bytes: [u8; 32]) {
        self.write_key(name, &LinkKey::from_bytes(bytes), ("2020-01-01", "2099-12-31"));
    }

    /// Writes a key of the world's study that is valid on these days.
    pub fn write_key<K: Key>(&self, name: &str, key: &K, (created, expires): (&str, &str)) {
        let lifetime = Lifetime { created: Day::parse(created).unwrap(), expires: Day::parse(expires).unwrap() };
        write_key(&self.path(name), &Id::new("tiny").unwrap(), key, lifetime, &Protection::None).unwrap();
    }

    /// Writes a key of any study that is valid on every day of the tests.
    pub fn write_key_of<K: Key>(&self, name: &str, study: &Id, key: &K) {
        let [created, expires] = ["2020-01-01", "2099-12-31"].map(|day| Day::parse(day).unwrap());
        write_key(&self.path(name), study, key, Lifetime { created, expires }, &Protection::None).unwrap();
    }

    /// Runs the binary in the folder, with the words of `line` as arguments.
    pub fn run(&self, line: &str) -> Run {
        let mut command = assert_cmd::Command::new(program());
        command.current_dir(self.root()).env("RUST_BACKTRACE", "1").args(line.split_whitespace());
        Run { line: line.to_owned(), output: command.output().unwrap() }
    }

    /// Runs the binary in a folder within, with the words of `line` as arguments.
    pub fn run_in(&self, folder: &str, line: &str) -> Run {
        let mut command = assert_cmd::Command::new(program());
        command.current_dir(self.path(folder)).args(line.split_whitespace());
        Run { line: line.to_owned(), output: command.output().unwrap() }
    }

    /// Runs `extract` for a holder of the good world, with more arguments.
    pub fn extract(&self, holder: &str, out: &str, more: &str) -> Run {
        let files = "--contract contract.toml --key study.key";
        // Without a recipient, `--unsealed` is required.
        let sealed = self.text("contract.toml").contains("[recipients]") || more.contains("--unsealed");
        let unsealed = if sealed { "" } else { "--unsealed" };
        self.run(&format!("extract {files} --holder {holder}/holder.toml --out {out} {unsealed} {more}"))
    }

    /// Runs `link` under the world's contract on the folders in `deliveries`.
    pub fn link(&self, out: &str, deliveries: &str) -> Run {
        self.run(&format!("link --contract contract.toml --out {out} {deliveries}"))
    }

    /// Lists every file below the folder, relative to it.
    pub fn files(&self) -> Vec<String> {
        files(self.root()).iter().map(|p| p.strip_prefix(self.root()).unwrap().display().to_string()).collect()
    }

    /// Asserts that there is no output `out`, finished or unfinished. A rejects ledger is allowed.
    pub fn has_nothing_of(&self, out: &str) {
        let ledger = format!("{out}.rejects.csv");
        let left: Vec<String> = fs::read_dir(self.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.trim_start_matches('.').starts_with(out) && *name != ledger)
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

/// Returns the program to test: the one that `SALANIMI_PROGRAM` names, such as that of a package, or cargo's.
pub fn program() -> PathBuf {
    match std::env::var_os("SALANIMI_PROGRAM") {
        Some(path) => fs::canonicalize(path).unwrap(),
        None => assert_cmd::cargo::cargo_bin!("salanimi").to_owned(),
    }
}

/// A finished command.
pub struct Run {
    pub line: String,
    pub output: Output,
}

impl Run {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Parses the summary of a command with `--json`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.output.stdout).unwrap()
    }

    pub fn succeeds(self) -> Self {
        assert_eq!(self.code(), 0, "{}\n{}", self.line, self.stderr());
        self.shows_no_code()
    }

    /// Asserts that the command ended with `code` and that its message contains all of `words`.
    pub fn fails(self, code: i32, words: &[&str]) -> Self {
        let stderr = self.stderr();
        assert_eq!(self.code(), code, "{}\n{}{stderr}", self.line, self.stdout());
        for word in words {
            assert!(stderr.contains(word), "{}\nlacks {word:?}:\n{stderr}", self.line);
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
        self.shows_no_code()
    }

    /// Asserts that no text in the form of an identity code was printed.
    pub fn shows_no_code(self) -> Self {
        let form = regex::Regex::new("(?i)[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]").unwrap();
        for text in [self.stdout(), self.stderr()] {
            // Digests and key ids are hexadecimal digits and can look like a code. Keys are longer words.
            let hexadecimal = |word: &str| matches!(word.len(), 12 | 16) && word.bytes().all(|b| b.is_ascii_hexdigit());
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '+');
            let shown = words.filter(|word| word.len() < 32 && !hexadecimal(word)).any(|word| form.is_match(word));
            assert!(!shown, "{}\nshows a code:\n{text}", self.line);
        }
        self
    }
}

/// Returns the repository's folder of fixtures.
pub fn fixtures() -> PathBuf {
    repository("fixtures")
}

/// Returns a file or folder of the repository.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Lists every file below `folder`, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort_unstable();
    found
}

/// Copies all files below `from` to `to`. Key files become private, as version control does not keep permissions.
pub fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&target);
        fs::copy(&file, &target).unwrap();
        if target.extension().is_some_and(|e| e == "key") {
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}
