//! Location of wanted columns among the headers of a file.

use std::path::Path;

use super::super::error::SourceError;

/// Least similarity of close names: 0 for names without a common letter, 1 for equal ones.
const CLOSE: f64 = 0.75;

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
        close: closest(headers, name),
    })
}

/// Returns the number of the column, from 1, whose name is closest to `name`; `None` if none is close.
fn closest(headers: &[&str], name: &str) -> Option<usize> {
    let name = plain(name);
    let similar = headers.iter().map(|header| strsim::normalized_damerau_levenshtein(&plain(header), &name));
    let best = (1..).zip(similar).max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|(_, similarity)| *similarity >= CLOSE).map(|(position, _)| position)
}

/// Returns a name without differences of case and spaces.
fn plain(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_differs_in_case_spaces_or_a_letter_is_close() {
        let headers = ["hetu", "Maksettu  Summa", "kunta"];
        assert_eq!(closest(&headers, "maksettu summa"), Some(2));
        assert_eq!(closest(&headers, "kuntaa"), Some(3));
        assert_eq!(closest(&headers, "lapset"), None);
    }
}
