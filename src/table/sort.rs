//! External sort by key range.
//!
//! Keys are uniform (they are keyed hashes), so their leading bits cut the rows into ranges of like size. Rows are
//! scattered into the ranges as they come; runs that exceed the memory budget go to disk. Then each range is sorted on
//! its own, in parallel, and ranges are joined into row groups by their row counts alone. So what is written depends on
//! the rows, and on nothing else: not on threads, memory or the order of arrival.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef, DynComparator, RecordBatch, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, concat, take};
use arrow::datatypes::{Field as ArrowField, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::error::StoreError;
use super::spill::{Segment, Spill};
use super::value::{Field, keys};

/// Leading bits of the key that name a range.
const RANGE_BITS: u32 = 9;
const RANGES: usize = 1 << RANGE_BITS;
/// Rows of a row group: ranges are joined up to this many.
const GROUP_ROWS: usize = 192 << 10;

/// One run is spilled while the next one fills; the memory of a third is left to the batches in work.
const RUNS_IN_MEMORY: usize = 3;

/// Takes rows in any order, on any thread.
pub struct Sorter {
    schema: SchemaRef,
    spill: Spill,
    folder: std::path::PathBuf,
    /// Bytes that may wait in memory before they are spilled.
    run_bytes: usize,
    /// Held by the thread that spills.
    spilling: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Scattered>,
    waiting_bytes: usize,
    runs: Vec<Run>,
    rows: Vec<u64>,
}

/// A batch whose rows are ordered by range.
struct Scattered {
    columns: Vec<ArrayRef>,
    /// Where each range begins, and the end of the last.
    starts: Box<[u32]>,
}

/// A spilled run: for each range, where its rows lie.
type Run = Vec<Option<Segment>>;

/// Ranges of the key that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The ranges.
    pub ranges: Range<usize>,
    /// The rows that were put into them.
    pub rows: u64,
}

/// All rows, ready to be read range by range.
pub struct SortedTable {
    sorter: Sorter,
    state: State,
}

impl Sorter {
    /// A sorter of rows of `fields`, the first of which is the key. Keeps about `memory` bytes in memory and spills
    /// the rest into `folder`.
    ///
    /// # Errors
    /// No file can be made in `folder`.
    pub fn new(fields: &[Field], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        let fields: Vec<ArrowField> =
            fields.iter().map(|f| ArrowField::new(&f.name, f.value.carried(), true)).collect();
        let state = State { rows: vec![0; RANGES], ..State::default() };
        Ok(Self {
            schema: Arc::new(Schema::new(fields)),
            spill: Spill::create(folder)?,
            folder: folder.into(),
            run_bytes: memory / RUNS_IN_MEMORY,
            spilling: Mutex::new(()),
            state: Mutex::new(state),
        })
    }

    /// Takes in the rows of `columns`.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&self, columns: &[ArrayRef]) -> Result<(), StoreError> {
        let scattered = scatter(columns).map_err(|e| self.encode_error(&e))?;
        let bytes: usize = scattered.columns.iter().map(arrow::array::Array::get_array_memory_size).sum();
        let full = {
            let mut state = self.state();
            for (range, rows) in state.rows.iter_mut().enumerate() {
                *rows += u64::from(scattered.starts[range + 1] - scattered.starts[range]);
            }
            state.waiting.push(scattered);
            state.waiting_bytes += bytes;
            state.waiting_bytes > self.run_bytes
        };
        if full { self.spill_waiting() } else { Ok(()) }
    }

    /// Spills what waits. One thread at a time: the others fill the next run meanwhile, and stop when it is full.
    fn spill_waiting(&self) -> Result<(), StoreError> {
        let _turn = self.spilling.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spill_run(&self, waiting: &[Scattered]) -> Result<Run, StoreError> {
        let segment = |range: usize| {
            let columns = self.gather(waiting, range..range + 1).map_err(|e| self.encode_error(&e))?;
            match columns {
                None => Ok(None),
                Some(columns) => {
                    let batch =
                        RecordBatch::try_new(self.schema.clone(), columns).map_err(|e| self.encode_error(&e))?;
                    self.spill.write(&batch).map(Some)
                }
            }
        };
        (0..RANGES).map(segment).collect()
    }

    /// The rows of `ranges` in all of `waiting`, joined; `None` if there are none.
    fn gather(&self, waiting: &[Scattered], ranges: Range<usize>) -> Result<Option<Vec<ArrayRef>>, ArrowError> {
        let slices = waiting.iter().filter_map(|s| s.slice(&ranges)).collect::<Vec<_>>();
        join(&slices, self.schema.fields().len())
    }

    fn encode_error(&self, error: &ArrowError) -> StoreError {
        StoreError::encode(&self.folder, error)
    }

    /// No more rows come. If any were spilled the rest are too, so that reading begins with the memory free.
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

impl Scattered {
    fn slice(&self, ranges: &Range<usize>) -> Option<Vec<ArrayRef>> {
        let (start, end) = (self.starts[ranges.start] as usize, self.starts[ranges.end] as usize);
        (end > start).then(|| self.columns.iter().map(|c| c.slice(start, end - start)).collect())
    }
}

impl SortedTable {
    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.state.rows.iter().sum()
    }

    /// Bytes that were spilled to disk.
    #[must_use]
    pub fn spilled_bytes(&self) -> u64 {
        self.sorter.spill.written()
    }

    /// The groups of the table, in order, each of which is to become one row group or, if it has more rows than fit,
    /// several.
    ///
    /// A group is the largest aligned power of two of ranges that has at most the rows of a row group.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        fn cut(rows: &[u64], at: usize, groups: &mut Vec<Group>) {
            match rows.iter().sum::<u64>() {
                0 => {}
                sum if sum <= GROUP_ROWS as u64 || rows.len() == 1 => {
                    groups.push(Group { ranges: at..at + rows.len(), rows: sum });
                }
                _ => {
                    let half = rows.len() / 2;
                    cut(&rows[..half], at, groups);
                    cut(&rows[half..], at + half, groups);
                }
            }
        }
        let mut groups = Vec::new();
        cut(&self.state.rows, 0, &mut groups);
        groups
    }

    /// The rows of `ranges`, sorted by key, then by the other columns in order; nulls first.
    ///
    /// # Errors
    /// What was spilled cannot be read again.
    pub fn load(&self, ranges: Range<usize>) -> Result<Vec<ArrayRef>, StoreError> {
        let mut parts: Vec<Vec<ArrayRef>> = self.state.waiting.iter().filter_map(|s| s.slice(&ranges)).collect();
        for run in &self.state.runs {
            for segment in run[ranges.clone()].iter().flatten() {
                parts.extend(self.sorter.spill.read(*segment)?.iter().map(|batch| batch.columns().to_vec()));
            }
        }
        let width = self.sorter.schema.fields().len();
        let sorted = join(&parts, width).and_then(|columns| match columns {
            Some(columns) => sort(&columns),
            None => Ok(RecordBatch::new_empty(self.sorter.schema.clone()).columns().to_vec()),
        });
        sorted.map_err(|e| self.sorter.encode_error(&e))
    }
}

/// Orders the rows of `columns` by the range of their key.
fn scatter(columns: &[ArrayRef]) -> Result<Scattered, ArrowError> {
    let ranges: Vec<usize> = keys(&columns[0]).into_iter().map(|key| (key >> (128 - RANGE_BITS)) as usize).collect();
    let mut starts = vec![0_u32; RANGES + 1].into_boxed_slice();
    ranges.iter().for_each(|&range| starts[range + 1] += 1);
    for at in 0..RANGES {
        starts[at + 1] += starts[at];
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; ranges.len()];
    for (row, &range) in ranges.iter().enumerate() {
        order[next[range] as usize] = row as u32;
        next[range] += 1;
    }
    Ok(Scattered { columns: take_all(columns, &order.into())?, starts })
}

fn take_all(columns: &[ArrayRef], order: &UInt32Array) -> Result<Vec<ArrayRef>, ArrowError> {
    columns.iter().map(|column| take(column, order, None)).collect()
}

fn join(parts: &[Vec<ArrayRef>], width: usize) -> Result<Option<Vec<ArrayRef>>, ArrowError> {
    match parts {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        _ => (0..width)
            .map(|column| concat(&parts.iter().map(|p| p[column].as_ref()).collect::<Vec<_>>()))
            .collect::<Result<_, _>>()
            .map(Some),
    }
}

fn sort(columns: &[ArrayRef]) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut order: Vec<(u128, u32)> = keys(&columns[0]).into_iter().zip(0..).collect();
    order.sort_unstable_by_key(|&(key, _)| key);
    let comparators = comparators(columns)?;
    for rows in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|rows| rows.len() > 1) {
        rows.sort_unstable_by(|a, b| compare(&comparators, a.1 as usize, b.1 as usize));
    }
    let order: UInt32Array = order.into_iter().map(|(_, row)| row).collect::<Vec<_>>().into();
    take_all(columns, &order)
}

/// Whether the rows of `columns`, in carried form, are in the order in which tables are written: by key, then by the other
/// columns in order, nulls first.
#[must_use]
pub fn is_sorted(columns: &[ArrayRef]) -> bool {
    let (keys, Ok(comparators)) = (keys(&columns[0]), comparators(columns)) else { return false };
    (1..keys.len()).all(|row| match keys[row - 1].cmp(&keys[row]) {
        Ordering::Equal => compare(&comparators, row - 1, row).is_le(),
        order => order.is_lt(),
    })
}

/// How rows of one key are ordered.
fn comparators(columns: &[ArrayRef]) -> Result<Vec<DynComparator>, ArrowError> {
    columns[1..].iter().map(|c| make_comparator(c, c, SortOptions::default())).collect()
}

fn compare(comparators: &[DynComparator], a: usize, b: usize) -> Ordering {
    comparators.iter().map(|compare| compare(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int32Array};
    use arrow::datatypes::{Decimal128Type, Int32Type};
    use proptest::prelude::*;

    use super::super::value::{ValueType, pseudonym_column};
    use super::*;
    use salanimi_core::Pseudonym;

    type Row = (i128, Option<i32>);

    fn fields() -> Vec<Field> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        vec![field("pseudonym", ValueType::Pseudonym), field("n", ValueType::Integer)]
    }

    fn columns(rows: &[(u128, Option<i32>)]) -> Vec<ArrayRef> {
        let keys = rows.iter().map(|(key, _)| Pseudonym(key.to_be_bytes()));
        vec![pseudonym_column(keys, None), Arc::new(rows.iter().map(|(_, n)| *n).collect::<Int32Array>())]
    }

    fn rows(columns: &[ArrayRef]) -> Vec<Row> {
        let keys = columns[0].as_primitive::<Decimal128Type>().values();
        keys.iter().copied().zip(columns[1].as_primitive::<Int32Type>()).collect()
    }

    fn sorted(batches: &[Vec<(u128, Option<i32>)>], memory: usize) -> (Vec<Row>, Vec<Group>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let sorter = Sorter::new(&fields(), memory, folder.path()).unwrap();
        batches.iter().for_each(|batch| sorter.push(&columns(batch)).unwrap());
        let table = sorter.finish().unwrap();
        let loaded = table.groups().into_iter().flat_map(|group| rows(&table.load(group.ranges).unwrap()));
        (loaded.collect(), table.groups(), table.spilled_bytes())
    }

    /// Keys that are often equal and never all alike, so that rows tie and ranges differ.
    fn row() -> impl Strategy<Value = (u128, Option<i32>)> {
        (0_u128..40, proptest::option::of(0..5))
            .prop_map(|(n, value)| (n.wrapping_mul(0x0FED_CBA9_8765_4321 << 64), value))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rows_come_out_in_order_whatever_the_memory(batches in proptest::collection::vec(proptest::collection::vec(row(), 0..50), 0..8)) {
            let mut expected: Vec<Row> = batches.iter().flat_map(|batch| rows(&columns(batch))).collect();
            expected.sort();
            let (in_memory, groups, none) = sorted(&batches, 1 << 30);
            let (spilled, same_groups, _) = sorted(&batches, 0);
            let as_read = |rows: &[Row]| columns(&rows.iter().map(|&(key, n)| (key as u128 ^ 1 << 127, n)).collect::<Vec<_>>());
            prop_assert!(is_sorted(&as_read(&in_memory)));
            let reversed: Vec<Row> = expected.iter().rev().copied().collect();
            prop_assert_eq!(is_sorted(&as_read(&reversed)), reversed.is_sorted());
            prop_assert_eq!(&in_memory, &expected);
            prop_assert_eq!(&spilled, &expected);
            prop_assert_eq!(groups, same_groups);
            prop_assert_eq!(none, 0);
        }
    }

    #[test]
    fn row_groups_depend_on_rows_alone_and_never_split_a_range() {
        let rows: Vec<_> =
            (0..600_000_u128).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835), None)).collect();
        let batches: Vec<_> = rows.chunks(50_000).map(<[_]>::to_vec).collect();
        let (_, groups, spilled) = sorted(&batches, 4 << 20);
        assert!(spilled > 0 && groups.len() == 4, "{groups:?}");
        let ranges = || groups.iter().map(|group| &group.ranges);
        assert!(ranges().all(|ranges| ranges.start % ranges.len() == 0 && ranges.len().is_power_of_two()));
        assert_eq!(groups.iter().map(|group| group.rows).sum::<u64>(), 600_000);
    }
}
