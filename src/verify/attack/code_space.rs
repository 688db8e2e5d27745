//! The space of identity codes: every code that a person born 1880–2026 can have, enumerated by day of birth.

use std::ops::Range;
use std::sync::LazyLock;

use super::candidates::Candidates;
use super::share::Share;
use salanimi_core::Day;

/// Length of a code in canonical form.
pub(super) const LENGTH: usize = 11;
/// Position of the sign in a code.
pub(super) const SIGN: usize = 6;
/// Individual numbers of a code, temporary ones and test material included.
const NUMBERS: Range<u16> = 2..1000;
/// Individual numbers of temporary codes.
const TEMPORARY: Range<u16> = 900..1000;
/// Number of individual numbers of a day of birth and a sign.
const PER_DAY: u64 = 998;
/// First year of birth under the sign `+`.
const FIRST_OLD_YEAR: i32 = 1880;
/// First year of birth under the other signs.
const FIRST_YEAR: i32 = 1900;
/// Last year of birth.
const LAST_YEAR: i32 = 2026;
/// Signs of the years of birth 1900–1999 and 2000–2026, the usual one first.
const SIGNS: [[u8; 6]; 2] = [*b"-YXWVU", *b"ABCDEF"];
/// Sign of the years of birth before 1900.
const OLD_SIGN: u8 = b'+';
/// Control characters by remainder.
const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
/// An identity code in canonical form, composed and not read from data. It is never printed.
pub(super) type RawCode = [u8; LENGTH];

/// Published test codes. Test material often stays behind in data.
static PUBLISHED_CODES: LazyLock<Vec<RawCode>> = LazyLock::new(|| {
    let codes = include_str!("published_codes.txt").lines().filter(|line| !line.starts_with("# "));
    codes.map(parse_published).collect()
});

/// Returns the published test codes, temporary and registered.
pub(super) fn published_codes() -> &'static [RawCode] {
    &PUBLISHED_CODES
}

#[expect(clippy::expect_used, reason = "the list is checked in, and a test reads it")]
fn parse_published(line: &str) -> RawCode {
    line.as_bytes().try_into().expect("a published code has eleven characters")
}

/// A part of the space of identity codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// Births 1900–2026 under the usual signs, `-` and `A`.
    Usual,
    /// The same births under the ten newer signs, and births 1880–1899 under `+`.
    Unusual,
    /// Codes of the usual part with a temporary number, 900–999: organisations issue these, and test material has them.
    Temporary,
    /// Codes that differ without their sign, each under one of its signs.
    Signless,
    /// Identifiers that a pattern of the contract allows.
    Pattern,
    /// The same identifiers without punctuation, if they have any.
    PatternUnmarked,
}

/// The space of identity codes, enumerated day by day.
pub(super) struct CodeSpace {
    /// `DDMMYY` of each day from 1880 on.
    days: Vec<[u8; SIGN]>,
    /// Position of 1900-01-01 and 2000-01-01 among the days.
    starts: [usize; 2],
    /// Position of 2000-02-29. The century before has no such day: 1900 was no leap year.
    leap: usize,
}

impl CodeSpace {
    /// Creates the space of births 1880–2026.
    pub fn new() -> Self {
        Self::born(FIRST_OLD_YEAR, LAST_YEAR)
    }

    /// Creates the space of births from the year `first` to the year `last`.
    pub fn born(first: i32, last: i32) -> Self {
        let start = epoch_days(first, 1, 1);
        let end = epoch_days(last + 1, 1, 1);
        let [first_day, second_century, leap] = [(FIRST_YEAR, 1, 1), (2000, 1, 1), (2000, 2, 29)]
            .map(|(year, month, day)| (epoch_days(year, month, day).clamp(start, end) - start) as usize);
        let days = (start..end).filter_map(Day::from_epoch_days).map(six_digits).collect();
        Self { days, starts: [first_day, second_century], leap }
    }

    /// Returns the number of codes in a part.
    pub fn len(&self, part: Part) -> u64 {
        let new = (self.days.len() - self.starts[0]) as u64;
        let days = match part {
            Part::Temporary => return new * TEMPORARY.len() as u64,
            Part::Usual => new,
            Part::Unusual => new * 5 + self.starts[0] as u64,
            Part::Signless => (self.starts[1] - self.starts[0] + usize::from(self.leap > self.starts[1])) as u64,
            Part::Pattern | Part::PatternUnmarked => 0,
        };
        days * PER_DAY
    }

    /// Returns the number of days of birth.
    pub fn days(&self) -> usize {
        self.days.len()
    }

    /// Adds to `codes` those of births on `days` that are in `part` and in `share`.
    pub fn fill(&self, part: Part, days: Range<usize>, share: Share, codes: &mut Candidates) {
        for day in days {
            let century = usize::from(day >= self.starts[1]);
            let old = day < self.starts[0];
            let signs: &[u8] = match part {
                Part::Usual | Part::Temporary if !old => &SIGNS[century][..1],
                Part::Unusual if old => &[OLD_SIGN],
                Part::Unusual => &SIGNS[century][1..],
                Part::Signless if (!old && century == 0) || day == self.leap => &SIGNS[century][..1],
                _ => &[],
            };
            let numbers = if part == Part::Temporary { TEMPORARY } else { NUMBERS };
            if !signs.is_empty() {
                self.fill_day(day, numbers, signs, share, codes);
            }
        }
    }

    fn fill_day(&self, day: usize, numbers: Range<u16>, signs: &[u8], share: Share, codes: &mut Candidates) {
        let mut code = [0; LENGTH];
        code[..SIGN].copy_from_slice(&self.days[day]);
        let six = self.days[day].iter().fold(0, |value, &digit| value * 10 + usize::from(digit - b'0'));
        for number in numbers {
            let digits = [number / 100, number / 10 % 10, number % 10];
            code[7..10].copy_from_slice(&digits.map(|digit| b'0' + digit as u8));
            code[10] = CONTROL[(six * 1000 + usize::from(number)) % 31];
            for &sign in signs {
                let number_of_code = (day as u64 * 1000 + u64::from(number)) << 8 | u64::from(sign);
                if share.includes(number_of_code) {
                    code[SIGN] = sign;
                    codes.push(&code);
                }
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "only days that exist are asked for")]
fn epoch_days(year: i32, month: i32, day: i32) -> i32 {
    Day::new(year, month, day).expect("a day of the calendar").epoch_days()
}

/// Writes a day as `DDMMYY`.
fn six_digits(day: Day) -> [u8; SIGN] {
    let text = day.to_string();
    let digit = text.as_bytes();
    [digit[8], digit[9], digit[5], digit[6], digit[2], digit[3]]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use salanimi_core::IdentityCode;

    fn day_codes(space: &CodeSpace, day: Day) -> Vec<RawCode> {
        let position = (day.epoch_days() - epoch_days(FIRST_OLD_YEAR, 1, 1)) as usize;
        let mut codes = empty();
        for part in [Part::Usual, Part::Unusual] {
            space.fill(part, position..position + 1, Share::WHOLE, &mut codes);
        }
        codes.iter().map(|code| code.try_into().unwrap()).collect()
    }

    fn empty() -> Candidates {
        Candidates::new(LENGTH, Some(SIGN))
    }

    #[test]
    fn the_codes_of_a_day_are_all_that_can_be_composed() {
        let space = CodeSpace::new();
        for day in ["1880-01-01", "1899-12-31", "1900-01-01", "1996-02-29", "1999-12-31", "2000-02-29", "2026-12-31"] {
            let day = Day::parse(day).unwrap();
            let slow: HashSet<Vec<u8>> = b"+-YXWVUABCDEF"
                .iter()
                .flat_map(|&sign| (0..1000).filter_map(move |number| IdentityCode::compose(day, sign, number)))
                .map(|code| code.as_bytes().to_vec())
                .collect();
            let codes = day_codes(&space, day);
            assert_eq!(codes.len(), slow.len());
            assert!(codes.iter().all(|code| slow.contains(&code[..])));
        }
    }

    #[test]
    fn the_size_of_the_space_is_dates_times_numbers_times_signs() {
        let space = CodeSpace::new();
        assert_eq!(space.len(Part::Usual), 46_386 * 998);
        assert_eq!(space.len(Part::Unusual), (46_386 * 5 + 7305) * 998);
        assert_eq!(space.len(Part::Signless), 36_525 * 998);
        for part in [Part::Usual, Part::Unusual, Part::Signless] {
            let mut codes = 0;
            for day in 0..space.days() {
                let mut found = empty();
                space.fill(part, day..day + 1, Share::WHOLE, &mut found);
                codes += found.len() as u64;
            }
            assert_eq!(codes, space.len(part));
        }
    }

    #[test]
    fn a_share_is_the_same_every_time_and_of_about_its_size() {
        let space = CodeSpace::new();
        let mut once = empty();
        let mut again = empty();
        space.fill(Part::Unusual, 20_000..20_100, Share::new(0.1), &mut once);
        space.fill(Part::Unusual, 20_000..20_100, Share::new(0.1), &mut again);
        assert!(once == again);
        assert!((48_000..52_000).contains(&once.len()), "{}", once.len());
    }

    #[test]
    fn the_published_codes_are_valid() {
        assert!(published_codes().iter().all(|code| IdentityCode::parse(&code[..]).is_ok()));
    }
}
