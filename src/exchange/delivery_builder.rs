//! Building a delivery at the data holder: sealed and signed as the contract requires.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{FolderError, OutputFolder};
use super::manifest::{Account, MANIFEST, MAX_MANIFEST_BYTES, Manifest, SEALED_ACCOUNT, SEALED_DATA_KEY, Sealing};
use crate::config::Contract;
use crate::crypto::{
    DataKey, Digest, Recipient, SIGNATURE_ENDING, SealingError, Signatory, TableName, TableSeal, seal,
};
use salanimi_core::{Id, KeyId};

/// The length of an account, in bytes, is a multiple of this.
const ACCOUNT_BLOCK: usize = 16 << 10;

/// Error in building a delivery.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum DeliveryBuildError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("the delivery would have {files} files, more than a manifest can list; give fewer --parts")]
    TooManyFiles { files: usize },
    #[error("the delivery cannot be sealed: {0}")]
    Sealing(#[from] SealingError),
    #[error(
        "the contract names no recipient, so the delivery cannot be sealed; add [recipients], or give --unsealed if \
         anyone who gets the files may read them"
    )]
    NoRecipients,
}

/// Builder of a delivery. Dropped before [`DeliveryBuilder::finish`], it leaves nothing.
pub struct DeliveryBuilder {
    folder: OutputFolder,
    seal: Option<Seal>,
    signatory: Option<Signatory>,
    files: BTreeMap<String, Digest>,
}

/// Key of the delivery's tables and its recipients.
struct Seal {
    key: DataKey,
    recipients: BTreeMap<Id, Recipient>,
}

impl DeliveryBuilder {
    /// Starts a delivery for the folder `out`, signed by `signatory`. If there is a `data_key`, its tables are sealed
    /// under it, and the key to the contract's recipients.
    ///
    /// # Errors
    /// The contract names no recipient, or the folder cannot be created.
    pub fn start(
        out: &Path,
        contract: &Contract,
        data_key: Option<DataKey>,
        signatory: Option<Signatory>,
    ) -> Result<Self, DeliveryBuildError> {
        if data_key.is_some() && contract.recipients.is_empty() {
            return Err(DeliveryBuildError::NoRecipients);
        }
        let seal = data_key.map(|key| Seal { key, recipients: contract.recipients.clone() });
        Ok(Self { folder: OutputFolder::create(out)?, seal, signatory, files: BTreeMap::new() })
    }

    /// Returns the folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the place of the finished delivery.
    #[must_use]
    pub fn target(&self) -> &Path {
        self.folder.target()
    }

    /// Returns true if the delivery is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// Creates the folder `name` for the parts of a table.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn create_inner(&self, name: &str) -> Result<(), DeliveryBuildError> {
        Ok(self.folder.create_inner(name)?)
    }

    /// Returns the seal of a table's file; `None` if the delivery is unsealed.
    #[must_use]
    pub fn table_seal(&self, name: &TableName<'_>) -> Option<TableSeal<'_>> {
        self.seal.as_ref().map(|seal| seal.key.seal(name))
    }

    /// Adds a file that was written into the folder.
    pub fn add(&mut self, file: &str, digest: Digest) {
        self.files.insert(file.to_owned(), digest);
    }

    /// Finishes the delivery: adds the `account`, sealed if the delivery is, completes and signs the `manifest`, and
    /// gives the folder its name. Completes the manifest with the format, the recipients, the files, and the account of
    /// an unsealed delivery.
    ///
    /// # Errors
    /// A file cannot be written, or something took the name meanwhile.
    pub fn finish(mut self, mut manifest: Manifest, account: Account) -> Result<FinishedDelivery, DeliveryBuildError> {
        match &self.seal {
            None => manifest.account = Some(account.clone()),
            Some(seal) => {
                let recipients: Vec<Recipient> = seal.recipients.values().cloned().collect();
                let text = zeroize::Zeroizing::new(padded(self.folder.encode(SEALED_ACCOUNT, &account)?));
                for (name, secret) in [(SEALED_DATA_KEY, &seal.key.expose()[..]), (SEALED_ACCOUNT, &text)] {
                    let digest = self.folder.write(name, &sealed(&recipients, secret)?)?;
                    self.files.insert(name.to_owned(), digest);
                }
                manifest.sealing = Sealing::To(seal.recipients.clone());
            }
        }
        account.format().clone_into(&mut manifest.format);
        manifest.files = self.files;
        let text = self.folder.encode(MANIFEST, &manifest)?;
        if text.len() as u64 > MAX_MANIFEST_BYTES {
            return Err(DeliveryBuildError::TooManyFiles { files: manifest.files.len() });
        }
        let digest = self.folder.write(MANIFEST, &text)?;
        let signed_by = self.signatory.as_ref().map(Signatory::key_id);
        if let Some(signatory) = &self.signatory {
            let signature = signatory.sign(&text, &manifest.signature_comment());
            self.folder.write(&format!("{MANIFEST}{SIGNATURE_ENDING}"), signature.as_bytes())?;
        }
        self.folder.publish()?;
        Ok(FinishedDelivery { manifest, account, digest, signed_by })
    }
}

/// A delivery that was written.
#[derive(Debug)]
pub struct FinishedDelivery {
    /// Manifest of the delivery.
    pub manifest: Manifest,
    /// Account of every record that was read.
    pub account: Account,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// Public name of the key that signed it, if it is signed.
    pub signed_by: Option<KeyId>,
}

/// Adds spaces, which JSON allows at the end, up to a multiple of [`ACCOUNT_BLOCK`]: the length of the sealed account
/// would tell the magnitude of its counts.
fn padded(mut text: Vec<u8>) -> Vec<u8> {
    text.resize(text.len().next_multiple_of(ACCOUNT_BLOCK), b' ');
    text
}

fn sealed(recipients: &[Recipient], secret: &[u8]) -> Result<Vec<u8>, SealingError> {
    let mut sealed = Vec::new();
    let mut writer = seal(recipients, &mut sealed)?;
    std::io::Write::write_all(&mut writer, secret)?;
    writer.finish()?;
    Ok(sealed)
}
