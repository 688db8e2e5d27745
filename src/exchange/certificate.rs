//! The destruction of a key, and the signed certificate of it.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::delivery::MAX_MANIFEST_BYTES;
use super::folder::json;
use super::manifest::tool;
use super::signing::{Signer, SigningError, signature_path};
use crate::config::Contract;
use crate::crypto::{
    Digest, KeyFile, KeyFileError, KeyId, MAX_SIGNATURE_BYTES, Purpose, Recipient, SealingError, Signatory, SigningKey,
    Unlock, destroy_file, read_key,
};
use crate::files::{self, FileError, Pending};
use salanimi_core::{Id, Timestamp};

/// Format of certificates of destruction.
pub const DESTRUCTION_FORMAT: &str = "salanimi-destruction/1";
/// What destroying a file does not reach (NIST SP 800-88r1).
const NOT_COVERED: [&str; 5] = [
    "copies of the file, on paper, on other disks and at other holders",
    "shares of the key, from which it can be brought together again, and a key of which this was a share",
    "backups and snapshots of the file system",
    "blocks that a solid-state disk keeps after it replaced them (wear levelling), and a journal of the file system",
    "memory that was written to swap or to a core dump while the key was in use",
];

/// A statement that a key was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Always `salanimi-destruction/1`.
    pub format: String,
    /// The tool that did it.
    pub tool: String,
    /// The study.
    pub study: Id,
    /// What was destroyed.
    pub destroyed: Destroyed,
    /// When.
    pub time: Timestamp,
    /// How.
    pub method: String,
    /// The public name of the signing key that vouches for it.
    pub signed_by: KeyId,
    /// What it does not cover.
    pub not_covered: Vec<String>,
}

/// What was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Destroyed {
    /// A key file, or one share of a key.
    Key {
        /// What the key was for.
        purpose: Purpose,
        /// Its public name.
        key_id: KeyId,
        /// Whether the key in the file was found to have that name; otherwise it is what the file said.
        proved: bool,
        /// Which share it was, if it was not the whole key.
        share: Option<String>,
    },
    /// Identities that opened what was sealed to these recipients.
    Identity {
        /// Their public halves.
        recipients: Vec<Recipient>,
    },
}

impl Certificate {
    /// Reads the certificate at `path`; with a `contract`, checks its signature too and names the party who signed.
    ///
    /// # Errors
    /// The file is no certificate, or its signature does not hold.
    pub fn read(path: &Path, contract: Option<&Contract>) -> Result<(Self, Option<Id>), DestructionError> {
        let text = files::read_regular(path, MAX_MANIFEST_BYTES)?;
        let malformed = |_| DestructionError::Format { path: path.to_owned() };
        let certificate: Self = serde_json::from_slice(&text).map_err(malformed)?;
        if certificate.format != DESTRUCTION_FORMAT {
            return Err(DestructionError::Format { path: path.to_owned() });
        }
        let Some(signer) = contract.map(|contract| Signer::find(contract, true, path)).transpose()?.flatten() else {
            return Ok((certificate, None));
        };
        signer.verify(&text)?;
        Ok((certificate, Some(signer.party.clone())))
    }
}

/// A key cannot be destroyed, or its certificate cannot be written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
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
        "the key was destroyed, but its certificate could not be written: {0}; the audit log says what was destroyed"
    )]
    Unnamed(FileError),
}

/// Overwrites and removes the key or identity file at `path`, and writes the certificate of it to a new file at
/// `certificate`, signed with the key in the file `signing_key`. Returns the certificate and the digest of its file.
///
/// # Errors
/// The file is no key, the signing key cannot be used, or something cannot be written. The certificate is ready before
/// the key is touched.
pub fn destroy_key(
    path: &Path,
    signing_key: &Path,
    certificate: &Path,
    unlock: &Unlock,
    now: Timestamp,
) -> Result<(Certificate, Digest), DestructionError> {
    let vouching = KeyFile::read(signing_key)?;
    let (study, destroyed) = subject(path, &vouching, unlock)?;
    let key: SigningKey = read_key(signing_key, &study, unlock, now.day())?;
    let signatory = Signatory::new(&key, &study);
    let statement = Certificate {
        format: DESTRUCTION_FORMAT.to_owned(),
        tool: tool(),
        study,
        destroyed,
        time: now,
        method: "overwritten once with random bytes, synced to the disk, and removed".to_owned(),
        signed_by: signatory.key_id(),
        not_covered: NOT_COVERED.map(str::to_owned).to_vec(),
    };
    let text =
        json(&statement).map_err(|source| write_error(certificate, source)).map_err(DestructionError::Certificate)?;
    let mut files =
        [reserved(certificate, text.len())?, reserved(&signature_path(certificate), MAX_SIGNATURE_BYTES as usize)?];
    destroy_file(path)?;
    // Signed only now: a signature over what did not happen must never exist.
    let signature = signatory.sign(&text, DESTRUCTION_FORMAT);
    for (file, bytes) in files.iter_mut().zip([&text[..], signature.as_bytes()]) {
        file.rewrite(bytes).map_err(DestructionError::Unnamed)?;
    }
    files.into_iter().try_for_each(Pending::publish).map_err(DestructionError::Unnamed)?;
    Ok((statement, Digest::of(&text)))
}

fn write_error(path: &Path, source: io::Error) -> FileError {
    FileError::Write { path: path.to_owned(), source }
}

/// A file that will be at `target`, with room for what is to be written into it.
fn reserved(target: &Path, length: usize) -> Result<Pending, DestructionError> {
    let reserved = Pending::create(target).and_then(|mut file| file.reserve(length).map(|()| file));
    reserved.map_err(|error| match error {
        FileError::Write { .. } => DestructionError::Certificate(error),
        other => DestructionError::File(other),
    })
}

/// What the file at `path` is, with its study; an identity is of the study of the key that vouches for it.
fn subject(path: &Path, vouching: &KeyFile, unlock: &Unlock) -> Result<(Id, Destroyed), DestructionError> {
    let file = match KeyFile::read(path) {
        Err(KeyFileError::NotKeyFile { .. }) => {
            let recipients = unlock.recipients_in(path)?;
            return Ok((vouching.said.study.clone(), Destroyed::Identity { recipients }));
        }
        file => file?,
    };
    let proved = match file.key_id(unlock) {
        Ok(_) => true,
        // A share names its key and cannot prove it; a key that no one can open any more is destroyed all the same.
        Err(KeyFileError::IsShare { .. } | KeyFileError::Sealing { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    let (purpose, share) = (file.said.purpose, file.said.share.map(|share| share.to_string()));
    Ok((file.said.study, Destroyed::Key { purpose, key_id: file.said.key_id, proved, share }))
}
