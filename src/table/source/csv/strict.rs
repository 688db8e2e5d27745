//! What a holder's source must keep, beyond what can be read: one encoding, and quotation marks as in RFC 4180.

use std::path::Path;

use memchr::memchr;

use super::super::super::error::SourceError;
use super::chunk::Chunk;
use super::format::Encoding;
use super::record::closing_quote;

/// Checks that no byte of a chunk contradicts the encoding of the file at `path`.
pub(super) fn check_bytes(path: &Path, chunk: &Chunk, encoding: Encoding) -> Result<(), SourceError> {
    if memchr(0, &chunk.bytes).is_some() {
        return Err(SourceError::NotText { path: path.into() });
    }
    if encoding == Encoding::Utf8 || chunk.bytes.is_ascii() {
        return Ok(());
    }
    // Text in latin-1 is UTF-8 by chance only if each of its letters beyond ASCII looks garbled.
    let is_utf8 = |line: &[u8]| !line.is_ascii() && std::str::from_utf8(line).is_ok();
    match (chunk.first_line..).zip(chunk.bytes.split(|&b| b == b'\n')).find(|(_, line)| is_utf8(line)) {
        Some((line, _)) => Err(SourceError::LooksUtf8 { path: path.into(), line }),
        None => Ok(()),
    }
}

/// Returns true if each quotation mark that opens a field of a record is closed at its end.
pub(super) fn is_well_quoted(record: &str, delimiter: u8) -> bool {
    let mut rest = record.as_bytes();
    loop {
        if let [b'"', quoted @ ..] = rest {
            let Some(length) = closing_quote(quoted) else { return false };
            rest = &quoted[length..];
            if !rest.is_empty() && rest[0] != delimiter {
                return false;
            }
        }
        match memchr(delimiter, rest) {
            Some(end) => rest = &rest[end + 1..],
            None => return true,
        }
    }
}

/// Returns true if lines end in a carriage return alone, as those of old Macintosh programs.
pub(super) fn has_bare_returns(sample: &[u8]) -> bool {
    memchr(b'\n', sample).is_none() && memchr(b'\r', sample.trim_ascii_end()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_behind_a_closing_quotation_mark_is_noticed() {
        for record in ["a;b", "\"a\";\"b\"", "\"a;b\";c", "\"\"\"a\"\"\";b", "5\" pipe;b", "\"\"", ""] {
            assert!(is_well_quoted(record, b';'), "{record}");
        }
        for record in ["\"Oy\" Ab;b", "a;\"say \\\"no\\\" so\"", "\"a\" ;b", "a;\"b"] {
            assert!(!is_well_quoted(record, b';'), "{record}");
        }
    }

    #[test]
    fn lines_of_another_encoding_are_named() {
        let check = |bytes: &[u8], encoding| {
            let chunk = Chunk { bytes: bytes.to_vec(), first_line: 5 };
            check_bytes(Path::new("s.csv"), &chunk, encoding)
        };
        assert!(check(b"a\nM\xE4ki\n", Encoding::Latin1).is_ok());
        let mixed = [b"M\xE4ki\na\n", "Mäki\n".as_bytes()].concat();
        assert!(matches!(check(&mixed, Encoding::Latin1), Err(SourceError::LooksUtf8 { line: 7, .. })));
        for encoding in [Encoding::Utf8, Encoding::Latin1] {
            assert!(matches!(check(b"a\0", encoding), Err(SourceError::NotText { .. })));
        }
    }

    #[test]
    fn carriage_returns_alone_are_line_ends_of_old_programs() {
        assert!(has_bare_returns(b"a;b\r1;2\r"));
        for other in [&b"a;b\r\n1;2\r\n"[..], b"a;b\n", b"a;b\r", b"a;b"] {
            assert!(!has_bare_returns(other));
        }
    }
}
