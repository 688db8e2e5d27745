//! The link itself: agree, merge, account, write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::account::{Account, CountedInput, CountedPart};
use super::accounting::{accounting, effect};
use super::error::LinkError;
use super::evidence::{MovedRows, find_links, move_rows};
use super::filled::WrittenTables;
use super::merge;
use super::staged::{LinkKeyLock, StagedDataset, Staging};
use super::tables::{LinkedTables, TablesSetup};
use super::warnings::warnings;
use crate::audit::CommandRecord;
use crate::config::{Contract, Coverage};
use crate::crypto::{Unlock, read_key};
use crate::exchange::{
    self, Accounting, ComparablePersons, Delivery, Envelope, EvidenceAccount, History, Imbalance, LINKED_FORMAT,
    LinkedManifest, Manifest, OutputFolder, PERSONS, ReferenceCount, Sealing, Warning, agree, check_statements,
    coverage, omitted_tables, reasons_to_stop, tool,
};
use crate::progress::Progress;
use crate::table::Spills;
use crate::text::rounded_part;
use salanimi_core::{Day, Key, LinkKey, LinkKeys};

/// Inputs of a link.
pub struct Inputs<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// Folders of the deliveries.
    pub deliveries: &'a [PathBuf],
    /// The file of a link key that is kept; without one the key is fresh and forgotten.
    pub link_key: Option<&'a Path>,
    /// Secrets that open sealed deliveries and the link key.
    pub unlock: &'a Unlock,
    /// The day of the run.
    pub today: Day,
    /// Stops on every warning of the link that the contract does not explain.
    pub strict: bool,
}

/// Links deliveries into a dataset that is staged to become `out`, with about `memory` bytes for rows that wait.
///
/// # Errors
/// A delivery is damaged, cannot be opened or is not signed as the contract asks; the deliveries do not agree; or the
/// output cannot be written. Nothing is then at `out`.
pub fn link(
    inputs: &Inputs<'_>,
    out: &Path,
    memory: usize,
    progress: &dyn Progress,
) -> Result<StagedDataset, LinkError> {
    let contract = inputs.contract;
    let begun = BegunLink::begin(inputs, out)?;
    let keys = LinkKeys::new(&begun.key, &contract.study.id);
    let tables = merge_inputs(contract, &begun.deliveries)?;
    check_population(contract, &tables)?;
    let mut evidence = find_links(contract, &begun.deliveries, &keys, memory)?;
    let place = (memory, begun.folder.path());
    let tables = match &mut evidence {
        None => MovedRows::none(tables),
        Some(evidence) => move_rows(contract, &begun.deliveries, tables, evidence, place)?,
    };
    let tables = tables.inputs.as_slice();
    progress.begin("link", tables.iter().map(|table| table.rows).sum());
    let setup = TablesSetup {
        contract,
        coverage: &begun.coverage,
        inputs: tables,
        evidence: evidence.as_ref(),
        keys: &keys,
        folder: begun.folder.path(),
        spills: Spills::InClear,
        memory,
    };
    let linked = LinkedTables::new(&setup)?;
    let account = linked.merge(progress)?;
    let of_evidence = evidence
        .as_ref()
        .map(|evidence| EvidenceAccount { effect: effect(contract, &account), ..evidence.account.clone() });
    let accounting = begun.accounting(contract, tables, &account, of_evidence)?;
    let written = linked.finish().write(contract, &begun.folder, &account, progress)?;
    begun.stage(inputs, out, accounting, written)
}

/// Adds the deliveries that are to be linked to the entry of the audit log, as far as they can be read.
pub fn record_deliveries(deliveries: &[PathBuf], act: &mut CommandRecord) {
    for envelope in deliveries.iter().filter_map(|path| Envelope::read(path).ok()) {
        let Manifest { holder, delivery, .. } = &envelope.manifest;
        act.digest(format!("{holder} delivery {}", delivery.number), envelope.digest);
    }
}

/// A link whose deliveries agree, and whose output has its folder.
pub(super) struct BegunLink {
    pub(super) deliveries: Vec<Delivery>,
    pub(super) coverage: Vec<Coverage>,
    pub(super) key: LinkKey,
    pub(super) folder: OutputFolder,
    /// History of the key after the link.
    history: History,
    key_use: Option<LinkKeyLock>,
}

impl BegunLink {
    /// Opens and checks the deliveries, and creates the folder of the output.
    pub(super) fn begin(inputs: &Inputs<'_>, out: &Path) -> Result<Self, LinkError> {
        let Inputs { contract, deliveries, link_key, unlock, today, .. } = *inputs;
        let opened: Vec<_> = deliveries.par_iter().map(|path| Delivery::open(path, contract, unlock)).collect();
        // Collected first, so that the error is always that of the first bad delivery.
        let opened = opened.into_iter().collect::<Result<_, _>>()?;
        let key_use = link_key.map(LinkKeyLock::begin).transpose()?;
        let before = key_use.as_ref().map_or_else(History::default, |key| key.before.clone());
        let agreed = agree(contract, opened, &before)?;
        agreed.deliveries.iter().try_for_each(|delivery| check_statements(contract, delivery))?;
        let key = match link_key {
            Some(path) => read_key(path, &contract.study.id, unlock, today)?,
            None => LinkKey::generate()?,
        };
        StagedDataset::refuse_other_accounting(out)?;
        let folder = OutputFolder::create(out)?;
        let coverage = coverage(&agreed.deliveries);
        Ok(Self { deliveries: agreed.deliveries, coverage, key, folder, history: agreed.history, key_use })
    }

    /// Returns the accounting of the rows that were merged from `tables`. Checks that these are the rows and persons of
    /// the deliveries.
    pub(super) fn accounting(
        &self,
        contract: &Contract,
        tables: &[merge::Input<'_>],
        account: &Account,
        evidence: Option<EvidenceAccount>,
    ) -> Result<Accounting, LinkError> {
        let accounting = Accounting { evidence, ..accounting(contract, &self.deliveries, account) };
        check_balance(contract, tables, account, &accounting)?;
        check_accounts(&self.deliveries, tables, account)?;
        Ok(accounting)
    }

    /// Returns the dataset, unless a warning stops the link.
    pub(super) fn stage(
        self,
        inputs: &Inputs<'_>,
        out: &Path,
        mut accounting: Accounting,
        written: WrittenTables,
    ) -> Result<StagedDataset, LinkError> {
        let Inputs { contract, link_key, strict, .. } = *inputs;
        add_written(contract, &mut accounting, &written);
        accounting.warnings = warnings(contract, &self.deliveries, &accounting, &written, strict);
        let shown: Vec<Warning> =
            accounting.warnings.iter().map(|warning| warning.with_numbers(rounded_part)).collect();
        if let Some(reasons) = reasons_to_stop(&shown) {
            return Err(LinkError::Stopped { reasons });
        }
        let manifest = LinkedManifest {
            format: LINKED_FORMAT.to_owned(),
            tool: tool(),
            study: contract.study.id.clone(),
            synthetic: self.deliveries.iter().any(|delivery| delivery.manifest.synthetic),
            exchange_digest: contract.exchange_digest,
            settings_digest: contract.settings_digest,
            link_key_id: link_key.map(|_| self.key.id(&contract.study.id)),
            inputs: self.deliveries.iter().map(exchange_input).collect(),
            accounting: accounting.digest(),
            coverage: self.coverage,
            bands: written.sums.means(contract),
            left_out: omitted_tables(contract, &written.tables),
            tables: written.tables,
            documents: BTreeMap::new(),
        };
        let key_use = self.key_use.map(|key| key.after(self.history));
        let staging =
            Staging { folder: self.folder, manifest, accounting, spilled_bytes: written.spilled_bytes, key_use };
        Ok(StagedDataset::new(out, contract, staging))
    }
}

/// Adds what is known only when the tables are written: references and comparable persons.
fn add_written(contract: &Contract, accounting: &mut Accounting, written: &WrittenTables) {
    accounting.references = written
        .references
        .iter()
        .map(|found| ReferenceCount {
            label: found.label.clone(),
            table: contract.tables[found.table].name.clone(),
            references: found.references,
            in_population: found.in_population,
            other_person: found.other_person,
        })
        .collect();
    accounting.comparable = written
        .sums
        .comparable
        .iter()
        .map(|group| ComparablePersons {
            by: group.by.clone(),
            value: group.value.clone(),
            found: group.found,
            not_found: group.not_found,
        })
        .collect();
}

fn exchange_input(delivery: &Delivery) -> exchange::Input {
    let manifest = &delivery.manifest;
    exchange::Input {
        holder: manifest.holder.clone(),
        number: manifest.delivery.number,
        manifest: delivery.digest,
        sealed: manifest.sealing != Sealing::None,
        signed: delivery.signed_by.is_some(),
    }
}

/// Opens every table of the deliveries to be merged.
pub(super) fn merge_inputs<'a>(
    contract: &'a Contract,
    deliveries: &[Delivery],
) -> Result<Vec<merge::Input<'a>>, LinkError> {
    let mut inputs = Vec::new();
    for (position, delivery) in deliveries.iter().enumerate() {
        for table in delivery.tables(contract)? {
            inputs.push(merge::Input::new(contract, deliveries, position, table)?);
        }
    }
    // A person's sex and age come from the first row in the order of the contract's tables.
    inputs.sort_by_key(|input| (input.table, input.delivery));
    Ok(inputs)
}

/// Refuses deliveries of which none has rows of the population.
pub(super) fn check_population(contract: &Contract, inputs: &[merge::Input<'_>]) -> Result<(), LinkError> {
    let has_rows = |input: &merge::Input<'_>| contract.population.contains(&input.table) && input.rows > 0;
    let has_population = inputs.iter().any(has_rows);
    if has_population {
        return Ok(());
    }
    let names = contract.population.iter().map(|&table| contract.tables[table].name.to_string());
    Err(LinkError::NoPopulation { tables: names.collect() })
}

/// Checks that every account states the persons and the nulls that its tables have. Rows that were moved to a person
/// with an identifier are counted as their holder knows them.
fn check_accounts(deliveries: &[Delivery], inputs: &[merge::Input<'_>], account: &Account) -> Result<(), LinkError> {
    let of_inputs = inputs.iter().zip(&account.inputs);
    let of_inputs: Vec<(&merge::Input<'_>, &CountedInput)> = of_inputs.collect();
    for of_table in of_inputs.chunk_by(|(a, _), (b, _)| (a.table, a.delivery) == (b.table, b.delivery)) {
        let input = of_table[0].0;
        let entries = &deliveries[input.delivery].account.tables;
        let Some(entry) = entries.iter().find(|entry| entry.name.as_str() == input.name) else {
            unreachable!("every merged table is one of its delivery's account")
        };
        let persons: u64 = of_table.iter().map(|(_, counted)| counted.persons).sum();
        let nulls = (0..entry.columns.len())
            .map(|column| of_table.iter().filter_map(|(_, counted)| counted.nulls.get(column)).sum::<u64>());
        let what = match (persons == entry.persons, nulls.eq(entry.columns.iter().map(|column| column.nulls))) {
            (true, true) => continue,
            (false, _) => "persons",
            (true, false) => "nulls",
        };
        return Err(LinkError::Account { title: input.title.clone(), table: input.name.clone(), what });
    }
    Ok(())
}

/// Checks that the rows of the deliveries are the rows that were merged, in whole and in parts.
fn check_balance(
    contract: &Contract,
    inputs: &[merge::Input<'_>],
    account: &Account,
    accounting: &Accounting,
) -> Result<(), LinkError> {
    for (position, table) in contract.tables.iter().enumerate() {
        let rows = inputs.iter().filter(|input| input.table == position).map(|input| input.rows).sum();
        let accounted = account.count(position, CountedPart::All).rows;
        if rows != accounted {
            return Err(LinkError::Unbalanced { table: table.name.to_string(), rows, accounted });
        }
    }
    if accounting.evidence.as_ref().is_some_and(|evidence| !evidence.balances()) {
        return Err(LinkError::UnbalancedEvidence);
    }
    match accounting.imbalance() {
        Some(Imbalance { table, whole, parts }) => {
            let table = table.unwrap_or_else(|| PERSONS.to_owned());
            Err(LinkError::Unbalanced { table, rows: whole, accounted: parts })
        }
        None => Ok(()),
    }
}
