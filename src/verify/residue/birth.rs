//! Birth dates, however they are written in front of the rest of a code.

use salanimi_core::Day;

/// A birth date in text.
pub(super) struct Birth {
    /// `DDMMYY`.
    pub digits: [u8; 6],
    /// The sign that the century asks for, if the year was written in full.
    pub sign: Option<u8>,
    /// Whether it was written in another way than `DDMMYY`.
    pub long: bool,
    /// Whether its parts are apart, as in any date.
    pub dotted: bool,
    /// Where it ends.
    pub end: usize,
}

/// The date that begins at `start`, where a run of digits to `end` begins.
pub(super) fn at(bytes: &[u8], start: usize, end: usize) -> Option<Birth> {
    match end - start {
        6 => Some(Birth { digits: bytes[start..end].try_into().ok()?, sign: None, long: false, dotted: false, end }),
        8 => eight(&bytes[start..end]).map(|born| Birth { end, ..born }),
        4 => iso(bytes.get(start..start + 10)?).map(|born| Birth { end: start + 10, ..born }),
        1 | 2 => dotted(&bytes[start..]).map(|born| Birth { end: start + born.end, ..born }),
        _ => None,
    }
}

/// `ddmmyyyy` or `yyyymmdd`.
fn eight(run: &[u8]) -> Option<Birth> {
    let day_first = of(number(&run[4..])?, number(&run[2..4])?, number(&run[..2])?);
    day_first.or_else(|| of(number(&run[..4])?, number(&run[4..6])?, number(&run[6..])?))
}

fn iso(text: &[u8]) -> Option<Birth> {
    let formed = text[4] == text[7] && matches!(text[4], b'-' | b'/' | b'.');
    let born = formed.then(|| of(number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?))??;
    Some(Birth { dotted: true, ..born })
}

/// `d.m.yyyy` or `d.m.yy`.
fn dotted(text: &[u8]) -> Option<Birth> {
    let run = |from: usize| text[from..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    let separated = |at: usize| matches!(text.get(at), Some(b'.' | b'/'));
    let day = run(0);
    let month = separated(day).then(|| run(day + 1)).filter(|length| matches!(length, 1 | 2))?;
    let year_at = day + month + 2;
    let year = separated(year_at - 1).then(|| run(year_at))?;
    let end = year_at + year;
    let (day, month) = (number(&text[..day])?, number(&text[day + 1..year_at - 1])?);
    let born = match year {
        4 => of(number(&text[year_at..end])?, month, day)?,
        2 => {
            let short = of(2000 + number(&text[year_at..end])?, month, day);
            let born = short.or_else(|| of(1900 + number(&text[year_at..end]).unwrap_or(0), month, day))?;
            Birth { sign: None, ..born }
        }
        _ => return None,
    };
    Some(Birth { end, dotted: true, ..born })
}

fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i32::from(b - b'0')))
}

/// The birth date, if anybody in a register can have it.
fn of(year: i32, month: i32, day: i32) -> Option<Birth> {
    (1850..2100).contains(&year).then(|| Day::new(year, month, day))??;
    let two = |value: i32| [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8];
    let ([d1, d2], [m1, m2], [y1, y2]) = (two(day), two(month), two(year));
    let sign = Some(match year {
        ..1900 => b'+',
        1900..2000 => b'-',
        _ => b'A',
    });
    Some(Birth { digits: [d1, d2, m1, m2, y1, y2], sign, long: true, dotted: false, end: 0 })
}

/// `DDMMYY` of a whole cell, however the date is written in it; a sign may stand behind it.
pub(super) fn whole(cell: &[u8]) -> Option<[u8; 6]> {
    let run = cell.iter().take_while(|b| b.is_ascii_digit()).count();
    let born = at(cell, 0, run)?;
    let signed =
        matches!(cell.get(born.end..), Some([sign]) if matches!(sign, b'-' | b'+' | b'A'..=b'F' | b'U'..=b'Y'));
    let timed = matches!(cell.get(born.end), Some(b' ' | b'T')) && born.dotted;
    (born.end == cell.len() || signed || timed).then_some(born.digits).filter(|digits| is_day(*digits))
}

/// `DDMMYY` of a day.
pub(super) fn of_day(day: Day) -> Option<[u8; 6]> {
    iso(day.to_string().as_bytes()).map(|born| born.digits)
}

/// Whether `DDMMYY` is a day of some century.
pub(super) fn is_day(digits: [u8; 6]) -> bool {
    let two = |at: usize| number(&digits[at..at + 2]).unwrap_or(0);
    Day::new(2000 + two(4), two(2), two(0)).is_some()
}
