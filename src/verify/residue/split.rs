//! Codes over several columns of a row: the birth date in one, or its parts in three, and the rest in one or two others.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::super::subject::{Subject, Tabular};
use super::birth;
use super::codes::judged;
use super::found::{Finding, Sighting, Tally, fingerprint};
use super::kind::Kind;
use crate::table::{Cells, Rows};
use salanimi_core::Day;

/// Rows of a batch that are looked at: where columns hold the parts of codes, every row does.
const ROWS: usize = 512;
/// Rows by which a column is judged.
const SAMPLE: usize = 32;
/// Columns of each kind that are combined.
const MOST: usize = 12;
/// Different strings that are counted of a combination.
const MOST_STRINGS: usize = 1 << 16;

/// The columns of a combination: date, individual number with or without control, control.
type Key = (usize, usize, Option<usize>);

/// What was found over all batches.
#[derive(Default)]
pub(super) struct Splits(Mutex<HashMap<Key, Tally>>);

/// A column's parts, for each row that is looked at.
struct Parts<T>(Vec<(usize, Vec<Option<T>>)>);

impl<T: Copy> Parts<T> {
    /// Reads a column if its sample is what it should be: most cells can be read, and `fits`.
    fn add(&mut self, column: usize, rows: &[usize], read: impl Fn(usize) -> Option<T>, fits: impl Fn(&[T]) -> bool) {
        let sample = &rows[..rows.len().min(SAMPLE)];
        let parts: Vec<T> = sample.iter().filter_map(|&row| read(row)).collect();
        if self.0.len() < MOST && parts.len() * 5 >= sample.len() * 3 && !parts.is_empty() && fits(&parts) {
            self.0.push((column, rows.iter().map(|&row| read(row)).collect()));
        }
    }
}

impl Splits {
    /// Counts the codes that some rows of a batch make together.
    pub fn look(&self, batch: &Rows) {
        let step = batch.len().div_ceil(ROWS).max(1);
        let rows: Vec<usize> = (0..batch.len()).step_by(step).collect();
        let (mut dates, mut endings) = (Parts(Vec::new()), Parts(Vec::new()));
        let (mut numbers, mut controls) = (Parts(Vec::new()), Parts(Vec::new()));
        for (column, cells) in batch.columns.iter().enumerate() {
            dates.add(column, &rows, |row| date(cells, row), |_| true);
            endings.add(column, &rows, |row| ending(cells, row), |parts| are_controls(parts.iter().map(|p| p[3])));
            numbers.add(column, &rows, |row| number(cells, row), varies);
            controls.add(
                column,
                &rows,
                |row| control(cells, row),
                |parts| varies(parts) && are_controls(parts.iter().copied()),
            );
        }
        for first in 0..batch.columns.len().saturating_sub(2) {
            let parts = &batch.columns[first..first + 3];
            dates.add(first, &rows, |row| date_of_parts(parts, row), varies);
        }
        for (date, births) in &dates.0 {
            for (ending, ends) in &endings.0 {
                self.count((*date, *ending, None), births, ends, batch.first, &rows);
            }
            for (number, digits) in &numbers.0 {
                for (control, letters) in &controls.0 {
                    let joined = digits.iter().zip(letters).map(|(digits, letter)| {
                        let ([a, b, c], letter) = ((*digits)?, (*letter)?);
                        Some([a, b, c, letter])
                    });
                    let ends: Vec<_> = joined.collect();
                    self.count((*date, *number, Some(*control)), births, &ends, batch.first, &rows);
                }
            }
        }
    }

    fn count(&self, key: Key, births: &[Option<[u8; 6]>], ends: &[Option<[u8; 4]>], first: u64, rows: &[usize]) {
        let codes = births.iter().zip(ends).zip(rows).filter_map(|((birth, end), row)| {
            let (code, hit) = judged((*birth)?, None, (*end)?)?;
            Some((Sighting { kind: Kind::Split, value: fingerprint(&code), hit, features: 0 }, first + *row as u64))
        });
        let codes: Vec<_> = codes.collect();
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = tallies.entry(key).or_default();
        codes.iter().for_each(|(sighting, row)| tally.add(sighting, Some(*row), MOST_STRINGS));
    }

    /// What was found, by its columns.
    pub fn close(self, table: &Tabular) -> Vec<Finding> {
        let tallies = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut tallies: Vec<_> = tallies.into_iter().collect();
        tallies.sort_by_key(|(key, _)| *key);
        let closed = tallies.into_iter().map(|((date, number, control), tally)| {
            let others = [Some(number), control].into_iter().flatten();
            let labels: Vec<&str> = others.map(|column| table.columns[column].label.as_str()).collect();
            tally.close(format!("{} + {}", Subject::place(table, date), labels.join(" + ")), Kind::Split).0
        });
        closed.collect()
    }
}

fn varies<T: Copy + std::hash::Hash + Eq>(parts: &[T]) -> bool {
    parts.iter().collect::<HashSet<_>>().len() >= (parts.len() / 2).clamp(2, 8)
}

/// Two of three control characters are letters.
fn are_controls(characters: impl Iterator<Item = u8>) -> bool {
    let (letters, all) =
        characters.fold((0, 0), |(letters, all), c| (letters + usize::from(c.is_ascii_alphabetic()), all + 1));
    letters * 4 >= all
}

fn date(cells: &Cells, row: usize) -> Option<[u8; 6]> {
    match cells {
        Cells::Day(days) if !cells.is_null(row) => birth::of_day(Day::from_epoch_days(days.value(row))?),
        Cells::Text(texts) => birth::whole(texts.get(row)?.trim().as_bytes()),
        Cells::Integer(_) | Cells::Number(_) => match whole_number(cells, row)? {
            value @ 10_100..=311_299 => birth::whole(format!("{value:06}").as_bytes()),
            value @ 1_011_850..=31_129_999 => birth::whole(format!("{value:08}").as_bytes()),
            _ => None,
        },
        _ => None,
    }
}

/// A birth date whose day, month and year, or year, month and day, stand in three columns.
fn date_of_parts(parts: &[Cells], row: usize) -> Option<[u8; 6]> {
    let number = |cells: &Cells| match cells {
        Cells::Text(texts) => texts.get(row).filter(|text| (1..=4).contains(&text.len()))?.parse().ok(),
        _ => whole_number(cells, row),
    };
    let [first, month, last] = [number(&parts[0])?, number(&parts[1])?, number(&parts[2])?];
    let is_day = |value: i64| (1..=31).contains(&value);
    let (day, year) = if is_day(first) { (first, last) } else { (last, first) };
    let formed = is_day(day) && (1..=12).contains(&month) && ((0..100).contains(&year) || (1850..2100).contains(&year));
    formed.then(|| birth::whole(format!("{day:02}{month:02}{:02}", year % 100).as_bytes()))?
}

/// Individual number and control, which a sign may precede.
fn ending(cells: &Cells, row: usize) -> Option<[u8; 4]> {
    let Cells::Text(texts) = cells else { return None };
    let text = texts.get(row)?.trim().as_bytes();
    let text = match text {
        [b'-' | b'+' | b'A'..=b'F' | b'U'..=b'Y', rest @ ..] if rest.len() == 4 => rest,
        text => text,
    };
    let text: [u8; 4] = text.try_into().ok()?;
    (text[..3].iter().all(u8::is_ascii_digit) && text[3].is_ascii_alphanumeric()).then_some(text)
}

/// An individual number alone.
fn number(cells: &Cells, row: usize) -> Option<[u8; 3]> {
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
