//! Identity codes of synthetic persons: valid, never given out by the population register, unique without coordination.
//!
//! A batch uses birth dates with one remainder modulo [`DATES`], and codes of a date with one remainder modulo
//! [`GROUPS`]. So no two batches share a code. All codes have the signs `U V W` and `D E F`. The population register
//! does not give out these signs.

use std::collections::HashMap;

use super::random::Random;
use salanimi_core::{Day, Days, IdentityCode};

/// Birth dates are divided among batches by their day number modulo this.
const DATES: i32 = 64;
/// Codes of a birth date are divided among batches modulo this.
const GROUPS: u32 = 64;
/// Largest number of batches with unique codes.
pub(super) const MAX_BATCHES: u64 = DATES as u64 * GROUPS as u64;
/// Signs of people born in the 1900s and in the 2000s.
const SIGNS: [&[u8; 3]; 2] = [b"UVW", b"DEF"];
/// Registered numbers of one sex: 002 to 898 and 003 to 899.
const REGISTERED: NumberRange = NumberRange { first: 2, count: 449 };
/// Temporary numbers of one sex: 900 to 998 and 901 to 999.
const TEMPORARY: NumberRange = NumberRange { first: 900, count: 50 };
/// Shuffles the codes of a date. Coprime to their number.
const SHUFFLE: u32 = 857;
/// Probability that a person with a temporary code is a man.
const TEMPORARY_MALE: f64 = 0.6;

/// Every second individual number from an even one on.
#[derive(Clone, Copy)]
struct NumberRange {
    first: u16,
    count: u32,
}

impl NumberRange {
    /// Returns how many codes a date has for one sex, under all signs.
    fn codes(self) -> u32 {
        self.count * 3
    }

    /// Returns a code of a date by its position among those of one sex, if the date exists.
    fn code(self, day: i32, male: bool, position: u32) -> Option<IdentityCode> {
        let birth = Day::from_epoch_days(day)?;
        let shuffled = (position * SHUFFLE + day.unsigned_abs()) % self.codes();
        let sign = SIGNS[usize::from(birth.year() >= 2000)][(shuffled / self.count) as usize];
        let number = self.first + 2 * (shuffled % self.count) as u16 + u16::from(male);
        IdentityCode::compose(birth, sign, number)
    }
}

/// The unused codes of a batch.
pub(super) struct CodeStock {
    batch: u64,
    range: NumberRange,
    /// Codes used by birth date, as days since 1970-01-01, and sex.
    used: HashMap<(i32, bool), u32>,
}

impl CodeStock {
    /// Returns the codes of registered persons.
    pub(super) fn registered(batch: u64) -> Self {
        Self { batch, range: REGISTERED, used: HashMap::new() }
    }

    fn temporary(batch: u64) -> Self {
        Self { batch, range: TEMPORARY, used: HashMap::new() }
    }

    /// Returns a new code of a person born on `near` or on the last possible day before it.
    pub(super) fn next(&mut self, near: Day, male: bool) -> IdentityCode {
        let residue = (self.batch % DATES as u64) as i32;
        let near = near.epoch_days();
        let mut day = near - (near - residue).rem_euclid(DATES);
        loop {
            if let Some(code) = self.take(day, male) {
                return code;
            }
            day -= DATES;
        }
    }

    fn take(&mut self, day: i32, male: bool) -> Option<IdentityCode> {
        let used = self.used.entry((day, male)).or_default();
        let position = (self.batch / DATES as u64) as u32 % GROUPS + GROUPS * *used;
        if position >= self.range.codes() {
            return None;
        }
        *used += 1;
        self.range.code(day, male, position)
    }
}

/// Temporary codes of a batch. Every holder issues them in the same order, so one code means different people.
pub(super) struct TemporaryCodes {
    stock: CodeStock,
    random: Random,
    codes: Vec<IdentityCode>,
}

impl TemporaryCodes {
    pub(super) fn new(batch: u64, random: Random) -> Self {
        Self { stock: CodeStock::temporary(batch), random, codes: Vec::new() }
    }

    /// Returns the code at `position` in the order of issue. A new code has a birth date in `born`.
    pub(super) fn get(&mut self, position: usize, born: Days) -> IdentityCode {
        while self.codes.len() <= position {
            let birth = self.random.day_between(born.first, born.last);
            let male = self.random.chance(TEMPORARY_MALE);
            self.codes.push(self.stock.next(birth, male));
        }
        self.codes[position]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use salanimi_core::Sex;

    fn day(days: i32) -> Day {
        Day::from_epoch_days(days).unwrap()
    }

    fn days(first: i32, last: i32) -> Days {
        Days { first: day(first), last: day(last) }
    }

    #[test]
    fn codes_are_unique_across_batches_even_on_one_date() {
        let mut seen = HashSet::new();
        for batch in [0, 1, 64, 65, 128, 4032] {
            let mut stock = CodeStock::registered(batch);
            assert!((0..2000).all(|i| seen.insert(stock.next(day(9000), i % 2 == 0))), "{batch}");
        }
    }

    #[test]
    fn a_code_has_the_sex_and_a_birth_date_shortly_before() {
        let mut stock = CodeStock::registered(77);
        for near in [-10_000, 0, 9_000, 12_000].map(day) {
            let code = stock.next(near, true);
            assert_eq!(code.sex(), Sex::Male);
            assert!((0..DATES).contains(&near.since(code.birth_day())) && !code.is_temporary());
        }
    }

    #[test]
    fn only_signs_that_nobody_has_are_used() {
        let mut stock = CodeStock::registered(5);
        let mut temporary = TemporaryCodes::new(5, Random::new(1, 1));
        for i in 0..3000 {
            let registered = stock.next(day(8_000 + i % 6_000), i % 2 == 0);
            for code in [registered, temporary.get(i as usize % 50, days(3_000, 12_000))] {
                let signs = SIGNS[usize::from(code.birth_day().year() >= 2000)];
                assert!(signs.contains(&code.as_bytes()[6]));
            }
        }
    }

    #[test]
    fn temporary_codes_have_one_order_for_all_holders() {
        let mut codes = TemporaryCodes::new(9, Random::new(3, 3));
        let born = days(0, 9000);
        let third = codes.get(2, born);
        let first = codes.get(0, born);
        assert!(third.is_temporary() && first.is_temporary() && third != first);
        assert_eq!(codes.get(2, born), third);
    }
}
