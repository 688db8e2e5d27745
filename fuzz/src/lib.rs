//! Parts that several fuzz targets share.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use salanimi::config::Contract;
use salanimi::study::read_contract;
use salanimi_core::Day;
use tempfile::TempDir;

/// Memory limit of a reader, in bytes: less than the fuzzer's own.
pub const MEMORY: usize = 256 << 20;

/// The contract of the fixtures `good/v1`, which has every role, type, transform and derived column once.
pub static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| read_contract(&fixtures().join("contract.toml")).expect("the fixture is a contract"));

/// Folder of the fixtures `good/v1`.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/good/v1")
}

/// A day on which the fixtures' keys may be used.
#[must_use]
pub fn today() -> Day {
    Day::parse("2026-11-28").expect("a day")
}

/// Folder of one run. The tool's readers take paths, not bytes.
pub struct Folder(TempDir);

impl Folder {
    /// Makes an empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Writes the file `name`, which its owner alone may read, and returns its path.
    #[must_use]
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        salanimi::files::write_private(&path, bytes).expect("a file");
        path
    }

    /// Returns the path of `name`, which does not exist.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

/// Splits off the first byte: the choice among the settings of a target.
#[must_use]
pub fn choice(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// Leaves panics to the readers that catch those of a library, as the program does. The fuzzer still sees the others.
pub fn let_readers_catch() {
    drop(std::panic::take_hook());
    std::panic::set_hook(Box::new(|_| ()));
}
