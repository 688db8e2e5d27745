//! Shares of a key: three files in one input, each after a line `---`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::crypto::{Protection, Unlock, combine};
use salanimi_fuzz::Folder;

const SEPARATOR: &str = "---\n";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let folder = Folder::new();
    let parts = text.split(SEPARATOR).take(4).zip(0..);
    let shares: Vec<_> = parts.map(|(part, number)| folder.file(&format!("{number}.share"), part.as_bytes())).collect();
    drop(combine(&shares, &Unlock::with(Vec::new()), &folder.path("whole.key"), &Protection::None));
});
