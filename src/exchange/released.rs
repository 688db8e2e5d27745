//! The manifest of a release. All of it may be published.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::delivery_error::DeliveryError;
use super::listed::{check_listed, plain_child};
use super::protection::{cost_of_counts, cost_of_sums};
use super::undamaged::undamaged_manifest;
use crate::config::OmittedTable;
use crate::config::raw::release::{Condition, Method};
use crate::crypto::Digest;
use salanimi_core::{Id, KeyId};

/// Format of releases.
pub const RELEASE_FORMAT: &str = "salanimi-release/3";

/// Label of the rows without a value, in released tables.
pub const UNKNOWN: &str = "(unknown)";
/// Label of the total over a dimension, in released tables.
pub const TOTAL: &str = "(all)";

/// Manifest of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseManifest {
    /// Always `salanimi-release/3`.
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
    /// Protection of every count.
    pub protect: Method,
    /// Base of counts, in persons.
    pub base: u32,
    /// Under `noise`: certainty about one person, over all that the study released up to here.
    pub certainty: Option<f64>,
    /// Place of the release in the register.
    pub register: RegisterPlace,
    /// Released items.
    pub items: Vec<ReleasedItem>,
    /// Items of the contract that were omitted, because the dataset lacks their table.
    pub left_out: Vec<OmittedTable>,
    /// SHA-256 of each file that describes the release, by name.
    pub documents: BTreeMap<String, Digest>,
}

/// Place of a release in the register of its release key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterPlace {
    /// Public name of the release key.
    pub key_id: KeyId,
    /// The register's last line before the release.
    pub before: RegisterLine,
    /// The register's last line after it; the same if every item was released before.
    pub after: RegisterLine,
}

/// A line of a register. The head has the number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterLine {
    /// Number of the line.
    pub number: u64,
    /// SHA-256 of the line.
    pub digest: Digest,
}

/// A released item, as Parquet and as CSV.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedItem {
    /// Name of the item.
    pub name: Id,
    /// Kind of the item.
    pub kind: ReleasedKind,
    /// Linked table.
    pub table: Id,
    /// SHA-256 of what the contract says of the item.
    pub definition: Digest,
    /// Columns that the item counts by.
    pub dimensions: Vec<ReleasedDimension>,
    /// Conditions that all counted rows meet.
    pub only: Vec<Condition>,
    /// Protected numbers.
    pub counts: Vec<ReleasedCount>,
    /// Under `noise`: cost of the item. 0 under `round`.
    pub cost: f64,
    /// What the item shows and how it is protected, in one sentence.
    pub summary: String,
    /// Number of rows.
    pub rows: u64,
    /// Columns in order.
    pub columns: Vec<String>,
    /// SHA-256 of its files, by name.
    pub files: BTreeMap<String, Digest>,
}

/// A column that a released item counts by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedDimension {
    /// Name of the column in the released table.
    pub title: String,
    /// Linked column.
    pub column: String,
    /// Level of generalisation; 0 is the value itself.
    pub level: usize,
}

/// Protected numbers of an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedCount {
    /// Columns of the released table that hold them.
    pub columns: Vec<String>,
    /// What is counted.
    pub unit: ReleasedUnit,
    /// The most that one person adds to a number: persons, rows, or the unit of the summed column.
    pub most: f64,
    /// Every number is a multiple of it.
    pub step: u64,
    /// Under `noise`: standard deviation, in the unit of `most`.
    pub noise: Option<f64>,
}

impl ReleasedCount {
    /// Returns the cost under `noise`; 0 under `round`.
    #[must_use]
    pub fn cost(&self) -> f64 {
        match (self.noise, self.unit) {
            (None, _) => 0.0,
            (Some(noise), ReleasedUnit::Sum) => cost_of_sums(self.most, noise),
            (Some(noise), ReleasedUnit::Persons | ReleasedUnit::Rows) => cost_of_counts(self.most, noise),
        }
    }
}

/// What a protected number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedUnit {
    /// Different persons.
    Persons,
    /// Rows.
    Rows,
    /// A sum of a column.
    Sum,
}

/// Kind of a released item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedKind {
    /// Counts and sums.
    Table,
    /// Kaplan-Meier curves.
    Curve,
    /// Shares of rows with a flag.
    Rates,
    /// Persons who meet the conditions of a curve, one after another.
    Flow,
    /// Rows of individual persons.
    Microdata,
}

impl ReleaseManifest {
    /// Reads the manifest in the folder `path`; `None` if there is no undamaged one of this format.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let bytes = undamaged_manifest(path)?;
        serde_json::from_slice(&bytes).ok().filter(|manifest: &Self| manifest.format == RELEASE_FORMAT)
    }

    /// Checks that the files in the folder `path` are, byte for byte, those of the manifest.
    ///
    /// # Errors
    /// A file is unreadable, changed, or outside the folder.
    pub fn check_files(&self, path: &Path) -> Result<(), DeliveryError> {
        let of_items = self.items.iter().flat_map(|item| &item.files);
        check_listed(path, of_items.chain(&self.documents), plain_child)
    }
}
