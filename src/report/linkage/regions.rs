//! Rows and persons by region. No smaller area is shown.

use std::collections::BTreeMap;

use serde::Serialize;

use super::persons::{Forest, Group};
use super::view::View;
use crate::config::{Contract, Regions};
use crate::exchange::{Count, TableAccount};
use crate::table::{Transform, ValueType};

/// Rows and persons by region, of the tables whose areas the contract maps to regions.
#[derive(Serialize)]
pub(super) struct RegionCounts {
    tables: Vec<String>,
    rows: Vec<RegionRow>,
    /// Tables with areas that the contract maps to no region.
    unmapped: Vec<String>,
}

#[derive(Serialize)]
struct RegionRow {
    region: String,
    /// For each table, persons and rows.
    counts: Vec<[String; 2]>,
}

/// Counts of one table by region.
struct ByRegion<'a> {
    /// The list of words that labels the regions.
    labels: &'a str,
    /// Rows of unknown regions stand under `None`, which is last.
    counts: BTreeMap<RegionKey, Count>,
}

/// A region's code; an unknown region comes after all others.
type RegionKey = (bool, Option<String>);

impl View<'_> {
    pub(super) fn regions(&self) -> RegionCounts {
        let mut tables = Vec::new();
        let mut unmapped = Vec::new();
        for table in self.accounting.tables.iter().filter(|table| !table.by_area.is_empty()) {
            match by_region(self.contract, table) {
                Some(by_region) => tables.push((self.title(&table.table), by_region)),
                None => unmapped.push(self.title(&table.table)),
            }
        }
        RegionCounts {
            rows: self.region_rows(&tables),
            tables: tables.into_iter().map(|(title, _)| title).collect(),
            unmapped,
        }
    }

    fn region_rows(&self, tables: &[(String, ByRegion<'_>)]) -> Vec<RegionRow> {
        let mut regions: BTreeMap<&RegionKey, &str> = BTreeMap::new();
        for (_, by_region) in tables {
            regions.extend(by_region.counts.keys().map(|region| (region, by_region.labels)));
        }
        let mut rows = Vec::new();
        for (region, labels) in regions {
            rows.push(RegionRow {
                region: self.region(labels, region),
                counts: tables.iter().map(|(_, by_region)| self.cell_pair(by_region.counts.get(region))).collect(),
            });
        }
        rows
    }

    /// Persons and rows of one cell of the table.
    fn cell_pair(&self, count: Option<&Count>) -> [String; 2] {
        let Count { rows, persons, .. } = count.copied().unwrap_or(Count::ZERO);
        [self.cells.persons(persons), self.cells.rows(rows, persons)]
    }

    fn region(&self, labels: &str, (_, code): &RegionKey) -> String {
        match code {
            None => self.word("unknown"),
            Some(code) => self.text(&self.contract.words.code_or_itself(labels, code)),
        }
    }

    /// Of the persons of each outcome table, the share who enter the dataset, by region of the row.
    pub(super) fn overlap_by_region(&self) -> Vec<Forest> {
        let outcomes = self.accounting.tables.iter().filter(|table| !self.is_population(&table.table));
        let mut forests = Vec::new();
        for table in outcomes {
            let Some(by_region) = by_region(self.contract, table) else { continue };
            let groups = by_region.counts.iter().map(|(region, count)| Group {
                label: self.region(by_region.labels, region),
                part: count.linked_persons,
                whole: count.persons,
            });
            forests.push(self.forest(&table.table, groups));
        }
        forests.retain(|forest| !forest.is_empty());
        forests
    }
}

/// Returns the counts of a table by region; `None` if the contract maps its areas to no region.
///
/// Persons are counted in each area of the region that they occur in.
fn by_region<'a>(contract: &'a Contract, account: &TableAccount) -> Option<ByRegion<'a>> {
    if account.by_area.is_empty() {
        return None;
    }
    let Regions { map, labels } = region_map(contract, &account.table)?;
    let mut counts: BTreeMap<RegionKey, Count> = BTreeMap::new();
    for (area, count) in &account.by_area {
        let region = map.from().position(area).and_then(|position| map.position(position));
        let region = region.map(|position| map.to().values()[usize::from(position)].clone());
        counts.entry((region.is_none(), region)).or_default().add(count);
    }
    Some(ByRegion { labels, counts })
}

/// Returns the mapping of the table's linked area column, or else the one that the analysis uses.
fn region_map<'a>(contract: &'a Contract, name: &str) -> Option<Regions<'a>> {
    let (position, table) = contract.table(name)?;
    let field = contract.accounting[position].area?;
    if let Some(Transform::Map(map)) = table.linked.get(field.checked_sub(1)?)? {
        return Some(Regions { map, labels: contract.words.code_list(name, &table.fields[field].name) });
    }
    let ValueType::Code(codes) = &table.fields[field].value else { return None };
    contract.analysis.as_ref()?.regions(codes)
}
