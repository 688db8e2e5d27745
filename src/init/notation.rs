//! The notation of a file, guessed from its first cells: decimal mark, forms of dates, words for missing values.

use std::collections::BTreeSet;

use super::source::{Sample, SampleColumn};
use crate::config::{Column, Content, Contract};
use crate::table::{Converter, DATE_FORM, DateForm, Notation, Renames, Rules, ValueType};

/// Words that stand for a missing value in many exports, in lower case.
const MISSING: [&str; 12] =
    ["na", "n/a", "#n/a", "null", "nan", "none", "-", ".", "tyhjä", "ei tietoa", "ei tiedossa", "uppgift saknas"];
/// Forms of dates that are tried, the likeliest first. Those of two-digit years need a century, which a holder knows.
const FORMS: [&str; 9] = [
    "yyyy-mm-dd",
    "d.m.yyyy",
    "yyyymmdd",
    "ddMONyyyy",
    "yyyymm",
    "m.yyyy",
    "yyyy-mm-dd hh:mm",
    "d.m.yyyy hh:mm",
    "d.m.20yy",
];
/// The form that stands for all with two-digit years.
const TWO_DIGITS: &str = "d.m.20yy";
/// A form or a mark is the column's if it reads this share of the cells.
const MOST: f64 = 0.9;

/// What was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) notation: Notation,
    /// Columns of the contract whose dates are in no form that is known.
    pub(super) unread_dates: Vec<String>,
    /// `true` if years have two digits, so that a century must be stated.
    pub(super) has_short_years: bool,
}

impl Found {
    /// Guesses from all columns.
    pub(super) fn new(contract: &Contract, sample: &Sample) -> Self {
        let columns = contract.tables.iter().flat_map(|table| &table.columns);
        let lists: Vec<&[String]> =
            columns.filter_map(|column| Some(column.rules()?.value.codes()?.values())).collect();
        // A word that is a code has a meaning.
        let is_code = |cell: &String| lists.iter().any(|codes| codes.contains(cell));
        let missing = sample.texts().filter(|cell| MISSING.contains(&cell.to_lowercase().as_str()) && !is_code(cell));
        let missing = missing.cloned();
        let missing = missing.collect::<BTreeSet<_>>().into_iter().collect();
        let [commas, points] = [',', '.'].map(|mark| sample.texts().filter(|cell| is_decimal(cell, mark)).count());
        let decimal = if commas > points { ',' } else { '.' };
        let dates = FORMS.into_iter().filter_map(form).collect();
        let notation = Notation { decimal, dates, missing, ..Notation::default() };
        Self { notation, unread_dates: Vec::new(), has_short_years: false }
    }

    /// Returns true if both say the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.notation.decimal == other.notation.decimal
            && self.notation.dates == other.notation.dates
            && self.notation.missing == other.notation.missing
            && self.unread_dates == other.unread_dates
    }

    /// Narrows the forms of dates to those that the matched columns need.
    pub(super) fn for_columns<'a>(
        mut self,
        sample: &Sample,
        matched: impl Iterator<Item = (&'a Column, usize)>,
    ) -> Self {
        let mut needed: Vec<DateForm> = Vec::new();
        for (column, header) in matched {
            let Content::Value(rules) = &column.content else { continue };
            let cells = &sample.columns[header];
            if !matches!(rules.value, ValueType::Date | ValueType::Month) || !cells.is_text || cells.cells.is_empty() {
                continue;
            }
            let forms = FORMS.into_iter().filter_map(form);
            let mut fitting = forms.filter(|form| self.reads(cells, rules, *form));
            match fitting.next() {
                Some(form) if !needed.contains(&form) => needed.push(form),
                Some(_) => {}
                None => self.unread_dates.push(column.name.to_string()),
            }
        }
        self.has_short_years = needed.iter().any(|form| String::from(*form) == TWO_DIGITS);
        self.notation.dates = if needed.is_empty() { vec![DATE_FORM] } else { needed };
        self
    }

    /// Returns true if the form reads most cells of a column that is not empty.
    fn reads(&self, column: &SampleColumn, rules: &Rules, form: DateForm) -> bool {
        let notation = Notation { dates: vec![form], ..self.notation.clone() };
        share_accepted(column, rules, &notation).is_some_and(|share| share >= MOST)
    }
}

/// Returns the share of a column's cells that `rules` accept in this notation; `None` if all are missing.
pub(super) fn share_accepted(column: &SampleColumn, rules: &Rules, notation: &Notation) -> Option<f64> {
    use arrow::array::{ArrayRef, StringArray};
    let cells: Vec<&String> = column.cells.iter().filter(|cell| !notation.is_missing(cell)).collect();
    if cells.is_empty() {
        return None;
    }
    let array: ArrayRef = std::sync::Arc::new(StringArray::from_iter_values(&cells));
    match Converter::new(rules, notation, &Renames::new()).convert(&array) {
        Ok(converted) => Some(1.0 - converted.faults.len() as f64 / cells.len() as f64),
        Err(_) => Some(0.0),
    }
}

/// Returns true for a day in one of the forms that are known.
pub(super) fn is_day(text: &str) -> bool {
    FORMS.into_iter().filter_map(form).any(|form| form.day(text).is_some())
}

fn form(text: &str) -> Option<DateForm> {
    DateForm::try_from(text.to_owned()).ok()
}

/// Returns true for digits around one mark, as decimals have it; a date has two.
fn is_decimal(text: &str, mark: char) -> bool {
    let parts = text.trim_start_matches('-').split_once(mark);
    parts.is_some_and(|(whole, rest)| is_digits(whole) && is_digits(rest))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
