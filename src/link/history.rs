//! History of a kept link key: a file beside it that lists the linked deliveries.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::LinkError;
use crate::crypto::KeyFileError;
use crate::exchange::History;
use crate::files::{beside, folder_of, open_regular};

fn path(key: &Path) -> PathBuf {
    beside(key, ".history.json")
}

/// Locks the key file `key` against every other run, until the returned file is dropped.
pub(super) fn lock(key: &Path) -> Result<File, LinkError> {
    let file = open_regular(key).map_err(KeyFileError::from)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(LinkError::Busy { path: key.to_owned() }),
    }
}

/// Reads the history of the key in the file `key`; empty if the key was never used.
pub(super) fn read(key: &Path) -> Result<History, LinkError> {
    let path = path(key);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| LinkError::HistoryFormat { path }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(History::default()),
        Err(source) => Err(LinkError::History { path, source }),
    }
}

/// Replaces the history, in one step.
pub(super) fn write(key: &Path, history: &History) -> Result<(), LinkError> {
    let path = path(key);
    let written = tempfile::NamedTempFile::new_in(folder_of(&path)).and_then(|mut file| {
        serde_json::to_writer_pretty(&mut file, history)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(io::Error::from)
    });
    written.map(drop).map_err(|source| LinkError::History { path, source })
}
