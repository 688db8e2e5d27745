//! Sex, age group and area of persons without an identifier, from the first of their rows that has them.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Int32Type, UInt16Type};

use super::CodelessPerson;
use super::account::outcomes;
use crate::config::Contract;
use crate::exchange::{CodelessGroup, Delivery};
use crate::link::account::age_groups;
use crate::table::ValueType;

/// Sex, age group and area of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traits {
    sex: Option<String>,
    age_group: Option<String>,
    area: Option<String>,
}

impl Traits {
    /// Adds what a row of the contract's table `table` has and no row before it had.
    pub(super) fn add(&mut self, contract: &Contract, table: usize, columns: &[ArrayRef], row: usize) {
        let by = contract.accounting[table];
        let value = |field: usize| code_or_text(&columns[field], row, &contract.tables[table].fields[field].value);
        self.sex = self.sex.take().or_else(|| value(by.sex?));
        self.area = self.area.take().or_else(|| value(by.area?));
        self.age_group = self.age_group.take().or_else(|| {
            let (field, groups) = age_groups(contract, table)?;
            let ages = columns[field].as_primitive::<Int32Type>();
            let position = groups.position(ages.is_valid(row).then(|| ages.value(row))?);
            groups.codes().values().get(usize::from(position)).cloned()
        });
    }

    /// Adds what another part of the person's rows has.
    pub(super) fn join(&mut self, other: Self) {
        self.sex = self.sex.take().or(other.sex);
        self.age_group = self.age_group.take().or(other.age_group);
        self.area = self.area.take().or(other.area);
    }
}

fn code_or_text(column: &ArrayRef, row: usize, value: &ValueType) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    match value {
        ValueType::Code(codes) => {
            codes.values().get(usize::from(column.as_primitive::<UInt16Type>().value(row))).cloned()
        }
        _ => Some(column.as_string::<i32>().value(row).to_owned()),
    }
}

/// Counts the persons by holder and traits.
pub(super) fn groups(
    deliveries: &[Delivery],
    persons: &HashMap<u128, CodelessPerson>,
    traits: &HashMap<u128, Traits>,
) -> Vec<CodelessGroup> {
    let mut groups: BTreeMap<(usize, Traits), Vec<super::Outcome>> = BTreeMap::new();
    for (pseudonym, person) in persons {
        let of_person = traits.get(pseudonym).map_or_else(Traits::default, Clone::clone);
        groups.entry((person.delivery, of_person)).or_default().push(person.outcome);
    }
    let counted = groups.into_iter().map(|((delivery, Traits { sex, age_group, area }), all)| CodelessGroup {
        holder: deliveries[delivery].manifest.holder.clone(),
        sex,
        age_group,
        area,
        outcomes: outcomes(all.into_iter()),
    });
    counted.collect()
}
