//! Arrow arrays of each value type, between their form in memory and their form in files.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanBufferBuilder, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, PrimitiveArray, RecordBatch, StringArray, UInt16Array, UInt64Array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{Decimal128Type, UInt16Type, UInt64Type};
use arrow::error::ArrowError;

use super::codes::Codes;
use super::types::{Field, TOKEN_BYTES, ValueType, stored_schema};
use salanimi_core::{LinkedId, PSEUDONYM_BYTES, Pseudonym};

/// Turns unsigned order into signed order and back.
const SIGN_BIT: u128 = 1 << 127;

/// Converts a column from its form in memory to its form in files: positions to codes, linked ids to text.
///
/// # Errors
/// A position lies outside its list. The pipeline never produces one.
pub fn encode_column(array: &ArrayRef, value: &ValueType) -> Result<ArrayRef, ArrowError> {
    match value {
        ValueType::Code(codes) => {
            let keys = array.as_primitive::<UInt16Type>().clone();
            Ok(Arc::new(DictionaryArray::try_new(keys, codes.dictionary())?))
        }
        ValueType::Pseudonym => Ok(Arc::new(pseudonym_bytes(array.as_primitive()))),
        ValueType::Token => Ok(Arc::new(token_bytes(array.as_primitive()))),
        ValueType::LinkedId => Ok(Arc::new(id_texts(array.as_primitive()))),
        _ => Ok(array.clone()),
    }
}

/// Converts the columns of a table from their form in memory to a batch in the form of files.
///
/// # Errors
/// The columns are not those of `fields`. The pipeline never produces such.
pub fn stored_batch(fields: &[Field], columns: &[ArrayRef]) -> Result<RecordBatch, ArrowError> {
    let stored = columns.iter().zip(fields).map(|(column, field)| encode_column(column, &field.value));
    RecordBatch::try_new(stored_schema(fields), stored.collect::<Result<_, _>>()?)
}

/// Converts a column from its form in files, as [`encode_column`] returns it, to its form in memory.
///
/// Returns `None` if the column has another Arrow type or holds a code outside its list.
#[must_use]
pub fn decode_column(array: &ArrayRef, value: &ValueType) -> Option<ArrayRef> {
    match value {
        ValueType::Code(codes) => decode_codes(array, codes),
        ValueType::Pseudonym => decode_pseudonyms(array),
        ValueType::Token => decode_tokens(array),
        _ => Some(array.clone()),
    }
}

fn decode_codes(array: &ArrayRef, codes: &Codes) -> Option<ArrayRef> {
    let dictionary = array.as_any_dictionary_opt()?;
    let texts = dictionary.values().as_string_opt::<i32>()?;
    let positions: UInt16Array = texts.iter().map(|code| codes.position(code?)).collect();
    let decoded = take(&positions, dictionary.keys(), None).ok()?;
    (decoded.null_count() == array.null_count()).then_some(decoded)
}

fn decode_pseudonyms(array: &ArrayRef) -> Option<ArrayRef> {
    let bytes = array.as_fixed_size_binary_opt()?;
    let pseudonyms = (0..bytes.len()).map(|row| bytes.value(row).try_into().ok().map(Pseudonym));
    let pseudonyms: Vec<Pseudonym> = pseudonyms.collect::<Option<_>>()?;
    Some(pseudonym_column(pseudonyms.into_iter(), bytes.nulls().cloned()))
}

fn decode_tokens(array: &ArrayRef) -> Option<ArrayRef> {
    let bytes = array.as_fixed_size_binary_opt()?;
    let tokens = (0..bytes.len()).map(|row| bytes.value(row).try_into().ok().map(u64::from_be_bytes));
    let tokens: Vec<u64> = tokens.collect::<Option<_>>()?;
    Some(Arc::new(UInt64Array::new(tokens.into(), bytes.nulls().cloned())))
}

/// Collects numbers, few of them absent. Faster than Arrow's collection, which touches a bit for each row.
#[must_use]
pub fn number_column<T: ArrowPrimitiveType>(numbers: impl Iterator<Item = Option<T::Native>>) -> PrimitiveArray<T> {
    let mut absent = Vec::new();
    let values: Vec<T::Native> = numbers
        .enumerate()
        .map(|(row, number)| match number {
            Some(number) => number,
            None => {
                absent.push(row);
                T::default_value()
            }
        })
        .collect();
    let nulls = (!absent.is_empty()).then(|| {
        let mut valid = BooleanBufferBuilder::new(values.len());
        valid.append_n(values.len(), true);
        absent.iter().for_each(|&row| valid.set_bit(row, false));
        NullBuffer::new(valid.finish())
    });
    PrimitiveArray::new(values.into(), nulls)
}

/// Returns a column of pseudonyms in memory; `nulls` marks the absent ones.
#[must_use]
pub fn pseudonym_column(pseudonyms: impl Iterator<Item = Pseudonym>, nulls: Option<NullBuffer>) -> ArrayRef {
    let numbers: Vec<i128> = pseudonyms.map(|pseudonym| pseudonym_number(pseudonym.0)).collect();
    // The type names a precision; the numbers use all bits.
    Arc::new(Decimal128Array::new(numbers.into(), nulls).with_data_type(ValueType::Pseudonym.memory_type()))
}

/// Returns the pseudonym that `number` represents in memory.
#[must_use]
pub fn pseudonym(number: i128) -> Pseudonym {
    Pseudonym((number as u128 ^ SIGN_BIT).to_be_bytes())
}

/// Returns the number that represents the pseudonym of `bytes` in memory.
#[must_use]
pub fn pseudonym_number(bytes: [u8; PSEUDONYM_BYTES]) -> i128 {
    (u128::from_be_bytes(bytes) ^ SIGN_BIT) as i128
}

/// Returns a column of linked ids in memory.
#[must_use]
pub fn id_column(ids: impl Iterator<Item = Option<LinkedId>>) -> ArrayRef {
    Arc::new(number_column::<UInt64Type>(ids.map(|id| id.map(|id| u64::from_be_bytes(id.0)))))
}

/// Returns the sort keys of a column of pseudonyms or linked ids in memory.
///
/// The keys sort as the bytes do. Their leading bits are the leading bits of the bytes.
#[must_use]
pub fn keys(column: &ArrayRef) -> Vec<u128> {
    match column.as_primitive_opt::<Decimal128Type>() {
        Some(pseudonyms) => pseudonyms.values().iter().map(|&number| number as u128 ^ SIGN_BIT).collect(),
        None => column.as_primitive::<UInt64Type>().values().iter().map(|&id| u128::from(id) << 64).collect(),
    }
}

fn pseudonym_bytes(numbers: &Decimal128Array) -> FixedSizeBinaryArray {
    let bytes: Vec<[u8; PSEUDONYM_BYTES]> = numbers.values().iter().map(|&n| pseudonym(n).0).collect();
    FixedSizeBinaryArray::new(
        PSEUDONYM_BYTES as i32,
        Buffer::from_vec(bytes.into_flattened()),
        numbers.nulls().cloned(),
    )
}

fn token_bytes(tokens: &UInt64Array) -> FixedSizeBinaryArray {
    let bytes: Vec<[u8; TOKEN_BYTES]> = tokens.values().iter().map(|token| token.to_be_bytes()).collect();
    FixedSizeBinaryArray::new(TOKEN_BYTES as i32, Buffer::from_vec(bytes.into_flattened()), tokens.nulls().cloned())
}

fn id_texts(ids: &UInt64Array) -> StringArray {
    let mut letters = Vec::with_capacity(ids.len() * LinkedId::TEXT_LENGTH);
    let mut last = None;
    let mut text = [0; LinkedId::TEXT_LENGTH];
    // What stands at a null is not read.
    for &id in ids.values() {
        // Rows of one id often follow each other.
        if last != Some(id) {
            last = Some(id);
            LinkedId(id.to_be_bytes()).encode_into(&mut text);
        }
        letters.extend_from_slice(&text);
    }
    let offsets = OffsetBuffer::from_repeated_length(LinkedId::TEXT_LENGTH, ids.len());
    StringArray::new(offsets, letters.into(), ids.nulls().cloned())
}
