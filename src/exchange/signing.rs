//! Who must sign, and whose signature holds: the contract says.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::{Contract, HolderKeys};
use crate::crypto::{
    KeyFileError, MAX_SIGNATURE_BYTES, SIGNATURE_ENDING, Signatory, Signature, SignatureError, SignedReader,
    SigningKey, Unlock, VerifyingKey, read_key,
};
use crate::files::{self, FileError};
use salanimi_core::{Day, Id};

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
    #[error("{path}: the signature is missing, and the contract lists who must sign; ask the sender for it")]
    Missing { path: PathBuf },
    #[error("{path}: made by none of the signing keys that the contract lists for it; ask the sender who made it")]
    Unknown { path: PathBuf },
    #[error("{path}: not the signature of '{party}': {source}; ask the sender for the file again")]
    Invalid { path: PathBuf, party: Id, source: SignatureError },
    #[error("{path}: {source}; ask the sender for it again")]
    Malformed { path: PathBuf, source: SignatureError },
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

/// Whose signature lies beside a file. Whether it holds is found out with the file's content.
pub struct Signer<'a> {
    /// Who is said to have signed.
    pub party: &'a Id,
    key: &'a VerifyingKey,
    signature: Signature,
    path: PathBuf,
}

impl<'a> Signer<'a> {
    /// The signature of `holder` beside the file at `path`; none where the contract asks for none and there is none.
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

    /// The signature beside the file at `path` of whoever of the contract's holders made it; of its other signatories
    /// too, if `others` may sign it. None where the contract lists no one and there is no signature.
    ///
    /// # Errors
    /// The signature is missing, malformed, or of none of them.
    pub fn find(contract: &'a Contract, others: bool, path: &Path) -> Result<Option<Self>, SigningError> {
        let holders = contract.holders.iter().map(|(holder, keys)| (holder, &keys.signing));
        let others = contract.signatories.iter().filter(|_| others);
        let mut keys = holders.chain(others).peekable();
        let Some(signature) = read_signature(path)? else {
            let missing = SigningError::Missing { path: signature_path(path) };
            return if keys.peek().is_none() { Ok(None) } else { Err(missing) };
        };
        let path = signature_path(path);
        match keys.find(|(_, key)| key.is_named_by(&signature)) {
            Some((party, key)) => Ok(Some(Self { party, key, signature, path })),
            None => Err(SigningError::Unknown { path }),
        }
    }

    /// Checks that the signature holds over `message`, the file's content.
    ///
    /// # Errors
    /// It does not.
    pub fn verify(&self, message: &[u8]) -> Result<(), SigningError> {
        self.key.verify(message, &self.signature).map_err(|source| self.invalid(source))
    }

    /// Reads the file's content through, to say at the end whether the signature holds over it.
    ///
    /// # Errors
    /// The signature says that another key made it.
    pub fn read<R: Read>(&self, content: R) -> Result<SignedReader<'_, R>, SigningError> {
        self.key.read(content, &self.signature).map_err(|source| self.invalid(source))
    }

    /// That the signature does not hold.
    pub(super) fn invalid(&self, source: SignatureError) -> SigningError {
        SigningError::Invalid { path: self.path.clone(), party: self.party.clone(), source }
    }
}

/// The signature beside the file at `path`; none if there is none.
fn read_signature(path: &Path) -> Result<Option<Signature>, SigningError> {
    let path = signature_path(path);
    let text = match files::read_regular(&path, MAX_SIGNATURE_BYTES) {
        Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    Signature::decode(&text).map(Some).map_err(|source| SigningError::Malformed { path, source })
}
