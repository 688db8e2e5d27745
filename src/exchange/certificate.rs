//! The destruction of a key, and the signed certificate of it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::delivery::MAX_MANIFEST_BYTES;
use super::folder::json;
use super::manifest::tool;
use super::signing::{SigningError, signature_path, signer};
use crate::config::Contract;
use crate::crypto::{
    KeyFile, KeyFileError, KeyId, Recipient, SealingError, Signatory, SigningKey, Unlock, destroy_file, read_key,
};
use crate::domain::{Id, Moment};
use crate::files::{self, FileError};

/// Format of certificates of destruction.
pub const DESTRUCTION_FORMAT: &str = "salanimi-destruction/1";
/// What destroying a file does not reach (NIST SP 800-88r1).
const NOT_COVERED: [&str; 4] = [
    "copies of the file, on paper, on other disks and at other holders",
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
    pub time: Moment,
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
        purpose: String,
        /// Its public name.
        key_id: KeyId,
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
    /// Reads the certificate at `path`; with a `contract`, checks its signature too and names the holder who signed.
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
        let Some((holder, keys, signature)) = contract.map(|c| signer(c, path)).transpose()?.flatten() else {
            return Ok((certificate, None));
        };
        let invalid = |source| SigningError::Invalid { path: signature_path(path), holder: holder.clone(), source };
        keys.signing.verify(&text, &signature).map_err(invalid)?;
        Ok((certificate, Some(holder.clone())))
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
    #[error("{path}: {source}; choose another place for the certificate (the key was not destroyed)")]
    Certificate { path: PathBuf, source: io::Error },
    #[error(
        "the key was destroyed, but its certificate could not be given its name {path}: {source}; it lies beside it under a name that begins with a point"
    )]
    Unnamed { path: PathBuf, source: io::Error },
}

/// Overwrites and removes the key or identity file at `path`, and writes the certificate of it to a new file at
/// `certificate`, signed with the key in the file `signing_key`.
///
/// # Errors
/// The file is no key, the signing key cannot be used, or something cannot be written. The certificate is ready before
/// the key is touched.
pub fn destroy_key(
    path: &Path,
    signing_key: &Path,
    certificate: &Path,
    unlock: &Unlock,
    now: Moment,
) -> Result<Certificate, DestructionError> {
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
    let signature_file = signature_path(certificate);
    for taken in [certificate, &signature_file] {
        if taken.symlink_metadata().is_ok() {
            return Err(FileError::Exists { path: taken.to_owned() }.into());
        }
    }
    let failed = |source| DestructionError::Certificate { path: certificate.to_owned(), source };
    let text = json(&statement).map_err(failed)?;
    let signature = signatory.sign(&text, DESTRUCTION_FORMAT);
    let ready = [(&text[..], certificate), (signature.as_bytes(), &signature_file)];
    let ready = ready.map(|(bytes, target)| ready_beside(target, bytes).map(|file| (file, target)));
    let [text, signature] = ready;
    let ready = [text.map_err(failed)?, signature.map_err(failed)?];
    destroy_file(path)?;
    for (file, target) in ready {
        let unnamed = |source| DestructionError::Unnamed { path: target.to_owned(), source };
        file.persist_noclobber(target).map_err(|e| {
            let _ = e.file.keep();
            unnamed(e.error)
        })?;
    }
    Ok(statement)
}

/// `bytes` on the disk beside `target`, under a name of their own.
fn ready_beside(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// What the file at `path` is, with its study; an identity is of the study of the key that vouches for it.
fn subject(path: &Path, vouching: &KeyFile, unlock: &Unlock) -> Result<(Id, Destroyed), DestructionError> {
    match KeyFile::read(path) {
        Ok(KeyFile { said, .. }) => {
            let (purpose, share) = (said.purpose.name().to_owned(), said.share.map(|share| share.to_string()));
            Ok((said.study, Destroyed::Key { purpose, key_id: said.key_id, share }))
        }
        Err(KeyFileError::Format { .. }) => {
            let recipients = unlock.recipients_in(path)?;
            Ok((vouching.said.study.clone(), Destroyed::Identity { recipients }))
        }
        Err(error) => Err(error.into()),
    }
}
