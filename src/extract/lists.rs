//! Choosing persons: lists that the holder keeps and that are read locally.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::ListError;
use super::old_codes::OldCodes;
use crate::config::Contract;
use crate::crypto::{AGE_HEADER, Unlock};
use crate::exchange::{self, Listed, read_cohort, signature_path};
use salanimi_core::{Id, Reason};

/// Where the lists lie; each has one identifier a line, in UTF-8 (with or without a byte order mark) and
/// without a header.
#[derive(Debug, Clone, Default)]
pub struct ListPaths {
    /// Only these persons are delivered.
    pub cohort: Option<PathBuf>,
    /// These persons are not delivered.
    pub exclude: Option<PathBuf>,
    /// These persons are delivered without the columns that tell where they live.
    pub protect: Option<PathBuf>,
}

impl ListPaths {
    /// Whether no list is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cohort.is_none() && self.exclude.is_none() && self.protect.is_none()
    }
}

/// The lists, read.
#[derive(Default)]
pub(super) struct PersonLists {
    pub(super) cohort: Option<PersonList>,
    pub(super) exclude: Option<PersonList>,
    pub(super) protect: Option<PersonList>,
}

impl PersonLists {
    /// Reads the lists, whose identifiers are of `kind`. The cohort list may be one that another holder encrypted.
    pub(super) fn read(paths: &ListPaths, reading: &Reading<'_>) -> Result<Self, ListError> {
        let read = |path: &Option<PathBuf>| path.as_deref().map(|path| reading.own(path)).transpose();
        let cohort = paths.cohort.as_deref().map(|path| reading.own_or_received(path)).transpose()?;
        Ok(Self { cohort, exclude: read(&paths.exclude)?, protect: read(&paths.protect)? })
    }

    pub(super) fn entry(&self) -> exchange::Lists {
        let counted = |list: &Option<PersonList>| list.as_ref().map(PersonList::counted);
        exchange::Lists {
            cohort: counted(&self.cohort),
            exclude: counted(&self.exclude),
            protect: counted(&self.protect),
        }
    }
}

/// Persons by canonical identifier, newest form, and whether each was found in the source.
#[derive(Default)]
pub(super) struct PersonList {
    persons: HashMap<Vec<u8>, AtomicBool>,
    /// The other holder whose list it is.
    chosen_by: Option<Id>,
}

/// How identifiers of lists are read.
pub(super) struct Reading<'a> {
    pub(super) contract: &'a Contract,
    /// The kind of the identifiers.
    pub(super) kind: &'a Id,
    pub(super) old_codes: &'a OldCodes,
    /// What opens an encrypted list.
    pub(super) unlock: &'a Unlock,
}

impl Reading<'_> {
    /// A list of the holder's own, in the clear.
    fn own(&self, path: &Path) -> Result<PersonList, ListError> {
        self.read(path)?.ok_or_else(|| ListError::Encrypted { path: path.to_owned() })
    }

    /// A list of the holder's own, or one that another holder encrypted to it.
    fn own_or_received(&self, path: &Path) -> Result<PersonList, ListError> {
        match self.read(path)? {
            // What came with a signature was encrypted, and someone has put another list in its place.
            Some(_) if signature_path(path).exists() => Err(ListError::NotEncrypted { path: path.to_owned() }),
            Some(list) => Ok(list),
            None => self.received(path),
        }
    }

    /// The list in the clear at `path`; none if it is encrypted.
    fn read(&self, path: &Path) -> Result<Option<PersonList>, ListError> {
        let bytes = std::fs::read(path).map_err(|source| ListError::Io { path: path.to_owned(), source })?;
        if bytes.starts_with(AGE_HEADER) {
            return Ok(None);
        }
        let mut list = PersonList::default();
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        for (raw, line) in text.split(|&b| b == b'\n').zip(1..) {
            self.add(&mut list, path, line, raw.strip_suffix(b"\r").unwrap_or(raw))?;
        }
        list.unless_empty(path).map(Some)
    }

    fn received(&self, path: &Path) -> Result<PersonList, ListError> {
        let mut list = PersonList::default();
        let add = |line, raw: &[u8]| self.add(&mut list, path, line, raw);
        let (header, _) = read_cohort(path, self.contract, Some(self.kind), self.unlock, add)?;
        list.chosen_by = Some(header.holder);
        list.unless_empty(path)
    }

    fn add(&self, list: &mut PersonList, path: &Path, line: u64, raw: &[u8]) -> Result<(), ListError> {
        match self.contract.identifiers[self.kind].canonical(raw) {
            Err(Reason::Missing) => Ok(()),
            Err(reason) => Err(ListError::Identifier { path: path.to_owned(), line, reason }),
            Ok(identifier) => {
                let canonical = identifier.as_bytes();
                let newest = self.old_codes.newest(canonical).unwrap_or(canonical);
                list.persons.insert(newest.to_vec(), AtomicBool::new(false));
                Ok(())
            }
        }
    }
}

impl PersonList {
    fn unless_empty(self, path: &Path) -> Result<Self, ListError> {
        if self.persons.is_empty() { Err(ListError::Empty { path: path.to_owned() }) } else { Ok(self) }
    }

    /// Whether the person is on the list; if so, it is now found.
    pub(super) fn finds(&self, identifier: &[u8]) -> bool {
        let entry = self.persons.get(identifier);
        entry.inspect(|found| found.store(true, Ordering::Relaxed)).is_some()
    }

    fn counted(&self) -> Listed {
        let listed = self.persons.len() as u64;
        let found = self.persons.values().filter(|found| found.load(Ordering::Relaxed)).count() as u64;
        Listed { listed, found, not_found: listed - found, chosen_by: self.chosen_by.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_counts_whom_it_finds_and_names_a_bad_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/good/v1/contract.toml");
        let (contract, kind) = (Contract::read(&contract, &[]).unwrap(), Id::new("hetu").unwrap());
        let (old_codes, unlock) = (OldCodes::default(), Unlock::default());
        let reading = Reading { contract: &contract, kind: &kind, old_codes: &old_codes, unlock: &unlock };
        std::fs::write(&path, "010594y9032\r\n\n010594Y9032\n020594X903P").unwrap();
        let list = reading.own(&path).unwrap();
        assert!(list.finds(b"010594Y9032") && !list.finds(b"030594W903B"));
        assert_eq!(list.counted(), Listed { listed: 2, found: 1, not_found: 1, chosen_by: None });
        std::fs::write(&path, "010594Y9032\n131052-308U\n").unwrap();
        let error = reading.own(&path).err().unwrap();
        assert!(matches!(error, ListError::Identifier { line: 2, reason: Reason::ControlCharacter, .. }));
    }
}
