//! The key-holder's check of a delivery: a random sample of persons recomputed end to end, and no value of a column that
//! was to be left out found in it.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{concat, filter, take};
use serde::Serialize;

use super::deliver::without_repeats;
use super::error::ExtractError;
use super::prepare::{Inputs, Naming, Prepared};
use crate::config::{Format, Origin, Source, Table};
use crate::crypto::{Key, ProjectKey, ProjectKeys, read_key};
use crate::exchange::{Delivery, TableEntry};
use crate::progress::Progress;
use crate::table::{
    AnyTable, Cells, Field, ParquetTable, Rows, Sorter, SourceBatch, SourceError, SourceFile, StoreError, carried, keys,
};
use salanimi_core::{Day, Id};

/// About how many persons of a table are recomputed.
const PERSONS: u64 = 2000;
/// Shorter values of dropped columns are found anywhere by chance.
const SHORTEST: usize = 6;

/// What the check found.
#[derive(Debug, Serialize)]
pub struct DeliveryCheck {
    /// The holder.
    pub holder: Id,
    /// The delivery's number.
    pub number: u32,
    /// By table.
    pub tables: Vec<TableCheck>,
}

/// What the check of one table found.
#[derive(Debug, Serialize)]
pub struct TableCheck {
    /// The table.
    pub table: Id,
    /// Persons of the sample who have rows in the source or the delivery.
    pub persons: u64,
    /// Their rows as recomputed from the source.
    pub rows: u64,
    /// Persons whose delivered rows are not those.
    pub differing: u64,
    /// Distinct values of columns that were left out, the identity codes among them.
    pub dropped_values: u64,
    /// Delivered columns in which such values were found, and in how many rows.
    pub found: BTreeMap<String, u64>,
}

impl DeliveryCheck {
    /// Whether every row is as recomputed and no dropped value was found.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.tables.iter().all(|table| table.differing == 0 && table.found.is_empty())
    }
}

/// Checks the delivery at `path` against the sources and the key that it was made from. It must be readable: one that is
/// sealed to others can only be checked before it is sealed, as the same extract with `--unsealed`.
///
/// # Errors
/// An input is bad, the delivery cannot be opened, or was made with another key or contract.
pub fn check(
    inputs: &Inputs,
    project_key: &Path,
    path: &Path,
    memory: usize,
    progress: &dyn Progress,
) -> Result<DeliveryCheck, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    let contract = &prepared.contract;
    let key: ProjectKey = read_key(project_key, &contract.study.id, &inputs.unlock, inputs.today)?;
    let delivery = Delivery::open(path, contract, &inputs.unlock)?;
    let (manifest, own) = (&delivery.manifest, &prepared.holder);
    let same = [
        ("key", manifest.key_id == key.id(&contract.study.id)),
        ("contract", manifest.exchange_digest == contract.exchange_digest),
        ("holder", manifest.holder == own.name),
        ("delivery number", manifest.delivery.number == own.delivery.number),
    ];
    if let Some((what, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(ExtractError::OtherDelivery { what });
    }
    let keys = ProjectKeys::new(&key, &contract.study.id);
    progress.begin("check", prepared.source_bytes());
    let chosen = Chosen { seed: RandomState::new().hash_one(path) as u32 };
    let mut tables = Vec::new();
    for (entry, (position, table)) in delivery.account.tables.iter().zip(delivery.tables(contract)?) {
        let check = Check { prepared: &prepared, keys: &keys, position, entry, chosen, memory };
        let (persons, rows, differing) = check.recompute(&table, progress)?;
        let dropped = check.dropped()?;
        let found = Check::find(&delivery.any_table(entry, memory)?, &dropped)?;
        let (table, dropped_values) = (entry.name.clone(), dropped.len() as u64);
        tables.push(TableCheck { table, persons, rows, differing, dropped_values, found });
    }
    Ok(DeliveryCheck { holder: manifest.holder.clone(), number: manifest.delivery.number, tables })
}

/// Chooses persons at random, anew in each run.
#[derive(Clone, Copy)]
struct Chosen {
    seed: u32,
}

impl Chosen {
    /// Whether the person of a pseudonym is in the sample when `all` persons are there.
    fn has(self, pseudonym: u128, all: u64) -> bool {
        // The last bits, so that the sample comes from all parts of the table; pseudonyms are uniform.
        u64::from(pseudonym as u32 ^ self.seed) * all.max(1) < PERSONS << 32
    }
}

struct Check<'a> {
    prepared: &'a Prepared,
    keys: &'a ProjectKeys<'a>,
    position: usize,
    entry: &'a TableEntry,
    chosen: Chosen,
    memory: usize,
}

impl Check<'_> {
    fn table(&self) -> &Table {
        &self.prepared.contract.tables[self.position]
    }

    /// The rows of the sample's persons among `columns`.
    fn sample(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>, StoreError> {
        let chosen = keys(&columns[0]).into_iter().map(|key| Some(self.chosen.has(key, self.entry.persons)));
        let chosen: BooleanArray = chosen.collect();
        let all = columns.iter().map(|column| filter(column, &chosen));
        all.collect::<Result<_, _>>().map_err(|e| StoreError::encode(Path::new(&self.entry.file), &e))
    }

    /// Persons, rows and differing persons of the sample.
    fn recompute(&self, table: &ParquetTable, progress: &dyn Progress) -> Result<(u64, u64, u64), ExtractError> {
        let encode = |e: &arrow::error::ArrowError| StoreError::encode(Path::new(&self.entry.file), e);
        let sorter = Sorter::new(&self.table().fields, self.memory, &std::env::temp_dir())?;
        self.prepared
            .run(self.position, Naming::Keys(self.keys), progress, |columns| sorter.push(&self.sample(columns)?))?;
        let sorted = sorter.finish()?;
        let mut expected: Vec<Vec<ArrayRef>> = Vec::new();
        for group in sorted.groups() {
            let columns = sorted.load(group.ranges)?;
            expected.push(without_repeats(self.table(), columns).map_err(|e| encode(&e))?);
        }
        let mut found = Vec::new();
        for batch in table.all_batches()? {
            let batch = batch?;
            let columns = batch.columns().iter().zip(&self.table().fields).map(|(c, f)| carried(c, &f.value));
            let foreign = || SourceError::Decode { path: self.entry.file.clone().into() };
            found.push(self.sample(&columns.collect::<Option<Vec<_>>>().ok_or_else(foreign)?)?);
        }
        let fields = &self.table().fields;
        let [expected, found] =
            [joined(fields, &expected), joined(fields, &found)].map(|columns| columns.map_err(|e| encode(&e)));
        let (expected, found) = (expected?, found?);
        let (persons, differing) = compare(&expected, &found).map_err(|e| encode(&e))?;
        Ok((persons, expected[0].len() as u64, differing))
    }

    /// Distinct values of the columns that were left out and of the person column, hashed.
    fn dropped(&self) -> Result<HashSet<u64>, ExtractError> {
        let values = Mutex::new(HashSet::new());
        for source in self.prepared.sources(self.position) {
            let person = match &source.origins[self.table().person] {
                Origin::Header(header) => Some(source.headers[*header].clone()),
                _ => None,
            };
            let wanted: Vec<String> = source.dropped.iter().cloned().chain(person).collect();
            for path in &source.files {
                open(path, source, &wanted)?.for_each(|batch: SourceBatch| -> Result<(), ExtractError> {
                    let cells: Vec<Cells> = batch.columns.iter().map(Cells::new).collect();
                    let telling = cells.iter().flat_map(telling_values).collect::<Vec<_>>();
                    values.lock().unwrap_or_else(PoisonError::into_inner).extend(telling);
                    Ok(())
                })?;
            }
        }
        Ok(values.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// In which columns, and in how many rows, values of the dropped columns are.
    fn find(table: &AnyTable, dropped: &HashSet<u64>) -> Result<BTreeMap<String, u64>, ExtractError> {
        let count = |rows: Rows| -> Vec<u64> {
            let found = |cells: &Cells| telling_values(cells).filter(|value| dropped.contains(value)).count() as u64;
            rows.columns.iter().map(found).collect()
        };
        let parts = table.map(&table.all(), count)?;
        let columns = table.columns().iter().enumerate();
        let sums = columns.map(|(at, (name, _))| (name.clone(), parts.iter().map(|part| part[at]).sum()));
        Ok(sums.filter(|(_, found)| *found > 0).collect())
    }
}

fn open(path: &Path, source: &Source, wanted: &[String]) -> Result<SourceFile, SourceError> {
    match &source.format {
        Format::Csv(format) => SourceFile::csv(path, format, wanted, &source.headers),
        Format::Parquet => SourceFile::parquet(path, wanted, &vec![false; wanted.len()], &source.headers),
    }
}

/// The values of a column that would tell something wherever they are found, hashed: neither short, nor a date, nor an
/// amount.
fn telling_values(cells: &Cells) -> impl Iterator<Item = u64> {
    // One state for all: equal values must hash equally.
    static HASHER: ahash::RandomState = ahash::RandomState::with_seeds(1, 2, 3, 4);
    let telling = |row: usize| {
        let text = cells.text(row)?;
        let text = text.trim();
        let dated = Day::parse(text).is_ok() || Day::parse_finnish(text).is_ok();
        let amount = text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit() || b".,-".contains(&b));
        (text.len() >= SHORTEST && !dated && !amount).then(|| HASHER.hash_one(text))
    };
    (0..cells.len()).filter_map(telling).collect::<Vec<_>>().into_iter()
}

/// Parts of a table, joined.
fn joined(fields: &[Field], parts: &[Vec<ArrayRef>]) -> Result<Vec<ArrayRef>, arrow::error::ArrowError> {
    let column = |at: usize| {
        let pieces: Vec<&dyn Array> = parts.iter().map(|part| part[at].as_ref()).collect();
        match pieces.is_empty() {
            true => Ok(arrow::array::new_empty_array(&fields[at].value.carried())),
            false => concat(&pieces),
        }
    };
    (0..fields.len()).map(column).collect()
}

/// How many persons there are in two tables that are sorted by the person, and of how many the rows differ.
fn compare(expected: &[ArrayRef], found: &[ArrayRef]) -> Result<(u64, u64), arrow::error::ArrowError> {
    let [left, right] = [expected, found].map(|columns| runs(&keys(&columns[0])));
    let all: std::collections::BTreeSet<&u128> = left.keys().chain(right.keys()).collect();
    let mut differing = 0;
    for person in &all {
        let same = match (left.get(person), right.get(person)) {
            (Some(a), Some(b)) if a.1 == b.1 => {
                let pairs = expected.iter().zip(found);
                let rows = |run: &(usize, usize)| UInt32Array::from_iter_values(run.0 as u32..(run.0 + run.1) as u32);
                let mut same = true;
                for (one, other) in pairs {
                    same &= take(one, &rows(a), None)? == take(other, &rows(b), None)?;
                }
                same
            }
            _ => false,
        };
        differing += u64::from(!same);
    }
    Ok((all.len() as u64, differing))
}

/// For each key of a sorted column, where its rows begin and how many they are.
fn runs(keys: &[u128]) -> BTreeMap<u128, (usize, usize)> {
    let mut runs = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        runs.entry(*key).or_insert((row, 0)).1 += 1;
    }
    runs
}
