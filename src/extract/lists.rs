//! Person lists: files that the holder keeps, or a cohort list from another holder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::error::ListError;
use super::found::{Bits, Found};
use super::old_codes::OldCodes;
use crate::config::Contract;
use crate::crypto::{AGE_HEADER, Unlock};
use crate::exchange::{self, ListCounts, read_cohort, signature_path};
use salanimi_core::{Id, Reason};

/// Paths of the person lists. Each list has one identifier a line, in UTF-8 with or without a byte order mark, and no
/// header.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPaths {
    /// Only these persons are delivered. The list may be one that another holder encrypted.
    pub cohort: Option<PathBuf>,
    /// These persons are not delivered.
    pub exclude: Option<PathBuf>,
    /// These persons are delivered with empty area columns.
    pub protect: Option<PathBuf>,
}

impl ListPaths {
    /// Returns true if no list is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cohort.is_none() && self.exclude.is_none() && self.protect.is_none()
    }
}

/// Persons of each list.
#[derive(Default)]
pub(super) struct PersonLists {
    pub(super) cohort: Option<PersonList>,
    pub(super) exclude: Option<PersonList>,
    pub(super) protect: Option<PersonList>,
}

impl PersonLists {
    /// Reads the lists at `paths`.
    pub(super) fn read(paths: &ListPaths, reader: &ListReader<'_>) -> Result<Self, ListError> {
        Ok(Self {
            cohort: paths.cohort.as_deref().map(|path| reader.own_or_received(path)).transpose()?,
            exclude: paths.exclude.as_deref().map(|path| reader.own(path)).transpose()?,
            protect: paths.protect.as_deref().map(|path| reader.own(path)).transpose()?,
        })
    }

    /// Returns which persons were found so far.
    pub(super) fn found(&self) -> Found {
        let found = |list: &Option<PersonList>| list.as_ref().map(PersonList::found);
        Found { cohort: found(&self.cohort), exclude: found(&self.exclude), protect: found(&self.protect) }
    }

    /// Marks the persons that another process found with the same lists; `None` if its lists have other lengths.
    pub(super) fn mark(&self, found: &Found) -> Option<()> {
        let lists = [&self.cohort, &self.exclude, &self.protect];
        let found = [&found.cohort, &found.exclude, &found.protect];
        lists.into_iter().zip(found).try_for_each(|(list, found)| match (list, found) {
            (None, None) => Some(()),
            (Some(list), Some(found)) => list.mark(found),
            _ => None,
        })
    }

    /// Returns the counts of the lists for the account.
    pub(super) fn entry(&self) -> exchange::Lists {
        exchange::Lists {
            cohort: self.cohort.as_ref().map(PersonList::counts),
            exclude: self.exclude.as_ref().map(PersonList::counts),
            protect: self.protect.as_ref().map(PersonList::counts),
        }
    }
}

/// Persons of one list.
#[derive(Default)]
pub(super) struct PersonList {
    /// `true` for persons found in the source, by canonical identifier in its newest form.
    persons: HashMap<Vec<u8>, AtomicBool>,
    /// The other holder whose list it is.
    chosen_by: Option<Id>,
}

/// Reader of lists whose identifiers are of one kind.
pub(super) struct ListReader<'a> {
    pub(super) contract: &'a Contract,
    pub(super) kind: &'a Id,
    pub(super) old_codes: &'a OldCodes,
    pub(super) unlock: &'a Unlock,
}

impl ListReader<'_> {
    /// Reads an unencrypted list of the holder's own.
    fn own(&self, path: &Path) -> Result<PersonList, ListError> {
        self.read_unencrypted(path)?.ok_or_else(|| ListError::Encrypted { path: path.to_owned() })
    }

    /// Reads a list of the holder's own, or one that another holder encrypted to it.
    fn own_or_received(&self, path: &Path) -> Result<PersonList, ListError> {
        match self.read_unencrypted(path)? {
            // A list that came with a signature was encrypted. Someone replaced it.
            Some(_) if signature_path(path).exists() => Err(ListError::NotEncrypted { path: path.to_owned() }),
            Some(list) => Ok(list),
            None => self.received(path),
        }
    }

    /// Reads the unencrypted list at `path`; `None` if it is encrypted.
    fn read_unencrypted(&self, path: &Path) -> Result<Option<PersonList>, ListError> {
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
        let received = read_cohort(path, self.contract, Some(self.kind), self.unlock, |line, raw| {
            self.add(&mut list, path, line, raw)
        })?;
        list.chosen_by = Some(received.header.holder);
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

    /// Returns true if the person is on the list, and marks the person as found.
    pub(super) fn finds(&self, identifier: &[u8]) -> bool {
        match self.persons.get(identifier) {
            Some(found) => {
                found.store(true, Ordering::Relaxed);
                true
            }
            None => false,
        }
    }

    /// Returns the persons, each with a mark that it was found, in the order of the identifiers.
    fn in_order(&self) -> Vec<(&Vec<u8>, &AtomicBool)> {
        let mut persons: Vec<(&Vec<u8>, &AtomicBool)> = self.persons.iter().collect();
        persons.sort_unstable_by_key(|(identifier, _)| *identifier);
        persons
    }

    fn found(&self) -> Bits {
        Bits::of(self.in_order().into_iter().map(|(_, found)| found.load(Ordering::Relaxed)))
    }

    fn mark(&self, found: &Bits) -> Option<()> {
        if !found.are_of(self.persons.len()) {
            return None;
        }
        let marked = self.in_order().into_iter().enumerate().filter(|(at, _)| found.has(*at));
        marked.for_each(|(_, (_, mark))| mark.store(true, Ordering::Relaxed));
        Some(())
    }

    fn counts(&self) -> ListCounts {
        let listed = self.persons.len() as u64;
        let found = self.persons.values().filter(|found| found.load(Ordering::Relaxed)).count() as u64;
        ListCounts { listed, found, not_found: listed - found, chosen_by: self.chosen_by.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_counts_found_persons_and_reports_a_bad_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/good/v1/contract.toml");
        let contract = Contract::read(&contract, &[]).unwrap();
        let reader = ListReader {
            contract: &contract,
            kind: &Id::new("hetu").unwrap(),
            old_codes: &OldCodes::default(),
            unlock: &Unlock::default(),
        };
        std::fs::write(&path, "010594y9032\r\n\n010594Y9032\n020594X903P").unwrap();
        let list = reader.own(&path).unwrap();
        assert!(list.finds(b"010594Y9032") && !list.finds(b"030594W903B"));
        assert_eq!(list.counts(), ListCounts { listed: 2, found: 1, not_found: 1, chosen_by: None });
        std::fs::write(&path, "010594Y9032\n131052-308U\n").unwrap();
        let error = reader.own(&path).err().unwrap();
        assert!(matches!(error, ListError::Identifier { line: 2, reason: Reason::ControlCharacter, .. }));
    }
}
