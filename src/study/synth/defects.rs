//! Defects of real data, and the rates at which synthetic rows have them.

use serde::Serialize;

use super::layout::{CellFault, FaultTarget};
use super::random::Random;
use super::row::Value;
use super::written_code::WrittenCode;
use salanimi_core::IdentityCode;

/// Rows of a table from one fault to the next, drawn evenly: 1 row in 71 on average.
const ROWS_BETWEEN_FAULTS: (i32, i32) = (22, 120);
/// At most one record in so many is of a faulty row, so that even a small table stays below a `max_reject_share` of
/// 5 %.
const RECORDS_PER_FAULTY: u32 = 20;
/// Weights of faults: missing code, mistyped code, fault of a cell.
const FAULTS: [u32; 3] = [40, 35, 25];
/// Weights of typing mistakes: neighbours swapped, one digit wrong, wrong control character, missing sign.
const MISTAKES: [u32; 4] = [50, 25, 15, 10];
/// Positions of digits in an identity code.
const DIGITS: [usize; 9] = [0, 1, 2, 3, 4, 5, 7, 8, 9];
/// Positions of digits whose right neighbour is a digit.
const SWAPPED: [usize; 7] = [0, 1, 2, 3, 4, 7, 8];
/// Position of the sign in an identity code.
const SIGN: usize = 6;
/// Position of the control character in an identity code.
const CONTROL: usize = 10;
/// Rows in this number for the rates below.
const ROWS: u32 = 100_000;
/// Rows with a lower-case code.
const LOWER_CASE: u32 = 1_000;
/// Rows with spaces around the code.
const PADDED: u32 = 400;
/// Rows with a full-width code. Only where the encoding has full-width characters.
const FULL_WIDTH: u32 = 100;
/// Rows that are written twice.
const DUPLICATED: u32 = 500;

/// Numbers of rows with defects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Defects {
    /// The identity code is missing.
    pub missing_code: u64,
    /// The municipality does not know the person's code. Only if the contract links persons without a code.
    pub without_code: u64,
    /// The identity code is mistyped and therefore invalid.
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
    /// The row is written twice.
    pub duplicated: u64,
    /// The row has a former code of the person.
    pub old_code: u64,
    /// The row has a temporary code.
    pub temporary_code: u64,
    /// Free text contains an identity code.
    pub code_in_text: u64,
}

impl Defects {
    pub(super) fn add(&mut self, other: &Self) {
        self.missing_code += other.missing_code;
        self.without_code += other.without_code;
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
    Cell(FaultTarget),
}

/// Rows of a holder's table until the next fault.
pub(super) struct Countdown {
    rows: i32,
    /// Records so far, and those of faulty rows. A row of the wide annual layout is several records.
    records: u32,
    faulty: u32,
}

impl Countdown {
    pub(super) fn new(random: &mut Random) -> Self {
        Self { rows: rows_to_fault(random), records: 0, faulty: 0 }
    }

    /// Counts a row of so many records and returns its fault, if it has one.
    pub(super) fn next(&mut self, random: &mut Random, targets: &[FaultTarget], records: u32) -> Option<Fault> {
        self.rows -= 1;
        self.records += records;
        if self.rows > 0 || (self.faulty + records) * RECORDS_PER_FAULTY > self.records {
            return None;
        }
        self.rows = rows_to_fault(random);
        self.faulty += records;
        Some(match random.weighted(&FAULTS) {
            2 if !targets.is_empty() => Fault::Cell(random.one_of(targets)),
            1 => Fault::MistypedCode,
            _ => Fault::MissingCode,
        })
    }
}

fn rows_to_fault(random: &mut Random) -> i32 {
    random.between(ROWS_BETWEEN_FAULTS.0, ROWS_BETWEEN_FAULTS.1)
}

impl Fault {
    /// Returns true if the row is rejected.
    pub(super) fn rejects(self) -> bool {
        match self {
            Self::MissingCode | Self::MistypedCode => true,
            Self::Cell(target) => target.rejects,
        }
    }

    /// Returns true if the row has no usable code.
    pub(super) fn is_of_code(self) -> bool {
        matches!(self, Self::MissingCode | Self::MistypedCode)
    }

    /// Adds the fault to `defects`.
    pub(super) fn count(self, defects: &mut Defects) {
        match self {
            Self::MissingCode => defects.missing_code += 1,
            Self::MistypedCode => defects.mistyped_code += 1,
            Self::Cell(FaultTarget { fault: CellFault::UnknownCode, .. }) => defects.unknown_code += 1,
            Self::Cell(_) => defects.impossible_date += 1,
        }
    }
}

impl CellFault {
    /// Returns the value of the faulty cell in a row of this year.
    pub(super) fn value(self, year: i32) -> Value {
        match self {
            Self::UnknownCode => Value::UnknownCode,
            Self::ImpossibleDay => Value::ImpossibleDay(year),
            Self::ImpossibleMonth => Value::ImpossibleMonth(year),
        }
    }
}

/// Returns a code as typed: mostly canonical, always one that canonicalisation repairs.
pub(super) fn readable_code(
    code: &IdentityCode,
    random: &mut Random,
    latin: bool,
    defects: &mut Defects,
) -> WrittenCode {
    let drawn = random.below(ROWS);
    if drawn < LOWER_CASE {
        defects.lower_case += 1;
        WrittenCode::lower_case(code)
    } else if drawn < LOWER_CASE + PADDED {
        defects.padded += 1;
        WrittenCode::padded(code, random.below(3), latin)
    } else if drawn < LOWER_CASE + PADDED + FULL_WIDTH && !latin {
        defects.full_width += 1;
        WrittenCode::full_width(code)
    } else {
        WrittenCode::new(code.as_bytes())
    }
}

/// Returns a code with a typing mistake. It is never valid, so it is never another person's code.
pub(super) fn mistyped_code(code: &IdentityCode, random: &mut Random) -> WrittenCode {
    let original = code.as_bytes();
    let mut typed = original.to_vec();
    let digit = random.one_of(&DIGITS);
    match random.weighted(&MISTAKES) {
        0 => {
            let first = random.one_of(&SWAPPED);
            typed.swap(first, first + 1);
        }
        1 => typed[digit] = b'0' + (typed[digit] - b'0' + 1 + random.below(9) as u8) % 10,
        2 => spoil_control(&mut typed),
        _ => drop(typed.remove(SIGN)),
    }
    if IdentityCode::parse(&typed).is_ok() {
        // The swapped digits were equal. A wrong control character is always detected.
        typed = original.to_vec();
        spoil_control(&mut typed);
    }
    WrittenCode::new(&typed)
}

fn spoil_control(code: &mut [u8]) {
    code[CONTROL] = if code[CONTROL] == b'5' { b'6' } else { b'5' };
}

/// Returns true if a row is written twice.
pub(super) fn is_duplicated(random: &mut Random) -> bool {
    random.below(ROWS) < DUPLICATED
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::Day;

    fn codes() -> impl Iterator<Item = IdentityCode> {
        (2..900).filter_map(|number| IdentityCode::compose(Day::new(1985, 11, 11)?, b'U', number))
    }

    #[test]
    fn a_mistyped_code_is_never_valid() {
        let mut random = Random::new(1, 1);
        for code in codes() {
            assert!((0..20).all(|_| IdentityCode::parse(mistyped_code(&code, &mut random).as_bytes()).is_err()));
        }
    }

    #[test]
    fn a_readable_code_parses_as_itself() {
        let mut random = Random::new(1, 1);
        let mut defects = Defects::default();
        for code in codes() {
            for _ in 0..50 {
                let written = readable_code(&code, &mut random, false, &mut defects);
                assert!(IdentityCode::parse(written.as_bytes()) == Ok(code));
            }
            let latin = readable_code(&code, &mut random, true, &mut defects);
            let text = encoding_rs::WINDOWS_1252.decode(latin.as_bytes()).0.into_owned();
            assert!(IdentityCode::parse(text.as_bytes()) == Ok(code));
        }
        assert!(defects.lower_case > 0 && defects.padded > 0 && defects.full_width > 0);
    }

    #[test]
    fn faulty_records_never_exceed_one_in_twenty() {
        for of_row in [1, 12] {
            let mut random = Random::new(1, 1);
            let mut countdown = Countdown::new(&mut random);
            let mut faults = 0;
            for rows in 1..=10_000 {
                faults += u32::from(countdown.next(&mut random, &[], of_row).is_some());
                assert!(20 * faults <= rows);
            }
            assert!((120..160).contains(&faults), "{faults}");
        }
    }
}
