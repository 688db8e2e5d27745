//! A linked dataset between linking and publication: documents can be added, and nothing is published yet.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::LinkError;
use super::history::{self, Announced};
use crate::audit::CommandRecord;
use crate::config::Contract;
use crate::crypto::Digest;
use crate::exchange::{Accounting, FolderError, History, LinkedManifest, OutputFolder, accounting_path};
use crate::files::replace;
use salanimi_core::Id;

/// A linked dataset that is complete but not published. Dropped, it leaves nothing behind.
pub struct StagedDataset {
    out: PathBuf,
    folder: OutputFolder,
    manifest: LinkedManifest,
    accounting: Accounting,
    spilled_bytes: u64,
    absent: Vec<Id>,
    key_use: Option<LinkKeyLock>,
}

/// Parts of a dataset that is about to be staged.
pub(super) struct Staging {
    pub(super) folder: OutputFolder,
    pub(super) manifest: LinkedManifest,
    pub(super) accounting: Accounting,
    pub(super) spilled_bytes: u64,
    pub(super) key_use: Option<LinkKeyLock>,
}

/// A published linked dataset.
#[derive(Debug)]
#[non_exhaustive]
pub struct Linked {
    /// The dataset's folder.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: LinkedManifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// Rows and persons in and out: exact, not for release.
    pub accounting: Accounting,
    /// Bytes that waited on disk.
    pub spilled_bytes: u64,
    /// Holders of the contract without a delivery in the dataset.
    pub absent: Vec<Id>,
}

impl Linked {
    /// Adds the counts and digests of the link to the entry of the audit log.
    pub fn record(&self, act: &mut CommandRecord) {
        act.key_id = self.manifest.link_key_id;
        act.digest("manifest", self.digest);
        act.count("persons", self.accounting.linked_persons);
        for table in &self.manifest.tables {
            act.count(format!("{}: rows", table.name), table.rows);
        }
    }
}

impl StagedDataset {
    pub(super) fn new(out: &Path, contract: &Contract, staging: Staging) -> Self {
        let Staging { folder, manifest, accounting, spilled_bytes, key_use } = staging;
        let delivered: BTreeSet<&Id> = manifest.inputs.iter().map(|input| &input.holder).collect();
        let absent = contract.holders.keys().filter(|holder| !delivered.contains(holder)).cloned().collect();
        Self { out: out.to_owned(), folder, manifest, accounting, spilled_bytes, absent, key_use }
    }

    /// Refuses an accounting file of another dataset at the place of this one's.
    pub(super) fn refuse_other_accounting(out: &Path) -> Result<(), LinkError> {
        let path = accounting_path(out);
        // A killed run leaves its hidden folder, and its accounting file is ignored.
        if path.exists() && !OutputFolder::was_interrupted(out) {
            return Err(FolderError::Exists { path }.into());
        }
        Ok(())
    }

    /// The manifest, with the documents that were added so far.
    #[must_use]
    pub fn manifest(&self) -> &LinkedManifest {
        &self.manifest
    }

    /// Rows and persons in and out: exact, not for release.
    #[must_use]
    pub fn accounting(&self) -> &Accounting {
        &self.accounting
    }

    /// Adds a file that describes the dataset.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_document(&mut self, name: &str, text: &str) -> Result<(), LinkError> {
        let digest = self.folder.write(name, text.as_bytes())?;
        self.manifest.documents.insert(name.to_owned(), digest);
        Ok(())
    }

    /// Publishes the dataset, and its accounting beside it.
    ///
    /// # Errors
    /// A file cannot be written, or something else took the name meanwhile. Nothing is then published.
    pub fn publish(self) -> Result<Linked, LinkError> {
        let accounting = accounting_path(&self.out);
        write_accounting(&accounting, &self.accounting)?;
        let published = publish_folder(&self.out, self.folder, &self.manifest, self.key_use.as_ref());
        if published.is_err() {
            // The error that is reported is the first one.
            let _ = std::fs::remove_file(&accounting);
        }
        Ok(Linked {
            path: self.out,
            digest: published?,
            manifest: self.manifest,
            accounting: self.accounting,
            spilled_bytes: self.spilled_bytes,
            absent: self.absent,
        })
    }
}

/// Publishes the folder. The link key's history is written before and after, so that its deliveries are not linked a
/// second time, and a run that is killed in between does not count.
fn publish_folder(
    out: &Path,
    folder: OutputFolder,
    manifest: &LinkedManifest,
    key_use: Option<&LinkKeyLock>,
) -> Result<Digest, LinkError> {
    let Some(key) = key_use else { return Ok(folder.commit(manifest)?) };
    let announced = Announced { dataset: out, manifest: folder.digest_of(manifest)?, after: &key.after };
    history::announce(&key.path, &key.before, &announced)?;
    let committed = folder.commit(manifest);
    history::write(&key.path, if committed.is_ok() { &key.after } else { &key.before })?;
    Ok(committed?)
}

/// Writes the accounting file in one step, readable by its owner only.
fn write_accounting(path: &Path, accounting: &Accounting) -> Result<(), LinkError> {
    let written = replace(path, |file| file.write_all(&accounting.to_json()));
    written.map_err(|source| FolderError::Io { path: path.to_owned(), source }.into())
}

/// Use of a link key that is kept. Other runs with the key wait until it is dropped.
pub(super) struct LinkKeyLock {
    path: PathBuf,
    /// Deliveries that were linked with the key before.
    pub(super) before: History,
    after: History,
    _lock: File,
}

impl LinkKeyLock {
    /// Locks the key in the file `path` and reads its history.
    pub(super) fn begin(path: &Path) -> Result<Self, LinkError> {
        let lock = history::lock(path)?;
        let before = history::read(path)?;
        Ok(Self { path: path.to_owned(), after: before.clone(), before, _lock: lock })
    }

    /// Sets the history that is written when the dataset is published.
    pub(super) fn after(self, history: History) -> Self {
        Self { after: history, ..self }
    }
}
