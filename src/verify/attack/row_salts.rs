//! Salts that lie beside the pseudonyms: another column of the same table, with a salt in each row.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::Digest as _;

use super::salts::{Source, Word};
use super::targets::Column;
use crate::table::Cells;
use crate::verify::subject::{Subject, SubjectTable};

/// Rows of which the salts are tried, each of another pseudonym.
pub(super) const ROWS: usize = 16;
/// Columns of a table that are read.
const MOST_COLUMNS: usize = 64;
/// Longest salt, in bytes. It fits in a block as a key.
const LONGEST: usize = 64;
/// Fewest hexadecimal digits that are also tried as bytes.
const SHORTEST_HEX: usize = 8;

/// Salts of some rows, for the pseudonyms of a column.
pub(super) struct RowSalts {
    /// Position of the attacked column.
    pub column: usize,
    /// Label of the column with the salts.
    pub label: String,
    /// Readings of the salt of each row: as text, and as bytes if it is hexadecimal.
    pub rows: Vec<Vec<Word>>,
}

/// A row's cells, in the order of the columns that were read. They are never printed.
type Row = Vec<Option<Vec<u8>>>;
/// Rows by the digest of the pseudonym, the smallest digests of all rows: a fixed random sample of pseudonyms.
type Sample = BTreeMap<[u8; 8], Row>;

/// Returns the salts that other columns may hold for each column at `attacked`.
pub(super) fn row_salts(subjects: &[Subject], columns: &[Column], attacked: &BTreeSet<usize>) -> Vec<RowSalts> {
    let mut found = Vec::new();
    for (subject, tables) in subjects.iter().enumerate() {
        for (number, table) in tables.tables.iter().enumerate() {
            let mut of_table: Vec<usize> = attacked.iter().copied().collect();
            of_table.retain(|&at| columns[at].subject == subject && columns[at].table == number);
            found.extend(salts_of_table(table, columns, &of_table));
        }
    }
    found
}

fn salts_of_table(table: &SubjectTable, columns: &[Column], attacked: &[usize]) -> Vec<RowSalts> {
    let targets: Vec<usize> = attacked.iter().map(|&at| columns[at].position).collect();
    let others = table.table.all().into_iter().filter(|at| !targets.contains(at));
    let wanted: Vec<usize> = targets.iter().copied().chain(others).take(MOST_COLUMNS).collect();
    let sampled = targets.len().min(wanted.len());
    if sampled == 0 || wanted.len() < 2 {
        return Vec::new();
    }
    // The integrity checks report a table that cannot be read.
    let Ok(parts) = table.table.map(&wanted, |rows| samples(&rows.columns, sampled)) else { return Vec::new() };
    let mut found = Vec::new();
    for (target, &column) in attacked.iter().enumerate().take(sampled) {
        let sample = parts.iter().fold(Sample::new(), |all, part| merged(all, &part[target]));
        for (at, &position) in wanted.iter().enumerate().filter(|(at, _)| *at != target) {
            let label = Subject::place(table, position);
            found.extend(salts(&sample, at).map(|rows| RowSalts { column, label, rows }));
        }
    }
    found
}

/// Samples the rows of each of the first `targets` columns.
fn samples(columns: &[Cells], targets: usize) -> Vec<Sample> {
    (0..targets).map(|target| sample(columns, target)).collect()
}

fn sample(columns: &[Cells], target: usize) -> Sample {
    let mut sample = Sample::new();
    for row in 0..columns[target].len() {
        let Some(pseudonym) = value(&columns[target], row) else { continue };
        let digest = sha2::Sha256::digest(&pseudonym);
        let Some(&key) = digest.first_chunk() else { continue };
        let is_kept = sample.len() < ROWS || sample.last_key_value().is_some_and(|(last, _)| key < *last);
        if is_kept && !sample.contains_key(&key) {
            sample.insert(key, columns.iter().map(|cells| value(cells, row)).collect());
            shrink(&mut sample);
        }
    }
    sample
}

fn merged(mut all: Sample, part: &Sample) -> Sample {
    for (key, row) in part {
        all.entry(*key).or_insert_with(|| row.clone());
    }
    shrink(&mut all);
    all
}

fn shrink(sample: &mut Sample) {
    while sample.len() > ROWS {
        sample.pop_last();
    }
}

fn value(cells: &Cells, row: usize) -> Option<Vec<u8>> {
    let value = match cells {
        Cells::Text(texts) => texts.get(row)?.trim().as_bytes().to_vec(),
        Cells::Bytes(bytes) => (!cells.is_null(row)).then(|| bytes.value(row).to_vec())?,
        _ => cells.text(row)?.as_bytes().to_vec(),
    };
    (!value.is_empty()).then_some(value)
}

/// Returns the readings of the cells of a column; `None` if they can be no salts, one for each row.
fn salts(sample: &Sample, at: usize) -> Option<Vec<Vec<Word>>> {
    let cells: Option<Vec<&[u8]>> = sample.values().map(|row| row[at].as_deref()).collect();
    let cells = cells?;
    let different: BTreeSet<&[u8]> = cells.iter().copied().collect();
    let fits = cells.len() > 1 && different.len() == cells.len() && cells.iter().all(|cell| cell.len() <= LONGEST);
    fits.then(|| cells.into_iter().map(readings).collect())
}

fn readings(cell: &[u8]) -> Vec<Word> {
    let bytes = HEXLOWER_PERMISSIVE.decode(cell).ok().filter(|_| cell.len() >= SHORTEST_HEX);
    let texts = std::iter::once(cell.to_vec()).chain(bytes);
    texts.map(|text| Word { text, source: Source::Row }).collect()
}
