use serde::Serialize;

use crate::crypto::Digest;
use crate::exchange::ReleaseManifest;
use crate::release::Released;

/// The closing summary of a release, for a machine.
#[derive(Debug, Serialize)]
pub struct ReleaseSummary<'a> {
    folder: String,
    manifest_digest: Digest,
    manifest: &'a ReleaseManifest,
}

impl<'a> ReleaseSummary<'a> {
    /// Of what `released` made.
    #[must_use]
    pub fn new(released: &'a Released) -> Self {
        let Released { path, manifest, digest } = released;
        Self { folder: path.display().to_string(), manifest_digest: *digest, manifest }
    }
}

/// The closing summary of a release, in words.
#[must_use]
pub fn released(released: &Released) -> String {
    let Released { path, manifest, digest } = released;
    release_manifest(manifest) + &format!("Released tables: {}\nManifest digest: {digest}", path.display())
}

/// A release's manifest in words: each table, and what was done to it.
#[must_use]
pub fn release_manifest(manifest: &ReleaseManifest) -> String {
    let synthetic = if manifest.synthetic { " (SYNTHETIC data)" } else { "" };
    let mut text = format!("Released tables of the study {}{synthetic}\n", manifest.study);
    for table in &manifest.tables {
        text += &format!("  {} ({} rows)\n", table.name, table.rows);
        table.done.iter().for_each(|done| text += &format!("    {done}\n"));
    }
    for left in &manifest.left_out {
        text += &format!("  left out: {} ({})\n", left.table, left.reason);
    }
    text
}
