//! Windows. New files inherit the access list of their folder.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::FileExt;
use std::path::Path;

use super::Access;

/// Environment variable with the user's name.
const USER: &str = "USERNAME";
/// Shown if the operating system does not show the user.
const UNKNOWN: &str = "unknown";

/// Access lists are not read.
#[must_use]
pub fn access(_: &Metadata) -> Access {
    Access::Unknown
}

/// Returns true if both can be of one file. The library does not tell a file's number here, and its length and times
/// change while another process writes to it.
#[must_use]
pub fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    one.file_type() == other.file_type()
}

/// Returns options for files in private folders.
#[must_use]
pub fn private_file() -> OpenOptions {
    OpenOptions::new()
}

/// Returns a builder of folders.
#[must_use]
pub fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

/// Does nothing: a folder cannot be synced on its own.
///
/// # Errors
/// None.
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Fills `bytes` from `offset` of a file. Threads need no lock for it.
///
/// # Errors
/// The file ends before, or cannot be read.
pub fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.seek_read(bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

/// Writes `bytes` at `offset` of a file. Threads need no lock for it.
///
/// # Errors
/// The disk is full, or the file cannot be written.
pub fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.seek_write(bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
        }
    }
    Ok(())
}

/// Returns the name of the user.
#[must_use]
pub fn user() -> String {
    std::env::var(USER).unwrap_or_else(|_| UNKNOWN.to_owned())
}
