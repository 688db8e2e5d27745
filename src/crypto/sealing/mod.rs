//! Sealing: age files (age-encryption.org/v1) for X25519 recipients or a passphrase.

mod identity;
mod passphrase;
mod recipient;
mod unlock;

use std::io::{self, Write};
use std::path::PathBuf;

use age::Encryptor;

pub use identity::Identity;
pub use passphrase::Passphrase;
pub use recipient::{Recipient, RecipientError};
pub use unlock::Unlock;

use passphrase::{MAX_WORK_FACTOR, MIN_PASSPHRASE};

use crate::files::FileError;

/// First bytes of every age file.
pub const AGE_HEADER: &[u8] = b"age-encryption.org/v1\n";

/// Protection of a new secret file, besides its permissions.
pub enum Protection<'a> {
    /// None.
    None,
    /// A passphrase (scrypt, RFC 7914).
    Passphrase(&'a Passphrase),
    /// Encryption to these recipients. Each can open the file alone.
    Recipients(&'a [Recipient]),
}

impl Protection<'_> {
    /// Encrypts `secret` and writes it to `output`.
    pub(super) fn encrypt(&self, secret: &[u8], output: impl Write) -> Result<(), SealingError> {
        let mut writer = match self {
            Self::None => return Err(SealingError::NoRecipient),
            Self::Recipients(recipients) => seal(recipients, output)?,
            Self::Passphrase(passphrase) => seal_to(std::iter::once(&passphrase.recipient() as _), output)?,
        };
        writer.write_all(secret)?;
        writer.finish()?;
        Ok(())
    }
}

/// Error in sealing a file or opening a sealed one.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum SealingError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("no recipient is named; name at least one")]
    NoRecipient,
    #[error("it is encrypted and no identity was given; give one with --identity FILE")]
    NoIdentity,
    #[error("no given identity opens it; give the --identity of one of its recipients")]
    OtherIdentity,
    #[error(
        "it is protected by a passphrase; give --passphrase FILE with the passphrase in FILE, or --passphrase - to be \
         asked"
    )]
    NoPassphrase,
    #[error("no given passphrase opens it; give the right one")]
    WrongPassphrase,
    #[error(
        "a passphrase must have at least {MIN_PASSPHRASE} characters; choose a longer one, such as five random words"
    )]
    ShortPassphrase,
    #[error("its scrypt work factor is above the limit of 2^{MAX_WORK_FACTOR}; ask the sender for a new file")]
    TooMuchWork,
    #[error("it is protected by a passphrase and not encrypted to recipients; ask for it again")]
    NotToRecipients,
    #[error("it is damaged or cut short; ask for it again")]
    Damaged,
    #[error("{path}: the identity file is encrypted: {source}")]
    Identity { path: PathBuf, source: Box<SealingError> },
    #[error("{path}: not an age identity file; give a file made by `salanimi key new --identity` or age-keygen")]
    NotIdentity { path: PathBuf },
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A writer that encrypts its input. Call `finish` at the end.
pub type SealingWriter<W> = age::stream::StreamWriter<W>;

/// Returns a writer that encrypts its input to `recipients`.
///
/// # Errors
/// `recipients` is empty, or `output` cannot be written.
pub fn seal<W: Write>(recipients: &[Recipient], output: W) -> Result<SealingWriter<W>, SealingError> {
    seal_to(recipients.iter().map(|r| &r.0 as _), output)
}

fn seal_to<'a, W: Write>(
    recipients: impl Iterator<Item = &'a dyn age::Recipient>,
    output: W,
) -> Result<SealingWriter<W>, SealingError> {
    let encryptor = Encryptor::with_recipients(recipients).map_err(|_| SealingError::NoRecipient)?;
    Ok(encryptor.wrap_output(output)?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn sealed(protection: &Protection<'_>, secret: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        protection.encrypt(secret, &mut sealed).unwrap();
        sealed
    }

    fn opened(unlock: &Unlock, sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
        let mut secret = Vec::new();
        unlock.open(sealed)?.read_to_end(&mut secret).map_err(|_| SealingError::Damaged)?;
        Ok(secret)
    }

    #[test]
    fn each_recipient_opens_the_file_and_no_one_else_does() {
        let [a, b, c] = [(); 3].map(|()| Identity::generate());
        let recipients = [a.recipient(), b.recipient()];
        let sealed = sealed(&Protection::Recipients(&recipients), b"secret");
        for identity in [a, b] {
            assert_eq!(opened(&Unlock::with(vec![identity]), &sealed).unwrap(), b"secret");
        }
        assert!(matches!(opened(&Unlock::with(vec![c]), &sealed), Err(SealingError::OtherIdentity)));
        assert!(matches!(opened(&Unlock::default(), &sealed), Err(SealingError::NoIdentity)));
        assert!(matches!(seal(&[], Vec::new()).err(), Some(SealingError::NoRecipient)));
    }

    #[test]
    fn every_changed_or_missing_byte_is_detected() {
        let identity = Identity::generate();
        let sealed = sealed(&Protection::Recipients(&[identity.recipient()]), &[7; 300]);
        let unlock = Unlock::with(vec![identity]);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(opened(&unlock, &changed).is_err(), "byte {at}");
            assert!(opened(&unlock, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert!(opened(&unlock, &[&sealed[..], b"more"].concat()).is_err());
    }

    #[test]
    fn passphrases_are_tried_in_turn() {
        let sealed = sealed(&Protection::Passphrase(&Passphrase::lines("the right one")[0]), b"secret");
        let unlock = |lines: &str| Unlock::read(Passphrase::lines(lines), &[]).unwrap();
        assert_eq!(opened(&unlock("a wrong one\nthe right one"), &sealed).unwrap(), b"secret");
        assert!(matches!(opened(&unlock("a wrong one"), &sealed), Err(SealingError::WrongPassphrase)));
        assert!(matches!(opened(&unlock(""), &sealed), Err(SealingError::NoPassphrase)));
    }
}
