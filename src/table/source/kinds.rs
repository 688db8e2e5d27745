//! Files of other programs, recognised by their first bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::super::error::SourceError;

/// A kind of file, and what its owner can do.
pub(super) struct Kind {
    /// What the file is.
    pub found: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// First bytes of a SAS data set.
pub(super) const SAS_MAGIC: &[u8] = b"\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60";
/// Number of first bytes that mark a kind.
const LENGTH: u64 = 16;

/// First bytes of a file packed by gzip.
pub(super) const GZIP: &[u8] = b"\x1F\x8B";
/// First bytes of a file packed by Zstandard.
pub(super) const ZSTANDARD: &[u8] = b"\x28\xB5\x2F\xFD";

const EXPORT: &str = "export it as CSV or Parquet";
const UNPACK: &str = "unpack it first";

/// First bytes and the kind of file that they mark.
const KINDS: [(&[u8], &str, &str); 14] = [
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another zip archive", EXPORT),
    (b"\xD0\xCF\x11\xE0", "an Excel workbook (.xls)", EXPORT),
    (b"PAR1", "a Parquet file", "set `format = \"parquet\"` in the holder file"),
    (b"PARE", "an encrypted Parquet file", "decrypt it first"),
    (SAS_MAGIC, "a SAS data set (.sas7bdat)", "set `format = \"sas\"` in the holder file"),
    (b"$FL2", "an SPSS file (.sav)", EXPORT),
    (b"$FL3", "an SPSS file (.zsav)", EXPORT),
    (b"<stata_dta>", "a Stata file (.dta)", EXPORT),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"BZh", "a file packed by bzip2", UNPACK),
    (b"\xFD7zXZ\0", "a file packed by xz", UNPACK),
    (b"7z\xBC\xAF", "a 7-Zip archive", UNPACK),
    (b"%PDF", "a PDF document", EXPORT),
    (b"<?xml", "an XML document", EXPORT),
];

/// Returns the first bytes of the file at `path`.
pub(super) fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LENGTH).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses a file that is no plain text with separators: one of another program, or a packed one.
///
/// # Errors
/// The file is of another kind, or cannot be read.
pub fn check_plain_text(path: &Path) -> Result<(), SourceError> {
    let bytes = first_bytes(path).map_err(|source| SourceError::Io { path: path.into(), source })?;
    let packed = bytes.starts_with(GZIP) || bytes.starts_with(ZSTANDARD);
    let found = match packed {
        true => Some(Kind { found: "a packed file", remedy: "give an unpacked copy" }),
        false => kind(&bytes),
    };
    match found {
        Some(Kind { found, remedy }) => Err(SourceError::OtherFormat { path: path.into(), found, remedy }),
        None => Ok(()),
    }
}

/// Returns the kind of a file that is no text with separators; `None` if its first bytes are of no known kind.
pub(super) fn kind(first_bytes: &[u8]) -> Option<Kind> {
    let known = KINDS.iter().find(|(magic, ..)| first_bytes.starts_with(magic));
    known.map(|&(_, found, remedy)| Kind { found, remedy })
}
