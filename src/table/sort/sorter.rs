//! External sort by key range.
//!
//! 1. Keys are keyed hashes, so they are uniform. Their leading bits divide the rows into ranges of similar size.
//! 2. Rows are scattered into the ranges on arrival. When they fill the memory, they are spilled to disk as a run.
//! 3. Each range is sorted on its own, in parallel. Ranges are joined into row groups by their row counts alone.
//!
//! The output depends on the rows alone, not on threads, memory or the order of arrival.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use arrow::array::{Array, ArrayRef, AsArray, DynComparator, RecordBatch, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, concat};
use arrow::datatypes::{Field as ArrowField, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::super::error::StoreError;
use super::super::value::{Field, keys};
use super::lock::lock;
use super::parts::Parts;
use super::ranges::{RANGES, ScatteredBatch, gather, scatter, take_all};
use super::spill::{Segment, Spill};
use crate::crypto::MessageCipher;
use salanimi_core::RandomnessError;

/// Ranges that are gathered together for a spill.
const RANGES_AT_ONCE: usize = 128;
/// The most rows of joined ranges.
const GROUP_ROWS: u64 = 192 << 10;

/// Parts of the memory: one run is spilled, the next one fills, a third part holds the batches in work.
const RUNS_IN_MEMORY: usize = 3;
/// The fewest bytes of a run: its places in the file take memory too.
const LEAST_RUN: usize = 4 << 20;

/// The most bytes of text in one column of rows that are sorted together.
const MOST_TEXT: usize = i32::MAX as usize;

/// Accepts rows in any order, on any thread.
pub struct Sorter {
    schema: SchemaRef,
    spill: Spill,
    folder: PathBuf,
    /// Bytes of waiting rows that start a spill.
    run_bytes: usize,
    /// Held by the thread that spills.
    spilling: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<ScatteredBatch>,
    waiting_bytes: usize,
    runs: Vec<Run>,
    /// Rows of each range.
    rows: Vec<u64>,
}

/// A spilled run: the ranges that have rows, in order, each with their position.
type Run = Vec<(usize, Segment)>;

/// Key ranges that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The ranges.
    pub ranges: Range<usize>,
    /// Their number of rows.
    pub rows: u64,
}

/// All rows, ready to read range by range.
pub struct SortedTable {
    sorter: Sorter,
    state: State,
}

fn run_bytes(memory: usize) -> usize {
    (memory / RUNS_IN_MEMORY).max(LEAST_RUN)
}

impl Sorter {
    /// Returns a sorter of rows of `fields`, the first of which is the key.
    ///
    /// Holds about `memory` bytes in memory and spills the rest into `folder`.
    ///
    /// # Errors
    /// `folder` does not accept a file.
    pub fn new(fields: &[Field], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        Self::with_runs(fields, run_bytes(memory), folder, None)
    }

    /// Returns a sorter that spills encrypted rows, for folders that other machines reach.
    ///
    /// # Errors
    /// `folder` does not accept a file, or the operating system provides no randomness.
    pub fn encrypted(fields: &[Field], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        let no_randomness = |source: RandomnessError| StoreError::Spill {
            path: folder.to_owned(),
            source: std::io::Error::other(source.to_string()),
        };
        Self::with_runs(fields, run_bytes(memory), folder, Some(MessageCipher::generate().map_err(no_randomness)?))
    }

    /// Returns a sorter whose runs have at least `run_bytes`.
    fn with_runs(
        fields: &[Field],
        run_bytes: usize,
        folder: &Path,
        cipher: Option<MessageCipher>,
    ) -> Result<Self, StoreError> {
        let fields: Vec<ArrowField> =
            fields.iter().map(|f| ArrowField::new(&f.name, f.value.memory_type(), true)).collect();
        let state = State { rows: vec![0; RANGES], ..State::default() };
        let schema = Arc::new(Schema::new(fields));
        Ok(Self {
            spill: Spill::create(folder, &schema, cipher)?,
            schema,
            folder: folder.into(),
            run_bytes,
            spilling: Mutex::new(()),
            state: Mutex::new(state),
        })
    }

    /// Adds the rows of `columns`.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&self, columns: &[ArrayRef]) -> Result<(), StoreError> {
        let scattered = scatter(columns).map_err(|e| self.encode_error(&e))?;
        let bytes: usize = scattered.columns.iter().map(Array::get_array_memory_size).sum();
        let bytes = bytes + size_of_val::<[u32]>(&scattered.starts);
        let is_full = {
            let mut state = self.state();
            for (sum, range) in state.rows.iter_mut().zip(scattered.starts.windows(2)) {
                *sum += u64::from(range[1] - range[0]);
            }
            state.waiting.push(scattered);
            state.waiting_bytes += bytes;
            state.waiting_bytes > self.run_bytes
        };
        if is_full { self.spill_waiting() } else { Ok(()) }
    }

    /// Spills the waiting rows, one thread at a time. The others fill the next run meanwhile and stop when it is full.
    fn spill_waiting(&self) -> Result<(), StoreError> {
        let _turn = lock(&self.spilling);
        let waiting = {
            let mut state = self.state();
            if state.waiting_bytes <= self.run_bytes {
                return Ok(());
            }
            state.waiting_bytes = 0;
            std::mem::take(&mut state.waiting)
        };
        let run = self.spill_run(&waiting)?;
        self.state().runs.push(run);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Spills rows range by range. Several ranges are gathered at once, because each range has few rows.
    fn spill_run(&self, waiting: &[ScatteredBatch]) -> Result<Run, StoreError> {
        let mut run = Run::new();
        for first in (0..RANGES).step_by(RANGES_AT_ONCE) {
            let ranges = first..first + RANGES_AT_ONCE;
            let rows = ranges.clone().map(|range| (range, waiting.iter().map(|batch| batch.rows(range).len()).sum()));
            let rows: Vec<(usize, usize)> = rows.filter(|(_, rows)| *rows > 0).collect();
            let columns = gather(waiting, ranges, &self.schema).map_err(|e| self.encode_error(&e))?;
            let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(|e| self.encode_error(&e))?;
            let mut parts = Vec::new();
            let mut start = 0;
            for &(_, length) in &rows {
                parts.push(batch.slice(start, length));
                start += length;
            }
            run.extend(rows.into_iter().map(|(range, _)| range).zip(self.spill.write(&parts)?));
        }
        Ok(run)
    }

    fn encode_error(&self, error: &ArrowError) -> StoreError {
        StoreError::encode(&self.folder, error)
    }

    /// Ends the input. If rows were spilled, spills the rest too, so that reading starts with free memory.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(self) -> Result<SortedTable, StoreError> {
        let mut state = std::mem::take(&mut *self.state());
        if !state.runs.is_empty() {
            state.runs.push(self.spill_run(&state.waiting)?);
            state.waiting.clear();
        }
        Ok(SortedTable { sorter: self, state })
    }
}

impl SortedTable {
    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.state.rows.iter().sum()
    }

    /// Returns the number of bytes spilled to disk.
    #[must_use]
    pub fn spilled_bytes(&self) -> u64 {
        self.sorter.spill.written()
    }

    /// Returns the groups of the table, in order.
    ///
    /// A group is the largest aligned power of two of ranges with at most as many rows as a row group holds. A single
    /// range with more rows becomes several row groups.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        groups_of(&self.state.rows, GROUP_ROWS)
    }

    /// Returns the groups of each part.
    #[must_use]
    pub fn groups_of_parts(&self, parts: Parts) -> Vec<Vec<Group>> {
        let width = RANGES / parts.number();
        let of_part = |(part, rows): (usize, &[u64])| {
            let first = part * width;
            let groups = groups_of(rows, GROUP_ROWS).into_iter();
            groups
                .map(|Group { ranges, rows }| Group { ranges: first + ranges.start..first + ranges.end, rows })
                .collect()
        };
        self.state.rows.chunks(width).enumerate().map(of_part).collect()
    }

    /// Returns the rows of `ranges`, sorted by key, then by the other columns in order; nulls first.
    ///
    /// # Errors
    /// Spilled rows cannot be read.
    pub fn load(&self, ranges: Range<usize>) -> Result<Vec<ArrayRef>, StoreError> {
        let spilled = self.spilled(&ranges)?;
        // Rows are in the order of their ranges already.
        let lengths = self.state.rows[ranges.clone()].iter().map(|rows| *rows as usize).collect::<Vec<_>>();
        let joined = match spilled.is_empty() {
            true => gather(&self.state.waiting, ranges, &self.sorter.schema),
            false => join(&spilled),
        };
        joined.and_then(|columns| sort(&columns, &lengths)).map_err(|e| self.sorter.encode_error(&e))
    }

    /// Reads the spilled rows of `ranges`, range by range.
    fn spilled(&self, ranges: &Range<usize>) -> Result<Vec<RecordBatch>, StoreError> {
        let mut parts = Vec::new();
        for range in ranges.clone() {
            for run in &self.state.runs {
                if let Ok(at) = run.binary_search_by_key(&range, |(range, _)| *range) {
                    parts.push(self.sorter.spill.read(run[at].1)?);
                }
            }
        }
        self.check_texts(&parts)?;
        Ok(parts)
    }

    /// Refuses more text than one column holds.
    fn check_texts(&self, parts: &[RecordBatch]) -> Result<(), StoreError> {
        for (at, field) in self.sorter.schema.fields().iter().enumerate() {
            let texts = parts.iter().filter_map(|part| part.column(at).as_string_opt::<i32>());
            let bytes: usize = texts.map(|texts| texts.value_data().len()).sum();
            if bytes > MOST_TEXT {
                let rows = parts.iter().map(RecordBatch::num_rows).sum();
                return Err(StoreError::TooMuchText { column: field.name().clone(), rows });
            }
        }
        Ok(())
    }
}

/// Joins ranges with so many rows each to groups of at most `most` rows, as [`SortedTable::groups`] does.
#[must_use]
pub fn groups_of(rows: &[u64], most: u64) -> Vec<Group> {
    fn divide(rows: &[u64], at: usize, most: u64, groups: &mut Vec<Group>) {
        match rows.iter().sum::<u64>() {
            0 => {}
            sum if sum <= most || rows.len() == 1 => {
                groups.push(Group { ranges: at..at + rows.len(), rows: sum });
            }
            _ => {
                let half = rows.len() / 2;
                divide(&rows[..half], at, most, groups);
                divide(&rows[half..], at + half, most, groups);
            }
        }
    }
    let mut groups = Vec::new();
    divide(rows, 0, most, &mut groups);
    groups
}

/// Joins parts of a table, of which there is one at least.
fn join(parts: &[RecordBatch]) -> Result<Vec<ArrayRef>, ArrowError> {
    let column = |at: usize| parts.iter().map(|part| part.column(at).as_ref()).collect::<Vec<&dyn Array>>();
    match parts {
        [only] => Ok(only.columns().to_vec()),
        _ => (0..parts[0].num_columns()).map(|at| concat(&column(at))).collect(),
    }
}

/// Sorts rows that stand in the order of their ranges, of which each has so many rows.
fn sort(columns: &[ArrayRef], lengths: &[usize]) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut order: Vec<(u128, u32)> = keys(&columns[0]).into_iter().zip(0..).collect();
    let mut rest = order.as_mut_slice();
    for &length in lengths {
        let (range, others) = rest.split_at_mut(length);
        range.sort_unstable_by_key(|&(key, _)| key);
        rest = others;
    }
    let comparators = comparators(columns)?;
    for rows in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|rows| rows.len() > 1) {
        rows.sort_unstable_by(|a, b| compare(&comparators, a.1 as usize, b.1 as usize));
    }
    let order: UInt32Array = order.into_iter().map(|(_, row)| row).collect::<Vec<_>>().into();
    take_all(columns, &order)
}

/// Returns true if rows in memory are in the order of written tables: by key, then by the other columns in order, nulls
/// first.
#[must_use]
pub fn is_sorted(columns: &[ArrayRef]) -> bool {
    let Ok(comparators) = comparators(columns) else { unreachable!("every type in memory can be compared") };
    let keys = keys(&columns[0]);
    (1..keys.len()).all(|row| match keys[row - 1].cmp(&keys[row]) {
        Ordering::Equal => compare(&comparators, row - 1, row).is_le(),
        order => order.is_lt(),
    })
}

/// Returns comparators of rows with the same key.
fn comparators(columns: &[ArrayRef]) -> Result<Vec<DynComparator>, ArrowError> {
    columns[1..].iter().map(|c| make_comparator(c, c, SortOptions::default())).collect()
}

fn compare(comparators: &[DynComparator], a: usize, b: usize) -> Ordering {
    comparators.iter().fold(Ordering::Equal, |order, compare| order.then_with(|| compare(a, b)))
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int32Array};
    use arrow::datatypes::{Decimal128Type, Int32Type};
    use proptest::prelude::*;

    use super::super::super::value::{ValueType, pseudonym_column};
    use super::*;
    use salanimi_core::Pseudonym;

    type Row = (i128, Option<i32>);

    fn fields() -> Vec<Field> {
        vec![
            Field { name: "pseudonym".to_owned(), value: ValueType::Pseudonym },
            Field { name: "n".to_owned(), value: ValueType::Integer },
        ]
    }

    fn columns(rows: &[(u128, Option<i32>)]) -> Vec<ArrayRef> {
        let keys = rows.iter().map(|(key, _)| Pseudonym(key.to_be_bytes()));
        vec![pseudonym_column(keys, None), Arc::new(rows.iter().map(|(_, n)| *n).collect::<Int32Array>())]
    }

    fn rows(columns: &[ArrayRef]) -> Vec<Row> {
        let keys = columns[0].as_primitive::<Decimal128Type>().values();
        keys.iter().copied().zip(columns[1].as_primitive::<Int32Type>()).collect()
    }

    fn sorted(
        batches: &[Vec<(u128, Option<i32>)>],
        memory: usize,
        cipher: Option<MessageCipher>,
    ) -> (Vec<Row>, Vec<Group>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let sorter = Sorter::with_runs(&fields(), memory, folder.path(), cipher).unwrap();
        batches.iter().for_each(|batch| sorter.push(&columns(batch)).unwrap());
        let table = sorter.finish().unwrap();
        let loaded = table.groups().into_iter().flat_map(|group| rows(&table.load(group.ranges).unwrap()));
        (loaded.collect(), table.groups(), table.spilled_bytes())
    }

    /// Returns rows whose keys often tie and lie in several ranges.
    fn row() -> impl Strategy<Value = (u128, Option<i32>)> {
        (0_u128..40, proptest::option::of(0..5))
            .prop_map(|(n, value)| (n.wrapping_mul(0x0FED_CBA9_8765_4321 << 64), value))
    }

    fn as_read(rows: &[Row]) -> Vec<ArrayRef> {
        columns(&rows.iter().map(|&(key, n)| (key as u128 ^ 1 << 127, n)).collect::<Vec<_>>())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rows_are_sorted_for_any_memory(
            batches in proptest::collection::vec(proptest::collection::vec(row(), 0..50), 0..8),
        ) {
            let mut expected: Vec<Row> = batches.iter().flat_map(|batch| rows(&columns(batch))).collect();
            expected.sort();
            let (in_memory, groups, none) = sorted(&batches, 1 << 30, None);
            let (spilled, same_groups, _) = sorted(&batches, 0, None);
            let (encrypted, _, _) = sorted(&batches, 0, Some(MessageCipher::generate().unwrap()));
            prop_assert!(is_sorted(&as_read(&in_memory)));
            let reversed: Vec<Row> = expected.iter().rev().copied().collect();
            prop_assert_eq!(is_sorted(&as_read(&reversed)), reversed.is_sorted());
            prop_assert_eq!(&in_memory, &expected);
            prop_assert_eq!(&spilled, &expected);
            prop_assert_eq!(&encrypted, &expected);
            prop_assert_eq!(groups, same_groups);
            prop_assert_eq!(none, 0);
        }
    }

    #[test]
    fn row_groups_depend_on_rows_alone_and_never_split_a_range() {
        let rows: Vec<_> =
            (0..600_000_u128).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835), None)).collect();
        let batches: Vec<_> = rows.chunks(50_000).map(<[_]>::to_vec).collect();
        let (_, groups, spilled) = sorted(&batches, 4 << 20, None);
        assert!(spilled > 0 && groups.len() == 4, "{groups:?}");
        let mut ranges = groups.iter().map(|group| &group.ranges);
        assert!(ranges.all(|ranges| ranges.start % ranges.len() == 0 && ranges.len().is_power_of_two()));
        assert_eq!(groups.iter().map(|group| group.rows).sum::<u64>(), 600_000);
    }
}
