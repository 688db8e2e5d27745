//! References and their linked ids: two references with one id would be linked falsely.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{Decimal128Type, Int32Type};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::error::LinkError;
use crate::table::{Field, Sorter, StoreError, ValueType, id_column, keys, number_column, pseudonym, pseudonym_column};
use salanimi_core::{Id, KeyedHash, PersonId, Pseudonym};

/// The references of each label with their linked ids.
pub(super) struct References<'a> {
    folder: PathBuf,
    labels: Vec<(&'a Id, Sorter)>,
}

/// A reference and its linked id.
type Pair = (PersonId, Pseudonym);

/// References of one label in one table outside the population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) label: Id,
    /// Position of the contract's table.
    pub(super) table: usize,
    /// Distinct references in the table.
    pub(super) references: u64,
    /// Those that a table of the population has, too.
    pub(super) in_population: u64,
}

/// By table: number of distinct references, and of those among them that a table of the population has.
type FoundByTable = BTreeMap<i32, (u64, u64)>;

impl<'a> References<'a> {
    /// Begins with no reference of `labels`. Holds about `memory` bytes and spills the rest into `folder`.
    pub(super) fn new(labels: &[&'a Id], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        let fields = [
            field("id", ValueType::LinkedId),
            field("reference", ValueType::Pseudonym),
            field("table", ValueType::Integer),
        ];
        let sorter = |label: &&'a Id| Ok((*label, Sorter::new(&fields, memory / labels.len().max(1), folder)?));
        Ok(Self { folder: folder.to_owned(), labels: labels.iter().map(sorter).collect::<Result<_, _>>()? })
    }

    /// Returns the folder of the output, for messages.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the linked ids of a column of references under `label`, and remembers the pairs. `table` is the position
    /// of the contract's table that has them.
    pub(super) fn rekey(
        &self,
        label: &Id,
        table: usize,
        hash: &KeyedHash,
        column: &ArrayRef,
    ) -> Result<ArrayRef, StoreError> {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut last: Option<i128> = None;
        let ids = column.as_primitive::<Decimal128Type>().iter().map(|reference| {
            let reference = reference?;
            // Equal references often follow each other.
            if last != Some(reference) || pairs.is_empty() {
                let reference = pseudonym(reference);
                pairs.push((linked_id(hash, &reference), reference));
            }
            last = Some(reference);
            pairs.last().map(|(id, _)| *id)
        });
        let ids = id_column(ids.collect::<Vec<_>>().into_iter());
        pairs.sort_unstable_by_key(|(id, reference)| (id.0, reference.0));
        pairs.dedup_by_key(|(id, reference)| (id.0, reference.0));
        let Some((_, sorter)) = self.labels.iter().find(|(known, _)| *known == label) else {
            unreachable!("every reference has a label of the contract")
        };
        let references = pseudonym_column(pairs.iter().map(|(_, reference)| *reference), None);
        let tables = number_column::<Int32Type>(pairs.iter().map(|_| Some(table as i32)));
        sorter.push(&[id_column(pairs.iter().map(|(id, _)| Some(*id))), references, Arc::new(tables)])?;
        Ok(ids)
    }

    /// Checks that no two references of a label have one id. Counts the references of tables outside the population,
    /// and those among them that a table of it has, for each label that both have.
    pub(super) fn check(self, population: &[usize]) -> Result<Vec<Found>, LinkError> {
        let mut all = Vec::new();
        for (label, sorter) in self.labels {
            let sorted = sorter.finish()?;
            let groups = sorted.groups();
            let counts = groups.par_iter().map(|group| {
                let pairs = sorted.load(group.ranges.clone())?;
                distinct(&pairs).map(|()| found_by_table(&pairs, population))
            });
            let mut sum = FoundByTable::new();
            for counts in counts.collect::<Result<Vec<_>, LinkError>>()? {
                for (table, (references, found)) in counts {
                    let of_table = sum.entry(table).or_default();
                    of_table.0 += references;
                    of_table.1 += found;
                }
            }
            if population.iter().any(|&table| sum.contains_key(&(table as i32))) {
                let others = sum.into_iter().map(|(table, counts)| (table as usize, counts));
                let others = others.filter(|(table, _)| !population.contains(table));
                all.extend(others.map(|(table, (references, found))| Found {
                    label: label.clone(),
                    table,
                    references,
                    in_population: found,
                }));
            }
        }
        Ok(all)
    }
}

/// Counts the references of each table among sorted pairs.
fn found_by_table(pairs: &[ArrayRef], population: &[usize]) -> FoundByTable {
    let ids = keys(&pairs[0]);
    let tables = pairs[2].as_primitive::<Int32Type>().values();
    let mut counts = FoundByTable::new();
    let mut start = 0;
    for run in ids.chunk_by(|a, b| a == b) {
        let of_run: BTreeSet<i32> = tables[start..start + run.len()].iter().copied().collect();
        start += run.len();
        let is_found = population.iter().any(|&table| of_run.contains(&(table as i32)));
        for table in of_run {
            let of_table = counts.entry(table).or_default();
            of_table.0 += 1;
            of_table.1 += u64::from(is_found);
        }
    }
    counts
}

/// Returns the linked id of `pseudonym`: the leftmost 8 bytes of the keyed hash.
pub(super) fn linked_id(hash: &KeyedHash, pseudonym: &Pseudonym) -> PersonId {
    PersonId(hash.leftmost(&pseudonym.0))
}

/// Refuses two references with one id among sorted pairs.
fn distinct(pairs: &[ArrayRef]) -> Result<(), LinkError> {
    let ids = keys(&pairs[0]);
    let references = keys(&pairs[1]);
    let collides = (1..ids.len()).any(|row| ids[row - 1] == ids[row] && references[row - 1] != references[row]);
    if collides { Err(LinkError::Collision) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Id, reference and table of each row.
    fn pairs(rows: &[(u8, u8, i32)]) -> [ArrayRef; 3] {
        let ids = rows.iter().map(|(id, ..)| Some(PersonId([*id; 8])));
        let references = rows.iter().map(|(_, reference, _)| Pseudonym([*reference; 16]));
        let tables = number_column::<Int32Type>(rows.iter().map(|(.., table)| Some(*table)));
        [id_column(ids), pseudonym_column(references, None), Arc::new(tables)]
    }

    #[test]
    fn one_id_of_two_references_is_a_collision() {
        assert!(distinct(&pairs(&[(1, 1, 0), (1, 1, 0), (2, 2, 0), (3, 2, 0)])).is_ok());
        assert!(matches!(distinct(&pairs(&[(1, 1, 0), (2, 2, 0), (2, 3, 0)])), Err(LinkError::Collision)));
        assert!(distinct(&pairs(&[])).is_ok());
    }

    #[test]
    fn references_are_found_in_tables_of_the_population() {
        let rows = [(1, 1, 0), (1, 1, 2), (1, 1, 2), (2, 2, 2), (3, 3, 1), (3, 3, 2), (4, 4, 0)];
        let expected = [(0, (2, 2)), (1, (1, 0)), (2, (3, 1))];
        assert_eq!(found_by_table(&pairs(&rows), &[0]), FoundByTable::from(expected));
    }
}
