//! Re-keying: a linked row cannot be traced to a delivered row by value or by order.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::filter;

use super::matches::EVIDENCE;
use super::references::References;
use crate::config::{BY_EVIDENCE, Content, Contract, LINKED_PERSON, Table};
use crate::table::{BandTally, Field, StoreError, Transform, ValueType, id_column};
use salanimi_core::{Id, KeyedHash, LinkKeys, LinkedId};

/// Layout of one linked table: its fields and the transforms that produce them.
pub(super) struct LinkedLayout<'a> {
    /// Position of the contract's table.
    position: usize,
    table: &'a Table,
    /// Fields of the linked table, the person first.
    pub(super) fields: Vec<Field>,
    /// The transform of each field after the person.
    pub(super) transforms: Vec<String>,
    /// For each delivered field after the pseudonym, the label and the keyed hash of its references.
    references: Vec<Option<(&'a Id, KeyedHash)>>,
}

impl<'a> LinkedLayout<'a> {
    pub(super) fn new(contract: &'a Contract, position: usize, keys: &LinkKeys<'_>) -> Self {
        let table = &contract.tables[position];
        let mut fields = vec![Field { name: LINKED_PERSON.to_owned(), value: ValueType::LinkedId }];
        let mut transforms = Vec::new();
        let mut references = Vec::new();
        for ((field, source), transform) in table.fields[1..].iter().zip(&table.sources).zip(&table.linked) {
            let label = match &table.columns[*source].content {
                Content::Reference(label, _) => Some(label),
                _ => None,
            };
            references.push(label.map(|label| (label, keys.reference(label))));
            let Some(transform) = transform else { continue };
            let value = match label {
                Some(_) => ValueType::LinkedId,
                None => linked_type(transform, &field.value),
            };
            fields.push(Field { name: field.name.clone(), value });
            transforms.push(if label.is_some() { "re-key".to_owned() } else { transform.describe() });
        }
        if contract.linkage.is_some() {
            fields.push(Field { name: BY_EVIDENCE.to_owned(), value: ValueType::Flag });
            transforms.push(EVIDENCE.to_owned());
        }
        Self { position, table, fields, transforms, references }
    }

    /// Returns an empty tally of each banded field, by its name.
    pub(super) fn bands(&self, least: u32) -> BTreeMap<&'a str, BandTally> {
        let fields = self.table.fields[1..].iter().zip(&self.table.linked);
        let banded = fields.filter(|(_, transform)| matches!(transform, Some(Transform::Band { .. })));
        banded.map(|(field, _)| (field.name.as_str(), BandTally::new(units(&field.value), least))).collect()
    }

    /// Returns the linked columns of the rows whose persons are linked. `ids` has the id of each person of the batch.
    /// Exact values of banded columns are added to `bands`.
    pub(super) fn columns(
        &self,
        delivered: &[ArrayRef],
        persons: &[u32],
        ids: &[Option<LinkedId>],
        references: &References<'_>,
        bands: &mut BTreeMap<&'a str, BandTally>,
    ) -> Result<Vec<ArrayRef>, StoreError> {
        let enters: BooleanArray = persons.iter().map(|&person| Some(ids[person as usize].is_some())).collect();
        let entering: Vec<ArrayRef> = match enters.true_count() == enters.len() {
            true => delivered.to_vec(),
            false => {
                let entering = delivered.iter().map(|column| filter(column, &enters)).collect::<Result<_, _>>();
                entering.map_err(|error| StoreError::encode(references.folder(), &error))?
            }
        };
        let keys: Vec<LinkedId> = persons.iter().filter_map(|&person| ids[person as usize]).collect();
        let mut columns = vec![id_column(keys.iter().map(|key| Some(*key)))];
        for (at, transform) in self.table.linked.iter().enumerate() {
            match (transform, &self.references[at]) {
                (None, _) => {}
                (Some(_), Some((label, hash))) => {
                    columns.push(references.rekey(label, self.position, hash, (&entering[at + 1], &keys))?);
                }
                (Some(transform), None) => {
                    let linked = transform.apply(&entering, at + 1);
                    if let Some(tally) = bands.get_mut(self.table.fields[at + 1].name.as_str()) {
                        tally.add_column(&keys, &linked, &entering[at + 1]);
                    }
                    columns.push(linked);
                }
            }
        }
        Ok(columns)
    }
}

/// Returns the smallest units of a column of numbers in one unit.
fn units(value: &ValueType) -> i128 {
    match value {
        ValueType::Decimal { scale } => 10_i128.pow(u32::from(scale.unsigned_abs())),
        _ => 1,
    }
}

/// The type of a linked column.
#[expect(clippy::expect_used, reason = "a contract with a transform that does not apply is refused when it is read")]
fn linked_type(transform: &Transform, delivered: &ValueType) -> ValueType {
    transform.output(delivered).expect("the transform applies to the delivered type")
}
