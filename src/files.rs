//! Files as a careful program opens them: regular ones only, and secret ones only if their owner alone can read them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// A file cannot be opened or made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum FileError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: not a regular file; give the file itself, not a link, folder or pipe")]
    NotAFile { path: PathBuf },
    #[error(
        "{path}: others can read this secret (mode {mode:03o}); run `chmod 600` on it, and replace it if anyone may have read it"
    )]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{path}: file permissions cannot be checked on this platform; keep secrets on Linux")]
    Platform { path: PathBuf },
    #[error("{path}: longer than any file of this kind ({most} bytes); give the right file")]
    TooLong { path: PathBuf, most: u64 },
    #[error("{path}: the file exists and is never overwritten; choose another name or remove it")]
    Exists { path: PathBuf },
    #[error("{path}: {source}; check the folder and free room")]
    Write { path: PathBuf, source: io::Error },
}

/// Opens the regular file at `path`; a symbolic link, folder, pipe or device is refused before it is opened.
///
/// # Errors
/// [`FileError::NotAFile`] or [`FileError::Read`].
pub fn open_regular(path: &Path) -> Result<File, FileError> {
    let io = |source| FileError::Read { path: path.to_owned(), source };
    let named = std::fs::symlink_metadata(path).map_err(io)?;
    if !named.is_file() {
        return Err(FileError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(io)?;
    // What was looked at may have been exchanged for a link before it was opened.
    match same_file(&named, &file.metadata().map_err(io)?) {
        true => Ok(file),
        false => Err(FileError::NotAFile { path: path.to_owned() }),
    }
}

#[cfg(unix)]
fn same_file(named: &std::fs::Metadata, opened: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (named.dev(), named.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn same_file(named: &std::fs::Metadata, opened: &std::fs::Metadata) -> bool {
    named.len() == opened.len()
}

/// The content of the regular file at `path`, which may hold at most `most` bytes.
///
/// # Errors
/// [`FileError::NotAFile`], [`FileError::TooLong`] or [`FileError::Read`].
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    read_to_end(path, &open_regular(path)?, most, &mut bytes).map(|()| bytes)
}

/// The content of the secret file at `path`, which its owner alone can read and which may hold at most `most` bytes.
///
/// # Errors
/// As [`read_regular`], and [`FileError::OpenToOthers`].
pub fn read_private(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = open_regular(path)?;
    refuse_open_to_others(path, &file)?;
    // Of full size from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most as usize + 1));
    read_to_end(path, &file, most, &mut bytes).map(|()| bytes)
}

fn read_to_end(path: &Path, file: &File, most: u64, bytes: &mut Vec<u8>) -> Result<(), FileError> {
    let read = file.take(most + 1).read_to_end(bytes);
    match read.map_err(|source| FileError::Read { path: path.to_owned(), source })? {
        read if read as u64 > most => Err(FileError::TooLong { path: path.to_owned(), most }),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn refuse_open_to_others(path: &Path, file: &File) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| FileError::Read { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(FileError::OpenToOthers { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_to_others(path: &Path, _: &File) -> Result<(), FileError> {
    // What cannot be enforced is refused: no other platform's access lists are understood here.
    Err(FileError::Platform { path: path.to_owned() })
}

/// Makes the file at `path`, which its owner alone can read whatever the umask.
///
/// # Errors
/// [`FileError::Exists`] or [`FileError::Write`].
pub fn create_private(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    create(path, &options)
}

/// Writes `bytes` to a new file at `path`, which its owner alone can read whatever the umask.
///
/// # Errors
/// [`FileError::Exists`] or [`FileError::Write`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write(path, create_private(path)?, bytes)
}

/// Writes `bytes` to a new file at `path` that is no secret.
///
/// # Errors
/// [`FileError::Exists`] or [`FileError::Write`].
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write(path, create(path, OpenOptions::new().write(true).create_new(true))?, bytes)
}

fn create(path: &Path, options: &OpenOptions) -> Result<File, FileError> {
    options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => FileError::Write { path: path.to_owned(), source },
    })
}

fn write(path: &Path, mut file: File, bytes: &[u8]) -> Result<(), FileError> {
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|source| {
        // A half-written file would be taken for a whole one.
        let _ = std::fs::remove_file(path);
        FileError::Write { path: path.to_owned(), source }
    })
}

/// `path` with `ending` after its name: where what belongs to a file lies beside it.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_a_regular_file_of_its_owner_is_read_as_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("secret"), folder.path().join("link"));
        write_private(&path, b"12345").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(*read_private(&path, 5).unwrap(), b"12345");
        assert!(matches!(read_private(&path, 4), Err(FileError::TooLong { most: 4, .. })));
        symlink(&path, &link).unwrap();
        assert!(matches!(read_private(&link, 5), Err(FileError::NotAFile { .. })));
        assert!(matches!(read_regular(folder.path(), 5), Err(FileError::NotAFile { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_private(&path, 5), Err(FileError::OpenToOthers { mode: 0o640, .. })));
        assert_eq!(read_regular(&path, 5).unwrap(), b"12345");
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
