//! Checks of the files that a manifest lists: each exists with its digest, and none lies outside of the folder.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::delivery_error::DeliveryError;
use super::manifest::MANIFEST;
use crate::crypto::{Digest, Hasher};
use crate::files::{self, FileError};

const BUFFER_BYTES: usize = 1 << 20;

/// Checks that the files that the manifest in `folder` lists are there, byte for byte. `child` returns the path of a
/// file, and refuses one that may not be listed.
pub(super) fn check_listed<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'a String, &'a Digest)>,
    child: impl Fn(&Path, &str) -> Result<PathBuf, DeliveryError>,
) -> Result<(), DeliveryError> {
    for (file, expected) in files {
        let path = child(folder, file)?;
        match file_digest(&path) {
            Ok(found) if found == *expected => {}
            Ok(_) => return Err(DeliveryError::Changed { path }),
            Err(FileError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => {
                return Err(DeliveryError::Missing { path });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Returns the path of a file that the manifest in `folder` names. Refuses a file outside that folder.
pub(super) fn plain_child(folder: &Path, file: &str) -> Result<PathBuf, DeliveryError> {
    match Path::new(file).file_name().is_some_and(|name| name == file) {
        true => Ok(folder.join(file)),
        false => Err(DeliveryError::FileName { path: folder.join(MANIFEST) }),
    }
}

/// Returns the path of a file as [`plain_child`] does, or in a folder within, where the parts of a table are.
pub(super) fn inner_child(folder: &Path, file: &str) -> Result<PathBuf, DeliveryError> {
    let Some((inner, name)) = file.split_once('/') else { return plain_child(folder, file) };
    let inner = plain_child(folder, inner)?;
    // A link could lead elsewhere.
    match inner.is_symlink() {
        true => Err(DeliveryError::FileName { path: folder.join(MANIFEST) }),
        false => plain_child(&inner, name).map_err(|_| DeliveryError::FileName { path: folder.join(MANIFEST) }),
    }
}

/// Computes the digest of the file at `path`.
pub(super) fn file_digest(path: &Path) -> Result<Digest, FileError> {
    let mut file = files::open_regular(path)?;
    let mut hasher = Hasher::default();
    let mut read =
        |buffer: &mut [u8]| file.read(buffer).map_err(|source| FileError::Read { path: path.to_owned(), source });
    let [mut current, mut next] = [(); 2].map(|()| vec![0; BUFFER_BYTES]);
    let mut filled = read(&mut current)?;
    while filled > 0 {
        // One thread reads while another computes.
        let (then_filled, ()) = rayon::join(|| read(&mut next), || hasher.update(&current[..filled]));
        filled = then_filled?;
        std::mem::swap(&mut current, &mut next);
    }
    Ok(hasher.finish())
}
