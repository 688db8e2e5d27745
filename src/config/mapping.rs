use std::collections::BTreeMap;
use std::path::Path;

use super::error::Problem;
use super::raw::contract;
use crate::crypto::Digest;
use crate::table::CodeMap;

/// Parses the bytes of a mapping file and returns the mapping with the digest of its pairs.
pub(super) fn parse(name: &str, raw: &contract::Mapping, bytes: &[u8]) -> Result<(CodeMap, Digest), Problem> {
    let header_problem = || Problem::MappingHeader { from: raw.from.clone(), to: raw.to.clone() };
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let headers = reader.headers().map_err(|_| header_problem())?;
    let position = |wanted: &str| headers.iter().position(|h| h == wanted).ok_or_else(header_problem);
    let (from, to) = (position(&raw.from)?, position(&raw.to)?);
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
    // Of the pairs, not of the bytes: line ends are no disagreement.
    let pairs = serde_json::to_string(&pairs).unwrap_or_else(|_| unreachable!("text keys and values"));
    Ok((map, Digest::of(pairs.as_bytes())))
}

/// The path of `file` as the configuration file at `config` means it.
pub(crate) fn beside(config: &Path, file: &Path) -> std::path::PathBuf {
    config.parent().unwrap_or(Path::new("")).join(file)
}
