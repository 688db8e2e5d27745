//! Persons who could have been found in municipal data: adults for whose home an organiser delivers data of their first
//! month.

use std::collections::BTreeMap;

use super::context::{ColumnTypes, Context};
use super::person_records::Person;
use crate::config::Comparable;
use crate::table::ValueType;

/// Bands of months of assistance: lower edge and name.
const MONTHS: [(usize, &str); 4] = [(1, "1"), (2, "2-3"), (4, "4-11"), (12, "12+")];

/// A property, and the position of its value; `None` if unknown.
type Group = (Property, Option<u16>);

/// Properties by which persons are compared, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Property {
    Sex,
    AgeGroup,
    HouseholdType,
    Months,
}

/// Numbers of comparable persons, by property and value.
#[derive(Debug, Default)]
pub(super) struct ComparableCounts(BTreeMap<Group, (u64, u64)>);

impl ComparableCounts {
    /// Counts a person, if it is comparable.
    pub(super) fn add(&mut self, context: &Context<'_>, person: &Person<'_>) {
        let Some(first) = person.adult.first() else { return };
        let home = first.rows().filter_map(|row| row.municipality).min();
        if !context.is_covered_month(home, first.month) {
            return;
        }
        let is_found = !person.events.is_empty() || !person.assessments.is_empty();
        let age = first.age_months().map(|months| context.settings.age_groups.position(months));
        let band = MONTHS.iter().rposition(|(from, _)| *from <= person.adult.len());
        let groups = [
            (Property::Sex, first.rows().filter_map(|row| row.sex).min()),
            (Property::AgeGroup, age),
            (Property::HouseholdType, first.rows().filter_map(|row| row.household_type).min()),
            (Property::Months, band.map(|band| band as u16)),
        ];
        for group in groups {
            let counts = self.0.entry(group).or_default();
            if is_found { counts.0 += 1 } else { counts.1 += 1 }
        }
    }

    /// Adds the numbers of other persons.
    pub(super) fn join(&mut self, other: Self) {
        for (group, (found, not_found)) in other.0 {
            let counts = self.0.entry(group).or_default();
            counts.0 += found;
            counts.1 += not_found;
        }
    }

    /// Returns the numbers with the names of properties and values.
    pub(super) fn named(&self, types: &ColumnTypes) -> Vec<Comparable> {
        let named = self.0.iter().map(|(&(property, value), &(found, not_found))| Comparable {
            place: (property as u8, value),
            by: property.name().to_owned(),
            value: value.map(|value| property.value(types, value)),
            found,
            not_found,
        });
        named.collect()
    }
}

impl Property {
    /// Returns the name of the column that has it.
    fn name(self) -> &'static str {
        match self {
            Self::Sex => "sex",
            Self::AgeGroup => "age_group",
            Self::HouseholdType => "household_type",
            Self::Months => "sa_months",
        }
    }

    fn value(self, types: &ColumnTypes, position: u16) -> String {
        let position = usize::from(position);
        let codes = match self {
            Self::Sex => &types.sex,
            Self::AgeGroup => &types.age_group,
            Self::HouseholdType => &types.household_type,
            Self::Months => return MONTHS[position].1.to_owned(),
        };
        match codes {
            ValueType::Code(codes) => codes.values()[position].clone(),
            _ => unreachable!("the column holds codes"),
        }
    }
}
