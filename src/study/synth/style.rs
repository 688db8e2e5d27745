//! How a source file writes fields: separator, encoding, marks.

use encoding_rs::WINDOWS_1252;

use super::error::SourceProblem;
use crate::config::raw::holder::Source;
use crate::table::{DateForm, Encoding};

/// What a holder file leaves unsaid.
const DELIMITER: char = ';';
const DECIMAL: char = '.';

/// The form of a source's fields.
pub(super) struct Style {
    pub(super) delimiter: u8,
    pub(super) decimal: u8,
    pub(super) encoding: Encoding,
    pub(super) dates: DateForm,
    /// Texts for "no value", as they are written.
    pub(super) missing: Vec<Vec<u8>>,
}

impl Style {
    /// The style that a holder file describes.
    ///
    /// # Errors
    /// A mark is not ASCII, or a text does not exist in the encoding.
    pub(super) fn new(source: &Source) -> Result<Self, SourceProblem> {
        let ascii = |mark: char| u8::try_from(mark).ok().filter(u8::is_ascii).ok_or(SourceProblem::NotAscii);
        let mut style = Self {
            delimiter: ascii(source.delimiter.unwrap_or(DELIMITER))?,
            decimal: ascii(source.decimal.unwrap_or(DECIMAL))?,
            encoding: source.encoding.unwrap_or(Encoding::Utf8),
            dates: source.dates.as_ref().and_then(|forms| forms.first()).copied().unwrap_or(DateForm::Iso),
            missing: Vec::new(),
        };
        style.missing = source.missing.iter().map(|text| style.field(text)).collect::<Result<_, _>>()?;
        Ok(style)
    }

    /// What ends a line: latin-1 files come from Windows.
    pub(super) fn line_end(&self) -> &'static [u8] {
        if self.is_latin() { b"\r\n" } else { b"\n" }
    }

    /// What opens a file: a byte order mark where there can be one, as spreadsheets write it.
    pub(super) fn opening(&self) -> &'static [u8] {
        if self.is_latin() { b"" } else { b"\xEF\xBB\xBF" }
    }

    pub(super) fn is_latin(&self) -> bool {
        self.encoding == Encoding::Latin1
    }

    /// A whole field, quoted if it must be.
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

    /// A part of a quoted field.
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

    pub(in crate::study::synth) fn style(encoding: Encoding) -> Style {
        Style { delimiter: b';', decimal: b',', encoding, dates: DateForm::Finnish, missing: Vec::new() }
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        let style = style(Encoding::Utf8);
        assert_eq!(style.field("a,b").unwrap(), b"a,b");
        assert_eq!(style.field("a;b").unwrap(), b"\"a;b\"");
        assert_eq!(style.field("\"a\"").unwrap(), b"\"\"\"a\"\"\"");
    }

    #[test]
    fn latin_1_is_written_and_what_it_lacks_is_refused() {
        let style = style(Encoding::Latin1);
        assert_eq!(style.field("päätös").unwrap(), b"p\xE4\xE4t\xF6s");
        assert!(matches!(style.field("𝟎"), Err(SourceProblem::Encoding { .. })));
    }
}
