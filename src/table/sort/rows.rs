//! Rows as bytes that compare as the rows do: by key, then by the other columns in order, nulls first.

use std::ops::Range;

use arrow::array::{Array, ArrayBuilder, ArrayRef, make_builder};
use arrow::error::ArrowError;

use super::super::value::{Field, keys};
use super::columns::{Unreadable, ValueBytes};
use super::ranges::{RANGES, range_of, range_of_bytes};

/// Rows that are converted at once: few enough for the processor's cache.
const BLOCK_ROWS: usize = 4 << 10;
/// Before each row of a table with text stands its number of bytes.
const LENGTH_BYTES: usize = size_of::<u32>();
/// The fewest bytes of a key.
const PREFIX_BYTES: usize = size_of::<u64>();

/// Converts columns in memory to rows and back. The first column is the key, which is never null.
pub(super) struct RowFormat {
    fields: Vec<Field>,
    columns: Vec<ValueBytes>,
    /// Bytes of each row; `None` if a column holds text.
    width: Option<usize>,
}

/// A batch as rows, in order of their ranges.
pub(super) struct ScatteredBatch {
    /// The rows.
    bytes: Vec<u8>,
    /// First byte of each range, then the end of the last range.
    starts: Box<[usize]>,
}

impl ScatteredBatch {
    /// Returns the rows of a range, in order of their arrival.
    pub(super) fn rows(&self, range: usize) -> &[u8] {
        &self.bytes[self.starts[range]..self.starts[range + 1]]
    }

    /// Returns the rows of consecutive ranges.
    pub(super) fn rows_of(&self, ranges: Range<usize>) -> &[u8] {
        &self.bytes[self.starts[ranges.start]..self.starts[ranges.end]]
    }

    /// Returns the bytes of memory that it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.capacity() + size_of_val::<[usize]>(&self.starts)
    }
}

/// Where the rows of a batch stand, in order of their ranges.
struct Places {
    /// First byte of each row.
    of_rows: Vec<usize>,
    /// First byte of each range, then the end of the last range.
    starts: Box<[usize]>,
    /// Rows of each range.
    counts: Vec<u32>,
}

impl Places {
    /// Places rows of these ranges and numbers of bytes (counting sort).
    fn of(rows: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let mut counts = vec![0; RANGES];
        let mut starts = vec![0; RANGES + 1];
        for (range, bytes) in rows.clone() {
            counts[range] += 1;
            starts[range + 1] += bytes;
        }
        for range in 0..RANGES {
            starts[range + 1] += starts[range];
        }
        let mut next = starts.clone();
        let place = |(range, bytes)| {
            let end = next[range] + bytes;
            std::mem::replace(&mut next[range], end)
        };
        Self { of_rows: rows.map(place).collect(), starts: starts.into(), counts }
    }

    /// Returns zeroed bytes for all rows.
    fn bytes(&self) -> Vec<u8> {
        vec![0; self.starts[RANGES]]
    }
}

impl RowFormat {
    /// Returns the format of rows of `fields`.
    pub(super) fn new(fields: &[Field]) -> Self {
        let columns = ValueBytes::of_fields(fields);
        let width = columns.iter().map(|column| column.width()).sum();
        Self { fields: fields.to_vec(), columns, width }
    }

    /// Converts `columns` to rows in order of their ranges. Returns the number of rows of each range too.
    ///
    /// # Errors
    /// A row has no key, or is too long.
    pub(super) fn scatter(&self, columns: &[ArrayRef]) -> Result<(ScatteredBatch, Vec<u32>), ArrowError> {
        if columns[0].null_count() > 0 {
            return Err(ArrowError::InvalidArgumentError("a row has no key".to_owned()));
        }
        let keys = keys(&columns[0]);
        let lengths = self.lengths(columns);
        let places = Places::of(keys.iter().map(|key| range_of(*key)).zip(lengths.iter().copied()));
        let mut bytes = places.bytes();
        let mut block = Vec::new();
        for (number, lengths) in lengths.chunks(BLOCK_ROWS).enumerate() {
            let first = number * BLOCK_ROWS;
            let columns: Vec<ArrayRef> = columns.iter().map(|column| column.slice(first, lengths.len())).collect();
            self.write(&columns, lengths, &mut block)?;
            let mut rest = block.as_slice();
            for (&length, &place) in lengths.iter().zip(&places.of_rows[first..]) {
                let (row, others) = rest.split_at(length);
                bytes[place..place + length].copy_from_slice(row);
                rest = others;
            }
        }
        Ok((ScatteredBatch { bytes, starts: places.starts }, places.counts))
    }

    /// Writes rows of so many bytes one after another into `block`.
    fn write(&self, columns: &[ArrayRef], lengths: &[usize], block: &mut Vec<u8>) -> Result<(), ArrowError> {
        block.resize(lengths.iter().sum(), 0);
        let starts = lengths.iter().scan(0, |next, length| {
            *next += length;
            Some(*next - length)
        });
        let mut places: Vec<usize> = starts.collect();
        if self.width.is_none() {
            for (place, &length) in places.iter_mut().zip(lengths) {
                let length = u32::try_from(length).map_err(|_| ArrowError::OffsetOverflowError(length))?;
                block[*place..*place + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
                *place += LENGTH_BYTES;
            }
        }
        for (format, column) in self.columns.iter().zip(columns) {
            format.write(column, block, &mut places);
        }
        Ok(())
    }

    /// Returns rows of other batches in order of their ranges, as [`RowFormat::scatter`] does.
    ///
    /// # Errors
    /// The bytes are not whole rows.
    pub(super) fn scatter_again(&self, rows: &[u8]) -> Result<(ScatteredBatch, Vec<u32>), Unreadable> {
        let rows = self.divide(rows)?;
        let places = Places::of(rows.iter().map(|row| (range_of_bytes(&row[self.start()..]), row.len())));
        let mut bytes = places.bytes();
        for (row, &place) in rows.iter().zip(&places.of_rows) {
            bytes[place..place + row.len()].copy_from_slice(row);
        }
        Ok((ScatteredBatch { bytes, starts: places.starts }, places.counts))
    }

    /// Returns the number of bytes of each row.
    fn lengths(&self, columns: &[ArrayRef]) -> Vec<usize> {
        let rows = columns.first().map_or(0, Array::len);
        let width = self.columns.iter().filter_map(|column| column.width()).sum::<usize>() + self.start();
        let mut lengths = vec![width; rows];
        for (format, column) in self.columns.iter().zip(columns).filter(|(format, _)| format.width().is_none()) {
            lengths.iter_mut().enumerate().for_each(|(row, length)| *length += format.length(column, row));
        }
        lengths
    }

    /// Returns the number of bytes before the key of a row.
    fn start(&self) -> usize {
        if self.width.is_some() { 0 } else { LENGTH_BYTES }
    }

    /// Divides bytes into rows. Each has a whole key.
    fn divide<'r>(&self, mut bytes: &'r [u8]) -> Result<Vec<&'r [u8]>, Unreadable> {
        if let Some(width) = self.width {
            let rows = bytes.chunks_exact(width);
            return if rows.remainder().is_empty() { Ok(rows.collect()) } else { Err(Unreadable::Damaged) };
        }
        let mut rows = Vec::new();
        while !bytes.is_empty() {
            let length = bytes.first_chunk().map(|length| u32::from_le_bytes(*length) as usize);
            let length = length.filter(|length| *length >= LENGTH_BYTES + PREFIX_BYTES).ok_or(Unreadable::Damaged)?;
            let (row, rest) = bytes.split_at_checked(length).ok_or(Unreadable::Damaged)?;
            rows.push(row);
            bytes = rest;
        }
        Ok(rows)
    }

    /// Returns a collection of at most `rows` sorted rows.
    pub(super) fn sorted(&self, rows: usize) -> SortedRows<'_> {
        let columns = self.fields.iter().map(|field| make_builder(&field.value.memory_type(), rows)).collect();
        SortedRows { format: self, columns }
    }
}

/// Rows that are sorted range by range, and become columns.
pub(super) struct SortedRows<'f> {
    format: &'f RowFormat,
    columns: Vec<Box<dyn ArrayBuilder>>,
}

impl SortedRows<'_> {
    /// Adds the rows of a range, which come in any order. Ranges come in ascending order.
    ///
    /// # Errors
    /// The rows are damaged, or a column would have too much text. Names the column's position.
    pub(super) fn add(&mut self, range: &[u8]) -> Result<(), (usize, Unreadable)> {
        let rows = self.format.divide(range).map_err(|error| (0, error))?;
        let start = self.format.start();
        let mut rows: Vec<(u64, &[u8])> = rows.into_iter().map(|row| (prefix(&row[start..]), &row[start..])).collect();
        rows.sort_unstable();
        for block in rows.chunks(BLOCK_ROWS) {
            let mut rest: Vec<&[u8]> = block.iter().map(|(_, row)| *row).collect();
            for (at, (format, column)) in self.format.columns.iter().zip(&mut self.columns).enumerate() {
                format.read(&mut rest, column.as_mut()).map_err(|error| (at, error))?;
            }
            if !rest.iter().all(|row| row.is_empty()) {
                return Err((0, Unreadable::Damaged));
            }
        }
        Ok(())
    }

    /// Returns the columns.
    pub(super) fn finish(mut self) -> Vec<ArrayRef> {
        self.columns.iter_mut().map(ArrayBuilder::finish).collect()
    }
}

/// Returns the leading bytes of the key, by which most rows are told apart.
fn prefix(row: &[u8]) -> u64 {
    match row.first_chunk::<PREFIX_BYTES>() {
        Some(prefix) => u64::from_be_bytes(*prefix),
        None => unreachable!("a key has 8 bytes at least"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Date32Array, Decimal64Array, Int32Array, StringArray, UInt16Array};
    use proptest::option::of;
    use proptest::prelude::*;

    use super::super::super::value::{Codes, ValueType, id_column, pseudonym_column};
    use super::super::sorted::is_sorted;
    use super::*;
    use salanimi_core::{LinkedId, Pseudonym};

    type Numbers = (Option<i32>, Option<i32>, Option<i64>);
    type Row = (u64, Option<bool>, Numbers, Option<u16>, Option<u16>, Option<u64>, Option<String>);

    fn codes(number: usize) -> ValueType {
        ValueType::Code(Codes::new((0..number).map(|code| format!("{code:05}"))).unwrap())
    }

    fn fields(with_text: bool) -> Vec<Field> {
        let mut values = vec![
            ValueType::Pseudonym,
            ValueType::Flag,
            ValueType::Integer,
            ValueType::Date,
            ValueType::Decimal { scale: 2 },
            codes(255),
            codes(256),
            ValueType::LinkedId,
            ValueType::Text,
        ];
        values.truncate(if with_text { 9 } else { 8 });
        values.into_iter().map(|value| Field { name: String::new(), value }).collect()
    }

    fn columns(rows: &[Row], fields: &[Field]) -> Vec<ArrayRef> {
        let decimals: Decimal64Array = rows.iter().map(|row| row.2.2).collect();
        let all: [ArrayRef; 9] = [
            pseudonym_column(rows.iter().map(|row| Pseudonym(u128::from(row.0).rotate_left(64).to_be_bytes())), None),
            Arc::new(rows.iter().map(|row| row.1).collect::<BooleanArray>()),
            Arc::new(rows.iter().map(|row| row.2.0).collect::<Int32Array>()),
            Arc::new(rows.iter().map(|row| row.2.1).collect::<Date32Array>()),
            Arc::new(decimals.with_data_type(fields[4].value.memory_type())),
            Arc::new(rows.iter().map(|row| row.3).collect::<UInt16Array>()),
            Arc::new(rows.iter().map(|row| row.4).collect::<UInt16Array>()),
            id_column(rows.iter().map(|row| row.5.map(|id| LinkedId(id.to_be_bytes())))),
            Arc::new(rows.iter().map(|row| row.6.clone()).collect::<StringArray>()),
        ];
        all.into_iter().take(fields.len()).collect()
    }

    fn row() -> impl Strategy<Value = Row> {
        let key = (0_u64..3).prop_map(|key| key << 50);
        let number = || of(prop_oneof![-2_i32..2, Just(i32::MIN), Just(i32::MAX)]);
        let decimal = of(prop_oneof![-2_i64..2, Just(i64::MIN), Just(i64::MAX)]);
        let code = |last: u16| of(prop_oneof![0_u16..2, Just(last)]);
        let id = of(prop_oneof![Just(0), Just(u64::MAX)]);
        (key, of(any::<bool>()), (number(), number(), decimal), code(254), code(255), id, of("[\\x00-\\x02äz]{0,40}"))
    }

    /// Returns the columns of sorted rows.
    fn sorted(format: &RowFormat, scattered: &ScatteredBatch) -> Vec<ArrayRef> {
        let mut sorted = format.sorted(0);
        (0..RANGES).for_each(|range| sorted.add(scattered.rows(range)).unwrap());
        sorted.finish()
    }

    proptest! {
        #[test]
        fn rows_sort_and_return_as_they_came(
            mut rows in proptest::collection::vec(row(), 0..80),
            with_text in any::<bool>(),
        ) {
            let fields = fields(with_text);
            if !with_text {
                rows.iter_mut().for_each(|row| row.6 = None);
            }
            let format = RowFormat::new(&fields);
            let (scattered, counts) = format.scatter(&columns(&rows, &fields)).unwrap();
            prop_assert_eq!(counts.iter().sum::<u32>() as usize, rows.len());
            prop_assert_eq!(is_sorted(&columns(&rows, &fields)), rows.is_sorted());
            let (again, same_counts) = format.scatter_again(&scattered.bytes).unwrap();
            prop_assert_eq!(same_counts, counts);
            rows.sort();
            prop_assert_eq!(sorted(&format, &scattered), columns(&rows, &fields));
            prop_assert_eq!(sorted(&format, &again), columns(&rows, &fields));
        }

        #[test]
        fn any_bytes_are_rows_or_damaged(bytes in proptest::collection::vec(any::<u8>(), 0..300), with_text: bool) {
            let format = RowFormat::new(&fields(with_text));
            if let Ok((scattered, _)) = format.scatter_again(&bytes) {
                let mut sorted = format.sorted(0);
                let mut errors = (0..RANGES).filter_map(|range| sorted.add(scattered.rows(range)).err());
                prop_assert!(errors.all(|(_, error)| error == Unreadable::Damaged));
            }
        }
    }

    #[test]
    fn a_row_without_a_key_is_refused() {
        let fields = [Field { name: String::new(), value: ValueType::LinkedId }];
        let format = RowFormat::new(&fields);
        assert!(format.scatter(&[id_column([Some(LinkedId([1; 8])), None].into_iter())]).is_err());
    }
}
