//! Who must sign, and whose signature holds: the contract says.

use std::path::{Path, PathBuf};

use crate::config::{Contract, HolderKeys};
use crate::crypto::{
    KeyFileError, MAX_SIGNATURE_BYTES, SIGNATURE_ENDING, Signatory, Signature, SignatureError, SigningKey, Unlock,
    read_key,
};
use crate::domain::{Day, Id};
use crate::files::{self, FileError};

/// Something cannot be signed, or a signature does not hold.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum SigningError {
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "the contract lists a signing key of '{holder}', so what it hands over must be signed; give --signing-key FILE"
    )]
    KeyNeeded { holder: Id },
    #[error(
        "the contract lists no signing key of '{holder}', so that no one could check its signature; add its public key under [holders.{holder}]"
    )]
    Unlisted { holder: Id },
    #[error(
        "{path}: not the signing key that the contract lists for '{holder}'; give that one, or correct the contract"
    )]
    NotTheListed { path: PathBuf, holder: Id },
    #[error(
        "{path}: the signature is missing, and the contract lists a signing key of '{holder}'; ask the holder for it"
    )]
    Missing { path: PathBuf, holder: Id },
    #[error("{path}: the signature does not hold for '{holder}': {source}; ask the holder for the file again")]
    Invalid { path: PathBuf, holder: Id, source: SignatureError },
    #[error("{path}: missing, or made by none of the signing keys that the contract lists; ask the holder who sent it")]
    Unknown { path: PathBuf },
}

/// The signatory of `holder`, with the key in the file `key`; none where the contract asks for no signatures.
///
/// # Errors
/// The contract asks for a signature and no key is given, or lists another key or none.
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

/// The keys of `holder`; none where the contract asks for no signatures at all.
fn listed<'a>(contract: &'a Contract, holder: &Id) -> Result<Option<&'a HolderKeys>, SigningError> {
    match contract.holders.get(holder) {
        None if !contract.holders.is_empty() => Err(SigningError::Unlisted { holder: holder.clone() }),
        keys => Ok(keys),
    }
}

/// Where the signature of the file at `path` lies.
#[must_use]
pub fn signature_path(path: &Path) -> PathBuf {
    files::beside(path, SIGNATURE_ENDING)
}

/// The signature beside the file at `path`; none if there is none.
fn read_signature(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match files::read_regular(&signature_path(path), MAX_SIGNATURE_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The holder whose key, as the signature beside the file at `path` says, made it; none where the contract asks for no
/// signatures and there is none. Whether the signature holds is found out when the file is read.
///
/// # Errors
/// The signature is missing, malformed or of none of the contract's keys.
pub fn signer<'a>(
    contract: &'a Contract,
    path: &Path,
) -> Result<Option<(&'a Id, &'a HolderKeys, Signature)>, SigningError> {
    let unknown = || SigningError::Unknown { path: signature_path(path) };
    let Some(text) = read_signature(path)? else {
        return if contract.holders.is_empty() { Ok(None) } else { Err(unknown()) };
    };
    let signature = Signature::decode(&text).map_err(|_| unknown())?;
    let made = contract.holders.iter().find(|(_, keys)| keys.signing.is_named_by(&signature));
    made.map(|(holder, keys)| Some((holder, keys, signature))).ok_or_else(unknown)
}

/// Checks the signature of `holder` over `message`, the content of the file at `path`. Says whether there is one: where
/// the contract asks for none, there need not be.
///
/// # Errors
/// The signature is missing, unknown or wrong.
pub fn check_signature(contract: &Contract, holder: &Id, path: &Path, message: &[u8]) -> Result<bool, SigningError> {
    let invalid = |source| SigningError::Invalid { path: signature_path(path), holder: holder.clone(), source };
    match (listed(contract, holder)?, read_signature(path)?) {
        (Some(keys), Some(text)) => {
            let signature = Signature::decode(&text).map_err(invalid)?;
            keys.signing.verify(message, &signature).map_err(invalid).map(|()| true)
        }
        (Some(_), None) => Err(SigningError::Missing { path: signature_path(path), holder: holder.clone() }),
        (None, Some(_)) => Err(SigningError::Unlisted { holder: holder.clone() }),
        (None, None) => Ok(false),
    }
}
