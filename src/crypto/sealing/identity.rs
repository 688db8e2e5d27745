//! Identities: the secrets that open sealed files.

use std::path::Path;

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{Protection, Recipient, SealingError};
use crate::files;
use salanimi_core::Day;

const PREFIX: &str = "AGE-SECRET-KEY-1";

/// Secret that opens files encrypted to its recipient. Wiped when dropped.
pub struct Identity(pub(super) age::x25519::Identity);

impl Identity {
    /// Generates an identity from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// Returns the public half.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// Writes the identity to a new file at `path` that only its owner can read, in the form of `age-keygen`.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn write(&self, path: &Path, created: Day, protection: &Protection<'_>) -> Result<(), SealingError> {
        let secret = self.0.to_string();
        let head = format!("# created: {created}\n# public key: {}\n", self.recipient());
        // Full size from the start: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(head.len() + secret.expose_secret().len() + 1));
        [head.as_str(), secret.expose_secret(), "\n"].iter().for_each(|part| text.push_str(part));
        if matches!(protection, Protection::None) {
            return Ok(files::write_secret(path, text.as_bytes())?);
        }
        let mut sealed = Vec::new();
        protection.encrypt(text.as_bytes(), &mut sealed)?;
        Ok(files::write_secret(path, &sealed)?)
    }

    /// Parses an identity file: one identity a line, and comments. Returns `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Vec<Self>> {
        let identities: Option<Vec<Self>> = lines(text).map(Self::parse_line).collect();
        identities.filter(|identities| !identities.is_empty())
    }

    fn parse_line(line: &str) -> Option<Self> {
        if line.starts_with(PREFIX) { line.parse().ok().map(Self) } else { None }
    }
}

/// Returns the lines of an identity file that are neither blank nor comments, as the stock `age` reads them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Returns true if the first line of `bytes` that is neither blank nor a comment is an identity.
pub(super) fn is_identity(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| lines(text).next().is_some_and(|line| line.starts_with(PREFIX)))
}
