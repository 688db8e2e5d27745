//! The process that starts a job and makes a delivery of what the others wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::super::account::DeliveryAccount;
use super::super::deliver::{Extracted, Output};
use super::super::division::{Division, file_name};
use super::super::error::ExtractError;
use super::super::written::{Written, table_name};
use super::job_file::{JobFile, JobPaths, Opened};
use super::part::{attempt_name, list_name};
use super::statements::{PartStatement, RowsStatement, about_files, about_parts, about_rows};
use crate::config::Contract;
use crate::exchange::{DeliveryBuilder, Host, JOB_FOLDER, JobFileError, RowsFile, close_job};
use crate::files::write_private;
use crate::table::{ParquetTable, PartFile, Sorter, StoreError, WrittenFile, decode_column};
use salanimi_core::{Id, Key, ProjectKeys};

/// Memory for the rows of a small table that is divided again, in bytes.
const MEMORY: usize = 64 << 20;

/// A delivery that many processes write.
pub struct ExtractJob {
    opened: Opened,
    builder: DeliveryBuilder,
    account: DeliveryAccount,
    ledger: PathBuf,
    /// Tables that were added.
    added: Vec<usize>,
    /// What was read of a table whose parts were not added yet.
    read: Option<RowsStatement>,
}

/// A table of a job.
#[derive(Debug, Clone)]
pub struct JobTable {
    /// Its name.
    pub name: Id,
    /// Its sources, in the order of the holder file.
    pub sources: Vec<JobSource>,
}

/// A source of a table.
#[derive(Debug, Clone)]
pub struct JobSource {
    /// Names of the columns that are read.
    pub columns: Vec<String>,
    /// Names of other columns that the source may have.
    pub ignored: Vec<String>,
    /// Paths of the files.
    pub files: Vec<PathBuf>,
}

impl ExtractJob {
    /// Starts a delivery at `output`, whose inputs are at the same `paths` on every host. The signing key is on this
    /// host only.
    ///
    /// # Errors
    /// An input is invalid, a key has expired, or the output cannot be written.
    pub fn start(
        paths: &JobPaths,
        signing_key: Option<PathBuf>,
        output: &Output<'_>,
        host: Host,
    ) -> Result<Self, ExtractError> {
        let paths = paths.absolute().map_err(|source| StoreError::Io { path: paths.contract.clone(), source })?;
        let inputs = paths.inputs(signing_key, host)?;
        let opened = Opened::read(&inputs, &paths.key, output.parts, !output.unsealed, Opened::new_nonce()?)?;
        for table in opened.prepared.tables() {
            opened.prepared.check_batches(table)?;
            opened.prepared.check_parquet(table)?;
        }
        let signatory = opened.prepared.signatory(&inputs)?;
        let account = DeliveryAccount::new(output.ledger, output.strict)?;
        let place = std::path::absolute(output.delivery);
        let place = place.map_err(|source| StoreError::Io { path: output.delivery.to_owned(), source })?;
        let builder = DeliveryBuilder::start(&place, &opened.prepared.contract, opened.data_key(), signatory)?;
        builder.create_inner(JOB_FOLDER)?;
        let job = Self { opened, builder, account, ledger: output.ledger.to_owned(), added: Vec::new(), read: None };
        JobFile::write(&paths, &job.opened, &job.folder())?;
        Ok(job)
    }

    /// Returns the contract.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.opened.prepared.contract
    }

    /// Returns the folder that every process must reach.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.builder.path().join(JOB_FOLDER)
    }

    /// Returns the tables, in the contract's order.
    #[must_use]
    pub fn tables(&self) -> Vec<JobTable> {
        let prepared = &self.opened.prepared;
        let tables = prepared.tables().into_iter().map(|table| JobTable {
            name: prepared.contract.tables[table].name.clone(),
            sources: prepared
                .sources(table)
                .map(|source| JobSource {
                    columns: source.headers.clone(),
                    ignored: source.dropped.clone(),
                    files: source.files.clone(),
                })
                .collect(),
        });
        tables.collect()
    }

    /// Adds what the processes stated that read the rows of a table. Its parts can be written after that. Tables come
    /// in the contract's order.
    ///
    /// # Errors
    /// A statement is not one of this job about this table, one is there twice, or the folder cannot be written.
    pub fn add_rows(&mut self, name: &Id, stated: &[Vec<u8>]) -> Result<(), ExtractError> {
        let table = self.opened.prepared.table_named(name)?;
        let next = self.opened.prepared.tables().get(self.added.len()).copied();
        if next != Some(table) {
            return Err(ExtractError::TableOrder { table: name.clone() });
        }
        if self.read.is_some() {
            return Err(ExtractError::RowsTwice { table: name.clone() });
        }
        let statements = self.opened.statements();
        let read = statements.open(&about_rows(name), stated).ok_or(ExtractError::NotStatement)?;
        let read = RowsStatement::joined(read);
        let distinct: BTreeSet<&str> = read.rows.iter().map(RowsFile::name).collect();
        if distinct.len() != read.rows.len() {
            return Err(ExtractError::StatedTwice { table: name.clone() });
        }
        for part in 0..self.opened.parts.number() {
            let files: Vec<RowsFile> = read.rows.iter().map(|file| file.of_part(part)).collect();
            write_private(&self.folder().join(list_name(name, part)), &statements.seal(&about_files(name), &files))?;
        }
        self.read = Some(read);
        Ok(())
    }

    /// Adds what the processes stated that wrote the parts of the table whose rows were added last.
    ///
    /// # Errors
    /// A statement is not one of this job about this table, a part is missing or stated twice, other rows were written
    /// than read, too many records were rejected, the counts do not balance, or a file cannot be written.
    pub fn add_parts(&mut self, name: &Id, stated: &[Vec<u8>]) -> Result<(), ExtractError> {
        let table = self.opened.prepared.table_named(name)?;
        if self.opened.prepared.tables().get(self.added.len()) != Some(&table) {
            return Err(ExtractError::TableOrder { table: name.clone() });
        }
        let kept = self.read.as_ref().ok_or_else(|| ExtractError::NoRows { table: name.clone() })?.kept;
        let parts = self.opened.statements().open(&about_parts(name), stated);
        let mut parts: Vec<PartStatement> = parts.ok_or(ExtractError::NotStatement)?;
        parts.sort_by_key(|statement| statement.part);
        let written: u64 = parts.iter().map(|statement| statement.rows).sum();
        let is_complete = parts.iter().map(|statement| statement.part).eq(0..self.opened.parts.number());
        if !is_complete || written != kept {
            return Err(ExtractError::MissingParts { table: name.clone(), stated: written, kept });
        }
        let read = self.read.take().ok_or_else(|| ExtractError::NoRows { table: name.clone() })?;
        self.opened.prepared.lists.mark(&read.found).ok_or(ExtractError::NotStatement)?;
        let files = read.files.into_iter().map(|(_, name)| name).collect();
        self.account.read(&self.opened.prepared, table, read.tally, files)?;
        let written = self.written(table, parts)?;
        self.account.written(&self.opened.prepared, written, &mut self.builder)?;
        self.added.push(table);
        Ok(())
    }

    /// Moves the parts of a table into the delivery. A table that is too small for so many parts is divided again.
    fn written(&self, table: usize, statements: Vec<PartStatement>) -> Result<Written, ExtractError> {
        let name = &self.opened.prepared.contract.tables[table].name;
        let parts = self.opened.parts;
        // As in one process, repeats count for the number of parts.
        let rows = statements.iter().map(|statement| statement.rows).sum();
        let repeats = statements.iter().map(|statement| statement.repeats).sum();
        let persons = statements.iter().map(|statement| statement.persons).sum();
        let attempts: Vec<Attempt> = statements.into_iter().filter_map(|one| Attempt::of(name, one)).collect();
        if attempts.is_empty() || Division::parts_of(parts, rows, self.builder.is_sealed()) != parts {
            return Ok(Written { repeats, ..self.divided_again(table, &attempts, rows)? });
        }
        let division = Division::new(&self.builder, parts, name, rows)?;
        for attempt in &attempts {
            let to = self.builder.path().join(division.file_name(attempt.part));
            let moved = std::fs::rename(self.folder().join(&attempt.name), &to);
            moved.map_err(|source| StoreError::Io { path: to, source })?;
        }
        let of_parts = attempts.iter().map(|attempt| (attempt.part, &attempt.written));
        Ok(Written {
            parts,
            rows_of_parts: division.rows_of_parts(of_parts),
            names: attempts.iter().map(|attempt| division.file_name(attempt.part)).collect(),
            persons,
            repeats,
            files: attempts.into_iter().map(|attempt| attempt.written).collect(),
        })
    }

    /// Writes the rows of a small table again, in fewer parts. With repeats, there were `rows` of them.
    fn divided_again(&self, table: usize, attempts: &[Attempt], rows: u64) -> Result<Written, ExtractError> {
        let prepared = &self.opened.prepared;
        let Opened { parts, .. } = self.opened;
        let described = &prepared.contract.tables[table];
        let sorter = Sorter::encrypted(&described.fields, MEMORY, self.builder.path())?;
        let files = attempts.iter().map(|attempt| PartFile {
            part: attempt.part,
            path: self.folder().join(&attempt.name),
            seal: self.builder.table_seal(&table_name(
                prepared,
                &described.name,
                &file_name(&described.name, parts, attempt.part),
            )),
        });
        let files: Vec<PartFile<'_>> = files.collect();
        for batch in ParquetTable::of_parts(parts, &files, &described.fields)?.all_batches() {
            let batch = batch?;
            let columns = batch.columns().iter().zip(&described.fields);
            let columns: Option<Vec<_>> = columns.map(|(column, field)| decode_column(column, &field.value)).collect();
            sorter.push(&columns.ok_or_else(|| JobFileError::not_job(&self.folder()))?)?;
        }
        let division = Division::new(&self.builder, parts, &described.name, rows)?;
        Written::write(prepared, &self.builder, &division, table, &sorter.finish()?)
    }

    /// Finishes the delivery. Files that no statement names are removed.
    ///
    /// # Errors
    /// A table was not added, a warning stops the run, or a file cannot be written.
    pub fn finish(self) -> Result<Extracted, ExtractError> {
        let prepared = &self.opened.prepared;
        if let Some(missing) = prepared.tables().get(self.added.len()) {
            return Err(ExtractError::TableOrder { table: prepared.contract.tables[*missing].name.clone() });
        }
        self.account.check_warnings()?;
        close_job(self.builder.path()).map_err(|source| StoreError::Io { path: self.folder(), source })?;
        let study = &prepared.contract.study.id;
        let keys = ProjectKeys::new(&self.opened.key, study);
        let path = self.builder.target().to_owned();
        let finished = self.account.finish(prepared, &keys, self.opened.key.id(study), None, self.builder)?;
        Ok(Extracted {
            path,
            manifest: finished.manifest,
            account: finished.account,
            digest: finished.digest,
            signed_by: finished.signed_by,
            ledger: self.ledger,
            spilled_bytes: 0,
            unread: BTreeMap::new(),
        })
    }
}

impl ExtractJob {
    /// Gives up: removes everything that was written.
    pub fn abandon(self) {
        // What remains is removed with the builder.
        let _ = close_job(self.builder.path());
    }
}

/// A part that was written.
struct Attempt {
    part: usize,
    /// Name of the file in the job's folder.
    name: String,
    written: WrittenFile,
}

impl Attempt {
    /// Returns the part of a statement; `None` if it has no row.
    fn of(table: &Id, statement: PartStatement) -> Option<Self> {
        let PartStatement { part, attempt, written, .. } = statement;
        Some(Self { part, name: attempt_name(table, part, attempt), written: written? })
    }
}
