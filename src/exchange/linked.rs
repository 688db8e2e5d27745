use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::delivery::{DeliveryError, MAX_MANIFEST_BYTES, file_digest, plain_child};
use super::manifest::{LINKED_FORMAT, MANIFEST};
use crate::config::{Coverage, OmittedTable};
use crate::crypto::{Digest, KeyId};
use crate::files;
use salanimi_core::Id;

/// Name of a linked dataset's table of all its persons.
pub const PERSONS: &str = "persons";

/// What a linked dataset says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedManifest {
    /// Always `salanimi-linked/1`.
    pub format: String,
    /// The tool that wrote it.
    pub tool: String,
    /// The study.
    pub study: Id,
    /// Whether the sources were synthetic.
    pub synthetic: bool,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Digest of the contract's other sections.
    pub settings_digest: Digest,
    /// The public name of the kept link key; none if the key was fresh and is gone.
    pub link_key_id: Option<KeyId>,
    /// The deliveries that went in.
    pub inputs: Vec<Input>,
    /// SHA-256 of the accounting file.
    pub accounting: Digest,
    /// For which days the inputs together are complete.
    pub coverage: Vec<Coverage>,
    /// The tables: persons first, then the sources' tables, then the study's analysis tables.
    pub tables: Vec<LinkedTable>,
    /// Analysis tables that could not be made.
    pub left_out: Vec<OmittedTable>,
    /// SHA-256 of each file that describes the dataset, by name.
    pub documents: BTreeMap<String, Digest>,
}

impl LinkedManifest {
    /// Reads the manifest in the folder `path`; `None` if there is no readable one of this format.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let bytes = files::read_regular(&path.join(MANIFEST), MAX_MANIFEST_BYTES).ok()?;
        serde_json::from_slice(&bytes).ok().filter(|manifest: &Self| manifest.format == LINKED_FORMAT)
    }

    /// SHA-256 of the manifest in the folder `path`.
    ///
    /// # Errors
    /// It is unreadable.
    pub fn digest(path: &Path) -> Result<Digest, DeliveryError> {
        Ok(file_digest(&path.join(MANIFEST))?)
    }

    /// Checks that the tables and the documents in the folder `path` are, byte for byte, those of the manifest.
    ///
    /// # Errors
    /// A file is unreadable or another, or lies elsewhere.
    pub fn check_files(&self, path: &Path) -> Result<(), DeliveryError> {
        let tables = self.tables.iter().map(|table| (table.file.as_str(), table.file_digest));
        let documents = self.documents.iter().map(|(name, digest)| (name.as_str(), *digest));
        for (file, digest) in tables.chain(documents) {
            let path = plain_child(path, file)?;
            if file_digest(&path)? != digest {
                return Err(DeliveryError::Changed { path });
            }
        }
        Ok(())
    }
}

/// A delivery that was linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its holder.
    pub holder: Id,
    /// Its number.
    pub number: u32,
    /// SHA-256 of its manifest.
    pub manifest: Digest,
    /// Whether it was sealed.
    pub sealed: bool,
    /// Whether its holder's signature was found to hold.
    pub signed: bool,
}

/// A table of a linked dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedTable {
    /// Its name.
    pub name: String,
    /// The file in the dataset's folder.
    pub file: String,
    /// Rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub file_digest: Digest,
    /// SHA-256 of the content, whatever the encoding.
    pub content_digest: Digest,
    /// The columns, in order, each with its type and what was done to it.
    pub columns: Vec<(String, String, String)>,
}
