//! Calendar months.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::day::{Day, DayError};
use super::days::Days;

/// Number of characters in `yyyy-mm`.
const LENGTH: usize = 7;

/// A calendar month, held as months since January of year 0. Written `yyyy-mm` (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(i32);

impl Month {
    /// Returns the month of `day`.
    #[must_use]
    pub fn of(day: Day) -> Self {
        Self(day.month_number())
    }

    /// Returns the number of months since January of year 0.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0
    }

    /// Returns the month's first day. Beyond the years 0 to 9999, returns the nearest day that can be written.
    #[must_use]
    pub fn first_day(self) -> Day {
        Day::first_of_month_number(self.0)
    }

    /// Returns the month's last day. Beyond the years 0 to 9999, returns the nearest day that can be written.
    #[must_use]
    pub fn last_day(self) -> Day {
        match self.plus(1).first_day() {
            Day::LAST => Day::LAST,
            next => next.plus(-1),
        }
    }

    /// Returns the month `months` after this one.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// Counts the months from `earlier` to this one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Returns the first and the last month that lie in `days` as a whole; `None` if no month does.
    #[must_use]
    pub fn within(days: Days) -> Option<(Self, Self)> {
        let begun = Self::of(days.first);
        let first = if begun.first_day() == days.first { begun } else { begun.plus(1) };
        let ended = Self::of(days.last);
        let last = if ended.last_day() == days.last { ended } else { ended.plus(-1) };
        (first <= last).then_some((first, last))
    }
}

impl TryFrom<String> for Month {
    type Error = DayError;

    fn try_from(text: String) -> Result<Self, DayError> {
        if text.len() == LENGTH { Day::parse(&text).map(Self::of) } else { Err(DayError) }
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first_day().to_string()[..LENGTH])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_month_has_a_first_and_a_last_day() {
        let february = Month::of(day("2020-02-17"));
        assert_eq!(february.first_day(), day("2020-02-01"));
        assert_eq!(february.last_day(), day("2020-02-29"));
        assert_eq!(february.plus(-2).last_day(), day("2019-12-31"));
        assert_eq!(february.plus(11).since(february), 11);
        assert_eq!(Month::of(Day::LAST).last_day(), Day::LAST);
    }

    /// First days of the whole months between two days.
    fn within(first: &str, last: &str) -> Option<[String; 2]> {
        let (first, last) = Month::within(Days { first: day(first), last: day(last) })?;
        Some([first, last].map(|month| month.first_day().to_string()))
    }

    #[test]
    fn only_months_with_every_day_inside_are_whole() {
        assert_eq!(within("2017-01-01", "2019-12-31").unwrap(), ["2017-01-01", "2019-12-01"]);
        assert_eq!(within("2017-01-02", "2019-12-30").unwrap(), ["2017-02-01", "2019-11-01"]);
        assert_eq!(within("2017-01-02", "2017-02-27"), None);
        assert_eq!(within("0000-01-01", "9999-12-31").unwrap(), ["0000-01-01", "9999-12-01"]);
    }

    #[test]
    fn a_month_is_written_without_its_day() {
        let march = Month::of(day("2018-03-31"));
        assert_eq!(march.to_string(), "2018-03");
        assert_eq!(Month::try_from("2018-03".to_owned()), Ok(march));
        assert!(Month::try_from("2018-03-01".to_owned()).is_err());
    }
}
