use super::day::{Day, Days};

/// A calendar month, held as months since January of year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month of `day`.
    #[must_use]
    pub fn of(day: Day) -> Self {
        Self(day.year() * 12 + day.month() - 1)
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        Day::new(self.0.div_euclid(12), self.0.rem_euclid(12) + 1, 1).unwrap_or(Day::LAST)
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Day {
        self.plus(1).first_day().plus(-1)
    }

    /// The month `months` after this one.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// Months from `earlier` to this one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// The first and the last month that lie in `days` as a whole; none if no month does.
    #[must_use]
    pub fn within(days: Days) -> Option<(Self, Self)> {
        let first = Self::of(days.first.plus(-1)).plus(1);
        let last = Self::of(days.last.plus(1)).plus(-1);
        (first <= last).then_some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_month_knows_its_days() {
        let february = Month::of(day("2020-02-17"));
        assert_eq!((february.first_day(), february.last_day()), (day("2020-02-01"), day("2020-02-29")));
        assert_eq!(february.plus(-2).last_day(), day("2019-12-31"));
        assert_eq!(february.plus(11).since(february), 11);
    }

    #[test]
    fn whole_months_are_those_of_which_every_day_is_inside() {
        let within = |first, last| {
            let months = Month::within(Days { first: day(first), last: day(last) });
            months.map(|(first, last)| (first.first_day().to_string(), last.first_day().to_string()))
        };
        let months = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(within("2017-01-01", "2019-12-31"), months("2017-01-01", "2019-12-01"));
        assert_eq!(within("2017-01-02", "2019-12-30"), months("2017-02-01", "2019-11-01"));
        assert_eq!(within("2017-01-02", "2017-02-27"), None);
    }
}
