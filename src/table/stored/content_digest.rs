//! Digest of a table's content, independent of how a file encodes it.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Decimal128Type, Int32Type, UInt16Type, UInt64Type};

use super::super::value::{Codes, Field, ValueType, pseudonym};
use crate::crypto::{Digest, Hasher};

/// Length of an empty text, which also stands for a null.
const EMPTY_TEXT: [u8; 4] = [0; 4];
/// The most different codes whose positions take one byte.
const MOST_SMALL: usize = u8::MAX as usize;
const BITS: usize = 8;

/// Returns the SHA-256 of the rows of one row group, given in memory.
///
/// The hashed bytes are the number of rows (64 bits, little-endian), and for each field, in order:
///
/// 1. its name, the name of its type and its number of decimals (0 for other types), each ended by a zero byte;
/// 2. the validity of its rows: one byte 0 if no row is null, otherwise one byte 1 and a bit for each row, 1 if it is
///    not null, the least significant bit first;
/// 3. the values. Integers of 32 and 64 bits are little-endian, pseudonyms take 16 bytes and linked ids 8. Flags are
///    bits like the validity. Texts are their length (32 bits, little-endian) and their bytes. A null is zero or empty.
///    Codes are the number of different codes that occur (32 bits, little-endian), these codes in ascending order of
///    their bytes, each as a text, and for each row the position of its code among them, from 1, or 0 for a null: one
///    byte if at most 255 codes occur, otherwise two, little-endian.
#[must_use]
pub fn content_digest(fields: &[Field], columns: &[ArrayRef]) -> Digest {
    let mut hasher = Hasher::default();
    let mut buffer = Vec::new();
    let rows = columns.first().map_or(0, |column| column.len() as u64);
    hasher.update(&rows.to_le_bytes());
    for (field, column) in fields.iter().zip(columns) {
        let scale = if let ValueType::Decimal { scale } = field.value { scale } else { 0 };
        hasher.update(format!("{}\0{}\0{scale}\0", field.name, field.value.name()).as_bytes());
        buffer.clear();
        push_validity(&mut buffer, column.nulls());
        push_values(&mut buffer, column, &field.value);
        hasher.update(&buffer);
    }
    hasher.finish()
}

fn push_validity(buffer: &mut Vec<u8>, nulls: Option<&NullBuffer>) {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => buffer.push(0),
        Some(nulls) => {
            buffer.push(1);
            push_bits(buffer, nulls.inner());
        }
    }
}

/// Adds bits, the least significant first. Those after the last row are zero.
fn push_bits(buffer: &mut Vec<u8>, bits: &BooleanBuffer) {
    let bytes = bits.len().div_ceil(BITS);
    buffer.extend_from_slice(&bits.sliced().as_slice()[..bytes]);
    let used = bits.len() % BITS;
    if let (Some(last), true) = (buffer.last_mut(), used > 0) {
        *last &= (1 << used) - 1;
    }
}

fn push_values(buffer: &mut Vec<u8>, column: &ArrayRef, value: &ValueType) {
    match (column.data_type(), value) {
        (DataType::UInt16, ValueType::Code(codes)) => push_codes(buffer, column, codes),
        (DataType::Date32, _) => push_numbers::<Date32Type, 4>(buffer, column, i32::to_le_bytes),
        (DataType::Int32, _) => push_numbers::<Int32Type, 4>(buffer, column, i32::to_le_bytes),
        (DataType::Decimal64(..), _) => push_numbers::<Decimal64Type, 8>(buffer, column, i64::to_le_bytes),
        (DataType::Boolean, _) => {
            let flags = column.as_boolean().values();
            match column.nulls() {
                None => push_bits(buffer, flags),
                Some(nulls) => push_bits(buffer, &(flags & nulls.inner())),
            }
        }
        (DataType::Decimal128(..), _) => {
            push_numbers::<Decimal128Type, 16>(buffer, column, |number| pseudonym(number).0);
        }
        (DataType::UInt64, _) => push_numbers::<UInt64Type, 8>(buffer, column, u64::to_be_bytes),
        _ => column.as_string::<i32>().iter().for_each(|text| match text {
            Some(text) => push_text(buffer, text),
            None => buffer.extend_from_slice(&EMPTY_TEXT),
        }),
    }
}

/// Adds the codes that occur, then the position of each row's code.
fn push_codes(buffer: &mut Vec<u8>, column: &ArrayRef, codes: &Codes) {
    let positions = column.as_primitive::<UInt16Type>();
    let mut occurs = vec![false; codes.values().len()];
    positions.iter().flatten().for_each(|position| occurs[usize::from(position)] = true);
    // The list is in ascending order.
    let found: Vec<usize> = (0..occurs.len()).filter(|&code| occurs[code]).collect();
    // At most 65,535 codes are in a list.
    let mut numbers = vec![0_u16; occurs.len()];
    found.iter().zip(1..).for_each(|(&code, number)| numbers[code] = number);
    buffer.extend_from_slice(&(found.len() as u32).to_le_bytes());
    found.iter().for_each(|&code| push_text(buffer, &codes.values()[code]));
    match found.len() <= MOST_SMALL {
        true => push_numbers::<UInt16Type, 1>(buffer, column, |position| [numbers[usize::from(position)] as u8]),
        false => push_numbers::<UInt16Type, 2>(buffer, column, |position| numbers[usize::from(position)].to_le_bytes()),
    }
}

fn push_numbers<T: ArrowPrimitiveType, const N: usize>(
    buffer: &mut Vec<u8>,
    column: &ArrayRef,
    bytes: impl Fn(T::Native) -> [u8; N],
) {
    let numbers = column.as_primitive::<T>();
    let start = buffer.len();
    buffer.resize(start + N * numbers.len(), 0);
    let slots = buffer[start..].chunks_exact_mut(N).zip(numbers.values());
    match numbers.nulls() {
        None => slots.for_each(|(slot, number)| slot.copy_from_slice(&bytes(*number))),
        Some(nulls) => slots.zip(nulls).filter(|(_, valid)| *valid).for_each(|((slot, number), _)| {
            slot.copy_from_slice(&bytes(*number));
        }),
    }
}

/// Adds the length of a text, then its bytes.
fn push_text(buffer: &mut Vec<u8>, text: &str) {
    let Ok(length) = u32::try_from(text.len()) else { unreachable!("a column's texts have 32-bit offsets") };
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, UInt16Array};

    use super::*;

    fn flags(flags: &[Option<bool>]) -> ArrayRef {
        Arc::new(BooleanArray::from(flags.to_vec()))
    }

    #[test]
    fn a_slice_has_the_digest_of_its_rows() {
        let codes = Codes::new(["b", "a", "c"].map(str::to_owned)).unwrap();
        let fields = [
            Field { name: "flag".to_owned(), value: ValueType::Flag },
            Field { name: "code".to_owned(), value: ValueType::Code(codes) },
        ];
        let all: Vec<Option<bool>> = (0..40).map(|row| (row % 7 != 3).then_some(row % 3 == 0)).collect();
        let positions: Vec<Option<u16>> = (0..40).map(|row| (row % 5 != 0).then_some(row % 2)).collect();
        for (start, end) in [(0, 40), (3, 20), (8, 16), (5, 6), (9, 9)] {
            let whole: [ArrayRef; 2] = [flags(&all), Arc::new(UInt16Array::from(positions.clone()))];
            let sliced = whole.map(|column| column.slice(start, end - start));
            let alone: [ArrayRef; 2] =
                [flags(&all[start..end]), Arc::new(UInt16Array::from(positions[start..end].to_vec()))];
            assert_eq!(content_digest(&fields, &sliced), content_digest(&fields, &alone), "{start}..{end}");
        }
    }

    #[test]
    fn codes_count_and_their_list_does_not() {
        let digest = |list: &[&str], positions: &[u16]| {
            let codes = Codes::new(list.iter().map(|code| (*code).to_owned())).unwrap();
            let field = Field { name: "code".to_owned(), value: ValueType::Code(codes) };
            let column: ArrayRef = Arc::new(UInt16Array::from(positions.to_vec()));
            content_digest(&[field], &[column])
        };
        assert_eq!(digest(&["a", "b"], &[0, 1, 1]), digest(&["a", "b", "x"], &[0, 1, 1]));
        assert_ne!(digest(&["a", "b"], &[0, 1, 1]), digest(&["a", "b"], &[1, 0, 0]));
        assert_ne!(digest(&["a", "b"], &[0, 0]), digest(&["a", "b"], &[1, 1]));
    }
}
