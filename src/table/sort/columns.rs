//! Values of a column as bytes that compare as the values do, nulls first.

use arrow::array::{
    Array, ArrayBuilder, ArrayRef, ArrowPrimitiveType, AsArray, BooleanBuilder, PrimitiveBuilder, StringBuilder,
};
use arrow::datatypes::{Date32Type, Decimal64Type, Decimal128Type, Int32Type, UInt16Type, UInt64Type};

use super::super::value::{Field, ValueType, pseudonym, pseudonym_number};

/// The most codes of a list whose positions take one byte.
const MOST_SMALL: usize = u8::MAX as usize;
/// First byte of a null, of which there is no other.
const NULL: u8 = 0;
/// First byte of a value.
const VALID: u8 = 1;
/// Last byte of a text. The bytes before it are one larger than those of the text: UTF-8 has no byte 255.
const END: u8 = 0;

/// The bytes of a column's values, all of one width but those of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueBytes {
    /// Position in a list of few codes, from 1; 0 is null.
    FewCodes,
    /// Position in a list of more codes, from 1; 0 is null.
    Codes,
    /// 1 for false, 2 for true; 0 is null.
    Flag,
    /// [`VALID`], then 32 bits, the sign bit flipped.
    Integer,
    /// As an integer.
    Day,
    /// [`VALID`], then 64 bits, the sign bit flipped.
    Decimal,
    /// [`VALID`], then the 8 bytes of a linked id or a token.
    Id,
    /// [`VALID`], then the 16 bytes of a pseudonym.
    Pseudonym,
    /// The 8 bytes of a key, which is never null.
    IdKey,
    /// The 16 bytes of a key, which is never null.
    PseudonymKey,
    /// [`VALID`], the bytes of a text and [`END`].
    Text,
}

/// Why rows do not become columns again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A row has fewer or more bytes than its columns need, or a text is not UTF-8.
    Damaged,
    /// A column would have more text than Arrow's offsets count.
    TooMuchText,
}

impl ValueBytes {
    /// Returns the bytes of the columns of `fields`, the first of which is the key.
    pub(super) fn of_fields(fields: &[Field]) -> Vec<Self> {
        let mut columns: Vec<Self> = fields.iter().map(|field| Self::of(&field.value)).collect();
        match columns.first_mut() {
            Some(key @ Self::Id) => *key = Self::IdKey,
            Some(key @ Self::Pseudonym) => *key = Self::PseudonymKey,
            _ => unreachable!("the first column is a key"),
        }
        columns
    }

    fn of(value: &ValueType) -> Self {
        match value {
            ValueType::Code(codes) if codes.values().len() <= MOST_SMALL => Self::FewCodes,
            ValueType::Code(_) => Self::Codes,
            ValueType::Flag => Self::Flag,
            ValueType::Integer => Self::Integer,
            ValueType::Date | ValueType::Month => Self::Day,
            ValueType::Decimal { .. } => Self::Decimal,
            ValueType::Token | ValueType::LinkedId => Self::Id,
            ValueType::Pseudonym => Self::Pseudonym,
            ValueType::Text => Self::Text,
        }
    }

    /// Returns the number of bytes of each value; `None` for text.
    pub(super) fn width(self) -> Option<usize> {
        match self {
            Self::FewCodes | Self::Flag => Some(1),
            Self::Codes => Some(2),
            Self::Integer | Self::Day => Some(5),
            Self::Decimal | Self::Id => Some(9),
            Self::Pseudonym => Some(17),
            Self::IdKey => Some(8),
            Self::PseudonymKey => Some(16),
            Self::Text => None,
        }
    }

    /// Returns the number of bytes of one value of `column`.
    pub(super) fn length(self, column: &ArrayRef, row: usize) -> usize {
        match self.width() {
            Some(width) => width,
            None if column.is_null(row) => 1,
            None => column.as_string::<i32>().value(row).len() + 2,
        }
    }

    /// Writes each value of `column` at its place in `rows`, and moves the places behind the values.
    pub(super) fn write(self, column: &ArrayRef, rows: &mut [u8], places: &mut [usize]) {
        match self {
            Self::FewCodes => write::<UInt16Type, 1>(column, rows, places, |position| [small(from_one(position))]),
            Self::Codes => write::<UInt16Type, 2>(column, rows, places, |position| from_one(position).to_be_bytes()),
            Self::Integer => write::<Int32Type, 5>(column, rows, places, |n| valid(unsigned32(n).to_be_bytes())),
            Self::Day => write::<Date32Type, 5>(column, rows, places, |day| valid(unsigned32(day).to_be_bytes())),
            Self::Decimal => write::<Decimal64Type, 9>(column, rows, places, |n| valid(unsigned64(n).to_be_bytes())),
            Self::Id => write::<UInt64Type, 9>(column, rows, places, |id| valid(id.to_be_bytes())),
            Self::Pseudonym => write::<Decimal128Type, 17>(column, rows, places, |n| valid(pseudonym(n).0)),
            Self::IdKey => write::<UInt64Type, 8>(column, rows, places, u64::to_be_bytes),
            Self::PseudonymKey => write::<Decimal128Type, 16>(column, rows, places, |n| pseudonym(n).0),
            Self::Flag => {
                let flags = column.as_boolean().iter();
                flags.zip(places).for_each(|(flag, place)| {
                    rows[*place] = flag.map_or(NULL, |flag| VALID + u8::from(flag));
                    *place += 1;
                });
            }
            Self::Text => {
                let texts = column.as_string::<i32>().iter();
                texts.zip(places).for_each(|(text, place)| *place += write_text(text, &mut rows[*place..]));
            }
        }
    }

    /// Takes the first value of each row and adds it to `column`.
    pub(super) fn read(self, rows: &mut [&[u8]], column: &mut dyn ArrayBuilder) -> Result<(), Unreadable> {
        match self {
            Self::FewCodes => read::<UInt16Type, 1>(rows, column, |[n]| u16::from(n).checked_sub(1)),
            Self::Codes => read::<UInt16Type, 2>(rows, column, |n| u16::from_be_bytes(n).checked_sub(1)),
            Self::Integer => read::<Int32Type, 5>(rows, column, |n| Some(signed32(number(n)?))),
            Self::Day => read::<Date32Type, 5>(rows, column, |n| Some(signed32(number(n)?))),
            Self::Decimal => read::<Decimal64Type, 9>(rows, column, |n| Some(signed64(number(n)?))),
            Self::Id => read::<UInt64Type, 9>(rows, column, |n| Some(u64::from_be_bytes(number(n)?))),
            Self::Pseudonym => read::<Decimal128Type, 17>(rows, column, |n| Some(pseudonym_number(number(n)?))),
            Self::IdKey => read::<UInt64Type, 8>(rows, column, |n| Some(u64::from_be_bytes(n))),
            Self::PseudonymKey => read::<Decimal128Type, 16>(rows, column, |n| Some(pseudonym_number(n))),
            Self::Flag => {
                let column: &mut BooleanBuilder = builder(column);
                for row in rows {
                    let [flag] = take(row)?;
                    column.append_option((flag != NULL).then_some(flag > VALID));
                }
                Ok(())
            }
            Self::Text => {
                let column: &mut StringBuilder = builder(column);
                let mut letters = Vec::new();
                rows.iter_mut().try_for_each(|row| read_text(row, &mut letters, column))
            }
        }
    }
}

fn write<T: ArrowPrimitiveType, const N: usize>(
    column: &ArrayRef,
    rows: &mut [u8],
    places: &mut [usize],
    bytes: impl Fn(T::Native) -> [u8; N],
) {
    let column = column.as_primitive::<T>();
    let mut put = |place: &mut usize, bytes: [u8; N]| {
        rows[*place..*place + N].copy_from_slice(&bytes);
        *place += N;
    };
    match column.nulls() {
        None => places.iter_mut().zip(column.values()).for_each(|(place, value)| put(place, bytes(*value))),
        Some(_) => places.iter_mut().zip(column).for_each(|(place, value)| put(place, value.map_or([NULL; N], &bytes))),
    }
}

fn write_text(text: Option<&str>, row: &mut [u8]) -> usize {
    let Some(text) = text else {
        row[0] = NULL;
        return 1;
    };
    let end = 1 + text.len();
    row[0] = VALID;
    row[1..end].iter_mut().zip(text.bytes()).for_each(|(letter, byte)| *letter = byte + 1);
    row[end] = END;
    end + 1
}

fn read<T: ArrowPrimitiveType, const N: usize>(
    rows: &mut [&[u8]],
    column: &mut dyn ArrayBuilder,
    value: impl Fn([u8; N]) -> Option<T::Native>,
) -> Result<(), Unreadable> {
    let column: &mut PrimitiveBuilder<T> = builder(column);
    let mut values = Vec::with_capacity(rows.len());
    let mut are_valid = Vec::with_capacity(rows.len());
    for row in rows {
        let value = value(take(row)?);
        values.push(value.unwrap_or(T::default_value()));
        are_valid.push(value.is_some());
    }
    // Faster than row by row: most blocks have no null.
    match are_valid.contains(&false) {
        false => column.append_slice(&values),
        true => column.append_values(&values, &are_valid),
    }
    Ok(())
}

fn read_text(row: &mut &[u8], letters: &mut Vec<u8>, column: &mut StringBuilder) -> Result<(), Unreadable> {
    let [first] = take(row)?;
    if first == NULL {
        column.append_null();
        return Ok(());
    }
    let length = row.iter().position(|byte| *byte == END).ok_or(Unreadable::Damaged)?;
    letters.clear();
    letters.extend(row[..length].iter().map(|letter| letter - 1));
    *row = &row[length + 1..];
    if column.values_slice().len() + length > i32::MAX as usize {
        return Err(Unreadable::TooMuchText);
    }
    column.append_value(std::str::from_utf8(letters).map_err(|_| Unreadable::Damaged)?);
    Ok(())
}

/// Takes the first bytes of a row.
fn take<const N: usize>(row: &mut &[u8]) -> Result<[u8; N], Unreadable> {
    let (bytes, rest) = row.split_first_chunk().ok_or(Unreadable::Damaged)?;
    *row = rest;
    Ok(*bytes)
}

fn builder<B: ArrayBuilder>(column: &mut dyn ArrayBuilder) -> &mut B {
    match column.as_any_mut().downcast_mut() {
        Some(builder) => builder,
        None => unreachable!("a column is built by its type in memory"),
    }
}

fn from_one(position: u16) -> u16 {
    match position.checked_add(1) {
        Some(number) => number,
        None => unreachable!("a list has at most 65,535 codes"),
    }
}

fn small(number: u16) -> u8 {
    match u8::try_from(number) {
        Ok(number) => number,
        Err(_) => unreachable!("a position is within its list"),
    }
}

/// Returns the bytes of a number after [`VALID`].
fn valid<const N: usize, const M: usize>(number: [u8; N]) -> [u8; M] {
    let mut bytes = [VALID; M];
    bytes[1..].copy_from_slice(&number);
    bytes
}

/// Returns the bytes of a number after its first byte; `None` for a null.
fn number<const N: usize, const M: usize>(bytes: [u8; N]) -> Option<[u8; M]> {
    let number = bytes[1..].first_chunk()?;
    (bytes[0] != NULL).then_some(*number)
}

fn unsigned32(number: i32) -> u32 {
    number.cast_unsigned() ^ 1 << 31
}

fn signed32(bytes: [u8; 4]) -> i32 {
    (u32::from_be_bytes(bytes) ^ 1 << 31).cast_signed()
}

fn unsigned64(number: i64) -> u64 {
    number.cast_unsigned() ^ 1 << 63
}

fn signed64(bytes: [u8; 8]) -> i64 {
    (u64::from_be_bytes(bytes) ^ 1 << 63).cast_signed()
}
