//! Bytes of unknown make: files that are no tables, the parts of files around the data.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::cell::{self, Form};
use super::decode;
use super::found::{Found, Tallies};

/// How much of a file is looked at at once.
const CHUNK_BYTES: usize = 1 << 20;
/// How much of it is looked at again with the next part, so that nothing is cut in two.
const OVERLAP: usize = 512;
/// Different strings of one shape that are counted in a file.
const MOST_STRINGS: usize = 1 << 16;
/// A shorter run of base64 holds no more than one value.
const LONG_RUN: usize = 64;

/// Notes what is in `bytes`, whatever their encoding.
pub(super) fn find(bytes: &[u8], form: Form, found: &mut Found) {
    cell::find(&text(bytes), form, found);
    if form == Form::Prose {
        find_encoded(bytes, found);
    }
}

/// Bytes as text: those of UTF-16 without their zeros, those of no encoding as far as they are ASCII.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let zeros = memchr::memchr_iter(0, bytes).count();
    if zeros * 3 >= bytes.len() && zeros > 0 {
        let kept: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).map(printable).collect();
        return String::from_utf8(kept).unwrap_or_default().into();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) if is_binary(bytes) => {
            String::from_utf8(bytes.iter().copied().map(printable).collect()).unwrap_or_default().into()
        }
        // Cut in the middle of a character, at either end.
        Err(error) if error.valid_up_to() + 4 > bytes.len() => String::from_utf8_lossy(bytes),
        Err(error) if error.valid_up_to() < 4 && std::str::from_utf8(&bytes[error.valid_up_to() + 1..]).is_ok() => {
            String::from_utf8_lossy(bytes)
        }
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

fn printable(byte: u8) -> u8 {
    if byte.is_ascii_graphic() || byte == b' ' { byte } else { b'\n' }
}

fn is_binary(bytes: &[u8]) -> bool {
    let control = |b: &&u8| b.is_ascii_control() && !b.is_ascii_whitespace();
    bytes.iter().filter(control).count() * 50 > bytes.len()
}

/// What is in long runs of base64, such as a schema in a footer; keys and digests are no text.
fn find_encoded(bytes: &[u8], found: &mut Found) {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    for run in bytes.split(|&b| !inside(b)).filter(|run| run.len() >= LONG_RUN) {
        let decoded = decode::base64(run);
        let telling = decoded.iter().filter(|&&b| b == 0 || b == b' ' || b.is_ascii_graphic()).count();
        if telling * 10 >= decoded.len() * 6 && !decoded.is_empty() {
            cell::find(&text(&decoded), Form::Prose, found);
            let plain: Vec<u8> = decoded.iter().copied().map(printable).collect();
            cell::find(&String::from_utf8(plain).unwrap_or_default(), Form::Prose, found);
        }
    }
}

/// Adds what is in the parts `ranges` of the file at `path`; calls `told` with the bytes read.
pub(super) fn scan(
    path: &Path,
    ranges: &[Range<u64>],
    tallies: &mut Tallies,
    told: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let mut file = File::open(path)?;
    let (mut found, mut buffer) = (Found::default(), Vec::new());
    for range in ranges.iter().filter(|range| !range.is_empty()) {
        file.seek(SeekFrom::Start(range.start))?;
        let mut part = (&mut file).take(range.end - range.start);
        buffer.clear();
        loop {
            let read = (&mut part).take(CHUNK_BYTES as u64).read_to_end(&mut buffer)?;
            if read == 0 {
                break;
            }
            told(read as u64);
            find(&buffer, Form::Prose, &mut found);
            tallies.add(&found.sightings, Some(0), MOST_STRINGS);
            found.clear();
            let kept = buffer.len().min(OVERLAP);
            buffer.drain(..buffer.len() - kept);
        }
    }
    Ok(())
}

/// Whether a file is packed, so that its contents cannot be seen.
pub(super) fn is_archive(path: &Path) -> bool {
    const STARTS: [&[u8]; 7] =
        [b"%PDF", b"PK\x03\x04", b"\x1F\x8B", b"7z\xBC\xAF", b"\x28\xB5\x2F\xFD", b"\xFD7zXZ", b"BZh"];
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(8).read_to_end(&mut start));
    read.is_ok() && STARTS.iter().any(|known| start.starts_with(known))
}
