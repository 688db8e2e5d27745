//! The accounting file: exact counts, for the linker and the officer.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account::{Account, Count, Part, age_groups};
use crate::config::Contract;
use crate::crypto::Digest;
use crate::domain::Day;
use crate::exchange::{Delivery, tool};
use crate::table::ValueType;

/// How a row without a value is counted.
const NO_VALUE: &str = "(none)";

/// Where every row and person went.
#[derive(Debug, Clone, Serialize)]
pub struct Accounting {
    /// A warning to whoever opens the file.
    pub notice: &'static str,
    /// The tool that wrote it.
    pub tool: String,
    /// The study.
    pub study: String,
    /// Digest of the contract's exchange section.
    pub exchange_digest: Digest,
    /// Persons in any delivery.
    pub persons: u64,
    /// Of them, those who entered the linked dataset.
    pub linked_persons: u64,
    /// The tables that bring a person in.
    pub population: Vec<String>,
    /// By table.
    pub tables: Vec<TableAccount>,
    /// Persons by sex, age group and the tables that they occur in.
    pub overlap: Vec<Overlap>,
    /// Columns that ought to agree for one person.
    pub contradictions: Vec<Contradictions>,
}

/// The account of one table.
#[derive(Debug, Clone, Serialize)]
pub struct TableAccount {
    /// Its name.
    pub table: String,
    /// All rows and persons.
    pub all: Count,
    /// By holder, over all of its deliveries.
    pub by_holder: BTreeMap<String, Count>,
    /// By delivery: holder and number.
    pub by_delivery: BTreeMap<String, Count>,
    /// By month.
    pub by_month: BTreeMap<String, Count>,
    /// By area.
    pub by_area: BTreeMap<String, Count>,
}

/// Persons who occur in the same tables.
#[derive(Debug, Clone, Serialize)]
pub struct Overlap {
    /// `female`, `male` or unknown.
    pub sex: Option<String>,
    /// The age group at the first row that tells it.
    pub age_group: Option<String>,
    /// The tables.
    pub tables: Vec<String>,
    /// How many persons.
    pub persons: u64,
}

/// Persons whose values in two columns agree or do not.
#[derive(Debug, Clone, Serialize)]
pub struct Contradictions {
    /// `table.column`.
    pub left: String,
    /// `table.column`.
    pub right: String,
    /// Persons with at least one value in common.
    pub agree: u64,
    /// Persons with values in both columns and none in common.
    pub contradict: u64,
}

impl Accounting {
    pub(super) fn new(contract: &Contract, deliveries: &[Delivery], account: &Account) -> Self {
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
            age_group: age
                .and_then(|a| age_codes.as_ref().and_then(|codes| codes.values().get(usize::from(a)).cloned())),
            tables: names(*tables),
            persons,
        });
        let contradictions = contract.contradictions.iter().enumerate().map(|(pair, contradiction)| {
            let (agree, contradict) = account.contradictions.get(&pair).copied().unwrap_or_default();
            let (left, right) = contradiction.name.clone();
            Contradictions { left, right, agree, contradict }
        });
        Self {
            notice: "Exact counts of persons: not for release. Rounded counts are in the summary and the report.",
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

    /// The first table whose parts do not add up to its whole, with both sums of rows.
    pub(super) fn unbalanced(&self) -> Option<(&str, u64, u64)> {
        self.tables.iter().find_map(|table| {
            let whole = table.all.rows;
            let parts = [&table.by_holder, &table.by_delivery, &table.by_month, &table.by_area];
            let sums = parts.iter().filter(|by| !by.is_empty()).map(|by| by.values().map(|c| c.rows).sum());
            let wrong = sums.into_iter().find(|&sum: &u64| sum != whole);
            wrong.map(|sum| (table.table.as_str(), whole, sum))
        })
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
