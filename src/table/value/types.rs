//! Value types, and their Arrow types in memory and in files.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field as ArrowField, Schema, SchemaRef};

use super::codes::Codes;
use salanimi_core::PSEUDONYM_BYTES;

/// Width of a linkage token in bytes.
pub(super) const TOKEN_BYTES: usize = size_of::<u64>();

/// The most digits of a decimal: as many as 64 bits hold.
pub const DECIMAL_DIGITS: u8 = 18;

/// The type of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// A code of a closed list; in memory, its position in the list.
    Code(Arc<Codes>),
    /// A calendar day; in memory, days since 1970-01-01.
    Date,
    /// A calendar month; in memory, its first day.
    Month,
    /// An exact decimal number with a fixed number of decimals.
    Decimal {
        /// Digits after the decimal mark, 0 to 9.
        scale: i8,
    },
    /// A whole number of 32 bits.
    Integer,
    /// True or false; 1 or 0 in sources.
    Flag,
    /// Text that matches a pattern.
    Text,
    /// 16 bytes instead of an identifier; in memory, 128-bit numbers that sort as the bytes do.
    Pseudonym,
    /// A linkage token of 8 bytes; in memory, a 64-bit number that sorts as the bytes do.
    Token,
    /// A person or reference of a linked dataset; in memory, 64-bit numbers, in files 13 characters.
    LinkedId,
}

impl ValueType {
    /// Returns the list of a code; `None` for other types.
    #[must_use]
    pub fn codes(&self) -> Option<&Codes> {
        match self {
            Self::Code(codes) => Some(codes),
            _ => None,
        }
    }

    /// Returns the Arrow type in memory: fixed width for all but text.
    #[must_use]
    pub fn memory_type(&self) -> DataType {
        match self {
            Self::Code(_) => DataType::UInt16,
            Self::Pseudonym => DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0),
            Self::LinkedId | Self::Token => DataType::UInt64,
            other => other.stored_type(),
        }
    }

    /// Returns the Arrow type in files.
    #[must_use]
    pub fn stored_type(&self) -> DataType {
        match self {
            Self::Code(_) => DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8)),
            Self::Date | Self::Month => DataType::Date32,
            Self::Decimal { scale } => DataType::Decimal64(DECIMAL_DIGITS, *scale),
            Self::Integer => DataType::Int32,
            Self::Flag => DataType::Boolean,
            Self::Text | Self::LinkedId => DataType::Utf8,
            Self::Pseudonym => DataType::FixedSizeBinary(PSEUDONYM_BYTES as i32),
            Self::Token => DataType::FixedSizeBinary(TOKEN_BYTES as i32),
        }
    }

    /// Returns true if the values are days or months.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        matches!(self, Self::Date | Self::Month)
    }

    /// Returns true if the values are numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Decimal { .. })
    }

    /// Returns the type's name in contracts, manifests and messages.
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
            Self::Token => "token",
            Self::LinkedId => "id",
        }
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

/// Returns the Arrow schema of a stored table of `fields`. Only the first column, the key, has no nulls.
#[must_use]
pub fn stored_schema(fields: &[Field]) -> SchemaRef {
    let fields = fields
        .iter()
        .enumerate()
        .map(|(position, field)| ArrowField::new(&field.name, field.value.stored_type(), position > 0));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
