//! Finnish working days.

use salanimi_core::Day;

/// Days of the week, Monday first; 1970-01-01 was a Thursday.
const THURSDAY: i32 = 3;
const FRIDAY: i32 = 4;
const SATURDAY: i32 = 5;
const SUNDAY: i32 = 6;
/// Public holidays of a fixed day, and the eve of Christmas, on which offices are closed as well: month and day.
const FIXED: [(i32, i32); 7] = [(1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)];
/// Working days before the first known day.
const NONE_BEFORE: i32 = 0;
/// Days from Easter Sunday to Good Friday, Easter Monday and Ascension; Easter and Whitsun are Sundays.
const MOVABLE: [i32; 3] = [-2, 1, 39];

/// Finnish working days: Monday to Friday, optionally Saturday, without public holidays and the eves of Midsummer and
/// Christmas. Offices are closed on those eves, and time limits do not end (Act 150/1930, section 5).
#[derive(Debug, Clone)]
pub(super) struct WorkingDays {
    first: Day,
    /// For each day from the first, the number of working days up to and including it.
    counts: Vec<i32>,
}

impl WorkingDays {
    /// Returns the working days from `first` to `last`, with Saturdays if `saturdays`.
    pub(super) fn new(first: Day, last: Day, saturdays: bool) -> Self {
        let mut count = 0;
        let counts = (first.epoch_days()..=last.epoch_days()).map(|day| {
            count += i32::from(Day::from_epoch_days(day).is_some_and(|day| is_working_day(day, saturdays)));
            count
        });
        Self { first, counts: counts.collect() }
    }

    /// Returns the number of working days after `from`, up to and including `to`. Days outside the known interval do
    /// not count.
    pub(super) fn between(&self, from: Day, to: Day) -> i32 {
        self.until(to) - self.until(from)
    }

    fn until(&self, day: Day) -> i32 {
        let position = day.epoch_days() - self.first.epoch_days();
        let last = self.counts.len().saturating_sub(1);
        let known = usize::try_from(position).ok().and_then(|position| self.counts.get(position.min(last)));
        known.copied().unwrap_or(NONE_BEFORE)
    }
}

fn is_working_day(day: Day, saturdays: bool) -> bool {
    let weekday = (day.epoch_days() + THURSDAY).rem_euclid(7);
    let open = weekday < SATURDAY || (saturdays && weekday == SATURDAY);
    open && !is_holiday(day, weekday)
}

fn is_holiday(day: Day, weekday: i32) -> bool {
    let month = day.month();
    let date = day.day();
    let from_easter = day.epoch_days() - easter(day.year());
    let midsummer = month == 6
        && ((weekday == FRIDAY && (19..=25).contains(&date)) || weekday == SATURDAY && (20..=26).contains(&date));
    let all_saints = weekday == SATURDAY && (month == 10 && date == 31 || month == 11 && date <= 6);
    weekday == SUNDAY || FIXED.contains(&(month, date)) || MOVABLE.contains(&from_easter) || midsummer || all_saints
}

/// Returns Easter Sunday of a year of the Gregorian calendar, as days since 1970-01-01 (Meeus, Jones and Butcher).
#[expect(clippy::expect_used, reason = "Easter Sunday lies between 22 March and 25 April of any year")]
fn easter(year: i32) -> i32 {
    let century = year / 100;
    let of_century = year % 100;
    let golden = year % 19;
    let corrected = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - corrected + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    Day::new(year, days / 31, days % 31 + 1).expect("Easter Sunday is a day").epoch_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn between(from: &str, to: &str, saturdays: bool) -> i32 {
        WorkingDays::new(day("2000-01-01"), day("2030-12-31"), saturdays).between(day(from), day(to))
    }

    #[test]
    fn easter_falls_on_the_days_that_almanacs_print() {
        let known = ["1961-04-02", "2000-04-23", "2008-03-23", "2011-04-24", "2017-04-16", "2024-03-31", "2038-04-25"];
        assert!(known.iter().all(|text| easter(day(text).year()) == day(text).epoch_days()));
    }

    #[test]
    fn the_days_after_the_first_are_counted_and_the_last_is_one_of_them() {
        // Monday to Friday of one week, then over a weekend.
        assert_eq!(between("2019-09-02", "2019-09-06", false), 4);
        assert_eq!(between("2019-09-06", "2019-09-09", false), 1);
        assert_eq!(between("2019-09-06", "2019-09-09", true), 2);
        assert_eq!(between("2019-09-06", "2019-09-06", false), 0);
    }

    #[test]
    fn offices_are_closed_on_holidays_and_their_eves() {
        // Easter 2019: Maundy Thursday 18 April, the next working day is Tuesday 23 April.
        assert_eq!(between("2019-04-18", "2019-04-23", false), 1);
        // Ascension 2019: Thursday 30 May.
        assert_eq!(between("2019-05-29", "2019-05-31", false), 1);
        // Midsummer's eve 2019: Friday 21 June.
        assert_eq!(between("2019-06-20", "2019-06-24", true), 1);
        // From Monday 23 December 2019 to Friday 27 December.
        assert_eq!(between("2019-12-23", "2019-12-27", false), 1);
        // Independence Day 2019 was a Friday, Epiphany 2020 a Monday, May Day 2020 a Friday.
        assert_eq!(between("2019-12-05", "2019-12-09", false), 1);
        assert_eq!(between("2020-01-03", "2020-01-07", false), 1);
        assert_eq!(between("2020-04-30", "2020-05-04", false), 1);
        // All Saints' Day 2020 is Saturday 31 October.
        assert_eq!(between("2020-10-30", "2020-11-02", true), 1);
        // The 7th working day from Friday 13 December 2019 is Friday 27 December: 16, 17, 18, 19, 20, 23, then 27.
        assert_eq!(between("2019-12-13", "2019-12-27", false), 7);
    }
}
