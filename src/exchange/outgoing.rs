//! A delivery in the making, at the holder: sealed and signed as the contract says.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{FolderError, OutputFolder};
use super::manifest::{Account, MANIFEST, Manifest, SEALED_ACCOUNT, SEALED_DATA_KEY, Sealing};
use crate::config::Contract;
use crate::crypto::{
    DataKey, Digest, KeyId, RandomnessError, Recipient, SIGNATURE_ENDING, SealingError, Signatory, TableName,
    TableSeal, seal,
};
use salanimi_core::Id;

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
    #[error(
        "the contract names no recipient, so the delivery cannot be sealed; add [recipients], or give --unsealed if everyone who gets it may read it"
    )]
    NoRecipients,
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
    recipients: BTreeMap<Id, Recipient>,
}

impl Outgoing {
    /// Starts a delivery that will be at `out`, signed by `signatory` and, unless `unsealed`, sealed to the contract's
    /// recipients.
    ///
    /// # Errors
    /// The contract names no recipient, the folder cannot be made, or the operating system gives no randomness.
    pub fn start(
        out: &Path,
        contract: &Contract,
        unsealed: bool,
        signatory: Option<Signatory>,
    ) -> Result<Self, OutgoingError> {
        let seal = match (unsealed, contract.recipients.is_empty()) {
            (true, _) => None,
            (false, true) => return Err(OutgoingError::NoRecipients),
            (false, false) => Some(Seal { key: DataKey::generate()?, recipients: contract.recipients.clone() }),
        };
        Ok(Self { folder: OutputFolder::create(out)?, seal, signatory, files: BTreeMap::new() })
    }

    /// The folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// How a table's file is sealed; none if it is not.
    #[must_use]
    pub fn table_seal(&self, name: &TableName<'_>) -> Option<TableSeal<'_>> {
        self.seal.as_ref().map(|seal| seal.key.seal(name))
    }

    /// Takes in a file that was written into the folder.
    pub fn add(&mut self, file: &str, digest: Digest) {
        self.files.insert(file.to_owned(), digest);
    }

    /// Puts in the `account`, sealed if the delivery is; completes the `manifest` with who can open the delivery, what
    /// files it has, and the account if everyone may read it; signs it, and gives the folder its name.
    ///
    /// # Errors
    /// A file cannot be written, or something else took the name meanwhile.
    pub fn finish(mut self, mut manifest: Manifest, account: Account) -> Result<Finished, OutgoingError> {
        match &self.seal {
            None => manifest.account = Some(account.clone()),
            Some(seal) => {
                let recipients: Vec<Recipient> = seal.recipients.values().cloned().collect();
                let text = zeroize::Zeroizing::new(self.folder.encode(SEALED_ACCOUNT, &account)?);
                for (name, secret) in [(SEALED_DATA_KEY, &seal.key.expose()[..]), (SEALED_ACCOUNT, &text)] {
                    let digest = self.folder.write(name, &sealed(&recipients, secret)?)?;
                    self.files.insert(name.to_owned(), digest);
                }
                manifest.sealing = Sealing::To(seal.recipients.clone());
            }
        }
        manifest.files = self.files;
        let text = self.folder.encode(MANIFEST, &manifest)?;
        let digest = self.folder.write(MANIFEST, &text)?;
        let signed_by = self.signatory.as_ref().map(Signatory::key_id);
        if let Some(signatory) = &self.signatory {
            let Manifest { format, study, holder, delivery, .. } = &manifest;
            let signature = signatory.sign(&text, &format!("{format} {study} {holder} {}", delivery.number));
            self.folder.write(&format!("{MANIFEST}{SIGNATURE_ENDING}"), signature.as_bytes())?;
        }
        self.folder.publish()?;
        Ok(Finished { manifest, account, digest, signed_by })
    }
}

/// A delivery that is finished.
#[derive(Debug)]
pub struct Finished {
    /// Its manifest.
    pub manifest: Manifest,
    /// What became of every record.
    pub account: Account,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// The public name of the key that signed it, if one did.
    pub signed_by: Option<KeyId>,
}

fn sealed(recipients: &[Recipient], secret: &[u8]) -> Result<Vec<u8>, SealingError> {
    let mut sealed = Vec::new();
    let mut writer = seal(recipients, &mut sealed)?;
    std::io::Write::write_all(&mut writer, secret)?;
    writer.finish()?;
    Ok(sealed)
}
