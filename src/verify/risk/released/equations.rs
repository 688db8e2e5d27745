//! Equations between the cells of released tables: totals of rows, totals of columns, and tables of the same people.

use std::collections::HashMap;

use super::cell::{Cell, Hidden};
use super::interval::Equation;
use super::sheet::{CellColumn, Sheet};

/// Sums that hold for each one that does not, in sums that are taken for true. Labels that overlap, or a table without
/// some of its rows, break sums.
const HELD_PER_BROKEN: usize = 4;
/// Fewest equal cells by which two tables with the same labels are taken for tables of the same people.
const FEWEST_EQUAL: usize = 2;
/// Most rows that are compared between tables, over all pairs.
const MOST_COMPARED: usize = 1 << 24;

/// A hidden cell of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct HiddenCell {
    /// Position of the table.
    pub sheet: usize,
    /// Position among its columns of counts.
    pub column: usize,
    pub mark: Hidden,
}

/// The hidden cells of several tables, and the equations between them.
#[derive(Default)]
pub(super) struct Sums {
    pub cells: Vec<HiddenCell>,
    pub equations: Vec<Equation>,
    /// Pairs of tables that are not compared, because there are too many rows.
    pub skipped_pairs: usize,
}

/// A cell of a sum.
#[derive(Debug, Clone, Copy)]
enum Term {
    Shown(i64),
    Hidden(usize),
    /// Text, or a number that is no count.
    Unknown,
}

/// A possible equation: parts and their total.
struct Sum {
    parts: Vec<Term>,
    total: Term,
}

/// Labels of a row that are no totals, with the names of their columns.
type Key<'a> = Vec<(&'a str, &'a str)>;

/// The cells of a column of counts by their labels.
struct Counts<'a> {
    name: &'a str,
    rows: &'a Rows<'a>,
    terms: Vec<Term>,
}

/// The rows of a table by their labels.
struct Rows<'a> {
    label_names: Vec<&'a str>,
    keys: Vec<Key<'a>>,
    by_key: HashMap<Key<'a>, usize, ahash::RandomState>,
}

impl<'a> Rows<'a> {
    /// Returns the rows of a table; `None` if two have the same labels.
    fn new(sheet: &'a Sheet<'a>) -> Option<Self> {
        let keys: Vec<Key<'a>> = (0..sheet.rows).map(|row| sheet.key(row)).collect();
        let by_key: HashMap<Key<'a>, usize, ahash::RandomState> = keys.iter().cloned().zip(0..).collect();
        (by_key.len() == keys.len()).then(|| Self { label_names: sheet.label_names(), keys, by_key })
    }

    /// Returns true for a row in which no label is a total.
    fn is_inner(&self, key: &Key<'_>) -> bool {
        key.len() == self.label_names.len()
    }
}

impl Sums {
    /// Collects the hidden cells of `sheets`, and the sums in each of them and between them.
    pub(super) fn new(sheets: &[Sheet<'_>]) -> Self {
        let mut sums = Self::default();
        let rows: Vec<Option<Rows<'_>>> = sheets.iter().map(Rows::new).collect();
        let mut all: Vec<Counts<'_>> = Vec::new();
        for (number, (sheet, rows)) in sheets.iter().zip(&rows).enumerate() {
            let Some(rows) = rows else { continue };
            let first = all.len();
            let exact = sheet.counts.iter().enumerate().filter(|(_, column)| !sheet.is_rounded(column));
            for (position, column) in exact {
                all.push(Counts { name: &column.name.text, rows, terms: sums.terms(number, position, column) });
            }
            let own = &all[first..];
            own.iter().for_each(|counts| sums.add_row_totals(counts));
            sums.add_column_totals(sheet, own);
        }
        sums.add_between(&all);
        sums
    }

    fn terms(&mut self, sheet: usize, position: usize, column: &CellColumn) -> Vec<Term> {
        let mut terms = Vec::with_capacity(column.cells.len());
        for cell in &column.cells {
            terms.push(match cell {
                Cell::Count(count) => Term::Shown(count.value),
                Cell::Hidden(mark) => {
                    self.cells.push(HiddenCell { sheet, column: position, mark: *mark });
                    Term::Hidden(self.cells.len() - 1)
                }
                Cell::Number(_) | Cell::Text => Term::Unknown,
            });
        }
        terms
    }

    /// Adds the sums over the labels of each column to the rows of totals.
    fn add_row_totals(&mut self, counts: &Counts<'_>) {
        let rows = counts.rows;
        for name in &rows.label_names {
            let mut parts: HashMap<Key<'_>, Vec<Term>, ahash::RandomState> = HashMap::default();
            for (key, term) in rows.keys.iter().zip(&counts.terms) {
                let rest: Key<'_> = key.iter().filter(|(column, _)| column != name).copied().collect();
                if rest.len() < key.len() {
                    parts.entry(rest).or_default().push(*term);
                }
            }
            let total = |key: &Key<'_>| rows.by_key.get(key).map(|&row| counts.terms[row]);
            let sums = parts.into_iter().filter_map(|(key, parts)| Some(Sum { parts, total: total(&key)? }));
            self.add(sums.collect(), 0);
        }
    }

    /// Adds the sums of the columns of a table to a column of totals.
    fn add_column_totals(&mut self, sheet: &Sheet<'_>, counts: &[Counts<'_>]) {
        let name = |counts: &Counts<'_>| sheet.counts.iter().find(|column| column.name.text == counts.name);
        let is_base = |counts: &&Counts<'_>| name(counts).is_some_and(|column| column.name.is_base());
        let parts: Vec<&Counts<'_>> = counts.iter().filter(|counts| !is_base(counts)).collect();
        if parts.len() < 2 {
            return;
        }
        for total in counts.iter().filter(is_base) {
            let is_total = name(total).is_some_and(|column| column.name.is_total());
            let sums = (0..sheet.rows)
                .map(|row| Sum { parts: parts.iter().map(|part| part.terms[row]).collect(), total: total.terms[row] });
            // A column called `n` is the total of the others only if some row shows it.
            self.add(sums.collect(), usize::from(!is_total));
        }
    }

    /// Adds the sums between tables with a column of counts of the same name, where all that they both show agrees.
    fn add_between(&mut self, all: &[Counts<'_>]) {
        let mut left = MOST_COMPARED;
        for (number, fine) in all.iter().enumerate() {
            for (other, coarse) in all.iter().enumerate() {
                // Tables with the same labels are compared once.
                let is_twin = fine.rows.label_names.len() == coarse.rows.label_names.len() && other <= number;
                if is_twin || !fine.may_sum_to(coarse) {
                    continue;
                }
                let rows = fine.terms.len() + coarse.terms.len();
                if rows > left {
                    self.skipped_pairs += 1;
                } else {
                    left -= rows;
                    self.add_pair(fine, coarse);
                }
            }
        }
    }

    /// Adds the cells of `coarse` as sums over the rows of `fine`.
    fn add_pair(&mut self, fine: &Counts<'_>, coarse: &Counts<'_>) {
        let mut parts: HashMap<Key<'_>, Vec<Term>, ahash::RandomState> = HashMap::default();
        let are_alike = fine.rows.label_names == coarse.rows.label_names;
        for (key, term) in fine.rows.keys.iter().zip(&fine.terms) {
            if are_alike || fine.rows.is_inner(key) {
                let names = &coarse.rows.label_names;
                let shared: Key<'_> = key.iter().filter(|(column, _)| names.contains(column)).copied().collect();
                parts.entry(shared).or_default().push(*term);
            }
        }
        let total = |key: &Key<'_>| coarse.rows.by_key.get(key).map(|&row| coarse.terms[row]);
        let sums = parts.into_iter().filter_map(|(key, parts)| Some(Sum { parts, total: total(&key)? }));
        self.add(sums.collect(), if are_alike { FEWEST_EQUAL } else { 1 });
    }

    /// Adds the sums with hidden cells, if at least `proofs` of the others hold and hardly any is broken.
    fn add(&mut self, sums: Vec<Sum>, proofs: usize) {
        let mut held = 0;
        let mut broken = 0;
        let mut open: Vec<Equation> = Vec::new();
        for sum in sums {
            let Some(equation) = sum.equation() else { continue };
            match (equation.terms.is_empty(), equation.sum) {
                (true, 0) => held += 1,
                (true, _) => broken += 1,
                (false, _) => open.push(equation),
            }
        }
        if held >= proofs && held >= HELD_PER_BROKEN * broken {
            self.equations.extend(open);
        }
    }
}

impl Counts<'_> {
    /// Returns true if sums of these cells may be cells of `coarse`, and one of them is hidden.
    fn may_sum_to(&self, coarse: &Counts<'_>) -> bool {
        let is_other = !std::ptr::eq(self.rows, coarse.rows);
        let is_part = || coarse.rows.label_names.iter().all(|name| self.rows.label_names.contains(name));
        is_other && self.name == coarse.name && (self.has_hidden() || coarse.has_hidden()) && is_part()
    }

    fn has_hidden(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Hidden(_)))
    }
}

impl Sum {
    /// Returns the equation of the hidden cells; `None` if a cell is unknown.
    fn equation(&self) -> Option<Equation> {
        let mut equation = Equation { terms: Vec::new(), sum: 0 };
        let parts = self.parts.iter().map(|part| (part, 1));
        for (term, sign) in parts.chain([(&self.total, -1)]) {
            match term {
                Term::Shown(count) => equation.sum -= sign * count,
                Term::Hidden(cell) => equation.terms.push((*cell, sign)),
                Term::Unknown => return None,
            }
        }
        Some(equation)
    }
}
