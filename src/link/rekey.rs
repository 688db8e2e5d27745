//! Re-keying: a linked row cannot be traced to a delivered row by value or by order.

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use arrow::compute::filter;
use arrow::datatypes::Decimal128Type;
use arrow::error::ArrowError;

use crate::config::{Content, Contract, LINKED_PERSON, Table};
use crate::table::{Field, Transform, ValueType, id_column, pseudonym};
use salanimi_core::{KeyedHash, LinkKeys, PersonId, Pseudonym};

/// Layout of one linked table: its fields and the transforms that produce them.
pub(super) struct LinkedLayout<'a> {
    table: &'a Table,
    /// Fields of the linked table, the person first.
    pub(super) fields: Vec<Field>,
    /// The transform of each field after the person.
    pub(super) transforms: Vec<String>,
    /// For each delivered field after the pseudonym, the keyed hash of its references.
    references: Vec<Option<KeyedHash>>,
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
            references.push(label.map(|label| keys.reference(label)));
            let Some(transform) = transform else { continue };
            let value = match label {
                Some(_) => ValueType::LinkedId,
                None => linked_type(transform, &field.value),
            };
            fields.push(Field { name: field.name.clone(), value });
            transforms.push(if label.is_some() { "re-key".to_owned() } else { transform.describe() });
        }
        Self { table, fields, transforms, references }
    }

    /// Returns the linked columns of the rows whose persons are linked. `ids` has the id of each person of the slice.
    pub(super) fn columns(
        &self,
        delivered: &[ArrayRef],
        persons: &[u32],
        ids: &[Option<PersonId>],
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let enters: BooleanArray = persons.iter().map(|&person| Some(ids[person as usize].is_some())).collect();
        let entering: Vec<ArrayRef> = match enters.true_count() == enters.len() {
            true => delivered.to_vec(),
            false => delivered.iter().map(|column| filter(column, &enters)).collect::<Result<_, _>>()?,
        };
        let keys = persons.iter().filter_map(|&person| ids[person as usize]);
        let mut columns = vec![id_column(keys.map(Some))];
        for (at, transform) in self.table.linked.iter().enumerate() {
            match (transform, &self.references[at]) {
                (None, _) => {}
                (Some(_), Some(hash)) => columns.push(rekey(hash, &entering[at + 1])),
                (Some(transform), None) => columns.push(transform.apply(&entering, at + 1)),
            }
        }
        Ok(columns)
    }
}

/// The type of a linked column.
#[expect(clippy::expect_used, reason = "a contract with a transform that does not apply is refused when it is read")]
fn linked_type(transform: &Transform, delivered: &ValueType) -> ValueType {
    transform.output(delivered).expect("the transform applies to the delivered type")
}

/// Returns the linked id of `pseudonym`: the leftmost 8 bytes of the keyed hash.
pub(super) fn person_id(hash: &KeyedHash, pseudonym: &Pseudonym) -> PersonId {
    PersonId(hash.leftmost(&pseudonym.0))
}

fn rekey(hash: &KeyedHash, column: &ArrayRef) -> ArrayRef {
    let mut last: Option<(i128, PersonId)> = None;
    id_column(column.as_primitive::<Decimal128Type>().iter().map(|reference| {
        let reference = reference?;
        let id = match last {
            Some((known, id)) if known == reference => id,
            _ => person_id(hash, &pseudonym(reference)),
        };
        last = Some((reference, id));
        Some(id)
    }))
}
