//! Closed intervals of days.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::day::Day;

/// A closed interval of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// First day inside.
    pub first: Day,
    /// Last day inside.
    pub last: Day,
}

impl Days {
    /// Returns true if the interval holds no day.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.last < self.first
    }

    /// Returns true if `day` lies inside.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// Returns the days that both intervals hold; empty if they do not meet.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.min(other.last) }
    }

    /// Returns the smallest interval that covers all of `intervals`; `None` if there are none.
    #[must_use]
    pub fn hull(intervals: impl IntoIterator<Item = Self>) -> Option<Self> {
        intervals.into_iter().reduce(|a, b| Self { first: a.first.min(b.first), last: a.last.max(b.last) })
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

    fn days(first: &str, last: &str) -> Days {
        Days { first: Day::parse(first).unwrap(), last: Day::parse(last).unwrap() }
    }

    #[test]
    fn intervals_include_both_ends() {
        let year = days("2020-01-01", "2020-12-31");
        assert!(year.contains(year.first) && year.contains(year.last) && !year.contains(year.last.next()));
        assert!(year.intersection(days("2021-01-01", "2021-02-01")).is_empty());
    }

    #[test]
    fn the_hull_covers_every_interval() {
        let parts = [days("2020-03-01", "2020-03-31"), days("2020-01-01", "2020-01-31")];
        assert_eq!(Days::hull(parts), Some(days("2020-01-01", "2020-03-31")));
        assert_eq!(Days::hull([]), None);
    }
}
