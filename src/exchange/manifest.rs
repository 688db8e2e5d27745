use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::{Coverage, Delivery, Role};
use crate::crypto::{Canary, Digest, KeyId, Recipient};
use salanimi_core::{Day, Id, Reason};

/// Name of the manifest in every folder that this tool writes.
pub const MANIFEST: &str = "manifest.json";
/// The data key of a sealed delivery, encrypted to its recipients.
pub const SEALED_DATA_KEY: &str = "data-key.age";
/// The account of a sealed delivery, encrypted to its recipients.
pub const SEALED_ACCOUNT: &str = "account.json.age";
/// Format of linked datasets.
pub const LINKED_FORMAT: &str = "salanimi-linked/1";
/// Format of deliveries.
pub const DELIVERY_FORMAT: &str = "salanimi-delivery/1";

/// This tool and its version, as manifests name it.
#[must_use]
pub fn tool() -> String {
    concat!("salanimi ", env!("CARGO_PKG_VERSION")).to_owned()
}

/// What a delivery says of itself to everyone. Holds no clock time, so that the same input gives the same bytes.
///
/// It can be read in transit. What an outsider should not read, the [`Account`], is here only if the delivery is not
/// sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always `salanimi-delivery/1`.
    pub format: String,
    /// The tool that wrote it.
    pub tool: String,
    /// The study.
    pub study: Id,
    /// The holder.
    pub holder: Id,
    /// Whether the sources were synthetic.
    pub synthetic: bool,
    /// Number, period and the delivery that it corrects.
    pub delivery: Delivery,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Digest of the contract's other sections; recorded only.
    pub settings_digest: Digest,
    /// The pseudonym scheme.
    pub scheme: String,
    /// The public name of the project key.
    pub key_id: KeyId,
    /// The published test values under the key, one set for each kind and label.
    pub canaries: Vec<Canary>,
    /// The days for which tables are complete.
    pub coverage: Vec<Coverage>,
    /// Who can open it.
    pub sealing: Sealing,
    /// SHA-256 of every other file of the delivery, by name.
    pub files: BTreeMap<String, Digest>,
    /// What became of every record; in the file `account.json.age` if the delivery is sealed.
    pub account: Option<Account>,
}

/// Who can open a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// Everyone who gets it.
    None,
    /// These recipients, by the names that the contract gives them.
    To(BTreeMap<Id, Recipient>),
}

/// What became of every record that a holder read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The tables of changed identifiers that were used.
    pub old_codes: Vec<OldCodesEntry>,
    /// The lists of persons that were used.
    pub lists: Lists,
    /// The tables.
    pub tables: Vec<TableEntry>,
}

/// A table of changed identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldCodesEntry {
    /// The kind of identifier.
    pub kind: Id,
    /// When it was taken from the population register.
    pub date: Day,
    /// How many changes it holds.
    pub changes: u64,
    /// Keyed hash of its content, in hexadecimal: equal for holders that used the same changes.
    pub commitment: String,
}

/// The lists by which persons were chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// Only these persons.
    pub cohort: Option<Listed>,
    /// Not these persons.
    pub exclude: Option<Listed>,
    /// The area columns of these persons are blank.
    pub protect: Option<Listed>,
}

/// How many persons of a list were there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Distinct persons on the list.
    pub listed: u64,
    /// Of them, those in any table of the source.
    pub found: u64,
    /// The others.
    pub not_found: u64,
    /// The other holder who chose them; none if the list is the holder's own.
    pub chosen_by: Option<Id>,
}

/// A table of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// The contract's name.
    pub name: Id,
    /// The file in the delivery's folder.
    pub file: String,
    /// SHA-256 of the content, whatever the encoding.
    pub content_digest: Digest,
    /// Rows of the source files.
    pub source_rows: u64,
    /// Records after the reshape; the source's rows where there is none.
    pub records: u64,
    /// Rows of the file.
    pub rows: u64,
    /// Records left out by a rule.
    pub filtered: Filtered,
    /// Records rejected, by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Distinct persons.
    pub persons: u64,
    /// Rows whose person has a temporary code, before repeats of a key are left out.
    pub temporary_rows: u64,
    /// Rows whose code was replaced by a newer one, before repeats of a key are left out.
    pub changed_rows: u64,
    /// The columns, in order.
    pub columns: Vec<ColumnEntry>,
    /// Source columns that were there and were left out.
    pub dropped: Vec<String>,
}

/// Records left out by rule, each counted once, under the first rule that applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filtered {
    /// Outside the observation window or the delivery's period.
    pub window: u64,
    /// Not on the cohort list.
    pub cohort: u64,
    /// On the list of objections.
    pub excluded: u64,
    /// Repeats of a unique key.
    pub duplicate: u64,
}

impl Filtered {
    /// All records left out.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.window, self.cohort, self.excluded, self.duplicate].into_iter().fold(0, u64::saturating_add)
    }
}

/// A column of a delivered table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub value: String,
    /// What it is to the person.
    pub role: Role,
    /// What was done to it.
    pub transform: String,
    /// How many rows have no value.
    pub nulls: u64,
    /// How many had an invalid one, by reason, before repeats of a key are left out.
    pub emptied: BTreeMap<Reason, u64>,
}

impl TableEntry {
    /// Whether records in equal rows out, filtered and rejected.
    #[must_use]
    pub fn balances(&self) -> bool {
        let parts = self
            .rejected
            .values()
            .chain([&self.rows, &self.filtered.total()])
            .try_fold(0_u64, |a, b| a.checked_add(*b));
        parts == Some(self.records)
    }

    /// Records rejected in all.
    #[must_use]
    pub fn rejected_total(&self) -> u64 {
        self.rejected.values().sum()
    }
}
