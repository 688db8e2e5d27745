//! Delimited text (CSV), read in parallel.

mod chunk;
mod encoding;
mod fields;
mod file;
mod format;
mod header;
mod input;
mod record;
mod sniff;
mod strict;

pub(super) use file::CsvSource;
pub use format::{CsvFormat, DELIMITER, ENCODING, Encoding};
pub(super) use sniff::{Layout, sniff};
