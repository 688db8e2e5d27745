//! Manifests of folders that nobody signs, with their digest beside them.

use std::path::Path;

use super::manifest::{MANIFEST, MANIFEST_DIGEST, MAX_MANIFEST_BYTES};
use crate::crypto::Digest;
use crate::files::read_regular;

/// Returns the text of the file with the manifest's digest, which `sha256sum --check` reads.
pub(super) fn digest_line(digest: Digest) -> String {
    format!("{digest}  {MANIFEST}\n")
}

/// Returns the manifest's bytes in a folder that nobody signs; `None` if they are unreadable or not those of its
/// digest.
pub(super) fn undamaged_manifest(folder: &Path) -> Option<Vec<u8>> {
    let bytes = read_regular(&folder.join(MANIFEST), MAX_MANIFEST_BYTES).ok()?;
    let line = read_regular(&folder.join(MANIFEST_DIGEST), MAX_MANIFEST_BYTES).ok()?;
    (line == digest_line(Digest::of(&bytes)).as_bytes()).then_some(bytes)
}
