//! Mapping files: lists of code pairs that a contract names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::error::Problem;
use super::raw::contract;
use crate::crypto::Digest;
use crate::table::CodeMap;
use salanimi_core::{Day, Days};

/// Parses the bytes of a mapping file. Returns the mapping with the digest of its pairs and days.
pub(super) fn parse(name: &str, raw: &contract::Mapping, bytes: &[u8]) -> Result<(CodeMap, Digest), Problem> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let headers = reader.headers().map_err(|_| missing_header(raw))?.clone();
    let header =
        |wanted: &String| headers.iter().position(|header| header == wanted).ok_or_else(|| missing_header(raw));
    let from = header(&raw.from)?;
    let to = header(&raw.to)?;
    let ends = [&raw.valid_from, &raw.valid_to].map(|end| end.as_ref().map(header).transpose());
    let [first, last] = ends;
    let ends = Ends { first: first?, last: last? };
    let mut pairs = BTreeMap::new();
    let mut days = BTreeMap::new();
    for (record, line) in reader.records().zip(2..) {
        let unreadable = || Problem::MappingLine { line };
        let record = record.map_err(|_| unreadable())?;
        let (Some(code), Some(target)) = (record.get(from), record.get(to)) else { return Err(unreadable()) };
        if spans_lines(&record) || code.is_empty() || target.is_empty() {
            return Err(unreadable());
        }
        days.insert(code.to_owned(), ends.days(&record).ok_or_else(unreadable)?);
        if pairs.insert(code.to_owned(), target.to_owned()).is_some() {
            return Err(unreadable());
        }
    }
    let map = CodeMap::new(name, &pairs).ok_or(Problem::TooManyCodes)?;
    // A digest of the content, not of the bytes: other line ends are no disagreement.
    if ends.are_absent() {
        return Ok((map, digest(&pairs)));
    }
    let digest = digest(&(&pairs, &days));
    Ok((map.with_days(days.into_values().collect()), digest))
}

/// Returns true if a field of a record has a line break. In a list of codes, a quotation mark that is never closed has
/// then swallowed the lines after it.
pub(crate) fn spans_lines(record: &StringRecord) -> bool {
    record.iter().any(|field| field.contains(['\n', '\r']))
}

fn missing_header(raw: &contract::Mapping) -> Problem {
    let others = [&raw.valid_from, &raw.valid_to].into_iter().flatten();
    Problem::MappingHeader { headers: [&raw.from, &raw.to].into_iter().chain(others).cloned().collect() }
}

fn digest(content: &impl serde::Serialize) -> Digest {
    let Ok(json) = serde_json::to_string(content) else { unreachable!("keys and values are text") };
    Digest::of(json.as_bytes())
}

/// Positions of the columns with the first and the last day on which a code is in force.
struct Ends {
    first: Option<usize>,
    last: Option<usize>,
}

impl Ends {
    fn are_absent(&self) -> bool {
        self.first.is_none() && self.last.is_none()
    }

    /// Returns the days on which the code of `record` is in force; `None` if a day is unreadable or there are none.
    fn days(&self, record: &StringRecord) -> Option<Days> {
        let first = day(record, self.first, Day::FIRST)?;
        let last = day(record, self.last, Day::LAST)?;
        let days = Days { first, last };
        (!days.is_empty()).then_some(days)
    }
}

/// Returns the day in the column at `position`; `open` if there is no such column or it is empty.
fn day(record: &StringRecord, position: Option<usize>, open: Day) -> Option<Day> {
    match position.map(|position| record.get(position)) {
        None | Some(Some("")) => Some(open),
        Some(Some(text)) => Day::parse(text).ok(),
        Some(None) => None,
    }
}

/// Resolves `file`, a path relative to the configuration file at `config`.
pub(crate) fn beside(config: &Path, file: &Path) -> PathBuf {
    config.with_file_name(file)
}
