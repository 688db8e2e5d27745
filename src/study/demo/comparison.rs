//! The linked persons against the truth that the synthetic registers were made from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use serde::Serialize;

use crate::config::{Contract, LINKED_PERSON};
use crate::link::Linked;
use crate::table::{Field, ParquetTable, SourceError, ValueType};
use salanimi_core::{
    Id, IdError, LinkKey, LinkKeys, LinkedId, PersonScope, ProjectKey, ProjectKeys, Pseudonym, Pseudonymiser,
};

/// Persons of the truth against persons of the linked dataset.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Persons who should be in the linked dataset.
    pub persons: u64,
    /// Persons among them who occur in several tables.
    pub in_several: u64,
    /// Found, with exactly the tables that they occur in.
    pub linked_rightly: u64,
    /// Not found.
    pub missed: u64,
    /// Found, but with other tables.
    pub linked_falsely: u64,
    /// Linked ids that match no person of the truth file.
    pub invented: u64,
}

/// The linked dataset cannot be compared with the truth.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message names its fields")]
pub enum TruthError {
    #[error("{path}: not a truth file of `synth`")]
    Format { path: PathBuf },
    #[error("a holder's name: {0}")]
    Holder(#[from] IdError),
    #[error(transparent)]
    Persons(#[from] SourceError),
}

impl TruthError {
    fn format(path: &Path) -> Self {
        Self::Format { path: path.to_owned() }
    }
}

/// Person ids as text, each with the tables that the person occurs in as bits.
type Occurrence = HashMap<[u8; LinkedId::TEXT_LENGTH], u64>;

impl Comparison {
    pub(super) fn new(
        contract: &Contract,
        project: &ProjectKey,
        link: &LinkKey,
        truth: &Path,
        linked: &Linked,
    ) -> Result<Self, TruthError> {
        let expected = expected(contract, project, link, truth)?;
        let found = found(contract, linked)?;
        let mut comparison = Self { persons: expected.len() as u64, ..Self::default() };
        for (id, tables) in &expected {
            comparison.in_several += u64::from(tables.count_ones() > 1);
            match found.get(id) {
                None => comparison.missed += 1,
                Some(linked) if linked == tables => comparison.linked_rightly += 1,
                Some(_) => comparison.linked_falsely += 1,
            }
        }
        comparison.invented = found.keys().filter(|id| !expected.contains_key(*id)).count() as u64;
        Ok(comparison)
    }

    /// Returns true if every person is linked correctly and no one falsely.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.linked_rightly == self.persons && self.linked_falsely == 0 && self.invented == 0
    }

    pub(super) fn in_words(&self) -> String {
        format!(
            "Against the truth (synthetic, so exact): {} persons should be linked, {} of them occur in several \
             tables\n  linked correctly {}, missed {}, linked falsely {}, invented {}\n",
            self.persons, self.in_several, self.linked_rightly, self.missed, self.linked_falsely, self.invented
        )
    }
}

/// Returns the persons who should be in the linked dataset: those of the truth file whom the population rule admits.
fn expected(contract: &Contract, project: &ProjectKey, link: &LinkKey, path: &Path) -> Result<Occurrence, TruthError> {
    let truth = Truth::open(path, contract)?;
    let pseudonyms = TruthPseudonyms::new(contract, project, path);
    let person = LinkKeys::new(link, &contract.study.id).person();
    let population = contract.population_tables();
    let mut expected = Occurrence::new();
    for row in truth.rows()? {
        if row.tables & population == 0 {
            continue;
        }
        let pseudonym = pseudonyms.of(&row)?;
        let mut text = [0; LinkedId::TEXT_LENGTH];
        LinkedId(person.leftmost(&pseudonym.0)).encode_into(&mut text);
        *expected.entry(text).or_insert(0) |= row.tables;
    }
    Ok(expected)
}

/// The truth file of `synth`, and the positions of its columns.
struct Truth<'a> {
    path: &'a Path,
    records: Vec<csv::StringRecord>,
    code: usize,
    temporary: usize,
    /// By table of the contract.
    tables: Vec<usize>,
}

/// A person of the truth file at one holder.
struct TruthRow<'a> {
    code: &'a str,
    /// The holder that gave out the code itself; empty for a registered code.
    temporary: &'a str,
    /// The tables that the person occurs in, as bits.
    tables: u64,
}

impl<'a> Truth<'a> {
    fn open(path: &'a Path, contract: &Contract) -> Result<Self, TruthError> {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(b';').from_path(path).map_err(|_| TruthError::format(path))?;
        let headers = reader.headers().map_err(|_| TruthError::format(path))?.clone();
        let tables = contract.tables.iter().map(|table| column(path, &headers, table.name.as_str()));
        Ok(Self {
            path,
            code: column(path, &headers, "code")?,
            temporary: column(path, &headers, "temporary")?,
            tables: tables.collect::<Result<_, _>>()?,
            records: reader.records().collect::<Result<_, _>>().map_err(|_| TruthError::format(path))?,
        })
    }

    fn rows(&self) -> Result<Vec<TruthRow<'_>>, TruthError> {
        self.records.iter().map(|record| self.row(record)).collect()
    }

    fn row<'r>(&self, record: &'r csv::StringRecord) -> Result<TruthRow<'r>, TruthError> {
        let mut tables = 0;
        for (table, position) in self.tables.iter().enumerate() {
            tables |= u64::from(self.cell(record, *position)? == "1") << table;
        }
        let code = self.cell(record, self.code)?;
        Ok(TruthRow { code, temporary: self.cell(record, self.temporary)?, tables })
    }

    fn cell<'r>(&self, record: &'r csv::StringRecord, position: usize) -> Result<&'r str, TruthError> {
        record.get(position).ok_or_else(|| TruthError::format(self.path))
    }
}

/// Returns the position of the column `name` of the truth file.
fn column(path: &Path, headers: &csv::StringRecord, name: &str) -> Result<usize, TruthError> {
    headers.iter().position(|header| header == name).ok_or_else(|| TruthError::format(path))
}

/// Pseudonyms of the truth file's persons.
struct TruthPseudonyms<'a> {
    contract: &'a Contract,
    project: &'a ProjectKey,
    path: &'a Path,
}

impl<'a> TruthPseudonyms<'a> {
    fn new(contract: &'a Contract, project: &'a ProjectKey, path: &'a Path) -> Self {
        Self { contract, project, path }
    }

    fn of(&self, row: &TruthRow<'_>) -> Result<Pseudonym, TruthError> {
        let study = &self.contract.study.id;
        let table = self.contract.tables.first().ok_or_else(|| TruthError::format(self.path))?;
        // The pseudonym of a registered code does not depend on the holder.
        let holder = if row.temporary.is_empty() { study.clone() } else { Id::new(row.temporary)? };
        let scope = PersonScope { kind: table.kind(), holder: &holder };
        let syntax = self.contract.identifiers[table.kind()].clone();
        let pseudonymiser = Pseudonymiser::new(&ProjectKeys::new(self.project, study), scope, syntax);
        pseudonymiser.pseudonymise(row.code.as_bytes()).map_err(|_| TruthError::format(self.path))
    }
}

/// Returns the persons of the linked dataset, read from the table of persons as any reader would.
fn found(contract: &Contract, linked: &Linked) -> Result<Occurrence, TruthError> {
    let mut fields = vec![Field { name: LINKED_PERSON.to_owned(), value: ValueType::LinkedId }];
    let occurs = contract.tables.iter().map(|table| format!("in_{}", table.name));
    fields.extend(occurs.map(|name| Field { name, value: ValueType::Flag }));
    let path = linked.path.join("persons.parquet");
    let file = ParquetTable::open(&path, &fields, None)?;
    let mut found = Occurrence::new();
    for batch in file.all_batches() {
        let batch = batch?;
        for (row, id) in batch.column(0).as_string::<i32>().iter().enumerate() {
            let id = id.and_then(|id| id.as_bytes().try_into().ok()).ok_or_else(|| TruthError::format(&path))?;
            let flags = (0..contract.tables.len()).map(|table| batch.column(table + 1).as_boolean().value(row));
            let tables = flags.enumerate().map(|(table, occurs)| u64::from(occurs) << table).sum();
            found.insert(id, tables);
        }
    }
    Ok(found)
}
