use std::ops::Range;

use salanimi_core::Day;

/// Length of a code in canonical form.
const LENGTH: usize = 11;
/// Position of the sign in a code.
const SIGN: usize = 6;
/// Individual numbers that a code can have: temporary ones and test material too.
const NUMBERS: Range<u16> = 2..1000;
const TEMPORARY: Range<u16> = 900..1000;
/// Individual numbers of one birth date and sign.
const PER_DAY: u64 = 998;
/// Years of birth under the sign `+`.
const FIRST_OLD_YEAR: i32 = 1880;
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2026;
/// Signs for the years of birth 1900–1999 and 2000–2026, the usual one first.
const SIGNS: [[u8; 6]; 2] = [*b"-YXWVU", *b"ABCDEF"];
const OLD_SIGN: u8 = b'+';
const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
/// Mixed with a code's number, so that a share of the space is the same in every run.
const SEED: u64 = 0x5361_6c61_6e69_6d69;

/// An identity code in canonical form, composed rather than read from data. It is never printed.
pub type RawCode = [u8; LENGTH];

/// The published test codes, temporary and registered: test material that often stays behind.
pub const PUBLISHED_CODES: [&RawCode; 26] = [
    b"010594Y9032",
    b"010594Y9021",
    b"020594X903P",
    b"020594X902N",
    b"030594W903B",
    b"030694W9024",
    b"040594V9030",
    b"040594V902Y",
    b"050594U903M",
    b"050594U902L",
    b"010516B903X",
    b"010516B902W",
    b"020516C903K",
    b"020516C902J",
    b"030516D9037",
    b"030516D9026",
    b"010501E9032",
    b"020502E902X",
    b"020503F9037",
    b"020504A902E",
    b"020504B904H",
    b"131052-308T",
    b"290296-7808",
    b"010101-0101",
    b"290200A248A",
    b"010195+433X",
];

/// A part of the space of identity codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Births 1900–2026 under the usual signs, `-` and `A`.
    Usual,
    /// The same births under the ten newer signs, and births 1880–1899 under `+`.
    Unusual,
    /// Of the usual part, the numbers that are given out by organisations themselves, and to test material: 900–999.
    Temporary,
    /// Every code that differs when its sign is left out; each under one sign that it can have.
    Signless,
}

/// A random share of the codes: the same in every run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// Every code.
    pub const WHOLE: Self = Self(1.0);

    /// The share `share`, between 0 and 1.
    #[must_use]
    pub fn new(share: f64) -> Self {
        Self(share.clamp(0.0, 1.0))
    }

    /// The share, between 0 and 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    fn has(self, number: u64) -> bool {
        self.0 >= 1.0 || ((mix(number ^ SEED) >> 11) as f64) < self.0 * (1_u64 << 53) as f64
    }
}

/// Every identity code that could be anyone's, as a numbered space that is walked through day by day.
pub struct CodeSpace {
    /// `DDMMYY` of each day from 1880 on.
    days: Vec<[u8; SIGN]>,
    /// Position of 1900-01-01 and 2000-01-01 among the days.
    starts: [usize; 2],
    /// Position of 2000-02-29, which has no like in the century before.
    leap: usize,
}

impl CodeSpace {
    /// The codes of births 1880–2026.
    #[must_use]
    pub fn new() -> Self {
        Self::born(FIRST_OLD_YEAR, LAST_YEAR)
    }

    /// The codes of births from the year `first` to the year `last`.
    #[must_use]
    pub fn born(first: i32, last: i32) -> Self {
        let (first, end) = (epoch_days(first, 1, 1), epoch_days(last + 1, 1, 1));
        let position = |year, month, day| (epoch_days(year, month, day).clamp(first, end) - first) as usize;
        let days = (first..end).filter_map(Day::from_epoch_days).map(six_digits).collect();
        Self { days, starts: [position(FIRST_YEAR, 1, 1), position(2000, 1, 1)], leap: position(2000, 2, 29) }
    }

    /// Number of codes in a part.
    #[must_use]
    pub fn len(&self, part: Part) -> u64 {
        let new = (self.days.len() - self.starts[0]) as u64;
        let days = match part {
            Part::Temporary => return new * TEMPORARY.len() as u64,
            Part::Usual => new,
            Part::Unusual => new * 5 + self.starts[0] as u64,
            Part::Signless => (self.starts[1] - self.starts[0] + usize::from(self.leap > self.starts[1])) as u64,
        };
        days * PER_DAY
    }

    /// Days of birth, by which the space is divided into blocks.
    #[must_use]
    pub fn days(&self) -> usize {
        self.days.len()
    }

    /// The codes of births on `days` that are in `part` and in `share`, added to `codes`.
    pub fn fill(&self, part: Part, days: Range<usize>, share: Share, codes: &mut Vec<RawCode>) {
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

    fn fill_day(&self, day: usize, numbers: Range<u16>, signs: &[u8], share: Share, codes: &mut Vec<RawCode>) {
        let mut code = [0; LENGTH];
        code[..SIGN].copy_from_slice(&self.days[day]);
        let six = self.days[day].iter().fold(0, |value, &digit| value * 10 + usize::from(digit - b'0'));
        for number in numbers {
            let digits = [number / 100, number / 10 % 10, number % 10];
            code[7..10].copy_from_slice(&digits.map(|digit| b'0' + digit as u8));
            code[10] = CONTROL[(six * 1000 + usize::from(number)) % 31];
            for &sign in signs {
                let which = (day as u64 * 1000 + u64::from(number)) << 8 | u64::from(sign);
                if share.has(which) {
                    code[SIGN] = sign;
                    codes.push(code);
                }
            }
        }
    }
}

impl Default for CodeSpace {
    fn default() -> Self {
        Self::new()
    }
}

fn epoch_days(year: i32, month: i32, day: i32) -> i32 {
    Day::new(year, month, day).map_or(0, Day::epoch_days)
}

fn six_digits(day: Day) -> [u8; SIGN] {
    let text = day.to_string();
    let digit = text.as_bytes();
    [digit[8], digit[9], digit[5], digit[6], digit[2], digit[3]]
}

/// The finaliser of `SplitMix64`: every bit of the result depends on every bit of `value`.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use salanimi_core::IdentityCode;

    fn day_codes(space: &CodeSpace, day: Day) -> Vec<RawCode> {
        let position = (day.epoch_days() - epoch_days(FIRST_OLD_YEAR, 1, 1)) as usize;
        let mut codes = Vec::new();
        for part in [Part::Usual, Part::Unusual] {
            space.fill(part, position..position + 1, Share::WHOLE, &mut codes);
        }
        codes
    }

    #[test]
    fn the_codes_of_a_day_are_those_that_can_be_composed() {
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
    fn the_space_has_as_many_codes_as_dates_numbers_and_signs_make() {
        let space = CodeSpace::new();
        assert_eq!(space.len(Part::Usual), 46_386 * 998);
        assert_eq!(space.len(Part::Unusual), (46_386 * 5 + 7305) * 998);
        assert_eq!(space.len(Part::Signless), 36_525 * 998);
        for part in [Part::Usual, Part::Unusual, Part::Signless] {
            let mut codes = 0;
            for day in 0..space.days() {
                let mut found = Vec::new();
                space.fill(part, day..day + 1, Share::WHOLE, &mut found);
                codes += found.len() as u64;
            }
            assert_eq!(codes, space.len(part));
        }
    }

    #[test]
    fn a_share_is_the_same_every_time_and_about_as_large() {
        let space = CodeSpace::new();
        let (mut once, mut again) = (Vec::new(), Vec::new());
        space.fill(Part::Unusual, 20_000..20_100, Share::new(0.1), &mut once);
        space.fill(Part::Unusual, 20_000..20_100, Share::new(0.1), &mut again);
        assert!(once == again);
        assert!((48_000..52_000).contains(&once.len()), "{}", once.len());
    }

    #[test]
    fn the_published_codes_are_valid() {
        assert!(PUBLISHED_CODES.iter().all(|code| IdentityCode::parse(&code[..]).is_ok()));
    }
}
