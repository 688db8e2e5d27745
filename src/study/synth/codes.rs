//! Identity codes that nobody has: each given to one synthetic person only, without one chunk asking another.
//!
//! A chunk may use the birth dates of one remainder modulo [`DATES`], and of the codes of a date those of one remainder
//! modulo [`GROUPS`]; so chunks never meet. Registered numbers are used under the signs `U V W` and `D E F` only, which
//! the population register does not give out.

use std::collections::HashMap;

use super::dice::Dice;
use salanimi_core::{Day, IdentityCode};

/// Birth dates are shared out by their day number modulo this.
const DATES: i32 = 64;
/// Codes of a birth date are shared out modulo this.
const GROUPS: u32 = 64;
/// The chunks that can have codes of their own.
pub(super) const MOST_CHUNKS: u64 = DATES as u64 * GROUPS as u64;
/// Signs of people born in the 1900s and in the 2000s.
const SIGNS: [&[u8; 3]; 2] = [b"UVW", b"DEF"];
/// Registered numbers of one sex: 002 to 898 and 003 to 899.
const REGISTERED: Range = Range { first: 2, numbers: 449 };
/// Temporary numbers of one sex: 900 to 998 and 901 to 999.
const TEMPORARY: Range = Range { first: 900, numbers: 50 };
/// Shuffles the codes of a date; prime to how many there are.
const SHUFFLE: u32 = 857;

/// Every second number from an even one on.
#[derive(Clone, Copy)]
struct Range {
    first: u16,
    numbers: u32,
}

impl Range {
    /// The code of a date by its position among those of one sex and all signs.
    fn code(self, day: i32, male: bool, position: u32) -> Option<IdentityCode> {
        let birth = Day::from_epoch_days(day)?;
        let shuffled = (position * SHUFFLE + day.unsigned_abs()) % (self.numbers * 3);
        let sign = SIGNS[usize::from(birth.year() >= 2000)][(shuffled / self.numbers) as usize];
        let number = self.first + 2 * (shuffled % self.numbers) as u16 + u16::from(male);
        IdentityCode::compose(birth, sign, number)
    }
}

/// The unused codes of a chunk.
pub(super) struct CodeStock {
    chunk: u64,
    range: Range,
    used: HashMap<(i32, bool), u32>,
}

impl CodeStock {
    /// Codes of registered persons.
    pub(super) fn registered(chunk: u64) -> Self {
        Self { chunk, range: REGISTERED, used: HashMap::new() }
    }

    fn temporary(chunk: u64) -> Self {
        Self { chunk, range: TEMPORARY, used: HashMap::new() }
    }

    /// A new code of somebody born on `near` or the last possible day before it.
    pub(super) fn next(&mut self, near: i32, male: bool) -> IdentityCode {
        let residue = (self.chunk % DATES as u64) as i32;
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
        let position = (self.chunk / DATES as u64) as u32 % GROUPS + GROUPS * *used;
        if position >= self.range.numbers * 3 {
            return None;
        }
        *used += 1;
        self.range.code(day, male, position)
    }
}

/// Temporary codes, which every holder gives out in the same order, so that holders give the same code to different
/// people.
pub(super) struct TemporaryCodes {
    stock: CodeStock,
    dice: Dice,
    codes: Vec<IdentityCode>,
}

impl TemporaryCodes {
    pub(super) fn new(chunk: u64, dice: Dice) -> Self {
        Self { stock: CodeStock::temporary(chunk), dice, codes: Vec::new() }
    }

    /// The code that a holder gives to its `position`th person without one. `born` is the range of birth dates.
    pub(super) fn get(&mut self, position: usize, born: (i32, i32)) -> IdentityCode {
        while self.codes.len() <= position {
            let (birth, male) = (self.dice.between(born.0, born.1), self.dice.chance(0.6));
            self.codes.push(self.stock.next(birth, male));
        }
        self.codes[position]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_across_chunks_even_on_one_date() {
        let mut seen = HashSet::new();
        for chunk in [0, 1, 64, 65, 128, 4032] {
            let mut stock = CodeStock::registered(chunk);
            assert!((0..2000).all(|i| seen.insert(stock.next(9000, i % 2 == 0))), "{chunk}");
        }
    }

    #[test]
    fn a_code_tells_the_sex_and_a_birth_shortly_before() {
        let mut stock = CodeStock::registered(77);
        for near in [-10_000, 0, 9_000, 12_000] {
            let code = stock.next(near, true);
            assert_eq!(code.sex(), salanimi_core::Sex::Male);
            assert!((0..DATES).contains(&(near - code.birth_day().epoch_days())) && !code.is_temporary());
        }
    }

    #[test]
    fn only_signs_that_nobody_has_are_used() {
        let mut stock = CodeStock::registered(5);
        let mut temporary = TemporaryCodes::new(5, Dice::new(1, 1));
        for i in 0..3000 {
            for code in [stock.next(8_000 + i % 6_000, i % 2 == 0), temporary.get(i as usize % 50, (3_000, 12_000))] {
                let sign = code.as_bytes()[6];
                let signs = SIGNS[usize::from(code.birth_day().year() >= 2000)];
                assert!(signs.contains(&sign));
            }
        }
    }

    #[test]
    fn temporary_codes_come_in_one_order_for_all() {
        let mut codes = TemporaryCodes::new(9, Dice::new(3, 3));
        let (third, first) = (codes.get(2, (0, 9000)), codes.get(0, (0, 9000)));
        assert!(third.is_temporary() && first.is_temporary() && third != first);
        assert_eq!(codes.get(2, (0, 9000)), third);
    }
}
