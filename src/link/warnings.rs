//! Warnings about a link that may have gone wrong.

use std::collections::BTreeMap;

use super::filled::WrittenTables;
use super::references::Found;
use crate::config::{Content, Contract, WarningCode};
use crate::exchange::{Accounting, Count, Delivery, Warning, judged};
use salanimi_core::Id;

/// Fewest persons on each side whose overlap is measured.
const LEAST_PERSONS: u64 = 20;
/// Fewest references that are sought in the population.
const LEAST_REFERENCES: u64 = 20;

/// Returns the warnings that the holders state, then those of the link. With `strict`, those of the link stop it.
pub(super) fn warnings(
    contract: &Contract,
    deliveries: &[Delivery],
    accounting: &Accounting,
    written: &WrittenTables,
    strict: bool,
) -> Vec<Warning> {
    let stated = deliveries.iter().flat_map(|delivery| &delivery.account.warnings).cloned();
    let references = not_found(contract, &written.references);
    let measured =
        overlap(contract, accounting).into_iter().chain(references).chain(same_day(contract, written)).collect();
    stated.chain(judged(measured, &contract.warnings, strict)).collect()
}

/// Returns the warning of responses that are recorded on the day of the notice that they respond to.
fn same_day(contract: &Contract, written: &WrittenTables) -> Option<Warning> {
    let counted = written.sums.same_day.as_ref().filter(|counted| counted.all >= LEAST_REFERENCES)?;
    let (_, table) = contract.table(&counted.table)?;
    Some(Warning::measured(WarningCode::SameDay, &table.name, counted.same_day, counted.all))
}

/// The persons of each holder in a table outside the population who are in the population.
fn overlap(contract: &Contract, accounting: &Accounting) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (position, table) in contract.tables.iter().enumerate() {
        if contract.population.contains(&position) {
            continue;
        }
        let by_holder: &BTreeMap<String, Count> = &accounting.tables[position].by_holder;
        for (holder, count) in by_holder {
            if count.persons.min(accounting.linked_persons) >= LEAST_PERSONS {
                let warning = Warning::measured(WarningCode::Overlap, &table.name, count.linked_persons, count.persons);
                warnings.push(Warning { holder: Id::new(holder).ok(), ..warning });
            }
        }
    }
    warnings
}

/// The references of tables outside the population that no table of the population has.
fn not_found(contract: &Contract, references: &[Found]) -> Vec<Warning> {
    let many = references.iter().filter(|found| found.references >= LEAST_REFERENCES);
    let warning = |found: &Found| {
        let table = &contract.tables[found.table];
        let column = table
            .columns
            .iter()
            .find(|column| matches!(&column.content, Content::Reference(label, _) if *label == found.label));
        let absent = found.references - found.in_population;
        let warning = Warning::measured(WarningCode::ReferencesNotFound, &table.name, absent, found.references);
        Warning { column: column.map(|column| column.name.clone()), ..warning }
    };
    many.map(warning).collect()
}
