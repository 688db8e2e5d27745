//! Columns of linked tables as distinct values and positions.

use std::collections::HashMap;

use super::error::ReleaseError;
use crate::config::Value;
use crate::table::{AnyTable, Cells, Texts};
use salanimi_core::{Day, LinkedId, Month};

/// The most smallest units of a decimal that are read exactly: 2^51.
const MOST_UNITS: f64 = 2_251_799_813_685_248.0;
/// Largest difference between a decimal in its smallest unit and the whole number that it stands for.
const ROUNDING_ERROR: f64 = 0.45;

/// A column: its distinct values in order, and for each row the position of its value.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub(super) values: Vec<Value>,
    /// `None` for an empty cell.
    pub(super) positions: Vec<Option<u32>>,
}

/// A column of released texts: the distinct ones in order, and for each row the position of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Labels {
    texts: Vec<String>,
    positions: Vec<u32>,
}

impl Labels {
    /// Creates a column from `texts`, which may repeat, and for each row the position of its text among them.
    pub(super) fn new(texts: &[String], positions: impl Iterator<Item = u32>) -> Self {
        let mut distinct = texts.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let ranks: Vec<u32> = texts.iter().map(|text| rank(&distinct, text)).collect();
        Self { positions: positions.map(|at| ranks[at as usize]).collect(), texts: distinct }
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Returns the text of a row.
    pub(super) fn text(&self, row: usize) -> &str {
        &self.texts[self.rank(row) as usize]
    }

    /// Returns the rank of a row's text among the distinct texts.
    pub(super) fn rank(&self, row: usize) -> u32 {
        self.positions[row]
    }

    /// Keeps only these rows, in this order.
    pub(super) fn select(self, rows: &[u32]) -> Self {
        Self { positions: rows.iter().map(|&row| self.positions[row as usize]).collect(), texts: self.texts }
    }
}

/// A part of a column, with distinct values in the order of their first rows.
#[derive(Default)]
struct Part {
    values: Vec<Value>,
    positions: Vec<Option<u32>>,
}

impl Column {
    /// Reads the column at `position` of a table, in the order of its rows.
    ///
    /// # Errors
    /// The table cannot be read, or the column holds values of a kind that has no labels.
    pub(super) fn load(table: &AnyTable, position: usize) -> Result<Self, ReleaseError> {
        let parts = table.map(&[position], |rows| part(&rows.columns[0]))?;
        let parts: Option<Vec<Part>> = parts.into_iter().collect();
        Ok(joined(parts.ok_or_else(|| not_releasable(table, position))?))
    }
}

impl Column {
    /// Returns the column with `values` as its distinct values; `None` if it has another.
    pub(super) fn listed(&self, values: &[Value]) -> Option<Self> {
        let position_of: HashMap<&Value, u32> = values.iter().zip(0..).collect();
        let moved: Option<Vec<u32>> = self.values.iter().map(|value| position_of.get(value).copied()).collect();
        let moved = moved?;
        let positions = self.positions.iter().map(|at| at.map(|at| moved[at as usize])).collect();
        Some(Self { values: values.to_vec(), positions })
    }
}

/// Reads the column at `position` as whole numbers: decimals in units of 10^-`scale`, days since 1970-01-01, and flags
/// as 0 and 1.
///
/// # Errors
/// The table cannot be read, or a value is no such number exactly.
pub(super) fn exact_numbers(table: &AnyTable, position: usize, scale: i8) -> Result<Vec<Option<i64>>, ReleaseError> {
    let parts = table.map(&[position], |rows| numbers(&rows.columns[0], scale))?;
    let parts: Option<Vec<Vec<Option<i64>>>> = parts.into_iter().collect();
    let inexact = || ReleaseError::Inexact { column: table.columns()[position].0.clone() };
    Ok(parts.ok_or_else(inexact)?.into_iter().flatten().collect())
}

/// Returns the cells as whole numbers; `None` if one is no such number.
fn numbers(cells: &Cells, scale: i8) -> Option<Vec<Option<i64>>> {
    let unit = 10_f64.powi(scale.into());
    match cells {
        Cells::Integer(numbers) => {
            let unit = 10_i64.checked_pow(u32::try_from(scale).ok()?)?;
            numbers.iter().map(|number| number.map_or(Some(None), |n| n.checked_mul(unit).map(Some))).collect()
        }
        Cells::Number(numbers) => {
            numbers.iter().map(|number| number.map_or(Some(None), |n| exact(n * unit).map(Some))).collect()
        }
        Cells::Day(days) => Some(days.iter().map(|day| day.map(i64::from)).collect()),
        Cells::Flag(flags) => Some(flags.iter().map(|flag| flag.map(i64::from)).collect()),
        Cells::Text(_) | Cells::Bytes(_) => None,
    }
}

/// Returns a number that was stored as a decimal, in its smallest unit. Up to 2^51 units a binary number of 64 bits
/// holds each decimal apart.
fn exact(units: f64) -> Option<i64> {
    let whole = units.round();
    let is_exact = whole.abs() <= MOST_UNITS && (units - whole).abs() <= ROUNDING_ERROR;
    is_exact.then_some(whole as i64)
}

/// Reads the persons of a table's rows as numbers. The column at `position` holds their linked ids.
///
/// # Errors
/// The table cannot be read, or the column holds something else.
pub(super) fn persons(table: &AnyTable, position: usize) -> Result<Vec<u64>, ReleaseError> {
    let parts = table.map(&[position], |rows| rows.columns.iter().map(person_numbers).collect::<Option<Vec<_>>>())?;
    let parts: Option<Vec<Vec<Vec<u64>>>> = parts.into_iter().collect();
    let parts = parts.ok_or_else(|| not_releasable(table, position))?;
    Ok(parts.into_iter().flatten().flatten().collect())
}

fn person_numbers(cells: &Cells) -> Option<Vec<u64>> {
    let Cells::Text(texts) = cells else { return None };
    (0..cells.len()).map(|row| Some(u64::from_be_bytes(LinkedId::parse(texts.get(row)?)?.0))).collect()
}

fn not_releasable(table: &AnyTable, position: usize) -> ReleaseError {
    let (name, _) = &table.columns()[position];
    ReleaseError::NotReleasable { column: name.clone() }
}

/// Returns the position of `value`, which is one of the `sorted` ones.
fn rank<T: Ord>(sorted: &[T], value: &T) -> u32 {
    match sorted.binary_search(value) {
        Ok(rank) => rank as u32,
        Err(_) => unreachable!("the sorted values are those of the column"),
    }
}

fn joined(parts: Vec<Part>) -> Column {
    let mut values: Vec<Value> = parts.iter().flat_map(|part| part.values.iter().cloned()).collect();
    values.sort_unstable();
    values.dedup();
    let mut positions = Vec::with_capacity(parts.iter().map(|part| part.positions.len()).sum());
    for part in parts {
        let ranks: Vec<u32> = part.values.iter().map(|value| rank(&values, value)).collect();
        positions.extend(part.positions.into_iter().map(|at| at.map(|at| ranks[at as usize])));
    }
    Column { values, positions }
}

/// Reads some rows of a column; `None` if they hold decimals, bytes or days outside the calendar.
fn part(cells: &Cells) -> Option<Part> {
    match cells {
        Cells::Text(texts) => Some(part_of_texts(texts, cells.len())),
        Cells::Integer(numbers) => Some(Part::of(numbers.iter().map(|number| number.map(Value::Number)))),
        Cells::Day(days) => {
            let months = days.iter().map(|day| match day {
                Some(day) => month(day).map(Some),
                None => Some(None),
            });
            Some(Part::of(months.collect::<Option<Vec<_>>>()?.into_iter()))
        }
        Cells::Flag(flags) => Some(Part::of(flags.iter().map(|flag| flag.map(|flag| Value::Text(flag.to_string()))))),
        Cells::Number(_) | Cells::Bytes(_) => None,
    }
}

fn part_of_texts(texts: &Texts, rows: usize) -> Part {
    let Some(keys) = texts.keys() else {
        return Part::of((0..rows).map(|row| texts.get(row).map(|text| Value::Text(text.to_owned()))));
    };
    let mut part = Part::default();
    let mut positions: Vec<Option<u32>> = Vec::with_capacity(texts.kept_len());
    for at in 0..texts.kept_len() {
        positions.push(texts.kept_at(at).map(|text| part.push(Value::Text(text.to_owned()))));
    }
    part.positions = keys.iter().map(|key| key.and_then(|key| positions[key as usize])).collect();
    part
}

fn month(day: i32) -> Option<Value> {
    Day::from_epoch_days(day).map(|day| Value::Text(Month::of(day).to_string()))
}

impl Part {
    fn of(cells: impl Iterator<Item = Option<Value>>) -> Self {
        let mut part = Self::default();
        let mut known: HashMap<Value, u32, ahash::RandomState> = HashMap::default();
        for cell in cells {
            let at = cell.map(|value| *known.entry(value).or_insert_with_key(|value| part.push(value.clone())));
            part.positions.push(at);
        }
        part
    }

    /// Adds a value and returns its position.
    fn push(&mut self, value: Value) -> u32 {
        self.values.push(value);
        (self.values.len() - 1) as u32
    }
}
