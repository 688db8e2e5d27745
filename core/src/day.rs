use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar day, held as days since 1970-01-01 as Arrow's `Date32` does. Written `yyyy-mm-dd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i32);

/// The text is no day of the calendar in the form `yyyy-mm-dd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day must be written yyyy-mm-dd and exist in the calendar")]
pub struct DayError;

impl Day {
    const FIRST: Self = Self(days_from_civil(0, 1, 1));
    /// The last day that can be written.
    pub const LAST: Self = Self(days_from_civil(9999, 12, 31));

    /// The day `year`-`month`-`day` of the proleptic Gregorian calendar, if it has it; years 0 to 9999.
    #[must_use]
    pub fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        let in_range = (0..=9999).contains(&year) && (1..=12).contains(&month);
        let exists = in_range && day >= 1 && day <= month_length(year, month);
        exists.then(|| Self(days_from_civil(year, month, day)))
    }

    /// The day that lies `days` after 1970-01-01, if its year is 0 to 9999.
    #[must_use]
    pub fn from_epoch_days(days: i32) -> Option<Self> {
        (Self::FIRST..=Self::LAST).contains(&Self(days)).then_some(Self(days))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn epoch_days(self) -> i32 {
        self.0
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        civil_from_days(self.0).0
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub fn month(self) -> i32 {
        civil_from_days(self.0).1
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> i32 {
        civil_from_days(self.0).2
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0 - self.day() + 1)
    }

    /// Whole months from `self` to `later`, as an age is counted; negative when `later` is earlier.
    #[must_use]
    pub fn months_until(self, later: Self) -> i32 {
        let (from, to) = (civil_from_days(self.0), civil_from_days(later.0));
        (to.0 - from.0) * 12 + to.1 - from.1 - i32::from(to.2 < from.2)
    }

    /// The day after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Days from `earlier` to this day.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The day `days` after this one, or the nearest that can be written.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days)).clamp(Self::FIRST, Self::LAST)
    }

    /// The same day of the month `months` earlier, or the last of that month if it has no such day.
    #[must_use]
    pub fn months_before(self, months: u16) -> Self {
        let (year, month, day) = civil_from_days(self.0);
        let month = year * 12 + month - 1 - i32::from(months);
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        Self::new(year, month, day.min(month_length(year, month))).unwrap_or(Self::FIRST)
    }

    /// Parses `yyyy-mm-dd` or `yyyy-mm` (the month's first day).
    ///
    /// # Errors
    /// [`DayError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        let fields = match bytes.len() {
            10 if bytes[4] == b'-' && bytes[7] == b'-' => {
                (digits(&bytes[..4]), digits(&bytes[5..7]), digits(&bytes[8..]))
            }
            7 if bytes[4] == b'-' => (digits(&bytes[..4]), digits(&bytes[5..]), Some(1)),
            _ => return Err(DayError),
        };
        Self::from_fields(fields).ok_or(DayError)
    }

    /// Parses the Finnish form `d.m.yyyy`, with or without leading zeros.
    ///
    /// # Errors
    /// [`DayError`] for any other text.
    pub fn parse_finnish(text: &str) -> Result<Self, DayError> {
        let mut parts = text.as_bytes().split(|&b| b == b'.');
        let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(DayError);
        };
        if day.len() > 2 || month.len() > 2 || year.len() != 4 {
            return Err(DayError);
        }
        Self::from_fields((digits(year), digits(month), digits(day))).ok_or(DayError)
    }

    fn from_fields((year, month, day): (Option<i32>, Option<i32>, Option<i32>)) -> Option<Self> {
        Self::new(year?, month?, day?)
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counted in eras of 400 years that begin on
/// 1 March, so that the leap day comes last.
const fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day; the inverse of [`days_from_civil`].
const fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + (month <= 2) as i32;
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

const fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(bytes: &[u8]) -> Option<i32> {
    if bytes.is_empty() || bytes.len() > 4 {
        return None;
    }
    bytes.iter().try_fold(0, |value, &b| b.is_ascii_digit().then(|| value * 10 + i32::from(b - b'0')))
}

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(text: String) -> Result<Self, DayError> {
        if text.len() == 10 { Self::parse(&text) } else { Err(DayError) }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A closed interval of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// The first day inside.
    pub first: Day,
    /// The last day inside.
    pub last: Day,
}

impl Days {
    /// Whether the interval holds any day at all.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.last < self.first
    }

    /// Whether `day` lies inside.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// The days that both intervals hold; empty when they do not meet.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.min(other.last) }
    }

    /// The days from the first to the last of several intervals; none of none.
    #[must_use]
    pub fn hull(intervals: impl IntoIterator<Item = Self>) -> Option<Self> {
        let widened = |a: Self, b: Self| Self { first: a.first.min(b.first), last: a.last.max(b.last) };
        intervals.into_iter().reduce(widened)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn both_written_forms_give_the_same_day() {
        assert_eq!(Day::parse_finnish("1.3.2020"), Ok(day("2020-03-01")));
        assert_eq!(Day::parse_finnish("01.03.2020"), Ok(day("2020-03-01")));
        assert_eq!(day("1970-01-02").epoch_days(), 1);
        assert_eq!(day("2020-02").to_string(), "2020-02-01");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for bad in ["2021-02-29", "2020-13-01", "2020-00-10", "20-01-01", "2020/01/01", "", "ä020-01-01", "2020-1-1"] {
            assert_eq!(Day::parse(bad), Err(DayError), "{bad}");
        }
        for bad in ["29.2.2021", "1.2", "1.2.20", "1.2.2020.", "..", "001.1.2020", "-1.1.2020"] {
            assert_eq!(Day::parse_finnish(bad), Err(DayError), "{bad}");
        }
    }

    #[test]
    fn an_age_in_months_counts_whole_months() {
        assert_eq!(day("2000-01-31").months_until(day("2000-02-29")), 0);
        assert_eq!(day("2000-01-31").months_until(day("2000-03-31")), 2);
        assert_eq!(day("1994-05-01").months_until(day("2019-05-01")), 300);
        assert_eq!(day("2000-02-01").months_until(day("2000-01-01")), -1);
    }

    #[test]
    fn intervals_include_both_ends() {
        let year = Days { first: day("2020-01-01"), last: day("2020-12-31") };
        assert!(year.contains(year.first) && year.contains(year.last) && !year.contains(year.last.next()));
        assert!(year.intersection(Days { first: day("2021-01-01"), last: day("2021-02-01") }).is_empty());
    }

    proptest! {
        #[test]
        fn the_arithmetic_agrees_with_a_calendar_library(days in Day::FIRST.0..=Day::LAST.0, year in 0_i32..=9999, month in 0_i32..14, day in 0_i32..33) {
            let epoch = jiff::civil::date(1970, 1, 1);
            let known = epoch.checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24)).unwrap();
            prop_assert_eq!(Day(days).to_string(), known.to_string());
            prop_assert_eq!(Day(days).first_of_month().to_string(), known.first_of_month().to_string());
            let library = jiff::civil::Date::new(year as i16, month as i8, day as i8).ok().map(|d| d.to_string());
            prop_assert_eq!(Day::new(year, month, day).map(|d| d.to_string()), library);
        }
    }
}
