//! A real run: every table sorted and written, then the account and the manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::account::DeliveryAccount;
use super::codeless::{Codeless, LinkageRows, survey, write_tokens};
use super::division::Division;
use super::error::ExtractError;
use super::people::Stratum;
use super::prepare::{DEFAULT_MEMORY, Inputs, Mode, Prepared};
use super::tally::Tally;
use super::written::{Written, table_name};
use crate::audit::CommandRecord;
use crate::crypto::{DataKey, Digest, read_key};
use crate::exchange::{Account, DeliveryBuilder, LINKAGE, LINKAGE_FILE, LinkageEntry, Lists, Manifest};
use crate::progress::Progress;
use crate::table::{Parts, SortedTable, Sorter};
use salanimi_core::{Id, Key, KeyId, LinkageHashes, ProjectKey, ProjectKeys};

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

impl Extracted {
    /// Records the counts and digests for an audit log.
    pub fn record(&self, act: &mut CommandRecord) {
        let manifest = &self.manifest;
        act.key_id = Some(manifest.key_id);
        act.signed_by = self.signed_by;
        act.digest("manifest", self.digest);
        act.count("delivery", manifest.delivery.number.into());
        for table in &self.account.tables {
            let counts = [
                ("records", table.records),
                ("rows", table.rows),
                ("persons", table.persons),
                ("left out", table.filtered.total()),
                ("rejected", table.rejected_total()),
            ];
            counts.iter().for_each(|(what, count)| act.count(format!("{}: {what}", table.name), *count));
        }
        let Lists { cohort, exclude, protect } = &self.account.lists;
        for (name, list) in [("cohort", cohort), ("exclude", exclude), ("protect", protect)] {
            list.iter().for_each(|list| act.count(format!("{name} list: persons"), list.listed));
        }
    }
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
    let mut account = DeliveryAccount::new(output.ledger, output.strict)?;
    let keys = ProjectKeys::new(&key, study);
    let data_key = if output.unsealed { None } else { Some(DataKey::generate()?) };
    let mut builder = DeliveryBuilder::start(output.delivery, contract, data_key, signatory)?;
    progress.begin("extract", prepared.source_bytes());
    let linkage = Linkage::begin(&prepared, &keys, output.memory, builder.path())?;
    let memory = if linkage.is_some() { output.memory - output.memory / LINKAGE_SHARE } else { output.memory };
    let mut spilled_bytes = 0;
    for table in prepared.tables() {
        let sorter = Sorter::new(&contract.tables[table].fields, memory, builder.path())?;
        let (tally, sorted) = sort(&prepared, table, &keys, linkage.as_ref(), sorter, progress)?;
        spilled_bytes += sorted.spilled_bytes();
        account.read(&prepared, table, tally, prepared.file_names(table))?;
        let division = Division::new(&builder, output.parts, &contract.tables[table].name, sorted.rows())?;
        let written = Written::write(&prepared, &builder, &division, table, &sorted)?;
        account.written(&prepared, written, &mut builder)?;
    }
    account.check_warnings()?;
    let linkage = match linkage {
        Some(linkage) => Some(linkage.write(&prepared, &keys, output.memory, &mut builder)?),
        None => None,
    };
    let finished = account.finish(&prepared, &keys, key.id(study), linkage, builder)?;
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

/// Reads, pseudonymises and sorts the table at `position`.
fn sort(
    prepared: &Prepared,
    position: usize,
    keys: &ProjectKeys<'_>,
    linkage: Option<&Linkage>,
    sorter: Sorter,
    progress: &dyn Progress,
) -> Result<(Tally, SortedTable), ExtractError> {
    let mode = Mode::Pseudonymise(keys, linkage.map(|linkage| &linkage.codeless));
    let tally = prepared.run(position, mode, progress, |columns, rows| {
        linkage.map_or(Ok(()), |linkage| linkage.rows.push(rows))?;
        sorter.push(columns)
    })?;
    Ok((tally, sorter.finish()?))
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
