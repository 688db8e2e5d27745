//! Rows whose values the contract does not allow, counted while a table is read.

use std::collections::BTreeMap;
use std::ops::Add;

use super::expected::{Expected, expected_of};
use crate::config::Contract;
use crate::shared::Shared;
use crate::table::{Cells, Rows, Texts, ValueType};
use crate::verify::subject::{Kind, Subject, SubjectTable};
use salanimi_core::{Day, Days};

/// Years of plausible dates in a register.
const PLAUSIBLE_YEARS: std::ops::RangeInclusive<i32> = 1850..=2150;

/// Number of rows with each kind of fault.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    /// Rows outside the column's code list, type or range.
    pub(super) value: u64,
    /// Rows dated outside the observation window.
    pub(super) window: u64,
}

impl Add for Faults {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, window: self.window + other.window }
    }
}

/// Counts the faults of a table's columns while it is read.
pub(in crate::verify) struct FaultCounter<'a> {
    table: &'a SubjectTable,
    /// Checked columns with their positions; none if the contract does not list the table.
    columns: Vec<(usize, Expected<'a>)>,
    window: Option<Days>,
    counted: Shared<Vec<Faults>>,
}

impl<'a> FaultCounter<'a> {
    /// Begins with `table` of a subject of this kind.
    pub fn new(table: &'a SubjectTable, kind: Kind, contract: Option<&'a Contract>) -> Self {
        let position = |expected: Expected<'a>| {
            let at = table.columns.iter().position(|column| column.name == expected.name)?;
            Some((at, expected))
        };
        let expected = contract.and_then(|contract| expected_of(table, kind, contract));
        let columns: Vec<_> = expected.into_iter().flatten().filter_map(position).collect();
        let counted = Shared::new(vec![Faults::default(); columns.len()]);
        Self { table, columns, window: contract.map(|contract| contract.study.window), counted }
    }

    /// Counts the faults of some rows.
    pub fn see(&self, rows: &Rows) {
        let Some(window) = self.window else { return };
        let of_column = |(at, expected): &(usize, Expected<'a>)| faults(&rows.columns[*at], expected, window);
        let found: Vec<Faults> = self.columns.iter().map(of_column).collect();
        self.counted.lock().iter_mut().zip(found).for_each(|(sum, faults)| *sum = *sum + faults);
    }

    /// Returns the faults. `is_whole` tells whether the table was read to the end.
    pub fn finish(self, is_whole: bool) -> ColumnFaults {
        let Self { table, columns, counted, .. } = self;
        let places = columns.iter().map(|(at, _)| Subject::place(table, *at));
        ColumnFaults {
            is_whole: is_whole || columns.is_empty(),
            checked: columns.len(),
            dated: columns.iter().filter(|(_, expected)| expected.in_window).count(),
            by_place: places.zip(counted.into_inner()).collect(),
        }
    }
}

/// Faults of the checked columns of a table, or of all tables of a subject.
pub(in crate::verify) struct ColumnFaults {
    /// `true` if every table was read to the end.
    pub(super) is_whole: bool,
    pub(super) checked: usize,
    pub(super) dated: usize,
    by_place: BTreeMap<String, Faults>,
}

impl ColumnFaults {
    /// Gathers the faults of all tables.
    pub(super) fn of_tables(tables: &[Self]) -> Self {
        let places = tables.iter().flat_map(|table| &table.by_place);
        Self {
            is_whole: tables.iter().all(|table| table.is_whole),
            checked: tables.iter().map(|table| table.checked).sum(),
            dated: tables.iter().map(|table| table.dated).sum(),
            by_place: places.map(|(place, faults)| (place.clone(), *faults)).collect(),
        }
    }

    /// Returns the places with a fault of one kind, with their number of rows.
    pub(super) fn faulty(&self, rows: fn(&Faults) -> u64) -> Vec<(&str, u64)> {
        let all = self.by_place.iter().map(|(place, faults)| (place.as_str(), rows(faults)));
        all.filter(|(_, rows)| *rows > 0).collect()
    }
}

/// Counts the faults of some cells.
fn faults(cells: &Cells, expected: &Expected<'_>, window: Days) -> Faults {
    let range = expected.range;
    match (cells, &expected.value) {
        (Cells::Text(texts), ValueType::Code(codes)) => {
            value_faults(count_texts(texts, cells.len(), |text| codes.position(text).is_none()))
        }
        (Cells::Day(days), _) => days
            .iter()
            .flatten()
            .map(|day| Day::from_epoch_days(day).map_or(value_faults(1), |day| day_faults(day, expected, window)))
            .fold(Faults::default(), Faults::add),
        (Cells::Text(texts), value) if value.is_dated() => Faults {
            value: count_texts(texts, cells.len(), |text| {
                day_or_month(text).is_none_or(|day| day_faults(day, expected, window).value > 0)
            }),
            window: count_texts(texts, cells.len(), |text| {
                day_or_month(text).is_some_and(|day| day_faults(day, expected, window).window > 0)
            }),
        },
        (Cells::Integer(numbers), ValueType::Integer | ValueType::Decimal { .. }) => {
            value_faults(numbers.iter().flatten().filter(|&number| range.excludes(number as f64)).count() as u64)
        }
        (Cells::Number(numbers), _) => {
            value_faults(numbers.iter().flatten().filter(|&number| range.excludes(number)).count() as u64)
        }
        (Cells::Text(texts), value) if value.is_number() => value_faults(count_texts(texts, cells.len(), |text| {
            let number = text.trim().replace(',', ".").parse::<f64>().ok();
            !text.is_empty() && number.is_none_or(|number| range.excludes(number))
        })),
        _ => Faults::default(),
    }
}

fn value_faults(rows: u64) -> Faults {
    Faults { value: rows, window: 0 }
}

fn day_faults(day: Day, expected: &Expected<'_>, window: Days) -> Faults {
    // A month stands for its first day, which may lie before a window that begins within the month.
    let first = if expected.value == ValueType::Month { window.first.first_of_month() } else { window.first };
    let is_outside = expected.in_window && (day < first || day > window.last);
    Faults { value: u64::from(!PLAUSIBLE_YEARS.contains(&day.year())), window: u64::from(is_outside) }
}

fn day_or_month(text: &str) -> Option<Day> {
    Day::parse(text).or_else(|_| Day::parse(&format!("{text}-01"))).ok()
}

/// Counts the rows whose text is faulty. Each dictionary entry is tested once.
fn count_texts(texts: &Texts, rows: usize, is_faulty: impl Fn(&str) -> bool) -> u64 {
    let Some(keys) = texts.keys() else {
        return (0..rows).filter_map(|row| texts.get(row)).filter(|text| is_faulty(text)).count() as u64;
    };
    let entries: Vec<bool> = (0..texts.kept_len()).map(|at| texts.kept_at(at).is_some_and(&is_faulty)).collect();
    keys.iter().flatten().filter(|&key| entries[key as usize]).count() as u64
}
