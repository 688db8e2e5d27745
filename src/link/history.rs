//! What a kept link key was used for: a file beside it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::LinkError;
use crate::exchange::History;

fn path(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".history.json");
    name.into()
}

/// What was linked with the key in the file `key`; nothing if it was never used.
pub(super) fn read(key: &Path) -> Result<History, LinkError> {
    let path = path(key);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| LinkError::HistoryFormat { path }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(History::default()),
        Err(source) => Err(LinkError::History { path, source }),
    }
}

/// Records what was linked, in one step.
pub(super) fn write(key: &Path, history: &History) -> Result<(), LinkError> {
    let path = path(key);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        serde_json::to_writer_pretty(&mut file, history)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(io::Error::from)
    });
    written.map(drop).map_err(|source| LinkError::History { path, source })
}
