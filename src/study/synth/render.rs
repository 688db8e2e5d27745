//! Lines of a source file, byte by byte.

use super::calendar::Calendar;
use super::layout::{Field, Filler, Layout, UNKNOWN_CODE};
use super::row::{Text, Value};
use super::vocabulary::MOST_COLUMNS;
use crate::table::DateForm;

/// What a line is made of.
pub(super) struct Line<'a> {
    pub(super) cells: &'a [Value; MOST_COLUMNS],
    /// The identity code as it is written here; empty if it is missing.
    pub(super) code: &'a [u8],
    pub(super) male: bool,
    /// Decides what does not matter.
    pub(super) salt: u32,
    /// For the wide annual layout.
    pub(super) year: Year,
}

/// A year of the wide annual layout.
#[derive(Clone, Copy, Default)]
pub(super) struct Year {
    pub(super) number: i32,
    /// A bit for each month, January the lowest.
    pub(super) months: u16,
    pub(super) cents: u32,
}

impl Layout {
    /// Appends a line to `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>, calendar: &Calendar, line: &Line<'_>) {
        for (position, field) in self.fields.iter().enumerate() {
            if position > 0 {
                out.push(self.style.delimiter);
            }
            match field {
                Field::Person if line.code.is_empty() => self.absent(out, line.salt),
                Field::Person => out.extend(line.code),
                Field::Cell(column) => self.cell(out, calendar, line.cells[*column], line.salt),
                Field::Listed(column, texts) => self.listed(out, texts, line.cells[*column], line.salt),
                Field::Year => number(out, line.year.number.unsigned_abs().into(), 4),
                Field::Month(month) => out.extend(self.mark(line.year.months >> month & 1 == 1)),
                Field::Filler(filler) => self.filler(out, *filler, line, line.salt.rotate_left(position as u32)),
            }
        }
        out.extend(self.style.line_end());
    }

    fn mark(&self, yes: bool) -> &[u8] {
        self.marks.as_ref().map_or(b"", |marks| if yes { &marks.yes } else { &marks.no })
    }

    fn absent(&self, out: &mut Vec<u8>, salt: u32) {
        let missing = &self.style.missing;
        if let Some(text) = missing.get(salt as usize % (missing.len() + 1)) {
            out.extend(text);
        }
    }

    fn listed(&self, out: &mut Vec<u8>, texts: &[Vec<u8>], value: Value, salt: u32) {
        let position = match value {
            Value::Code(code) => usize::from(code),
            Value::Area(area) => usize::from(area),
            Value::Flag(flag) => usize::from(flag),
            Value::UnknownCode => return out.extend(UNKNOWN_CODE.as_bytes()),
            _ => return self.absent(out, salt),
        };
        out.extend(&texts[position]);
    }

    fn cell(&self, out: &mut Vec<u8>, calendar: &Calendar, value: Value, salt: u32) {
        match value {
            Value::Day(day) => self.day(out, calendar.iso(day)),
            Value::Month(day) => out.extend(&calendar.iso(day)[..7]),
            Value::Cents(cents) => self.cents(out, cents),
            Value::Count(count) => number(out, count.into(), 1),
            Value::Flag(flag) => out.push(if flag { b'1' } else { b'0' }),
            Value::Household(id) => reference(out, b"KT", id),
            Value::Notice(id) => reference(out, b"ILM-", id),
            Value::Plan(id) => reference(out, b"S/", id),
            Value::Text(text, drawn) => self.text(out, text, drawn),
            Value::Telling(note, code) => self.telling(out, note, code.as_bytes()),
            Value::NoDay(year) => self.no_day(out, year),
            Value::NoMonth(year) => {
                number(out, year.unsigned_abs().into(), 4);
                out.extend(b"-13");
            }
            _ => self.absent(out, salt),
        }
    }

    fn day(&self, out: &mut Vec<u8>, iso: &[u8; 10]) {
        match self.style.dates {
            DateForm::Iso => out.extend(iso),
            DateForm::Finnish => {
                unpadded(out, &iso[8..]);
                out.push(b'.');
                unpadded(out, &iso[5..7]);
                out.push(b'.');
                out.extend(&iso[..4]);
            }
        }
    }

    fn no_day(&self, out: &mut Vec<u8>, year: i32) {
        let mut iso = *b"0000-02-30";
        let mut rest = year.unsigned_abs();
        for digit in iso[..4].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.day(out, &iso);
    }

    fn cents(&self, out: &mut Vec<u8>, cents: u32) {
        number(out, (cents / 100).into(), 1);
        out.push(self.style.decimal);
        number(out, (cents % 100).into(), 2);
    }

    fn text(&self, out: &mut Vec<u8>, text: Text, drawn: u32) {
        match text {
            Text::FirstNames => out.extend(self.pools.first_names(drawn)),
            Text::LastName => out.extend(self.pools.last_name(drawn)),
            Text::Address => out.extend(self.pools.address(drawn)),
            Text::Note => out.extend(self.pools.note(drawn)),
            // No subscriber number begins with 000.
            Text::Phone => {
                out.extend(b"050 000 ");
                number(out, (drawn % 10_000).into(), 4);
            }
        }
    }

    fn telling(&self, out: &mut Vec<u8>, note: u8, code: &[u8]) {
        let (before, after) = self.pools.telling(note);
        out.push(b'"');
        out.extend(before);
        out.extend(code);
        out.extend(after);
        out.push(b'"');
    }

    fn filler(&self, out: &mut Vec<u8>, filler: Filler, line: &Line<'_>, salt: u32) {
        match filler {
            Filler::Months => number(out, line.year.months.count_ones().into(), 1),
            Filler::Euros => self.cents(out, line.year.cents),
            Filler::Male => number(out, line.male.into(), 1),
            Filler::Female => number(out, (!line.male).into(), 1),
            Filler::Number => {
                out.push(b'T');
                number(out, (salt >> 8 & 0xFF).into(), 3);
            }
        }
    }
}

fn reference(out: &mut Vec<u8>, prefix: &[u8], id: u64) {
    out.extend(prefix);
    number(out, id, 10);
}

fn unpadded(out: &mut Vec<u8>, two: &[u8]) {
    out.extend(if two[0] == b'0' { &two[1..] } else { two });
}

/// Appends `value` with at least `width` digits.
pub(super) fn number(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while value > 0 {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend(&digits[start.min(digits.len() - width)..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_at_least_their_width() {
        let written = |value, width| {
            let mut out = Vec::new();
            number(&mut out, value, width);
            String::from_utf8(out).unwrap()
        };
        assert_eq!([written(0, 1), written(7, 2), written(1234, 2)], ["0", "07", "1234"]);
        assert_eq!(written(u64::MAX, 1), u64::MAX.to_string());
    }

    #[test]
    fn finnish_days_have_no_leading_zeros() {
        let mut out = Vec::new();
        unpadded(&mut out, b"09");
        unpadded(&mut out, b"10");
        assert_eq!(out, b"910");
    }
}
