//! Destruction of a key file: overwriting and removal.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::Path;

use super::KeyFileError;
use crate::files::{folder_of, open_named};
use crate::platform::sync_folder;

/// Overwrites the file at `path` with random bytes, syncs them to the disk, and removes the file.
///
/// Backups, snapshots and other copies stay, and so do blocks that a solid-state disk has replaced (NIST SP 800-88r1
/// section 2.4).
///
/// # Errors
/// The file cannot be overwritten or removed.
pub fn destroy_file(path: &Path) -> Result<(), KeyFileError> {
    let file = open_named(path, OpenOptions::new().write(true))?;
    overwrite(path, file).map_err(|source| KeyFileError::Destroy { path: path.to_owned(), source })
}

fn overwrite(path: &Path, mut file: File) -> io::Result<()> {
    let mut noise = vec![0; file.metadata()?.len() as usize];
    getrandom::fill(&mut noise).map_err(io::Error::other)?;
    file.rewind()?;
    file.write_all(&noise)?;
    file.sync_all()?;
    drop(file);
    std::fs::remove_file(path)?;
    sync_folder(folder_of(path))
}
