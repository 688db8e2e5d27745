//! Tables of the linked dataset while they are filled: rows by person, re-keyed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::account::Account;
use super::error::LinkError;
use super::evidence::Evidence;
use super::filled::{FilledTable, FilledTables, OutputTable, RowsOf, Sums};
use super::matches::{EVIDENCE, EVIDENCE_COLUMNS, LinkedByEvidence};
use super::merge::{Input, KeyRange, Merge, PersonBatch, PersonPositions};
use super::references::{References, linked_id};
use super::rekey::LinkedLayout;
use crate::config::{
    AnalysisTables, ColumnBands, Contract, Coverage, FinishedTable, FinishedTables, LINKED_PERSON, LinkSetup,
    SourceRows,
};
use crate::exchange::PERSONS;
use crate::progress::Progress;
use crate::shared::Shared;
use crate::table::{BandTally, Field, Sorter, Spills, ValueType, id_column};
use salanimi_core::{KeyedHash, LinkKeys, LinkedId, Pseudonym};

/// Ranges of the pseudonym for each thread: enough that none waits long for another.
const RANGES_PER_THREAD: usize = 4;
/// Tenths of the memory for rows that wait: of the sources' tables, of the analysis tables, of persons, of references.
const SOURCE_TENTHS: usize = 6;
const ANALYSIS_TENTHS: usize = 2;
const PERSON_TENTHS: usize = 1;
const REFERENCE_TENTHS: usize = 1;
/// The transform that the manifest names for re-keyed columns.
const REKEYED: &str = "re-key";

/// The tables that a link fills, each with the sorter of its rows.
pub(super) struct LinkedTables<'a> {
    contract: &'a Contract,
    inputs: &'a [Input<'a>],
    evidence: Option<LinkedByEvidence>,
    person: KeyedHash,
    layouts: Vec<LinkedLayout<'a>>,
    sorters: Vec<Sorter>,
    person_fields: Vec<Field>,
    persons: Sorter,
    references: References<'a>,
    analysis: Option<Box<dyn AnalysisTables + 'a>>,
    /// By table: exact sums of its banded columns.
    bands: Vec<Shared<BTreeMap<&'a str, BandTally>>>,
}

/// Inputs of the tables.
pub(super) struct TablesSetup<'a> {
    pub(super) contract: &'a Contract,
    pub(super) coverage: &'a [Coverage],
    pub(super) inputs: &'a [Input<'a>],
    pub(super) evidence: Option<&'a Evidence>,
    pub(super) keys: &'a LinkKeys<'a>,
    /// The folder for rows that wait on disk.
    pub(super) folder: &'a Path,
    pub(super) spills: Spills,
    /// Bytes for rows that wait to be written.
    pub(super) memory: usize,
}

impl<'a> LinkedTables<'a> {
    pub(super) fn new(setup: &TablesSetup<'a>) -> Result<Self, LinkError> {
        let TablesSetup { contract, coverage, inputs, evidence, keys, folder, spills, memory } = *setup;
        let layouts: Vec<LinkedLayout<'_>> =
            (0..contract.tables.len()).map(|table| LinkedLayout::new(contract, table, keys)).collect();
        let rows: Vec<u64> = (0..contract.tables.len()).map(|table| rows_of(inputs, table)).collect();
        let memory_of_sources = memory * SOURCE_TENTHS / 10;
        let mut sorters = Vec::new();
        for (layout, &rows_of_table) in layouts.iter().zip(&rows) {
            let share = share_of(memory_of_sources, rows_of_table, rows.iter().sum());
            sorters.push(Sorter::spilling(spills, &layout.fields, share, folder)?);
        }
        let link = LinkSetup {
            sources: contract.source_tables(),
            coverage,
            delivered: (0..contract.tables.len()).filter(|&table| is_delivered(inputs, table)).collect(),
            keys,
            least: contract.limits.min_cell,
            memory: memory * ANALYSIS_TENTHS / 10,
            folder,
            spills,
        };
        let person_fields = person_fields(contract);
        Ok(Self {
            contract,
            inputs,
            evidence: evidence.map(LinkedByEvidence::new),
            person: keys.person(),
            sorters,
            persons: Sorter::spilling(spills, &person_fields, memory * PERSON_TENTHS / 10, folder)?,
            person_fields,
            references: References::new(&contract.labels(), memory * REFERENCE_TENTHS / 10, folder)?,
            analysis: contract.analysis.as_ref().map(|analysis| analysis.begin(&link)).transpose()?,
            bands: layouts.iter().map(|layout| Shared::new(layout.bands(contract.limits.min_cell))).collect(),
            layouts,
        })
    }

    /// Merges all ranges in parallel and hands every row to the sorter of its table.
    pub(super) fn merge(&self, progress: &dyn Progress) -> Result<Account, LinkError> {
        let ranges = KeyRange::parts(RANGES_PER_THREAD * rayon::current_num_threads());
        let accounts: Vec<Account> =
            ranges.par_iter().map(|range| self.merge_range(range, progress)).collect::<Result<_, _>>()?;
        let mut all = Account::of(self.contract, self.inputs);
        for account in accounts {
            all.add(account);
        }
        Ok(all)
    }

    /// Merges one range and hands every row to the sorter of its table.
    pub(super) fn merge_range(&self, range: &KeyRange, progress: &dyn Progress) -> Result<Account, LinkError> {
        let mut merge = Merge::new(self.inputs, |table| &self.contract.tables[table].fields, range)?;
        let mut account = Account::default();
        while let Some(batch) = merge.next()? {
            self.add(&batch, &mut account)?;
            progress.advance(batch.columns.iter().map(|columns| columns[0].len() as u64).sum());
        }
        Ok(account)
    }

    /// Adds the rows of the persons of a batch.
    fn add(&self, batch: &PersonBatch, account: &mut Account) -> Result<(), LinkError> {
        for (input, columns) in self.inputs.iter().zip(&batch.columns) {
            input.check(columns)?;
        }
        let positions = PersonPositions::of(batch);
        let tables = self.tables_by_person(&positions, |_| true);
        let population = self.contract.population_tables();
        let is_apart = |person: &Pseudonym| {
            self.evidence.as_ref().is_some_and(|evidence| evidence.unlinked.contains(&u128::from_be_bytes(person.0)))
        };
        let persons = positions.persons.iter().zip(&tables);
        let linked: Vec<bool> = persons.map(|(person, tables)| tables & population != 0 && !is_apart(person)).collect();
        account.count_batch(self.contract, self.inputs, batch, &positions, &linked, &tables);
        if self.evidence.is_some() {
            let coded = self.tables_by_person(&positions, |input| !input.by_evidence);
            account.count_effect(self.contract, &linked, &tables, &coded);
        }
        let persons = positions.persons.iter().zip(&linked);
        let ids: Vec<Option<LinkedId>> =
            persons.map(|(pseudonym, linked)| linked.then(|| linked_id(&self.person, pseudonym))).collect();
        for (position, input) in self.inputs.iter().enumerate().filter(|(at, _)| !positions.rows[*at].is_empty()) {
            let layout = &self.layouts[input.table];
            let mut bands = layout.bands(self.contract.limits.min_cell);
            let rows = (&batch.columns[position], &positions.rows[position]);
            let mut columns = layout.columns(rows.0, rows.1, &ids, &self.references, &mut bands)?;
            if self.evidence.is_some() {
                columns.push(Arc::new(BooleanArray::from(vec![input.by_evidence; columns[0].len()])));
            }
            self.sorters[input.table].push(&columns)?;
            self.join_bands(input.table, bands);
        }
        if let Some(analysis) = &self.analysis {
            analysis.add(&self.source_rows(batch, &positions), &ids)?;
        }
        let mut columns = self.person_columns(&ids, &tables);
        if let Some(evidence) = &self.evidence {
            columns.extend(evidence.columns(self.inputs, &positions, &ids));
        }
        Ok(self.persons.push(&columns)?)
    }

    /// Adds the sums of a part of a table's rows to those of the table.
    fn join_bands(&self, table: usize, part: BTreeMap<&'a str, BandTally>) {
        let mut all = self.bands[table].lock();
        for (column, tally) in part {
            match all.get_mut(column) {
                Some(known) => known.join(tally),
                None => unreachable!("every part has the columns of its table"),
            }
        }
    }

    /// For each person, the tables that the person occurs in, one bit each, by the inputs that `counts` admits.
    fn tables_by_person(&self, positions: &PersonPositions, counts: impl Fn(&Input<'_>) -> bool) -> Vec<u64> {
        let mut tables = vec![0; positions.persons.len()];
        for (input, rows) in self.inputs.iter().zip(&positions.rows).filter(|(input, _)| counts(input)) {
            for &person in rows {
                tables[person as usize] |= 1 << input.table;
            }
        }
        tables
    }

    fn source_rows<'s>(&self, batch: &'s PersonBatch, positions: &'s PersonPositions) -> Vec<SourceRows<'s>> {
        let parts = batch.columns.iter().zip(&positions.rows);
        let source = |(input, (columns, persons)): (&Input<'_>, (&'s Vec<ArrayRef>, &'s Vec<u32>))| SourceRows {
            table: input.table,
            columns,
            persons,
        };
        self.inputs.iter().zip(parts).map(source).collect()
    }

    /// Columns of the table of persons: the id, and for each source table a flag of occurrence.
    fn person_columns(&self, ids: &[Option<LinkedId>], tables: &[u64]) -> Vec<ArrayRef> {
        let linked: Vec<(LinkedId, u64)> =
            ids.iter().zip(tables).filter_map(|(id, tables)| Some(((*id)?, *tables))).collect();
        let mut columns = vec![id_column(linked.iter().map(|(id, _)| Some(*id)))];
        for table in 0..self.contract.tables.len() {
            let occurs: BooleanArray = linked.iter().map(|(_, tables)| Some(tables >> table & 1 == 1)).collect();
            columns.push(Arc::new(occurs));
        }
        columns
    }

    /// Ends the merge: every table that any delivery had, and the analysis tables.
    pub(super) fn finish(self) -> FilledTables<'a> {
        let FinishedTables { tables: analysis, bands, comparable, same_day } =
            self.analysis.map_or_else(FinishedTables::default, AnalysisTables::finish);
        let mut sums = Sums { bands, comparable, same_day };
        let evidence = self.evidence;
        let mut tables = vec![filled(PERSONS, self.person_fields, "occurrence", (self.persons, RowsOf::Persons))];
        if evidence.is_some() {
            let persons = &mut tables[0].table.transforms;
            let of_tables = persons.len() - EVIDENCE_COLUMNS;
            persons[of_tables..].fill(EVIDENCE.to_owned());
        }
        let sources = self.sorters.into_iter().zip(self.layouts).zip(self.bands).enumerate();
        for (position, ((sorter, layout), bands)) in sources {
            let name = self.contract.tables[position].name.to_string();
            let of_columns = bands.into_inner().into_iter();
            sums.bands.extend(of_columns.map(|(column, tally)| ColumnBands {
                table: name.clone(),
                column: column.to_owned(),
                tally,
            }));
            if is_delivered(self.inputs, position) {
                let transforms = std::iter::once(REKEYED.to_owned()).chain(layout.transforms).collect();
                let table = OutputTable { name, fields: layout.fields, transforms, rows: RowsOf::Source(position) };
                tables.push(FilledTable { table, sorter });
            }
        }
        for FinishedTable { name, fields, sorter } in analysis {
            let mut analysis = filled(name, fields, "analysis", (sorter, RowsOf::Analysis));
            if evidence.is_some() {
                analysis.table.fields.push(LinkedByEvidence::flag());
                analysis.table.transforms.push(EVIDENCE.to_owned());
            }
            tables.push(analysis);
        }
        FilledTables { tables, references: self.references, sums, evidence }
    }
}

/// Returns a table whose person is re-keyed, and whose other fields have the transform `other`.
fn filled(name: &str, fields: Vec<Field>, other: &str, (sorter, rows): (Sorter, RowsOf)) -> FilledTable {
    let mut transforms = vec![REKEYED.to_owned()];
    transforms.resize(fields.len(), other.to_owned());
    FilledTable { table: OutputTable { name: name.to_owned(), fields, transforms, rows }, sorter }
}

/// Rows of the contract's table `table` over all deliveries.
fn rows_of(inputs: &[Input<'_>], table: usize) -> u64 {
    inputs.iter().filter(|input| input.table == table).map(|input| input.rows).sum()
}

fn is_delivered(inputs: &[Input<'_>], table: usize) -> bool {
    inputs.iter().any(|input| input.table == table)
}

/// The share of `memory` for a table with `rows` of `all` rows.
fn share_of(memory: usize, rows: u64, all: u64) -> usize {
    (memory as u128 * u128::from(rows) / u128::from(all.max(1))) as usize
}

/// Fields of the table of persons.
fn person_fields(contract: &Contract) -> Vec<Field> {
    let mut fields = vec![Field { name: LINKED_PERSON.to_owned(), value: ValueType::LinkedId }];
    let occurs = contract.tables.iter().map(|table| format!("in_{}", table.name));
    fields.extend(occurs.map(|name| Field { name, value: ValueType::Flag }));
    if contract.linkage.is_some() {
        fields.extend(LinkedByEvidence::fields());
    }
    fields
}
