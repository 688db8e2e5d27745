//! Signatures between parties: who must sign, and whose signature holds, according to the contract.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::{Contract, ListedHolder};
use crate::crypto::{
    KeyFileError, MAX_SIGNATURE_BYTES, SIGNATURE_ENDING, Signatory, Signature, SignatureError, SignedReader, Unlock,
    VerifyingKey, read_key,
};
use crate::files::{self, FileError};
use salanimi_core::{Day, Id, SigningKey};

/// Error in signing, or of a signature that does not hold.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum SigningError {
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the contract lists a signing key of '{holder}', so its output must be signed; give --signing-key FILE")]
    KeyNeeded { holder: Id },
    #[error(
        "the contract lists no signing key of '{holder}', so no one could verify its signature; add its public key \
         under [holders.{holder}]"
    )]
    Unlisted { holder: Id },
    #[error(
        "{path}: not the signing key that the contract lists for '{holder}'; give that key, or correct the contract"
    )]
    NotTheListed { path: PathBuf, holder: Id },
    #[error("{path}: the signature is missing, but the contract requires one; ask the sender for it")]
    Missing { path: PathBuf },
    #[error("{path}: made by none of the signing keys that the contract lists for it; ask the sender who made it")]
    Unknown { path: PathBuf },
    #[error("{path}: not the signature of '{party}': {source}; ask the sender for the file again")]
    Invalid { path: PathBuf, party: Id, source: SignatureError },
    #[error("{path}: {source}; ask the sender for it again")]
    Malformed { path: PathBuf, source: SignatureError },
}

/// Returns the signatory of `holder`, with the key in the file `key`. Returns `None` if the contract requires no
/// signatures.
///
/// # Errors
/// The contract requires a signature and no key is given, or it lists another key or none.
pub fn signatory(
    contract: &Contract,
    holder: &Id,
    key: Option<&Path>,
    unlock: &Unlock,
    today: Day,
) -> Result<Option<Signatory>, SigningError> {
    let Some(path) = key else {
        return match listed(contract, holder)? {
            Some(_) => Err(SigningError::KeyNeeded { holder: holder.clone() }),
            None => Ok(None),
        };
    };
    let key: SigningKey = read_key(path, &contract.study.id, unlock, today)?;
    let signatory = Signatory::new(&key, &contract.study.id);
    match contract.holders.get(holder) {
        Some(keys) if keys.signing == signatory.public_key() => Ok(Some(signatory)),
        Some(_) => Err(SigningError::NotTheListed { path: path.to_owned(), holder: holder.clone() }),
        None => Err(SigningError::Unlisted { holder: holder.clone() }),
    }
}

/// Returns the entry of `holder`; `None` if the contract requires no signatures at all.
fn listed<'a>(contract: &'a Contract, holder: &Id) -> Result<Option<&'a ListedHolder>, SigningError> {
    match contract.holders.get(holder) {
        None if !contract.holders.is_empty() => Err(SigningError::Unlisted { holder: holder.clone() }),
        keys => Ok(keys),
    }
}

/// Returns the path of the signature of the file at `path`.
#[must_use]
pub fn signature_path(path: &Path) -> PathBuf {
    files::beside(path, SIGNATURE_ENDING)
}

/// The stated signer of a file. The file's content decides if the signature holds.
pub struct Signer<'a> {
    /// Party named by the signature.
    pub party: &'a Id,
    key: &'a VerifyingKey,
    signature: Signature,
    path: PathBuf,
}

impl<'a> Signer<'a> {
    /// Reads the signature of `holder` beside the file at `path`. Returns `None` if there is none and the contract
    /// requires none.
    ///
    /// # Errors
    /// The signature is missing or malformed, or the contract lists no key of `holder`.
    pub fn holder(contract: &'a Contract, holder: &'a Id, path: &Path) -> Result<Option<Self>, SigningError> {
        match (listed(contract, holder)?, read_signature(path)?) {
            (Some(keys), Some(signature)) => {
                Ok(Some(Self { party: holder, key: &keys.signing, signature, path: signature_path(path) }))
            }
            (Some(_), None) => Err(SigningError::Missing { path: signature_path(path) }),
            (None, Some(_)) => Err(SigningError::Unlisted { holder: holder.clone() }),
            (None, None) => Ok(None),
        }
    }

    /// Reads the signature beside the file at `path`, of any of the contract's holders. With `others`, the contract's
    /// other signatories may sign too. Returns `None` if there is no signature and the contract lists no signatory.
    ///
    /// # Errors
    /// The signature is missing, malformed, or of none of these parties.
    pub fn find(contract: &'a Contract, others: bool, path: &Path) -> Result<Option<Self>, SigningError> {
        let holders = contract.holders.iter().map(|(holder, keys)| (holder, &keys.signing));
        let others = contract.signatories.iter().filter(|_| others);
        let mut keys = holders.chain(others).peekable();
        let Some(signature) = read_signature(path)? else {
            return match keys.peek() {
                None => Ok(None),
                Some(_) => Err(SigningError::Missing { path: signature_path(path) }),
            };
        };
        let path = signature_path(path);
        match keys.find(|(_, key)| key.is_named_by(&signature)) {
            Some((party, key)) => Ok(Some(Self { party, key, signature, path })),
            None => Err(SigningError::Unknown { path }),
        }
    }

    /// Verifies the signature over `message`, the file's content, and its trusted comment.
    ///
    /// # Errors
    /// [`SigningError::Invalid`].
    pub fn verify(&self, message: &[u8], comment: &str) -> Result<(), SigningError> {
        self.key.verify(message, &self.signature).map_err(|source| self.invalid(source))?;
        self.check_comment(comment)
    }

    /// Checks that the trusted comment of a signature that holds is `comment`.
    ///
    /// # Errors
    /// [`SigningError::Invalid`].
    pub fn check_comment(&self, comment: &str) -> Result<(), SigningError> {
        self.signature.is_of(comment).map_err(|source| self.invalid(source))
    }

    /// Returns a reader of the file's content that verifies the signature at the end.
    ///
    /// # Errors
    /// [`SigningError::Invalid`] if the signature names another key.
    pub fn read<R: Read>(&self, content: R) -> Result<SignedReader<'_, R>, SigningError> {
        self.key.read(content, &self.signature).map_err(|source| self.invalid(source))
    }

    /// Returns the error of a signature that does not hold.
    pub(super) fn invalid(&self, source: SignatureError) -> SigningError {
        SigningError::Invalid { path: self.path.clone(), party: self.party.clone(), source }
    }
}

/// Reads the signature beside the file at `path`; `None` if there is none.
fn read_signature(path: &Path) -> Result<Option<Signature>, SigningError> {
    let path = signature_path(path);
    let text = match files::read_regular(&path, MAX_SIGNATURE_BYTES) {
        Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    Signature::decode(&text).map(Some).map_err(|source| SigningError::Malformed { path, source })
}
