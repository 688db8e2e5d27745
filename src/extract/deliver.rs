//! A real run: every table sorted and written, then the manifest.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef};
use arrow::compute::filter;

use super::error::ExtractError;
use super::ledger::{self, Section};
use super::prepare::{Inputs, Prepared};
use super::tally::Tally;
use crate::config::{Contract, Duplicates, Table};
use crate::crypto::{Canary, Digest, ProjectKey, ProjectKeys, SCHEME, read_key};
use crate::exchange::{
    ColumnEntry, DELIVERY_FORMAT, Filtered, Manifest, OldCodesEntry, OutputFolder, TableEntry, tool,
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
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// Where the rejects ledger lies.
    pub ledger: PathBuf,
    /// Bytes that were spilled to disk.
    pub spilled_bytes: u64,
}

/// Makes the delivery `out` from `inputs` under the key in the file `key`, with about `memory` bytes for rows that
/// wait. The rejects ledger is written to `ledger`, whether or not the delivery is.
///
/// # Errors
/// An input is bad, too many records are rejected, or the output cannot be written. Nothing is then at `out`.
pub fn extract(
    inputs: &Inputs,
    key: &Path,
    out: &Path,
    ledger: &Path,
    memory: usize,
    progress: &dyn Progress,
) -> Result<Extracted, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    let key: ProjectKey = read_key(key, &prepared.contract.study.id)?;
    let keys = ProjectKeys::new(&key, &prepared.contract.study.id);
    let run = Run { prepared: &prepared, keys: &keys, folder: OutputFolder::create(out)?, memory, progress };
    progress.begin("extract", prepared.source_bytes());
    let (mut entries, mut tallies, mut spilled_bytes) = (Vec::new(), Vec::new(), 0);
    for table in prepared.tables() {
        let (tally, sorted) = run.sort(table)?;
        spilled_bytes += sorted.spilled_bytes();
        tallies.push((table, tally));
        write_ledger(&prepared, ledger, &tallies)?;
        let tally = &tallies[tallies.len() - 1].1;
        check_rejects(&prepared.contract, &prepared.contract.tables[table], tally, ledger)?;
        entries.push(run.write(table, tally, &sorted)?);
    }
    let manifest = run.manifest(entries);
    let digest = run.folder.commit(&manifest)?;
    Ok(Extracted { path: out.to_owned(), manifest, digest, ledger: ledger.to_owned(), spilled_bytes })
}

struct Run<'a> {
    prepared: &'a Prepared,
    keys: &'a ProjectKeys<'a>,
    folder: OutputFolder,
    memory: usize,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    fn sort(&self, position: usize) -> Result<(Tally, SortedTable), ExtractError> {
        let fields = &self.prepared.contract.tables[position].fields;
        let sorter = Sorter::new(fields, self.memory, self.folder.path())?;
        let tally = self.prepared.run(position, Some(self.keys), self.progress, |columns| sorter.push(columns))?;
        Ok((tally, sorter.finish()?))
    }

    fn write(&self, position: usize, tally: &Tally, sorted: &SortedTable) -> Result<TableEntry, ExtractError> {
        let table = &self.prepared.contract.tables[position];
        let file = format!("{}.parquet", table.name);
        let path = self.folder.path().join(&file);
        let (repeats, persons) = (AtomicU64::new(0), AtomicU64::new(0));
        let written = write_table(&path, &table.fields, &sorted.groups(), |ranges| -> Result<_, ExtractError> {
            let columns = sorted.load(ranges)?;
            let rows = columns[0].len();
            let columns = without_repeats(table, columns).map_err(|e| StoreError::encode(&path, &e))?;
            repeats.fetch_add((rows - columns[0].len()) as u64, Ordering::Relaxed);
            persons.fetch_add(distinct(&columns[0]), Ordering::Relaxed);
            Ok(columns)
        })?;
        let repeats = repeats.into_inner();
        if table.duplicates == Duplicates::Refuse && repeats > 0 {
            return Err(ExtractError::Duplicates { table: table.name.clone(), repeats });
        }
        let filtered = Filtered { duplicate: repeats, ..tally.filtered };
        let entry = TableEntry {
            name: table.name.clone(),
            file,
            file_digest: written.file_digest,
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
            return Ok(entry);
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

    fn manifest(&self, tables: Vec<TableEntry>) -> Manifest {
        let (contract, holder) = (&self.prepared.contract, &self.prepared.holder);
        let canary = |(name, syntax)| Canary::new(self.keys, name, &syntax);
        let old_codes = self.prepared.old_codes.iter().map(|(kind, codes)| OldCodesEntry {
            kind: kind.clone(),
            date: holder.old_codes[kind].date,
            changes: codes.len(),
            commitment: codes.commitment(&self.keys.old_codes(kind)),
        });
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
            key_id: self.keys.key_id(),
            canaries: self.prepared.canary_subjects().into_iter().map(canary).collect(),
            coverage: holder.coverage.clone(),
            old_codes: old_codes.collect(),
            lists: self.prepared.lists.entry(),
            tables,
        }
    }
}

fn without_repeats(table: &Table, columns: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, arrow::error::ArrowError> {
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
    ledger::write(path, &sections).map_err(|source| ExtractError::Ledger { path: path.to_owned(), source })
}

/// Too large a share of rejected records means that something is wrong with the source or the holder file.
fn check_rejects(contract: &Contract, table: &Table, tally: &Tally, ledger: &Path) -> Result<(), ExtractError> {
    let rejected = tally.rejected.len() as u64;
    if rejected as f64 > contract.limits.max_reject_share * tally.records as f64 {
        let (table, records) = (table.name.clone(), tally.records);
        let most = contract.limits.max_reject_share * 100.0;
        return Err(ExtractError::TooManyRejects { table, rejected, records, most, ledger: ledger.to_owned() });
    }
    if tally.records == 0 {
        return Err(ExtractError::NothingRead { table: table.name.clone() });
    }
    Ok(())
}
