//! The search of a table: every cell of every column, on all threads.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::column::{self, ColumnState, Wanted};
use super::contract_identifiers::Patterns;
use super::metadata::UnusedDictionaryHits;
use super::positions::{NumberRange, find_pair};
use super::split::Splits;
use super::tally::Finding;
use crate::shared::Shared;
use crate::table::Rows;
use crate::verify::detect::Kind;
use crate::verify::subject::{Subject, SubjectTable};

/// Most and fewest different strings of one kind that are counted in a column.
const MOST_STRINGS: usize = 1 << 20;
const FEWEST_STRINGS: usize = 64;
/// Memory for such a string in bytes, roughly, over the kinds that one column can have.
const STRING_BYTES: usize = 256;

/// The search of a table's cells, while the table is read.
pub(crate) struct Search<'a> {
    table: &'a SubjectTable,
    /// Identifiers of the contract.
    patterns: &'a Patterns<'a>,
    columns: Vec<Shared<ColumnState>>,
    /// Positions of the columns of pseudonyms.
    pseudonyms: Vec<usize>,
    splits: Splits,
    rows: AtomicU64,
    is_malformed: AtomicBool,
    /// Most different strings of one kind that are counted in a column.
    most: usize,
}

/// Findings in a table.
pub(crate) struct Scan {
    pub(super) findings: Vec<Finding>,
    /// Number of rows; `None` if the table was not read to the end.
    pub(super) rows: Option<u64>,
    /// Hits in dictionaries that no row has.
    pub(super) unused: Vec<UnusedDictionaryHits>,
    /// `true` if some lines do not form a row.
    pub(super) is_malformed: bool,
}

impl<'a> Search<'a> {
    /// Begins the search of `table` for identifiers, those of `patterns` among them.
    pub(crate) fn new(table: &'a SubjectTable, patterns: &'a Patterns<'a>, memory: usize) -> Self {
        let count = table.columns.len();
        Self {
            table,
            patterns,
            columns: (0..count).map(|_| Shared::new(ColumnState::new(patterns))).collect(),
            pseudonyms: table.pseudonyms(),
            splits: Splits::default(),
            rows: AtomicU64::new(0),
            is_malformed: AtomicBool::new(false),
            most: (memory / STRING_BYTES / count.max(1)).clamp(FEWEST_STRINGS, MOST_STRINGS),
        }
    }

    /// Searches some rows.
    pub(crate) fn see(&self, rows: &Rows) {
        for (position, (cells, state)) in rows.columns.iter().zip(&self.columns).enumerate() {
            let wanted = Wanted { patterns: self.patterns, is_key: self.pseudonyms.contains(&position) };
            column::search(cells, rows.first, state, wanted, self.most);
        }
        self.splits.add(rows);
        self.rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        self.is_malformed.fetch_or(!rows.malformed.is_empty(), Ordering::Relaxed);
    }

    /// Returns what was found. `is_whole` tells whether the table was read to the end.
    pub(crate) fn finish(self, is_whole: bool) -> Scan {
        let Self { table, patterns, columns, splits, rows, is_malformed, .. } = self;
        let states: Vec<ColumnState> = columns.into_iter().map(Shared::into_inner).collect();
        let mut findings = splits.findings(table);
        findings.extend(coordinates(table, &states));
        let mut unused = Vec::new();
        for (position, state) in states.into_iter().enumerate() {
            let place = Subject::place(table, position);
            findings.extend(state.days.finding(&table.columns[position].name, &place));
            for (tally, pattern) in state.identifiers.into_iter().zip(&patterns.all) {
                findings.push(tally.close(format!("{place} ({})", pattern.name), pattern.kind()).finding);
            }
            for closed in state.tallies.close(&place) {
                let kind = closed.finding.kind;
                if closed.unused > 0 && kind.is_revealing() {
                    unused.push(UnusedDictionaryHits { place: place.clone(), kind, hits: closed.unused });
                }
                findings.push(closed.finding);
            }
        }
        Scan { findings, rows: is_whole.then_some(rows.into_inner()), unused, is_malformed: is_malformed.into_inner() }
    }
}

/// Returns the finding of a pair of columns with positions.
fn coordinates(table: &SubjectTable, states: &[ColumnState]) -> Option<Finding> {
    let spreads: Vec<NumberRange> = states.iter().map(|state| state.spread).collect();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let pair = find_pair(&spreads, &names)?;
    let place = format!("{} + {}", Subject::place(table, pair.north), table.columns[pair.east].label);
    // A pair that may be amounts has too few hits to fail.
    let hits = if pair.is_sure { pair.cells } else { 1 };
    Some(Finding { shaped: pair.cells, ..Finding::sure(place, Kind::Coordinates, hits) })
}
