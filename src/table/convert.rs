//! Source values to carried values: text in any of a source's notations, or columns that are typed already.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, StringArray, StringBuilder,
    new_null_array,
};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Int32Type, Int64Type, UInt16Type};
use arrow::error::ArrowError;
use regex::Regex;

use super::notation::{DateForm, Notation};
use super::value::{DECIMAL_DIGITS, ValueType, number_column};
use salanimi_core::{Day, Reason};

/// Source codes and the contract's codes that they mean.
pub type Renames = BTreeMap<String, String>;

/// What the values of a column must be.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Their type.
    pub value: ValueType,
    /// For text: what all of it must match.
    pub pattern: Option<Regex>,
    /// For numbers: the smallest, in whole units.
    pub min: Option<i32>,
    /// For numbers: the largest, in whole units.
    pub max: Option<i32>,
    /// Whether absence is a fault.
    pub required: bool,
}

impl Rules {
    /// Any values of type `value`.
    #[must_use]
    pub fn new(value: ValueType) -> Self {
        Self { value, pattern: None, min: None, max: None, required: false }
    }

    fn is_bounded(&self) -> bool {
        self.min.is_some() || self.max.is_some()
    }

    fn in_range(&self, units: i64) -> Result<(), Reason> {
        let low = self.min.is_some_and(|min| units < i64::from(min));
        let high = self.max.is_some_and(|max| units > i64::from(max));
        if low || high { Err(Reason::Range) } else { Ok(()) }
    }
}

/// A cell that breaks the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Row of the batch, from 0.
    pub row: usize,
    /// Why.
    pub reason: Reason,
}

/// A carried column; faulty cells are null.
#[derive(Debug)]
pub struct Converted {
    /// The values.
    pub array: ArrayRef,
    /// The faults, by ascending row.
    pub faults: Vec<Fault>,
}

/// Converts one column of a source.
pub struct Converter<'a> {
    rules: &'a Rules,
    notation: &'a Notation,
    /// For codes and flags: every accepted text with what it means.
    meanings: HashMap<String, u16, ahash::RandomState>,
}

impl<'a> Converter<'a> {
    /// Converts values that follow `rules`, written in `notation`, after renaming codes.
    #[must_use]
    pub fn new(rules: &'a Rules, notation: &'a Notation, renames: &Renames) -> Self {
        Self { rules, notation, meanings: meanings(&rules.value, renames) }
    }

    /// Whether a column of this Arrow type can be converted at all.
    #[must_use]
    pub fn accepts(&self, found: &DataType) -> bool {
        let text = is_text(found);
        let number = found.is_numeric();
        let day = matches!(found, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
        match self.rules.value {
            ValueType::Code(_) | ValueType::Text => text || found.is_integer(),
            ValueType::Date | ValueType::Month => text || day,
            ValueType::Decimal { .. } | ValueType::Integer => text || number,
            ValueType::Flag => text || found.is_integer() || *found == DataType::Boolean,
            ValueType::Pseudonym | ValueType::LinkedId => false,
        }
    }

    /// Whether a column of these values holds few distinct texts.
    #[must_use]
    pub fn repetitive(&self) -> bool {
        !matches!(self.rules.value, ValueType::Text | ValueType::Pseudonym)
    }

    /// Converts `array`, whose type the converter accepts.
    ///
    /// # Errors
    /// The array is not what its type says; never on account of a value.
    pub fn convert(&self, array: &ArrayRef) -> Result<Converted, ArrowError> {
        let converted = match array.data_type() {
            DataType::Utf8 => self.text(array.as_string()),
            DataType::Dictionary(..) => self.dictionary(array)?,
            DataType::Date32 if matches!(self.rules.value, ValueType::Date) => plain(array.clone()),
            DataType::Boolean => plain(array.clone()),
            DataType::Int32 | DataType::Int16 | DataType::Int8 | DataType::UInt8 | DataType::UInt16
                if self.rules.value == ValueType::Integer =>
            {
                self.integers(&cast(array, &DataType::Int32)?)
            }
            integer if integer.is_integer() && matches!(self.rules.value, ValueType::Code(_) | ValueType::Flag) => {
                self.integer_codes(array)?
            }
            DataType::Decimal128(_, scale) if self.rules.value == (ValueType::Decimal { scale: *scale }) => {
                self.decimals(array, *scale)?
            }
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => {
                self.days(&cast(array, &DataType::Date32)?)
            }
            text if is_text(text) => self.text(cast(array, &DataType::Utf8)?.as_string()),
            _ => self.typed().text(cast(array, &DataType::Utf8)?.as_string()),
        };
        Ok(self.with_missing(converted))
    }

    /// For columns that are typed already: whatever the source's notation, Arrow writes numbers with a point.
    fn typed(&self) -> Converter<'a> {
        static ARROW: std::sync::LazyLock<Notation> = std::sync::LazyLock::new(Notation::default);
        Converter { rules: self.rules, notation: &ARROW, meanings: self.meanings.clone() }
    }

    /// Absence in a required column is a fault like any other.
    fn with_missing(&self, mut converted: Converted) -> Converted {
        if self.rules.required && converted.array.null_count() > 0 {
            let faulty: std::collections::BTreeSet<usize> = converted.faults.iter().map(|f| f.row).collect();
            let absent =
                (0..converted.array.len()).filter(|row| converted.array.is_null(*row) && !faulty.contains(row));
            converted.faults.extend(absent.map(|row| Fault { row, reason: Reason::Missing }));
            converted.faults.sort_unstable_by_key(|f| f.row);
        }
        converted
    }

    /// Each distinct text is converted once, then spread over the rows.
    fn dictionary(&self, array: &ArrayRef) -> Result<Converted, ArrowError> {
        let dictionary = array.as_any_dictionary();
        let values = cast(dictionary.values(), &DataType::Utf8)?;
        let once = self.text(values.as_string());
        let spread = take(&once.array, dictionary.keys(), None)?;
        let mut reasons = vec![None; values.len()];
        once.faults.iter().for_each(|f| reasons[f.row] = Some(f.reason));
        let mut faults = Vec::new();
        if !once.faults.is_empty() {
            for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                if let (false, Some(reason)) = (array.is_null(row), reasons.get(key).copied().flatten()) {
                    faults.push(Fault { row, reason });
                }
            }
        }
        Ok(Converted { array: spread, faults })
    }

    fn text(&self, texts: &StringArray) -> Converted {
        match &self.rules.value {
            ValueType::Code(_) => self.primitive::<UInt16Type>(texts, |text| self.meaning(text)),
            ValueType::Date => self.primitive::<Date32Type>(texts, |text| self.day(text).map(Day::epoch_days)),
            ValueType::Month => self.primitive::<Date32Type>(texts, |text| self.month(text)),
            ValueType::Decimal { scale } => {
                let converted = self.primitive::<Decimal64Type>(texts, |text| self.decimal(text, *scale));
                let array =
                    converted.array.as_primitive::<Decimal64Type>().clone().with_data_type(self.rules.value.carried());
                Converted { array: Arc::new(array), faults: converted.faults }
            }
            ValueType::Integer => self.primitive::<Int32Type>(texts, |text| self.integer(text)),
            ValueType::Flag => self.flags(texts),
            ValueType::Text => self.texts(texts),
            ValueType::Pseudonym | ValueType::LinkedId => {
                plain(new_null_array(&self.rules.value.carried(), texts.len()))
            }
        }
    }

    /// The text of a cell, trimmed; `None` if it means "no value".
    fn cell<'t>(&self, texts: &'t StringArray, row: usize) -> Option<&'t str> {
        if texts.is_null(row) {
            return None;
        }
        let text = trimmed(texts.value(row));
        (!self.notation.is_missing(text)).then_some(text)
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        texts: &StringArray,
        parse: impl Fn(&str) -> Result<T::Native, Reason>,
    ) -> Converted {
        let mut faults = Vec::new();
        let numbers = (0..texts.len()).map(|row| kept(row, parse(self.cell(texts, row)?), &mut faults));
        let array = number_column::<T>(numbers);
        Converted { array: Arc::new(array), faults }
    }

    fn meaning(&self, text: &str) -> Result<u16, Reason> {
        self.meanings.get(text).copied().ok_or(Reason::UnknownCode)
    }

    fn flags(&self, texts: &StringArray) -> Converted {
        as_flags(self.primitive::<UInt16Type>(texts, |text| self.meaning(text)))
    }

    fn texts(&self, texts: &StringArray) -> Converted {
        let mut faults = Vec::new();
        let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        for row in 0..texts.len() {
            let text = self.cell(texts, row);
            let fits = text.is_none_or(|text| self.rules.pattern.as_ref().is_none_or(|p| p.is_match(text)));
            if !fits {
                faults.push(Fault { row, reason: Reason::Pattern });
            }
            builder.append_option(text.filter(|_| fits));
        }
        Converted { array: Arc::new(builder.finish()), faults }
    }

    /// Codes that a source holds as numbers; each distinct number is looked up once.
    fn integer_codes(&self, array: &ArrayRef) -> Result<Converted, ArrowError> {
        if *array.data_type() == DataType::UInt64 {
            return Ok(self.text(cast(array, &DataType::Utf8)?.as_string()));
        }
        let known = std::cell::RefCell::new(BTreeMap::new());
        let meaning =
            |number: i64| *known.borrow_mut().entry(number).or_insert_with(|| self.meaning(&number.to_string()));
        let numbers = cast(array, &DataType::Int64)?;
        let codes = Self::checked::<Int64Type, UInt16Type>(numbers.as_primitive(), meaning);
        Ok(if self.rules.value == ValueType::Flag { as_flags(codes) } else { codes })
    }

    fn day(&self, text: &str) -> Result<Day, Reason> {
        let parse = |form: &DateForm| match form {
            DateForm::Iso if text.len() == 10 => Day::parse(text).ok(),
            DateForm::Iso => None,
            DateForm::Finnish => Day::parse_finnish(text).ok(),
        };
        self.notation.dates.iter().find_map(parse).ok_or(Reason::Date)
    }

    /// A month is written `yyyy-mm`, or as any day of it.
    fn month(&self, text: &str) -> Result<i32, Reason> {
        let month = if text.len() == 7 { Day::parse(text).ok() } else { None };
        month.map_or_else(|| self.day(text), Ok).map(|day| day.first_of_month().epoch_days())
    }

    fn integer(&self, text: &str) -> Result<i32, Reason> {
        let value: i32 = text.parse().map_err(|_| Reason::Number)?;
        self.rules.in_range(i64::from(value)).map(|()| value)
    }

    fn decimal(&self, text: &str, scale: i8) -> Result<i64, Reason> {
        let value = parse_decimal(text, self.notation.decimal, scale).ok_or(Reason::Number)?;
        self.check_decimal(value, scale)
    }

    fn check_decimal(&self, value: i64, scale: i8) -> Result<i64, Reason> {
        let unit = 10_i64.pow(u32::try_from(scale).unwrap_or(0));
        // Both neighbours in whole units: 10.5 is above a largest of 10, −0.5 below a smallest of 0.
        self.rules.in_range(value.div_euclid(unit))?;
        self.rules.in_range(value.div_euclid(unit) + i64::from(value.rem_euclid(unit) > 0))?;
        Ok(value)
    }

    fn integers(&self, array: &ArrayRef) -> Converted {
        if !self.rules.is_bounded() {
            return plain(array.clone());
        }
        Self::checked::<Int32Type, Int32Type>(array.as_primitive(), |value| {
            self.rules.in_range(i64::from(value)).map(|()| value)
        })
    }

    fn decimals(&self, array: &ArrayRef, scale: i8) -> Result<Converted, ArrowError> {
        let narrow = cast(array, &DataType::Decimal64(DECIMAL_DIGITS, scale))?;
        let lost: Vec<usize> = match narrow.null_count() > array.null_count() {
            true => (0..array.len()).filter(|&row| narrow.is_null(row) && !array.is_null(row)).collect(),
            false => Vec::new(),
        };
        let mut converted = Self::checked::<Decimal64Type, Decimal64Type>(narrow.as_primitive(), |value| {
            self.check_decimal(value, scale)
        });
        let typed = converted.array.as_primitive::<Decimal64Type>().clone().with_data_type(self.rules.value.carried());
        converted.array = Arc::new(typed);
        converted.faults.extend(lost.into_iter().map(|row| Fault { row, reason: Reason::Number }));
        converted.faults.sort_unstable_by_key(|f| f.row);
        Ok(converted)
    }

    fn days(&self, array: &ArrayRef) -> Converted {
        let month = self.rules.value == ValueType::Month;
        Self::checked::<Date32Type, Date32Type>(array.as_primitive(), |value| {
            let day = Day::from_epoch_days(value).ok_or(Reason::Date)?;
            Ok(if month { day.first_of_month().epoch_days() } else { value })
        })
    }

    fn checked<I: ArrowPrimitiveType, O: ArrowPrimitiveType>(
        array: &PrimitiveArray<I>,
        check: impl Fn(I::Native) -> Result<O::Native, Reason>,
    ) -> Converted {
        let mut faults = Vec::new();
        let checked = match array.nulls() {
            None => {
                number_column::<O>(array.values().iter().enumerate().map(|(row, &v)| kept(row, check(v), &mut faults)))
            }
            Some(_) => number_column::<O>(array.iter().enumerate().map(|(row, v)| kept(row, check(v?), &mut faults))),
        };
        Converted { array: Arc::new(checked), faults }
    }
}

/// The value, or a fault noted and nothing.
fn kept<T>(row: usize, value: Result<T, Reason>, faults: &mut Vec<Fault>) -> Option<T> {
    value.map_err(|reason| faults.push(Fault { row, reason })).ok()
}

/// As `trim`, which is slow for what almost every cell is: text without white space at its ends.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

fn as_flags(numbers: Converted) -> Converted {
    let flags: BooleanArray = numbers.array.as_primitive::<UInt16Type>().iter().map(|v| v.map(|v| v == 1)).collect();
    Converted { array: Arc::new(flags), faults: numbers.faults }
}

/// Whether a source column of this Arrow type holds text.
#[must_use]
pub fn is_text(found: &DataType) -> bool {
    matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..))
}

fn plain(array: ArrayRef) -> Converted {
    Converted { array, faults: Vec::new() }
}

fn meanings(value: &ValueType, renames: &Renames) -> HashMap<String, u16, ahash::RandomState> {
    let mut meanings: HashMap<String, u16, ahash::RandomState> = match value {
        ValueType::Code(codes) => codes.values().iter().cloned().zip(0..).collect(),
        ValueType::Flag => {
            [("0", 0), ("1", 1), ("false", 0), ("true", 1)].map(|(text, v)| (text.to_owned(), v)).into_iter().collect()
        }
        _ => HashMap::default(),
    };
    // A rename wins over the code of the same spelling: the source's meaning counts.
    let renamed: Vec<(String, u16)> =
        renames.iter().filter_map(|(source, code)| Some((source.clone(), *meanings.get(code)?))).collect();
    meanings.extend(renamed);
    meanings
}

/// An exact decimal: sign, digits, and at most `scale` digits after `mark`. No exponent, no grouping, no NaN.
fn parse_decimal(text: &str, mark: char, scale: i8) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, ""));
    let scale = usize::try_from(scale).ok()?;
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !all_digits || whole.is_empty() || fraction.len() > scale || whole.len() + scale > usize::from(DECIMAL_DIGITS) {
        return None;
    }
    let padding = std::iter::repeat_n(b'0', scale - fraction.len());
    let value = whole.bytes().chain(fraction.bytes()).chain(padding).fold(0_i64, |v, b| v * 10 + i64::from(b - b'0'));
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal128Array, DictionaryArray, Float64Array, Int64Array};
    use proptest::prelude::*;

    use super::super::value::Codes;
    use super::*;

    fn convert_with(rules: &Rules, notation: &Notation, array: &ArrayRef) -> Converted {
        Converter::new(rules, notation, &Renames::new()).convert(array).unwrap()
    }

    fn convert(value: ValueType, array: impl Array + 'static) -> Converted {
        convert_with(&Rules::new(value), &Notation::default(), &(Arc::new(array) as ArrayRef))
    }

    fn reasons(converted: &Converted) -> Vec<(usize, Reason)> {
        converted.faults.iter().map(|f| (f.row, f.reason)).collect()
    }

    fn codes() -> ValueType {
        ValueType::Code(Codes::new(["hakija", "lapsi"].map(String::from)).unwrap())
    }

    #[test]
    fn codes_become_positions_and_unknown_ones_are_faults() {
        let converted =
            convert(codes(), StringArray::from(vec![Some(" lapsi "), None, Some(""), Some("x"), Some("hakija")]));
        let positions: Vec<_> = converted.array.as_primitive::<UInt16Type>().iter().collect();
        assert_eq!(positions, [Some(1), None, None, None, Some(0)]);
        assert_eq!(reasons(&converted), [(3, Reason::UnknownCode)]);
    }

    #[test]
    fn a_dictionary_column_converts_as_its_text_does() {
        let texts = vec![Some("lapsi"), Some("x"), None, Some("lapsi"), Some("x")];
        let dictionary: DictionaryArray<Int32Type> = texts.iter().copied().collect();
        let (direct, spread) = (convert(codes(), StringArray::from(texts)), convert(codes(), dictionary));
        assert_eq!(direct.array.as_ref(), spread.array.as_ref());
        assert_eq!(reasons(&direct), reasons(&spread));
    }

    #[test]
    fn renamed_codes_mean_what_the_holder_says() {
        let (rules, notation) = (Rules::new(codes()), Notation::default());
        let renames = [("H".to_owned(), "hakija".to_owned())].into();
        let converter = Converter::new(&rules, &notation, &renames);
        let converted = converter.convert(&(Arc::new(StringArray::from(vec!["H", "lapsi"])) as ArrayRef)).unwrap();
        assert_eq!(converted.array.as_primitive::<UInt16Type>().values(), &[0, 1]);
    }

    #[test]
    fn amounts_are_exact_and_nan_is_a_fault() {
        let euros = ValueType::Decimal { scale: 2 };
        let floats = convert(euros.clone(), Float64Array::from(vec![12.5, f64::NAN, f64::INFINITY, 0.1 + 0.2, 1e30]));
        assert_eq!(floats.array.as_primitive::<Decimal64Type>().value(0), 1250);
        assert_eq!(reasons(&floats), [1, 2, 3, 4].map(|row| (row, Reason::Number)));
        let wide = Decimal128Array::from(vec![1250, i128::MAX >> 8]).with_precision_and_scale(38, 2).unwrap();
        assert_eq!(reasons(&convert(euros, wide)), [(1, Reason::Number)]);
    }

    #[test]
    fn a_range_binds_fractions_too() {
        let rules = Rules { min: Some(0), max: Some(10), ..Rules::new(ValueType::Decimal { scale: 2 }) };
        let texts = StringArray::from(vec!["10", "10.01", "-0.01", "0"]);
        let converted = convert_with(&rules, &Notation::default(), &(Arc::new(texts) as ArrayRef));
        assert_eq!(reasons(&converted), [(1, Reason::Range), (2, Reason::Range)]);
    }

    #[test]
    fn a_missing_required_value_is_a_fault() {
        let rules = Rules { required: true, ..Rules::new(ValueType::Integer) };
        let notation = Notation { missing: vec!["-".into()], ..Notation::default() };
        let converted = convert_with(
            &rules,
            &notation,
            &(Arc::new(StringArray::from(vec![Some("-"), Some("x"), Some("7"), None])) as ArrayRef),
        );
        assert_eq!(reasons(&converted), [(0, Reason::Missing), (1, Reason::Number), (3, Reason::Missing)]);
    }

    #[test]
    fn months_and_days_are_read_in_every_listed_form() {
        let notation = Notation { dates: vec![DateForm::Iso, DateForm::Finnish], ..Notation::default() };
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["2020-02-03", "3.2.2020", "2020-02", "31.2.2020"]));
        let days = convert_with(&Rules::new(ValueType::Date), &notation, &texts);
        assert_eq!(reasons(&days), [(2, Reason::Date), (3, Reason::Date)]);
        let months = convert_with(&Rules::new(ValueType::Month), &notation, &texts);
        let february = Day::parse("2020-02-01").unwrap().epoch_days();
        assert_eq!(&months.array.as_primitive::<Date32Type>().values()[..3], &[february; 3]);
        assert_eq!(reasons(&months), [(3, Reason::Date)]);
    }

    #[test]
    fn whole_numbers_too_large_are_faults() {
        let converted = convert(ValueType::Integer, Int64Array::from(vec![3, 1 << 40]));
        assert_eq!(reasons(&converted), [(1, Reason::Number)]);
    }

    #[test]
    fn a_type_that_cannot_be_meant_is_not_accepted() {
        let (rules, notation) = (Rules::new(ValueType::Date), Notation::default());
        let converter = Converter::new(&rules, &notation, &Renames::new());
        assert!(converter.accepts(&DataType::Utf8) && converter.accepts(&DataType::Date32));
        assert!(!converter.accepts(&DataType::Boolean) && !converter.accepts(&DataType::Float64));
    }

    proptest! {
        #[test]
        fn a_decimal_reads_as_it_was_written(cents in -10_i64.pow(17)..10_i64.pow(17), comma in any::<bool>()) {
            let mark = if comma { ',' } else { '.' };
            let sign = if cents < 0 { "-" } else { "" };
            let text = format!("{sign}{}{mark}{:02}", cents.abs() / 100, cents.abs() % 100);
            prop_assert_eq!(parse_decimal(&text, mark, 2), Some(cents));
        }

        #[test]
        fn any_text_is_read_without_a_panic(texts in proptest::collection::vec("\\PC{0,12}", 0..20)) {
            for value in [codes(), ValueType::Date, ValueType::Month, ValueType::Integer, ValueType::Flag, ValueType::Decimal { scale: 2 }] {
                let converted = convert(value, StringArray::from(texts.clone()));
                prop_assert_eq!(converted.array.len(), texts.len());
            }
        }
    }
}
