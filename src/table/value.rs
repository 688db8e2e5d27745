//! What a column holds, and the Arrow arrays that carry it.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, FixedSizeBinaryArray, StringArray, StringBuilder, UInt16Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, UInt16Type};
use arrow::error::ArrowError;

use crate::domain::{PERSON_BYTES, PSEUDONYM_BYTES, PersonId};

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
    /// 16 bytes in place of an identifier.
    Pseudonym,
    /// A person or reference of a linked dataset; carried as 8 bytes, written as 13 characters.
    LinkedId,
}

impl ValueType {
    /// The Arrow type inside the pipeline: fixed width wherever that can be.
    #[must_use]
    pub fn carried(&self) -> DataType {
        match self {
            Self::Code(_) => DataType::UInt16,
            Self::LinkedId => DataType::FixedSizeBinary(PERSON_BYTES as i32),
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
        ValueType::LinkedId => Ok(Arc::new(id_texts(array.as_fixed_size_binary()))),
        _ => Ok(array.clone()),
    }
}

fn id_texts(ids: &FixedSizeBinaryArray) -> StringArray {
    let mut texts = StringBuilder::with_capacity(ids.len(), ids.len() * PersonId::TEXT_LENGTH);
    let mut text = [0; PersonId::TEXT_LENGTH];
    for id in ids {
        let bytes = id.and_then(|bytes| <[u8; PERSON_BYTES]>::try_from(bytes).ok());
        texts.append_option(bytes.and_then(|bytes| {
            PersonId(bytes).encode_into(&mut text);
            std::str::from_utf8(&text).ok()
        }));
    }
    texts.finish()
}

/// A column as it is carried, from one that was [`written`]; `None` if it holds a code outside its list.
#[must_use]
pub fn carried(array: &ArrayRef, value: &ValueType) -> Option<ArrayRef> {
    let ValueType::Code(codes) = value else { return Some(array.clone()) };
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
