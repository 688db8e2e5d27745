use std::fmt;

use serde::{Deserialize, Serialize};

use super::Day;

const DAY_SECONDS: i64 = 86_400;

/// A second of Coordinated Universal Time, written as RFC 3339 does: `2026-11-24T09:30:00Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// The text is no [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time must be written yyyy-mm-ddThh:mm:ssZ")]
pub struct TimestampError;

impl Timestamp {
    /// The timestamp `seconds` after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_epoch_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The day of this moment; the calendar's last day after that.
    #[must_use]
    pub fn day(self) -> Day {
        let days = i32::try_from(self.0.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX);
        Day::from_epoch_days(days).unwrap_or(Day::LAST)
    }

    /// Seconds from `self` to `later`; negative when `later` is earlier.
    #[must_use]
    pub fn seconds_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0)
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
                Ok(Self(i64::from(day.epoch_days()) * DAY_SECONDS + hour * 3600 + minute * 60 + second))
            }
            _ => Err(TimestampError),
        }
    }
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(DAY_SECONDS);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.day(), second / 3600, second / 60 % 60, second % 60)
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
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_texts_are_no_time() {
        assert_eq!(Timestamp::parse("1970-01-02T00:00:01Z"), Ok(Timestamp(86_401)));
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

    proptest! {
        /// Judged by a calendar library.
        #[test]
        fn a_moment_is_written_as_rfc_3339_does(second in 0_i64..250_000_000_000) {
            let written = Timestamp(second).to_string();
            prop_assert_eq!(&written, &jiff::Timestamp::from_second(second).unwrap().to_string());
            prop_assert_eq!(Timestamp::parse(&written), Ok(Timestamp(second)));
        }
    }
}
