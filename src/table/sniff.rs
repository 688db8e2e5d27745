//! How a text file is written of which nothing is known.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::{memchr_iter, memrchr};

use super::csv::{CHUNK_BYTES, CsvFormat, UTF8_BOM, check_encoding, decode, reader, record_end, sample};
use super::error::SourceError;
use super::headings::are_values;
use super::notation::Encoding;

/// Separators that are looked for in a file of which nothing is known.
const SEPARATORS: [u8; 4] = *b";\t,|";

/// Rows that are looked at to tell names from values.
const ROWS: usize = 1_000;

/// What was found out about a text file.
pub(super) struct Sniffed {
    pub format: CsvFormat,
    /// The columns' names; none if the first line is a row like the others.
    pub names: Option<Vec<String>>,
    /// Number of columns.
    pub columns: usize,
}

/// How the file at `path`, of which nothing is known, is written: UTF-8 if it can be, separated by what its first line has
/// most of.
pub(super) fn sniff(path: &Path) -> Result<Sniffed, SourceError> {
    let encoding = if is_utf8(path)? { Encoding::Utf8 } else { Encoding::Latin1 };
    let sample = sample(path)?;
    check_encoding(path, &sample, encoding)?;
    let sample = sample.strip_prefix(UTF8_BOM).unwrap_or(&sample);
    let line = &sample[..record_end(sample, b';')];
    let count = |separator: u8| memchr_iter(separator, line).count();
    let delimiter = SEPARATORS.into_iter().rev().max_by_key(|&separator| count(separator)).unwrap_or(b';');
    // What is cut at the sample's end is not looked at.
    let whole = memrchr(b'\n', sample).map_or(sample, |end| &sample[..=end]);
    let whole = if whole.len() < line.len() { sample } else { whole };
    let text = decode(whole, encoding, || SourceError::NotUtf8 { path: path.into(), line: 1 })?;
    let mut records = reader(text.as_bytes(), delimiter).into_records().map_while(Result::ok).take(ROWS);
    let first = records.next().ok_or_else(|| SourceError::Empty { path: path.into() })?;
    let rows: Vec<csv::StringRecord> = records.collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(str::trim).collect()).collect();
    let names: Vec<&str> = first.iter().map(str::trim).collect();
    let columns = names.len();
    let names = (!are_values(&names, &rows)).then(|| names.into_iter().map(str::to_owned).collect());
    Ok(Sniffed { format: CsvFormat { delimiter, encoding }, names, columns })
}

/// Whether the whole file is UTF-8.
fn is_utf8(path: &Path) -> Result<bool, SourceError> {
    let io = |source| SourceError::Io { path: path.into(), source };
    let mut file = File::open(path).map_err(io)?;
    let (mut bytes, mut carried) = (vec![0; CHUNK_BYTES], 0);
    loop {
        let read = file.read(&mut bytes[carried..]).map_err(io)?;
        let end = carried + read;
        match std::str::from_utf8(&bytes[..end]) {
            Ok(_) => carried = 0,
            // A character that the chunk cuts.
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
