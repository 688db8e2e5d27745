//! Location of wanted columns among the headers of a file.

use std::path::Path;

use super::super::error::SourceError;

/// Returns the positions of the `wanted` columns among `headers`. Columns in `known` may be there too.
///
/// An error never shows a header that the file holds: in a file without headers it is a person's row.
///
/// # Errors
/// A wanted column is missing, two headers are the same, or a column is neither wanted nor known.
pub(in crate::table) fn locate(
    path: &Path,
    headers: &[&str],
    wanted: &[String],
    known: &[String],
) -> Result<Vec<usize>, SourceError> {
    let positions = wanted.iter().map(|name| position(path, headers, name)).collect::<Result<_, _>>()?;
    for (second, header) in headers.iter().enumerate() {
        if let Some(first) = headers[..second].iter().position(|h| h == header) {
            return Err(SourceError::DuplicateHeader { path: path.into(), first: first + 1, second: second + 1 });
        }
    }
    match headers.iter().position(|header| !wanted.iter().chain(known).any(|name| name == header)) {
        Some(extra) => Err(SourceError::ExtraColumn { path: path.into(), position: extra + 1 }),
        None => Ok(positions),
    }
}

fn position(path: &Path, headers: &[&str], name: &String) -> Result<usize, SourceError> {
    headers.iter().position(|header| header == name).ok_or_else(|| SourceError::MissingColumn {
        path: path.into(),
        name: name.clone(),
        found: headers.len(),
    })
}
