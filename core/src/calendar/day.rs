//! Calendar days and the arithmetic of the proleptic Gregorian calendar.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar day, held as days since 1970-01-01 like Arrow's `Date32`. Written `yyyy-mm-dd` (ISO 8601).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i32);

/// Error for a text that is not a day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day must be written yyyy-mm-dd and exist in the calendar")]
pub struct DayError;

impl Day {
    /// First day that can be written: 0000-01-01.
    pub const FIRST: Self = Self(days_from_civil(0, 1, 1));
    /// Last day that can be written: 9999-12-31.
    pub const LAST: Self = Self(days_from_civil(9999, 12, 31));

    /// Returns the day `year`-`month`-`day` of the proleptic Gregorian calendar, years 0 to 9999. Returns `None` if the
    /// calendar does not have it.
    #[must_use]
    pub fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        let in_range = (0..=9999).contains(&year) && (1..=12).contains(&month);
        let exists = in_range && day >= 1 && day <= month_length(year, month);
        exists.then(|| Self(days_from_civil(year, month, day)))
    }

    /// Returns the day `days` after 1970-01-01; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_epoch_days(days: i32) -> Option<Self> {
        (Self::FIRST..=Self::LAST).contains(&Self(days)).then_some(Self(days))
    }

    /// Returns the first day of a month counted from January of year 0. Beyond the years 0 to 9999, returns the nearest
    /// day that can be written.
    pub(super) fn first_of_month_number(months: i32) -> Self {
        match months {
            ..0 => Self::FIRST,
            0..=MAX_MONTH_NUMBER => Self(days_from_civil(months / 12, months % 12 + 1, 1)),
            _ => Self::LAST,
        }
    }

    /// Returns the days since 1970-01-01.
    #[must_use]
    pub fn epoch_days(self) -> i32 {
        self.0
    }

    /// Returns the calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        Civil::from_days(self.0).year
    }

    /// Returns the month of the year, 1 to 12.
    #[must_use]
    pub fn month(self) -> i32 {
        Civil::from_days(self.0).month
    }

    /// Returns the number of the day's month, counted from January of year 0.
    pub(super) fn month_number(self) -> i32 {
        let Civil { year, month, .. } = Civil::from_days(self.0);
        year * 12 + month - 1
    }

    /// Returns the day of the month, from 1.
    #[must_use]
    pub fn day(self) -> i32 {
        Civil::from_days(self.0).day
    }

    /// Returns the first day of this day's month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0 - self.day() + 1)
    }

    /// Counts whole months from `self` to `later`, as an age is counted. Negative if `later` is earlier.
    #[must_use]
    pub fn months_until(self, later: Self) -> i32 {
        let from = Civil::from_days(self.0);
        let to = Civil::from_days(later.0);
        (to.year - from.year) * 12 + to.month - from.month - i32::from(to.day < from.day)
    }

    /// Returns the day after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Counts the days from `earlier` to this day.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the day `days` after this one, or the nearest that can be written.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days)).clamp(Self::FIRST, Self::LAST)
    }

    /// Returns the same day of the month `months` earlier. A month without that day gives its last day, and a day
    /// before year 0 gives [`Day::FIRST`].
    #[must_use]
    pub fn months_before(self, months: u16) -> Self {
        let from = Civil::from_days(self.0);
        let number = from.year * 12 + from.month - 1 - i32::from(months);
        if number < 0 {
            return Self::FIRST;
        }
        let year = number / 12;
        let month = number % 12 + 1;
        Self(days_from_civil(year, month, from.day.min(month_length(year, month))))
    }

    /// Parses `yyyy-mm-dd`, or `yyyy-mm` for the first day of a month.
    ///
    /// # Errors
    /// [`DayError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        match bytes.len() {
            10 if bytes[4] == b'-' && bytes[7] == b'-' => Self::from_digits(&bytes[..4], &bytes[5..7], &bytes[8..]),
            7 if bytes[4] == b'-' => Self::from_digits(&bytes[..4], &bytes[5..], b"1"),
            _ => Err(DayError),
        }
    }

    /// Parses the Finnish form `d.m.yyyy`, with or without leading zeros.
    ///
    /// # Errors
    /// [`DayError`] for any other text.
    pub fn parse_finnish(text: &str) -> Result<Self, DayError> {
        let mut parts = text.as_bytes().split(|&b| b == b'.');
        let parts = [parts.next(), parts.next(), parts.next(), parts.next()];
        let [Some(day), Some(month), Some(year), None] = parts else {
            return Err(DayError);
        };
        if day.len() > 2 || month.len() > 2 || year.len() != 4 {
            return Err(DayError);
        }
        Self::from_digits(year, month, day)
    }

    fn from_digits(year: &[u8], month: &[u8], day: &[u8]) -> Result<Self, DayError> {
        let [year, month, day] = [year, month, day].map(number);
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => Self::new(year, month, day).ok_or(DayError),
            _ => Err(DayError),
        }
    }
}

/// Number of December 9999, in months since January of year 0.
const MAX_MONTH_NUMBER: i32 = 9999 * 12 + 11;

/// Year, month and day of the month.
struct Civil {
    year: i32,
    month: i32,
    day: i32,
}

impl Civil {
    /// Inverse of [`days_from_civil`], for days from year −400 on.
    ///
    /// C. Neri and L. Schneider, "Euclidean affine functions and their application to calendar algorithms" (2023):
    /// divisions by multiplication, and years that begin on 1 March.
    #[inline]
    const fn from_days(days: i32) -> Self {
        // One era of 400 years is added, so that every number is positive.
        let days = (days + 719_468 + 146_097) as u32;
        let quarters = 4 * days + 3;
        let century = quarters / 146_097;
        let year_product = 2_939_745 * (4 * (quarters % 146_097 / 4) + 3) as u64;
        let year = 100 * century + (year_product >> 32) as u32;
        let day_of_year = year_product as u32 / 2_939_745 / 4;
        let month_product = 2141 * day_of_year + 197_913;
        let is_next_year = day_of_year >= 306;
        Self {
            year: year as i32 - 400 + is_next_year as i32,
            month: (month_product >> 16) as i32 - if is_next_year { 12 } else { 0 },
            day: ((month_product & 0xFFFF) / 2141) as i32 + 1,
        }
    }
}

/// Counts days from 1970-01-01 to a date of the proleptic Gregorian calendar. Eras of 400 years begin on 1 March, so
/// the leap day comes last.
const fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads one to four decimal digits.
fn number(digits: &[u8]) -> Option<i32> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    digits.iter().try_fold(0, |value, &b| b.is_ascii_digit().then(|| value * 10 + i32::from(b - b'0')))
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
        let Civil { year, month, day } = Civil::from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
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
    fn every_day_returns_from_its_date() {
        for days in Day::FIRST.0..=Day::LAST.0 {
            let Civil { year, month, day } = Civil::from_days(days);
            assert_eq!(Day::new(year, month, day), Some(Day(days)));
        }
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
    fn months_before_keeps_the_day_where_the_month_has_it() {
        assert_eq!(day("2020-03-31").months_before(1), day("2020-02-29"));
        assert_eq!(day("2020-03-15").months_before(14), day("2019-01-15"));
        assert_eq!(day("0000-02-15").months_before(2), Day::FIRST);
    }

    proptest! {
        #[test]
        fn the_arithmetic_agrees_with_a_calendar_library(
            days in Day::FIRST.0..=Day::LAST.0,
            year in 0_i32..=9999,
            month in 0_i32..14,
            day in 0_i32..33,
        ) {
            let epoch = jiff::civil::date(1970, 1, 1);
            let known = epoch.checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24)).unwrap();
            prop_assert_eq!(Day(days).to_string(), known.to_string());
            prop_assert_eq!(Day(days).first_of_month().to_string(), known.first_of_month().to_string());
            let library = jiff::civil::Date::new(year as i16, month as i8, day as i8).ok().map(|d| d.to_string());
            prop_assert_eq!(Day::new(year, month, day).map(|d| d.to_string()), library);
        }
    }
}
