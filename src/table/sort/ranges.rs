//! Ranges of the key: rows scattered into them, and gathered from them.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{interleave, take};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::super::value::keys;

/// Leading bits of the key that number its range. Of 8 x 10^8 rows, a range has about as many
/// as a row group.
const RANGE_BITS: u32 = 12;
/// Number of ranges.
pub const RANGES: usize = 1 << RANGE_BITS;

/// Bits of a key after those that number its range.
const REST_BITS: u32 = u128::BITS - RANGE_BITS;

/// Returns the range of a key.
#[must_use]
pub fn range_of(key: u128) -> usize {
    (key >> REST_BITS) as usize
}

/// Returns the key within `ranges` for which a uniform `number` stands.
#[must_use]
pub fn key_within(ranges: &Range<usize>, number: u128) -> u128 {
    let range = ranges.start as u128 + (number >> REST_BITS) % ranges.len().max(1) as u128;
    range << REST_BITS | number & ((1 << REST_BITS) - 1)
}

/// A batch with its rows in order of their ranges.
pub(super) struct ScatteredBatch {
    pub(super) columns: Vec<ArrayRef>,
    /// First row of each range, then the end of the last range.
    pub(super) starts: Box<[u32]>,
}

impl ScatteredBatch {
    /// Returns the rows of a range.
    pub(super) fn rows(&self, range: usize) -> Range<usize> {
        self.starts[range] as usize..self.starts[range + 1] as usize
    }
}

/// Orders the rows of `columns` by the ranges of their keys (counting sort).
pub(super) fn scatter(columns: &[ArrayRef]) -> Result<ScatteredBatch, ArrowError> {
    let ranges: Vec<usize> = keys(&columns[0]).into_iter().map(range_of).collect();
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
    Ok(ScatteredBatch { columns: take_all(columns, &order.into())?, starts })
}

/// Gathers the rows of `ranges`, range by range.
pub(super) fn gather(
    batches: &[ScatteredBatch],
    ranges: Range<usize>,
    schema: &SchemaRef,
) -> Result<Vec<ArrayRef>, ArrowError> {
    if batches.is_empty() {
        return Ok(RecordBatch::new_empty(schema.clone()).columns().to_vec());
    }
    let mut rows: Vec<(usize, usize)> = Vec::new();
    for range in ranges {
        for (at, batch) in batches.iter().enumerate() {
            rows.extend(batch.rows(range).map(|row| (at, row)));
        }
    }
    let column = |at: usize| batches.iter().map(|batch| batch.columns[at].as_ref()).collect::<Vec<&dyn Array>>();
    (0..schema.fields().len()).map(|at| interleave(&column(at), &rows)).collect()
}

pub(super) fn take_all(columns: &[ArrayRef], order: &UInt32Array) -> Result<Vec<ArrayRef>, ArrowError> {
    columns.iter().map(|column| take(column, order, None)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_lie_within_their_ranges(start in 0..RANGES, span in 1..RANGES, number in any::<u128>()) {
            let ranges = start..(start + span).min(RANGES).max(start + 1);
            prop_assert!(ranges.contains(&range_of(key_within(&ranges, number))));
        }
    }
}
