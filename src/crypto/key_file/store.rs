//! Key files on disk.

use std::io::Read;
use std::path::{Path, PathBuf};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use zeroize::Zeroizing;

use super::super::compare::same;
use super::super::sealing::{Protection, SealingError, Unlock};
use super::KeyFileError;
use super::text::{self, KIND, KeyDescription, Malformed, ProtectionKind, Secret, ShareNumber};
use crate::files;
use salanimi_core::{Day, Id, KEY_BYTES, Key, KeyId, KeyMaterial, Purpose};

/// Length of the longest key file, in bytes: an age file to a hundred recipients fits.
const MAX_BYTES: u64 = 32 << 10;
/// Default lifetime of a key, in days.
const LIFETIME_DAYS: i32 = 365;

/// Days on which a key may be used, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Day on which the key is made.
    pub created: Day,
    /// Last day on which it may be used.
    pub expires: Day,
}

impl Lifetime {
    /// Returns the lifetime from `today` to `expires`, or for 365 days if `expires` is `None`.
    ///
    /// # Errors
    /// `expires` is not after today.
    pub fn new(today: Day, expires: Option<Day>) -> Result<Self, KeyFileError> {
        let expires = expires.unwrap_or_else(|| today.plus(LIFETIME_DAYS));
        if expires <= today {
            return Err(KeyFileError::Lifetime { expires, today });
        }
        Ok(Self { created: today, expires })
    }
}

/// A key file, read but not opened.
pub struct KeyFile {
    pub(super) path: PathBuf,
    /// Description of the key.
    pub description: KeyDescription,
    secret: Secret,
}

impl KeyFile {
    /// Reads the key file at `path`. Its secret stays closed.
    ///
    /// # Errors
    /// The file is unreadable, open to others or not a key file.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let format = |problem| KeyFileError::Format { path: path.to_owned(), problem };
        let bytes = files::read_private(path, MAX_BYTES, |bytes| bytes.starts_with(KIND.as_bytes()))?;
        let bytes = bytes.ok_or_else(|| KeyFileError::NotKeyFile { path: path.to_owned() })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| format("it is not text"))?;
        let (description, secret) = text::parse(text).map_err(|malformed| match malformed {
            Malformed::Text(problem) => format(problem),
            Malformed::Size(found) => KeyFileError::Size { path: path.to_owned(), found, expected: KEY_BYTES },
        })?;
        Ok(Self { path: path.to_owned(), description, secret })
    }

    /// Opens the key and returns its key id, after a check that the key has it.
    ///
    /// # Errors
    /// The file is a share, cannot be opened, or was changed.
    pub fn key_id(&self, unlock: &Unlock) -> Result<KeyId, KeyFileError> {
        self.open(unlock).map(|_| self.description.key_id)
    }

    /// Opens the whole key and checks it against the description.
    pub(super) fn open(&self, unlock: &Unlock) -> Result<KeyMaterial, KeyFileError> {
        if self.description.share.is_some() {
            return Err(KeyFileError::IsShare { path: self.path.clone() });
        }
        let key = self.open_secret(unlock)?;
        if matches(&key, &self.description) { Ok(key) } else { Err(KeyFileError::Check { path: self.path.clone() }) }
    }

    /// Opens the secret: a whole key or a share.
    pub(super) fn open_secret(&self, unlock: &Unlock) -> Result<KeyMaterial, KeyFileError> {
        let sealing = |source| KeyFileError::Sealing { path: self.path.clone(), source };
        let damaged = || sealing(SealingError::Damaged);
        match &self.secret {
            Secret::Plain(bytes) => KeyMaterial::from_slice(bytes).ok_or_else(damaged),
            Secret::Armoured(text) => {
                let mut bytes = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES));
                let opened = unlock.open(ArmoredReader::new(text.as_bytes())).map_err(sealing)?;
                opened.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
                KeyMaterial::from_slice(&bytes).ok_or_else(damaged)
            }
        }
    }

    /// Refuses a key that has expired, or whose day of creation lies ahead.
    fn check_usable(&self, today: Day) -> Result<(), KeyFileError> {
        let KeyDescription { created, expires, .. } = self.description;
        if today < created {
            Err(KeyFileError::ClockSetBack { path: self.path.clone(), created, today })
        } else if today > expires {
            Err(KeyFileError::Expired { path: self.path.clone(), expires })
        } else {
            Ok(())
        }
    }
}

/// Returns true if `key` has the id and the check of `description`.
pub(super) fn matches(key: &KeyMaterial, description: &KeyDescription) -> bool {
    let id = KeyId::new(key, description.purpose, &description.study);
    same(id.as_bytes(), description.key_id.as_bytes()) && same(&description.check_by(key), &description.check)
}

/// Reads the key of `study` from the file at `path`, for use `today`.
///
/// # Errors
/// The file is unreadable, open to others, cannot be opened, is not a key file, has another purpose or study, was
/// changed, or has expired.
pub fn read_key<K: Key>(path: &Path, study: &Id, unlock: &Unlock, today: Day) -> Result<K, KeyFileError> {
    let file = KeyFile::read(path)?;
    if file.description.purpose != K::PURPOSE {
        let found = file.description.purpose.name();
        return Err(KeyFileError::Purpose { path: path.to_owned(), found, expected: K::PURPOSE.name() });
    }
    if file.description.study != *study {
        let found = file.description.study;
        return Err(KeyFileError::Study { path: path.to_owned(), found, expected: study.clone() });
    }
    let key = file.open(unlock)?;
    file.check_usable(today)?;
    Ok(K::from_material(key))
}

/// Writes a new key of `study` to a file at `path` that only its owner can read, and returns its key id.
///
/// # Errors
/// The file exists or cannot be written.
pub fn write_key<K: Key>(
    path: &Path,
    study: &Id,
    key: &K,
    lifetime: Lifetime,
    protection: &Protection<'_>,
) -> Result<KeyId, KeyFileError> {
    let description = describe(K::PURPOSE, study, key.material(), lifetime);
    write(path, description, None, key.material(), protection)?;
    Ok(key.id(study))
}

fn describe(purpose: Purpose, study: &Id, key: &KeyMaterial, lifetime: Lifetime) -> KeyDescription {
    let mut description = KeyDescription {
        purpose,
        study: study.clone(),
        created: lifetime.created,
        expires: lifetime.expires,
        key_id: KeyId::new(key, purpose, study),
        check: [0; 8],
        share: None,
        secrecy: ProtectionKind::Plain,
    };
    description.check = description.check_by(key);
    description
}

/// Writes a key file of `secret`: the whole key of `description`, or a `share` of it.
pub(super) fn write(
    path: &Path,
    description: KeyDescription,
    share: Option<ShareNumber>,
    secret: &KeyMaterial,
    protection: &Protection<'_>,
) -> Result<(), KeyFileError> {
    let secrecy = match protection {
        Protection::None => ProtectionKind::Plain,
        Protection::Passphrase(_) => ProtectionKind::Passphrase,
        Protection::Recipients(_) => ProtectionKind::Recipients,
    };
    let secret = match protection {
        Protection::None => Secret::Plain(Zeroizing::new(secret.expose().to_vec())),
        _ => Secret::Armoured(
            armoured(secret, protection).map_err(|source| KeyFileError::Sealing { path: path.to_owned(), source })?,
        ),
    };
    let text = KeyDescription { share, secrecy, ..description }.render(&secret);
    Ok(files::write_secret(path, text.as_bytes())?)
}

fn armoured(secret: &KeyMaterial, protection: &Protection<'_>) -> Result<Zeroizing<String>, SealingError> {
    let mut sealed = Vec::new();
    protection.encrypt(secret.expose(), &mut sealed)?;
    let mut armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    std::io::Write::write_all(&mut armour, &sealed)?;
    let text = String::from_utf8(armour.finish()?).map_err(|_| SealingError::Damaged)?;
    Ok(Zeroizing::new(text))
}
