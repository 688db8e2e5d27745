//! What a real run and a dry run share: the files read, the tables' sources opened and run through.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef};

use super::batch::Pipeline;
use super::chosen::Chosen;
use super::error::ExtractError;
use super::lists::{ListPaths, PersonLists, Reading};
use super::old_codes::OldCodes;
use super::people::{People, PersonHashes, PersonNames};
use super::tally::Tally;
use crate::config::{Content, Contract, Format, Holder, Origin, Source, Table};
use crate::crypto::{KeyedHash, ProjectKeys, Signatory, Unlock};
use crate::exchange::{SigningError, signatory};
use crate::progress::Progress;
use crate::table::{Converter, SourceBatch, SourceError, SourceFile, StoreError};
use salanimi_core::{Day, Days, Id, Syntax};

/// Memory for rows that wait to be written, when not told: 1 GiB.
pub const DEFAULT_MEMORY: usize = 1 << 30;

/// What an extract is made from.
pub struct Inputs {
    /// The contract.
    pub contract: Arc<Contract>,
    /// The holder file.
    pub holder: PathBuf,
    /// Lists of persons.
    pub lists: ListPaths,
    /// What opens encrypted lists and keys.
    pub unlock: Unlock,
    /// The file of the holder's signing key, needed where the contract lists one.
    pub signing_key: Option<PathBuf>,
    /// The day on which keys are used.
    pub today: Day,
}

/// What stands for persons, and references, in a run.
#[derive(Clone, Copy)]
pub(super) enum Naming<'a> {
    /// Nothing: a dry run.
    Nothing,
    /// Pseudonyms.
    Keys(&'a ProjectKeys<'a>),
    /// Numbers for persons, nothing for references: a list of chosen persons.
    Numbers(&'a Chosen),
}

/// The inputs, read and checked.
pub(super) struct Prepared {
    pub(super) contract: Arc<Contract>,
    pub(super) holder: Holder,
    pub(super) old_codes: BTreeMap<Id, OldCodes>,
    pub(super) lists: PersonLists,
}

/// For tables to which no list, or no table of changed identifiers, applies.
static NO_LISTS: std::sync::LazyLock<PersonLists> = std::sync::LazyLock::new(PersonLists::default);
static NO_OLD_CODES: std::sync::LazyLock<OldCodes> = std::sync::LazyLock::new(OldCodes::default);

impl Prepared {
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
            let changes = old_codes.get(kind).unwrap_or(&NO_OLD_CODES);
            let reading = Reading { contract: &contract, kind, old_codes: changes, unlock: &inputs.unlock };
            PersonLists::read(&inputs.lists, &reading)?
        };
        Ok(Self { contract, holder, old_codes, lists })
    }

    /// Who signs what the holder hands over.
    pub(super) fn signatory(&self, inputs: &Inputs) -> Result<Option<Signatory>, SigningError> {
        let (contract, holder) = (&self.contract, &self.holder.name);
        signatory(contract, holder, inputs.signing_key.as_deref(), &inputs.unlock, inputs.today)
    }

    /// Positions of the tables that the holder has sources for, in the contract's order.
    pub(super) fn tables(&self) -> Vec<usize> {
        let has = |table: &usize| self.holder.sources.iter().any(|s| s.table == *table);
        (0..self.contract.tables.len()).filter(has).collect()
    }

    /// The sources of the table at `table`.
    pub(super) fn sources(&self, table: usize) -> impl Iterator<Item = &Source> {
        self.holder.sources.iter().filter(move |s| s.table == table)
    }

    /// Names of the table's source files, in the order in which rejected rows count them.
    pub(super) fn file_names(&self, table: usize) -> Vec<String> {
        let name = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.sources(table).flat_map(|s| &s.files).map(name).collect()
    }

    /// Bytes of all source files.
    pub(super) fn source_bytes(&self) -> u64 {
        let files = self.holder.sources.iter().flat_map(|s| &s.files);
        files.filter_map(|f| std::fs::metadata(f).ok()).map(|m| m.len()).sum()
    }

    /// Runs every batch of the table at `position` through the pipeline; `sink` gets the delivered columns.
    pub(super) fn run(
        &self,
        position: usize,
        naming: Naming<'_>,
        progress: &dyn Progress,
        sink: impl Fn(&[ArrayRef]) -> Result<(), StoreError> + Sync + Send,
    ) -> Result<Tally, ExtractError> {
        let table = &self.contract.tables[position];
        let people = self.people(table, naming);
        let references = references(table, naming);
        let tally = Mutex::new(Tally::default());
        let mut number = 0;
        for source in self.sources(position) {
            let pipeline = self.pipeline(table, source, &people, &references);
            for path in &source.files {
                let file = open(path, source, &pipeline.converters)?;
                file.for_each(|batch| -> Result<(), ExtractError> {
                    check_types(path, table, source, &pipeline.converters, &batch)?;
                    progress.advance(batch.bytes);
                    let fault = |_| SourceError::Decode { path: path.clone() };
                    let (columns, counts) = pipeline.process(number, batch).map_err(fault)?;
                    tally.lock().unwrap_or_else(PoisonError::into_inner).add(counts);
                    Ok(sink(&columns)?)
                })?;
                number += 1;
            }
        }
        let mut tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        tally.rejected.sort_unstable();
        Ok(tally)
    }

    fn people<'a>(&'a self, table: &Table, naming: Naming<'a>) -> People<'a> {
        let kind = table.kind();
        let listed = if self.only_kind().is_ok_and(|only| only == kind) { &self.lists } else { &NO_LISTS };
        People {
            syntax: &self.contract.identifiers[kind],
            old_codes: self.old_codes.get(kind).unwrap_or(&NO_OLD_CODES),
            lists: listed,
            names: match naming {
                Naming::Nothing => PersonNames::Nothing,
                Naming::Keys(keys) => PersonNames::Hashes(Box::new(PersonHashes::new(keys, kind, &self.holder.name))),
                Naming::Numbers(chosen) => PersonNames::Numbers(chosen),
            },
        }
    }

    /// The kind of identifier that all of the holder's tables share.
    pub(super) fn only_kind(&self) -> Result<&Id, ExtractError> {
        only_kind(&self.contract, &self.holder)
    }

    /// Refuses a table of which too large a share was rejected, because something is then wrong with the source or the
    /// holder file; returns how many were. The rows are in `ledger`, if one is written.
    pub(super) fn check_rejects(
        &self,
        table: usize,
        tally: &Tally,
        ledger: Option<&Path>,
    ) -> Result<u64, ExtractError> {
        let (rejected, records) = (tally.rejected.len() as u64, tally.records);
        let (table, share) = (self.contract.tables[table].name.clone(), self.contract.limits.max_reject_share);
        if tally.has_too_many_rejects(share) {
            let most = share * 100.0;
            return Err(match ledger {
                Some(ledger) => {
                    ExtractError::TooManyRejects { table, rejected, records, most, ledger: ledger.to_owned() }
                }
                None => ExtractError::TooManyRejectsForList { table, rejected, records, most },
            });
        }
        if records == 0 { Err(ExtractError::NothingRead { table }) } else { Ok(rejected) }
    }

    fn pipeline<'a>(
        &'a self,
        table: &'a Table,
        source: &'a Source,
        people: &'a People<'a>,
        references: &'a [Option<KeyedHash>],
    ) -> Pipeline<'a> {
        let window = self.window();
        let converters = Pipeline::converters(table, source);
        Pipeline { table, source, people, references, window, converters }
    }

    /// The days that are delivered: those of the delivery's period that lie in the study's window.
    fn window(&self) -> Days {
        self.contract.study.window.intersection(self.holder.delivery.period)
    }

    /// Every kind and label of the contract with the syntax of its identifiers.
    pub(super) fn canary_subjects(&self) -> Vec<(&Id, Syntax)> {
        let kinds = self.contract.identifiers.iter().map(|(kind, syntax)| (kind, syntax.clone()));
        let text = || Syntax::Text(salanimi_core::TextSyntax::unrestricted());
        kinds.chain(self.contract.labels().into_iter().map(|label| (label, text()))).collect()
    }
}

/// The kind of identifier that all of the holder's tables share.
fn only_kind<'a>(contract: &'a Contract, holder: &Holder) -> Result<&'a Id, ExtractError> {
    let mut kinds = holder.sources.iter().map(|s| contract.tables[s.table].kind());
    let first = kinds.next().ok_or(ExtractError::SeveralKinds)?;
    if kinds.all(|kind| kind == first) { Ok(first) } else { Err(ExtractError::SeveralKinds) }
}

fn references(table: &Table, naming: Naming<'_>) -> Vec<Option<KeyedHash>> {
    let hash = |column: &crate::config::Column| match (&column.content, naming) {
        (Content::Reference(label, _), Naming::Keys(keys)) => Some(keys.reference(label)),
        _ => None,
    };
    table.columns.iter().map(hash).collect()
}

fn open(path: &Path, source: &Source, converters: &[Option<Converter<'_>>]) -> Result<SourceFile, SourceError> {
    match &source.format {
        Format::Csv(format) => SourceFile::csv(path, format, &source.headers, &source.dropped),
        Format::Parquet => SourceFile::parquet(path, &source.headers, &repetitive(source, converters), &source.dropped),
    }
}

/// For each header that is read, whether its column holds few distinct texts.
fn repetitive(source: &Source, converters: &[Option<Converter<'_>>]) -> Vec<bool> {
    let mut repetitive = vec![source.reshape.is_some(); source.headers.len()];
    for (origin, converter) in source.origins.iter().zip(converters) {
        if let (Origin::Header(header), Some(converter)) = (origin, converter) {
            repetitive[*header] = converter.repetitive();
        }
    }
    repetitive
}

/// Refuses a source column whose type cannot mean what the contract says.
fn check_types(
    path: &Path,
    table: &Table,
    source: &Source,
    converters: &[Option<Converter<'_>>],
    batch: &SourceBatch,
) -> Result<(), SourceError> {
    for (position, origin) in source.origins.iter().enumerate() {
        let Origin::Header(header) = origin else { continue };
        let found = batch.columns[*header].data_type();
        let (accepted, expected) = match &converters[position] {
            Some(converter) => {
                (converter.accepts(found), table.columns[position].rules().map_or("text", |r| r.value.name()))
            }
            None => (crate::table::is_text(found), "text"),
        };
        if !accepted {
            let (name, found) = (table.columns[position].name.to_string(), found.to_string());
            return Err(SourceError::WrongType { path: path.into(), name, found, expected });
        }
    }
    Ok(())
}
