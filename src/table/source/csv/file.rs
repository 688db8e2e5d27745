//! CSV files with a checked header, or without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use memchr::{memchr, memchr_iter};
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::super::super::error::SourceError;
use super::super::batch::SourceBatch;
use super::super::kinds::{Kind, kind};
use super::chunk::{Chunk, Chunks};
use super::encoding::{check_encoding, decode, sample};
use super::fields::FieldSplitter;
use super::format::CsvFormat;
use super::header::{Header, bom_length};
use super::input::{open_plain, open_unpacked, read_error};
use super::record::{record_end, without_line_end};
use super::strict::{check_bytes, has_bare_returns, is_well_quoted};

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
    /// `true` for a holder's source, in which nothing is guessed.
    is_strict: bool,
}

impl CsvSource {
    /// Opens a file of any origin with a header to read the `wanted` columns. Columns in `known` may be there too.
    pub(in crate::table::source) fn open(
        path: &Path,
        format: &CsvFormat,
        wanted: &[String],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let sample = sample(path, open_plain)?;
        check_encoding(path, &sample, format.encoding)?;
        let header = Header::read(path, &sample, format, wanted, known)?;
        Ok(Self::with_header(path, format, header, wanted.len(), false))
    }

    /// Opens a holder's file with a header, packed or not, to read the `wanted` columns. Columns in `known` may be
    /// there too. Nothing in it is guessed.
    pub(in crate::table::source) fn strict(
        path: &Path,
        format: &CsvFormat,
        wanted: &[String],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let sample = sample(path, open_unpacked)?;
        if let Some(Kind { found, remedy }) = kind(&sample) {
            return Err(SourceError::OtherFormat { path: path.into(), found, remedy });
        }
        check_encoding(path, &sample, format.encoding)?;
        if has_bare_returns(&sample) {
            return Err(SourceError::BareReturns { path: path.into() });
        }
        let header = Header::read(path, &sample, format, wanted, known)
            .map_err(|error| Header::explain(error, path, &sample, format, wanted))?;
        Ok(Self::with_header(path, format, header, wanted.len(), true))
    }

    fn with_header(path: &Path, format: &CsvFormat, header: Header, wanted: usize, is_strict: bool) -> Self {
        Self {
            path: path.into(),
            format: format.clone(),
            targets: header.targets,
            wanted,
            header_bytes: header.bytes as u64,
            first_line: 1 + header.lines,
            is_strict,
        }
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
            header_bytes: bom_length(&sample(path, open_plain)?) as u64,
            first_line: 1,
            is_strict: false,
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
        let open = if self.is_strict { open_unpacked } else { open_plain };
        let input = open(&self.path, self.header_bytes).map_err(|source| read_error(&self.path, source))?;
        Ok(Chunks::new(self.path.clone(), input, self.format.delimiter, self.first_line))
    }

    /// Parses a chunk.
    ///
    /// # Errors
    /// The chunk is not in the file's encoding, or the file ends within a row.
    pub(in crate::table::source) fn parse(&self, chunk: &Chunk) -> Result<SourceBatch, SourceError> {
        if self.is_strict {
            check_bytes(&self.path, chunk, self.format.encoding)?;
        }
        let text = decode(&self.path, &chunk.bytes, self.format.encoding, || chunk.first_invalid_line())?;
        let mut batch = BatchBuilder::new(self, text.len());
        self.parse_text(&text, chunk.first_line, &mut batch);
        if self.is_strict && chunk.ends_within_line() && batch.malformed.last() == Some(&chunk.last_line()) {
            return Err(SourceError::Truncated { path: self.path.clone(), line: chunk.last_line() });
        }
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

    /// Appends a record. Returns false if its number of fields is not that of the header, or if a strict reader would
    /// have to guess where a field ends.
    fn append(&self, body: &str, has_quote: bool, splitter: &mut FieldSplitter, batch: &mut BatchBuilder) -> bool {
        match has_quote {
            true if self.is_strict && !is_well_quoted(body, self.format.delimiter) => false,
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
        SourceBatch { columns, rows: self.rows, malformed: self.malformed, special_missing: Vec::new(), bytes }
    }
}

#[cfg(test)]
mod tests;
