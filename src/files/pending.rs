//! Files that appear whole or not at all.

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file::{FileError, folder_of, refuse_existing};
use super::unfinished::unfinished;

/// An unfinished file that only its owner can read. It has another name beside its target until [`Pending::publish`].
/// Dropped before that, it is removed.
pub struct Pending {
    file: NamedTempFile,
    target: PathBuf,
}

impl Pending {
    /// Starts a file for `target`.
    ///
    /// # Errors
    /// [`FileError::Exists`] or [`FileError::Write`].
    pub fn create(target: &Path) -> Result<Self, FileError> {
        refuse_existing(target)?;
        let mut unfinished = unfinished();
        let file = NamedTempFile::new_in(folder_of(target));
        let file = file.map_err(|source| FileError::Write { path: target.to_owned(), source: source.kind().into() })?;
        unfinished.push(file.path().to_owned());
        Ok(Self { file, target: target.to_owned() })
    }

    /// Reserves room for `length` bytes on the disk, so writing them cannot fail for lack of it.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn reserve(&mut self, length: usize) -> Result<(), FileError> {
        let reserved = self.file.write_all(&vec![b' '; length]).and_then(|()| self.file.as_file().sync_all());
        reserved.map_err(|source| FileError::Write { path: self.target.clone(), source })
    }

    /// Replaces the reserved bytes by `bytes`.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn rewrite(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let rewritten = self.file.rewind().and_then(|()| self.file.write_all(bytes));
        let rewritten = rewritten.and_then(|()| self.file.as_file().set_len(bytes.len() as u64));
        rewritten.map_err(|source| FileError::Write { path: self.target.clone(), source })
    }

    /// Syncs the written bytes to the disk.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn sync(&self) -> Result<(), FileError> {
        let synced = self.file.as_file().sync_all();
        synced.map_err(|source| FileError::Write { path: self.target.clone(), source })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`FileError::Exists`] if something took the name meanwhile, or [`FileError::Write`].
    pub fn publish(self) -> Result<(), FileError> {
        self.sync()?;
        let Self { file, target } = self;
        let mut unfinished = unfinished();
        unfinished.retain(|path| path != file.path());
        file.persist_noclobber(&target).map(drop).map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => FileError::Exists { path: target },
            _ => FileError::Write { path: target, source: e.error },
        })
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_in(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_pending_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut pending = Pending::create(&path).unwrap();
        pending.write_all(b"half").unwrap();
        drop(pending);
        assert_eq!(files_in(folder.path()), 0);
        let mut pending = Pending::create(&path).unwrap();
        pending.write_all(b"whole").unwrap();
        assert!(!path.exists());
        pending.publish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(files_in(folder.path()), 1);
        assert!(matches!(Pending::create(&path), Err(FileError::Exists { .. })));
    }
}
