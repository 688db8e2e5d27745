//! Fields of a record.

use memchr::memchr_iter;

use super::format::CsvFormat;

/// Splits records into fields.
pub(super) struct FieldSplitter {
    delimiter: u8,
    parser: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    width: usize,
}

impl FieldSplitter {
    /// Returns a splitter of records that have `width` fields.
    pub(super) fn new(format: &CsvFormat, width: usize) -> Self {
        let newline = csv_core::Terminator::Any(b'\n');
        let parser = csv_core::ReaderBuilder::new().delimiter(format.delimiter).terminator(newline).build();
        // One place more than the expected fields detects a surplus field.
        Self { delimiter: format.delimiter, parser, text: Vec::new(), ends: vec![0; width + 1], width }
    }

    /// Returns the fields of a record without a quotation mark, or `None` if their number is not the expected one.
    pub(super) fn split_plain<'t>(&'t mut self, record: &'t str) -> Option<impl Iterator<Item = &'t str>> {
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

    /// Returns the fields of a record with quoted fields (RFC 4180), or `None` if their number is not the expected one.
    pub(super) fn split_quoted<'t>(&'t mut self, record: &str) -> Option<impl Iterator<Item = &'t str>> {
        self.parser.reset();
        self.text.resize(record.len() + 1, 0);
        let (_, read, mut written, mut fields) =
            self.parser.read_record(record.as_bytes(), &mut self.text, &mut self.ends);
        // An empty input marks the end of the record.
        let (_, _, more_written, more_fields) =
            self.parser.read_record(&[], &mut self.text[written..], &mut self.ends[fields..]);
        written += more_written;
        fields += more_fields;
        if read < record.len() || fields != self.width {
            return None;
        }
        let Ok(text) = std::str::from_utf8(&self.text[..written]) else {
            unreachable!("the parser removes whole ASCII characters only")
        };
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        Some(starts.zip(&self.ends).take(self.width).map(move |(start, &end)| &text[start..end]))
    }
}
