//! A real run: every table sorted and written, then the account and the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef};
use arrow::compute::filter;
use arrow::error::ArrowError;

use super::codeless::{Codeless, LinkageRows, survey, write_tokens};
use super::division::Division;
use super::error::ExtractError;
use super::ledger::{self, LedgerProblem, Section};
use super::people::Stratum;
use super::prepare::{DEFAULT_MEMORY, Inputs, Mode, Prepared};
use super::tally::Tally;
use super::warnings::measured;
use crate::config::{Duplicates, Table};
use crate::crypto::{Digest, TableName, read_key};
use crate::exchange::{
    Account, ColumnEntry, DeliveryBuilder, Filtered, LINKAGE, LINKAGE_FILE, LinkageEntry, LinkageStatement,
    MAX_PERSON_ROWS, Manifest, OldCodesEntry, Sealing, TableEntry, judged, reasons_to_stop, tool,
};
use crate::progress::Progress;
use crate::table::{Parts, SortedTable, Sorter, StoreError, WrittenParts, first_of_each, keys, write_parts};
use salanimi_core::{Canary, Id, Key, KeyId, LinkageHashes, ProjectKey, ProjectKeys, Reason, SCHEME, linkage_canaries};

/// Part of the memory, as a divisor, for what linkage reads while the tables are sorted.
const LINKAGE_SHARE: usize = 4;

/// A delivery that was written.
#[derive(Debug)]
#[non_exhaustive]
pub struct Extracted {
    /// Folder of the delivery.
    pub path: PathBuf,
    /// Manifest of the delivery.
    pub manifest: Manifest,
    /// Account of every record that was read.
    pub account: Account,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// Public name of the key that signed it, if it is signed.
    pub signed_by: Option<KeyId>,
    /// Path of the rejects ledger.
    pub ledger: PathBuf,
    /// Number of bytes that were spilled to disk.
    pub spilled_bytes: u64,
    /// By table, the columns that linkage without identifiers reads and some source does not have.
    pub unread: BTreeMap<Id, Vec<String>>,
}

/// Output of an extract: its places and its options.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// Folder of the delivery. It must not exist.
    pub delivery: &'a Path,
    /// Path of the rejects ledger. It is written even if the delivery is not, and replaces an earlier ledger.
    pub ledger: &'a Path,
    /// Approximate memory for rows that wait to be written, in bytes.
    pub memory: usize,
    /// Number of parts of each table.
    pub parts: Parts,
    /// Leaves the delivery unsealed, even if the contract names recipients.
    pub unsealed: bool,
    /// Stops on every warning that the contract does not explain.
    pub strict: bool,
}

impl<'a> Output<'a> {
    /// Returns the output of a sealed delivery with the default memory, [`DEFAULT_MEMORY`].
    #[must_use]
    pub fn new(delivery: &'a Path, ledger: &'a Path) -> Self {
        Self { delivery, ledger, memory: DEFAULT_MEMORY, parts: Parts::ONE, unsealed: false, strict: false }
    }
}

/// Makes a delivery from `inputs` under the project key in the file `project_key`. Seals it to the contract's
/// recipients, and signs it if the contract lists a signing key of the holder.
///
/// # Errors
/// An input is invalid, a key has expired, too many records are rejected, or the output cannot be written. No delivery
/// is then at its place.
pub fn extract(
    inputs: &Inputs,
    project_key: &Path,
    output: &Output<'_>,
    progress: &dyn Progress,
) -> Result<Extracted, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    prepared.holder.check_decided(&inputs.holder)?;
    let contract = &prepared.contract;
    let study = &contract.study.id;
    let key: ProjectKey = read_key(project_key, study, &inputs.unlock, inputs.today)?;
    let signatory = prepared.signatory(inputs)?;
    ledger::check_place(output.ledger).map_err(|problem| ledger_error(output.ledger, problem))?;
    let keys = ProjectKeys::new(&key, study);
    let mut builder = DeliveryBuilder::start(output.delivery, contract, output.unsealed, signatory)?;
    progress.begin("extract", prepared.source_bytes());
    let linkage = Linkage::begin(&prepared, &keys, output.memory, builder.path())?;
    let memory = if linkage.is_some() { output.memory - output.memory / LINKAGE_SHARE } else { output.memory };
    let mut entries = Vec::new();
    let mut tallies = Vec::new();
    let mut warnings = Vec::new();
    let mut spilled_bytes = 0;
    for table in prepared.tables() {
        let linkage = linkage.as_ref();
        let parts = output.parts;
        let run = Run { prepared: &prepared, keys: &keys, builder: &builder, memory, parts, linkage, progress };
        let (tally, sorted) = run.sort(table)?;
        spilled_bytes += sorted.spilled_bytes();
        tallies.push((table, tally));
        write_ledger(&prepared, output.ledger, &tallies)?;
        let tally = &tallies[tallies.len() - 1].1;
        prepared.check_rejects(table, tally, Some(output.ledger))?;
        let (entry, files) = run.write(table, tally, &sorted)?;
        files.into_iter().for_each(|(file, digest)| builder.add(&file, digest));
        let measured = measured(&prepared, table, tally, Some(entry.filtered.duplicate));
        warnings.extend(judged(measured, &contract.warnings, output.strict));
        entries.push(entry);
    }
    if let Some(reasons) = reasons_to_stop(&warnings) {
        return Err(ExtractError::Stopped { reasons });
    }
    let manifest = manifest(&prepared, &keys, key.id(study));
    let linkage = match linkage {
        Some(linkage) => Some(linkage.write(&prepared, &keys, output.memory, &mut builder)?),
        None => None,
    };
    let finished = builder.finish(manifest, Account { linkage, warnings, ..account(&prepared, &keys, entries) })?;
    Ok(Extracted {
        path: output.delivery.to_owned(),
        manifest: finished.manifest,
        account: finished.account,
        digest: finished.digest,
        signed_by: finished.signed_by,
        ledger: output.ledger.to_owned(),
        spilled_bytes,
        unread: unread(&prepared),
    })
}

fn unread(prepared: &Prepared) -> BTreeMap<Id, Vec<String>> {
    let tables = prepared.tables().into_iter();
    let unread = tables.map(|at| (prepared.contract.tables[at].name.clone(), prepared.unread_by_linkage(at)));
    unread.filter(|(_, columns)| !columns.is_empty()).collect()
}

/// Extract of the tables, one after another.
struct Run<'a> {
    prepared: &'a Prepared,
    keys: &'a ProjectKeys<'a>,
    builder: &'a DeliveryBuilder,
    memory: usize,
    parts: Parts,
    linkage: Option<&'a Linkage>,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    /// Reads, pseudonymises and sorts the table at `position`.
    fn sort(&self, position: usize) -> Result<(Tally, SortedTable), ExtractError> {
        let fields = &self.prepared.contract.tables[position].fields;
        let sorter = Sorter::new(fields, self.memory, self.builder.path())?;
        let mode = Mode::Pseudonymise(self.keys, self.linkage.map(|linkage| &linkage.codeless));
        let tally = self.prepared.run(position, mode, self.progress, |columns, rows| {
            self.linkage.map_or(Ok(()), |linkage| linkage.rows.push(rows))?;
            sorter.push(columns)
        })?;
        Ok((tally, sorter.finish()?))
    }

    /// Writes the table. Returns its entry and the digests of its files.
    fn write(
        &self,
        position: usize,
        tally: &Tally,
        sorted: &SortedTable,
    ) -> Result<(TableEntry, Vec<(String, Digest)>), ExtractError> {
        let table = &self.prepared.contract.tables[position];
        let seal = |file: &str| self.builder.table_seal(&table_name(self.prepared, &table.name, file));
        let division = Division::new(self.builder, self.parts, &table.name, sorted)?;
        let path = self.builder.path();
        let files = division.files(path, seal);
        let repeats = AtomicU64::new(0);
        let persons = AtomicU64::new(0);
        let written = write_parts(&files, &table.fields, |ranges| -> Result<_, ExtractError> {
            let columns = sorted.load(ranges)?;
            let rows = columns[0].len();
            let columns = without_repeats(table, columns).map_err(|e| StoreError::encode(path, &e))?;
            repeats.fetch_add((rows - columns[0].len()) as u64, Ordering::Relaxed);
            let rows_of_persons = rows_of_persons(&columns[0]);
            if rows_of_persons.iter().any(|&rows| rows > MAX_PERSON_ROWS) {
                return Err(ExtractError::TooManyRows { table: table.name.clone() });
            }
            persons.fetch_add(rows_of_persons.len() as u64, Ordering::Relaxed);
            Ok(columns)
        })?;
        let repeats = repeats.into_inner();
        if table.duplicates == Duplicates::Refuse && repeats > 0 {
            return Err(ExtractError::Duplicates { table: table.name.clone(), repeats });
        }
        let filtered = Filtered { duplicate: repeats, ..tally.filtered };
        let entry = TableEntry {
            name: table.name.clone(),
            file: TableEntry::file_of(&table.name, division.parts),
            parts: division.rows_of_parts(&written.files),
            content_digest: written.content_digest,
            source_rows: tally.source_rows,
            records: tally.records,
            rows: written.files.iter().map(|file| file.rows).sum(),
            filtered,
            rejected: tally.rejected_by_reason(),
            persons: persons.into_inner(),
            temporary_rows: tally.temporary_rows,
            changed_rows: tally.changed_rows,
            without_code: tally.without_code_by_reason(),
            codes_by_client: tally.codes_by_client,
            columns: columns(table, tally, &written),
            dropped: self.dropped(position),
            ignored: self.ignored(position),
        };
        if entry.balances() {
            return Ok((entry, division.digests(&written.files)));
        }
        let accounted = entry.rows + entry.filtered.total() + entry.rejected_total();
        Err(ExtractError::Unbalanced { table: entry.name, records: entry.records, accounted })
    }

    /// Returns the columns of the contract that the sources have and that are not delivered, in the contract's order.
    fn dropped(&self, position: usize) -> Vec<Id> {
        let withheld: BTreeSet<usize> =
            self.prepared.sources(position).flat_map(|source| source.withheld.iter().copied()).collect();
        let columns = &self.prepared.contract.tables[position].columns;
        withheld.into_iter().map(|column| columns[column].name.clone()).collect()
    }

    /// Counts the source columns that are no column of the contract.
    fn ignored(&self, position: usize) -> u64 {
        let ignored: BTreeSet<&String> = self.prepared.sources(position).flat_map(|source| &source.ignored).collect();
        ignored.len() as u64
    }
}

/// Returns the name under which a table is sealed.
fn table_name<'n>(prepared: &'n Prepared, table: &'n Id, file: &'n str) -> TableName<'n> {
    let holder = &prepared.holder;
    TableName { study: &prepared.contract.study.id, holder: &holder.name, number: holder.delivery.number, table, file }
}

/// Persons without an identifier, and what linkage reads of everyone who is delivered.
struct Linkage {
    codeless: Codeless,
    rows: LinkageRows,
}

impl Linkage {
    /// Finds the persons without an identifier; `None` if the contract does not allow linkage without identifiers.
    fn begin(
        prepared: &Prepared,
        keys: &ProjectKeys<'_>,
        memory: usize,
        folder: &Path,
    ) -> Result<Option<Self>, ExtractError> {
        let Some(codeless) = survey(prepared, keys)? else { return Ok(None) };
        Ok(Some(Self { codeless, rows: LinkageRows::new(memory / LINKAGE_SHARE, folder)? }))
    }

    /// Writes the table of tokens.
    fn write(
        self,
        prepared: &Prepared,
        keys: &ProjectKeys<'_>,
        memory: usize,
        builder: &mut DeliveryBuilder,
    ) -> Result<LinkageEntry, ExtractError> {
        let Ok(table) = Id::new(LINKAGE) else { unreachable!("a fixed name of letters") };
        let hashes = LinkageHashes::new(keys, &prepared.holder.name);
        let path = builder.path().join(LINKAGE_FILE);
        let seal = builder.table_seal(&table_name(prepared, &table, LINKAGE_FILE));
        let written = write_tokens(self.rows, &hashes, (memory / 2, builder.path()), &path, seal)?;
        let persons = |stratum| written.persons[&stratum];
        let entry = LinkageEntry {
            content_digest: written.table.content_digest,
            rows: written.table.rows,
            coded: persons(Stratum::Coded),
            codeless: persons(Stratum::Codeless),
            temporary: persons(Stratum::Temporary),
            joined: self.codeless.counts.joined,
            refused: self.codeless.counts.refused,
            like_coded: written.like_coded,
            without_names: written.without_names,
            shared: written.shared,
            filled: written.filled.into_iter().map(|(rule, percent)| (rule.to_owned(), percent)).collect(),
        };
        builder.add(LINKAGE_FILE, written.table.file_digest);
        Ok(entry)
    }
}

fn account(prepared: &Prepared, keys: &ProjectKeys<'_>, tables: Vec<TableEntry>) -> Account {
    let old_codes = prepared.old_codes.iter().map(|(kind, codes)| OldCodesEntry {
        kind: kind.clone(),
        date: prepared.holder.old_codes[kind].date,
        changes: codes.len(),
        commitment: codes.commitment(&keys.old_codes(kind)),
    });
    let lists = prepared.lists.entry();
    Account { old_codes: old_codes.collect(), lists, tables, linkage: None, warnings: Vec::new() }
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

/// Removes rows that repeat a unique key of the table, unless the contract keeps them.
pub(super) fn without_repeats(table: &Table, columns: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, ArrowError> {
    if table.duplicates == Duplicates::Keep {
        return Ok(columns);
    }
    let first = first_of_each(&columns, &table.unique)?;
    if first.true_count() == first.len() {
        return Ok(columns);
    }
    columns.iter().map(|column| filter(column, &first)).collect()
}

/// Counts the rows of each person in a sorted column of pseudonyms. The rows of a person are in one row group.
fn rows_of_persons(sorted: &ArrayRef) -> Vec<usize> {
    keys(sorted).chunk_by(|a, b| a == b).map(<[u128]>::len).collect()
}

/// Returns the entries of the delivered columns: the pseudonym, then the others.
fn columns(table: &Table, tally: &Tally, written: &WrittenParts) -> Vec<ColumnEntry> {
    let positions = std::iter::once(&table.person).chain(&table.sources);
    let counts = positions.zip(&written.nulls);
    let entries = ColumnEntry::of_table(table).into_iter().zip(counts);
    entries
        .map(|(entry, (&position, &nulls))| ColumnEntry { nulls, emptied: emptied(tally, position), ..entry })
        .collect()
}

/// Counts the cells of a column that were emptied, by reason.
fn emptied(tally: &Tally, position: usize) -> BTreeMap<Reason, u64> {
    match tally.emptied.get(&(position as u32)) {
        Some(reasons) => reasons.clone(),
        None => BTreeMap::new(),
    }
}

/// Writes the rejects of all tables so far.
fn write_ledger(prepared: &Prepared, path: &Path, tallies: &[(usize, Tally)]) -> Result<(), ExtractError> {
    let sections = tallies.iter().map(|(position, tally)| {
        let table = &prepared.contract.tables[*position];
        Section {
            table: table.name.as_str(),
            files: prepared.file_names(*position),
            columns: table.columns.iter().map(|column| column.name.as_str()).collect(),
            rejected: &tally.rejected,
            without_code: &tally.without_code,
        }
    });
    let sections: Vec<Section<'_>> = sections.collect();
    ledger::write(path, &sections).map_err(|problem| ledger_error(path, problem))
}

fn ledger_error(path: &Path, problem: LedgerProblem) -> ExtractError {
    match problem {
        LedgerProblem::Taken => ExtractError::LedgerTaken { path: path.to_owned() },
        LedgerProblem::Io(source) => ExtractError::Ledger { path: path.to_owned(), source },
    }
}
