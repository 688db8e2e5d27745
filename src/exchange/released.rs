//! The manifest of released tables.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::delivery::{DeliveryError, MAX_MANIFEST_BYTES, file_digest, plain_child};
use super::manifest::MANIFEST;
use crate::config::OmittedTable;
use crate::crypto::Digest;
use crate::files;
use salanimi_core::Id;

/// Format of released tables.
pub const RELEASE_FORMAT: &str = "salanimi-release/1";

/// Manifest of released tables: the record of every protection and its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseManifest {
    /// Always `salanimi-release/1`.
    pub format: String,
    /// Tool that wrote it, with its version.
    pub tool: String,
    /// Study.
    pub study: Id,
    /// `true` if the sources were synthetic.
    pub synthetic: bool,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Digest of the contract's other sections, which hold the rules of the release.
    pub settings_digest: Digest,
    /// SHA-256 of the linked dataset's manifest.
    pub linked: Digest,
    /// Released tables.
    pub tables: Vec<ReleasedTable>,
    /// Tables of the contract that were omitted.
    pub left_out: Vec<OmittedTable>,
}

/// A released table, as Parquet and as CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedTable {
    /// Name of the table.
    pub name: Id,
    /// Kind of the table.
    pub kind: ReleasedKind,
    /// Number of rows.
    pub rows: u64,
    /// Columns in order.
    pub columns: Vec<String>,
    /// SHA-256 of its files, by name.
    pub files: BTreeMap<String, Digest>,
    /// Protections and their reasons, in words.
    pub done: Vec<String>,
}

/// Kind of a released table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedKind {
    /// Counts and sums.
    Table,
    /// Kaplan-Meier curves.
    Curve,
    /// Rows of individual persons.
    Microdata,
}

impl ReleaseManifest {
    /// Reads the manifest in the folder `path`; `None` if there is no readable one of this format.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let bytes = files::read_regular(&path.join(MANIFEST), MAX_MANIFEST_BYTES).ok()?;
        serde_json::from_slice(&bytes).ok().filter(|manifest: &Self| manifest.format == RELEASE_FORMAT)
    }

    /// Checks that the files in the folder `path` are, byte for byte, those of the manifest.
    ///
    /// # Errors
    /// A file is unreadable, changed, or outside the folder.
    pub fn check_files(&self, path: &Path) -> Result<(), DeliveryError> {
        for (file, digest) in self.tables.iter().flat_map(|table| &table.files) {
            let path = plain_child(path, file)?;
            if file_digest(&path)? != *digest {
                return Err(DeliveryError::Changed { path });
            }
        }
        Ok(())
    }
}
