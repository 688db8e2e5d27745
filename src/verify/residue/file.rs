//! Findings in the bytes of a file, read part by part.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::tally::Tallies;
use crate::table::SEALED_MAGIC;
use crate::verify::detect::{Context, Sightings, find_in_bytes};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Bytes that are searched again with the next part, so that no identifier is cut in two.
const OVERLAP: usize = 512;
/// Different strings of one kind that are counted in a file.
const MOST_STRINGS: usize = 1 << 16;
/// First bytes of archives and other packed formats.
const ARCHIVES: [&[u8]; 7] =
    [b"%PDF", b"PK\x03\x04", b"\x1F\x8B", b"7z\xBC\xAF", b"\x28\xB5\x2F\xFD", b"\xFD7zXZ", b"BZh"];

/// First bytes of encrypted files: sealed tables, and files of age.
const ENCRYPTED: [&[u8]; 3] = [SEALED_MAGIC, b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----"];
/// Number of first bytes that tell the kind of a file.
const START_BYTES: u64 = 40;

/// Adds the sightings in `ranges` of the file at `path`. Calls `advance` with the number of bytes after each read.
pub(super) fn scan(
    path: &Path,
    ranges: &[Range<u64>],
    tallies: &mut Tallies,
    advance: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut found = Sightings::default();
    let mut buffer = Vec::new();
    for range in ranges.iter().filter(|range| !range.is_empty()) {
        file.seek(SeekFrom::Start(range.start))?;
        let mut part = (&mut file).take(range.end - range.start);
        buffer.clear();
        loop {
            let read = (&mut part).take(CHUNK_BYTES as u64).read_to_end(&mut buffer)?;
            if read == 0 {
                break;
            }
            advance(read as u64);
            find_in_bytes(&buffer, Context::Prose, &mut found);
            tallies.add(&found.all, Some(0), MOST_STRINGS);
            found.clear();
            let kept = buffer.len().min(OVERLAP);
            buffer.drain(..buffer.len() - kept);
        }
    }
    Ok(())
}

/// Returns true if a file is packed, so that its contents cannot be searched.
pub(super) fn is_archive(path: &Path) -> bool {
    starts_with(path, &ARCHIVES)
}

/// Returns true if a file is encrypted, so that its bytes are random.
pub(super) fn is_encrypted(path: &Path) -> bool {
    starts_with(path, &ENCRYPTED)
}

fn starts_with(path: &Path, known: &[&[u8]]) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START_BYTES).read_to_end(&mut start));
    read.is_ok() && known.iter().any(|known| start.starts_with(known))
}
