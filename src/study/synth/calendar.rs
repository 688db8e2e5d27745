//! The days around the study's window, written once.

use salanimi_core::{Day, Days};

/// Days that the calendar holds before and after the window: client relations begin long before it.
const MARGIN: i32 = 4000;

/// A closed interval of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: i32,
    pub(super) last: i32,
}

impl Span {
    pub(super) fn contains(self, day: i32) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The days that both hold, if there are any.
    pub(super) fn meet(self, other: Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }

    /// From the first day of the earliest to the last day of the latest.
    pub(super) fn hull(spans: &[Self]) -> Option<Self> {
        let first = spans.iter().map(|span| span.first).min()?;
        let last = spans.iter().map(|span| span.last).max()?;
        Some(Self { first, last })
    }
}

impl From<Days> for Span {
    fn from(days: Days) -> Self {
        Self { first: days.first.epoch_days(), last: days.last.epoch_days() }
    }
}

/// Days by their number since 1970-01-01, and the months of the window by their position in it.
pub(super) struct Calendar {
    first: i32,
    iso: Vec<[u8; 10]>,
    months: Vec<i32>,
}

impl Calendar {
    /// The calendar around `window`.
    pub(super) fn new(window: Days) -> Self {
        let first = window.first.epoch_days() - MARGIN;
        let days = first..=window.last.epoch_days() + MARGIN;
        Self { first, iso: days.map(written).collect(), months: months(window) }
    }

    /// `yyyy-mm-dd`; outside the calendar, its nearest day.
    pub(super) fn iso(&self, day: i32) -> &[u8; 10] {
        let last = self.iso.len().saturating_sub(1);
        let position = usize::try_from(day - self.first).unwrap_or(0);
        &self.iso[position.min(last)]
    }

    /// The year of a day.
    pub(super) fn year(&self, day: i32) -> i32 {
        self.iso(day)[..4].iter().fold(0, |year, digit| year * 10 + i32::from(digit - b'0'))
    }

    /// The month of the year of a day, 0 to 11.
    pub(super) fn month(&self, day: i32) -> usize {
        let iso = self.iso(day);
        usize::from((iso[5] - b'0') * 10 + iso[6] - b'0') - 1
    }

    /// How many months the window touches.
    pub(super) fn months(&self) -> usize {
        self.months.len() - 1
    }

    /// The first day of a month of the window, or of the month after the last.
    pub(super) fn month_start(&self, month: usize) -> i32 {
        self.months[month.min(self.months.len() - 1)]
    }

    /// The month of the window that holds a day; the last one for later days.
    pub(super) fn month_of(&self, day: i32) -> usize {
        self.months[..self.months()].partition_point(|&start| start <= day).saturating_sub(1)
    }
}

fn written(day: i32) -> [u8; 10] {
    let text = Day::from_epoch_days(day).map(|day| day.to_string()).unwrap_or_default();
    text.as_bytes().try_into().unwrap_or(*b"9999-12-31")
}

/// The first days of the window's months and of the month after them.
fn months(window: Days) -> Vec<i32> {
    let mut starts = vec![window.first.first_of_month()];
    while let Some(&last) = starts.last()
        && last <= window.last
        && let Some(inside) = Day::from_epoch_days(last.epoch_days() + 31)
    {
        starts.push(inside.first_of_month());
    }
    starts.into_iter().map(Day::epoch_days).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn months_and_years_are_those_of_the_day() {
        let calendar = Calendar::new(Days { first: day("2017-01-01"), last: day("2019-12-31") });
        assert_eq!(calendar.months(), 36);
        let leap = day("2016-02-29").epoch_days();
        assert_eq!((calendar.iso(leap), calendar.year(leap), calendar.month(leap)), (b"2016-02-29", 2016, 1));
        assert_eq!(calendar.month_start(36), day("2020-01-01").epoch_days());
        assert_eq!(calendar.month_of(day("2019-12-31").epoch_days()), 35);
        assert_eq!(calendar.month_of(calendar.month_start(7)), 7);
    }
}
