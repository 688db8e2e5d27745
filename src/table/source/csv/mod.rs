//! Delimited text (CSV), read in parallel.

mod chunk;
mod encoding;
mod fields;
mod file;
mod format;
mod record;
mod sniff;

pub(super) use file::CsvSource;
pub use format::{CsvFormat, DELIMITER, ENCODING, Encoding};
pub(super) use sniff::{Layout, sniff};
