//! Ends of records, which may hold newlines inside quotation marks (RFC 4180).

use memchr::{memchr, memrchr};

/// The end of the whole records at the start of some bytes.
pub(super) struct RecordsEnd {
    /// Bytes up to the end of the last whole record.
    pub length: usize,
    /// `true` if the rest opens a quotation mark and does not close it.
    pub is_open: bool,
}

/// Returns the end of the last whole record in `bytes`.
///
/// A quotation mark counts only at the beginning of a field (RFC 4180 section 2.5), as in the parser.
pub(super) fn last_record_end(bytes: &[u8], delimiter: u8) -> RecordsEnd {
    let mut from = 0;
    let mut length = 0;
    while let Some(quote) = memchr(b'"', &bytes[from..]).map(|at| from + at) {
        if let Some(newline) = memrchr(b'\n', &bytes[from..quote]) {
            length = from + newline + 1;
        }
        from = match opens_field(bytes, quote, delimiter) {
            false => quote + 1,
            true => match closing_quote(&bytes[quote + 1..]) {
                Some(quoted) => quote + 1 + quoted,
                None => return RecordsEnd { length, is_open: true },
            },
        };
    }
    if let Some(newline) = memrchr(b'\n', &bytes[from..]) {
        length = from + newline + 1;
    }
    RecordsEnd { length, is_open: false }
}

/// Returns the length of the first record of `bytes`, with its newline.
pub(super) fn record_end(bytes: &[u8], delimiter: u8) -> usize {
    let mut from = 0;
    loop {
        let newline = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
        let Some(quote) = memchr(b'"', &bytes[from..newline]).map(|at| from + at) else { return newline };
        from = match opens_field(bytes, quote, delimiter) {
            false => quote + 1,
            true => match closing_quote(&bytes[quote + 1..]) {
                Some(quoted) => quote + 1 + quoted,
                None => return bytes.len(),
            },
        };
    }
}

/// Returns true if the quotation mark at `at` begins a field. Anywhere else it is an ordinary character.
fn opens_field(bytes: &[u8], at: usize, delimiter: u8) -> bool {
    at == 0 || bytes[at - 1] == b'\n' || bytes[at - 1] == delimiter
}

/// Returns the number of bytes up to and with the quotation mark that closes a field. A doubled mark stands for itself.
pub(super) fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &bytes[from..])?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        from = at + 2;
    }
}

/// Returns a record without its line end.
pub(super) fn without_line_end(record: &str) -> &str {
    let end = match record.as_bytes() {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    };
    &record[..record.len() - end]
}

/// Returns the `csv` library's reader, for headers and samples.
pub(super) fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(text: &str) -> Vec<csv::ByteRecord> {
        reader(text.as_bytes(), b';').byte_records().map(Result::unwrap).collect()
    }

    proptest! {
        #[test]
        fn a_cut_never_falls_inside_a_record(text in "[a;\"\n]{0,60}") {
            let end = last_record_end(text.as_bytes(), b';').length;
            let joined = [records(&text[..end]), records(&text[end..])].concat();
            prop_assert_eq!(joined, records(&text));
        }
    }
}
