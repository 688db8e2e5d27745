//! Rows and persons by county. No smaller area is told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::View;
use super::persons::Forest;
use crate::config::{Contract, Words, code_label};
use crate::exchange::{Count, TableAccount};
use crate::table::{CodeMap, Transform, ValueType};

/// The list that counties are labelled by.
const LABELS: &str = "county";

/// Rows and persons by county, of the tables whose areas the contract maps to counties.
#[derive(Serialize)]
pub(super) struct Counties {
    tables: Vec<String>,
    rows: Vec<CountyRow>,
    /// Tables with areas that the contract maps to no county.
    unmapped: Vec<String>,
}

#[derive(Serialize)]
struct CountyRow {
    county: String,
    /// For each table persons and rows.
    counts: Vec<[String; 2]>,
}

/// A table's counts by county; those of unknown counties under none.
type ByCounty = BTreeMap<Option<String>, Count>;

impl View<'_> {
    pub(super) fn counties(&self) -> Counties {
        let with_areas = || self.accounting.tables.iter().filter(|table| !table.by_area.is_empty());
        let mapped: Vec<(&TableAccount, ByCounty)> =
            with_areas().filter_map(|table| Some((table, by_county(self.contract, table)?))).collect();
        let mut counties: Vec<&Option<String>> = mapped.iter().flat_map(|(_, counts)| counts.keys()).collect();
        counties.sort_by_key(|county| (county.is_none(), *county));
        counties.dedup();
        let row = |county: &Option<String>| CountyRow {
            county: self.county(county.as_deref()),
            counts: mapped.iter().map(|(_, counts)| self.counts(counts.get(county))).collect(),
        };
        Counties {
            rows: counties.into_iter().map(row).collect(),
            tables: mapped.iter().map(|(table, _)| self.title(&table.table)).collect(),
            unmapped: with_areas()
                .filter(|table| mapped.iter().all(|(other, _)| other.table != table.table))
                .map(|table| self.title(&table.table))
                .collect(),
        }
    }

    fn counts(&self, count: Option<&Count>) -> [String; 2] {
        let Count { rows, persons, .. } = count.copied().unwrap_or_default();
        [self.cells.persons(persons), self.cells.rows(rows, persons)]
    }

    fn county(&self, code: Option<&str>) -> String {
        match code {
            None => self.word("unknown"),
            Some(code) => {
                let Words { en, fi } = code_label(LABELS, code).cloned().unwrap_or_else(|| Words::same(code));
                self.pick(&en, &fi).to_owned()
            }
        }
    }

    /// By county of the organiser: of the persons of each table that brings nobody in, the share who enter.
    pub(super) fn overlap_by_county(&self) -> Vec<Forest> {
        let outcomes = self.accounting.tables.iter().filter(|table| !self.brings_in(&table.table));
        outcomes
            .filter_map(|table| {
                let counts = by_county(self.contract, table)?;
                let groups = counts
                    .iter()
                    .map(|(county, count)| (self.county(county.as_deref()), count.linked_persons, count.persons));
                Some(self.forest(&table.table, groups))
            })
            .filter(|forest| !forest.is_empty())
            .collect()
    }
}

/// The counts of a table by county; none if the contract maps its areas to no county.
///
/// Persons are counted in each area of the county that they occur in.
fn by_county(contract: &Contract, account: &TableAccount) -> Option<ByCounty> {
    if account.by_area.is_empty() {
        return None;
    }
    let map = county_map(contract, &account.table)?;
    let mut counts = ByCounty::new();
    for (area, count) in &account.by_area {
        let county = map.from().position(area).and_then(|at| map.position(at));
        let county = county.map(|at| map.to().values()[usize::from(at)].clone());
        counts.entry(county).or_default().add(count);
    }
    Some(counts)
}

/// What turns the areas of a table into counties: what makes its linked column, or else what the analysis tables use.
fn county_map<'a>(contract: &'a Contract, name: &str) -> Option<&'a CodeMap> {
    let (position, table) = contract.table(name)?;
    let field = contract.accounting[position].area?;
    if let Some(Transform::Map(map)) = table.linked.get(field.checked_sub(1)?)? {
        return Some(map);
    }
    let ValueType::Code(codes) = &table.fields[field].value else { return None };
    let analysis = contract.analysis.as_ref()?;
    [&analysis.municipalities, &analysis.organisers].into_iter().find(|map| map.from() == codes)
}
