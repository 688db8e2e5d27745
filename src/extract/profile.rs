//! Profile of a table's delivered rows: the counts behind the warnings.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray};
use arrow::datatypes::{Date32Type, UInt16Type};
use serde::{Deserialize, Serialize};

use super::coverage::{Covered, RowCoverage, days_of, is_month};
use crate::config::{Column, Table};
use salanimi_core::{Day, Days, Month};

/// Most codes of a column whose rows are counted by code and month.
const MOST_CODES: usize = 1_000;
/// Most months of a window whose rows are counted by month: a hundred years.
const MOST_MONTHS: i32 = 1_200;
/// Number of counters among which values are spread.
const BUCKETS: usize = 1_024;

/// Layout of the profile of one table.
pub(super) struct ProfileLayout {
    /// Column of the contract with the row's date or month.
    window: Option<usize>,
    pub(super) is_month: bool,
    pub(super) first_month: Month,
    months: usize,
    /// Facts on each day of the months, from the first.
    days: Vec<DayFacts>,
    /// Columns of codes, with the number of their codes.
    codes: Vec<(usize, usize)>,
    pub(super) coverage: RowCoverage,
}

/// What rows of one day have in common.
#[derive(Clone, Copy)]
struct DayFacts {
    /// Position of the month in the window.
    month: usize,
    is_first: bool,
    /// The days for which the value stands.
    on: Days,
}

impl ProfileLayout {
    /// Returns the layout for rows of `table` in `window`.
    pub(super) fn new(table: &Table, window: Days, coverage: RowCoverage) -> Self {
        let first_month = Month::of(window.first);
        let months = Month::of(window.last).since(first_month) + 1;
        let months = if (0..=MOST_MONTHS).contains(&months) { months as usize } else { 0 };
        let is_month = table.window.is_some_and(|at| is_month(table.columns[at].value().as_ref()));
        let columns = table.columns.iter().enumerate();
        let number_of_codes = |column: &Column| column.value()?.codes().map(|codes| codes.values().len());
        let codes = columns.filter_map(|(at, column)| Some((at, number_of_codes(column)?)));
        Self {
            window: table.window,
            is_month,
            first_month,
            months,
            days: (0..months).flat_map(|month| days_of_month(first_month, month, is_month)).collect(),
            codes: codes.filter(|(_, number)| *number <= MOST_CODES).collect(),
            coverage,
        }
    }

    /// Returns the profile of the kept rows among these columns of the contract.
    pub(super) fn profile(&self, columns: &[Option<ArrayRef>], persons: Spread, kept: &BooleanArray) -> Profile {
        let mut profile = Profile { persons, ..Profile::default() };
        let days = self.window.and_then(|window| columns[window].as_ref());
        let Some(days) = days.map(AsArray::as_primitive::<Date32Type>) else { return profile };
        profile.rows_by_month = vec![0; self.months];
        let organisers = self.coverage.column().and_then(|column| columns[column].as_ref());
        let mut months = vec![None; days.len()];
        let first_day = self.first_month.first_day().epoch_days();
        for row in (0..days.len()).filter(|&row| kept.value(row) && days.is_valid(row)) {
            // Kept rows lie in the window; longer windows are not counted by month.
            let position = usize::try_from(days.value(row).saturating_sub(first_day)).ok();
            let facts = position.and_then(|position| self.days.get(position).copied());
            let Some(facts) = facts.or_else(|| self.far_day(days.value(row))) else { continue };
            profile.rows += 1;
            profile.first_days += u64::from(facts.is_first);
            if let Some(rows) = profile.rows_by_month.get_mut(facts.month) {
                *rows += 1;
                months[row] = Some(facts.month);
            }
            match self.coverage.of_row(organisers, row, facts.on) {
                Covered::Yes => {}
                Covered::NotThisDay => profile.not_covered += 1,
                Covered::Undeclared => profile.undeclared += 1,
            }
        }
        self.count_codes(columns, &months, &mut profile);
        profile
    }

    /// Returns the facts on a day outside the counted months; `None` if no calendar has it.
    fn far_day(&self, epoch_days: i32) -> Option<DayFacts> {
        let day = Day::from_epoch_days(epoch_days)?;
        Some(DayFacts { month: usize::MAX, is_first: day.day() == 1, on: days_of(day, self.is_month) })
    }

    /// Counts the rows of each code by month. `months` has `None` for rows that do not count.
    fn count_codes(&self, columns: &[Option<ArrayRef>], months: &[Option<usize>], profile: &mut Profile) {
        for &(column, number) in &self.codes {
            let Some(codes) = &columns[column] else { continue };
            let codes = codes.as_primitive::<UInt16Type>();
            let mut counts = vec![0; number * self.months];
            for (row, month) in months.iter().enumerate() {
                if let (Some(month), true) = (month, codes.is_valid(row)) {
                    counts[month * number + usize::from(codes.value(row))] += 1;
                }
            }
            profile.rows_by_code.insert(column, counts);
        }
    }

    /// Returns the columns of codes with the number of their codes.
    pub(super) fn codes(&self) -> &[(usize, usize)] {
        &self.codes
    }
}

/// Returns the facts on each day of a month of the window.
fn days_of_month(first: Month, month: usize, is_month: bool) -> Vec<DayFacts> {
    let first_day = first.plus(month as i32).first_day();
    let days = first.plus(month as i32).last_day().since(first_day) + 1;
    (0..days).map(|at| DayFacts { month, is_first: at == 0, on: days_of(first_day.plus(at), is_month) }).collect()
}

/// Counts of a table's delivered rows, before repeats are removed.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// Rows with a date or month.
    pub(super) rows: u64,
    /// By month of the window.
    pub(super) rows_by_month: Vec<u64>,
    /// By column of the contract: rows by month, then code.
    pub(super) rows_by_code: BTreeMap<usize, Vec<u64>>,
    pub(super) first_days: u64,
    pub(super) not_covered: u64,
    pub(super) undeclared: u64,
    pub(super) persons: Spread,
    /// By column of the contract.
    pub(super) references: BTreeMap<usize, Spread>,
}

impl Profile {
    /// Adds the counts of other rows of the table.
    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.first_days += other.first_days;
        self.not_covered += other.not_covered;
        self.undeclared += other.undeclared;
        add(&mut self.rows_by_month, &other.rows_by_month);
        for (column, counts) in other.rows_by_code {
            add(self.rows_by_code.entry(column).or_default(), &counts);
        }
        self.persons.add(&other.persons);
        for (column, spread) in other.references {
            self.references.entry(column).or_default().add(&spread);
        }
    }
}

fn add(all: &mut Vec<u64>, more: &[u64]) {
    all.resize(all.len().max(more.len()), 0);
    all.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Values spread over counters by a hash that is the same in every run, so that the counts are too.
///
/// The largest counter holds the most frequent value, and about a thousandth of the others.
#[derive(Default, Clone, Serialize, Deserialize)]
pub(super) struct Spread(Vec<u64>);

/// Position of a value's counter.
pub(super) type Bucket = u16;

/// Returns the counter of `value`.
pub(super) fn bucket(value: &[u8]) -> Bucket {
    (crc32fast::hash(value) % BUCKETS as u32) as Bucket
}

impl Spread {
    /// Counts the values in these counters.
    pub(super) fn of(buckets: impl Iterator<Item = Bucket>) -> Self {
        let mut counts = vec![0; BUCKETS];
        buckets.for_each(|bucket| counts[usize::from(bucket)] += 1);
        Self(counts)
    }

    /// Counts the texts of the kept rows.
    pub(super) fn of_texts(texts: &StringArray, kept: &BooleanArray) -> Self {
        let mut last_text = "";
        let mut last = bucket(last_text.as_bytes());
        let rows = (0..texts.len()).filter(|&row| kept.value(row) && texts.is_valid(row));
        Self::of(rows.map(|row| {
            // Equal texts often follow each other.
            if texts.value(row) != last_text {
                last_text = texts.value(row);
                last = bucket(last_text.as_bytes());
            }
            last
        }))
    }

    fn add(&mut self, other: &Self) {
        add(&mut self.0, &other.0);
    }

    /// Returns the number of values.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Returns the largest counter.
    pub(super) fn largest(&self) -> u64 {
        self.0.iter().copied().fold(0, u64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_value_is_counted_within_a_hundredth() {
        let others = (0..9_000_u32).map(|number| bucket(&number.to_be_bytes()));
        let spread = Spread::of(others.chain(std::iter::repeat_n(bucket(b"placeholder"), 1_000)));
        assert_eq!(spread.total(), 10_000);
        assert!((1_000..1_100).contains(&spread.largest()), "{}", spread.largest());
    }
}
