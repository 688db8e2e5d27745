//! Columns of any Arrow type as one of six plain forms, for those who look at data without knowing its types.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, StringArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// A column of cells.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Text; also times, and nested values as they are printed.
    Text(Texts),
    /// Whole numbers.
    Integer(Int64Array),
    /// Numbers with decimals, binary or exact ones.
    Number(Float64Array),
    /// Calendar days.
    Day(Date32Array),
    /// Bytes.
    Bytes(BinaryArray),
    /// True or false.
    Flag(BooleanArray),
}

/// A column of texts, some of which may be kept once for many rows.
#[derive(Debug, Clone)]
pub struct Texts {
    values: StringArray,
    /// For each row, the position of its value; none if every row has its own.
    keys: Option<Int32Array>,
}

impl Texts {
    /// The text of `row`; none if it is null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let at = match &self.keys {
            None => row,
            Some(keys) if keys.is_null(row) => return None,
            Some(keys) => usize::try_from(keys.value(row)).ok()?,
        };
        self.values.is_valid(at).then(|| self.values.value(at))
    }

    /// Every text that is kept, each at least once; also those that no row has.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flatten()
    }

    /// How many texts are kept.
    #[must_use]
    pub fn kept_len(&self) -> usize {
        self.values.len()
    }

    /// The kept text at a position; none if it is null.
    #[must_use]
    pub fn kept_at(&self, position: usize) -> Option<&str> {
        (position < self.values.len() && self.values.is_valid(position)).then(|| self.values.value(position))
    }

    /// For each row, the position of its text among those kept; none if each row has its own.
    #[must_use]
    pub fn keys(&self) -> Option<&Int32Array> {
        self.keys.as_ref()
    }
}

impl Cells {
    /// The cells of `array`, whatever its type; values that no form holds become text, or null if that cannot be.
    #[must_use]
    pub fn new(array: &ArrayRef) -> Self {
        let convert =
            |to: &DataType| cast_with_options(array, to, &CastOptions { safe: true, ..CastOptions::default() }).ok();
        let converted = match array.data_type() {
            DataType::Dictionary(_, value) if value.is_string() => return Self::dictionary(array),
            DataType::Dictionary(_, value) => {
                return convert(value).map_or_else(|| Self::printed(array), |a| Self::new(&a));
            }
            // Unsigned numbers of 64 bits may not fit.
            t if t.is_integer() && *t != DataType::UInt64 => convert(&DataType::Int64),
            t if t.is_floating() || t.is_decimal() => convert(&DataType::Float64),
            DataType::Date32 | DataType::Date64 => convert(&DataType::Date32),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                convert(&DataType::Binary)
            }
            DataType::Boolean => convert(&DataType::Boolean),
            t if t.is_string() => convert(&DataType::Utf8),
            _ => None,
        };
        converted.map_or_else(|| Self::printed(array), |array| Self::plain(&array))
    }

    fn plain(array: &ArrayRef) -> Self {
        match array.data_type() {
            DataType::Int64 => Self::Integer(array.as_primitive::<Int64Type>().clone()),
            DataType::Float64 => Self::Number(array.as_primitive::<Float64Type>().clone()),
            DataType::Date32 => Self::Day(array.as_primitive::<Date32Type>().clone()),
            DataType::Binary => Self::Bytes(array.as_binary::<i32>().clone()),
            DataType::Boolean => Self::Flag(array.as_boolean().clone()),
            DataType::Utf8 => Self::Text(Texts { values: array.as_string::<i32>().clone(), keys: None }),
            _ => Self::printed(array),
        }
    }

    fn dictionary(array: &ArrayRef) -> Self {
        let wanted = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let options = CastOptions { safe: true, ..CastOptions::default() };
        let Ok(array) = cast_with_options(array, &wanted, &options) else { return Self::printed(array) };
        match array.as_dictionary_opt::<Int32Type>() {
            Some(dictionary) => {
                let values = dictionary.values().as_string::<i32>().clone();
                Self::Text(Texts { values, keys: Some(dictionary.keys().clone()) })
            }
            None => Self::printed(&array),
        }
    }

    /// Each cell as it is printed.
    fn printed(array: &ArrayRef) -> Self {
        let options = FormatOptions::default();
        let formatter = ArrayFormatter::try_new(array.as_ref(), &options).ok();
        let print = |row: usize| {
            let formatter = formatter.as_ref().filter(|_| array.is_valid(row))?;
            formatter.value(row).try_to_string().ok()
        };
        let values: StringArray = (0..array.len()).map(print).collect();
        Self::Text(Texts { values, keys: None })
    }

    /// The column as an array, for its length and nulls.
    fn array(&self) -> &dyn Array {
        match self {
            Self::Text(Texts { keys: Some(keys), .. }) => keys,
            Self::Text(texts) => &texts.values,
            Self::Integer(array) => array,
            Self::Number(array) => array,
            Self::Day(array) => array,
            Self::Bytes(array) => array,
            Self::Flag(array) => array,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.array().len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell of `row` is null.
    #[must_use]
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Text(texts) => texts.get(row).is_none(),
            _ => self.array().is_null(row),
        }
    }

    /// Size in memory, in bytes: what a reader had to decode.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(texts) => texts.values.get_array_memory_size() + texts.keys.as_ref().map_or(0, |k| k.len() * 4),
            _ => self.array().get_array_memory_size(),
        }
    }

    /// The cell of `row` as text: `None` if it is null. Numbers are written without needless decimals, bytes as
    /// hexadecimal digits.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<std::borrow::Cow<'_, str>> {
        if self.is_null(row) {
            return None;
        }
        Some(match self {
            Self::Text(texts) => texts.get(row)?.into(),
            Self::Integer(array) => array.value(row).to_string().into(),
            Self::Number(array) => array.value(row).to_string().into(),
            Self::Day(array) => salanimi_core::Day::from_epoch_days(array.value(row))?.to_string().into(),
            Self::Bytes(array) => data_encoding::HEXLOWER.encode(array.value(row)).into(),
            Self::Flag(array) => array.value(row).to_string().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, FixedSizeBinaryArray, ListArray, UInt64Array};

    use super::*;

    fn shown(array: impl Array + 'static) -> Vec<Option<String>> {
        let cells = Cells::new(&(Arc::new(array) as ArrayRef));
        (0..cells.len()).map(|row| cells.text(row).map(std::borrow::Cow::into_owned)).collect()
    }

    #[test]
    fn every_type_has_a_form() {
        let some = |texts: &[&str]| texts.iter().map(|t| Some((*t).to_owned())).collect::<Vec<_>>();
        assert_eq!(shown(Int32Array::from(vec![Some(1), None])), [Some("1".to_owned()), None]);
        assert_eq!(shown(Float64Array::from(vec![1.5, 2.0])), some(&["1.5", "2"]));
        assert_eq!(shown(UInt64Array::from(vec![u64::MAX])), some(&["18446744073709551615"]));
        assert_eq!(shown(Date32Array::from(vec![0])), some(&["1970-01-01"]));
        let bytes = FixedSizeBinaryArray::try_from_iter([[1_u8, 255]].iter()).unwrap();
        assert_eq!(shown(bytes), some(&["01ff"]));
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), Some(2)])]);
        assert_eq!(shown(list), some(&["[1, 2]"]));
        let dictionary: DictionaryArray<Int32Type> = [Some("a"), None, Some("a")].into_iter().collect();
        assert_eq!(shown(dictionary), [Some("a".to_owned()), None, Some("a".to_owned())]);
    }

    #[test]
    fn texts_that_no_row_has_are_kept_too() {
        let dictionary = DictionaryArray::new(Int32Array::from(vec![0]), Arc::new(StringArray::from(vec!["a", "b"])));
        let Cells::Text(texts) = Cells::new(&(Arc::new(dictionary) as ArrayRef)) else { panic!("not text") };
        assert_eq!(texts.kept().collect::<Vec<_>>(), ["a", "b"]);
    }
}
