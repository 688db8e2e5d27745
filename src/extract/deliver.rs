//! A real run: every table sorted and written, then the manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef};
use arrow::compute::filter;

use super::error::ExtractError;
use super::ledger::{self, LedgerProblem, Section};
use super::prepare::{Inputs, Naming, Prepared};
use super::tally::Tally;
use crate::config::{Duplicates, Table};
use crate::crypto::{Canary, Digest, Key, KeyId, ProjectKey, ProjectKeys, SCHEME, TableName, read_key};
use crate::exchange::{
    Account, ColumnEntry, DELIVERY_FORMAT, Filtered, Finished, Manifest, OldCodesEntry, Outgoing, Sealing, TableEntry,
    tool,
};
use crate::progress::Progress;
use crate::table::{SortedTable, Sorter, StoreError, Written, first_of_each, keys, write_table};

/// What an extract made.
#[derive(Debug)]
pub struct Extracted {
    /// Where the delivery lies.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// What became of every record.
    pub account: Account,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// The public name of the key that signed it, if one did.
    pub signed_by: Option<KeyId>,
    /// Where the rejects ledger lies.
    pub ledger: PathBuf,
    /// Bytes that were spilled to disk.
    pub spilled_bytes: u64,
}

/// Where an extract goes, and how.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The delivery's folder, which must not exist.
    pub delivery: &'a Path,
    /// The rejects ledger, which is written whether or not the delivery is.
    pub ledger: &'a Path,
    /// About how many bytes rows that wait may take in memory.
    pub memory: usize,
    /// Leaves the delivery unsealed, although the contract names recipients.
    pub unsealed: bool,
}

/// Makes a delivery from `inputs` under the project key in the file `project_key`: sealed to the recipients whom the contract names, and signed if it lists a key of the
/// holder.
///
/// # Errors
/// An input is bad, a key has expired, too many records are rejected, or the output cannot be written. Nothing is then
/// at its place.
pub fn extract(
    inputs: &Inputs,
    project_key: &Path,
    output: &Output<'_>,
    progress: &dyn Progress,
) -> Result<Extracted, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    let contract = &prepared.contract;
    let key: ProjectKey = read_key(project_key, &contract.study.id, &inputs.unlock, inputs.today)?;
    let signatory = prepared.signatory(inputs)?;
    ledger::check_place(output.ledger).map_err(|problem| ledger_error(output.ledger, problem))?;
    let keys = ProjectKeys::new(&key, &contract.study.id);
    let mut outgoing = Outgoing::start(output.delivery, contract, output.unsealed, signatory)?;
    progress.begin("extract", prepared.source_bytes());
    let (mut entries, mut tallies, mut spilled_bytes) = (Vec::new(), Vec::new(), 0);
    for table in prepared.tables() {
        let run = Run { prepared: &prepared, keys: &keys, outgoing: &outgoing, memory: output.memory, progress };
        let (tally, sorted) = run.sort(table)?;
        spilled_bytes += sorted.spilled_bytes();
        tallies.push((table, tally));
        write_ledger(&prepared, output.ledger, &tallies)?;
        let tally = &tallies[tallies.len() - 1].1;
        prepared.check_rejects(table, tally, Some(output.ledger))?;
        let (entry, digest) = run.write(table, tally, &sorted)?;
        outgoing.add(&entry.file, digest);
        entries.push(entry);
    }
    let (manifest, account) =
        (manifest(&prepared, &keys, key.id(&contract.study.id)), account(&prepared, &keys, entries));
    let Finished { manifest, account, digest, signed_by } = outgoing.finish(manifest, account)?;
    let (path, ledger) = (output.delivery.to_owned(), output.ledger.to_owned());
    Ok(Extracted { path, manifest, account, digest, signed_by, ledger, spilled_bytes })
}

struct Run<'a> {
    prepared: &'a Prepared,
    keys: &'a ProjectKeys<'a>,
    outgoing: &'a Outgoing,
    memory: usize,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    fn sort(&self, position: usize) -> Result<(Tally, SortedTable), ExtractError> {
        let fields = &self.prepared.contract.tables[position].fields;
        let sorter = Sorter::new(fields, self.memory, self.outgoing.path())?;
        let tally =
            self.prepared.run(position, Naming::Keys(self.keys), self.progress, |columns| sorter.push(columns))?;
        Ok((tally, sorter.finish()?))
    }

    /// The table's entry and the digest of its file.
    fn write(
        &self,
        position: usize,
        tally: &Tally,
        sorted: &SortedTable,
    ) -> Result<(TableEntry, Digest), ExtractError> {
        let table = &self.prepared.contract.tables[position];
        let file = format!("{}.parquet", table.name);
        let path = self.outgoing.path().join(&file);
        let seal = self.outgoing.table_seal(&self.name(table, &file));
        let (repeats, persons) = (AtomicU64::new(0), AtomicU64::new(0));
        let load = |ranges| -> Result<_, ExtractError> {
            let columns = sorted.load(ranges)?;
            let rows = columns[0].len();
            let columns = without_repeats(table, columns).map_err(|e| StoreError::encode(&path, &e))?;
            repeats.fetch_add((rows - columns[0].len()) as u64, Ordering::Relaxed);
            persons.fetch_add(distinct(&columns[0]), Ordering::Relaxed);
            Ok(columns)
        };
        let written = write_table(&path, &table.fields, &sorted.groups(), seal.as_ref(), load)?;
        let repeats = repeats.into_inner();
        if table.duplicates == Duplicates::Refuse && repeats > 0 {
            return Err(ExtractError::Duplicates { table: table.name.clone(), repeats });
        }
        let filtered = Filtered { duplicate: repeats, ..tally.filtered };
        let entry = TableEntry {
            name: table.name.clone(),
            file,
            content_digest: written.content_digest,
            source_rows: tally.source_rows,
            records: tally.records,
            rows: written.rows,
            filtered,
            rejected: tally.rejected_by_reason(),
            persons: persons.into_inner(),
            temporary_rows: tally.temporary_rows,
            changed_rows: tally.changed_rows,
            columns: columns(table, tally, &written),
            dropped: self.dropped(position),
        };
        if entry.balances() {
            return Ok((entry, written.file_digest));
        }
        let accounted = entry.rows + entry.filtered.total() + entry.rejected_total();
        Err(ExtractError::Unbalanced { table: entry.name, records: entry.records, accounted })
    }

    fn dropped(&self, position: usize) -> Vec<String> {
        let mut dropped: Vec<String> = self.prepared.sources(position).flat_map(|s| s.dropped.clone()).collect();
        dropped.sort_unstable();
        dropped.dedup();
        dropped
    }

    fn name<'n>(&'n self, table: &'n Table, file: &'n str) -> TableName<'n> {
        let (contract, holder) = (&self.prepared.contract, &self.prepared.holder);
        TableName {
            study: &contract.study.id,
            holder: &holder.name,
            number: holder.delivery.number,
            table: &table.name,
            file,
        }
    }
}

fn account(prepared: &Prepared, keys: &ProjectKeys<'_>, tables: Vec<TableEntry>) -> Account {
    let old_codes = prepared.old_codes.iter().map(|(kind, codes)| OldCodesEntry {
        kind: kind.clone(),
        date: prepared.holder.old_codes[kind].date,
        changes: codes.len(),
        commitment: codes.commitment(&keys.old_codes(kind)),
    });
    Account { old_codes: old_codes.collect(), lists: prepared.lists.entry(), tables }
}

/// The manifest, but for what the delivery completes it with when it is finished.
fn manifest(prepared: &Prepared, keys: &ProjectKeys<'_>, key_id: KeyId) -> Manifest {
    let (contract, holder) = (&prepared.contract, &prepared.holder);
    let canary = |(name, syntax)| Canary::new(keys, name, &syntax);
    Manifest {
        format: DELIVERY_FORMAT.to_owned(),
        tool: tool(),
        study: contract.study.id.clone(),
        holder: holder.name.clone(),
        synthetic: holder.synthetic,
        delivery: holder.delivery.clone(),
        exchange_digest: contract.exchange_digest,
        settings_digest: contract.settings_digest,
        scheme: SCHEME.to_owned(),
        key_id,
        canaries: prepared.canary_subjects().into_iter().map(canary).collect(),
        coverage: holder.coverage.clone(),
        sealing: Sealing::None,
        files: BTreeMap::new(),
        account: None,
    }
}

pub(super) fn without_repeats(
    table: &Table,
    columns: Vec<ArrayRef>,
) -> Result<Vec<ArrayRef>, arrow::error::ArrowError> {
    if table.duplicates == Duplicates::Keep {
        return Ok(columns);
    }
    let first = first_of_each(&columns, &table.unique)?;
    if first.true_count() == first.len() {
        return Ok(columns);
    }
    columns.iter().map(|column| filter(column, &first)).collect()
}

/// Distinct values of a sorted column of pseudonyms. A person's rows are never in two row groups.
fn distinct(sorted: &ArrayRef) -> u64 {
    keys(sorted).chunk_by(|a, b| a == b).count() as u64
}

fn columns(table: &Table, tally: &Tally, written: &Written) -> Vec<ColumnEntry> {
    let person = (table.person, "pseudonymise".to_owned());
    let delivered = table.sources.iter().map(|&position| {
        let transform = table.columns[position].deliver.as_ref();
        (position, transform.map_or_else(String::new, crate::table::Transform::describe))
    });
    let described = std::iter::once(person).chain(delivered);
    let entry =
        |(((position, transform), field), nulls): (((usize, String), &crate::table::Field), &u64)| ColumnEntry {
            name: field.name.clone(),
            value: field.value.name().to_owned(),
            role: table.columns[position].role,
            transform,
            nulls: *nulls,
            emptied: tally.emptied.get(&(position as u32)).cloned().unwrap_or_default(),
        };
    described.zip(&table.fields).zip(&written.nulls).map(entry).collect()
}

fn write_ledger(prepared: &Prepared, path: &Path, tallies: &[(usize, Tally)]) -> Result<(), ExtractError> {
    let section = |(position, tally): &'_ (usize, Tally)| {
        let table = &prepared.contract.tables[*position];
        (table, prepared.file_names(*position), tally.rejected.clone())
    };
    let parts: Vec<_> = tallies.iter().map(section).collect();
    let sections: Vec<Section<'_>> = parts
        .iter()
        .map(|(table, files, rejected)| Section {
            table: table.name.as_str(),
            files: files.clone(),
            columns: table.columns.iter().map(|c| c.name.as_str()).collect(),
            rejected,
        })
        .collect();
    ledger::write(path, &sections).map_err(|problem| ledger_error(path, problem))
}

fn ledger_error(path: &Path, problem: LedgerProblem) -> ExtractError {
    match problem {
        LedgerProblem::Other => ExtractError::LedgerTaken { path: path.to_owned() },
        LedgerProblem::Io(source) => ExtractError::Ledger { path: path.to_owned(), source },
    }
}
