use std::fmt;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

const EPOCH: Date = date(1970, 1, 1);

/// A calendar day, held as days since 1970-01-01 as Arrow's `Date32` does. Written `yyyy-mm-dd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i32);

/// The text is no day of the calendar in the form `yyyy-mm-dd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day must be written yyyy-mm-dd and exist in the calendar")]
pub struct DayError;

impl Day {
    /// The day `year`-`month`-`day`, if the calendar has it.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    /// The day that lies `days` after 1970-01-01, if the calendar of years −9999 to 9999 has it.
    #[must_use]
    pub fn from_epoch_days(days: i32) -> Option<Self> {
        let offset = jiff::SignedDuration::from_hours(i64::from(days) * 24);
        EPOCH.checked_add(offset).ok().map(|_| Self(days))
    }

    fn from_date(date: Date) -> Self {
        // A calendar of 20,000 years has fewer than 2^31 days.
        Self(i32::try_from(date.duration_since(EPOCH).as_hours() / 24).unwrap_or(i32::MAX))
    }

    fn date(self) -> Date {
        EPOCH.saturating_add(jiff::SignedDuration::from_hours(i64::from(self.0) * 24))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn epoch_days(self) -> i32 {
        self.0
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        i32::from(self.date().year())
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub fn month(self) -> i32 {
        i32::from(self.date().month())
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self::from_date(self.date().first_of_month())
    }

    /// Whole months from `self` to `later`, as an age is counted; negative when `later` is earlier.
    #[must_use]
    pub fn months_until(self, later: Self) -> i32 {
        let (from, to) = (self.date(), later.date());
        let months =
            (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month()) - i32::from(from.month());
        months - i32::from(to.day() < from.day())
    }

    /// The day after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
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

    fn from_fields((year, month, day): (Option<i16>, Option<i16>, Option<i16>)) -> Option<Self> {
        Self::new(year?, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?)
    }
}

fn digits(bytes: &[u8]) -> Option<i16> {
    if bytes.is_empty() || bytes.len() > 4 {
        return None;
    }
    bytes.iter().try_fold(0_i16, |value, &b| b.is_ascii_digit().then(|| value * 10 + i16::from(b - b'0')))
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
        let date = self.date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
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
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
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
}
