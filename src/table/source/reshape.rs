//! The wide annual layout: a row with a column for each month becomes a row for each marked month.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::batch::{SourceBatch, SpecialMissing};
use salanimi_core::Reason;

/// The last columns of the layout: year, then the months from January.
const YEAR_AND_MONTHS: usize = 13;

/// Meaning of the cells of the month columns.
#[derive(Debug)]
pub struct MonthCells {
    /// Texts that produce a row for the month.
    pub yes: Vec<String>,
    /// Texts that produce no row, besides empty text.
    pub no: Vec<String>,
}

/// A batch after the reshape.
pub struct Reshaped {
    /// The batch, one row a month, without the columns of year and months.
    pub batch: SourceBatch,
    /// For each row its month, `yyyy-mm`.
    pub months: ArrayRef,
    /// Rejected rows: source row and reason.
    pub rejected: Vec<(u64, Reason)>,
}

/// Turns each row of `batch` into a row for each month that its month columns mark.
///
/// The last thirteen columns are the year and the months from January. A row is rejected whole if its year or any of
/// its month cells has no meaning.
///
/// # Errors
/// A column cannot be read as text.
pub fn months_to_rows(batch: &SourceBatch, cells: &MonthCells) -> Result<Reshaped, ArrowError> {
    let width = batch.columns.len() - YEAR_AND_MONTHS;
    let texts: Vec<ArrayRef> =
        batch.columns[width..].iter().map(|c| cast(c, &DataType::Utf8)).collect::<Result<_, _>>()?;
    let texts: Vec<&StringArray> = texts.iter().map(AsArray::as_string).collect();
    let mut rows = Vec::new();
    let mut months = Vec::new();
    let mut rejected = Vec::new();
    for (row, &number) in batch.rows.iter().enumerate() {
        match marked_months(&texts, row, cells) {
            Ok(marked) => {
                rows.extend(std::iter::repeat_n(row as u32, marked.len()));
                months.extend(marked);
            }
            Err(reason) => rejected.push((number, reason)),
        }
    }
    let special_missing = moved(&batch.special_missing, &rows, width);
    let numbers = rows.iter().map(|&row| batch.rows[row as usize]).collect();
    let order: UInt32Array = rows.into();
    let columns = batch.columns[..width].iter().map(|c| take(c, &order, None)).collect::<Result<_, _>>()?;
    let malformed = batch.malformed.clone();
    Ok(Reshaped {
        batch: SourceBatch { columns, rows: numbers, malformed, special_missing, bytes: batch.bytes },
        months: Arc::new(StringArray::from(months)),
        rejected,
    })
}

/// Returns the special missing values of the first `width` columns at their new rows. `rows` has the old row of each.
fn moved(values: &[SpecialMissing], rows: &[u32], width: usize) -> Vec<SpecialMissing> {
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for value in values.iter().filter(|value| value.column < width) {
        columns.entry(value.row).or_default().push(value.column);
    }
    let at = |(row, old): (usize, &u32)| {
        let columns = columns.get(&(*old as usize)).into_iter().flatten();
        columns.map(move |&column| SpecialMissing { column, row })
    };
    rows.iter().enumerate().flat_map(at).collect()
}

fn marked_months(texts: &[&StringArray], row: usize, cells: &MonthCells) -> Result<Vec<String>, Reason> {
    let year = trimmed_text(texts[0], row);
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::Date);
    }
    let mut months = Vec::new();
    for (month, column) in (1..).zip(&texts[1..]) {
        let cell = trimmed_text(column, row);
        if cells.yes.iter().any(|yes| yes == cell) {
            months.push(format!("{year}-{month:02}"));
        } else if !cell.is_empty() && !cells.no.iter().any(|no| no == cell) {
            return Err(Reason::UnknownCode);
        }
    }
    Ok(months)
}

/// Returns the trimmed text of a cell; a null is empty text.
fn trimmed_text(texts: &StringArray, row: usize) -> &str {
    if texts.is_null(row) { "" } else { texts.value(row).trim() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: [&str; 3]) -> ArrayRef {
        Arc::new(StringArray::from(texts.to_vec()))
    }

    #[test]
    fn a_year_becomes_the_months_that_it_marks() {
        let mut columns = vec![column(["a", "b", "c"]), column(["2017", "2017", "x"])];
        columns.push(column(["1", "?", "1"]));
        columns.extend((2..12).map(|_| column(["0", "", ""])));
        columns.push(column(["1", "", ""]));
        let batch = SourceBatch { columns, rows: vec![2, 3, 4], malformed: vec![], special_missing: vec![], bytes: 0 };
        let cells = MonthCells { yes: vec!["1".into()], no: vec!["0".into()] };
        let reshaped = months_to_rows(&batch, &cells).unwrap();
        assert_eq!(reshaped.batch.columns[0].as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["a", "a"]);
        assert_eq!(reshaped.months.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["2017-01", "2017-12"]);
        assert_eq!(reshaped.batch.rows, [2, 2]);
        assert_eq!(reshaped.rejected, [(3, Reason::UnknownCode), (4, Reason::Date)]);
    }
}
