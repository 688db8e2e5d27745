//! One pass over a table: every cell of every column, on all threads.

use super::column::{self, ColumnState, Wanted};
use super::contract_identifiers::Patterns;
use super::metadata::UnusedDictionaryHits;
use super::positions::{NumberRange, find_pair};
use super::split::Splits;
use super::tally::Finding;
use crate::progress::Progress;
use crate::shared::Shared;
use crate::table::{Rows, SourceError};
use crate::verify::detect::Kind;
use crate::verify::options::Options;
use crate::verify::subject::{Subject, SubjectTable};

/// Most and fewest different strings of one kind that are counted in a column.
const MOST_STRINGS: usize = 1 << 20;
const FEWEST_STRINGS: usize = 64;
/// Memory for such a string in bytes, roughly, over the kinds that one column can have.
const STRING_BYTES: usize = 256;

/// Findings in a table.
pub(super) struct Scan {
    pub findings: Vec<Finding>,
    /// Number of rows; `None` if the table was not read to the end.
    pub rows: Option<u64>,
    /// Hits in dictionaries that no row has.
    pub unused: Vec<UnusedDictionaryHits>,
    /// `true` if some lines do not form a row.
    pub is_malformed: bool,
    /// Error that ended the pass.
    pub error: Option<SourceError>,
}

/// Searches all cells of `table`; `patterns` are those of the contract's identifiers.
pub(super) fn scan(
    table: &SubjectTable,
    patterns: &Patterns<'_>,
    options: &Options<'_>,
    progress: &dyn Progress,
) -> Scan {
    let count = table.columns.len();
    let most = (options.memory / STRING_BYTES / count.max(1)).clamp(FEWEST_STRINGS, MOST_STRINGS);
    let states: Vec<Shared<ColumnState>> = (0..count).map(|_| Shared::new(ColumnState::new(patterns))).collect();
    let pseudonyms = table.pseudonyms();
    let splits = Splits::default();
    let read = table.table.map(&table.table.all(), |rows: Rows| {
        for (position, (cells, state)) in rows.columns.iter().zip(&states).enumerate() {
            let wanted = Wanted { patterns, is_key: pseudonyms.contains(&position) };
            column::search(cells, rows.first, state, wanted, most);
        }
        splits.add(&rows);
        progress.advance(rows.len() as u64);
        (!rows.malformed.is_empty(), rows.len() as u64)
    });
    let states: Vec<ColumnState> = states.into_iter().map(Shared::into_inner).collect();
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
    let is_malformed = read.as_ref().is_ok_and(|parts| parts.iter().any(|(is_malformed, _)| *is_malformed));
    let rows = read.as_ref().ok().map(|parts| parts.iter().map(|(_, rows)| rows).sum());
    Scan { findings, rows, unused, is_malformed, error: read.err() }
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
