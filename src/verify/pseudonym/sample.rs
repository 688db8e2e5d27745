//! Sample of a table for the checks of pseudonyms.

use std::borrow::Cow;
use std::collections::HashSet;

use ahash::RandomState;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::form::{Form, FormProfile};
use crate::table::{Cells, Rows, SourceError};
use crate::text::Text;
use crate::verify::distinct::{Distinct, DistinctCollector, Limits};
use crate::verify::subject::{ColumnRole, Subject, SubjectTable};
use salanimi_core::Day;

/// Fewest rows or distinct values that a statistical test needs.
pub(super) const FEWEST_VALUES: usize = 20;
/// Rows whose order is tested, from the beginning of the table.
const MOST_ROWS: u64 = 1 << 18;
/// Columns whose order is tested.
const MOST_COLUMNS: usize = 64;
/// Most persons of one value, on average, if the value stands for a household.
const HOUSEHOLD: f64 = 3.0;
/// Most persons of one value, on average, if the value stands for a person.
const ABOUT_ONE: f64 = 1.2;

/// Evidence where no column holds persons.
pub(super) fn no_person_column() -> Text {
    Text::new("no column holds persons", "mikään sarake ei vastaa henkilöä", "ingen kolumn motsvarar personer")
}

/// Pseudonyms of a table, and the order of its rows.
pub(super) struct Sample<'a> {
    pub table: &'a SubjectTable,
    pub pseudonyms: Vec<Pseudonyms>,
    /// Columns that have an order, for the first rows of the table.
    pub ordered: Vec<SortableColumn>,
    /// Hash of the person of each of these rows.
    pub persons: Vec<u64>,
    /// `true` if the rows are in the order of their persons.
    pub sorted: bool,
    /// Rows of the table.
    pub rows: u64,
}

/// A column of pseudonyms.
pub(super) struct Pseudonyms {
    /// Label of the table and column in evidence.
    pub place: String,
    pub role: ColumnRole,
    /// Rows without a pseudonym.
    pub nulls: u64,
    /// Distinct values, or a random sample of them. Bytes are as they are, numbers are text.
    pub values: Vec<Box<[u8]>>,
    /// Estimated share of the distinct values that are in `values`.
    pub share: f64,
    /// `true` if the column holds bytes.
    pub bytes: bool,
    /// Distinct values of a person column among the first rows, in the order of their first rows.
    pub in_order: Vec<String>,
    /// Form of all values.
    pub form: Form,
    /// `true` if a value stands for a person or a household, not for a unit, a kind or an answer.
    pub is_individual: bool,
}

impl Pseudonyms {
    /// Returns the bits of each value, if the form fixes them. A UUID is long enough and not asked for more.
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
pub(super) struct SortableColumn {
    /// Position of the column.
    pub position: usize,
    /// Number by which each row is ordered; `NaN` for a null.
    pub values: Vec<f64>,
    /// `true` if all numbers are whole.
    pub whole_numbers: bool,
}

/// Sample of a run of rows.
struct Part {
    rows: u64,
    /// Values by pseudonym column.
    pseudonyms: Vec<Values>,
    persons: Vec<u64>,
    /// Hashed values of the first rows, by pseudonym column.
    hashed: Vec<Vec<Option<u64>>>,
    sorted: bool,
    /// First and last person.
    edges: Option<(String, String)>,
}

/// Values of a pseudonym column in a run of rows.
struct Values {
    nulls: u64,
    forms: FormProfile,
    /// Distinct values in the order of their first rows, if the order is tested.
    in_order: Vec<String>,
}

impl<'a> Sample<'a> {
    /// Reads the sample of `table`.
    pub fn read(table: &'a SubjectTable) -> Result<Self, SourceError> {
        let pseudonyms = table.pseudonyms();
        let person = table.person().and_then(|person| pseudonyms.iter().position(|&p| p == person));
        let others: Vec<usize> =
            table.table.all().into_iter().filter(|c| !pseudonyms.contains(c)).take(MOST_COLUMNS).collect();
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let gathered = DistinctCollector::new(pseudonyms.len(), Limits::default());
        let parts = table.table.map(&pseudonyms, |rows| {
            gathered.add(&rows.columns);
            part(&rows, person, &hasher)
        })?;
        let keys = table.table.map_first(MOST_ROWS, &others, |rows| match is_order_tested(&rows) {
            true => rows.columns.iter().map(order_keys).collect(),
            false => Vec::new(),
        })?;
        let ordered = others.par_iter().enumerate().filter_map(|(index, &position)| ordered(&keys, index, position));
        let columns = pseudonyms.iter().zip(gathered.finish()).enumerate();
        let edges: Vec<_> = parts.iter().filter_map(|part| part.edges.as_ref()).collect();
        let is_sorted = parts.iter().all(|part| part.sorted) && edges.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        Ok(Self {
            table,
            pseudonyms: columns
                .map(|(index, (&column, distinct))| collect(table, column, distinct, &parts, index))
                .collect(),
            ordered: ordered.collect(),
            persons: parts.iter().flat_map(|part| &part.persons).copied().collect(),
            sorted: person.is_some() && is_sorted,
            rows: parts.iter().map(|part| part.rows).sum(),
        })
    }
}

/// Joins the runs of a column that may have an order; `None` if more than half of its rows have no number.
fn ordered(keys: &[Vec<Vec<f64>>], index: usize, position: usize) -> Option<SortableColumn> {
    let values: Vec<f64> = keys.iter().filter_map(|run| run.get(index)).flatten().copied().collect();
    let found = values.iter().filter(|value| !value.is_nan()).count();
    let whole_numbers = values.iter().all(|value| value.is_nan() || value.fract() == 0.0);
    (found * 2 > values.len()).then_some(SortableColumn { position, values, whole_numbers })
}

/// Joins the runs of the pseudonym column at `index`.
fn collect(table: &SubjectTable, column: usize, distinct: Distinct, parts: &[Part], index: usize) -> Pseudonyms {
    let bytes = distinct.binary;
    let share = distinct.share();
    let runs: Vec<&Values> = parts.iter().map(|part| &part.pseudonyms[index]).collect();
    let pairs = parts.iter().flat_map(|part| part.hashed[index].iter().zip(&part.persons));
    let pairs = pairs.filter_map(|(value, &person)| Some(((*value)?, person)));
    let mut known: HashSet<&str, RandomState> = HashSet::default();
    let in_order = runs.iter().flat_map(|run| &run.in_order).filter(|value| known.insert(value));
    let data_type = &table.table.columns()[column].1;
    let is_number = ["Int", "UInt", "Float", "Decimal"].iter().any(|name| data_type.starts_with(name));
    let forms = runs.iter().fold(FormProfile::default(), |forms, run| forms.merge(&run.forms));
    Pseudonyms {
        place: Subject::place(table, column),
        role: table.columns[column].role,
        nulls: runs.iter().map(|run| run.nulls).sum(),
        in_order: in_order.cloned().collect(),
        values: distinct.finish().0,
        share,
        bytes,
        form: if is_number { Form::Digits } else { forms.form() },
        is_individual: are_individual(pairs),
    }
}

/// Returns true if each value stands for a person or a household, from pairs of a value and a person.
///
/// A value of several persons is a household only if each person has one such value.
fn are_individual(pairs: impl Iterator<Item = (u64, u64)>) -> bool {
    let pairs: HashSet<(u64, u64), RandomState> = pairs.collect();
    let values: HashSet<u64, RandomState> = pairs.iter().map(|(value, _)| *value).collect();
    let persons: HashSet<u64, RandomState> = pairs.iter().map(|(_, person)| *person).collect();
    let persons_per_value = pairs.len() as f64 / values.len().max(1) as f64;
    let values_per_person = pairs.len() as f64 / persons.len().max(1) as f64;
    persons_per_value <= HOUSEHOLD && (persons_per_value <= ABOUT_ONE || values_per_person <= ABOUT_ONE)
}

/// Returns true if the order of a run of rows is tested.
fn is_order_tested(rows: &Rows) -> bool {
    rows.first <= MOST_ROWS
}

/// Samples a run of rows, whose columns are pseudonyms; `person` is the position of the person column.
fn part(rows: &Rows, person: Option<usize>, hasher: &RandomState) -> Part {
    let is_order_tested = is_order_tested(rows);
    let mut values = Vec::with_capacity(rows.columns.len());
    for (at, cells) in rows.columns.iter().enumerate() {
        values.push(Values::read(cells, is_order_tested && person == Some(at)));
    }
    let person = person.map(|person| &rows.columns[person]);
    let tested = person.filter(|_| is_order_tested);
    let mut hashed = Vec::with_capacity(rows.columns.len());
    for cells in &rows.columns {
        let rows = 0..tested.map_or(0, Cells::len);
        hashed.push(rows.map(|row| cells.text(row).map(|text| hasher.hash_one(text))).collect());
    }
    let distinct = person.map_or_else(Vec::new, |cells| texts_without_repeats(cells).collect());
    Part {
        rows: rows.len() as u64,
        pseudonyms: values,
        hashed,
        persons: tested.map_or_else(Vec::new, |cells| hashes(cells, hasher)),
        sorted: distinct.is_sorted(),
        edges: distinct.first().zip(distinct.last()).map(|(a, b)| (a.to_string(), b.to_string())),
    }
}

fn hashes(cells: &Cells, hasher: &RandomState) -> Vec<u64> {
    (0..cells.len()).map(|row| hasher.hash_one(cells.text(row))).collect()
}

/// Returns the texts of the cells that are not null, each run of equal ones once: rows of one person are often
/// adjacent.
fn texts_without_repeats(cells: &Cells) -> impl Iterator<Item = Cow<'_, str>> {
    (0..cells.len()).filter(|&row| !cells.repeats(row)).filter_map(|row| cells.text(row))
}

impl Values {
    /// Reads the values of some cells, with their order if `keeps_order`. Empty codes count as nulls.
    fn read(cells: &Cells, keeps_order: bool) -> Self {
        let mut known: HashSet<String, RandomState> = HashSet::default();
        let mut values = Self { nulls: 0, forms: FormProfile::default(), in_order: Vec::new() };
        let mut is_null = false;
        for row in 0..cells.len() {
            if !cells.repeats(row) {
                let text = cells.text(row).filter(|text| !is_empty_code(text));
                is_null = text.is_none();
                text.iter().for_each(|text| values.forms.add(text));
                let new = text.filter(|text| keeps_order && !known.contains(&**text));
                if let Some(text) = new {
                    known.insert(text.clone().into_owned());
                    values.in_order.push(text.into_owned());
                }
            }
            values.nulls += u64::from(is_null);
        }
        values
    }
}

/// Returns true if a text is empty, blank, or all zeros as for a missing code. A single zero can be a number.
fn is_empty_code(text: &str) -> bool {
    text.trim().is_empty() || text.len() > 1 && text.bytes().all(|b| matches!(b, b'0' | b'-'))
}

/// Returns the numbers by which a column is ordered.
fn order_keys(cells: &Cells) -> Vec<f64> {
    (0..cells.len()).map(|row| order_key(cells, row)).collect()
}

fn order_key(cells: &Cells, row: usize) -> f64 {
    match cells {
        _ if cells.is_null(row) => f64::NAN,
        Cells::Integer(values) => values.value(row) as f64,
        Cells::Number(values) => values.value(row),
        Cells::Day(days) => f64::from(days.value(row)),
        Cells::Flag(values) => f64::from(u8::from(values.value(row))),
        Cells::Text(texts) => texts.get(row).map_or(f64::NAN, text_order_key),
        Cells::Bytes(_) => f64::NAN,
    }
}

/// Returns the order of a text: of a number, a day or a month by its value, of other text by its first letters.
fn text_order_key(text: &str) -> f64 {
    if text.is_empty() {
        return f64::NAN;
    }
    if text.len() > 20 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return first_letters(text);
    }
    if let Some(number) = text.trim().replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite()) {
        return number;
    }
    match day_or_month(text) {
        Some(day) => f64::from(day.epoch_days()),
        None => first_letters(text),
    }
}

/// Returns the first six bytes as a number; so many fit an `f64` exactly.
fn first_letters(text: &str) -> f64 {
    text.bytes().chain(std::iter::repeat(0)).take(6).fold(0.0, |sum, b| sum * 256.0 + f64::from(b))
}

fn day_or_month(text: &str) -> Option<Day> {
    // A time of day may follow the ten characters of a date.
    text.get(..10).map_or_else(|| day(text), day).or_else(|| day(&format!("{text}-01")))
}

fn day(text: &str) -> Option<Day> {
    Day::parse(text).or_else(|_| Day::parse_finnish(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::are_individual;

    #[test]
    fn values_of_persons_and_households_are_distinguished_from_shared_values() {
        let pairs = |value: fn(u64) -> u64, person: fn(u64) -> u64| (0..300).map(move |row| (value(row), person(row)));
        assert!(are_individual(pairs(|row| row / 3, |row| row / 3)));
        assert!(are_individual(pairs(|row| row / 6, |row| row / 3)));
        assert!(are_individual(pairs(|row| row, |row| row / 3)));
        assert!(!are_individual(pairs(|row| row * 7 % 60, |row| row / 3)));
        assert!(!are_individual(pairs(|row| row % 5, |row| row)));
    }
}
