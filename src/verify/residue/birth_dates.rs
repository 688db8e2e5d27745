//! Columns of birth dates: called that, or with exact days that spread over decades as births do.

use std::collections::{BTreeMap, HashSet};

use super::column_names::suggests_birth_date;
use super::tally::Finding;
use crate::table::Cells;
use crate::verify::detect::{Kind, birth};
use salanimi_core::Day;

/// Share of the cells, in percent, that are exact days in a column called birth dates, and in any other.
const MOST_OF_NAMED: u64 = 60;
const MOST_OF_OTHERS: u64 = 95;
/// Fewest different days of a column with another name.
const FEWEST_DAYS: u64 = 100;
/// Most days, in percent, that are the first of a month: more are months, or days of changes in a register.
const MOST_FIRSTS: u64 = 20;
/// Decades that births spread over: fewest decades, the least share of each and the largest of one, in percent.
const FEWEST_DECADES: usize = 5;
const LEAST_OF_DECADE: u64 = 4;
const MOST_OF_DECADE: u64 = 40;
/// Lengths of a cell with a date.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=30;
/// The least number with so many digits.
const LEAST_NUMBER: i64 = 100_000;

/// Exact days in a column.
#[derive(Default)]
pub(super) struct DayTally {
    cells: u64,
    days: u64,
    different: HashSet<Day, ahash::RandomState>,
}

impl DayTally {
    /// Adds the cells of a batch other than text.
    pub fn add_cells(&mut self, cells: &Cells) {
        match cells {
            Cells::Day(days) => days.iter().flatten().for_each(|day| self.add(Day::from_epoch_days(day))),
            Cells::Integer(numbers) => numbers.iter().flatten().for_each(|number| match number < LEAST_NUMBER {
                true => self.add(None),
                false => self.add_text(&number.to_string()),
            }),
            _ => {}
        }
    }

    /// Adds a cell of text.
    pub fn add_text(&mut self, cell: &str) {
        self.add(day(cell.trim()));
    }

    fn add(&mut self, day: Option<Day>) {
        self.cells += 1;
        self.days += u64::from(day.is_some());
        self.different.extend(day);
    }

    /// Adds the days of another part of the column.
    pub fn merge(&mut self, other: Self) {
        self.cells += other.cells;
        self.days += other.days;
        self.different.extend(other.different);
    }

    /// Returns the finding of a column with this name.
    pub fn finding(&self, name: &str, place: &str) -> Option<Finding> {
        let kind = if suggests_birth_date(name) && self.is_exact() {
            Kind::NamedBirthDates
        } else if self.spreads_as_births() {
            Kind::SpreadBirthDates
        } else {
            return None;
        };
        let days = self.different.len() as u64;
        Some(Finding::sure(place.to_owned(), kind, days))
    }

    fn has_share(&self, percent: u64) -> bool {
        self.days > 0 && self.days * 100 >= self.cells * percent
    }

    /// Returns true if most cells are days, and not all of them stand for a month.
    fn is_exact(&self) -> bool {
        let is_of_months = self.different.len() > 1 && self.different.iter().all(|day| day.day() == 1);
        self.has_share(MOST_OF_NAMED) && !is_of_months
    }

    fn spreads_as_births(&self) -> bool {
        let days = self.different.len() as u64;
        let firsts = self.different.iter().filter(|day| day.day() == 1).count() as u64;
        let mut decades: BTreeMap<i32, u64> = BTreeMap::new();
        self.different.iter().for_each(|day| *decades.entry(day.year() / 10).or_default() += 1);
        let is_wide =
            decades.values().filter(|count| **count * 100 >= days * LEAST_OF_DECADE).count() >= FEWEST_DECADES;
        let is_even = decades.values().all(|count| count * 100 <= days * MOST_OF_DECADE);
        self.has_share(MOST_OF_OTHERS)
            && days >= FEWEST_DAYS
            && firsts * 100 <= days * MOST_FIRSTS
            && is_wide
            && is_even
    }
}

/// Reads a day in any usual notation.
fn day(cell: &str) -> Option<Day> {
    let starts_as_one = cell.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !LENGTHS.contains(&cell.len()) || !starts_as_one {
        return None;
    }
    birth::day_of_cell(cell.as_bytes()).or_else(|| birth::day_of_cell(cell.replace('-', ".").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(cells: impl Iterator<Item = String>) -> DayTally {
        let mut tally = DayTally::default();
        cells.for_each(|cell| tally.add_text(&cell));
        tally
    }

    fn kind(name: &str, cells: impl Iterator<Item = String>) -> Option<Kind> {
        tally(cells).finding(name, "t: c").map(|finding| finding.kind)
    }

    fn birth(row: i32) -> Day {
        Day::from_epoch_days((row * 7919) % 29_000 - 14_000).unwrap()
    }

    #[test]
    fn names_and_spreads_are_found() {
        for name in ["syntymäaika", "DOB", "lapsen_syntymapvm", "födelsedatum", "mother's date of birth", "birthDate"]
        {
            assert_eq!(kind(name, (0..9).map(|row| birth(row).to_string())), Some(Kind::NamedBirthDates), "{name}");
        }
        assert_eq!(kind("d", (0..900).map(|row| birth(row).to_string())), Some(Kind::SpreadBirthDates));
        let written = |row| {
            let day = birth(row);
            format!("{}-{}-{}", day.day(), day.month(), day.year())
        };
        assert_eq!(kind("d", (0..900).map(written)), Some(Kind::SpreadBirthDates));
    }

    #[test]
    fn other_dates_are_none() {
        let event = |row: i32| Day::from_epoch_days(17_532 + row * 7 % 2500).unwrap();
        assert_eq!(kind("decision_date", (0..900).map(|row| event(row).to_string())), None);
        assert_eq!(kind("birth_year", (0..90).map(|row| (1930 + row % 70).to_string())), None);
        assert_eq!(kind("birth_month", (0..90).map(|row| format!("19{:02}-03-01", row % 70 + 20))), None);
        assert_eq!(kind("birth_order", (0..90).map(|row| (row % 4).to_string())), None);
    }
}
