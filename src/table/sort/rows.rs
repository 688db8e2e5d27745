//! Rows as bytes that compare as the rows do: by key, then by the other columns in order, nulls first.

use std::ops::Range;

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, RowParser, Rows, SortField};

use super::super::error::StoreError;
use super::ranges::{RANGES, range_of_bytes};

/// Rows that are converted at once: few enough for the processor's cache.
const BLOCK_ROWS: usize = 4 << 10;
/// Bytes of rows that are converted at once, whatever their number.
const BLOCK_BYTES: usize = 64 << 20;

/// Before each row stands its number of bytes.
const LENGTH_BYTES: usize = size_of::<u32>();
/// A key has a byte for its validity, then at least so many of its own.
const PREFIX_BYTES: usize = size_of::<u64>();

/// Converts columns of one schema to rows and back. The first column is the key, which is never null.
pub(super) struct RowFormat(RowConverter);

/// A batch as rows, in order of their ranges.
pub(super) struct ScatteredBatch {
    /// The rows, each after its length.
    bytes: Vec<u8>,
    /// First byte of each range, then the end of the last range.
    starts: Box<[usize]>,
}

impl ScatteredBatch {
    /// Returns these rows in order of their ranges. Returns the number of rows of each range too.
    fn of(rows: &[&[u8]]) -> Result<(Self, Vec<u32>), ArrowError> {
        let ranges: Vec<usize> = rows.iter().map(|row| range_of_bytes(row)).collect();
        let mut counts = vec![0_u32; RANGES];
        ranges.iter().for_each(|&range| counts[range] += 1);
        let order = order_by_range(&ranges, &counts);
        let mut bytes = Vec::with_capacity(rows.iter().map(|row| row.len() + LENGTH_BYTES).sum());
        let mut starts = Vec::with_capacity(RANGES + 1);
        let mut rest = order.as_slice();
        for &count in &counts {
            starts.push(bytes.len());
            let (of_range, others) = rest.split_at(count as usize);
            for &row in of_range {
                push_row(&mut bytes, rows[row])?;
            }
            rest = others;
        }
        starts.push(bytes.len());
        Ok((Self { bytes, starts: starts.into() }, counts))
    }

    /// Returns rows of other batches, in order of their ranges, as [`ScatteredBatch::of`] does. Each stands after its
    /// length, as [`ScatteredBatch::rows`] returns them.
    pub(super) fn again(rows: &[u8]) -> Result<(Self, Vec<u32>), ArrowError> {
        Self::of(&each_row(rows).collect::<Vec<_>>())
    }

    /// Returns the rows of a range, each after its length.
    pub(super) fn rows(&self, range: usize) -> &[u8] {
        &self.bytes[self.starts[range]..self.starts[range + 1]]
    }

    /// Returns the rows of consecutive ranges, each after its length.
    pub(super) fn rows_of(&self, ranges: Range<usize>) -> &[u8] {
        &self.bytes[self.starts[ranges.start]..self.starts[ranges.end]]
    }

    /// Returns the bytes of memory that it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.capacity() + size_of_val::<[usize]>(&self.starts)
    }
}

impl RowFormat {
    pub(super) fn new(schema: &Schema) -> Result<Self, ArrowError> {
        let fields = schema.fields().iter().map(|field| SortField::new(field.data_type().clone()));
        RowConverter::new(fields.collect()).map(Self)
    }

    /// Converts `columns` to rows in order of their ranges. Returns the number of rows of each range too.
    pub(super) fn scatter(&self, columns: &[ArrayRef]) -> Result<(ScatteredBatch, Vec<u32>), ArrowError> {
        let rows = self.rows(columns)?;
        ScatteredBatch::of(&rows.iter().map(|row| row.data()).collect::<Vec<_>>())
    }

    /// Converts `columns` to rows, block by block.
    fn rows(&self, columns: &[ArrayRef]) -> Result<Rows, ArrowError> {
        let total = columns.first().map_or(0, Array::len);
        let mut rows = self.0.empty_rows(total, 0);
        for start in (0..total).step_by(BLOCK_ROWS) {
            let length = BLOCK_ROWS.min(total - start);
            let block: Vec<ArrayRef> = columns.iter().map(|column| column.slice(start, length)).collect();
            self.0.append(&mut rows, &block)?;
            if start == 0 {
                // The other blocks are about as long.
                rows.reserve(total - length, rows.lengths().sum::<usize>() / length * (total - length));
            }
        }
        Ok(rows)
    }

    /// Returns a collection of sorted rows.
    pub(super) fn sorted(&self) -> SortedRows<'_> {
        SortedRows {
            format: self,
            parser: self.0.parser(),
            rows: self.0.empty_rows(BLOCK_ROWS, 0),
            bytes: 0,
            columns: Vec::new(),
        }
    }
}

/// Rows that are sorted range by range, and become columns.
pub(super) struct SortedRows<'f> {
    format: &'f RowFormat,
    parser: RowParser,
    /// Rows that are not converted yet, and their number of bytes.
    rows: Rows,
    bytes: usize,
    /// For each column, its parts.
    columns: Vec<Vec<ArrayRef>>,
}

impl SortedRows<'_> {
    /// Adds the rows of a range, which come in any order. Ranges come in ascending order.
    pub(super) fn add(&mut self, range: &[u8]) -> Result<(), ArrowError> {
        let mut rows: Vec<(u64, &[u8])> = each_row(range).map(|row| (prefix(row), row)).collect();
        rows.sort_unstable();
        for (_, row) in rows {
            self.rows.push(self.parser.parse(row));
            self.bytes += row.len();
            if self.rows.num_rows() == BLOCK_ROWS || self.bytes > BLOCK_BYTES {
                self.convert()?;
            }
        }
        Ok(())
    }

    fn convert(&mut self) -> Result<(), ArrowError> {
        let converted = self.format.0.convert_rows(&self.rows)?;
        self.columns.resize(converted.len(), Vec::new());
        self.columns.iter_mut().zip(converted).for_each(|(parts, part)| parts.push(part));
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Returns the columns.
    ///
    /// # Errors
    /// A column has more text than Arrow's offsets count. `column_error` makes the error of the column at a position.
    pub(super) fn finish(mut self, column_error: impl Fn(usize) -> StoreError) -> Result<Vec<ArrayRef>, StoreError> {
        self.convert().map_err(|_| column_error(0))?;
        let columns = self.columns.into_iter().enumerate();
        columns.map(|(at, parts)| joined(&parts).map_err(|_| column_error(at))).collect()
    }
}

fn joined(parts: &[ArrayRef]) -> Result<ArrayRef, ArrowError> {
    concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())
}

/// Returns true if rows in memory are in the order of written tables: by key, then by the other columns in order, nulls
/// first.
#[must_use]
pub fn is_sorted(columns: &[ArrayRef]) -> bool {
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
    let rows = RowConverter::new(fields.collect()).and_then(|converter| RowFormat(converter).rows(columns));
    let Ok(rows) = rows else { unreachable!("every type in memory has rows") };
    rows.iter().is_sorted()
}

/// Returns the positions of rows in order of their ranges, which have so many rows each (counting sort).
fn order_by_range(ranges: &[usize], counts: &[u32]) -> Vec<usize> {
    let mut next = Vec::with_capacity(counts.len());
    let mut before = 0;
    for count in counts {
        next.push(before);
        before += count;
    }
    let mut order = vec![0; ranges.len()];
    for (row, &range) in ranges.iter().enumerate() {
        order[next[range] as usize] = row;
        next[range] += 1;
    }
    order
}

fn push_row(bytes: &mut Vec<u8>, row: &[u8]) -> Result<(), ArrowError> {
    let length = u32::try_from(row.len()).map_err(|_| ArrowError::OffsetOverflowError(row.len()))?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(row);
    Ok(())
}

/// Returns the rows that [`push_row`] added.
fn each_row(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let Some((length, rest)) = bytes.split_first_chunk() else { unreachable!("a row stands after its length") };
        let (row, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        bytes = rest;
        Some(row)
    })
}

/// Returns the leading bytes of the key, by which most rows are told apart.
fn prefix(row: &[u8]) -> u64 {
    match row[1..].first_chunk::<PREFIX_BYTES>() {
        Some(prefix) => u64::from_be_bytes(*prefix),
        None => unreachable!("a key has 8 bytes at least"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Int32Array, StringArray};
    use arrow::datatypes::Field;
    use proptest::option::of;
    use proptest::prelude::*;

    use super::super::super::value::id_column;
    use super::*;
    use salanimi_core::LinkedId;

    type Row = (u64, Option<bool>, Option<i32>, Option<String>);

    fn columns(rows: &[Row]) -> Vec<ArrayRef> {
        vec![
            id_column(rows.iter().map(|row| Some(LinkedId(row.0.to_be_bytes())))),
            Arc::new(rows.iter().map(|row| row.1).collect::<BooleanArray>()),
            Arc::new(rows.iter().map(|row| row.2).collect::<Int32Array>()),
            Arc::new(rows.iter().map(|row| row.3.clone()).collect::<StringArray>()),
        ]
    }

    fn row() -> impl Strategy<Value = Row> {
        let key = (0_u64..3).prop_map(|key| key << 50);
        (key, of(any::<bool>()), of(-2_i32..2), of("[\\x00-\\x02äz]{0,40}"))
    }

    proptest! {
        #[test]
        fn rows_sort_and_return_as_they_came(mut rows in proptest::collection::vec(row(), 0..80)) {
            let fields = columns(&[]).iter().map(|c| Field::new("", c.data_type().clone(), true)).collect::<Vec<_>>();
            let format = RowFormat::new(&Schema::new(fields)).unwrap();
            let (scattered, counts) = format.scatter(&columns(&rows)).unwrap();
            prop_assert_eq!(counts.iter().sum::<u32>() as usize, rows.len());
            prop_assert_eq!(is_sorted(&columns(&rows)), rows.is_sorted());
            let mut sorted = format.sorted();
            (0..RANGES).for_each(|range| sorted.add(scattered.rows(range)).unwrap());
            rows.sort();
            let found = sorted.finish(|_| StoreError::encode(Path::new(""), &"unreadable")).unwrap();
            prop_assert_eq!(found, columns(&rows));
        }
    }
}
