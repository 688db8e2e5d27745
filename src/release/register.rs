//! The register of a release key: every item that was ever released, in an authenticated chain.
//!
//! A line is 64 hexadecimal digits, a space, JSON and a line end. The digits are HMAC-SHA-256(register subkey, JSON),
//! and the JSON holds the SHA-256 of the line before. The first line is the head.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::item::{Item, digest};
use super::query::Unit;
use crate::config::raw::release::{Method, Release};
use crate::crypto::Digest;
use crate::exchange::{RegisterLine, RegisterPlace, ReleasedKind, certainty};
use crate::files::{self, FileError, beside, folder_of};
use salanimi_core::{Day, Id, Key, KeyId, KeyedHash, ReleaseKey};

/// Ending of the register's file name, after that of the key file.
pub const REGISTER_ENDING: &str = ".register";
/// Ending of the name of the file that locks a register.
const LOCK_ENDING: &str = ".lock";
/// Format of registers.
const FORMAT: &str = "salanimi-register/1";
/// Length of the longest register, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// Length of the authentication code at the start of a line, in digits.
const CODE_DIGITS: usize = 64;

/// Errors of a register, and releases that it does not allow.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum RegisterError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: the register of the release key is missing; restore it from a copy, it lies beside the key")]
    Missing { path: PathBuf },
    #[error("{path}: {source}; the register cannot be written, and nothing was released")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path}: another release uses this register; wait for it")]
    Busy { path: PathBuf },
    #[error(
        "{path}: line {line} was changed, removed, or converted to other line ends; restore the register from a copy"
    )]
    Edited { path: PathBuf, line: usize },
    #[error("{path}: the register belongs to another key or another study; give the key that it lies beside")]
    OtherKey { path: PathBuf },
    #[error(
        "{path}: the register does not contain the previous release; it was cut short or forked: restore the newest \
         copy"
    )]
    Forked { path: PathBuf },
    #[error(
        "the study already releases with protect = \"{found}\" and base = {base}; another protection of the same \
         persons would let counts be computed: use that one"
    )]
    OtherMethod { found: &'static str, base: u32 },
    #[error(
        "release '{name}': the register fixed the weight of table '{table}' at {weight} with its first use; use that \
         weight"
    )]
    OtherWeight { name: Id, table: Id, weight: f64 },
    #[error(
        "release '{name}': the register fixed the cap of column '{column}' at {cap} with its first use; use that cap"
    )]
    OtherCap { name: Id, column: Id, cap: f64 },
    #[error(
        "this dataset would have released {items} different items; the contract allows {most}, because many rounded \
         tables let small counts be computed: remove items, or use protect = \"noise\""
    )]
    TooManyItems { items: usize, most: u32 },
    #[error(
        "the study would have released from {datasets} different linked datasets; the contract allows {most}, because \
         each rounds the same persons anew: release from an earlier dataset, or use protect = \"noise\""
    )]
    TooManyDatasets { datasets: usize, most: u32 },
    #[error("this dataset already released other rows of persons; two sets of rows can be joined: release one of them")]
    RowsTwice,
    #[error(
        "right about one person in {reached} of 100 cases over all that the study releases; the contract allows \
         {allowed}; `salanimi release --plan` shows what each item costs"
    )]
    Certainty { reached: u32, allowed: u32 },
}

impl RegisterError {
    /// Returns true if the release is refused, and not because a file cannot be read or written.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::File(_) | Self::Write { .. } | Self::Busy { .. })
    }
}

/// First line of a register.
#[derive(Debug, Serialize, Deserialize)]
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
    number: u64,
    /// SHA-256 of the line before.
    previous: Digest,
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
    question: Json,
}

/// Creates an empty register beside the key file `key`.
///
/// # Errors
/// The file exists or cannot be written.
pub fn create_register(key: &Path, study: &Id, release_key: &ReleaseKey) -> Result<PathBuf, RegisterError> {
    let path = beside(key, REGISTER_ENDING);
    let head = Head { format: FORMAT.to_owned(), study: study.clone(), key_id: release_key.id(study) };
    let line = line(&release_key.register(study), &head);
    files::write_private(&path, line.as_bytes())?;
    Ok(path)
}

/// Returns a line of a register, with its end.
fn line(key: &KeyedHash, content: &impl Serialize) -> String {
    let Ok(json) = serde_json::to_string(content) else { unreachable!("a line has only texts and finite numbers") };
    let code: [u8; CODE_DIGITS / 2] = key.leftmost(json.as_bytes());
    format!("{} {json}\n", HEXLOWER.encode(&code))
}

/// A register, locked for one release.
pub(super) struct Register {
    path: PathBuf,
    key: KeyedHash,
    key_id: KeyId,
    /// The lines as they are on disk.
    text: String,
    entries: Vec<Entry>,
    /// Each line's number and digest; the head's is 0.
    lines: Vec<RegisterLine>,
    _lock: File,
}

impl Register {
    /// Locks and reads the register of the key in the file `key`.
    pub(super) fn open(key: &Path, study: &Id, release_key: &ReleaseKey) -> Result<Self, RegisterError> {
        let path = beside(key, REGISTER_ENDING);
        if path.symlink_metadata().is_err() {
            return Err(RegisterError::Missing { path });
        }
        let lock = lock(&path)?;
        let bytes = files::read_regular(&path, MAX_BYTES)?;
        let key_id = release_key.id(study);
        let Ok(text) = String::from_utf8(bytes) else { return Err(RegisterError::Edited { path, line: 1 }) };
        let key = release_key.register(study);
        let mut register =
            Self { path, key, key_id, text, entries: Vec::new(), lines: Vec::new(), _lock: lock };
        register.check(study)?;
        Ok(register)
    }

    /// Checks every line, and the chain of lines.
    fn check(&mut self, study: &Id) -> Result<(), RegisterError> {
        let head: Option<Head> = self.text.lines().next().and_then(|line| serde_json::from_str(line.get(65..)?).ok());
        if head.is_some_and(|head| (head.key_id, &head.study) != (self.key_id, study)) {
            return Err(RegisterError::OtherKey { path: self.path.clone() });
        }
        for (line, number) in self.text.split_inclusive('\n').zip(0..) {
            let edited = RegisterError::Edited { path: self.path.clone(), line: number as usize + 1 };
            let Some(json) = self.authentic(line) else { return Err(edited) };
            if number > 0 {
                let entry: Option<Entry> = serde_json::from_str(json).ok();
                let previous = self.lines[self.lines.len() - 1].digest;
                let entry = entry.filter(|entry| (entry.number, entry.previous) == (number, previous));
                self.entries.push(entry.ok_or(edited)?);
            }
            self.lines.push(RegisterLine { number, digest: Digest::of(line.as_bytes()) });
        }
        if self.lines.is_empty() {
            return Err(RegisterError::Edited { path: self.path.clone(), line: 1 });
        }
        Ok(())
    }

    /// Returns the JSON of a line whose code holds.
    fn authentic<'l>(&self, line: &'l str) -> Option<&'l str> {
        let (code, json) = line.strip_suffix('\n')?.split_once(' ')?;
        let expected: [u8; CODE_DIGITS / 2] = self.key.leftmost(json.as_bytes());
        (HEXLOWER.encode(&expected) == code).then_some(json)
    }

    /// Returns the last line.
    fn last(&self) -> RegisterLine {
        self.lines[self.lines.len() - 1]
    }

    /// Refuses a register without the line that an earlier release ended with.
    pub(super) fn check_contains(&self, digest: Digest) -> Result<(), RegisterError> {
        if self.lines.iter().any(|line| line.digest == digest) {
            return Ok(());
        }
        Err(RegisterError::Forked { path: self.path.clone() })
    }

    /// Asks whether the items may be released from a dataset, on `day`.
    ///
    /// # Errors
    /// Together with all that was released before, they would break a limit of the contract.
    pub(super) fn ask(
        self,
        items: &[&Item<'_>],
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
            let question = item.question(rules, &dataset);
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
        Ok((Charge { register: self, new }, permits))
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

fn lock(register: &Path) -> Result<File, RegisterError> {
    let path = beside(register, LOCK_ENDING);
    let file = files::private_options().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|source| RegisterError::Write { path: register.to_owned(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(RegisterError::Busy { path: register.to_owned() }),
    }
}

/// Returns the most rows that one person adds to a cell, if the item counts rows.
fn weight(item: &Item<'_>) -> Option<f64> {
    let mut units = item.queries.iter().map(|query| &query.unit);
    units.find(|unit| matches!(unit, Unit::Rows { .. })).map(Unit::most)
}

/// Returns the summed column and its cap, if the item has a sum.
fn sum(item: &Item<'_>) -> Option<(Id, f64)> {
    item.queries.iter().find_map(|query| match &query.unit {
        Unit::Sum { column, cap, .. } => Some((column.clone(), *cap)),
        _ => None,
    })
}

/// Returns the entry of an item. Its place in the chain is set when it is written.
fn entry(item: &Item<'_>, rules: &Release, dataset: Digest, day: Day, question: Json) -> Entry {
    Entry {
        number: 0,
        previous: Digest::of(b""),
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
        question,
    }
}

/// Checks the numbers of items and of datasets, over which roundings of the same persons average out.
fn check_number(entries: &[&Entry], rules: &Release, dataset: Digest) -> Result<(), RegisterError> {
    let datasets: BTreeSet<Digest> = entries.iter().map(|entry| entry.dataset).collect();
    if datasets.len() > rules.max_datasets as usize {
        return Err(RegisterError::TooManyDatasets { datasets: datasets.len(), most: rules.max_datasets });
    }
    let of_dataset: Vec<&&Entry> = entries.iter().filter(|entry| entry.dataset == dataset).collect();
    if of_dataset.len() > rules.max_items as usize {
        return Err(RegisterError::TooManyItems { items: of_dataset.len(), most: rules.max_items });
    }
    let rows = of_dataset.iter().filter(|entry| entry.kind == ReleasedKind::Microdata).count();
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
}

impl Charge {
    /// Returns the place of the release in the register, and the certainty that the study reaches with it.
    pub(super) fn place(&self) -> (RegisterPlace, f64) {
        let place = RegisterPlace {
            key_id: self.register.key_id,
            before: self.register.last(),
            after: self.lines().1.map_or_else(|| self.register.last(), |last| last),
        };
        let cost = self.register.entries.iter().chain(&self.new).map(|entry| entry.cost).sum();
        (place, certainty(cost))
    }

    /// Returns the new lines, and the number and the digest of the last of them.
    fn lines(&self) -> (String, Option<RegisterLine>) {
        let mut text = String::new();
        let mut last = self.register.last();
        for entry in &self.new {
            let number = last.number + 1;
            let chained = Entry { number, previous: last.digest, ..entry.clone() };
            let line = line(&self.register.key, &chained);
            last = RegisterLine { number, digest: Digest::of(line.as_bytes()) };
            text += &line;
        }
        (text, (!self.new.is_empty()).then_some(last))
    }

    /// Writes the new items, in one step, and syncs them to the disk.
    ///
    /// # Errors
    /// The register cannot be written; it is then as it was.
    pub(super) fn write(self) -> Result<(), RegisterError> {
        let (lines, last) = self.lines();
        if last.is_none() {
            return Ok(());
        }
        let path = &self.register.path;
        let text = self.register.text.clone() + &lines;
        let written = tempfile::NamedTempFile::new_in(folder_of(path)).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(io::Error::from)?;
            File::open(folder_of(path))?.sync_all()
        });
        written.map_err(|source| RegisterError::Write { path: path.clone(), source })
    }
}
