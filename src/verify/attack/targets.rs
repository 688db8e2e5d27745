//! The columns whose values could be made from identity codes, and their values as bytes.

use super::decode::decodings;
use super::lookup::{Lookup, key};
use crate::progress::Progress;
use crate::table::SourceError;
use crate::verify::distinct::{Distinct, Gathered};
use crate::verify::subject::{Subject, Tabular};

/// Columns that are read in one go.
const AT_ONCE: usize = 64;
/// Fewer distinct values than this are a list of codes, unless nearly every row has its own.
const FEWEST_VALUES: usize = 20;
/// Targets in all, about.
const MOST_TARGETS: usize = 1 << 16;
/// Targets of a column that are kept however many columns there are.
const FEWEST_TARGETS: usize = 1 << 11;
/// Cells that must be able to be pseudonyms, of a hundred.
const OF_A_HUNDRED: u64 = 95;

/// A column that is attacked. Its values are never printed.
pub(super) struct Column {
    /// Position of the subject, and how the column is named in evidence.
    pub subject: usize,
    pub label: String,
    /// Distinct values as they are written.
    pub values: Vec<Box<[u8]>>,
    pub binary: bool,
    /// Whether the values are all, not a sample.
    pub complete: bool,
}

/// The values of a column in one way of reading them as bytes.
pub(super) struct Set {
    /// Position of the column.
    pub column: usize,
    pub width: usize,
    bytes: Vec<u8>,
}

impl Set {
    pub fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    #[inline]
    pub fn target(&self, at: u32) -> &[u8] {
        let start = at as usize * self.width;
        &self.bytes[start..start + self.width]
    }
}

/// The columns of all tables that could be attacked.
pub(super) fn columns(subjects: &[Subject], progress: &dyn Progress) -> Vec<Column> {
    let tables: usize = subjects.iter().map(|subject| subject.tables.len()).sum();
    progress.begin("attack: read", tables as u64);
    let mut found = Vec::new();
    for (position, subject) in subjects.iter().enumerate() {
        for table in &subject.tables {
            // What cannot be read is the integrity check's to say.
            found.extend(of_table(position, table).unwrap_or_default());
            progress.advance(1);
        }
    }
    thin_out(&mut found);
    found
}

fn of_table(subject: usize, table: &Tabular) -> Result<Vec<Column>, SourceError> {
    let mut found = Vec::new();
    for wanted in table.table.all().chunks(AT_ONCE) {
        let gathered = Gathered::new(wanted.len());
        table.table.map(wanted, |rows| gathered.add(&rows.columns))?;
        for (&at, distinct) in wanted.iter().zip(gathered.finish()) {
            found.extend(column(subject, Subject::place(table, at), distinct));
        }
    }
    Ok(found)
}

fn column(subject: usize, label: String, distinct: Distinct) -> Option<Column> {
    let (cells, unfit, binary) = (distinct.cells, distinct.unfit, distinct.binary);
    let (values, complete) = distinct.finish();
    let few = values.len() < FEWEST_VALUES && (values.len() < 2 || (values.len() as u64) * 2 < cells);
    let fits = (cells - unfit) * 100 >= cells * OF_A_HUNDRED;
    (fits && !few).then_some(Column { subject, label, values, binary, complete })
}

/// Leaves so many values in each column that all together fit where they are looked up quickly. They are in a random order,
/// so the first are a random sample.
fn thin_out(columns: &mut [Column]) {
    let most = (MOST_TARGETS / columns.len().max(1)).max(FEWEST_TARGETS);
    for column in columns.iter_mut().filter(|column| column.values.len() > most) {
        column.values.truncate(most);
        column.complete = false;
    }
}

/// The values of the columns as bytes, in every way in which they can be read so.
pub(super) fn sets(columns: &[Column]) -> Vec<Set> {
    let of = |(position, column): (usize, &Column)| {
        let found = decodings(&column.values, column.binary).into_iter();
        found.map(|decoded| Set { column: position, width: decoded.width, bytes: decoded.bytes }).collect::<Vec<_>>()
    };
    columns.iter().enumerate().flat_map(of).collect()
}

/// What digests are looked up in.
pub(super) struct Lookups {
    /// Targets of at least 8 bytes, and narrower ones.
    pub wide: Lookup,
    pub narrow: Lookup,
    /// The width of the narrowest target.
    pub narrowest: usize,
}

impl Lookups {
    /// Of the sets at the positions in `active`.
    pub fn new(sets: &[Set], active: &[usize]) -> Self {
        let of = |narrow: bool| {
            let width = if narrow { 4 } else { 8 };
            let chosen = active.iter().filter(move |&&set| (sets[set].width < 8) == narrow);
            let targets = chosen.flat_map(move |&at| {
                let set = &sets[at];
                (0..set.len() as u32).flat_map(move |target| {
                    let bytes = set.target(target);
                    let last = key(&bytes[set.width - width..], width);
                    [(at as u32, target, false, key(bytes, width)), (at as u32, target, true, last)]
                })
            });
            Lookup::new(width, targets)
        };
        let narrowest = active.iter().map(|&set| sets[set].width).min().unwrap_or(0);
        Self { wide: of(false), narrow: of(true), narrowest }
    }
}
