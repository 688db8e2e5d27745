//! What a column holds, and the Arrow arrays that carry it.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanBufferBuilder, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, PrimitiveArray, StringArray, StringBuilder, UInt16Array, UInt64Array,
};
use arrow::buffer::{Buffer, NullBuffer};
use arrow::compute::take;
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, UInt16Type, UInt64Type};
use arrow::error::ArrowError;

use salanimi_core::{PSEUDONYM_BYTES, PersonId, Pseudonym};

/// Digits that a decimal may have in all: what fits 64 bits.
pub const DECIMAL_DIGITS: u8 = 18;

/// The type of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// One of a list of codes; carried as positions in the list.
    Code(Arc<Codes>),
    /// A calendar day; carried as days since 1970-01-01.
    Date,
    /// A calendar month; carried as its first day.
    Month,
    /// An exact decimal number with this many decimals.
    Decimal {
        /// Digits after the decimal mark.
        scale: i8,
    },
    /// A whole number of 32 bits.
    Integer,
    /// True or false; written 1 and 0 in sources.
    Flag,
    /// Text of a required form.
    Text,
    /// 16 bytes in place of an identifier; carried as 128-bit numbers that sort as the bytes do.
    Pseudonym,
    /// A person or reference of a linked dataset; carried as 64-bit numbers, written as 13 characters.
    LinkedId,
}

impl ValueType {
    /// The Arrow type inside the pipeline: fixed width wherever that can be.
    #[must_use]
    pub fn carried(&self) -> DataType {
        match self {
            Self::Code(_) => DataType::UInt16,
            Self::Pseudonym => DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0),
            Self::LinkedId => DataType::UInt64,
            other => other.written(),
        }
    }

    /// The Arrow type that is written and read again.
    #[must_use]
    pub fn written(&self) -> DataType {
        match self {
            Self::Code(_) => DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8)),
            Self::Date | Self::Month => DataType::Date32,
            Self::Decimal { scale } => DataType::Decimal64(DECIMAL_DIGITS, *scale),
            Self::Integer => DataType::Int32,
            Self::Flag => DataType::Boolean,
            Self::Text | Self::LinkedId => DataType::Utf8,
            Self::Pseudonym => DataType::FixedSizeBinary(PSEUDONYM_BYTES as i32),
        }
    }

    /// Whether the values are days or months.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        matches!(self, Self::Date | Self::Month)
    }

    /// Whether the values are numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Decimal { .. })
    }

    /// The type's name, as contracts, manifests and messages write it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Date => "date",
            Self::Month => "month",
            Self::Decimal { .. } => "decimal",
            Self::Integer => "integer",
            Self::Flag => "flag",
            Self::Text => "text",
            Self::Pseudonym => "pseudonym",
            Self::LinkedId => "id",
        }
    }
}

/// A closed list of codes in byte order, so that positions sort as the codes do.
#[derive(Debug, PartialEq, Eq)]
pub struct Codes {
    values: Vec<String>,
}

impl Codes {
    /// The most codes that a list may have: positions are 16 bits.
    pub const MAX: usize = u16::MAX as usize;

    /// A list of the distinct `values`; `None` if there are more than [`Codes::MAX`].
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = String>) -> Option<Arc<Self>> {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        (values.len() <= Self::MAX).then(|| Arc::new(Self { values }))
    }

    /// The codes in order.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The position of `code` in the list.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<u16> {
        self.values.binary_search_by(|v| v.as_str().cmp(code)).ok().and_then(|p| u16::try_from(p).ok())
    }

    /// The codes as a dictionary's values.
    #[must_use]
    pub fn dictionary(&self) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(&self.values))
    }
}

/// A named column of a table that this tool writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub value: ValueType,
}

/// A column as it is written: positions become codes, linked ids become text.
///
/// # Errors
/// A position lies outside its list, which the pipeline never produces.
pub fn written(array: &ArrayRef, value: &ValueType) -> Result<ArrayRef, ArrowError> {
    match value {
        ValueType::Code(codes) => {
            let keys = array.as_primitive::<UInt16Type>().clone();
            Ok(Arc::new(DictionaryArray::try_new(keys, codes.dictionary())?))
        }
        ValueType::Pseudonym => Ok(Arc::new(pseudonym_bytes(array.as_primitive()))),
        ValueType::LinkedId => Ok(Arc::new(id_texts(array.as_primitive()))),
        _ => Ok(array.clone()),
    }
}

/// A column of numbers of which few are absent: faster than the general collection, which touches a bit for each row.
#[must_use]
pub fn number_column<T: ArrowPrimitiveType>(numbers: impl Iterator<Item = Option<T::Native>>) -> PrimitiveArray<T> {
    let mut absent = Vec::new();
    let values: Vec<T::Native> = numbers
        .enumerate()
        .map(|(row, number)| {
            number.unwrap_or_else(|| {
                absent.push(row);
                T::default_value()
            })
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

/// Pseudonyms as they are carried; `nulls` says which are absent.
#[must_use]
pub fn pseudonym_column(pseudonyms: impl Iterator<Item = Pseudonym>, nulls: Option<NullBuffer>) -> ArrayRef {
    let numbers: Vec<i128> = pseudonyms.map(|p| (u128::from_be_bytes(p.0) ^ SIGN_BIT) as i128).collect();
    // The type names a precision; the numbers use all bits.
    Arc::new(Decimal128Array::new(numbers.into(), nulls).with_data_type(ValueType::Pseudonym.carried()))
}

/// The pseudonym that is carried as `number`.
#[must_use]
pub fn pseudonym(number: i128) -> Pseudonym {
    Pseudonym((number as u128 ^ SIGN_BIT).to_be_bytes())
}

/// Linked ids as they are carried.
#[must_use]
pub fn id_column(ids: impl Iterator<Item = Option<PersonId>>) -> ArrayRef {
    Arc::new(number_column::<UInt64Type>(ids.map(|id| id.map(|id| u64::from_be_bytes(id.0)))))
}

/// The keys of a carried column of pseudonyms or linked ids, as numbers that sort as the bytes do and whose leading
/// bits are the bytes' leading bits.
#[must_use]
pub fn keys(column: &ArrayRef) -> Vec<u128> {
    match column.as_primitive_opt::<Decimal128Type>() {
        Some(pseudonyms) => pseudonyms.values().iter().map(|&number| number as u128 ^ SIGN_BIT).collect(),
        None => column.as_primitive::<UInt64Type>().values().iter().map(|&id| u128::from(id) << 64).collect(),
    }
}

/// Turns unsigned order into signed order and back.
const SIGN_BIT: u128 = 1 << 127;

fn pseudonym_bytes(numbers: &Decimal128Array) -> FixedSizeBinaryArray {
    let bytes: Vec<[u8; PSEUDONYM_BYTES]> = numbers.values().iter().map(|&n| pseudonym(n).0).collect();
    FixedSizeBinaryArray::new(PSEUDONYM_BYTES as i32, Buffer::from_vec(bytes.concat()), numbers.nulls().cloned())
}

fn id_texts(ids: &UInt64Array) -> StringArray {
    let mut texts = StringBuilder::with_capacity(ids.len(), ids.len() * PersonId::TEXT_LENGTH);
    let mut text = [0; PersonId::TEXT_LENGTH];
    for id in ids {
        texts.append_option(id.and_then(|id| {
            PersonId(id.to_be_bytes()).encode_into(&mut text);
            std::str::from_utf8(&text).ok()
        }));
    }
    texts.finish()
}

/// A column as it is carried, from one that was [`written`]; `None` if it holds a code outside its list.
#[must_use]
pub fn carried(array: &ArrayRef, value: &ValueType) -> Option<ArrayRef> {
    let codes = match value {
        ValueType::Code(codes) => codes,
        ValueType::Pseudonym => {
            let bytes = array.as_fixed_size_binary_opt()?;
            let pseudonyms = (0..bytes.len()).map(|row| Pseudonym(bytes.value(row).try_into().unwrap_or_default()));
            return Some(pseudonym_column(pseudonyms, bytes.nulls().cloned()));
        }
        _ => return Some(array.clone()),
    };
    let dictionary = array.as_any_dictionary_opt()?;
    let texts = dictionary.values().as_string_opt::<i32>()?;
    let positions: UInt16Array = texts.iter().map(|code| codes.position(code?)).collect();
    let carried = take(&positions, dictionary.keys(), None).ok()?;
    (carried.null_count() == array.null_count()).then_some(carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_sort_as_codes_do() {
        let codes = Codes::new(["muu", "asuminen", "muu"].map(String::from)).unwrap();
        assert_eq!(codes.values(), ["asuminen", "muu"]);
        assert_eq!((codes.position("muu"), codes.position("x")), (Some(1), None));
        assert!(Codes::new((0..70_000).map(|i| i.to_string())).is_none());
    }
}
