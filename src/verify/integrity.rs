//! Integrity: is a folder what its manifest says, whole and unchanged, and do deliveries belong together?
//!
//! GDPR articles 5(1)(f) and 32: integrity of what is handed over. EDPB Guidelines 01/2025: the same transform at every
//! party of the pseudonymisation domain.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::check::{Check, Notes, Verdict};
use super::contents;
use crate::config::Contract;
use crate::crypto::{SIGNATURE_ENDING, SealingError, Unlock};
use crate::exchange::{
    ACCOUNTING, Checked, Delivery, DeliveryError, Disagreement, Envelope, History, LinkedManifest, MANIFEST, Sealing,
    agree,
};
use crate::progress::Progress;
use crate::table::describe_parquet;

const READABLE: &str = "integrity.manifest";
const SIGNATURE: &str = "integrity.signature";
const RECIPIENTS: &str = "integrity.recipients";
const FILES: &str = "integrity.files";
const FOLDER: &str = "integrity.folder";
const OPENED: &str = "integrity.account";
const CONTENTS: &str = "integrity.contents";
const AGREEMENT: &str = "integrity.agreement";
/// What needs the contract and has none.
const NO_CONTRACT: &str = "needs the contract; give --contract FILE";

pub(super) fn check(
    paths: &[PathBuf],
    contract: Option<&Contract>,
    unlock: &Unlock,
    progress: &dyn Progress,
) -> Vec<Check> {
    let (mut checks, mut deliveries, mut given) = (Vec::new(), Vec::new(), 0);
    progress.begin("verify", paths.len() as u64);
    for path in paths {
        let mut notes = Notes { about: path.display().to_string(), checks: &mut checks };
        if let Some(manifest) = LinkedManifest::read(path) {
            linked(path, &manifest, &mut notes);
        } else {
            given += 1;
            deliveries.extend(delivery(path, contract, unlock, &mut notes));
        }
        progress.advance(1);
    }
    if given > 0 {
        let mut notes = Notes { about: format!("{given} deliveries together"), checks: &mut checks };
        match given - deliveries.len() {
            0 => agreement(deliveries, contract, &mut notes),
            closed => notes.note(AGREEMENT, Verdict::NotChecked, format!("{closed} of them could not be opened")),
        }
    }
    checks
}

/// Checks a delivery; the delivery, if it could be opened.
fn delivery(path: &Path, contract: Option<&Contract>, unlock: &Unlock, notes: &mut Notes<'_>) -> Option<Delivery> {
    let said = |envelope: &Envelope| {
        let manifest = &envelope.manifest;
        format!("delivery {} of {} for the study {}", manifest.delivery.number, manifest.holder, manifest.study)
    };
    let envelope = notes.result(READABLE, Envelope::read(path), said)?;
    signature(&envelope, contract, notes);
    recipients(&envelope, contract, notes);
    let signed = BTreeSet::from([MANIFEST.to_owned(), format!("{MANIFEST}{SIGNATURE_ENDING}")]);
    let listed = signed.into_iter().chain(envelope.manifest.files.keys().cloned()).collect();
    folder(path, &listed, notes);
    let matches = |checked: &Checked| format!("{} files, byte for byte", checked.envelope.manifest.files.len());
    // The contract's questions were answered above, each by itself.
    let checked = notes.result(FILES, envelope.check(None), matches)?;
    let delivery = open(checked, unlock, notes)?;
    match contract {
        None => notes.note(CONTENTS, Verdict::NotChecked, NO_CONTRACT),
        Some(contract) => {
            let same = |rows: &u64| format!("{rows} rows: order, digests, nulls and persons as the account says");
            notes.result(CONTENTS, contents::check(&delivery, contract), same);
        }
    }
    Some(delivery)
}

fn signature(envelope: &Envelope, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    match contract.map(|contract| envelope.signer(contract)) {
        None => notes.note(SIGNATURE, Verdict::NotChecked, NO_CONTRACT),
        Some(Ok(Some(holder))) => notes.note(SIGNATURE, Verdict::Pass, format!("of {holder}, and it holds")),
        Some(Ok(None)) => {
            notes.note(
                SIGNATURE,
                Verdict::Warn,
                "none, and the contract lists no holder's key: anyone could have made it",
            );
        }
        Some(Err(error)) => notes.note(SIGNATURE, Verdict::Fail, error.to_string()),
    }
}

fn recipients(envelope: &Envelope, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        notes.note(RECIPIENTS, Verdict::NotChecked, NO_CONTRACT);
        return;
    };
    match (&envelope.manifest.sealing, envelope.check_recipients(contract)) {
        (_, Err(error)) => notes.note(RECIPIENTS, Verdict::Fail, error.to_string()),
        (Sealing::To(to), Ok(())) => {
            let names: Vec<&str> = to.keys().map(crate::domain::Id::as_str).collect();
            notes.note(RECIPIENTS, Verdict::Pass, format!("sealed to {}, whom the contract lists", names.join(", ")));
        }
        (Sealing::None, Ok(())) => notes.note(RECIPIENTS, Verdict::Warn, "NOT sealed: whoever gets it can read it"),
    }
}

/// Nothing lies in the folder but what the manifest lists.
fn folder(path: &Path, listed: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let extra = entries.map(|entries| {
        entries.iter().filter(|entry| !listed.contains(entry.file_name().to_string_lossy().as_ref())).count()
    });
    match extra {
        Ok(0) => notes.note(FOLDER, Verdict::Pass, "nothing but what the manifest lists"),
        // Not by name: whoever put them there chose the names.
        Ok(extra) => {
            notes.note(FOLDER, Verdict::Fail, format!("{extra} files that the manifest does not list; remove them"));
        }
        Err(error) => notes.note(FOLDER, Verdict::Fail, error.to_string()),
    }
}

fn open(checked: Checked, unlock: &Unlock, notes: &mut Notes<'_>) -> Option<Delivery> {
    let balanced = |delivery: &Delivery| format!("{} tables, each balanced", delivery.account.tables.len());
    match checked.open(unlock) {
        Err(DeliveryError::Sealing { source, .. }) if no_one_asked(&source) => {
            notes.note(OPENED, Verdict::NotChecked, "sealed; give the --identity of one of those to whom it is sealed");
            notes.note(CONTENTS, Verdict::NotChecked, "sealed");
            None
        }
        opened => notes.result(OPENED, opened, balanced),
    }
}

/// An officer without an identity, or with another's, checks the envelope; that is no fault of the delivery.
fn no_one_asked(error: &SealingError) -> bool {
    matches!(error, SealingError::NoIdentity | SealingError::OtherIdentity)
}

fn agreement(deliveries: Vec<Delivery>, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        notes.note(AGREEMENT, Verdict::NotChecked, NO_CONTRACT);
        return;
    };
    match agree(contract, deliveries, &History::default()) {
        Ok(_) => {
            notes.note(AGREEMENT, Verdict::Pass, "same study, contract, scheme, key and canaries; chains without gaps");
        }
        Err(error @ Disagreement::NumberGap { .. }) => notes.note(AGREEMENT, Verdict::Warn, error.to_string()),
        Err(error) => notes.note(AGREEMENT, Verdict::Fail, error.to_string()),
    }
}

fn linked(path: &Path, manifest: &LinkedManifest, notes: &mut Notes<'_>) {
    notes.note(READABLE, Verdict::Pass, format!("linked dataset of the study {}", manifest.study));
    let own = [MANIFEST, ACCOUNTING].map(str::to_owned).into_iter();
    let listed = own.chain(manifest.tables.iter().map(|table| table.file.clone())).collect();
    folder(path, &listed, notes);
    let matches = |()| format!("{} tables, byte for byte", manifest.tables.len());
    let Some(()) = notes.result(FILES, manifest.check_files(path), |()| matches(())) else { return };
    let counted = manifest.tables.iter().map(|table| match describe_parquet(&path.join(&table.file), None) {
        Ok(found) if found.rows == table.rows => Ok(()),
        Ok(_) => Err(format!("table '{}': other rows than the manifest says", table.name)),
        Err(error) => Err(error.to_string()),
    });
    let counted: Result<(), String> = counted.collect();
    notes.result(CONTENTS, counted, |()| "rows as the manifest says".to_owned());
}
