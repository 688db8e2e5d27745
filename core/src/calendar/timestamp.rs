//! Times in Coordinated Universal Time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::day::Day;

const DAY_SECONDS: i64 = 86_400;

/// A second of Coordinated Universal Time, written like RFC 3339: `2026-11-24T09:30:00Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp {
    day: Day,
    /// Seconds since midnight.
    second: i64,
}

/// Error for a text that is not a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time must be written yyyy-mm-ddThh:mm:ssZ")]
pub struct TimestampError;

impl Timestamp {
    /// Returns the timestamp `seconds` after 1970-01-01T00:00:00Z. Beyond the years 0 to 9999, returns the nearest
    /// timestamp that can be written.
    #[must_use]
    pub fn from_epoch_seconds(seconds: i64) -> Self {
        let first = epoch_seconds(Day::FIRST);
        let last = epoch_seconds(Day::LAST) + DAY_SECONDS - 1;
        let seconds = seconds.clamp(first, last);
        let day = Day::FIRST.plus(((seconds - first) / DAY_SECONDS) as i32);
        Self { day, second: seconds.rem_euclid(DAY_SECONDS) }
    }

    /// Returns the day of this timestamp in Coordinated Universal Time.
    #[must_use]
    pub fn day(self) -> Day {
        self.day
    }

    /// Counts the seconds from `self` to `later`; negative if `later` is earlier.
    #[must_use]
    pub fn seconds_until(self, later: Self) -> i64 {
        i64::from(later.day.since(self.day)) * DAY_SECONDS + later.second - self.second
    }

    /// Parses `yyyy-mm-ddThh:mm:ssZ`.
    ///
    /// # Errors
    /// [`TimestampError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let (day, time) = text.strip_suffix('Z').and_then(|t| t.split_once('T')).ok_or(TimestampError)?;
        let day = Day::try_from(day.to_owned()).map_err(|_| TimestampError)?;
        let fields: Vec<i64> = time.split(':').filter_map(two_digits).collect();
        match fields[..] {
            [hour @ 0..=23, minute @ 0..=59, second @ 0..=59] if time.len() == 8 => {
                Ok(Self { day, second: hour * 3600 + minute * 60 + second })
            }
            _ => Err(TimestampError),
        }
    }
}

/// Counts the seconds from 1970-01-01T00:00:00Z to the start of `day`.
fn epoch_seconds(day: Day) -> i64 {
    i64::from(day.epoch_days()) * DAY_SECONDS
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { day, second } = self;
        write!(f, "{day}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        Self::parse(&text)
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_written_form_is_a_timestamp() {
        assert_eq!(Timestamp::parse("1970-01-02T00:00:01Z"), Ok(Timestamp::from_epoch_seconds(86_401)));
        for bad in [
            "",
            "2026-11-24",
            "2026-11-24T24:00:00Z",
            "2026-11-24T1:00:00Z",
            "2026-11-24T10:00:00",
            "2026-11T10:00:0+Z",
        ] {
            assert_eq!(Timestamp::parse(bad), Err(TimestampError), "{bad}");
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_becomes_the_nearest_in_it() {
        assert_eq!(Timestamp::from_epoch_seconds(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_epoch_seconds(i64::MIN).to_string(), "0000-01-01T00:00:00Z");
    }

    proptest! {
        /// The oracle is a calendar library.
        #[test]
        fn a_timestamp_is_written_like_rfc_3339(
            second in -50_000_000_000_i64..250_000_000_000,
            later in 0_i64..1_000_000,
        ) {
            let timestamp = Timestamp::from_epoch_seconds(second);
            let written = timestamp.to_string();
            prop_assert_eq!(&written, &jiff::Timestamp::from_second(second).unwrap().to_string());
            prop_assert_eq!(Timestamp::parse(&written), Ok(timestamp));
            prop_assert_eq!(timestamp.seconds_until(Timestamp::from_epoch_seconds(second + later)), later);
        }
    }
}
