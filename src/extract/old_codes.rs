//! Changed identifiers: a holder's table of old and new codes, followed to the newest.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use data_encoding::HEXLOWER;

use super::error::OldCodesError;
use crate::config::{self, spans_lines};
use salanimi_core::{KeyedHash, PSEUDONYM_BYTES, Syntax};

/// Table of changed identifiers, in canonical form.
#[derive(Default)]
pub(super) struct OldCodes {
    /// Newest identifier of each one that was changed.
    newest: HashMap<Vec<u8>, Vec<u8>>,
    changes: BTreeMap<Vec<u8>, Change>,
}

/// A direct change of an identifier.
struct Change {
    new: Vec<u8>,
    /// Line of the file, from 1.
    line: u64,
}

impl OldCodes {
    /// Reads a holder's table of changes between identifiers of `syntax`.
    ///
    /// # Errors
    /// The file is unreadable, holds a text that is not an identifier, changes one identifier into two, or runs in a
    /// cycle.
    pub(super) fn read(config: &config::OldCodes, syntax: &Syntax) -> Result<Self, OldCodesError> {
        let path = &config.file;
        let bytes = std::fs::read(path).map_err(|source| OldCodesError::Io { path: path.clone(), source })?;
        let mut changes: BTreeMap<Vec<u8>, Change> = BTreeMap::new();
        for raw in raw_changes(config, &bytes)? {
            let line = raw.line;
            let old = canonical(path, line, syntax, &config.old, &raw.old)?;
            let new = canonical(path, line, syntax, &config.new, &raw.new)?;
            match changes.get(&old) {
                Some(earlier) if earlier.new != new => {
                    return Err(OldCodesError::Fork { path: path.clone(), first: earlier.line, second: line });
                }
                Some(_) => {}
                None => drop(changes.insert(old, Change { new, line })),
            }
        }
        let newest = follow(path, &changes)?;
        Ok(Self { newest, changes })
    }

    /// Returns the newest form of `identifier`, if it was changed.
    pub(super) fn newest(&self, identifier: &[u8]) -> Option<&[u8]> {
        self.newest.get(identifier).map(Vec::as_slice)
    }

    /// Returns the number of changes.
    pub(super) fn len(&self) -> u64 {
        self.changes.len() as u64
    }

    /// Computes the commitment to all changes, in hexadecimal: the leftmost 16 bytes of a keyed hash of every old and
    /// new identifier in order, each ended by a zero byte.
    pub(super) fn commitment(&self, hash: &KeyedHash) -> String {
        let parts = self.changes.iter().flat_map(|(old, change)| [old.as_slice(), b"\0", change.new.as_slice(), b"\0"]);
        HEXLOWER.encode(&hash.leftmost::<PSEUDONYM_BYTES>(&parts.collect::<Vec<_>>().concat()))
    }
}

fn canonical(path: &Path, line: u64, syntax: &Syntax, column: &str, raw: &str) -> Result<Vec<u8>, OldCodesError> {
    match syntax.canonical(raw.as_bytes()) {
        Ok(identifier) => Ok(identifier.as_bytes().to_vec()),
        Err(reason) => {
            Err(OldCodesError::Identifier { path: path.to_owned(), line, column: column.to_owned(), reason })
        }
    }
}

/// A line of the file, as written.
struct RawChange {
    line: u64,
    old: String,
    new: String,
}

fn raw_changes(config: &config::OldCodes, bytes: &[u8]) -> Result<Vec<RawChange>, OldCodesError> {
    let path = &config.file;
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let headers = reader.headers().map_err(|_| header_error(config))?.clone();
    let old = position(&headers, &config.old).ok_or_else(|| header_error(config))?;
    let new = position(&headers, &config.new).ok_or_else(|| header_error(config))?;
    let mut changes = Vec::new();
    for (record, number) in reader.records().zip(2..) {
        let record = record.map_err(|_| OldCodesError::Line { path: path.clone(), line: number })?;
        let line = record.position().map_or(number, csv::Position::line);
        if spans_lines(&record) {
            return Err(OldCodesError::Line { path: path.clone(), line });
        }
        let [Some(old), Some(new)] = [record.get(old), record.get(new)] else {
            return Err(OldCodesError::Line { path: path.clone(), line: number });
        };
        changes.push(RawChange { line, old: old.to_owned(), new: new.to_owned() });
    }
    Ok(changes)
}

fn header_error(config: &config::OldCodes) -> OldCodesError {
    OldCodesError::Header { path: config.file.clone(), old: config.old.clone(), new: config.new.clone() }
}

/// Returns the position of the column `name`. The first header may begin with a byte order mark.
fn position(headers: &csv::StringRecord, name: &str) -> Option<usize> {
    headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name)
}

/// Follows every change to its newest identifier.
fn follow(path: &Path, changes: &BTreeMap<Vec<u8>, Change>) -> Result<HashMap<Vec<u8>, Vec<u8>>, OldCodesError> {
    let mut newest = HashMap::with_capacity(changes.len());
    for (old, change) in changes {
        let mut last = &change.new;
        let mut steps = 0;
        while let Some(next) = changes.get(last) {
            steps += 1;
            if last == old || steps > changes.len() {
                return Err(OldCodesError::Cycle { path: path.to_owned(), line: change.line });
            }
            last = &next.new;
        }
        newest.insert(old.clone(), last.clone());
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::Day;

    fn read(lines: &str) -> Result<OldCodes, OldCodesError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.csv");
        std::fs::write(&file, format!("old;new\n{lines}")).unwrap();
        let date = Day::parse("2020-01-01").unwrap();
        OldCodes::read(&config::OldCodes { file, old: "old".into(), new: "new".into(), date }, &Syntax::Hetu)
    }

    #[test]
    fn a_chain_leads_to_the_newest_code() {
        let codes = read("010594Y9032;020594x903p\n020594X903P;030594W903B\n").unwrap();
        assert_eq!(codes.newest(b"010594Y9032"), Some(b"030594W903B".as_slice()));
        assert_eq!(codes.newest(b"020594X903P"), Some(b"030594W903B".as_slice()));
        assert_eq!((codes.newest(b"030594W903B"), codes.len()), (None, 2));
    }

    #[test]
    fn cycles_and_forks_are_refused() {
        assert!(matches!(read("010594Y9032;010594Y9032\n"), Err(OldCodesError::Cycle { line: 2, .. })));
        let cycle = "010594Y9032;020594X903P\n020594X903P;030594W903B\n030594W903B;020594X903P\n";
        assert!(matches!(read(cycle), Err(OldCodesError::Cycle { .. })));
        let fork = "010594Y9032;020594X903P\n010594Y9032;030594W903B\n";
        assert!(matches!(read(fork), Err(OldCodesError::Fork { first: 2, second: 3, .. })));
        assert_eq!(read("010594Y9032;020594X903P\n010594Y9032;020594X903P\n").unwrap().len(), 1);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_hides_no_line() {
        let error = read("010594Y9032;\"020594X903P\n020594X903P;030594W903B\n").err();
        assert!(matches!(error, Some(OldCodesError::Line { line: 2, .. })), "{error:?}");
    }

    #[test]
    fn an_invalid_code_is_reported_by_line_and_never_shown() {
        let error = read("010594Y9032;020594X903P\n131052-308U;030594W903B\n").err().unwrap().to_string();
        assert!(error.contains("line 3") && error.contains("control_character") && !error.contains("308"), "{error}");
    }
}
