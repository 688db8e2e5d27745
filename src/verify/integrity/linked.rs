//! Linked datasets and releases: manifest, files and rows.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::check::{Notes, Verdict};
use super::evidence::{files_match, names_of_contract, needs_contract, other_contract};
use super::folder::folder;
use super::names::{CONTENTS, FILES, MANIFEST_READ, STATEMENTS};
use crate::config::Contract;
use crate::crypto::Digest;
use crate::exchange::{
    LinkedManifest, MANIFEST, MANIFEST_DIGEST, ReleaseManifest, check_linked_statements, holds_identity_code,
};
use crate::table::describe_parquet;
use crate::text::Text;
use salanimi_core::Id;

/// Files that the manifest does not list: itself and its digest.
const UNLISTED: usize = 2;

/// Notes that the manifest in the folder `path` was read, unless it holds an identity code or is of another contract
/// than the one that is given.
fn manifest_read(path: &Path, is_of_contract: bool, evidence: Text, notes: &mut Notes<'_>) {
    let holds_code = std::fs::read(path.join(MANIFEST)).is_ok_and(|text| holds_identity_code(&text));
    let (verdict, evidence) = match (holds_code, is_of_contract) {
        (false, true) => (Verdict::Pass, evidence),
        (false, false) => (Verdict::Fail, other_contract()),
        (true, _) => (
            Verdict::Fail,
            Text::new(
                "the manifest holds a personal identity code; do not use the data",
                "luettelossa (manifest) on henkilötunnus; älä käytä aineistoa",
                "förteckningen (manifest) innehåller en personbeteckning; använd inte datamaterialet",
            ),
        ),
    };
    notes.note(MANIFEST_READ, verdict, evidence);
}

/// Returns true if the study and the exchange section are those of the contract, or there is no contract.
fn is_of_contract(contract: Option<&Contract>, study: &Id, exchange: Digest) -> bool {
    contract.is_none_or(|contract| contract.study.id == *study && contract.exchange_digest == exchange)
}

pub(super) fn released(path: &Path, manifest: &ReleaseManifest, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let study = &manifest.study;
    let evidence = Text::new(
        format!("tables released from the study {study}"),
        format!("tutkimuksesta {study} julkaistut taulukot"),
        format!("tabeller publicerade ur studien {study}"),
    );
    manifest_read(path, is_of_contract(contract, study, manifest.exchange_digest), evidence, notes);
    let items = manifest.items.iter().flat_map(|item| item.files.keys().cloned());
    let documents = manifest.documents.keys().cloned();
    let listed: BTreeSet<String> = {
        let own = [MANIFEST, MANIFEST_DIGEST].map(str::to_owned).into_iter();
        own.chain(items).chain(documents).collect()
    };
    folder(path, &listed, notes);
    notes.result(FILES, manifest.check_files(path), |()| files_match(listed.len() - UNLISTED));
}

pub(super) fn linked(path: &Path, manifest: &LinkedManifest, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let study = &manifest.study;
    let evidence = Text::new(
        format!("linked dataset of the study {study}"),
        format!("tutkimuksen {study} yhdistetty aineisto"),
        format!("länkat datamaterial för studien {study}"),
    );
    manifest_read(path, is_of_contract(contract, study, manifest.exchange_digest), evidence, notes);
    let own = [MANIFEST, MANIFEST_DIGEST].map(str::to_owned).into_iter();
    let tables = manifest.tables.iter().map(|table| table.file.clone());
    let listed: BTreeSet<String> = own.chain(tables).chain(manifest.documents.keys().cloned()).collect();
    folder(path, &listed, notes);
    match contract {
        None => {
            notes.note(STATEMENTS, Verdict::NotChecked, needs_contract());
        }
        Some(contract) if manifest.exchange_digest != contract.exchange_digest => {
            notes.note(STATEMENTS, Verdict::NotChecked, other_contract());
        }
        Some(contract) => {
            notes.result(STATEMENTS, check_linked_statements(contract, manifest), |()| names_of_contract());
        }
    }
    // The manifest does not list itself.
    if notes.result(FILES, manifest.check_files(path), |()| files_match(listed.len() - UNLISTED)).is_none() {
        return;
    }
    notes.result(CONTENTS, check_row_counts(path, manifest), |()| {
        Text::new(
            "rows match the manifest",
            "rivit kuten luettelossa (manifest)",
            "raderna stämmer med förteckningen (manifest)",
        )
    });
}

/// Compares the rows of each file with the manifest.
fn check_row_counts(path: &Path, manifest: &LinkedManifest) -> Result<(), String> {
    for table in &manifest.tables {
        let found = describe_parquet(&path.join(&table.file), None).map_err(|error| error.to_string())?;
        if found.rows != table.rows {
            return Err(format!(
                "table '{}': the number of rows differs from the manifest; ask the linker to link again",
                table.name
            ));
        }
    }
    Ok(())
}
