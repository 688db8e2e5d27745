//! Mapping files: lists of code pairs that a contract names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::Problem;
use super::raw::contract;
use crate::crypto::Digest;
use crate::table::CodeMap;

/// Parses the bytes of a mapping file. Returns the mapping with the digest of its pairs.
pub(super) fn parse(name: &str, raw: &contract::Mapping, bytes: &[u8]) -> Result<(CodeMap, Digest), Problem> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let from = header(&mut reader, raw, &raw.from)?;
    let to = header(&mut reader, raw, &raw.to)?;
    let mut pairs = BTreeMap::new();
    for (record, line) in reader.records().zip(2..) {
        let record = record.map_err(|_| Problem::MappingLine { line })?;
        let (Some(code), Some(target)) = (record.get(from), record.get(to)) else {
            return Err(Problem::MappingLine { line });
        };
        if pairs.insert(code.to_owned(), target.to_owned()).is_some() {
            return Err(Problem::MappingLine { line });
        }
    }
    let map = CodeMap::new(name, &pairs).ok_or(Problem::TooManyCodes)?;
    // A digest of the pairs, not of the bytes: other line ends are no disagreement.
    let Ok(json) = serde_json::to_string(&pairs) else { unreachable!("keys and values are text") };
    Ok((map, Digest::of(json.as_bytes())))
}

/// Returns the position of the header `wanted`.
fn header(reader: &mut csv::Reader<&[u8]>, raw: &contract::Mapping, wanted: &str) -> Result<usize, Problem> {
    let position = reader.headers().ok().and_then(|headers| headers.iter().position(|header| header == wanted));
    position.ok_or_else(|| Problem::MappingHeader { from: raw.from.clone(), to: raw.to.clone() })
}

/// Resolves `file`, a path relative to the configuration file at `config`.
pub(crate) fn beside(config: &Path, file: &Path) -> PathBuf {
    config.with_file_name(file)
}
