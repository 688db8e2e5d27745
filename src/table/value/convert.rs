//! Conversion of source values, text or typed, to columns in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, StringArray, StringBuilder,
};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Int32Type, Int64Type, TimeUnit, UInt16Type};
use arrow::error::ArrowError;

use super::column::number_column;
use super::decimal::{parse_decimal, units_per_whole};
use super::notation::Notation;
use super::rules::{Fault, Rules};
use super::types::{DECIMAL_DIGITS, ValueType};
use salanimi_core::{Day, Reason};

/// Source code → contract code.
pub type Renames = BTreeMap<String, String>;

/// Accepted text of a code or flag → its value in memory.
type Meanings = HashMap<String, u16, ahash::RandomState>;

/// Accepted texts of a flag.
const FLAGS: [(&str, u16); 4] = [("0", 0), ("1", 1), ("false", 0), ("true", 1)];
const SECONDS_PER_DAY: i64 = 86_400;
/// Notation of columns that are typed already: Arrow prints numbers with a point and days as ISO 8601.
static ARROW_NOTATION: LazyLock<Notation> = LazyLock::new(Notation::default);

/// A column in memory. Faulty cells are null.
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
    /// Empty for all but codes and flags.
    meanings: Meanings,
}

impl<'a> Converter<'a> {
    /// Returns a converter to `rules` from `notation`. Codes are renamed first; every target of `renames` is a code of
    /// the contract, or an accepted text of a flag.
    #[must_use]
    pub fn new(rules: &'a Rules, notation: &'a Notation, renames: &Renames) -> Self {
        Self { rules, notation, meanings: meanings(&rules.value, renames) }
    }

    /// Returns true if a column of the Arrow type `found` can be converted.
    #[must_use]
    pub fn accepts(&self, found: &DataType) -> bool {
        let text = is_text(found);
        let number = found.is_numeric();
        // Parquet keeps a time with a zone in UTC and not the zone, so its day is not known.
        let day = matches!(found, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None));
        match self.rules.value {
            ValueType::Code(_) | ValueType::Text => text || found.is_integer(),
            ValueType::Date | ValueType::Month => text || day,
            ValueType::Decimal { .. } | ValueType::Integer => text || number,
            ValueType::Flag => text || number || *found == DataType::Boolean,
            ValueType::Pseudonym | ValueType::Token | ValueType::LinkedId => false,
        }
    }

    /// Returns true if columns of these values usually hold few distinct texts.
    #[must_use]
    pub fn repetitive(&self) -> bool {
        !matches!(self.rules.value, ValueType::Text | ValueType::Pseudonym)
    }

    /// Converts `array`, whose type [`Converter::accepts`] approved.
    ///
    /// # Errors
    /// The array contradicts its own type. No value causes an error: it causes a fault.
    pub fn convert(&self, array: &ArrayRef) -> Result<Converted, ArrowError> {
        let converted = match array.data_type() {
            DataType::Utf8 => self.text(array.as_string()),
            DataType::Dictionary(..) => self.dictionary(array)?,
            DataType::Boolean => without_faults(array.clone()),
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
            DataType::Date32 | DataType::Date64 => self.days(&cast(array, &DataType::Date32)?),
            DataType::Timestamp(unit, _) => self.days_of_times(array, *unit)?,
            text if is_text(text) => self.text(cast(array, &DataType::Utf8)?.as_string()),
            _ => self.typed().text(cast(array, &DataType::Utf8)?.as_string()),
        };
        Ok(self.with_missing(converted))
    }

    /// Returns a converter of typed columns, which do not follow the source's notation.
    fn typed(&self) -> Converter<'a> {
        Converter { rules: self.rules, notation: &ARROW_NOTATION, meanings: self.meanings.clone() }
    }

    /// Adds a fault for each missing value of a required column.
    fn with_missing(&self, mut converted: Converted) -> Converted {
        if self.rules.required && converted.array.null_count() > 0 {
            let faulty: BTreeSet<usize> = converted.faults.iter().map(|f| f.row).collect();
            let absent =
                (0..converted.array.len()).filter(|row| converted.array.is_null(*row) && !faulty.contains(row));
            converted.faults.extend(absent.map(|row| Fault { row, reason: Reason::Missing }));
            converted.faults.sort_unstable_by_key(|f| f.row);
        }
        converted
    }

    /// Converts each distinct text once, then spreads the results over the rows.
    fn dictionary(&self, array: &ArrayRef) -> Result<Converted, ArrowError> {
        let dictionary = array.as_any_dictionary();
        let values = cast(dictionary.values(), &DataType::Utf8)?;
        let once = self.text(values.as_string());
        let spread = take(&once.array, dictionary.keys(), None)?;
        let mut reasons = vec![None; values.len()];
        once.faults.iter().for_each(|fault| reasons[fault.row] = Some(fault.reason));
        let mut faults = Vec::new();
        if !once.faults.is_empty() {
            for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                if array.is_valid(row)
                    && let Some(reason) = reasons[key]
                {
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
                self.scaled(self.primitive::<Decimal64Type>(texts, |text| self.decimal(text, *scale)))
            }
            ValueType::Integer => self.primitive::<Int32Type>(texts, |text| self.integer(text)),
            ValueType::Flag => as_flags(self.primitive::<UInt16Type>(texts, |text| self.meaning(text))),
            ValueType::Text => self.texts(texts),
            ValueType::Pseudonym | ValueType::Token | ValueType::LinkedId => {
                unreachable!("no column of this type is converted")
            }
        }
    }

    /// Returns the trimmed text of a cell, or `None` for a missing value.
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
        let numbers = (0..texts.len()).map(|row| value_or_fault(row, parse(self.cell(texts, row)?), &mut faults));
        let array = number_column::<T>(numbers);
        Converted { array: Arc::new(array), faults }
    }

    fn meaning(&self, text: &str) -> Result<u16, Reason> {
        let meaning = self.meanings.get(text).copied();
        let flag = || if self.rules.value == ValueType::Flag { self.flag(text) } else { None };
        meaning.or_else(flag).ok_or_else(|| match self.lacks_zeros(text) {
            true => Reason::ZerosLost,
            false => Reason::UnknownCode,
        })
    }

    /// Returns true if `text` is a number that with zeros before it would be a code: a spreadsheet drops them.
    fn lacks_zeros(&self, text: &str) -> bool {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let ends_with =
            |code: &str| code.strip_suffix(text).is_some_and(|zeros| zeros.bytes().all(|byte| byte == b'0'));
        is_number && self.meanings.keys().any(|code| ends_with(code))
    }

    /// Reads a flag that is written otherwise: `TRUE`, `False`, `1.0`.
    fn flag(&self, text: &str) -> Option<u16> {
        let word = [("false", 0), ("true", 1)].iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
        let number = || u16::try_from(parse_decimal(text, self.notation, 0)?).ok().filter(|number| *number < 2);
        word.map(|&(_, value)| value).or_else(number)
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

    /// Converts codes that a source holds as numbers. Looks up each distinct number once.
    fn integer_codes(&self, array: &ArrayRef) -> Result<Converted, ArrowError> {
        if *array.data_type() == DataType::UInt64 {
            return Ok(self.text(cast(array, &DataType::Utf8)?.as_string()));
        }
        let known = RefCell::new(BTreeMap::new());
        let numbers = cast(array, &DataType::Int64)?;
        let codes = checked::<Int64Type, UInt16Type>(numbers.as_primitive(), |number| {
            *known.borrow_mut().entry(number).or_insert_with(|| self.meaning(&number.to_string()))
        });
        Ok(if self.rules.value == ValueType::Flag { as_flags(codes) } else { codes })
    }

    fn day(&self, text: &str) -> Result<Day, Reason> {
        self.notation.dates.iter().find_map(|form| form.day(text)).ok_or(Reason::Date)
    }

    /// Parses a month, written `yyyy-mm`, in a declared form of months, or as any day of it.
    fn month(&self, text: &str) -> Result<i32, Reason> {
        let month = if text.len() == 7 { Day::parse(text).ok() } else { None };
        let declared = || self.notation.dates.iter().find_map(|form| form.parse(text));
        month.or_else(declared).ok_or(Reason::Date).map(|day| day.first_of_month().epoch_days())
    }

    fn integer(&self, text: &str) -> Result<i32, Reason> {
        let value = parse_decimal(text, self.notation, 0).and_then(|value| i32::try_from(value).ok());
        let value = value.ok_or(Reason::Number)?;
        self.rules.check_range(i64::from(value)).map(|()| value)
    }

    fn decimal(&self, text: &str, scale: i8) -> Result<i64, Reason> {
        let value = parse_decimal(text, self.notation, scale).ok_or(Reason::Number)?;
        self.check_decimal(value, scale)
    }

    fn check_decimal(&self, value: i64, scale: i8) -> Result<i64, Reason> {
        let unit = units_per_whole(scale);
        // Both neighbours in whole units: 10.5 is above a maximum of 10, −0.5 below a minimum of 0.
        self.rules.check_range(value.div_euclid(unit))?;
        self.rules.check_range(value.div_euclid(unit) + i64::from(value.rem_euclid(unit) > 0))?;
        Ok(value)
    }

    fn integers(&self, array: &ArrayRef) -> Converted {
        if !self.rules.is_bounded() {
            return without_faults(array.clone());
        }
        checked::<Int32Type, Int32Type>(array.as_primitive(), |value| {
            self.rules.check_range(i64::from(value)).map(|()| value)
        })
    }

    fn decimals(&self, array: &ArrayRef, scale: i8) -> Result<Converted, ArrowError> {
        let narrow = cast(array, &DataType::Decimal64(DECIMAL_DIGITS, scale))?;
        let lost: Vec<usize> = match narrow.null_count() > array.null_count() {
            true => (0..array.len()).filter(|&row| narrow.is_null(row) && !array.is_null(row)).collect(),
            false => Vec::new(),
        };
        let mut converted = self.scaled(checked::<Decimal64Type, Decimal64Type>(narrow.as_primitive(), |value| {
            self.check_decimal(value, scale)
        }));
        converted.faults.extend(lost.into_iter().map(|row| Fault { row, reason: Reason::Number }));
        converted.faults.sort_unstable_by_key(|f| f.row);
        Ok(converted)
    }

    /// Gives a column of decimals the scale of its rules.
    fn scaled(&self, converted: Converted) -> Converted {
        let numbers = converted.array.as_primitive::<Decimal64Type>().clone();
        let array = numbers.with_data_type(self.rules.value.memory_type());
        Converted { array: Arc::new(array), faults: converted.faults }
    }

    fn days(&self, array: &ArrayRef) -> Converted {
        checked::<Date32Type, Date32Type>(array.as_primitive(), |value| self.day_or_month(value))
    }

    /// Converts times to their days.
    fn days_of_times(&self, array: &ArrayRef, unit: TimeUnit) -> Result<Converted, ArrowError> {
        let per_day = SECONDS_PER_DAY * units_per_second(unit);
        let times = cast(array, &DataType::Int64)?;
        Ok(checked::<Int64Type, Date32Type>(times.as_primitive(), |time| {
            self.day_or_month(i32::try_from(time.div_euclid(per_day)).map_err(|_| Reason::Date)?)
        }))
    }

    fn day_or_month(&self, epoch_days: i32) -> Result<i32, Reason> {
        let day = Day::from_epoch_days(epoch_days).ok_or(Reason::Date)?;
        Ok(if self.rules.value == ValueType::Month { day.first_of_month().epoch_days() } else { epoch_days })
    }
}

fn checked<I: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    array: &PrimitiveArray<I>,
    check: impl Fn(I::Native) -> Result<O::Native, Reason>,
) -> Converted {
    let mut faults = Vec::new();
    let checked = match array.nulls() {
        None => {
            let values = array.values().iter().enumerate();
            number_column::<O>(values.map(|(row, &value)| value_or_fault(row, check(value), &mut faults)))
        }
        Some(_) => {
            let values = array.iter().enumerate();
            number_column::<O>(values.map(|(row, value)| value_or_fault(row, check(value?), &mut faults)))
        }
    };
    Converted { array: Arc::new(checked), faults }
}

/// Returns the value, or adds a fault.
fn value_or_fault<T>(row: usize, value: Result<T, Reason>, faults: &mut Vec<Fault>) -> Option<T> {
    value.map_err(|reason| faults.push(Fault { row, reason })).ok()
}

/// Trims white space. Faster than `trim` for most cells, which have none at their ends.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

fn units_per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn as_flags(numbers: Converted) -> Converted {
    let flags: BooleanArray = numbers.array.as_primitive::<UInt16Type>().iter().map(|v| v.map(|v| v == 1)).collect();
    Converted { array: Arc::new(flags), faults: numbers.faults }
}

/// Returns true if `text` is an accepted text of a flag.
#[must_use]
pub fn is_flag(text: &str) -> bool {
    FLAGS.iter().any(|(flag, _)| *flag == text)
}

/// Returns true if a source column of the Arrow type `found` holds text.
#[must_use]
pub fn is_text(found: &DataType) -> bool {
    matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..))
}

/// Returns true if a source column of the Arrow type `found` holds times with a zone.
#[must_use]
pub fn is_zoned_time(found: &DataType) -> bool {
    matches!(found, DataType::Timestamp(_, Some(_)))
}

fn without_faults(array: ArrayRef) -> Converted {
    Converted { array, faults: Vec::new() }
}

fn meanings(value: &ValueType, renames: &Renames) -> Meanings {
    let mut meanings: Meanings = match value {
        ValueType::Code(codes) => codes.values().iter().cloned().zip(0..).collect(),
        ValueType::Flag => FLAGS.map(|(text, value)| (text.to_owned(), value)).into_iter().collect(),
        _ => Meanings::default(),
    };
    let renamed: Vec<(String, u16)> =
        renames.iter().map(|(source, code)| (source.clone(), target(&meanings, code))).collect();
    // A rename wins over a contract code of the same spelling: the source's meaning counts.
    meanings.extend(renamed);
    meanings
}

fn target(meanings: &Meanings, code: &str) -> u16 {
    match meanings.get(code) {
        Some(value) => *value,
        None => unreachable!("the holder file refuses a rename to an unknown code"),
    }
}

#[cfg(test)]
mod tests;
