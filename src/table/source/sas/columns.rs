//! Columns of a SAS data set, collected row by row into Arrow arrays.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringBuilder, TimestampSecondArray};
use encoding_rs::{Encoding, UTF_8};
use sas7bdat::{ColumnMeta, Endianness, LogicalType, SasDate, SasDateTime};

use super::cells::{Number, number, text};
use super::format::SasFormat;

/// Largest whole number that a float and all its neighbours hold exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Place and meaning of a wanted column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    offset: usize,
    width: usize,
    meaning: Meaning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Text,
    Number,
    /// Days since 1960-01-01.
    Days,
    /// Seconds since 1960-01-01.
    Seconds,
}

impl Column {
    pub(super) fn new(column: &ColumnMeta, format: &SasFormat) -> Self {
        let header = header(column);
        let [is_days, is_seconds] =
            [&format.days, &format.seconds].map(|names| names.iter().any(|name| name == header));
        let meaning = match column.logical_type {
            LogicalType::String | LogicalType::Bytes => Meaning::Text,
            _ if is_days => Meaning::Days,
            _ if is_seconds => Meaning::Seconds,
            LogicalType::Date => Meaning::Days,
            LogicalType::DateTime => Meaning::Seconds,
            LogicalType::Integer | LogicalType::Float | LogicalType::Time => Meaning::Number,
        };
        Self { offset: column.offset as usize, width: column.physical_width as usize, meaning }
    }

    /// Returns an empty collection of the column's values.
    pub(super) fn values(&self) -> Values {
        match self.meaning {
            Meaning::Text => Values::Text(StringBuilder::new()),
            meaning => Values::Number { meaning, numbers: Vec::new() },
        }
    }
}

/// Returns the name of a column, which may be filled with spaces.
pub(super) fn header(column: &ColumnMeta) -> &str {
    column.name.trim_end()
}

/// Values of one column.
pub(super) enum Values {
    Text(StringBuilder),
    Number { meaning: Meaning, numbers: Vec<Option<f64>> },
}

/// How the texts and numbers of a data set are written.
#[derive(Clone, Copy)]
pub(super) struct Writing {
    pub encoding: &'static Encoding,
    /// `true` if the holder file declares the encoding; otherwise the data set states it, which can be wrong.
    pub is_declared: bool,
    pub endianness: Endianness,
}

impl Writing {
    /// Returns the text of a cell; `None` if it is not of the encoding.
    fn text<'a>(&self, cell: &'a [u8]) -> Option<Cow<'a, str>> {
        let cell = text(cell);
        // Text in another encoding is UTF-8 by chance only if each of its letters beyond ASCII looks garbled.
        let is_utf8 = || !cell.is_ascii() && std::str::from_utf8(cell).is_ok();
        if !self.is_declared && self.encoding != UTF_8 && is_utf8() {
            return None;
        }
        self.encoding.decode_without_bom_handling_and_without_replacement(cell)
    }
}

/// A row that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowFault {
    /// It is shorter than its columns.
    Damaged,
    /// A text is not of the encoding.
    Encoding,
}

impl Values {
    /// Adds the cell of a row. Returns true for a special missing value.
    pub(super) fn push(&mut self, column: &Column, row: &[u8], writing: Writing) -> Result<bool, RowFault> {
        let end = column.offset.checked_add(column.width).ok_or(RowFault::Damaged)?;
        let cell = row.get(column.offset..end).ok_or(RowFault::Damaged)?;
        match self {
            Self::Text(texts) => {
                texts.append_value(writing.text(cell).ok_or(RowFault::Encoding)?);
                Ok(false)
            }
            Self::Number { numbers, .. } => {
                let number = number(cell, writing.endianness).ok_or(RowFault::Damaged)?;
                numbers.push(match number {
                    Number::Value(value) => Some(value),
                    Number::Missing | Number::SpecialMissing => None,
                });
                Ok(number == Number::SpecialMissing)
            }
        }
    }

    /// Returns the values as an array: text, whole or other numbers, days, or times.
    pub(super) fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut texts) => Arc::new(texts.finish()),
            Self::Number { meaning: Meaning::Days, numbers } => {
                let days = numbers.into_iter().map(|number| number.map(epoch_days));
                Arc::new(days.collect::<Date32Array>())
            }
            Self::Number { meaning: Meaning::Seconds, numbers } => {
                let seconds = numbers.into_iter().map(|number| number.map(epoch_seconds));
                Arc::new(seconds.collect::<TimestampSecondArray>())
            }
            Self::Number { numbers, .. } => match numbers.iter().flatten().all(|number| is_whole(*number)) {
                true => Arc::new(numbers.into_iter().map(|number| number.map(|n| n as i64)).collect::<Int64Array>()),
                false => Arc::new(numbers.into_iter().collect::<Float64Array>()),
            },
        }
    }
}

fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() <= EXACT
}

/// Returns the days since 1970-01-01. A number beyond 32 bits becomes a day beyond the calendar.
fn epoch_days(number: f64) -> i32 {
    (number.floor() - f64::from(SasDate::DAYS_SAS_TO_UNIX)) as i32
}

/// Returns the seconds since 1970-01-01. A number beyond 64 bits becomes a time beyond the calendar.
fn epoch_seconds(number: f64) -> i64 {
    (number.floor() - SasDateTime::SECONDS_SAS_TO_UNIX as f64) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_seconds_count_from_1960() {
        assert_eq!([epoch_days(0.0), epoch_days(3_653.0), epoch_days(3_653.9)], [-3_653, 0, 0]);
        assert_eq!([epoch_seconds(315_619_200.0), epoch_seconds(315_619_199.5)], [0, -1]);
        assert_eq!([epoch_days(1e300), epoch_days(-1e300)], [i32::MAX, i32::MIN]);
    }

    #[test]
    fn whole_numbers_stay_whole() {
        let numbers = |numbers: Vec<Option<f64>>| Values::Number { meaning: Meaning::Number, numbers }.finish();
        assert_eq!(*numbers(vec![Some(91.0), None]), Int64Array::from(vec![Some(91), None]));
        assert_eq!(*numbers(vec![Some(91.0), Some(0.5)]), Float64Array::from(vec![91.0, 0.5]));
    }
}
