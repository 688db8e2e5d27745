//! Format of a text file: separator and encoding.

use serde::{Deserialize, Serialize};

/// The separator of a file whose holder file names none.
pub const DELIMITER: char = ';';
/// The encoding of a file whose holder file names none.
pub const ENCODING: Encoding = Encoding::Utf8;

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1, read as its superset Windows-1252 (WHATWG Encoding Standard).
    #[serde(rename = "latin-1")]
    Latin1,
}

/// Format of a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFormat {
    /// The field separator, an ASCII character.
    pub delimiter: u8,
    /// The encoding.
    pub encoding: Encoding,
}
