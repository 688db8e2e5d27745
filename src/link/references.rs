//! References and their linked ids: two references with one id would be linked falsely.

use std::path::{Path, PathBuf};

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::Decimal128Type;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::error::LinkError;
use crate::table::{Field, Sorter, StoreError, ValueType, id_column, keys, pseudonym, pseudonym_column};
use salanimi_core::{Id, KeyedHash, PersonId, Pseudonym};

/// The references of each label with their linked ids.
pub(super) struct References<'a> {
    folder: PathBuf,
    labels: Vec<(&'a Id, Sorter)>,
}

/// A reference and its linked id.
type Pair = (PersonId, Pseudonym);

impl<'a> References<'a> {
    /// Begins with no reference of `labels`. Holds about `memory` bytes and spills the rest into `folder`.
    pub(super) fn new(labels: &[&'a Id], memory: usize, folder: &Path) -> Result<Self, StoreError> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        let fields = [field("id", ValueType::LinkedId), field("reference", ValueType::Pseudonym)];
        let sorter = |label: &&'a Id| Ok((*label, Sorter::new(&fields, memory / labels.len().max(1), folder)?));
        Ok(Self { folder: folder.to_owned(), labels: labels.iter().map(sorter).collect::<Result<_, _>>()? })
    }

    /// Returns the folder of the output, for messages.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the linked ids of a column of references under `label`, and remembers the pairs.
    pub(super) fn rekey(&self, label: &Id, hash: &KeyedHash, column: &ArrayRef) -> Result<ArrayRef, StoreError> {
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
        sorter.push(&[id_column(pairs.iter().map(|(id, _)| Some(*id))), references])?;
        Ok(ids)
    }

    /// Checks that no two references of a label have one id.
    pub(super) fn check(self) -> Result<(), LinkError> {
        for (_, sorter) in self.labels {
            let sorted = sorter.finish()?;
            sorted.groups().par_iter().try_for_each(|group| distinct(&sorted.load(group.ranges.clone())?))?;
        }
        Ok(())
    }
}

/// Returns the linked id of `pseudonym`: the leftmost 8 bytes of the keyed hash.
pub(super) fn linked_id(hash: &KeyedHash, pseudonym: &Pseudonym) -> PersonId {
    PersonId(hash.leftmost(&pseudonym.0))
}

/// Refuses two references with one id among sorted pairs.
fn distinct(pairs: &[ArrayRef]) -> Result<(), LinkError> {
    let [ids, references] = pairs else { unreachable!("a pair has two columns") };
    let ids = keys(ids);
    let references = keys(references);
    let collides = (1..ids.len()).any(|row| ids[row - 1] == ids[row] && references[row - 1] != references[row]);
    if collides { Err(LinkError::Collision) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(u8, u8)]) -> [ArrayRef; 2] {
        let ids = pairs.iter().map(|(id, _)| Some(PersonId([*id; 8])));
        [id_column(ids), pseudonym_column(pairs.iter().map(|(_, reference)| Pseudonym([*reference; 16])), None)]
    }

    #[test]
    fn one_id_of_two_references_is_a_collision() {
        assert!(distinct(&pairs(&[(1, 1), (1, 1), (2, 2), (3, 2)])).is_ok());
        assert!(matches!(distinct(&pairs(&[(1, 1), (2, 2), (2, 3)])), Err(LinkError::Collision)));
        assert!(distinct(&pairs(&[])).is_ok());
    }
}
