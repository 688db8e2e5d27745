//! The accounting file: exact counts, for the linker and the officer.

use std::collections::BTreeMap;

use super::account::{Account, Part, age_groups};
use crate::config::Contract;
use crate::exchange::{Accounting, Contradictions, Delivery, Overlap, TableAccount, tool};
use crate::table::ValueType;
use salanimi_core::Day;

/// How a row without a value is counted.
const NO_VALUE: &str = "(none)";

/// The accounting file of these deliveries, as they were counted.
pub(super) fn accounting(contract: &Contract, deliveries: &[Delivery], account: &Account) -> Accounting {
    let names = |tables: u64| {
        let named = contract.tables.iter().enumerate().filter(|(t, _)| tables >> t & 1 == 1);
        named.map(|(_, table)| table.name.to_string()).collect()
    };
    let age_codes =
        (0..contract.tables.len()).find_map(|t| age_groups(contract, t)).map(|(_, groups)| groups.codes().clone());
    let sex_codes = contract
        .tables
        .iter()
        .zip(&contract.accounting)
        .find_map(|(table, by)| code_list(&table.fields[by.sex?].value));
    let overlap = account.overlap.iter().map(|(((sex, age), tables), &persons)| Overlap {
        sex: sex.and_then(|s| sex_codes.and_then(|codes| codes.get(usize::from(s)).cloned())),
        age_group: age.and_then(|a| age_codes.as_ref().and_then(|codes| codes.values().get(usize::from(a)).cloned())),
        tables: names(*tables),
        persons,
    });
    let contradictions = contract.contradictions.iter().enumerate().map(|(pair, contradiction)| {
        let (agree, contradict) = account.contradictions.get(&pair).copied().unwrap_or_default();
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
        overlap: overlap.collect(),
        contradictions: contradictions.collect(),
    }
}

fn code_list(value: &ValueType) -> Option<&[String]> {
    match value {
        ValueType::Code(codes) => Some(codes.values()),
        _ => None,
    }
}

fn table(contract: &Contract, deliveries: &[Delivery], account: &Account, position: usize) -> TableAccount {
    let table = &contract.tables[position];
    let area_codes = contract.accounting[position].area.and_then(|field| code_list(&table.fields[field].value));
    let mut result = TableAccount {
        table: table.name.to_string(),
        all: account.count(position, Part::All),
        by_holder: BTreeMap::new(),
        by_delivery: BTreeMap::new(),
        by_month: BTreeMap::new(),
        by_area: BTreeMap::new(),
    };
    for ((at, part), (count, _)) in &account.parts {
        if *at != position {
            continue;
        }
        let none = || NO_VALUE.to_owned();
        let (by, name) = match part {
            Part::All => continue,
            Part::Holder(delivery) => (&mut result.by_holder, deliveries[*delivery].manifest.holder.to_string()),
            Part::Delivery(delivery) => (&mut result.by_delivery, deliveries[*delivery].title()),
            Part::Month(month) => {
                let day = month.and_then(Day::from_epoch_days).map(|day| day.to_string()[..7].to_owned());
                (&mut result.by_month, day.unwrap_or_else(none))
            }
            Part::AreaCode(code) => {
                let name = code.and_then(|c| area_codes?.get(usize::from(c)).cloned());
                (&mut result.by_area, name.unwrap_or_else(none))
            }
            Part::AreaText(text) => (&mut result.by_area, text.clone().unwrap_or_else(none)),
        };
        by.insert(name, *count);
    }
    result
}
