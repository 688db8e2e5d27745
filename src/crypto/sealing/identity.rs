use std::path::Path;

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{Protection, Recipient, SealingError};
use crate::files;
use salanimi_core::Day;

const PREFIX: &str = "AGE-SECRET-KEY-1";

/// What opens files that were encrypted to its recipient. Wiped when dropped.
pub struct Identity(pub(super) age::x25519::Identity);

impl Identity {
    /// A new identity from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// The public half.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// Writes the identity to a new file at `path`, in the form of `age-keygen`, for its owner alone.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn write(&self, path: &Path, created: Day, protection: &Protection<'_>) -> Result<(), SealingError> {
        let (recipient, secret) = (self.recipient(), self.0.to_string());
        let head = format!("# created: {created}\n# public key: {recipient}\n");
        // Of full size from the start: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(head.len() + secret.expose_secret().len() + 1));
        [head.as_str(), secret.expose_secret(), "\n"].iter().for_each(|part| text.push_str(part));
        let mut sealed = Vec::new();
        if matches!(protection, Protection::None) {
            return Ok(files::write_private(path, text.as_bytes())?);
        }
        protection.encrypt(text.as_bytes(), &mut sealed)?;
        Ok(files::write_private(path, &sealed)?)
    }

    /// The identities in `text`, one a line, with comments; none if it is no identity file.
    pub(super) fn parse(text: &str) -> Option<Vec<Self>> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identity = |line: &str| line.starts_with(PREFIX).then(|| line.parse().ok().map(Self)).flatten();
        lines.map(identity).collect::<Option<Vec<_>>>().filter(|identities| !identities.is_empty())
    }
}

/// Whether `bytes` begin as an identity file of ours or of `age-keygen` does.
pub(super) fn is_identity(bytes: &[u8]) -> bool {
    let start = |prefix: &[u8]| bytes.starts_with(prefix);
    start(b"# created: ") || start(b"# public key: ") || start(PREFIX.as_bytes())
}
