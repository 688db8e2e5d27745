//! The faults of real data, and how often they are put in.

use serde::Serialize;

use super::dice::Dice;
use super::layout::{Flaw, Target};
use super::row::Value;
use salanimi_core::IdentityCode;

/// From one source row with a fault that can reject it to the next: these many rows of a table, evenly drawn, so 1 row
/// in 71 on average, and never so many that a small table exceeds a `max_reject_share` of 5 %.
const ROWS_BETWEEN_FAULTS: (i32, i32) = (22, 120);
/// How often each kind of fault is drawn: no code, mistyped code, flaw of a cell.
const FAULTS: [u32; 3] = [40, 35, 25];
/// How often each kind of typing mistake is drawn: neighbours swapped, one digit wrong, wrong control character, sign
/// left out.
const MISTAKES: [u32; 4] = [50, 25, 15, 10];
/// Rows in 100,000 whose code is written otherwise than it should be, but legibly.
const LOWER_CASE: u32 = 1_000;
const PADDED: u32 = 400;
/// Only where the encoding has full-width characters.
const FULL_WIDTH: u32 = 100;
/// Rows in 100,000 that stand twice.
const DUPLICATED: u32 = 500;

/// How many rows have which defect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Defects {
    /// The identity code is absent.
    pub missing_code: u64,
    /// The identity code is mistyped, and so invalid.
    pub mistyped_code: u64,
    /// A code column has a code that the contract does not list.
    pub unknown_code: u64,
    /// A date or month does not exist.
    pub impossible_date: u64,
    /// The identity code is in lower case.
    pub lower_case: u64,
    /// The identity code has spaces around it.
    pub padded: u64,
    /// The identity code is in full-width characters.
    pub full_width: u64,
    /// The row stands twice.
    pub duplicated: u64,
    /// The row has a code that the person no longer has.
    pub old_code: u64,
    /// The row has a temporary code.
    pub temporary_code: u64,
    /// An identity code hides in free text.
    pub code_in_text: u64,
}

impl Defects {
    pub(super) fn add(&mut self, other: &Self) {
        self.missing_code += other.missing_code;
        self.mistyped_code += other.mistyped_code;
        self.unknown_code += other.unknown_code;
        self.impossible_date += other.impossible_date;
        self.lower_case += other.lower_case;
        self.padded += other.padded;
        self.full_width += other.full_width;
        self.duplicated += other.duplicated;
        self.old_code += other.old_code;
        self.temporary_code += other.temporary_code;
        self.code_in_text += other.code_in_text;
    }
}

/// A fault of one row.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    MissingCode,
    MistypedCode,
    Cell(Target),
}

/// Rows until the next fault of a table of a holder.
pub(super) struct Countdown(i32);

impl Countdown {
    pub(super) fn new(dice: &mut Dice) -> Self {
        Self(dice.between(ROWS_BETWEEN_FAULTS.0, ROWS_BETWEEN_FAULTS.1))
    }

    /// The fault of the next row, if it has one.
    pub(super) fn next(&mut self, dice: &mut Dice, targets: &[Target]) -> Option<Fault> {
        self.0 -= 1;
        if self.0 > 0 {
            return None;
        }
        *self = Self::new(dice);
        Some(match dice.weighted(&FAULTS) {
            2 if !targets.is_empty() => Fault::Cell(targets[dice.position(targets.len())]),
            1 => Fault::MistypedCode,
            _ => Fault::MissingCode,
        })
    }
}

impl Fault {
    /// Whether the row is rejected.
    pub(super) fn rejects(self) -> bool {
        match self {
            Self::MissingCode | Self::MistypedCode => true,
            Self::Cell(target) => target.rejects,
        }
    }

    pub(super) fn count(self, defects: &mut Defects) {
        match self {
            Self::MissingCode => defects.missing_code += 1,
            Self::MistypedCode => defects.mistyped_code += 1,
            Self::Cell(Target { flaw: Flaw::UnknownCode, .. }) => defects.unknown_code += 1,
            Self::Cell(_) => defects.impossible_date += 1,
        }
    }
}

impl Flaw {
    /// What stands in the cell of a row of this year.
    pub(super) fn value(self, year: i32) -> Value {
        match self {
            Self::UnknownCode => Value::UnknownCode,
            Self::NoDay => Value::NoDay(year),
            Self::NoMonth => Value::NoMonth(year),
        }
    }
}

/// Eleven full-width characters of three bytes each.
const LONGEST: usize = 33;

/// An identity code as a row has it.
pub(super) struct Spelled {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Spelled {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// No code at all.
    pub(super) fn empty() -> Self {
        Self { bytes: [0; LONGEST], length: 0 }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn of(bytes: &[u8]) -> Self {
        let mut spelled = Self::empty();
        spelled.push(bytes);
        spelled
    }
}

/// A code as it is typed, mostly as it should be, always so that normalising mends it.
pub(super) fn legible(code: &IdentityCode, dice: &mut Dice, latin: bool, defects: &mut Defects) -> Spelled {
    let drawn = dice.below(100_000);
    if drawn < LOWER_CASE {
        defects.lower_case += 1;
        Spelled::of(&code.as_bytes().to_ascii_lowercase())
    } else if drawn < LOWER_CASE + PADDED {
        defects.padded += 1;
        padded(code, dice.below(3), latin)
    } else if drawn < LOWER_CASE + PADDED + FULL_WIDTH && !latin {
        defects.full_width += 1;
        full_width(code)
    } else {
        Spelled::of(code.as_bytes())
    }
}

fn padded(code: &IdentityCode, form: u32, latin: bool) -> Spelled {
    let no_break: &[u8] = if latin { b"\xA0" } else { "\u{a0}".as_bytes() };
    let mut spelled = Spelled::of(if form == 0 { no_break } else { b" " });
    spelled.push(code.as_bytes());
    spelled.push(if form == 1 { b"  " } else { no_break });
    spelled
}

fn full_width(code: &IdentityCode) -> Spelled {
    let mut spelled = Spelled::empty();
    for &byte in code.as_bytes() {
        // U+FF01 to U+FF5E stand for the visible ASCII characters.
        let wide = char::from_u32(u32::from(byte) + 0xFEE0).unwrap_or(char::from(byte));
        spelled.push(wide.encode_utf8(&mut [0; 4]).as_bytes());
    }
    spelled
}

/// A code with a typing mistake: never a valid code, so never another person.
pub(super) fn mistyped(code: &IdentityCode, dice: &mut Dice) -> Spelled {
    let original = code.as_bytes();
    let mut typed = original.to_vec();
    let digit = [0, 1, 2, 3, 4, 5, 7, 8, 9][dice.position(9)];
    match dice.weighted(&MISTAKES) {
        0 => swap_at(&mut typed, [0, 1, 2, 3, 4, 7, 8][dice.position(7)]),
        1 => typed[digit] = b'0' + (typed[digit] - b'0' + 1 + dice.below(9) as u8) % 10,
        2 => typed[10] = if typed[10] == b'5' { b'6' } else { b'5' },
        _ => drop(typed.remove(6)),
    }
    if IdentityCode::parse(&typed).is_ok() {
        // The swapped digits were equal: a wrong control character is always caught.
        typed = original.to_vec();
        typed[10] = if typed[10] == b'5' { b'6' } else { b'5' };
    }
    Spelled::of(&typed)
}

fn swap_at(typed: &mut [u8], first: usize) {
    typed.swap(first, first + 1);
}

/// Whether a row stands twice.
pub(super) fn is_duplicated(dice: &mut Dice) -> bool {
    dice.below(100_000) < DUPLICATED
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::Day;

    fn codes() -> impl Iterator<Item = IdentityCode> {
        (2..900).filter_map(|number| IdentityCode::compose(Day::new(1985, 11, 11)?, b'U', number))
    }

    #[test]
    fn a_mistyped_code_is_never_a_valid_one() {
        let mut dice = Dice::new(1, 1);
        for code in codes() {
            assert!((0..20).all(|_| IdentityCode::parse(mistyped(&code, &mut dice).as_bytes()).is_err()));
        }
    }

    #[test]
    fn a_legible_code_reads_as_itself() {
        let (mut dice, mut defects) = (Dice::new(1, 1), Defects::default());
        for code in codes() {
            for _ in 0..50 {
                let spelled = legible(&code, &mut dice, false, &mut defects);
                assert!(IdentityCode::parse(spelled.as_bytes()) == Ok(code));
            }
            let latin = legible(&code, &mut dice, true, &mut defects);
            let text = encoding_rs::WINDOWS_1252.decode(latin.as_bytes()).0.into_owned();
            assert!(IdentityCode::parse(text.as_bytes()) == Ok(code));
        }
        assert!(defects.lower_case > 0 && defects.padded > 0 && defects.full_width > 0);
    }

    #[test]
    fn faults_are_never_so_close_that_a_small_table_is_refused() {
        let mut dice = Dice::new(1, 1);
        let mut countdown = Countdown::new(&mut dice);
        let (mut rows, mut faults) = (0, 0);
        for _ in 0..10_000 {
            rows += 1;
            faults += u32::from(countdown.next(&mut dice, &[]).is_some());
            assert!(f64::from(faults) / f64::from(rows) < 0.05);
        }
        assert!((120..160).contains(&faults), "{faults}");
    }
}
