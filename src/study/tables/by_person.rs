//! Records of source tables, sorted by person and handed out one person at a time.

use super::sources::Columns;
use crate::config::SourceRows;

/// Records of one source table, each with the position of its person.
pub(super) struct Records<R> {
    persons: Vec<u32>,
    records: Vec<R>,
}

impl<R> Records<R> {
    /// Reads the records of one source table from the rows of all deliveries, sorted by person. Records of a person
    /// keep the order of the rows. Without `columns` there are none.
    pub(super) fn read<C: Columns<Record = R>>(columns: Option<&(usize, C)>, sources: &[SourceRows<'_>]) -> Self {
        let mut records = Vec::new();
        if let Some((table, columns)) = columns {
            for source in sources.iter().filter(|source| source.table == *table) {
                columns.read(source.columns, |row, record| records.push((source.persons[row], record)));
            }
        }
        records.sort_by_key(|(person, _)| *person);
        let (persons, records) = records.into_iter().unzip();
        Self { persons, records }
    }

    /// Sorts the records of each person by `key`.
    pub(super) fn sorted_by<K: Ord>(self, key: impl Fn(&R) -> K) -> Self {
        let mut pairs: Vec<(u32, R)> = self.persons.into_iter().zip(self.records).collect();
        pairs.sort_by_key(|(person, record)| (*person, key(record)));
        let (persons, records) = pairs.into_iter().unzip();
        Self { persons, records }
    }

    /// Starts handing out the records at the first person.
    pub(super) fn cursor(&self) -> Cursor<'_, R> {
        Cursor { records: self, position: 0 }
    }
}

/// The place up to which records were handed out.
pub(super) struct Cursor<'a, R> {
    records: &'a Records<R>,
    position: usize,
}

impl<'a, R> Cursor<'a, R> {
    /// Returns the records of `person`. Persons must be asked for in ascending order.
    pub(super) fn next(&mut self, person: u32) -> &'a [R] {
        let start = self.position;
        let length = self.records.persons[start..].iter().take_while(|other| **other == person).count();
        self.position += length;
        &self.records.records[start..start + length]
    }
}
