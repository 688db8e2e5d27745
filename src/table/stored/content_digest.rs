//! Digest of a table's content, independent of how a file encodes it.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Decimal128Type, Int32Type, UInt16Type, UInt64Type};

use super::super::value::{Field, ValueType, pseudonym};
use crate::crypto::{Digest, Hasher};

/// Length of an empty text, which also stands for a null.
const EMPTY_TEXT: [u8; 4] = [0; 4];

/// Returns the SHA-256 of the rows of one row group, given in memory.
///
/// The hashed bytes of each field are, in order:
///
/// 1. its name, the name of its type and its number of decimals (0 for other types), each ended by a zero byte;
/// 2. the validity of each row as one byte, 1 or 0;
/// 3. the values. Integers of 32 and 64 bits are little-endian, flags take one byte, pseudonyms 16 and linked ids 8.
///    Texts and codes are their length (32 bits, little-endian) and their bytes. A null is zero or empty.
#[must_use]
pub fn content_digest(fields: &[Field], columns: &[ArrayRef]) -> Digest {
    let mut hasher = Hasher::default();
    let mut buffer = Vec::new();
    for (field, column) in fields.iter().zip(columns) {
        let scale = if let ValueType::Decimal { scale } = field.value { scale } else { 0 };
        hasher.update(format!("{}\0{}\0{scale}\0", field.name, field.value.name()).as_bytes());
        buffer.clear();
        push_validity(&mut buffer, column);
        push_values(&mut buffer, column, &field.value);
        hasher.update(&buffer);
    }
    hasher.finish()
}

fn push_validity(buffer: &mut Vec<u8>, column: &ArrayRef) {
    match column.nulls() {
        None => buffer.resize(buffer.len() + column.len(), 1),
        Some(nulls) => push_flags(buffer, nulls.inner()),
    }
}

fn push_flags(buffer: &mut Vec<u8>, flags: &BooleanBuffer) {
    buffer.extend(flags.iter().map(u8::from));
}

fn push_values(buffer: &mut Vec<u8>, column: &ArrayRef, value: &ValueType) {
    match (column.data_type(), value) {
        (DataType::UInt16, ValueType::Code(codes)) => {
            let prefixed: Vec<Vec<u8>> = codes.values().iter().map(|code| with_length(code)).collect();
            for position in column.as_primitive::<UInt16Type>() {
                buffer.extend_from_slice(position.map_or(&EMPTY_TEXT, |position| &prefixed[usize::from(position)]));
            }
        }
        (DataType::Date32, _) => push_numbers::<Date32Type, 4>(buffer, column, i32::to_le_bytes),
        (DataType::Int32, _) => push_numbers::<Int32Type, 4>(buffer, column, i32::to_le_bytes),
        (DataType::Decimal64(..), _) => push_numbers::<Decimal64Type, 8>(buffer, column, i64::to_le_bytes),
        (DataType::Boolean, _) => buffer.extend(column.as_boolean().iter().map(|v| u8::from(v == Some(true)))),
        (DataType::Decimal128(..), _) => {
            push_numbers::<Decimal128Type, 16>(buffer, column, |number| pseudonym(number).0);
        }
        (DataType::UInt64, _) => push_numbers::<UInt64Type, 8>(buffer, column, u64::to_be_bytes),
        _ => {
            for text in column.as_string::<i32>() {
                match text {
                    Some(text) => buffer.extend_from_slice(&with_length(text)),
                    None => buffer.extend_from_slice(&EMPTY_TEXT),
                }
            }
        }
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

/// Returns the length of a text, then its bytes.
fn with_length(text: &str) -> Vec<u8> {
    let Ok(length) = u32::try_from(text.len()) else { unreachable!("a column's texts have 32-bit offsets") };
    [&length.to_le_bytes(), text.as_bytes()].concat()
}
