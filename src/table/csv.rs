//! Delimited text, cut into chunks of whole records that are parsed in parallel.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use csv::ByteRecord;
use memchr::{memchr, memchr_iter, memrchr};
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::error::SourceError;
use super::notation::Encoding;
use super::source::{SourceBatch, locate};

/// How much of a file one task parses.
const CHUNK_BYTES: usize = 2 << 20;
/// A record longer than this is taken for an open quotation mark.
const MAX_RECORD_BYTES: usize = 16 << 20;
/// How much of a file is looked at before its encoding is believed.
const SAMPLE_BYTES: u64 = 1 << 20;
const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// How a text file is written.
#[derive(Debug, Clone)]
pub struct CsvFormat {
    /// The field separator.
    pub delimiter: u8,
    /// The encoding.
    pub encoding: Encoding,
}

/// An open CSV file whose header was checked.
pub struct CsvSource {
    path: PathBuf,
    format: CsvFormat,
    /// For each field of a record, the wanted column that it feeds.
    targets: Vec<Option<usize>>,
    wanted: usize,
    /// Bytes of the header, with a byte order mark before it.
    header_bytes: u64,
}

impl CsvSource {
    pub(super) fn open(
        path: &Path,
        format: &CsvFormat,
        wanted: &[String],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let sample = sample(path)?;
        check_encoding(path, &sample, format.encoding)?;
        let bom = if sample.starts_with(UTF8_BOM) { UTF8_BOM.len() } else { 0 };
        let length = memchr(b'\n', &sample).map_or(sample.len(), |end| end + 1);
        let header = decode(&sample[bom.min(length)..length], format.encoding, || SourceError::NotUtf8 {
            path: path.into(),
            line: 1,
        })?;
        let mut record = csv::StringRecord::new();
        let mut reader = reader(header.as_bytes(), format.delimiter);
        reader.read_record(&mut record).map_err(|_| SourceError::Empty { path: path.into() })?;
        let headers: Vec<&str> = record.iter().map(str::trim).collect();
        if let ([only], true) = (headers.as_slice(), wanted.len() > 1) {
            check_delimiter(path, only, format.delimiter)?;
        }
        let positions = locate(path, &headers, wanted, known)?;
        let mut targets = vec![None; headers.len()];
        for (target, position) in positions.into_iter().enumerate() {
            targets[position] = Some(target);
        }
        let (format, header_bytes) = (format.clone(), length as u64);
        Ok(Self { path: path.into(), format, targets, wanted: wanted.len(), header_bytes })
    }

    pub(super) fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        let chunks = Chunks::new(self)?;
        chunks.par_bridge().try_for_each(|chunk| work(self.parse(&chunk?)?))
    }

    fn parse(&self, chunk: &Chunk) -> Result<SourceBatch, SourceError> {
        let text = decode(&chunk.bytes, self.format.encoding, || SourceError::NotUtf8 {
            path: self.path.clone(),
            line: first_invalid_line(chunk),
        })?;
        let mut records = Records::new(self, text.len());
        if memchr(b'"', text.as_bytes()).is_none() {
            self.parse_plain(&text, chunk.first_line, &mut records);
        } else {
            self.parse_quoted(&text, chunk.first_line, &mut records);
        }
        Ok(records.finish(chunk.bytes.len() as u64))
    }

    /// Without a quotation mark every line is a record and every separator separates.
    fn parse_plain(&self, text: &str, first_line: u64, records: &mut Records) {
        let delimiter = self.format.delimiter;
        for (line, row) in text.split_terminator('\n').zip(first_line..) {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            if memchr_iter(delimiter, line.as_bytes()).count() + 1 != self.targets.len() {
                records.malformed.push(row);
                continue;
            }
            let mut start = 0;
            for target in &self.targets {
                let end = memchr(delimiter, &line.as_bytes()[start..]).map_or(line.len(), |at| start + at);
                if let Some(target) = target {
                    records.columns[*target].append_value(&line[start..end]);
                }
                start = end + 1;
            }
            records.rows.push(row);
        }
    }

    /// A record that spans lines and is malformed counts as many times as it has lines: it may have swallowed rows.
    fn parse_quoted(&self, text: &str, first_line: u64, records: &mut Records) {
        let mut reader = reader(text.as_bytes(), self.format.delimiter);
        let mut record = ByteRecord::new();
        loop {
            let before = reader.position().line();
            match reader.read_byte_record(&mut record) {
                Ok(false) => return,
                Ok(true) => {}
                Err(_) => {
                    records.malformed.push(first_line + before - 1);
                    continue;
                }
            }
            let start = record.position().map_or(before, csv::Position::line) + first_line - 1;
            let end = reader.position().line() + first_line - 1;
            if record.len() == self.targets.len() && self.append(&record, records) {
                records.rows.push(start);
            } else {
                records.malformed.extend(start..end.max(start + 1));
            }
        }
    }

    /// Whether every field was text; only then are they appended.
    fn append(&self, record: &ByteRecord, records: &mut Records) -> bool {
        if record.iter().any(|field| std::str::from_utf8(field).is_err()) {
            return false;
        }
        for (field, target) in record.iter().zip(&self.targets) {
            if let (Some(target), Ok(text)) = (target, std::str::from_utf8(field)) {
                records.columns[*target].append_value(text);
            }
        }
        true
    }
}

/// The columns of one chunk in the making.
struct Records {
    columns: Vec<StringBuilder>,
    rows: Vec<u64>,
    malformed: Vec<u64>,
}

impl Records {
    fn new(source: &CsvSource, bytes: usize) -> Self {
        let rows = bytes / (8 * source.targets.len().max(1));
        let column = || StringBuilder::with_capacity(rows, bytes / source.targets.len().max(1));
        Self {
            columns: (0..source.wanted).map(|_| column()).collect(),
            rows: Vec::with_capacity(rows),
            malformed: Vec::new(),
        }
    }

    fn finish(mut self, bytes: u64) -> SourceBatch {
        let columns = self.columns.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef).collect();
        SourceBatch { columns, rows: self.rows, malformed: self.malformed, bytes }
    }
}

/// Whole records of a file, with the line on which they begin.
struct Chunk {
    bytes: Vec<u8>,
    first_line: u64,
}

/// Reads a file chunk by chunk; each ends where a record ends.
struct Chunks<'a> {
    source: &'a CsvSource,
    file: File,
    carry: Vec<u8>,
    line: u64,
    done: bool,
}

impl<'a> Chunks<'a> {
    fn new(source: &'a CsvSource) -> Result<Self, SourceError> {
        let io = |e| SourceError::Io { path: source.path.clone(), source: e };
        let mut file = File::open(&source.path).map_err(io)?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(source.header_bytes)).map_err(io)?;
        Ok(Self { source, file, carry: Vec::new(), line: 2, done: false })
    }

    fn read(&mut self) -> Result<Option<Chunk>, SourceError> {
        let mut bytes = std::mem::take(&mut self.carry);
        loop {
            let wanted = bytes.len() + CHUNK_BYTES;
            let missing = (wanted - bytes.len()) as u64;
            let read = (&mut self.file).take(missing).read_to_end(&mut bytes);
            let read = read.map_err(|source| SourceError::Io { path: self.source.path.clone(), source })?;
            self.done = read < CHUNK_BYTES;
            let (end, open) = last_record_end(&bytes, self.source.format.delimiter);
            let too_long = bytes.len() - end > MAX_RECORD_BYTES;
            if open && (self.done || too_long) {
                let line = self.line + memchr_iter(b'\n', &bytes[..end]).count() as u64;
                return Err(SourceError::OpenQuote { path: self.source.path.clone(), line });
            }
            if self.done || end > 0 || too_long {
                let end = if self.done || end == 0 { bytes.len() } else { end };
                self.carry = bytes.split_off(end);
                break;
            }
        }
        let first_line = self.line;
        self.line += memchr_iter(b'\n', &bytes).count() as u64;
        Ok((!bytes.is_empty()).then_some(Chunk { bytes, first_line }))
    }
}

impl Iterator for Chunks<'_> {
    type Item = Result<Chunk, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let chunk = self.read();
        self.done |= chunk.is_err();
        chunk.transpose()
    }
}

/// The end of the last whole record in `bytes`, and whether what follows opens a quotation mark that is not closed.
///
/// A quotation mark counts only where a field begins (RFC 4180 section 2.5), as the parser has it.
fn last_record_end(bytes: &[u8], delimiter: u8) -> (usize, bool) {
    let plain_end = |bytes: &[u8]| memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    let (mut from, mut end) = (0, 0);
    while let Some(at) = memchr(b'"', &bytes[from..]).map(|at| from + at) {
        end = match plain_end(&bytes[from..at]) {
            0 => end,
            newline => from + newline,
        };
        let opens = at == 0 || matches!(bytes[at - 1], b'\n' | b'\r') || bytes[at - 1] == delimiter;
        if !opens {
            from = at + 1;
            continue;
        }
        match closing_quote(&bytes[at + 1..]) {
            Some(length) => from = at + 1 + length,
            None => return (end, true),
        }
    }
    let rest = plain_end(&bytes[from..]);
    (if rest > 0 { from + rest } else { end }, false)
}

/// Bytes up to and with the quotation mark that closes a field; a doubled one stands for itself.
fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &bytes[from..])?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        from = at + 2;
    }
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes)
}

fn sample(path: &Path) -> Result<Vec<u8>, SourceError> {
    let io = |source| SourceError::Io { path: path.into(), source };
    let mut sample = Vec::new();
    File::open(path).map_err(io)?.take(SAMPLE_BYTES).read_to_end(&mut sample).map_err(io)?;
    if sample.iter().all(u8::is_ascii_whitespace) {
        return Err(SourceError::Empty { path: path.into() });
    }
    Ok(sample)
}

fn check_encoding(path: &Path, sample: &[u8], encoding: Encoding) -> Result<(), SourceError> {
    if memchr(0, sample).is_some() || sample.starts_with(b"\xFF\xFE") || sample.starts_with(b"\xFE\xFF") {
        return Err(SourceError::NotText { path: path.into() });
    }
    // A character cut in two at the sample's end is no sign against UTF-8.
    let utf8 = std::str::from_utf8(sample).map_or_else(|e| e.error_len().is_none(), |_| true);
    if encoding == Encoding::Latin1 && utf8 && !sample.is_ascii() {
        return Err(SourceError::LooksUtf8 { path: path.into() });
    }
    Ok(())
}

fn check_delimiter(path: &Path, header: &str, expected: u8) -> Result<(), SourceError> {
    match [';', ',', '\t', '|'].into_iter().find(|&mark| header.contains(mark)) {
        Some(found) => Err(SourceError::Delimiter { path: path.into(), expected: char::from(expected), found }),
        None => Ok(()),
    }
}

fn decode<E>(bytes: &[u8], encoding: Encoding, not_utf8: impl Fn() -> E) -> Result<std::borrow::Cow<'_, str>, E> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).map(Into::into).map_err(|_| not_utf8()),
        Encoding::Latin1 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
    }
}

fn first_invalid_line(chunk: &Chunk) -> u64 {
    let valid = std::str::from_utf8(&chunk.bytes).map_or_else(|e| e.valid_up_to(), str::len);
    chunk.first_line + memchr_iter(b'\n', &chunk.bytes[..valid]).count() as u64
}
