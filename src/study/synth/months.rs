//! Months of the observation window by position, and overlaps of days.

use salanimi_core::{Day, Days, Month};

/// The months that the window touches.
#[derive(Clone, Copy)]
pub(super) struct WindowMonths {
    first: Month,
    count: usize,
}

impl WindowMonths {
    /// Returns the months of `window`, which holds at least one day.
    pub(super) fn new(window: Days) -> Self {
        let first = Month::of(window.first);
        let count = Month::of(window.last).since(first) as usize + 1;
        Self { first, count }
    }

    /// Returns how many months there are.
    pub(super) fn count(self) -> usize {
        self.count
    }

    /// Returns the month at `position`.
    pub(super) fn at(self, position: usize) -> Month {
        self.first.plus(position as i32)
    }

    /// Returns the position of the month of `day`, which lies in one of the months.
    pub(super) fn position(self, day: Day) -> usize {
        Month::of(day).since(self.first) as usize
    }
}

/// Returns the days that both intervals hold, if there are any.
pub(super) fn overlap(one: Days, other: Days) -> Option<Days> {
    Some(one.intersection(other)).filter(|days| !days.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_window_has_the_months_that_it_touches() {
        let months = WindowMonths::new(Days { first: day("2017-01-31"), last: day("2019-12-01") });
        assert_eq!(months.count(), 36);
        assert_eq!(months.at(35).first_day(), day("2019-12-01"));
        assert_eq!(months.position(day("2019-12-31")), 35);
        assert_eq!(months.position(months.at(7).first_day()), 7);
    }

    #[test]
    fn intervals_overlap_where_they_share_a_day() {
        let one = Days { first: day("2017-01-01"), last: day("2017-01-31") };
        let other = Days { first: day("2017-01-31"), last: day("2017-02-28") };
        assert_eq!(overlap(one, other), Some(Days { first: one.last, last: one.last }));
        assert_eq!(overlap(one, Days { first: one.last.next(), last: other.last }), None);
    }
}
