//! Columns of linked tables as positions in lists of values.

use std::collections::HashMap;

use super::error::ReleaseError;
use crate::table::{AnyTable, Cells, SourceError};
use salanimi_core::{Day, PersonId};

/// How an empty cell is written in released tables.
pub(super) const NO_VALUE: &str = "(none)";

/// A value, so that numbers sort as numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    Number(i64),
    Text(String),
}

impl Value {
    /// The value as it is written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A column: the distinct values in order, and for each row the position of its value.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub(super) values: Vec<Value>,
    pub(super) of: Vec<Option<u32>>,
}

/// A column of texts as it is released: the different ones in order, and for each row the position of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) texts: Vec<String>,
    pub(super) of: Vec<u32>,
}

impl Labels {
    /// Of texts, which may repeat, and for each row the position of its text among them.
    pub(super) fn new(texts: &[String], of: impl Iterator<Item = u32>) -> Self {
        let mut different = texts.to_vec();
        different.sort_unstable();
        different.dedup();
        let rank: Vec<u32> =
            texts.iter().map(|text| different.binary_search(text).unwrap_or_default() as u32).collect();
        Self { of: of.map(|at| rank[at as usize]).collect(), texts: different }
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> &str {
        &self.texts[self.of[row] as usize]
    }

    /// Only these rows, in this order.
    pub(super) fn of_rows(self, rows: &[u32]) -> Self {
        Self { of: rows.iter().map(|&row| self.of[row as usize]).collect(), texts: self.texts }
    }
}

/// A part of a column, with values in the order in which they came.
#[derive(Default)]
struct Part {
    values: Vec<Value>,
    of: Vec<Option<u32>>,
}

impl Column {
    /// The columns at `positions` of a table, in the order of its rows.
    pub(super) fn load(table: &AnyTable, positions: &[usize]) -> Result<Vec<Self>, ReleaseError> {
        let parts = table.map(positions, |rows| rows.columns.iter().map(part).collect::<Vec<_>>())?;
        let mut columns: Vec<Vec<Part>> = positions.iter().map(|_| Vec::new()).collect();
        for of_rows in parts {
            columns.iter_mut().zip(of_rows).for_each(|(column, part)| column.push(part));
        }
        Ok(columns.into_iter().map(joined).collect())
    }

    /// The whole numbers of the column; none where it has other values.
    pub(super) fn numbers(&self) -> Option<Vec<Option<i64>>> {
        let number = |value: &Value| match value {
            Value::Number(number) => Some(*number),
            Value::Text(_) => None,
        };
        let numbers: Option<Vec<i64>> = self.values.iter().map(number).collect();
        numbers.map(|numbers| self.of.iter().map(|at| at.map(|at| numbers[at as usize])).collect())
    }

    /// The position of a value as it is written.
    pub(super) fn position(&self, text: &str) -> Option<u32> {
        self.values.iter().position(|value| value.text() == text).map(|at| at as u32)
    }
}

fn joined(parts: Vec<Part>) -> Column {
    let mut values: Vec<Value> = parts.iter().flat_map(|part| part.values.iter().cloned()).collect();
    values.sort_unstable();
    values.dedup();
    let mut of = Vec::with_capacity(parts.iter().map(|part| part.of.len()).sum());
    for part in parts {
        let places: Vec<u32> =
            part.values.iter().map(|value| values.binary_search(value).unwrap_or_default() as u32).collect();
        of.extend(part.of.into_iter().map(|at| at.map(|at| places[at as usize])));
    }
    Column { values, of }
}

fn part(cells: &Cells) -> Part {
    let mut part = Part::default();
    match cells {
        Cells::Text(texts) => {
            if let Some(keys) = texts.keys() {
                let text = |at: usize| Value::Text(texts.kept_at(at).unwrap_or_default().to_owned());
                part.values = (0..texts.kept_len()).map(text).collect();
                part.of = keys.iter().map(|key| key.and_then(|key| u32::try_from(key).ok())).collect();
            } else {
                let text = |row: usize| texts.get(row).map(|text| Value::Text(text.to_owned()));
                fill(&mut part, (0..cells.len()).map(text));
            }
        }
        Cells::Integer(numbers) => fill(&mut part, numbers.iter().map(|number| number.map(Value::Number))),
        Cells::Day(days) => fill(&mut part, days.iter().map(|day| day.and_then(month))),
        Cells::Flag(flags) => fill(&mut part, flags.iter().map(|flag| flag.map(|flag| Value::Text(flag.to_string())))),
        // Linked tables have no others.
        Cells::Number(_) | Cells::Bytes(_) => part.of = vec![None; cells.len()],
    }
    part
}

fn month(day: i32) -> Option<Value> {
    Day::from_epoch_days(day).map(|day| Value::Text(day.to_string()[..7].to_owned()))
}

fn fill(part: &mut Part, cells: impl Iterator<Item = Option<Value>>) {
    let mut known: HashMap<Value, u32, ahash::RandomState> = HashMap::default();
    for cell in cells {
        let at = cell.map(|value| {
            *known.entry(value).or_insert_with_key(|value| {
                part.values.push(value.clone());
                (part.values.len() - 1) as u32
            })
        });
        part.of.push(at);
    }
}

/// The persons of a table's rows, as numbers; the column at `position` holds their linked ids.
pub(super) fn persons(table: &AnyTable, position: usize) -> Result<Vec<u64>, ReleaseError> {
    let number = |text: Option<&str>| text.and_then(PersonId::parse).map_or(0, |id| u64::from_be_bytes(id.0));
    let parts = table.map(&[position], |rows| match &rows.columns[0] {
        Cells::Text(texts) => (0..rows.columns[0].len()).map(|row| number(texts.get(row))).collect::<Vec<u64>>(),
        _ => Vec::new(),
    });
    Ok(parts.map_err(|error: SourceError| error)?.concat())
}
