//! Lines of a source file, byte by byte.

use super::identity::{IdentityField, Record};
use super::layout::{Field, Filler, Layout, UNKNOWN_CODE};
use super::number::push_number;
use super::row::{Cells, Text, Value};
use crate::table::{DateLayout, SAS_MONTHS};
use salanimi_core::{Day, IdentityCode};

/// Prefixes of references.
const HOUSEHOLD: &[u8] = b"KT";
const NOTICE: &[u8] = b"ILM-";
const PLAN: &[u8] = b"S/";
/// Digits of a reference.
const REFERENCE_WIDTH: usize = 10;
/// Beginning of telephone numbers. No subscriber number begins with 000.
const PHONE: &[u8] = b"050 000 ";

/// Content of a line.
pub(super) struct Line<'a> {
    pub(super) cells: &'a Cells,
    /// The identity code as written in this row; empty if it is missing.
    pub(super) code: &'a [u8],
    pub(super) male: bool,
    /// What the holder knows of the person beside the code.
    pub(super) record: &'a Record,
    /// The day of the row.
    pub(super) day: Day,
    /// Decides fillers and texts for missing values.
    pub(super) salt: u32,
    /// For the wide annual layout.
    pub(super) year: YearOfMonths,
}

/// A year of assistance in the wide annual layout.
#[derive(Clone, Copy, Default)]
pub(super) struct YearOfMonths {
    pub(super) number: i32,
    /// A bit for each month, January the lowest.
    pub(super) months: u16,
    pub(super) cents: u32,
}

impl Layout {
    /// Appends a line to `out`.
    pub(super) fn append_line(&self, out: &mut Vec<u8>, line: &Line<'_>) {
        for (position, field) in self.fields.iter().enumerate() {
            if position > 0 {
                out.push(self.dialect.delimiter);
            }
            match field {
                Field::Person if line.code.is_empty() => self.missing(out, line.salt),
                Field::Person => out.extend(line.code),
                Field::Cell(column) => self.cell(out, line.cells.get(*column), line.salt),
                Field::Listed(column, texts) => self.listed(out, texts, line.cells.get(*column), line.salt),
                Field::Identity(field) => self.identity(out, *field, line),
                Field::Year => push_number(out, line.year.number.unsigned_abs().into(), 4),
                Field::Month(month) => out.extend(self.mark(line.year.months >> month & 1 == 1)),
                Field::Filler(filler) => self.filler(out, *filler, line, line.salt.rotate_left(position as u32)),
            }
        }
        out.extend(self.dialect.line_end());
    }

    fn mark(&self, yes: bool) -> &[u8] {
        match &self.marks {
            Some(marks) if yes => &marks.yes,
            Some(marks) => &marks.no,
            None => unreachable!("only a layout with marks has month columns"),
        }
    }

    fn missing(&self, out: &mut Vec<u8>, salt: u32) {
        let texts = &self.dialect.missing;
        // One more than there are texts: empty text means "no value", too.
        if let Some(text) = texts.get(salt as usize % (texts.len() + 1)) {
            out.extend(text);
        }
    }

    fn listed(&self, out: &mut Vec<u8>, texts: &[Vec<u8>], value: Value, salt: u32) {
        let position = match value {
            Value::Code(code) => usize::from(code),
            Value::Area(area) => usize::from(area),
            Value::Flag(flag) => usize::from(flag),
            Value::UnknownCode => return out.extend(UNKNOWN_CODE.as_bytes()),
            _ => return self.missing(out, salt),
        };
        out.extend(&texts[position]);
    }

    fn cell(&self, out: &mut Vec<u8>, value: Value, salt: u32) {
        match value {
            Value::Day(day) => self.date(out, day.year(), day.month(), day.day()),
            Value::Month(month) => {
                let first = month.first_day();
                push_month(out, first.year(), first.month());
            }
            Value::Cents(cents) => self.euros(out, cents),
            Value::Count(count) => push_number(out, count.into(), 1),
            Value::Flag(flag) => out.push(if flag { b'1' } else { b'0' }),
            Value::Household(id) => push_reference(out, HOUSEHOLD, id),
            Value::Notice(id) => push_reference(out, NOTICE, id),
            Value::Plan(id) => push_reference(out, PLAN, id),
            Value::Text(text, number) => self.text(out, text, number),
            Value::NoteWithCode(note, code) => self.note_with_code(out, note, &code),
            Value::ImpossibleDay(year) => self.date(out, year, 2, 30),
            Value::ImpossibleMonth(year) => push_month(out, year, 13),
            _ => self.missing(out, salt),
        }
    }

    fn date(&self, out: &mut Vec<u8>, year: i32, month: i32, day: i32) {
        let [year, month, day] = [year, month, day].map(|number| u64::from(number.unsigned_abs()));
        match self.dialect.dates.layout {
            DateLayout::Iso => push_numbers(out, "-", &[(year, 4), (month, 2), (day, 2)]),
            DateLayout::Compact => push_numbers(out, "", &[(year, 4), (month, 2), (day, 2)]),
            DateLayout::Finnish => push_numbers(out, ".", &[(day, 1), (month, 1), (year, 4)]),
            DateLayout::Finnish19 | DateLayout::Finnish20 => {
                push_numbers(out, ".", &[(day, 1), (month, 1), (year % 100, 2)]);
            }
            DateLayout::Sas => {
                push_number(out, day, 2);
                out.extend(SAS_MONTHS[month as usize - 1].as_bytes());
                push_number(out, year, 4);
            }
            DateLayout::CompactMonth | DateLayout::FinnishMonth => unreachable!("the dialect's form is one of days"),
        }
        if self.dialect.dates.has_time {
            out.extend(b" 12:00");
        }
    }

    fn euros(&self, out: &mut Vec<u8>, cents: u32) {
        push_number(out, (cents / 100).into(), 1);
        out.extend(self.dialect.decimal.encode_utf8(&mut [0; 4]).as_bytes());
        push_number(out, (cents % 100).into(), 2);
    }

    fn text(&self, out: &mut Vec<u8>, text: Text, number: u32) {
        match text {
            Text::Note => out.extend(self.pools.note(number)),
            Text::Phone => {
                out.extend(PHONE);
                push_number(out, (number % 10_000).into(), 4);
            }
        }
    }

    fn identity(&self, out: &mut Vec<u8>, field: IdentityField, line: &Line<'_>) {
        match line.record.text(field, line.day) {
            Some("") => self.missing(out, line.salt),
            Some(text) if self.dialect.is_latin() => out.extend(text.chars().map(latin_1)),
            Some(text) => out.extend(text.as_bytes()),
            None => match line.record.birth {
                Some((year, month, day)) => self.date(out, year, month, day),
                None => self.missing(out, line.salt),
            },
        }
    }

    fn note_with_code(&self, out: &mut Vec<u8>, note: u8, code: &IdentityCode) {
        let note = self.pools.note_with_code(note);
        out.push(b'"');
        out.extend(&note.before);
        out.extend(code.as_bytes());
        out.extend(&note.after);
        out.push(b'"');
    }

    fn filler(&self, out: &mut Vec<u8>, filler: Filler, line: &Line<'_>, salt: u32) {
        match filler {
            Filler::Months => push_number(out, line.year.months.count_ones().into(), 1),
            Filler::Euros => self.euros(out, line.year.cents),
            Filler::Male => push_number(out, line.male.into(), 1),
            Filler::Female => push_number(out, (!line.male).into(), 1),
            Filler::Number => {
                out.push(b'T');
                push_number(out, (salt >> 8 & 0xFF).into(), 3);
            }
        }
    }
}

/// Returns a character of a name or an address in Latin-1.
fn latin_1(character: char) -> u8 {
    match u8::try_from(character) {
        Ok(byte) => byte,
        Err(_) => unreachable!("names exist in Latin-1, as a test of them shows"),
    }
}

fn push_month(out: &mut Vec<u8>, year: i32, month: i32) {
    push_number(out, year.unsigned_abs().into(), 4);
    out.push(b'-');
    push_number(out, month.unsigned_abs().into(), 2);
}

/// Writes numbers with so many digits each, and a mark between them.
fn push_numbers(out: &mut Vec<u8>, mark: &str, numbers: &[(u64, usize)]) {
    for (at, &(number, width)) in numbers.iter().enumerate() {
        if at > 0 {
            out.extend(mark.as_bytes());
        }
        push_number(out, number, width);
    }
}

fn push_reference(out: &mut Vec<u8>, prefix: &[u8], id: u64) {
    out.extend(prefix);
    push_number(out, id, REFERENCE_WIDTH);
}
