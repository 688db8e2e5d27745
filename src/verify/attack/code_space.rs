//! The space of identity codes: every code that a person born 1880–2026 can have.

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

/// The space of identity codes.
pub(super) struct CodeSpace {
    /// `DDMMYY` of each day from 1880 on.
    days: Vec<[u8; SIGN]>,
    /// Position of 1900-01-01 and 2000-01-01 among the days.
    starts: [usize; 2],
    /// Position of 2000-02-29. The century before has no such day: 1900 was no leap year.
    leap: usize,
}

/// Successive codes: each day with each individual number and each sign.
struct Stretch {
    days: Range<usize>,
    numbers: Range<u16>,
    signs: &'static [u8],
}

impl Stretch {
    fn len(&self) -> u64 {
        (self.days.len() * self.numbers.len() * self.signs.len()) as u64
    }
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
        self.stretches(part).iter().map(Stretch::len).sum()
    }

    /// Adds to `codes` those of `part` at the positions `chosen` of a share.
    pub fn fill(&self, part: Part, chosen: Range<u64>, share: Share, codes: &mut Candidates) {
        let stretches = self.stretches(part);
        let all = stretches.iter().map(Stretch::len).sum();
        for at in chosen {
            let mut position = share.pick(at, all);
            for stretch in &stretches {
                if position < stretch.len() {
                    codes.push(&self.code(stretch, position as usize));
                    break;
                }
                position -= stretch.len();
            }
        }
    }

    /// Returns the stretches of a part.
    fn stretches(&self, part: Part) -> Vec<Stretch> {
        let [first, second] = self.starts;
        let centuries = [first..second, second..self.days.len()];
        let leap = self.leap..self.days.len().min(self.leap + usize::from(self.leap > second));
        let with = |numbers: &Range<u16>, days: Range<usize>, signs| Stretch { days, numbers: numbers.clone(), signs };
        let of_centuries = |numbers, signs: Range<usize>| {
            centuries.iter().zip(&SIGNS).map(move |(days, all)| with(numbers, days.clone(), &all[signs.clone()]))
        };
        match part {
            Part::Usual => of_centuries(&NUMBERS, 0..1).collect(),
            Part::Temporary => of_centuries(&TEMPORARY, 0..1).collect(),
            Part::Unusual => {
                let old = with(&NUMBERS, 0..first, &[OLD_SIGN]);
                std::iter::once(old).chain(of_centuries(&NUMBERS, 1..SIGNS[0].len())).collect()
            }
            Part::Signless => {
                vec![with(&NUMBERS, first..second, &SIGNS[0][..1]), with(&NUMBERS, leap, &SIGNS[1][..1])]
            }
            Part::Pattern | Part::PatternUnmarked => Vec::new(),
        }
    }

    /// Composes the code at a position of a stretch.
    fn code(&self, stretch: &Stretch, position: usize) -> RawCode {
        let sign = stretch.signs[position % stretch.signs.len()];
        let of_one_sign = position / stretch.signs.len();
        let day = self.days[stretch.days.start + of_one_sign / stretch.numbers.len()];
        let number = usize::from(stretch.numbers.start) + of_one_sign % stretch.numbers.len();
        let six = day.iter().fold(0, |value, &digit| value * 10 + usize::from(digit - b'0'));
        let mut code = [0; LENGTH];
        code[..SIGN].copy_from_slice(&day);
        code[SIGN] = sign;
        for (place, digit) in code[SIGN + 1..].iter_mut().zip([number / 100, number / 10 % 10, number % 10]) {
            *place = b'0' + digit as u8;
        }
        code[LENGTH - 1] = CONTROL[(six * 1000 + number) % 31];
        code
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

    fn all(space: &CodeSpace, part: Part) -> Vec<RawCode> {
        chosen(space, part, 0..space.len(part), Share::WHOLE)
    }

    fn chosen(space: &CodeSpace, part: Part, positions: Range<u64>, share: Share) -> Vec<RawCode> {
        let mut codes = Candidates::new(LENGTH, Some(SIGN));
        space.fill(part, positions, share, &mut codes);
        codes.iter().map(|code| code.try_into().unwrap()).collect()
    }

    #[test]
    fn the_codes_are_all_that_can_be_composed() {
        for (first, last) in [(1899, 1900), (1996, 1996), (1999, 2000), (2026, 2026)] {
            let space = CodeSpace::born(first, last);
            let codes: Vec<RawCode> = [Part::Usual, Part::Unusual].iter().flat_map(|&part| all(&space, part)).collect();
            let days = epoch_days(first, 1, 1)..epoch_days(last + 1, 1, 1);
            let slow: HashSet<Vec<u8>> = days
                .filter_map(Day::from_epoch_days)
                .flat_map(|day| b"+-YXWVUABCDEF".iter().map(move |&sign| (day, sign)))
                .flat_map(|(day, sign)| (0..1000).filter_map(move |number| IdentityCode::compose(day, sign, number)))
                .map(|code| code.as_bytes().to_vec())
                .collect();
            assert_eq!(codes.len(), slow.len());
            assert!(codes.iter().all(|code| slow.contains(&code[..])));
            assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        }
    }

    #[test]
    fn codes_without_a_sign_differ_and_are_those_of_the_usual_part() {
        let signless = |code: &RawCode| [&code[..SIGN], &code[SIGN + 1..]].concat();
        let space = CodeSpace::born(1997, 2000);
        let codes = all(&space, Part::Signless);
        let known: HashSet<Vec<u8>> = codes.iter().map(signless).collect();
        assert_eq!(known.len(), codes.len());
        let leap = CodeSpace::born(2000, 2000);
        assert!(all(&CodeSpace::born(1997, 1999), Part::Usual).iter().all(|code| known.contains(&signless(code))));
        assert_eq!(leap.len(Part::Signless), 998);
    }

    #[test]
    fn temporary_codes_are_those_of_the_usual_part_with_a_temporary_number() {
        let space = CodeSpace::born(1999, 2000);
        let mut usual = all(&space, Part::Usual);
        usual.retain(|code| code[7] == b'9');
        assert_eq!(all(&space, Part::Temporary), usual);
    }

    #[test]
    fn the_size_of_the_space_is_dates_times_numbers_times_signs() {
        let space = CodeSpace::new();
        assert_eq!(space.len(Part::Usual), 46_386 * 998);
        assert_eq!(space.len(Part::Unusual), (46_386 * 5 + 7305) * 998);
        assert_eq!(space.len(Part::Temporary), 46_386 * 100);
        assert_eq!(space.len(Part::Signless), 36_525 * 998);
    }

    #[test]
    fn a_share_is_the_same_in_every_division_and_spread_over_the_space() {
        let space = CodeSpace::new();
        let share = Share::new(0.001);
        let number = share.of(space.len(Part::Unusual));
        let whole = chosen(&space, Part::Unusual, 0..number, share);
        let parts = [0..number / 3, number / 3..number].map(|part| chosen(&space, Part::Unusual, part, share));
        assert_eq!(parts.concat(), whole);
        assert_eq!(whole.iter().collect::<HashSet<_>>().len(), whole.len());
        let old = whole.iter().filter(|code| code[SIGN] == OLD_SIGN).count() as f64;
        assert!((old / whole.len() as f64 - 7305.0 / (46_386.0 * 5.0 + 7305.0)).abs() < 1e-3);
        for digit in b'0'..=b'9' {
            let part = whole.iter().filter(|code| code[9] == digit).count() as f64 / whole.len() as f64;
            assert!((0.098..0.102).contains(&part), "{digit}: {part}");
        }
    }

    #[test]
    fn the_published_codes_are_valid() {
        assert!(published_codes().iter().all(|code| IdentityCode::parse(&code[..]).is_ok()));
    }
}
