use std::io::{self, Read};
use std::path::{Path, PathBuf};

use age::{DecryptError, Decryptor};
use zeroize::Zeroizing;

use super::identity::is_identity;
use super::passphrase::AnyOf;
use super::{AGE_HEADER, Identity, Passphrase, Recipient, SealingError};
use crate::files;

/// No identity file is longer.
const MAX_IDENTITY_BYTES: u64 = 64 << 10;

/// What a user brought to open files with.
#[derive(Default)]
pub struct Unlock {
    identities: Vec<Identity>,
    passphrases: Vec<Passphrase>,
}

impl Unlock {
    /// Opens with `identities` and no passphrase.
    #[must_use]
    pub fn with(identities: Vec<Identity>) -> Self {
        Self { identities, passphrases: Vec::new() }
    }

    /// Opens with `passphrases`, and with the identities in the files at `identities`, which they may open.
    ///
    /// # Errors
    /// A file is unreadable, open to others, or of another form.
    pub fn read(passphrases: Vec<Passphrase>, identities: &[PathBuf]) -> Result<Self, SealingError> {
        let mut unlock = Self { identities: Vec::new(), passphrases };
        for path in identities {
            let read = unlock.read_identities(path)?;
            unlock.identities.extend(read);
        }
        Ok(unlock)
    }

    /// The recipients of the identities in the file at `path`.
    ///
    /// # Errors
    /// The file is unreadable, open to others, cannot be opened, or holds no identity.
    pub fn recipients_in(&self, path: &Path) -> Result<Vec<Recipient>, SealingError> {
        Ok(self.read_identities(path)?.iter().map(Identity::recipient).collect())
    }

    fn read_identities(&self, path: &Path) -> Result<Vec<Identity>, SealingError> {
        let not_identity = || SealingError::NotIdentity { path: path.to_owned() };
        let is_kind = |bytes: &[u8]| bytes.starts_with(AGE_HEADER) || is_identity(bytes);
        let mut bytes = files::read_private(path, MAX_IDENTITY_BYTES, is_kind)?.ok_or_else(not_identity)?;
        if bytes.starts_with(AGE_HEADER) {
            let closed = |source| SealingError::Identity { path: path.to_owned(), source: Box::new(source) };
            let mut inner = Zeroizing::new(Vec::with_capacity(MAX_IDENTITY_BYTES as usize));
            let opened = self.open(bytes.as_slice()).map_err(closed)?;
            opened.take(MAX_IDENTITY_BYTES).read_to_end(&mut inner).map_err(|_| closed(SealingError::Damaged))?;
            bytes = inner;
        }
        std::str::from_utf8(&bytes).ok().and_then(Identity::parse).ok_or_else(not_identity)
    }

    /// Opens an age file: the result reads what was encrypted, and fails where it is damaged.
    ///
    /// # Errors
    /// Nothing that was brought opens it, or its header is damaged.
    pub fn open<R: Read>(&self, input: R) -> Result<age::stream::StreamReader<R>, SealingError> {
        let decryptor = Decryptor::new(input).map_err(|e| self.refusal(e, false))?;
        let by_passphrase = decryptor.is_scrypt();
        let opened = match by_passphrase {
            true => decryptor.decrypt(std::iter::once(&AnyOf(&self.passphrases) as &dyn age::Identity)),
            false => decryptor.decrypt(self.identities.iter().map(|i| &i.0 as &dyn age::Identity)),
        };
        opened.map_err(|e| self.refusal(e, by_passphrase))
    }

    /// Opens an age file that was encrypted to recipients; one that asks for a passphrase is refused unread, because whoever
    /// made it chose how much work that is.
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
