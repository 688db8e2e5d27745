//! Linux and other systems of its kind.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::Access;

/// Shown if the operating system does not show the user.
const UNKNOWN: &str = "unknown";

/// Returns who can open a file.
#[must_use]
pub fn access(metadata: &Metadata) -> Access {
    let mode = metadata.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 { Access::Owner } else { Access::Others(mode) }
}

/// Returns true if both are of one file.
#[must_use]
pub fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Returns options for files that their owner alone can read, whatever the umask.
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Returns a builder of folders that their owner alone can enter, whatever the umask.
#[must_use]
pub fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// Waits until the disk has the names in a folder.
///
/// # Errors
/// The folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Fills `bytes` from `offset` of a file. Threads need no lock for it.
///
/// # Errors
/// The file ends before, or cannot be read.
pub fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(bytes, offset)
}

/// Writes `bytes` at `offset` of a file. Threads need no lock for it.
///
/// # Errors
/// The disk is full, or the file cannot be written.
pub fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}

/// Returns the user's number, after the name if the machine's own list of users has one.
#[must_use]
pub fn user() -> String {
    // The owner of a process's own entry is its effective user.
    let Ok(process) = std::fs::metadata("/proc/self") else {
        return UNKNOWN.to_owned();
    };
    let number = process.uid().to_string();
    match std::fs::read_to_string("/etc/passwd").ok().and_then(|users| name(&users, &number)) {
        Some(name) => format!("{name} ({number})"),
        None => number,
    }
}

/// Returns the name of the user with this number in the text of `/etc/passwd`.
fn name(users: &str, number: &str) -> Option<String> {
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    users.find(|fields| fields.get(2) == Some(&number)).map(|fields| fields[0].to_owned())
}
