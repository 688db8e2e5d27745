//! Readers of the word lists and tables that are compiled in.

use serde::de::DeserializeOwned;

/// Returns the entries of a word list: separated by white space, in lines that do not start with `#`.
pub(crate) fn entries(list: &'static str) -> impl Iterator<Item = &'static str> {
    lines(list).flat_map(str::split_whitespace)
}

/// Returns the lines of a list that hold data; those that start with `#` are comments.
pub(crate) fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

/// Reads a table in TOML.
///
/// # Panics
///
/// Panics if the table does not have the form of `T`. The tables are checked in, and a test reads each of them.
#[expect(clippy::expect_used, reason = "the tables are compiled in, and tests read them")]
pub(crate) fn table<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("a compiled-in table is well-formed")
}
