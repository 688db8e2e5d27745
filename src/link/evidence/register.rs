//! Persons of all deliveries, as their tables of linkage tokens list them.

use std::ops::Range;

use crate::exchange::{CODED, LinkagePersonsError, PADDING, linkage_persons};
use crate::link::error::LinkError;
use crate::table::ParquetTable;

/// Stands for a row of padding.
pub(super) const NOBODY: u32 = u32::MAX;

/// A table of linkage tokens, open to be read.
pub(super) struct TokenTable {
    /// Position of the holder's first delivery.
    first: usize,
    /// Position of the holder among those with such tables.
    pub(super) holder: usize,
    /// Name of the delivery in messages.
    pub(super) title: String,
    pub(super) file: ParquetTable,
    /// Record of each row.
    pub(super) records: Vec<u32>,
}

/// A person at a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) pseudonym: u128,
    pub(super) holder: u16,
    pub(super) stratum: u16,
    /// Position of the person among all pseudonyms.
    pub(super) person: u32,
}

impl Record {
    /// Returns true if the person has an identifier that means the same everywhere.
    pub(super) fn is_coded(&self) -> bool {
        self.stratum == CODED
    }
}

/// Persons of all holders with tables of linkage tokens, by pseudonym and holder.
pub(super) struct Register {
    pub(super) records: Vec<Record>,
    /// By position of the holder: position of its first delivery.
    pub(super) holders: Vec<usize>,
}

impl Register {
    /// Reads the persons of `tables`, and notes in each table the record of every row.
    pub(super) fn read(tables: &mut [TokenTable]) -> Result<Self, LinkError> {
        let mut holders: Vec<usize> = Vec::new();
        for table in tables.iter() {
            if table.holder == holders.len() {
                holders.push(table.first);
            }
        }
        let mut all = Vec::new();
        let mut rows_of_tables = Vec::new();
        for table in tables.iter() {
            let rows = table.persons()?;
            let persons = rows.iter().filter(|(_, stratum)| *stratum != PADDING);
            all.extend(persons.map(|&(pseudonym, stratum)| (pseudonym, table.holder as u16, stratum)));
            rows_of_tables.push(rows);
        }
        let records = records(all).map_err(|holder| {
            let table = tables.iter().find(|table| table.holder == usize::from(holder));
            LinkagePersonsError::PersonOfOthers { title: table.map_or_else(String::new, |table| table.title.clone()) }
        })?;
        let register = Self { records, holders };
        for (table, rows) in tables.iter_mut().zip(rows_of_tables) {
            table.records = rows.into_iter().map(|row| register.record(row, table.holder as u16)).collect();
        }
        Ok(register)
    }

    /// Returns the position of the record of a row.
    fn record(&self, (pseudonym, stratum): (u128, u16), holder: u16) -> u32 {
        if stratum == PADDING {
            return NOBODY;
        }
        let found = self.records.binary_search_by_key(&(pseudonym, holder), |r| (r.pseudonym, r.holder));
        match found {
            Ok(record) => record as u32,
            Err(_) => unreachable!("every person was added"),
        }
    }

    /// Returns the records of the person of `record`.
    pub(super) fn records_of(&self, record: usize) -> Range<usize> {
        let pseudonym = self.records[record].pseudonym;
        let same = |record: &Record| record.pseudonym == pseudonym;
        let before = self.records[..record].iter().rev().take_while(|r| same(r)).count();
        let after = self.records[record..].iter().take_while(|r| same(r)).count();
        record - before..record + after
    }

    /// Returns true if another holder has the person of `record`, by an identifier.
    pub(super) fn is_elsewhere(&self, record: usize) -> bool {
        self.records_of(record).len() > 1
    }
}

/// Returns the records of persons, each given as pseudonym, holder and stratum.
///
/// The pseudonym of a person without an identifier, or with a temporary one, is its holder's own. If it stands anywhere
/// else too, its rows could be those of others. Returns the holder that states such a person as an error.
fn records(mut persons: Vec<(u128, u16, u16)>) -> Result<Vec<Record>, u16> {
    persons.sort_unstable();
    persons.dedup();
    let mut records = Vec::with_capacity(persons.len());
    for (person, same) in (0..).zip(persons.chunk_by(|a, b| a.0 == b.0)) {
        let own = same.iter().find(|(.., stratum)| *stratum != CODED);
        if let Some(&(_, holder, _)) = own.filter(|_| same.len() > 1) {
            return Err(holder);
        }
        records.extend(same.iter().map(|&(pseudonym, holder, stratum)| Record { pseudonym, holder, stratum, person }));
    }
    Ok(records)
}

impl TokenTable {
    pub(super) fn new(file: ParquetTable, title: String, holder: usize, first: usize) -> Self {
        Self { first, holder, title, file, records: Vec::new() }
    }

    pub(super) fn content_error(&self) -> LinkError {
        LinkagePersonsError::Tokens { title: self.title.clone() }.into()
    }

    fn persons(&self) -> Result<Vec<(u128, u16)>, LinkError> {
        Ok(linkage_persons(&self.title, &self.file)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{CODELESS, TEMPORARY};

    #[test]
    fn persons_of_several_holders_are_one_and_repeats_are_dropped() {
        let all = vec![(7, 1, CODED), (7, 0, CODED), (5, 0, CODELESS), (5, 0, CODELESS)];
        let found: Vec<_> = records(all).unwrap().iter().map(|r| (r.pseudonym, r.holder, r.person)).collect();
        assert_eq!(found, [(5, 0, 0), (7, 0, 1), (7, 1, 1)]);
    }

    #[test]
    fn no_holder_states_the_person_of_another_as_one_without_an_identifier() {
        for own in [CODELESS, TEMPORARY] {
            assert_eq!(records(vec![(7, 0, CODED), (7, 1, own)]).err(), Some(1));
            assert_eq!(records(vec![(7, 1, CODED), (7, 1, own)]).err(), Some(1));
        }
    }
}
