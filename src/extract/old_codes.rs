//! Changed identifiers: old → newer → newest.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use data_encoding::HEXLOWER;

use super::error::OldCodesError;
use crate::config;
use crate::crypto::KeyedHash;
use salanimi_core::{PSEUDONYM_BYTES, Syntax};

/// The newest identifier of each one that was changed, both in canonical form.
#[derive(Default)]
pub(super) struct OldCodes {
    newest: HashMap<Vec<u8>, Vec<u8>>,
    /// Direct changes, with the line on which each stands.
    changes: BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
}

impl OldCodes {
    /// Reads a holder's table of changes between identifiers of `syntax`.
    ///
    /// # Errors
    /// The file is unreadable, holds something else than identifiers, forks, or runs in a circle.
    pub(super) fn read(config: &config::OldCodes, syntax: &Syntax) -> Result<Self, OldCodesError> {
        let path = &config.file;
        let bytes = std::fs::read(path).map_err(|source| OldCodesError::Io { path: path.clone(), source })?;
        let mut changes: BTreeMap<Vec<u8>, (Vec<u8>, u64)> = BTreeMap::new();
        for (line, old, new) in pairs(config, &bytes)? {
            let canonical = |column: &str, raw: &str| {
                let fault =
                    |reason| OldCodesError::Identifier { path: path.clone(), line, column: column.to_owned(), reason };
                syntax.canonical(raw.as_bytes()).map(|i| i.as_bytes().to_vec()).map_err(fault)
            };
            let (old, new) = (canonical(&config.old, &old)?, canonical(&config.new, &new)?);
            match changes.get(&old) {
                Some((other, first)) if *other != new => {
                    return Err(OldCodesError::Fork { path: path.clone(), first: *first, second: line });
                }
                Some(_) => {}
                None => drop(changes.insert(old, (new, line))),
            }
        }
        let newest = follow(path, &changes)?;
        Ok(Self { newest, changes })
    }

    /// The newest form of `identifier`, if it was changed.
    pub(super) fn newest(&self, identifier: &[u8]) -> Option<&[u8]> {
        self.newest.get(identifier).map(Vec::as_slice)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.newest.is_empty()
    }

    /// Number of changes.
    pub(super) fn len(&self) -> u64 {
        self.changes.len() as u64
    }

    /// Keyed hash of all changes in order: each old and new identifier ended by a zero byte.
    pub(super) fn commitment(&self, hash: &KeyedHash) -> String {
        let parts = self.changes.iter().flat_map(|(old, (new, _))| [old.as_slice(), b"\0", new.as_slice(), b"\0"]);
        HEXLOWER.encode(&hash.leftmost::<PSEUDONYM_BYTES>(&parts.collect::<Vec<_>>().concat()))
    }
}

fn pairs(config: &config::OldCodes, bytes: &[u8]) -> Result<Vec<(u64, String, String)>, OldCodesError> {
    let path = &config.file;
    let header = || OldCodesError::Header { path: path.clone(), old: config.old.clone(), new: config.new.clone() };
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let headers = reader.headers().map_err(|_| header())?.clone();
    let position =
        |name: &str| headers.iter().position(|h| h.trim_start_matches('\u{feff}') == name).ok_or_else(header);
    let (old, new) = (position(&config.old)?, position(&config.new)?);
    let mut pairs = Vec::new();
    for (record, number) in reader.records().zip(2..) {
        let unreadable = || OldCodesError::Line { path: path.clone(), line: number };
        let record = record.map_err(|_| unreadable())?;
        let line = record.position().map_or(number, csv::Position::line);
        match (record.get(old), record.get(new)) {
            (Some(old), Some(new)) => pairs.push((line, old.to_owned(), new.to_owned())),
            _ => return Err(unreadable()),
        }
    }
    Ok(pairs)
}

fn follow(
    path: &Path,
    changes: &BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
) -> Result<HashMap<Vec<u8>, Vec<u8>>, OldCodesError> {
    let mut newest = HashMap::with_capacity(changes.len());
    for (old, (new, line)) in changes {
        let mut last = new;
        let mut steps = 0;
        while let Some((next, _)) = changes.get(last) {
            steps += 1;
            if last == old || steps > changes.len() {
                return Err(OldCodesError::Cycle { path: path.to_owned(), line: *line });
            }
            last = next;
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
        let circle = "010594Y9032;020594X903P\n020594X903P;030594W903B\n030594W903B;020594X903P\n";
        assert!(matches!(read(circle), Err(OldCodesError::Cycle { .. })));
        let fork = "010594Y9032;020594X903P\n010594Y9032;030594W903B\n";
        assert!(matches!(read(fork), Err(OldCodesError::Fork { first: 2, second: 3, .. })));
        assert_eq!(read("010594Y9032;020594X903P\n010594Y9032;020594X903P\n").unwrap().len(), 1);
    }

    #[test]
    fn an_invalid_code_is_named_by_line_and_never_shown() {
        let error = read("010594Y9032;020594X903P\n131052-308U;030594W903B\n").err().unwrap().to_string();
        assert!(error.contains("line 3") && error.contains("control_character") && !error.contains("308"), "{error}");
    }
}
