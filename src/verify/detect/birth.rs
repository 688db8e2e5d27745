//! Birth dates, in every notation that stands in front of the rest of an identity code.

use salanimi_core::Day;

/// A birth date in text.
pub(super) struct Birth {
    /// `DDMMYY`.
    pub digits: [u8; 6],
    /// Sign of the century, if the year has four digits.
    pub sign: Option<u8>,
    /// `true` for every notation but `DDMMYY`.
    pub is_long: bool,
    /// `true` if separators stand between day, month and year.
    pub is_separated: bool,
    /// Position after the last digit.
    pub end: usize,
}

/// Reads the date at `start`, where a run of digits to `end` begins.
pub(super) fn at(bytes: &[u8], start: usize, end: usize) -> Option<Birth> {
    match end - start {
        6 => {
            let digits = bytes[start..end].try_into().ok()?;
            Some(Birth { digits, sign: None, is_long: false, is_separated: false, end })
        }
        8 => eight_digits(&bytes[start..end]).map(|birth| Birth { end, ..birth }),
        4 => iso(bytes.get(start..start + 10)?).map(|birth| Birth { end: start + 10, ..birth }),
        1 | 2 => dotted(&bytes[start..]).map(|birth| Birth { end: start + birth.end, ..birth }),
        _ => None,
    }
}

/// Reads `ddmmyyyy` or `yyyymmdd`.
fn eight_digits(run: &[u8]) -> Option<Birth> {
    let day_first = birth(number(&run[4..])?, number(&run[2..4])?, number(&run[..2])?);
    day_first.or_else(|| birth(number(&run[..4])?, number(&run[4..6])?, number(&run[6..])?))
}

/// Reads `yyyy-mm-dd`.
fn iso(text: &[u8]) -> Option<Birth> {
    let has_separators = text[4] == text[7] && matches!(text[4], b'-' | b'/' | b'.');
    let birth = has_separators.then(|| birth(number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?))??;
    Some(Birth { is_separated: true, ..birth })
}

/// Reads `d.m.yyyy` or `d.m.yy`.
fn dotted(text: &[u8]) -> Option<Birth> {
    let month_at = digits_at(text, 0) + 1;
    is_separator(text, month_at - 1).then_some(())?;
    let month_digits = Some(digits_at(text, month_at)).filter(|length| matches!(length, 1 | 2))?;
    let year_at = month_at + month_digits + 1;
    is_separator(text, year_at - 1).then_some(())?;
    let end = year_at + digits_at(text, year_at);
    let day = number(&text[..month_at - 1])?;
    let month = number(&text[month_at..year_at - 1])?;
    let year = number(&text[year_at..end])?;
    let birth = match end - year_at {
        4 => birth(year, month, day)?,
        2 => {
            let either = birth(2000 + year, month, day).or_else(|| birth(1900 + year, month, day))?;
            Birth { sign: None, ..either }
        }
        _ => return None,
    };
    Some(Birth { end, is_separated: true, ..birth })
}

/// Returns the length of the run of digits at `at`, up to 5.
fn digits_at(text: &[u8], at: usize) -> usize {
    text[at..].iter().take(5).take_while(|b| b.is_ascii_digit()).count()
}

fn is_separator(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), Some(b'.' | b'/'))
}

fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i32::from(b - b'0')))
}

/// Returns the birth date, if it exists and is of a century with identity codes.
fn birth(year: i32, month: i32, day: i32) -> Option<Birth> {
    (1850..2100).contains(&year).then(|| Day::new(year, month, day))??;
    let [d1, d2] = two_digits(day);
    let [m1, m2] = two_digits(month);
    let [y1, y2] = two_digits(year);
    let sign = match year {
        ..1900 => b'+',
        1900..2000 => b'-',
        _ => b'A',
    };
    Some(Birth { digits: [d1, d2, m1, m2, y1, y2], sign: Some(sign), is_long: true, is_separated: false, end: 0 })
}

fn two_digits(value: i32) -> [u8; 2] {
    [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]
}

/// Reads a whole cell that is a date in any notation; a sign or a time may follow. Returns `DDMMYY`.
pub(crate) fn whole_cell(cell: &[u8]) -> Option<[u8; 6]> {
    whole(cell).map(|birth| birth.digits)
}

/// Reads a whole cell as [`whole_cell`] does. Returns the day; of `DDMMYY` in the last century that makes it one.
pub(crate) fn day_of_cell(cell: &[u8]) -> Option<Day> {
    let birth = whole(cell)?;
    let [day, month, year] = [0, 2, 4].map(|at| number(&birth.digits[at..at + 2]));
    let centuries: &[i32] = match birth.sign {
        Some(b'+') => &[1800],
        Some(b'-') => &[1900],
        Some(_) => &[2000],
        None => &[1900, 2000],
    };
    centuries.iter().find_map(|century| Day::new(century + year?, month?, day?))
}

fn whole(cell: &[u8]) -> Option<Birth> {
    let run = cell.iter().take_while(|b| b.is_ascii_digit()).count();
    let birth = at(cell, 0, run)?;
    let ends_well = match &cell[birth.end..] {
        [] | [b'-' | b'+' | b'A'..=b'F' | b'U'..=b'Y'] => true,
        [separator, ..] => birth.is_separated && matches!(separator, b' ' | b'T'),
    };
    (ends_well && is_day(birth.digits)).then_some(birth)
}

/// Returns a day as `DDMMYY`.
pub(crate) fn of_day(day: Day) -> Option<[u8; 6]> {
    iso(day.to_string().as_bytes()).map(|birth| birth.digits)
}

/// Returns true if `DDMMYY` is a day of some century.
pub(super) fn is_day(digits: [u8; 6]) -> bool {
    let [d1, d2, m1, m2, y1, y2] = digits;
    let (Some(day), Some(month), Some(year)) = (number(&[d1, d2]), number(&[m1, m2]), number(&[y1, y2])) else {
        return false;
    };
    Day::new(2000 + year, month, day).is_some()
}
