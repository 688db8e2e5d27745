//! A tiny world: the fixtures of `fixtures/good/v1` in a folder of their own, with a key, and the real binary to run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use salanimi::crypto::{
    Identity, Key, Lifetime, LinkKey, ProjectKey, Protection, Recipient, Signatory, SigningKey, VerifyingKey, write_key,
};
use salanimi_core::{Day, Id};
use tempfile::TempDir;

/// The key of every world that is not given another: fixed, so that runs can be compared.
pub const KEY: [u8; 32] = *b"a fixed key for the tests only..";
/// The two holders of the good world.
pub const HOLDERS: [&str; 2] = ["kela", "town"];
/// Their deliveries, as they are linked.
pub const BOTH: &str = "d-kela d-town";

/// A folder in which commands run.
pub struct World {
    folder: TempDir,
}

impl World {
    /// The good world with `study.key` and, for runs that keep one, `link.key`.
    pub fn good() -> Self {
        let world = Self::empty();
        copy(&fixtures().join("good/v1"), world.root());
        world.key("study.key", KEY);
        world.link_key("link.key", KEY);
        world
    }

    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The good world in which both holders have delivered.
    pub fn delivered() -> Self {
        let world = Self::good();
        for holder in HOLDERS {
            world.extract(holder, &format!("d-{holder}"), "").succeeds();
        }
        world
    }

    /// The good world of parties that seal and sign: each holder has a signing key, the linker and the officer have
    /// identities, and the contract lists the public halves.
    pub fn of_parties() -> Self {
        let world = Self::good();
        let mut public = String::from("\n[recipients]\n");
        for name in ["linker", "officer"] {
            public += &format!("{name} = \"{}\"\n", world.identity(&format!("{name}.identity")));
        }
        for holder in HOLDERS {
            let recipient = world.identity(&format!("{holder}.identity"));
            let signing = world.signing_key(&format!("{holder}.signing"));
            public += &format!("[holders.{holder}]\nsigning = \"{signing}\"\nrecipient = \"{recipient}\"\n");
        }
        let contract = world.text("contract.toml");
        world.write("contract.toml", contract + &public);
        world
    }

    /// The world of parties in which both holders have delivered.
    pub fn sealed() -> Self {
        let world = Self::of_parties();
        for holder in HOLDERS {
            world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
        }
        world
    }

    /// A new identity in the file `name`; its recipient.
    pub fn identity(&self, name: &str) -> Recipient {
        let identity = Identity::generate();
        identity.write(&self.path(name), Day::parse("2020-01-01").unwrap(), &Protection::None).unwrap();
        identity.recipient()
    }

    /// A new signing key in the file `name`; its public half.
    pub fn signing_key(&self, name: &str) -> VerifyingKey {
        let key = SigningKey::generate().unwrap();
        self.write_key(name, &key, ("2020-01-01", "2099-12-31"));
        Signatory::new(&key, &Id::new("tiny").unwrap()).public_key()
    }

    /// `extract` for a holder of the world of parties, with its signing key and more arguments.
    pub fn extract_signed(&self, holder: &str, out: &str, more: &str) -> Run {
        self.extract(holder, out, &format!("--signing-key {holder}.signing {more}"))
    }

    /// `link` of both holders' deliveries with the linker's identity, and more arguments.
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

    /// Replaces the first `from` in a file, which must hold it.
    pub fn edit(&self, name: &str, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) {
        let (bytes, from) = (self.read(name), from.as_ref());
        let at = bytes.windows(from.len()).position(|w| w == from);
        let at = at.unwrap_or_else(|| panic!("{name} does not hold {}", String::from_utf8_lossy(from)));
        self.write(name, [&bytes[..at], to.as_ref(), &bytes[at + from.len()..]].concat());
    }

    /// Changes a JSON file in place.
    pub fn edit_json(&self, name: &str, change: impl FnOnce(&mut serde_json::Value)) {
        let mut value = self.json(name);
        change(&mut value);
        self.write(name, serde_json::to_vec_pretty(&value).unwrap());
    }

    /// Makes the last copy of the folder `from` under the name `to`.
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

    /// A key of the world's study that may be used on these days.
    pub fn write_key<K: Key>(&self, name: &str, key: &K, (created, expires): (&str, &str)) {
        let lifetime = Lifetime { created: Day::parse(created).unwrap(), expires: Day::parse(expires).unwrap() };
        write_key(&self.path(name), &Id::new("tiny").unwrap(), key, lifetime, &Protection::None).unwrap();
    }

    /// Runs the binary in the folder with the words of `line` as arguments.
    pub fn run(&self, line: &str) -> Run {
        let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("salanimi"));
        command.current_dir(self.root()).env("RUST_BACKTRACE", "1").args(line.split_whitespace());
        Run { line: line.to_owned(), output: command.output().unwrap() }
    }

    /// `extract` for a holder of the good world, with more arguments.
    pub fn extract(&self, holder: &str, out: &str, more: &str) -> Run {
        let files = "--contract contract.toml --key study.key";
        // Where there is no one to seal to, that must be said.
        let sealed = self.text("contract.toml").contains("[recipients]") || more.contains("--unsealed");
        let unsealed = if sealed { "" } else { "--unsealed" };
        self.run(&format!("extract {files} --holder {holder}/holder.toml --out {out} {unsealed} {more}"))
    }

    /// `link` under the world's contract, of the folders named in `deliveries`.
    pub fn link(&self, out: &str, deliveries: &str) -> Run {
        self.run(&format!("link --contract contract.toml --out {out} {deliveries}"))
    }

    /// Every file below the folder, by its name relative to it.
    pub fn files(&self) -> Vec<String> {
        files(self.root()).iter().map(|p| p.strip_prefix(self.root()).unwrap().display().to_string()).collect()
    }

    /// That no output `out`, whole or in the making, is there; a rejects ledger may be.
    pub fn has_nothing_of(&self, out: &str) {
        let ledger = format!("{out}.rejects.csv");
        let left: Vec<String> = fs::read_dir(self.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.trim_start_matches('.').starts_with(out) && *name != ledger)
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

/// A command that has run.
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

    /// The closing summary of a command that was given `--json`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.output.stdout).unwrap()
    }

    pub fn succeeds(self) -> Self {
        assert_eq!(self.code(), 0, "{}\n{}", self.line, self.stderr());
        self.shows_no_code()
    }

    /// That the command ends with `code`, and that its message holds all of `words`.
    pub fn fails(self, code: i32, words: &[&str]) -> Self {
        let stderr = self.stderr();
        assert_eq!(self.code(), code, "{}\n{}{stderr}", self.line, self.stdout());
        for word in words {
            assert!(stderr.contains(word), "{}\nlacks {word:?}:\n{stderr}", self.line);
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
        self.shows_no_code()
    }

    /// That nothing of the form of an identity code was printed.
    pub fn shows_no_code(self) -> Self {
        let form = regex::Regex::new("(?i)[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]").unwrap();
        for text in [self.stdout(), self.stderr()] {
            // Digests and key ids are runs of hexadecimal digits, which may look like a code; keys are longer words.
            let hexadecimal = |word: &str| word.len() == 16 && word.bytes().all(|b| b.is_ascii_hexdigit());
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '+');
            let shown = words.filter(|word| word.len() < 32 && !hexadecimal(word)).any(|word| form.is_match(word));
            assert!(!shown, "{}\nshows a code:\n{text}", self.line);
        }
        self
    }
}

/// The repository's folder of fixtures.
pub fn fixtures() -> PathBuf {
    repository("fixtures")
}

/// A file or folder of the repository.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every file below `folder`, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort_unstable();
    found
}

/// Copies all below `from` over `to`; key files become private, as a version control system cannot keep that.
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
