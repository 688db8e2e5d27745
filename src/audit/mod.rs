//! The audit log that each side keeps for itself: who ran what, when, under which key, on what, with what counts.
//!
//! One line of JSON a command, appended and never changed. Each line holds the SHA-256 of the line before, so that a line
//! that was changed, put in or taken out breaks the chain. What was cut off at the end is told only by the head, the
//! digest of the last line, if it was written down elsewhere. Never a value, and no path, which could hold one.

mod entry;
mod log;
mod user;

pub use entry::{Act, Entry, FORMAT as AUDIT_FORMAT, Outcome};
pub use log::{AuditError, AuditLog, Chain};
