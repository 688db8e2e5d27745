//! Tables of any writer, read whole: every column of any type, in row order.

use std::path::Path;

use arrow::array::ArrayRef;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelBridge, ParallelIterator};

use super::super::error::SourceError;
use super::cells::Cells;
use super::csv::{CsvFormat, CsvSource, Layout, sniff};
use super::headings::are_values;
use super::parquet::{Footer, PartFile, WholeParquet};
use crate::crypto::TableSeal;

/// [`Rows::first`] of a run of lines, none of which forms a row.
const NO_ROW: u64 = 0;

/// An open table of any writer.
pub struct AnyTable {
    columns: Vec<(String, String)>,
    is_named: bool,
    rows: Option<u64>,
    format: Option<CsvFormat>,
    source: Source,
}

enum Source {
    Csv(CsvSource),
    /// A table in one file, or in the files of its parts.
    Parquet(Vec<WholeParquet>),
}

/// Some rows of a table.
#[derive(Debug)]
pub struct Rows {
    /// Number of the first row, from 1; in a CSV file its line. 0 if there are no rows.
    pub first: u64,
    /// The columns, in the requested order.
    pub columns: Vec<Cells>,
    /// Lines that form no row.
    pub malformed: Vec<u64>,
}

impl Rows {
    fn new(first: u64, columns: &[ArrayRef], malformed: Vec<u64>) -> Self {
        Self { first, columns: columns.iter().map(Cells::new).collect(), malformed }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Cells::len)
    }

    /// Returns true if there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl AnyTable {
    /// Opens a Parquet file, sealed if `seal` is given. Refuses a file with a part that declares more than `memory`
    /// bytes.
    ///
    /// # Errors
    /// The file is not a readable Parquet file, or too large to decode.
    pub fn parquet(path: &Path, seal: Option<&TableSeal<'_>>, memory: usize) -> Result<Self, SourceError> {
        Ok(Self::of_files(vec![WholeParquet::open(path, seal, memory)?]))
    }

    /// Opens the Parquet files of a table's parts, of which there is one at least, as [`AnyTable::parquet`] does.
    ///
    /// # Errors
    /// A file is not a readable Parquet file, too large to decode, or has other columns than the first.
    pub fn parts(files: &[PartFile<'_>], memory: usize) -> Result<Self, SourceError> {
        let mut opened: Vec<WholeParquet> = Vec::with_capacity(files.len());
        let mut rows: u64 = 0;
        for PartFile { path, seal, .. } in files {
            let file = WholeParquet::open(path, seal.as_ref(), memory)?;
            let other = || SourceError::NotParquet { path: path.clone() };
            if opened.first().is_some_and(|first| first.columns() != file.columns()) {
                return Err(other());
            }
            rows = rows.checked_add(file.rows()).ok_or_else(other)?;
            opened.push(file);
        }
        Ok(Self::of_files(opened))
    }

    fn of_files(files: Vec<WholeParquet>) -> Self {
        let columns = files.first().map_or_else(Vec::new, WholeParquet::columns);
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let is_named = !are_values(&names, &[]);
        let rows = files.iter().map(WholeParquet::rows).sum();
        Self { columns, is_named, rows: Some(rows), format: None, source: Source::Parquet(files) }
    }

    /// Opens text with separators. Detects separator, encoding and header. Every column is text; without a header,
    /// columns are named by their numbers.
    ///
    /// # Errors
    /// The file is not such a text, or two columns have the same name.
    pub fn csv(path: &Path) -> Result<Self, SourceError> {
        let Layout { format, header, columns } = sniff(path)?;
        match header {
            Some(names) => {
                let file = CsvSource::open(path, &format, &names, &[])?;
                Ok(Self::text(file, names, true, format))
            }
            None => {
                let file = CsvSource::without_header(path, format.clone(), columns)?;
                let names = (1..=columns).map(|number| format!("column {number}")).collect();
                Ok(Self::text(file, names, false, format))
            }
        }
    }

    fn text(file: CsvSource, names: Vec<String>, is_named: bool, format: CsvFormat) -> Self {
        let columns = names.into_iter().map(|name| (name, "text".to_owned())).collect();
        Self { columns, is_named, rows: None, format: Some(format), source: Source::Csv(file) }
    }

    /// Returns the format of a text; `None` for a Parquet file.
    #[must_use]
    pub fn csv_format(&self) -> Option<&CsvFormat> {
        self.format.as_ref()
    }

    /// Returns the names of fields nested in columns of a Parquet file.
    #[must_use]
    pub fn nested_names(&self) -> Vec<String> {
        match &self.source {
            Source::Csv(_) => Vec::new(),
            Source::Parquet(files) => files.iter().flat_map(WholeParquet::nested_names).collect(),
        }
    }

    /// Returns name and type of each column.
    #[must_use]
    pub fn columns(&self) -> &[(String, String)] {
        &self.columns
    }

    /// Returns false if the values of a row stand in place of the columns' names.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.is_named
    }

    /// Returns the number of rows, if the file records it.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// Returns true if the file is Parquet.
    #[must_use]
    pub fn is_parquet(&self) -> bool {
        matches!(self.source, Source::Parquet(_))
    }

    /// Applies `work` to each run of rows of the columns at `wanted`, on all threads. Returns the results in row order.
    ///
    /// # Errors
    /// The file cannot be read or decoded.
    pub fn map<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(Rows) -> T + Sync + Send,
    ) -> Result<Vec<T>, SourceError> {
        self.map_first(u64::MAX, wanted, work)
    }

    /// Applies `work` as [`map`](Self::map) does, at least to the first `rows` rows. Later ones may be left out, so
    /// that they need not be read.
    ///
    /// # Errors
    /// The file cannot be read or decoded.
    pub fn map_first<T: Send>(
        &self,
        rows: u64,
        wanted: &[usize],
        work: impl Fn(Rows) -> T + Sync + Send,
    ) -> Result<Vec<T>, SourceError> {
        let mut runs = match &self.source {
            Source::Csv(file) => map_csv(file, wanted, work)?,
            Source::Parquet(files) => map_parquet(files, rows, wanted, work)?,
        };
        runs.sort_by_key(|run| run.position);
        Ok(runs.into_iter().map(|run| run.result).collect())
    }

    /// Returns the number of rows of each Parquet file.
    #[must_use]
    pub fn rows_of_files(&self) -> Vec<u64> {
        match &self.source {
            Source::Csv(_) => Vec::new(),
            Source::Parquet(files) => files.iter().map(WholeParquet::rows).collect(),
        }
    }

    /// Returns the path of each Parquet file.
    #[must_use]
    pub fn paths(&self) -> Vec<&Path> {
        match &self.source {
            Source::Csv(_) => Vec::new(),
            Source::Parquet(files) => files.iter().map(WholeParquet::path).collect(),
        }
    }

    /// Returns the footer of each Parquet file, with its path.
    #[must_use]
    pub fn footers(&self) -> Vec<(&Path, Footer)> {
        match &self.source {
            Source::Csv(_) => Vec::new(),
            Source::Parquet(files) => files.iter().map(|file| (file.path(), file.footer())).collect(),
        }
    }

    /// Returns the positions of all columns.
    #[must_use]
    pub fn all(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }
}

/// Result of one run of rows.
struct Run<T> {
    /// Row group, then batch in it.
    position: (usize, usize),
    result: T,
}

fn map_csv<T: Send>(
    file: &CsvSource,
    wanted: &[usize],
    work: impl Fn(Rows) -> T + Sync + Send,
) -> Result<Vec<Run<T>>, SourceError> {
    let runs = file.batches()?.enumerate().par_bridge().map(|(number, batch)| {
        let batch = file.parse(&batch?)?;
        let columns: Vec<ArrayRef> = wanted.iter().map(|&column| batch.columns[column].clone()).collect();
        let first = batch.rows.first().map_or(NO_ROW, |&line| line);
        Ok(Run { position: (number, 0), result: work(Rows::new(first, &columns, batch.malformed)) })
    });
    runs.collect()
}

fn map_parquet<T: Send>(
    files: &[WholeParquet],
    rows: u64,
    wanted: &[usize],
    work: impl Fn(Rows) -> T + Sync + Send,
) -> Result<Vec<Run<T>>, SourceError> {
    let mut groups: Vec<(&WholeParquet, u64, usize)> = Vec::new();
    let mut before = 0;
    for file in files {
        let is_among_first = |&group: &usize| before + file.first_row(group) <= rows;
        groups.extend((0..file.row_groups()).take_while(is_among_first).map(|group| (file, before, group)));
        before += file.rows();
    }
    let groups = groups.into_par_iter().enumerate().map(|(at, (file, before, group))| {
        let runs = file.batches(group, wanted)?.enumerate().par_bridge().map(|(number, batch)| {
            let (first, columns) = batch?;
            Ok(Run { position: (at, number), result: work(Rows::new(before + first, &columns, Vec::new())) })
        });
        runs.collect::<Result<Vec<_>, SourceError>>()
    });
    Ok(groups.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
