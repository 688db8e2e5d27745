//! External sort by key range.
//!
//! 1. Keys are keyed hashes, so they are uniform. Their leading bits divide the rows into ranges of similar size.
//! 2. Rows are scattered into the ranges on arrival. When they fill the memory, they are spilled to disk as a run.
//! 3. Each range is sorted on its own, in parallel. Ranges are joined into row groups by their row counts alone.
//!
//! The output depends on the rows alone, not on threads, memory or the order of arrival.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use arrow::array::ArrayRef;

use super::super::error::StoreError;
use super::super::value::Field;
use super::columns::Unreadable;
use super::parts::Parts;
use super::ranges::RANGES;
use super::rows::{RowFormat, ScatteredBatch};
use super::spill::{Segment, Spill};
use crate::crypto::MessageCipher;
use crate::shared::Shared;
use salanimi_core::RandomnessError;

/// Ranges that are spilled in one write.
const RANGES_AT_ONCE: usize = 128;
/// Bytes of rows that are handed to another process at once, or one range.
const BYTES_AT_ONCE: usize = 4 << 20;
/// The most rows of joined ranges.
const GROUP_ROWS: u64 = 192 << 10;

/// Parts of the memory: one run is spilled, the next one fills, a third part holds the batches in work.
const RUNS_IN_MEMORY: usize = 3;
/// The fewest bytes of a run: its places in the file take memory too.
const LEAST_RUN: usize = 4 << 20;

/// How rows that wait on disk are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spills {
    /// As they are, for a folder that only this machine reaches.
    InClear,
    /// Encrypted under a key that the sorter forgets.
    Encrypted,
}

/// Accepts rows in any order, on any thread.
pub struct Sorter {
    fields: Vec<Field>,
    rows: RowFormat,
    spill: Spill,
    folder: PathBuf,
    /// Bytes of waiting rows that start a spill.
    run_bytes: usize,
    /// Held by the thread that spills.
    spilling: Shared<()>,
    state: Shared<State>,
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

    /// Returns a sorter that spills rows encrypted or in clear.
    ///
    /// # Errors
    /// As of [`Sorter::new`] and [`Sorter::encrypted`].
    pub fn spilling(spills: Spills, fields: &[Field], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        match spills {
            Spills::InClear => Self::new(fields, memory, folder),
            Spills::Encrypted => Self::encrypted(fields, memory, folder),
        }
    }

    /// Returns a sorter whose runs have at least `run_bytes`.
    fn with_runs(
        fields: &[Field],
        run_bytes: usize,
        folder: &Path,
        cipher: Option<MessageCipher>,
    ) -> Result<Self, StoreError> {
        let state = State { rows: vec![0; RANGES], ..State::default() };
        Ok(Self {
            rows: RowFormat::new(fields),
            spill: Spill::create(folder, cipher)?,
            fields: fields.to_vec(),
            folder: folder.into(),
            run_bytes,
            spilling: Shared::new(()),
            state: Shared::new(state),
        })
    }

    /// Adds the rows of `columns`.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&self, columns: &[ArrayRef]) -> Result<(), StoreError> {
        let scattered = self.rows.scatter(columns).map_err(|error| StoreError::encode(&self.folder, &error))?;
        self.add(scattered).map(|_| ())
    }

    /// Adds rows of a sorter of the same fields, as [`SortedTable::rows_of_part`] returns them. Returns their number.
    ///
    /// # Errors
    /// The disk is full, or the bytes are not whole rows.
    pub fn push_rows(&self, rows: &[u8]) -> Result<u64, StoreError> {
        self.add(self.rows.scatter_again(rows).map_err(|error| self.unreadable(0, error, 0))?)
    }

    fn add(&self, (scattered, counts): (ScatteredBatch, Vec<u32>)) -> Result<u64, StoreError> {
        let rows = counts.iter().map(|rows| u64::from(*rows)).sum();
        let is_full = {
            let mut state = self.state();
            state.rows.iter_mut().zip(counts).for_each(|(sum, rows)| *sum += u64::from(rows));
            state.waiting_bytes += scattered.size();
            state.waiting.push(scattered);
            state.waiting_bytes > self.run_bytes
        };
        if is_full {
            self.spill_waiting()?;
        }
        Ok(rows)
    }

    /// Spills the waiting rows, one thread at a time. The others fill the next run meanwhile and stop when it is full.
    fn spill_waiting(&self) -> Result<(), StoreError> {
        let _turn = self.spilling.lock();
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
        self.state.lock()
    }

    /// Spills rows range by range, several ranges in one write.
    fn spill_run(&self, waiting: &[ScatteredBatch]) -> Result<Run, StoreError> {
        let mut run = Run::new();
        let mut rows = Vec::new();
        let mut ends = Vec::new();
        let mut ranges = Vec::new();
        for first in (0..RANGES).step_by(RANGES_AT_ONCE) {
            rows.clear();
            ends.clear();
            for range in first..first + RANGES_AT_ONCE {
                let before = rows.len();
                waiting.iter().for_each(|batch| rows.extend_from_slice(batch.rows(range)));
                if rows.len() > before {
                    ends.push(rows.len());
                    ranges.push(range);
                }
            }
            run.extend(ranges.drain(..).zip(self.spill.write(&rows, &ends)?));
        }
        Ok(run)
    }

    /// Returns the error of `rows` rows that do not become columns again; `column` is the first that fails.
    fn unreadable(&self, column: usize, error: Unreadable, rows: u64) -> StoreError {
        match error {
            Unreadable::TooMuchText => StoreError::TooMuchText { column: self.fields[column].name.clone(), rows },
            Unreadable::Damaged => StoreError::encode(&self.folder, &"rows cannot be read back"),
        }
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

    /// Returns the rows of a part as bytes, some ranges at a time. Another process of the same program takes them with
    /// [`Sorter::push_rows`]; nobody else may change them.
    pub fn rows_of_part(&self, parts: Parts, part: usize) -> impl Iterator<Item = Result<Vec<u8>, StoreError>> {
        let mut ranges = parts.ranges(part);
        std::iter::from_fn(move || {
            let mut rows = Vec::new();
            while rows.len() < BYTES_AT_ONCE
                && let Some(range) = ranges.next()
            {
                if let Err(error) = self.read(range, &mut rows) {
                    ranges = 0..0;
                    return Some(Err(error));
                }
            }
            (!rows.is_empty()).then_some(Ok(rows))
        })
    }

    /// Returns the rows of `ranges`, sorted by key, then by the other columns in order; nulls first.
    ///
    /// # Errors
    /// Spilled rows cannot be read, or they have too much text for one column.
    pub fn load(&self, ranges: Range<usize>) -> Result<Vec<ArrayRef>, StoreError> {
        let rows = self.state.rows[ranges.clone()].iter().sum::<u64>();
        let mut sorted = self.sorter.rows.sorted(rows as usize);
        let mut unsorted = Vec::new();
        for range in ranges {
            unsorted.clear();
            self.read(range, &mut unsorted)?;
            sorted.add(&unsorted).map_err(|(column, error)| self.sorter.unreadable(column, error, rows))?;
        }
        Ok(sorted.finish())
    }

    /// Adds the rows of a range to `rows`, in the order of their arrival.
    fn read(&self, range: usize, rows: &mut Vec<u8>) -> Result<(), StoreError> {
        self.state.waiting.iter().for_each(|batch| rows.extend_from_slice(batch.rows(range)));
        for run in &self.state.runs {
            if let Ok(at) = run.binary_search_by_key(&range, |(range, _)| *range) {
                self.sorter.spill.read(run[at].1, rows)?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, Int32Array};
    use arrow::datatypes::{Decimal128Type, Int32Type};
    use proptest::prelude::*;

    use super::super::super::value::{ValueType, pseudonym_column};
    use super::super::sorted::is_sorted;
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
