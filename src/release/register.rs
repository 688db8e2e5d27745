//! The register of a release key: every item that was ever released, and what may still be.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::error::RegisterError;
use super::item::{Item, digest};
use super::query::Unit;
use crate::audit::{NewLines, RegisterFile};
use crate::config::Contract;
use crate::config::raw::release::{Method, Release};
use crate::crypto::Digest;
use crate::exchange::{RegisterPlace, ReleasedKind, certainty};
use crate::files::beside;
use salanimi_core::{Day, Id, Key, KeyId, ReleaseKey};

/// Ending of the register's file name, after that of the key file.
pub const REGISTER_ENDING: &str = ".register";
/// Format of registers.
const FORMAT: &str = "salanimi-register/1";

/// First line of a register.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    study: Id,
    key_id: KeyId,
}

/// A released item in the register.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    day: Day,
    dataset: Digest,
    /// SHA-256 of the question.
    item: Digest,
    kind: ReleasedKind,
    table: Id,
    method: Method,
    base: u32,
    /// Most rows that one person adds to a cell, if rows are counted.
    weight: Option<f64>,
    /// Summed column and its cap.
    sum: Option<(Id, f64)>,
    cost: f64,
    /// Tables of numbers that the item counts as under `round`.
    tables: usize,
    question: Json,
}

/// Creates an empty register beside the key file `key`.
///
/// # Errors
/// The file exists or cannot be written.
pub fn create_register(key: &Path, study: &Id, release_key: &ReleaseKey) -> Result<(), RegisterError> {
    let path = beside(key, REGISTER_ENDING);
    Ok(RegisterFile::create(&path, &release_key.register(study), &Head::new(study, release_key))?)
}

impl Head {
    fn new(study: &Id, key: &ReleaseKey) -> Self {
        Self { format: FORMAT.to_owned(), study: study.clone(), key_id: key.id(study) }
    }
}

/// A register, locked for one release.
pub(super) struct Register {
    file: RegisterFile,
    key_id: KeyId,
    entries: Vec<Entry>,
}

impl Register {
    /// Locks and reads the register of the key in the file `key`.
    pub(super) fn open(key: &Path, study: &Id, release_key: &ReleaseKey) -> Result<Self, RegisterError> {
        let path = beside(key, REGISTER_ENDING);
        let head = Head::new(study, release_key);
        let (file, entries) = RegisterFile::open(&path, release_key.register(study), &head)?;
        Ok(Self { file, key_id: head.key_id, entries })
    }

    /// Refuses a register without the line that an earlier release ended with.
    pub(super) fn check_contains(&self, digest: Digest) -> Result<(), RegisterError> {
        if self.file.contains(digest) {
            return Ok(());
        }
        Err(RegisterError::Forked { path: self.file.path().to_owned() })
    }

    /// Asks whether the items may be released from a dataset, on `day`.
    ///
    /// # Errors
    /// Together with all that was released before, they would break a limit of the contract.
    pub(super) fn ask(
        self,
        items: &[&Item<'_>],
        contract: &Contract,
        rules: &Release,
        dataset: Digest,
        day: Day,
    ) -> Result<(Charge, Vec<Permit>), RegisterError> {
        self.check_method(rules)?;
        let mut known: BTreeSet<Digest> = self.entries.iter().map(|entry| entry.item).collect();
        let mut permits = Vec::new();
        let mut new: Vec<Entry> = Vec::new();
        for item in items {
            self.check_limits_of_persons(item)?;
            let question = item.question(contract, rules, &dataset);
            let asked = digest(&question);
            permits.push(Permit { item: asked });
            if known.insert(asked) {
                new.push(entry(item, rules, dataset, day, question));
            }
        }
        let all = self.entries.iter().chain(&new);
        match rules.protect {
            Method::Round => check_number(&all.collect::<Vec<_>>(), rules, dataset)?,
            Method::Noise => check_certainty(all.map(|entry| entry.cost).sum(), rules)?,
        }
        let lines = self.file.continued(&new);
        Ok((Charge { register: self, new, lines }, permits))
    }

    fn check_method(&self, rules: &Release) -> Result<(), RegisterError> {
        let Some(Entry { method, base, .. }) = self.entries.first() else { return Ok(()) };
        if (*method, *base) == (rules.protect, rules.base) {
            return Ok(());
        }
        let found = if *method == Method::Round { "round" } else { "noise" };
        Err(RegisterError::OtherMethod { found, base: *base })
    }

    /// Checks that a table keeps its weight and a column its cap.
    fn check_limits_of_persons(&self, item: &Item<'_>) -> Result<(), RegisterError> {
        let of_table = self.entries.iter().filter(|entry| entry.table == *item.table);
        let name = item.name.clone();
        for entry in of_table {
            if let (Some(known), Some(weight)) = (entry.weight, weight(item))
                && known.to_bits() != weight.to_bits()
            {
                return Err(RegisterError::OtherWeight { name, table: item.table.clone(), weight: known });
            }
            if let (Some((known, cap)), Some((column, other))) = (&entry.sum, sum(item))
                && *known == column
                && cap.to_bits() != other.to_bits()
            {
                return Err(RegisterError::OtherCap { name, column, cap: *cap });
            }
        }
        Ok(())
    }
}

/// Returns the most rows that one person adds to a cell, if the item counts rows.
fn weight(item: &Item<'_>) -> Option<f64> {
    let mut units = item.queries.iter().map(|query| &query.unit);
    units.find(|unit| matches!(unit, Unit::Rows { .. } | Unit::RowsWith { .. })).map(Unit::most)
}

/// Returns the summed column and its cap, if the item has a sum.
fn sum(item: &Item<'_>) -> Option<(Id, f64)> {
    item.queries.iter().find_map(|query| match &query.unit {
        Unit::Sum { column, cap, .. } => Some((column.clone(), *cap)),
        _ => None,
    })
}

/// Returns the entry of an item.
fn entry(item: &Item<'_>, rules: &Release, dataset: Digest, day: Day, question: Json) -> Entry {
    Entry {
        day,
        dataset,
        item: digest(&question),
        kind: item.form.kind(),
        table: item.table.clone(),
        method: rules.protect,
        base: rules.base,
        weight: weight(item),
        sum: sum(item),
        cost: item.cost(),
        tables: item.tables_of_numbers(),
        question,
    }
}

/// Checks the numbers of items and of datasets, over which roundings of the same persons average out.
fn check_number(entries: &[&Entry], rules: &Release, dataset: Digest) -> Result<(), RegisterError> {
    let datasets: BTreeSet<Digest> = entries.iter().map(|entry| entry.dataset).collect();
    if datasets.len() > rules.max_datasets as usize {
        return Err(RegisterError::TooManyDatasets { datasets: datasets.len(), most: rules.max_datasets });
    }
    let tables = entries.iter().filter(|entry| entry.dataset == dataset).map(|entry| entry.tables).sum();
    if tables > rules.max_items as usize {
        return Err(RegisterError::TooManyItems { items: tables, most: rules.max_items });
    }
    let rows = entries.iter().filter(|entry| entry.kind == ReleasedKind::Microdata).count();
    if rows > 1 { Err(RegisterError::RowsTwice) } else { Ok(()) }
}

fn check_certainty(cost: f64, rules: &Release) -> Result<(), RegisterError> {
    let reached = certainty(cost);
    if reached <= rules.certainty {
        return Ok(());
    }
    let percent = |share: f64| (100.0 * share).ceil() as u32;
    Err(RegisterError::Certainty { reached: percent(reached), allowed: (100.0 * rules.certainty).round() as u32 })
}

/// Permission of the register to count one item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permit {
    item: Digest,
}

impl Permit {
    /// Returns the digest of the item's question.
    pub(super) fn item(self) -> Digest {
        self.item
    }
}

/// Items that the register allows and does not hold yet.
pub(super) struct Charge {
    register: Register,
    new: Vec<Entry>,
    lines: NewLines,
}

impl Charge {
    /// Returns the place of the release in the register.
    pub(super) fn place(&self) -> RegisterPlace {
        let Register { file, key_id, .. } = &self.register;
        RegisterPlace { key_id: *key_id, before: file.last(), after: self.lines.last() }
    }

    /// Returns the certainty about one person that the study reaches with the release.
    pub(super) fn certainty(&self) -> f64 {
        certainty(self.register.entries.iter().chain(&self.new).map(|entry| entry.cost).sum())
    }

    /// Writes the new items into the register.
    ///
    /// # Errors
    /// The register cannot be written; it is then as it was.
    pub(super) fn write(self) -> Result<(), RegisterError> {
        Ok(self.register.file.write(&self.lines)?)
    }
}
