//! Delimited text, cut into chunks of whole records that are parsed in parallel.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use memchr::{memchr, memchr_iter, memrchr};
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::batch::{SourceBatch, locate};
use super::error::SourceError;
use super::notation::Encoding;

/// How much of a file one task parses.
pub(super) const CHUNK_BYTES: usize = 2 << 20;
/// A record longer than this is taken for an open quotation mark.
const MAX_RECORD_BYTES: usize = 16 << 20;
/// How much of a file is looked at before its encoding is believed.
const SAMPLE_BYTES: u64 = 1 << 20;
pub(super) const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// How a text file is written.
#[derive(Debug, Clone)]
pub struct CsvFormat {
    /// The field separator.
    pub delimiter: u8,
    /// The encoding.
    pub encoding: Encoding,
}

/// An open CSV file whose header, if it has one, was checked.
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
        Ok(Self { path: path.into(), format, targets, wanted: wanted.len(), header_bytes, first_line: 2 })
    }

    /// Opens a file without a header, so many `columns` wide: all are wanted.
    pub(super) fn without_header(path: &Path, format: CsvFormat, columns: usize) -> Result<Self, SourceError> {
        let header_bytes = if sample(path)?.starts_with(UTF8_BOM) { UTF8_BOM.len() as u64 } else { 0 };
        let targets = (0..columns).map(Some).collect();
        Ok(Self { path: path.into(), format, targets, wanted: columns, header_bytes, first_line: 1 })
    }

    pub(super) fn for_each<E: From<SourceError> + Send>(
        &self,
        work: impl Fn(SourceBatch) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        self.batches()?.par_bridge().try_for_each(|chunk| work(self.parse(&chunk?)?))
    }

    /// The chunks of the file, to be parsed.
    pub(super) fn batches(
        &self,
    ) -> Result<impl Iterator<Item = Result<Chunk, SourceError>> + Send + use<'_>, SourceError> {
        Chunks::new(self)
    }

    pub(super) fn parse(&self, chunk: &Chunk) -> Result<SourceBatch, SourceError> {
        let text = decode(&chunk.bytes, self.format.encoding, || SourceError::NotUtf8 {
            path: self.path.clone(),
            line: first_invalid_line(chunk),
        })?;
        let mut records = Records::new(self, text.len());
        self.parse_text(&text, chunk.first_line, &mut records);
        Ok(records.finish(chunk.bytes.len() as u64))
    }

    /// A malformed record counts as many times as it has lines: an odd quotation mark may have swallowed rows.
    fn parse_text(&self, mut text: &str, mut line: u64, records: &mut Records) {
        let quoted = memchr(b'"', text.as_bytes()).is_some();
        let mut fields = Fields::new(&self.format, self.targets.len());
        while !text.is_empty() {
            let end = match quoted {
                true => record_end(text.as_bytes(), self.format.delimiter),
                false => memchr(b'\n', text.as_bytes()).map_or(text.len(), |at| at + 1),
            };
            let (record, rest) = text.split_at(end);
            let body = record.strip_suffix('\n').unwrap_or(record);
            let body = body.strip_suffix('\r').unwrap_or(body);
            let lines = if quoted { memchr_iter(b'\n', record.as_bytes()).count().max(1) as u64 } else { 1 };
            if !body.is_empty() {
                let read = match quoted && memchr(b'"', body.as_bytes()).is_some() {
                    false => fields.split_plain(body).is_some_and(|cells| self.append(cells, records)),
                    true => fields.split_quoted(body).is_some_and(|cells| self.append(cells, records)),
                };
                if read { records.rows.push(line) } else { records.malformed.extend(line..line + lines) }
            }
            (text, line) = (rest, line + lines);
        }
    }

    fn append<'t>(&self, cells: impl Iterator<Item = &'t str>, records: &mut Records) -> bool {
        for (cell, target) in cells.zip(&self.targets) {
            if let Some(target) = target {
                records.columns[*target].append_value(cell);
            }
        }
        true
    }
}

/// Splits records into fields.
struct Fields {
    delimiter: u8,
    parser: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    width: usize,
}

impl Fields {
    fn new(format: &CsvFormat, width: usize) -> Self {
        let newline = csv_core::Terminator::Any(b'\n');
        let parser = csv_core::ReaderBuilder::new().delimiter(format.delimiter).terminator(newline).build();
        // One place more than fields are expected shows that there are too many.
        Self { delimiter: format.delimiter, parser, text: Vec::new(), ends: vec![0; width + 1], width }
    }

    /// The fields of a record without a quotation mark, where every separator separates; `None` if there are more or
    /// fewer than expected.
    fn split_plain<'t>(&'t mut self, record: &'t str) -> Option<impl Iterator<Item = &'t str>> {
        let mut fields = 1;
        for at in memchr_iter(self.delimiter, record.as_bytes()) {
            *self.ends.get_mut(fields)? = at;
            fields += 1;
        }
        let separators = &self.ends[1..fields];
        let starts = std::iter::once(0).chain(separators.iter().map(|at| at + 1));
        let ends = separators.iter().copied().chain(std::iter::once(record.len()));
        (fields == self.width).then(|| starts.zip(ends).map(|(start, end)| &record[start..end]))
    }

    /// The fields of a record in which some are quoted (RFC 4180); `None` if there are more or fewer than expected.
    fn split_quoted<'t>(&'t mut self, record: &str) -> Option<impl Iterator<Item = &'t str>> {
        self.parser.reset();
        self.text.resize(record.len() + 1, 0);
        let (_, read, mut written, mut fields) =
            self.parser.read_record(record.as_bytes(), &mut self.text, &mut self.ends);
        // An empty input tells the parser that the record is over.
        let (text, ends) = (self.text.get_mut(written..)?, self.ends.get_mut(fields..)?);
        let (_, _, more_written, more_fields) = self.parser.read_record(&[], text, ends);
        written += more_written;
        fields += more_fields;
        if read < record.len() || fields != self.width {
            return None;
        }
        let text = std::str::from_utf8(&self.text[..written]).ok()?;
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        Some(starts.zip(&self.ends).take(self.width).map(move |(start, &end)| &text[start..end]))
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
pub(super) struct Chunk {
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
        Ok(Self { source, file, carry: Vec::new(), line: source.first_line, done: false })
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
        if !opens_field(bytes, at, delimiter) {
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

/// The length of the first record of `bytes`, with its newline.
pub(super) fn record_end(bytes: &[u8], delimiter: u8) -> usize {
    let mut from = 0;
    loop {
        let newline = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
        let Some(quote) = memchr(b'"', &bytes[from..newline]).map(|at| from + at) else { return newline };
        from = match opens_field(bytes, quote, delimiter).then(|| closing_quote(&bytes[quote + 1..])) {
            None => quote + 1,
            Some(Some(length)) => quote + 1 + length,
            Some(None) => return bytes.len(),
        };
    }
}

/// Whether the quotation mark at `at` stands where a field begins; anywhere else it is a character like any other.
fn opens_field(bytes: &[u8], at: usize, delimiter: u8) -> bool {
    at == 0 || bytes[at - 1] == b'\n' || bytes[at - 1] == delimiter
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

pub(super) fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes)
}

pub(super) fn sample(path: &Path) -> Result<Vec<u8>, SourceError> {
    let io = |source| SourceError::Io { path: path.into(), source };
    let mut sample = Vec::new();
    File::open(path).map_err(io)?.take(SAMPLE_BYTES).read_to_end(&mut sample).map_err(io)?;
    if sample.iter().all(u8::is_ascii_whitespace) {
        return Err(SourceError::Empty { path: path.into() });
    }
    Ok(sample)
}

pub(super) fn check_encoding(path: &Path, sample: &[u8], encoding: Encoding) -> Result<(), SourceError> {
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

pub(super) fn decode<E>(
    bytes: &[u8],
    encoding: Encoding,
    not_utf8: impl Fn() -> E,
) -> Result<std::borrow::Cow<'_, str>, E> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).map(Into::into).map_err(|_| not_utf8()),
        Encoding::Latin1 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
    }
}

fn first_invalid_line(chunk: &Chunk) -> u64 {
    let valid = std::str::from_utf8(&chunk.bytes).map_or_else(|e| e.valid_up_to(), str::len);
    chunk.first_line + memchr_iter(b'\n', &chunk.bytes[..valid]).count() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use arrow::array::AsArray;
    use proptest::prelude::*;

    use super::*;

    fn source(
        text: &[u8],
        encoding: Encoding,
        wanted: &[&str],
        known: &[&str],
    ) -> Result<(tempfile::TempDir, CsvSource), SourceError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("source.csv");
        std::fs::write(&path, text).unwrap();
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let source = CsvSource::open(&path, &CsvFormat { delimiter: b';', encoding }, &owned(wanted), &owned(known))?;
        Ok((folder, source))
    }

    type Row = (u64, Vec<String>);

    /// All rows with their lines, and the malformed lines, both in order.
    fn read(text: &[u8], encoding: Encoding) -> Result<(Vec<Row>, Vec<u64>), SourceError> {
        let (_folder, source) = source(text, encoding, &["a", "b"], &["c"])?;
        let all = Mutex::new((Vec::new(), Vec::new()));
        source.for_each(|batch| -> Result<(), SourceError> {
            let mut all = all.lock().unwrap();
            all.0.extend(rows(&batch));
            all.1.extend(batch.malformed);
            Ok(())
        })?;
        let (mut rows, mut malformed) = all.into_inner().unwrap();
        rows.sort();
        malformed.sort_unstable();
        Ok((rows, malformed))
    }

    fn rows(batch: &SourceBatch) -> Vec<Row> {
        let cell = |column: &ArrayRef, row: usize| column.as_string::<i32>().value(row).to_owned();
        let row = |(at, line): (usize, &u64)| (*line, batch.columns.iter().map(|c| cell(c, at)).collect());
        batch.rows.iter().enumerate().map(row).collect()
    }

    fn row(line: u64, a: &str, b: &str) -> Row {
        (line, vec![a.to_owned(), b.to_owned()])
    }

    #[test]
    fn columns_are_found_by_name_and_rows_by_line() {
        let text = b"\xEF\xBB\xBFb;c;a\r\n2;x;1\r\n\r\n4;\"x;\ny\";3\r\n6;x;5";
        let (rows, malformed) = read(text, Encoding::Utf8).unwrap();
        assert_eq!(rows, [row(2, "1", "2"), row(4, "3", "4"), row(6, "5", "6")]);
        assert!(malformed.is_empty());
    }

    #[test]
    fn a_row_of_another_width_is_malformed_and_the_next_is_read() {
        let (rows, malformed) = read(b"a;b;c\n1;2\n1;2;3\n1;2;3;4\n", Encoding::Utf8).unwrap();
        assert_eq!((rows, malformed), (vec![row(3, "1", "2")], vec![2, 4]));
    }

    #[test]
    fn a_malformed_record_counts_all_of_its_lines() {
        let (rows, malformed) = read(b"a;b;c\n1;\"2\n1;2;3\n1;2\";3;4\n5;6;7\n", Encoding::Utf8).unwrap();
        assert_eq!((rows, malformed), (vec![row(5, "5", "6")], vec![2, 3, 4]));
    }

    #[test]
    fn latin_1_is_decoded_and_wrong_encodings_are_named() {
        assert_eq!(read(b"a;b;c\n\xE4;2;3\n", Encoding::Latin1).unwrap().0, [row(2, "ä", "2")]);
        assert!(matches!(read(b"a;b;c\n1;2;3\n\xE4;2;3\n", Encoding::Utf8), Err(SourceError::NotUtf8 { line: 3, .. })));
        assert!(matches!(read("a;b;c\nä;2;3\n".as_bytes(), Encoding::Latin1), Err(SourceError::LooksUtf8 { .. })));
        assert!(matches!(read(b"a\0;\0b\0", Encoding::Utf8), Err(SourceError::NotText { .. })));
    }

    #[test]
    fn a_wrong_header_is_one_clear_error() {
        let open = |text: &[u8]| source(text, Encoding::Utf8, &["a", "b"], &[]).err().unwrap();
        assert!(matches!(open(b""), SourceError::Empty { .. }));
        assert!(matches!(open(b"a,b\n1,2\n"), SourceError::Delimiter { found: ',', .. }));
        assert!(matches!(open(b"a;x\n"), SourceError::MissingColumn { .. }));
        assert!(matches!(open(b"a;b;x\n"), SourceError::ExtraColumn { position: 3, .. }));
        assert!(matches!(open(b"a;b;a\n"), SourceError::DuplicateHeader { first: 1, second: 3, .. }));
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_stops_the_run() {
        assert!(matches!(
            read(b"a;b;c\n1;2;3\n1;\"2;3\n1;2;3\n", Encoding::Utf8),
            Err(SourceError::OpenQuote { line: 3, .. })
        ));
    }

    #[test]
    fn chunks_join_to_the_whole_file() {
        let rows_expected: Vec<_> = (0..300_000).map(|n| row(n + 2, &n.to_string(), "\"x\ny\"")).collect();
        let mut text = String::from("a;b;c\n");
        rows_expected.iter().for_each(|(_, cells)| text += &format!("{};{};filler filler\n", cells[0], cells[0]));
        assert!(text.len() > 2 * CHUNK_BYTES);
        let (rows, malformed) = read(text.as_bytes(), Encoding::Utf8).unwrap();
        assert!(malformed.is_empty() && rows.len() == 300_000);
        assert!(
            rows.iter()
                .zip(&rows_expected)
                .all(|(found, expected)| found.0 == expected.0 && found.1[0] == expected.1[0])
        );
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_library(body in "[ab;\"\n]{0,60}") {
            prop_assume!(!last_record_end(body.as_bytes(), b';').1);
            let (_folder, source) = source(b"a;b;c\n", Encoding::Utf8, &["a", "b"], &["c"]).unwrap();
            let mut found = Records::new(&source, 0);
            source.parse_text(&body, 2, &mut found);
            let mut slow = reader(body.as_bytes(), b';');
            let slow = slow.byte_records().map(Result::unwrap).filter(|record| record.len() == 3);
            let cell = |record: &csv::ByteRecord, at: usize| String::from_utf8(record[at].to_vec()).unwrap();
            let expected: Vec<Vec<String>> = slow.map(|record| vec![cell(&record, 0), cell(&record, 1)]).collect();
            prop_assert_eq!(rows(&found.finish(0)).into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn a_cut_never_falls_inside_a_record(text in "[a;\"\n]{0,60}") {
            let (end, _) = last_record_end(text.as_bytes(), b';');
            let records = |text: &str| reader(text.as_bytes(), b';').byte_records().map(Result::unwrap).collect::<Vec<_>>();
            let (mut head, tail) = (records(&text[..end]), records(&text[end..]));
            head.extend(tail);
            prop_assert_eq!(head, records(&text));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200), latin1 in any::<bool>()) {
            let encoding = if latin1 { Encoding::Latin1 } else { Encoding::Utf8 };
            let _ = read(&[b"a;b;c\n".as_slice(), &body].concat(), encoding);
            let _ = read(&body, encoding);
        }
    }
}
