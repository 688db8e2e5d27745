//! Holder files under the fixtures' contract.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::config::Holder;
use salanimi_fuzz::{CONTRACT, Folder};

fuzz_target!(|data: &[u8]| drop(Holder::read(&Folder::new().file("holder.toml", data), &CONTRACT)));
