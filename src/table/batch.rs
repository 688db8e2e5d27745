//! What every kind of source file gives: batches of columns, found by their headers.

use std::path::Path;

use arrow::array::ArrayRef;

use super::error::SourceError;

/// Some rows of a source file.
pub struct SourceBatch {
    /// The wanted columns, in the order in which they were asked for; text or typed.
    pub columns: Vec<ArrayRef>,
    /// For each row, its line in a CSV file or its number in a Parquet file, from 1.
    pub rows: Vec<u64>,
    /// Lines that could not be read as a row.
    pub malformed: Vec<u64>,
    /// How much of the file was read for this batch, for progress.
    pub bytes: u64,
}

/// Positions of the `wanted` columns among the `headers` of the file at `path`.
///
/// A header is never shown, because in a file without one it is a person's row.
pub(super) fn locate(
    path: &Path,
    headers: &[&str],
    wanted: &[String],
    known: &[String],
) -> Result<Vec<usize>, SourceError> {
    let find = |name: &String| {
        let missing = || SourceError::MissingColumn { path: path.into(), name: name.clone(), found: headers.len() };
        headers.iter().position(|h| h == name).ok_or_else(missing)
    };
    let positions = wanted.iter().map(find).collect::<Result<_, _>>()?;
    for (second, header) in headers.iter().enumerate() {
        if let Some(first) = headers[..second].iter().position(|h| h == header) {
            return Err(SourceError::DuplicateHeader { path: path.into(), first: first + 1, second: second + 1 });
        }
    }
    let is_known = |header: &&str| wanted.iter().chain(known).any(|name| name == header);
    match headers.iter().position(|header| !is_known(header)) {
        Some(extra) => Err(SourceError::ExtraColumn { path: path.into(), position: extra + 1 }),
        None => Ok(positions),
    }
}
