//! Inputs of an extract: reading and checking them, and running their sources through the pipeline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use arrow::array::ArrayRef;

use super::batch::{Pipeline, Processed};
use super::codeless::{AddedRows, Codeless, FieldsReader};
use super::coverage::RowCoverage;
use super::error::{ExtractError, ListError, MainReason};
use super::lists::{ListPaths, ListReader, PersonLists};
use super::old_codes::OldCodes;
use super::people::{People, PersonReplacement};
use super::profile::ProfileLayout;
use super::selection::CohortSelection;
use super::sources::{check_types, open};
use super::tally::Tally;
use crate::config::{Column, Content, Contract, Format, Holder, LinkageColumns, OwnOrganisers, Source, Table};
use crate::crypto::{Signatory, Unlock};
use crate::exchange::{SigningError, signatory};
use crate::progress::Progress;
use crate::shared::Shared;
use crate::table::{SourceBatch, SourceError, StoreError};
use salanimi_core::{
    Day, Days, Id, PersonScope, ProjectKeys, Pseudonymiser, Reason, ReferencePseudonymiser, Syntax, TextSyntax,
};

/// Default memory for rows that wait to be written, in bytes: 1 GiB.
pub const DEFAULT_MEMORY: usize = 1 << 30;

/// Inputs of an extract, a dry run, a cohort list or a check.
pub struct Inputs {
    /// Contract of the study.
    pub contract: Arc<Contract>,
    /// Path of the holder file. Source paths in it are relative to its folder.
    pub holder: PathBuf,
    /// Person lists.
    pub lists: ListPaths,
    /// Secrets that open encrypted lists and keys.
    pub unlock: Unlock,
    /// Path of the holder's signing key, needed if the contract lists its public half.
    pub signing_key: Option<PathBuf>,
    /// Day on which keys are used. A key that has expired by this day is refused.
    pub today: Day,
}

impl Inputs {
    /// Returns inputs without lists, without a signing key and with unprotected keys.
    #[must_use]
    pub fn new(contract: Arc<Contract>, holder: impl Into<PathBuf>, today: Day) -> Self {
        Self {
            contract,
            holder: holder.into(),
            lists: ListPaths::default(),
            unlock: Unlock::default(),
            signing_key: None,
            today,
        }
    }
}

/// Visitor of batches, with the file, the source, and the reader of names if linkage reads the source.
pub(super) type BatchVisitor<'v> =
    dyn Fn(&Path, &Source, Option<&FieldsReader<'_>>, SourceBatch) -> Result<(), ExtractError> + Sync + 'v;

/// Mode of a run: the replacement of persons and references.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    /// Replaces nothing, because there is no key. Persons without an identifier are as a survey found them.
    DryRun(Option<&'a Codeless>),
    /// Replaces persons and references by pseudonyms, those without an identifier as a survey found them.
    Pseudonymise(&'a ProjectKeys<'a>, Option<&'a Codeless>),
    /// Replaces persons by numbers, for a cohort list.
    Select(&'a CohortSelection),
}

/// Inputs that were read and checked.
pub(super) struct Prepared {
    pub(super) contract: Arc<Contract>,
    pub(super) holder: Holder,
    /// Tables of changed identifiers, by kind.
    pub(super) old_codes: BTreeMap<Id, OldCodes>,
    pub(super) lists: PersonLists,
}

/// Lists for tables to which no list applies.
static NO_LISTS: LazyLock<PersonLists> = LazyLock::new(PersonLists::default);
/// Changed identifiers for kinds that have none.
static NO_OLD_CODES: LazyLock<OldCodes> = LazyLock::new(OldCodes::default);

impl Prepared {
    /// Reads and checks `inputs`.
    pub(super) fn read(inputs: &Inputs) -> Result<Self, ExtractError> {
        let contract = Arc::clone(&inputs.contract);
        let holder = Holder::read(&inputs.holder, &contract)?;
        let mut old_codes = BTreeMap::new();
        for (kind, config) in &holder.old_codes {
            old_codes.insert(kind.clone(), OldCodes::read(config, &contract.identifiers[kind])?);
        }
        let lists = if inputs.lists.is_empty() {
            PersonLists::default()
        } else {
            let kind = only_kind(&contract, &holder)?;
            let old_codes = old_codes.get(kind).unwrap_or(&NO_OLD_CODES);
            let reader = ListReader { contract: &contract, kind, old_codes, unlock: &inputs.unlock };
            PersonLists::read(&inputs.lists, &reader)?
        };
        if let (Some(list), false) = (&inputs.lists.protect, protects(&contract, &holder)) {
            return Err(ListError::NothingToProtect { path: list.clone() }.into());
        }
        Ok(Self { contract, holder, old_codes, lists })
    }

    /// Returns the signatory of the holder; `None` if the contract requires no signature.
    pub(super) fn signatory(&self, inputs: &Inputs) -> Result<Option<Signatory>, SigningError> {
        let holder = &self.holder.name;
        signatory(&self.contract, holder, inputs.signing_key.as_deref(), &inputs.unlock, inputs.today)
    }

    /// Returns the positions of the tables with sources, in the contract's order.
    pub(super) fn tables(&self) -> Vec<usize> {
        (0..self.contract.tables.len()).filter(|table| self.sources(*table).next().is_some()).collect()
    }

    /// Returns the sources of the table at position `table`.
    pub(super) fn sources(&self, table: usize) -> impl Iterator<Item = &Source> {
        self.holder.sources.iter().filter(move |s| s.table == table)
    }

    /// Returns the names of the table's source files, in the order in which rejected rows count them.
    pub(super) fn file_names(&self, table: usize) -> Vec<String> {
        self.sources(table).flat_map(|source| &source.files).map(|path| file_name(path)).collect()
    }

    /// Returns the size of all source files in bytes, for progress.
    pub(super) fn source_bytes(&self) -> u64 {
        let files = self.holder.sources.iter().flat_map(|s| &s.files);
        files.filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum()
    }

    /// Passes every batch of the table at `position` to `visit`, with its file, its source and the reader of its names.
    pub(super) fn for_each_batch(&self, position: usize, visit: &BatchVisitor<'_>) -> Result<(), ExtractError> {
        let table = &self.contract.tables[position];
        for source in self.sources(position) {
            let converters = Pipeline::converters(table, source);
            let reader = FieldsReader::new(table, source, &self.holder.fillers);
            for path in &source.files {
                open(path, source, &converters)?.for_each(|batch| visit(path, source, reader.as_ref(), batch))?;
            }
        }
        Ok(())
    }

    /// Runs every batch of the table at `position` through the pipeline. Passes to `sink` the delivered columns, and
    /// what linkage reads.
    pub(super) fn run(
        &self,
        position: usize,
        mode: Mode<'_>,
        progress: &dyn Progress,
        sink: impl Fn(&[ArrayRef], AddedRows) -> Result<(), StoreError> + Sync + Send,
    ) -> Result<Tally, ExtractError> {
        let table = &self.contract.tables[position];
        let people = self.people(table, mode);
        let references = references(table, mode);
        let profile = self.profile_layout(position);
        let tally: Shared<Tally> = Shared::default();
        let mut number = 0;
        for source in self.sources(position) {
            let pipeline = self.pipeline(source, &people, &references, &profile, codeless(mode));
            for path in &source.files {
                let file = open(path, source, &pipeline.converters)?;
                file.for_each(|batch| -> Result<(), ExtractError> {
                    check_types(path, table, source, &pipeline.converters, &batch)?;
                    progress.advance(batch.bytes);
                    let processed = pipeline.process(number, batch);
                    let processed = processed.map_err(|_| SourceError::Decode { path: path.clone() })?;
                    tally.lock().add(processed.tally);
                    Ok(sink(&processed.columns, processed.linkage)?)
                })?;
                number += 1;
            }
        }
        let mut tally = tally.into_inner();
        tally.rejected.sort_unstable();
        Ok(tally)
    }

    /// Returns the position of the table `name`, which must have a source.
    pub(super) fn table_named(&self, name: &Id) -> Result<usize, ExtractError> {
        let found = self.tables().into_iter().find(|table| self.contract.tables[*table].name == *name);
        found.ok_or_else(|| ExtractError::NoTable { table: name.clone() })
    }

    /// Refuses a table that linkage without identifiers reads, which needs all rows at once.
    pub(super) fn check_batches(&self, position: usize) -> Result<(), ExtractError> {
        let table = &self.contract.tables[position];
        match table.linkage {
            None => Ok(()),
            Some(_) => Err(ExtractError::LinkageInBatches { table: table.name.clone() }),
        }
    }

    /// Refuses a table whose sources are not in Parquet.
    pub(super) fn check_parquet(&self, position: usize) -> Result<(), ExtractError> {
        match self.sources(position).all(|source| matches!(source.format, Format::Parquet)) {
            true => Ok(()),
            false => Err(ExtractError::NotParquet { table: self.contract.tables[position].name.clone() }),
        }
    }

    /// Runs one batch of `source`. `file` is the number of its file, and the path that messages name.
    pub(super) fn batch(
        &self,
        source: &Source,
        mode: Mode<'_>,
        (file, path): (u32, &Path),
        batch: SourceBatch,
    ) -> Result<Processed, ExtractError> {
        let table = &self.contract.tables[source.table];
        let people = self.people(table, mode);
        let references = references(table, mode);
        let profile = self.profile_layout(source.table);
        let pipeline = self.pipeline(source, &people, &references, &profile, codeless(mode));
        check_types(path, table, source, &pipeline.converters, &batch)?;
        Ok(pipeline.process(file, batch).map_err(|_| SourceError::Decode { path: path.to_owned() })?)
    }

    /// Returns the reader of the person column of `table`.
    pub(super) fn people<'a>(&'a self, table: &Table, mode: Mode<'a>) -> People<'a> {
        let kind = table.kind();
        let syntax = &self.contract.identifiers[kind];
        People {
            syntax,
            old_codes: self.old_codes.get(kind).unwrap_or(&NO_OLD_CODES),
            lists: if self.only_kind().is_ok_and(|only| only == kind) { &self.lists } else { &NO_LISTS },
            replacement: match mode {
                Mode::DryRun(_) => PersonReplacement::None,
                Mode::Pseudonymise(keys, _) => {
                    let scope = PersonScope { kind, holder: &self.holder.name };
                    PersonReplacement::Pseudonyms(Box::new(Pseudonymiser::new(keys, scope, syntax.clone())))
                }
                Mode::Select(selection) => PersonReplacement::Numbers(selection),
            },
            codeless_in_cohort: self.contract.linkage.as_ref().is_some_and(|linkage| linkage.with_cohorts),
        }
    }

    /// Returns the kind of identifier that all of the holder's tables share.
    pub(super) fn only_kind(&self) -> Result<&Id, ExtractError> {
        only_kind(&self.contract, &self.holder)
    }

    /// Returns the number of rejected records. Refuses a table with too large a share of them: its source or the holder
    /// file is then wrong. The error names the `ledger`, if one is written.
    pub(super) fn check_rejects(
        &self,
        table: usize,
        tally: &Tally,
        ledger: Option<&Path>,
    ) -> Result<u64, ExtractError> {
        let rejected = tally.rejected.len() as u64;
        let records = tally.records;
        let columns = &self.contract.tables[table].columns;
        let table = self.contract.tables[table].name.clone();
        let share = self.contract.limits.max_reject_share;
        if tally.has_too_many_rejects(share) {
            let most = share * 100.0;
            let main = main_reason(columns, tally);
            return Err(match ledger {
                Some(ledger) => {
                    ExtractError::TooManyRejects { table, rejected, records, most, main, ledger: ledger.to_owned() }
                }
                None => ExtractError::TooManyRejectsForList { table, rejected, records, most, main },
            });
        }
        if records == 0 { Err(ExtractError::NothingRead { table }) } else { Ok(rejected) }
    }

    fn pipeline<'a>(
        &'a self,
        source: &'a Source,
        people: &'a People<'a>,
        references: &'a [Option<ReferencePseudonymiser>],
        profile: &'a ProfileLayout,
        codeless: Option<&'a Codeless>,
    ) -> Pipeline<'a> {
        let table = &self.contract.tables[source.table];
        let converters = Pipeline::converters(table, source);
        let organisers = self.organisers(source.table);
        let fields = codeless.and_then(|_| FieldsReader::new(table, source, &self.holder.fillers));
        Pipeline {
            table,
            source,
            people,
            references,
            window: self.window(),
            organisers,
            profile,
            converters,
            fields,
            codeless,
        }
    }

    /// Returns the columns that linkage without identifiers reads and some source of the table does not have.
    pub(super) fn unread_by_linkage(&self, table: usize) -> Vec<String> {
        let read = self.contract.tables[table].linkage.map_or_else(Vec::new, LinkageColumns::positions);
        let is_unread = |at: &usize| self.sources(table).any(|source| !source.withheld.contains(at));
        let columns = &self.contract.tables[table].columns;
        read.into_iter().filter(is_unread).map(|at| columns[at].name.to_string()).collect()
    }

    /// Returns the layout of the profile of the table at position `table`.
    pub(super) fn profile_layout(&self, table: usize) -> ProfileLayout {
        let coverage = RowCoverage::new(&self.contract, table, &self.holder.coverage);
        ProfileLayout::new(&self.contract.tables[table], self.window(), coverage)
    }

    /// Returns the column of the table that names the organiser, and the organisers that the holder may speak for.
    /// Returns `None` if the contract names no such column, or lists no holders.
    fn organisers(&self, table: usize) -> Option<(usize, OwnOrganisers)> {
        let field = self.contract.organisers[table]?;
        let own = self.contract.authority(&self.holder.name).own_organisers(table)?;
        // The fields after the pseudonym have the source columns.
        Some((self.contract.tables[table].sources[field - 1], own))
    }

    /// Returns the days that are delivered: the delivery's period within the observation window.
    fn window(&self) -> Days {
        self.contract.study.window.intersection(self.holder.delivery.period)
    }

    /// Returns every kind and label of the contract with the syntax of its identifiers.
    pub(super) fn canary_subjects(&self) -> Vec<(&Id, Syntax)> {
        let kinds = self.contract.identifiers.iter().map(|(kind, syntax)| (kind, syntax.clone()));
        let labels = self.contract.labels().into_iter();
        kinds.chain(labels.map(|label| (label, Syntax::Text(TextSyntax::unrestricted())))).collect()
    }
}

/// Returns the reason and column for which most records of a table were rejected.
fn main_reason(columns: &[Column], tally: &Tally) -> MainReason {
    let mut counts: BTreeMap<(Reason, Option<u32>), u64> = BTreeMap::new();
    for rejected in &tally.rejected {
        *counts.entry((rejected.reason, rejected.column)).or_default() += 1;
    }
    let Some((&(reason, column), &records)) = counts.iter().max_by_key(|(_, records)| **records) else {
        unreachable!("too many records are at least one")
    };
    MainReason { records, reason, column: column.map(|column| columns[column as usize].name.clone()) }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Returns the kind of identifier that all of the holder's tables share.
fn only_kind<'a>(contract: &'a Contract, holder: &Holder) -> Result<&'a Id, ExtractError> {
    let mut kinds = holder.sources.iter().map(|s| contract.tables[s.table].kind());
    let first = kinds.next().ok_or(ExtractError::SeveralKinds)?;
    if kinds.all(|kind| kind == first) { Ok(first) } else { Err(ExtractError::SeveralKinds) }
}

/// Returns the persons without an identifier who may be kept.
fn codeless(mode: Mode<'_>) -> Option<&Codeless> {
    match mode {
        Mode::DryRun(codeless) | Mode::Pseudonymise(_, codeless) => codeless,
        Mode::Select(_) => None,
    }
}

/// Returns the pseudonymisers of the reference columns, by contract column.
fn references(table: &Table, mode: Mode<'_>) -> Vec<Option<ReferencePseudonymiser>> {
    table.columns.iter().map(|column| reference(column, mode)).collect()
}

fn reference(column: &Column, mode: Mode<'_>) -> Option<ReferencePseudonymiser> {
    match (&column.content, mode) {
        (Content::Reference(label, _), Mode::Pseudonymise(keys, _)) => Some(ReferencePseudonymiser::new(keys, label)),
        _ => None,
    }
}
/// Returns true if a delivered table has something that is emptied for protected persons: an area, or tokens.
fn protects(contract: &Contract, holder: &Holder) -> bool {
    let mut tables = holder.sources.iter().map(|source| &contract.tables[source.table]);
    contract.linkage.is_some() || tables.any(|table| table.columns.iter().any(|column| column.area))
}
