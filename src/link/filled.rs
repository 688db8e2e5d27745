//! Tables of the linked dataset when all of their rows are there, and their files.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::array::ArrayRef;
use serde::{Deserialize, Serialize};

use super::account::{Account, CountedPart};
use super::error::LinkError;
use super::matches::LinkedByEvidence;
use super::references::{Found, References};
use crate::config::raw::release::Release;
use crate::config::{ColumnBands, Comparable, Contract, SameDay};
use crate::exchange::{LinkedTable, OutputFolder};
use crate::progress::Progress;
use crate::table::{Band, Field, SortedTable, Sorter, WrittenTable, keys, write_table};

/// All tables of a linked dataset, still to be sorted and written.
pub(super) struct FilledTables<'a> {
    /// The tables, in the order in which they are written.
    pub(super) tables: Vec<FilledTable>,
    pub(super) references: References<'a>,
    pub(super) sums: Sums,
    pub(super) evidence: Option<LinkedByEvidence>,
}

/// A table and its rows.
pub(super) struct FilledTable {
    pub(super) table: OutputTable,
    pub(super) sorter: Sorter,
}

/// A table of the linked dataset.
pub(super) struct OutputTable {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    /// The transform of each field.
    pub(super) transforms: Vec<String>,
    pub(super) rows: RowsOf,
}

/// What a table has rows of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowsOf {
    Persons,
    /// The contract's table at this position.
    Source(usize),
    Analysis,
}

/// What is counted of all rows for tables and reports, beside the account.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sums {
    pub(super) bands: Vec<ColumnBands>,
    pub(super) comparable: Vec<Comparable>,
    pub(super) same_day: Option<SameDay>,
}

/// The tables, written.
pub(super) struct WrittenTables {
    pub(super) tables: Vec<LinkedTable>,
    pub(super) sums: Sums,
    pub(super) references: Vec<Found>,
    pub(super) spilled_bytes: u64,
}

impl FilledTables<'_> {
    /// Writes every table, sorted by person. `account` tells their numbers of rows.
    pub(super) fn write(
        self,
        contract: &Contract,
        folder: &OutputFolder,
        account: &Account,
        progress: &dyn Progress,
    ) -> Result<WrittenTables, LinkError> {
        progress.begin("write", self.tables.len() as u64);
        let references = self.references.count(&contract.population)?.found(contract);
        let mut tables = Vec::with_capacity(self.tables.len());
        let mut spilled_bytes = 0;
        for FilledTable { table, sorter } in self.tables {
            progress.advance(1);
            let sorted = sorter.finish()?;
            let path = folder.path().join(table.file());
            let evidence = self.evidence.as_ref();
            let written = write_table(&path, &table.fields, sorted.groups(), None, |ranges| {
                table.columns(&sorted, ranges, evidence)
            })?;
            spilled_bytes += sorted.spilled_bytes();
            tables.push(table.entry(&written, account)?);
        }
        Ok(WrittenTables { tables, sums: self.sums, references, spilled_bytes })
    }
}

impl OutputTable {
    /// Returns the name of its file.
    pub(super) fn file(&self) -> String {
        format!("{}.parquet", self.name)
    }

    /// Returns sorted rows as they are written.
    pub(super) fn columns(
        &self,
        sorted: &SortedTable,
        ranges: Range<usize>,
        evidence: Option<&LinkedByEvidence>,
    ) -> Result<Vec<ArrayRef>, LinkError> {
        let mut columns = sorted.load(ranges)?;
        match self.rows {
            RowsOf::Persons => check_distinct(&columns[0])?,
            RowsOf::Source(_) => {}
            // The last column tells the persons who have rows by evidence.
            RowsOf::Analysis => columns.extend(evidence.map(|evidence| evidence.flags(&columns[0]))),
        }
        Ok(columns)
    }

    /// Returns what the manifest states of the written table.
    ///
    /// # Errors
    /// It has another number of rows than the account counted.
    pub(super) fn entry(&self, written: &WrittenTable, account: &Account) -> Result<LinkedTable, LinkError> {
        let accounted = match self.rows {
            RowsOf::Persons => account.linked_persons,
            RowsOf::Source(position) => account.count(position, CountedPart::All).linked_rows,
            RowsOf::Analysis => written.rows,
        };
        if written.rows != accounted {
            return Err(LinkError::Unbalanced { table: self.name.clone(), rows: accounted, accounted: written.rows });
        }
        let columns = self.fields.iter().zip(&self.transforms);
        Ok(LinkedTable {
            name: self.name.clone(),
            file: self.file(),
            rows: written.rows,
            file_digest: written.file_digest,
            content_digest: written.content_digest,
            columns: columns.map(|(f, by)| (f.name.clone(), f.value.name().to_owned(), by.clone())).collect(),
        })
    }
}

impl Sums {
    /// Adds what was counted of the rows of other persons.
    pub(super) fn add(&mut self, other: Self) {
        for more in other.bands {
            match self.bands.iter_mut().find(|known| (&known.table, &known.column) == (&more.table, &more.column)) {
                Some(known) => known.tally.join(more.tally),
                None => self.bands.push(more),
            }
        }
        for more in other.comparable {
            match self.comparable.binary_search_by_key(&more.place, |known| known.place) {
                Ok(at) => {
                    self.comparable[at].found += more.found;
                    self.comparable[at].not_found += more.not_found;
                }
                Err(at) => self.comparable.insert(at, more),
            }
        }
        match (&mut self.same_day, other.same_day) {
            (Some(known), Some(more)) => {
                known.same_day += more.same_day;
                known.all += more.all;
            }
            (known, more) => *known = known.take().or(more),
        }
    }

    /// Returns the means of the banded columns that a result of the contract sums; nobody needs the others. A column
    /// without an amount has none.
    pub(super) fn means(&self, contract: &Contract) -> BTreeMap<String, Vec<Band>> {
        let summed = contract.release.iter().flat_map(Release::summed);
        let means = summed.filter_map(|(table, column)| {
            let width = contract.band_width(table.as_str(), column.as_str())?;
            let known = self.bands.iter().find(|of| of.table == table.as_str() && of.column == column.as_str());
            Some((format!("{table}.{column}"), known.map_or_else(Vec::new, |known| known.tally.means(width))))
        });
        means.collect()
    }
}

/// Refuses two persons with one id: they would be linked falsely.
fn check_distinct(ids: &ArrayRef) -> Result<(), LinkError> {
    let repeats = keys(ids).windows(2).any(|pair| pair[0] == pair[1]);
    if repeats { Err(LinkError::Collision) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparable(place: (u8, Option<u16>), found: u64) -> Comparable {
        Comparable { place, by: place.0.to_string(), value: None, found, not_found: 1 }
    }

    #[test]
    fn sums_of_several_ranges_have_the_order_of_one() {
        let mut sums = Sums::default();
        for places in [vec![(1, None), (1, Some(3))], vec![(0, Some(2)), (1, Some(3))], vec![(1, Some(0))]] {
            let comparable = places.into_iter().map(|place| comparable(place, 2)).collect();
            let same_day = Some(SameDay { table: "events".to_owned(), same_day: 1, all: 4 });
            sums.add(Sums { comparable, same_day, ..Sums::default() });
        }
        let found: Vec<_> = sums.comparable.iter().map(|of| (of.place, of.found, of.not_found)).collect();
        let places = [(0, Some(2)), (1, None), (1, Some(0)), (1, Some(3))];
        assert_eq!(found, places.map(|place| if place == (1, Some(3)) { (place, 4, 2) } else { (place, 2, 1) }));
        assert_eq!(sums.same_day.map(|of| (of.same_day, of.all)), Some((3, 12)));
    }
}
