//! What a folder of released tables says of itself.

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

/// The manifest of released tables: the log of what was done to them and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseManifest {
    /// Always `salanimi-release/1`.
    pub format: String,
    /// The tool that wrote it.
    pub tool: String,
    /// The study.
    pub study: Id,
    /// Whether the sources were synthetic.
    pub synthetic: bool,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Digest of the contract's other sections, with the rules of the release.
    pub settings_digest: Digest,
    /// SHA-256 of the linked dataset's manifest.
    pub linked: Digest,
    /// The tables.
    pub tables: Vec<ReleasedTable>,
    /// What the contract names and could not be made.
    pub left_out: Vec<OmittedTable>,
}

/// A released table, as Parquet and as CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedTable {
    /// Its name.
    pub name: Id,
    /// What it is.
    pub kind: ReleasedKind,
    /// Rows.
    pub rows: u64,
    /// The columns, in order.
    pub columns: Vec<String>,
    /// SHA-256 of its files, by name.
    pub files: BTreeMap<String, Digest>,
    /// What was done to it and why, in words.
    pub done: Vec<String>,
}

/// What a released table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedKind {
    /// Counts and sums.
    Table,
    /// Kaplan-Meier curves.
    Curve,
    /// Rows of persons.
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
    /// A file is unreadable or another, or lies elsewhere.
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
