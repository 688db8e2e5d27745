//! Columns of a file and those of a table, matched by their names and by what their cells hold.

use super::notation::{Found, share_accepted};
use super::source::{Sample, SampleColumn};
use crate::config::{Column, Content, Contract, Table};
use crate::table::ValueType;
use salanimi_core::Syntax;

/// Names at least so alike are of one column.
const ALIKE: f64 = 0.8;
/// Names at least so alike are shown as the closest.
const CLOSE: f64 = 0.45;
/// How alike two names are of which one has all words of the other.
const WITHIN: f64 = 0.85;
/// The fewest letters of such a name.
const WORD: usize = 3;
/// Cells that fit so often show a column even if the names differ. Only codes and identifiers are that telling.
const TELLING: f64 = 0.9;
/// Cells that fit less often are of another column, unless the names are the same.
const FITTING: f64 = 0.5;
/// Names at least so alike are the same.
const SAME: f64 = 0.95;

/// A table of the contract, and the header of each of its columns.
pub(super) struct Matched<'a> {
    pub(super) position: usize,
    pub(super) table: &'a Table,
    /// For each column of the contract, what was found.
    pub(super) columns: Vec<ColumnMatch>,
}

/// What was found for a column of the contract.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ColumnMatch {
    /// Position of its header in the file.
    pub(super) header: Option<usize>,
    /// Position of the header with the closest name or the best cells, if none is close enough.
    pub(super) closest: Option<usize>,
    /// Of a required column without a header: position of the free header with fitting cells and the most similar name.
    likely: Option<usize>,
    /// Share of the looked-at cells that the contract accepts; `None` without cells or rules.
    pub(super) accepted: Option<f64>,
}

impl<'a> Matched<'a> {
    /// Returns each matched column of the contract with the position of its header.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'a Column, usize)> {
        let columns = self.table.columns.iter().zip(&self.columns);
        columns.filter_map(|(column, found)| Some((column, found.header?)))
    }

    /// Returns the header of each column of the contract.
    pub(super) fn headers(&self) -> impl Iterator<Item = Option<usize>> {
        self.columns.iter().map(|found| found.header)
    }

    /// Returns the same pairs, and each other column with the header that its cells suggest.
    pub(super) fn likely_pairs(&self) -> impl Iterator<Item = (&'a Column, usize)> {
        let columns = self.table.columns.iter().zip(&self.columns);
        columns.filter_map(|(column, found)| Some((column, found.header.or(found.likely)?)))
    }

    /// Returns the columns that sources have, each with what was found of it.
    pub(super) fn read_columns(&self) -> impl Iterator<Item = (&Column, &ColumnMatch)> {
        self.table.columns.iter().zip(&self.columns).filter(|(column, _)| is_read(column))
    }

    /// Returns the share of these columns that have a header.
    fn share(&self) -> f64 {
        self.pairs().count() as f64 / self.read_columns().count().max(1) as f64
    }

    /// Returns true if a header is a value of the column that it was matched with, such as one of its codes.
    pub(super) fn has_value_for_name(&self, sample: &Sample, found: &Found) -> bool {
        self.pairs().any(|(column, header)| {
            let name = sample.columns[header].name.clone();
            let as_cell = SampleColumn { cells: vec![name], name: String::new(), is_text: true };
            column.rules().is_some_and(|rules| {
                rules.value != ValueType::Text
                    && share_accepted(&as_cell, rules, &found.notation).is_some_and(|share| share > 0.0)
            })
        })
    }

    /// Returns true if no column of the contract has the header at this position.
    pub(super) fn is_left(&self, header: usize) -> bool {
        self.columns.iter().all(|found| found.header != Some(header))
    }
}

/// Returns the table that has the most columns in common with a file; `None` if no table has the person and another.
pub(super) fn best_table<'a>(contract: &'a Contract, sample: &Sample, found: &Found) -> Option<Matched<'a>> {
    let tables = contract.tables.iter().enumerate();
    let matched = tables.map(|(position, table)| matched(contract, position, table, sample, found));
    let best =
        matched.max_by(|a, b| a.share().total_cmp(&b.share()).then(a.pairs().count().cmp(&b.pairs().count())))?;
    let has_person = best.columns[best.table.person].header.is_some();
    (best.pairs().count() > usize::from(has_person)).then_some(best)
}

/// Returns true for a column that sources have: not derived.
pub(super) fn is_read(column: &Column) -> bool {
    !matches!(column.content, Content::Derived(_))
}

/// Returns true if the contract does not let the column be absent.
pub(super) fn is_needed(column: &Column) -> bool {
    match &column.content {
        Content::Person(_) => true,
        _ => column.rules().is_some_and(|rules| rules.required),
    }
}

/// A possible match of a column and a header.
struct Candidate {
    column: usize,
    header: usize,
    score: f64,
}

fn matched<'a>(
    contract: &'a Contract,
    position: usize,
    table: &'a Table,
    sample: &Sample,
    found: &Found,
) -> Matched<'a> {
    let mut columns = vec![ColumnMatch::default(); table.columns.len()];
    let mut candidates = Vec::new();
    for (at, column) in table.columns.iter().enumerate().filter(|(_, column)| is_read(column)) {
        let names = names(contract, table, column);
        let mut closest = (0.0, None);
        for (header, cells) in sample.columns.iter().enumerate() {
            let alike = names.iter().map(|name| likeness(name, &cells.name)).fold(0.0, f64::max);
            let fits = share_that_fits(contract, column, cells, found);
            if alike > closest.0 {
                closest = (alike, Some(header));
            }
            let is_told = fits.is_some_and(|share| share >= TELLING) && is_telling(column);
            let is_denied = fits.is_some_and(|share| share < FITTING) && alike < SAME;
            if (alike >= ALIKE || is_told) && !is_denied {
                candidates.push(Candidate { column: at, header, score: 2.0 * alike + fits.map_or(0.0, |share| share) });
            }
        }
        columns[at].closest = closest.1.filter(|_| closest.0 >= CLOSE);
    }
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.column, a.header).cmp(&(b.column, b.header))));
    let mut taken = vec![false; sample.columns.len()];
    for Candidate { column, header, .. } in candidates {
        if columns[column].header.is_none() && !taken[header] {
            columns[column].header = Some(header);
            columns[column].accepted =
                share_that_fits(contract, &table.columns[column], &sample.columns[header], found);
            taken[header] = true;
        }
    }
    for (at, column) in table.columns.iter().enumerate().filter(|(_, column)| is_read(column) && is_needed(column)) {
        if columns[at].header.is_some() {
            continue;
        }
        let names = names(contract, table, column);
        let alike =
            |header: &usize| names.iter().map(|name| likeness(name, &sample.columns[*header].name)).fold(0.0, f64::max);
        let fits = |header: &usize| {
            let share = share_that_fits(contract, column, &sample.columns[*header], found);
            share.is_some_and(|share| share >= TELLING)
        };
        let fitting = (0..sample.columns.len()).filter(|header| !taken[*header]).filter(fits);
        let by_name = columns[at].closest.filter(|header| !taken[*header]);
        columns[at].likely = fitting.max_by(|a, b| alike(a).total_cmp(&alike(b)).then(b.cmp(a)));
        columns[at].closest = columns[at].likely.or(by_name);
    }
    Matched { position, table, columns }
}

/// Returns the names under which a column may go: its own, its titles in every language, and those of other sources.
fn names(contract: &Contract, table: &Table, column: &Column) -> Vec<String> {
    let own = column.name.to_string();
    let Some(words) = contract.words.column(table.name.as_str(), column.name.as_str()) else { return vec![own] };
    let translations = words.title.translations().map(|(_, title)| title.to_owned());
    let titles = std::iter::once(words.title.text("en").to_owned()).chain(translations);
    std::iter::once(own).chain(titles).chain(words.headers.iter().cloned()).collect()
}

/// Returns how alike two names are, from 0 to 1. Case, spaces and signs do not matter.
fn likeness(one: &str, other: &str) -> f64 {
    let [one, other] = [one, other].map(words);
    let [short, long] = if one.len() <= other.len() { [&one, &other] } else { [&other, &one] };
    let is_within = short.concat().chars().count() >= WORD && short.iter().all(|word| long.contains(word));
    let spelled = strsim::normalized_damerau_levenshtein(&one.concat(), &other.concat());
    if is_within { spelled.max(WITHIN) } else { spelled }
}

/// Returns the words of a name in lower case: `HomeMunicipality` and `home_municipality` have the same.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if before.is_lowercase() && letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if letter.is_alphanumeric() { letter } else { ' ' });
        before = letter;
    }
    spaced.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Returns true if cells that fit show the column: identifiers, and codes that are no mere numbers.
fn is_telling(column: &Column) -> bool {
    match &column.content {
        Content::Person(_) => true,
        Content::Value(rules) => match &rules.value {
            ValueType::Code(codes) => codes.values().iter().all(|code| code.parse::<f64>().is_err()),
            _ => false,
        },
        _ => false,
    }
}

/// Returns the share of a column's cells that the contract accepts; `None` without cells, or if all are accepted.
fn share_that_fits(contract: &Contract, column: &Column, cells: &SampleColumn, found: &Found) -> Option<f64> {
    if cells.cells.is_empty() {
        return None;
    }
    match &column.content {
        Content::Person(kind) => Some(share_of_identifiers(cells, &contract.identifiers[kind])),
        Content::Value(rules) if rules.value != ValueType::Text || rules.pattern.is_some() => {
            share_accepted(cells, rules, &found.notation)
        }
        _ => None,
    }
}

fn share_of_identifiers(cells: &SampleColumn, syntax: &Syntax) -> f64 {
    let valid = cells.cells.iter().filter(|cell| syntax.canonical(cell.as_bytes()).is_ok()).count();
    valid as f64 / cells.cells.len() as f64
}
