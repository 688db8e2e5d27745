//! Tables of any writer, whole: all columns, whatever they are, in the order of the rows.

use std::path::Path;

use arrow::array::ArrayRef;
use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};

use super::cells::Cells;
use super::csv::CsvSource;
use super::describe::Footer;
use super::error::SourceError;
use super::headings::are_values;
use super::parquet::WholeParquet;
use super::sniff::{Sniffed, sniff};
use crate::crypto::TableSeal;

/// The first bytes of every Parquet file.
pub const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// A table of any writer, open to be read.
pub struct AnyTable {
    columns: Vec<(String, String)>,
    is_named: bool,
    rows: Option<u64>,
    source: Source,
}

enum Source {
    Csv(CsvSource),
    Parquet(WholeParquet),
}

/// Some rows of a table.
#[derive(Debug)]
pub struct Rows {
    /// The number of the first, from 1; in a CSV file its line.
    pub first: u64,
    /// The columns that were asked for, in the order in which they were.
    pub columns: Vec<Cells>,
    /// Lines that could not be read as a row.
    pub malformed: Vec<u64>,
}

impl Rows {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Cells::len)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl AnyTable {
    /// Opens a Parquet file, which is under `seal` if there is one. A file whose parts would need more than `memory`
    /// bytes at once, as it says itself, is refused.
    ///
    /// # Errors
    /// The file is no readable Parquet file, or too large to decode.
    pub fn parquet(path: &Path, seal: Option<&TableSeal<'_>>, memory: usize) -> Result<Self, SourceError> {
        let file = WholeParquet::open(path, seal, memory)?;
        let columns = file.columns();
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let is_named = !are_values(&names, &[]);
        Ok(Self { columns, is_named, rows: Some(file.rows()), source: Source::Parquet(file) })
    }

    /// Opens a text file with separators, whose separator and encoding are found out. Every column is text. If the first
    /// line is a row like the others, the columns are called by their numbers.
    ///
    /// # Errors
    /// The file is no such text, or two columns have one name.
    pub fn csv(path: &Path) -> Result<Self, SourceError> {
        let Sniffed { format, names, columns } = sniff(path)?;
        let is_named = names.is_some();
        let file = match &names {
            Some(names) => CsvSource::open(path, &format, names, &[])?,
            None => CsvSource::without_header(path, format, columns)?,
        };
        let names = names.unwrap_or_else(|| (1..=columns).map(|number| format!("column {number}")).collect());
        let columns = names.into_iter().map(|name| (name, "text".to_owned())).collect();
        Ok(Self { columns, is_named, rows: None, source: Source::Csv(file) })
    }

    /// The names of fields that lie inside columns of a Parquet file.
    #[must_use]
    pub fn nested_names(&self) -> Vec<String> {
        match &self.source {
            Source::Csv(_) => Vec::new(),
            Source::Parquet(file) => file.nested_names(),
        }
    }

    /// Name and type of each column.
    #[must_use]
    pub fn columns(&self) -> &[(String, String)] {
        &self.columns
    }

    /// Whether the columns have names, and not the values of a row in their place.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.is_named
    }

    /// How many rows there are, if the file says.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// Whether the file is Parquet.
    #[must_use]
    pub fn is_parquet(&self) -> bool {
        matches!(self.source, Source::Parquet(_))
    }

    /// What `work` makes of each run of rows of the columns at `wanted`, on all threads; the results in the order of
    /// the rows.
    ///
    /// # Errors
    /// The file cannot be read or decoded.
    pub fn map<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(Rows) -> T + Sync + Send,
    ) -> Result<Vec<T>, SourceError> {
        let work = |position: (u64, u64), first: u64, arrays: Vec<ArrayRef>, malformed: Vec<u64>| {
            (position, work(Rows { first, columns: arrays.iter().map(Cells::new).collect(), malformed }))
        };
        let mut parts: Vec<((u64, u64), T)> = match &self.source {
            Source::Csv(file) => {
                let parts = file.batches()?.enumerate().par_bridge().map(|(number, batch)| {
                    let batch = file.parse(&batch?)?;
                    let arrays = wanted.iter().map(|&column| batch.columns[column].clone()).collect();
                    let first = batch.rows.first().copied().unwrap_or_default();
                    Ok(work((number as u64, 0), first, arrays, batch.malformed))
                });
                parts.collect::<Result<_, SourceError>>()?
            }
            Source::Parquet(file) => {
                let groups = (0..file.row_groups()).into_par_iter().map(|group| {
                    let parts = file.batches(group, wanted)?.enumerate().par_bridge().map(|(number, batch)| {
                        let (first, arrays) = batch?;
                        Ok(work((group as u64, number as u64), first, arrays, Vec::new()))
                    });
                    parts.collect::<Result<Vec<_>, SourceError>>()
                });
                groups.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
            }
        };
        parts.sort_by_key(|(position, _)| *position);
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    /// What the footer says, if the file is Parquet.
    #[must_use]
    pub fn footer(&self) -> Option<Footer> {
        match &self.source {
            Source::Csv(_) => None,
            Source::Parquet(file) => Some(file.footer()),
        }
    }

    /// Positions of all columns.
    #[must_use]
    pub fn all(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }
}
