//! Summary of a release.

use serde::Serialize;

use crate::crypto::Digest;
use crate::exchange::ReleaseManifest;
use crate::release::Released;

/// Summary of a release, for JSON.
#[derive(Debug, Serialize)]
pub struct ReleaseSummary<'a> {
    folder: String,
    manifest_digest: Digest,
    manifest: &'a ReleaseManifest,
}

impl<'a> ReleaseSummary<'a> {
    /// Creates the summary of a release.
    #[must_use]
    pub fn new(released: &'a Released) -> Self {
        let Released { path, manifest, digest } = released;
        Self { folder: path.display().to_string(), manifest_digest: *digest, manifest }
    }
}

/// Returns the summary of a release as text.
#[must_use]
pub fn released(released: &Released) -> String {
    let Released { path, manifest, digest } = released;
    release_manifest(manifest) + &format!("Released tables: {}\nManifest digest: {digest}", path.display())
}

/// Returns a release's manifest as text: each table with its protection.
#[must_use]
pub fn release_manifest(manifest: &ReleaseManifest) -> String {
    let synthetic = if manifest.synthetic { " (SYNTHETIC data)" } else { "" };
    let mut text = format!("Released tables of the study {}{synthetic}\n", manifest.study);
    for table in &manifest.tables {
        text += &format!("  {} ({} rows)\n", table.name, table.rows);
        table.done.iter().for_each(|done| text += &format!("    {done}\n"));
    }
    for omitted in &manifest.left_out {
        text += &format!("  omitted: {} ({})\n", omitted.table, omitted.reason);
    }
    text
}
