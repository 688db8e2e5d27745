//! Destruction of a key and its signed certificate.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::folder::json;
use super::manifest::MAX_MANIFEST_BYTES;
use super::manifest::tool;
use super::signing::{Signer, SigningError, signature_path};
use crate::config::Contract;
use crate::crypto::{
    Digest, KeyDescription, KeyFile, KeyFileError, MAX_SIGNATURE_BYTES, Recipient, SealingError, Signatory, Unlock,
    destroy_file, read_key,
};
use crate::files::{self, FileError, Pending};
use salanimi_core::{Id, KeyId, Purpose, SigningKey, Timestamp};

/// Format of certificates of destruction.
pub const DESTRUCTION_FORMAT: &str = "salanimi-destruction/1";
/// Remains of a key that the destruction of a file does not reach (NIST SP 800-88r1).
const NOT_COVERED: [&str; 5] = [
    "copies of the file, on paper, on other disks and with other people",
    "shares of the key, from which the key can be restored, and a key of which this was a share",
    "backups and snapshots of the file system",
    "blocks that a solid-state disk has replaced but not erased (wear levelling), and a journal of the file system",
    "memory that was written to swap or to a core dump while the key was in use",
];

/// Certificate of destruction of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Always `salanimi-destruction/1`.
    pub format: String,
    /// Tool that destroyed the key, with its version.
    pub tool: String,
    /// Study.
    pub study: Id,
    /// Destroyed key or identities.
    pub destroyed: Destroyed,
    /// Time of the destruction.
    pub time: Timestamp,
    /// Method of the destruction, in words.
    pub method: String,
    /// Public name of the key that signed the certificate.
    pub signed_by: KeyId,
    /// Remains that the destruction does not cover, in words.
    pub not_covered: Vec<String>,
}

/// Destroyed key or identities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Destroyed {
    /// A key file, or one share of a key.
    Key {
        /// Purpose of the key.
        purpose: Purpose,
        /// Public name of the key.
        key_id: KeyId,
        /// `true` if the key in the file was opened and has that name. Otherwise the name is the file's statement.
        proved: bool,
        /// Number of the share; `None` for a whole key.
        share: Option<String>,
    },
    /// Identities that opened files sealed to these recipients.
    Identity {
        /// Public halves of the identities.
        recipients: Vec<Recipient>,
    },
}

impl Certificate {
    /// Reads the certificate at `path`. With a `contract`, also verifies its signature and returns the party who
    /// signed.
    ///
    /// # Errors
    /// The file is not a certificate, or its signature does not hold.
    pub fn read(path: &Path, contract: Option<&Contract>) -> Result<(Self, Option<Id>), DestructionError> {
        let text = files::read_regular(path, MAX_MANIFEST_BYTES)?;
        let certificate: Option<Self> = serde_json::from_slice(&text).ok();
        let certificate = certificate.filter(|certificate| certificate.format == DESTRUCTION_FORMAT);
        let certificate = certificate.ok_or_else(|| DestructionError::Format { path: path.to_owned() })?;
        let Some(signer) = contract.map(|contract| Signer::find(contract, true, path)).transpose()?.flatten() else {
            return Ok((certificate, None));
        };
        signer.verify(&text, DESTRUCTION_FORMAT)?;
        Ok((certificate, Some(signer.party.clone())))
    }
}

/// Error in destroying a key or writing its certificate.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum DestructionError {
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Sealing(#[from] SealingError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error("{path}: not a certificate of destruction of this version; ask for it again")]
    Format { path: PathBuf },
    #[error("the certificate cannot be written: {0} (the key was not destroyed)")]
    Certificate(FileError),
    #[error(
        "the key was destroyed, but its certificate could not be written: {0}; the audit log records the destruction"
    )]
    Unnamed(FileError),
}

/// Overwrites and removes the key or identity file at `path`. Writes the certificate to a new file at `certificate`,
/// signed with the key in the file `signing_key`. Returns the certificate and the digest of its file.
///
/// # Errors
/// The file is not a key, the signing key cannot be used, or a file cannot be written. Room for the certificate is
/// reserved before the key is overwritten.
pub fn destroy_key(
    path: &Path,
    signing_key: &Path,
    certificate: &Path,
    unlock: &Unlock,
    now: Timestamp,
) -> Result<(Certificate, Digest), DestructionError> {
    let signing_file = KeyFile::read(signing_key)?;
    let (study, destroyed) = subject(path, &signing_file, unlock)?;
    let key: SigningKey = read_key(signing_key, &study, unlock, now.day())?;
    let signatory = Signatory::new(&key, &study);
    let content = Certificate {
        format: DESTRUCTION_FORMAT.to_owned(),
        tool: tool(),
        study,
        destroyed,
        time: now,
        method: "overwritten once with random bytes, synced to the disk, and removed".to_owned(),
        signed_by: signatory.key_id(),
        not_covered: NOT_COVERED.map(str::to_owned).to_vec(),
    };
    let text = json(&content)
        .map_err(|source| DestructionError::Certificate(FileError::Write { path: certificate.to_owned(), source }))?;
    let mut files =
        [reserved(certificate, text.len())?, reserved(&signature_path(certificate), MAX_SIGNATURE_BYTES as usize)?];
    destroy_file(path)?;
    // Signed only now: a signature over a destruction that did not happen must never exist.
    let signature = signatory.sign(&text, DESTRUCTION_FORMAT);
    for (file, bytes) in files.iter_mut().zip([&text[..], signature.as_bytes()]) {
        file.rewrite(bytes).map_err(DestructionError::Unnamed)?;
    }
    files.into_iter().try_for_each(Pending::publish).map_err(DestructionError::Unnamed)?;
    Ok((content, Digest::of(&text)))
}

/// Starts a file for `target`, with room for `length` bytes.
fn reserved(target: &Path, length: usize) -> Result<Pending, DestructionError> {
    let reserved = Pending::create(target).and_then(|mut file| file.reserve(length).map(|()| file));
    reserved.map_err(|error| match error {
        FileError::Write { .. } => DestructionError::Certificate(error),
        other => DestructionError::File(other),
    })
}

/// Reads the file at `path`. Returns its study and its content. An identity has the study of the signing key.
fn subject(path: &Path, signing_file: &KeyFile, unlock: &Unlock) -> Result<(Id, Destroyed), DestructionError> {
    let file = match KeyFile::read(path) {
        Err(KeyFileError::NotKeyFile { .. }) => {
            let recipients = unlock.recipients_in(path)?;
            return Ok((signing_file.description.study.clone(), Destroyed::Identity { recipients }));
        }
        file => file?,
    };
    let proved = match file.key_id(unlock) {
        Ok(_) => true,
        // A share cannot prove its key id. A key that no one can open any more may be destroyed too.
        Err(KeyFileError::IsShare { .. } | KeyFileError::Sealing { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    let KeyDescription { purpose, study, key_id, share, .. } = file.description;
    Ok((study, Destroyed::Key { purpose, key_id, proved, share: share.map(|share| share.to_string()) }))
}
