//! Careful opening and writing of files: regular files only, and secrets only if their owner alone can read them.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::platform::{Access, access, is_same_file, private_file};

/// Marks of files that are encrypted with age.
const AGE: [&[u8]; 2] = [b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----"];

/// Error in opening or writing a file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum FileError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: not a regular file; give the file itself, not a link, folder or pipe")]
    NotAFile { path: PathBuf },
    #[error(
        "{path}: others can read this secret (mode {mode:03o}); run `chmod 600` on it, and replace it if anyone may \
         have read it"
    )]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error(
        "{path}: file permissions cannot be checked on this platform; encrypt this secret with age (--to, \
         --new-passphrase), type a passphrase (-) in place of its file, or keep it on Linux"
    )]
    Platform { path: PathBuf },
    #[error("{path}: others could read this secret there; write it to a disk that keeps a file to its owner")]
    Unprotected { path: PathBuf },
    #[error("{path}: longer than any file of this kind (at most {most} bytes); give the right file")]
    TooLong { path: PathBuf, most: u64 },
    #[error("{path}: the file exists and is never overwritten; choose another name")]
    Exists { path: PathBuf },
    #[error("{path}: {source}; check the folder and free disk space")]
    Write { path: PathBuf, source: io::Error },
}

/// Opens the regular file at `path`. Refuses a symbolic link, folder, pipe or device before opening it.
///
/// # Errors
/// [`FileError::NotAFile`] or [`FileError::Read`].
pub fn open_regular(path: &Path) -> Result<File, FileError> {
    open_named(path, OpenOptions::new().read(true))
}

/// Opens the regular file at `path` with `options`, like [`open_regular`].
///
/// # Errors
/// [`FileError::NotAFile`] or [`FileError::Read`].
pub(crate) fn open_named(path: &Path, options: &OpenOptions) -> Result<File, FileError> {
    let named = std::fs::symlink_metadata(path).map_err(|source| read_error(path, source))?;
    if !named.is_file() {
        return Err(FileError::NotAFile { path: path.to_owned() });
    }
    let file = options.open(path).map_err(|source| read_error(path, source))?;
    let opened = file.metadata().map_err(|source| read_error(path, source))?;
    // Someone may have replaced the file by a link between the check and the opening.
    match is_same_file(&named, &opened) {
        true => Ok(file),
        false => Err(FileError::NotAFile { path: path.to_owned() }),
    }
}

fn read_error(path: &Path, source: io::Error) -> FileError {
    FileError::Read { path: path.to_owned(), source }
}

/// Reads the regular file at `path`, of at most `most` bytes.
///
/// # Errors
/// [`FileError::NotAFile`], [`FileError::TooLong`] or [`FileError::Read`].
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    read_open(path, &open_regular(path)?, most)
}

/// Reads the rest of `file`, of at most `most` bytes. It is open at `path`.
///
/// # Errors
/// [`FileError::TooLong`] or [`FileError::Read`].
pub fn read_open(path: &Path, file: &File, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    read_to_end(path, file, most, &mut bytes).map(|()| bytes)
}

/// Reads the secret file at `path`, of at most `most` bytes. Returns `None` if `is_kind` rejects its first bytes; a
/// file of another kind may be open to others.
///
/// # Errors
/// As [`read_regular`], and [`FileError::OpenToOthers`] unless its owner alone can read it.
pub fn read_private(
    path: &Path,
    most: u64,
    is_kind: impl Fn(&[u8]) -> bool,
) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
    let file = open_regular(path)?;
    // Full size from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most as usize + 1));
    read_to_end(path, &file, most, &mut bytes)?;
    if !is_kind(&bytes) {
        return Ok(None);
    }
    refuse_open_to_others(path, &file, &bytes).map(|()| Some(bytes))
}

fn read_to_end(path: &Path, file: &File, most: u64, bytes: &mut Vec<u8>) -> Result<(), FileError> {
    let read = file.take(most + 1).read_to_end(bytes);
    match read.map_err(|source| read_error(path, source))? {
        read if read as u64 > most => Err(FileError::TooLong { path: path.to_owned(), most }),
        _ => Ok(()),
    }
}

fn refuse_open_to_others(path: &Path, file: &File, bytes: &[u8]) -> Result<(), FileError> {
    let metadata = file.metadata().map_err(|source| read_error(path, source))?;
    let access = access(&metadata);
    match (is_protected(access, bytes), access) {
        (true, _) => Ok(()),
        (false, Access::Others(mode)) => Err(FileError::OpenToOthers { path: path.to_owned(), mode }),
        (false, _) => Err(FileError::Platform { path: path.to_owned() }),
    }
}

/// Returns true if `access` protects a secret of these bytes.
fn is_protected(access: Access, bytes: &[u8]) -> bool {
    match access {
        Access::Owner => true,
        Access::Others(_) => false,
        // Whoever reads an encrypted secret learns nothing.
        Access::Unknown => is_encrypted(bytes),
    }
}

/// Returns true for a secret that is encrypted with age, as text or not.
fn is_encrypted(bytes: &[u8]) -> bool {
    AGE.iter().any(|mark| bytes.windows(mark.len()).any(|window| window == *mark))
}

/// Writes the secret `bytes` to a new file at `path`, which [`read_private`] then accepts.
///
/// # Errors
/// As [`write_private`], and before anything of the secret is written [`FileError::Unprotected`] or
/// [`FileError::Platform`].
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let file = create(path, &mut private_file())?;
    let error = match file.metadata().map(|metadata| access(&metadata)) {
        Ok(access) if is_protected(access, bytes) => return write(path, file, bytes),
        Ok(Access::Others(_)) => FileError::Unprotected { path: path.to_owned() },
        Ok(_) => FileError::Platform { path: path.to_owned() },
        Err(source) => FileError::Write { path: path.to_owned(), source },
    };
    drop(file);
    let _ = std::fs::remove_file(path);
    Err(error)
}

/// Writes `bytes` to a new file at `path` that its owner alone can read, whatever the umask, where the system knows of
/// owners.
///
/// # Errors
/// [`FileError::Exists`] or [`FileError::Write`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write(path, create(path, &mut private_file())?, bytes)
}

/// Writes `bytes` to a new file at `path` that is not a secret.
///
/// # Errors
/// [`FileError::Exists`] or [`FileError::Write`].
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write(path, create(path, &mut OpenOptions::new())?, bytes)
}

fn create(path: &Path, options: &mut OpenOptions) -> Result<File, FileError> {
    options.write(true).create_new(true).open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => FileError::Write { path: path.to_owned(), source },
    })
}

fn write(path: &Path, mut file: File, bytes: &[u8]) -> Result<(), FileError> {
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|source| {
        // A partly written file would pass for a whole one.
        let _ = std::fs::remove_file(path);
        FileError::Write { path: path.to_owned(), source }
    })
}

/// Returns the folder of the file at `path`.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Checks that nothing exists at `path`.
///
/// # Errors
/// [`FileError::Exists`] for anything there, even a link to nothing.
pub fn refuse_existing(path: &Path) -> Result<(), FileError> {
    match path.symlink_metadata() {
        Ok(_) => Err(FileError::Exists { path: path.to_owned() }),
        Err(_) => Ok(()),
    }
}

/// Returns `path` with `ending` after its name: the place of a companion file. A path without a name gives `ending`
/// alone.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::new();
    name.extend(path.file_name());
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn secret(path: &Path, most: u64) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
        read_private(path, most, |bytes| bytes.starts_with(b"1"))
    }

    #[test]
    fn only_a_regular_file_of_its_owner_is_read_as_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let link = folder.path().join("link");
        write_secret(&path, b"12345").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(**secret(&path, 5).unwrap().unwrap(), *b"12345");
        assert!(matches!(secret(&path, 4), Err(FileError::TooLong { most: 4, .. })));
        symlink(&path, &link).unwrap();
        assert!(matches!(secret(&link, 5), Err(FileError::NotAFile { .. })));
        assert!(matches!(read_regular(folder.path(), 5), Err(FileError::NotAFile { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(secret(&path, 5), Err(FileError::OpenToOthers { mode: 0o640, .. })));
        assert_eq!(read_regular(&path, 5).unwrap(), b"12345");
        // A file of another kind is not a secret of this tool.
        std::fs::write(&path, b"other").unwrap();
        assert!(secret(&path, 5).unwrap().is_none());
    }

    #[test]
    fn a_secret_in_the_clear_needs_a_system_that_protects_it() {
        let sealed = b"# comment\n-----BEGIN AGE ENCRYPTED FILE-----\n";
        for (access, in_clear, encrypted) in
            [(Access::Owner, true, true), (Access::Others(0o644), false, false), (Access::Unknown, false, true)]
        {
            assert_eq!(is_protected(access, b"secret"), in_clear, "{access:?}");
            assert_eq!(is_protected(access, sealed), encrypted, "{access:?}");
        }
    }

    #[test]
    fn a_companion_lies_beside_its_file_or_folder() {
        for (path, expected) in [("a/out", "a/out.end"), ("out", "out.end"), ("a/out/", "a/out.end")] {
            assert_eq!(beside(Path::new(path), ".end"), Path::new(expected));
        }
    }

    #[test]
    fn nothing_is_ever_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_public(&path, b"first").unwrap();
        assert!(matches!(write_public(&path, b"second"), Err(FileError::Exists { .. })));
        assert!(matches!(write_private(&path, b"second"), Err(FileError::Exists { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
    }
}
