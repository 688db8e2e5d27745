//! Rows of linked persons without an identifier, moved to the pseudonym of the person with one.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use tempfile::TempDir;

use super::Evidence;
use super::groups::{Traits, groups};
use crate::config::Contract;
use crate::crypto::DataKey;
use crate::exchange::{Delivery, FolderError};
use crate::link::error::LinkError;
use crate::link::merge::Input;
use crate::table::{ParquetTable, Sorter, StoreError, decode_column, pseudonym_column, write_table};
use salanimi_core::Pseudonym;

/// Rows of a batch.
const BATCH_ROWS: usize = 64 << 10;

/// Inputs with the rows of linked persons under their new pseudonyms.
pub(in crate::link) struct MovedRows<'a> {
    pub(in crate::link) inputs: Vec<Input<'a>>,
    /// Folder of the moved rows, which are sealed under a key that the process forgets. It is removed when the link
    /// ends.
    _folder: Option<TempDir>,
}

impl<'a> MovedRows<'a> {
    /// Returns the inputs as they are.
    pub(in crate::link) fn none(inputs: Vec<Input<'a>>) -> Self {
        Self { inputs, _folder: None }
    }
}

/// Moves the rows of linked persons, and completes the account by groups.
///
/// Every input of a holder with persons without an identifier leaves out the rows of those who are linked; another
/// input has them.
pub(in crate::link) fn move_rows<'a>(
    contract: &'a Contract,
    deliveries: &'a [Delivery],
    inputs: Vec<Input<'a>>,
    evidence: &mut Evidence,
    (memory, folder): (usize, &Path),
) -> Result<MovedRows<'a>, LinkError> {
    let io = |source| FolderError::Io { path: folder.to_owned(), source };
    let scratch = TempDir::new_in(folder).map_err(io)?;
    let key = DataKey::generate()?;
    let share = memory / inputs.len().max(1);
    let scan = Scan { contract, evidence, folder: scratch.path(), key: &key, memory: share };
    let scanned: Vec<Result<Scanned, LinkError>> =
        inputs.par_iter().enumerate().map(|(number, input)| scan.input(input, number)).collect();
    let mut all = Vec::with_capacity(inputs.len());
    let mut traits: HashMap<u128, Traits> = HashMap::new();
    for (input, scanned) in inputs.into_iter().zip(scanned) {
        let scanned = scanned?;
        for (pseudonym, of_input) in scanned.traits {
            traits.entry(pseudonym).or_default().join(of_input);
        }
        let Some(file) = scanned.file else {
            all.push(input);
            continue;
        };
        let moved = Input::new(contract, deliveries, input.delivery, (input.table, file))?.moved();
        all.push(input.without(Arc::new(scanned.moved), scanned.rows));
        all.push(moved);
    }
    evidence.account.groups = groups(deliveries, &evidence.persons, &traits);
    Ok(MovedRows { inputs: all, _folder: Some(scratch) })
}

struct Scan<'a> {
    contract: &'a Contract,
    evidence: &'a Evidence,
    folder: &'a Path,
    /// Seals the moved rows: they still have the pseudonyms, days and amounts of the deliveries.
    key: &'a DataKey,
    memory: usize,
}

/// What a scan of an input found.
#[derive(Default)]
struct Scanned {
    traits: HashMap<u128, Traits>,
    /// Pseudonyms whose rows were moved.
    moved: HashSet<u128>,
    /// Number of these rows.
    rows: u64,
    /// The table of these rows; `None` if there are none.
    file: Option<ParquetTable>,
}

/// Rows of persons without an identifier in one batch.
struct FoundRows {
    pseudonyms: Vec<u128>,
    columns: Vec<ArrayRef>,
}

impl Scan<'_> {
    fn input(&self, input: &Input<'_>, number: usize) -> Result<Scanned, LinkError> {
        let mut scanned = Scanned::default();
        if !self.evidence.has_codeless(input.holder) {
            return Ok(scanned);
        }
        let table = &self.contract.tables[input.table];
        let sorter = Sorter::encrypted(&table.fields, self.memory, self.folder)?;
        let groups: Vec<usize> = (0..input.file.row_groups()).collect();
        let found = groups.into_par_iter().map(|group| self.group(input, group)).collect::<Result<Vec<_>, _>>()?;
        for rows in found.into_iter().flatten() {
            for (row, &pseudonym) in rows.pseudonyms.iter().enumerate() {
                scanned.traits.entry(pseudonym).or_default().add(self.contract, input.table, &rows.columns, row);
            }
            self.push(&rows, &sorter, &mut scanned)?;
        }
        if scanned.rows > 0 {
            let file = format!("{number}.parquet");
            let path = self.folder.join(&file);
            let seal = || self.key.seal_of_scratch(&file);
            let sorted = sorter.finish()?;
            write_table(&path, &table.fields, sorted.groups(), Some(seal()), |ranges| sorted.load(ranges))?;
            scanned.file = Some(ParquetTable::open(&path, &table.fields, Some(seal()))?);
        }
        Ok(scanned)
    }

    /// Returns the rows of persons without an identifier in a row group.
    fn group(&self, input: &Input<'_>, group: usize) -> Result<Vec<FoundRows>, LinkError> {
        let fields = &self.contract.tables[input.table].fields;
        let mut found = Vec::new();
        for batch in input.file.batches(group..group + 1, BATCH_ROWS) {
            let batch = batch?;
            let keys = batch.column(0).as_fixed_size_binary_opt().ok_or_else(|| input.content_error())?;
            let mut pseudonyms = Vec::new();
            let mut rows = Vec::new();
            for (row, key) in (0..).zip(keys.iter()) {
                let pseudonym = key.and_then(|key| key.try_into().ok()).map(u128::from_be_bytes);
                if let Some(pseudonym) = pseudonym.filter(|known| self.evidence.is_codeless(*known, input.holder)) {
                    pseudonyms.push(pseudonym);
                    rows.push(row);
                }
            }
            if rows.is_empty() {
                continue;
            }
            let rows = UInt32Array::from(rows);
            let columns = batch
                .columns()
                .iter()
                .zip(fields)
                .map(|(column, field)| decode_column(&take(column, &rows, None).ok()?, &field.value));
            let columns = columns.collect::<Option<_>>().ok_or_else(|| input.content_error())?;
            found.push(FoundRows { pseudonyms, columns });
        }
        Ok(found)
    }

    /// Pushes the rows of linked persons under their new pseudonyms.
    fn push(&self, found: &FoundRows, sorter: &Sorter, scanned: &mut Scanned) -> Result<(), LinkError> {
        let mut rows = Vec::new();
        let mut persons = Vec::new();
        for (row, &pseudonym) in (0..).zip(&found.pseudonyms) {
            if let Some((to, _)) = self.evidence.moves(pseudonym) {
                rows.push(row);
                persons.push(Pseudonym(to.to_be_bytes()));
                scanned.moved.insert(pseudonym);
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        scanned.rows += rows.len() as u64;
        let rows = UInt32Array::from(rows);
        let columns = found.columns.iter().map(|column| take(column, &rows, None)).collect::<Result<Vec<_>, _>>();
        let mut columns = columns.map_err(|error| StoreError::encode(self.folder, &error))?;
        columns[0] = pseudonym_column(persons.into_iter(), None);
        Ok(sorter.push(&columns)?)
    }
}
