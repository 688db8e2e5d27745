//! Key files of every purpose, and identity files. No passphrase is given, so no slow derivation runs.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::crypto::{KeyFile, Unlock, read_key};
use salanimi_core::{LinkKey, ProjectKey, ReleaseKey, SigningKey};
use salanimi_fuzz::{CONTRACT, Folder, today};

fuzz_target!(|data: &[u8]| {
    let folder = Folder::new();
    let path = folder.file("study.key", data);
    let unlock = Unlock::with(Vec::new());
    let study = &CONTRACT.study.id;
    if KeyFile::read(&path).is_ok() {
        drop(read_key::<ProjectKey>(&path, study, &unlock, today()));
        drop(read_key::<LinkKey>(&path, study, &unlock, today()));
        drop(read_key::<ReleaseKey>(&path, study, &unlock, today()));
        drop(read_key::<SigningKey>(&path, study, &unlock, today()));
    }
    drop(Unlock::read(Vec::new(), &[path]));
});
