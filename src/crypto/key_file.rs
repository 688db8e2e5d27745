//! Key files: five lines of text that only the owner can read.
//!
//! ```text
//! salanimi-key/1
//! purpose: project
//! study: toituavain
//! key-id: 3f5c…
//! key: 64 hexadecimal digits
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::derive::{LinkKeys, ProjectKeys};
use super::key::{KEY_BYTES, KeyId, LinkKey, Material, ProjectKey};
use crate::domain::Id;

const HEADER: &str = "salanimi-key/1";
/// No key file is longer.
const MAX_BYTES: u64 = 1024;

/// What a key is for; a key made for one purpose is refused for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Making pseudonyms, at the holders.
    Project,
    /// Re-keying persons, at the linker.
    Link,
}

impl Purpose {
    /// The purpose as key files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Link => "link",
        }
    }
}

/// A key file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum KeyFileError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: the key file is not a regular file; give the path of the file itself, not of a link or folder")]
    NotAFile { path: PathBuf },
    #[error(
        "{path}: others can read this key file (mode {mode:03o}); run `chmod 600` on it, and make a new key if anyone may have read it"
    )]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{path}: not a key file of this tool ({problem}); make one with `salanimi key new`")]
    Format { path: PathBuf, problem: &'static str },
    #[error("{path}: the key is {found} bytes, it must be {KEY_BYTES}; make one with `salanimi key new`")]
    Size { path: PathBuf, found: usize },
    #[error("{path}: this is a {found} key, a {expected} key is needed here")]
    Purpose { path: PathBuf, found: &'static str, expected: &'static str },
    #[error("{path}: the key is for the study '{found}', the contract is of '{expected}'; use that study's key")]
    Study { path: PathBuf, found: Id, expected: Id },
    #[error("{path}: the key does not give the key id that its file states; the file was changed or damaged")]
    KeyId { path: PathBuf },
    #[error("the operating system gave no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// A key that was read for a purpose.
pub trait Key: Sized {
    /// What keys of this type are for.
    const PURPOSE: Purpose;

    #[doc(hidden)]
    fn from_material(material: Material) -> Self;
    #[doc(hidden)]
    fn material(&self) -> &Material;
    /// The key's public name in `study`.
    fn id(&self, study: &Id) -> KeyId;
}

impl Key for ProjectKey {
    const PURPOSE: Purpose = Purpose::Project;

    fn from_material(material: Material) -> Self {
        Self(material)
    }

    fn material(&self) -> &Material {
        &self.0
    }

    fn id(&self, study: &Id) -> KeyId {
        ProjectKeys::new(self, study).key_id()
    }
}

impl Key for LinkKey {
    const PURPOSE: Purpose = Purpose::Link;

    fn from_material(material: Material) -> Self {
        Self(material)
    }

    fn material(&self) -> &Material {
        &self.0
    }

    fn id(&self, study: &Id) -> KeyId {
        LinkKeys::new(self, study).key_id()
    }
}

/// What a key file says of its key, without the key.
#[derive(Debug, Clone)]
pub struct KeyDescription {
    /// What the key is for.
    pub purpose: Purpose,
    /// Its study.
    pub study: Id,
    /// Its public name.
    pub key_id: KeyId,
}

/// Reads what the key file at `path` says of its key.
///
/// # Errors
/// The file is unreadable, open to others or of another form.
pub fn describe_key(path: &Path) -> Result<KeyDescription, KeyFileError> {
    parse(path, &read_private(path)?).map(|(description, _)| description)
}

/// Reads the key of `study` from the file at `path`.
///
/// # Errors
/// The file is unreadable, open to others, of another form, purpose or study, or does not give its own key id.
pub fn read_key<K: Key>(path: &Path, study: &Id) -> Result<K, KeyFileError> {
    let (said, material) = parse(path, &read_private(path)?)?;
    if said.purpose != K::PURPOSE {
        let (found, expected) = (said.purpose.name(), K::PURPOSE.name());
        return Err(KeyFileError::Purpose { path: path.to_owned(), found, expected });
    }
    if said.study != *study {
        return Err(KeyFileError::Study { path: path.to_owned(), found: said.study, expected: study.clone() });
    }
    let key = K::from_material(material);
    if key.id(study) == said.key_id { Ok(key) } else { Err(KeyFileError::KeyId { path: path.to_owned() }) }
}

fn parse(path: &Path, text: &str) -> Result<(KeyDescription, Material), KeyFileError> {
    let format = |problem| KeyFileError::Format { path: path.to_owned(), problem };
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(format("the first line is not 'salanimi-key/1'"));
    }
    let mut field = |name: &str, problem| {
        let value = lines.next().and_then(|l| l.strip_prefix(name)).and_then(|l| l.strip_prefix(": "));
        value.ok_or_else(|| format(problem))
    };
    let purpose = match field("purpose", "the second line is not 'purpose: …'")? {
        "project" => Purpose::Project,
        "link" => Purpose::Link,
        _ => return Err(format("the purpose is neither 'project' nor 'link'")),
    };
    let study = Id::new(field("study", "the third line is not 'study: …'")?).map_err(|_| format("bad study name"))?;
    let key_id = KeyId::try_from(field("key-id", "the fourth line is not 'key-id: …'")?.to_owned()).map_err(format)?;
    let material = decode(path, field("key", "the fifth line is not 'key: …'")?)?;
    Ok((KeyDescription { purpose, study, key_id }, material))
}

/// Writes a new key of `study` to a file at `path` that only its owner can read, and returns its public name.
///
/// # Errors
/// The file exists or cannot be written.
pub fn write_key<K: Key>(path: &Path, study: &Id, key: &K) -> Result<KeyId, KeyFileError> {
    let id = key.id(study);
    let digits = Zeroizing::new(HEXLOWER.encode(key.material().as_ref()));
    let text = Zeroizing::new(format!(
        "{HEADER}\npurpose: {}\nstudy: {study}\nkey-id: {id}\nkey: {}\n",
        K::PURPOSE.name(),
        digits.as_str()
    ));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written =
        options.open(path).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map(|()| id).map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    if !std::fs::symlink_metadata(path).map_err(io)?.is_file() {
        return Err(KeyFileError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(io)?;
    refuse_open_to_others(path, &file)?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize));
    match file.take(MAX_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            Err(KeyFileError::Format { path: path.to_owned(), problem: "it is not text" })
        }
        Err(e) => Err(io(e)),
    }
}

#[cfg(unix)]
fn refuse_open_to_others(path: &Path, file: &File) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| KeyFileError::Io { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(KeyFileError::OpenToOthers { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_to_others(path: &Path, _: &File) -> Result<(), KeyFileError> {
    // What cannot be enforced is refused: no other platform's access lists are understood here.
    Err(KeyFileError::Format { path: path.to_owned(), problem: "file permissions cannot be checked on this platform" })
}

fn decode(path: &Path, digits: &str) -> Result<Material, KeyFileError> {
    let not_hex = KeyFileError::Format { path: path.to_owned(), problem: "the key is not written in hexadecimal" };
    let bytes = Zeroizing::new(HEXLOWER.decode(digits.as_bytes()).map_err(|_| not_hex)?);
    let mut material = Zeroizing::new([0; KEY_BYTES]);
    if bytes.len() != KEY_BYTES {
        return Err(KeyFileError::Size { path: path.to_owned(), found: bytes.len() });
    }
    material.copy_from_slice(&bytes);
    Ok(material)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn study() -> Id {
        Id::new("toituavain").unwrap()
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("project.key");
        write_key(&path, &study(), &ProjectKey::from_bytes([7; 32])).unwrap();
        (folder, path)
    }

    #[test]
    fn a_key_comes_back_as_it_was_written_and_only_for_its_owner() {
        let (_folder, path) = written();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let key: ProjectKey = read_key(&path, &study()).unwrap();
        assert_eq!(key.id(&study()), ProjectKey::from_bytes([7; 32]).id(&study()));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let (_folder, path) = written();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_key::<ProjectKey>(&path, &study()), Err(KeyFileError::OpenToOthers { mode: 0o640, .. })));
    }

    #[test]
    fn a_key_of_another_purpose_study_or_size_is_refused() {
        let (_folder, path) = written();
        assert!(matches!(read_key::<LinkKey>(&path, &study()), Err(KeyFileError::Purpose { .. })));
        let other = Id::new("other").unwrap();
        assert!(matches!(read_key::<ProjectKey>(&path, &other), Err(KeyFileError::Study { .. })));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.trim_end().trim_end_matches("0707")).unwrap();
        assert!(matches!(read_key::<ProjectKey>(&path, &study()), Err(KeyFileError::Size { found: 0, .. })));
        std::fs::write(&path, text.replace("key: 07", "key: 08")).unwrap();
        assert!(matches!(read_key::<ProjectKey>(&path, &study()), Err(KeyFileError::KeyId { .. })));
    }

    #[test]
    fn a_link_or_other_bytes_are_refused() {
        let (folder, path) = written();
        let link = folder.path().join("link.key");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(read_key::<ProjectKey>(&link, &study()), Err(KeyFileError::NotAFile { .. })));
        std::fs::write(&path, [0xFF; 32]).unwrap();
        assert!(matches!(read_key::<ProjectKey>(&path, &study()), Err(KeyFileError::Format { .. })));
    }

    #[test]
    fn an_existing_key_is_never_overwritten() {
        let (_folder, path) = written();
        assert!(write_key(&path, &study(), &ProjectKey::from_bytes([8; 32])).is_err());
        assert!(read_key::<ProjectKey>(&path, &study()).is_ok());
    }
}
