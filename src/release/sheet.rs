//! Released tables as files: Parquet, and CSV with semicolons.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal64Array, Int32Array, StringArray};
use arrow::error::ArrowError;

use super::column::Labels;
use super::error::ReleaseError;
use crate::exchange::{OutputFolder, ReleasedKind, ReleasedTable};
use crate::table::{DECIMAL_DIGITS, Field, Group, StoreError, ValueType, write_table};
use salanimi_core::Id;

/// Decimals of shares.
const SHARE_DECIMALS: i8 = 4;
/// Shares are stored as multiples of one part of this.
const SHARE_UNIT: f64 = 10_000.0;

/// The cells of a column. `None` is a suppressed cell.
pub(super) enum Cells {
    Text(Vec<String>),
    Labels(Labels),
    Count(Vec<Option<u64>>),
    Sum(Vec<Option<i64>>),
    Share(Vec<Option<f64>>),
}

/// A table before it is written.
pub(super) struct Sheet {
    pub(super) name: Id,
    pub(super) kind: ReleasedKind,
    pub(super) columns: Vec<(String, Cells)>,
    pub(super) done: Vec<String>,
}

impl Sheet {
    /// Writes the Parquet and the CSV file.
    ///
    /// # Errors
    /// A file cannot be written, or a count does not fit the output format.
    pub(super) fn write(self, folder: &OutputFolder) -> Result<ReleasedTable, ReleaseError> {
        let parquet = format!("{}.parquet", self.name);
        let csv = format!("{}.csv", self.name);
        let rows = self.rows();
        let path = folder.path().join(&parquet);
        let arrays = self.arrays(&path)?;
        let fields: Vec<Field> =
            self.columns.iter().map(|(name, cells)| Field { name: name.clone(), value: cells.value() }).collect();
        let groups = if rows == 0 { Vec::new() } else { vec![Group { ranges: 0..1, rows: rows as u64 }] };
        let written = write_table(&path, &fields, &groups, None, |_| Ok::<_, StoreError>(arrays.clone()))?;
        let csv_digest = folder.write(&csv, self.csv(rows).as_bytes())?;
        Ok(ReleasedTable {
            rows: rows as u64,
            columns: self.columns.iter().map(|(name, _)| name.clone()).collect(),
            files: BTreeMap::from([(parquet, written.file_digest), (csv, csv_digest)]),
            name: self.name,
            kind: self.kind,
            done: self.done,
        })
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    fn arrays(&self, path: &Path) -> Result<Vec<ArrayRef>, ReleaseError> {
        let arrays = self.columns.iter().map(|(_, cells)| match cells {
            Cells::Text(texts) => Ok(Arc::new(StringArray::from_iter_values(texts)) as ArrayRef),
            Cells::Labels(labels) => {
                let texts = (0..labels.len()).map(|row| labels.text(row));
                Ok(Arc::new(StringArray::from_iter_values(texts)) as ArrayRef)
            }
            Cells::Count(counts) => self.counts(counts),
            Cells::Sum(sums) => decimals(sums.iter().copied(), 0).map_err(|error| encoding(path, &error)),
            Cells::Share(shares) => {
                let units = shares.iter().map(|share| share.map(|share| (share * SHARE_UNIT).round() as i64));
                decimals(units, SHARE_DECIMALS).map_err(|error| encoding(path, &error))
            }
        });
        arrays.collect()
    }

    /// Returns counts as numbers of 32 bits. A larger count must not become an empty cell, which means a suppressed
    /// one.
    fn counts(&self, counts: &[Option<u64>]) -> Result<ArrayRef, ReleaseError> {
        let counts = counts.iter().map(|count| count.map(i32::try_from).transpose());
        let counts: Result<Int32Array, _> = counts.collect();
        Ok(Arc::new(counts.map_err(|_| ReleaseError::CountTooLarge { name: self.name.clone() })?))
    }

    /// Returns the lines of the CSV file.
    fn csv(&self, rows: usize) -> String {
        let mut text = line(self.columns.iter().map(|(name, _)| name.clone()));
        for row in 0..rows {
            text += &line(self.columns.iter().map(|(_, cells)| cells.text(row)));
        }
        text
    }
}

fn decimals(units: impl Iterator<Item = Option<i64>>, scale: i8) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(units.collect::<Decimal64Array>().with_precision_and_scale(DECIMAL_DIGITS, scale)?))
}

fn encoding(path: &Path, error: &ArrowError) -> ReleaseError {
    StoreError::encode(path, error).into()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(quoted).collect::<Vec<_>>().join(";") + "\n"
}

/// Quotes a text that holds a semicolon, a quotation mark or a line end.
fn quoted(text: String) -> String {
    match text.contains([';', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Labels(labels) => labels.len(),
            Self::Count(cells) => cells.len(),
            Self::Sum(cells) => cells.len(),
            Self::Share(cells) => cells.len(),
        }
    }

    fn value(&self) -> ValueType {
        match self {
            Self::Text(_) | Self::Labels(_) => ValueType::Text,
            Self::Count(_) => ValueType::Integer,
            Self::Sum(_) => ValueType::Decimal { scale: 0 },
            Self::Share(_) => ValueType::Decimal { scale: SHARE_DECIMALS },
        }
    }

    /// Returns a cell as CSV shows it; a suppressed cell is empty.
    fn text(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells[row].clone(),
            Self::Labels(labels) => labels.text(row).to_owned(),
            Self::Count(cells) => cells[row].map_or_else(String::new, |count| count.to_string()),
            Self::Sum(cells) => cells[row].map_or_else(String::new, |sum| sum.to_string()),
            Self::Share(cells) => cells[row].map_or_else(String::new, |share| format!("{share:.4}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(columns: Vec<(String, Cells)>) -> Sheet {
        Sheet { name: Id::new("t").unwrap(), kind: ReleasedKind::Table, columns, done: Vec::new() }
    }

    #[test]
    fn a_count_beyond_the_format_is_an_error_and_not_a_suppressed_cell() {
        let large = u64::from(i32::MAX.unsigned_abs()) + 1;
        let counts = [Some(1), None, Some(large)];
        assert!(sheet(Vec::new()).counts(&counts[..2]).is_ok());
        assert!(matches!(sheet(Vec::new()).counts(&counts), Err(ReleaseError::CountTooLarge { .. })));
    }

    #[test]
    fn texts_with_separators_are_quoted() {
        let cells = Cells::Text(vec!["a;b".to_owned(), "say \"c\"".to_owned(), "d".to_owned()]);
        assert_eq!(sheet(vec![("x".to_owned(), cells)]).csv(3), "x\n\"a;b\"\n\"say \"\"c\"\"\"\nd\n");
    }
}
