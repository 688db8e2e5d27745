//! The header of a text file, and what to do if the first line is none.

use std::path::Path;

use memchr::{memchr, memchr_iter};

use super::super::super::error::SourceError;
use super::super::locate::locate;
use super::encoding::{UTF8_BOM, decode};
use super::format::CsvFormat;
use super::record::{reader, record_end};

/// Lines below the first that are searched for the header.
const SEARCHED_LINES: usize = 20;
/// Begin of a first line that states the separator for a spreadsheet.
const SEPARATOR_LINE: &str = "sep=";
/// Separators that a file may have instead of the declared one.
const SEPARATORS: [char; 4] = [';', ',', '\t', '|'];

/// The header of a file.
#[derive(Debug)]
pub(super) struct Header {
    /// For each field of a record, the wanted column that it feeds.
    pub targets: Vec<Option<usize>>,
    /// Bytes before the first row: a byte order mark and the header.
    pub bytes: usize,
    /// Lines of the header. A quoted name may hold line breaks.
    pub lines: u64,
}

impl Header {
    /// Reads the header at the begin of `sample` and locates the `wanted` columns. Columns in `known` may be there too.
    ///
    /// # Errors
    /// The header does not fit the names.
    pub(super) fn read(
        path: &Path,
        sample: &[u8],
        format: &CsvFormat,
        wanted: &[String],
        known: &[String],
    ) -> Result<Self, SourceError> {
        let bytes = header_end(sample, format.delimiter);
        let header = &sample[bom_length(sample).min(bytes)..bytes];
        let names = names(path, header, format)?;
        let headers: Vec<&str> = names.iter().map(str::trim).collect();
        if let ([only], true) = (headers.as_slice(), wanted.len() > 1) {
            check_delimiter(path, only, format.delimiter)?;
        }
        let mut targets = vec![None; headers.len()];
        for (target, position) in locate(path, &headers, wanted, known)?.into_iter().enumerate() {
            targets[position] = Some(target);
        }
        Ok(Self { targets, bytes, lines: memchr_iter(b'\n', header).count().max(1) as u64 })
    }

    /// Explains a header that does not fit: another line is the header, or some columns have no name. Returns `error`
    /// if it is neither.
    pub(super) fn explain(
        error: SourceError,
        path: &Path,
        sample: &[u8],
        format: &CsvFormat,
        wanted: &[String],
    ) -> SourceError {
        let mut rest = &sample[bom_length(sample)..];
        for line in 1..=SEARCHED_LINES as u64 {
            let (record, below) = rest.split_at(record_end(rest, format.delimiter));
            // A blank line has no names.
            let names = names(path, record, format).unwrap_or_else(|_| csv::StringRecord::new());
            let headers: Vec<&str> = names.iter().map(str::trim).collect();
            let is_first = line == 1;
            if is_first && headers.first().is_some_and(|name| name.to_lowercase().starts_with(SEPARATOR_LINE)) {
                return SourceError::SeparatorLine { path: path.into() };
            }
            if !wanted.is_empty() && wanted.iter().all(|name| headers.contains(&name.as_str())) {
                let unnamed = headers.iter().position(|header| header.is_empty());
                return match unnamed {
                    _ if !is_first => SourceError::HeaderBelow { path: path.into(), line },
                    Some(position) => SourceError::UnnamedColumn { path: path.into(), position: position + 1 },
                    None => error,
                };
            }
            rest = below;
        }
        error
    }
}

/// Returns the names of a header.
fn names(path: &Path, header: &[u8], format: &CsvFormat) -> Result<csv::StringRecord, SourceError> {
    let header = decode(path, header, format.encoding, || 1)?;
    let mut record = csv::StringRecord::new();
    let read = reader(header.as_bytes(), format.delimiter).read_record(&mut record);
    match read {
        Ok(true) => Ok(record),
        _ => Err(SourceError::Empty { path: path.into() }),
    }
}

/// Returns the end of the first record. A quotation mark that is never closed is taken for one of the first line.
fn header_end(sample: &[u8], delimiter: u8) -> usize {
    let start = bom_length(sample);
    let end = start + record_end(&sample[start..], delimiter);
    if end < sample.len() { end } else { memchr(b'\n', sample).map_or(end, |line_end| line_end + 1) }
}

/// Returns the bytes of a byte order mark at the begin of `sample`.
pub(super) fn bom_length(sample: &[u8]) -> usize {
    if sample.starts_with(UTF8_BOM) { UTF8_BOM.len() } else { 0 }
}

fn check_delimiter(path: &Path, header: &str, expected: u8) -> Result<(), SourceError> {
    match SEPARATORS.into_iter().find(|&mark| header.contains(mark)) {
        Some(found) => Err(SourceError::Delimiter { path: path.into(), expected: char::from(expected), found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Encoding;
    use super::*;

    fn read(text: &str) -> Result<Header, SourceError> {
        let format = CsvFormat { delimiter: b';', encoding: Encoding::Utf8 };
        let wanted = ["a", "b"].map(str::to_owned);
        let path = Path::new("s.csv");
        Header::read(path, text.as_bytes(), &format, &wanted, &[])
            .map_err(|error| Header::explain(error, path, text.as_bytes(), &format, &wanted))
    }

    #[test]
    fn a_quoted_name_may_hold_a_line_break() {
        let format = CsvFormat { delimiter: b';', encoding: Encoding::Utf8 };
        let wanted = ["a".to_owned(), "b\nc".to_owned()];
        let header = Header::read(Path::new("s.csv"), b"a;\"b\nc\"\n1;2\n", &format, &wanted, &[]).unwrap();
        assert_eq!((header.bytes, header.lines, header.targets), (8, 2, vec![Some(0), Some(1)]));
    }

    #[test]
    fn lines_above_the_header_and_columns_without_a_name_are_explained() {
        assert!(matches!(read("sep=;\na;b\n").unwrap_err(), SourceError::SeparatorLine { .. }));
        let titled = read("Report;\n2019;\n\na;b\n1;2\n").unwrap_err();
        assert!(matches!(titled, SourceError::HeaderBelow { line: 4, .. }), "{titled}");
        for header in ["a;b;\n1;2;\n", "a;b;;;\n1;2;;;\n"] {
            assert!(matches!(read(header).unwrap_err(), SourceError::UnnamedColumn { position: 3, .. }), "{header}");
        }
        assert!(matches!(read("A;b\n1;2\n").unwrap_err(), SourceError::MissingColumn { close: Some(1), .. }));
        assert!(matches!(read("x;y\n1;2\n").unwrap_err(), SourceError::MissingColumn { close: None, .. }));
        assert!(matches!(read("a;b;a\n").unwrap_err(), SourceError::DuplicateHeader { .. }));
    }
}
