//! References and their linked ids: two references with one id would be linked falsely.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{Decimal128Type, Int32Type};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::error::LinkError;
use crate::config::Contract;
use crate::table::{Field, Sorter, StoreError, ValueType, id_column, keys, number_column, pseudonym, pseudonym_column};
use salanimi_core::{Id, KeyedHash, LinkedId, Pseudonym};

/// The references of each label with their linked ids.
pub(super) struct References<'a> {
    folder: PathBuf,
    labels: Vec<(&'a Id, Sorter)>,
}

/// A reference of a person: its linked id, the reference, and the linked id of the person.
type Pair = (LinkedId, Pseudonym, LinkedId);

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
    /// Those among them that stand for other persons there.
    pub(super) other_person: u64,
}

/// By table: numbers of distinct references.
type FoundByTable = BTreeMap<i32, Numbers>;

/// Numbers of distinct references, by label and table.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReferenceCounts(Vec<FoundByTable>);

/// Numbers of distinct references of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbers {
    all: u64,
    /// A table of the population has them.
    in_population: u64,
    /// It has them of other persons only.
    other_person: u64,
}

impl<'a> References<'a> {
    /// Begins with no reference of `labels`. Holds about `memory` bytes and spills the rest into `folder`.
    pub(super) fn new(labels: &[&'a Id], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        let fields = [
            field("id", ValueType::LinkedId),
            field("reference", ValueType::Pseudonym),
            field("table", ValueType::Integer),
            field("person", ValueType::LinkedId),
        ];
        // Delivered references beside linked ids would undo the linked ids.
        let sorter = |label: &&'a Id| Ok((*label, Sorter::encrypted(&fields, memory / labels.len().max(1), folder)?));
        Ok(Self { folder: folder.to_owned(), labels: labels.iter().map(sorter).collect::<Result<_, _>>()? })
    }

    /// Returns the folder of the output, for messages.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the linked ids of a column of references under `label`, and remembers them with the persons of the rows.
    /// `table` is the position of the contract's table that has them.
    pub(super) fn rekey(
        &self,
        label: &Id,
        table: usize,
        hash: &KeyedHash,
        (column, persons): (&ArrayRef, &[LinkedId]),
    ) -> Result<ArrayRef, StoreError> {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut last: Option<(i128, LinkedId)> = None;
        let references = column.as_primitive::<Decimal128Type>().iter().zip(persons);
        let ids = references.map(|(reference, person)| {
            let reference = reference?;
            // Equal references often follow each other.
            if last != Some((reference, *person)) || pairs.is_empty() {
                let reference = pseudonym(reference);
                pairs.push((linked_id(hash, &reference), reference, *person));
            }
            last = Some((reference, *person));
            pairs.last().map(|(id, ..)| *id)
        });
        let ids = id_column(ids.collect::<Vec<_>>().into_iter());
        pairs.sort_unstable_by_key(|(id, reference, person)| (id.0, reference.0, person.0));
        pairs.dedup_by_key(|(id, reference, person)| (id.0, reference.0, person.0));
        let Some((_, sorter)) = self.labels.iter().find(|(known, _)| *known == label) else {
            unreachable!("every reference has a label of the contract")
        };
        let references = pseudonym_column(pairs.iter().map(|(_, reference, _)| *reference), None);
        let tables = number_column::<Int32Type>(pairs.iter().map(|_| Some(table as i32)));
        let persons = id_column(pairs.iter().map(|(.., person)| Some(*person)));
        sorter.push(&[id_column(pairs.iter().map(|(id, ..)| Some(*id))), references, Arc::new(tables), persons])?;
        Ok(ids)
    }

    /// Checks that no two references of a label have one id, and counts the references of each label by table.
    pub(super) fn count(self, population: &[usize]) -> Result<ReferenceCounts, LinkError> {
        let mut all = Vec::with_capacity(self.labels.len());
        for (_, sorter) in self.labels {
            let sorted = sorter.finish()?;
            let groups = sorted.groups();
            let counts = groups.par_iter().map(|group| {
                let pairs = sorted.load(group.ranges.clone())?;
                distinct(&pairs).map(|()| found_by_table(&pairs, population))
            });
            let mut sum = FoundByTable::new();
            for counts in counts.collect::<Result<Vec<_>, LinkError>>()? {
                add_counts(&mut sum, counts);
            }
            all.push(sum);
        }
        Ok(ReferenceCounts(all))
    }

    /// Returns the sorters of the references, by label.
    pub(super) fn sorters(&self) -> impl Iterator<Item = &Sorter> {
        self.labels.iter().map(|(_, sorter)| sorter)
    }

    /// Returns the sorters of the references, by label.
    pub(super) fn into_sorters(self) -> impl Iterator<Item = Sorter> {
        self.labels.into_iter().map(|(_, sorter)| sorter)
    }
}

impl ReferenceCounts {
    /// Adds the numbers of other references.
    pub(super) fn add(&mut self, other: Self) {
        self.0.resize(other.0.len().max(self.0.len()), FoundByTable::new());
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| add_counts(sum, more));
    }

    /// Returns the references of tables outside the population, and those among them that a table of it has, for each
    /// label that both have.
    pub(super) fn found(self, contract: &Contract) -> Vec<Found> {
        let population = &contract.population;
        let mut all = Vec::new();
        for (label, of_label) in contract.labels().into_iter().zip(self.0) {
            if population.iter().any(|&table| of_label.contains_key(&(table as i32))) {
                let others = of_label.into_iter().map(|(table, counts)| (table as usize, counts));
                let others = others.filter(|(table, _)| !population.contains(table));
                all.extend(others.map(|(table, numbers)| Found {
                    label: label.clone(),
                    table,
                    references: numbers.all,
                    in_population: numbers.in_population,
                    other_person: numbers.other_person,
                }));
            }
        }
        all
    }
}

fn add_counts(sum: &mut FoundByTable, more: FoundByTable) {
    for (table, numbers) in more {
        sum.entry(table).or_default().add(numbers);
    }
}

impl Numbers {
    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.in_population += other.in_population;
        self.other_person += other.other_person;
    }
}

/// Counts the references of each table among sorted pairs.
fn found_by_table(pairs: &[ArrayRef], population: &[usize]) -> FoundByTable {
    let ids = keys(&pairs[0]);
    let tables = pairs[2].as_primitive::<Int32Type>().values();
    let persons = keys(&pairs[3]);
    let mut counts = FoundByTable::new();
    let mut start = 0;
    for run in ids.chunk_by(|a, b| a == b) {
        let rows = start..start + run.len();
        start += run.len();
        let of_run: BTreeSet<i32> = tables[rows.clone()].iter().copied().collect();
        let in_population = rows.clone().filter(|&row| population.iter().any(|&known| known as i32 == tables[row]));
        let known: BTreeSet<u128> = in_population.map(|row| persons[row]).collect();
        for table in of_run {
            let mut of_table = rows.clone().filter(|&row| tables[row] == table);
            let is_other = !known.is_empty() && of_table.all(|row| !known.contains(&persons[row]));
            counts.entry(table).or_default().add(Numbers {
                all: 1,
                in_population: u64::from(!known.is_empty()),
                other_person: u64::from(is_other),
            });
        }
    }
    counts
}

/// Returns the linked id of `pseudonym`: the leftmost 8 bytes of the keyed hash.
pub(super) fn linked_id(hash: &KeyedHash, pseudonym: &Pseudonym) -> LinkedId {
    LinkedId(hash.leftmost(&pseudonym.0))
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

    /// Id, reference, table and person of each row.
    fn pairs(rows: &[(u8, u8, i32, u8)]) -> [ArrayRef; 4] {
        let ids = rows.iter().map(|(id, ..)| Some(LinkedId([*id; 8])));
        let references = rows.iter().map(|(_, reference, ..)| Pseudonym([*reference; 16]));
        let tables = number_column::<Int32Type>(rows.iter().map(|(.., table, _)| Some(*table)));
        let persons = rows.iter().map(|(.., person)| Some(LinkedId([*person; 8])));
        [id_column(ids), pseudonym_column(references, None), Arc::new(tables), id_column(persons)]
    }

    #[test]
    fn one_id_of_two_references_is_a_collision() {
        assert!(distinct(&pairs(&[(1, 1, 0, 9), (1, 1, 0, 8), (2, 2, 0, 9), (3, 2, 0, 9)])).is_ok());
        let collided = distinct(&pairs(&[(1, 1, 0, 9), (2, 2, 0, 9), (2, 3, 0, 9)]));
        assert!(matches!(collided, Err(LinkError::Collision)));
        assert!(distinct(&pairs(&[])).is_ok());
    }

    #[test]
    fn references_are_found_in_tables_of_the_population() {
        let rows = [
            (1, 1, 0, 7),
            (1, 1, 2, 7),
            (1, 1, 2, 6),
            (2, 2, 2, 7),
            (3, 3, 1, 7),
            (3, 3, 2, 7),
            (4, 4, 0, 7),
            (5, 5, 0, 7),
            (5, 5, 2, 6),
        ];
        let found = found_by_table(&pairs(&rows), &[0]);
        let found = found.iter().map(|(table, of)| (*table, of.all, of.in_population, of.other_person));
        assert_eq!(found.collect::<Vec<_>>(), [(0, 3, 3, 0), (1, 1, 0, 0), (2, 4, 2, 1)]);
    }
}
