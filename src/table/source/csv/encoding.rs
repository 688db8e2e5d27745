//! Samples and decoding of text files.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use memchr::memchr;

use super::super::super::error::SourceError;
use super::format::Encoding;
use super::input::{Open, read_error};

/// Bytes at the start of a file that are checked against its encoding.
const SAMPLE_BYTES: u64 = 1 << 20;
/// The byte order mark of UTF-8.
pub(super) const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// Returns the start of a text, of which `open` gives the bytes.
///
/// # Errors
/// The file at `path` is unreadable or empty.
pub(super) fn sample(path: &Path, open: Open) -> Result<Vec<u8>, SourceError> {
    let mut sample = Vec::new();
    let read = open(path, 0).and_then(|input| input.take(SAMPLE_BYTES).read_to_end(&mut sample));
    read.map_err(|source| read_error(path, source))?;
    if sample.iter().all(u8::is_ascii_whitespace) {
        return Err(SourceError::Empty { path: path.into() });
    }
    Ok(sample)
}

/// Checks that the start of a file does not contradict `encoding`.
pub(super) fn check_encoding(path: &Path, sample: &[u8], encoding: Encoding) -> Result<(), SourceError> {
    if memchr(0, sample).is_some() || sample.starts_with(b"\xFF\xFE") || sample.starts_with(b"\xFE\xFF") {
        return Err(SourceError::NotText { path: path.into() });
    }
    if encoding == Encoding::Latin1 && !sample.is_ascii() && is_utf8_so_far(sample) {
        let before = sample.iter().take_while(|byte| byte.is_ascii());
        let line = 1 + before.filter(|&&byte| byte == b'\n').count() as u64;
        return Err(SourceError::LooksUtf8 { path: path.into(), line });
    }
    Ok(())
}

/// Returns true if `bytes` are UTF-8. The last character may be cut.
fn is_utf8_so_far(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// Decodes `bytes`; `line` computes the number of the line that is not UTF-8.
pub(super) fn decode<'b>(
    path: &Path,
    bytes: &'b [u8],
    encoding: Encoding,
    line: impl Fn() -> u64,
) -> Result<Cow<'b, str>, SourceError> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes)
            .map(Cow::from)
            .map_err(|_| SourceError::NotUtf8 { path: path.into(), line: line() }),
        Encoding::Latin1 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
    }
}
