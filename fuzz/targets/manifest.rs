//! Manifests and accounts of every kind of folder, certificates of destruction, and signatures.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::crypto::{Signature, Unlock};
use salanimi::exchange::{
    Account, Accounting, Certificate, Envelope, LinkedManifest, MANIFEST, ReleaseManifest, accounting_path,
};
use salanimi_fuzz::{CONTRACT, Folder};

fuzz_target!(|data: &[u8]| {
    let folder = Folder::new();
    let file = folder.file(MANIFEST, data);
    let path = file.parent().expect("a folder");
    if let Ok(envelope) = Envelope::read(path) {
        drop(envelope.check_recipients(&CONTRACT));
        if let Ok(checked) = envelope.check(None) {
            let opened = checked.open(&Unlock::with(Vec::new()));
            drop(opened.map(|delivery| delivery.tables(&CONTRACT).map(|tables| tables.len())));
        }
    }
    if let Some(manifest) = LinkedManifest::read(path) {
        drop(manifest.check_files(path));
    }
    if let Some(manifest) = ReleaseManifest::read(path) {
        drop(manifest.check_files(path));
    }
    drop(Certificate::read(&file, None));
    drop(Signature::decode(data));
    if let Ok(account) = serde_json::from_slice::<Account>(data) {
        for table in &account.tables {
            let _ = table.balances();
            drop(table.division().map(|parts| table.files(parts)));
        }
    }
    let dataset = folder.path("dataset");
    let accounting = accounting_path(&dataset);
    drop(folder.file(accounting.file_name().and_then(|name| name.to_str()).expect("a name"), data));
    drop(Accounting::read(&dataset).and_then(|accounting| accounting.imbalance()));
});
