//! The manifest and the account of a delivery.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::linkage::{LinkageEntry, LinkageStatement};
use super::warnings::Warning;
use crate::config::{Coverage, Delivery, Role, Table};
use crate::crypto::{Digest, Recipient};
use crate::table::Parts;
use salanimi_core::{Canary, Day, Id, KeyId, Reason};

/// File name of the manifest in every folder that this tool writes.
pub const MANIFEST: &str = "manifest.json";
/// Length of the longest manifest or account, in bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 16 << 20;
/// File name of the manifest's digest, in the form of `sha256sum`, in folders that nobody signs: linked datasets and
/// releases. It shows damage, but no forgery.
pub const MANIFEST_DIGEST: &str = "manifest.json.sha256";
/// File name of the data key of a sealed delivery, encrypted to its recipients.
pub const SEALED_DATA_KEY: &str = "data-key.age";
/// File name of the account of a sealed delivery, encrypted to its recipients.
pub const SEALED_ACCOUNT: &str = "account.json.age";
/// Format of linked datasets.
pub const LINKED_FORMAT: &str = "salanimi-linked/1";
/// Format of deliveries whose tables are one file each.
pub const DELIVERY_FORMAT: &str = "salanimi-delivery/1";
/// Format of deliveries with tables in parts.
pub const PARTS_FORMAT: &str = "salanimi-delivery/2";

/// Returns the name and version of this tool for manifests.
#[must_use]
pub fn tool() -> String {
    concat!("salanimi ", env!("CARGO_PKG_VERSION")).to_owned()
}

/// Manifest of a delivery: the part that anyone can read in transit.
///
/// It holds no clock time, so the same input gives the same bytes. The [`Account`] is here only if the delivery is not
/// sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `salanimi-delivery/1`, or `/2` with tables in parts.
    pub format: String,
    /// Tool that wrote it, with its version.
    pub tool: String,
    /// Study.
    pub study: Id,
    /// Data holder.
    pub holder: Id,
    /// `true` if the sources were synthetic.
    pub synthetic: bool,
    /// Number, period, and the delivery that it replaces.
    pub delivery: Delivery,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Digest of the contract's other sections; recorded only.
    pub settings_digest: Digest,
    /// Pseudonym scheme.
    pub scheme: String,
    /// Public name of the project key.
    pub key_id: KeyId,
    /// Canaries under the key, one for each kind and label.
    pub canaries: Vec<Canary>,
    /// Rules of linkage without identifiers; `None` if the contract does not allow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkage: Option<LinkageStatement>,
    /// Days for which tables are complete.
    pub coverage: Vec<Coverage>,
    /// Recipients who can open it.
    pub sealing: Sealing,
    /// SHA-256 of every other file of the delivery, by name.
    pub files: BTreeMap<String, Digest>,
    /// Account of every record; in the file `account.json.age` if the delivery is sealed.
    pub account: Option<Account>,
}

impl Manifest {
    /// Returns the trusted comment of the manifest's signature.
    #[must_use]
    pub fn signature_comment(&self) -> String {
        format!("{} {} {} {}", self.format, self.study, self.holder, self.delivery.number)
    }
}

/// Sealing of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// None: everyone can open it.
    None,
    /// Sealed to these recipients, by their names in the contract.
    To(BTreeMap<Id, Recipient>),
}

/// Account of every record that a holder read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Tables of changed identifiers that were used.
    pub old_codes: Vec<OldCodesEntry>,
    /// Person lists that were used.
    pub lists: Lists,
    /// Delivered tables.
    pub tables: Vec<TableEntry>,
    /// Table of linkage tokens; `None` if the contract does not allow linkage without identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkage: Option<LinkageEntry>,
    /// Warnings of the extract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// A table of changed identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldCodesEntry {
    /// Kind of identifier.
    pub kind: Id,
    /// Day on which it was taken from the population register.
    pub date: Day,
    /// Number of changes.
    pub changes: u64,
    /// Keyed hash of its content in hexadecimal, equal for holders that used the same changes.
    pub commitment: String,
}

/// Person lists of an extract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// Only these persons are delivered.
    pub cohort: Option<ListCounts>,
    /// These persons are not delivered.
    pub exclude: Option<ListCounts>,
    /// These persons are delivered with empty area columns.
    pub protect: Option<ListCounts>,
}

/// Counts of one person list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListCounts {
    /// Number of distinct persons on the list.
    pub listed: u64,
    /// Persons of the list in any table of the source.
    pub found: u64,
    /// Persons of the list in no table of the source.
    pub not_found: u64,
    /// The other holder whose list it is; `None` for the holder's own.
    pub chosen_by: Option<Id>,
}

/// A table of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// Name in the contract.
    pub name: Id,
    /// File name in the delivery's folder; of a table in parts the name of their folder.
    pub file: String,
    /// Number of rows of each part; empty if the table is one file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<u64>,
    /// SHA-256 of the content, independent of the encoding. Small parts change it, because they divide row groups.
    pub content_digest: Digest,
    /// Number of rows in the source files.
    pub source_rows: u64,
    /// Number of records after the reshape. Without a reshape, the number of source rows.
    pub records: u64,
    /// Number of delivered rows.
    pub rows: u64,
    /// Records that a rule filtered.
    pub filtered: Filtered,
    /// Rejected records by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Number of distinct persons.
    pub persons: u64,
    /// Rows of persons with temporary codes, before repeats of a key are removed.
    pub temporary_rows: u64,
    /// Rows whose code was replaced by a newer one, before repeats of a key are removed.
    pub changed_rows: u64,
    /// Rows that were kept without an identifier, by the reason, before repeats of a key are removed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub without_code: BTreeMap<Reason, u64>,
    /// Rows whose identifier was found by the client number in another row, before repeats of a key are removed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub codes_by_client: u64,
    /// Delivered columns in order.
    pub columns: Vec<ColumnEntry>,
    /// Columns of the contract that the source has and that are not delivered.
    pub dropped: Vec<Id>,
    /// Number of other source columns, which are never read.
    pub ignored: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Filtered records by rule. Each counts once, under the first rule that applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filtered {
    /// Records outside the observation window or the delivery's period.
    pub window: u64,
    /// Persons who are not on the cohort list.
    pub cohort: u64,
    /// Persons on the list of objections.
    pub excluded: u64,
    /// Repeats of a unique key.
    pub duplicate: u64,
}

impl Filtered {
    /// Adds the records of another run.
    pub fn add(&mut self, other: Self) {
        self.window += other.window;
        self.cohort += other.cohort;
        self.excluded += other.excluded;
        self.duplicate += other.duplicate;
    }

    /// Returns the number of filtered records.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.window, self.cohort, self.excluded, self.duplicate].into_iter().fold(0, u64::saturating_add)
    }
}

/// A column of a delivered table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnEntry {
    /// Name of the column.
    pub name: String,
    /// Type of the values.
    #[serde(rename = "type")]
    pub value: String,
    /// Role of the column.
    pub role: Role,
    /// Transform before delivery.
    pub transform: String,
    /// Number of rows without a value.
    pub nulls: u64,
    /// Number of rows with an invalid value by reason, before repeats of a key are removed.
    pub emptied: BTreeMap<Reason, u64>,
}

impl ColumnEntry {
    /// Describes the delivered columns of `table`, without counts.
    #[must_use]
    pub fn of_table(table: &Table) -> Vec<Self> {
        let fields = table.fields.iter().zip(table.delivered_roles()).zip(table.delivered_transforms());
        let entries = fields.map(|((field, role), transform)| Self {
            name: field.name.clone(),
            value: field.value.name().to_owned(),
            role,
            transform,
            nulls: 0,
            emptied: BTreeMap::new(),
        });
        entries.collect()
    }
}

impl Account {
    /// Returns the format of the delivery.
    #[must_use]
    pub fn format(&self) -> &'static str {
        if self.tables.iter().all(|table| table.parts.is_empty()) { DELIVERY_FORMAT } else { PARTS_FORMAT }
    }
}

impl TableEntry {
    /// Returns true if the records equal the delivered rows, filtered and rejected records together.
    #[must_use]
    pub fn balances(&self) -> bool {
        let filtered = self.filtered.total();
        let mut parts = self.rejected.values().chain([&self.rows, &filtered]);
        parts.try_fold(0_u64, |sum, part| sum.checked_add(*part)) == Some(self.records)
    }

    /// Returns the number of parts; `None` unless it is a possible one, and their rows are those of the table.
    #[must_use]
    pub fn division(&self) -> Option<Parts> {
        let rows = self.parts.iter().try_fold(0_u64, |sum, rows| sum.checked_add(*rows));
        match self.parts.len() {
            0 => Some(Parts::ONE),
            1 => None,
            number => Parts::new(number).ok().filter(|_| rows == Some(self.rows)),
        }
    }

    /// Returns the files of the table in the delivery's folder, each with the position of its part. A part without rows
    /// has no file, but of a table without rows the first part has one.
    #[must_use]
    pub fn files(&self, parts: Parts) -> Vec<(usize, String)> {
        if parts == Parts::ONE {
            return vec![(0, self.file.clone())];
        }
        let is_written = |part: &usize| self.parts[*part] > 0 || (self.rows == 0 && *part == 0);
        let written = (0..self.parts.len()).filter(is_written);
        written.map(|part| (part, format!("{}/{}", self.file, parts.file_name(part)))).collect()
    }

    /// Returns the name that the contract gives the table's file, or the folder of its parts.
    #[must_use]
    pub fn file_of(table: &Id, parts: Parts) -> String {
        if parts == Parts::ONE { format!("{table}.parquet") } else { table.to_string() }
    }

    /// Returns the number of rejected records.
    #[must_use]
    pub fn rejected_total(&self) -> u64 {
        self.rejected.values().sum()
    }
}
