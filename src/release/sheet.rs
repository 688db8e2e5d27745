//! Released tables as files: Parquet, and CSV with semicolons.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal64Array, Int32Array, StringArray};
use arrow::error::ArrowError;

use super::column::Labels;
use super::error::ReleaseError;
use super::item::Item;
use super::microdata::Microdata;
use super::query::Coding;
use super::summary::summary;
use crate::config::raw::release::Release;
use crate::exchange::{OutputFolder, ReleasedItem};
use crate::table::{DECIMAL_DIGITS, Field, Group, StoreError, ValueType, write_table};

/// Decimals of shares.
const SHARE_DECIMALS: i8 = 2;

/// The cells of a column. `None` is an empty cell.
pub(super) enum Cells {
    Text(Vec<String>),
    Labels(Labels),
    Count(Vec<i64>),
    Sum(Vec<Option<i64>>),
    Bound(Vec<Option<i64>>),
    Share(Vec<Option<f64>>),
}

/// A released table before it is written.
pub(super) struct Sheet {
    columns: Vec<(String, Cells)>,
    /// The item as the manifest describes it; its files are known when they are written.
    item: ReleasedItem,
}

impl Sheet {
    /// Returns the sheet of an item of protected numbers.
    pub(super) fn of_counts(item: &Item<'_>, rules: &Release, columns: Vec<(String, Cells)>) -> Self {
        Self::new(item, summary(item, rules), columns)
    }

    /// Returns the sheet of rows of persons.
    pub(super) fn of_rows(item: &Item<'_>, rows: Microdata) -> Self {
        let columns = rows.columns.into_iter().map(|(name, labels)| (name, Cells::Labels(labels))).collect();
        Self::new(item, rows.summary, columns)
    }

    fn new(item: &Item<'_>, summary: String, columns: Vec<(String, Cells)>) -> Self {
        let axes = item.queries.iter().take(1).flat_map(|query| &query.axes);
        let labelled = axes.filter(|axis| matches!(axis.coding, Coding::Labels { .. }));
        let item = ReleasedItem {
            name: item.name.clone(),
            kind: item.form.kind(),
            table: item.table.clone(),
            definition: item.definition,
            dimensions: labelled.map(|axis| axis.dimension.clone()).collect(),
            only: item.only().to_vec(),
            counts: item.counts.clone(),
            cost: item.cost(),
            summary,
            rows: columns.first().map_or(0, |(_, cells)| cells.len()) as u64,
            columns: columns.iter().map(|(name, _)| name.clone()).collect(),
            files: BTreeMap::new(),
        };
        Self { columns, item }
    }

    /// Writes the Parquet and the CSV file, and returns the item with both.
    ///
    /// # Errors
    /// A file cannot be written, or a number does not fit the output format.
    pub(super) fn write(mut self, folder: &OutputFolder) -> Result<ReleasedItem, ReleaseError> {
        let parquet = format!("{}.parquet", self.item.name);
        let csv = format!("{}.csv", self.item.name);
        let rows = self.rows();
        let path = folder.path().join(&parquet);
        let arrays = self.arrays(&path)?;
        let fields: Vec<Field> =
            self.columns.iter().map(|(name, cells)| Field { name: name.clone(), value: cells.value() }).collect();
        let groups = if rows == 0 { Vec::new() } else { vec![Group { ranges: 0..1, rows: rows as u64 }] };
        let written = write_table(&path, &fields, groups, None, |_| Ok::<_, StoreError>(arrays.clone()))?;
        let csv_digest = folder.write(&csv, self.csv(rows).as_bytes())?;
        self.item.files = BTreeMap::from([(parquet, written.file_digest), (csv, csv_digest)]);
        Ok(self.item)
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
            Cells::Sum(sums) | Cells::Bound(sums) => {
                decimals(sums.iter().copied(), 0).map_err(|error| encoding(path, &error))
            }
            Cells::Share(shares) => {
                let units = shares.iter().map(|share| share.map(hundredths));
                decimals(units, SHARE_DECIMALS).map_err(|error| encoding(path, &error))
            }
        });
        arrays.collect()
    }

    /// Returns counts as whole numbers of 32 bits.
    fn counts(&self, counts: &[i64]) -> Result<ArrayRef, ReleaseError> {
        let counts: Result<Vec<i32>, _> = counts.iter().map(|count| i32::try_from(*count)).collect();
        let counts = counts.map_err(|_| ReleaseError::TooLarge { name: self.item.name.clone() })?;
        Ok(Arc::new(Int32Array::from(counts)))
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

/// Returns a share in hundredths, rounded as its text is.
fn hundredths(share: f64) -> i64 {
    let digits = two_decimals(share).replace('.', "");
    match digits.parse() {
        Ok(number) => number,
        Err(_) => unreachable!("a share is a number from 0 to 1"),
    }
}

/// Returns a share with two decimals.
fn two_decimals(share: f64) -> String {
    format!("{share:.2}")
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
            Self::Sum(cells) | Self::Bound(cells) => cells.len(),
            Self::Share(cells) => cells.len(),
        }
    }

    fn value(&self) -> ValueType {
        match self {
            Self::Text(_) | Self::Labels(_) => ValueType::Text,
            Self::Count(_) => ValueType::Integer,
            Self::Sum(_) | Self::Bound(_) => ValueType::Decimal { scale: 0 },
            Self::Share(_) => ValueType::Decimal { scale: SHARE_DECIMALS },
        }
    }

    /// Returns a cell as CSV shows it; an absent value is empty.
    fn text(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells[row].clone(),
            Self::Labels(labels) => labels.text(row).to_owned(),
            Self::Count(cells) => cells[row].to_string(),
            Self::Sum(cells) | Self::Bound(cells) => cells[row].map_or_else(String::new, |sum| sum.to_string()),
            Self::Share(cells) => cells[row].map_or_else(String::new, two_decimals),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::ReleasedKind;
    use salanimi_core::Id;

    fn sheet(columns: Vec<(String, Cells)>) -> Sheet {
        let id = Id::new("t").unwrap();
        let item = ReleasedItem {
            name: id.clone(),
            kind: ReleasedKind::Table,
            table: id,
            definition: crate::crypto::Digest::of(b"t"),
            dimensions: Vec::new(),
            only: Vec::new(),
            counts: Vec::new(),
            cost: 0.0,
            summary: String::new(),
            rows: 0,
            columns: Vec::new(),
            files: BTreeMap::new(),
        };
        Sheet { columns, item }
    }

    #[test]
    fn a_count_beyond_the_format_is_an_error() {
        let large = i64::from(i32::MAX) + 1;
        assert!(sheet(Vec::new()).counts(&[1, 0]).is_ok());
        assert!(matches!(sheet(Vec::new()).counts(&[1, large]), Err(ReleaseError::TooLarge { .. })));
    }

    #[test]
    fn texts_with_separators_are_quoted() {
        let cells = Cells::Text(vec!["a;b".to_owned(), "say \"c\"".to_owned(), "d".to_owned()]);
        assert_eq!(sheet(vec![("x".to_owned(), cells)]).csv(3), "x\n\"a;b\"\n\"say \"\"c\"\"\"\nd\n");
    }
}
