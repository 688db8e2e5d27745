//! The holder's check of a delivery: a random sample of persons recomputed from the sources, and a search for values of
//! omitted columns.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::path::Path;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{concat, filter, take};
use arrow::error::ArrowError;
use serde::Serialize;

use super::codeless::{Codeless, survey};
use super::error::ExtractError;
use super::prepare::{Inputs, Mode, Prepared};
use super::written::without_repeats;
use crate::config::{Format, LinkageColumns, Origin, Source, Table};
use crate::crypto::read_key;
use crate::exchange::{Delivery, TableEntry};
use crate::progress::Progress;
use crate::shared::Shared;
use crate::table::{
    AnyTable, Cells, Field, ParquetTable, Rows, Sorter, SourceBatch, SourceError, SourceFile, StoreError,
    decode_column, keys,
};
use salanimi_core::{Day, Id, Key, ProjectKey, ProjectKeys};

/// Approximate number of persons of a table that are recomputed.
const PERSONS: u64 = 2000;
/// Length of the shortest value of an omitted column that is searched for. Shorter ones occur anywhere by chance.
const SHORTEST: usize = 6;

/// Result of the check of a delivery.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct DeliveryCheck {
    /// Data holder.
    pub holder: Id,
    /// Number of the delivery.
    pub number: u32,
    /// Results by table.
    pub tables: Vec<TableCheck>,
}

/// Result of the check of one table.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct TableCheck {
    /// Table.
    pub table: Id,
    /// Persons of the sample with rows in the source or the delivery.
    pub persons: u64,
    /// Their rows as recomputed from the source.
    pub rows: u64,
    /// Persons whose delivered rows differ from these.
    pub differing: u64,
    /// Distinct values of omitted columns that were searched for, identity codes among them.
    pub dropped_values: u64,
    /// Delivered columns with such values, and the number of rows.
    pub found: BTreeMap<String, u64>,
}

impl DeliveryCheck {
    /// Returns true if every row is as recomputed and no value of an omitted column was found.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.tables.iter().all(|table| table.differing == 0 && table.found.is_empty())
    }
}

/// Checks the delivery at `path` against its sources and its key. It must be readable: check a delivery that will be
/// sealed to others as the same extract with `--unsealed`.
///
/// # Errors
/// An input is invalid, the delivery cannot be opened, or it was made with another key or contract.
pub fn check(
    inputs: &Inputs,
    project_key: &Path,
    path: &Path,
    memory: usize,
    progress: &dyn Progress,
) -> Result<DeliveryCheck, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    let contract = &prepared.contract;
    let study = &contract.study.id;
    let key: ProjectKey = read_key(project_key, study, &inputs.unlock, inputs.today)?;
    let delivery = Delivery::open(path, contract, &inputs.unlock)?;
    let manifest = &delivery.manifest;
    let own = &prepared.holder;
    let facts = [
        ("key", manifest.key_id == key.id(study)),
        ("contract", manifest.exchange_digest == contract.exchange_digest),
        ("holder", manifest.holder == own.name),
        ("delivery number", manifest.delivery.number == own.delivery.number),
    ];
    if let Some((what, _)) = facts.into_iter().find(|(_, agrees)| !agrees) {
        return Err(ExtractError::OtherDelivery { what });
    }
    let keys = ProjectKeys::new(&key, study);
    progress.begin("check", prepared.source_bytes());
    let codeless = survey(&prepared, &keys)?;
    let sample = Sample { seed: RandomState::new().hash_one(path) as u32 };
    let mut tables = Vec::new();
    for (entry, (position, table)) in delivery.account.tables.iter().zip(delivery.tables(contract)?) {
        let check =
            Check { prepared: &prepared, keys: &keys, codeless: codeless.as_ref(), position, entry, sample, memory };
        let comparison = check.recompute(&table, progress)?;
        let dropped = check.dropped()?;
        tables.push(TableCheck {
            table: entry.name.clone(),
            persons: comparison.persons,
            rows: comparison.rows,
            differing: comparison.differing,
            dropped_values: dropped.len() as u64,
            found: find(&delivery.any_table(entry, memory)?, &dropped)?,
        });
    }
    Ok(DeliveryCheck { holder: manifest.holder.clone(), number: manifest.delivery.number, tables })
}

/// Random sample of persons, new in each run.
#[derive(Clone, Copy)]
struct Sample {
    seed: u32,
}

impl Sample {
    /// Returns true if the person of `pseudonym` is in the sample of a table with `all` persons.
    fn has(self, pseudonym: u128, all: u64) -> bool {
        // Pseudonyms are uniform. Their last bits draw the sample from all parts of the sorted table.
        u64::from(pseudonym as u32 ^ self.seed) * all.max(1) < PERSONS << 32
    }
}

/// Check of one table.
struct Check<'a> {
    prepared: &'a Prepared,
    keys: &'a ProjectKeys<'a>,
    codeless: Option<&'a Codeless>,
    position: usize,
    entry: &'a TableEntry,
    sample: Sample,
    memory: usize,
}

/// Comparison of recomputed and delivered rows.
struct Comparison {
    persons: u64,
    rows: u64,
    differing: u64,
}

impl Check<'_> {
    fn table(&self) -> &Table {
        &self.prepared.contract.tables[self.position]
    }

    /// Returns the rows of the sample's persons among `columns`.
    fn sample(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>, StoreError> {
        let keys = keys(&columns[0]).into_iter();
        let sampled: BooleanArray = keys.map(|key| Some(self.sample.has(key, self.entry.persons))).collect();
        let columns = columns.iter().map(|column| filter(column, &sampled));
        columns.collect::<Result<_, _>>().map_err(|error| self.encode_error(&error))
    }

    fn encode_error(&self, error: &ArrowError) -> StoreError {
        StoreError::encode(Path::new(&self.entry.file), error)
    }

    /// Recomputes the sample's rows and compares them with the delivered ones.
    fn recompute(&self, table: &ParquetTable, progress: &dyn Progress) -> Result<Comparison, ExtractError> {
        let fields = &self.table().fields;
        let expected = joined(fields, &self.expected(progress)?).map_err(|error| self.encode_error(&error))?;
        let found = joined(fields, &self.delivered(table)?).map_err(|error| self.encode_error(&error))?;
        Ok(compare(&expected, &found).map_err(|error| self.encode_error(&error))?)
    }

    /// Recomputes the sample's rows from the sources.
    fn expected(&self, progress: &dyn Progress) -> Result<Vec<Vec<ArrayRef>>, ExtractError> {
        let sorter = Sorter::new(&self.table().fields, self.memory, &std::env::temp_dir())?;
        let mode = Mode::Pseudonymise(self.keys, self.codeless);
        self.prepared.run(self.position, mode, progress, |columns, _| sorter.push(&self.sample(columns)?))?;
        let sorted = sorter.finish()?;
        let mut parts = Vec::new();
        for group in sorted.groups() {
            let columns = sorted.load(group.ranges)?;
            parts.push(without_repeats(self.table(), columns).map_err(|error| self.encode_error(&error))?);
        }
        Ok(parts)
    }

    /// Reads the sample's rows from the delivery.
    fn delivered(&self, table: &ParquetTable) -> Result<Vec<Vec<ArrayRef>>, ExtractError> {
        let mut parts = Vec::new();
        for batch in table.all_batches() {
            let batch = batch?;
            let columns = batch.columns().iter().zip(&self.table().fields);
            let columns: Option<Vec<ArrayRef>> =
                columns.map(|(column, field)| decode_column(column, &field.value)).collect();
            let columns = columns.ok_or_else(|| SourceError::Decode { path: self.entry.file.clone().into() })?;
            parts.push(self.sample(&columns)?);
        }
        Ok(parts)
    }

    /// Returns the distinct values of the omitted columns and of the person column, hashed.
    fn dropped(&self) -> Result<HashSet<u64>, ExtractError> {
        let values: Shared<HashSet<u64>> = Shared::default();
        for source in self.prepared.sources(self.position) {
            let person = match &source.origins[self.table().person] {
                Origin::Header(header) => Some(source.headers[*header].clone()),
                _ => None,
            };
            let read_for_linkage = source.linkage.map_or_else(Vec::new, LinkageColumns::positions);
            let names = read_for_linkage.into_iter().map(|header| source.headers[header].clone());
            let wanted: Vec<String> = source.dropped.iter().cloned().chain(person).chain(names).collect();
            for path in &source.files {
                open(path, source, &wanted)?.for_each(|batch: SourceBatch| -> Result<(), ExtractError> {
                    let columns = batch.columns.iter().map(Cells::new);
                    let revealing: Vec<u64> = columns.flat_map(|cells| revealing_values(&cells)).collect();
                    values.lock().extend(revealing);
                    Ok(())
                })?;
            }
        }
        Ok(values.into_inner())
    }
}

/// Finds values of omitted columns in a delivered table. Returns the number of rows by column.
fn find(table: &AnyTable, dropped: &HashSet<u64>) -> Result<BTreeMap<String, u64>, ExtractError> {
    let parts = table.map(&table.all(), |rows: Rows| -> Vec<u64> {
        rows.columns.iter().map(|cells| count_dropped(cells, dropped)).collect()
    })?;
    let columns = table.columns().iter().enumerate();
    let sums = columns.map(|(at, (name, _))| (name.clone(), parts.iter().map(|part| part[at]).sum()));
    Ok(sums.filter(|(_, found)| *found > 0).collect())
}

fn count_dropped(cells: &Cells, dropped: &HashSet<u64>) -> u64 {
    revealing_values(cells).iter().filter(|value| dropped.contains(value)).count() as u64
}

fn open(path: &Path, source: &Source, wanted: &[String]) -> Result<SourceFile, SourceError> {
    match &source.format {
        Format::Csv(format) => SourceFile::csv(path, format, wanted, &source.headers),
        Format::Sas(format) => SourceFile::sas(path, format, wanted, &source.headers),
        Format::Parquet => SourceFile::parquet(path, wanted, &vec![false; wanted.len()], &source.headers),
    }
}

/// Returns the revealing values of a column, hashed.
fn revealing_values(cells: &Cells) -> Vec<u64> {
    // One state for all columns: equal values must hash equally.
    static HASHER: ahash::RandomState = ahash::RandomState::with_seeds(1, 2, 3, 4);
    let texts = (0..cells.len()).filter_map(|row| cells.text(row));
    texts.filter(|text| is_revealing(text.trim())).map(|text| HASHER.hash_one(text.trim())).collect()
}

/// Returns true for a value that identifies wherever it occurs: neither short, nor a date, nor an amount.
fn is_revealing(text: &str) -> bool {
    let is_date = Day::parse(text).is_ok() || Day::parse_finnish(text).is_ok();
    let is_amount = text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit() || b".,-".contains(&b));
    text.len() >= SHORTEST && !is_date && !is_amount
}

/// Joins the parts of a table.
fn joined(fields: &[Field], parts: &[Vec<ArrayRef>]) -> Result<Vec<ArrayRef>, ArrowError> {
    (0..fields.len()).map(|at| joined_column(&fields[at], parts, at)).collect()
}

fn joined_column(field: &Field, parts: &[Vec<ArrayRef>], at: usize) -> Result<ArrayRef, ArrowError> {
    let pieces: Vec<&dyn Array> = parts.iter().map(|part| part[at].as_ref()).collect();
    match pieces.is_empty() {
        true => Ok(arrow::array::new_empty_array(&field.value.memory_type())),
        false => concat(&pieces),
    }
}

/// Compares two tables that are sorted by the person.
fn compare(expected: &[ArrayRef], found: &[ArrayRef]) -> Result<Comparison, ArrowError> {
    let [left, right] = [expected, found].map(|columns| runs(&keys(&columns[0])));
    let persons: BTreeSet<&u128> = left.keys().chain(right.keys()).collect();
    let mut differing = 0;
    for person in &persons {
        let same = match (left.get(person), right.get(person)) {
            (Some(a), Some(b)) => same_rows(expected, a, found, b)?,
            _ => false,
        };
        differing += u64::from(!same);
    }
    Ok(Comparison { persons: persons.len() as u64, rows: expected[0].len() as u64, differing })
}

/// Returns true if the rows `a` of `expected` are the rows `b` of `found`.
fn same_rows(expected: &[ArrayRef], a: &Range<u32>, found: &[ArrayRef], b: &Range<u32>) -> Result<bool, ArrowError> {
    for (one, other) in expected.iter().zip(found) {
        if take(one, &rows(a), None)? != take(other, &rows(b), None)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn rows(range: &Range<u32>) -> UInt32Array {
    UInt32Array::from_iter_values(range.clone())
}

/// Returns the range of rows of each key of a sorted column.
fn runs(keys: &[u128]) -> BTreeMap<u128, Range<u32>> {
    let mut runs: BTreeMap<u128, Range<u32>> = BTreeMap::new();
    for (row, key) in (0..).zip(keys) {
        runs.entry(*key).or_insert(row..row).end = row + 1;
    }
    runs
}
