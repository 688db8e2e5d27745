use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Identity};
use age_core::format::{FileKey, Stanza};

use super::super::material::same;
use super::SealingError;

/// scrypt's work factor for new files, as a power of two: about a second and 256 MiB (RFC 7914; the `age` tool's own).
const WORK_FACTOR: u8 = 18;
/// The largest work factor that is tried: a file that asks for more is refused.
pub(super) const MAX_WORK_FACTOR: u8 = 20;
/// The shortest passphrase for a new file, in characters.
pub(super) const MIN_PASSPHRASE: usize = 12;

/// A passphrase. Wiped when dropped.
pub struct Passphrase(SecretString);

impl Passphrase {
    /// The passphrases in `text`, one a line.
    #[must_use]
    pub fn lines(text: &str) -> Vec<Self> {
        text.lines().filter(|line| !line.is_empty()).map(|line| Self(line.to_owned().into())).collect()
    }

    /// Whether two passphrases are the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        same(self.0.expose_secret().as_bytes(), other.0.expose_secret().as_bytes())
    }

    /// Refuses the passphrase for a new file if it is too short.
    ///
    /// # Errors
    /// [`SealingError::ShortPassphrase`].
    pub fn check_length(&self) -> Result<(), SealingError> {
        let characters = self.0.expose_secret().chars().count();
        if characters < MIN_PASSPHRASE { Err(SealingError::ShortPassphrase) } else { Ok(()) }
    }

    /// What a new file is encrypted to.
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

/// Tries passphrases in turn; age itself would stop at the first.
pub(super) struct AnyOf<'a>(pub(super) &'a [Passphrase]);

impl Identity for AnyOf<'_> {
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
