//! Dialect of a source file: separator, decimal mark, encoding, dates and texts for a missing value.

use encoding_rs::WINDOWS_1252;

use super::error::SourceProblem;
use crate::table::{CsvFormat, DATE_FORM, DateForm, Encoding, Notation};

/// The form of a source's fields.
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) decimal: char,
    pub(super) encoding: Encoding,
    /// The first form of days that the holder file lists.
    pub(super) dates: DateForm,
    /// Texts for a missing value, encoded.
    pub(super) missing: Vec<Vec<u8>>,
}

impl Dialect {
    /// Returns the dialect of a source with this format and notation.
    ///
    /// # Errors
    /// A text for a missing value does not exist in the encoding.
    pub(super) fn new(format: &CsvFormat, notation: &Notation) -> Result<Self, SourceProblem> {
        let mut dialect = Self {
            delimiter: format.delimiter,
            decimal: notation.decimal,
            encoding: format.encoding,
            dates: notation.dates.iter().find(|form| !form.layout.is_month()).map_or(DATE_FORM, |form| *form),
            missing: Vec::new(),
        };
        dialect.missing = notation.missing.iter().map(|text| dialect.field(text)).collect::<Result<_, _>>()?;
        Ok(dialect)
    }

    /// Returns the end of a line. Files in latin-1 come from Windows.
    pub(super) fn line_end(&self) -> &'static [u8] {
        if self.is_latin() { b"\r\n" } else { b"\n" }
    }

    /// Returns the beginning of a file: a byte order mark where there can be one, as spreadsheets write it.
    pub(super) fn opening(&self) -> &'static [u8] {
        if self.is_latin() { b"" } else { b"\xEF\xBB\xBF" }
    }

    pub(super) fn is_latin(&self) -> bool {
        self.encoding == Encoding::Latin1
    }

    /// Encodes a whole field and quotes it if needed.
    ///
    /// # Errors
    /// The text does not exist in the encoding.
    pub(super) fn field(&self, text: &str) -> Result<Vec<u8>, SourceProblem> {
        let delimiter = char::from(self.delimiter);
        if text.contains([delimiter, '"', '\n', '\r']) {
            let part = self.quoted_part(text)?;
            return Ok([b"\"", part.as_slice(), b"\""].concat());
        }
        self.encoded(text)
    }

    /// Encodes a part of a quoted field.
    ///
    /// # Errors
    /// The text does not exist in the encoding.
    pub(super) fn quoted_part(&self, text: &str) -> Result<Vec<u8>, SourceProblem> {
        self.encoded(&text.replace('"', "\"\""))
    }

    fn encoded(&self, text: &str) -> Result<Vec<u8>, SourceProblem> {
        if !self.is_latin() {
            return Ok(text.as_bytes().to_vec());
        }
        let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
        if unmappable { Err(SourceProblem::Encoding { text: text.to_owned() }) } else { Ok(bytes.into_owned()) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::table::DateLayout;

    pub(in crate::study::synth) fn dialect(encoding: Encoding) -> Dialect {
        let dates = DateForm { layout: DateLayout::Finnish, has_time: false };
        Dialect { delimiter: b';', decimal: ',', encoding, dates, missing: Vec::new() }
    }

    #[test]
    fn fields_are_quoted_only_if_needed() {
        let dialect = dialect(Encoding::Utf8);
        assert_eq!(dialect.field("a,b").unwrap(), b"a,b");
        assert_eq!(dialect.field("a;b").unwrap(), b"\"a;b\"");
        assert_eq!(dialect.field("\"a\"").unwrap(), b"\"\"\"a\"\"\"");
    }

    #[test]
    fn a_text_outside_latin_1_is_refused() {
        let dialect = dialect(Encoding::Latin1);
        assert_eq!(dialect.field("päätös").unwrap(), b"p\xE4\xE4t\xF6s");
        assert!(matches!(dialect.field("𝟎"), Err(SourceProblem::Encoding { .. })));
    }
}
