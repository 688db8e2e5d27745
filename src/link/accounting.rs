//! The accounting file: exact counts, for the linker and the officer.

use std::collections::BTreeMap;

use super::account::{Account, Agreement, CountedPart, age_groups};
use crate::config::Contract;
use crate::exchange::{Accounting, Contradictions, Delivery, EvidenceEffect, Overlap, Provision, TableAccount, tool};
use salanimi_core::{Day, Month};

/// Stands for an absent value.
const NO_VALUE: &str = "(none)";

/// Returns the accounting of these deliveries, as they were counted.
pub(super) fn accounting(contract: &Contract, deliveries: &[Delivery], account: &Account) -> Accounting {
    let age_codes =
        (0..contract.tables.len()).find_map(|t| age_groups(contract, t)).map(|(_, groups)| groups.codes().clone());
    let sex_codes =
        contract.tables.iter().zip(&contract.accounting).find_map(|(table, by)| table.fields[by.sex?].value.codes());
    let overlap = account.overlap.iter().map(|(((sex, age), tables), &persons)| Overlap {
        sex: sex.and_then(|s| sex_codes.and_then(|codes| codes.values().get(usize::from(s)).cloned())),
        age_group: age.and_then(|a| age_codes.as_ref().and_then(|codes| codes.values().get(usize::from(a)).cloned())),
        tables: table_names(contract, *tables),
        persons,
    });
    let contradictions = contract.contradictions.iter().enumerate().map(|(pair, contradiction)| {
        let Agreement { agree, contradict } = account.contradictions.get(&pair).copied().unwrap_or(Agreement::NONE);
        let (left, right) = contradiction.name.clone();
        Contradictions { left, right, agree, contradict }
    });
    Accounting {
        notice: "Exact counts of persons: not for release. Rounded counts are in the summary and the report."
            .to_owned(),
        tool: tool(),
        study: contract.study.id.to_string(),
        exchange_digest: contract.exchange_digest,
        persons: account.persons,
        linked_persons: account.linked_persons,
        population: contract.population.iter().map(|&t| contract.tables[t].name.to_string()).collect(),
        tables: (0..contract.tables.len()).map(|t| table(contract, deliveries, account, t)).collect(),
        provision: deliveries.iter().flat_map(provision).collect(),
        references: Vec::new(),
        comparable: Vec::new(),
        evidence: None,
        overlap: overlap.collect(),
        contradictions: contradictions.collect(),
        warnings: Vec::new(),
    }
}

/// Returns what links by evidence change in the number of persons.
pub(super) fn effect(contract: &Contract, account: &Account) -> Vec<EvidenceEffect> {
    let tables = contract.tables.iter().map(|table| Some(table.name.to_string()));
    let named = std::iter::once(None).chain(tables).zip(&account.effect);
    named
        .map(|(table, count)| EvidenceEffect { table, persons: count.with, persons_by_identifier: count.without })
        .collect()
}

/// Returns what a holder states of the records of its tables.
fn provision(delivery: &Delivery) -> impl Iterator<Item = Provision> {
    delivery.account.tables.iter().map(|entry| Provision {
        holder: delivery.manifest.holder.clone(),
        number: delivery.manifest.delivery.number,
        table: entry.name.clone(),
        records: entry.records,
        rows: entry.rows,
        filtered: entry.filtered,
        rejected: entry.rejected.clone(),
        changed_rows: entry.changed_rows,
        temporary_rows: entry.temporary_rows,
    })
}

fn table(contract: &Contract, deliveries: &[Delivery], account: &Account, position: usize) -> TableAccount {
    let table = &contract.tables[position];
    let area_codes = contract.accounting[position].area.and_then(|field| table.fields[field].value.codes());
    let mut result = TableAccount {
        table: table.name.to_string(),
        all: account.count(position, CountedPart::All),
        by_holder: BTreeMap::new(),
        by_delivery: BTreeMap::new(),
        by_month: BTreeMap::new(),
        by_area: BTreeMap::new(),
    };
    for ((at, part), (count, _)) in &account.parts {
        if *at != position {
            continue;
        }
        match part {
            CountedPart::All => None,
            CountedPart::Holder(delivery) => {
                result.by_holder.insert(deliveries[*delivery].manifest.holder.to_string(), *count)
            }
            CountedPart::Delivery(delivery) => result.by_delivery.insert(deliveries[*delivery].title(), *count),
            CountedPart::Month(month) => {
                let month = month.and_then(Day::from_epoch_days).map(|day| Month::of(day).to_string());
                result.by_month.insert(name_or_absent(month), *count)
            }
            CountedPart::AreaCode(code) => {
                let area = code.and_then(|code| area_codes?.values().get(usize::from(code)).cloned());
                result.by_area.insert(name_or_absent(area), *count)
            }
            CountedPart::AreaText(text) => result.by_area.insert(name_or_absent(text.clone()), *count),
        };
    }
    result
}

fn name_or_absent(name: Option<String>) -> String {
    name.unwrap_or_else(|| NO_VALUE.to_owned())
}

/// Names of the tables whose bits are set.
fn table_names(contract: &Contract, tables: u64) -> Vec<String> {
    let named = contract.tables.iter().enumerate().filter(|(table, _)| tables >> table & 1 == 1);
    named.map(|(_, table)| table.name.to_string()).collect()
}
