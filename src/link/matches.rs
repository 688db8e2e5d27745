//! How each linked person was matched: by an identifier, by evidence, or by both.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, MutexGuard};

use arrow::array::{ArrayRef, BooleanArray, Decimal64Array, UInt16Array};

use super::evidence::Evidence;
use super::merge::{Input, PersonPositions};
use crate::config::{BY_EVIDENCE as FLAG, EVIDENCE_PRECISION, MATCH_KIND, PRECISION_SCALE, match_kinds};
use crate::shared::Shared;
use crate::table::{Field, ValueType, keys};
use salanimi_core::LinkedId;

/// The transform that the manifest names for columns about evidence.
pub(super) const EVIDENCE: &str = "evidence";
/// Columns of the table of persons about evidence.
pub(super) const EVIDENCE_COLUMNS: usize = 2;
/// Positions among [`match_kinds`].
const BOTH: u16 = 0;
const CODE: u16 = 1;
const BY_EVIDENCE: u16 = 2;
/// Highest precision that is reported, in hundredths: no measured precision is certain.
const MOST_HUNDREDTHS: f64 = 99.0;

/// Persons who were linked without an identifier.
pub(super) struct LinkedByEvidence {
    /// Pseudonyms of persons without an identifier who are not linked.
    pub(super) unlinked: HashSet<u128>,
    /// Smallest precision by the pseudonym of the person with an identifier.
    precisions: HashMap<u128, f64>,
    /// Sort keys of the linked ids of persons who have rows by evidence.
    linked: Shared<HashSet<u128>>,
}

impl LinkedByEvidence {
    pub(super) fn new(evidence: &Evidence) -> Self {
        Self { unlinked: evidence.unlinked(), precisions: evidence.precisions(), linked: Shared::default() }
    }

    /// Returns the fields of the table of persons about evidence.
    pub(super) fn fields() -> [Field; EVIDENCE_COLUMNS] {
        [
            Field { name: MATCH_KIND.to_owned(), value: ValueType::Code(match_kinds()) },
            Field { name: EVIDENCE_PRECISION.to_owned(), value: ValueType::Decimal { scale: PRECISION_SCALE } },
        ]
    }

    fn linked(&self) -> MutexGuard<'_, HashSet<u128>> {
        self.linked.lock()
    }

    /// Returns the field by which analysis tables tell the rows of persons who have rows by evidence.
    pub(super) fn flag() -> Field {
        Field { name: FLAG.to_owned(), value: ValueType::Flag }
    }

    /// Returns the column of [`LinkedByEvidence::flag`] beside a column of linked ids.
    pub(super) fn flags(&self, ids: &ArrayRef) -> ArrayRef {
        let linked = self.linked();
        let flags: BooleanArray = keys(ids).iter().map(|id| Some(linked.contains(id))).collect();
        Arc::new(flags)
    }

    /// Returns the columns of the linked persons of a batch.
    pub(super) fn columns(
        &self,
        inputs: &[Input<'_>],
        positions: &PersonPositions,
        ids: &[Option<LinkedId>],
    ) -> [ArrayRef; EVIDENCE_COLUMNS] {
        let kinds = kinds(inputs, positions);
        let by_evidence = ids.iter().zip(&kinds).filter(|(_, kind)| **kind != CODE).filter_map(|(id, _)| *id);
        self.linked().extend(by_evidence.map(|id| u128::from(u64::from_be_bytes(id.0)) << u64::BITS));
        let linked = || ids.iter().zip(&kinds).zip(&positions.persons).filter(|((id, _), _)| id.is_some());
        let of_linked = linked().map(|((_, kind), _)| *kind);
        let precisions = linked().map(|((_, kind), person)| {
            let precision = self.precisions.get(&u128::from_be_bytes(person.0)).filter(|_| *kind != CODE)?;
            Some((precision * 100.0).round().min(MOST_HUNDREDTHS) as i64)
        });
        let precisions: Decimal64Array = precisions.collect();
        let typed = precisions.with_data_type(ValueType::Decimal { scale: PRECISION_SCALE }.memory_type());
        [Arc::new(UInt16Array::from_iter_values(of_linked)), Arc::new(typed)]
    }
}

/// Returns the kind of match of each person: whether rows by evidence are there, and whether identifiers alone link the
/// person in two holders.
fn kinds(inputs: &[Input<'_>], positions: &PersonPositions) -> Vec<u16> {
    let mut by_evidence = vec![false; positions.persons.len()];
    let mut first_holder: Vec<Option<usize>> = vec![None; positions.persons.len()];
    let mut in_two = vec![false; positions.persons.len()];
    for (input, rows) in inputs.iter().zip(&positions.rows) {
        for &person in rows {
            let person = person as usize;
            if input.by_evidence {
                by_evidence[person] = true;
            } else {
                in_two[person] |= first_holder[person].is_some_and(|holder| holder != input.holder);
                first_holder[person].get_or_insert(input.holder);
            }
        }
    }
    let kind = |(by_evidence, in_two): (bool, bool)| match (by_evidence, in_two) {
        (false, _) => CODE,
        (true, false) => BY_EVIDENCE,
        (true, true) => BOTH,
    };
    by_evidence.into_iter().zip(in_two).map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_at_their_positions() {
        let positions = ["both", "code", "evidence"].map(|kind| match_kinds().position(kind));
        assert_eq!(positions, [BOTH, CODE, BY_EVIDENCE].map(Some));
    }
}
