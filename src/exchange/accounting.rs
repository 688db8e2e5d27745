//! The accounting file of a linked dataset: exact counts, for the linker and the officer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::delivery::MAX_MANIFEST_BYTES;
use super::folder::json;
use crate::crypto::Digest;
use crate::files;

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
    /// Rows.
    pub rows: u64,
    /// Of them, rows of persons who entered the linked dataset.
    pub linked_rows: u64,
    /// Distinct persons.
    pub persons: u64,
    /// Of them, those who entered.
    pub linked_persons: u64,
}

impl Count {
    /// Counts of nothing.
    pub const ZERO: Self = Self { rows: 0, linked_rows: 0, persons: 0, linked_persons: 0 };

    /// Adds the counts of another part, of other persons.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.linked_rows += other.linked_rows;
        self.persons += other.persons;
        self.linked_persons += other.linked_persons;
    }
}

/// Where every row and person went.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounting {
    /// A warning to whoever opens the file.
    pub notice: String,
    /// The tool that wrote it.
    pub tool: String,
    /// The study.
    pub study: String,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Persons in any delivery.
    pub persons: u64,
    /// Of them, those who entered the linked dataset.
    pub linked_persons: u64,
    /// The tables that bring a person in.
    pub population: Vec<String>,
    /// By table.
    pub tables: Vec<TableAccount>,
    /// Persons by sex, age group and the tables that they occur in.
    pub overlap: Vec<Overlap>,
    /// Columns that ought to agree for one person.
    pub contradictions: Vec<Contradictions>,
}

/// The account of one table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableAccount {
    /// Its name.
    pub table: String,
    /// All rows and persons.
    pub all: Count,
    /// By holder, over all of its deliveries.
    pub by_holder: BTreeMap<String, Count>,
    /// By delivery: holder and number.
    pub by_delivery: BTreeMap<String, Count>,
    /// By month.
    pub by_month: BTreeMap<String, Count>,
    /// By area.
    pub by_area: BTreeMap<String, Count>,
}

/// Persons who occur in the same tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// `female`, `male` or unknown.
    pub sex: Option<String>,
    /// The age group at the first row that tells it.
    pub age_group: Option<String>,
    /// The tables.
    pub tables: Vec<String>,
    /// How many persons.
    pub persons: u64,
}

/// Persons whose values in two columns agree or do not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradictions {
    /// `table.column`.
    pub left: String,
    /// `table.column`.
    pub right: String,
    /// Persons with at least one value in common.
    pub agree: u64,
    /// Persons with values in both columns and none in common.
    pub contradict: u64,
}

/// A sum that does not add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imbalance {
    /// The table; none if it is the persons in all.
    pub table: Option<String>,
    /// What the whole is said to be.
    pub whole: u64,
    /// What its parts add up to.
    pub parts: u64,
}

impl Accounting {
    /// Reads the accounting file of the linked dataset in the folder `dataset`; `None` if there is no readable one.
    #[must_use]
    pub fn read(dataset: &Path) -> Option<Self> {
        serde_json::from_slice(&Self::read_bytes(dataset)?).ok()
    }

    /// Returns SHA-256 of the accounting file of the dataset in the folder `dataset`; `None` if there is no readable one.
    #[must_use]
    pub fn digest_of_file(dataset: &Path) -> Option<Digest> {
        Self::read_bytes(dataset).map(|bytes| Digest::of(&bytes))
    }

    fn read_bytes(dataset: &Path) -> Option<Vec<u8>> {
        files::read_regular(&accounting_path(dataset), MAX_MANIFEST_BYTES).ok()
    }

    /// Returns the bytes of the accounting file.
    #[must_use]
    #[expect(clippy::expect_used, reason = "numbers and text under text keys")]
    pub fn to_json(&self) -> Vec<u8> {
        json(self).expect("an accounting has a JSON form")
    }

    /// Returns SHA-256 of the accounting file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_json())
    }

    /// The first sum whose parts do not add up to its whole: rows and linked rows of each table by holder, delivery, month
    /// and area; persons by sex, age group and tables.
    #[must_use]
    pub fn imbalance(&self) -> Option<Imbalance> {
        let persons = self.overlap.iter().fold(0_u64, |sum, overlap| sum.saturating_add(overlap.persons));
        let persons =
            (persons != self.persons).then_some(Imbalance { table: None, whole: self.persons, parts: persons });
        self.tables.iter().find_map(TableAccount::imbalance).or(persons)
    }
}

impl TableAccount {
    fn imbalance(&self) -> Option<Imbalance> {
        let parts = [&self.by_holder, &self.by_delivery, &self.by_month, &self.by_area];
        let counts: [fn(&Count) -> u64; 2] = [|count| count.rows, |count| count.linked_rows];
        parts.into_iter().filter(|by| !by.is_empty()).find_map(|by| {
            counts.into_iter().find_map(|count| {
                let (whole, parts) = (count(&self.all), by.values().map(count).fold(0_u64, u64::saturating_add));
                (whole != parts).then(|| Imbalance { table: Some(self.table.clone()), whole, parts })
            })
        })
    }
}
