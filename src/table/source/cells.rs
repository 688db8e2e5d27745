//! Columns of any Arrow type in one of six plain forms, for code that reads data of unknown types.

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, FixedSizeBinaryArray, Float64Array, Int32Array,
    Int64Array, StringArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use salanimi_core::Day;

/// A column of cells.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Text, printed times and printed nested values.
    Text(Texts),
    /// Whole numbers.
    Integer(Int64Array),
    /// Numbers with decimals, binary or exact.
    Number(Float64Array),
    /// Calendar days.
    Day(Date32Array),
    /// Bytes.
    Bytes(BinaryArray),
    /// True or false.
    Flag(BooleanArray),
}

/// A column of texts. A text may be stored once for many rows (dictionary).
#[derive(Debug, Clone)]
pub struct Texts {
    values: StringArray,
    /// For each row, the position of its value; `None` if every row has its own.
    keys: Option<Int32Array>,
}

impl Texts {
    /// Returns the text of `row`, or `None` if it is null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let at = match &self.keys {
            None => row,
            Some(keys) if keys.is_null(row) => return None,
            Some(keys) => keys.value(row) as usize,
        };
        self.values.is_valid(at).then(|| self.values.value(at))
    }

    fn repeats(&self, before: usize, row: usize) -> bool {
        let has_one_key =
            |keys: &Int32Array| keys.is_valid(row) && keys.is_valid(before) && keys.value(row) == keys.value(before);
        self.keys.as_ref().is_some_and(has_one_key) || self.get(row) == self.get(before)
    }

    /// Returns every stored text, each at least once, also those that no row has.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flatten()
    }

    /// Returns the number of stored texts.
    #[must_use]
    pub fn kept_len(&self) -> usize {
        self.values.len()
    }

    /// Returns the stored text at `position`, or `None` if it is null or the position is beyond the last.
    #[must_use]
    pub fn kept_at(&self, position: usize) -> Option<&str> {
        (position < self.values.len() && self.values.is_valid(position)).then(|| self.values.value(position))
    }

    /// Returns for each row the position of its stored text, or `None` if each row has its own.
    #[must_use]
    pub fn keys(&self) -> Option<&Int32Array> {
        self.keys.as_ref()
    }
}

impl Cells {
    /// Converts `array` of any type. A value without a form of its own becomes text, or null if Arrow cannot print it.
    #[must_use]
    pub fn new(array: &ArrayRef) -> Self {
        let converted = match array.data_type() {
            DataType::Dictionary(_, value) if value.is_string() => return Self::dictionary(array),
            DataType::Dictionary(_, value) => {
                return cast_safely(array, value).map_or_else(|| Self::printed(array), |a| Self::new(&a));
            }
            // Unsigned numbers of 64 bits may be too large.
            t if t.is_integer() && *t != DataType::UInt64 => cast_safely(array, &DataType::Int64),
            t if t.is_floating() || t.is_decimal() => cast_safely(array, &DataType::Float64),
            DataType::Date32 | DataType::Date64 => cast_safely(array, &DataType::Date32),
            DataType::FixedSizeBinary(_) => {
                return of_one_width(array.as_fixed_size_binary()).map_or_else(|| Self::printed(array), Self::Bytes);
            }
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => cast_safely(array, &DataType::Binary),
            DataType::Boolean => cast_safely(array, &DataType::Boolean),
            t if t.is_string() => cast_safely(array, &DataType::Utf8),
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
        let Some(array) = cast_safely(array, &wanted) else { return Self::printed(array) };
        match array.as_dictionary_opt::<Int32Type>() {
            Some(dictionary) => {
                let values = dictionary.values().as_string::<i32>().clone();
                Self::Text(Texts { values, keys: Some(dictionary.keys().clone()) })
            }
            None => Self::printed(&array),
        }
    }

    /// Converts each cell to the text that Arrow prints.
    fn printed(array: &ArrayRef) -> Self {
        let options = FormatOptions::default();
        let formatter = ArrayFormatter::try_new(array.as_ref(), &options).ok();
        let texts = (0..array.len()).map(|row| {
            let formatter = formatter.as_ref().filter(|_| array.is_valid(row))?;
            formatter.value(row).try_to_string().ok()
        });
        let values: StringArray = texts.collect();
        Self::Text(Texts { values, keys: None })
    }

    /// Returns the array that has the column's length and nulls.
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

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.array().len()
    }

    /// Returns true if there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns true if the cell of `row` is null.
    #[must_use]
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Text(texts) => texts.get(row).is_none(),
            _ => self.array().is_null(row),
        }
    }

    /// Returns true if the cell of `row` is that of the row before, or both are null.
    #[must_use]
    pub fn repeats(&self, row: usize) -> bool {
        let Some(before) = row.checked_sub(1) else { return false };
        match self {
            Self::Text(texts) => texts.repeats(before, row),
            _ if self.is_null(row) || self.is_null(before) => self.is_null(row) && self.is_null(before),
            Self::Integer(array) => array.value(row) == array.value(before),
            Self::Number(array) => array.value(row).to_bits() == array.value(before).to_bits(),
            Self::Day(array) => array.value(row) == array.value(before),
            Self::Bytes(array) => array.value(row) == array.value(before),
            Self::Flag(array) => array.value(row) == array.value(before),
        }
    }

    /// Returns the size in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(texts) => texts.values.get_array_memory_size() + texts.keys.as_ref().map_or(0, |k| k.len() * 4),
            _ => self.array().get_array_memory_size(),
        }
    }

    /// Returns the cell of `row` as text, or `None` if it is null.
    ///
    /// Numbers have no trailing zeros. Bytes are lower-case hexadecimal digits.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        if self.is_null(row) {
            return None;
        }
        Some(match self {
            Self::Text(texts) => texts.get(row)?.into(),
            Self::Integer(array) => array.value(row).to_string().into(),
            Self::Number(array) => array.value(row).to_string().into(),
            Self::Day(array) => Day::from_epoch_days(array.value(row))?.to_string().into(),
            Self::Bytes(array) => data_encoding::HEXLOWER.encode(array.value(row)).into(),
            Self::Flag(array) => array.value(row).to_string().into(),
        })
    }
}

/// Returns bytes of one width as bytes of any width, without a copy; `None` if they are too many for that type.
fn of_one_width(array: &FixedSizeBinaryArray) -> Option<BinaryArray> {
    let ends = OffsetBuffer::try_from_repeated_length(array.value_size(), array.len()).ok()?;
    BinaryArray::try_new(ends, array.values().clone(), array.nulls().cloned()).ok()
}

/// Casts `array`, values that do not fit to null. Returns `None` if Arrow has no such cast.
fn cast_safely(array: &ArrayRef, to: &DataType) -> Option<ArrayRef> {
    cast_with_options(array, to, &CastOptions { safe: true, ..CastOptions::default() }).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, ListArray, UInt64Array};

    use super::*;

    fn shown(array: impl Array + 'static) -> Vec<Option<String>> {
        let cells = Cells::new(&(Arc::new(array) as ArrayRef));
        (0..cells.len()).map(|row| cells.text(row).map(Cow::into_owned)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn every_type_has_a_form() {
        assert_eq!(shown(Int32Array::from(vec![Some(1), None])), [Some("1".to_owned()), None]);
        assert_eq!(shown(Float64Array::from(vec![1.5, 2.0])), some(&["1.5", "2"]));
        assert_eq!(shown(UInt64Array::from(vec![u64::MAX])), some(&["18446744073709551615"]));
        assert_eq!(shown(Date32Array::from(vec![0])), some(&["1970-01-01"]));
        let bytes = FixedSizeBinaryArray::try_from_iter([[1_u8, 255]].iter()).unwrap();
        assert_eq!(shown(bytes), some(&["01ff"]));
        let bytes = [Some([0_u8]), None, Some([2])].into_iter();
        let bytes = FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes, 1).unwrap();
        assert_eq!(shown(bytes.slice(1, 2)), [None, Some("02".to_owned())]);
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), Some(2)])]);
        assert_eq!(shown(list), some(&["[1, 2]"]));
        let dictionary: DictionaryArray<Int32Type> = [Some("a"), None, Some("a")].into_iter().collect();
        assert_eq!(shown(dictionary), [Some("a".to_owned()), None, Some("a".to_owned())]);
    }

    #[test]
    fn a_cell_repeats_the_one_before_if_both_are_equal_or_null() {
        fn repeats(array: impl Array + 'static) -> Vec<bool> {
            let cells = Cells::new(&(Arc::new(array) as ArrayRef));
            (0..cells.len()).map(|row| cells.repeats(row)).collect()
        }
        let expected = [false, true, false, true, false, false];
        let numbers = [Some(1), Some(1), None, None, Some(1), Some(0)];
        let texts = numbers.map(|number| number.map(|number| number.to_string()));
        assert_eq!(repeats(Int32Array::from(numbers.to_vec())), expected);
        assert_eq!(repeats(Date32Array::from(numbers.to_vec())), expected);
        assert_eq!(repeats(Float64Array::from(numbers.map(|number| number.map(f64::from)).to_vec())), expected);
        assert_eq!(repeats(BooleanArray::from(numbers.map(|number| number.map(|n| n == 1)).to_vec())), expected);
        assert_eq!(
            repeats(texts.iter().map(|text| text.as_deref().map(str::as_bytes)).collect::<BinaryArray>()),
            expected
        );
        assert_eq!(repeats(texts.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>()), expected);
        assert_eq!(repeats(texts.iter().collect::<StringArray>()), expected);
    }

    #[test]
    fn texts_that_no_row_has_are_stored_too() {
        let dictionary = DictionaryArray::new(Int32Array::from(vec![0]), Arc::new(StringArray::from(vec!["a", "b"])));
        let Cells::Text(texts) = Cells::new(&(Arc::new(dictionary) as ArrayRef)) else { panic!("not text") };
        assert_eq!(texts.kept().collect::<Vec<_>>(), ["a", "b"]);
    }
}
