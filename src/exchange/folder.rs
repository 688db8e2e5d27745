//! Output folders that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::manifest::{MANIFEST, MANIFEST_DIGEST};
use super::undamaged::digest_line;
use crate::crypto::Digest;
use crate::files::{folder_of, unfinished};
use crate::platform::{private_folder, sync_folder};

/// Error in writing an output folder.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum FolderError {
    #[error("{path}: the output exists; choose another folder or remove this one")]
    Exists { path: PathBuf },
    #[error("{path}: another run is writing here; wait for it or choose another folder")]
    Busy { path: PathBuf },
    #[error("{path}: lies inside {folder}, which must not change; choose another place")]
    Inside { path: PathBuf, folder: PathBuf },
    #[error(
        "{path}: {source}; free disk space or choose another output folder, then run again (nothing was left behind)"
    )]
    Io { path: PathBuf, source: io::Error },
}

/// File in an output folder until it is whole.
const UNFINISHED: &str = "UNFINISHED.txt";
const UNFINISHED_TEXT: &str = "A run was interrupted before this folder was whole. Delete the folder and run again.\n";

/// Bytes at the beginning of a manifest that state its format.
const HEAD_BYTES: u64 = 64;

/// Refuses a place inside a delivery, a linked dataset or a release: a file more there is a fault of the folder.
///
/// # Errors
/// [`FolderError::Inside`].
pub fn refuse_inside_output(path: &Path) -> Result<(), FolderError> {
    // A folder that does not exist is reported when the output is created.
    let Ok(folder) = folder_of(path).canonicalize() else { return Ok(()) };
    match folder.ancestors().find(|folder| is_output(folder)) {
        Some(folder) => Err(FolderError::Inside { path: path.to_owned(), folder: folder.to_owned() }),
        None => Ok(()),
    }
}

/// Returns true if a folder has a manifest of this tool.
fn is_output(folder: &Path) -> bool {
    let mut head = String::new();
    let read = File::open(folder.join(MANIFEST)).and_then(|file| file.take(HEAD_BYTES).read_to_string(&mut head));
    read.is_ok() && head.contains("\"salanimi-")
}

/// An unfinished output folder. It has a hidden name until its manifest is written, and is then renamed in one step.
///
/// Dropped before that, it is removed. The remains of a killed process keep the hidden name and a file that marks them,
/// so they never pass for an output. The next run to the same place removes them.
pub struct OutputFolder {
    target: PathBuf,
    partial: PathBuf,
    /// Lock of the running process. The operating system releases it when the process dies.
    _lock: File,
}

impl OutputFolder {
    /// Starts an output for `target`.
    ///
    /// # Errors
    /// Something is at `target`, it lies inside another output, another run writes there, or the folder cannot be
    /// created.
    pub fn create(target: &Path) -> Result<Self, FolderError> {
        refuse_inside_output(target)?;
        let io = |source| FolderError::Io { path: target.to_owned(), source };
        if fs::symlink_metadata(target).is_ok() {
            return Err(FolderError::Exists { path: target.to_owned() });
        }
        let no_name = || io(io::ErrorKind::InvalidInput.into());
        let partial = hidden(target, "partial").ok_or_else(no_name)?;
        let lock_path = hidden(target, "lock").ok_or_else(no_name)?;
        if fs::symlink_metadata(&lock_path).is_ok_and(|found| !found.is_file()) {
            return Err(io(io::ErrorKind::AlreadyExists.into()));
        }
        // Never truncated: an existing file may belong to someone else.
        let lock = File::options().write(true).create(true).truncate(false).open(&lock_path).map_err(io)?;
        if lock.try_lock().is_err() {
            return Err(FolderError::Busy { path: target.to_owned() });
        }
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(io)?;
        }
        let mut folders = unfinished();
        private_folder().create(&partial).map_err(io)?;
        folders.push(partial.clone());
        drop(folders);
        let folder = Self { target: target.to_owned(), partial, _lock: lock };
        // If the disk is full already, the folder is removed again.
        fs::write(folder.partial.join(UNFINISHED), UNFINISHED_TEXT).map_err(io)?;
        Ok(folder)
    }

    /// Returns true if a killed run left a hidden folder for an output at `target`.
    #[must_use]
    pub fn was_interrupted(target: &Path) -> bool {
        hidden(target, "partial").is_some_and(|partial| partial.exists())
    }

    /// Returns true if the folder at `path` is the remains of a run that was interrupted.
    #[must_use]
    pub fn is_unfinished(path: &Path) -> bool {
        path.join(UNFINISHED).symlink_metadata().is_ok()
    }

    /// Returns the place of the finished output.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Creates the folder `name` within.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn create_inner(&self, name: &str) -> Result<(), FolderError> {
        let io = |source| FolderError::Io { path: self.target.join(name), source };
        private_folder().create(self.partial.join(name)).map_err(io)
    }

    /// Writes `bytes` as the file `name` and returns their digest.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<Digest, FolderError> {
        let io = |source| FolderError::Io { path: self.target.join(name), source };
        let mut file = File::create_new(self.partial.join(name)).map_err(io)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io)?;
        Ok(Digest::of(bytes))
    }

    /// Writes `value` as the JSON file `name` and returns its digest.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<Digest, FolderError> {
        self.write(name, &self.encode(name, value)?)
    }

    /// Encodes `value` as the text of the JSON file `name`.
    ///
    /// # Errors
    /// `value` has no JSON form.
    pub(super) fn encode(&self, name: &str, value: &impl Serialize) -> Result<Vec<u8>, FolderError> {
        json(value).map_err(|source| FolderError::Io { path: self.target.join(name), source })
    }

    /// Returns the digest that the manifest will have.
    ///
    /// # Errors
    /// The manifest has no JSON form.
    pub fn digest_of(&self, manifest: &impl Serialize) -> Result<Digest, FolderError> {
        Ok(Digest::of(&self.encode(MANIFEST, manifest)?))
    }

    /// Writes the manifest with its digest beside it, and gives the folder its name. Returns the manifest's digest.
    ///
    /// # Errors
    /// The manifest cannot be written, or something took the name meanwhile.
    pub fn commit(self, manifest: &impl Serialize) -> Result<Digest, FolderError> {
        let digest = self.write_json(MANIFEST, manifest)?;
        self.write(MANIFEST_DIGEST, digest_line(digest).as_bytes())?;
        self.publish()?;
        Ok(digest)
    }

    /// Gives the folder its name, in one step.
    ///
    /// # Errors
    /// Something took the name meanwhile, or the folder cannot be renamed.
    pub fn publish(self) -> Result<(), FolderError> {
        let io = |source| FolderError::Io { path: self.target.clone(), source };
        if fs::symlink_metadata(&self.target).is_ok() {
            return Err(FolderError::Exists { path: self.target.clone() });
        }
        fs::remove_file(self.partial.join(UNFINISHED)).map_err(io)?;
        for entry in fs::read_dir(&self.partial).map_err(io)? {
            let inner = entry.map_err(io)?.path();
            if inner.is_dir() {
                sync_folder(&inner).map_err(io)?;
            }
        }
        sync_folder(&self.partial).map_err(io)?;
        let _no_stop_between = unfinished();
        fs::rename(&self.partial, &self.target).map_err(io)
    }
}

/// Returns the hidden path with `ending` beside `target`; `None` if `target` has no name.
fn hidden(target: &Path, ending: &str) -> Option<PathBuf> {
    let name = target.file_name()?.to_string_lossy();
    Some(target.with_file_name(format!(".{name}.{ending}")))
}

/// Encodes `value` as JSON in the form of every file of this tool: indented, with a line end.
pub(super) fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        // After a commit nothing has the hidden name. A failure here has no remedy.
        unfinished().retain(|partial| *partial != self.partial);
        let _ = fs::remove_dir_all(&self.partial);
        let _ = fs::remove_file(self.partial.with_extension("lock"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::undamaged::undamaged_manifest;
    use super::*;

    #[test]
    fn a_folder_appears_only_when_it_is_whole() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("out.d");
        let folder = OutputFolder::create(&target).unwrap();
        assert!(!target.exists() && matches!(OutputFolder::create(&target), Err(FolderError::Busy { .. })));
        assert!(OutputFolder::is_unfinished(folder.path()));
        drop(folder);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
        OutputFolder::create(&target).unwrap().commit(&"done").unwrap();
        assert_eq!(fs::read_to_string(target.join(MANIFEST)).unwrap(), "\"done\"\n");
        assert!(!OutputFolder::is_unfinished(&target));
        assert_eq!(undamaged_manifest(&target).unwrap(), b"\"done\"\n");
        fs::write(target.join(MANIFEST), "\"done\" \n").unwrap();
        assert_eq!(undamaged_manifest(&target), None);
        assert!(matches!(OutputFolder::create(&target), Err(FolderError::Exists { .. })));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_next_run_removes_the_remains_of_a_killed_one() {
        let parent = tempfile::tempdir().unwrap();
        let stale = parent.path().join(".out.partial");
        fs::create_dir(&stale).unwrap();
        fs::write(stale.join("half.parquet"), "half").unwrap();
        OutputFolder::create(&parent.path().join("out")).unwrap().commit(&1).unwrap();
        assert!(!parent.path().join("out/half.parquet").exists());
    }
}
