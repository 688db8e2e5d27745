//! What differs between operating systems: permissions, users, and reads and writes at a position.
//!
//! No other module names an operating system. Linux is supported in full. On Windows the access lists of files are not
//! checked, so secrets in the clear are neither written nor read there.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{access, is_same_file, private_file, private_folder, read_exact_at, sync_folder, user, write_all_at};
#[cfg(windows)]
pub use windows::{access, is_same_file, private_file, private_folder, read_exact_at, sync_folder, user, write_all_at};

/// Who can open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Owner,
    /// Others too; the permission bits.
    Others(u32),
    /// Not known on this system.
    Unknown,
}
