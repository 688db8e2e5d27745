//! Encryption to people: age files (age-encryption.org/v1), for X25519 recipients or a passphrase.

use std::fmt;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor};
use age_core::format::{FileKey, Stanza};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::domain::Day;
use crate::files::{self, FileError};

/// First bytes of every age file.
pub const AGE_HEADER: &[u8] = b"age-encryption.org/v1\n";
/// scrypt's work factor for new files, as a power of two: about a second and 256 MiB (RFC 7914; the `age` tool's own).
const WORK_FACTOR: u8 = 18;
/// The largest work factor that is tried: a file that asks for more is refused.
const MAX_WORK_FACTOR: u8 = 22;
/// The shortest passphrase for a new file, in characters.
pub const MIN_PASSPHRASE: usize = 12;
/// No identity file and no file of passphrases is longer.
const MAX_SECRET_BYTES: u64 = 64 << 10;
/// In place of a file's name.
const STANDARD_INPUT: &str = "-";
const IDENTITY_PREFIX: &str = "AGE-SECRET-KEY-1";

/// To whom something is encrypted: the public half of an [`Identity`], written `age1…`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(age::x25519::Recipient);

/// The text is no [`Recipient`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recipient is written age1… (62 characters, as `salanimi key new --identity` prints it)")]
pub struct RecipientError;

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| RecipientError)
    }
}

impl TryFrom<String> for Recipient {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What opens files that were encrypted to its recipient. Wiped when dropped.
pub struct Identity(age::x25519::Identity);

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
        let text = Zeroizing::new(format!(
            "# created: {created}\n# public key: {}\n{}\n",
            self.recipient(),
            self.0.to_string().expose_secret()
        ));
        let mut bytes = Zeroizing::new(Vec::new());
        match protection {
            Protection::None => bytes.extend_from_slice(text.as_bytes()),
            _ => protection.encrypt(text.as_bytes(), &mut *bytes)?,
        }
        Ok(files::write_private(path, &bytes)?)
    }
}

/// A passphrase. Wiped when dropped.
pub struct Passphrase(SecretString);

impl Passphrase {
    /// The passphrases in the file at `path`, one a line; `-` is standard input.
    ///
    /// # Errors
    /// The file is unreadable, open to others, or holds none.
    fn read(path: &Path) -> Result<Vec<Self>, SealingError> {
        let text = read_secret_text(path)?;
        let lines = text.lines().filter(|line| !line.is_empty());
        let passphrases: Vec<Self> = lines.map(|line| Self(line.to_owned().into())).collect();
        if passphrases.is_empty() { Err(SealingError::Empty { path: path.to_owned() }) } else { Ok(passphrases) }
    }

    /// Passphrases for new files: as they are read, but on a terminal asked for twice.
    ///
    /// # Errors
    /// The file is unreadable, open to others or holds none; one is too short; or the two that were typed differ.
    pub fn read_new(path: &Path) -> Result<Vec<Self>, SealingError> {
        let first = Self::read(path)?;
        if first.iter().any(|passphrase| passphrase.0.expose_secret().chars().count() < MIN_PASSPHRASE) {
            return Err(SealingError::ShortPassphrase);
        }
        let typed = path == Path::new(STANDARD_INPUT) && io::stdin().is_terminal();
        if typed && Self::read(path)?.iter().zip(&first).any(|(a, b)| a.0.expose_secret() != b.0.expose_secret()) {
            return Err(SealingError::Differ);
        }
        Ok(first)
    }
}

/// How a new secret file is protected besides its permissions.
pub enum Protection<'a> {
    /// Not at all.
    None,
    /// By a passphrase (scrypt).
    Passphrase(&'a Passphrase),
    /// To the identities of these recipients, each of whom can open it alone.
    Recipients(&'a [Recipient]),
}

impl Protection<'_> {
    /// Writes `secret` to `output`, encrypted.
    pub(super) fn encrypt(&self, secret: &[u8], output: impl Write) -> Result<(), SealingError> {
        let mut writer = match self {
            Self::None => return Err(SealingError::NoRecipient),
            Self::Recipients(recipients) => seal(recipients, output)?,
            Self::Passphrase(passphrase) => {
                let mut recipient = age::scrypt::Recipient::new(passphrase.0.clone());
                recipient.set_work_factor(WORK_FACTOR);
                let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient));
                encryptor.map_err(|_| SealingError::NoRecipient)?.wrap_output(output)?
            }
        };
        writer.write_all(secret)?;
        writer.finish()?;
        Ok(())
    }
}

/// Something cannot be encrypted or opened.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum SealingError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("no recipient is named; name at least one")]
    NoRecipient,
    #[error("it is encrypted and no identity was given; give one with --identity FILE")]
    NoIdentity,
    #[error("no identity that was given opens it; give the --identity of one of those to whom it was encrypted")]
    OtherIdentity,
    #[error("it is protected by a passphrase; give a file that holds it with --passphrase FILE, or - to be asked")]
    NoPassphrase,
    #[error("no passphrase that was given opens it; give the right one")]
    WrongPassphrase,
    #[error("it asks for more work to open than any file of this tool (scrypt 2^{MAX_WORK_FACTOR}); ask for it again")]
    TooMuchWork,
    #[error("it is damaged or cut short; ask for it again")]
    Damaged,
    #[error("{path}: not an age identity file; make one with `salanimi key new --identity`")]
    NotIdentity { path: PathBuf },
    #[error(
        "a passphrase must have at least {MIN_PASSPHRASE} characters; choose a longer one, such as five random words"
    )]
    ShortPassphrase,
    #[error("the two passphrases differ; type the same twice")]
    Differ,
    #[error("{path}: the file holds no passphrase; write one a line, in UTF-8")]
    Empty { path: PathBuf },
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A writer that encrypts what is written to it; call `finish` on it when all is written.
pub type SealingWriter<W> = age::stream::StreamWriter<W>;

/// Encrypts to `recipients` what is written to the result.
///
/// # Errors
/// There is no recipient, or `output` cannot be written.
pub fn seal<W: Write>(recipients: &[Recipient], output: W) -> Result<SealingWriter<W>, SealingError> {
    let recipients = recipients.iter().map(|r| &r.0 as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(|_| SealingError::NoRecipient)?;
    Ok(encryptor.wrap_output(output)?)
}

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

    /// Reads the passphrases, one a line, and then the identity files, which they may open.
    ///
    /// # Errors
    /// A file is unreadable, open to others, or of another form.
    pub fn read(passphrases: Option<&Path>, identities: &[PathBuf]) -> Result<Self, SealingError> {
        let mut unlock = Self::default();
        if let Some(path) = passphrases {
            unlock.passphrases = Passphrase::read(path)?;
        }
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
        let mut bytes = files::read_private(path, MAX_SECRET_BYTES)?;
        if bytes.starts_with(AGE_HEADER) {
            let mut inner = Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES as usize));
            self.open(bytes.as_slice())?.take(MAX_SECRET_BYTES).read_to_end(&mut inner)?;
            bytes = inner;
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| not_identity())?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identities = lines.map(|line| match line.starts_with(IDENTITY_PREFIX) {
            true => line.parse().map(Identity).map_err(|_| not_identity()),
            false => Err(not_identity()),
        });
        let identities: Vec<Identity> = identities.collect::<Result<_, _>>()?;
        if identities.is_empty() { Err(not_identity()) } else { Ok(identities) }
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

    fn refusal(&self, error: DecryptError, by_passphrase: bool) -> SealingError {
        let brought = if by_passphrase { self.passphrases.is_empty() } else { self.identities.is_empty() };
        match error {
            DecryptError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => SealingError::Io(source),
            DecryptError::ExcessiveWork { .. } => SealingError::TooMuchWork,
            DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
                match (by_passphrase, brought) {
                    (true, true) => SealingError::NoPassphrase,
                    (true, false) => SealingError::WrongPassphrase,
                    (false, true) => SealingError::NoIdentity,
                    (false, false) => SealingError::OtherIdentity,
                }
            }
            _ => SealingError::Damaged,
        }
    }
}

/// Tries passphrases in turn; age itself would stop at the first.
struct AnyOf<'a>(&'a [Passphrase]);

impl age::Identity for AnyOf<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let mut refused = None;
        for passphrase in self.0 {
            let mut identity = age::scrypt::Identity::new(passphrase.0.clone());
            identity.set_max_work_factor(MAX_WORK_FACTOR);
            match identity.unwrap_stanza(stanza) {
                Some(Err(error)) => refused = Some(Err(error)),
                opened => return opened,
            }
        }
        refused
    }
}

/// The text of a secret file, or of standard input for `-`; on a terminal it is asked for and not shown.
fn read_secret_text(path: &Path) -> Result<Zeroizing<String>, SealingError> {
    if path == Path::new(STANDARD_INPUT) {
        if io::stdin().is_terminal() {
            return Ok(Zeroizing::new(rpassword::prompt_password("Passphrase: ")?));
        }
        let mut text = Zeroizing::new(String::with_capacity(MAX_SECRET_BYTES as usize));
        io::stdin().lock().take(MAX_SECRET_BYTES).read_to_string(&mut text)?;
        return Ok(text);
    }
    let bytes = files::read_private(path, MAX_SECRET_BYTES)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| SealingError::Empty { path: path.to_owned() })?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
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
    fn each_recipient_opens_what_is_sealed_to_several_and_no_one_else_does() {
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
    fn every_changed_or_missing_byte_is_noticed() {
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
        let passphrase = |text: &str| Passphrase(text.to_owned().into());
        let sealed = sealed(&Protection::Passphrase(&passphrase("the right one")), b"secret");
        let unlock = |texts: &[&str]| Unlock {
            identities: Vec::new(),
            passphrases: texts.iter().map(|text| passphrase(text)).collect(),
        };
        assert_eq!(opened(&unlock(&["a wrong one", "the right one"]), &sealed).unwrap(), b"secret");
        assert!(matches!(opened(&unlock(&["a wrong one"]), &sealed), Err(SealingError::WrongPassphrase)));
        assert!(matches!(opened(&unlock(&[]), &sealed), Err(SealingError::NoPassphrase)));
    }

    #[test]
    fn a_recipient_is_read_as_it_is_written() {
        let recipient = Identity::generate().recipient();
        assert_eq!(recipient.to_string().parse(), Ok(recipient.clone()));
        for bad in ["", "age1", "AGE-SECRET-KEY-1", &recipient.to_string()[..61], "ssh-ed25519 AAAA"] {
            assert_eq!(bad.parse::<Recipient>(), Err(RecipientError), "{bad}");
        }
    }
}
