//! A released table, read whole: columns of labels, of counts, of shares and of other numbers.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::Cell;
use super::name::{Meaning, Name};
use super::number::common_divisor;
use super::words::{WORDS, has, is_total};
use crate::table::{Rows, SourceError};
use crate::verify::subject::{ColumnRole, SubjectTable};

/// Most cells of a table that is read whole.
pub(super) const MOST_CELLS: usize = 1 << 20;
/// Most columns of labels of a table whose counts have unknown names: with more, its rows are taken for persons.
const MOST_LABELS: usize = 4;
/// Fewest values of a column that enumerates.
const FEWEST_ENUMERATED: usize = 3;
/// Counts are rounded, by most rules, to a multiple of this.
const ROUNDING: i64 = 5;
/// Fewest counts of a column that show a rounding to [`ROUNDING`] by themselves; with fewer, the whole table must.
const FEWEST_ROUNDED: usize = 3;
/// Smallest common divisor of many counts by which they are taken for rounded to it, and how many are many.
const LEAST_DIVISOR: i64 = 3;
const MANY_ROUNDED: usize = 6;

/// A released table of counts.
pub(super) struct Sheet<'a> {
    pub table: &'a SubjectTable,
    pub rows: usize,
    /// Columns of labels; of columns that determine each other only the first.
    pub labels: Vec<LabelColumn>,
    pub counts: Vec<CellColumn>,
    pub shares: Vec<CellColumn>,
    /// Columns of numbers that are neither counts nor shares.
    pub numbers: Vec<CellColumn>,
}

/// A column of labels.
pub(super) struct LabelColumn {
    /// Name in lower case.
    pub name: String,
    /// Labels in lower case.
    pub values: Vec<String>,
    /// For each row, `true` if its label is a total.
    pub totals: Vec<bool>,
}

impl LabelColumn {
    fn new(name: String, texts: &[String]) -> Self {
        let values: Vec<String> = texts.iter().map(|text| text.trim().to_lowercase()).collect();
        let distinct: HashSet<&str> = values.iter().map(String::as_str).collect();
        let known: HashSet<&str> = distinct.into_iter().filter(|value| is_total(value)).collect();
        let totals = values.iter().map(|value| known.contains(value.as_str())).collect();
        Self { name, values, totals }
    }
}

/// A column of cells.
pub(super) struct CellColumn {
    /// Position in the table.
    pub position: usize,
    pub name: Name,
    pub cells: Vec<Cell>,
}

impl CellColumn {
    /// Returns the shown counts above zero.
    fn positive(&self) -> impl Iterator<Item = i64> {
        self.cells.iter().filter_map(Cell::count).filter(|&count| count > 0)
    }

    /// Returns the greatest common divisor of the shown counts; 0 if all are zero.
    pub(super) fn divisor(&self) -> i64 {
        common_divisor(self.positive())
    }
}

/// Content of a table that is meant for release.
pub(super) enum Content<'a> {
    Counts(Sheet<'a>),
    /// Rows of persons, or nothing to count.
    Rows,
    /// More than [`MOST_CELLS`] cells.
    TooLarge,
}

impl<'a> Content<'a> {
    /// Reads a table.
    pub(super) fn read(table: &'a SubjectTable) -> Result<Self, SourceError> {
        let is_counted = |column: usize| Name::new(&table.columns[column].name).meaning() == Meaning::Count;
        if table.person().is_some_and(|person| !is_counted(person)) {
            return Ok(Self::Rows);
        }
        let Some(texts) = texts(table)? else { return Ok(Self::TooLarge) };
        let rows = texts.first().map_or(0, Vec::len);
        let mut sheet =
            Sheet { table, rows, labels: Vec::new(), counts: Vec::new(), shares: Vec::new(), numbers: Vec::new() };
        let mut is_known = false;
        for (position, texts) in texts.into_iter().enumerate() {
            is_known |= sheet.add(position, &texts);
        }
        sheet.labels = independent(std::mem::take(&mut sheet.labels));
        let is_small = sheet.labels.len() <= MOST_LABELS && sheet.has_distinct_labels();
        let is_table = is_known || !sheet.counts.is_empty() && is_small || sheet.survival().is_some();
        Ok(if rows == 0 || !is_table { Self::Rows } else { Self::Counts(sheet) })
    }
}

/// Returns the texts of each column; `None` if the table has more than [`MOST_CELLS`] cells.
fn texts(table: &SubjectTable) -> Result<Option<Vec<Vec<String>>>, SourceError> {
    let wanted = table.table.all();
    let read = AtomicUsize::new(0);
    let parts = table.table.map(&wanted, |rows| {
        let cells = rows.len() * rows.columns.len();
        (read.fetch_add(cells, Ordering::Relaxed) + cells <= MOST_CELLS).then(|| texts_of(&rows))
    })?;
    let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let mut columns = vec![Vec::new(); wanted.len()];
    for part in parts {
        for (column, texts) in columns.iter_mut().zip(part) {
            column.extend(texts);
        }
    }
    Ok(Some(columns))
}

fn texts_of(rows: &Rows) -> Vec<Vec<String>> {
    let columns = rows.columns.iter();
    // A null is an empty cell.
    columns
        .map(|cells| (0..cells.len()).map(|row| cells.text(row).map_or_else(String::new, Into::into)).collect())
        .collect()
}

impl Sheet<'_> {
    /// Adds a column. Returns true if by itself it makes the table one of counts.
    fn add(&mut self, position: usize, texts: &[String]) -> bool {
        let column = &self.table.columns[position];
        let name = Name::new(&column.name);
        let cells: Vec<Cell> = texts.iter().map(|text| Cell::parse(text, name.is_in_percent())).collect();
        let is_dimension = self.table.is_known && column.role == ColumnRole::Quasi;
        let meaning = if is_dimension { Meaning::Dimension } else { name.meaning() };
        let kind = ColumnKind::of(&name, meaning, &cells, self.table.table.is_named());
        let column = CellColumn { position, name, cells };
        match kind {
            ColumnKind::Labels => self.add_labels(column.name.text, texts),
            ColumnKind::KnownCounts | ColumnKind::Counts => self.counts.push(column),
            ColumnKind::Shares => self.shares.push(column),
            ColumnKind::Numbers => self.numbers.push(column),
        }
        kind == ColumnKind::KnownCounts
    }

    fn add_labels(&mut self, name: String, texts: &[String]) {
        self.labels.push(LabelColumn::new(name, texts));
    }

    /// Returns true if no two rows have the same labels, of which there is at least one.
    fn has_distinct_labels(&self) -> bool {
        let mut seen = HashSet::new();
        let mut rows = 0..self.rows;
        !self.labels.is_empty() && rows.all(|row| seen.insert(self.row_labels(row)))
    }

    fn row_labels(&self, row: usize) -> Vec<&str> {
        self.labels.iter().map(|column| column.values[row].as_str()).collect()
    }

    /// Returns the labels of a row that are no totals, with the names of their columns.
    ///
    /// An empty label in a row of totals stands for a total too.
    pub(super) fn key(&self, row: usize) -> Vec<(&str, &str)> {
        let has_total = self.labels.iter().any(|column| column.totals[row]);
        let is_inner = |column: &&LabelColumn| !(column.totals[row] || has_total && column.values[row].is_empty());
        let labels = self.labels.iter().filter(is_inner);
        let mut key: Vec<(&str, &str)> =
            labels.map(|column| (column.name.as_str(), column.values[row].as_str())).collect();
        key.sort_unstable();
        key
    }

    /// Returns true if the counts of a column are rounded: all are multiples of one number, and sums hold only about.
    pub(super) fn is_rounded(&self, column: &CellColumn) -> bool {
        let divisor = column.divisor();
        let shown = column.positive().count();
        let of_table = || common_divisor(self.counts.iter().flat_map(CellColumn::positive));
        let is_usual = divisor > 0 && divisor % ROUNDING == 0;
        is_usual && (shown >= FEWEST_ROUNDED || of_table() % ROUNDING == 0)
            || divisor >= LEAST_DIVISOR && shown >= MANY_ROUNDED
    }

    /// Returns the names of the columns of labels, sorted.
    pub(super) fn label_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.labels.iter().map(|column| column.name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

impl Sheet<'_> {
    /// Returns the column of survival shares, if the table is a curve.
    pub(super) fn survival(&self) -> Option<&CellColumn> {
        let named = self.numbers.iter().find(|column| column.name.is_survival() && !column.name.is_standard_error());
        named.or_else(|| {
            self.standard_error()?;
            self.numbers.iter().find(|column| has(&WORDS.estimates, &column.name.text))
        })
    }

    /// Returns the column of standard errors.
    pub(super) fn standard_error(&self) -> Option<&CellColumn> {
        self.numbers.iter().find(|column| column.name.is_standard_error())
    }
}

/// Kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Labels,
    /// Counts by their form or the whole of their name: the table holds counts.
    KnownCounts,
    /// Other whole numbers that are no dimension. They may be attributes of persons, such as a number of children.
    Counts,
    Shares,
    Numbers,
}

impl ColumnKind {
    fn of(name: &Name, meaning: Meaning, cells: &[Cell], is_named: bool) -> Self {
        let tally = Tally::of(cells);
        let is_counted = tally.are_counts() || tally.only_hidden() || tally.only_numbers();
        match meaning {
            _ if tally.shares > 0 => Self::KnownCounts,
            Meaning::Count if is_counted && name.is_plain_count() => Self::KnownCounts,
            Meaning::Count if is_counted => Self::Counts,
            Meaning::Dimension => Self::Labels,
            _ if !tally.only_numbers() => Self::Labels,
            _ if name.is_survival() => Self::Numbers,
            Meaning::Share => Self::Shares,
            Meaning::Unknown if tally.percents > 0 => Self::Shares,
            Meaning::Unknown if tally.only_counts() && is_enumeration(cells) => Self::Labels,
            Meaning::Unknown if tally.only_counts() && is_named => Self::Counts,
            _ => Self::Numbers,
        }
    }
}

/// Number of cells by form.
#[derive(Default)]
struct Tally {
    counts: usize,
    /// Counts with a per cent in the same cell.
    shares: usize,
    numbers: usize,
    /// Numbers with a per cent sign.
    percents: usize,
    hidden: usize,
    texts: usize,
}

impl Tally {
    fn of(cells: &[Cell]) -> Self {
        let mut tally = Self::default();
        for cell in cells {
            match cell {
                Cell::Count(count) => {
                    tally.counts += 1;
                    tally.shares += usize::from(count.percent.is_some());
                }
                Cell::Number(number) => {
                    tally.numbers += 1;
                    tally.percents += usize::from(number.is_percent);
                }
                Cell::Hidden(_) => tally.hidden += 1,
                Cell::Text => tally.texts += 1,
            }
        }
        tally
    }

    /// Returns true if most cells that are not hidden are counts.
    fn are_counts(&self) -> bool {
        self.counts > self.numbers + self.texts
    }

    fn only_counts(&self) -> bool {
        self.counts > 0 && self.numbers + self.texts == 0
    }

    fn only_numbers(&self) -> bool {
        self.counts + self.numbers > 0 && self.texts == 0
    }

    fn only_hidden(&self) -> bool {
        self.hidden > 0 && self.counts + self.numbers + self.texts == 0
    }
}

/// Returns true if the counts are consecutive numbers, each as often as the others and at least twice: they number the
/// values of a dimension.
fn is_enumeration(cells: &[Cell]) -> bool {
    let mut times: HashMap<i64, usize> = HashMap::new();
    cells.iter().filter_map(Cell::count).for_each(|count| *times.entry(count).or_insert(0) += 1);
    let first = times.keys().min();
    let last = times.keys().max();
    let are_consecutive = first.zip(last).is_some_and(|(first, last)| last - first + 1 == times.len() as i64);
    let mut often = times.values();
    let first_often = often.next();
    let are_alike = first_often.is_some_and(|first| *first > 1 && often.all(|other| other == first));
    are_consecutive && are_alike && times.len() >= FEWEST_ENUMERATED
}

/// Removes columns whose labels stand one to one with those of an earlier column, such as names beside codes.
///
/// The earlier column takes their totals: often only one of the two marks them.
fn independent(columns: Vec<LabelColumn>) -> Vec<LabelColumn> {
    let mut kept: Vec<LabelColumn> = Vec::new();
    for column in columns {
        match kept.iter_mut().find(|earlier| is_bijective(earlier, &column)) {
            None => kept.push(column),
            Some(earlier) => earlier.totals.iter_mut().zip(column.totals).for_each(|(total, other)| *total |= other),
        }
    }
    kept
}

/// Returns true if the labels of two columns stand one to one. Totals may be marked in one of the columns only.
fn is_bijective(a: &LabelColumn, b: &LabelColumn) -> bool {
    let mut there: HashMap<&str, &str> = HashMap::new();
    let mut back: HashMap<&str, &str> = HashMap::new();
    for row in (0..a.values.len()).filter(|&row| !a.totals[row] && !b.totals[row]) {
        let one = a.values[row].as_str();
        let other = b.values[row].as_str();
        let is_other = there.insert(one, other).is_some_and(|known| known != other);
        if is_other || back.insert(other, one).is_some_and(|known| known != one) {
            return false;
        }
    }
    there.len() > 1
}
