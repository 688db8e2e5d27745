//! Parquet files for tests: whole tables as text, metadata and pages.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::row::{RowConverter, SortField};
use arrow::util::display::array_value_to_string;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{FileReader, SerializedFileReader};

/// A table as text, header and rows. A null is `∅`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Text {
    pub fn of(path: &Path) -> Self {
        let batch = read(path);
        let header = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
        let rows = 0..batch.num_rows();
        let rows = rows.map(|row| batch.columns().iter().map(|column| cell(column, row)).collect()).collect();
        Self { header, rows }
    }

    /// Returns the values of one column.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) { "∅".to_owned() } else { array_value_to_string(column, row).unwrap() }
}

/// Reads the whole file as one batch, without our own reader.
pub fn read(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

/// Reads the footer.
pub fn metadata(path: &Path) -> ParquetMetaData {
    ParquetMetaDataReader::new().parse_and_finish(&File::open(path).unwrap()).unwrap()
}

/// Reads every page of every column, decompressed.
pub fn pages(path: &Path) -> Vec<Vec<u8>> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let mut pages = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).unwrap();
        for column in 0..group.num_columns() {
            pages.extend(group.get_column_page_reader(column).unwrap().map(|page| page.unwrap().buffer().to_vec()));
        }
    }
    pages
}

/// Writes a source with the default settings of a Parquet writer.
pub fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    write_again(path, columns, 1);
}

/// Writes a source with its rows repeated `times` times, each time in a new row group.
pub fn write_again(path: &Path, columns: Vec<(&str, ArrayRef)>, times: usize) {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, c)| (name, c, true))).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    for _ in 0..times {
        writer.write(&batch).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
}

/// Returns the columns of a comma-separated file as text. Empty text is null.
pub fn text_columns(csv: &[u8]) -> Vec<(String, ArrayRef)> {
    let text = std::str::from_utf8(csv).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let columns = header.into_iter().enumerate().map(|(at, name)| {
        let cells = rows.iter().map(|row| Some(row[at].to_owned()).filter(|text| !text.is_empty()));
        (name, Arc::new(cells.collect::<StringArray>()) as ArrayRef)
    });
    columns.collect()
}

/// Returns the key column: pseudonyms of a delivery, persons of a linked table.
pub fn keys(batch: &RecordBatch) -> Vec<&[u8]> {
    let column = batch.column(0);
    match column.as_fixed_size_binary_opt() {
        Some(keys) => (0..keys.len()).map(|row| keys.value(row)).collect(),
        None => column.as_string::<i32>().iter().map(|key| key.unwrap().as_bytes()).collect(),
    }
}

/// Asserts that rows are sorted by their columns from the first on, with nulls before values.
pub fn is_sorted(batch: &RecordBatch) {
    let fields = batch.columns().iter().map(|c| SortField::new(c.data_type().clone())).collect();
    let rows = RowConverter::new(fields).unwrap().convert_columns(batch.columns()).unwrap();
    let unsorted = (1..rows.num_rows()).find(|&row| rows.row(row - 1) > rows.row(row));
    assert_eq!(unsorted, None, "this row sorts before the one above it");
}
