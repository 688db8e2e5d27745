//! Persons of all deliveries, as their tables of linkage tokens list them.

use std::ops::Range;

use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt16Type;

use crate::exchange::{CODED, Delivery, PADDING, STRATUM, linkage_fields};
use crate::link::error::LinkError;
use crate::table::{Field, ParquetTable, ValueType, decode_column, keys};

/// Stands for a row of padding.
pub(super) const NOBODY: u32 = u32::MAX;

/// A table of linkage tokens, open to be read.
pub(super) struct TokenTable {
    /// Position of the delivery.
    pub(super) delivery: usize,
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
                holders.push(table.delivery);
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
            LinkError::PersonOfOthers { title: table.map_or_else(String::new, |table| table.title.clone()) }
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
    /// Opens the table of linkage tokens of `deliveries[delivery]`; `None` if it has none.
    pub(super) fn open(deliveries: &[Delivery], delivery: usize, holder: usize) -> Result<Option<Self>, LinkError> {
        let Some(file) = deliveries[delivery].linkage_table()? else { return Ok(None) };
        let title = deliveries[delivery].title();
        Ok(Some(Self { delivery, holder, title, file, records: Vec::new() }))
    }

    pub(super) fn content_error(&self) -> LinkError {
        LinkError::Tokens { title: self.title.clone() }
    }

    /// Reads pseudonym and stratum of every row. Pseudonyms must ascend.
    fn persons(&self) -> Result<Vec<(u128, u16)>, LinkError> {
        let mut persons: Vec<(u128, u16)> = Vec::with_capacity(self.file.rows() as usize);
        let strata: Vec<Field> = linkage_fields().into_iter().filter(|field| field.name == STRATUM).collect();
        for batch in self.file.column_batches(0..self.file.row_groups(), &[0, 1]) {
            let batch = batch?;
            let pseudonyms = decode_column(batch.column(0), &ValueType::Pseudonym);
            let of_rows = decode_column(batch.column(1), &strata[0].value);
            let (Some(pseudonyms), Some(of_rows)) = (pseudonyms, of_rows) else { return Err(self.content_error()) };
            if pseudonyms.null_count() + of_rows.null_count() > 0 {
                return Err(self.content_error());
            }
            let of_rows = of_rows.as_primitive::<UInt16Type>().values();
            persons.extend(keys(&pseudonyms).into_iter().zip(of_rows.iter().copied()));
        }
        match persons.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            true => Ok(persons),
            false => Err(self.content_error()),
        }
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
