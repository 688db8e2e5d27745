//! Detection of the format and header of a text file (CSV sniffing).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::{memchr_iter, memrchr};

use super::super::super::error::SourceError;
use super::super::headings::are_values;
use super::encoding::{UTF8_BOM, check_encoding, decode, sample};
use super::format::{CsvFormat, Encoding};
use super::input::open_plain;
use super::record::{reader, record_end};

/// Separators, the likeliest first.
const SEPARATORS: [u8; 4] = *b";\t,|";
/// Rows of the sample below the first row.
const SAMPLE_ROWS: usize = 1_000;
/// Bytes that are checked at once for UTF-8.
const BUFFER_BYTES: usize = 2 << 20;

/// Detected format and header of a text file.
pub(in crate::table::source) struct Layout {
    pub format: CsvFormat,
    /// The columns' names; `None` if the first line is a row.
    pub header: Option<Vec<String>>,
    /// Number of columns.
    pub columns: usize,
}

/// Detects the format and header of the file at `path`.
///
/// The encoding is UTF-8 if the whole file is valid UTF-8. The separator is the most frequent one in the first record.
///
/// # Errors
/// The file is unreadable, empty or no text.
pub(in crate::table::source) fn sniff(path: &Path) -> Result<Layout, SourceError> {
    let encoding = if is_utf8(path)? { Encoding::Utf8 } else { Encoding::Latin1 };
    let sample = sample(path, open_plain)?;
    check_encoding(path, &sample, encoding)?;
    let body = without_bom(&sample);
    let first_record = &body[..record_end(body, SEPARATORS[0])];
    let delimiter = most_frequent_separator(first_record);
    let text = decode(path, whole_lines(body, first_record.len()), encoding, || 1)?;
    let mut records = reader(text.as_bytes(), delimiter).into_records().map_while(Result::ok).take(SAMPLE_ROWS);
    let first = records.next().ok_or_else(|| SourceError::Empty { path: path.into() })?;
    let rows: Vec<csv::StringRecord> = records.collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(str::trim).collect()).collect();
    let names: Vec<&str> = first.iter().map(str::trim).collect();
    let columns = names.len();
    let header = (!are_values(&names, &rows)).then(|| names.into_iter().map(str::to_owned).collect());
    Ok(Layout { format: CsvFormat { delimiter, encoding }, header, columns })
}

fn without_bom(sample: &[u8]) -> &[u8] {
    match sample.strip_prefix(UTF8_BOM) {
        Some(body) => body,
        None => sample,
    }
}

/// Returns the most frequent separator of a record; of equally frequent ones, the likeliest.
fn most_frequent_separator(record: &[u8]) -> u8 {
    let mut best = SEPARATORS[0];
    for separator in SEPARATORS {
        if count(separator, record) > count(best, record) {
            best = separator;
        }
    }
    best
}

fn count(separator: u8, record: &[u8]) -> usize {
    memchr_iter(separator, record).count()
}

/// Returns the sample without its last line, which may be cut, but with the whole first record.
fn whole_lines(sample: &[u8], first_record: usize) -> &[u8] {
    match memrchr(b'\n', sample) {
        Some(end) if end + 1 >= first_record => &sample[..=end],
        _ => sample,
    }
}

/// Returns true if the whole file is UTF-8.
fn is_utf8(path: &Path) -> Result<bool, SourceError> {
    read_utf8(path).map_err(|source| SourceError::Io { path: path.into(), source })
}

fn read_utf8(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; BUFFER_BYTES];
    // Bytes of a character that the end of the buffer cut.
    let mut carried = 0;
    loop {
        let read = file.read(&mut bytes[carried..])?;
        let end = carried + read;
        match std::str::from_utf8(&bytes[..end]) {
            Ok(_) => carried = 0,
            Err(e) if e.error_len().is_none() && read > 0 => {
                bytes.copy_within(e.valid_up_to()..end, 0);
                carried = end - e.valid_up_to();
            }
            Err(_) => return Ok(false),
        }
        if read == 0 {
            return Ok(true);
        }
    }
}
