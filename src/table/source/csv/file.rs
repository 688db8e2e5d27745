//! CSV files with a checked header, or without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use memchr::{memchr, memchr_iter};
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::super::super::error::SourceError;
use super::super::batch::SourceBatch;
use super::super::locate::locate;
use super::chunk::{Chunk, Chunks};
use super::encoding::{UTF8_BOM, check_encoding, decode, sample};
use super::fields::FieldSplitter;
use super::format::CsvFormat;
use super::record::{reader, record_end, without_line_end};

/// Bytes of an average field, for the first size of buffers.
const FIELD_BYTES: usize = 8;

/// An open CSV file.
pub struct CsvSource {
    path: PathBuf,
    format: CsvFormat,
    /// For each field of a record, the wanted column that it feeds.
    targets: Vec<Option<usize>>,
    wanted: usize,
    /// Bytes before the first row: a byte order mark and the header.
    header_bytes: u64,
    /// Line on which the first row begins.
    first_line: u64,
}

impl CsvSource {
    /// Opens a file with a header to read the `wanted` columns. Columns in `known` may be there too.
    pub(in crate::table::source) fn open(
        path: &Path,
        format: &CsvFormat,
        wanted: &[String],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let sample = sample(path)?;
        check_encoding(path, &sample, format.encoding)?;
        let length = memchr(b'\n', &sample).map_or(sample.len(), |end| end + 1);
        let header = &sample[bom_length(&sample).min(length)..length];
        let header = decode(path, header, format.encoding, || 1)?;
        let mut record = csv::StringRecord::new();
        let mut reader = reader(header.as_bytes(), format.delimiter);
        reader.read_record(&mut record).map_err(|_| SourceError::Empty { path: path.into() })?;
        let headers: Vec<&str> = record.iter().map(str::trim).collect();
        if let ([only], true) = (headers.as_slice(), wanted.len() > 1) {
            check_delimiter(path, only, format.delimiter)?;
        }
        let mut targets = vec![None; headers.len()];
        for (target, position) in locate(path, &headers, wanted, known)?.into_iter().enumerate() {
            targets[position] = Some(target);
        }
        Ok(Self {
            path: path.into(),
            format: format.clone(),
            targets,
            wanted: wanted.len(),
            header_bytes: length as u64,
            first_line: 2,
        })
    }

    /// Opens a file without a header to read all of its `columns` columns.
    pub(in crate::table::source) fn without_header(
        path: &Path,
        format: CsvFormat,
        columns: usize,
    ) -> Result<Self, SourceError> {
        Ok(Self {
            path: path.into(),
            format,
            targets: (0..columns).map(Some).collect(),
            wanted: columns,
            header_bytes: bom_length(&sample(path)?) as u64,
            first_line: 1,
        })
    }

    pub(in crate::table::source) fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        self.batches()?.par_bridge().try_for_each(|chunk| work(self.parse(&chunk?)?))
    }

    /// Returns the chunks of the file, for [`CsvSource::parse`].
    pub(in crate::table::source) fn batches(
        &self,
    ) -> Result<impl Iterator<Item = Result<Chunk, SourceError>> + Send + use<>, SourceError> {
        Chunks::open(self.path.clone(), self.format.delimiter, self.header_bytes, self.first_line)
    }

    /// Parses a chunk.
    ///
    /// # Errors
    /// The chunk is not in the file's encoding.
    pub(in crate::table::source) fn parse(&self, chunk: &Chunk) -> Result<SourceBatch, SourceError> {
        let text = decode(&self.path, &chunk.bytes, self.format.encoding, || chunk.first_invalid_line())?;
        let mut batch = BatchBuilder::new(self, text.len());
        self.parse_text(&text, chunk.first_line, &mut batch);
        Ok(batch.finish(chunk.bytes.len() as u64))
    }

    /// Parses records. A malformed record counts once for each of its lines: a stray quotation mark may have joined
    /// several rows.
    fn parse_text(&self, mut text: &str, mut line: u64, batch: &mut BatchBuilder) {
        let is_quoted = memchr(b'"', text.as_bytes()).is_some();
        let mut splitter = FieldSplitter::new(&self.format, self.targets.len());
        while !text.is_empty() {
            let end = match is_quoted {
                true => record_end(text.as_bytes(), self.format.delimiter),
                false => memchr(b'\n', text.as_bytes()).map_or(text.len(), |at| at + 1),
            };
            let (record, rest) = text.split_at(end);
            let lines = if is_quoted { memchr_iter(b'\n', record.as_bytes()).count().max(1) as u64 } else { 1 };
            let body = without_line_end(record);
            if !body.is_empty() {
                let has_quote = is_quoted && memchr(b'"', body.as_bytes()).is_some();
                match self.append(body, has_quote, &mut splitter, batch) {
                    true => batch.rows.push(line),
                    false => batch.malformed.extend(line..line + lines),
                }
            }
            text = rest;
            line += lines;
        }
    }

    /// Appends a record. Returns false if its number of fields is not that of the header.
    fn append(&self, body: &str, has_quote: bool, splitter: &mut FieldSplitter, batch: &mut BatchBuilder) -> bool {
        match has_quote {
            true => splitter.split_quoted(body).map(|cells| self.append_cells(cells, batch)).is_some(),
            false => splitter.split_plain(body).map(|cells| self.append_cells(cells, batch)).is_some(),
        }
    }

    fn append_cells<'t>(&self, cells: impl Iterator<Item = &'t str>, batch: &mut BatchBuilder) {
        for (cell, target) in cells.zip(&self.targets) {
            if let Some(target) = target {
                batch.columns[*target].append_value(cell);
            }
        }
    }
}

/// Builds the columns of one chunk.
struct BatchBuilder {
    columns: Vec<StringBuilder>,
    rows: Vec<u64>,
    malformed: Vec<u64>,
}

impl BatchBuilder {
    /// Returns a builder for a chunk of the given number of `bytes`.
    fn new(source: &CsvSource, bytes: usize) -> Self {
        let column_bytes = bytes / source.targets.len().max(1);
        let rows = column_bytes / FIELD_BYTES;
        Self {
            columns: (0..source.wanted).map(|_| StringBuilder::with_capacity(rows, column_bytes)).collect(),
            rows: Vec::with_capacity(rows),
            malformed: Vec::new(),
        }
    }

    fn finish(mut self, bytes: u64) -> SourceBatch {
        let columns = self.columns.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef).collect();
        SourceBatch { columns, rows: self.rows, malformed: self.malformed, bytes }
    }
}

fn bom_length(sample: &[u8]) -> usize {
    if sample.starts_with(UTF8_BOM) { UTF8_BOM.len() } else { 0 }
}

fn check_delimiter(path: &Path, header: &str, expected: u8) -> Result<(), SourceError> {
    match [';', ',', '\t', '|'].into_iter().find(|&mark| header.contains(mark)) {
        Some(found) => Err(SourceError::Delimiter { path: path.into(), expected: char::from(expected), found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
