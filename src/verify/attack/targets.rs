//! Targets of the attack: columns whose values can be made from identity codes, and their values as bytes.

use super::decode::{Decoded, decodings};
use super::target_index::{Entry, TargetIndex};
use crate::progress::Progress;
use crate::table::SourceError;
use crate::verify::distinct::{Distinct, DistinctCollector, Limits};
use crate::verify::subject::{Subject, SubjectTable};

/// Columns that are read together: few, because many values of each are kept.
const AT_ONCE: usize = 32;
/// Fewest distinct values. Fewer are a list of codes, unless nearly every row has its own.
const FEWEST_VALUES: usize = 20;
/// Most targets in all, about. With more of them, a smaller share of the codes finds a scheme.
const MOST_TARGETS: usize = 1 << 17;
/// Fewest targets that each column keeps, however many columns there are.
const FEWEST_TARGETS: usize = 1 << 11;
/// Per cent of the cells that must be possible pseudonyms.
const ENOUGH_PERCENT: u64 = 95;
/// Bytes by which wide targets are indexed. Targets of fewer bytes are narrow.
pub(super) const WIDE_KEY: usize = 8;
/// Bytes by which narrow targets are indexed.
const NARROW_KEY: usize = 4;

/// An attacked column. Its values are never printed.
pub(super) struct Column {
    /// Position of the subject.
    pub subject: usize,
    /// Position of the table in the subject.
    pub table: usize,
    /// Position of the column in the table.
    pub position: usize,
    /// Label of the table and column in evidence.
    pub label: String,
    /// Distinct values as they are in the data, or a random sample of them.
    pub values: Vec<Box<[u8]>>,
    /// `true` if the values are bytes.
    pub binary: bool,
    /// `true` if all values are included.
    pub complete: bool,
}

/// The values of a column under one decoding.
pub(super) struct TargetSet {
    /// Position of the column.
    pub column: usize,
    /// Bytes of each target.
    pub width: usize,
    bytes: Vec<u8>,
}

impl TargetSet {
    /// Returns the number of targets.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// Returns the target at a position.
    #[inline]
    pub fn target(&self, at: u32) -> &[u8] {
        let start = at as usize * self.width;
        &self.bytes[start..start + self.width]
    }
}

/// Reads the columns of all tables that can be attacked.
pub(super) fn columns(subjects: &[Subject], progress: &dyn Progress) -> Vec<Column> {
    let tables: usize = subjects.iter().map(|subject| subject.tables.len()).sum();
    progress.begin("attack: read", tables as u64);
    let mut found = Vec::new();
    for (position, subject) in subjects.iter().enumerate() {
        for (number, table) in subject.tables.iter().enumerate() {
            // The integrity checks report a table that cannot be read.
            if let Ok(columns) = columns_of_table([position, number], table) {
                found.extend(columns);
            }
            progress.advance(1);
        }
    }
    sample(&mut found);
    found
}

fn columns_of_table(place: [usize; 2], table: &SubjectTable) -> Result<Vec<Column>, SourceError> {
    let mut found = Vec::new();
    for wanted in table.table.all().chunks(AT_ONCE) {
        let gathered = DistinctCollector::new(wanted.len(), Limits { most: MOST_TARGETS / 2, ..Limits::default() });
        table.table.map(wanted, |rows| gathered.add(&rows.columns))?;
        for (&at, distinct) in wanted.iter().zip(gathered.finish()) {
            found.extend(column([place[0], place[1], at], Subject::place(table, at), distinct));
        }
    }
    Ok(found)
}

/// Returns a column as an attacked one; `None` if its values cannot be pseudonyms.
fn column([subject, table, position]: [usize; 3], label: String, distinct: Distinct) -> Option<Column> {
    let cells = distinct.cells;
    let binary = distinct.binary;
    let has_pseudonyms = (cells - distinct.unfit) * 100 >= cells * ENOUGH_PERCENT;
    let (values, complete) = distinct.finish();
    let is_list = values.len() < FEWEST_VALUES && (values.len() < 2 || (values.len() as u64) * 2 < cells);
    (has_pseudonyms && !is_list).then_some(Column { subject, table, position, label, values, binary, complete })
}

/// Samples the values of each column, so that the index of all targets stays fast.
///
/// The values are in random order, so the first ones are a random sample.
fn sample(columns: &mut [Column]) {
    let most = (MOST_TARGETS / columns.len().max(1)).max(FEWEST_TARGETS);
    for column in columns.iter_mut().filter(|column| column.values.len() > most) {
        column.values.truncate(most);
        column.complete = false;
    }
}

/// Decodes the values of the columns, in every possible way.
pub(super) fn target_sets(columns: &[Column]) -> Vec<TargetSet> {
    let mut sets = Vec::new();
    for (position, column) in columns.iter().enumerate() {
        for Decoded { width, bytes } in decodings(&column.values, column.binary) {
            sets.push(TargetSet { column: position, width, bytes });
        }
    }
    sets
}

/// Indexes of the targets of some sets.
pub(super) struct TargetIndexes {
    /// Targets of at least eight bytes.
    pub wide: TargetIndex,
    /// Narrower targets.
    pub narrow: TargetIndex,
    /// Width of the narrowest target; `None` if there are no targets.
    pub narrowest: Option<usize>,
}

impl TargetIndexes {
    /// Indexes the sets at the positions in `active`.
    pub fn new(sets: &[TargetSet], active: &[usize]) -> Self {
        let (wide, narrow): (Vec<usize>, Vec<usize>) = active.iter().partition(|&&set| sets[set].width >= WIDE_KEY);
        Self {
            wide: TargetIndex::new(WIDE_KEY, entries(sets, &wide, WIDE_KEY)),
            narrow: TargetIndex::new(NARROW_KEY, entries(sets, &narrow, NARROW_KEY)),
            narrowest: active.iter().map(|&set| sets[set].width).min(),
        }
    }
}

fn entries(sets: &[TargetSet], chosen: &[usize], key_width: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    for &at in chosen {
        for target in 0..sets[at].len() as u32 {
            entries.extend(Entry::pair(at as u32, target, sets[at].target(target), key_width));
        }
    }
    entries
}
