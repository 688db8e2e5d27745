//! The process that starts a job and makes a dataset of what the others wrote.

use std::path::{Path, PathBuf};

use super::super::account::Account;
use super::super::error::LinkError;
use super::super::filled::{FilledTable, FilledTables, Sums, WrittenTables};
use super::super::references::ReferenceCounts;
use super::super::run::{BegunLink, check_population, merge_inputs};
use super::super::staged::StagedDataset;
use super::super::tables::{LinkedTables, TablesSetup};
use super::job_file::{JobFile, JobKeys, LinkPaths, Nonce};
use super::part::{list_name, part_name};
use super::statements::{PARTS, PartStatement, RANGES, RANGES_READ, RangeStatement, add_rows};
use crate::config::Contract;
use crate::crypto::Unlock;
use crate::exchange::{FolderError, Host, JOB_FOLDER, RowsFile, close_job};
use crate::files::write_private;
use crate::table::{Parts, Spills, WrittenFile, join_parts};
use salanimi_core::LinkKeys;

/// Memory of sorters that get no row, in bytes.
const NO_MEMORY: usize = 0;

/// A linked dataset that many processes write.
pub struct LinkJob {
    contract: Contract,
    paths: LinkPaths,
    unlock: Unlock,
    host: Host,
    strict: bool,
    out: PathBuf,
    parts: Parts,
    begun: BegunLink,
    nonce: Nonce,
    merged: Option<Merged>,
    written: Option<Vec<PartStatement>>,
}

/// What the processes counted that merged the ranges.
#[derive(Default)]
struct Merged {
    account: Account,
    sums: Sums,
    rows: Vec<u64>,
}

impl LinkJob {
    /// Starts a dataset at `out` in so many `parts`, whose inputs are at the same `paths` on every host. With `strict`,
    /// every warning of the link that the contract does not explain stops it.
    ///
    /// # Errors
    /// A delivery is damaged or cannot be opened, the deliveries do not agree, the contract links persons without an
    /// identifier, or the output cannot be written.
    pub fn start(paths: &LinkPaths, out: &Path, parts: Parts, strict: bool, host: Host) -> Result<Self, LinkError> {
        let io = |source| FolderError::Io { path: out.to_owned(), source };
        let paths = paths.absolute().map_err(io)?;
        let out = std::path::absolute(out).map_err(io)?;
        let contract = (host.read_contract)(&paths.contract)?;
        if contract.linkage.is_some() {
            return Err(LinkError::LinkageInParts);
        }
        let unlock = paths.unlock()?;
        let begun = BegunLink::begin(&paths.inputs(&contract, &unlock, (host, strict)), &out)?;
        check_population(&contract, &merge_inputs(&contract, &begun.deliveries)?)?;
        begun.folder.create_inner(JOB_FOLDER)?;
        let nonce = JobKeys::new_nonce()?;
        let job = Self { contract, paths, unlock, host, strict, out, parts, begun, nonce, merged: None, written: None };
        JobFile::write(&job.folder(), (&job.paths, parts), &job.contract, &job.begun.deliveries, &job.keys())?;
        Ok(job)
    }

    /// Returns the contract.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Returns the folder that every process must reach.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.begun.folder.path().join(JOB_FOLDER)
    }

    /// Adds what the processes stated that merged the ranges. Parts can be written after that.
    ///
    /// # Errors
    /// The ranges were added before, a statement is not one of this job, a range is missing or stated twice, or the
    /// folder cannot be written.
    pub fn add_ranges(&mut self, stated: &[Vec<u8>]) -> Result<(), LinkError> {
        if self.merged.is_some() {
            return Err(LinkError::RangesTwice);
        }
        let statements = self.keys().statements();
        let mut ranges: Vec<RangeStatement> = statements.open(RANGES, stated).ok_or(LinkError::NotStatement)?;
        ranges.sort_by_key(|statement| statement.range);
        check_all("range", self.parts, ranges.iter().map(|statement| statement.range))?;
        let mut merged = Merged::default();
        let mut rows = Vec::with_capacity(ranges.len());
        for range in ranges {
            merged.account.add(range.account);
            merged.sums.add(range.sums);
            add_rows(&mut merged.rows, &range.counts);
            rows.push(range.rows);
        }
        for part in 0..self.parts.number() {
            let files: Vec<RowsFile> = rows.iter().map(|file: &RowsFile| file.of_part(part)).collect();
            write_private(&self.folder().join(list_name(part)), &statements.seal(RANGES_READ, &files))?;
        }
        self.merged = Some(merged);
        Ok(())
    }

    /// Adds what the processes stated that wrote the parts.
    ///
    /// # Errors
    /// The ranges were not added, a statement is not one of this job, a part is missing or stated twice, or other rows
    /// were written than merged.
    pub fn add_parts(&mut self, stated: &[Vec<u8>]) -> Result<(), LinkError> {
        let merged = self.merged.as_ref().ok_or(LinkError::NoRanges)?;
        let mut parts: Vec<PartStatement> =
            self.keys().statements().open(PARTS, stated).ok_or(LinkError::NotStatement)?;
        parts.sort_by_key(|statement| statement.part);
        check_all("part", self.parts, parts.iter().map(|statement| statement.part))?;
        let mut written = Vec::new();
        parts.iter().for_each(|statement| add_rows(&mut written, &statement.counts));
        if written != merged.rows {
            return Err(LinkError::OtherParts { written: written.iter().sum(), merged: merged.rows.iter().sum() });
        }
        self.written = Some(parts);
        Ok(())
    }

    /// Joins the parts to a dataset, which is staged; returns its contract too. Files that no statement names are
    /// removed.
    ///
    /// # Errors
    /// Ranges or parts were not added, the counts do not balance, a warning stops the link, or a file cannot be
    /// written.
    pub fn finish(mut self) -> Result<(StagedDataset, Contract), LinkError> {
        let Merged { account, sums, rows } = self.merged.take().ok_or(LinkError::NoRanges)?;
        let parts = self.written.take().ok_or(LinkError::MissingStatements { what: "part" })?;
        let contract = &self.contract;
        let begun = &self.begun;
        let inputs = merge_inputs(contract, &begun.deliveries)?;
        let accounting = begun.accounting(contract, &inputs, &account, None)?;
        let keys = LinkKeys::new(&begun.key, &contract.study.id);
        let folder = begun.folder.path();
        let setup = TablesSetup {
            contract,
            coverage: &begun.coverage,
            inputs: &inputs,
            evidence: None,
            keys: &keys,
            folder,
            spills: Spills::Encrypted,
            memory: NO_MEMORY,
        };
        let FilledTables { tables, .. } = LinkedTables::new(&setup)?.finish();
        let mut entries = Vec::with_capacity(tables.len());
        for (position, FilledTable { table, .. }) in tables.into_iter().enumerate() {
            let files = self.files(&parts, position, &table.file());
            let joined = join_parts(&folder.join(table.file()), &table.fields, &files)?;
            let merged = *rows.get(position).ok_or(LinkError::NotStatement)?;
            if joined.rows != merged {
                return Err(LinkError::Unbalanced { table: table.name, rows: merged, accounted: joined.rows });
            }
            entries.push(table.entry(&joined, &account)?);
        }
        let mut references = ReferenceCounts::default();
        parts.into_iter().for_each(|statement| references.add(statement.references));
        close_job(folder).map_err(|source| FolderError::Io { path: folder.to_owned(), source })?;
        let written = WrittenTables { tables: entries, sums, references: references.found(contract), spilled_bytes: 0 };
        let Self { contract, paths, unlock, host, strict, out, begun, .. } = self;
        let staged = begun.stage(&paths.inputs(&contract, &unlock, (host, strict)), &out, accounting, written)?;
        Ok((staged, contract))
    }

    /// Gives up: removes everything that was written.
    pub fn abandon(self) {
        // What remains is removed with the folder of the output.
        let _ = close_job(self.begun.folder.path());
    }

    /// Returns the files of the parts of the table at `position`, in order.
    fn files(&self, parts: &[PartStatement], position: usize, table: &str) -> Vec<(PathBuf, WrittenFile)> {
        let files = parts.iter().filter_map(|statement| {
            let written = statement.files.get(position)?.clone()?;
            Some((self.folder().join(part_name(table, statement.part, statement.attempt)), written))
        });
        files.collect()
    }

    fn keys(&self) -> JobKeys<'_> {
        JobKeys::new(&self.begun.key, &self.contract, self.nonce)
    }
}

/// Checks that every number up to that of the parts was stated once, in order.
fn check_all(what: &'static str, parts: Parts, stated: impl Iterator<Item = usize>) -> Result<(), LinkError> {
    if stated.eq(0..parts.number()) { Ok(()) } else { Err(LinkError::MissingStatements { what }) }
}
