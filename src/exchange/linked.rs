//! The manifest of a linked dataset.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::delivery_error::DeliveryError;
use super::listed::{check_listed, file_digest, plain_child};
use super::manifest::{LINKED_FORMAT, MANIFEST};
use super::undamaged::undamaged_manifest;
use crate::config::{Contract, Coverage, OmittedTable};
use crate::crypto::Digest;
use crate::table::Band;
use salanimi_core::{Id, KeyId};

/// Name of the table of all persons in a linked dataset.
pub const PERSONS: &str = "persons";

/// Manifest of a linked dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedManifest {
    /// Always `salanimi-linked/1`.
    pub format: String,
    /// Tool that wrote it, with its version.
    pub tool: String,
    /// Study.
    pub study: Id,
    /// `true` if the sources were synthetic.
    pub synthetic: bool,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Digest of the contract's other sections.
    pub settings_digest: Digest,
    /// Public name of the kept link key; `None` if the key was fresh and was not kept.
    pub link_key_id: Option<KeyId>,
    /// Deliveries that were linked.
    pub inputs: Vec<Input>,
    /// SHA-256 of the accounting file.
    pub accounting: Digest,
    /// Days for which the inputs together are complete.
    pub coverage: Vec<Coverage>,
    /// Tables: the persons first, then the sources' tables, then the study's analysis tables.
    pub tables: Vec<LinkedTable>,
    /// Table and column, written `table.column`, to the mean of each band of a banded column. Not for release: the sums
    /// that are made of them are protected.
    #[serde(default)]
    pub bands: BTreeMap<String, Vec<Band>>,
    /// Analysis tables that were omitted.
    pub left_out: Vec<OmittedTable>,
    /// SHA-256 of each file that describes the dataset, by name.
    pub documents: BTreeMap<String, Digest>,
}

impl LinkedManifest {
    /// Reads the manifest in the folder `path`; `None` if there is no undamaged one of this format.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let bytes = undamaged_manifest(path)?;
        serde_json::from_slice(&bytes).ok().filter(|manifest: &Self| manifest.format == LINKED_FORMAT)
    }

    /// Computes the SHA-256 of the manifest in the folder `path`.
    ///
    /// # Errors
    /// The manifest is unreadable.
    pub fn digest(path: &Path) -> Result<Digest, DeliveryError> {
        Ok(file_digest(&path.join(MANIFEST))?)
    }

    /// Checks that the tables and the documents in the folder `path` are, byte for byte, those of the manifest.
    ///
    /// # Errors
    /// A file is unreadable, changed, or outside the folder.
    pub fn check_files(&self, path: &Path) -> Result<(), DeliveryError> {
        let tables = self.tables.iter().map(|table| (&table.file, &table.file_digest));
        check_listed(path, tables.chain(&self.documents), plain_child)
    }
}

/// Returns the analysis tables that cannot be computed for a dataset of these tables, with the reasons.
#[must_use]
pub fn omitted_tables(contract: &Contract, tables: &[LinkedTable]) -> Vec<OmittedTable> {
    let Some(analysis) = &contract.analysis else { return Vec::new() };
    let delivered = tables.iter().filter_map(|table| contract.table(&table.name).map(|(position, _)| position));
    analysis.omitted(&contract.source_tables(), &delivered.collect::<Vec<_>>())
}

/// A delivery that was linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Data holder.
    pub holder: Id,
    /// Number of the delivery.
    pub number: u32,
    /// SHA-256 of its manifest.
    pub manifest: Digest,
    /// `true` if it was sealed.
    pub sealed: bool,
    /// `true` if the holder's signature was verified.
    pub signed: bool,
}

/// A table of a linked dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedTable {
    /// Name of the table.
    pub name: String,
    /// File name in the dataset's folder.
    pub file: String,
    /// Number of rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub file_digest: Digest,
    /// SHA-256 of the content, independent of the encoding.
    pub content_digest: Digest,
    /// Columns in order: name, type and transform.
    pub columns: Vec<(String, String, String)>,
}
