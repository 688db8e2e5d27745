//! History of a kept link key: a file beside it that lists the linked deliveries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::LinkError;
use crate::crypto::{Digest, KeyFileError};
use crate::exchange::{History, LastLinked, LinkedManifest};
use crate::files::{beside, open_regular, replace};
use salanimi_core::Id;

/// The history as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Last linked delivery by holder.
    linked: BTreeMap<Id, LastLinked>,
    /// A dataset that is about to be published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
}

/// A dataset that is about to be published, and the deliveries that are linked if it was.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pending {
    dataset: PathBuf,
    /// SHA-256 of its manifest.
    manifest: Digest,
    linked: BTreeMap<Id, LastLinked>,
}

/// A dataset that is about to be published.
pub(super) struct Announced<'a> {
    pub(super) dataset: &'a Path,
    /// SHA-256 of its manifest.
    pub(super) manifest: Digest,
    /// The history if it is published.
    pub(super) after: &'a History,
}

impl Stored {
    /// Returns the history: that of the pending dataset if it was published before the process was killed.
    fn settled(self) -> History {
        let is_published =
            |pending: &Pending| LinkedManifest::digest(&pending.dataset).is_ok_and(|found| found == pending.manifest);
        let linked = match self.pending {
            Some(pending) if is_published(&pending) => pending.linked,
            _ => self.linked,
        };
        History { linked }
    }
}

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
        Ok(bytes) => match serde_json::from_slice::<Stored>(&bytes) {
            Ok(stored) => Ok(stored.settled()),
            Err(_) => Err(LinkError::HistoryFormat { path }),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(History::default()),
        Err(source) => Err(LinkError::History { path, source }),
    }
}

/// Replaces the history by one that `announced` may end.
pub(super) fn announce(key: &Path, before: &History, announced: &Announced<'_>) -> Result<(), LinkError> {
    let path = path(key);
    let dataset = std::path::absolute(announced.dataset);
    let dataset = dataset.map_err(|source| LinkError::History { path: path.clone(), source })?;
    let pending = Pending { dataset, manifest: announced.manifest, linked: announced.after.linked.clone() };
    store(path, &Stored { linked: before.linked.clone(), pending: Some(pending) })
}

/// Replaces the history.
pub(super) fn write(key: &Path, history: &History) -> Result<(), LinkError> {
    store(path(key), &Stored { linked: history.linked.clone(), pending: None })
}

fn store(path: PathBuf, stored: &Stored) -> Result<(), LinkError> {
    let written = replace(&path, |file| {
        serde_json::to_writer_pretty(&mut *file, stored)?;
        file.write_all(b"\n")
    });
    written.map_err(|source| LinkError::History { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::MANIFEST;
    use salanimi_core::Day;

    fn history(number: u32) -> History {
        let last = Day::parse("2018-12-31").unwrap();
        let linked = LastLinked { number, last, manifest: Digest::of(b"delivery"), earlier: BTreeMap::new() };
        History { linked: BTreeMap::from([(Id::new("north").unwrap(), linked)]) }
    }

    #[test]
    fn an_announced_dataset_counts_only_if_it_was_published() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("link.key");
        let dataset = folder.path().join("linked");
        let announced = Announced { dataset: &dataset, manifest: Digest::of(b"manifest"), after: &history(2) };
        assert_eq!(read(&key).unwrap(), History::default());
        announce(&key, &history(1), &announced).unwrap();
        assert_eq!(read(&key).unwrap(), history(1));
        std::fs::create_dir(&dataset).unwrap();
        std::fs::write(dataset.join(MANIFEST), "another").unwrap();
        assert_eq!(read(&key).unwrap(), history(1));
        std::fs::write(dataset.join(MANIFEST), "manifest").unwrap();
        assert_eq!(read(&key).unwrap(), history(2));
        write(&key, &history(3)).unwrap();
        assert_eq!(read(&key).unwrap(), history(3));
    }
}
