//! Opening of sealed files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use age::{DecryptError, Decryptor};
use zeroize::Zeroizing;

use super::identity::is_identity;
use super::passphrase::AnyPassphrase;
use super::{AGE_HEADER, Identity, Passphrase, Recipient, SealingError};
use crate::files;

/// Length of the longest identity file, in bytes.
const MAX_IDENTITY_BYTES: u64 = 64 << 10;

/// Secrets that open sealed files: identities and passphrases. Wiped when dropped.
#[derive(Default)]
pub struct Unlock {
    identities: Vec<Identity>,
    passphrases: Vec<Passphrase>,
}

impl Unlock {
    /// Holds `identities` and no passphrase.
    #[must_use]
    pub fn with(identities: Vec<Identity>) -> Self {
        Self { identities, passphrases: Vec::new() }
    }

    /// Holds `passphrases`, and the identities in the files at `identities`. The passphrases may protect these files.
    ///
    /// # Errors
    /// A file is unreadable, open to others, or not an identity file.
    pub fn read(passphrases: Vec<Passphrase>, identities: &[PathBuf]) -> Result<Self, SealingError> {
        let mut unlock = Self { identities: Vec::new(), passphrases };
        for path in identities {
            let read = unlock.read_identities(path)?;
            unlock.identities.extend(read);
        }
        Ok(unlock)
    }

    /// Returns the recipients of the identities in the file at `path`.
    ///
    /// # Errors
    /// The file is unreadable, open to others, cannot be opened, or holds no identity.
    pub fn recipients_in(&self, path: &Path) -> Result<Vec<Recipient>, SealingError> {
        Ok(self.read_identities(path)?.iter().map(Identity::recipient).collect())
    }

    fn read_identities(&self, path: &Path) -> Result<Vec<Identity>, SealingError> {
        let Some(bytes) = files::read_private(path, MAX_IDENTITY_BYTES, may_hold_identities)? else {
            return Err(SealingError::NotIdentity { path: path.to_owned() });
        };
        let text = match bytes.starts_with(AGE_HEADER) {
            true => self
                .open_identities(&bytes)
                .map_err(|source| SealingError::Identity { path: path.to_owned(), source: Box::new(source) })?,
            false => bytes,
        };
        let identities = std::str::from_utf8(&text).ok().and_then(Identity::parse);
        identities.ok_or_else(|| SealingError::NotIdentity { path: path.to_owned() })
    }

    /// Returns the text of a sealed identity file.
    fn open_identities(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let mut text = Zeroizing::new(Vec::with_capacity(MAX_IDENTITY_BYTES as usize));
        let opened = self.open(sealed)?;
        opened.take(MAX_IDENTITY_BYTES).read_to_end(&mut text).map_err(|_| SealingError::Damaged)?;
        Ok(text)
    }

    /// Opens an age file. The result reads the plaintext, and fails where the file is damaged.
    ///
    /// # Errors
    /// No secret opens it, or its header is damaged.
    pub fn open<R: Read>(&self, input: R) -> Result<age::stream::StreamReader<R>, SealingError> {
        let decryptor = Decryptor::new(input).map_err(|e| self.refusal(e, false))?;
        let by_passphrase = decryptor.is_scrypt();
        let opened = match by_passphrase {
            true => decryptor.decrypt(std::iter::once(&AnyPassphrase(&self.passphrases) as &dyn age::Identity)),
            false => decryptor.decrypt(self.identities.iter().map(|i| &i.0 as &dyn age::Identity)),
        };
        opened.map_err(|e| self.refusal(e, by_passphrase))
    }

    /// Opens an age file that was encrypted to recipients. Refuses a file with a passphrase unread, because its maker
    /// chose the work factor.
    ///
    /// # Errors
    /// As [`Unlock::open`].
    pub fn open_as_recipient<R: Read>(&self, input: R) -> Result<age::stream::StreamReader<R>, SealingError> {
        let decryptor = Decryptor::new(input).map_err(|e| self.refusal(e, false))?;
        if decryptor.is_scrypt() {
            return Err(SealingError::NotToRecipients);
        }
        let opened = decryptor.decrypt(self.identities.iter().map(|i| &i.0 as &dyn age::Identity));
        opened.map_err(|e| self.refusal(e, false))
    }

    /// Translates the error of the age library; `by_passphrase` if the file has a passphrase.
    fn refusal(&self, error: DecryptError, by_passphrase: bool) -> SealingError {
        match error {
            DecryptError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => SealingError::Io(source),
            DecryptError::ExcessiveWork { .. } => SealingError::TooMuchWork,
            DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
                match by_passphrase {
                    true if self.passphrases.is_empty() => SealingError::NoPassphrase,
                    true => SealingError::WrongPassphrase,
                    false if self.identities.is_empty() => SealingError::NoIdentity,
                    false => SealingError::OtherIdentity,
                }
            }
            _ => SealingError::Damaged,
        }
    }
}

/// Returns true if the first bytes are those of an identity file, sealed or not.
fn may_hold_identities(bytes: &[u8]) -> bool {
    bytes.starts_with(AGE_HEADER) || is_identity(bytes)
}
