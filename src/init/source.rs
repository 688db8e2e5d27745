//! The names of a file's columns, and its first cells.

use std::path::Path;

use crate::table::{AnyTable, CsvFormat, SourceError, check_plain_text, is_sas, sas_columns};

/// Rows that are looked at.
const ROWS: usize = 2_000;
/// Bytes that may be needed to decode a part of a Parquet file.
const MEMORY: usize = 1 << 30;
/// First bytes of a Parquet file.
const PARQUET: &[u8] = b"PAR1";

/// Kind of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Csv(CsvFormat),
    Parquet,
    Sas,
}

/// A column: its name and its first cells. Columns of a SAS data set come without cells.
#[derive(Debug)]
pub(super) struct SampleColumn {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
    /// `false` if the file gives the column a type of its own, so that no notation is needed.
    pub(super) is_text: bool,
}

/// The start of a file.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) kind: Kind,
    pub(super) columns: Vec<SampleColumn>,
    /// `false` if values stand in place of the names.
    pub(super) is_named: bool,
}

impl Sample {
    pub(super) fn read(path: &Path) -> Result<Self, SourceError> {
        if is_sas(path)? {
            let columns = sas_columns(path)?.into_iter();
            let columns = columns.map(|name| SampleColumn { name, cells: Vec::new(), is_text: false });
            return Ok(Self { kind: Kind::Sas, columns: columns.collect(), is_named: true });
        }
        let table = match starts_as_parquet(path)? {
            true => AnyTable::parquet(path, None, MEMORY)?,
            false => {
                check_plain_text(path)?;
                AnyTable::csv(path)?
            }
        };
        let kind = table.csv_format().map_or(Kind::Parquet, |format| Kind::Csv(format.clone()));
        let cells = first_cells(&table)?;
        let columns = table.columns().iter().zip(cells).map(|((name, value), cells)| SampleColumn {
            name: name.clone(),
            cells,
            is_text: value == "text",
        });
        Ok(Self { kind, columns: columns.collect(), is_named: table.is_named() })
    }

    /// Returns the names of the columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Returns the cells of all columns of text.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        self.columns.iter().filter(|column| column.is_text).flat_map(|column| &column.cells)
    }
}

fn starts_as_parquet(path: &Path) -> Result<bool, SourceError> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(PARQUET.len() as u64).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes == PARQUET),
        Err(source) => Err(SourceError::Io { path: path.to_owned(), source }),
    }
}

/// Returns the first cells of each column, without empty ones.
fn first_cells(table: &AnyTable) -> Result<Vec<Vec<String>>, SourceError> {
    let all = table.all();
    let parts = table.map(&all, |rows| rows.columns.iter().map(first_texts).collect::<Vec<_>>())?;
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); all.len()];
    for part in parts {
        for (column, more) in cells.iter_mut().zip(part) {
            let room = ROWS - column.len().min(ROWS);
            column.extend(more.into_iter().take(room));
        }
    }
    Ok(cells)
}

fn first_texts(column: &crate::table::Cells) -> Vec<String> {
    let texts = (0..column.len().min(ROWS)).filter_map(|row| column.text(row).map(|text| text.trim().to_owned()));
    texts.filter(|text| !text.is_empty()).collect()
}
