//! Finds identifiers in bytes of any encoding.

use std::borrow::Cow;

use super::decode;
use super::sightings::Sightings;
use super::text::{Context, find_in_text};

/// Shortest run of base64 that is searched as text; a shorter one holds no more than one value.
const LONG_RUN: usize = 64;

/// Adds the identifiers in `bytes`. Prose is also searched inside long runs of base64.
pub(crate) fn find_in_bytes(bytes: &[u8], context: Context, found: &mut Sightings) {
    find_in_text(&text(bytes), context, found);
    if context == Context::Prose {
        find_encoded(bytes, found);
    }
}

/// Returns bytes as text: UTF-8, UTF-16 without its zero bytes, Windows-1252, or the ASCII characters of binary data.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let zeros = memchr::memchr_iter(0, bytes).count();
    if zeros * 3 >= bytes.len() && zeros > 0 {
        return bytes.iter().filter(|byte| **byte != 0).map(|byte| printable(*byte)).collect::<String>().into();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) if is_binary(bytes) => ascii(bytes).into(),
        Err(error) if is_cut(bytes, error.valid_up_to()) => String::from_utf8_lossy(bytes),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Returns true if UTF-8 is invalid only in a character at either end, as in a part of a file.
fn is_cut(bytes: &[u8], valid_up_to: usize) -> bool {
    valid_up_to + 4 > bytes.len() || valid_up_to < 4 && std::str::from_utf8(&bytes[valid_up_to + 1..]).is_ok()
}

/// Returns the printable ASCII characters, with line breaks for all other bytes.
fn ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| printable(*byte)).collect()
}

fn printable(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '\n' }
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace()).count() * 50 > bytes.len()
}

/// Searches long runs of base64, such as a schema in a footer. Keys and digests do not decode to text.
fn find_encoded(bytes: &[u8], found: &mut Sightings) {
    for run in bytes.split(|&b| !decode::is_encoding_byte(b)).filter(|run| run.len() >= LONG_RUN) {
        let Some(decoded) = decode::base64(run) else { continue };
        let readable = decoded.iter().filter(|&&b| b == 0 || b == b' ' || b.is_ascii_graphic()).count();
        if readable * 10 >= decoded.len() * 6 && !decoded.is_empty() {
            find_in_text(&text(&decoded), Context::Prose, found);
            find_in_text(&ascii(&decoded), Context::Prose, found);
        }
    }
}
