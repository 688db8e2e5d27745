//! Contracts, with the mapping file that the fixtures' contract names.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use salanimi::study::read_contract;
use salanimi_fuzz::{Folder, fixtures};

static MAPPING: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::fs::read(fixtures().join("mappings/county.csv")).expect("the fixture"));

fuzz_target!(|data: &[u8]| {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("mappings")).expect("a folder");
    drop(folder.file("mappings/county.csv", &MAPPING));
    drop(read_contract(&folder.file("contract.toml", data)));
});
