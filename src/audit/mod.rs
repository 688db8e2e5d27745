//! What each party keeps: its audit log, and the register of a release key.
//!
//! The audit log holds user, time, command, key, digests and counts.
//! Each command appends lines of JSON and changes none. A line holds the SHA-256 of the line before, so a line that was
//! changed, inserted or removed breaks the chain. Lines cut off at the end show only in the head, the digest of the
//! last line, if someone recorded it elsewhere. The log holds no value, and no path, because a path could hold one.

mod entry;
mod log;
mod register;

pub use entry::{CommandRecord, Entry, FORMAT as AUDIT_FORMAT, Outcome};
pub use log::{AUDIT_LOG, AuditError, AuditLog, Chain};
pub use register::{NewLines, RegisterFile, RegisterFileError};
