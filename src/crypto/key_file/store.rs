//! Key files on disk.

use std::io::Read;
use std::path::{Path, PathBuf};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use zeroize::Zeroizing;

use super::super::derive;
use super::super::key::Key;
use super::super::key_id::{KeyId, Purpose};
use super::super::material::{KEY_BYTES, Material, expose, material_of, same};
use super::super::sealing::{Protection, SealingError, Unlock};
use super::KeyFileError;
use super::text::{self, KIND, KeyDescription, Malformed, Secrecy, Secret, ShareNumber};
use crate::files;
use salanimi_core::{Day, Id};

/// No key file is longer: an age file to a hundred recipients fits.
const MAX_BYTES: u64 = 32 << 10;
/// Days for which a key may be used when not told otherwise.
const LIFETIME_DAYS: i32 = 365;

/// The days on which a key may be used, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// The day on which the key is made.
    pub created: Day,
    /// The last day.
    pub expires: Day,
}

impl Lifetime {
    /// From `today` to `expires`; for 365 days if that is not given.
    ///
    /// # Errors
    /// `expires` is not after today.
    pub fn new(today: Day, expires: Option<Day>) -> Result<Self, KeyFileError> {
        let expires = expires.unwrap_or(today.plus(LIFETIME_DAYS));
        if expires <= today {
            return Err(KeyFileError::Lifetime { expires, today });
        }
        Ok(Self { created: today, expires })
    }
}

/// A key file, read but not opened.
pub struct KeyFile {
    pub(super) path: PathBuf,
    /// What it says.
    pub said: KeyDescription,
    secret: Secret,
}

impl KeyFile {
    /// Reads the key file at `path`, whose secret stays closed.
    ///
    /// # Errors
    /// The file is unreadable, open to others or of another form.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let format = |problem| KeyFileError::Format { path: path.to_owned(), problem };
        let is_kind = |bytes: &[u8]| bytes.starts_with(KIND.as_bytes());
        let bytes = files::read_private(path, MAX_BYTES, is_kind)?;
        let bytes = bytes.ok_or_else(|| KeyFileError::NotKeyFile { path: path.to_owned() })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| format("it is not text"))?;
        let (said, secret) = text::parse(text).map_err(|malformed| match malformed {
            Malformed::Text(problem) => format(problem),
            Malformed::Size(found) => KeyFileError::Size { path: path.to_owned(), found, expected: KEY_BYTES },
        })?;
        Ok(Self { path: path.to_owned(), said, secret })
    }

    /// The key's public name, after a check that the file's key gives it.
    ///
    /// # Errors
    /// It is a share, cannot be opened, or was changed.
    pub fn key_id(&self, unlock: &Unlock) -> Result<KeyId, KeyFileError> {
        self.open(unlock).map(|_| self.said.key_id)
    }

    /// The whole key, after a check that it gives what the file says.
    pub(super) fn open(&self, unlock: &Unlock) -> Result<Material, KeyFileError> {
        if self.said.share.is_some() {
            return Err(KeyFileError::IsShare { path: self.path.clone() });
        }
        let key = self.open_secret(unlock)?;
        if gives(&key, &self.said) { Ok(key) } else { Err(KeyFileError::Check { path: self.path.clone() }) }
    }

    /// The secret, whatever it is.
    pub(super) fn open_secret(&self, unlock: &Unlock) -> Result<Material, KeyFileError> {
        let sealing = |source| KeyFileError::Sealing { path: self.path.clone(), source };
        let damaged = || sealing(SealingError::Damaged);
        match &self.secret {
            Secret::Plain(bytes) => material_of(bytes).ok_or_else(damaged),
            Secret::Armoured(text) => {
                let mut bytes = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES));
                let opened = unlock.open(ArmoredReader::new(text.as_bytes())).map_err(sealing)?;
                opened.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
                material_of(&bytes).ok_or_else(damaged)
            }
        }
    }

    /// Refuses the key if it has expired, or if it will only be made.
    fn check_usable(&self, today: Day) -> Result<(), KeyFileError> {
        let path = || self.path.clone();
        let KeyDescription { created, expires, .. } = self.said;
        if today < created {
            Err(KeyFileError::ClockSetBack { path: path(), created, today })
        } else if today > expires {
            Err(KeyFileError::Expired { path: path(), expires })
        } else {
            Ok(())
        }
    }
}

/// Whether `key` has the id and the check that `said` states.
pub(super) fn gives(key: &Material, said: &KeyDescription) -> bool {
    let id = derive::key_id(key, said.purpose, &said.study);
    same(&id.0, &said.key_id.0) && same(&said.check_by(key), &said.check)
}

/// Reads the key of `study` from the file at `path`, to be used `today`.
///
/// # Errors
/// The file is unreadable, open to others, cannot be opened, is of another form, purpose or study, was changed, or has
/// expired.
pub fn read_key<K: Key>(path: &Path, study: &Id, unlock: &Unlock, today: Day) -> Result<K, KeyFileError> {
    let file = KeyFile::read(path)?;
    if file.said.purpose != K::PURPOSE {
        let (found, expected) = (file.said.purpose.name(), K::PURPOSE.name());
        return Err(KeyFileError::Purpose { path: path.to_owned(), found, expected });
    }
    if file.said.study != *study {
        let (found, expected) = (file.said.study, study.clone());
        return Err(KeyFileError::Study { path: path.to_owned(), found, expected });
    }
    let key = file.open(unlock)?;
    file.check_usable(today)?;
    Ok(K::from_material(key))
}

/// Writes a new key of `study` to a file at `path` that only its owner can read, and returns its public name.
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
    let said = describe(K::PURPOSE, study, key.material(), lifetime);
    write(path, said, None, key.material(), protection)?;
    Ok(key.id(study))
}

fn describe(purpose: Purpose, study: &Id, key: &Material, lifetime: Lifetime) -> KeyDescription {
    let mut said = KeyDescription {
        purpose,
        study: study.clone(),
        created: lifetime.created,
        expires: lifetime.expires,
        key_id: derive::key_id(key, purpose, study),
        check: [0; 8],
        share: None,
        secrecy: Secrecy::Plain,
    };
    said.check = said.check_by(key);
    said
}

/// Writes a key file of `secret`: the whole key that `said` describes, or a `share` of it.
pub(super) fn write(
    path: &Path,
    said: KeyDescription,
    share: Option<ShareNumber>,
    secret: &Material,
    protection: &Protection<'_>,
) -> Result<(), KeyFileError> {
    let secrecy = match protection {
        Protection::None => Secrecy::Plain,
        Protection::Passphrase(_) => Secrecy::Passphrase,
        Protection::Recipients(_) => Secrecy::Recipients,
    };
    let secret = match protection {
        Protection::None => Secret::Plain(Zeroizing::new(expose(secret).to_vec())),
        _ => Secret::Armoured(
            armoured(secret, protection).map_err(|source| KeyFileError::Sealing { path: path.to_owned(), source })?,
        ),
    };
    let text = KeyDescription { share, secrecy, ..said }.render(&secret);
    Ok(files::write_private(path, text.as_bytes())?)
}

fn armoured(secret: &Material, protection: &Protection<'_>) -> Result<Zeroizing<String>, SealingError> {
    let mut sealed = Vec::new();
    protection.encrypt(expose(secret), &mut sealed)?;
    let mut armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    std::io::Write::write_all(&mut armour, &sealed)?;
    let text = String::from_utf8(armour.finish()?).map_err(|_| SealingError::Damaged)?;
    Ok(Zeroizing::new(text))
}
