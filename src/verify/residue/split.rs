//! Identity codes split over the columns of a row: the birth date in one or three, the rest in one or two others.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::tally::{Finding, Tally};
use crate::shared::Shared;
use crate::table::{Cells, Rows};
use crate::verify::detect::birth;
use crate::verify::detect::codes::checked;
use crate::verify::detect::{Kind, Sighting, fingerprint};
use crate::verify::subject::{Subject, SubjectTable};
use salanimi_core::Day;

/// Rows of a batch that are tested. Split codes are in every row, so a part of the rows is enough.
const ROWS: usize = 512;
/// Rows that decide which part of a code a column can hold.
const SAMPLE: usize = 32;
/// Most columns of each part that are combined.
const MOST_COLUMNS: usize = 12;
/// Different strings that are counted of a combination.
const MOST_STRINGS: usize = 1 << 16;

/// `DDMMYY`.
type Date = [u8; 6];
/// Individual number and control character.
type Ending = [u8; 4];
/// Individual number.
type Number = [u8; 3];

/// Columns that make up codes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Combination {
    date: usize,
    /// Column of the individual number, with the control character unless that has its own column.
    number: usize,
    control: Option<usize>,
}

/// Tallies of all combinations, over all batches of a table.
#[derive(Default)]
pub(super) struct Splits(Shared<HashMap<Combination, Tally>>);

/// Columns that can hold one part of a code, with the part in each tested row.
struct Parts<T>(Vec<(usize, Vec<Option<T>>)>);

impl<T: Copy> Parts<T> {
    const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a column if `read` finds the part in most cells of the sample, and `fits` accepts them.
    fn add(&mut self, column: usize, rows: &[usize], read: impl Fn(usize) -> Option<T>, fits: impl Fn(&[T]) -> bool) {
        let sample = &rows[..rows.len().min(SAMPLE)];
        let parts: Vec<T> = sample.iter().filter_map(|&row| read(row)).collect();
        let has_most = parts.len() * 5 >= sample.len() * 3 && !parts.is_empty();
        if self.0.len() < MOST_COLUMNS && has_most && fits(&parts) {
            self.0.push((column, rows.iter().map(|&row| read(row)).collect()));
        }
    }
}

/// Parts of codes in a batch.
struct Columns {
    dates: Parts<Date>,
    endings: Parts<Ending>,
    numbers: Parts<Number>,
    controls: Parts<u8>,
}

impl Columns {
    fn of(batch: &Rows, rows: &[usize]) -> Self {
        let mut found =
            Self { dates: Parts::new(), endings: Parts::new(), numbers: Parts::new(), controls: Parts::new() };
        for (column, cells) in batch.columns.iter().enumerate() {
            found.dates.add(column, rows, |row| date(cells, row), |_| true);
            found.endings.add(
                column,
                rows,
                |row| ending(cells, row),
                |endings| has_letters(endings.iter().map(|e| e[3])),
            );
            found.numbers.add(column, rows, |row| number(cells, row), varies);
            found.controls.add(
                column,
                rows,
                |row| control(cells, row),
                |controls| varies(controls) && has_letters(controls.iter().copied()),
            );
        }
        for (first, parts) in batch.columns.windows(3).enumerate() {
            found.dates.add(first, rows, |row| date_of_parts(parts, row), varies);
        }
        found
    }
}

impl Splits {
    /// Counts the codes in the rows of a batch.
    pub fn add(&self, batch: &Rows) {
        let step = batch.len().div_ceil(ROWS).max(1);
        let rows: Vec<usize> = (0..batch.len()).step_by(step).collect();
        let columns = Columns::of(batch, &rows);
        for (date, dates) in &columns.dates.0 {
            for (number, endings) in &columns.endings.0 {
                let combination = Combination { date: *date, number: *number, control: None };
                self.count(combination, dates, endings, batch.first, &rows);
            }
            for (number, numbers) in &columns.numbers.0 {
                for (control, controls) in &columns.controls.0 {
                    let endings: Vec<_> = numbers.iter().zip(controls).map(|(n, c)| joined(*n, *c)).collect();
                    let combination = Combination { date: *date, number: *number, control: Some(*control) };
                    self.count(combination, dates, &endings, batch.first, &rows);
                }
            }
        }
    }

    fn count(
        &self,
        combination: Combination,
        dates: &[Option<Date>],
        endings: &[Option<Ending>],
        first: u64,
        rows: &[usize],
    ) {
        let codes = dates.iter().zip(endings).zip(rows).filter_map(|((date, ending), row)| {
            let (code, hit) = checked((*date)?, None, (*ending)?)?;
            let sighting = Sighting { kind: Kind::Split, value: fingerprint(&code), hit, features: 0, number: None };
            Some((sighting, first + *row as u64))
        });
        let codes: Vec<_> = codes.collect();
        let mut tallies = self.0.lock();
        let tally = tallies.entry(combination).or_default();
        codes.iter().for_each(|(sighting, row)| tally.add(sighting, Some(*row), MOST_STRINGS));
    }

    /// Returns the findings, sorted by their columns.
    pub fn findings(self, table: &SubjectTable) -> Vec<Finding> {
        let mut tallies: Vec<_> = self.0.into_inner().into_iter().collect();
        tallies.sort_by_key(|(combination, _)| *combination);
        let closed = tallies.into_iter().map(|(combination, tally)| {
            let others = [Some(combination.number), combination.control].into_iter().flatten();
            let labels: Vec<&str> = others.map(|column| table.columns[column].label.as_str()).collect();
            let place = format!("{} + {}", Subject::place(table, combination.date), labels.join(" + "));
            tally.close(place, Kind::Split).finding
        });
        closed.collect()
    }
}

fn joined(number: Option<Number>, control: Option<u8>) -> Option<Ending> {
    let [a, b, c] = number?;
    Some([a, b, c, control?])
}

fn varies<T: Copy + Hash + Eq>(parts: &[T]) -> bool {
    parts.iter().collect::<HashSet<_>>().len() >= (parts.len() / 2).clamp(2, 8)
}

/// Returns true if at least a quarter of the characters are letters: two in three control characters are.
fn has_letters(characters: impl ExactSizeIterator<Item = u8>) -> bool {
    let all = characters.len();
    characters.filter(u8::is_ascii_alphabetic).count() * 4 >= all
}

fn date(cells: &Cells, row: usize) -> Option<Date> {
    match cells {
        Cells::Day(days) if !cells.is_null(row) => birth::of_day(Day::from_epoch_days(days.value(row))?),
        Cells::Text(texts) => birth::whole_cell(texts.get(row)?.trim().as_bytes()),
        Cells::Integer(_) | Cells::Number(_) => match whole_number(cells, row)? {
            value @ 10_100..=311_299 => birth::whole_cell(format!("{value:06}").as_bytes()),
            value @ 1_011_850..=31_129_999 => birth::whole_cell(format!("{value:08}").as_bytes()),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a birth date from three columns: day, month and year, or year, month and day.
fn date_of_parts(parts: &[Cells], row: usize) -> Option<Date> {
    let first = date_part(&parts[0], row)?;
    let month = date_part(&parts[1], row)?;
    let last = date_part(&parts[2], row)?;
    let days = 1..=31;
    let is_day_first = days.contains(&first);
    let day = if is_day_first { first } else { last };
    let year = if is_day_first { last } else { first };
    let is_year = (0..100).contains(&year) || (1850..2100).contains(&year);
    let is_date = days.contains(&day) && (1..=12).contains(&month) && is_year;
    is_date.then(|| birth::whole_cell(format!("{day:02}{month:02}{:02}", year % 100).as_bytes()))?
}

fn date_part(cells: &Cells, row: usize) -> Option<i64> {
    match cells {
        Cells::Text(texts) => texts.get(row).filter(|text| (1..=4).contains(&text.len()))?.parse().ok(),
        _ => whole_number(cells, row),
    }
}

/// Reads an individual number with its control character; a sign may precede.
fn ending(cells: &Cells, row: usize) -> Option<Ending> {
    let Cells::Text(texts) = cells else { return None };
    let text = match texts.get(row)?.trim().as_bytes() {
        [b'-' | b'+' | b'A'..=b'F' | b'U'..=b'Y', rest @ ..] if rest.len() == 4 => rest,
        text => text,
    };
    let text: Ending = text.try_into().ok()?;
    (text[..3].iter().all(u8::is_ascii_digit) && text[3].is_ascii_alphanumeric()).then_some(text)
}

/// Reads an individual number alone.
fn number(cells: &Cells, row: usize) -> Option<Number> {
    let value = match cells {
        Cells::Text(texts) => texts.get(row).filter(|text| text.len() <= 3)?.parse().ok()?,
        _ => whole_number(cells, row)?,
    };
    (2..1000).contains(&value).then(|| [value / 100, value / 10 % 10, value % 10].map(|digit| b'0' + digit as u8))
}

fn control(cells: &Cells, row: usize) -> Option<u8> {
    let Cells::Text(texts) = cells else { return None };
    match texts.get(row)?.as_bytes() {
        [character] if character.is_ascii_alphanumeric() => Some(character.to_ascii_uppercase()),
        _ => None,
    }
}

fn whole_number(cells: &Cells, row: usize) -> Option<i64> {
    match cells {
        _ if cells.is_null(row) => None,
        Cells::Integer(array) => Some(array.value(row)),
        Cells::Number(array) => Some(array.value(row)).filter(|value| value.fract() == 0.0).map(|value| value as i64),
        _ => None,
    }
}
