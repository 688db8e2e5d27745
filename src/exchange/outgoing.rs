//! A delivery in the making, at the holder: sealed and signed as the contract says.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{FolderError, OutputFolder, json};
use super::manifest::{Account, MANIFEST, Manifest, SEALED_ACCOUNT, SEALED_DATA_KEY, Sealing};
use crate::config::Contract;
use crate::crypto::{
    DataKey, Digest, RandomnessError, Recipient, SIGNATURE_ENDING, SealingError, Signatory, TableSeal, seal,
};
use crate::domain::Id;

/// A delivery cannot be finished.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum OutgoingError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    #[error("the delivery cannot be sealed: {0}")]
    Sealing(#[from] SealingError),
}

/// A delivery in the making.
pub struct Outgoing {
    folder: OutputFolder,
    seal: Option<Seal>,
    signatory: Option<Signatory>,
    files: BTreeMap<String, Digest>,
}

/// The key of the delivery's tables, and who gets it.
struct Seal {
    key: DataKey,
    names: Vec<Id>,
    recipients: Vec<Recipient>,
}

/// Which table of which delivery is meant.
#[derive(Debug, Clone, Copy)]
pub struct TableName<'a> {
    /// The study.
    pub study: &'a Id,
    /// The holder.
    pub holder: &'a Id,
    /// The delivery's number.
    pub number: u32,
    /// The table.
    pub table: &'a Id,
    /// Its file.
    pub file: &'a str,
}

impl TableName<'_> {
    pub(super) fn sealed_under<'k>(&self, key: &'k DataKey) -> TableSeal<'k> {
        key.table(self.study, self.holder, self.number, self.table, self.file)
    }
}

impl Outgoing {
    /// Starts a delivery that will be at `out`, signed by `signatory` and, unless `unsealed`, sealed to the contract's
    /// recipients, if it names any.
    ///
    /// # Errors
    /// The folder cannot be made, or the operating system gives no randomness.
    pub fn start(
        out: &Path,
        contract: &Contract,
        unsealed: bool,
        signatory: Option<Signatory>,
    ) -> Result<Self, OutgoingError> {
        let seal = match unsealed || contract.recipients.is_empty() {
            true => None,
            false => Some(Seal {
                key: DataKey::generate()?,
                names: contract.recipients.keys().cloned().collect(),
                recipients: contract.recipients.values().cloned().collect(),
            }),
        };
        Ok(Self { folder: OutputFolder::create(out)?, seal, signatory, files: BTreeMap::new() })
    }

    /// The folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Who will be able to open it.
    #[must_use]
    pub fn sealing(&self) -> Sealing {
        self.seal.as_ref().map_or(Sealing::None, |seal| Sealing::To(seal.names.clone()))
    }

    /// How a table's file is sealed; none if it is not.
    #[must_use]
    pub fn table_seal(&self, name: &TableName<'_>) -> Option<TableSeal<'_>> {
        self.seal.as_ref().map(|seal| name.sealed_under(&seal.key))
    }

    /// Takes in a file that was written into the folder.
    pub fn add(&mut self, file: &str, digest: Digest) {
        self.files.insert(file.to_owned(), digest);
    }

    /// Puts in the `account`, then the manifest that `manifest` makes of who can open the delivery, what files it has,
    /// and the account if everyone may read it; signs it and gives the folder its name. Returns the manifest, the
    /// account and the manifest's digest.
    ///
    /// # Errors
    /// A file cannot be written, or something else took the name meanwhile.
    pub fn finish(
        mut self,
        account: Account,
        manifest: impl FnOnce(Sealing, BTreeMap<String, Digest>, Option<Account>) -> Manifest,
    ) -> Result<(Manifest, Account, Digest), OutgoingError> {
        let readable = match &self.seal {
            None => Some(account.clone()),
            Some(seal) => {
                for (name, secret) in
                    [(SEALED_DATA_KEY, seal.key.expose().to_vec()), (SEALED_ACCOUNT, encode(&account)?)]
                {
                    let secret = zeroize::Zeroizing::new(secret);
                    let digest = self.folder.write(name, &sealed(&seal.recipients, &secret)?)?;
                    self.files.insert(name.to_owned(), digest);
                }
                None
            }
        };
        let manifest = manifest(self.sealing(), self.files, readable);
        let text = encode(&manifest)?;
        let digest = self.folder.write(MANIFEST, &text)?;
        if let Some(signatory) = &self.signatory {
            let comment =
                format!("{} {} {} {}", manifest.format, manifest.study, manifest.holder, manifest.delivery.number);
            self.folder.write(&format!("{MANIFEST}{SIGNATURE_ENDING}"), signatory.sign(&text, &comment).as_bytes())?;
        }
        self.folder.publish()?;
        Ok((manifest, account, digest))
    }
}

fn encode(value: &impl serde::Serialize) -> Result<Vec<u8>, SealingError> {
    Ok(json(value)?)
}

fn sealed(recipients: &[Recipient], secret: &[u8]) -> Result<Vec<u8>, SealingError> {
    let mut sealed = Vec::new();
    let mut writer = seal(recipients, &mut sealed)?;
    std::io::Write::write_all(&mut writer, secret)?;
    writer.finish()?;
    Ok(sealed)
}
