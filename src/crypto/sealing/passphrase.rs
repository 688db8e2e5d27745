//! Passphrases of sealed files.

use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Identity};
use age_core::format::{FileKey, Stanza};

use super::super::compare::same;
use super::SealingError;

/// Work factor of scrypt for new files, as a power of two: about a second and 256 MiB (RFC 7914). The `age` tool uses
/// the same.
const WORK_FACTOR: u8 = 18;
/// Largest accepted work factor; a file that asks for more is refused.
pub(super) const MAX_WORK_FACTOR: u8 = 20;
/// Length of the shortest passphrase for a new file, in characters.
pub(super) const MIN_PASSPHRASE: usize = 12;

/// A passphrase. Wiped when dropped.
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Reads the passphrases in `text`, one a line.
    #[must_use]
    pub fn lines(text: &str) -> Vec<Self> {
        text.lines().filter(|line| !line.is_empty()).map(|line| Self(line.to_owned().into())).collect()
    }

    /// Returns true if two passphrases are the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        same(self.0.expose_secret().as_bytes(), other.0.expose_secret().as_bytes())
    }

    /// Checks the length of a passphrase for a new file.
    ///
    /// # Errors
    /// [`SealingError::ShortPassphrase`] if it is too short.
    pub fn check_length(&self) -> Result<(), SealingError> {
        let characters = self.0.expose_secret().chars().count();
        if characters < MIN_PASSPHRASE { Err(SealingError::ShortPassphrase) } else { Ok(()) }
    }

    /// Returns the recipient of a new file.
    pub(super) fn recipient(&self) -> age::scrypt::Recipient {
        let mut recipient = age::scrypt::Recipient::new(self.0.clone());
        recipient.set_work_factor(WORK_FACTOR);
        recipient
    }

    fn identity(&self) -> age::scrypt::Identity {
        let mut identity = age::scrypt::Identity::new(self.0.clone());
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        identity
    }
}

/// Passphrases to try in turn. The age library would stop at the first.
pub(super) struct AnyPassphrase<'a>(pub(super) &'a [Passphrase]);

impl Identity for AnyPassphrase<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let mut refused = None;
        for passphrase in self.0 {
            match passphrase.identity().unwrap_stanza(stanza) {
                Some(Err(error)) => refused = Some(Err(error)),
                opened => return opened,
            }
        }
        refused
    }
}
