//! Opening of sealed files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor};
use zeroize::Zeroizing;

use super::identity::is_identity;
use super::passphrase::AnyPassphrase;
use super::{AGE_HEADER, Identity, Passphrase, Recipient, SealingError};
use crate::files;

/// Length of the longest identity file, in bytes.
const MAX_IDENTITY_BYTES: u64 = 64 << 10;

/// First line of an armored age file.
const ARMOR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

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
        let text = match is_sealed(&bytes) {
            true => self
                .open_identities(bytes.trim_ascii_start())
                .map_err(|source| SealingError::Identity { path: path.to_owned(), source: Box::new(source) })?,
            false => bytes,
        };
        let identities = std::str::from_utf8(&text).ok().and_then(Identity::parse);
        identities.ok_or_else(|| SealingError::NotIdentity { path: path.to_owned() })
    }

    /// Returns the text of a sealed identity file, armored or not.
    fn open_identities(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let mut text = Zeroizing::new(Vec::with_capacity(MAX_IDENTITY_BYTES as usize));
        let opened = self.open(ArmoredReader::new(sealed))?;
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

/// Returns true if the bytes are those of an identity file, sealed or not.
fn may_hold_identities(bytes: &[u8]) -> bool {
    is_sealed(bytes) || is_identity(bytes)
}

/// Returns true if the bytes are those of an age file, armored or not.
fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(AGE_HEADER) || bytes.trim_ascii_start().starts_with(ARMOR_BEGIN)
}

#[cfg(test)]
mod tests {
    use super::super::Protection;
    use super::*;
    use age::armor::{ArmoredWriter, Format};
    use std::io::Write;

    /// Writes an identity file that only its owner can read.
    fn file(folder: &tempfile::TempDir, text: &[u8]) -> PathBuf {
        let path = folder.path().join("identity");
        let _ = std::fs::remove_file(&path);
        files::write_private(&path, text).unwrap();
        path
    }

    fn secret(identity: &Identity) -> String {
        use age::secrecy::ExposeSecret;
        identity.0.to_string().expose_secret().to_owned()
    }

    #[test]
    fn identity_files_are_read_as_the_stock_tool_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| Identity::generate());
        let [a, b] = [&first, &second].map(secret);
        for text in [
            a.clone(),
            format!("# of the linker\n# created: 2026-11-28\n{a}\n"),
            format!("\n\n  # of the linker\r\n\r\n{a}\r\n# the end"),
        ] {
            let read = Unlock::default().recipients_in(&file(&folder, text.as_bytes())).unwrap();
            assert_eq!(read, [first.recipient()], "{}", text.replace(&a, "…"));
        }
        let both = Unlock::default().recipients_in(&file(&folder, format!("{a}\n\n#\n{b}\n").as_bytes())).unwrap();
        assert_eq!(both, [first.recipient(), second.recipient()]);
        for text in ["", "# only a comment\n", "matti;1\n", "# a\nmatti;1\n"] {
            let read = Unlock::default().recipients_in(&file(&folder, text.as_bytes()));
            assert!(matches!(read, Err(SealingError::NotIdentity { .. })), "{text}");
        }
    }

    #[test]
    fn a_protected_identity_file_opens_armored_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::generate();
        let passphrases = || Passphrase::lines("correct horse battery");
        let mut sealed = Vec::new();
        Protection::Passphrase(&passphrases()[0]).encrypt(secret(&identity).as_bytes(), &mut sealed).unwrap();
        let mut armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).unwrap();
        armor.write_all(&sealed).unwrap();
        let armored = armor.finish().unwrap();
        for text in [sealed, armored.clone(), [b"\n\n".as_slice(), &armored].concat()] {
            let unlock = Unlock::read(passphrases(), &[]).unwrap();
            assert_eq!(unlock.recipients_in(&file(&folder, &text)).unwrap(), [identity.recipient()]);
        }
        let refused = Unlock::default().recipients_in(&file(&folder, &armored));
        assert!(matches!(refused, Err(SealingError::Identity { .. })));
    }
}
