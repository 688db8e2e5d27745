//! The account of a delivery while its tables are written: entries, rejects ledger, warnings and the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::ExtractError;
use super::ledger::{self, LedgerProblem, Section};
use super::prepare::Prepared;
use super::tally::Tally;
use super::warnings::measured;
use super::written::Written;
use crate::config::{Duplicates, Table};
use crate::exchange::{
    Account, ColumnEntry, DeliveryBuilder, Filtered, FinishedDelivery, LinkageEntry, LinkageStatement, Manifest,
    OldCodesEntry, Sealing, TableEntry, Warning, judged, reasons_to_stop, tool,
};
use crate::table::content_of_files;
use salanimi_core::{Canary, Id, KeyId, ProjectKeys, Reason, SCHEME, linkage_canaries};

/// What is known of the tables so far.
pub(super) struct DeliveryAccount {
    ledger: PathBuf,
    strict: bool,
    /// The tables that were read, by their positions in the contract, with the names of their source files.
    tallies: Vec<(usize, Tally, Vec<String>)>,
    entries: Vec<TableEntry>,
    warnings: Vec<Warning>,
}

impl DeliveryAccount {
    /// Starts an account whose rejects are listed at `ledger`. With `strict`, every warning that the contract does not
    /// explain stops the run.
    ///
    /// # Errors
    /// The ledger cannot be written there.
    pub(super) fn new(ledger: &Path, strict: bool) -> Result<Self, ExtractError> {
        ledger::check_place(ledger).map_err(|problem| ledger_error(ledger, problem))?;
        Ok(Self { ledger: ledger.to_owned(), strict, tallies: Vec::new(), entries: Vec::new(), warnings: Vec::new() })
    }

    /// Adds what was read of the table at `position` from these source files, and writes the ledger.
    ///
    /// # Errors
    /// The ledger cannot be written, nothing was read, or too many records were rejected.
    pub(super) fn read(
        &mut self,
        prepared: &Prepared,
        position: usize,
        tally: Tally,
        files: Vec<String>,
    ) -> Result<(), ExtractError> {
        self.tallies.push((position, tally, files));
        self.write_ledger(prepared)?;
        let (_, tally, _) = self.last();
        prepared.check_rejects(position, tally, Some(&self.ledger)).map(drop)
    }

    fn last(&self) -> &(usize, Tally, Vec<String>) {
        match self.tallies.last() {
            Some(last) => last,
            None => unreachable!("a table is read before it is written"),
        }
    }

    /// Adds the table that was read last, as it was written, and adds its files to the delivery.
    ///
    /// # Errors
    /// Rows repeat a key that the contract keeps unique, or the counts do not balance.
    pub(super) fn written(
        &mut self,
        prepared: &Prepared,
        written: Written,
        builder: &mut DeliveryBuilder,
    ) -> Result<(), ExtractError> {
        let (position, tally, _) = self.last();
        let table = &prepared.contract.tables[*position];
        if table.duplicates == Duplicates::Refuse && written.repeats > 0 {
            return Err(ExtractError::Duplicates { table: table.name.clone(), repeats: written.repeats });
        }
        let entry = entry(prepared, *position, tally, &written);
        if !entry.balances() {
            let accounted = entry.rows + entry.filtered.total() + entry.rejected_total();
            return Err(ExtractError::Unbalanced { table: entry.name, records: entry.records, accounted });
        }
        let measured = measured(prepared, *position, tally, Some(written.repeats));
        let warnings = judged(measured, &prepared.contract.warnings, self.strict);
        self.warnings.extend(warnings);
        self.entries.push(entry);
        written.names.into_iter().zip(&written.files).for_each(|(name, file)| builder.add(&name, file.digest));
        Ok(())
    }

    /// Stops the run if a warning does.
    pub(super) fn check_warnings(&self) -> Result<(), ExtractError> {
        match reasons_to_stop(&self.warnings) {
            Some(reasons) => Err(ExtractError::Stopped { reasons }),
            None => Ok(()),
        }
    }

    /// Finishes the delivery.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn finish(
        self,
        prepared: &Prepared,
        keys: &ProjectKeys<'_>,
        key_id: KeyId,
        linkage: Option<LinkageEntry>,
        builder: DeliveryBuilder,
    ) -> Result<FinishedDelivery, ExtractError> {
        let account = Account {
            old_codes: old_codes(prepared, keys),
            lists: prepared.lists.entry(),
            tables: self.entries,
            linkage,
            warnings: self.warnings,
        };
        Ok(builder.finish(manifest(prepared, keys, key_id), account)?)
    }

    /// Writes the rejects of all tables so far.
    fn write_ledger(&self, prepared: &Prepared) -> Result<(), ExtractError> {
        let sections = self.tallies.iter().map(|(position, tally, files)| {
            let table = &prepared.contract.tables[*position];
            Section {
                table: table.name.as_str(),
                files,
                columns: table.columns.iter().map(|column| column.name.as_str()).collect(),
                rejected: &tally.rejected,
                without_code: &tally.without_code,
            }
        });
        let sections: Vec<Section<'_>> = sections.collect();
        ledger::write(&self.ledger, &sections).map_err(|problem| ledger_error(&self.ledger, problem))
    }
}

fn ledger_error(path: &Path, problem: LedgerProblem) -> ExtractError {
    match problem {
        LedgerProblem::Taken => ExtractError::LedgerTaken { path: path.to_owned() },
        LedgerProblem::Io(source) => ExtractError::Ledger { path: path.to_owned(), source },
    }
}

fn entry(prepared: &Prepared, position: usize, tally: &Tally, written: &Written) -> TableEntry {
    let table = &prepared.contract.tables[position];
    TableEntry {
        name: table.name.clone(),
        file: TableEntry::file_of(&table.name, written.parts),
        parts: written.rows_of_parts.clone(),
        content_digest: content_of_files(&written.files),
        source_rows: tally.source_rows,
        records: tally.records,
        rows: written.files.iter().map(|file| file.rows).sum(),
        filtered: Filtered { duplicate: written.repeats, ..tally.filtered },
        rejected: tally.rejected_by_reason(),
        persons: written.persons,
        temporary_rows: tally.temporary_rows,
        changed_rows: tally.changed_rows,
        without_code: tally.without_code_by_reason(),
        codes_by_client: tally.codes_by_client,
        columns: columns(table, tally, written),
        dropped: dropped(prepared, position),
        ignored: ignored(prepared, position),
    }
}

/// Returns the columns of the contract that the sources have and that are not delivered, in the contract's order.
fn dropped(prepared: &Prepared, position: usize) -> Vec<Id> {
    let withheld: BTreeSet<usize> =
        prepared.sources(position).flat_map(|source| source.withheld.iter().copied()).collect();
    let columns = &prepared.contract.tables[position].columns;
    withheld.into_iter().map(|column| columns[column].name.clone()).collect()
}

/// Counts the source columns that are no column of the contract.
fn ignored(prepared: &Prepared, position: usize) -> u64 {
    let ignored: BTreeSet<&String> = prepared.sources(position).flat_map(|source| &source.ignored).collect();
    ignored.len() as u64
}

/// Returns the entries of the delivered columns: the pseudonym, then the others.
fn columns(table: &Table, tally: &Tally, written: &Written) -> Vec<ColumnEntry> {
    let positions = std::iter::once(&table.person).chain(&table.sources);
    let counts = positions.enumerate().map(|(field, position)| {
        let nulls = written.files.iter().map(|file| file.nulls[field]).sum();
        (nulls, emptied(tally, *position))
    });
    let entries = ColumnEntry::of_table(table).into_iter().zip(counts);
    entries.map(|(entry, (nulls, emptied))| ColumnEntry { nulls, emptied, ..entry }).collect()
}

/// Counts the cells of a column that were emptied, by reason.
fn emptied(tally: &Tally, position: usize) -> BTreeMap<Reason, u64> {
    match tally.emptied.get(&(position as u32)) {
        Some(reasons) => reasons.clone(),
        None => BTreeMap::new(),
    }
}

pub(super) fn old_codes(prepared: &Prepared, keys: &ProjectKeys<'_>) -> Vec<OldCodesEntry> {
    let old_codes = prepared.old_codes.iter().map(|(kind, codes)| OldCodesEntry {
        kind: kind.clone(),
        date: prepared.holder.old_codes[kind].date,
        changes: codes.len(),
        commitment: codes.commitment(&keys.old_codes(kind)),
    });
    old_codes.collect()
}

/// Returns the manifest without the parts that [`DeliveryBuilder::finish`] completes.
fn manifest(prepared: &Prepared, keys: &ProjectKeys<'_>, key_id: KeyId) -> Manifest {
    let contract = &prepared.contract;
    let holder = &prepared.holder;
    let subjects = prepared.canary_subjects();
    Manifest {
        format: String::new(),
        tool: tool(),
        study: contract.study.id.clone(),
        holder: holder.name.clone(),
        synthetic: holder.synthetic,
        delivery: holder.delivery.clone(),
        exchange_digest: contract.exchange_digest,
        settings_digest: contract.settings_digest,
        scheme: SCHEME.to_owned(),
        key_id,
        canaries: subjects.iter().map(|(name, syntax)| Canary::new(keys, name, syntax)).collect(),
        linkage: contract.linkage.as_ref().map(|_| LinkageStatement::new(linkage_canaries(keys))),
        coverage: holder.coverage.clone(),
        sealing: Sealing::None,
        files: BTreeMap::new(),
        account: None,
    }
}
