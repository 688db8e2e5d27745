//! The accounting file of a linked dataset: exact counts, for the linker and the officer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::evidence::EvidenceAccount;
use super::folder::json;
use super::manifest::{Filtered, MAX_MANIFEST_BYTES};
use super::warnings::Warning;
use crate::crypto::Digest;
use crate::files;
use salanimi_core::{Id, Reason};

/// Ending of the accounting file's name, after the name of the linked dataset's folder.
const ENDING: &str = ".accounting.json";

/// Returns the path of the accounting file of the linked dataset in the folder `dataset`.
///
/// The file lies beside the folder, so that nobody hands it to a researcher together with the dataset.
#[must_use]
pub fn accounting_path(dataset: &Path) -> PathBuf {
    files::beside(dataset, ENDING)
}

/// Rows and persons of some part of the deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Number of rows.
    pub rows: u64,
    /// Rows of persons in the linked dataset.
    pub linked_rows: u64,
    /// Number of distinct persons.
    pub persons: u64,
    /// Persons in the linked dataset.
    pub linked_persons: u64,
}

impl Count {
    /// Counts of nothing.
    pub const ZERO: Self = Self { rows: 0, linked_rows: 0, persons: 0, linked_persons: 0 };

    /// Adds the counts of another part, with other persons.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.linked_rows += other.linked_rows;
        self.persons += other.persons;
        self.linked_persons += other.linked_persons;
    }
}

/// Account of every row and person of the deliveries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounting {
    /// Warning to the reader of the file.
    pub notice: String,
    /// Tool that wrote the file, with its version.
    pub tool: String,
    /// Study.
    pub study: String,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Number of persons in any delivery.
    pub persons: u64,
    /// Persons in the linked dataset.
    pub linked_persons: u64,
    /// Population tables: a row in one of them brings its person into the linked dataset.
    pub population: Vec<String>,
    /// Accounts of the tables.
    pub tables: Vec<TableAccount>,
    /// What each holder states of its records.
    #[serde(default)]
    pub provision: Vec<Provision>,
    /// References of tables outside the population, and whether the population has them.
    #[serde(default)]
    pub references: Vec<ReferenceCount>,
    /// Persons who could have been found in the tables outside the population, by a property.
    #[serde(default)]
    pub comparable: Vec<ComparablePersons>,
    /// Persons without an identifier; `None` if the contract does not allow to link them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceAccount>,
    /// Persons by sex, age group and tables.
    pub overlap: Vec<Overlap>,
    /// Columns that must agree for one person.
    pub contradictions: Vec<Contradictions>,
    /// Warnings of the holders' extracts, and of the link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Records of one delivered table, as its holder states them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provision {
    /// Holder.
    pub holder: Id,
    /// Number of the delivery.
    pub number: u32,
    /// Table.
    pub table: Id,
    /// Records read.
    pub records: u64,
    /// Rows delivered.
    pub rows: u64,
    /// Records left out by rule.
    pub filtered: Filtered,
    /// Rejected records by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Rows whose code was replaced by a newer one.
    pub changed_rows: u64,
    /// Rows of persons with temporary codes.
    pub temporary_rows: u64,
}

/// Distinct references of one label in a table outside the population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceCount {
    /// Label.
    pub label: Id,
    /// Table.
    pub table: Id,
    /// Number of references.
    pub references: u64,
    /// Those that a table of the population has, too.
    pub in_population: u64,
    /// Those among them that stand for other persons there: a sign of false links.
    pub other_person: u64,
}

/// Persons with one value of a property who could have been found, because the organiser of services where they live
/// delivers data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparablePersons {
    /// Property, as a column of an analysis table names it.
    pub by: String,
    /// Value; `None` if unknown.
    pub value: Option<String>,
    /// Persons found in a table outside the population.
    pub found: u64,
    /// Persons not found.
    pub not_found: u64,
}

/// Account of one table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableAccount {
    /// Name of the table.
    pub table: String,
    /// All rows and persons.
    pub all: Count,
    /// By holder, over all its deliveries.
    pub by_holder: BTreeMap<String, Count>,
    /// By delivery, named by holder and number.
    pub by_delivery: BTreeMap<String, Count>,
    /// By month.
    pub by_month: BTreeMap<String, Count>,
    /// By area.
    pub by_area: BTreeMap<String, Count>,
}

/// Persons in the same tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// `female` or `male`; `None` if unknown.
    pub sex: Option<String>,
    /// Age group at the first row with an age; `None` if unknown.
    pub age_group: Option<String>,
    /// Tables in which they occur.
    pub tables: Vec<String>,
    /// Number of persons.
    pub persons: u64,
}

/// Agreement of two columns, in persons.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradictions {
    /// First column, `table.column`.
    pub left: String,
    /// Second column, `table.column`.
    pub right: String,
    /// Persons with at least one value in common.
    pub agree: u64,
    /// Persons with values in both columns and none in common.
    pub contradict: u64,
}

/// A total that differs from the sum of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imbalance {
    /// Table; `None` for the total of persons.
    pub table: Option<String>,
    /// Recorded total.
    pub whole: u64,
    /// Sum of the parts.
    pub parts: u64,
}

impl Accounting {
    /// Reads the accounting file of the linked dataset in the folder `dataset`; `None` if there is no readable one.
    #[must_use]
    pub fn read(dataset: &Path) -> Option<Self> {
        serde_json::from_slice(&Self::read_bytes(dataset)?).ok()
    }

    /// Returns SHA-256 of the accounting file of the dataset in the folder `dataset`; `None` if there is no readable
    /// one.
    #[must_use]
    pub fn digest_of_file(dataset: &Path) -> Option<Digest> {
        Self::read_bytes(dataset).map(|bytes| Digest::of(&bytes))
    }

    fn read_bytes(dataset: &Path) -> Option<Vec<u8>> {
        files::read_regular(&accounting_path(dataset), MAX_MANIFEST_BYTES).ok()
    }

    /// Returns the bytes of the accounting file.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "numbers and text under text keys")]
    pub fn to_json(&self) -> Vec<u8> {
        json(self).expect("an accounting has a JSON form")
    }

    /// Returns SHA-256 of the accounting file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_json())
    }

    /// Returns the first total that differs from the sum of its parts. Checks the rows and linked rows of each table by
    /// holder, delivery, month and area, the persons by sex, age group and tables, and the linked persons with those
    /// that are counted with links by evidence.
    #[must_use]
    pub fn imbalance(&self) -> Option<Imbalance> {
        let parts = self.overlap.iter().map(|overlap| overlap.persons).fold(0, u64::saturating_add);
        let persons = Imbalance { table: None, whole: self.persons, parts };
        let of_tables = self.tables.iter().find_map(TableAccount::imbalance);
        of_tables.or((parts != self.persons).then_some(persons)).or_else(|| self.other_effect())
    }

    /// Returns the first number of linked persons that differs from that with links by evidence.
    fn other_effect(&self) -> Option<Imbalance> {
        let effects = self.evidence.iter().flat_map(|evidence| &evidence.effect);
        effects.into_iter().find_map(|effect| {
            let whole = match &effect.table {
                None => self.linked_persons,
                Some(name) => self.tables.iter().find(|table| table.table == *name)?.all.linked_persons,
            };
            let parts = effect.persons;
            (whole != parts).then(|| Imbalance { table: effect.table.clone(), whole, parts })
        })
    }
}

impl TableAccount {
    fn imbalance(&self) -> Option<Imbalance> {
        let parts = [&self.by_holder, &self.by_delivery, &self.by_month, &self.by_area];
        let counts: [fn(&Count) -> u64; 2] = [|count| count.rows, |count| count.linked_rows];
        parts.into_iter().filter(|by| !by.is_empty()).find_map(|by| {
            counts.into_iter().find_map(|count| {
                let whole = count(&self.all);
                let parts = by.values().map(count).fold(0, u64::saturating_add);
                (whole != parts).then(|| Imbalance { table: Some(self.table.clone()), whole, parts })
            })
        })
    }
}
