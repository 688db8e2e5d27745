//! The bytes of a text file, decompressed if it is compressed.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::super::super::error::SourceError;
use super::super::kinds::{GZIP, ZSTANDARD};

/// Bytes of a text file.
pub(super) type Input = Box<dyn Read + Send>;

/// Opens a file from a byte of its text on.
pub(super) type Open = fn(&Path, u64) -> std::io::Result<Input>;

/// Opens a file as it is, from byte `start`.
pub(super) fn open_plain(path: &Path, start: u64) -> std::io::Result<Input> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(Box::new(file))
}

/// Opens a file and unpacks it if its first bytes are those of gzip or Zstandard. The first `start` bytes of the text
/// are passed over.
pub(super) fn open_unpacked(path: &Path, start: u64) -> std::io::Result<Input> {
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    (&mut file).take(ZSTANDARD.len() as u64).read_to_end(&mut magic)?;
    let mut input: Input = match magic.as_slice() {
        [first, second, ..] if [*first, *second] == *GZIP => {
            file.rewind()?;
            Box::new(MultiGzDecoder::new(file))
        }
        ZSTANDARD => {
            file.rewind()?;
            Box::new(zstd::Decoder::new(file)?)
        }
        _ => return open_plain(path, start),
    };
    std::io::copy(&mut (&mut input).take(start), &mut std::io::sink())?;
    Ok(input)
}

/// Returns the error of a read. Packed bytes that do not unpack are damage.
pub(super) fn read_error(path: &Path, source: std::io::Error) -> SourceError {
    match source.kind() {
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof | ErrorKind::Other => {
            SourceError::Decompress { path: path.into() }
        }
        _ => SourceError::Io { path: path.into(), source },
    }
}
