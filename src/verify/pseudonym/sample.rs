//! What the checks of pseudonyms need of a table, from one pass.

use std::collections::HashSet;

use ahash::RandomState;

use super::form::{Form, Seen};
use crate::table::{Cells, Rows, SourceError};
use crate::verify::distinct::{Distinct, Gathered};
use crate::verify::subject::{ColumnRole, Subject, Tabular};

/// Rows whose order is looked at, from the beginning of the table.
const MOST_ROWS: u64 = 1 << 18;
/// Columns whose order is looked at.
const MOST_COLUMNS: usize = 64;

/// A table's pseudonyms, and the order of its rows.
pub(super) struct Sample<'a> {
    pub table: &'a Tabular,
    pub pseudonyms: Vec<Pseudonyms>,
    /// The numbers by which columns that have an order are ordered, row by row, of a run of neighbouring rows.
    pub ordered: Vec<Ordered>,
    /// For each of these rows, its person's value, hashed; equal persons are equal.
    pub persons: Vec<u64>,
    /// Whether the rows stand in the order of their persons' values.
    pub sorted: bool,
    /// Rows in all.
    pub rows: u64,
}

/// A column whose values stand for something.
pub(super) struct Pseudonyms {
    pub place: String,
    pub role: ColumnRole,
    pub nulls: u64,
    /// Distinct values, or a random sample of them: bytes as they are, numbers as text.
    pub values: Vec<Box<[u8]>>,
    /// The share of all distinct values that these are, about.
    pub share: f64,
    /// Whether the column holds bytes.
    pub bytes: bool,
    /// Of the rows whose order is looked at, the distinct values of a person column in the order in which they come.
    pub in_order: Vec<String>,
    /// How all values are written.
    pub form: Form,
    /// Whether a value stands for a person or a few, and not for a unit, a kind or an answer.
    pub of_few: bool,
}

impl Pseudonyms {
    /// Bits of each value, if its form says how many it has. A UUID has as many as it has room for, and is not asked for more.
    pub fn bits(&self) -> Option<usize> {
        let length = self.values.first()?.len();
        match self.form {
            _ if self.bytes => Some(length * 8),
            Form::Hex => Some(length * 4),
            Form::Base32 => Some(length * 5),
            Form::Base64 => Some(length * 6),
            Form::Uuid | Form::Digits | Form::Text | Form::Mixed => None,
        }
    }
}

/// A column that has an order.
pub(super) struct Ordered {
    pub position: usize,
    /// `NaN` where there is no value.
    pub values: Vec<f64>,
    pub whole_numbers: bool,
}

/// A run of rows.
struct Part {
    rows: u64,
    /// By pseudonym column.
    pseudonyms: Vec<Values>,
    ordered: Vec<Vec<f64>>,
    persons: Vec<u64>,
    /// By pseudonym column, of the rows whose order is looked at: the value, hashed, if there is one.
    hashed: Vec<Vec<Option<u64>>>,
    sorted: bool,
    edges: Option<(String, String)>,
}

/// What a run of rows has in a pseudonym column.
struct Values {
    nulls: u64,
    seen: Seen,
    /// Distinct values in the order in which they come, if that is looked at.
    in_order: Vec<String>,
}

impl<'a> Sample<'a> {
    pub fn read(table: &'a Tabular) -> Result<Self, SourceError> {
        let pseudonyms = table.pseudonyms();
        let person = table.person().and_then(|person| pseudonyms.iter().position(|&p| p == person));
        let others: Vec<usize> =
            table.table.all().into_iter().filter(|c| !pseudonyms.contains(c)).take(MOST_COLUMNS).collect();
        let wanted: Vec<usize> = pseudonyms.iter().chain(&others).copied().collect();
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let gathered = Gathered::new(pseudonyms.len());
        let parts = table.table.map(&wanted, |rows| {
            gathered.add(&rows.columns);
            part(&rows, pseudonyms.len(), person, &hasher)
        })?;
        let rows = parts.iter().map(|part| part.rows).sum();
        let ordered = others.iter().enumerate().filter_map(|(index, &position)| {
            let runs: Vec<&Vec<f64>> = parts.iter().filter_map(|part| part.ordered.get(index)).collect();
            let values: Vec<f64> = runs.into_iter().flatten().copied().collect();
            let found = values.iter().filter(|v| !v.is_nan()).count();
            let whole_numbers = values.iter().all(|v| v.is_nan() || v.fract() == 0.0);
            (found * 2 > values.len()).then_some(Ordered { position, values, whole_numbers })
        });
        let ordered = ordered.collect();
        let columns = pseudonyms.iter().zip(gathered.finish()).enumerate();
        let columns = columns.map(|(index, (&column, distinct))| {
            let values: Vec<&Values> = parts.iter().map(|part| &part.pseudonyms[index]).collect();
            let pairs = parts.iter().flat_map(|part| part.hashed[index].iter().zip(&part.persons));
            let pairs = pairs.filter_map(|(value, &person)| Some(((*value)?, person)));
            Pseudonyms { of_few: are_of_few(pairs), ..collect(table, column, distinct, &values) }
        });
        let columns = columns.collect();
        let edges: Vec<_> = parts.iter().filter_map(|part| part.edges.as_ref()).collect();
        Ok(Self {
            table,
            pseudonyms: columns,
            ordered,
            persons: parts.iter().flat_map(|part| &part.persons).copied().collect(),
            sorted: person.is_some()
                && parts.iter().all(|part| part.sorted)
                && edges.windows(2).all(|pair| pair[0].1 <= pair[1].0),
            rows,
        })
    }
}

fn collect(table: &Tabular, column: usize, distinct: Distinct, values: &[&Values]) -> Pseudonyms {
    let (bytes, share) = (distinct.binary, distinct.share());
    let mut known: HashSet<&str, RandomState> = HashSet::default();
    let in_order = values.iter().flat_map(|part| &part.in_order).filter(|value| known.insert(value));
    let data_type = &table.table.columns()[column].1;
    let seen = values.iter().fold(Seen::default(), |seen, part| seen.merge(&part.seen));
    let number = ["Int", "UInt", "Float", "Decimal"].iter().any(|t| data_type.starts_with(t));
    Pseudonyms {
        place: Subject::place(table, column),
        role: table.columns[column].role,
        nulls: values.iter().map(|part| part.nulls).sum(),
        values: distinct.finish().0,
        share,
        bytes,
        in_order: in_order.cloned().collect(),
        form: if number { Form::Digits } else { seen.form() },
        of_few: true,
    }
}

/// Whether values that stand beside persons are of few of them each, and of one if a person has several of them.
fn are_of_few(pairs: impl Iterator<Item = (u64, u64)>) -> bool {
    const A_HOUSEHOLD: f64 = 3.0;
    const ABOUT_ONE: f64 = 1.2;
    let pairs: HashSet<(u64, u64), RandomState> = pairs.collect();
    let values: HashSet<u64, RandomState> = pairs.iter().map(|(value, _)| *value).collect();
    let persons: HashSet<u64, RandomState> = pairs.iter().map(|(_, person)| *person).collect();
    let each = |number: usize| pairs.len() as f64 / number.max(1) as f64;
    let (persons_each, values_each) = (each(values.len()), each(persons.len()));
    persons_each <= A_HOUSEHOLD && (persons_each <= ABOUT_ONE || values_each <= ABOUT_ONE)
}

fn part(rows: &Rows, pseudonyms: usize, person: Option<usize>, hasher: &RandomState) -> Part {
    let is_looked_at = rows.first <= MOST_ROWS;
    let columns = rows.columns[..pseudonyms].iter().enumerate();
    let values = columns.map(|(at, cells)| Values::of(cells, is_looked_at && person == Some(at)));
    let others = if is_looked_at { &rows.columns[pseudonyms..] } else { &[] };
    let persons = person.map(|person| &rows.columns[person]);
    let texts: Vec<Option<std::borrow::Cow<'_, str>>> =
        persons.map(|cells| (0..cells.len()).map(|row| cells.text(row)).collect()).unwrap_or_default();
    let present: Vec<&str> = texts.iter().flatten().map(AsRef::as_ref).collect();
    let persons: Vec<u64> = texts.iter().filter(|_| is_looked_at).map(|text| hasher.hash_one(text)).collect();
    let hash =
        |cells: &Cells| (0..persons.len()).map(|row| cells.text(row).map(|text| hasher.hash_one(text))).collect();
    Part {
        rows: rows.len() as u64,
        pseudonyms: values.collect(),
        ordered: others.iter().map(ordered_values).collect(),
        hashed: rows.columns[..pseudonyms].iter().map(hash).collect(),
        persons,
        sorted: present.is_sorted(),
        edges: present.first().zip(present.last()).map(|(a, b)| ((*a).to_owned(), (*b).to_owned())),
    }
}

impl Values {
    /// Of some cells; what says nothing is no value. In order only if that is wanted.
    fn of(cells: &Cells, wanted: bool) -> Self {
        let mut known: HashSet<String, RandomState> = HashSet::default();
        let mut values = Self { nulls: 0, seen: Seen::default(), in_order: Vec::new() };
        let mut last = None;
        for row in 0..cells.len() {
            let Some(text) = cells.text(row).filter(|text| !is_nothing(text)) else {
                values.nulls += 1;
                continue;
            };
            // Rows of one person often follow one another.
            if last.as_deref() == Some(&*text) {
                continue;
            }
            values.seen.add(&text);
            if wanted && !known.contains(&*text) {
                known.insert(text.clone().into_owned());
                values.in_order.push(text.clone().into_owned());
            }
            last = Some(text);
        }
        values
    }
}

/// Whether a text is empty, blank, or made of zeros, as where a code was missing. A single zero may be a number.
fn is_nothing(text: &str) -> bool {
    text.trim().is_empty() || text.len() > 1 && text.bytes().all(|b| matches!(b, b'0' | b'-'))
}

/// The numbers by which a column is ordered.
fn ordered_values(cells: &Cells) -> Vec<f64> {
    let number = |row: usize| match cells {
        _ if cells.is_null(row) => f64::NAN,
        Cells::Integer(values) => values.value(row) as f64,
        Cells::Number(values) => values.value(row),
        Cells::Day(days) => f64::from(days.value(row)),
        Cells::Flag(values) => f64::from(u8::from(values.value(row))),
        Cells::Text(texts) => texts.get(row).map_or(f64::NAN, ordered_text),
        Cells::Bytes(_) => f64::NAN,
    };
    (0..cells.len()).map(number).collect()
}

/// A number, a day or a month that is written as text; of other text the order of its first letters.
fn ordered_text(text: &str) -> f64 {
    use salanimi_core::Day;
    let day = |text: &str| Day::parse(text).or_else(|_| Day::parse_finnish(text)).ok();
    if text.is_empty() {
        return f64::NAN;
    }
    // Six bytes fit a number with decimals exactly.
    let letters = || text.bytes().chain(std::iter::repeat(0)).take(6).fold(0.0, |sum, b| sum * 256.0 + f64::from(b));
    if text.len() > 20 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return letters();
    }
    let number = text.trim().replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
    let dated = || day(text.get(..10).unwrap_or(text)).or_else(|| day(&format!("{text}-01")));
    number.or_else(|| dated().map(|day| f64::from(day.epoch_days()))).unwrap_or_else(letters)
}

#[cfg(test)]
mod tests {
    use super::are_of_few;

    #[test]
    fn what_stands_for_a_person_or_household_is_told_from_what_many_share() {
        let pairs = |value: fn(u64) -> u64, person: fn(u64) -> u64| (0..300).map(move |row| (value(row), person(row)));
        assert!(are_of_few(pairs(|row| row / 3, |row| row / 3)));
        assert!(are_of_few(pairs(|row| row / 6, |row| row / 3)));
        assert!(are_of_few(pairs(|row| row, |row| row / 3)));
        assert!(!are_of_few(pairs(|row| row * 7 % 60, |row| row / 3)));
        assert!(!are_of_few(pairs(|row| row % 5, |row| row)));
    }
}
