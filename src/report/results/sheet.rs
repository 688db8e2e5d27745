//! Released tables, read again from their CSV files: a page is made of nothing else.

use std::collections::BTreeMap;

use crate::exchange::{ReleasedItem, TOTAL, UNKNOWN};
use crate::report::documents::DocumentError;
use salanimi_core::Id;

/// A released table.
#[derive(Debug)]
pub(super) struct Sheet<'m> {
    pub(super) item: &'m ReleasedItem,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl<'m> Sheet<'m> {
    /// Reads the CSV text of an item; `None` if it is no table with the item's columns.
    pub(super) fn parse(item: &'m ReleasedItem, text: &str) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
        let rows: Result<Vec<Vec<String>>, _> =
            reader.records().map(|row| row.map(|row| row.iter().map(str::to_owned).collect())).collect();
        (header == item.columns).then_some(Self { item, header, rows: rows.ok()? })
    }

    /// Reads the CSV text of every item with one; `csv` has it by the item's name.
    ///
    /// # Errors
    /// A text is no table with its item's columns.
    pub(super) fn parse_all(items: &'m [ReleasedItem], csv: &BTreeMap<Id, String>) -> Result<Vec<Self>, DocumentError> {
        let texts = items.iter().filter_map(|item| Some((item, csv.get(&item.name)?)));
        texts
            .map(|(item, text)| Self::parse(item, text).ok_or_else(|| DocumentError::Sheet { name: item.name.clone() }))
            .collect()
    }

    /// Returns the position of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Returns the number in a cell; `None` if it is empty or there is no such column.
    pub(super) fn number(&self, row: usize, column: &str) -> Option<f64> {
        self.rows[row][self.column(column)?].parse().ok()
    }

    /// Returns the different values of a column, in order, without those that `leave_out`.
    pub(super) fn values(&self, column: usize, leave_out: &[&str]) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        for value in self.rows.iter().map(|row| &row[column]) {
            if !values.contains(value) && !leave_out.contains(&value.as_str()) {
                values.push(value.clone());
            }
        }
        values
    }

    /// Returns the first row whose first cells are these.
    pub(super) fn row(&self, cells: &[&str]) -> Option<usize> {
        self.rows
            .iter()
            .position(|row| row.iter().zip(cells).filter(|(cell, wanted)| *cell == **wanted).count() == cells.len())
    }

    /// Returns the number of a column in the first row whose first cells are these.
    pub(super) fn number_of(&self, cells: &[&str], column: &str) -> Option<f64> {
        self.number(self.row(cells)?, column)
    }

    /// Returns the row of all, or of those unknown in the first column.
    pub(super) fn row_of_all(&self, first_unknown: bool) -> Option<usize> {
        let mut cells = vec![TOTAL; self.item.dimensions.len()];
        if first_unknown {
            *cells.first_mut()? = UNKNOWN;
        }
        self.row(&cells)
    }
}
