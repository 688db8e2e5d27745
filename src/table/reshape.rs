//! The wide annual layout: a row with a column for each month becomes a row for each month.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::batch::SourceBatch;
use salanimi_core::Reason;

/// What the cells of the month columns mean.
#[derive(Debug)]
pub struct MonthCells {
    /// Texts that mean a row for that month.
    pub yes: Vec<String>,
    /// Texts that mean no row; empty text always does.
    pub no: Vec<String>,
}

/// A batch after the reshape.
pub struct Reshaped {
    /// The batch, one row a month; the last columns, year and months, are gone.
    pub batch: SourceBatch,
    /// For each row its month, written `yyyy-mm`.
    pub months: ArrayRef,
    /// Rows that could not be reshaped: source row and reason.
    pub rejected: Vec<(u64, Reason)>,
}

/// Turns each row of `batch` into a row for each month that its month columns name. The last thirteen columns are the
/// year and the months from January on.
///
/// A row whose year or any of whose month cells has no meaning is rejected whole.
///
/// # Errors
/// A column cannot be read as text.
pub fn months_to_rows(batch: &SourceBatch, cells: &MonthCells) -> Result<Reshaped, ArrowError> {
    let width = batch.columns.len() - 13;
    let texts: Vec<ArrayRef> =
        batch.columns[width..].iter().map(|c| cast(c, &DataType::Utf8)).collect::<Result<_, _>>()?;
    let texts: Vec<&StringArray> = texts.iter().map(arrow::array::AsArray::as_string).collect();
    let (mut rows, mut months, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
    for (row, &number) in batch.rows.iter().enumerate() {
        match months_of(&texts, row, cells) {
            Ok(named) => {
                rows.extend(std::iter::repeat_n(row as u32, named.len()));
                months.extend(named);
            }
            Err(reason) => rejected.push((number, reason)),
        }
    }
    let numbers = rows.iter().map(|&row| batch.rows[row as usize]).collect();
    let order: UInt32Array = rows.into();
    let columns = batch.columns[..width].iter().map(|c| take(c, &order, None)).collect::<Result<_, _>>()?;
    let malformed = batch.malformed.clone();
    Ok(Reshaped {
        batch: SourceBatch { columns, rows: numbers, malformed, bytes: batch.bytes },
        months: Arc::new(StringArray::from(months)),
        rejected,
    })
}

fn months_of(texts: &[&StringArray], row: usize, cells: &MonthCells) -> Result<Vec<String>, Reason> {
    let year = text(texts[0], row);
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::Date);
    }
    let mut months = Vec::new();
    for (month, column) in (1..).zip(&texts[1..]) {
        let cell = text(column, row);
        if cells.yes.iter().any(|yes| yes == cell) {
            months.push(format!("{year}-{month:02}"));
        } else if !cell.is_empty() && !cells.no.iter().any(|no| no == cell) {
            return Err(Reason::UnknownCode);
        }
    }
    Ok(months)
}

fn text(texts: &StringArray, row: usize) -> &str {
    if texts.is_null(row) { "" } else { texts.value(row).trim() }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use super::*;

    #[test]
    fn a_year_becomes_the_months_that_it_names() {
        let column = |texts: [&str; 3]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
        let mut columns = vec![column(["a", "b", "c"]), column(["2017", "2017", "x"])];
        columns.push(column(["1", "?", "1"]));
        columns.extend((2..12).map(|_| column(["0", "", ""])));
        columns.push(column(["1", "", ""]));
        let batch = SourceBatch { columns, rows: vec![2, 3, 4], malformed: vec![], bytes: 0 };
        let cells = MonthCells { yes: vec!["1".into()], no: vec!["0".into()] };
        let reshaped = months_to_rows(&batch, &cells).unwrap();
        assert_eq!(reshaped.batch.columns[0].as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["a", "a"]);
        assert_eq!(reshaped.months.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["2017-01", "2017-12"]);
        assert_eq!(reshaped.batch.rows, [2, 2]);
        assert_eq!(reshaped.rejected, [(3, Reason::UnknownCode), (4, Reason::Date)]);
    }
}
