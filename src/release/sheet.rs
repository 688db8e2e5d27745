//! A released table as it is written: Parquet, and CSV with semicolons.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal64Array, Int32Array, StringArray};

use super::column::Labels;
use super::error::ReleaseError;
use crate::exchange::{OutputFolder, ReleasedKind, ReleasedTable};
use crate::table::{Field, Group, StoreError, ValueType, write_table};
use salanimi_core::Id;

/// Decimals of shares.
const DECIMALS: i8 = 4;
const UNIT: f64 = 10_000.0;
/// Digits of the decimal type.
const DIGITS: u8 = crate::table::DECIMAL_DIGITS;

/// The cells of a column.
pub(super) enum Cells {
    Text(Vec<String>),
    Labels(Labels),
    Count(Vec<Option<u64>>),
    Sum(Vec<Option<i64>>),
    Share(Vec<Option<f64>>),
}

/// A table that is to be written.
pub(super) struct Sheet {
    pub(super) name: Id,
    pub(super) kind: ReleasedKind,
    pub(super) columns: Vec<(String, Cells)>,
    pub(super) done: Vec<String>,
}

impl Sheet {
    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// Writes both files.
    pub(super) fn write(self, folder: &OutputFolder) -> Result<ReleasedTable, ReleaseError> {
        let (parquet, csv) = (format!("{}.parquet", self.name), format!("{}.csv", self.name));
        let rows = self.rows();
        let fields: Vec<Field> =
            self.columns.iter().map(|(name, cells)| Field { name: name.clone(), value: cells.value() }).collect();
        let path = folder.path().join(&parquet);
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter()
            .map(|(_, cells)| cells.array().map_err(|error| StoreError::encode(&path, &error)))
            .collect::<Result<_, _>>()?;
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

    /// The lines of the CSV file; a value with a semicolon, a quotation mark or a line end in it is quoted.
    fn csv(&self, rows: usize) -> String {
        let quoted = |text: &str| match text.contains([';', '"', '\n', '\r']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        };
        let line = |cells: Vec<String>| cells.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(";") + "\n";
        let head = line(self.columns.iter().map(|(name, _)| name.clone()).collect());
        let body = (0..rows).map(|row| line(self.columns.iter().map(|(_, cells)| cells.text(row)).collect()));
        std::iter::once(head).chain(body).collect()
    }
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Labels(labels) => labels.of.len(),
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
            Self::Share(_) => ValueType::Decimal { scale: DECIMALS },
        }
    }

    fn array(&self) -> Result<ArrayRef, arrow::error::ArrowError> {
        Ok(match self {
            Self::Text(cells) => Arc::new(StringArray::from_iter_values(cells)),
            Self::Labels(labels) => {
                Arc::new(StringArray::from_iter_values((0..labels.of.len()).map(|row| labels.text(row))))
            }
            Self::Count(cells) => {
                Arc::new(cells.iter().map(|cell| cell.and_then(|n| i32::try_from(n).ok())).collect::<Int32Array>())
            }
            Self::Sum(cells) => {
                Arc::new(cells.iter().copied().collect::<Decimal64Array>().with_precision_and_scale(DIGITS, 0)?)
            }
            Self::Share(cells) => {
                let shares = cells.iter().map(|cell| cell.map(|share| (share * UNIT).round() as i64));
                Arc::new(shares.collect::<Decimal64Array>().with_precision_and_scale(DIGITS, DECIMALS)?)
            }
        })
    }

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
