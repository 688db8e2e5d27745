//! The link itself: agree · spine · re-key · account · analysis tables · write.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::{max, min};
use arrow::datatypes::Date32Type;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::account::{Account, Part};
use super::accounting::accounting;
use super::error::LinkError;
use super::history;
use super::merge::{self, KeyRange, Merge, Slice, Spine};
use super::rekey::{LinkedLayout, PERSON, person_id};
use crate::config::{Contract, Coverage};
use crate::crypto::{Digest, Key, KeyedHash, LinkKey, LinkKeys, Unlock, read_key};
use crate::exchange::{
    self, ACCOUNTING, Accounting, Delivery, Imbalance, LINKED_FORMAT, LeftOut, LinkedManifest, LinkedTable,
    OutputFolder, PERSONS, Sealing, agree, coverage, tool,
};
use crate::files::folder_of;
use crate::progress::Progress;
use crate::study::tables::StudyTables;
use crate::table::{Field, SortedTable, Sorter, StoreError, ValueType, Written, id_column, keys, write_table};
use salanimi_core::{Day, Id, PersonId};

/// Ranges of the pseudonym for each thread: enough that none waits long for another.
const RANGES_PER_THREAD: usize = 4;

/// What a link made.
#[derive(Debug)]
pub struct Linked {
    /// Where the linked dataset lies.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: LinkedManifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// Holders that the contract lists and of which no delivery was given.
    pub absent: Vec<Id>,
    /// Where every row and person went; exact, not for release.
    pub accounting: Accounting,
    /// Bytes that were spilled to disk.
    pub spilled_bytes: u64,
}

/// What a link is made from.
pub struct Inputs<'a> {
    /// The contract.
    pub contract: &'a Path,
    /// The deliveries' folders.
    pub deliveries: &'a [PathBuf],
    /// The file of a link key that is kept; without one the key is fresh and forgotten.
    pub link_key: Option<&'a Path>,
    /// What opens sealed deliveries and the link key.
    pub unlock: &'a Unlock,
    /// The day of the run.
    pub today: Day,
    /// What describes the dataset, and is put beside its tables.
    pub describe: &'a Describe,
}

/// A file that describes the dataset: its name and its text.
pub type Document = (&'static str, String);
/// Makes the documents of a dataset, of which the manifest lists none yet.
pub type Describe =
    dyn Fn(&Contract, &LinkedManifest, &Accounting) -> Result<Vec<Document>, Box<dyn Error + Send + Sync>>;

/// Links deliveries into the dataset `out`, with about `memory` bytes for rows that wait.
///
/// # Errors
/// A delivery is damaged, cannot be opened or is not signed as the contract asks; the deliveries do not agree; or the
/// output cannot be written. Nothing is then at `out`.
pub fn link(given: &Inputs<'_>, out: &Path, memory: usize, progress: &dyn Progress) -> Result<Linked, LinkError> {
    let Inputs { link_key, unlock, .. } = *given;
    let contract = Contract::read(given.contract)?;
    refuse_inside(out, given.deliveries)?;
    let opened = given.deliveries.par_iter().map(|path| Delivery::open(path, &contract, unlock));
    // All of them, so that the error is always that of the first bad one.
    let opened = opened.collect::<Vec<_>>().into_iter().collect::<Result<_, _>>()?;
    let _only_run = link_key.map(history::lock).transpose()?;
    let before = link_key.map(history::read).transpose()?.unwrap_or_default();
    let agreed = agree(&contract, opened, &before)?;
    let key = match link_key {
        Some(path) => read_key(path, &contract.study.id, unlock, given.today)?,
        None => LinkKey::generate()?,
    };
    let keys = LinkKeys::new(&key, &contract.study.id);
    let folder = OutputFolder::create(out)?;
    let inputs = inputs(&contract, &agreed.deliveries)?;
    progress.begin("link", inputs.iter().map(|i| i.file.rows()).sum());
    let coverage = coverage(&agreed.deliveries);
    let run = Run::new((&contract, &coverage), &inputs, &keys, &folder, memory)?;
    let account = run.merge(progress)?;
    let accounting = accounting(&contract, &agreed.deliveries, &account);
    check_balance(&contract, &inputs, &account, &accounting)?;
    let Output { tables, left_out, spilled_bytes } = run.write(&account, progress)?;
    let accounting_digest = folder.write_json(ACCOUNTING, &accounting)?;
    let mut manifest = LinkedManifest {
        format: LINKED_FORMAT.to_owned(),
        tool: tool(),
        study: contract.study.id.clone(),
        synthetic: agreed.deliveries.iter().any(|d| d.manifest.synthetic),
        exchange_digest: contract.exchange_digest,
        settings_digest: contract.settings_digest,
        link_key_id: link_key.map(|_| key.id(&contract.study.id)),
        inputs: agreed.deliveries.iter().map(exchange_input).collect(),
        accounting: accounting_digest,
        coverage,
        tables,
        left_out,
        documents: BTreeMap::new(),
    };
    for (name, text) in (given.describe)(&contract, &manifest, &accounting).map_err(LinkError::Document)? {
        manifest.documents.insert(name.to_owned(), folder.write(name, text.as_bytes())?);
    }
    // First, so that no dataset is there whose deliveries could be linked again.
    link_key.map(|path| history::write(path, &agreed.history)).transpose()?;
    let committed = folder.commit(&manifest);
    if let (Err(_), Some(path)) = (&committed, link_key) {
        history::write(path, &before)?;
    }
    let digest = committed?;
    let given = |holder: &&Id| manifest.inputs.iter().any(|input| input.holder == **holder);
    let absent = contract.holders.keys().filter(|holder| !given(holder)).cloned().collect();
    Ok(Linked { path: out.to_owned(), manifest, digest, absent, accounting, spilled_bytes })
}

/// A delivery is not written into.
fn refuse_inside(out: &Path, deliveries: &[PathBuf]) -> Result<(), LinkError> {
    // What does not exist is told later, in its own words.
    let (Ok(folder), given) = (folder_of(out).canonicalize(), deliveries.iter()) else { return Ok(()) };
    match given.filter_map(|path| path.canonicalize().ok()).find(|delivery| folder.starts_with(delivery)) {
        Some(delivery) => Err(LinkError::Inside { path: out.to_owned(), delivery }),
        None => Ok(()),
    }
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

fn inputs(contract: &Contract, deliveries: &[Delivery]) -> Result<Vec<merge::Input>, LinkError> {
    let mut inputs = Vec::new();
    for (position, delivery) in deliveries.iter().enumerate() {
        for table in delivery.tables(contract)? {
            inputs.push(merge::Input::new(contract, deliveries, position, table)?);
        }
    }
    // The order of the contract's tables decides which row tells a person's sex and age.
    inputs.sort_by_key(|input| (input.table, input.delivery));
    Ok(inputs)
}

/// Rows in are rows merged, whole and in parts.
fn check_balance(
    contract: &Contract,
    inputs: &[merge::Input],
    account: &Account,
    accounting: &Accounting,
) -> Result<(), LinkError> {
    for (position, table) in contract.tables.iter().enumerate() {
        let rows = inputs.iter().filter(|i| i.table == position).map(|i| i.file.rows()).sum();
        let accounted = account.count(position, Part::All).rows;
        if rows != accounted {
            return Err(LinkError::Unbalanced { table: table.name.to_string(), rows, accounted });
        }
    }
    match accounting.imbalance() {
        Some(Imbalance { table, whole, parts }) => {
            let table = table.unwrap_or_else(|| PERSONS.to_owned());
            Err(LinkError::Unbalanced { table, rows: whole, accounted: parts })
        }
        None => Ok(()),
    }
}

struct Run<'a> {
    contract: &'a Contract,
    inputs: &'a [merge::Input],
    folder: &'a OutputFolder,
    person: KeyedHash,
    layouts: Vec<LinkedLayout<'a>>,
    sorters: Vec<Sorter>,
    person_fields: Vec<Field>,
    persons: Sorter,
    study: Option<StudyTables<'a>>,
}

/// What was written.
struct Output {
    tables: Vec<LinkedTable>,
    left_out: Vec<LeftOut>,
    spilled_bytes: u64,
}

impl<'a> Run<'a> {
    fn new(
        (contract, coverage): (&'a Contract, &[Coverage]),
        inputs: &'a [merge::Input],
        keys: &LinkKeys<'_>,
        folder: &'a OutputFolder,
        memory: usize,
    ) -> Result<Self, LinkError> {
        let layouts: Vec<LinkedLayout<'_>> =
            (0..contract.tables.len()).map(|t| LinkedLayout::new(contract, t, keys)).collect();
        let rows = |table: usize| inputs.iter().filter(|i| i.table == table).map(|i| i.file.rows()).sum::<u64>();
        let all: u64 = (0..contract.tables.len()).map(rows).sum::<u64>().max(1);
        // Persons are fewer than rows and narrow; a tenth is theirs, two are the analysis tables', the rest goes by rows.
        let share = |rows: u64| (memory as u128 * 7 / 10 * u128::from(rows) / u128::from(all)) as usize;
        let sorters =
            layouts.iter().enumerate().map(|(t, layout)| Sorter::new(&layout.fields, share(rows(t)), folder.path()));
        let in_table = contract.tables.iter().map(|t| Field { name: format!("in_{}", t.name), value: ValueType::Flag });
        let person_fields: Vec<Field> =
            std::iter::once(Field { name: PERSON.to_owned(), value: ValueType::LinkedId }).chain(in_table).collect();
        let memory_and_folder = (memory / 5, folder.path());
        let study = contract
            .analysis
            .as_ref()
            .map(|analysis| StudyTables::new((contract, analysis), coverage, inputs, keys, memory_and_folder));
        Ok(Self {
            contract,
            inputs,
            folder,
            study: study.transpose()?,
            person: keys.person(),
            sorters: sorters.collect::<Result<_, _>>()?,
            layouts,
            persons: Sorter::new(&person_fields, memory / 10, folder.path())?,
            person_fields,
        })
    }

    /// Merges all ranges in parallel and hands every row to the sorter of its table.
    fn merge(&self, progress: &dyn Progress) -> Result<Account, LinkError> {
        let ranges = KeyRange::parts(RANGES_PER_THREAD * rayon::current_num_threads());
        let accounts =
            ranges.par_iter().map(|range| self.merge_range(range, progress)).collect::<Result<Vec<_>, _>>()?;
        let mut all = Account::default();
        accounts.into_iter().for_each(|account| all.add(account));
        Ok(all)
    }

    fn merge_range(&self, range: &KeyRange, progress: &dyn Progress) -> Result<Account, LinkError> {
        let mut merge = Merge::new(self.inputs, |table| &self.contract.tables[table].fields, range)?;
        let mut account = Account::default();
        while let Some(slice) = merge.next()? {
            self.take(&slice, &mut account)?;
            progress.advance(slice.columns.iter().map(|c| c[0].len() as u64).sum());
        }
        Ok(account)
    }

    fn take(&self, slice: &Slice, account: &mut Account) -> Result<(), LinkError> {
        self.check_window(slice)?;
        let spine = Spine::of(slice);
        let mut tables = vec![0_u64; spine.persons.len()];
        for (input, rows) in self.inputs.iter().zip(&spine.rows) {
            rows.iter().for_each(|&person| tables[person as usize] |= 1 << input.table);
        }
        let population: u64 = self.contract.population.iter().map(|&t| 1 << t).sum();
        let linked: Vec<bool> = tables.iter().map(|tables| tables & population != 0).collect();
        account.take(self.contract, self.inputs, slice, &spine, &linked, &tables);
        let ids: Vec<Option<PersonId>> =
            spine.persons.iter().zip(&linked).map(|(p, linked)| linked.then(|| person_id(&self.person, p))).collect();
        for (position, input) in self.inputs.iter().enumerate().filter(|(at, _)| !spine.rows[*at].is_empty()) {
            let columns = self.layouts[input.table].columns(&slice.columns[position], &spine.rows[position], &ids);
            self.sorters[input.table].push(&columns.map_err(|e| StoreError::encode(self.folder.path(), &e))?)?;
        }
        if let Some(study) = &self.study {
            study.take(self.inputs, slice, &spine, &ids)?;
        }
        Ok(self.persons.push(&self.person_columns(&ids, &tables))?)
    }

    /// No row lies outside the study's window, whoever made the delivery.
    fn check_window(&self, slice: &Slice) -> Result<(), LinkError> {
        let window = self.contract.study.window;
        for (input, columns) in self.inputs.iter().zip(&slice.columns) {
            let Some(field) = self.contract.tables[input.table].window_field() else { continue };
            let days = columns[field].as_primitive::<Date32Type>();
            // A month stands for its first day, which may lie before a window that begins within the month.
            let first = window.first.first_of_month().epoch_days();
            let last = window.last.epoch_days();
            if min(days).is_some_and(|day| day < first) || max(days).is_some_and(|day| day > last) {
                return Err(LinkError::Window { title: input.title.clone(), table: input.name.clone() });
            }
        }
        Ok(())
    }

    fn person_columns(&self, ids: &[Option<PersonId>], tables: &[u64]) -> Vec<ArrayRef> {
        let entering = || ids.iter().zip(tables).filter_map(|(id, tables)| id.map(|id| (id, *tables)));
        let flags = (0..self.contract.tables.len()).map(|table| {
            Arc::new(entering().map(|(_, tables)| Some(tables >> table & 1 == 1)).collect::<BooleanArray>()) as ArrayRef
        });
        let ids = id_column(entering().map(|(id, _)| Some(id)));
        std::iter::once(ids).chain(flags).collect()
    }

    /// Writes every table that any delivery had, and the analysis tables, sorted by person.
    fn write(self, account: &Account, progress: &dyn Progress) -> Result<Output, LinkError> {
        let given: Vec<bool> =
            (0..self.contract.tables.len()).map(|t| self.inputs.iter().any(|i| i.table == t)).collect();
        let analysed = self.study.as_ref().map_or(0, |study| study.tables.len() as u64);
        progress.begin("write", given.iter().filter(|given| **given).count() as u64 + 1 + analysed);
        let mut transforms = vec!["re-key".to_owned()];
        transforms.resize(self.person_fields.len(), "occurrence".to_owned());
        let persons = self.persons.finish()?;
        let mut spilled_bytes = persons.spilled_bytes();
        let persons = write_sorted(self.folder, PERSONS, &self.person_fields, &persons, transforms, distinct_persons)?;
        check_rows(&persons, account.linked_persons)?;
        let mut tables = vec![persons];
        for (position, (sorter, layout)) in self.sorters.into_iter().zip(self.layouts).enumerate() {
            progress.advance(1);
            if !given[position] {
                continue;
            }
            let transforms = std::iter::once("re-key".to_owned()).chain(layout.transforms).collect();
            let name = self.contract.tables[position].name.as_str();
            let sorted = sorter.finish()?;
            spilled_bytes += sorted.spilled_bytes();
            let table = write_sorted(self.folder, name, &layout.fields, &sorted, transforms, |_| Ok(()))?;
            check_rows(&table, account.count(position, Part::All).linked_rows)?;
            tables.push(table);
        }
        let (study, left_out) = self.study.map_or_else(Default::default, |study| (study.tables, study.left_out));
        for making in study {
            progress.advance(1);
            let mut transforms = vec!["re-key".to_owned()];
            transforms.resize(making.fields.len(), "analysis".to_owned());
            let name = making.name();
            let sorted = making.sorter.finish()?;
            spilled_bytes += sorted.spilled_bytes();
            tables.push(write_sorted(self.folder, name, &making.fields, &sorted, transforms, |_| Ok(()))?);
        }
        Ok(Output { tables, left_out, spilled_bytes })
    }
}

fn write_sorted(
    folder: &OutputFolder,
    name: &str,
    fields: &[Field],
    sorted: &SortedTable,
    transforms: Vec<String>,
    check: impl Fn(&ArrayRef) -> Result<(), LinkError> + Sync,
) -> Result<LinkedTable, LinkError> {
    let file = format!("{name}.parquet");
    let written: Written = write_table(&folder.path().join(&file), fields, &sorted.groups(), None, |ranges| {
        let columns = sorted.load(ranges)?;
        check(&columns[0])?;
        Ok::<_, LinkError>(columns)
    })?;
    let columns = fields.iter().zip(transforms).map(|(f, done)| (f.name.clone(), f.value.name().to_owned(), done));
    Ok(LinkedTable {
        name: name.to_owned(),
        file,
        rows: written.rows,
        file_digest: written.file_digest,
        content_digest: written.content_digest,
        columns: columns.collect(),
    })
}

/// Two persons of one id would be linked falsely.
fn distinct_persons(ids: &ArrayRef) -> Result<(), LinkError> {
    let repeats = keys(ids).windows(2).any(|pair| pair[0] == pair[1]);
    if repeats { Err(LinkError::Collision) } else { Ok(()) }
}

fn check_rows(table: &LinkedTable, rows: u64) -> Result<(), LinkError> {
    if table.rows == rows {
        return Ok(());
    }
    Err(LinkError::Unbalanced { table: table.name.clone(), rows, accounted: table.rows })
}
